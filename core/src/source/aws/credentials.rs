//! [`AwsCredentials`]: an access key, and the reply of a metadata service that holds one.

use core::fmt;

use super::time::parse_iso;
use crate::credential::check;
use crate::credential::sealed::Sealed;
use crate::credential::{CredentialError, CredentialFault, CredentialField, KEY_MAX, Slot};
use crate::response::json_shape::{self, JsonShapeError};
use crate::secret::Secret;
use crate::source::unescape::unescape;

/// Longest session token, in bytes. AWS states no limit; those of roles have about 1,000.
pub const AWS_TOKEN_MAX: usize = 4096;
/// Credentials of a role are not used in their last minute, in seconds.
pub const EXPIRES_EARLY: u64 = 60;

/// An AWS access key, and the session token if the key is a role's. Lives in a [`Slot`].
///
/// It authenticates nothing by itself: it signs a [`SignedRequest`](super::SignedRequest).
pub struct AwsCredentials {
    pub(super) id: Secret<KEY_MAX>,
    pub(super) secret: Secret<KEY_MAX>,
    pub(super) token: Secret<AWS_TOKEN_MAX>,
    /// When it ends, in unix seconds; never for a user's key.
    pub(super) expires: Option<u64>,
}

impl Sealed for AwsCredentials {
    const VACANT: Self = Self {
        id: Secret::new(),
        secret: Secret::new(),
        token: Secret::new(),
        expires: None,
    };

    fn wipe(&mut self) {
        self.id.wipe();
        self.secret.wipe();
        self.token.wipe();
        self.expires = None;
    }
}

impl Slot<AwsCredentials> {
    /// Fills the slot with an access key id, its secret, and the session token of a role.
    ///
    /// # Errors
    /// [`CredentialError`] names the part that is refused and why; the slot is vacant then.
    pub fn aws(
        &mut self,
        id: &str,
        secret: &str,
        token: Option<&str>,
    ) -> Result<&AwsCredentials, CredentialError> {
        self.replace(|place| {
            set(&mut place.id, CredentialField::AwsAccessKeyId, id)?;
            set(&mut place.secret, CredentialField::AwsSecretKey, secret)?;
            token.map_or(Ok(()), |token| {
                set(&mut place.token, CredentialField::AwsSessionToken, token)
            })
        })
    }
}

impl AwsCredentials {
    /// When these end, in unix seconds; `None` for a user's access key.
    #[must_use]
    pub const fn expires(&self) -> Option<u64> {
        self.expires
    }

    /// Whether they are of use at `now`, in unix seconds.
    #[must_use]
    pub fn is_valid_at(&self, now: u64) -> bool {
        self.expires
            .is_none_or(|end| now.saturating_add(EXPIRES_EARLY) < end)
    }
}

fn set<const N: usize>(
    place: &mut Secret<N>,
    field: CredentialField,
    value: &str,
) -> Result<(), CredentialError> {
    check::visible(field, value, N)?;
    let fault = CredentialFault::TooLong;
    place
        .set(value.as_bytes())
        .map_err(|_| CredentialError { field, fault })
}

/// Why a metadata service gave no credentials. Holds nothing of its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsFault {
    /// The reply is no JSON object.
    Json(JsonShapeError),
    /// A member is missing or no text.
    Missing(CredentialField),
    /// A member stands there twice, or its name is written with escapes.
    Repeated,
    /// The service says that it has none: its `Code` is not `Success`.
    NotSuccess,
    /// `Expiration` is missing or no time.
    Expiration,
    /// They have ended, or end within a minute.
    Expired,
    /// A part is no credential.
    Refused(CredentialError),
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` is set. AWS's own programs would take this identity, which is not read
    /// here; going on would take another one, such as the node's.
    WebIdentity,
}

impl fmt::Display for CredentialsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(
                f,
                "the metadata service's reply is no JSON object ({error}); check what answers at its address"
            ),
            Self::Missing(field) => write!(
                f,
                "the {field} is missing from the metadata service's reply; check what answers at its address"
            ),
            Self::Repeated => f.write_str(
                "a member of the metadata service's reply stands there twice or is escaped; check what answers at its address",
            ),
            Self::NotSuccess => f.write_str(
                "the metadata service has no credentials for this role; check the role's trust policy",
            ),
            Self::Expiration => f.write_str(
                "the metadata service does not say when its credentials end; check what answers at its address",
            ),
            Self::Expired => f.write_str(
                "the credentials of the metadata service have ended; check this machine's clock, then the role",
            ),
            Self::Refused(error) => error.fmt(f),
            Self::WebIdentity => f.write_str(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set, and web identities are not read; give the pod its role by EKS Pod Identity, or unset the variable to let another identity sign",
            ),
        }
    }
}

impl core::error::Error for CredentialsFault {}

/// Fills `slot` from the reply of the container or instance metadata service.
///
/// `now` is in unix seconds. A reply must hold a session token and say when it ends.
///
/// # Errors
/// [`CredentialsFault`] says what is wrong; the slot is vacant then.
pub fn read_credentials<'s>(
    reply: &[u8],
    now: u64,
    slot: &'s mut Slot<AwsCredentials>,
) -> Result<&'s AwsCredentials, CredentialsFault> {
    slot.replace(|place| {
        let mut found = [None; 5];
        const NAMES: [&[u8]; 5] = [
            b"AccessKeyId",
            b"SecretAccessKey",
            b"Token",
            b"Expiration",
            b"Code",
        ];
        for (name, value) in json_shape::members(reply).map_err(CredentialsFault::Json)? {
            if name.contains(&b'\\') {
                return Err(CredentialsFault::Repeated);
            }
            let known = NAMES.iter().position(|known| *known == name);
            if let Some(member) = known.and_then(|at| found.get_mut(at))
                && member.replace(value).is_some()
            {
                return Err(CredentialsFault::Repeated);
            }
        }
        let [id, secret, token, expiration, code] =
            found.map(|value| value.and_then(json_shape::unquoted));
        // A container's reply has no `Code`.
        if code.is_some_and(|code| code != b"Success") {
            return Err(CredentialsFault::NotSuccess);
        }
        part(&mut place.id, CredentialField::AwsAccessKeyId, id)?;
        part(&mut place.secret, CredentialField::AwsSecretKey, secret)?;
        part(&mut place.token, CredentialField::AwsSessionToken, token)?;
        place.expires = expiration.and_then(parse_iso);
        if place.expires.is_none() {
            return Err(CredentialsFault::Expiration);
        }
        if !place.is_valid_at(now) {
            return Err(CredentialsFault::Expired);
        }
        Ok(())
    })
}

fn part<const N: usize>(
    place: &mut Secret<N>,
    field: CredentialField,
    quoted: Option<&[u8]>,
) -> Result<(), CredentialsFault> {
    let refused = |fault| CredentialsFault::Refused(CredentialError { field, fault });
    let quoted = quoted.ok_or(CredentialsFault::Missing(field))?;
    unescape(quoted, place).map_err(|_| refused(CredentialFault::TooLong))?;
    place.expose(|bytes| {
        let text = core::str::from_utf8(bytes).map_err(|_| refused(CredentialFault::NotAscii))?;
        check::visible(field, text, N).map_err(CredentialsFault::Refused)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-25T10:00:00Z.
    const NOW: u64 = 1_795_600_800;

    fn read(reply: &str) -> Result<(), CredentialsFault> {
        let mut slot = Slot::<AwsCredentials>::vacant();
        let result = read_credentials(reply.as_bytes(), NOW, &mut slot).map(|_| ());
        assert_eq!(slot.get().is_some(), result.is_ok(), "{reply}");
        result
    }

    #[test]
    fn a_metadata_reply_that_is_not_whole_is_refused_by_name() {
        use CredentialField as F;
        use CredentialsFault as C;
        let whole = r#"{"Code":"Success","AccessKeyId":"AK","SecretAccessKey":"s/1","Token":"t","Expiration":"2026-11-25T10:01:01Z"}"#;
        assert_eq!(read(whole), Ok(()));
        assert_eq!(read(&whole.replace(r#""Code":"Success","#, "")), Ok(()));
        for (from, to, fault) in [
            ("}", "", C::Json(JsonShapeError::Truncated)),
            ("Success", "Failed", C::NotSuccess),
            (r#""AccessKeyId":"AK","#, "", C::Missing(F::AwsAccessKeyId)),
            (
                r#""SecretAccessKey":"s/1","#,
                "",
                C::Missing(F::AwsSecretKey),
            ),
            (r#""Token":"t","#, "", C::Missing(F::AwsSessionToken)),
            (
                r#""Token":"t""#,
                r#""Token":1"#,
                C::Missing(F::AwsSessionToken),
            ),
            (r#""Token""#, r#""Token":"u","Token""#, C::Repeated),
            (r#""Token""#, r#""\u0054oken":"u","Token""#, C::Repeated),
            (r#","Expiration":"2026-11-25T10:01:01Z""#, "", C::Expiration),
            ("2026-11-25T10:01:01Z", "soon", C::Expiration),
            ("10:01:01Z", "10:01:00Z", C::Expired),
            ("2026", "2020", C::Expired),
        ] {
            assert!(whole.contains(from), "{from}");
            assert_eq!(
                read(&whole.replacen(from, to, 1)),
                Err(fault),
                "{from} {to}"
            );
        }
        let refused = read(&whole.replace("s/1", "s\\n1"));
        assert!(matches!(
            refused,
            Err(C::Refused(CredentialError {
                field: F::AwsSecretKey,
                ..
            }))
        ));
    }
}
