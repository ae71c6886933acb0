//! The rules that a ticket must keep, from the Trading API's OpenAPI file and documentation.

use core::cmp::Ordering;

use super::amount::Amount;
use super::{Field, Kind, OrderError, Side, Size, StopLoss, Ticket, TimeInForce, Trail};

/// Longest symbol, in bytes. An asset id has 36, an option contract 21.
pub(super) const SYMBOL_MAX: usize = 64;

/// What a symbol's form tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Equity,
    Crypto,
    Option,
    /// An asset id.
    Unknown,
}

pub(super) fn check(ticket: &Ticket<'_>) -> Result<(), OrderError> {
    let class = class(ticket.symbol)?;
    let whole = size(ticket, class)?;
    prices(ticket, class)?;
    times(ticket)?;
    let exits = ticket.take_profit.is_some() || ticket.stop_loss.is_some();
    match class {
        Class::Crypto => crypto(ticket)?,
        Class::Option => option(ticket)?,
        Class::Equity if !whole && !exits && ticket.time_in_force != TimeInForce::Day => {
            return Err(OrderError::FractionNeedsDay);
        }
        Class::Equity if !whole && matches!(ticket.kind, Kind::TrailingStop(_)) => {
            return Err(OrderError::FractionType);
        }
        Class::Equity | Class::Unknown => {}
    }
    if exits {
        if matches!(class, Class::Crypto | Class::Option) {
            return Err(OrderError::EquityOnly);
        }
        if !whole {
            return Err(OrderError::ExitNeedsWholeShares);
        }
        if !day_or_gtc(ticket) {
            return Err(OrderError::ExitNeedsDayOrGtc);
        }
        if ticket.extended_hours {
            return Err(OrderError::ExitInExtendedHours);
        }
        let winning = match ticket.side {
            Side::Buy => Ordering::Greater,
            Side::Sell => Ordering::Less,
        };
        self::exits(winning, class, ticket.take_profit, ticket.stop_loss)?;
    }
    match ticket.position_intent {
        Some(intent) if intent.side() != ticket.side => Err(OrderError::IntentOfOtherSide),
        _ => Ok(()),
    }
}

pub(super) fn class(symbol: &str) -> Result<Class, OrderError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"./-".contains(&byte);
    if symbol.is_empty() || symbol.len() > SYMBOL_MAX || !symbol.bytes().all(allowed) {
        return Err(OrderError::Symbol);
    }
    Ok(if symbol.contains('/') {
        Class::Crypto
    } else if is_option(symbol.as_bytes()) {
        Class::Option
    } else if symbol.len() == 36 {
        Class::Unknown
    } else {
        Class::Equity
    })
}

/// OCC's form: root, six digits of a date, `C` or `P`, eight digits of a strike.
fn is_option(symbol: &[u8]) -> bool {
    let Some((root, tail)) = symbol
        .len()
        .checked_sub(15)
        .and_then(|root| symbol.split_at_checked(root))
    else {
        return false;
    };
    let digits = tail
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != 6)
        .all(|(_, byte)| byte.is_ascii_digit());
    let right = matches!(tail.get(6), Some(b'C' | b'P'));
    (1..=6).contains(&root.len()) && right && digits
}

/// Whether the size is a whole number of shares; a worth is not.
fn size(ticket: &Ticket<'_>, class: Class) -> Result<bool, OrderError> {
    match ticket.size {
        Size::Quantity(text) => Ok(Amount::parse(Field::Quantity, text)?.is_whole()),
        Size::Notional(text) => {
            Amount::parse(Field::Notional, text)?.at_most(Field::Notional, 2)?;
            let day = ticket.time_in_force == TimeInForce::Day || class != Class::Equity;
            if ticket.kind != Kind::Market || !day {
                return Err(OrderError::NotionalNeedsMarketDay);
            }
            Ok(false)
        }
    }
}

fn prices(ticket: &Ticket<'_>, class: Class) -> Result<(), OrderError> {
    let (limit, stop) = ticket.kind.prices();
    for (field, text) in [(Field::LimitPrice, limit), (Field::StopPrice, stop)] {
        if let Some(text) = text {
            price(field, text, class)?;
        }
    }
    match ticket.kind {
        Kind::TrailingStop(Trail::Price(text)) => Amount::parse(Field::TrailPrice, text)?,
        Kind::TrailingStop(Trail::Percent(text)) => Amount::parse(Field::TrailPercent, text)?,
        _ => return Ok(()),
    };
    Ok(())
}

/// Stocks and options are priced in cents, stocks below one dollar in hundredths of a cent.
pub(super) fn price(field: Field, text: &str, class: Class) -> Result<Amount<'_>, OrderError> {
    let amount = Amount::parse(field, text)?;
    match class {
        Class::Equity if amount.is_below_one() => amount.at_most(field, 4),
        Class::Equity | Class::Option => amount.at_most(field, 2),
        Class::Crypto | Class::Unknown => Ok(amount),
    }
}

fn times(ticket: &Ticket<'_>) -> Result<(), OrderError> {
    use TimeInForce::{Closing, Opening};
    let auction = matches!(ticket.time_in_force, Opening | Closing);
    let plain = matches!(ticket.kind, Kind::Market | Kind::Limit { .. });
    let trailing = matches!(ticket.kind, Kind::TrailingStop(_));
    let limit = matches!(ticket.kind, Kind::Limit { .. });
    if auction && !plain && !trailing {
        return Err(OrderError::AuctionNeedsMarketOrLimit);
    }
    if trailing && !day_or_gtc(ticket) {
        return Err(OrderError::TrailingStopNeedsDayOrGtc);
    }
    if ticket.extended_hours && !(limit && day_or_gtc(ticket)) {
        return Err(OrderError::ExtendedHoursNeedLimit);
    }
    Ok(())
}

const fn day_or_gtc(ticket: &Ticket<'_>) -> bool {
    matches!(
        ticket.time_in_force,
        TimeInForce::Day | TimeInForce::GoodTilCanceled
    )
}

fn crypto(ticket: &Ticket<'_>) -> Result<(), OrderError> {
    use TimeInForce::{GoodTilCanceled, ImmediateOrCancel};
    if matches!(ticket.kind, Kind::Stop { .. } | Kind::TrailingStop(_)) {
        return Err(OrderError::CryptoType);
    }
    if !matches!(ticket.time_in_force, GoodTilCanceled | ImmediateOrCancel) {
        return Err(OrderError::CryptoTimeInForce);
    }
    no_extended_hours(ticket)
}

fn option(ticket: &Ticket<'_>) -> Result<(), OrderError> {
    if !matches!(ticket.kind, Kind::Market | Kind::Limit { .. }) {
        return Err(OrderError::OptionType);
    }
    if ticket.time_in_force != TimeInForce::Day {
        return Err(OrderError::OptionTimeInForce);
    }
    match ticket.size {
        Size::Quantity(text) if Amount::parse(Field::Quantity, text)?.is_whole() => {
            no_extended_hours(ticket)
        }
        _ => Err(OrderError::FractionNotAllowed),
    }
}

const fn no_extended_hours(ticket: &Ticket<'_>) -> Result<(), OrderError> {
    if ticket.extended_hours {
        return Err(OrderError::EquityOnly);
    }
    Ok(())
}

/// Prices of the exits of a position that wins when the price becomes `winning`: greater for a long one.
pub(super) fn exits(
    winning: Ordering,
    class: Class,
    take_profit: Option<&str>,
    stop_loss: Option<StopLoss<'_>>,
) -> Result<(), OrderError> {
    let profit = take_profit
        .map(|text| price(Field::TakeProfit, text, class))
        .transpose()?;
    let Some(StopLoss { stop, limit }) = stop_loss else {
        return Ok(());
    };
    let stop = price(Field::StopLoss, stop, class)?;
    if let Some(limit) = limit {
        let limit = price(Field::StopLossLimit, limit, class)?;
        if limit.compare(stop) == winning {
            return Err(OrderError::StopLossLimitBeyondStop);
        }
    }
    match profit {
        Some(profit) if profit.compare(stop) != winning => Err(OrderError::ExitsCross),
        _ => Ok(()),
    }
}
