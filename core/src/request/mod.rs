//! Request descriptors: what is asked, how often it may be sent, without any credential.

pub mod auth_server;
pub mod broker;
pub mod catalog;
pub mod connect;
mod direction;
pub mod market_data;
mod operation;
mod page;
mod read;
mod target;
pub mod trading;

pub use direction::Direction;
pub use operation::{ChangeOperation, CredentialKind, Effect, Operation, ReadOperation};
pub use read::ReadRequest;
pub use target::{TARGET_MAX, TargetBuffer};

use core::fmt;
use core::marker::PhantomData;

use crate::endpoint::Api;

/// Request method, RFC 9110 §9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method's token.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.with_space().0
    }

    /// Whether a request without content must say so.
    #[must_use]
    #[inline]
    pub const fn expects_content(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }

    /// The token, and the token with the space that follows it in a request line.
    #[inline]
    pub(crate) const fn with_space(self) -> (&'static str, &'static str) {
        match self {
            Self::Get => ("GET", "GET "),
            Self::Post => ("POST", "POST "),
            Self::Put => ("PUT", "PUT "),
            Self::Patch => ("PATCH", "PATCH "),
            Self::Delete => ("DELETE", "DELETE "),
        }
    }
}

/// How often a request may be sent. No code of this project sends one again that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// Sending it again changes nothing more: reads, and cancelling by id.
    Safe,
    /// Its body names a `client_order_id`, so the server refuses the second of two.
    WithClientOrderId,
    /// It may move money each time it is sent.
    Never,
}

/// Media type of a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`, for the authorization server.
    Form,
    /// `application/x-amz-json-1.1`, for AWS.
    AmzJson,
}

impl ContentType {
    /// The media type's text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::AmzJson => "application/x-amz-json-1.1",
        }
    }
}

/// A request body and its media type.
#[derive(Clone, Copy)]
pub struct Body<'r> {
    /// Media type.
    pub content_type: ContentType,
    /// The bytes.
    pub bytes: &'r [u8],
}

/// One request to API `A`: method, target, body, replay class. Holds no credential and no host.
///
/// The modules [`trading`], [`market_data`], [`broker`], [`auth_server`] and [`connect`] have ready
/// ones, [`catalog`] every other operation.
///
/// ```
/// use alpaca_auth::endpoint::Trading;
/// use alpaca_auth::request::{Method, Replay, Request, TargetBuffer};
///
/// let mut target = TargetBuffer::<64>::new("/v2/orders")?;
/// target.query("status", "open")?.query("symbols", "BRK.B,AAPL")?;
/// let request = Request::<Trading>::new(Method::Get, target.text())?;
/// assert_eq!(request.target(), "/v2/orders?status=open&symbols=BRK.B%2CAAPL");
/// assert_eq!(request.replay(), Replay::Safe);
/// # Ok::<(), alpaca_auth::request::RequestError>(())
/// ```
pub struct Request<'r, A> {
    method: Method,
    target: &'r str,
    body: Option<Body<'r>>,
    replay: Replay,
    operation: Option<&'static Operation>,
    api: PhantomData<fn() -> A>,
}

impl<'r, A: Api> Request<'r, A> {
    /// A request with `target` as it stands on the wire: path and query, percent-encoded.
    ///
    /// Its replay class is [`Replay::Safe`] for GET, else [`Replay::Never`].
    ///
    /// # Errors
    /// [`RequestError`] says what is wrong with `target`.
    pub fn new(method: Method, target: &'r str) -> Result<Self, RequestError> {
        target::check(target)?;
        Ok(Self::known(method, target))
    }

    /// The same with a target that is a constant of this crate.
    #[inline]
    pub(crate) const fn known(method: Method, target: &'r str) -> Self {
        Self {
            method,
            target,
            body: None,
            replay: match method {
                Method::Get => Replay::Safe,
                _ => Replay::Never,
            },
            operation: None,
            api: PhantomData,
        }
    }

    /// A request of the catalog's `operation`, for `target`, which must be filled from its path.
    #[inline]
    pub(crate) const fn of(operation: &'static Operation, target: &'r str) -> Self {
        Self {
            method: operation.method,
            target,
            body: None,
            replay: operation.replay,
            operation: Some(operation),
            api: PhantomData,
        }
    }

    /// The same request with a JSON body.
    #[must_use]
    pub const fn with_json(self, bytes: &'r [u8]) -> Self {
        self.with_body(ContentType::Json, bytes)
    }

    /// The same request with a form body.
    #[must_use]
    pub const fn with_form(self, bytes: &'r [u8]) -> Self {
        self.with_body(ContentType::Form, bytes)
    }

    /// The same request with another replay class. You promise that the class is true.
    #[must_use]
    pub const fn with_replay(mut self, replay: Replay) -> Self {
        self.replay = replay;
        self
    }

    pub(crate) const fn with_body(mut self, content_type: ContentType, bytes: &'r [u8]) -> Self {
        self.body = Some(Body {
            content_type,
            bytes,
        });
        self
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Path and query as they stand on the wire.
    #[must_use]
    pub const fn target(&self) -> &'r str {
        self.target
    }

    /// The body, if there is one.
    #[must_use]
    pub const fn body(&self) -> Option<Body<'r>> {
        self.body
    }

    /// How often the request may be sent.
    #[must_use]
    pub const fn replay(&self) -> Replay {
        self.replay
    }

    /// The operation of the catalog that this is a request of. A request made by
    /// [`new`](Self::new) has none: what it does is not known.
    #[must_use]
    pub const fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }
}

/// Why a request cannot be described or written. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The target does not start with one `/`.
    TargetNotAbsolute,
    /// The target holds a character that must be percent-encoded. Use [`TargetBuffer`].
    TargetNotEncoded,
    /// The target does not fit its buffer, or exceeds [`TARGET_MAX`]. Use a larger buffer.
    TargetTooLong,
    /// A path segment is empty, `.` or `..`, and would name another resource.
    SegmentEmpty,
    /// A path segment after the query has begun. Add segments first.
    SegmentAfterQuery,
    /// The path has more or fewer `{parameters}` than values were given. Give one value for each.
    ParameterCount,
    /// The operation is one of another API.
    OtherApi,
    /// A value of the query is empty, out of range, or excludes another. The field's documentation
    /// has the range.
    QueryValue,
    /// The head does not fit its buffer. Use a larger buffer.
    HeadTooLong,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TargetNotAbsolute => "the target must start with a single '/'",
            Self::TargetNotEncoded => {
                "the target holds a character that must be percent-encoded; build it with TargetBuffer"
            }
            Self::TargetTooLong => "the target does not fit; use a larger TargetBuffer",
            Self::SegmentEmpty => "a path segment may not be empty, '.' or '..'; check the id or symbol",
            Self::SegmentAfterQuery => "a path segment comes before the query; add it first",
            Self::ParameterCount => "give one value for each {parameter} of the operation's path",
            Self::OtherApi => "the operation is one of another API; use that API's client",
            Self::QueryValue => {
                "a value of the query is empty, out of range, or excludes another; see the documentation of its field"
            }
            Self::HeadTooLong => "the head does not fit; use a larger buffer",
        })
    }
}

impl core::error::Error for RequestError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Trading;

    #[test]
    fn a_raw_request_has_no_operation() {
        for method in [Method::Get, Method::Post, Method::Delete] {
            let request = Request::<Trading>::new(method, "/v2/account").unwrap();
            assert_eq!(request.operation(), None);
        }
        let ready = trading::submit_order(b"{}").operation().unwrap();
        assert_eq!(ready.effect, Effect::MovesMoney);
    }
}
