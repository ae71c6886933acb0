//! Requests of the authorization server.

use super::{Method, Request};
use crate::endpoint::AuthServer;

/// Path of the token endpoint.
pub const TOKEN_PATH: &str = "/v1/oauth2/token";

/// `POST /v1/oauth2/token`: exchanges a client's credentials for an access token.
///
/// It moves no money, but a client assertion is good for one use: write a new form each time.
#[must_use]
pub const fn token(form: &[u8]) -> Request<'_, AuthServer> {
    Request::known(Method::Post, TOKEN_PATH).with_form(form)
}

/// Path of the revocation endpoint.
pub const REVOKE_PATH: &str = "/v1/oauth2/revoke";

/// `POST /v1/oauth2/revoke`: ends an access token before its time (RFC 7009).
///
/// Revoking twice changes nothing more, but a client assertion is good for one use: write a new
/// form each time.
#[must_use]
pub const fn revoke(form: &[u8]) -> Request<'_, AuthServer> {
    Request::known(Method::Post, REVOKE_PATH).with_form(form)
}
