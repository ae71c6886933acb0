//! Alpaca Connect: an app acts for a user (RFC 6749 §4.1, RFC 7636, RFC 9207).
//!
//! ```text
//! begin: State, perhaps a PKCE verifier
//!   -> authorize_url     the user opens it and decides
//!   -> read_callback     the redirect's query: a code, or why there is none
//!   -> CodeForm          the request that exchanges the code
//!   -> ConnectGrant      the reply, and with it a ConnectToken in its slot
//! ```
//!
//! A Connect token has no known lifetime and nothing refreshes it: it is kept until a 401.
//!
//! ```
//! use alpaca_auth::endpoint::{ConnectPage, Endpoint};
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::oauth::connect::{
//!     AuthorizationCode, CallbackError, Authorization, Scopes, State, read_callback,
//! };
//!
//! let entropy = [7; 32]; // from a cryptographic random source, new for each login
//! let mut state = State::vacant();
//! state.draw(&entropy);
//! let login = Authorization {
//!     client_id: "5a4db0c95a4db0c95a4db0c95a4db0c9",
//!     redirect_uri: "http://127.0.0.1:7777/callback",
//!     scopes: Scopes::TRADING,
//!     state: &state,
//!     challenge: None,
//! };
//! let mut buffer = [0; 512];
//! let url = login.url(&Endpoint::<ConnectPage, Paper>::alpaca(), &mut buffer)?;
//! assert!(url.starts_with("https://app.alpaca.markets/oauth/authorize?response_type=code&"));
//!
//! // What an attacker sends to the callback has not our state.
//! let mut code = AuthorizationCode::vacant();
//! let error = read_callback("code=evil&state=guess", &state, None, &mut code).unwrap_err();
//! assert_eq!(error, CallbackError::OtherState);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod authorize;
mod callback;
mod code_form;
mod grant;
#[cfg(feature = "pkce")]
mod pkce;
mod query;
mod scope;
mod state;

pub use authorize::{Authorization, AuthorizeError};
pub use callback::{
    AuthorizationCode, CALLBACK_MAX, CODE_MAX, CallbackError, Denial, DenialCode, read_callback,
};
pub use code_form::{CodeExchange, CodeForm};
pub use grant::ConnectGrant;
#[cfg(feature = "pkce")]
pub use pkce::{CHALLENGE, Verifier};
pub use scope::{MissingScope, Scopes};
pub use state::{ENTROPY, State};
