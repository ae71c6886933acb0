//! Fetches the account and prints it: the main job.
//!
//! With keys in the environment it asks Alpaca (paper, or live with `--live`); without, the
//! built-in sandbox, over real HTTPS all the same.

use std::process::ExitCode;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{ServedIn, Trading};
use alpaca_auth::environment::{Live, Paper, TradingEnvironment};
use alpaca_auth::request::trading;
use alpaca_auth::response::{Account, Decimal, Reply};
use alpaca_auth_examples::{Arguments, Failure, Reach, keys_in_environment};
use alpaca_auth_ureq::{live_from_env, paper_from_env};
use alpaca_sandbox::Sandbox;

const USAGE: &str = "\
usage: account [--live] [--json] [--transport ureq|embedded-tls] [--connect HOST:PORT --ca FILE.pem]
  keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY; without them a sandbox answers
  --live       the live account: real money (default: paper)
  --json       the account as the server sent it, for machines
  --transport  what moves the bytes (default: ureq)
  --connect    another server, for example a loopback; --ca trusts its CA and no other";

/// An account has some 2 KB.
const BODY: usize = 64 * 1024;

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
    let reach = Reach::from(&mut arguments)?;
    arguments.end(USAGE)?;

    if !keys_in_environment() {
        if live || reach.is_elsewhere() {
            let usage =
                "--live and --connect need keys: set APCA_API_KEY_ID and APCA_API_SECRET_KEY";
            return Err(Failure::Usage(usage.to_owned()));
        }
        return sandbox(reach, json);
    }
    if live {
        eprintln!("Live account: real money.");
        let mut slot = Slot::<KeyPair<Live>>::vacant();
        fetch(&reach, live_from_env(&mut slot)?, "live", json)
    } else {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        fetch(&reach, paper_from_env(&mut slot)?, "paper", json)
    }
}

fn sandbox(reach: Reach, json: bool) -> Result<(), Failure> {
    let sandbox = Sandbox::start().map_err(Failure::Sandbox)?;
    eprintln!(
        "No keys in the environment: asking the built-in sandbox on port {} over HTTPS.\n\
         For your paper account set APCA_API_KEY_ID and APCA_API_SECRET_KEY.",
        sandbox.paper_port()
    );
    let reach = reach.to_loopback(sandbox.paper_port(), sandbox.ca_pem());
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot
        .paper(alpaca_sandbox::PAPER_KEY_ID, alpaca_sandbox::PAPER_SECRET)
        .map_err(|error| Failure::Call(error.into()))?;
    fetch(&reach, pair, "sandbox", json)
}

fn fetch<E: TradingEnvironment>(
    reach: &Reach,
    pair: &KeyPair<E>,
    which: &str,
    json: bool,
) -> Result<(), Failure>
where
    Trading: ServedIn<E>,
{
    let mut body = vec![0; BODY];
    let reply = reach.send(&trading::account(), &reach.endpoint()?, pair, &mut body)?;
    print(&reply, which, json)
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
