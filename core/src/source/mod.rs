//! Where a key pair comes from: secret managers, each a feature that is off by default.
//!
//! Sans-IO: these write requests and read replies; a [`Transport`](crate::transport::Transport)
//! moves them, with the same guarantees as requests to Alpaca. No host is known here: the caller
//! gives it by [`Endpoint::manager`](crate::endpoint::Endpoint::manager).

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "google")]
pub mod google;
#[cfg(any(feature = "aws", feature = "google", feature = "vault"))]
mod key_members;
#[cfg(feature = "vault")]
pub mod vault;

#[cfg(any(feature = "aws", feature = "google", feature = "vault"))]
pub use key_members::{KeyMembers, VALUE_MAX, ValueFault};
