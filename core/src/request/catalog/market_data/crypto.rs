//! Crypto: operations of the Market Data API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, MarketData};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1beta3/crypto/{loc}/bars`: Historical bars.
///
/// Query: `symbols` (required), `timeframe` (required), `start`, `end`, `limit`, `page_token`, `sort`.
pub const CRYPTO_BARS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CryptoBars",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta3/crypto/{loc}/bars",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: false,
    success: &[200],
    reply: "crypto_bars_resp",
});

/// `GET /v1beta3/crypto/{loc}/latest/bars`: Latest bars.
///
/// Query: `symbols` (required).
pub const CRYPTO_LATEST_BARS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CryptoLatestBars",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta3/crypto/{loc}/latest/bars",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: false,
    success: &[200],
    reply: "crypto_latest_bars_resp",
});

/// `GET /v1beta3/crypto/{loc}/latest/orderbooks`: Latest orderbook.
///
/// Query: `symbols` (required).
pub const CRYPTO_LATEST_ORDERBOOKS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CryptoLatestOrderbooks",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta3/crypto/{loc}/latest/orderbooks",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: false,
    success: &[200],
    reply: "crypto_latest_orderbooks_resp",
});

/// `GET /v1beta3/crypto/{loc}/latest/quotes`: Latest quotes.
///
/// Query: `symbols` (required).
pub const CRYPTO_LATEST_QUOTES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CryptoLatestQuotes",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta3/crypto/{loc}/latest/quotes",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: false,
    success: &[200],
    reply: "crypto_latest_quotes_resp",
});

/// `GET /v1beta3/crypto/{loc}/latest/trades`: Latest trades.
///
/// Query: `symbols` (required).
pub const CRYPTO_LATEST_TRADES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CryptoLatestTrades",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta3/crypto/{loc}/latest/trades",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: false,
    success: &[200],
    reply: "crypto_latest_trades_resp",
});

/// `GET /v1beta3/crypto/{loc}/quotes`: Historical quotes.
///
/// Query: `symbols` (required), `start`, `end`, `limit`, `page_token`, `sort`.
pub const CRYPTO_QUOTES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CryptoQuotes",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta3/crypto/{loc}/quotes",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: false,
    success: &[200],
    reply: "crypto_quotes_resp",
});

/// `GET /v1beta3/crypto/{loc}/snapshots`: Snapshots.
///
/// Query: `symbols` (required).
pub const CRYPTO_SNAPSHOTS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CryptoSnapshots",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta3/crypto/{loc}/snapshots",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: false,
    success: &[200],
    reply: "crypto_snapshots_resp",
});

/// `GET /v1beta3/crypto/{loc}/trades`: Historical trades.
///
/// Query: `symbols` (required), `start`, `end`, `limit`, `page_token`, `sort`.
pub const CRYPTO_TRADES: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CryptoTrades",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta3/crypto/{loc}/trades",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: false,
    success: &[200],
    reply: "crypto_trades_resp",
});
