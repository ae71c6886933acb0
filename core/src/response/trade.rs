//! [`Trade`], [`LatestTrade`] and [`CryptoLatestTrades`]: what was last paid.

use serde::{Deserialize, Serialize};

use super::json::{Entries, Number, Raw};

/// One trade. Price and time are certain to be there; numbers are kept as the text that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Trade<'b> {
    /// Price.
    #[serde(rename = "p", borrow)]
    pub price: Number<'b>,
    /// When, RFC 3339 with nanoseconds.
    #[serde(rename = "t")]
    pub timestamp: &'b str,
    /// How many.
    #[serde(rename = "s", borrow)]
    pub size: Option<Number<'b>>,
    /// The exchange's id of the trade.
    #[serde(rename = "i", borrow)]
    pub id: Option<Number<'b>>,
    /// Exchange, one letter.
    #[serde(rename = "x")]
    pub exchange: Option<&'b str>,
    /// Conditions: a list of texts for stocks, one text for options.
    #[serde(rename = "c", borrow)]
    pub conditions: Option<Raw<'b>>,
    /// Tape, one letter.
    #[serde(rename = "z")]
    pub tape: Option<&'b str>,
    /// The taker's side of a crypto trade: `B` or `S`.
    #[serde(rename = "tks")]
    pub taker_side: Option<&'b str>,
    /// What became of the trade: `canceled`, `incorrect` or `corrected`.
    #[serde(rename = "u")]
    pub update: Option<&'b str>,
}

/// The reply of `GET /v2/stocks/{symbol}/trades/latest`.
///
/// ```
/// use alpaca_auth::response::{LatestTrade, json};
/// let latest: LatestTrade =
///     json::from_slice(br#"{"symbol":"AAPL","trade":{"p":231.50,"t":"2026-11-23T20:59:59.1Z"}}"#)?;
/// assert_eq!(latest.trade.price.text(), "231.50");
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct LatestTrade<'b> {
    /// The stock.
    pub symbol: &'b str,
    /// Currency of the price, ISO 4217; absent means USD.
    pub currency: Option<&'b str>,
    /// The trade.
    #[serde(borrow)]
    pub trade: Trade<'b>,
}

/// The reply of `GET /v1beta3/crypto/{loc}/latest/trades`, and of other latest trades of several symbols.
///
/// ```
/// use alpaca_auth::response::{CryptoLatestTrades, json};
/// let latest: CryptoLatestTrades =
///     json::from_slice(br#"{"trades":{"BTC/USD":{"p":91234.5,"t":"2026-11-23T20:59:59Z","tks":"B"}}}"#)?;
/// let trade = latest.trades.get("BTC/USD").transpose()?;
/// assert_eq!(trade.and_then(|trade| trade.taker_side), Some("B"));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct CryptoLatestTrades<'b> {
    /// The trades, by symbol.
    #[serde(borrow)]
    pub trades: Entries<'b, Trade<'b>>,
    /// Currency of the prices, ISO 4217, where it is sent.
    pub currency: Option<&'b str>,
}
