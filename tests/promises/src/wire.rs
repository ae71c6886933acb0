//! A session of the embedded-tls transport with a scripted server, in memory, blocking and async.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::convert::Infallible;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth_embedded_tls::{
    Buffers, CertificateDer, Error, Session, TlsFault, Trust, TrustAnchor, UnixTime, anchor, asynch,
};
use alpaca_tls_server::Server;
use alpaca_tls_server::pki::NAME;
use embedded_io::ErrorType;
use rand_core::{CryptoRng, RngCore, impls};

/// The secret that no server may see unless it is the right one.
pub const SECRET: &str = "the-secret-that-stays";

/// An answer in full.
pub const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n{\"id\":\"1\",\"status\":\"ACTIVE\"}";

/// The time of this run, so that no test depends on the year.
#[must_use]
pub fn now() -> u64 {
    alpaca_auth_embedded_tls::gateway::now().as_secs()
}

/// A socket with a server behind it.
pub struct Wire {
    /// The server.
    pub server: Server,
    /// How many bytes the client has read.
    received: usize,
    /// Most bytes of one read.
    piece: usize,
    /// After so many bytes the connection ends.
    cut: usize,
    /// This byte arrives with a bit flipped.
    flip: usize,
    /// Whether an async operation has waited once.
    waited: bool,
}

impl Wire {
    /// A wire that changes nothing.
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self {
            server,
            received: 0,
            piece: usize::MAX,
            cut: usize::MAX,
            flip: usize::MAX,
            waited: false,
        }
    }

    /// Hands over at most so many bytes at once.
    #[must_use]
    pub fn in_pieces(self, piece: usize) -> Self {
        Self { piece, ..self }
    }

    /// Ends after so many bytes.
    #[must_use]
    pub fn cut_at(self, cut: usize) -> Self {
        Self { cut, ..self }
    }

    /// Changes this byte on its way.
    #[must_use]
    pub fn flipping(self, flip: usize) -> Self {
        Self { flip, ..self }
    }

    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let output: &mut VecDeque<u8> = self.server.output();
        let left = self.cut - self.received;
        let count = buffer.len().min(output.len()).min(self.piece).min(left);
        for place in &mut buffer[..count] {
            *place = output.pop_front().unwrap() ^ u8::from(self.received == self.flip);
            self.received += 1;
        }
        count
    }

    /// The first poll waits, the second is ready: what a real executor sees.
    async fn wait(&mut self) {
        core::future::poll_fn(|context| {
            self.waited = !self.waited;
            if self.waited {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
}

impl ErrorType for Wire {
    type Error = Infallible;
}

impl embedded_io::Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        Ok(Wire::read(self, buffer))
    }
}

impl embedded_io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.server.input(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io_async::Read for Wire {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        self.wait().await;
        Ok(Wire::read(self, buffer))
    }
}

impl embedded_io_async::Write for Wire {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.wait().await;
        self.server.input(bytes);
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Polls until it is ready.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let context = &mut Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return output;
        }
    }
}

/// A generator that repeats itself, so that a handshake does. For tests only.
pub struct Seeded(pub u64);

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    /// The high bytes of a linear congruential generator.
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Seeded {}

/// What came of one session with one call.
#[derive(Debug)]
pub struct Outcome {
    /// The body of the answer, or why there is none.
    pub result: Result<Vec<u8>, Error>,
    /// What application data the server could read.
    pub data: Vec<u8>,
    /// How many bytes the client read.
    pub received: usize,
}

impl Outcome {
    /// Asserts that the server was refused for `fault` and got nothing.
    #[track_caller]
    pub fn refused(&self, name: &str, fault: TlsFault) {
        assert_eq!(self.result, Err(Error::Tls(fault)), "{name}");
        assert!(
            self.data.is_empty(),
            "{name}: {:?}",
            String::from_utf8_lossy(&self.data)
        );
    }

    /// Asserts that the call was answered.
    #[track_caller]
    pub fn accepted(&self, name: &str) {
        assert!(self.result.is_ok(), "{name}: {:?}", self.result);
        let data = String::from_utf8_lossy(&self.data).into_owned();
        assert!(
            data.starts_with("GET /v2/account HTTP/1.1\r\n"),
            "{name}: {data}"
        );
        assert!(data.contains(SECRET), "{name}");
    }
}

/// Opens a session with each server that `make` makes, one blocking, one async, and fetches the
/// account. Both must come to the same, and leave zeros.
pub fn attempt(make: &dyn Fn() -> Wire, roots: &[&[u8]], now: u64) -> Outcome {
    let roots: Vec<_> = roots.iter().map(|der| CertificateDer::from(*der)).collect();
    let anchors: Vec<TrustAnchor<'_>> = roots.iter().map(|der| anchor(der).unwrap()).collect();
    attempt_with(make, &|| Trust::only(&anchors), now)
}

/// The same with any trust.
pub fn attempt_with<'t>(
    make: &dyn Fn() -> Wire,
    trust: &dyn Fn() -> Trust<'t>,
    now: u64,
) -> Outcome {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper("PKTEST", SECRET).unwrap();
    let endpoint = Endpoint::<Trading, Paper>::at(NAME, 443).unwrap();
    let time = UnixTime::since_unix_epoch(core::time::Duration::from_secs(now));
    let mut buffers: Box<Buffers> = Box::default();

    let mut wire = make();
    let mut body = [0; 1024];
    let result = Session::open(
        &mut wire,
        &endpoint,
        &mut buffers,
        trust(),
        time,
        &mut Seeded(1),
    )
    .and_then(|mut session| {
        let reply = session.call(&trading::account(), pair, &mut body)?;
        Ok(reply.body().to_vec())
    });
    assert_wiped(&buffers, "blocking");
    let blocking = (result, wire.server.application_data().to_vec());
    assert_eq!(
        wire.server.undecipherable(),
        0,
        "sent under keys the server does not have"
    );

    let mut wire = make();
    let result = block_on(async {
        let mut rng = Seeded(1);
        let opening =
            asynch::Session::open(&mut wire, &endpoint, &mut buffers, trust(), time, &mut rng);
        let mut session = opening.await?;
        let reply = session.call(&trading::account(), pair, &mut body).await?;
        Ok(reply.body().to_vec())
    });
    assert_wiped(&buffers, "async");
    let (data, received) = (wire.server.application_data().to_vec(), wire.received);
    assert_eq!(
        blocking,
        (result.clone(), data.clone()),
        "blocking and async differ"
    );
    Outcome {
        result,
        data,
        received,
    }
}

/// Bytes at the start of the write buffer that are not zero after a session: the header of the
/// record that wiped it, or of a ClientHello that was never sent.
const LEFT: usize = 5;

/// Reads the caller's memory.
#[track_caller]
pub fn assert_wiped(buffers: &Buffers, which: &str) {
    let (read, write, http) = buffers.contents();
    assert!(read.iter().all(|byte| *byte == 0), "{which}: read buffer");
    assert!(http.iter().all(|byte| *byte == 0), "{which}: HTTP buffer");
    let rest = &write[LEFT..];
    let blank = write.starts_with(&[22, 3, 1]) || rest.iter().all(|byte| *byte == 0);
    assert!(blank, "{which}: write buffer {write:02x?}");
}
