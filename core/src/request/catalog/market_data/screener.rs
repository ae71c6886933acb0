//! Screener: operations of the Market Data API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, MarketData};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1beta1/screener/stocks/most-actives`: Most active stocks.
///
/// Query: `by`, `top`.
pub const MOST_ACTIVES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "MostActives",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/screener/stocks/most-actives",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "most_actives_resp",
});

/// `GET /v1beta1/screener/{market_type}/movers`: Top market movers.
///
/// Query: `top`.
pub const MOVERS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "Movers",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/screener/{market_type}/movers",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "movers_resp",
});
