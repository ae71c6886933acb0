//! The job of every board: fetch the paper account each minute, and never hammer.
//!
//! ```text
//!   DHCP ─▶ SNTP ─▶ DNS ─▶ TCP ─▶ TLS session ─▶ GET /v2/account, each minute
//!             ▲                        │
//!             └── pause, 1 s to 5 min ◀┘ any error but a refused key, which ends the job
//! ```
//!
//! The board gives what differs: a network, a generator, a key pair, and where lines of text go.

#![no_std]

#[cfg(test)]
extern crate std;

mod backoff;
mod clock;
mod failure;
mod import;

use core::convert::Infallible;
use core::fmt::Arguments;
use core::future::Future;

use alpaca_auth::credential::KeyPair;
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth::response::Account;
use alpaca_auth_embedded_tls::asynch::Session;
use alpaca_auth_embedded_tls::{Buffers, Trust};
use embassy_net::dns::DnsQueryType;
use embassy_net::tcp::TcpSocket;
use embassy_net::{IpAddress, Stack};
use embassy_time::{Duration, Timer, with_timeout};
use rand_core::CryptoRngCore;

use crate::backoff::Backoff;
use crate::clock::Clock;
pub use crate::failure::Failure;
pub use crate::import::import;

/// Between one call and the next. Alpaca allows 200 calls each minute.
const PERIOD: Duration = Duration::from_secs(60);
/// For each step: a name, a connection, a handshake, a call. RSA and ECDSA in software take seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where lines of text go: RTT, USB, a serial port. They hold nothing secret, but equity.
pub type Report = fn(Arguments<'_>);

/// All memory of the job but its stack: 30,211 bytes. Belongs into a `static`.
pub struct Memory {
    buffers: Buffers,
    receive: [u8; 4096],
    transmit: [u8; 2048],
    /// An account has some 2 KB.
    body: [u8; 4096],
}

impl Memory {
    /// Zeros.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            buffers: Buffers::new(),
            receive: [0; 4096],
            transmit: [0; 2048],
            body: [0; 4096],
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// Reports status and equity each minute. Comes back only when Alpaca refuses the key: trying it
/// again would change nothing, and may get the account locked. Provision another one.
pub async fn watch<R: CryptoRngCore>(
    stack: Stack<'_>,
    key_pair: &KeyPair<Paper>,
    memory: &mut Memory,
    rng: &mut R,
    report: Report,
) -> Failure {
    let (mut backoff, mut clock) = (Backoff::new(), None);
    loop {
        stack.wait_config_up().await;
        let outcome = serve(
            stack,
            key_pair,
            memory,
            rng,
            &mut clock,
            &mut backoff,
            report,
        )
        .await;
        let failure = match outcome {
            Ok(never) => match never {},
            Err(failure) => failure,
        };
        if failure.is_final() {
            return failure;
        }
        if failure.blames_clock() {
            clock = None;
        }
        let pause = backoff.pause(rng.next_u32()).max(failure.retry_after());
        report(format_args!("{failure}; trying again in {pause} s"));
        Timer::after_secs(pause).await;
    }
}

/// One session, for as long as it lasts.
async fn serve<R: CryptoRngCore>(
    stack: Stack<'_>,
    key_pair: &KeyPair<Paper>,
    memory: &mut Memory,
    rng: &mut R,
    clock: &mut Option<Clock>,
    backoff: &mut Backoff,
    report: Report,
) -> Result<Infallible, Failure> {
    let endpoint = Endpoint::<Trading, Paper>::alpaca();
    let time = match clock.filter(Clock::is_fresh) {
        Some(time) => time,
        None => *clock.insert(bounded(Clock::from_sntp(stack, rng)).await??),
    };
    let address = address_of(stack, endpoint.host()).await?;

    let Memory {
        buffers,
        receive,
        transmit,
        body,
    } = memory;
    let mut socket = TcpSocket::new(stack, receive, transmit);
    socket.set_timeout(Some(PATIENCE));
    bounded(socket.connect((address, endpoint.port())))
        .await?
        .map_err(|_| Failure::Connect)?;
    let opening = Session::open(
        &mut socket,
        &endpoint,
        buffers,
        Trust::curated(),
        time.now(),
        rng,
    );
    let mut session = bounded(opening).await?.map_err(Failure::Session)?;
    report(format_args!("session with {}", endpoint.host()));

    loop {
        let request = trading::account();
        let call = session.call(&request, key_pair, body);
        let reply = bounded(call).await?.map_err(Failure::Session)?;
        reply.success().map_err(Failure::Refusal)?;
        let account = reply.json::<Account<'_>>().map_err(|_| Failure::Account)?;
        report(format_args!(
            "account {}, equity {} {}",
            account.status.text(),
            account.equity.map_or("unknown", |equity| equity.text()),
            account.currency.unwrap_or("")
        ));
        backoff.reset();
        // The server is authenticated, SNTP is not: the one tells about the other.
        if reply.date().is_some_and(|date| time.is_off(date)) {
            *clock = None;
            return Err(Failure::ClockIsOff);
        }
        Timer::after(PERIOD).await;
    }
}

/// The first IPv4 address of a name. DNS is not authenticated and need not be: the session is.
async fn address_of(stack: Stack<'_>, name: &str) -> Result<IpAddress, Failure> {
    let addresses = bounded(stack.dns_query(name, DnsQueryType::A)).await?;
    let addresses = addresses.map_err(|_| Failure::Name)?;
    addresses.first().copied().ok_or(Failure::Name)
}

/// A socket's own timeout does not end a wait for a server that is there and says nothing.
async fn bounded<F: Future>(step: F) -> Result<F::Output, Failure> {
    with_timeout(PATIENCE, step)
        .await
        .map_err(|_| Failure::TimedOut)
}
