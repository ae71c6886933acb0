//! [`Environment`]: variables of the process's environment.

use std::env::{VarError, var};
use std::fmt;

use alpaca_auth::credential::CredentialFault;
use alpaca_auth::secret::SecretTooLong;
use alpaca_auth::source::{Found, Look, Names, Source, SourceFault, SourceKind, Text};
use zeroize::Zeroizing;

/// The variables of [`Names::VARIABLES`], in this order; the first pair, or token, of which anything is set
/// counts, also if it is set to nothing, and must be whole.
///
/// | variables | why there |
/// |---|---|
/// | `APCA_API_KEY_ID`, `APCA_API_SECRET_KEY` | Alpaca's own SDKs: what most programs set and read |
/// | `ALPACA_API_KEY_ID`, `ALPACA_API_SECRET_KEY` | articles and programs of others, with the same halves |
/// | `ALPACA_API_KEY`, `ALPACA_SECRET_KEY` | Alpaca's command line program and MCP server; the least telling names come last |
/// | `APCA_API_OAUTH_TOKEN`, then `APCA_API_OAUTH` | asked for a Connect token only; the longer name tells what it is |
/// | `APCA_API_BASE_URL` | beside any of them, as evidence only |
///
/// `APCA_API_BASE_URL` is no address here (a host is fixed by its type), but where it names the host
/// of another environment than is wanted, the key is refused. What is read is wiped; the operating
/// system keeps its own copy of the environment, which every process of this user can read, and what this
/// process starts inherits it: see SECURITY.md.
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
