//! A client whose key comes from the one source that the feature names; without one, from arguments.
//! With the argument `time` it fills a slot and prints the microseconds.

#[cfg(any(
    feature = "environment",
    feature = "directory",
    feature = "file",
    feature = "command",
    feature = "secret-service",
    feature = "tpm",
    feature = "kernel-keyring"
))]
use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth_ureq::{Client, Error};

#[cfg(feature = "environment")]
fn source() -> impl alpaca_auth::source::Source + Send + 'static {
    alpaca_auth_ureq::source::Environment::new()
}

#[cfg(feature = "directory")]
fn source() -> impl alpaca_auth::source::Source + Send + 'static {
    alpaca_auth_ureq::source::Directory::credentials()
}

#[cfg(feature = "file")]
fn source() -> impl alpaca_auth::source::Source + Send + 'static {
    alpaca_auth_ureq::source::File::of_user()
}

#[cfg(feature = "command")]
fn source() -> impl alpaca_auth::source::Source + Send + 'static {
    alpaca_auth_ureq::source::Command::new("/bin/cat")
        .argument(std::env::var_os("KEYS").unwrap_or_default())
}

#[cfg(feature = "secret-service")]
fn source() -> impl alpaca_auth::source::Source + Send + 'static {
    alpaca_auth_ureq::source::SecretService::new()
}

#[cfg(feature = "tpm")]
fn source() -> impl alpaca_auth::source::Source + Send + 'static {
    alpaca_auth_ureq::source::Tpm::unseal("0x81000001")
}

#[cfg(feature = "kernel-keyring")]
fn source() -> impl alpaca_auth::source::Source + Send + 'static {
    alpaca_auth_ureq::source::KernelKeyring::new()
}

#[cfg(any(
    feature = "environment",
    feature = "directory",
    feature = "file",
    feature = "command",
    feature = "secret-service",
    feature = "tpm",
    feature = "kernel-keyring"
))]
fn client() -> Result<Client<Paper>, Error> {
    let mut sources = alpaca_auth_ureq::source::Sources::new().then(source());
    if std::env::args().nth(1).as_deref() == Some("time") {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let before = std::time::Instant::now();
        let won = sources.paper(&mut slot);
        println!("{}", before.elapsed().as_micros());
        std::process::exit(i32::from(won.is_err()));
    }
    let client = Client::<Paper>::from_sources(&mut sources);
    eprint!("{}", sources.explanation());
    client
}

#[cfg(not(any(
    feature = "environment",
    feature = "directory",
    feature = "file",
    feature = "command",
    feature = "secret-service",
    feature = "tpm",
    feature = "kernel-keyring"
)))]
fn client() -> Result<Client<Paper>, Error> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().unwrap_or_default();
    Client::<Paper>::new(|slot| slot.paper(&next(), &next()))
}

fn main() {
    match client().and_then(|mut client| Ok(client.call(&trading::account())?.status())) {
        Ok(status) => println!("{status}"),
        Err(error) => eprintln!("{error}"),
    }
}
