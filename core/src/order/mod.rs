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
//! The rules are those of the Trading API's OpenAPI file (2026-08) that need no knowledge of the
//! account or the market: form and decimals of every amount, `qty` or `notional`, the prices that
//! a type needs, times in force, extended hours, the `client_order_id`, and what crypto pairs
//! (`BTC/USD`) and option contracts (`AAPL261218C00250000`) allow. An asset id, or a pair without
//! its slash, tells no class: a pair is taken for a stock, an id by no rule of a class.
//!
//! Whether a stock is fractionable, shortable or tradable, and whether there is money for it, is
//! known to the server only. The exits of a position that is there (class `oco`) are an [`Oco`], several
//! option contracts in one order (class `mleg`) a [`MultiLeg`]. Routing instructions have no ticket:
//! send their JSON by [`trading::submit_order`](crate::request::trading::submit_order).

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
