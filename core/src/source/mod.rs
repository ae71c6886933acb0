//! Where credentials come from: one small trait, and the rules of a chain of sources.
//!
//! A [`Source`] looks in one place and puts what it finds into [`Found`]. A [`Chain`] asks sources
//! in order and fills a [`Slot`](crate::credential::Slot). The rules:
//!
//! 1. Nothing there: the next source is asked.
//! 2. Something there that cannot be used: the chain stops with an error that names the source.
//!    A key that someone meant to use is never silently replaced by another.
//! 3. A pair comes from one source, under one pair of names. Half a pair is an error.
//! 4. Who fills a slot of live keys calls [`Chain::live`]. A paper slot takes no key that is
//!    marked as live, by its prefix or by what stands beside it.
//! 5. Which source won is reported, and why others were passed over. The value never is.
//!
//! ```
//! use alpaca_auth::credential::{KeyPair, Slot};
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::source::{Chain, Found, Look, Source, SourceFault, SourceKind};
//! use core::fmt;
//!
//! /// Two lines in a part of flash that the program mapped.
//! struct Mapped(&'static [u8]);
//!
//! impl Source for Mapped {
//!     fn kind(&self) -> SourceKind {
//!         SourceKind::Other("mapped flash")
//!     }
//!     fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
//!         f.write_str("sector 7")
//!     }
//!     fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
//!         found.document(self.0)
//!     }
//! }
//!
//! let mut slot = Slot::<KeyPair<Paper>>::vacant();
//! let mut sources = [Mapped(b"PKTEST\nnot-a-real-secret\n")];
//! let mut chain = Chain::new(&mut sources);
//! let won = chain.paper(&mut slot)?;
//! assert_eq!(won.kind, SourceKind::Other("mapped flash"));
//! # extern crate std;
//! # use std::string::ToString;
//! assert_eq!(chain.explanation().to_string(), "1. mapped flash (sector 7): used\n");
//! # Ok::<(), alpaca_auth::source::SourceError>(())
//! ```

#[cfg(feature = "aws")]
pub mod aws;
mod chain;
mod fault;
mod form;
mod found;
#[cfg(feature = "google")]
pub mod google;
mod manager_fault;
mod name;
mod report;
mod sourced;
#[cfg(any(feature = "aws", feature = "google", feature = "vault"))]
mod unescape;
#[cfg(feature = "vault")]
pub mod vault;

pub use chain::{CHAIN_MAX, Chain, Won};
pub use fault::{
    CommandFault, EnvironmentEvidence, FileFault, FormFault, KeyringFault, SourceFault,
};
pub use form::{DOCUMENT_MAX, Form};
pub use found::{Found, TEXT_MAX, Text};
pub use manager_fault::{ManagerFault, NetworkFault};
pub use name::{Names, PairNames};
pub use report::{Explanation, Report, SourceError, Verdict};
pub use sourced::{CredentialKind, Sourced, Wanted};

use core::fmt;

/// A place where a credential may be.
pub trait Source {
    /// What sort of place it is.
    fn kind(&self) -> SourceKind;

    /// Writes where it looks, for reports: a path, a name, a host. Never a value.
    ///
    /// # Errors
    /// Those of `f`.
    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Looks once, and puts what is there into `found`, which is empty.
    ///
    /// What was read on the way must be wiped.
    ///
    /// # Errors
    /// [`SourceFault`] when something is there that cannot be used; the chain stops then.
    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault>;
}

impl<S: Source + ?Sized> Source for &mut S {
    fn kind(&self) -> SourceKind {
        (**self).kind()
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).place(f)
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        (**self).look(found)
    }
}

/// What a look came to, when nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The credential that is wanted is in [`Found`].
    Found,
    /// It is not here: the next source is asked.
    Passed(Passed),
}

/// Why a source is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Passed {
    /// There is nothing under its names.
    NotSet,
    /// What it needs to look at all is not set up for this process.
    NotSetUp,
    /// The service behind it does not run on this machine.
    NoService,
    /// It holds a credential of another kind only.
    OtherKind,
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSet => "nothing is there",
            Self::NotSetUp => "it is not set up for this process",
            Self::NoService => "its service does not run here",
            Self::OtherKind => "it holds a credential of another kind only",
        })
    }
}

/// What sort of place a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceKind {
    /// Variables of the process's environment.
    Environment,
    /// One file.
    File,
    /// A directory that the service manager made for this service.
    CredentialsDirectory,
    /// A directory of secrets that a container runtime mounts.
    ContainerSecrets,
    /// The output of a command.
    Command,
    /// The Linux kernel's keyring.
    KernelKeyring,
    /// The freedesktop Secret Service.
    SecretService,
    /// A blob that a TPM unseals.
    Tpm,
    /// `HashiCorp` Vault.
    Vault,
    /// AWS Secrets Manager.
    AwsSecretsManager,
    /// Google Secret Manager.
    GoogleSecretManager,
    /// A source that is not of this library, by its name.
    Other(&'static str),
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "environment variables",
            Self::File => "file",
            Self::CredentialsDirectory => "credentials directory",
            Self::ContainerSecrets => "container secrets",
            Self::Command => "command",
            Self::KernelKeyring => "kernel keyring",
            Self::SecretService => "Secret Service",
            Self::Tpm => "TPM",
            Self::Vault => "HashiCorp Vault",
            Self::AwsSecretsManager => "AWS Secrets Manager",
            Self::GoogleSecretManager => "Google Secret Manager",
            Self::Other(name) => name,
        })
    }
}
