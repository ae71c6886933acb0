//! [`TokenError`]: why a token request gave no token, and whether asking again can help.

use core::fmt;

use crate::response::json_shape::{self, JsonShapeError};

/// The `error` of the authorization server's `{"error":"<code>","fields":[…]}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The client is unknown, its secret or assertion is wrong, or it may not authenticate this way.
    InvalidClient,
    /// The request lacks a field or repeats one.
    InvalidRequest,
    /// The grant is refused.
    InvalidGrant,
    /// The scope is refused.
    InvalidScope,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The server does not know this grant.
    UnsupportedGrantType,
    /// The `jti` is too short for the server.
    InsufficientEntropy,
    /// The assertion's signature is not by the key that the server knows.
    TokenSignatureMismatch,
    /// Access is denied.
    AccessDenied,
    /// The `jti` was used before. The next attempt has a new one.
    JtiKnown,
    /// Too many tokens were asked for.
    QuotaExceeded,
    /// The server failed.
    ServerError,
    /// The server is busy.
    TemporarilyUnavailable,
    /// A code that is not documented.
    Other,
}

impl ErrorCode {
    /// The code's text; `other` for an undocumented one, which is not repeated.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InsufficientEntropy => "insufficient_entropy",
            Self::TokenSignatureMismatch => "token_signature_mismatch",
            Self::AccessDenied => "access_denied",
            Self::JtiKnown => "jti_known",
            Self::QuotaExceeded => "quota_exceeded",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::Other => "other",
        }
    }

    /// Whether the same client gets the same answer until something is changed.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(
            self,
            Self::JtiKnown
                | Self::QuotaExceeded
                | Self::ServerError
                | Self::TemporarilyUnavailable
                | Self::Other
        )
    }

    const KNOWN: [Self; 13] = [
        Self::InvalidClient,
        Self::InvalidRequest,
        Self::InvalidGrant,
        Self::InvalidScope,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::InsufficientEntropy,
        Self::TokenSignatureMismatch,
        Self::AccessDenied,
        Self::JtiKnown,
        Self::QuotaExceeded,
        Self::ServerError,
        Self::TemporarilyUnavailable,
    ];

    /// Reads an error body. `None` if it is no object with a textual `error`.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let mut members = json_shape::members(body).ok()?;
        let (_, value) = members.find(|(name, _)| *name == b"error")?;
        let code = json_shape::unquoted(value)?;
        let known = Self::KNOWN
            .into_iter()
            .find(|known| known.name().as_bytes() == code);
        Some(known.unwrap_or(Self::Other))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is wrong with a success that should hold a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// No JSON object: something between rewrote it, or it was cut off.
    Json(JsonShapeError),
    /// It holds an `error` in spite of its status.
    Error(ErrorCode),
    /// A member stands there twice.
    Repeated,
    /// A member's name is written with escapes.
    Escaped,
    /// No `access_token`.
    NoToken,
    /// `access_token` is no text, is empty, or holds a character that no bearer token has.
    TokenCharacters,
    /// `access_token` is longer than [`BROKER_TOKEN_MAX`](crate::credential::BROKER_TOKEN_MAX).
    TokenTooLong,
    /// No `token_type`, or another than `Bearer`.
    TokenType,
    /// No `expires_in`: nobody could tell when to refresh.
    NoLifetime,
    /// `expires_in` is no whole number of seconds from 1 to
    /// [`EXPIRES_IN_MAX`](super::EXPIRES_IN_MAX).
    Lifetime,
    /// `scope` is no text: nobody could tell what the token may do.
    Scope,
    /// The reply is of another API or environment than the token is asked for.
    Context,
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(error) => return write!(f, "it is no JSON object ({error})"),
            Self::Error(code) => return write!(f, "it holds the error {code}"),
            Self::Repeated => "a member stands there twice",
            Self::Escaped => "a member's name is escaped",
            Self::NoToken => "access_token is missing",
            Self::TokenCharacters => "access_token is no bearer token",
            Self::TokenTooLong => "access_token is longer than 2048 bytes",
            Self::TokenType => "token_type is not Bearer",
            Self::NoLifetime => "expires_in is missing",
            Self::Lifetime => "expires_in is no whole number of seconds from 1 to 86400",
            Self::Scope => "scope is no text",
            Self::Context => "it is of another API or environment",
        })
    }
}

/// Why a token request gave no token. Holds nothing of the request and nothing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The authorization server refuses, by this code.
    Refused {
        /// The code.
        code: ErrorCode,
        /// HTTP status.
        status: u16,
    },
    /// Not the authorization server's own way to refuse: something between answers, or it fails.
    Status(u16),
    /// A success that holds no acceptable token.
    Malformed(TokenFault),
    /// No complete answer; the transport has told why.
    NoAnswer,
}

impl TokenError {
    /// Whether the same client gets the same answer until something is changed.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Refused { code, .. } if code.is_final())
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, status } => {
                let remedy = match code {
                    ErrorCode::InvalidClient => {
                        "check client id, secret or signing key, the environment, and for an assertion the clock and the audience"
                    }
                    ErrorCode::UnauthorizedClient | ErrorCode::UnsupportedGrantType => {
                        "ask Alpaca to allow client credentials for this client"
                    }
                    ErrorCode::TokenSignatureMismatch => {
                        "check that the public key of this signing key is the one Alpaca holds"
                    }
                    ErrorCode::InsufficientEntropy => "check the random source",
                    ErrorCode::QuotaExceeded => "ask for fewer tokens: keep one and share it",
                    code if code.is_final() => "check how the client is set up at Alpaca",
                    _ => "it is asked again after a pause",
                };
                write!(
                    f,
                    "the authorization server refuses ({code}, HTTP {status}); {remedy}"
                )
            }
            Self::Status(status) => write!(
                f,
                "the authorization server, or something before it, answered HTTP {status} without an OAuth error; check the host and what stands between; it is asked again after a pause"
            ),
            Self::Malformed(fault) => write!(
                f,
                "the answer of the authorization server holds no acceptable token: {fault}; check what stands between; it is asked again after a pause"
            ),
            Self::NoAnswer => f.write_str(
                "the authorization server gave no complete answer; it is asked again after a pause",
            ),
        }
    }
}

impl core::error::Error for TokenError {}
