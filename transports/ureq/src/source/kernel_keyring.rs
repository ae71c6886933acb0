//! [`KernelKeyring`]: a key of type `user` in the Linux kernel's keyrings.

use std::fmt;

use alpaca_auth::environment::EnvironmentKind;
use alpaca_auth::source::{
    DOCUMENT_MAX, FormFault, Found, KeyringFault, Look, Passed, Source, SourceFault, SourceKind,
};
use linux_keyutils::{KeyError, KeyRing, KeyRingIdentifier};
use zeroize::Zeroizing;

/// The key `alpaca-auth:paper`, `alpaca-auth:live` and so on, which holds a document as in a file;
/// two lines for instance:
///
/// ```sh
/// printf '%s\n' "$id" "$secret" | keyctl padd user alpaca-auth:paper @u
/// ```
///
/// The session's keyring is searched, then the user's. The kernel keeps keys in memory that is never
/// swapped, and forgets them at a reboot, or earlier (`keyctl timeout`).
#[derive(Default)]
pub struct KernelKeyring {
    asked: Option<EnvironmentKind>,
}

impl KernelKeyring {
    /// The keyrings of this process.
    #[must_use]
    pub const fn new() -> Self {
        Self { asked: None }
    }
}

impl Source for KernelKeyring {
    fn kind(&self) -> SourceKind {
        SourceKind::KernelKeyring
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.asked.map_or("alpaca-auth:…", name);
        write!(f, "user key {name} in @s, @u")
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        self.asked = Some(found.wanted().environment);
        let name = name(found.wanted().environment);
        for keyring in [KeyRingIdentifier::Session, KeyRingIdentifier::User] {
            let mut document = Zeroizing::new(vec![0; DOCUMENT_MAX]);
            let length = match read(keyring, name, &mut document) {
                Ok(length) => length,
                Err(KeyError::KeyDoesNotExist | KeyError::KeyringDoesNotExist) => continue,
                // ENOSYS, EOPNOTSUPP: a kernel without keyrings, or a sandbox that hides them.
                Err(KeyError::Unknown(libc::ENOSYS) | KeyError::OperationNotSupported) => {
                    return Ok(Look::Passed(Passed::NoService));
                }
                Err(error) => return Err(SourceFault::Keyring(fault(error))),
            };
            // The kernel gives the whole length, whatever fits.
            return match document.get(..length) {
                Some(document) => found.document(document),
                None => Err(SourceFault::Form(FormFault::TooLong)),
            };
        }
        Ok(Look::Passed(Passed::NotSet))
    }
}

const fn name(environment: EnvironmentKind) -> &'static str {
    match environment {
        EnvironmentKind::Paper => "alpaca-auth:paper",
        EnvironmentKind::Live => "alpaca-auth:live",
        EnvironmentKind::Sandbox => "alpaca-auth:sandbox",
        EnvironmentKind::Production => "alpaca-auth:production",
    }
}

fn read(keyring: KeyRingIdentifier, name: &str, place: &mut [u8]) -> Result<usize, KeyError> {
    let keyring = KeyRing::from_special_id(keyring, false)?;
    let mut place = place;
    keyring.search(name)?.read(&mut place)
}

const fn fault(error: KeyError) -> KeyringFault {
    match error {
        KeyError::KeyExpired => KeyringFault::Expired,
        KeyError::KeyRevoked | KeyError::KeyRejected => KeyringFault::Revoked,
        KeyError::AccessDenied | KeyError::PermissionDenied => KeyringFault::Denied,
        KeyError::Unknown(code) => KeyringFault::Failed { code: Some(code) },
        _ => KeyringFault::Failed { code: None },
    }
}
