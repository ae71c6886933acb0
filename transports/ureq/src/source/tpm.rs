//! [`Tpm`]: a blob that a Trusted Platform Module unseals, on this machine and no other.

use std::fmt;
use std::path::{Path, PathBuf};

use alpaca_auth::source::{Found, Look, Source, SourceFault, SourceKind};

use super::command::Command;
use super::place::Shown;

/// A sealed object that holds a document as in a file.
///
/// It is unsealed by `tpm2_unseal` of tpm2-tools, as a [`Command`]. How to seal, bound to the boot
/// state if wanted, is in tpm2_create(1).
pub struct Tpm {
    command: Command,
    object: String,
}

impl Tpm {
    /// The object at a persistent handle (`0x81000001`) or in a context file at an absolute path,
    /// unsealed by `/usr/bin/tpm2_unseal`.
    #[must_use]
    pub fn unseal(object: impl Into<String>) -> Self {
        Self::unseal_with("/usr/bin/tpm2_unseal", object)
    }

    /// The same by the `tpm2_unseal` at an absolute path.
    #[must_use]
    pub fn unseal_with(program: impl Into<PathBuf>, object: impl Into<String>) -> Self {
        let object = object.into();
        Self {
            command: Command::new(program)
                .argument("-c")
                .argument(&object)
                .variable("TPM2TOOLS_TCTI"),
            object,
        }
    }

    /// How the object is authorized, as `tpm2_unseal -p` takes it: `pcr:sha256:0,7`, or `file:` and
    /// a path. Not a password itself: everybody on the machine can read arguments.
    #[must_use]
    pub fn authorized_by(mut self, authorization: &str) -> Self {
        self.command = self.command.argument("-p").argument(authorization);
        self
    }
}

impl Source for Tpm {
    fn kind(&self) -> SourceKind {
        SourceKind::Tpm
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = Shown::program(self.command.program());
        write!(f, "{program} {}", Shown::new(Path::new(&self.object)))
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        self.command.look(found)
    }
}
