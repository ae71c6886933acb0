//! Requests of the Market Data API. [`catalog::market_data`](super::catalog::market_data) has all
//! operations.

mod crypto;
mod feed;
mod history;
mod latest;

pub use crypto::{latest_crypto_bars, latest_crypto_quotes, latest_crypto_trades};
pub use feed::Feed;
pub use history::{History, stock_bars, stock_quotes, stock_trades};
pub use latest::{
    latest_bar, latest_quote, latest_quote_from, latest_trade, latest_trade_from, snapshot,
};
