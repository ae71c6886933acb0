//! Stock: operations of the Market Data API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, MarketData};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/stocks/auctions`: Historical auctions.
///
/// Query: `symbols` (required), `start`, `end`, `limit`, `asof`, `feed`, `currency`, `page_token`, `sort`.
pub const STOCK_AUCTIONS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockAuctions",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/auctions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_auctions_resp",
});

/// `GET /v2/stocks/bars`: Historical bars.
///
/// Query: `symbols` (required), `timeframe` (required), `start`, `end`, `limit`, `adjustment`, `asof`, `feed`, `currency`, `page_token`, `sort`.
pub const STOCK_BARS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockBars",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/bars",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_bars_resp",
});

/// `GET /v2/stocks/bars/latest`: Latest bars.
///
/// Query: `symbols` (required), `feed`, `currency`.
pub const STOCK_LATEST_BARS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockLatestBars",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/bars/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_latest_bars_resp",
});

/// `GET /v2/stocks/meta/conditions/{ticktype}`: Condition codes.
///
/// Query: `tape` (required).
pub const STOCK_META_CONDITIONS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockMetaConditions",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/meta/conditions/{ticktype}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_conditions",
});

/// `GET /v2/stocks/meta/exchanges`: Exchange codes.
pub const STOCK_META_EXCHANGES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockMetaExchanges",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/meta/exchanges",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_exchanges",
});

/// `GET /v2/stocks/quotes`: Historical quotes.
///
/// Query: `symbols` (required), `start`, `end`, `limit`, `asof`, `feed`, `currency`, `page_token`, `sort`.
pub const STOCK_QUOTES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockQuotes",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/quotes",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_quotes_resp",
});

/// `GET /v2/stocks/quotes/latest`: Latest quotes.
///
/// Query: `symbols` (required), `feed`, `currency`.
pub const STOCK_LATEST_QUOTES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockLatestQuotes",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/quotes/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_latest_quotes_resp",
});

/// `GET /v2/stocks/snapshots`: Snapshots.
///
/// Query: `symbols` (required), `feed`, `currency`.
pub const STOCK_SNAPSHOTS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockSnapshots",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/snapshots",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_snapshots_resp",
});

/// `GET /v2/stocks/trades`: Historical trades.
///
/// Query: `symbols` (required), `start`, `end`, `limit`, `asof`, `feed`, `currency`, `page_token`, `sort`.
pub const STOCK_TRADES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockTrades",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/trades",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_trades_resp",
});

/// `GET /v2/stocks/trades/latest`: Latest trades.
///
/// Query: `symbols` (required), `feed`, `currency`.
pub const STOCK_LATEST_TRADES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockLatestTrades",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/trades/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_latest_trades_resp",
});

/// `GET /v2/stocks/{symbol}/auctions`: Historical auctions (single).
///
/// Query: `start`, `end`, `limit`, `asof`, `feed`, `currency`, `page_token`, `sort`.
pub const STOCK_AUCTION_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockAuctionSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/auctions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_auctions_resp_single",
});

/// `GET /v2/stocks/{symbol}/bars`: Historical bars (single symbol).
///
/// Query: `timeframe` (required), `start`, `end`, `limit`, `adjustment`, `asof`, `feed`, `currency`, `page_token`, `sort`.
pub const STOCK_BAR_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockBarSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/bars",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_bars_resp_single",
});

/// `GET /v2/stocks/{symbol}/bars/latest`: Latest bar (single symbol).
///
/// Query: `feed`, `currency`.
pub const STOCK_LATEST_BAR_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockLatestBarSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/bars/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_latest_bars_resp_single",
});

/// `GET /v2/stocks/{symbol}/quotes`: Historical quotes (single symbol).
///
/// Query: `start`, `end`, `limit`, `asof`, `feed`, `currency`, `page_token`, `sort`.
pub const STOCK_QUOTE_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockQuoteSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/quotes",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_quotes_resp_single",
});

/// `GET /v2/stocks/{symbol}/quotes/latest`: Latest quote (single symbol).
///
/// Query: `feed`, `currency`.
pub const STOCK_LATEST_QUOTE_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockLatestQuoteSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/quotes/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_latest_quotes_resp_single",
});

/// `GET /v2/stocks/{symbol}/snapshot`: Snapshot (single symbol).
///
/// Query: `feed`, `currency`.
pub const STOCK_SNAPSHOT_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockSnapshotSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/snapshot",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_snapshots_resp_single",
});

/// `GET /v2/stocks/{symbol}/trades`: Historical trades (single symbol).
///
/// Query: `start`, `end`, `limit`, `asof`, `feed`, `currency`, `page_token`, `sort`.
pub const STOCK_TRADE_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockTradeSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/trades",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_trades_resp_single",
});

/// `GET /v2/stocks/{symbol}/trades/latest`: Latest trade (single symbol).
///
/// Query: `feed`, `currency`.
pub const STOCK_LATEST_TRADE_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockLatestTradeSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/trades/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_latest_trades_resp_single",
});
