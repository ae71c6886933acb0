//! [`OrderError`]: why a ticket is not written, and what to change.

use core::fmt;

/// Why a ticket is refused. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderError {
    /// The symbol is empty, longer than 64 bytes, or holds something other than letters, digits,
    /// `.`, `-` and `/`.
    Symbol,
    /// An amount is no positive decimal, or too fine.
    Amount(Field, AmountError),
    /// A fraction of a share with another time in force than `day`.
    FractionNeedsDay,
    /// A fraction of a share takes every type but trailing stop.
    FractionType,
    /// A fraction of an option contract, or of the shares of a replacement.
    FractionNotAllowed,
    /// A `notional` with another type than market, or (crypto aside) another time in force than `day`.
    NotionalNeedsMarketDay,
    /// Extended hours with another type than limit, or another time in force than `day` or `gtc`.
    ExtendedHoursNeedLimit,
    /// `opg` or `cls` with another type than market or limit.
    AuctionNeedsMarketOrLimit,
    /// A trailing stop with another time in force than `day` or `gtc`.
    TrailingStopNeedsDayOrGtc,
    /// A crypto pair takes market, limit and stop limit orders.
    CryptoType,
    /// A crypto pair takes `gtc` and `ioc`.
    CryptoTimeInForce,
    /// An option contract takes market and limit orders.
    OptionType,
    /// An option contract takes `day`.
    OptionTimeInForce,
    /// A crypto pair or an option contract has no take profit, stop loss or extended hours.
    EquityOnly,
    /// A take profit or stop loss needs whole shares.
    ExitNeedsWholeShares,
    /// A take profit or stop loss needs `day` or `gtc`.
    ExitNeedsDayOrGtc,
    /// A take profit or stop loss in extended hours.
    ExitInExtendedHours,
    /// The take profit is not on the winning side of the stop loss.
    ExitsCross,
    /// The limit of the stop loss is on the wrong side of its stop.
    StopLossLimitBeyondStop,
    /// An order of class `mleg` with fewer than 2 legs, or more than 4.
    LegCount,
    /// A leg that is no option contract.
    LegNoOption,
    /// Two legs of one contract.
    LegTwice,
    /// A leg of which there is none in a unit.
    LegRatioZero,
    /// The ratios of the legs have a common divisor.
    LegRatios,
    /// The position intent is one of the other side.
    IntentOfOtherSide,
    /// The `client_order_id` is empty.
    ClientOrderIdEmpty,
    /// The `client_order_id` is longer than 128 characters.
    ClientOrderIdTooLong,
    /// The `client_order_id` holds a quotation mark, a backslash, or something other than printable ASCII.
    ClientOrderIdCharacter,
    /// A replacement that changes nothing.
    ReplacementEmpty,
    /// A replacement with a limit price and a net price, which are one member.
    ReplacementPrices,
    /// The ticket does not fit the buffer. [`TICKET_BUFFER`](super::TICKET_BUFFER) bytes hold any.
    BufferTooSmall,
}

/// A field of a ticket that holds an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// `qty`.
    Quantity,
    /// `notional`.
    Notional,
    /// `limit_price`.
    LimitPrice,
    /// `stop_price`.
    StopPrice,
    /// `trail_price`.
    TrailPrice,
    /// `trail_percent`.
    TrailPercent,
    /// `trail` of a replacement.
    Trail,
    /// `limit_price` of the take profit.
    TakeProfit,
    /// `stop_price` of the stop loss.
    StopLoss,
    /// `limit_price` of the stop loss.
    StopLossLimit,
}

/// What is wrong with an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AmountError {
    /// Not digits with at most one `.` between them, or longer than 32 bytes.
    Form,
    /// Zero.
    Zero,
    /// More decimals than this many.
    Decimals(u8),
}

impl Field {
    /// The name in the JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quantity => "qty",
            Self::Notional => "notional",
            Self::LimitPrice => "limit_price",
            Self::StopPrice => "stop_price",
            Self::TrailPrice => "trail_price",
            Self::TrailPercent => "trail_percent",
            Self::Trail => "trail",
            Self::TakeProfit => "take_profit.limit_price",
            Self::StopLoss => "stop_loss.stop_price",
            Self::StopLossLimit => "stop_loss.limit_price",
        }
    }
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Amount(field, error) => return error.write(f, field.name()),
            Self::Symbol => {
                "the symbol may hold letters, digits, '.', '-' and '/', at most 64; check the spelling"
            }
            Self::FractionNeedsDay => {
                "a fraction of a share needs time_in_force day; change it, or give a whole qty"
            }
            Self::FractionType => {
                "a fraction of a share takes type market, limit, stop or stop_limit; change it, or give a whole qty"
            }
            Self::FractionNotAllowed => "no fraction is possible here; give a whole qty",
            Self::NotionalNeedsMarketDay => {
                "notional needs type market and time_in_force day; change them, or give qty instead"
            }
            Self::ExtendedHoursNeedLimit => {
                "extended_hours needs type limit and time_in_force day or gtc; change them, or leave it out"
            }
            Self::AuctionNeedsMarketOrLimit => {
                "time_in_force opg and cls need type market or limit; change one of them"
            }
            Self::TrailingStopNeedsDayOrGtc => {
                "a trailing stop needs time_in_force day or gtc; change it"
            }
            Self::CryptoType => "a crypto pair takes type market, limit or stop_limit; change it",
            Self::CryptoTimeInForce => "a crypto pair takes time_in_force gtc or ioc; change it",
            Self::OptionType => "an option contract takes type market or limit; change it",
            Self::OptionTimeInForce => "an option contract takes time_in_force day; change it",
            Self::EquityOnly => {
                "take_profit, stop_loss and extended_hours are for stocks; leave them out"
            }
            Self::ExitNeedsWholeShares => {
                "take_profit and stop_loss need a whole qty; give one, or leave them out"
            }
            Self::ExitNeedsDayOrGtc => {
                "take_profit and stop_loss need time_in_force day or gtc; change it"
            }
            Self::ExitInExtendedHours => {
                "take_profit and stop_loss exclude extended_hours; leave one out"
            }
            Self::ExitsCross => {
                "take_profit must be above stop_loss for a long position and below it for a short one; check the side and both prices"
            }
            Self::StopLossLimitBeyondStop => {
                "the stop loss's limit may not be above its stop for a long position, nor below it for a short one; check both prices"
            }
            Self::LegCount => "order_class mleg needs 2 to 4 legs; change their number",
            Self::LegNoOption => {
                "a leg must be an option contract such as AAPL261218C00250000, or its asset id; change it"
            }
            Self::LegTwice => "two legs are the same contract; give one leg with both in its ratio",
            Self::LegRatioZero => "ratio_qty of a leg is zero; give one, or leave the leg out",
            Self::LegRatios => {
                "the ratio_qty of all legs have a common divisor; divide them by it, and give qty times it"
            }
            Self::IntentOfOtherSide => {
                "the position intent is one of the other side; use buy_… to buy and sell_… to sell"
            }
            Self::ClientOrderIdEmpty => "client_order_id is empty; give one, or leave it out",
            Self::ClientOrderIdTooLong => {
                "client_order_id has more than 128 characters; shorten it"
            }
            Self::ClientOrderIdCharacter => {
                "client_order_id may hold printable ASCII characters but quotation marks and backslashes; leave the others out"
            }
            Self::ReplacementEmpty => "the replacement changes nothing; set a field",
            Self::ReplacementPrices => {
                "limit_price and net_price are one member; give net_price for an order of class mleg, else the other"
            }
            Self::BufferTooSmall => {
                "the ticket does not fit its buffer; give one of TICKET_BUFFER bytes"
            }
        })
    }
}

impl AmountError {
    fn write(self, f: &mut fmt::Formatter<'_>, field: &str) -> fmt::Result {
        match self {
            Self::Form => write!(
                f,
                "{field} must be a plain decimal such as 231.50, without sign, exponent or separators"
            ),
            Self::Zero => write!(f, "{field} must be greater than zero"),
            Self::Decimals(most) => {
                write!(f, "{field} has more than {most} decimals; round it")
            }
        }
    }
}

impl core::error::Error for OrderError {}
