//! Watches an account, the market's clock and one quote: a gadget that runs for months.
//!
//! It asks on a schedule within Alpaca's rate limit, outlives a lost network, and ends cleanly at
//! SIGTERM. A refused key ends it at once.

use std::fs::OpenOptions;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{MarketData, ServedIn, Trading};
use alpaca_auth::environment::{Live, Paper, TradingEnvironment};
use alpaca_auth::source::{SourceError, Won};
use alpaca_auth_examples::watch::{
    Asked, Display, KernelLcd, Lines, Outlook, Schedule, TerminalLine, ask, delay, random,
};
use alpaca_auth_examples::{Arguments, Failure, Reach, stop_signals};
use alpaca_auth_ureq::source::Sources;
use alpaca_sandbox::Sandbox;

const USAGE: &str = "\
usage: watch [--live] [--symbol AAPL] [--every SECONDS] [--rounds N] [--lcd DEVICE]
             [--transport ureq|embedded-tls] [--connect HOST:PORT --connect-data HOST:PORT --ca FILE.pem]
  keys come from the first that has them: systemd's credentials directory (files alpaca-key-id and
  alpaca-secret-key), /run/secrets, APCA_API_KEY_ID and APCA_API_SECRET_KEY,
  ~/.config/alpaca-auth/paper (or live); without them a sandbox answers
  --live         the live account: real money (default: paper)
  --symbol       the stock whose quote is shown (default: AAPL)
  --every        seconds between rounds of 3 calls, 0.9 or more (default: 15)
  --rounds       ends after so many rounds (default: never)
  --lcd          a 16 x 2 text display, for example /dev/lcd, instead of lines
  --transport    what moves the bytes (default: ureq, which keeps its connections)
  --connect      another trading server, for example a loopback; --ca trusts its CA and no other
  --connect-data another market data server (default: that of --connect)";

/// An account has some 2 KB.
const BODY: usize = 64 * 1024;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("watch: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// What the arguments say.
struct Job {
    symbol: String,
    schedule: Schedule,
    rounds: Option<u64>,
    display: Box<dyn Display>,
    trading: Reach,
    data: Reach,
}

fn run() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let live = arguments.flag("--live");
    let job = job(&mut arguments)?;
    arguments.end(USAGE)?;
    let stop = stop_signals()?;
    let mut sources = Sources::standard();
    if live {
        // Boxed while it is vacant: the credential is written where it stays.
        let mut slot = Box::new(Slot::<KeyPair<Live>>::vacant());
        let filled = sources.live(&mut slot);
        let Some(won) = won(&sources, filled)? else {
            return Err(keys_needed());
        };
        eprintln!("Live account: real money.");
        tell(won);
        return watch(job, slot, &stop);
    }
    let mut slot = Box::new(Slot::<KeyPair<Paper>>::vacant());
    let filled = sources.paper(&mut slot);
    match won(&sources, filled)? {
        Some(won) => {
            tell(won);
            watch(job, slot, &stop)
        }
        None if job.trading.is_elsewhere() || job.data.is_elsewhere() => Err(keys_needed()),
        None => {
            let sandbox = Sandbox::start().map_err(Failure::Sandbox)?;
            eprintln!(
                "No keys: asking the built-in sandbox over HTTPS.\n\
                 For your paper account set APCA_API_KEY_ID and APCA_API_SECRET_KEY."
            );
            slot.paper(alpaca_sandbox::PAPER_KEY_ID, alpaca_sandbox::PAPER_SECRET)
                .map_err(|error| Failure::Call(error.into()))?;
            let ca = sandbox.ca_pem();
            let trading = job.trading.to_loopback(sandbox.paper_port(), ca);
            let data = job.data.to_loopback(sandbox.data_port(), ca);
            let job = Job {
                trading,
                data,
                ..job
            };
            watch(job, slot, &stop)
        }
    }
}

fn job(arguments: &mut Arguments) -> Result<Job, Failure> {
    let symbol = arguments.value("--symbol")?;
    let every = arguments.value("--every")?;
    let rounds = arguments.value("--rounds")?.map(|rounds| rounds.parse());
    let lcd = arguments.value("--lcd")?;
    let trading = Reach::from(arguments)?;
    let data = trading.or_at(arguments, "--connect-data")?;
    let display: Box<dyn Display> = match lcd {
        None => Box::new(TerminalLine(std::io::stdout())),
        Some(path) => {
            let device = OpenOptions::new().write(true).open(&path);
            Box::new(KernelLcd(
                device.map_err(|error| Failure::File(path, error))?,
            ))
        }
    };
    Ok(Job {
        symbol: symbol.unwrap_or_else(|| "AAPL".to_owned()),
        schedule: every.map_or_else(|| Ok(Schedule::default()), |every| Schedule::parse(&every))?,
        rounds: rounds
            .transpose()
            .map_err(|_| Failure::Usage("--rounds must be a whole number".to_owned()))?,
        display,
        trading,
        data,
    })
}

fn keys_needed() -> Failure {
    Failure::Usage(
        "--live and --connect need keys: set APCA_API_KEY_ID and APCA_API_SECRET_KEY, \
         or give them with systemd's LoadCredential="
            .to_owned(),
    )
}

/// The source that gave the keys, if one has any; one that is broken ends the program.
fn won(sources: &Sources, filled: Result<Won, SourceError>) -> Result<Option<Won>, Failure> {
    match filled {
        Err(SourceError::NoneFound { .. }) => Ok(None),
        filled => Ok(Some(filled.map_err(|error| sources.placed(error))?)),
    }
}

fn tell(won: Won) {
    eprintln!("Keys from {}.", won.kind);
}

/// Watches until the end, wipes the key and says so last.
fn watch<E: TradingEnvironment>(
    mut job: Job,
    mut slot: Box<Slot<KeyPair<E>>>,
    stop: &Receiver<&'static str>,
) -> Result<(), Failure>
where
    Trading: ServedIn<E>,
    MarketData: ServedIn<E>,
{
    let ended = rounds(&mut job, &slot, stop);
    slot.clear();
    // The reason for the end matters more than a display that does not take it.
    let shown = job.display.end().map_err(Failure::Display);
    let (why, rounds) = ended?;
    eprintln!("watch: {why} after {rounds} rounds; the key is wiped.");
    shown
}

/// Why it ended, and after how many rounds.
fn rounds<E: TradingEnvironment>(
    job: &mut Job,
    slot: &Slot<KeyPair<E>>,
    stop: &Receiver<&'static str>,
) -> Result<(String, u64), Failure>
where
    Trading: ServedIn<E>,
    MarketData: ServedIn<E>,
{
    let pair = slot.get().ok_or_else(keys_needed)?;
    let mut lines = Lines {
        trading: job.trading.clone().line::<Trading, E>()?,
        data: job.data.clone().line::<MarketData, E>()?,
    };
    let mut body = vec![0; BODY];
    let (mut done, mut failures) = (0_u64, 0_u32);
    loop {
        let started = Instant::now();
        let signal = std::cell::Cell::new(None);
        let stopped = || {
            signal.set(stop.try_recv().map_or_else(gone, Some));
            signal.get().is_some()
        };
        let asked = ask(&mut lines, pair, &job.symbol, &mut body, stopped);
        let Some(Asked { room, outlook }) = asked else {
            let name = signal.get().unwrap_or("a signal");
            return Ok((format!("stopped by {name}"), done));
        };
        done += 1;
        let last = job.rounds.is_some_and(|rounds| done >= rounds);
        let wait = match outlook {
            Outlook::Show(view) => {
                job.display.show(&view).map_err(Failure::Display)?;
                failures = 0;
                job.schedule.wait(started.elapsed(), room)
            }
            Outlook::End(failure) => return Err(failure),
            Outlook::Retry(failure) | Outlook::Wait(failure, _) if last => return Err(failure),
            Outlook::Retry(failure) => {
                failures = failures.saturating_add(1);
                trouble(job, &failure, delay(failures, random()))?
            }
            Outlook::Wait(failure, wait) => trouble(job, &failure, wait)?,
        };
        if last {
            return Ok(("done".to_owned(), done));
        }
        match stop.recv_timeout(wait) {
            Ok(name) => return Ok((format!("stopped by {name}"), done)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(("stopped".to_owned(), done)),
        }
    }
}

/// A thread that waits for signals no more can end nothing: so the program ends.
fn gone(error: TryRecvError) -> Option<&'static str> {
    match error {
        TryRecvError::Empty => None,
        TryRecvError::Disconnected => Some("the loss of its signals"),
    }
}

fn trouble(job: &mut Job, failure: &Failure, wait: Duration) -> Result<Duration, Failure> {
    eprintln!("watch: {failure}; next try in {:.1} s", wait.as_secs_f64());
    let why = failure.to_string();
    job.display.trouble(&why).map_err(Failure::Display)?;
    Ok(wait)
}
