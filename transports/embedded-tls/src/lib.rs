//! placeholder docs
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
