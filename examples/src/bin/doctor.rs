//! Examines how this machine holds its key and reaches Alpaca: one exit code per class of trouble.
//!
//! Without keys it does the same with the built-in sandbox and a key made up for it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alpaca_auth::credential::{Credential as _, KeyPair, Slot};
use alpaca_auth::endpoint::{ServedIn, Trading};
use alpaca_auth::environment::{EnvironmentKind, Live, Paper, TradingEnvironment};
use alpaca_auth::source::{SourceError, Won};
use alpaca_auth_examples::doctor::{
    Bounds, Report, asked, examine, memory, reference, search, stopped,
};
use alpaca_auth_examples::{Arguments, Failure, Reach};
use alpaca_auth_ureq::source::{Directory, Sources};
use alpaca_sandbox::Options;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

const USAGE: &str = "\
usage: doctor [--live] [--json] [--need-key] [--container DIRECTORY] [--search DIRECTORY | --no-search]
              [--transport ureq|embedded-tls]
              [--connect HOST:PORT] [--server-name NAME] [--ca FILE.pem] [--now UNIX]
  the key pair comes from the first that has one: systemd's credentials directory, /run/secrets,
  APCA_API_KEY_ID and APCA_API_SECRET_KEY, ~/.config/alpaca-auth/paper (or live); without one a
  sandbox answers
  --live       the live account (default: paper); one read, nothing is changed
  --container  another directory of container secrets, which is asked last
  --json       one line of JSON, see below
  --need-key   no key is a finding, not a reason to ask the sandbox: for fleets
  --search     where to look for files and a git repository that hold the secret (default: here)
  --no-search  look at no file but the key's own
  --now        the time of this machine's clock, for a machine that knows better
";

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
    needs_key: bool,
}

fn run() -> Result<u8, Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        print!("{USAGE}{}", reference());
        return Ok(0);
    }
    let (live, json) = (arguments.flag("--live"), arguments.flag("--json"));
    let needs_key = arguments.flag("--need-key");
    let directory = arguments.value("--search")?;
    let search = !arguments.flag("--no-search");
    if !search && directory.is_some() {
        return Err(Failure::Usage("give --search or --no-search".to_owned()));
    }
    // How a key id begins is a finding here, and no reason to stop.
    let mut sources = Sources::standard().any_prefix();
    if let Some(directory) = arguments.value("--container")? {
        sources = sources.then(Directory::container_at(directory));
    }
    let reach = Reach::from(&mut arguments)?;
    arguments.end(USAGE)?;
    let here = || std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let directory = directory.map_or_else(here, PathBuf::from);
    let job = Job {
        now: reach.now(),
        reach,
        needs_key,
        search: search.then(|| directory.canonicalize().unwrap_or(directory)),
    };

    let mut report = Report::default();
    if live {
        let mut slot = Slot::<KeyPair<Live>>::vacant();
        let won = sources.live(&mut slot);
        diagnose(job, &sources, won, &slot, &mut report)?;
    } else {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let won = sources.paper(&mut slot);
        diagnose(job, &sources, won, &slot, &mut report)?;
    }
    memory(&mut report);
    if json {
        println!("{}", report.json());
    } else {
        println!("{}", report.text());
    }
    Ok(report.exit_code())
}

/// No key is a finding, unless nothing was asked for and nothing is there.
fn diagnose<E: TradingEnvironment>(
    job: Job,
    sources: &Sources,
    won: Result<Won, SourceError>,
    slot: &Slot<KeyPair<E>>,
    report: &mut Report,
) -> Result<(), Failure>
where
    Trading: ServedIn<E>,
{
    asked(sources, report);
    match won {
        Ok(won) => {
            report.fact("source", won.kind.to_string());
            report.fact("sandbox", false);
            examine_pair(&job, slot, report)
        }
        Err(SourceError::NoneFound { .. })
            if E::KIND == EnvironmentKind::Paper && !job.reach.is_elsewhere() && !job.needs_key =>
        {
            sandbox(job, report)
        }
        Err(error) => {
            stopped(sources, error, E::KIND, report);
            Ok(())
        }
    }
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
    report.fact("sandbox", true);
    report.note("there is no key on this machine: the built-in sandbox answered, not Alpaca");
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
    if searched.cut {
        report.note(
            "not all was searched for the secret; give --search a smaller directory of your own to see the rest",
        );
    }
}
