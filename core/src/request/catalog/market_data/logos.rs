//! Logos: operations of the Market Data API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, MarketData};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1beta1/logos/{symbol}`: Logos.
///
/// Query: `placeholder`.
pub const LOGOS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "Logos",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/logos/{symbol}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "image/png",
});
