//! The session without blocking, over `embedded_io_async`. The blocking one is built on it.

use core::future::Future;
use core::hint::black_box;
use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use core::task::{Context as TaskContext, Poll, Waker};

use alpaca_auth::credential::{Credential, Opens};
use alpaca_auth::endpoint::{Api, Endpoint};
use alpaca_auth::environment::Environment;
use alpaca_auth::http::{BodyError, BodyReader, Framing, Parsed, ResponseHead, write_head_into};
use alpaca_auth::request::Request;
use alpaca_auth::response::{Context, Reply, ReplyHead};
use alpaca_auth::transport::{AsyncStreamingTransport, AsyncTransport};
use embedded_io_async::{Read, Write};
use embedded_tls::{CryptoRngCore, TlsConfig, TlsConnection, TlsContext, TlsError};
use rustls_pki_types::{ServerName, UnixTime};
use zeroize::Zeroize;

use crate::buffers::{Buffers, Phase, Shared};
use crate::cipher::{CLOSE, Suite, WIPE};
use crate::entropy::{Drawn, Ones};
use crate::error::{Error, TlsFault};
use crate::guard::Guard;
use crate::trust::Trust;
use crate::verifier::{Provider, Verifier};

/// An authenticated TLS 1.3 connection to one host, for one call after the other.
///
/// There is one way to get one, [`open`](Self::open), and it always has all of these: the record
/// guard below TLS, the certificate verifier, the check that the verifier was used, and buffers
/// that are wiped. See [`Session`](crate::Session) for the blocking one, with examples.
///
/// Dropping the future of a call abandons the connection: the next call says so.
pub struct Session<'b, S: Read + Write, A: Api, E: Environment> {
    connection: TlsConnection<'b, Guard<'b, S>, Suite>,
    shared: &'b Shared,
    http: &'b mut [u8],
    endpoint: Endpoint<A, E>,
    /// Until a call is whole, there is no other: no error and no dropped future leaves a
    /// connection that is used again.
    ended: bool,
}

impl<'b, S: Read + Write, A: Api, E: Environment> Session<'b, S, A, E> {
    /// Makes the handshake over `socket`, a TCP connection to the endpoint, and returns when the
    /// server has proved that it is the endpoint's host.
    ///
    /// # Errors
    /// [`Error::Clock`], [`Error::Entropy`] or [`Error::Tls`]. Nothing secret was sent.
    pub async fn open<R, const READ: usize, const WRITE: usize, const HTTP: usize>(
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
        let mut session = Self::prepare(socket, endpoint, buffers, now)?;
        session.establish(trust, now, rng).await?;
        Ok(session)
    }

    /// The same as [`open`](Self::open), with the session made in `place`, which is emptied first. A
    /// session is moved once or twice on its way out of `open`, and each time takes 1.6 KB of
    /// stack on a microcontroller, below all of the handshake.
    ///
    /// # Errors
    /// As [`open`](Self::open); `place` is empty then. A dropped future leaves a session in it
    /// that takes no call.
    pub async fn open_in<'p, R, const READ: usize, const WRITE: usize, const HTTP: usize>(
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
            Some(session) => session.establish(trust, now, rng).await,
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
        *place = Some(Self::prepare(socket, endpoint, buffers, now)?);
        Ok(())
    }

    /// A session that takes no call yet. Apart from [`establish`](Self::establish), so that the
    /// blocking session makes it in its own place: as a part of a future it would be moved, and
    /// takes 1.6 KB of stack on a microcontroller each time.
    pub(crate) fn prepare<const READ: usize, const WRITE: usize, const HTTP: usize>(
        socket: S,
        endpoint: &Endpoint<A, E>,
        buffers: &'b mut Buffers<READ, WRITE, HTTP>,
        now: UnixTime,
    ) -> Result<Self, Error> {
        buffers.wipe();
        let Buffers {
            read,
            write,
            http,
            shared,
        } = buffers;
        if now.as_secs() < crate::built_at() {
            return Err(Error::Clock);
        }
        shared.start();
        let shared: &'b Shared = shared;
        let guard = Guard::new(socket, shared, u16::try_from(READ).unwrap_or(u16::MAX));
        Ok(Self {
            connection: TlsConnection::new(guard, read, write),
            shared,
            http,
            endpoint: endpoint.clone(),
            ended: true,
        })
    }

    /// Makes the handshake. Until this has succeeded the session takes no call.
    pub(crate) async fn establish<R: CryptoRngCore>(
        &mut self,
        trust: Trust<'_>,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<(), Error> {
        let mut rng = Drawn::new(rng).map_err(|_| Error::Entropy)?;
        self.handshake(trust, now, &mut rng)
            .await
            .map_err(Error::Tls)?;
        self.shared.enter(Phase::Application);
        self.ended = false;
        Ok(())
    }

    async fn handshake(
        &mut self,
        trust: Trust<'_>,
        now: UnixTime,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), TlsFault> {
        let host = self.endpoint.host();
        let name = ServerName::try_from(host).map_err(|_| TlsFault::NameMismatch)?;
        let mut config = TlsConfig::new();
        if cfg!(feature = "rsa") {
            config = config.enable_rsa_signatures();
        }
        if matches!(name, ServerName::DnsName(_)) {
            config = config.with_server_name(host);
        }
        let mut verifier = Verifier::new(trust, name, now, self.http);
        let provider = Provider {
            rng,
            verifier: &mut verifier,
        };
        let opened = self
            .connection
            .open(TlsContext::new(&config, provider))
            .await;
        let outcome = match opened {
            // The gate. embedded-tls may come here without having asked the verifier anything.
            Ok(()) => verifier.outcome(),
            Err(error) => Err(verifier
                .refusal()
                .or_else(|| TlsFault::of_guard(self.shared))
                .unwrap_or_else(|| in_handshake(&error))),
        };
        self.http.zeroize();
        outcome
    }

    /// The endpoint that the session is with.
    pub const fn endpoint(&self) -> &Endpoint<A, E> {
        &self.endpoint
    }

    /// Whether the session takes another call. The server may close it at any time, which the
    /// next call finds out.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        !self.ended
    }

    /// Sends `request`, once, and reads the whole answer into `body`.
    ///
    /// # Errors
    /// [`Error`]. [`Error::may_resend`] tells whether the request may be sent again.
    pub async fn call<'r, C>(
        &mut self,
        request: &Request<'_, A>,
        credential: &C,
        body: &'r mut [u8],
    ) -> Result<Reply<'r>, Error>
    where
        C: Opens<A> + Credential<Environment = E>,
    {
        self.begin()?;
        let head = write_head_into(request, &self.endpoint, credential, self.http)?;
        let context = Context::of::<A, C>(credential);
        let (reply, length) = self
            .exchange(head, request, Target::Buffer(body, 0))
            .await?;
        Ok(Reply::new(
            reply,
            context,
            body.get(..length).unwrap_or_default(),
        ))
    }

    /// Sends `request`, once. The body of a success goes to `sink` piece by piece as it arrives,
    /// of any length and cut anywhere; the body of any other answer into `refusal`.
    ///
    /// When the answer breaks off, the sink has seen a part of it: only `Ok` says that it was all.
    /// An answer that holds tokens goes into `refusal`, never to the sink.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Stopped`] when the sink breaks.
    pub async fn call_into<'r, C>(
        &mut self,
        request: &Request<'_, A>,
        credential: &C,
        refusal: &'r mut [u8],
        mut sink: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'r>, Error>
    where
        C: Opens<A> + Credential<Environment = E>,
    {
        self.begin()?;
        let head = write_head_into(request, &self.endpoint, credential, self.http)?;
        let context = Context::of::<A, C>(credential);
        let target = Target::streamed::<A>(&mut sink, refusal);
        let (reply, length) = self.exchange(head, request, target).await?;
        Ok(Reply::new(
            reply,
            context,
            refusal.get(..length).unwrap_or_default(),
        ))
    }

    /// Tells the server that nothing more will come, and ends the session.
    pub async fn close(mut self) {
        self.end().await;
    }

    /// The same as [`close`](Self::close), for a session that stays in its place. It takes no
    /// other call; its buffers are wiped when the place is emptied or dropped.
    pub async fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            // The server learns it from the end of the connection, too.
            let _ = self.write(&CLOSE).await;
            let _ = self.connection.flush().await;
        }
    }

    const fn begin(&self) -> Result<(), Error> {
        if self.ended {
            return Err(Error::Stale { sent: false });
        }
        Ok(())
    }

    /// The same for a request that names its endpoint.
    fn begin_at<X: Api, F: Environment>(&self, endpoint: &Endpoint<X, F>) -> Result<(), Error> {
        if endpoint.host() != self.endpoint.host() || endpoint.port() != self.endpoint.port() {
            return Err(Error::OtherHost);
        }
        self.begin()
    }

    /// Sends the head that stands in the HTTP buffer and the body, and takes the answer in.
    /// Returns its head and how much of it stands in the target's buffer.
    async fn exchange<X: Api>(
        &mut self,
        head: usize,
        request: &Request<'_, X>,
        mut target: Target<'_>,
    ) -> Result<(ReplyHead, usize), Error> {
        self.ended = true;
        let result = self.exchange_in(head, request, &mut target).await;
        self.http.zeroize();
        let (reply, reusable) = result?;
        self.ended = !reusable;
        Ok((reply, target.length()))
    }

    async fn exchange_in<X: Api>(
        &mut self,
        head: usize,
        request: &Request<'_, X>,
        target: &mut Target<'_>,
    ) -> Result<(ReplyHead, bool), Error> {
        self.send(head, request).await?;
        let (answer, filled) = self.read_head().await?;
        target.choose(answer.reply.status);
        let limit = target.limit();
        let mut reader = BodyReader::new(answer.framing, limit).map_err(of_body)?;

        let (scratch, surplus) = self
            .http
            .split_at_mut_checked(answer.length)
            .unwrap_or_default();
        let surplus = surplus
            .get(..filled.saturating_sub(answer.length))
            .unwrap_or_default();
        let mut clean = take(&mut reader, target, scratch, surplus)? == surplus.len();
        while !reader.is_done() {
            let mut piece = match self.connection.read_buffered().await {
                Ok(piece) => piece,
                Err(error) => return Err(broken(self.shared, &error)),
            };
            let data = piece.peek_all();
            let taken = take(&mut reader, target, self.http, data)?;
            clean = taken == data.len();
            let _ = piece.pop(taken);
        }
        // Bytes behind the answer would be taken for the next one.
        Ok((answer.reply, clean && !answer.close))
    }

    async fn send<X: Api>(&mut self, head: usize, request: &Request<'_, X>) -> Result<(), Error> {
        let socket = |error: TlsError| Error::Socket {
            kind: match error {
                TlsError::Io(kind) => kind,
                _ => embedded_io::ErrorKind::Other,
            },
            sent: true,
        };
        let bytes = self.http.get(..head).unwrap_or_default();
        let written = write_all(&mut self.connection, bytes).await;
        self.http.get_mut(..head).unwrap_or_default().zeroize();
        written.map_err(socket)?;
        if let Some(body) = request.body() {
            self.write(body.bytes).await.map_err(socket)?;
        }
        self.connection.flush().await.map_err(socket)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), TlsError> {
        write_all(&mut self.connection, bytes).await
    }

    /// Reads until the head of the answer stands in the HTTP buffer; tells how far that is filled.
    async fn read_head(&mut self) -> Result<(Answer, usize), Error> {
        let (mut filled, mut begun) = (0_usize, false);
        loop {
            let known = self.http.get(..filled).unwrap_or_default();
            if let Parsed::Complete { head, length } =
                ResponseHead::parse(known).map_err(Error::Head)?
            {
                if !head.is_interim() {
                    return Ok((Answer::of(&head, length)?, filled));
                }
                self.http.copy_within(length..filled, 0);
                filled = filled.saturating_sub(length);
                continue;
            }
            let mut piece = match self.connection.read_buffered().await {
                Ok(piece) => piece,
                Err(TlsError::InternalError | TlsError::IoError) if !begun => {
                    // close_notify or the end of TCP instead of an answer: the usual fate of a
                    // session that was idle for too long.
                    return Err(Error::Stale { sent: true });
                }
                Err(error) => return Err(broken(self.shared, &error)),
            };
            begun = true;
            let place = self.http.get_mut(filled..).unwrap_or_default();
            if place.is_empty() {
                return Err(Error::HeadTooLong);
            }
            let data = piece.pop(place.len());
            for (to, from) in place.iter_mut().zip(data) {
                *to = *from;
            }
            filled = filled.saturating_add(data.len());
        }
    }

    /// Has embedded-tls overwrite its own buffers, which it does not give back.
    async fn wipe_records(&mut self) {
        self.shared.enter(Phase::Wipe);
        if self.connection.is_opened() {
            // Ends a record that was begun; the guard keeps it from the socket.
            let _ = self.connection.flush().await;
            let _ = self.write(&WIPE).await;
            let _ = self.connection.flush().await;
            // The first may only end a record that was under way.
            for _ in 0..2 {
                let _ = self.connection.read_buffered().await;
            }
        } else {
            // A handshake that nobody answers, without a secret.
            let config = TlsConfig::new().with_server_name(NULS);
            let Ok(name) = ServerName::try_from(self.endpoint.host()) else {
                return;
            };
            let now = UnixTime::since_unix_epoch(core::time::Duration::ZERO);
            let mut verifier = Verifier::new(Trust::only(&[]), name, now, &mut []);
            for _ in 0..2 {
                let provider = Provider {
                    rng: &mut Ones,
                    verifier: &mut verifier,
                };
                let _ = self
                    .connection
                    .open(TlsContext::new(&config, provider))
                    .await;
            }
        }
    }
}

/// As a name in a ClientHello that is never sent, overwrites the one that was.
const NULS: &str = match core::str::from_utf8(&[0; 256]) {
    Ok(text) => text,
    Err(_) => "",
};

impl<S: Read + Write, A: Api, E: Environment> Drop for Session<'_, S, A, E> {
    fn drop(&mut self) {
        self.http.zeroize();
        // Nothing in it waits: the guard does not touch the socket any more.
        let _ = ready(pin!(self.wipe_records()));
        black_box(&mut self.connection);
    }
}

impl<S: Read + Write, A: Api, E: Environment> core::fmt::Debug for Session<'_, S, A, E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session")
            .field("endpoint", &self.endpoint)
            .field("is_usable", &self.is_usable())
            .finish_non_exhaustive()
    }
}

impl<S: Read + Write, A: Api, E: Environment> AsyncTransport for Session<'_, S, A, E> {
    type Error = Error;

    async fn send<'r, X: Api, C: Opens<X>>(
        &mut self,
        request: &Request<'_, X>,
        endpoint: &Endpoint<X, C::Environment>,
        credential: &C,
        body: &'r mut [u8],
    ) -> Result<Reply<'r>, Error> {
        self.begin_at(endpoint)?;
        let head = write_head_into(request, endpoint, credential, self.http)?;
        let context = Context::of::<X, C>(credential);
        let (reply, length) = self
            .exchange(head, request, Target::Buffer(body, 0))
            .await?;
        Ok(Reply::new(
            reply,
            context,
            body.get(..length).unwrap_or_default(),
        ))
    }
}

impl<S: Read + Write, A: Api, E: Environment> AsyncStreamingTransport for Session<'_, S, A, E> {
    async fn send_into<'r, X: Api, C: Opens<X>>(
        &mut self,
        request: &Request<'_, X>,
        endpoint: &Endpoint<X, C::Environment>,
        credential: &C,
        refusal: &'r mut [u8],
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'r>, Error> {
        self.begin_at(endpoint)?;
        let head = write_head_into(request, endpoint, credential, self.http)?;
        let context = Context::of::<X, C>(credential);
        let target = Target::streamed::<X>(sink, refusal);
        let (reply, length) = self.exchange(head, request, target).await?;
        Ok(Reply::new(
            reply,
            context,
            refusal.get(..length).unwrap_or_default(),
        ))
    }
}

async fn write_all<S: Read + Write>(
    connection: &mut TlsConnection<'_, Guard<'_, S>, Suite>,
    mut bytes: &[u8],
) -> Result<(), TlsError> {
    while !bytes.is_empty() {
        let count = connection.write(bytes).await?;
        bytes = bytes.get(count..).unwrap_or_default();
    }
    Ok(())
}

/// The parts of a response head that outlive the HTTP buffer.
struct Answer {
    reply: ReplyHead,
    framing: Framing,
    length: usize,
    close: bool,
}

impl Answer {
    fn of(head: &ResponseHead<'_>, length: usize) -> Result<Self, Error> {
        let status = head.status();
        if matches!(status, 300..=399) {
            return Err(Error::Redirect { status });
        }
        let mut reply = ReplyHead::new(status);
        let mut close = false;
        for (name, value) in head.fields() {
            reply.field(name, value);
            close |= name.eq_ignore_ascii_case("connection")
                && value
                    .split(|byte| *byte == b',')
                    .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"));
        }
        let framing = Framing::decide(false, status, head.fields()).map_err(Error::Framing)?;
        Ok(Self {
            reply,
            framing,
            length,
            close,
        })
    }
}

/// Where a body goes.
enum Target<'s> {
    /// Into memory, which is filled so far.
    Buffer(&'s mut [u8], usize),
    /// To the sink, if it is the body of a success; else into memory.
    Sink(&'s mut dyn FnMut(&[u8]) -> ControlFlow<()>, &'s mut [u8]),
}

impl<'s> Target<'s> {
    /// To the sink, unless the answers of `X` hold tokens: those stay in one place, which is wiped.
    fn streamed<X: Api>(
        sink: &'s mut dyn FnMut(&[u8]) -> ControlFlow<()>,
        refusal: &'s mut [u8],
    ) -> Self {
        if X::KIND.issues_tokens() {
            Self::Buffer(refusal, 0)
        } else {
            Self::Sink(sink, refusal)
        }
    }

    fn choose(&mut self, status: u16) {
        if let (Self::Sink(_, refusal), false) = (&mut *self, matches!(status, 200..=299)) {
            *self = Self::Buffer(core::mem::take(refusal), 0);
        }
    }

    fn limit(&self) -> u64 {
        match self {
            Self::Buffer(place, _) => u64::try_from(place.len()).unwrap_or(u64::MAX),
            Self::Sink(..) => u64::MAX,
        }
    }

    const fn length(&self) -> usize {
        match self {
            Self::Buffer(_, filled) => *filled,
            Self::Sink(..) => 0,
        }
    }
}

/// Decodes what it can of `data` into the target. Returns how much it took.
fn take(
    reader: &mut BodyReader,
    target: &mut Target<'_>,
    scratch: &mut [u8],
    data: &[u8],
) -> Result<usize, Error> {
    let mut rest = data;
    loop {
        let (consumed, produced) = match target {
            Target::Buffer(place, filled) => {
                let place = place.get_mut(*filled..).unwrap_or_default();
                let progress = reader.decode(rest, place).map_err(of_body)?;
                *filled = filled.saturating_add(progress.produced);
                (progress.consumed, progress.produced)
            }
            Target::Sink(sink, _) => {
                let progress = reader.decode(rest, scratch).map_err(of_body)?;
                let piece = scratch.get(..progress.produced).unwrap_or_default();
                if !piece.is_empty() && sink(piece).is_break() {
                    return Err(Error::Stopped);
                }
                (progress.consumed, progress.produced)
            }
        };
        rest = rest.get(consumed..).unwrap_or_default();
        if rest.is_empty() || reader.is_done() || (consumed == 0 && produced == 0) {
            return Ok(data.len().saturating_sub(rest.len()));
        }
    }
}

/// Why reading failed on an open session.
fn broken(shared: &Shared, error: &TlsError) -> Error {
    match (TlsFault::of_guard(shared), error) {
        (Some(fault), _) => Error::Broken(fault),
        (None, TlsError::Io(kind)) => Error::Socket {
            kind: *kind,
            sent: true,
        },
        (None, error) => Error::Broken(match error {
            // What the cipher turns close_notify and other alerts into.
            TlsError::InternalError | TlsError::IoError => TlsFault::Closed,
            TlsError::DecodeError => TlsFault::Alert(0),
            TlsError::CryptoError => TlsFault::Decrypt,
            TlsError::Unimplemented => TlsFault::UnsupportedMessage,
            _ => TlsFault::Message,
        }),
    }
}

const fn of_body(error: BodyError) -> Error {
    match error {
        BodyError::TooLarge => Error::BodyTooLarge,
        other => Error::Body(other),
    }
}

/// What embedded-tls's error means during the handshake, when neither verifier nor guard knows.
const fn in_handshake(error: &TlsError) -> TlsFault {
    match error {
        TlsError::Io(kind) => TlsFault::Socket(*kind),
        TlsError::IoError => TlsFault::Closed,
        TlsError::CryptoError => TlsFault::Decrypt,
        TlsError::InvalidSignature => TlsFault::BadFinished,
        TlsError::InvalidKeyShare => TlsFault::Group,
        // What the cipher turns a part of a message into.
        TlsError::Unimplemented => TlsFault::Fragmented,
        TlsError::InsufficientSpace | TlsError::EncodeError => TlsFault::WriteBuffer,
        TlsError::InternalError | TlsError::MissingHandshake => TlsFault::Internal,
        _ => TlsFault::Message,
    }
}

/// The output of a future that does not wait. It is pinned by the caller: moving it here would
/// take its size in stack once more.
pub(crate) fn ready<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
