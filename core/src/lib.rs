//! The safest way to hold an Alpaca key, from a Cortex-M to a server.
//!
//! This crate turns a credential and a request descriptor into exactly the bytes that go on the
//! wire, in the caller's fixed buffers, and reads the answer. It is `no_std`, allocates nothing,
//! contains no `unsafe`, and never sees a socket, a clock, a random source or an environment
//! variable. A [`transport::Transport`] moves the bytes.
//!
//! # From a key to the bytes on the wire
//!
//! ```
//! use alpaca_auth::credential::{KeyPair, Slot};
//! use alpaca_auth::endpoint::{Endpoint, Trading};
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::http::{HeadBuffer, write_head};
//! use alpaca_auth::request::trading;
//!
//! // A slot is filled in place, so the secret is never copied by a move.
//! let mut slot = Slot::<KeyPair<Paper>>::vacant();
//! let key_pair = slot.paper("PKTEST", "not-a-real-secret")?;
//!
//! let endpoint = Endpoint::<Trading, Paper>::alpaca();
//! let mut head = HeadBuffer::<1024>::new();
//! write_head(&trading::account(), &endpoint, key_pair, &mut head)?;
//! head.expose(|bytes| assert!(bytes.starts_with(
//!     b"GET /v2/account HTTP/1.1\r\nHost: paper-api.alpaca.markets\r\n")));
//! // The slot and the head wipe themselves when they go out of scope.
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # What does not compile
//!
//! A paper key cannot be sent to the live endpoint, and a credential cannot be sent to an API it
//! does not open ([`credential::Opens`] is the table).
//!
//! ```compile_fail,E0271
//! use alpaca_auth::credential::{KeyPair, Slot};
//! use alpaca_auth::endpoint::{Endpoint, Trading};
//! use alpaca_auth::environment::{Live, Paper};
//! use alpaca_auth::http::{HeadBuffer, write_head};
//! use alpaca_auth::request::trading;
//!
//! let mut slot = Slot::<KeyPair<Paper>>::vacant();
//! let key_pair = slot.paper("PKTEST", "not-a-real-secret").unwrap();
//! let live = Endpoint::<Trading, Live>::alpaca();
//! write_head(&trading::account(), &live, key_pair, &mut HeadBuffer::<1024>::new()); // expected `Paper`
//! ```

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod audit;
mod base64;
pub mod credential;
pub mod endpoint;
pub mod environment;
pub mod http;
pub mod listing;
pub mod oauth;
pub mod order;
pub mod policy;
pub mod rate;
mod read_only;
pub mod request;
pub mod response;
pub mod retry;
pub mod scheme;
pub mod secret;
pub mod source;
mod split;
pub mod transport;
pub mod usage;

pub use read_only::ReadOnly;

/// The `User-Agent` that every request carries.
pub const USER_AGENT: &str = concat!("alpaca-auth/", env!("CARGO_PKG_VERSION"));
