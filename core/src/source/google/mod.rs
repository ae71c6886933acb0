//! Google Secret Manager: `versions:access`, by a service account or the metadata server.
//!
//! | part | job |
//! |---|---|
//! | [`ServiceAccount`] | who signs, out of the JSON file of its key |
//! | [`JwtGrant`] | the form that exchanges a signed JWT for a token (RFC 7523 §2.1) |
//! | [`GoogleToken`] | the access token, as header |
//! | [`AccessSecretVersion`] | which secret, which version; checks `dataCrc32c` |
//!
//! ```
//! use alpaca_auth::credential::Slot;
//! use alpaca_auth::endpoint::{Endpoint, SecretManager};
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::source::google::{AccessSecretVersion, GoogleToken};
//!
//! let mut slot = Slot::<GoogleToken<Paper>>::vacant();
//! let token = slot.google_token("ya29.not-a-real-token")?;
//! let endpoint = Endpoint::<SecretManager, Paper>::manager("secretmanager.googleapis.com", 443)?;
//! let asked = AccessSecretVersion::new("my-project", "alpaca-paper", AccessSecretVersion::LATEST)?;
//! let target = "/v1/projects/my-project/secrets/alpaca-paper/versions/latest:access";
//! assert_eq!(asked.request().target(), target);
//! // transport.send(&asked.request(), &endpoint, token, &mut body), then asked.read(&reply, &mut found)
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Sources: Google Cloud documentation, "Secret Manager API v1", "Using OAuth 2.0 for server to
//! server applications", "VM metadata server" (2026-11). External accounts and impersonation are
//! not read.

mod access_secret_version;
mod error;
mod jwt_grant;
mod service_account;
mod token;

pub use access_secret_version::{AccessSecretVersion, GoogleVersion};
pub use error::GoogleError;
pub use jwt_grant::{GRANT_MAX, JwtGrant, SCOPE, TOKEN_PATH};
pub use service_account::{PEM_MAX, ServiceAccount, ServiceAccountError};
pub use token::{GOOGLE_TOKEN_MAX, GoogleToken, read_token};
