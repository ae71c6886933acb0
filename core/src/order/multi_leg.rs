//! [`MultiLeg`]: several option contracts in one order, filled together or not at all.

use super::amount::Amount;
use super::json::Writer;
use super::rule::{self, Class};
use super::{ClientOrderId, Field, OrderError, PositionIntent, Submission};

/// Fewest legs.
pub const LEGS_MIN: usize = 2;
/// Most legs, from the OpenAPI file.
pub const LEGS_MAX: usize = 4;

/// One order of class `mleg`: [`LEGS_MIN`] to [`LEGS_MAX`] legs, each an option contract.
///
/// What such an order cannot have is no part of it: a symbol or a side of its own, another type than market or
/// limit, another time in force than `day`, a `notional`, extended hours, exits. A leg's side follows from the
/// position that is meant.
///
/// ```
/// use alpaca_auth::order::{Leg, MultiLeg, NetPrice, PositionIntent, TICKET_BUFFER};
///
/// let legs = [
///     Leg { symbol: "AAPL261218C00250000", ratio: 1, intent: PositionIntent::BuyToOpen },
///     Leg { symbol: "AAPL261218C00260000", ratio: 1, intent: PositionIntent::SellToOpen },
/// ];
/// let spread = MultiLeg::limit(&legs, "3", NetPrice::Debit("4.15"));
/// let mut buffer = [0; TICKET_BUFFER];
/// let json = spread.write(&mut buffer)?.json();
/// assert!(json.starts_with(
///     br#"{"order_class":"mleg","type":"limit","time_in_force":"day","qty":"3","limit_price":"4.15","legs":[{"symbol":"#
/// ));
/// # Ok::<(), alpaca_auth::order::OrderError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MultiLeg<'a> {
    legs: &'a [Leg<'a>],
    quantity: &'a str,
    limit: Option<NetPrice<'a>>,
    client_order_id: Option<&'a ClientOrderId>,
}

/// One contract of a [`MultiLeg`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg<'a> {
    /// The contract, `AAPL261218C00250000`, or its asset id.
    pub symbol: &'a str,
    /// `ratio_qty`: contracts of this leg to one unit of the strategy. The ratios of all legs have no common
    /// divisor: five of each are a ratio of one, and a `qty` of five.
    pub ratio: u16,
    /// `position_intent`, and `side` with it.
    pub intent: PositionIntent,
}

/// What one unit of the strategy may cost, or must bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetPrice<'a> {
    /// To be paid, at most: a `limit_price` above zero, in cents.
    Debit(&'a str),
    /// To be received, at least: a `limit_price` below zero, in cents. The text has no sign.
    Credit(&'a str),
}

impl<'a> MultiLeg<'a> {
    /// At the market's prices. `quantity` is a whole number of units.
    #[must_use]
    pub const fn market(legs: &'a [Leg<'a>], quantity: &'a str) -> Self {
        Self {
            legs,
            quantity,
            limit: None,
            client_order_id: None,
        }
    }

    /// At `limit` or better for one unit. `quantity` is a whole number of units.
    #[must_use]
    pub const fn limit(legs: &'a [Leg<'a>], quantity: &'a str, limit: NetPrice<'a>) -> Self {
        let mut order = Self::market(legs, quantity);
        order.limit = Some(limit);
        order
    }

    /// The same under an id, so that it may be sent again when no answer comes.
    #[must_use]
    pub const fn client_order_id(mut self, id: &'a ClientOrderId) -> Self {
        self.client_order_id = Some(id);
        self
    }

    /// Whether Alpaca would take it, as far as that can be told here. Whether the legs belong to one underlying,
    /// and cover each other, is known to the server only.
    ///
    /// # Errors
    /// [`OrderError`] names the first rule that it breaks, and says what to change.
    pub fn check(&self) -> Result<(), OrderError> {
        if !(LEGS_MIN..=LEGS_MAX).contains(&self.legs.len()) {
            return Err(OrderError::LegCount);
        }
        let mut divisor = 0;
        let mut rest = self.legs;
        while let Some((leg, others)) = rest.split_first() {
            match rule::class(leg.symbol)? {
                Class::Option | Class::Unknown => {}
                Class::Equity | Class::Crypto => return Err(OrderError::LegNoOption),
            }
            if leg.ratio == 0 {
                return Err(OrderError::LegRatioZero);
            }
            if others.iter().any(|other| other.symbol == leg.symbol) {
                return Err(OrderError::LegTwice);
            }
            divisor = greatest_common_divisor(divisor, leg.ratio);
            rest = others;
        }
        if divisor != 1 {
            return Err(OrderError::LegRatios);
        }
        if !Amount::parse(Field::Quantity, self.quantity)?.is_whole() {
            return Err(OrderError::FractionNotAllowed);
        }
        self.limit.map_or(Ok(()), NetPrice::check)
    }

    /// Checks it and writes it into `buffer`, of [`TICKET_BUFFER`](super::TICKET_BUFFER) bytes or fewer.
    ///
    /// # Errors
    /// [`OrderError`] names the first rule that it breaks, or that the buffer is too small.
    pub fn write<'b>(&self, buffer: &'b mut [u8]) -> Result<Submission<'b>, OrderError>
    where
        'a: 'b,
    {
        self.check()?;
        let mut json = Writer::new(buffer);
        json.text("order_class", "mleg");
        json.text("type", self.limit.map_or("market", |_| "limit"));
        json.text("time_in_force", "day");
        json.text("qty", self.quantity);
        if let Some(limit) = self.limit {
            limit.write(&mut json);
        }
        json.id(self.client_order_id);
        json.objects("legs", self.legs, |json, leg| {
            json.text("symbol", leg.symbol);
            json.number("ratio_qty", leg.ratio);
            json.text("side", leg.intent.side().text());
            json.text("position_intent", leg.intent.text());
        });
        Submission::of(json, self.client_order_id)
    }
}

impl NetPrice<'_> {
    pub(super) fn check(self) -> Result<(), OrderError> {
        let (Self::Debit(text) | Self::Credit(text)) = self;
        rule::price(Field::LimitPrice, text, Class::Option).map(|_| ())
    }

    pub(super) fn write(self, json: &mut Writer<'_>) {
        match self {
            Self::Debit(text) => json.text("limit_price", text),
            Self::Credit(text) => json.negative("limit_price", text),
        }
    }
}

/// Euclid's; zero is divided by anything.
const fn greatest_common_divisor(mut a: u16, mut b: u16) -> u16 {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divisor_is_the_one_that_trying_finds() {
        for a in 0..60 {
            for b in 0..60 {
                let found = (1..60).rev().find(|d| a % d == 0 && b % d == 0);
                let found = found.filter(|_| (a, b) != (0, 0)).unwrap_or(0);
                assert_eq!(greatest_common_divisor(a, b), found, "{a} {b}");
            }
        }
        assert_eq!(greatest_common_divisor(u16::MAX, u16::MAX), u16::MAX);
    }
}
