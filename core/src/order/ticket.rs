//! [`Ticket`]: an order as somebody wants it. [`Submission`]: one that is checked and written.

use super::json::Writer;
use super::{ClientOrderId, OrderError, rule};

/// Bytes that hold any ticket, [`Oco`](super::Oco) or [`MultiLeg`](super::MultiLeg).
pub const TICKET_BUFFER: usize = 1024;

/// One order of class simple, bracket or oto; [`Oco`](super::Oco) and [`MultiLeg`](super::MultiLeg) are the others.
/// Amounts are decimal text, never floats.
///
/// ```
/// use alpaca_auth::order::{Side, Size, StopLoss, TICKET_BUFFER, Ticket, TimeInForce};
///
/// let bracket = Ticket::market("SPY", Side::Buy, Size::Quantity("10"))
///     .time_in_force(TimeInForce::GoodTilCanceled)
///     .take_profit("640")
///     .stop_loss(StopLoss { stop: "590", limit: Some("589.50") });
/// let mut buffer = [0; TICKET_BUFFER];
/// let json = bracket.write(&mut buffer)?.json();
/// assert!(json.ends_with(br#""stop_loss":{"stop_price":"590","limit_price":"589.50"}}"#));
///
/// let crypto = Ticket::market("BTC/USD", Side::Buy, Size::Notional("25.50"))
///     .time_in_force(TimeInForce::ImmediateOrCancel);
/// assert!(crypto.check().is_ok());
/// # Ok::<(), alpaca_auth::order::OrderError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ticket<'a> {
    pub(super) symbol: &'a str,
    pub(super) side: Side,
    pub(super) size: Size<'a>,
    pub(super) kind: Kind<'a>,
    pub(super) time_in_force: TimeInForce,
    pub(super) extended_hours: bool,
    pub(super) client_order_id: Option<&'a ClientOrderId>,
    pub(super) position_intent: Option<PositionIntent>,
    pub(super) take_profit: Option<&'a str>,
    pub(super) stop_loss: Option<StopLoss<'a>>,
}

impl<'a> Ticket<'a> {
    /// An order of any kind: `day`, regular hours, without a `client_order_id`.
    #[must_use]
    pub const fn new(symbol: &'a str, side: Side, size: Size<'a>, kind: Kind<'a>) -> Self {
        Self {
            symbol,
            side,
            size,
            kind,
            time_in_force: TimeInForce::Day,
            extended_hours: false,
            client_order_id: None,
            position_intent: None,
            take_profit: None,
            stop_loss: None,
        }
    }

    /// At the market's price.
    #[must_use]
    pub const fn market(symbol: &'a str, side: Side, size: Size<'a>) -> Self {
        Self::new(symbol, side, size, Kind::Market)
    }

    /// At `limit` or better.
    #[must_use]
    pub const fn limit(symbol: &'a str, side: Side, size: Size<'a>, limit: &'a str) -> Self {
        Self::new(symbol, side, size, Kind::Limit { limit })
    }

    /// The same with another time in force.
    #[must_use]
    pub const fn time_in_force(mut self, time_in_force: TimeInForce) -> Self {
        self.time_in_force = time_in_force;
        self
    }

    /// The same, executed before and after regular hours too. Limit orders only.
    #[must_use]
    pub const fn extended_hours(mut self) -> Self {
        self.extended_hours = true;
        self
    }

    /// The same under an id, so that it may be sent again when no answer comes.
    #[must_use]
    pub const fn client_order_id(mut self, id: &'a ClientOrderId) -> Self {
        self.client_order_id = Some(id);
        self
    }

    /// The same with the position that is meant.
    #[must_use]
    pub const fn position_intent(mut self, intent: PositionIntent) -> Self {
        self.position_intent = Some(intent);
        self
    }

    /// The same with an order that takes the profit at `limit` once this one is filled.
    #[must_use]
    pub const fn take_profit(mut self, limit: &'a str) -> Self {
        self.take_profit = Some(limit);
        self
    }

    /// The same with an order that stops the loss once this one is filled.
    #[must_use]
    pub const fn stop_loss(mut self, stop_loss: StopLoss<'a>) -> Self {
        self.stop_loss = Some(stop_loss);
        self
    }

    /// The symbol as it was given.
    #[must_use]
    pub const fn symbol(&self) -> &'a str {
        self.symbol
    }

    /// The side.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// How much.
    #[must_use]
    pub const fn size(&self) -> Size<'a> {
        self.size
    }

    /// The type, with its prices.
    #[must_use]
    pub const fn kind(&self) -> Kind<'a> {
        self.kind
    }

    /// Whether Alpaca would take it, as far as that can be told here.
    ///
    /// # Errors
    /// [`OrderError`] names the first rule that it breaks, and says what to change.
    pub fn check(&self) -> Result<(), OrderError> {
        rule::check(self)
    }

    /// Checks the ticket and writes it into `buffer`, of [`TICKET_BUFFER`] bytes or fewer.
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
        json.text("type", self.kind.text());
        json.text("time_in_force", self.time_in_force.text());
        match self.size {
            Size::Quantity(quantity) => json.text("qty", quantity),
            Size::Notional(notional) => json.text("notional", notional),
        }
        let (limit, stop) = self.kind.prices();
        json.maybe("limit_price", limit);
        json.maybe("stop_price", stop);
        match self.kind {
            Kind::TrailingStop(Trail::Price(price)) => json.text("trail_price", price),
            Kind::TrailingStop(Trail::Percent(percent)) => json.text("trail_percent", percent),
            _ => {}
        }
        if self.extended_hours {
            json.yes("extended_hours");
        }
        json.id(self.client_order_id);
        json.maybe(
            "position_intent",
            self.position_intent.map(PositionIntent::text),
        );
        match (self.take_profit, self.stop_loss) {
            (Some(_), Some(_)) => json.text("order_class", "bracket"),
            (None, None) => {}
            _ => json.text("order_class", "oto"),
        }
        if let Some(limit) = self.take_profit {
            json.take_profit(limit);
        }
        if let Some(stop_loss) = self.stop_loss {
            json.stop_loss(stop_loss);
        }
        Submission::of(json, self.client_order_id)
    }
}

/// An order that passed every check, as JSON.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'b> {
    json: &'b [u8],
    client_order_id: Option<&'b ClientOrderId>,
}

impl<'b> Submission<'b> {
    pub(super) fn of(
        json: Writer<'b>,
        client_order_id: Option<&'b ClientOrderId>,
    ) -> Result<Self, OrderError> {
        let json = json.finish()?;
        Ok(Self {
            json,
            client_order_id,
        })
    }

    /// The body of the request.
    #[must_use]
    pub const fn json(&self) -> &'b [u8] {
        self.json
    }

    /// The id to look it up by, if it has one.
    #[must_use]
    pub const fn client_order_id(&self) -> Option<&'b ClientOrderId> {
        self.client_order_id
    }
}

/// Which side of the trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `buy`.
    Buy,
    /// `sell`.
    Sell,
}

/// How much: by number or by worth, never both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size<'a> {
    /// `qty`: shares, contracts or coins, with up to 9 decimals. Fractions of shares need `day`.
    Quantity(&'a str),
    /// `notional`: dollars, with up to 2 decimals. Market orders, `day`; crypto `gtc` or `ioc`.
    Notional(&'a str),
}

/// The type of the order, with the prices that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// `market`.
    Market,
    /// `limit`.
    Limit {
        /// `limit_price`. Stocks: 2 decimals, 4 below one dollar. Options: 2.
        limit: &'a str,
    },
    /// `stop`: a market order once `stop` is reached.
    Stop {
        /// `stop_price`.
        stop: &'a str,
    },
    /// `stop_limit`: a limit order once `stop` is reached.
    StopLimit {
        /// `stop_price`.
        stop: &'a str,
        /// `limit_price`.
        limit: &'a str,
    },
    /// `trailing_stop`: a stop that follows the price.
    TrailingStop(Trail<'a>),
}

/// How far a trailing stop stays behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trail<'a> {
    /// `trail_price`, in dollars.
    Price(&'a str),
    /// `trail_percent`: `1.5` is 1.5 %.
    Percent(&'a str),
}

/// Where a loss is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopLoss<'a> {
    /// `stop_price`.
    pub stop: &'a str,
    /// `limit_price`. Without it the loss is stopped at the market's price.
    pub limit: Option<&'a str>,
}

/// How long an order is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeInForce {
    /// `day`.
    Day,
    /// `gtc`.
    GoodTilCanceled,
    /// `opg`: the opening auction.
    Opening,
    /// `cls`: the closing auction.
    Closing,
    /// `ioc`.
    ImmediateOrCancel,
    /// `fok`.
    FillOrKill,
}

/// What becomes of the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionIntent {
    /// `buy_to_open`.
    BuyToOpen,
    /// `buy_to_close`.
    BuyToClose,
    /// `sell_to_open`.
    SellToOpen,
    /// `sell_to_close`.
    SellToClose,
}

impl Side {
    /// The word in the JSON.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        }
    }
}

impl<'a> Kind<'a> {
    /// The word in the JSON.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Limit { .. } => "limit",
            Self::Stop { .. } => "stop",
            Self::StopLimit { .. } => "stop_limit",
            Self::TrailingStop(_) => "trailing_stop",
        }
    }

    /// Limit and stop.
    pub(super) const fn prices(self) -> (Option<&'a str>, Option<&'a str>) {
        match self {
            Self::Limit { limit } => (Some(limit), None),
            Self::Stop { stop } => (None, Some(stop)),
            Self::StopLimit { stop, limit } => (Some(limit), Some(stop)),
            Self::Market | Self::TrailingStop(_) => (None, None),
        }
    }
}

impl TimeInForce {
    /// The word in the JSON.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::GoodTilCanceled => "gtc",
            Self::Opening => "opg",
            Self::Closing => "cls",
            Self::ImmediateOrCancel => "ioc",
            Self::FillOrKill => "fok",
        }
    }
}

impl PositionIntent {
    /// The word in the JSON.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::BuyToOpen => "buy_to_open",
            Self::BuyToClose => "buy_to_close",
            Self::SellToOpen => "sell_to_open",
            Self::SellToClose => "sell_to_close",
        }
    }

    pub(super) const fn side(self) -> Side {
        match self {
            Self::BuyToOpen | Self::BuyToClose => Side::Buy,
            Self::SellToOpen | Self::SellToClose => Side::Sell,
        }
    }
}
