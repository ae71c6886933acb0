//! [`Policy`]: what a device may do with its key, checked before a byte is sent.
//!
//! ```
//! use alpaca_auth::policy::{Amount, Ledger, Policy, PolicyError};
//! use alpaca_auth::request::trading;
//!
//! const POLICY: Policy = Policy::new()
//!     .symbols(&["AAPL"])
//!     .per_order(Amount::dollars(500))
//!     .per_day(Amount::dollars(2000));
//! let mut ledger = Ledger::new();
//! let now = 1_795_514_400; // unix seconds
//!
//! let order = |symbol: &str, rest: &str| format!(
//!     r#"{{"symbol":"{symbol}","side":"buy","time_in_force":"day",{rest}}}"#
//! );
//! let limit = order("AAPL", r#""type":"limit","qty":"2","limit_price":"231.50""#);
//! let reserved = ledger.reserve(&POLICY, &trading::submit_order(limit.as_bytes()), None, now)?;
//! assert_eq!(reserved.amount(), Amount::dollars(463));
//!
//! // A market order by quantity has no known worth, unless the caller gives a price.
//! let market = order("AAPL", r#""type":"market","qty":"2""#);
//! let refused = POLICY.check(&trading::submit_order(market.as_bytes()), None);
//! assert_eq!(refused, Err(PolicyError::PriceUnknown));
//! let other = order("TSLA", r#""type":"market","notional":"10""#);
//! let refused = POLICY.check(&trading::submit_order(other.as_bytes()), None);
//! assert_eq!(refused, Err(PolicyError::Symbol));
//! # Ok::<(), PolicyError>(())
//! ```
//!
//! # What the amounts mean
//!
//! An order's amount is an upper bound of what it can trade for: `notional`, or `qty` times a price that the
//! fill cannot exceed. That is the limit price of a buy. The limit price of a sale is a floor, and a stop price
//! is no bound, so those need the caller's price, as market orders do; the larger of the two counts. A contract
//! of an option counts as 100 shares. What cannot be judged is refused:
//! anything else that moves money, replaced orders, order classes with legs, members and symbols that are not
//! known here, and bodies that two JSON readers may read differently.

mod amount;
mod ledger;
mod ticket;

pub use amount::{Amount, AmountError};
pub use ledger::{Ledger, Reservation};

use core::fmt;

use crate::endpoint::Api;
use crate::request::{ContentType, Effect, Method, Operation, Request};
use crate::split;
use ticket::Ticket;

/// What is allowed. Without a rule everything is; each rule takes away. A constant, without memory.
///
/// Symbols and amounts concern what moves money; reads are restricted by operations only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy<'p> {
    operations: Option<&'p [&'p Operation]>,
    symbols: Option<&'p [&'p str]>,
    per_order: Option<Amount>,
    per_day: Option<Amount>,
}

impl<'p> Policy<'p> {
    /// No rule yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            operations: None,
            symbols: None,
            per_order: None,
            per_day: None,
        }
    }

    /// Allows these operations and no other. A raw [`Request::new`] has no operation and is refused.
    #[must_use]
    pub const fn operations(mut self, allowed: &'p [&'p Operation]) -> Self {
        self.operations = Some(allowed);
        self
    }

    /// Allows orders for these symbols, written exactly so, and for no other.
    #[must_use]
    pub const fn symbols(mut self, allowed: &'p [&'p str]) -> Self {
        self.symbols = Some(allowed);
        self
    }

    /// Allows orders of at most this amount each.
    #[must_use]
    pub const fn per_order(mut self, most: Amount) -> Self {
        self.per_order = Some(most);
        self
    }

    /// Allows orders of at most this amount together per UTC day. A [`Ledger`] keeps the sum.
    #[must_use]
    pub const fn per_day(mut self, most: Amount) -> Self {
        self.per_day = Some(most);
        self
    }

    /// Judges one request by itself. `price` is what one share, coin or contract's share costs now, by the
    /// caller's knowledge. Gives the order's amount, zero for what moves no money or where no rule asks.
    ///
    /// # Errors
    /// [`PolicyError`] says which rule refuses.
    pub fn check<A: Api>(
        &self,
        request: &Request<'_, A>,
        price: Option<Amount>,
    ) -> Result<Amount, PolicyError> {
        let operation = request.operation();
        if let Some(allowed) = self.operations {
            let operation = operation.ok_or(PolicyError::OperationUnknown)?;
            let same = |known: &&Operation| known.api == operation.api && known.id == operation.id;
            if operation.api != A::KIND || !allowed.iter().any(same) {
                return Err(PolicyError::Operation);
            }
        }
        let judges_money = self.per_order.is_some() || self.per_day.is_some();
        let moves_money = match operation {
            Some(operation) => operation.effect == Effect::MovesMoney,
            // What is not known may do anything, unless it is a GET.
            None => request.method() != Method::Get,
        };
        if !moves_money || !(judges_money || self.symbols.is_some()) {
            return Ok(Amount::ZERO);
        }
        let body = order(request).ok_or(PolicyError::NoOrder)?;
        let ticket = Ticket::read(body)?;
        if let Some(allowed) = self.symbols
            && !allowed.contains(&ticket.symbol)
        {
            return Err(PolicyError::Symbol);
        }
        if !judges_money {
            return Ok(Amount::ZERO);
        }
        let amount = ticket.amount(price)?;
        match self.per_order {
            Some(most) if amount > most => Err(PolicyError::PerOrder { amount, most }),
            _ => Ok(amount),
        }
    }
}

/// The body of an order submission.
fn order<'r, A: Api>(request: &Request<'r, A>) -> Option<&'r [u8]> {
    let path = split::path(request.target());
    let body = request.body()?;
    let is_order = request.method() == Method::Post
        && path.ends_with("/orders")
        && body.content_type == ContentType::Json;
    is_order.then_some(body.bytes)
}

/// Which rule refuses. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The operation is not among those allowed.
    Operation,
    /// Operations are restricted, and this request is of none. Use one of the catalog.
    OperationUnknown,
    /// The order's symbol is not among those allowed.
    Symbol,
    /// It moves money, or may, and is no order that could be judged.
    NoOrder,
    /// The order's body is not one plain JSON object whose members stand once, unescaped, and in lower case.
    Body,
    /// The order has a member, or a value of one, whose meaning for its amount is not known here: a class with
    /// legs, another currency, a commission.
    Member,
    /// The symbol is no share, no option of 100 shares, and no coin in US dollars (`BTC/USD`), so its price
    /// has no known meaning.
    Instrument,
    /// `qty`, `notional` or a price is no positive decimal number, or both of the former stand there, or none.
    Number,
    /// The order's worth is not bounded by itself. Give the price, or order by `notional` or buy with a limit.
    PriceUnknown,
    /// One order of this amount is too much.
    PerOrder {
        /// The order's amount.
        amount: Amount,
        /// The most allowed.
        most: Amount,
    },
    /// With what was ordered today it is too much.
    PerDay {
        /// The order's amount.
        amount: Amount,
        /// What is left of today's.
        left: Amount,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused by policy, nothing was sent: ")?;
        match self {
            Self::Operation => f.write_str("the operation is not among those allowed"),
            Self::OperationUnknown => f.write_str(
                "operations are restricted and this request names none; use one of the catalog",
            ),
            Self::Symbol => f.write_str("the symbol is not among those allowed"),
            Self::NoOrder => f.write_str(
                "it may move money and is no order that can be judged; only POST …/orders is",
            ),
            Self::Body => f.write_str(
                "the order's body must be one JSON object, its members unescaped, in lower case and once each",
            ),
            Self::Member => f.write_str(
                "the order has a member whose meaning for its amount is not known; leave it out",
            ),
            Self::Instrument => f.write_str(
                "the symbol is no share, standard option, or coin in US dollars; write coins as BTC/USD",
            ),
            Self::Number => f.write_str(
                "the order needs qty or notional, one of them, and numbers that are plain, positive decimals",
            ),
            Self::PriceUnknown => f.write_str(
                "the order's worth is not bounded; give a price, or order by notional, or buy with a limit",
            ),
            Self::PerOrder { amount, most } => {
                write!(f, "{amount} exceeds the {most} allowed per order")
            }
            Self::PerDay { amount, left } => {
                write!(f, "{amount} exceeds the {left} left of the amount per UTC day")
            }
        }
    }
}

impl core::error::Error for PolicyError {}

#[cfg(test)]
mod tests;
