//! Logos: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1beta1/logos/{symbol}`: Get Logo.
///
/// Query: `placeholder`.
pub const GET_V1BETA1_LOGOS_SYMBOL: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1beta1-logos-symbol",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1beta1/logos/{symbol}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "",
});
