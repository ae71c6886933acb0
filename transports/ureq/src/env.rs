//! The key pair from the environment.

use std::env::{VarError, var};
use std::fmt;

use alpaca_auth::credential::{CredentialError, CredentialFault, CredentialField};
use zeroize::Zeroizing;

/// The pairs of variables looked at, in this order: key id, secret key.
///
/// A pair is atomic: half of one is an error and is never completed from another. The other variables that
/// programs for Alpaca use, `APCA_API_OAUTH_TOKEN`, `APCA_API_OAUTH` and `APCA_API_BASE_URL`, are those of
/// [`source::Environment`](crate::source::Environment).
pub const VARIABLES: [(&str, &str); 3] = [
    ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
    ("ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY"),
    ("ALPACA_API_KEY", "ALPACA_SECRET_KEY"),
];

/// Why the environment gives no usable key pair. Names variables, never values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvError {
    /// None of [`VARIABLES`] is set.
    NotSet,
    /// One half of a pair is set, the other is not.
    Half {
        /// The variable that is set.
        set: &'static str,
        /// The variable that is missing.
        missing: &'static str,
    },
    /// A variable is set to something that is no key.
    Refused {
        /// The variable.
        variable: &'static str,
        /// What is wrong with its value.
        fault: CredentialFault,
    },
}

impl fmt::Display for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => {
                let (id, secret) = VARIABLES[0];
                write!(f, "no API key in the environment; set {id} and {secret}")
            }
            Self::Half { set, missing } => {
                write!(f, "{set} is set but {missing} is not; set both, or neither")
            }
            Self::Refused { variable, fault } => write!(f, "the value of {variable} {fault}"),
        }
    }
}

impl std::error::Error for EnvError {}

/// A pair as it stands in the environment. Both halves wipe themselves.
pub(crate) struct FoundPair {
    names: (&'static str, &'static str),
    pub(crate) id: Zeroizing<String>,
    pub(crate) secret: Zeroizing<String>,
}

impl FoundPair {
    /// Names the variable behind a refused half.
    pub(crate) fn blame(&self, error: CredentialError) -> EnvError {
        let variable = match error.field {
            CredentialField::KeyId => self.names.0,
            _ => self.names.1,
        };
        EnvError::Refused {
            variable,
            fault: error.fault,
        }
    }
}

/// The first pair of which anything is set.
pub(crate) fn find() -> Result<FoundPair, EnvError> {
    for names in VARIABLES {
        let pair = match (read(names.0)?, read(names.1)?) {
            (None, None) => continue,
            (Some(id), Some(secret)) => Ok(FoundPair { names, id, secret }),
            (Some(_), None) => Err((names.0, names.1)),
            (None, Some(_)) => Err((names.1, names.0)),
        };
        return pair.map_err(|(set, missing)| EnvError::Half { set, missing });
    }
    Err(EnvError::NotSet)
}

fn read(variable: &'static str) -> Result<Option<Zeroizing<String>>, EnvError> {
    match var(variable) {
        Ok(value) => Ok(Some(Zeroizing::new(value))),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(value)) => {
            drop(Zeroizing::new(value.into_encoded_bytes()));
            Err(EnvError::Refused {
                variable,
                fault: CredentialFault::NotAscii,
            })
        }
    }
}
