//! [`Oco`]: the two exits of a position that is there, of which one cancels the other.

use core::cmp::Ordering;

use super::json::Writer;
use super::rule::{self, Class};
use super::{ClientOrderId, Field, OrderError, Side, StopLoss, Submission, TimeInForce};
use crate::order::amount::Amount;

/// One order of class `oco`: takes the profit or stops the loss of a position, whichever comes first.
///
/// What an exit cannot have is no part of it: another type than limit, a `notional`, extended hours, or another
/// time in force than `day` and `gtc`. The side is that of the exits: [`Side::Sell`] for a long position.
///
/// ```
/// use alpaca_auth::order::{Oco, Side, StopLoss, TICKET_BUFFER};
/// use alpaca_auth::request::trading;
///
/// let loss = StopLoss { stop: "590", limit: Some("589.50") };
/// let exits = Oco::new("SPY", Side::Sell, "10", "640", loss).good_til_canceled();
/// let mut buffer = [0; TICKET_BUFFER];
/// let submission = exits.write(&mut buffer)?;
/// assert!(submission.json().starts_with(br#"{"symbol":"SPY","side":"sell","type":"limit","time_in_force":"gtc""#));
/// assert!(submission.json().ends_with(br#""stop_loss":{"stop_price":"590","limit_price":"589.50"}}"#));
/// let request = trading::submit(&submission);
/// # Ok::<(), alpaca_auth::order::OrderError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Oco<'a> {
    symbol: &'a str,
    side: Side,
    quantity: &'a str,
    take_profit: &'a str,
    stop_loss: StopLoss<'a>,
    time_in_force: TimeInForce,
    client_order_id: Option<&'a ClientOrderId>,
}

impl<'a> Oco<'a> {
    /// Exits of a whole number of shares: at `take_profit` or better, or by `stop_loss`. Good for the day.
    #[must_use]
    pub const fn new(
        symbol: &'a str,
        side: Side,
        quantity: &'a str,
        take_profit: &'a str,
        stop_loss: StopLoss<'a>,
    ) -> Self {
        Self {
            symbol,
            side,
            quantity,
            take_profit,
            stop_loss,
            time_in_force: TimeInForce::Day,
            client_order_id: None,
        }
    }

    /// The same until it is canceled.
    #[must_use]
    pub const fn good_til_canceled(mut self) -> Self {
        self.time_in_force = TimeInForce::GoodTilCanceled;
        self
    }

    /// The same under an id, so that it may be sent again when no answer comes.
    #[must_use]
    pub const fn client_order_id(mut self, id: &'a ClientOrderId) -> Self {
        self.client_order_id = Some(id);
        self
    }

    /// Whether Alpaca would take it, as far as that can be told here.
    ///
    /// # Errors
    /// [`OrderError`] names the first rule that it breaks, and says what to change.
    pub fn check(&self) -> Result<(), OrderError> {
        let class = rule::class(self.symbol)?;
        if matches!(class, Class::Crypto | Class::Option) {
            return Err(OrderError::EquityOnly);
        }
        if !Amount::parse(Field::Quantity, self.quantity)?.is_whole() {
            return Err(OrderError::ExitNeedsWholeShares);
        }
        let winning = match self.side {
            Side::Sell => Ordering::Greater,
            Side::Buy => Ordering::Less,
        };
        rule::exits(winning, class, Some(self.take_profit), Some(self.stop_loss))
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
        json.text("symbol", self.symbol);
        json.text("side", self.side.text());
        json.text("type", "limit");
        json.text("time_in_force", self.time_in_force.text());
        json.text("qty", self.quantity);
        json.id(self.client_order_id);
        json.text("order_class", "oco");
        json.take_profit(self.take_profit);
        json.stop_loss(self.stop_loss);
        Submission::of(json, self.client_order_id)
    }
}
