//! [`VaultError`]: why Vault gave nothing, and what to do about it.

use core::fmt;

use crate::response::Reply;
use crate::response::json_shape::{self, JsonShapeError};

/// Why Vault gave nothing. Holds nothing of the request and nothing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultError {
    /// Vault is sealed: it cannot read its own storage.
    Sealed,
    /// The token is wrong or has ended, or its policies do not allow this.
    Denied,
    /// The token's lease has ended by this machine's clock. Nothing was sent.
    LeaseExpired,
    /// The token has ended and can never be renewed, as batch tokens cannot.
    NotRenewable,
    /// Vault does not let the token renew itself: it has ended, or no policy allows it.
    RenewalDenied,
    /// The token has been renewed up to its maximum TTL.
    MaxTtl,
    /// Vault does not tell how long the token is good: it has ended, or no policy allows it to ask.
    LookupDenied,
    /// No such secret, version or mount; Vault says the same where the token may not see it.
    NotFound,
    /// The version was deleted or destroyed.
    Deleted,
    /// Role id or secret id is not accepted.
    LoginRefused,
    /// No such login method or namespace, or none for this machine. Vault answers 403 for a method that
    /// is not mounted.
    NoLogin,
    /// The wrapping token was used already, has ended, or was never one.
    Unwrapped,
    /// The role id that goes with an unwrapped secret id is no role id.
    RoleId,
    /// Vault does not take the request.
    Invalid,
    /// Too many requests, by a quota of Vault's.
    Throttled,
    /// This node stands by, or lags behind.
    Standby,
    /// Vault failed.
    Server(u16),
    /// An answer that Vault does not document.
    Unexpected(u16),
    /// The answer is no JSON object.
    Json(JsonShapeError),
    /// The answer lacks this member, or it is of another kind or stands there twice.
    Member(&'static str),
    /// The answer is wrapped.
    Wrapped,
    /// The answer is that of the other KV version.
    EngineVersion,
    /// The answer is of another version of the secret than was asked for.
    OtherVersion,
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sealed => "Vault is sealed; let its operator unseal it",
            Self::Denied => {
                "Vault does not allow this to the token; check that it has not ended, its namespace, and that a policy allows to read the path"
            }
            Self::LeaseExpired => "the lease of the Vault token has ended; log in again",
            Self::NotRenewable => {
                "the Vault token has ended and cannot be renewed; take a renewable one, or a role id and secret id, which log in again"
            }
            Self::RenewalDenied => {
                "the Vault token has ended, or may not renew itself; get a new one, and let a policy allow to update auth/token/renew-self, as the default policy does"
            }
            Self::MaxTtl => {
                "the Vault token has reached its maximum TTL; get a new one, or take a periodic one, or a role id and secret id, which log in again"
            }
            Self::LookupDenied => {
                "Vault does not say how long the token is good; check that it has not ended, and that a policy allows to read auth/token/lookup-self, as the default policy does"
            }
            Self::NotFound => {
                "Vault has no such secret; check mount, path and namespace, and whether the engine is KV v1 or v2"
            }
            Self::Deleted => {
                "this version of the secret was deleted; undelete it, or write a new one"
            }
            Self::LoginRefused => {
                "Vault does not accept the role id and secret id; check both, and that the secret id has not ended or been used up"
            }
            Self::NoLogin => {
                "Vault has no such login; check the namespace, where the AppRole method is mounted, and the addresses that it is bound to"
            }
            Self::Unwrapped => {
                "the wrapping token is not valid; if nobody of yours has used it, somebody else has: revoke what it held, and get a new one"
            }
            Self::RoleId => "the Vault role id is malformed; check how it was copied",
            Self::Invalid => "Vault does not take the request; check mount, path and namespace",
            Self::Throttled => "Vault gets too many requests; wait, or let its operator raise the quota",
            Self::Standby => {
                "this Vault node stands by and does not answer itself; give the address of the active node"
            }
            Self::Server(status) => {
                return write!(f, "Vault failed (HTTP {status}); it may be asked again after a pause");
            }
            Self::Unexpected(status) => {
                return write!(
                    f,
                    "the answer (HTTP {status}) is not one that Vault documents; check the host and what stands between"
                );
            }
            Self::Json(error) => {
                return write!(
                    f,
                    "Vault's answer is no JSON object ({error}); check the host and what stands between"
                );
            }
            Self::Member(name) => {
                return write!(
                    f,
                    "{name} is missing from Vault's answer, or not as documented; check the host and what stands between"
                );
            }
            Self::Wrapped => "Vault's answer is wrapped; unwrap it first",
            Self::EngineVersion => {
                "Vault's answer is of the other KV version; ask for the version that the mount has"
            }
            Self::OtherVersion => {
                "Vault's answer is of another version of the secret; check what stands between"
            }
        })
    }
}

impl core::error::Error for VaultError {}

impl VaultError {
    /// Whether the same request can succeed later without a change on this side.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Sealed | Self::Throttled | Self::Standby | Self::Server(_)
        )
    }

    /// Whether a token is not renewed again: it is good until its lease ends.
    #[must_use]
    pub const fn is_final_renewal(self) -> bool {
        matches!(
            self,
            Self::RenewalDenied | Self::NotRenewable | Self::MaxTtl
        )
    }

    /// Reads an answer that is no success (Vault's HTTP API, "HTTP status codes").
    pub(super) fn of(reply: &Reply<'_>) -> Self {
        let body = reply.body();
        match reply.status() {
            400 if says(body, b"wrapping token") => Self::Unwrapped,
            400 => Self::Invalid,
            401 | 403 => Self::Denied,
            404 if was_deleted(body) => Self::Deleted,
            404 => Self::NotFound,
            412 | 472 | 473 => Self::Standby,
            429 => Self::Throttled,
            503 if says(body, b"sealed") => Self::Sealed,
            status @ 500..=599 => Self::Server(status),
            status => Self::Unexpected(status),
        }
    }
}

/// Whether a text of `errors` holds this.
pub(super) fn says(body: &[u8], text: &[u8]) -> bool {
    let errors = json_shape::member(body, "errors").unwrap_or_default();
    errors.windows(text.len()).any(|part| part == text)
}

/// KV v2 answers 404 with the metadata of a version that was deleted.
fn was_deleted(body: &[u8]) -> bool {
    let data = json_shape::member(body, "data").unwrap_or_default();
    json_shape::member(data, "metadata").is_some()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::credential::KeyEvidence;
    use crate::endpoint::ApiKind;
    use crate::environment::EnvironmentKind;
    use crate::response::{Context, ReplyHead};
    use std::string::ToString;

    pub(in super::super) fn reply(status: u16, body: &str) -> Reply<'_> {
        let context = Context {
            api: ApiKind::SecretManager,
            environment: EnvironmentKind::Paper,
            evidence: KeyEvidence::None,
        };
        Reply::new(ReplyHead::new(status), context, body.as_bytes())
    }

    #[test]
    fn each_refusal_has_a_name_and_says_what_to_do() {
        let deleted = r#"{"data":{"data":null,"metadata":{"deletion_time":"t","version":1}}}"#;
        for (status, body, error) in [
            (
                400,
                r#"{"errors":["missing client token"]}"#,
                VaultError::Invalid,
            ),
            (
                400,
                r#"{"errors":["wrapping token is not valid or does not exist"]}"#,
                VaultError::Unwrapped,
            ),
            (
                403,
                r#"{"errors":["permission denied"]}"#,
                VaultError::Denied,
            ),
            (401, "", VaultError::Denied),
            (404, r#"{"errors":[]}"#, VaultError::NotFound),
            (404, "<html>", VaultError::NotFound),
            (404, deleted, VaultError::Deleted),
            (412, "", VaultError::Standby),
            (473, "", VaultError::Standby),
            (
                429,
                r#"{"errors":["request path: rate limit quota exceeded"]}"#,
                VaultError::Throttled,
            ),
            (503, r#"{"errors":["Vault is sealed"]}"#, VaultError::Sealed),
            (
                503,
                "<html>Service Unavailable, sealed</html>",
                VaultError::Server(503),
            ),
            (
                500,
                r#"{"errors":["internal error"]}"#,
                VaultError::Server(500),
            ),
            (204, "", VaultError::Unexpected(204)),
            (418, "", VaultError::Unexpected(418)),
        ] {
            assert_eq!(
                VaultError::of(&reply(status, body)),
                error,
                "{status} {body}"
            );
            assert!(error.to_string().contains(';'), "no remedy: {error}");
        }
    }
}
