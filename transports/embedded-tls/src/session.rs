//! The blocking session, over `embedded_io`.

use core::ops::ControlFlow;
use core::pin::{Pin, pin};

use alpaca_auth::credential::{Credential, Opens};
use alpaca_auth::endpoint::{Api, Endpoint};
use alpaca_auth::environment::Environment;
use alpaca_auth::request::Request;
use alpaca_auth::response::Reply;
use alpaca_auth::transport::{
    AsyncStreamingTransport, AsyncTransport, StreamingTransport, Transport,
};
use embedded_io::{ErrorType, Read, Write};
use embedded_tls::CryptoRngCore;
use rustls_pki_types::UnixTime;

use crate::asynch::{self, ready};
use crate::buffers::Buffers;
use crate::error::{Error, TlsFault};
use crate::trust::Trust;

/// An authenticated TLS 1.3 connection to one host, for one call after the other.
///
/// It is the async session over a socket that never waits, so that both are the same code.
///
/// ```no_run
/// use alpaca_auth::credential::{KeyPair, Slot};
/// use alpaca_auth::endpoint::{Endpoint, Trading};
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::request::trading;
/// use alpaca_auth::response::Account;
/// use alpaca_auth_embedded_tls::{Buffers, CryptoRngCore, Session, Trust, UnixTime};
/// use embedded_io::{Read, Write};
///
/// fn account<S: Read + Write>(
///     socket: S,                     // a TCP connection to the endpoint's host and port
///     buffers: &mut Buffers,         // a static
///     now: UnixTime,                 // from RTC or SNTP
///     rng: &mut impl CryptoRngCore,  // seeded by the board's TRNG
/// ) -> Result<(), Box<dyn core::error::Error>> {
///     let mut slot = Slot::<KeyPair<Paper>>::vacant();
///     let key_pair = slot.paper("PKTEST", "secret")?;
///     let endpoint = Endpoint::<Trading, Paper>::alpaca();
///     let mut session = Session::open(socket, &endpoint, buffers, Trust::curated(), now, rng)?;
///     let mut body = [0; 4096];
///     let reply = session.call(&trading::account(), key_pair, &mut body)?;
///     let account = reply.json::<Account>()?;
///     Ok(())
/// }
/// ```
///
/// A session cannot be made in another way, and its parts cannot be had:
///
/// ```compile_fail,E0451
/// use alpaca_auth_embedded_tls::Session;
/// let session = Session { session: todo!() };
/// # let _: Session<'_, &mut [u8], alpaca_auth::endpoint::Trading, alpaca_auth::environment::Paper> = session;
/// ```
pub struct Session<'b, S: Read + Write, A: Api, E: Environment> {
    session: asynch::Session<'b, Blocking<S>, A, E>,
}

impl<'b, S: Read + Write, A: Api, E: Environment> Session<'b, S, A, E> {
    /// Makes the handshake over `socket`, a TCP connection to the endpoint, and returns when the
    /// server has proved that it is the endpoint's host.
    ///
    /// - `buffers` are borrowed until the session is dropped. To have the socket back, lend it:
    ///   `&mut socket` is a socket, too.
    /// - `trust` says by which authorities, pins and cache the server is judged.
    /// - `now` is the time by which certificates are judged. From an RTC that is set, or SNTP; a
    ///   wrong time makes good certificates fail, or expired ones pass. SNTP is not authenticated:
    ///   whoever can forge it can revive an expired certificate, but needs its key as well.
    /// - `rng` makes the key exchange. From the board's TRNG, or a generator seeded by it at each
    ///   start; never from a fixed seed, or all sessions have the same key.
    ///
    /// # Errors
    /// [`Error::Clock`], [`Error::Entropy`] or [`Error::Tls`]. Nothing secret was sent.
    pub fn open<R, const READ: usize, const WRITE: usize, const HTTP: usize>(
        socket: S,
        endpoint: &Endpoint<A, E>,
        buffers: &'b mut Buffers<READ, WRITE, HTTP>,
        trust: Trust<'_>,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<Self, Error>
    where
        R: CryptoRngCore,
    {
        let mut session = Self {
            session: asynch::Session::prepare(Blocking(socket), endpoint, buffers, now)?,
        };
        now_or_fault(pin!(session.session.establish(trust, now, rng)))?;
        Ok(session)
    }

    /// The same as [`open`](Self::open), with the session made in `place`, which is emptied first. A
    /// session is moved once or twice on its way out of `open`, and each time takes 1.6 KB of
    /// stack on a microcontroller, below all of the handshake: this saves 5.5 KB there.
    ///
    /// ```no_run
    /// # use alpaca_auth::{credential::KeyPair, endpoint::{Endpoint, Trading}, environment::Paper, request::trading};
    /// # use alpaca_auth_embedded_tls::{Buffers, CryptoRngCore, Error, Session, Trust, UnixTime};
    /// # use embedded_io::{Read, Write};
    /// # fn account<S: Read + Write>(socket: S, buffers: &mut Buffers, now: UnixTime, rng: &mut impl CryptoRngCore, key_pair: &KeyPair<Paper>) -> Result<(), Error> {
    /// let endpoint = Endpoint::<Trading, Paper>::alpaca();
    /// let mut place = None;
    /// let session = Session::open_in(&mut place, socket, &endpoint, buffers, Trust::curated(), now, rng)?;
    /// let mut body = [0; 4096];
    /// let reply = session.call(&trading::account(), key_pair, &mut body)?;
    /// session.end();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`open`](Self::open); `place` is empty then.
    pub fn open_in<'p, R, const READ: usize, const WRITE: usize, const HTTP: usize>(
        place: &'p mut Option<Self>,
        socket: S,
        endpoint: &Endpoint<A, E>,
        buffers: &'b mut Buffers<READ, WRITE, HTTP>,
        trust: Trust<'_>,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<&'p mut Self, Error>
    where
        R: CryptoRngCore,
    {
        Self::prepare_in(place, socket, endpoint, buffers, now)?;
        let opened = match place {
            Some(session) => now_or_fault(pin!(session.session.establish(trust, now, rng))),
            None => Err(Error::Broken(TlsFault::Internal)),
        };
        if opened.is_err() {
            *place = None;
        }
        opened.and(place.as_mut().ok_or(Error::Broken(TlsFault::Internal)))
    }

    /// Apart, so that what is moved leaves the stack.
    #[inline(never)]
    fn prepare_in<const READ: usize, const WRITE: usize, const HTTP: usize>(
        place: &mut Option<Self>,
        socket: S,
        endpoint: &Endpoint<A, E>,
        buffers: &'b mut Buffers<READ, WRITE, HTTP>,
        now: UnixTime,
    ) -> Result<(), Error> {
        *place = None;
        *place = Some(Self {
            session: asynch::Session::prepare(Blocking(socket), endpoint, buffers, now)?,
        });
        Ok(())
    }

    /// The endpoint that the session is with.
    pub const fn endpoint(&self) -> &Endpoint<A, E> {
        self.session.endpoint()
    }

    /// Whether the session takes another call. The server may close it at any time, which the
    /// next call finds out.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.session.is_usable()
    }

    /// Sends `request`, once, and reads the whole answer into `body`.
    ///
    /// # Errors
    /// [`Error`]. [`Error::may_resend`] tells whether the request may be sent again.
    pub fn call<'r, C>(
        &mut self,
        request: &Request<'_, A>,
        credential: &C,
        body: &'r mut [u8],
    ) -> Result<Reply<'r>, Error>
    where
        C: Opens<A> + Credential<Environment = E>,
    {
        now_or_fault(pin!(self.session.call(request, credential, body)))
    }

    /// Sends `request`, once. The body of a success goes to `sink` piece by piece as it arrives,
    /// of any length and cut anywhere; the body of any other answer into `refusal`.
    ///
    /// When the answer breaks off, the sink has seen a part of it: only `Ok` says that it was all.
    /// An answer that holds tokens goes into `refusal`, never to the sink.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Stopped`] when the sink breaks.
    pub fn call_into<'r, C>(
        &mut self,
        request: &Request<'_, A>,
        credential: &C,
        refusal: &'r mut [u8],
        sink: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'r>, Error>
    where
        C: Opens<A> + Credential<Environment = E>,
    {
        now_or_fault(pin!(
            self.session.call_into(request, credential, refusal, sink)
        ))
    }

    /// Tells the server that nothing more will come, and ends the session.
    pub fn close(mut self) {
        self.end();
    }

    /// The same as [`close`](Self::close), for a session that stays in its place. It takes no
    /// other call; its buffers are wiped when the place is emptied or dropped.
    pub fn end(&mut self) {
        let _ = ready(pin!(self.session.end()));
    }
}

impl<S: Read + Write, A: Api, E: Environment> core::fmt::Debug for Session<'_, S, A, E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.session.fmt(f)
    }
}

impl<S: Read + Write, A: Api, E: Environment> Transport for Session<'_, S, A, E> {
    type Error = Error;

    fn send<'r, X: Api, C: Opens<X>>(
        &mut self,
        request: &Request<'_, X>,
        endpoint: &Endpoint<X, C::Environment>,
        credential: &C,
        body: &'r mut [u8],
    ) -> Result<Reply<'r>, Error> {
        now_or_fault(pin!(self.session.send(request, endpoint, credential, body)))
    }
}

impl<S: Read + Write, A: Api, E: Environment> StreamingTransport for Session<'_, S, A, E> {
    fn send_into<'r, X: Api, C: Opens<X>>(
        &mut self,
        request: &Request<'_, X>,
        endpoint: &Endpoint<X, C::Environment>,
        credential: &C,
        refusal: &'r mut [u8],
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'r>, Error> {
        now_or_fault(pin!(
            self.session
                .send_into(request, endpoint, credential, refusal, sink)
        ))
    }
}

/// A future over a blocking socket is ready when it is first asked.
fn now_or_fault<T>(future: Pin<&mut impl Future<Output = Result<T, Error>>>) -> Result<T, Error> {
    ready(future).unwrap_or(Err(Error::Broken(TlsFault::Internal)))
}

/// A blocking socket as an async one.
struct Blocking<S>(S);

impl<S: ErrorType> ErrorType for Blocking<S> {
    type Error = S::Error;
}

impl<S: Read> embedded_io_async::Read for Blocking<S> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, S::Error> {
        self.0.read(buffer)
    }
}

impl<S: Write> embedded_io_async::Write for Blocking<S> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, S::Error> {
        self.0.write(bytes)
    }

    async fn flush(&mut self) -> Result<(), S::Error> {
        self.0.flush()
    }
}
