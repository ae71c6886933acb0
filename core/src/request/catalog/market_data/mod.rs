//! Operations of the Market Data API, grouped as Alpaca groups them.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

pub mod corporate_actions;
pub mod crypto;
pub mod forex;
pub mod logos;
pub mod news;
pub mod option;
pub mod screener;
pub mod stock;

use crate::request::Operation;

/// All 42 of them, in the order of their paths. Linked only where it is used.
pub const ALL: &[&Operation] = &[
    corporate_actions::CORPORATE_ACTIONS.operation(),
    corporate_actions::SUBSCRIBE_TO_CORPORATE_ACTIONS_EVENTS_SSE.operation(),
    forex::LATEST_RATES.operation(),
    forex::RATES.operation(),
    logos::LOGOS.operation(),
    news::NEWS.operation(),
    option::OPTION_BARS.operation(),
    option::OPTION_META_CONDITIONS.operation(),
    option::OPTION_META_EXCHANGES.operation(),
    option::OPTION_LATEST_QUOTES.operation(),
    option::OPTION_SNAPSHOTS.operation(),
    option::OPTION_CHAIN.operation(),
    option::OPTION_TRADES.operation(),
    option::OPTION_LATEST_TRADES.operation(),
    screener::MOST_ACTIVES.operation(),
    screener::MOVERS.operation(),
    crypto::CRYPTO_BARS.operation(),
    crypto::CRYPTO_LATEST_BARS.operation(),
    crypto::CRYPTO_LATEST_ORDERBOOKS.operation(),
    crypto::CRYPTO_LATEST_QUOTES.operation(),
    crypto::CRYPTO_LATEST_TRADES.operation(),
    crypto::CRYPTO_QUOTES.operation(),
    crypto::CRYPTO_SNAPSHOTS.operation(),
    crypto::CRYPTO_TRADES.operation(),
    stock::STOCK_AUCTIONS.operation(),
    stock::STOCK_BARS.operation(),
    stock::STOCK_LATEST_BARS.operation(),
    stock::STOCK_META_CONDITIONS.operation(),
    stock::STOCK_META_EXCHANGES.operation(),
    stock::STOCK_QUOTES.operation(),
    stock::STOCK_LATEST_QUOTES.operation(),
    stock::STOCK_SNAPSHOTS.operation(),
    stock::STOCK_TRADES.operation(),
    stock::STOCK_LATEST_TRADES.operation(),
    stock::STOCK_AUCTION_SINGLE.operation(),
    stock::STOCK_BAR_SINGLE.operation(),
    stock::STOCK_LATEST_BAR_SINGLE.operation(),
    stock::STOCK_QUOTE_SINGLE.operation(),
    stock::STOCK_LATEST_QUOTE_SINGLE.operation(),
    stock::STOCK_SNAPSHOT_SINGLE.operation(),
    stock::STOCK_TRADE_SINGLE.operation(),
    stock::STOCK_LATEST_TRADE_SINGLE.operation(),
];
