//! Credentials, the slots they live in, and the table of which one opens which API.
//!
//! | credential | written as | opens |
//! |---|---|---|
//! | [`KeyPair`] (paper, live) | `APCA-API-KEY-ID`, `APCA-API-SECRET-KEY` | trading, market data, both streams |
//! | [`KeyPair`] (sandbox, production) | the same, legacy | broker |
//! | [`BrokerKey`] | HTTP Basic, RFC 7617, legacy | broker, market data |
//! | [`BrokerToken`] | Bearer, RFC 6750 | broker, market data and its stream |
//! | [`ConnectToken`] | Bearer, RFC 6750 | trading, market data, both streams |
//! | [`InBody`] | in the body, RFC 6749 §2.3.1 and RFC 7523 | authorization server, Connect token endpoint, a secret manager |
//!
//! The table is code in this folder's `opens.rs`; a pair that is not in it does not compile:
//!
//! ```compile_fail,E0277
//! use alpaca_auth::credential::{BrokerToken, Slot};
//! use alpaca_auth::endpoint::{Endpoint, Trading};
//! use alpaca_auth::environment::Sandbox;
//! use alpaca_auth::credential::Opens;
//! fn opens<A: alpaca_auth::endpoint::Api, C: Opens<A>>() {}
//! opens::<Trading, BrokerToken<Sandbox>>(); // `BrokerToken<Sandbox>: Opens<Trading>` is not satisfied
//! ```
//! ```compile_fail,E0277
//! use alpaca_auth::credential::{ConnectToken, Opens};
//! use alpaca_auth::endpoint::{Api, Broker};
//! use alpaca_auth::environment::Paper;
//! fn opens<A: Api, C: Opens<A>>() {}
//! opens::<Broker, ConnectToken<Paper>>(); // Connect tokens do not open the Broker API
//! ```

mod broker_key;
pub(crate) mod check;
mod client;
mod evidence;
mod flash;
mod in_body;
mod key_pair;
mod opens;
pub mod rotation;
mod slot;
pub(crate) mod token;

pub use broker_key::BrokerKey;
pub use check::{CredentialError, CredentialFault, CredentialField};
pub use client::{ClientId, ClientSecret};
pub use evidence::KeyEvidence;
#[cfg(feature = "sealed-slot")]
pub use flash::DeviceKey;
pub use flash::{
    CipherError, FLASH_SLOT_LEN, FLASH_SLOT_VERSION, FlashPair, FlashPairError, FlashPlace,
    FlashSlotError, FlashStep, IMPORT_FRAME_MAX, Import, ImportAnswer, ImportFrame, ImportReceiver,
    ImportRefusal, Newest, NotWritten, SEALED_SLOT_LEN, SLOT_NONCE_LEN, SealError, SlotCipher,
    SlotUpdate,
};
pub use in_body::InBody;
pub use key_pair::KeyPair;
pub use opens::Opens;
pub use slot::Slot;
pub use token::{BROKER_TOKEN_MAX, BrokerToken, CONNECT_TOKEN_MAX, ConnectToken};

use crate::environment::Environment;
use crate::scheme::AuthField;

/// Longest key id, secret key, broker key or broker secret accepted, in bytes.
pub const KEY_MAX: usize = 128;

pub(crate) mod sealed {
    pub trait Sealed {
        /// A value that holds nothing, for [`super::Slot`].
        const VACANT: Self;

        /// Wipes the secret parts.
        fn wipe(&mut self);
    }
}

/// Something that authenticates a request. Sealed.
///
/// A credential is only ever seen behind a reference: it lives in the [`Slot`] it was filled in.
pub trait Credential: sealed::Sealed {
    /// The environment it belongs to.
    type Environment: Environment;

    /// Lends the header fields that authenticate a request.
    fn with_fields<R>(&self, read: impl FnOnce(&[AuthField<'_>]) -> R) -> R;

    /// What the text of the key says about where it belongs, for diagnosis only.
    fn evidence(&self) -> KeyEvidence {
        KeyEvidence::None
    }
}
