//! Fetches the account and prints it: the main job.
//!
//! With keys in the environment it asks Alpaca (paper, or live with `--live`); without, the
//! built-in sandbox, over real HTTPS all the same.

use std::process::ExitCode;

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::{Live, Paper};
use alpaca_auth::request::trading;
use alpaca_auth::response::{Account, Decimal, Reply};
use alpaca_auth_examples::{
    Arguments, Failure, endpoint_at, keys_in_environment, read, start_sandbox,
};
use alpaca_auth_ureq::{Client, Config};

const USAGE: &str = "\
usage: account [--live] [--json] [--connect HOST:PORT --ca FILE.pem]
  keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY; without them a sandbox answers
  --live      the live account: real money (default: paper)
  --json      the account as the server sent it, for machines
  --connect   another server, for example a loopback; --ca trusts its CA and no other";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("account: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let live = arguments.flag("--live");
    let json = arguments.flag("--json");
    let connect = arguments.value("--connect")?;
    let config = match arguments.value("--ca")? {
        Some(path) => Config::new().trust_only_pem(&read(&path)?)?,
        None => Config::new(),
    };
    arguments.end(USAGE)?;

    if !keys_in_environment() {
        if live || connect.is_some() {
            let usage =
                "--live and --connect need keys: set APCA_API_KEY_ID and APCA_API_SECRET_KEY";
            return Err(Failure::Usage(usage.to_owned()));
        }
        return sandbox(json);
    }
    if live {
        eprintln!("Live account: real money.");
        let mut client = Client::<Live>::from_env_with(&config)?;
        if let Some(address) = connect {
            client = client.at(endpoint_at::<Trading, Live>(&address)?);
        }
        print(&client.call(&trading::account())?, "live", json)
    } else {
        let mut client = Client::<Paper>::from_env_with(&config)?;
        if let Some(address) = connect {
            client = client.at(endpoint_at::<Trading, Paper>(&address)?);
        }
        print(&client.call(&trading::account())?, "paper", json)
    }
}

fn sandbox(json: bool) -> Result<(), Failure> {
    let (sandbox, config) = start_sandbox()?;
    eprintln!(
        "No keys in the environment: asking the built-in sandbox on port {} over HTTPS.\n\
         For your paper account set APCA_API_KEY_ID and APCA_API_SECRET_KEY.",
        sandbox.paper_port()
    );
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port())?;
    let mut client = Client::<Paper>::with(&config, |slot| {
        slot.paper(alpaca_sandbox::PAPER_KEY_ID, alpaca_sandbox::PAPER_SECRET)
    })?
    .at(endpoint);
    print(&client.call(&trading::account())?, "sandbox", json)
}

fn print(reply: &Reply<'_>, which: &str, json: bool) -> Result<(), Failure> {
    let account = reply.json::<Account>().map_err(|error| {
        Failure::Reply(
            Box::new(error),
            reply.api_error().map(|error| error.to_string()),
        )
    })?;
    if json {
        println!("{}", String::from_utf8_lossy(reply.body()));
        return Ok(());
    }
    let money = |name: &str, value: Option<Decimal<'_>>| {
        if let Some(value) = value {
            println!(
                "{name:<14}{:>18} {}",
                value.text(),
                account.currency.unwrap_or("")
            );
        }
    };
    println!(
        "{:<14}{which} {}",
        "account",
        account.account_number.unwrap_or(account.id)
    );
    println!("{:<14}{}", "status", account.status);
    money("equity", account.equity);
    money("cash", account.cash);
    money("buying power", account.buying_power);
    let blocks = [
        ("trading", account.trading_blocked),
        ("transfers", account.transfers_blocked),
        ("account", account.account_blocked),
        ("suspended by user", account.trade_suspended_by_user),
    ];
    let blocked: Vec<_> = blocks
        .iter()
        .filter(|(_, blocked)| *blocked == Some(true))
        .map(|(name, _)| *name)
        .collect();
    let blocked = if blocked.is_empty() {
        "none".to_owned()
    } else {
        blocked.join(", ")
    };
    println!("{:<14}{blocked}", "blocks");
    let limits = reply.limits();
    if let (Some(remaining), Some(limit)) = (limits.remaining, limits.limit) {
        println!(
            "{:<14}{remaining} of {limit} calls left this minute",
            "rate limit"
        );
    }
    if let Some(request_id) = reply.request_id() {
        println!("{:<14}{request_id}", "request id");
    }
    Ok(())
}
