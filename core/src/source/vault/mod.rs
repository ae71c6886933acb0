//! `HashiCorp` Vault: key pairs out of the KV secrets engine, version 1 and 2.
//!
//! | part | job |
//! |---|---|
//! | [`VaultAccess`] | token and namespace, as headers |
//! | [`AppRole`] | role id and secret id, exchanged for a token |
//! | [`KvPath`] | which secret, of which engine version |
//! | [`unwrap_request`] | takes a wrapped answer out of its wrapping, once |
//! | [`Lease`] | for how long an answer is good |
//! | [`TokenLease`] | when a token is renewed, replaced, and no longer sent |
//! | [`renew_request`], [`lookup_request`] | renew a token, and ask how long it is good |
//!
//! ```
//! use alpaca_auth::credential::Slot;
//! use alpaca_auth::endpoint::{Endpoint, SecretManager};
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::source::vault::{KvPath, VaultAccess};
//!
//! let mut slot = Slot::<VaultAccess<Paper>>::vacant();
//! let access = slot.vault_token("hvs.not-a-real-token", Some("team/trading"))?;
//! let endpoint = Endpoint::<SecretManager, Paper>::manager("vault.example.com", 8200)?;
//! let path = KvPath::v2("secret", "alpaca/paper")?;
//! assert_eq!(path.request().target(), "/v1/secret/data/alpaca/paper");
//! // transport.send(&path.request(), &endpoint, access, &mut body), then
//! // path.read(&reply, &mut found)
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Source: Vault's HTTP API documentation, "KV secrets engine", "`AppRole` auth method",
//! "Token auth method", "`/sys/wrapping/unwrap`" (2026-11). Database and other dynamic engines are not read.

mod access;
mod app_role;
mod error;
mod kv;
mod renewal;
mod token_lease;
mod wrapping;

pub use access::{NAMESPACE_MAX, VAULT_TOKEN_MAX, VaultAccess};
pub use app_role::{AppRole, AppRoleLogin, LOGIN_MAX};
pub use error::VaultError;
pub use kv::{KvPath, Lease};
pub use renewal::{lookup_request, read_lookup, read_renewal, renew_request};
pub use token_lease::{TokenLease, TokenStep};
pub use wrapping::{read_secret_id, unwrap_request};
