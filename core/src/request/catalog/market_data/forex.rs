//! Forex: operations of the Market Data API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, MarketData};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1beta1/forex/latest/rates`: Latest rates for currency pairs.
///
/// Query: `currency_pairs` (required).
pub const LATEST_RATES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "LatestRates",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/forex/latest/rates",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "forex_latest_rates_resp",
});

/// `GET /v1beta1/forex/rates`: Historical rates for currency pairs.
///
/// Query: `currency_pairs` (required), `timeframe`, `start`, `end`, `limit`, `sort`, `page_token`.
pub const RATES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "Rates",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/forex/rates",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "forex_rates_resp",
});
