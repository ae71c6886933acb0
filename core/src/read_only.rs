//! [`ReadOnly`]: a transport that cannot be given what changes anything.

use core::future::Future;
use core::ops::ControlFlow;

use crate::credential::Opens;
use crate::endpoint::{Api, Endpoint};
use crate::listing::{ListError, Listed, Listing};
use crate::request::ReadRequest;
use crate::response::{Item, Reply};
use crate::transport::{AsyncStreamingTransport, AsyncTransport, StreamingTransport, Transport};

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
/// Nor does a list of what a change answers:
///
/// ```compile_fail,E0308
/// # use alpaca_auth::ReadOnly;
/// # use alpaca_auth::credential::KeyPair;
/// # use alpaca_auth::endpoint::{Endpoint, Trading};
/// # use alpaca_auth::environment::Paper;
/// # use alpaca_auth::listing::Listing;
/// # use alpaca_auth::request::trading;
/// # use alpaca_auth::transport::StreamingTransport;
/// # use core::ops::ControlFlow;
/// fn cancel<T: StreamingTransport>(transport: &mut ReadOnly<T>, listing: &mut Listing, key_pair: &KeyPair<Paper>) {
///     let endpoint = Endpoint::<Trading, Paper>::alpaca();
///     let cancel = trading::cancel_all_orders();
///     let on = |_: alpaca_auth::response::Item| ControlFlow::Continue(());
///     let _ = transport.list(&cancel, listing, &endpoint, key_pair, on); // expected `ReadRequest`
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

impl<T: StreamingTransport> ReadOnly<T> {
    /// See [`Listing::read`].
    ///
    /// # Errors
    /// See [`Listing::read`].
    pub fn list<A: Api, C: Opens<A>>(
        &mut self,
        request: &ReadRequest<'_, A>,
        listing: &mut Listing<'_>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        on: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Listed, ListError<T::Error>> {
        listing.read(&mut self.0, request, endpoint, credential, on)
    }
}

impl<T: AsyncStreamingTransport> ReadOnly<T> {
    /// See [`Listing::read_async`].
    ///
    /// # Errors
    /// See [`Listing::read`].
    pub fn list_async<A: Api, C: Opens<A>>(
        &mut self,
        request: &ReadRequest<'_, A>,
        listing: &mut Listing<'_>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        on: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> impl Future<Output = Result<Listed, ListError<T::Error>>> {
        listing.read_async(&mut self.0, request, endpoint, credential, on)
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
