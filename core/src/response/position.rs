//! [`Position`]: the reply of `GET /v2/positions/{symbol}`, and one element of `GET /v2/positions`.

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{AssetClass, Decimal};

/// What an account holds of one asset. Amounts are exact text, in the account's currency.
///
/// `symbol` and `qty` are insisted on.
///
/// ```
/// use alpaca_auth::response::{Position, PositionSide, json};
/// let position: Position = json::from_slice(br#"{"symbol":"AAPL","qty":"-5","side":"short"}"#)?;
/// assert_eq!(position.qty.to_fixed(0), Ok(-5));
/// assert_eq!(position.side, Some(PositionSide::Short));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Position<'b> {
    /// The asset.
    pub symbol: &'b str,
    /// How many; negative when short.
    #[serde(borrow)]
    pub qty: Decimal<'b>,
    /// How many no open order holds.
    #[serde(borrow)]
    pub qty_available: Option<Decimal<'b>>,
    /// Long or short.
    #[serde(borrow)]
    pub side: Option<PositionSide<'b>>,
    /// The asset's id, a UUID.
    pub asset_id: Option<&'b str>,
    /// What kind of asset it is.
    #[serde(borrow)]
    pub asset_class: Option<AssetClass<'b>>,
    /// Whether the asset may be bought on margin.
    pub asset_marginable: Option<bool>,
    /// Where the asset is listed.
    pub exchange: Option<&'b str>,
    /// Average price at which it was opened.
    #[serde(borrow)]
    pub avg_entry_price: Option<Decimal<'b>>,
    /// What it is worth.
    #[serde(borrow)]
    pub market_value: Option<Decimal<'b>>,
    /// What it cost.
    #[serde(borrow)]
    pub cost_basis: Option<Decimal<'b>>,
    /// Profit or loss, not realised.
    #[serde(borrow)]
    pub unrealized_pl: Option<Decimal<'b>>,
    /// The same as a part of 1.
    #[serde(borrow)]
    pub unrealized_plpc: Option<Decimal<'b>>,
    /// Profit or loss of the day, not realised.
    #[serde(borrow)]
    pub unrealized_intraday_pl: Option<Decimal<'b>>,
    /// The same as a part of 1.
    #[serde(borrow)]
    pub unrealized_intraday_plpc: Option<Decimal<'b>>,
    /// Price now.
    #[serde(borrow)]
    pub current_price: Option<Decimal<'b>>,
    /// Price at the close before.
    #[serde(borrow)]
    pub lastday_price: Option<Decimal<'b>>,
    /// Change of the price since then, as a part of 1.
    #[serde(borrow)]
    pub change_today: Option<Decimal<'b>>,
    /// Exchange rate to US dollars, for accounts in another currency.
    #[serde(borrow)]
    pub swap_rate: Option<Decimal<'b>>,
    /// Average exchange rate at which it was opened.
    #[serde(borrow)]
    pub avg_entry_swap_rate: Option<Decimal<'b>>,
    /// Exchange rate of the day before.
    #[serde(borrow)]
    pub prev_swap_rate: Option<Decimal<'b>>,
}

words! {
    /// Long or short.
    PositionSide {
        /// Owned.
        Long = "long",
        /// Owed.
        Short = "short",
    }
}
