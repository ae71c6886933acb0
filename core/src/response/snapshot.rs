//! [`Snapshot`]: latest trade, quote and bars of one symbol.

use serde::{Deserialize, Serialize};

use super::json::{Entries, Number, Raw};
use super::{Bar, Quote, Trade};

/// The reply of `GET /v2/stocks/{symbol}/snapshot`, and one member of the replies for several symbols. Nothing in it
/// is certain to be there: a symbol may not have traded.
///
/// ```
/// use alpaca_auth::response::{Snapshot, json};
/// let snapshot: Snapshot =
///     json::from_slice(br#"{"symbol":"AAPL","latestTrade":{"p":231.50,"t":"2026-11-23T20:59:59Z"},"dailyBar":null}"#)?;
/// assert_eq!(snapshot.latest_trade.map(|trade| trade.price.text()), Some("231.50"));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot<'b> {
    /// The stock, where one was asked for.
    pub symbol: Option<&'b str>,
    /// Currency of the prices, ISO 4217; absent means USD.
    pub currency: Option<&'b str>,
    /// The latest trade.
    #[serde(borrow)]
    pub latest_trade: Option<Trade<'b>>,
    /// The latest quote.
    #[serde(borrow)]
    pub latest_quote: Option<Quote<'b>>,
    /// The latest minute.
    #[serde(borrow)]
    pub minute_bar: Option<Bar<'b>>,
    /// The latest day.
    #[serde(borrow)]
    pub daily_bar: Option<Bar<'b>>,
    /// The day before.
    #[serde(borrow)]
    pub prev_daily_bar: Option<Bar<'b>>,
    /// Implied volatility of an option.
    #[serde(borrow)]
    pub implied_volatility: Option<Number<'b>>,
    /// An option's greeks, as they were sent.
    #[serde(borrow)]
    pub greeks: Option<Raw<'b>>,
}

/// The reply of `GET /v1beta3/crypto/{loc}/snapshots` and `GET /v1beta1/options/snapshots`. The one of
/// `GET /v2/stocks/snapshots` is an [`Entries`] of snapshots without an object around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Snapshots<'b> {
    /// The snapshots, by symbol.
    #[serde(borrow)]
    pub snapshots: Entries<'b, Snapshot<'b>>,
    /// What to ask the next page with; absent on the last.
    pub next_page_token: Option<&'b str>,
}
