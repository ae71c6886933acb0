//! Order tickets: checked before a byte is sent, written as JSON into a caller's buffer.
//!
//! A [`Ticket`] is what somebody wants; [`Ticket::write`] refuses what Alpaca would refuse, says
//! what to change, and gives a [`Submission`] for
//! [`trading::submit`](crate::request::trading::submit).
//!
//! ```
//! use alpaca_auth::order::{OrderError, Side, Size, TICKET_BUFFER, Ticket, TimeInForce};
//!
//! let mut buffer = [0; TICKET_BUFFER];
//! let ticket = Ticket::limit("AAPL", Side::Buy, Size::Quantity("1.5"), "231.50");
//! let submission = ticket.write(&mut buffer)?;
//! assert_eq!(
//!     submission.json(),
//!     br#"{"symbol":"AAPL","side":"buy","type":"limit","time_in_force":"day","qty":"1.5","limit_price":"231.50"}"#
//! );
//!
//! let refused = ticket.time_in_force(TimeInForce::GoodTilCanceled).write(&mut buffer).err();
//! assert_eq!(refused, Some(OrderError::FractionNeedsDay));
//! assert_eq!(
//!     OrderError::FractionNeedsDay.to_string(),
//!     "a fraction of a share needs time_in_force day; change it, or give a whole qty"
//! );
//! # Ok::<(), OrderError>(())
//! ```
//!
//! # What is checked
//!
//! What needs no knowledge of the account or the market. "File" is the Trading API's OpenAPI file (2026-08) with the
//! schema or field; the rest are pages of Alpaca's documentation, answers of its server, and its Python client.
//!
//! | rule | refused as | source |
//! |---|---|---|
//! | amounts are positive decimals, of at most 9 decimals | [`Amount`](OrderError::Amount) | File, `Order.qty` |
//! | `notional` in cents, type market, `day` (crypto its own times) | [`NotionalNeedsMarketDay`](OrderError::NotionalNeedsMarketDay) | File, `notional`; 42210000 "notional value must be limited to 2 decimal places" |
//! | a fraction of a share: `day` | [`FractionNeedsDay`](OrderError::FractionNeedsDay) | File, `qty`; 42210000 "fractional orders must be DAY orders" |
//! | a fraction of a share: no trailing stop | [`FractionType`](OrderError::FractionType) | Fractional Trading |
//! | prices of stocks in cents, below 1 dollar with 4 decimals | [`Amount`](OrderError::Amount) | Placing Orders; 42210000 "sub-penny increment does not fulfill minimum pricing criteria" |
//! | prices of options, and of all legs together, in cents | [`Amount`](OrderError::Amount) | 42210000 "limit price must be limited to 2 decimal places" |
//! | extended hours: type limit, `day` or `gtc` | [`ExtendedHoursNeedLimit`](OrderError::ExtendedHoursNeedLimit) | File, `extended_hours` |
//! | `opg`, `cls`: type market or limit | [`AuctionNeedsMarketOrLimit`](OrderError::AuctionNeedsMarketOrLimit) | File, `TimeInForce` |
//! | a trailing stop: `day` or `gtc` | [`TrailingStopNeedsDayOrGtc`](OrderError::TrailingStopNeedsDayOrGtc) | Placing Orders, trailing stops |
//! | crypto: market, limit or stop limit; `gtc` or `ioc` | [`CryptoType`](OrderError::CryptoType), [`CryptoTimeInForce`](OrderError::CryptoTimeInForce) | File, `OrderType`, `TimeInForce` |
//! | options: market or limit; `day` | [`OptionType`](OrderError::OptionType), [`OptionTimeInForce`](OrderError::OptionTimeInForce) | File, `OrderType`, `TimeInForce` |
//! | options: whole contracts, no `notional`, no extended hours | [`FractionNotAllowed`](OrderError::FractionNotAllowed), [`EquityOnly`](OrderError::EquityOnly) | Options Orders |
//! | exits for stocks only | [`EquityOnly`](OrderError::EquityOnly) | File, `OrderClass` |
//! | exits: whole shares; `day` or `gtc`; regular hours | [`ExitNeedsWholeShares`](OrderError::ExitNeedsWholeShares), [`ExitNeedsDayOrGtc`](OrderError::ExitNeedsDayOrGtc), [`ExitInExtendedHours`](OrderError::ExitInExtendedHours) | Placing Orders, bracket orders; 42210000 "fractional orders must be simple orders" |
//! | exits: the profit on the winning side of the loss, and a stop's limit no better than the stop | [`ExitsCross`](OrderError::ExitsCross), [`StopLossLimitBeyondStop`](OrderError::StopLossLimitBeyondStop) | Placing Orders, bracket orders |
//! | `mleg`: 2 to 4 legs, each another contract | [`LegCount`](OrderError::LegCount), [`LegNoOption`](OrderError::LegNoOption), [`LegTwice`](OrderError::LegTwice) | File, `legs`, `OrderClass`; `alpaca-py`, `OrderRequest` |
//! | `mleg`: ratios without a common divisor | [`LegRatioZero`](OrderError::LegRatioZero), [`LegRatios`](OrderError::LegRatios) | 42210000 "leg ratio quantities should be relatively prime" |
//! | `mleg`: a debit above zero, a credit below | the sign is a variant of [`NetPrice`] | File, `limit_price` |
//! | side and position intent agree | [`IntentOfOtherSide`](OrderError::IntentOfOtherSide) | File, `PositionIntent` |
//! | `client_order_id` of at most 128 characters | [`ClientOrderIdTooLong`](OrderError::ClientOrderIdTooLong) | File, `client_order_id` |
//!
//! Crypto pairs are told by their form (`BTC/USD`), option contracts by theirs (`AAPL261218C00250000`). An asset id,
//! or a pair without its slash, tells no class: a pair is taken for a stock, an id by no rule of a class.
//!
//! Whether a stock is fractionable, shortable or tradable, and whether there is money for it, is
//! known to the server only. The exits of a position that is there (class `oco`) are an [`Oco`], several
//! option contracts in one order (class `mleg`) a [`MultiLeg`]. Routing instructions, and indications of interest in an
//! IPO (a `notional` that is `gtc`), have no ticket: send their JSON by [`trading::submit_order`](crate::request::trading::submit_order).

mod amount;
mod client_order_id;
mod error;
mod json;
mod multi_leg;
mod oco;
mod replacement;
mod rule;
mod ticket;

pub use client_order_id::{CLIENT_ORDER_ID_MAX, ClientOrderId};
pub use error::{AmountError, Field, OrderError};
pub use multi_leg::{LEGS_MAX, LEGS_MIN, Leg, MultiLeg, NetPrice};
pub use oco::Oco;
pub use replacement::{CheckedReplacement, Replacement};
pub use ticket::{
    Kind, PositionIntent, Side, Size, StopLoss, Submission, TICKET_BUFFER, Ticket, TimeInForce,
    Trail,
};
