//! What the example programs share: arguments, and a client for Alpaca or the built-in sandbox.

pub mod doctor;
mod metrics;
pub mod provision;
mod reach;
mod signals;
pub mod watch;

pub use metrics::Metrics;
pub use reach::{Line, Reach, Transport, stage};
pub use signals::stop_signals;

use std::fmt;
use std::path::Path;

use alpaca_auth::endpoint::EndpointError;
use alpaca_auth::listing::ListError;
use alpaca_auth_ureq::source::SourcesError;
use alpaca_auth_ureq::{EnvError, TrustError};

/// Why a program ends early. Its text is for the person at the terminal.
#[derive(Debug)]
pub enum Failure {
    /// The arguments are not understood.
    Usage(String),
    /// A file cannot be read.
    File(String, std::io::Error),
    /// A file cannot be written.
    Write(String, std::io::Error),
    /// The trust anchors cannot be used.
    Trust(TrustError),
    /// The host is refused.
    Endpoint(EndpointError),
    /// The environment gives no usable key.
    Env(EnvError),
    /// No source gives a usable key.
    Source(SourcesError),
    /// There is no complete answer.
    Call(alpaca_auth_ureq::Error),
    /// No session, or no complete answer.
    Session(alpaca_auth_embedded_tls::Error),
    /// The file of `--ca` holds no certificate.
    Anchor,
    /// No TCP connection.
    Connect(std::io::Error),
    /// The answer is no success, or not what was expected; with the server's own words.
    Reply(Box<alpaca_auth::response::ReplyError>, Option<String>),
    /// A list was not read to its end, for what its error says.
    List(String),
    /// The sandbox could not start.
    Sandbox(std::io::Error),
    /// The display, or standard output, does not take what is shown.
    Display(std::io::Error),
    /// Signals cannot be waited for.
    Signal(std::io::Error),
    /// Nothing was provisioned.
    Provision(provision::ProvisionError),
    /// The port of `--listen` cannot be had.
    Listen(std::io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) => f.write_str(text),
            Self::File(path, error) => write!(
                f,
                "cannot read {path}: {error}; check the path and its permissions"
            ),
            Self::Write(path, error) => write!(
                f,
                "cannot write {path}: {error}; give a path that does not exist yet"
            ),
            Self::Trust(error) => error.fmt(f),
            Self::Endpoint(error) => error.fmt(f),
            Self::Env(error) => error.fmt(f),
            Self::Source(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::Session(error) => error.fmt(f),
            Self::Anchor => f.write_str("the CA file holds no certificate in PEM; check the file"),
            Self::Connect(error) => write!(
                f,
                "no connection ({error}); check the network, the host and the port; nothing was sent"
            ),
            Self::Reply(error, None) => error.fmt(f),
            Self::Reply(error, Some(said)) => write!(f, "{error}; the server says: {said}"),
            Self::List(text) => f.write_str(text),
            Self::Display(error) => write!(f, "nothing can be shown: {error}; check the display"),
            Self::Provision(error) => error.fmt(f),
            Self::Signal(error) => write!(f, "signals cannot be waited for: {error}"),
            Self::Listen(error) => write!(f, "cannot listen: {error}; give another port"),
            Self::Sandbox(error) => write!(f, "the sandbox cannot start: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<alpaca_auth_ureq::Error> for Failure {
    fn from(error: alpaca_auth_ureq::Error) -> Self {
        Self::Call(error)
    }
}

impl From<alpaca_auth_embedded_tls::Error> for Failure {
    fn from(error: alpaca_auth_embedded_tls::Error) -> Self {
        Self::Session(error)
    }
}

impl From<alpaca_auth_embedded_tls::TrustError> for Failure {
    fn from(_: alpaca_auth_embedded_tls::TrustError) -> Self {
        Self::Anchor
    }
}

impl From<EnvError> for Failure {
    fn from(error: EnvError) -> Self {
        Self::Env(error)
    }
}

impl From<provision::ProvisionError> for Failure {
    fn from(error: provision::ProvisionError) -> Self {
        Self::Provision(error)
    }
}

impl From<SourcesError> for Failure {
    fn from(error: SourcesError) -> Self {
        Self::Source(error)
    }
}

impl<E: Into<Failure> + fmt::Display> From<ListError<E>> for Failure {
    fn from(error: ListError<E>) -> Self {
        match error {
            ListError::Transport(error) => error.into(),
            error => Self::List(error.to_string()),
        }
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        Self::Trust(error)
    }
}

impl From<EndpointError> for Failure {
    fn from(error: EndpointError) -> Self {
        Self::Endpoint(error)
    }
}

/// Reads `--name value` pairs and bare `--flag`s.
pub struct Arguments(Vec<String>);

impl Arguments {
    /// The arguments of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// Takes a bare flag out.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() < before
    }

    /// Takes an option and its value out.
    ///
    /// # Errors
    /// When the value is missing.
    pub fn value(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(at) = self.0.iter().position(|argument| argument == name) else {
            return Ok(None);
        };
        if at + 1 >= self.0.len() {
            return Err(Failure::Usage(format!("{name} needs a value")));
        }
        self.0.remove(at);
        Ok(Some(self.0.remove(at)))
    }

    /// Takes a word out that belongs to no option. To be asked last.
    pub fn rest(&mut self) -> Option<String> {
        let at = self
            .0
            .iter()
            .position(|argument| !argument.starts_with('-'))?;
        Some(self.0.remove(at))
    }

    /// Ends the reading: what is left is not understood.
    ///
    /// # Errors
    /// When anything is left.
    pub fn end(self, usage: &str) -> Result<(), Failure> {
        match self.0.first() {
            None => Ok(()),
            Some(rest) => Err(Failure::Usage(format!("{rest} is not understood\n{usage}"))),
        }
    }
}

/// Whether any of the key variables is set, so that a forgotten half is an error, not a demo.
#[must_use]
pub fn keys_in_environment() -> bool {
    alpaca_auth_ureq::VARIABLES
        .iter()
        .any(|(id, secret)| std::env::var_os(id).is_some() || std::env::var_os(secret).is_some())
}

/// Reads a text file.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(Path::new(path)).map_err(|error| Failure::File(path.to_owned(), error))
}
