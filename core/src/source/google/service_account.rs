//! [`ServiceAccount`]: who signs, read from the JSON file that Google makes for a key.

use core::fmt;

use crate::response::json_shape::{self, JsonShapeError};
use crate::secret::Secret;
use crate::source::unescape::unescape;

/// Longest private key in PEM form, in bytes: RSA of 4096 bits.
pub const PEM_MAX: usize = 4096;
/// Longest e-mail address or key id, in bytes.
pub(super) const NAME_MAX: usize = 256;

/// The name of a service account and of its key. The private key is handed on and not kept.
pub struct ServiceAccount {
    email: heapless::String<NAME_MAX>,
    key_id: heapless::String<NAME_MAX>,
}

/// Why a file is no service account's. Names members, never values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceAccountError {
    /// It is no JSON object.
    Json(JsonShapeError),
    /// `type` is not `service_account`.
    Type,
    /// A member is missing, no text, there twice, or longer than it can be.
    Member(&'static str),
    /// `token_uri` is not the token endpoint that the caller has given.
    TokenUri,
    /// The private key is none that can be used.
    Key,
}

impl fmt::Display for ServiceAccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(error) => {
                return write!(
                    f,
                    "the service account file is no JSON object ({error}); download the key again"
                );
            }
            Self::Type => {
                "the file is not that of a service account's key; give one whose type is service_account"
            }
            Self::Member(name) => {
                return write!(
                    f,
                    "{name} is missing from the service account file, or is malformed; download the key again"
                );
            }
            Self::TokenUri => {
                "token_uri in the service account file is not the token endpoint that was given; check both, since the signature would go there"
            }
            Self::Key => {
                "the private key in the service account file cannot be used; it must be RSA of 2048 to 4096 bits, as Google makes it"
            }
        })
    }
}

impl core::error::Error for ServiceAccountError {}

impl ServiceAccount {
    /// Reads the file's bytes. `key` gets the private key in PEM form, for what signs by it; it is
    /// wiped afterwards. Wipe `file`.
    ///
    /// `token_authority` is the authority of the caller's token endpoint: a file cannot send the
    /// signature elsewhere.
    ///
    /// # Errors
    /// [`ServiceAccountError`] says what is wrong with the file, or with its key.
    pub fn read<K>(
        file: &[u8],
        token_authority: &str,
        key: impl FnOnce(&str) -> Option<K>,
    ) -> Result<(Self, K), ServiceAccountError> {
        json_shape::members(file).map_err(ServiceAccountError::Json)?;
        let text = |name| {
            let value = json_shape::member(file, name).and_then(json_shape::unquoted);
            value.ok_or(ServiceAccountError::Member(name))
        };
        if text("type")? != b"service_account" {
            return Err(ServiceAccountError::Type);
        }
        let mut uri = Secret::<{ 2 * NAME_MAX }>::new();
        unescape(text("token_uri")?, &mut uri).map_err(|_| ServiceAccountError::TokenUri)?;
        let matches = uri.expose(|uri| {
            let authority = uri.strip_prefix(b"https://");
            authority.and_then(|rest| rest.strip_suffix(super::TOKEN_PATH.as_bytes()))
                == Some(token_authority.as_bytes())
        });
        if !matches {
            return Err(ServiceAccountError::TokenUri);
        }
        let account = Self {
            email: name(text("client_email")?)
                .ok_or(ServiceAccountError::Member("client_email"))?,
            key_id: name(text("private_key_id")?)
                .ok_or(ServiceAccountError::Member("private_key_id"))?,
        };
        let mut pem = Secret::<PEM_MAX>::new();
        let bad = ServiceAccountError::Member("private_key");
        unescape(text("private_key")?, &mut pem).map_err(|_| bad)?;
        let key = pem.expose(|pem| {
            let pem = core::str::from_utf8(pem).map_err(|_| bad)?;
            key(pem).ok_or(ServiceAccountError::Key)
        })?;
        Ok((account, key))
    }

    /// The account's e-mail address.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The id of the key.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

/// Visible ASCII without what JSON escapes.
fn name(text: &[u8]) -> Option<heapless::String<NAME_MAX>> {
    let allowed = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    if text.is_empty() || !text.iter().all(allowed) {
        return None;
    }
    heapless::String::try_from(core::str::from_utf8(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"type":"service_account","project_id":"p","private_key_id":"k1","private_key":"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n","client_email":"a@p.iam.gserviceaccount.com","client_id":"1","token_uri":"https://oauth2.googleapis.com/token"}"#;

    fn read(file: &str) -> Result<(), ServiceAccountError> {
        ServiceAccount::read(file.as_bytes(), "oauth2.googleapis.com", |pem| {
            assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\nAA"));
            Some(())
        })
        .map(|(account, ())| {
            assert_eq!(
                (account.email(), account.key_id()),
                ("a@p.iam.gserviceaccount.com", "k1")
            );
        })
    }

    #[test]
    fn a_file_that_is_not_whole_or_leads_elsewhere_is_refused_by_name() {
        use ServiceAccountError as S;
        assert_eq!(read(FILE), Ok(()));
        let uri = "https://oauth2.googleapis.com/token";
        for (from, to, error) in [
            ("\"service_account\"", "\"authorized_user\"", S::Type),
            ("\"type\"", "\"typ\"", S::Member("type")),
            ("client_email", "email", S::Member("client_email")),
            ("a@p", "a\\\"@p", S::Member("client_email")),
            ("private_key_id", "id", S::Member("private_key_id")),
            ("\"private_key\"", "\"key\"", S::Member("private_key")),
            ("token_uri", "uri", S::Member("token_uri")),
            (uri, "http://oauth2.googleapis.com/token", S::TokenUri),
            (
                uri,
                "https://oauth2.googleapis.com.evil.example/token",
                S::TokenUri,
            ),
            (
                uri,
                "https://evil.example/?https://oauth2.googleapis.com/token",
                S::TokenUri,
            ),
            (uri, "https://oauth2.googleapis.com/other", S::TokenUri),
            ("{", r#"{"private_key":"x","#, S::Member("private_key")),
        ] {
            assert!(FILE.contains(from), "{from}");
            assert_eq!(read(&FILE.replacen(from, to, 1)), Err(error), "{from} {to}");
        }
        let refused =
            ServiceAccount::read(FILE.as_bytes(), "oauth2.googleapis.com", |_| None::<()>);
        assert_eq!(refused.err(), Some(S::Key));
        assert!(matches!(
            read("-----BEGIN PRIVATE KEY-----"),
            Err(S::Json(_))
        ));
    }
}
