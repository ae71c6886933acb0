//! [`ReadOnly`]: a transport that cannot be given what changes anything.

use core::future::Future;

use crate::credential::Opens;
use crate::endpoint::{Api, Endpoint};
use crate::request::ReadRequest;
use crate::response::Reply;
use crate::transport::{AsyncTransport, Transport};

/// Takes a transport in and sends [`ReadRequest`]s by it. There is no way to the transport again, so what
/// holds a `ReadOnly` can change nothing, whatever its key may do.
///
/// ```
/// use alpaca_auth::ReadOnly;
/// use alpaca_auth::credential::KeyPair;
/// use alpaca_auth::endpoint::{Endpoint, Trading};
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::request::trading;
/// use alpaca_auth::transport::Transport;
///
/// fn show<T: Transport>(transport: &mut ReadOnly<T>, key_pair: &KeyPair<Paper>) {
///     let endpoint = Endpoint::<Trading, Paper>::alpaca();
///     let _ = transport.send(&trading::account(), &endpoint, key_pair, &mut [0; 4096]);
/// }
/// ```
///
/// An order does not compile:
///
/// ```compile_fail,E0308
/// # use alpaca_auth::ReadOnly;
/// # use alpaca_auth::credential::KeyPair;
/// # use alpaca_auth::endpoint::{Endpoint, Trading};
/// # use alpaca_auth::environment::Paper;
/// # use alpaca_auth::request::trading;
/// # use alpaca_auth::transport::Transport;
/// fn order<T: Transport>(transport: &mut ReadOnly<T>, key_pair: &KeyPair<Paper>) {
///     let endpoint = Endpoint::<Trading, Paper>::alpaca();
///     let order = trading::submit_order(b"{}");
///     let _ = transport.send(&order, &endpoint, key_pair, &mut [0; 4096]); // expected `ReadRequest`
/// }
/// ```
///
/// It is no [`Transport`] itself, which would take any request:
///
/// ```compile_fail,E0277
/// # use alpaca_auth::ReadOnly;
/// # use alpaca_auth::transport::Transport;
/// fn any<T: Transport>(transport: T) {}
/// fn read_only<T: Transport>(transport: ReadOnly<T>) {
///     any(transport); // `ReadOnly<T>` is no `Transport`
/// }
/// ```
pub struct ReadOnly<T>(T);

impl<T> ReadOnly<T> {
    /// From here on `transport` only reads.
    #[must_use]
    pub const fn new(transport: T) -> Self {
        Self(transport)
    }
}

impl<T: Transport> ReadOnly<T> {
    /// See [`Transport::send`].
    ///
    /// # Errors
    /// See [`Transport::send`].
    pub fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &ReadRequest<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, T::Error> {
        self.0.send(request, endpoint, credential, body)
    }
}

impl<T: AsyncTransport> ReadOnly<T> {
    /// See [`AsyncTransport::send`].
    ///
    /// # Errors
    /// See [`Transport::send`].
    pub fn send_async<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &ReadRequest<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> impl Future<Output = Result<Reply<'b>, T::Error>> {
        self.0.send(request, endpoint, credential, body)
    }
}
