//! Diagnoses a device's path to Alpaca: one call, one line of JSON, exit 0 only for `ok`.

use std::process::ExitCode;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::Trading;
use alpaca_auth::environment::Paper;
use alpaca_auth::request::{Method, Request};
use alpaca_auth_examples::{Arguments, Failure, Reach, stage};
use alpaca_auth_ureq::{Error, Stage, paper_from_env};
use serde_json::{Value, json};

/// The largest answer.
const BODY: usize = 1024 * 1024;

const USAGE: &str = "\
usage: probe [--transport ureq|embedded-tls] [--connect HOST:PORT] [--server-name NAME] [--ca FILE.pem]
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
    let reach = Reach::from(&mut arguments)?;
    let path = arguments
        .value("--path")?
        .unwrap_or_else(|| "/v2/account".to_owned());
    arguments.end(USAGE)?;

    let mut line = match probe(&reach, &path) {
        Ok(line) => line,
        Err(failure) => match stage(&failure) {
            Some(stage) => {
                json!({"outcome": "error", "stage": stage, "reason": failure.to_string()})
            }
            None => return Err(failure),
        },
    };
    line["transport"] = reach.transport.name().into();
    let ok = line["outcome"] == "ok";
    println!("{line}");
    Ok(ok)
}

fn probe(reach: &Reach, path: &str) -> Result<Value, Failure> {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = paper_from_env(&mut slot).map_err(Error::from)?;
    let request = Request::<Trading>::new(Method::Get, path).map_err(Error::from)?;
    let mut body = vec![0; BODY];
    let reply = reach.send(&request, &reach.endpoint()?, pair, &mut body)?;
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
    Ok(line)
}
