//! [`Reply`]: head, body and meaning of one answer.

use core::fmt;

use serde::Deserialize;

use super::json_shape::JsonShapeError;
use super::{ApiError, Context, Limits, Outcome, ReplyHead, RequestId, json};
use crate::http::RetryAfter;

/// One answer. The body borrows from the caller's buffer.
///
/// ```
/// use alpaca_auth::credential::KeyEvidence;
/// use alpaca_auth::endpoint::ApiKind;
/// use alpaca_auth::environment::EnvironmentKind;
/// use alpaca_auth::response::{Account, Context, Reply, ReplyHead};
///
/// let context = Context {
///     api: ApiKind::Trading,
///     environment: EnvironmentKind::Paper,
///     evidence: KeyEvidence::Paper,
/// };
/// let reply = Reply::new(ReplyHead::new(200), context, br#"{"id":"1","status":"ACTIVE"}"#);
/// assert_eq!(reply.json::<Account>()?.id, "1");
///
/// let refused = Reply::new(ReplyHead::new(403), context, br#"{"message":"forbidden."}"#);
/// let error = refused.json::<Account>().unwrap_err();
/// assert!(error.to_string().contains("does not accept this credential"));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Reply<'b> {
    head: ReplyHead,
    context: Context,
    body: &'b [u8],
}

impl<'b> Reply<'b> {
    /// Puts an answer together. For transports.
    #[must_use]
    pub const fn new(head: ReplyHead, context: Context, body: &'b [u8]) -> Self {
        Self {
            head,
            context,
            body,
        }
    }

    /// Where the request went.
    #[must_use]
    pub const fn context(&self) -> Context {
        self.context
    }

    /// The parts of the head that are kept.
    #[must_use]
    pub const fn head(&self) -> &ReplyHead {
        &self.head
    }

    /// Status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.head.status
    }

    /// The body, whatever the status.
    #[must_use]
    pub const fn body(&self) -> &'b [u8] {
        self.body
    }

    /// Rate limits, where the server sent them.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.head.limits
    }

    /// How long the server asks to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<RetryAfter> {
        self.head.retry_after
    }

    /// What Alpaca's support asks for.
    #[must_use]
    pub const fn request_id(&self) -> Option<&RequestId> {
        self.head.request_id.as_ref()
    }

    /// The server's clock, in unix seconds.
    #[must_use]
    pub const fn date(&self) -> Option<u64> {
        self.head.date
    }

    /// What an error body says; `None` for a success or another body.
    #[must_use]
    pub fn api_error(&self) -> Option<ApiError<'b>> {
        if matches!(self.head.status, 200..=299) {
            return None;
        }
        ApiError::parse(self.body)
    }

    /// What the answer means.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let code = self.api_error().and_then(|error| error.code);
        Outcome::of(self.head.status, code, self.context)
    }

    /// The body of a success.
    ///
    /// # Errors
    /// [`Refusal`] for every other outcome.
    pub fn success(&self) -> Result<&'b [u8], Refusal> {
        let code = self.api_error().and_then(|error| error.code);
        match Outcome::of(self.head.status, code, self.context) {
            Outcome::Success => Ok(self.body),
            outcome => Err(Refusal {
                outcome,
                status: self.head.status,
                code,
                context: self.context,
                request_id: self.head.request_id.clone(),
                retry_after: self.head.retry_after,
            }),
        }
    }

    /// The body of a success, read as `T`. The JSON is checked whole before `T` sees it.
    ///
    /// # Errors
    /// [`ReplyError`] when the answer is no success, no JSON, or no `T`.
    pub fn json<T: Deserialize<'b>>(&self) -> Result<T, ReplyError> {
        let body = self.success().map_err(ReplyError::Refused)?;
        json::from_slice(body)
    }
}

/// Shows the length of the body only: it may hold an account, or a token.
impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("head", &self.head)
            .field("context", &self.context)
            .field("body_length", &self.body.len())
            .finish()
    }
}

/// An answer that is no success. Its text says what happened and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the answer means.
    pub outcome: Outcome,
    /// HTTP status.
    pub status: u16,
    /// Alpaca's error code.
    pub code: Option<i64>,
    /// Where the request went.
    pub context: Context,
    /// What Alpaca's support asks for.
    pub request_id: Option<RequestId>,
    /// How long the server asks to wait.
    pub retry_after: Option<RetryAfter>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.outcome {
            Outcome::Credential(refusal) => refusal.write(f, self.context)?,
            Outcome::Success => f.write_str("the request succeeded")?,
            Outcome::Redirect => f.write_str(
                "the server answered with a redirect, which was not followed; \
                 Alpaca never redirects, so check the host and what stands between",
            )?,
            Outcome::BusinessRule => f.write_str(
                "the account may not do this (funds, wash trade or a block); \
                 the credential is fine, change the order or the account",
            )?,
            Outcome::Subscription => f.write_str(
                "the market data plan does not cover this; ask for another feed or change the plan",
            )?,
            Outcome::NotFound => f.write_str("there is no such resource; check the id or symbol")?,
            Outcome::Invalid => f.write_str("the request is not valid; change it before trying again")?,
            Outcome::RateLimited => match self.retry_after {
                Some(RetryAfter::Seconds(seconds)) => {
                    write!(f, "too many requests; wait {seconds} s")?;
                }
                _ => f.write_str("too many requests; wait for the limit to reset, within a minute")?,
            },
            Outcome::Server => f.write_str(
                "Alpaca's server failed; whether the request took effect is unknown, so look before sending it again",
            )?,
            Outcome::Unexpected => f.write_str(
                "the server answered in a way that Alpaca does not document; check what stands between",
            )?,
        }
        write!(f, " (HTTP {}", self.status)?;
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(f, ", request id {request_id}")?;
        }
        f.write_str(")")
    }
}

impl core::error::Error for Refusal {}

/// Why an answer could not be read as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyError {
    /// The answer is no success.
    Refused(Refusal),
    /// The body is no JSON: something between rewrote it, or it was cut off.
    Json(JsonShapeError),
    /// The body is JSON of another shape. If Alpaca sent it, its API has changed: report it.
    Type(serde_json_core::de::Error),
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Json(error) => write!(
                f,
                "the body is not the JSON that was expected ({error}); check what stands between"
            ),
            Self::Type(error) => write!(
                f,
                "the body is JSON of another shape ({error}); check that the reply type fits the request"
            ),
        }
    }
}

impl core::error::Error for ReplyError {}
