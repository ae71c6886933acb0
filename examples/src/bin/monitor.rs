//! Watches how a key is used: calls, errors, bytes and what is left of the rate limits, as one line per round
//! and as Prometheus text on 127.0.0.1.
//!
//! Its client only reads, keeps within the rate limits, and sends again what may be sent again.

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use alpaca_auth::credential::{KeyPair, Opens};
use alpaca_auth::endpoint::{Api, Endpoint, MarketData, ServedIn, Trading};
use alpaca_auth::environment::{Live, Paper, TradingEnvironment};
use alpaca_auth::request::{ReadRequest, TargetBuffer, market_data, trading};
use alpaca_auth::response::Outcome;
use alpaca_auth::retry::RetryRules;
use alpaca_auth_examples::watch::{Room, Schedule};
use alpaca_auth_examples::{Arguments, Failure, Metrics, Reach, keys_in_environment, stop_signals};
use alpaca_auth_ureq::{Client, Config, Pace, ReadOnly, Shared};
use alpaca_sandbox::Sandbox;

const USAGE: &str = "\
usage: monitor [--live] [--every SECONDS] [--rounds N] [--listen PORT] [--audit]
               [--connect HOST:PORT --connect-data HOST:PORT --ca FILE.pem]
  keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY; without them a sandbox answers
  --live         the live account: it only reads, whatever the key may do (default: paper)
  --every        seconds between rounds of 3 calls, 0.9 or more (default: 15)
  --rounds       ends after so many rounds (default: never)
  --listen       the port on 127.0.0.1 that serves /metrics (default: any free one)
  --audit        each attempt as a line: method, host, path, status, time, request id
  --connect      another trading server, for example a loopback; --ca trusts its CA and no other
  --connect-data another market data server (default: that of --connect)";

/// An account has some 2 KB.
const BODY: usize = 64 * 1024;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("monitor: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// What the arguments say.
struct Job {
    schedule: Schedule,
    rounds: Option<u64>,
    shared: Shared,
}

fn run() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let live = arguments.flag("--live");
    let audit = arguments.flag("--audit");
    let every = arguments.value("--every")?;
    let rounds = number(arguments.value("--rounds")?, "--rounds")?;
    let port = number(arguments.value("--listen")?, "--listen")?.unwrap_or(0);
    let trading = Reach::from(&mut arguments)?;
    let data = trading.or_at(&mut arguments, "--connect-data")?;
    arguments.end(USAGE)?;

    let shared = Shared::new();
    let job = Job {
        schedule: every.map_or_else(|| Ok(Schedule::default()), |every| Schedule::parse(&every))?,
        rounds,
        shared: shared.clone(),
    };
    let stop = stop_signals()?;
    let metrics = Metrics::serve(port, shared.clone()).map_err(Failure::Listen)?;
    eprintln!(
        "Prometheus text on http://127.0.0.1:{}/metrics",
        metrics.port()
    );
    let conduct = |config: Config| {
        let config = config.body_max(BODY).share(&shared);
        let config = config.pace(Pace::Wait).retry(RetryRules::new());
        match audit {
            true => config.audit(|audit| eprintln!("{audit}")),
            false => config,
        }
    };
    if !keys_in_environment() {
        if live || trading.is_elsewhere() || data.is_elsewhere() {
            let usage =
                "--live and --connect need keys: set APCA_API_KEY_ID and APCA_API_SECRET_KEY";
            return Err(Failure::Usage(usage.to_owned()));
        }
        let sandbox = Sandbox::start().map_err(Failure::Sandbox)?;
        eprintln!(
            "No keys: asking the built-in sandbox over HTTPS.\n\
             For your paper account set APCA_API_KEY_ID and APCA_API_SECRET_KEY."
        );
        let trading = trading.to_loopback(sandbox.paper_port(), sandbox.ca_pem());
        let data = data.to_loopback(sandbox.data_port(), sandbox.ca_pem());
        let endpoint: Endpoint<Trading, Paper> = trading.endpoint()?;
        let config = conduct(trading.config(&endpoint)?);
        let client = Client::<Paper>::with(&config, |slot| {
            slot.paper(alpaca_sandbox::PAPER_KEY_ID, alpaca_sandbox::PAPER_SECRET)
        })?;
        return monitor(
            &job,
            client
                .at(endpoint)
                .at(data.endpoint::<MarketData, _>()?)
                .read_only(),
            &stop,
        );
    }
    if live {
        let endpoint: Endpoint<Trading, Live> = trading.endpoint()?;
        let client = Client::<Live>::from_env_with(&conduct(trading.config(&endpoint)?))?;
        return monitor(
            &job,
            client
                .at(endpoint)
                .at(data.endpoint::<MarketData, _>()?)
                .read_only(),
            &stop,
        );
    }
    let endpoint: Endpoint<Trading, Paper> = trading.endpoint()?;
    let client = Client::<Paper>::from_env_with(&conduct(trading.config(&endpoint)?))?;
    monitor(
        &job,
        client
            .at(endpoint)
            .at(data.endpoint::<MarketData, _>()?)
            .read_only(),
        &stop,
    )
}

fn number<N: std::str::FromStr>(value: Option<String>, option: &str) -> Result<Option<N>, Failure> {
    let refuse = |_| Failure::Usage(format!("{option} must be a whole number in its range"));
    value.map(|value| value.parse().map_err(refuse)).transpose()
}

fn monitor<E: TradingEnvironment>(
    job: &Job,
    mut client: ReadOnly<KeyPair<E>>,
    stop: &Receiver<&'static str>,
) -> Result<(), Failure>
where
    Trading: ServedIn<E>,
    MarketData: ServedIn<E>,
    KeyPair<E>: Opens<Trading, Environment = E> + Opens<MarketData, Environment = E>,
{
    let mut done = 0_u64;
    loop {
        let begun = Instant::now();
        let mut target = TargetBuffer::<64>::new("/").map_err(refused)?;
        let quote = market_data::latest_quote(&mut target, "AAPL").map_err(refused)?;
        ask(&mut client, &trading::account())?;
        ask(&mut client, &trading::clock())?;
        ask(&mut client, &quote)?;
        done += 1;
        println!("{}", job.shared.usage());
        if job.rounds.is_some_and(|rounds| done >= rounds) {
            return Ok(());
        }
        let wait = job.schedule.wait(begun.elapsed(), Room::default());
        match stop.recv_timeout(wait) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(name) => {
                drop(client);
                eprintln!("monitor: stopped by {name} after {done} rounds; the key is wiped.");
                return Ok(());
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

fn refused(error: alpaca_auth::request::RequestError) -> Failure {
    Failure::Call(error.into())
}

/// One call. Trouble is told and counted; only a refused key, or one that cannot be sent, ends the program.
fn ask<A: Api + ServedIn<E>, E: TradingEnvironment>(
    client: &mut ReadOnly<KeyPair<E>>,
    request: &ReadRequest<'_, A>,
) -> Result<(), Failure>
where
    KeyPair<E>: Opens<A, Environment = E>,
{
    let reply = match client.call(request) {
        Ok(reply) => reply,
        Err(error) if error.sent() || error.stage().name() != "prepare" => {
            eprintln!("monitor: {error}");
            return Ok(());
        }
        Err(error @ alpaca_auth_ureq::Error::HeldBack { .. }) => {
            eprintln!("monitor: {error}");
            return Ok(());
        }
        Err(error) => return Err(Failure::Call(error)),
    };
    match reply.success() {
        Ok(_) => Ok(()),
        Err(refusal) if matches!(refusal.outcome, Outcome::Credential(_)) => {
            let said = reply.api_error().map(|error| error.to_string());
            let error = alpaca_auth::response::ReplyError::Refused(refusal);
            Err(Failure::Reply(Box::new(error), said))
        }
        Err(refusal) => {
            eprintln!("monitor: {refusal}");
            Ok(())
        }
    }
}
