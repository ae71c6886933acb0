//! Asks an authorization server for tokens, rightly and wrongly, and says what came of it.
//!
//! `oauth_interop DIRECTORY PORT` asks the server on that port; without a port, the sandbox, whose
//! causes then go to `sandbox-causes.log`.

mod client_credentials;
mod connect;
mod revocation;

use std::fmt::Display;
use std::fmt::Write as _;
use std::process::ExitCode;

use alpaca_auth_ureq::{Config, UreqTransport};
use alpaca_sandbox::{Options, PublicKey};

type Failure = Box<dyn std::error::Error>;

const SECRET: &str = "not-a-real-secret/+%&=";
/// The app that every user denies.
const DENIED: &str = "denied";
const REDIRECT_URI: &str = "http://127.0.0.1/callback";

/// Where the server is, and what was made for this run.
struct Place {
    directory: String,
    ca: String,
    authx: u16,
    connect: u16,
    issuer: String,
}

impl Place {
    fn transport(&self) -> Result<UreqTransport, Failure> {
        Ok(UreqTransport::new(
            &Config::new().trust_only_pem(&self.ca)?,
        )?)
    }
}

/// Says a line for each case, and remembers whether all were as they should be.
struct Report {
    right: bool,
}

impl Report {
    fn say<E: Display>(&mut self, name: &str, accepted: bool, result: &Result<String, E>) {
        let verdict = match result {
            Ok(what) => format!("accepted\t{what}"),
            Err(error) => format!("refused\t{error}"),
        };
        let as_it_should_be = accepted == result.is_ok();
        self.right &= as_it_should_be;
        let wrong = if as_it_should_be { "" } else { "WRONG " };
        println!("{wrong}{name}\t{verdict}");
    }
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
    if let Some(port) = arguments.next() {
        let port = port.parse()?;
        return ask(&Place {
            ca: read("ca.crt")?,
            directory,
            authx: port,
            connect: port,
            issuer: format!("https://localhost:{port}"),
        });
    }
    let key = |name| PublicKey::pem(&read(name).ok()?);
    let issuer = "https://connect.example";
    let sandbox = Options::new()
        .client_secret("secret", SECRET)
        .client_secret("other", SECRET)
        .client_key("es256", Some("one"), key("es256.pub").ok_or("no key")?)
        .client_key("rs256", Some("one"), key("rs256.pub").ok_or("no key")?)
        .connect_app("app", SECRET, REDIRECT_URI)
        .connect_app(DENIED, SECRET, REDIRECT_URI)
        .connect_issuer(issuer)
        .connect_denied(DENIED)
        .start()?;
    let right = ask(&Place {
        directory: directory.clone(),
        ca: sandbox.ca_pem().to_owned(),
        authx: sandbox.authx_port(),
        connect: sandbox.live_port(),
        issuer: issuer.to_owned(),
    })?;
    let mut causes = String::new();
    for cause in sandbox.causes() {
        writeln!(causes, "cause\t{cause}")?;
    }
    for _ in 0..sandbox.revoked_tokens() {
        writeln!(causes, "ended")?;
    }
    std::fs::write(format!("{directory}/sandbox-causes.log"), causes)?;
    Ok(right)
}

fn ask(place: &Place) -> Result<bool, Failure> {
    let mut report = Report { right: true };
    client_credentials::ask(place, &mut report)?;
    revocation::ask(place, &mut report)?;
    connect::ask(place, &mut report)?;
    Ok(report.right)
}
