//! [`Environment`]: variables of the process's environment.

use std::env::{VarError, var};
use std::fmt;

use alpaca_auth::credential::CredentialFault;
use alpaca_auth::secret::SecretTooLong;
use alpaca_auth::source::{Found, Look, Names, Source, SourceFault, SourceKind, Text};
use zeroize::Zeroizing;

/// The variables of [`Names::VARIABLES`].
///
/// `APCA_API_BASE_URL` is no address here (a host is fixed by its type), but where it names the host
/// of another environment than is wanted, the key is refused. What is read is wiped; the operating
/// system keeps its own copy of the environment, see SECURITY.md.
#[derive(Default)]
pub struct Environment(());

impl Environment {
    /// The environment of this process, read when it is asked.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

impl Source for Environment {
    fn kind(&self) -> SourceKind {
        SourceKind::Environment
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = Names::VARIABLES.pairs.iter();
        let names = pairs.flat_map(|(id, secret)| [id, secret]);
        for (count, name) in names.chain(Names::VARIABLES.tokens).enumerate() {
            f.write_str(if count == 0 { "" } else { ", " })?;
            f.write_str(name)?;
        }
        Ok(())
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        found.named(&Names::VARIABLES, read)
    }
}

fn read(part: &'static str, place: &mut Text) -> Result<bool, SourceFault> {
    let refused = |fault| SourceFault::Refused { part, fault };
    match var(part) {
        Ok(value) => {
            let value = Zeroizing::new(value);
            place
                .set(value.as_bytes())
                .map_err(|SecretTooLong| refused(CredentialFault::TooLong))?;
            Ok(true)
        }
        Err(VarError::NotPresent) => Ok(false),
        Err(VarError::NotUnicode(value)) => {
            drop(Zeroizing::new(value.into_encoded_bytes()));
            Err(refused(CredentialFault::NotAscii))
        }
    }
}
