//! Runs the sandbox until it is killed, and says how to use it.

use std::process::ExitCode;

use alpaca_sandbox::{Misbehaviour, Options, PAPER_KEY_ID, PAPER_SECRET, PublicKey};
use serde_json::json;

const USAGE: &str = "\
usage: alpaca-sandbox [--port FIRST] [--ca-out FILE] [--rate-limit N] [--misbehave NAME]
                       [--client-key ID=FILE.pem]...
  --port       paper; live, data, broker and authx take the next four (default: any free ones)
  --ca-out     writes the CA certificate there, as PEM
  --client-key public key (P-256 or RSA, PEM) for the client assertions of the broker client ID
  --rate-limit calls per account and minute (default: 200)
  --misbehave  redirect, 429, 500, 503, slow-body, stall, oversize-body, truncated-body,
               garbage-json, html-error, wrong-content-length, close, empty-error,
               token-without-expiry, token-oversize, token-error-200";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("alpaca-sandbox: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut options = Options::new();
    let (mut ca_out, mut misbehaviour) = (None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--port" => options = options.port(value.parse().map_err(|_| USAGE)?),
            "--rate-limit" => options = options.rate_limit(value.parse().map_err(|_| USAGE)?),
            "--ca-out" => ca_out = Some(value),
            "--client-key" => {
                let (id, path) = value.split_once('=').ok_or(USAGE)?;
                let key = std::fs::read_to_string(path)
                    .map_err(|error| format!("cannot read {path}: {error}"))?;
                let key = PublicKey::pem(&key)
                    .ok_or_else(|| format!("{path} holds no P-256 or RSA public key"))?;
                options = options.client_key(id, None, key);
            }
            "--misbehave" => misbehaviour = Some(Misbehaviour::by_name(&value).ok_or(USAGE)?),
            _ => return Err(USAGE.to_owned()),
        }
    }
    let sandbox = options
        .start()
        .map_err(|error| format!("cannot start: {error}; is the port free?"))?;
    sandbox.record(false);
    if let Some(path) = &ca_out {
        std::fs::write(path, sandbox.ca_pem())
            .map_err(|error| format!("cannot write {path}: {error}"))?;
    }
    sandbox.misbehave_always(misbehaviour);
    println!(
        "{}",
        json!({
            "paper": format!("https://localhost:{}", sandbox.paper_port()),
            "live": format!("https://localhost:{}", sandbox.live_port()),
            "data": format!("https://localhost:{}", sandbox.data_port()),
            "broker": format!("https://localhost:{}", sandbox.broker_port()),
            "authx": format!("https://localhost:{}", sandbox.authx_port()),
            "ca": ca_out, "paper_key_id": PAPER_KEY_ID, "paper_secret": PAPER_SECRET,
        })
    );
    loop {
        std::thread::park();
    }
}
