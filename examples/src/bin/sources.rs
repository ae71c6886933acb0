//! Shows where a key comes from: which sources were asked, which one won, and why not the others.

use std::process::ExitCode;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::{Live, Paper};
use alpaca_auth_examples::{Arguments, Failure};
#[cfg(target_os = "linux")]
use alpaca_auth_ureq::source::KernelKeyring;
#[cfg(unix)]
use alpaca_auth_ureq::source::{Command, SecretService, Tpm};
use alpaca_auth_ureq::source::{Directory, File, Sources};

const USAGE: &str = "\
usage: sources [--live] [--alone] [--file PATH] [--container DIRECTORY] [--command PROGRAM]
               [--keyring] [--secret-service] [--tpm OBJECT]
  looks for a key pair in the credentials directory, container secrets, environment variables and the
  user's file, then in the places that are named; prints what was tried, never a value
  --live            for the live account, not paper
  --alone           in the places that are named alone
  --file            a file: JSON, dotenv, or key id and secret key on two lines
  --container       a directory of container secrets
  --command         a program by its absolute path, which prints what a file would hold
  --keyring         the key alpaca-auth:paper or alpaca-auth:live of the kernel's keyring
  --secret-service  the item with the attributes application alpaca-auth, environment paper or live
  --tpm             an object that tpm2_unseal unseals: a handle, or a context file";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("sources: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    let live = arguments.flag("--live");
    let mut sources = chain(&mut arguments)?;
    arguments.end(USAGE)?;
    let won = if live {
        sources.live(&mut Slot::<KeyPair<Live>>::vacant())
    } else {
        sources.paper(&mut Slot::<KeyPair<Paper>>::vacant())
    };
    print!("{}", sources.explanation());
    match won {
        Ok(won) => {
            println!("The key comes from source {}.", won.index.saturating_add(1));
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("sources: {error}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn chain(arguments: &mut Arguments) -> Result<Sources, Failure> {
    let mut sources = if arguments.flag("--alone") {
        Sources::new()
    } else {
        Sources::standard()
    };
    if let Some(path) = arguments.value("--file")? {
        sources = sources.then(File::at(path));
    }
    if let Some(directory) = arguments.value("--container")? {
        sources = sources.then(Directory::container_at(directory));
    }
    #[cfg(unix)]
    if let Some(program) = arguments.value("--command")? {
        sources = sources.then(Command::new(program));
    }
    #[cfg(target_os = "linux")]
    if arguments.flag("--keyring") {
        sources = sources.then(KernelKeyring::new());
    }
    #[cfg(unix)]
    if arguments.flag("--secret-service") {
        sources = sources.then(SecretService::new());
    }
    #[cfg(unix)]
    if let Some(object) = arguments.value("--tpm")? {
        sources = sources.then(Tpm::unseal(object));
    }
    Ok(sources)
}
