//! HTTPS to Alpaca for std hosts, with `ureq` and `rustls`.
//!
//! [`Client`] holds one credential and calls the APIs it opens; [`UreqTransport`] is the layer
//! below it, an implementation of [`alpaca_auth::transport::Transport`].
//!
//! # On a Raspberry Pi or a server
//!
//! ```no_run
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::request::trading;
//! use alpaca_auth::response::Account;
//! use alpaca_auth_ureq::Client;
//!
//! // APCA_API_KEY_ID and APCA_API_SECRET_KEY
//! let mut alpaca = Client::<Paper>::from_env()?;
//! let reply = alpaca.call(&trading::account())?;
//! let account = reply.json::<Account>()?;
//! println!("{} {:?}", account.status, account.equity);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! - The server is verified before a byte is written. Nothing here switches that off.
//! - `ureq` never holds the secret: it is handed a request without authentication, and the
//!   complete head is put in its place below `ureq`, just before TLS, and wiped after. So no
//!   header map, log record or error can show it. It goes to the endpoint's host or nowhere.
//! - A redirect is an error. A request is sent at most once, unless [`Config::retry`] is set. No proxy is
//!   used unless given.
//! - Time, head and body are bounded ([`Config`] has the figures).
//!
//! # A paper key in a live client does not compile
//!
//! ```compile_fail,E0599
//! use alpaca_auth::environment::Live;
//! use alpaca_auth_ureq::Client;
//! Client::<Live>::new(|slot| slot.paper("PKTEST", "secret")); // no method named `paper`
//! ```
//! ```compile_fail,E0277
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::request::broker;
//! use alpaca_auth_ureq::Client;
//! let mut client = Client::<Paper>::new(|slot| slot.paper("PKTEST", "secret")).unwrap();
//! client.call(&broker::accounts()); // `KeyPair<Paper>` does not open the Broker API
//! ```

#![forbid(unsafe_code)]

mod binding;
mod client;
mod client_authentication;
mod conduct;
mod config;
mod credentials_directory;
mod destination;
mod env;
mod error;
mod file_watch;
mod loopback;
#[cfg(feature = "pem-key")]
mod pem_key;
mod read_only;
mod resolver;
mod rotation;
mod shared;
pub mod source;
mod tls;
mod token_cache;
mod transport;
mod watch;

pub use client::{Client, ClientOf, live_from_env, paper_from_env};
pub use client_authentication::{KeyJwt, SecretPost};
pub use conduct::Pace;
pub use config::{BODY_MAX, CONNECT_TIMEOUT, Config, RESOLVE_LIFETIME, TOTAL_TIMEOUT, TrustError};
pub use credentials_directory::{
    CREDENTIAL_FILES, CREDENTIALS_DIRECTORY, DirectoryError, credentials_directory,
    live_from_credentials_directory, paper_from_credentials_directory,
};
pub use env::{EnvError, VARIABLES};
pub use error::{Error, Stage, TlsFault};
pub use file_watch::{FileWatch, Look, Stamp, WATCH_INTERVAL, WATCH_REST};
pub use loopback::{LOOPBACK_HEAD_MAX, LOOPBACK_HEAD_TIME, Loopback, LoopbackError};
#[cfg(feature = "pem-key")]
pub use pem_key::{PemKey, PemKeyError, SignError};
pub use read_only::ReadOnly;
pub use rotation::{Held, REFUSED_MAX, RotationError, SharedRotation, Watched};
pub use shared::Shared;
pub use token_cache::{
    CallError, Clock, HeldToken, NoToken, NotRevoked, SystemClock, TokenCache, Why,
};
pub use transport::UreqTransport;
