//! [`Activity`]: one element of the reply of `GET /v2/account/activities`.

use serde::{Deserialize, Serialize};

use super::json::Text;
use super::{Decimal, OrderStatus, Side};

/// Something that happened in an account: a fill, or anything else such as a dividend.
///
/// `activity_type` and `id` are insisted on. The rest depends on the type: a fill has the fields from `side` to
/// `transaction_time`, anything else those from `date` on.
///
/// ```
/// use alpaca_auth::response::{Activity, json};
/// let fee: Activity = json::from_slice(br#"{"activity_type":"FEE","id":"2025::1","net_amount":"-0.01"}"#)?;
/// assert!(!fee.is_trade());
/// assert_eq!(fee.net_amount.map(|amount| amount.to_fixed(2)), Some(Ok(-1)));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Activity<'b> {
    /// `FILL`, or a code of Alpaca's such as `DIV` or `JNLC`.
    pub activity_type: &'b str,
    /// The id, which is the page token to go on from it.
    pub id: &'b str,
    /// The account, at the Broker API.
    pub account_id: Option<&'b str>,
    /// The asset.
    pub symbol: Option<&'b str>,
    /// How many.
    #[serde(borrow)]
    pub qty: Option<Decimal<'b>>,
    /// Buy or sell.
    #[serde(borrow)]
    pub side: Option<Side<'b>>,
    /// At what price.
    #[serde(borrow)]
    pub price: Option<Decimal<'b>>,
    /// How many of the order are filled by now.
    #[serde(borrow)]
    pub cum_qty: Option<Decimal<'b>>,
    /// How many of the order are left.
    #[serde(borrow)]
    pub leaves_qty: Option<Decimal<'b>>,
    /// The order.
    pub order_id: Option<&'b str>,
    /// What became of the order.
    #[serde(borrow)]
    pub order_status: Option<OrderStatus<'b>>,
    /// `fill` or `partial_fill`.
    #[serde(rename = "type")]
    pub kind: Option<&'b str>,
    /// When, RFC 3339.
    pub transaction_time: Option<&'b str>,
    /// When, `YYYY-MM-DD`.
    pub date: Option<&'b str>,
    /// When it was entered, RFC 3339.
    pub created_at: Option<&'b str>,
    /// A closer code, such as `SDIV`.
    pub activity_sub_type: Option<&'b str>,
    /// `executed`, `correct` or `canceled`.
    pub status: Option<&'b str>,
    /// What the account got, negative for what it gave.
    #[serde(borrow)]
    pub net_amount: Option<Decimal<'b>>,
    /// The same for one share.
    #[serde(borrow)]
    pub per_share_amount: Option<Decimal<'b>>,
    /// Currency of the amounts, ISO 4217.
    pub currency: Option<&'b str>,
    /// CUSIP.
    pub cusip: Option<&'b str>,
    /// What belongs together has the same.
    pub group_id: Option<&'b str>,
    /// In words.
    #[serde(borrow)]
    pub description: Option<Text<'b>>,
}

impl Activity<'_> {
    /// Whether it is a fill.
    #[must_use]
    pub fn is_trade(&self) -> bool {
        self.activity_type == "FILL"
    }
}
