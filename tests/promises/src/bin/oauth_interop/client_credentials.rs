//! Token requests of the Broker API: by client secret, and by an assertion with one thing wrong.

use std::time::{SystemTime, UNIX_EPOCH};

use alpaca_auth::credential::{ClientId, ClientSecret, Slot};
use alpaca_auth::endpoint::{AuthServer, Endpoint};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::oauth::{Claims, IssuedToken, TokenError, TokenForm};
use alpaca_auth::request::auth_server::TOKEN_PATH;
use alpaca_auth::transport::Transport as _;
use alpaca_auth_ureq::{PemKey, UreqTransport};
use ring::rand::SecureRandom as _;

use crate::{Failure, Place, Report, SECRET};

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

struct Server<'p> {
    place: &'p Place,
    endpoint: Endpoint<AuthServer, Sandbox>,
    transport: UreqTransport,
}

pub(crate) fn ask(place: &Place, report: &mut Report) -> Result<(), Failure> {
    let mut server = Server {
        place,
        endpoint: Endpoint::at("localhost", place.authx)?,
        transport: place.transport()?,
    };
    report.say("client secret", true, &server.by_secret(SECRET)?);
    report.say("wrong client secret", false, &server.by_secret("other")?);
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
            report.say(&format!("{client}{what}"), fault == Fault::None, &result);
        }
    }
    Ok(())
}

impl Server<'_> {
    fn by_secret(&mut self, secret: &str) -> Result<Result<String, TokenError>, Failure> {
        let mut slot = Slot::<ClientSecret<Sandbox>>::vacant();
        let mut form = TokenForm::<Sandbox>::new();
        form.client_secret(slot.sandbox("secret", secret)?)?;
        self.send(&form)
    }

    fn by_assertion(
        &mut self,
        client: &str,
        fault: Fault,
    ) -> Result<Result<String, TokenError>, Failure> {
        let key = match (fault, client) {
            (Fault::Key, "es256") => "other-es256.pem",
            (Fault::Key, _) => "other-rs256.pem",
            (_, "es256") => "es256.pem",
            _ => "rs256.pem",
        };
        let key = std::fs::read_to_string(format!("{}/{key}", self.place.directory))?;
        let signer = PemKey::new(&key)?;
        let mut entropy = [0; 16];
        ring::rand::SystemRandom::new()
            .fill(&mut entropy)
            .map_err(|_| "no entropy")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let url = format!("https://{}{TOKEN_PATH}", self.endpoint.authority());
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

    fn send(&mut self, form: &TokenForm<Sandbox>) -> Result<Result<String, TokenError>, Failure> {
        let mut body = [0; 8192];
        let credential = form.credential();
        let reply = self
            .transport
            .send(&form.request(), &self.endpoint, credential, &mut body)?;
        Ok(IssuedToken::<Sandbox>::read(&reply)
            .map(|issued| format!("a token for {} s", issued.expires_in())))
    }
}
