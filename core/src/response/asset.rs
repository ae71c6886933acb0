//! [`Asset`]: the reply of `GET /v2/assets/{symbol}`, and one element of `GET /v2/assets`.

use serde::{Deserialize, Serialize};

use super::json::{List, Number, Text};
use super::word::words;
use super::{AssetClass, Decimal};

/// Something that can be traded, and how. `id` and `symbol` are insisted on.
///
/// The unfiltered list has several MB: read it with an [`ElementReader`](super::ElementReader).
///
/// ```
/// use alpaca_auth::response::{Asset, json};
/// let asset: Asset = json::from_slice(br#"{"id":"1","symbol":"T","name":"AT\u0026T Inc.","tradable":true}"#)?;
/// assert_eq!(asset.name.map(|name| name.to_string()).as_deref(), Some("AT&T Inc."));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Asset<'b> {
    /// Asset id, a UUID.
    pub id: &'b str,
    /// Its symbol.
    pub symbol: &'b str,
    /// Its name.
    #[serde(borrow)]
    pub name: Option<Text<'b>>,
    /// What kind of asset it is.
    #[serde(borrow)]
    pub class: Option<AssetClass<'b>>,
    /// Where it is listed.
    pub exchange: Option<&'b str>,
    /// CUSIP.
    pub cusip: Option<&'b str>,
    /// Whether Alpaca offers it.
    #[serde(borrow)]
    pub status: Option<AssetStatus<'b>>,
    /// May be traded.
    pub tradable: Option<bool>,
    /// May be bought on margin.
    pub marginable: Option<bool>,
    /// May be sold short.
    pub shortable: Option<bool>,
    /// Is easily borrowed for that.
    pub easy_to_borrow: Option<bool>,
    /// The same in a word.
    pub borrow_status: Option<&'b str>,
    /// Fractions may be traded.
    pub fractionable: Option<bool>,
    /// Maintenance margin, in percent, as a number.
    #[serde(borrow)]
    pub maintenance_margin_requirement: Option<Number<'b>>,
    /// Margin for long positions, in percent.
    #[serde(borrow)]
    pub margin_requirement_long: Option<Decimal<'b>>,
    /// Margin for short positions, in percent.
    #[serde(borrow)]
    pub margin_requirement_short: Option<Decimal<'b>>,
    /// Smallest order, of crypto.
    #[serde(borrow)]
    pub min_order_size: Option<Decimal<'b>>,
    /// Smallest step of a quantity, of crypto.
    #[serde(borrow)]
    pub min_trade_increment: Option<Decimal<'b>>,
    /// Smallest step of a price, of crypto.
    #[serde(borrow)]
    pub price_increment: Option<Decimal<'b>>,
    /// What is special about it.
    #[serde(borrow)]
    pub attributes: Option<List<'b, &'b str>>,
}

words! {
    /// Whether Alpaca offers an asset.
    AssetStatus {
        /// Yes.
        Active = "active",
        /// No, or not any more.
        Inactive = "inactive",
    }
}
