//! Requests of the Broker API.

use super::super::{Method, Request};
use crate::endpoint::Broker;

/// `GET /v1/accounts`: the partner's customer accounts.
#[must_use]
pub const fn accounts() -> Request<'static, Broker> {
    Request::known(Method::Get, "/v1/accounts")
}
