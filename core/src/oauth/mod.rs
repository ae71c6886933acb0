//! OAuth 2.0 client credentials (RFC 6749 §4.4) and the life of an access token.
//!
//! Sans-IO: time, entropy and memory are arguments; requests and decisions come out. The same
//! machine serves a microcontroller, a gateway and a server.
//!
//! | part | job |
//! |---|---|
//! | [`TokenForm`] | the body of a token request, by `client_secret_post` or `private_key_jwt` |
//! | [`AssertionSigner`] | what signs a client assertion; the key may never enter our memory |
//! | [`IssuedToken`] | a token reply, read strictly |
//! | [`Lifecycle`] | when to use, refresh, wait or give up |
//! | [`BrokerLogin`] | a token and its lifecycle, for one owner |
//! | [`RevocationForm`] | ends a token before its time, on demand only |
//!
//! # A token, and a request with it
//!
//! ```
//! use core::time::Duration;
//! use alpaca_auth::credential::{ClientSecret, Slot};
//! use alpaca_auth::endpoint::ApiKind;
//! use alpaca_auth::environment::{EnvironmentKind, Sandbox};
//! use alpaca_auth::credential::KeyEvidence;
//! use alpaca_auth::oauth::{BrokerLogin, Next, TokenForm};
//! use alpaca_auth::response::{Context, Reply, ReplyHead};
//!
//! let mut slot = Slot::<ClientSecret<Sandbox>>::vacant();
//! let client = slot.sandbox("CLIENTID", "not-a-real-secret")?;
//! let mut login = BrokerLogin::<Sandbox>::new();
//! let mut now = Duration::from_secs(5); // of any clock that does not stand still
//!
//! let Next::Refresh { attempt, .. } = login.poll(now) else { unreachable!() };
//! let mut form = TokenForm::<Sandbox, 1024>::new();
//! form.client_secret(client)?;
//! // transport.send(&form.request(), &endpoint, form.credential(), &mut body) answers:
//! let context = Context {
//!     api: ApiKind::AuthServer,
//!     environment: EnvironmentKind::Sandbox,
//!     evidence: KeyEvidence::None,
//! };
//! let body = br#"{"access_token":"abc","expires_in":899,"token_type":"Bearer"}"#;
//! let reply = Reply::new(ReplyHead::new(200), context, body);
//! form.wipe();
//! let jitter = 0x1234_5678; // from your random source
//! login.settle(attempt, Some(&reply), now, jitter)?;
//!
//! now += Duration::from_secs(300);
//! assert!(matches!(login.poll(now), Next::Use { .. }));
//! now += Duration::from_secs(400);
//! assert!(matches!(login.poll(now), Next::Refresh { usable: Some(_), .. }));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Nothing here stores a token beyond memory. A token is a secret like a key.

pub(crate) mod assertion;
pub(crate) mod base64url;
mod client_authentication;
mod client_form;
pub mod connect;
#[cfg(feature = "es256")]
mod es256;
mod form;
mod lifecycle;
mod login;
mod revocation;
mod token_error;
mod token_member;
mod token_reply;

pub use assertion::{
    Algorithm, AssertionError, AssertionSigner, CLAIM_MAX, Claims, ENTROPY, LIFETIME_MAX,
    SIGNATURE_MAX,
};
pub use client_authentication::{ClientAuthentication, Moment, PrivateKeyJwt};
pub use client_form::{ASSERTION_MAX, ClientCredentials, ClientRequest, FORM_MAX, TokenForm};
#[cfg(feature = "es256")]
pub use es256::Es256Key;
pub use form::{Form, FormError, Purpose};
pub use lifecycle::{
    Attempt, BACKOFF_MAX, Failure, INTERVAL_MIN, Lifecycle, REJECTION_INTERVAL, Rejection, Serial,
    Step, WAIT_MAX,
};
pub use login::{BrokerLogin, Next};
pub use revocation::{
    REVOCATION_FORM_MAX, Revocation, RevocationError, RevocationForm, read_revocation,
};
pub use token_error::{ErrorCode, TokenError, TokenFault};
pub use token_reply::{EXPIRES_IN_MAX, IssuedToken};
