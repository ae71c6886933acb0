//! [`Order`]: the reply of `POST /v2/orders` and its like, and one element of `GET /v2/orders`.

use serde::{Deserialize, Serialize};

use super::Decimal;
use super::json::List;
use super::word::words;

/// An order as the server knows it. Quantities and prices are exact text, times RFC 3339
/// ([`Timestamp`](super::Timestamp) reads them).
///
/// `id` and `status` are insisted on; an order without them says nothing.
///
/// ```
/// use alpaca_auth::response::{Order, OrderStatus, json};
/// let order: Order = json::from_slice(
///     br#"{"id":"61e6","status":"new","qty":"1.5","filled_avg_price":null,"legs":[{"id":"7","status":"held"}]}"#,
/// )?;
/// assert_eq!(order.qty.map(|qty| qty.to_fixed(9)), Some(Ok(1_500_000_000)));
/// let leg = order.legs.and_then(|legs| legs.iter().next()).transpose()?;
/// assert_eq!(leg.map(|leg| leg.status), Some(OrderStatus::Held));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Order<'b> {
    /// Order id, a UUID.
    pub id: &'b str,
    /// The id that the client chose, or that was chosen for it.
    pub client_order_id: Option<&'b str>,
    /// Where the order is in its life.
    #[serde(borrow)]
    pub status: OrderStatus<'b>,
    /// The asset; empty for an order of several legs.
    pub symbol: Option<&'b str>,
    /// The asset's id, a UUID.
    pub asset_id: Option<&'b str>,
    /// What kind of asset it is.
    #[serde(borrow)]
    pub asset_class: Option<AssetClass<'b>>,
    /// Buy or sell; absent for an order of several legs.
    #[serde(borrow)]
    pub side: Option<Side<'b>>,
    /// Market, limit and so on.
    #[serde(borrow, rename = "type")]
    pub kind: Option<OrderType<'b>>,
    /// The older name of `type`.
    #[serde(borrow)]
    pub order_type: Option<OrderType<'b>>,
    /// Simple, or one of several that belong together.
    #[serde(borrow)]
    pub order_class: Option<OrderClass<'b>>,
    /// How long it stands.
    #[serde(borrow)]
    pub time_in_force: Option<TimeInForce<'b>>,
    /// Whether it opens or closes an options position, such as `buy_to_open`.
    pub position_intent: Option<&'b str>,
    /// Quantity, in units of the asset; absent if `notional` was given.
    #[serde(borrow)]
    pub qty: Option<Decimal<'b>>,
    /// Worth, in the account's currency; absent if `qty` was given.
    #[serde(borrow)]
    pub notional: Option<Decimal<'b>>,
    /// Quantity of a leg in proportion to the order's.
    #[serde(borrow)]
    pub ratio_qty: Option<Decimal<'b>>,
    /// Quantity that is filled.
    #[serde(borrow)]
    pub filled_qty: Option<Decimal<'b>>,
    /// Average price of what is filled.
    #[serde(borrow)]
    pub filled_avg_price: Option<Decimal<'b>>,
    /// Limit price.
    #[serde(borrow)]
    pub limit_price: Option<Decimal<'b>>,
    /// Stop price.
    #[serde(borrow)]
    pub stop_price: Option<Decimal<'b>>,
    /// Distance of a trailing stop, in percent.
    #[serde(borrow)]
    pub trail_percent: Option<Decimal<'b>>,
    /// Distance of a trailing stop, in the price's unit.
    #[serde(borrow)]
    pub trail_price: Option<Decimal<'b>>,
    /// Highest or lowest price that a trailing stop has seen.
    #[serde(borrow)]
    pub hwm: Option<Decimal<'b>>,
    /// Whether it may be filled outside regular hours.
    pub extended_hours: Option<bool>,
    /// The orders that belong to it, where `nested` was asked for. They are orders, too.
    #[serde(borrow)]
    pub legs: Option<List<'b, Order<'b>>>,
    /// When it was made.
    pub created_at: Option<&'b str>,
    /// When it last changed.
    pub updated_at: Option<&'b str>,
    /// When it was submitted.
    pub submitted_at: Option<&'b str>,
    /// When it was filled.
    pub filled_at: Option<&'b str>,
    /// When it expired.
    pub expired_at: Option<&'b str>,
    /// When it will expire.
    pub expires_at: Option<&'b str>,
    /// When it was canceled.
    pub canceled_at: Option<&'b str>,
    /// When it failed.
    pub failed_at: Option<&'b str>,
    /// When it was replaced.
    pub replaced_at: Option<&'b str>,
    /// The order that replaced it.
    pub replaced_by: Option<&'b str>,
    /// The order that it replaces.
    pub replaces: Option<&'b str>,
}

impl Order<'_> {
    /// Whether nothing more will happen to it. An unknown status counts as open: look again.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(
            self.status,
            OrderStatus::Filled
                | OrderStatus::Canceled
                | OrderStatus::Expired
                | OrderStatus::Replaced
                | OrderStatus::Rejected
        )
    }
}

words! {
    /// Where an order is in its life. Keep a branch for [`OrderStatus::Other`].
    OrderStatus {
        /// Received and routed.
        New = "new",
        /// A part is filled.
        PartiallyFilled = "partially_filled",
        /// All is filled.
        Filled = "filled",
        /// Nothing more happens until the next trading day.
        DoneForDay = "done_for_day",
        /// Canceled.
        Canceled = "canceled",
        /// Its time is over.
        Expired = "expired",
        /// Another order took its place.
        Replaced = "replaced",
        /// To be canceled.
        PendingCancel = "pending_cancel",
        /// To be replaced.
        PendingReplace = "pending_replace",
        /// Received, not yet routed.
        Accepted = "accepted",
        /// Received and on its way.
        PendingNew = "pending_new",
        /// Being evaluated for its price.
        AcceptedForBidding = "accepted_for_bidding",
        /// A trade is guaranteed but has not happened.
        Stopped = "stopped",
        /// Refused.
        Rejected = "rejected",
        /// Not eligible for trading.
        Suspended = "suspended",
        /// Done for the day, settlement outstanding.
        Calculated = "calculated",
        /// Waits for another order.
        Held = "held",
    }
}

words! {
    /// Buy or sell.
    Side {
        /// Buys.
        Buy = "buy",
        /// Sells.
        Sell = "sell",
    }
}

words! {
    /// At what price an order trades.
    OrderType {
        /// At the best.
        Market = "market",
        /// At the limit or better.
        Limit = "limit",
        /// At the best once the stop is touched.
        Stop = "stop",
        /// At the limit once the stop is touched.
        StopLimit = "stop_limit",
        /// As `stop`, with a stop that follows the price.
        TrailingStop = "trailing_stop",
    }
}

words! {
    /// How long an order stands.
    TimeInForce {
        /// For the day.
        Day = "day",
        /// Until it is canceled.
        Gtc = "gtc",
        /// For the opening auction.
        Opg = "opg",
        /// For the closing auction.
        Cls = "cls",
        /// At once or not, in part if need be.
        Ioc = "ioc",
        /// At once and whole or not.
        Fok = "fok",
    }
}

words! {
    /// What orders belong together.
    OrderClass {
        /// One order. Older replies have an empty text for it.
        Simple = "simple",
        /// With a take-profit and a stop-loss.
        Bracket = "bracket",
        /// One cancels the other.
        Oco = "oco",
        /// One triggers the other.
        Oto = "oto",
        /// Several legs of options.
        Mleg = "mleg",
    }
}

words! {
    /// What kind of asset it is.
    AssetClass {
        /// US shares.
        UsEquity = "us_equity",
        /// US options.
        UsOption = "us_option",
        /// Crypto currencies.
        Crypto = "crypto",
        /// Crypto perpetual futures.
        CryptoPerp = "crypto_perp",
        /// US treasuries.
        Treasury = "treasury",
        /// Corporate bonds.
        Corporate = "corporate",
        /// Shares outside the US.
        GlobalEquity = "global_equity",
        /// US indices.
        UsIndex = "us_index",
        /// Shares on a chain.
        UsEquityChain = "us_equity_chain",
        /// Initial public offerings.
        Ipo = "ipo",
    }
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn an_order_without_id_or_status_or_with_another_type_is_refused() {
        for text in [
            "{}",
            r#"{"id":"1"}"#,
            r#"{"status":"new"}"#,
            r#"{"id":null,"status":"new"}"#,
            r#"{"id":1,"status":"new"}"#,
            r#"{"id":"1","status":7}"#,
            r#"{"id":"1","status":"new","qty":1}"#,
            r#"{"id":"1","status":"new","qty":"one"}"#,
            r#"{"id":"1","status":"new","legs":{}}"#,
            r#"{"id":"1","status":"new","status":"filled"}"#,
            r#"{"id":"1","status":"new","extended_hours":"no"}"#,
            "[]",
        ] {
            assert!(
                json::from_slice::<Order<'_>>(text.as_bytes()).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn unknown_words_survive_and_close_nothing() {
        let text =
            br#"{"id":"1","status":"asleep","side":"sideways","type":"guess","order_class":""}"#;
        let order: Order<'_> = json::from_slice(text).unwrap();
        assert_eq!(order.status, OrderStatus::Other("asleep"));
        assert_eq!(order.side, Some(Side::Other("sideways")));
        assert_eq!(order.kind.map(|kind| kind.text()), Some("guess"));
        assert_eq!(order.order_class, Some(OrderClass::Other("")));
        assert!(!order.is_closed());
    }

    #[test]
    fn a_bad_leg_is_an_error_of_its_own() {
        let text =
            br#"{"id":"1","status":"new","legs":[{"id":"2","status":"new","legs":[]},{"id":"3"}]}"#;
        let order: Order<'_> = json::from_slice(text).unwrap();
        let mut legs = order.legs.unwrap().iter();
        assert_eq!(legs.next().unwrap().unwrap().id, "2");
        assert!(legs.next().unwrap().is_err());
        assert!(legs.next().is_none());
    }
}
