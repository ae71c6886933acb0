//! Where the key pair comes from. One source is used and named; pairs never mix.

use std::fmt;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::{Live, Paper};
use alpaca_auth_ureq::{
    CREDENTIALS_DIRECTORY, DirectoryError, credentials_directory, live_from_credentials_directory,
    live_from_env, paper_from_credentials_directory, paper_from_env,
};

use crate::{Failure, keys_in_environment};

/// The source of a key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// systemd's credentials directory.
    Directory,
    /// The environment's variables.
    Environment,
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => write!(
                f,
                "systemd's credentials directory ({CREDENTIALS_DIRECTORY})"
            ),
            Self::Environment => f.write_str("environment variables"),
        }
    }
}

macro_rules! fill {
    ($($name:ident, $environment:ident: $from_directory:ident, $from_env:ident;)*) => {$(
        /// Fills the slot: from the credentials directory if a half of a pair is there, else from
        /// the environment. `None` if neither has anything.
        ///
        /// # Errors
        /// When the source that has something has no usable pair; the other is not asked then.
        pub fn $name(slot: &mut Slot<KeyPair<$environment>>) -> Result<Option<KeySource>, Failure> {
            if let Some(directory) = credentials_directory() {
                match $from_directory(&directory, slot) {
                    Ok(_) => return Ok(Some(KeySource::Directory)),
                    Err(DirectoryError::NotSet) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if !keys_in_environment() {
                return Ok(None);
            }
            $from_env(slot)?;
            Ok(Some(KeySource::Environment))
        }
    )*};
}
fill! {
    fill_paper, Paper: paper_from_credentials_directory, paper_from_env;
    fill_live, Live: live_from_credentials_directory, live_from_env;
}
