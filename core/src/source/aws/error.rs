//! [`AwsError`]: why AWS gave no secret, and what to do about it.

use core::fmt;

use crate::response::Reply;
use crate::response::json_shape::{self, JsonShapeError};

/// Clocks may differ by this much, in seconds: a signature is good for five minutes.
const SKEW_MAX: u64 = 300;

/// Why there is no key pair. Holds nothing of the request and nothing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AwsError {
    /// This machine's clock and AWS's differ by more than a signature allows, in seconds; 0 if AWS
    /// only says so.
    ClockSkew(u64),
    /// The signature is not by the secret of this access key, or the request changed on its way.
    SignatureRefused,
    /// The signature is for another region than the host's.
    WrongRegion,
    /// AWS does not know the access key, or the session token is not its own.
    UnknownKey,
    /// The session token has ended.
    TokenExpired,
    /// The access key may not read this secret, or not decrypt it.
    Denied,
    /// No such secret, or no version at this stage.
    NotFound,
    /// The secret is marked for deletion.
    Deleted,
    /// AWS does not take the request.
    Invalid,
    /// Too many requests.
    Throttled,
    /// AWS failed.
    Server(u16),
    /// An answer that AWS does not document.
    Unexpected(u16),
    /// The answer is no JSON object.
    Json(JsonShapeError),
    /// The answer lacks this member, or it is of another kind or stands there twice.
    Member(&'static str),
    /// The answer is about another stage than the one that was asked for.
    OtherStage,
    /// The secret's value is binary, where text is expected.
    Binary,
    /// The secret's value is longer than a credential can be.
    TooLong,
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClockSkew(0) => {
                "AWS says that the request is not of this time; set this machine's clock, for example by NTP"
            }
            Self::ClockSkew(seconds) => {
                return write!(
                    f,
                    "this machine's clock differs from AWS's by {seconds} s, so AWS takes no signature; set the clock, for example by NTP"
                );
            }
            Self::SignatureRefused => {
                "AWS does not take the signature; check the secret access key, and that nothing between changes requests"
            }
            Self::WrongRegion => {
                "the signature is for another region than the host's; give the region that is in the host's name"
            }
            Self::UnknownKey => {
                "AWS does not know the access key or session token; check that the key was not deleted, and that all parts are of one key"
            }
            Self::TokenExpired => {
                "the AWS session token has ended; get new credentials of the role"
            }
            Self::Denied => {
                "the access key may not read this secret; allow secretsmanager:GetSecretValue on it, and kms:Decrypt if it has a key of its own"
            }
            Self::NotFound => {
                "there is no such secret, or no version at this stage; check its name, region and stage"
            }
            Self::Deleted => "the secret is marked for deletion; restore it, or give another",
            Self::Invalid => "AWS does not take the request; check the secret's name and the stage",
            Self::Throttled => "AWS gets too many requests; wait, and ask less often",
            Self::Server(status) => {
                return write!(f, "AWS failed (HTTP {status}); it may be asked again after a pause");
            }
            Self::Unexpected(status) => {
                return write!(
                    f,
                    "the answer (HTTP {status}) is not one that AWS documents; check the host and what stands between"
                );
            }
            Self::Json(error) => {
                return write!(
                    f,
                    "AWS's answer is no JSON object ({error}); check the host and what stands between"
                );
            }
            Self::Member(name) => {
                return write!(
                    f,
                    "{name} is missing from AWS's answer, or not as documented; check the host and what stands between"
                );
            }
            Self::OtherStage => {
                "AWS's answer is of another stage than was asked for; check the host and what stands between"
            }
            Self::Binary => "the secret's value is binary; store the key pair as text",
            Self::TooLong => {
                "the secret's value is longer than 8192 bytes; store the key pair alone"
            }
        })
    }
}

impl core::error::Error for AwsError {}

impl AwsError {
    /// Whether the same request can succeed later without a change.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::Server(_))
    }

    /// Reads an answer that is no success. `now` is what the request was signed by.
    pub(super) fn of(reply: &Reply<'_>, now: u64) -> Self {
        let status = reply.status();
        let of_body = Self::of_body(reply.body());
        let about_signature = matches!(of_body, Some(Self::SignatureRefused | Self::ClockSkew(_)));
        // AWS says one and the same about a wrong secret and a wrong clock; its own clock tells.
        if let Some(date) = reply.date().filter(|_| about_signature) {
            let skew = date.abs_diff(now);
            if skew > SKEW_MAX {
                return Self::ClockSkew(skew);
            }
        }
        match (of_body, status) {
            (Some(error), 400..=499) => error,
            (_, 429) => Self::Throttled,
            (_, 500..=599) => Self::Server(status),
            _ => Self::Unexpected(status),
        }
    }

    /// By `__type`, which may stand behind a `#`, and where that is not enough by the message.
    fn of_body(body: &[u8]) -> Option<Self> {
        let mut members = json_shape::members(body).ok()?;
        let (_, value) = members.find(|(name, _)| *name == b"__type")?;
        let full = json_shape::unquoted(value)?;
        let kind = full.rsplit(|byte| *byte == b'#').next()?;
        let message = json_shape::members(body).ok()?;
        let message = message
            .filter(|(name, _)| name.eq_ignore_ascii_case(b"message"))
            .find_map(|(_, value)| json_shape::unquoted(value))
            .unwrap_or_default();
        let says = |text: &[u8]| message.windows(text.len()).any(|part| part == text);
        Some(match kind {
            b"RequestTimeTooSkewed" | b"RequestExpired" | b"RequestInTheFuture" => {
                Self::ClockSkew(0)
            }
            b"InvalidSignatureException"
            | b"SignatureDoesNotMatch"
            | b"IncompleteSignatureException"
            | b"IncompleteSignature" => {
                if says(b"Signature expired") || says(b"Signature not yet current") {
                    Self::ClockSkew(0)
                } else if says(b"valid region") {
                    Self::WrongRegion
                } else {
                    Self::SignatureRefused
                }
            }
            b"UnrecognizedClientException"
            | b"InvalidClientTokenId"
            | b"MissingAuthenticationToken"
            | b"MissingAuthenticationTokenException"
            | b"AuthFailure" => Self::UnknownKey,
            b"ExpiredTokenException" | b"ExpiredToken" => Self::TokenExpired,
            b"AccessDeniedException"
            | b"AccessDenied"
            | b"NotAuthorized"
            | b"DecryptionFailure"
            | b"OptInRequired" => Self::Denied,
            b"ResourceNotFoundException" => Self::NotFound,
            b"InvalidRequestException" if says(b"deletion") || says(b"deleted") => Self::Deleted,
            b"InvalidRequestException"
            | b"InvalidParameterException"
            | b"ValidationError"
            | b"ValidationException" => Self::Invalid,
            b"ThrottlingException"
            | b"Throttling"
            | b"TooManyRequestsException"
            | b"RequestLimitExceeded" => Self::Throttled,
            _ => return None,
        })
    }
}
