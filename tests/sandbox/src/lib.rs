//! A loopback Alpaca over real TLS: trading (paper and live), market data, broker,
//! its authorization server, and the Connect pages (on the live port).
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

mod activity;
mod auth;
mod authx;
mod broker;
mod certificate;
mod connect;
mod data;
mod form;
mod http;
mod jwt;
mod lifecycle;
mod limit;
mod misbehave;
mod random;
mod server;
mod trading;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub use activity::ACTIVITIES;
pub use auth::{
    BROKER_KEY_ID, BROKER_SECRET, LIVE_KEY_ID, LIVE_SECRET, PAPER_KEY_ID, PAPER_SECRET,
};
pub use authx::{AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET};
pub use connect::{CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET, CONNECT_REDIRECT_URI};
pub use http::{Recorded, civil};
pub use jwt::PublicKey;
pub use misbehave::{Misbehaviour, TokenFault};
pub use server::Role;

use auth::Keys;
use authx::Clients;
use connect::Apps;
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
    clients: Clients,
    apps: Apps,
    first_port: u16,
    per_minute: u32,
}

impl Options {
    /// Default keys, any free ports, 200 calls a minute.
    #[must_use]
    pub fn new() -> Self {
        Self {
            keys: Keys::default(),
            clients: Clients::default(),
            apps: Apps::default(),
            first_port: 0,
            per_minute: 200,
        }
    }

    /// The key pair of the paper account.
    #[must_use]
    pub fn paper_keys(mut self, id: &str, secret: &str) -> Self {
        self.keys.paper = vec![(id.to_owned(), secret.to_owned())];
        self
    }

    /// The key pair of the live account.
    #[must_use]
    pub fn live_keys(mut self, id: &str, secret: &str) -> Self {
        self.keys.live = vec![(id.to_owned(), secret.to_owned())];
        self
    }

    /// The key and secret of the broker partner.
    #[must_use]
    pub fn broker_keys(mut self, id: &str, secret: &str) -> Self {
        self.keys.broker = vec![(id.to_owned(), secret.to_owned())];
        self
    }

    /// A client of the authorization server with a secret. Several may be added.
    #[must_use]
    pub fn client_secret(mut self, id: &str, secret: &str) -> Self {
        self.clients.add_secret(id, secret);
        self
    }

    /// A key for the client assertions of `id`. With a `kid`, assertions must name it.
    #[must_use]
    pub fn client_key(mut self, id: &str, kid: Option<&str>, key: PublicKey) -> Self {
        self.clients.add_key(id, kid, key);
        self
    }

    /// How long a broker token is valid, in whole seconds. 899 s if not set, as Alpaca's.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.clients.lifetime = lifetime;
        self
    }

    /// The only `aud` accepted. The exact URL of the token endpoint if not set.
    #[must_use]
    pub fn assertion_audience(mut self, audience: &str) -> Self {
        self.clients.audience = Some(audience.to_owned());
        self
    }

    /// A Connect app. For `http://127.0.0.1` any port of `redirect_uri` is right.
    #[must_use]
    pub fn connect_app(mut self, id: &str, secret: &str, redirect_uri: &str) -> Self {
        self.apps.add(id, secret, redirect_uri);
        self
    }

    /// Says `iss` in Connect's redirects (RFC 9207).
    #[must_use]
    pub fn connect_issuer(mut self, issuer: &str) -> Self {
        self.apps.issuer = Some(issuer.to_owned());
        self
    }

    /// The Connect app that every user denies.
    #[must_use]
    pub fn connect_denied(mut self, id: &str) -> Self {
        self.apps.denied = Some(id.to_owned());
        self
    }

    /// The first of five ports in a row: paper, live, data, broker, authx. 0 is any free ones.
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
        let shared = Arc::new(Shared::new(
            self.keys,
            self.clients,
            self.apps,
            self.per_minute,
        ));
        let mut ports = [0; 5];
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
    ports: [u16; 5],
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

    /// Port of the authorization server.
    #[must_use]
    pub fn authx_port(&self) -> u16 {
        self.ports[4]
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

    /// Makes the next request to a token endpoint meet `misbehaviour`. Several queue up.
    pub fn misbehave_token(&self, misbehaviour: Misbehaviour) {
        self.shared.misbehave_token(misbehaviour);
    }

    /// Makes one more key pair valid for the paper account, from now on.
    pub fn add_paper_key(&self, id: &str, secret: &str) {
        let pair = (id.to_owned(), secret.to_owned());
        self.shared.keys().paper.push(pair);
    }

    /// Makes a key pair invalid, from the next request on. `false` if there is none of this id.
    pub fn revoke_key(&self, id: &str) -> bool {
        self.shared.keys().revoke(id)
    }

    /// Registers a key for the client assertions of `id`.
    pub fn add_client_key(&self, id: &str, kid: Option<&str>, key: PublicKey) {
        self.shared.auth_server().add_key(id, kid, key);
    }

    /// Requests for broker tokens so far, refused ones included.
    #[must_use]
    pub fn token_requests(&self) -> usize {
        self.shared.auth_server().token_requests
    }

    /// Broker tokens that their clients have revoked so far.
    #[must_use]
    pub fn revoked_tokens(&self) -> usize {
        self.shared.auth_server().revoked
    }

    /// Broker tokens that are valid now.
    #[must_use]
    pub fn valid_tokens(&self) -> usize {
        self.shared.valid_tokens()
    }

    /// Moves the clock that tokens, codes and assertions are judged by, in whole seconds.
    pub fn advance(&self, time: Duration) {
        self.shared.advance(time.as_secs());
    }

    /// Makes all tokens invalid, broker and Connect.
    pub fn revoke_tokens(&self) {
        self.shared.auth_server().revoke_all();
        self.shared.connect().revoke_all();
    }

    /// Makes Connect's page deny apps, or approve them again.
    pub fn deny_apps(&self, deny: bool) {
        self.shared.connect().deny = deny;
    }

    /// Every request received so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests()
    }

    /// Why the authorization server and the Connect pages refused, in order. No answer says so.
    #[must_use]
    pub fn causes(&self) -> Vec<&'static str> {
        self.shared.causes()
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
