//! Verified TLS 1.3 to Alpaca for microcontrollers and small gateways: `no_std`, no allocation.
//!
//! [`Session::open`] makes the handshake over any `embedded_io` socket, [`asynch::Session::open`]
//! over any `embedded_io_async` one. There is no other way to a session, and none that leaves
//! something out:
//!
//! ```text
//!   request ─▶ Session ─▶ embedded-tls ─▶ record guard ─▶ socket
//!                 ▲            │ ▲
//!                 │            │ └─ cipher that looks at each plaintext first
//!                 └── gate ◀── certificate verifier (webpki)
//! ```
//!
//! embedded-tls 0.19 alone does not authenticate a server: it takes a handshake without
//! certificate, plaintext records after the keys exist, and ends in a panic on some records. So it
//! is contained from all sides: what reaches it was judged by the record guard and the cipher, and
//! what it says was done is believed only if the verifier saw it. The tests in `tests/promises` try
//! each of these with a server that misbehaves.
//!
//! # What it promises
//!
//! - Nothing of a request is written before certificate chain, host name, dates and the signature of
//!   the handshake are verified. Nothing here switches that off, and there is no "no clock" option.
//! - A redirect is an error, a request is sent at most once, and an answer that is cut short, stated
//!   twice or longer than its buffer is an error.
//! - After any error, and after a dropped future, a session takes no other call:
//!   [`Error::may_resend`] says whether the request may be sent again on a new one.
//! - When a session ends, its [`Buffers`] are wiped: the read and the HTTP buffer are zero, and of the
//!   write buffer all but the five bytes of a record header. (embedded-tls keeps the buffers to
//!   itself, so it is made to overwrite them. When opening failed, the write buffer holds a
//!   ClientHello of constants that was never sent.) Dropping the buffers zeroes them all.
//! - No allocation, with any feature.
//!
//! # What it does not
//!
//! - TLS 1.3 with AES-128-GCM and P-256 only; no HelloRetryRequest, KeyUpdate, client certificate,
//!   resumption, or handshake message split over records. Each is an error with a name.
//! - No revocation: neither OCSP nor CRLs. Short-lived certificates and the clock stand in for it.
//! - embedded-tls leaves the session's keys on the stack and in the session's memory when it ends.
//! - Ed25519 is offered by embedded-tls and not verified here: such a server is refused.
//! - embedded-tls 0.19 keeps code that panics; what is known to lead there is kept from it.
//!
//! # Features
//!
//! | feature | for |
//! |---|---|
//! | `rsa` | RSA of 2048 to 4096 bits in chains and handshakes, on fixed-size integers |
//! | `webpki-roots` | [`Trust::webpki_roots`]: all of Mozilla's roots |
//! | `compact-sha2` | SHA-2 that is 28 KB smaller, for firmware |
//! | `std` | `gateway`: TCP, entropy and time of an operating system |
//!
//! Without `rsa`, a host is reached only if its certificate and all authorities above it have
//! ECDSA keys. Which ones Alpaca's hosts present is not documented: try with `probe`, and build with
//! `rsa` unless flash is short.
//!
//! # Time and entropy
//!
//! `now` comes from an RTC that keeps running, or from SNTP at each start; a time before
//! [`built_at`] is refused. The `Date` of an answer ([`Reply::date`](alpaca_auth::response::Reply))
//! tells how far the clock is off, once a session stands. The generator is the board's TRNG, or a
//! CSPRNG seeded by it. One whose output is constant is refused; one with a fixed seed cannot be
//! told from a good one, and makes all sessions readable to whoever knows the seed.
//!
//! # Sockets
//!
//! Name resolution, TCP and timeouts are the caller's: a socket that waits forever makes a call wait
//! forever. `embassy_net::tcp::TcpSocket` is an async socket as it is:
//!
//! ```text
//! let mut socket = TcpSocket::new(stack, &mut rx, &mut tx);
//! socket.set_timeout(Some(Duration::from_secs(10)));
//! let address = stack.dns_query(endpoint.host(), DnsQueryType::A).await?[0];
//! socket.connect((address, endpoint.port())).await?;
//! let mut session =
//!     asynch::Session::open(&mut socket, &endpoint, buffers, Trust::curated(), now, &mut rng).await?;
//! ```
//!
//! With `smoltcp` alone, a blocking socket is the loop that polls the interface:
//!
//! ```
//! use embedded_io::{ErrorKind, ErrorType, Read, Write};
//! use smoltcp::iface::{Interface, SocketHandle, SocketSet};
//! use smoltcp::phy::Device;
//! use smoltcp::socket::tcp;
//! use smoltcp::time::Instant;
//!
//! struct Tcp<'s, 'a, D: Device> {
//!     interface: &'s mut Interface,
//!     device: &'s mut D,
//!     sockets: &'s mut SocketSet<'a>,
//!     handle: SocketHandle, // connected
//!     now: fn() -> Instant,
//!     deadline: Instant,
//! }
//!
//! impl<D: Device> Tcp<'_, '_, D> {
//!     /// Polls until `ready` has something to say, or it is too late.
//!     fn wait<T>(&mut self, mut ready: impl FnMut(&mut tcp::Socket<'_>) -> Option<T>) -> Result<T, ErrorKind> {
//!         loop {
//!             let now = (self.now)();
//!             self.interface.poll(now, self.device, self.sockets);
//!             if let Some(value) = ready(self.sockets.get_mut(self.handle)) {
//!                 return Ok(value);
//!             }
//!             if now > self.deadline {
//!                 return Err(ErrorKind::TimedOut);
//!             }
//!         }
//!     }
//! }
//!
//! impl<D: Device> ErrorType for Tcp<'_, '_, D> {
//!     type Error = ErrorKind;
//! }
//!
//! impl<D: Device> Read for Tcp<'_, '_, D> {
//!     fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
//!         self.wait(|socket| match socket.can_recv() {
//!             true => socket.recv_slice(buffer).ok(),
//!             false => (!socket.may_recv()).then_some(0), // the end
//!         })
//!     }
//! }
//!
//! impl<D: Device> Write for Tcp<'_, '_, D> {
//!     fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
//!         self.wait(|socket| match socket.may_send() {
//!             true => socket.can_send().then(|| socket.send_slice(bytes).unwrap_or(0)),
//!             false => Some(0), // an error to the session
//!         })
//!     }
//!
//!     fn flush(&mut self) -> Result<(), ErrorKind> {
//!         self.wait(|socket| (socket.send_queue() == 0 || !socket.may_send()).then_some(()))
//!     }
//! }
//! ```
//!
//! # A gateway
//!
//! Feature `std` has socket, entropy and time ready, in the module `gateway`: a session in ten lines.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(feature = "std", test))]
extern crate std;

mod algorithm;
pub mod asynch;
mod buffers;
mod cache;
mod cipher;
mod curated;
mod ecdsa;
mod ended;
mod entropy;
mod error;
#[cfg(feature = "std")]
pub mod gateway;
mod guard;
mod hello;
#[cfg(feature = "rsa")]
mod rsa;
mod session;
mod trust;
mod verifier;

pub use buffers::{Buffers, HTTP_MIN, RECORD_MAX, WRITE_MIN};
pub use cache::ChainCache;
pub use ecdsa::{EcdsaVerifier, RustCrypto};
pub use embedded_tls::CryptoRngCore;
pub use error::{Error, Stage, TlsFault};
pub use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
pub use session::Session;
pub use trust::{Pins, Trust, TrustError, anchor};
pub use verifier::CERTIFICATES_MAX;

/// When this crate was built, in unix seconds, to the day. An earlier time is refused.
#[must_use]
pub const fn built_at() -> u64 {
    const DAY: u64 = 24 * 60 * 60;
    match u64::from_str_radix(env!("ALPACA_AUTH_BUILD_DAY"), 10) {
        Ok(days) => days.saturating_mul(DAY),
        Err(_) => 0,
    }
}
