//! Diagnoses a device's path to Alpaca: one call, one line of JSON, exit 0 only for `ok`.

use std::process::ExitCode;

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::{Method, Request};
use alpaca_auth_examples::{Arguments, Failure, read};
use alpaca_auth_ureq::{Client, Config, Error, Stage};
use serde_json::{Value, json};

const USAGE: &str = "\
usage: probe [--transport ureq] [--connect HOST:PORT] [--server-name NAME] [--ca FILE.pem]
             [--now UNIX] [--path /v2/account]
  keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY
  prints {\"transport\",\"outcome\":\"ok\"|\"refused\"|\"error\",\"stage\",\"reason\",…}; exit 0 only for ok
  --connect      where TCP goes (default: Alpaca's paper API)
  --server-name  the name that TLS verifies (default: the host of --connect)
  --ca           trust this CA and no other
  --now          verify certificates at this time instead of the clock's";

fn main() -> ExitCode {
    match run() {
        Ok(ok) if ok => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("probe: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(true);
    }
    let transport = arguments
        .value("--transport")?
        .unwrap_or_else(|| "ureq".to_owned());
    if transport != "ureq" {
        let text = format!("--transport {transport} is not there; give ureq");
        return Err(Failure::Usage(text));
    }
    let connect = arguments.value("--connect")?;
    let name = arguments.value("--server-name")?;
    let mut config = match arguments.value("--ca")? {
        Some(path) => Config::new().trust_only_pem(&read(&path)?)?,
        None => Config::new(),
    };
    if let Some(now) = arguments.value("--now")? {
        let now = now
            .parse()
            .map_err(|_| Failure::Usage("--now must be unix seconds".to_owned()))?;
        config = config.verify_at(now);
    }
    let path = arguments
        .value("--path")?
        .unwrap_or_else(|| "/v2/account".to_owned());
    arguments.end(USAGE)?;

    let endpoint = match &connect {
        None => Endpoint::<Trading, Paper>::alpaca(),
        Some(address) => {
            let (host, port) = address.rsplit_once(':').unwrap_or((address, "443"));
            let port = port
                .parse()
                .map_err(|_| Failure::Usage("--connect must be HOST:PORT".to_owned()))?;
            if let Some(name) = &name {
                config = config.connect_to(name, port, host);
            }
            Endpoint::at(name.as_deref().unwrap_or(host), port)?
        }
    };
    let line = probe(&config, endpoint, &path);
    let ok = line["outcome"] == "ok";
    println!("{line}");
    Ok(ok)
}

fn probe(config: &Config, endpoint: Endpoint<Trading, Paper>, path: &str) -> Value {
    let called = Client::<Paper>::from_env_with(config).and_then(|client| {
        let mut client = client.at(endpoint);
        let request = Request::<Trading>::new(Method::Get, path)?;
        client.call(&request).map(|reply| {
            let stage = Stage::Http.name();
            let mut line = match reply.success() {
                Ok(body) => {
                    json!({"outcome": "ok", "stage": stage, "reason": "", "bytes": body.len()})
                }
                Err(refusal) => {
                    json!({"outcome": "refused", "stage": stage, "reason": refusal.to_string()})
                }
            };
            line["status"] = reply.status().into();
            line["request_id"] = reply.request_id().map(ToString::to_string).into();
            line["server_time"] = reply.date().into();
            line
        })
    });
    let mut line = called.unwrap_or_else(|error: Error| {
        json!({"outcome": "error", "stage": error.stage().name(), "reason": error.to_string()})
    });
    line["transport"] = "ureq".into();
    line
}
