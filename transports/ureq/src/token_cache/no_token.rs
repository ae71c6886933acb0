//! [`NoToken`], [`CallError`] and [`NotRevoked`]: what a cache cannot do, and why.

use std::fmt;
use std::time::Duration;

use alpaca_auth::oauth::{RevocationError, TokenError};

/// Why the last token request gave no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why<T, M> {
    /// The authorization server's answer.
    Server(TokenError),
    /// There was no complete answer.
    Call(T),
    /// The request could not be written.
    Client(M),
    /// The server has just answered 401 with a new token. Look at what the client may do.
    TooSoon,
}

/// There is no valid token now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoToken<T, M> {
    /// What the last attempt met.
    pub why: Why<T, M>,
    /// When the next attempt is due; `None` when the server has refused for good.
    pub retry_in: Option<Duration>,
}

impl<T: fmt::Display, M: fmt::Display> fmt::Display for NoToken<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no valid access token: ")?;
        match &self.why {
            Why::Server(error) => error.fmt(f),
            Why::Call(error) => error.fmt(f),
            Why::Client(error) => error.fmt(f),
            Why::TooSoon => f.write_str(
                "the last one was refused right after it was issued; check what the client may do",
            ),
        }
    }
}

impl<T: fmt::Debug + fmt::Display, M: fmt::Debug + fmt::Display> std::error::Error
    for NoToken<T, M>
{
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError<U, T, M> {
    /// No valid token. Nothing was sent.
    Token(NoToken<T, M>),
    /// No complete answer.
    Call(U),
}

impl<U: fmt::Display, T: fmt::Display, M: fmt::Display> fmt::Display for CallError<U, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl<U, T, M> std::error::Error for CallError<U, T, M>
where
    U: fmt::Debug + fmt::Display,
    T: fmt::Debug + fmt::Display,
    M: fmt::Debug + fmt::Display,
{
}

/// The token is out of use here, and may be valid elsewhere until it expires. Ask again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRevoked<T, M> {
    /// The authorization server's answer.
    Server(RevocationError),
    /// There was no complete answer.
    Call(T),
    /// The request could not be written.
    Client(M),
}

impl<T: fmt::Display, M: fmt::Display> fmt::Display for NotRevoked<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const STILL: &str = "the token is not revoked and may be valid until it expires: ";
        match self {
            Self::Server(error) => error.fmt(f),
            Self::Call(error) => write!(f, "{STILL}{error}"),
            Self::Client(error) => write!(f, "{STILL}{error}"),
        }
    }
}

impl<T: fmt::Debug + fmt::Display, M: fmt::Debug + fmt::Display> std::error::Error
    for NotRevoked<T, M>
{
}
