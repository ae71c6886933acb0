//! [`ReadRequest`]: a request that is known to change nothing.

use core::ops::Deref;

use super::Request;
use crate::endpoint::Api;

/// A GET request of an operation that only reads. It goes wherever a [`Request`] goes; where a
/// `ReadRequest` is wanted, nothing else goes.
///
/// ```
/// use alpaca_auth::endpoint::Trading;
/// use alpaca_auth::request::{ReadRequest, Request, trading};
///
/// fn read_only(request: &ReadRequest<'_, Trading>) {}
/// fn any(request: &Request<'_, Trading>) {}
///
/// read_only(&trading::account());
/// any(&trading::account());
/// ```
///
/// After `?`, name it first, since the compiler then looks for a `Request`:
/// `let request = trading::order(&mut target, id)?; client.call(&request)`.
///
/// ```compile_fail,E0308
/// use alpaca_auth::endpoint::Trading;
/// use alpaca_auth::request::{ReadRequest, trading};
///
/// fn read_only(request: &ReadRequest<'_, Trading>) {}
/// read_only(&trading::submit_order(b"{}")); // expected `ReadRequest`, found `Request`
/// ```
///
/// ```compile_fail,E0423
/// use alpaca_auth::request::{ReadRequest, trading};
/// let disguised = ReadRequest(trading::submit_order(b"{}")); // the field is private
/// ```
pub struct ReadRequest<'r, A>(Request<'r, A>);

impl<'r, A: Api> ReadRequest<'r, A> {
    /// `request` must be one of a [`ReadOperation`](super::ReadOperation).
    #[inline]
    pub(crate) const fn known(request: Request<'r, A>) -> Self {
        Self(request)
    }

    /// The same request, for what takes any.
    #[must_use]
    pub fn into_request(self) -> Request<'r, A> {
        self.0
    }
}

impl<'r, A> Deref for ReadRequest<'r, A> {
    type Target = Request<'r, A>;

    #[inline]
    fn deref(&self) -> &Request<'r, A> {
        &self.0
    }
}

impl<'r, A: Api> From<ReadRequest<'r, A>> for Request<'r, A> {
    fn from(request: ReadRequest<'r, A>) -> Self {
        request.0
    }
}
