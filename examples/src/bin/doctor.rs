//! Examines how this machine holds its key and reaches Alpaca: one exit code per class of trouble.
//!
//! Without keys it does the same with the built-in sandbox and a key made up for it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alpaca_auth::credential::{Credential as _, KeyPair, Slot};
use alpaca_auth::endpoint::{ServedIn, Trading};
use alpaca_auth::environment::{Live, Paper, TradingEnvironment};
use alpaca_auth_examples::doctor::{Bounds, Class, Report, examine, found, search};
use alpaca_auth_examples::watch::{KeySource, fill_live, fill_paper};
use alpaca_auth_examples::{Arguments, Failure, Reach};
use alpaca_sandbox::Options;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

const USAGE: &str = "\
usage: doctor [--live] [--json] [--search DIRECTORY | --no-search] [--transport ureq|embedded-tls]
              [--connect HOST:PORT] [--server-name NAME] [--ca FILE.pem] [--now UNIX]
  keys come from $CREDENTIALS_DIRECTORY, or APCA_API_KEY_ID and APCA_API_SECRET_KEY; without them a
  sandbox answers
  --live       the live account (default: paper); one read, nothing is changed
  --json       one line of JSON: verdict, exit, findings, facts
  --search     where to look for files and a git repository that hold the secret (default: here)
  --no-search  look at no file but the key's own
  --now        the time of this machine's clock, for a machine that knows better
  exit: 0 healthy, 2 usage; else the first of 10 source, 11 permissions, 12 exposed, 13 environment,
        14 connect, 15 tls, 16 http, 17 credential, 18 clock, 19 rate limit";

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("doctor: {failure}");
            ExitCode::from(2)
        }
    }
}

/// What the arguments say.
struct Job {
    reach: Reach,
    now: Option<u64>,
    search: Option<PathBuf>,
}

fn run() -> Result<u8, Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(0);
    }
    let (live, json) = (arguments.flag("--live"), arguments.flag("--json"));
    let directory = arguments.value("--search")?;
    let search = !arguments.flag("--no-search");
    if !search && directory.is_some() {
        return Err(Failure::Usage("give --search or --no-search".to_owned()));
    }
    let reach = Reach::from(&mut arguments)?;
    arguments.end(USAGE)?;
    let here = || std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let directory = directory.map_or_else(here, PathBuf::from);
    let job = Job {
        now: reach.now(),
        reach,
        search: search.then(|| directory.canonicalize().unwrap_or(directory)),
    };

    let mut report = Report::default();
    if live {
        let mut slot = Slot::<KeyPair<Live>>::vacant();
        match fill_live(&mut slot) {
            Ok(Some(won)) => with_key(&job, won, &slot, &mut report)?,
            nothing => without_key(job, nothing, true, &mut report)?,
        }
    } else {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        match fill_paper(&mut slot) {
            Ok(Some(won)) => with_key(&job, won, &slot, &mut report)?,
            nothing => without_key(job, nothing, false, &mut report)?,
        }
    }
    if json {
        println!("{}", report.json());
    } else {
        println!("{}", report.text());
    }
    Ok(report.exit_code())
}

fn with_key<E: TradingEnvironment>(
    job: &Job,
    won: KeySource,
    slot: &Slot<KeyPair<E>>,
    report: &mut Report,
) -> Result<(), Failure>
where
    Trading: ServedIn<E>,
{
    found(won, report);
    examine_pair(job, slot, report)
}

fn examine_pair<E: TradingEnvironment>(
    job: &Job,
    slot: &Slot<KeyPair<E>>,
    report: &mut Report,
) -> Result<(), Failure>
where
    Trading: ServedIn<E>,
{
    let Some(pair) = slot.get() else {
        return Ok(());
    };
    look(job, pair, report);
    examine(&job.reach, pair, job.now, report)
}

/// No source has a usable key: that is a finding, unless nothing was asked for and nothing is there.
fn without_key(
    job: Job,
    nothing: Result<Option<KeySource>, Failure>,
    live: bool,
    report: &mut Report,
) -> Result<(), Failure> {
    let text = match nothing {
        Err(failure) => failure.to_string(),
        Ok(_) if live || job.reach.is_elsewhere() => {
            "there is no key; set APCA_API_KEY_ID and APCA_API_SECRET_KEY, or give a credentials directory".to_owned()
        }
        Ok(_) => return sandbox(job, report),
    };
    report.find(Class::Source, text, None);
    Ok(())
}

/// The same with a server and a key of this process's own.
fn sandbox(job: Job, report: &mut Report) -> Result<(), Failure> {
    let mut random = Zeroizing::new([0; 20]);
    // The key opens a server that ends with this process; constant text would be found in this source.
    let filled = SystemRandom::new().fill(&mut random[..]);
    filled.map_err(|_| Failure::Sandbox(std::io::Error::other("there is no entropy")))?;
    let secret: Zeroizing<String> =
        Zeroizing::new(random.iter().map(|byte| format!("{byte:02x}")).collect());
    let id = alpaca_sandbox::PAPER_KEY_ID;
    let sandbox = Options::new()
        .paper_keys(id, &secret)
        .start()
        .map_err(Failure::Sandbox)?;
    eprintln!(
        "No keys: examining this machine with the built-in sandbox on port {} and a key made up for it.\n\
         For your own set APCA_API_KEY_ID and APCA_API_SECRET_KEY.",
        sandbox.paper_port()
    );
    report.fact("source", "the built-in sandbox");
    let job = Job {
        reach: job
            .reach
            .to_loopback(sandbox.paper_port(), sandbox.ca_pem()),
        ..job
    };
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    slot.paper(id, &secret)
        .map_err(|error| Failure::Call(error.into()))?;
    examine_pair(&job, &slot, report)
}

/// Looks for the secret where it should not be.
fn look<E: TradingEnvironment>(job: &Job, pair: &KeyPair<E>, report: &mut Report) {
    let Some(directory) = &job.search else {
        return;
    };
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let searched = pair.with_fields(|fields| {
        let secret = fields
            .last()
            .map(|field| field.expose())
            .unwrap_or_default();
        search(
            secret,
            home.as_deref().filter(|home| home != &Path::new("")),
            directory,
            Bounds::DEFAULT,
            report,
        )
    });
    report.fact("searched_files", searched.files);
    report.fact("searched_bytes", searched.bytes);
    report.fact("searched_git_bytes", searched.objects);
    report.fact("searched_all", !searched.cut);
}
