//! Which credentials sources can give, and what a source is asked for.

use core::fmt;

use super::found::{Found, Text};
use crate::credential::{BrokerKey, ConnectToken, Credential, CredentialError, KeyPair, Slot};
use crate::environment::{Environment, EnvironmentKind, Live, Paper, Production, Sandbox};

mod sealed {
    pub trait Sealed {}
}

/// What a source is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The kind of credential.
    pub credential: CredentialKind,
    /// The environment it is for.
    pub environment: EnvironmentKind,
}

/// A kind of credential, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// See [`KeyPair`].
    KeyPair,
    /// See [`BrokerKey`]; kept as a pair, too.
    BrokerKey,
    /// See [`ConnectToken`].
    ConnectToken,
}

impl CredentialKind {
    /// Whether it has two halves.
    #[must_use]
    pub const fn is_pair(self) -> bool {
        matches!(self, Self::KeyPair | Self::BrokerKey)
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyPair => "key pair",
            Self::BrokerKey => "broker key",
            Self::ConnectToken => "Connect token",
        })
    }
}

/// A credential that sources can give. Sealed.
pub trait Sourced: Credential + sealed::Sealed + Sized {
    /// The same fact as a value.
    const KIND: CredentialKind;

    /// Fills a slot with what was found.
    ///
    /// # Errors
    /// [`CredentialError`] names the part that is refused; the slot is vacant then.
    #[doc(hidden)]
    fn fill(slot: &mut Slot<Self>, found: &Found) -> Result<(), CredentialError>;
}

/// What a source of `C` is asked for.
pub(super) const fn wanted<C: Sourced>() -> Wanted {
    Wanted {
        credential: C::KIND,
        environment: C::Environment::KIND,
    }
}

macro_rules! sourced {
    ($($kind:ident<$environment:ident>: $with:ident |$($part:ident),*| $fill:ident;)*) => {$(
        impl sealed::Sealed for $kind<$environment> {}
        impl Sourced for $kind<$environment> {
            const KIND: CredentialKind = CredentialKind::$kind;

            fn fill(slot: &mut Slot<Self>, found: &Found) -> Result<(), CredentialError> {
                found.$with(|$($part),*| slot.$fill($($part),*).map(|_| ()))
            }
        }
    )*};
}
sourced! {
    KeyPair<Paper>: with_pair |id, secret| paper;
    KeyPair<Live>: with_pair |id, secret| live;
    KeyPair<Sandbox>: with_pair |id, secret| sandbox;
    KeyPair<Production>: with_pair |id, secret| production;
    BrokerKey<Sandbox>: with_pair |key, secret| sandbox;
    BrokerKey<Production>: with_pair |key, secret| production;
    ConnectToken<Paper>: with_token |token| paper;
    ConnectToken<Live>: with_token |token| live;
}

/// Lends a text; what is not UTF-8 is replaced by what every check refuses as not ASCII.
pub(super) fn lend<R>(text: &Text, read: impl FnOnce(&str) -> R) -> R {
    text.expose(|bytes| read(core::str::from_utf8(bytes).unwrap_or("\u{fffd}")))
}
