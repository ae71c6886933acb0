//! [`GoogleError`]: why Google gave no secret, and what to do about it.

use core::fmt;

use crate::response::json_shape::{self, JsonShapeError};

/// Why Google gave nothing. Holds nothing of the request and nothing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GoogleError {
    /// The token endpoint does not accept the signed JWT.
    GrantRefused,
    /// The token endpoint says that the JWT is not of this time.
    Clock,
    /// The metadata server knows no service account for this machine.
    NoServiceAccount,
    /// The access token is not accepted.
    TokenRefused,
    /// The service account may not access this secret.
    Denied,
    /// No such project, secret or version.
    NotFound,
    /// The version is disabled or destroyed.
    Disabled,
    /// Google does not take the request.
    Invalid,
    /// Too many requests.
    Throttled,
    /// Google failed.
    Server(u16),
    /// An answer that Google does not document.
    Unexpected(u16),
    /// The answer is no JSON object.
    Json(JsonShapeError),
    /// The answer lacks this member, or it is of another kind or stands there twice.
    Member(&'static str),
    /// The payload's CRC-32C is not the one that stands beside it.
    Checksum,
    /// The payload is longer than a credential can be.
    TooLong,
    /// The answer is of another secret or version than was asked for.
    OtherVersion,
}

impl fmt::Display for GoogleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GrantRefused => {
                "Google does not accept the service account's signature; check that the key was not deleted, and the account not disabled"
            }
            Self::Clock => {
                "Google says that the signed request is not of this time; set this machine's clock, for example by NTP"
            }
            Self::NoServiceAccount => {
                "the metadata server knows no service account for this machine; attach one, with the scope cloud-platform"
            }
            Self::TokenRefused => {
                "Google does not accept the access token; get a new one, and check that it is of this project"
            }
            Self::Denied => {
                "the service account may not access this secret; grant it the role Secret Manager Secret Accessor, and check that the API is on"
            }
            Self::NotFound => {
                "Google has no such secret or version; check project, name and version"
            }
            Self::Disabled => "this version of the secret is disabled or destroyed; enable it, or ask for another",
            Self::Invalid => "Google does not take the request; check project, name and version",
            Self::Throttled => "Google gets too many requests; wait, and ask less often",
            Self::Server(status) => {
                return write!(f, "Google failed (HTTP {status}); it may be asked again after a pause");
            }
            Self::Unexpected(status) => {
                return write!(
                    f,
                    "the answer (HTTP {status}) is not one that Google documents; check the host and what stands between"
                );
            }
            Self::Json(error) => {
                return write!(
                    f,
                    "Google's answer is no JSON object ({error}); check the host and what stands between"
                );
            }
            Self::Member(name) => {
                return write!(
                    f,
                    "{name} is missing from Google's answer, or not as documented; check the host and what stands between"
                );
            }
            Self::Checksum => {
                "the secret was damaged on its way (its CRC-32C differs); ask again, and check what stands between"
            }
            Self::TooLong => "the secret is longer than 8192 bytes; store the key pair alone",
            Self::OtherVersion => {
                "Google's answer is of another secret or version; check the host and what stands between"
            }
        })
    }
}

impl core::error::Error for GoogleError {}

impl GoogleError {
    /// Whether the same request can succeed later without a change on this side.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::Server(_) | Self::Checksum)
    }

    /// An answer of the token endpoint (RFC 6749 §5.2), or of the metadata server, that is no success.
    pub(super) fn of_token_endpoint(status: u16, body: &[u8]) -> Self {
        let code = json_shape::member(body, "error").and_then(json_shape::unquoted);
        let description = json_shape::member(body, "error_description").unwrap_or_default();
        let about_time = [&b"iat"[..], b"timeframe"]
            .iter()
            .any(|text| description.windows(text.len()).any(|part| part == *text));
        match (status, code) {
            (400..=499, Some(b"invalid_grant")) if about_time => Self::Clock,
            (429, _) => Self::Throttled,
            (400..=403, Some(_)) => Self::GrantRefused,
            (404, _) => Self::NoServiceAccount,
            (500..=599, _) => Self::Server(status),
            _ => Self::Unexpected(status),
        }
    }

    /// An answer of the Secret Manager that is no success (`google.rpc.Status`).
    pub(super) fn of(status: u16, body: &[u8]) -> Self {
        let error = json_shape::member(body, "error").unwrap_or_default();
        let code = json_shape::member(error, "status").and_then(json_shape::unquoted);
        match (status, code) {
            (401, _) => Self::TokenRefused,
            (403, Some(_)) => Self::Denied,
            (404, Some(_)) => Self::NotFound,
            (400, Some(b"FAILED_PRECONDITION")) => Self::Disabled,
            (400, Some(_)) => Self::Invalid,
            (429, _) => Self::Throttled,
            (500..=599, _) => Self::Server(status),
            _ => Self::Unexpected(status),
        }
    }
}
