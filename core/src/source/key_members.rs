//! [`KeyMembers`]: which members of a secret's JSON object are the key pair.

use core::fmt;

use serde_json_core::str::{EscapedStr, EscapedStringFragment};

use crate::credential::{CredentialError, CredentialField, KEY_MAX, KeyPair, Slot};
use crate::environment::Environment;
use crate::response::json_shape::{self, JsonShapeError};
use crate::secret::Secret;

/// Longest value of a secret that is read, in bytes. A key pair with its names has about 150.
pub const VALUE_MAX: usize = 4096;

/// Names of the two members. Others are passed over.
///
/// ```
/// use alpaca_auth::source::KeyMembers;
/// let own = KeyMembers { id: "key_id", secret: "secret_key" };
/// assert_eq!(KeyMembers::APCA.id, "APCA_API_KEY_ID");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyMembers<'n> {
    /// Name of the member that holds the key id.
    pub id: &'n str,
    /// Name of the member that holds the secret key.
    pub secret: &'n str,
}

impl KeyMembers<'static> {
    /// The names of the environment variables that most of Alpaca's SDKs read.
    pub const APCA: Self = Self {
        id: "APCA_API_KEY_ID",
        secret: "APCA_API_SECRET_KEY",
    };
}

/// Why the value of a secret is no key pair. Names the half, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueFault {
    /// It is no JSON object.
    Json(JsonShapeError),
    /// The member of this half is missing.
    Missing(CredentialField),
    /// The member of this half stands there twice.
    Repeated(CredentialField),
    /// A member's name is written with escapes, so it could hide another.
    Escaped,
    /// The member of this half is no text.
    NotText(CredentialField),
    /// It is longer than [`VALUE_MAX`], or a half longer than [`KEY_MAX`].
    TooLong,
    /// It is binary, where text is expected.
    Binary,
    /// A half is no key.
    Refused(CredentialError),
}

impl fmt::Display for ValueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(
                f,
                "it is no JSON object ({error}); store the two halves as members of one object"
            ),
            Self::Missing(field) => write!(
                f,
                "the member for the {field} is missing; store both halves, or name the members that hold them"
            ),
            Self::Repeated(field) => {
                write!(f, "the member for the {field} stands there twice; keep one")
            }
            Self::Escaped => {
                f.write_str("a member's name is written with escapes; write it without")
            }
            Self::NotText(field) => write!(
                f,
                "the member for the {field} is no text; store it as a string"
            ),
            Self::TooLong => f.write_str(
                "it is longer than a key pair can be; store the key pair alone, in at most 4096 bytes",
            ),
            Self::Binary => f.write_str("it is binary; store it as text"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ValueFault {}

/// Fills `slot` with the key pair in `object`; on an error it is vacant.
pub(super) fn fill<E: Environment>(
    object: &[u8],
    members: KeyMembers<'_>,
    slot: &mut Slot<KeyPair<E>>,
) -> Result<(), ValueFault> {
    slot.clear();
    let (mut id, mut secret) = (None, None);
    for (name, value) in json_shape::members(object).map_err(ValueFault::Json)? {
        let (place, field) = if name == members.id.as_bytes() {
            (&mut id, CredentialField::KeyId)
        } else if name == members.secret.as_bytes() {
            (&mut secret, CredentialField::SecretKey)
        } else if name.contains(&b'\\') {
            return Err(ValueFault::Escaped);
        } else {
            continue;
        };
        let value = json_shape::unquoted(value).ok_or(ValueFault::NotText(field))?;
        if place.replace(value).is_some() {
            return Err(ValueFault::Repeated(field));
        }
    }
    let missing = ValueFault::Missing;
    let mut id_text = Secret::<KEY_MAX>::new();
    let mut secret_text = Secret::<KEY_MAX>::new();
    unescape(id.ok_or(missing(CredentialField::KeyId))?, &mut id_text)?;
    let secret = secret.ok_or(missing(CredentialField::SecretKey))?;
    unescape(secret, &mut secret_text)?;
    with_text(&id_text, |id| {
        with_text(&secret_text, |secret| {
            slot.key_pair(id, secret)
                .map(|_| ())
                .map_err(ValueFault::Refused)
        })
    })
}

/// Writes what stands between the quotes of a JSON string, that was checked, without its escapes.
pub(super) fn unescape<const N: usize>(
    quoted: &[u8],
    out: &mut Secret<N>,
) -> Result<(), ValueFault> {
    out.wipe();
    let text = core::str::from_utf8(quoted).map_err(|_| ValueFault::Escaped)?;
    let mut utf8 = zeroize::Zeroizing::new([0; 4]);
    for fragment in EscapedStr(text).fragments() {
        let appended = match fragment {
            Ok(EscapedStringFragment::NotEscaped(text)) => out.append(text.as_bytes()),
            Ok(EscapedStringFragment::Escaped(c)) => {
                out.append(c.encode_utf8(&mut *utf8).as_bytes())
            }
            Err(_) => {
                out.wipe();
                return Err(ValueFault::Escaped);
            }
        };
        appended.map_err(|_| ValueFault::TooLong)?;
    }
    Ok(())
}

/// Lends text that came out of [`unescape`], which is UTF-8.
pub(super) fn with_text<const N: usize, R>(
    secret: &Secret<N>,
    read: impl FnOnce(&str) -> Result<R, ValueFault>,
) -> Result<R, ValueFault> {
    secret.expose(|bytes| {
        let text = core::str::from_utf8(bytes).map_err(|_| ValueFault::Escaped)?;
        read(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::CredentialFault;
    use crate::environment::Paper;

    const NAMES: KeyMembers<'static> = KeyMembers {
        id: "id",
        secret: "secret",
    };

    fn filled(object: &str) -> Result<(), ValueFault> {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        slot.paper("PKOLD", "old").unwrap();
        let result = fill(object.as_bytes(), NAMES, &mut slot);
        assert_eq!(slot.get().is_some(), result.is_ok(), "{object}");
        result
    }

    #[test]
    fn what_is_no_key_pair_is_refused_by_name_and_leaves_the_slot_vacant() {
        use CredentialField::{KeyId, SecretKey};
        let long = std::format!(r#"{{"id":"{}","secret":"s"}}"#, "x".repeat(KEY_MAX + 1));
        for (object, fault) in [
            ("", ValueFault::Json(JsonShapeError::Truncated)),
            ("PKTEST", ValueFault::Json(JsonShapeError::Syntax)),
            ("[]", ValueFault::Json(JsonShapeError::Syntax)),
            (
                r#"{"id":"PK","secret":"s"} x"#,
                ValueFault::Json(JsonShapeError::Trailing),
            ),
            ("{}", ValueFault::Missing(KeyId)),
            (r#"{"id":"PK"}"#, ValueFault::Missing(SecretKey)),
            (r#"{"secret":"s"}"#, ValueFault::Missing(KeyId)),
            (
                r#"{"id":"PK","id":"PK","secret":"s"}"#,
                ValueFault::Repeated(KeyId),
            ),
            (
                r#"{"id":"PK","secret":"s","secret":"t"}"#,
                ValueFault::Repeated(SecretKey),
            ),
            (
                r#"{"id":"PK","secret":"s","\u0069d":"PX"}"#,
                ValueFault::Escaped,
            ),
            (r#"{"id":1,"secret":"s"}"#, ValueFault::NotText(KeyId)),
            (
                r#"{"id":"PK","secret":null}"#,
                ValueFault::NotText(SecretKey),
            ),
            (
                r#"{"id":"PK","secret":{"a":"b"}}"#,
                ValueFault::NotText(SecretKey),
            ),
            (&long, ValueFault::TooLong),
            (
                r#"{"id":"PK","secret":""}"#,
                ValueFault::Refused(CredentialError {
                    field: SecretKey,
                    fault: CredentialFault::Empty,
                }),
            ),
            (
                r#"{"id":"PK\n","secret":"s"}"#,
                ValueFault::Refused(CredentialError {
                    field: KeyId,
                    fault: CredentialFault::LineBreak,
                }),
            ),
            (
                r#"{"id":"PK","secret":"\u0000"}"#,
                ValueFault::Refused(CredentialError {
                    field: SecretKey,
                    fault: CredentialFault::Control,
                }),
            ),
        ] {
            assert_eq!(filled(object), Err(fault), "{object}");
        }
    }

    #[test]
    fn escapes_are_read_and_other_members_passed_over() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let object = br#"{"note":[1],"id":"PK\u003c","secret":"a\/b\\c+="}"#;
        fill(object, NAMES, &mut slot).unwrap();
        let mut other = Slot::<KeyPair<Paper>>::vacant();
        assert!(
            slot.get()
                .unwrap()
                .is(other.paper("PK<", "a/b\\c+=").unwrap())
        );
    }
}
