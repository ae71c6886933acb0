//! Requests of Alpaca Connect.

use super::{Method, Request};
use crate::endpoint::ConnectToken;

/// `POST /oauth/token`: exchanges an authorization code for an access token. Never sent twice.
#[must_use]
pub const fn exchange(form: &[u8]) -> Request<'_, ConnectToken> {
    Request::known(Method::Post, "/oauth/token").with_form(form)
}
