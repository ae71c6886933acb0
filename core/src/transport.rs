//! [`Transport`] and [`AsyncTransport`]: what moves the bytes.
//!
//! Implement one over your own HTTP stack. It has to keep three promises: the secret goes to the
//! endpoint and nowhere else (no redirect is followed), the server is verified before a byte is
//! written, and a request is sent at most once.
//!
//! # A transport that records
//!
//! ```
//! use alpaca_auth::credential::{Credential, KeyPair, Opens, Slot};
//! use alpaca_auth::endpoint::{Api, Endpoint, Trading};
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::http::{HeadBuffer, write_head};
//! use alpaca_auth::request::{Request, RequestError, trading};
//! use alpaca_auth::response::{Account, Context, Reply, ReplyHead};
//! use alpaca_auth::transport::Transport;
//!
//! /// Keeps the request line and answers from memory.
//! struct Recording(Vec<String>);
//!
//! impl Transport for Recording {
//!     type Error = RequestError;
//!
//!     fn send<'b, A: Api, C: Opens<A>>(
//!         &mut self,
//!         request: &Request<'_, A>,
//!         endpoint: &Endpoint<A, C::Environment>,
//!         credential: &C,
//!         body: &'b mut [u8],
//!     ) -> Result<Reply<'b>, RequestError> {
//!         let mut head = HeadBuffer::<1024>::new();
//!         write_head(request, endpoint, credential, &mut head)?;
//!         self.0.push(format!("{} {}", request.method().text(), request.target()));
//!         let answer = br#"{"id":"1","status":"ACTIVE"}"#;
//!         body[..answer.len()].copy_from_slice(answer);
//!         let context = Context::of::<A, C>(credential);
//!         Ok(Reply::new(ReplyHead::new(200), context, &body[..answer.len()]))
//!     }
//! }
//!
//! let mut slot = Slot::<KeyPair<Paper>>::vacant();
//! let key_pair = slot.paper("PKTEST", "secret")?;
//! let mut transport = Recording(Vec::new());
//! let mut body = [0; 1024];
//! let endpoint = Endpoint::<Trading, Paper>::alpaca();
//! let reply = transport.send(&trading::account(), &endpoint, key_pair, &mut body)?;
//! assert_eq!(reply.json::<Account>()?.id, "1");
//! assert_eq!(transport.0, ["GET /v2/account"]);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use core::future::Future;
use core::ops::ControlFlow;

use crate::credential::Opens;
use crate::endpoint::{Api, Endpoint};
use crate::request::Request;
use crate::response::Reply;

/// Sends one request and waits for its answer.
pub trait Transport {
    /// What can go wrong before there is an answer.
    type Error;

    /// Sends `request` to `endpoint`, authenticated by `credential`, exactly once. The body of
    /// the answer goes into `body`; any status is an answer, not an error.
    ///
    /// # Errors
    /// When there is no complete answer. It may still have reached the server: see
    /// [`Replay`](crate::request::Replay) before sending again.
    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Self::Error>;
}

/// Sends one request and hands on the body of its answer as it arrives, of any length.
pub trait StreamingTransport: Transport {
    /// Sends `request` as [`send`](Transport::send) does, exactly once. The body of a success goes to
    /// `sink` piece by piece, cut anywhere; the body of any other answer into `refusal`.
    ///
    /// When the answer breaks off, the sink has seen a part of it: only `Ok` says that it was all. The
    /// time for the whole call is bounded as for `send`, so a list that takes longer is an error.
    ///
    /// An answer that holds tokens ([`issues_tokens`](crate::endpoint::ApiKind::issues_tokens)) never
    /// goes to the sink: it goes into `refusal`, whatever its status.
    ///
    /// # Errors
    /// As `send`; also when the sink breaks, which ends the connection.
    fn send_into<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        refusal: &'b mut [u8],
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'b>, Self::Error>;
}

/// The same without blocking.
pub trait AsyncTransport {
    /// What can go wrong before there is an answer.
    type Error;

    /// See [`Transport::send`]. Dropping the future abandons the connection.
    ///
    /// # Errors
    /// See [`Transport::send`].
    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> impl Future<Output = Result<Reply<'b>, Self::Error>>;
}

/// [`StreamingTransport`] without blocking.
pub trait AsyncStreamingTransport: AsyncTransport {
    /// See [`StreamingTransport::send_into`]. Dropping the future abandons the connection.
    ///
    /// # Errors
    /// See [`StreamingTransport::send_into`].
    fn send_into<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        refusal: &'b mut [u8],
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> impl Future<Output = Result<Reply<'b>, Self::Error>>;
}
