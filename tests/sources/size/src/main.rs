//! A client whose key comes from the one source that the feature names; without one, from arguments.

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
    alpaca_auth_ureq::source::Command::new("/usr/bin/pass").argument("alpaca")
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
