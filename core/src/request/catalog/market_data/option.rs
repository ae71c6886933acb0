//! Option: operations of the Market Data API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, MarketData};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1beta1/options/bars`: Historical bars.
///
/// Query: `symbols` (required), `timeframe` (required), `start`, `end`, `limit`, `page_token`, `sort`.
pub const OPTION_BARS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "optionBars",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/options/bars",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "option_bars_resp",
});

/// `GET /v1beta1/options/meta/conditions/{ticktype}`: Condition codes.
pub const OPTION_META_CONDITIONS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "OptionMetaConditions",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/options/meta/conditions/{ticktype}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "option_conditions",
});

/// `GET /v1beta1/options/meta/exchanges`: Exchange codes.
pub const OPTION_META_EXCHANGES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "OptionMetaExchanges",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/options/meta/exchanges",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "option_exchanges",
});

/// `GET /v1beta1/options/quotes/latest`: Latest quotes.
///
/// Query: `symbols` (required), `feed`.
pub const OPTION_LATEST_QUOTES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "OptionLatestQuotes",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/options/quotes/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "option_latest_quotes_resp",
});

/// `GET /v1beta1/options/snapshots`: Snapshots.
///
/// Query: `symbols` (required), `feed`, `updated_since`, `limit`, `page_token`.
pub const OPTION_SNAPSHOTS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "OptionSnapshots",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/options/snapshots",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "option_snapshots_resp",
});

/// `GET /v1beta1/options/snapshots/{underlying_symbol}`: Option chain.
///
/// Query: `feed`, `limit`, `updated_since`, `page_token`, `type`, `strike_price_gte`, `strike_price_lte`, `expiration_date`, `expiration_date_gte`, `expiration_date_lte`, `root_symbol`.
pub const OPTION_CHAIN: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "OptionChain",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/options/snapshots/{underlying_symbol}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "option_snapshots_resp",
});

/// `GET /v1beta1/options/trades`: Historical trades.
///
/// Query: `symbols` (required), `start`, `end`, `limit`, `page_token`, `sort`.
pub const OPTION_TRADES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "OptionTrades",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/options/trades",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "option_trades_resp",
});

/// `GET /v1beta1/options/trades/latest`: Latest trades.
///
/// Query: `symbols` (required), `feed`.
pub const OPTION_LATEST_TRADES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "OptionLatestTrades",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/options/trades/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "option_latest_trades_resp",
});
