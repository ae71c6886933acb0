//! [`Sources`]: the places of this machine where credentials are, asked in order.
//!
//! # The order, and why
//!
//! [`Sources::standard`] asks, in this order:
//!
//! 1. **The credentials directory** of systemd: given to this one service, in no environment, in
//!    memory that is never swapped. Nobody gets there by accident.
//! 2. **Container secrets** (`/run/secrets`): given to this one container.
//! 3. **Environment variables**: given to this process, but inherited, so they may be meant for
//!    another one.
//! 4. **The user's file** (`~/.config/alpaca-auth/paper`, `…/live`): for everything that this user
//!    runs, so it gives way to all that is narrower.
//!
//! So what is given to fewer wins. The other sources stand in no chain until a program puts them
//! there: a command runs a program, a keyring may ask a person, a secret manager costs money.
//!
//! The rules are those of [`alpaca_auth::source`]: nothing leads on, something broken stops.
//!
//! ```no_run
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth_ureq::Client;
//! use alpaca_auth_ureq::source::{File, Sources};
//!
//! let mut sources = Sources::standard().then(File::at("/etc/trader/alpaca.json"));
//! let client = Client::<Paper>::from_sources(&mut sources);
//! eprint!("{}", sources.explanation()); // which one, and why not the others; never a value
//! let mut alpaca = client?;
//! # Ok::<(), alpaca_auth_ureq::Error>(())
//! ```
//!
//! The same chain fills a slot of a rotation, when a file has changed:
//!
//! ```no_run
//! use alpaca_auth::credential::KeyPair;
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth_ureq::source::{File, Sources};
//! use alpaca_auth_ureq::{FileWatch, SharedRotation};
//!
//! let path = "/etc/trader/alpaca.json";
//! let mut sources = Sources::new().then(File::at(path));
//! let mut watch = FileWatch::new([path.into()]);
//! let keys = SharedRotation::<KeyPair<Paper>>::new();
//! keys.offer_changed(&mut watch, |slot| sources.paper(slot).map(drop))?; // once a second
//! # Ok::<(), alpaca_auth::source::SourceError>(())
//! ```
//!
//! | source | feature | crates |
//! |---|---|---|
//! | [`Environment`], [`File`], [`Directory`] | none | none |
//! | `Command`, and with it `SecretService` and `Tpm` | `command` (Unix) | 3 |
//! | `KernelKeyring` | `kernel-keyring` (Linux) | 2 |
//! | `Vault` | `vault` | none |
//! | `AwsSecretsManager` | `aws` | 10 |
//! | `GoogleSecretManager` | `google` | 3 |

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "aws")]
mod aws_login;
#[cfg(all(unix, feature = "command"))]
mod command;
mod directory;
pub(crate) mod document;
mod environment;
mod failure;
pub(crate) mod file;
#[cfg(feature = "google")]
mod google;
#[cfg(all(target_os = "linux", feature = "kernel-keyring"))]
mod kernel_keyring;
#[cfg(any(feature = "aws", feature = "google", feature = "vault"))]
mod manager;
#[cfg(any(feature = "aws", feature = "google"))]
mod metadata;
pub(crate) mod open;
mod place;
#[cfg(all(unix, feature = "command"))]
mod secret_service;
#[cfg(all(unix, feature = "command"))]
mod tpm;
#[cfg(feature = "vault")]
mod vault;
#[cfg(feature = "vault")]
mod vault_login;

#[cfg(feature = "aws")]
pub use aws::AwsSecretsManager;
#[cfg(feature = "aws")]
pub use aws_login::AwsOrigin;
#[cfg(all(unix, feature = "command"))]
pub use command::{COMMAND_TIME, Command};
pub use directory::Directory;
pub use environment::Environment;
pub use failure::SourcesError;
pub use file::File;
#[cfg(feature = "google")]
pub use google::{GoogleSecretManager, GoogleSetupError};
#[cfg(all(target_os = "linux", feature = "kernel-keyring"))]
pub use kernel_keyring::KernelKeyring;
#[cfg(all(unix, feature = "command"))]
pub use secret_service::SecretService;
#[cfg(all(unix, feature = "command"))]
pub use tpm::Tpm;
#[cfg(feature = "vault")]
pub use vault::Vault;

use std::fmt;

use alpaca_auth::credential::Slot;
use alpaca_auth::environment::{Live, Paper, Production, Sandbox};
use alpaca_auth::source::{
    Chain, Explanation, Found, Look, Report, Source, SourceError, SourceFault, SourceKind, Sourced,
    Won,
};

/// Sources in the order in which they are asked. It holds no credential.
#[derive(Default)]
pub struct Sources {
    held: Vec<Held>,
    report: Report,
    any_prefix: bool,
}

macro_rules! named_fills {
    ($($(#[$doc:meta])* $environment:ident: $name:ident)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`SourceError`] when a source is broken or none has the credential; the slot is vacant
        /// then. [`Sources::placed`] adds the place to it.
        pub fn $name<C>(&mut self, slot: &mut Slot<C>) -> Result<Won, SourceError>
        where
            C: Sourced<Environment = $environment>,
        {
            let mut chain = Chain::new(&mut self.held);
            if self.any_prefix {
                chain = chain.any_prefix();
            }
            let won = chain.$name(slot);
            self.report = chain.report().clone();
            won
        }
    )*};
}

impl Sources {
    /// No source at all.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            held: Vec::new(),
            report: Report::new(),
            any_prefix: false,
        }
    }

    /// The sources of the [module's](self) list.
    #[must_use]
    pub fn standard() -> Self {
        Self::new()
            .then(Directory::credentials())
            .then(Directory::container())
            .then(Environment::new())
            .then(File::of_user())
    }

    /// Asks `source` after those that are there.
    #[must_use]
    pub fn then(mut self, source: impl Source + Send + 'static) -> Self {
        self.held.push(Held(Box::new(source)));
        self
    }

    /// Takes key ids that begin as those of another environment do: see [`Chain::any_prefix`].
    #[must_use]
    pub const fn any_prefix(mut self) -> Self {
        self.any_prefix = true;
        self
    }

    named_fills! {
        /// Fills the slot with a credential of a paper account.
        Paper: paper
        /// Fills the slot with a credential of a live account: orders cost real money.
        Live: live
        /// Fills the slot with a broker partner's sandbox credential.
        Sandbox: sandbox
        /// Fills the slot with a broker partner's production credential: real customers, real
        /// money.
        Production: production
    }

    /// What became of each source in the last fill, in words.
    #[must_use]
    pub fn explanation(&self) -> impl fmt::Display + '_ {
        Explanation::new(&self.held, &self.report)
    }

    /// The error of the last fill, with the place of the source at fault.
    #[must_use]
    pub fn placed(&self, error: SourceError) -> SourcesError {
        SourcesError::new(error, &self.held)
    }

    /// Where the source at `index`, from 0, looks: a path, a name, a host. Never a value: not the
    /// arguments of a command, and of a path no word that looks random (`…`), since somebody may have put
    /// a key where a path was meant.
    #[must_use]
    pub fn place(&self, index: usize) -> Option<impl fmt::Display + '_> {
        self.held.get(index).map(Place)
    }

    /// What became of each source in the last fill.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }
}

/// One source of a chain, whatever its type.
struct Held(Box<dyn Source + Send>);

/// Writes where a source looks.
struct Place<'s>(&'s Held);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.place(f)
    }
}

impl Source for Held {
    fn kind(&self) -> SourceKind {
        self.0.kind()
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.place(f)
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        self.0.look(found)
    }
}
