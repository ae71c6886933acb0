//! A loopback Alpaca over real TLS: trading (paper and live), market data and broker.
//!
//! It listens on 127.0.0.1 only, makes its own certificates at start, and answers with the
//! statuses, bodies and headers that Alpaca uses. [`Misbehaviour`] makes it fail on demand.
//!
//! ```
//! let sandbox = alpaca_sandbox::Sandbox::start()?;
//! assert!(sandbox.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
//! println!("paper trading on https://localhost:{}", sandbox.paper_port());
//! # Ok::<(), std::io::Error>(())
//! ```

#![forbid(unsafe_code)]

mod auth;
mod broker;
mod certificate;
mod data;
mod http;
mod limit;
mod misbehave;
mod server;
mod trading;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

pub use auth::{
    BROKER_KEY_ID, BROKER_SECRET, LIVE_KEY_ID, LIVE_SECRET, PAPER_KEY_ID, PAPER_SECRET,
};
pub use http::Recorded;
pub use misbehave::Misbehaviour;
pub use server::Role;

use auth::Keys;
use server::Shared;

/// How to start a [`Sandbox`].
///
/// ```
/// let sandbox = alpaca_sandbox::Options::new()
///     .paper_keys("PKMYTEST", "not-a-real-secret")
///     .rate_limit(5)
///     .start()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    keys: Keys,
    first_port: u16,
    per_minute: u32,
}

impl Options {
    /// Default keys, any free ports, 200 calls a minute.
    #[must_use]
    pub fn new() -> Self {
        Self {
            keys: Keys::default(),
            first_port: 0,
            per_minute: 200,
        }
    }

    /// The key pair of the paper account.
    #[must_use]
    pub fn paper_keys(mut self, id: &str, secret: &str) -> Self {
        self.keys.paper = (id.to_owned(), secret.to_owned());
        self
    }

    /// The key pair of the live account.
    #[must_use]
    pub fn live_keys(mut self, id: &str, secret: &str) -> Self {
        self.keys.live = (id.to_owned(), secret.to_owned());
        self
    }

    /// The key and secret of the broker partner.
    #[must_use]
    pub fn broker_keys(mut self, id: &str, secret: &str) -> Self {
        self.keys.broker = (id.to_owned(), secret.to_owned());
        self
    }

    /// The first of four ports in a row: paper, live, data, broker. 0 is any free ones.
    #[must_use]
    pub fn port(mut self, first: u16) -> Self {
        self.first_port = first;
        self
    }

    /// Calls allowed per account and minute.
    #[must_use]
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.per_minute = per_minute;
        self
    }

    /// Starts the sandbox.
    ///
    /// # Errors
    /// When a port is taken or a certificate cannot be made.
    pub fn start(self) -> io::Result<Sandbox> {
        let certificates = certificate::make()?;
        let shared = Arc::new(Shared::new(self.keys, self.per_minute));
        let mut ports = [0; 4];
        let mut threads = Vec::new();
        for ((role, port), offset) in Role::ALL.into_iter().zip(&mut ports).zip(0..) {
            let wanted = if self.first_port == 0 {
                0
            } else {
                self.first_port + offset
            };
            let listener = TcpListener::bind(("127.0.0.1", wanted))?;
            *port = listener.local_addr()?.port();
            let (shared, tls) = (Arc::clone(&shared), Arc::clone(&certificates.server));
            threads.push(std::thread::spawn(move || {
                server::listen(&listener, role, &shared, &tls)
            }));
        }
        Ok(Sandbox {
            shared,
            ports,
            threads,
            ca_pem: certificates.ca_pem,
            ca_der: certificates.ca_der,
        })
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// A running sandbox. Dropping it closes its ports and ends its threads.
pub struct Sandbox {
    shared: Arc<Shared>,
    ports: [u16; 4],
    threads: Vec<JoinHandle<()>>,
    ca_pem: String,
    ca_der: Vec<u8>,
}

impl Sandbox {
    /// Starts one with default [`Options`].
    ///
    /// # Errors
    /// When no port is free or a certificate cannot be made.
    pub fn start() -> io::Result<Self> {
        Options::new().start()
    }

    /// Port of the paper Trading API.
    #[must_use]
    pub fn paper_port(&self) -> u16 {
        self.ports[0]
    }

    /// Port of the live Trading API.
    #[must_use]
    pub fn live_port(&self) -> u16 {
        self.ports[1]
    }

    /// Port of the Market Data API.
    #[must_use]
    pub fn data_port(&self) -> u16 {
        self.ports[2]
    }

    /// Port of the Broker API.
    #[must_use]
    pub fn broker_port(&self) -> u16 {
        self.ports[3]
    }

    /// The CA that issued the server's certificate, as PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The same as DER.
    #[must_use]
    pub fn ca_der(&self) -> &[u8] {
        &self.ca_der
    }

    /// Makes the next request, on any port, meet `misbehaviour`. Several queue up.
    pub fn misbehave(&self, misbehaviour: Misbehaviour) {
        self.shared.misbehave(misbehaviour);
    }

    /// Makes every request meet `misbehaviour`, until it is set to `None`.
    pub fn misbehave_always(&self, misbehaviour: Option<Misbehaviour>) {
        self.shared.misbehave_always(misbehaviour);
    }

    /// Every request received so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests()
    }

    /// Forgets the requests received so far.
    pub fn clear_requests(&self) {
        self.shared.clear_requests();
    }

    /// Keeps no requests from now on: for measurements, and for callers that count copies.
    pub fn record(&self, on: bool) {
        self.shared.record(on);
    }

    /// TLS connections accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections()
    }
}

impl Sandbox {
    /// Connections that are open now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.open_connections()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.stop();
        for port in self.ports {
            // Wakes the listener, which then sees that it is to stop.
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            drop(TcpStream::connect(address));
        }
        for thread in self.threads.drain(..) {
            // A listener that panicked has nothing left to stop.
            drop(thread.join());
        }
    }
}
