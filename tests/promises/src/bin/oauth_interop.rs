//! Asks an authorization server for tokens, rightly and wrongly, and says what came of it.
//!
//! `oauth_interop DIRECTORY PORT` asks the server on that port; without a port, the sandbox.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use alpaca_auth::credential::{ClientId, ClientSecret, Slot};
use alpaca_auth::endpoint::{AuthServer, Endpoint};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::oauth::{Claims, IssuedToken, TokenError, TokenForm};
use alpaca_auth::request::{Method, Request};
use alpaca_auth::transport::Transport as _;
use alpaca_auth_ureq::{Config, PemKey, UreqTransport};
use alpaca_sandbox::{Options, PublicKey};
use ring::rand::SecureRandom as _;

type Failure = Box<dyn std::error::Error>;

const SECRET: &str = "not-a-real-secret/+%&=";

/// What is wrong with an assertion; everything else in it is right.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Replayed,
    Audience,
    Key,
    KeyId,
    Expired,
}

struct Server {
    endpoint: Endpoint<AuthServer, Sandbox>,
    path: &'static str,
    transport: UreqTransport,
    directory: String,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("oauth_interop: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, Failure> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments
        .next()
        .ok_or("usage: oauth_interop DIRECTORY [PORT]")?;
    let read = |name: &str| std::fs::read_to_string(format!("{directory}/{name}"));
    let sandbox;
    let (port, ca, path) = match arguments.next() {
        Some(port) => (port.parse()?, read("ca.crt")?, "/token"),
        None => {
            let key = |name| PublicKey::pem(&read(name).ok()?);
            let (es256, rs256) = (key("es256.pub"), key("rs256.pub"));
            sandbox = Options::new()
                .client_secret("secret", SECRET)
                .client_key("es256", Some("one"), es256.ok_or("no P-256 key")?)
                .client_key("rs256", Some("one"), rs256.ok_or("no RSA key")?)
                .start()?;
            let ca = sandbox.ca_pem().to_owned();
            (sandbox.authx_port(), ca, "/v1/oauth2/token")
        }
    };
    let mut server = Server {
        endpoint: Endpoint::at("localhost", port)?,
        path,
        transport: UreqTransport::new(&Config::new().trust_only_pem(&ca)?)?,
        directory,
    };
    let mut right = true;
    let mut say = |name: &str, accepted: bool, result: Result<u32, TokenError>| {
        let verdict = match &result {
            Ok(seconds) => format!("accepted\ta token for {seconds} s"),
            Err(error) => format!("refused\t{error}"),
        };
        right &= accepted == result.is_ok();
        let wrong = if accepted == result.is_ok() {
            ""
        } else {
            "WRONG "
        };
        println!("{wrong}{name}\t{verdict}");
    };
    say("client secret", true, server.by_secret(SECRET)?);
    say("wrong client secret", false, server.by_secret("other")?);
    for client in ["es256", "rs256"] {
        for (what, fault) in [
            ("", Fault::None),
            (", replayed jti", Fault::Replayed),
            (", wrong audience", Fault::Audience),
            (", another key", Fault::Key),
            (", unknown kid", Fault::KeyId),
            (", expired", Fault::Expired),
        ] {
            let result = server.by_assertion(client, fault)?;
            say(&format!("{client}{what}"), fault == Fault::None, result);
        }
    }
    Ok(right)
}

impl Server {
    fn by_secret(&mut self, secret: &str) -> Result<Result<u32, TokenError>, Failure> {
        let mut slot = Slot::<ClientSecret<Sandbox>>::vacant();
        let mut form = TokenForm::<Sandbox>::new();
        form.client_secret(slot.sandbox("secret", secret)?)?;
        self.send(&form)
    }

    fn by_assertion(
        &mut self,
        client: &str,
        fault: Fault,
    ) -> Result<Result<u32, TokenError>, Failure> {
        let key = match (fault, client) {
            (Fault::Key, "es256") => "other-es256.pem",
            (Fault::Key, _) => "other-rs256.pem",
            (_, "es256") => "es256.pem",
            _ => "rs256.pem",
        };
        let key = std::fs::read_to_string(format!("{}/{key}", self.directory))?;
        let signer = PemKey::new(&key)?;
        let mut entropy = [0; 16];
        ring::rand::SystemRandom::new()
            .fill(&mut entropy)
            .map_err(|_| "no entropy")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let url = format!("https://{}{}", self.endpoint.authority(), self.path);
        let audience = match fault {
            Fault::Audience => "https://other.example/token",
            _ => &url,
        };
        let claims = Claims {
            audience: &[audience],
            key_id: Some(if fault == Fault::KeyId { "two" } else { "one" }),
            issued_at: if fault == Fault::Expired {
                now - 600
            } else {
                now
            },
            lifetime: 120,
            entropy,
        };
        let mut slot = Slot::<ClientId<Sandbox>>::vacant();
        let mut form = TokenForm::<Sandbox>::new();
        form.assertion(slot.sandbox(client)?, &claims, &signer)?;
        if fault == Fault::Replayed {
            self.send(&form)?
                .map_err(|error| format!("the first use: {error}"))?;
        }
        self.send(&form)
    }

    fn send(&mut self, form: &TokenForm<Sandbox>) -> Result<Result<u32, TokenError>, Failure> {
        let mut body = [0; 8192];
        form.expose(|bytes| {
            let request = Request::<AuthServer>::new(Method::Post, self.path)?.with_form(bytes);
            let credential = form.credential();
            let reply = self
                .transport
                .send(&request, &self.endpoint, credential, &mut body)?;
            Ok(IssuedToken::<Sandbox>::read(&reply).map(|issued| issued.expires_in()))
        })
    }
}
