//! Positions, and closing them.

use crate::endpoint::Trading;
use crate::request::catalog::trading::positions as operation;
use crate::request::{ReadRequest, Request, RequestError, TargetBuffer};
use crate::response::Decimal;

/// `GET /v2/positions`: all open positions.
#[must_use]
pub const fn positions() -> ReadRequest<'static, Trading> {
    operation::GET_ALL_OPEN_POSITIONS.plain()
}

/// `GET /v2/positions/{symbol_or_asset_id}`. Status 404 says that there is none.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn position<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
) -> Result<ReadRequest<'t, Trading>, RequestError> {
    operation::GET_OPEN_POSITION.request(target, &[symbol], &[])
}

/// How much of a position is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portion<'a> {
    /// All of it.
    All,
    /// So many shares, with up to 9 decimals.
    Quantity(Decimal<'a>),
    /// So much of it: more than 0, at most 100, with up to 9 decimals.
    Percentage(Decimal<'a>),
}

/// `DELETE /v2/positions/{symbol_or_asset_id}`: sells or buys back. Never sent twice, since two
/// portions may be closed.
///
/// ```
/// use alpaca_auth::request::trading::{Portion, close_position};
/// use alpaca_auth::request::{Replay, RequestError, TargetBuffer};
/// use alpaca_auth::response::Decimal;
///
/// let mut target = TargetBuffer::<64>::new("/")?;
/// let half = Portion::Percentage(Decimal::parse("50").unwrap());
/// let request = close_position(&mut target, "BTC/USD", half)?;
/// assert_eq!(request.target(), "/v2/positions/BTC%2FUSD?percentage=50");
/// assert_eq!(request.replay(), Replay::Never);
/// let too_much = Portion::Percentage(Decimal::parse("100.5").unwrap());
/// let refused = close_position(&mut target, "AAPL", too_much).err();
/// assert_eq!(refused, Some(RequestError::QueryValue));
/// # Ok::<(), RequestError>(())
/// ```
///
/// # Errors
/// [`RequestError::QueryValue`] for a portion out of range; another one when `symbol` is no path
/// segment or does not fit.
pub fn close_position<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    portion: Portion<'_>,
) -> Result<Request<'t, Trading>, RequestError> {
    let close = operation::DELETE_OPEN_POSITION;
    match portion {
        Portion::All => close.request(target, &[symbol], &[]),
        Portion::Quantity(value) if is_portion(value, false) => {
            close.request(target, &[symbol], &[("qty", value.text())])
        }
        Portion::Percentage(value) if is_portion(value, true) => {
            close.request(target, &[symbol], &[("percentage", value.text())])
        }
        Portion::Quantity(_) | Portion::Percentage(_) => Err(RequestError::QueryValue),
    }
}

/// `DELETE /v2/positions`: closes all positions, and cancels open orders before if asked to.
/// Never sent twice.
#[must_use]
pub const fn close_all_positions(cancel_orders: bool) -> Request<'static, Trading> {
    let close = operation::DELETE_ALL_OPEN_POSITIONS.operation();
    let target = if cancel_orders {
        "/v2/positions?cancel_orders=true"
    } else {
        close.path
    };
    Request::of(close, target)
}

/// More than 0, at most 9 decimals, and as a percentage at most 100.
fn is_portion(value: Decimal<'_>, percentage: bool) -> bool {
    // By sets of characters, because the search for a single one has a branch to a panic.
    let (whole, fraction) = value.text().split_once(['.']).unwrap_or((value.text(), ""));
    let whole = whole.trim_start_matches(['0']);
    let fraction = fraction.trim_end_matches(['0']);
    let zero = whole.is_empty() && fraction.is_empty();
    let bounded = !percentage || whole.len() < 3 || (whole == "100" && fraction.is_empty());
    bounded && !zero && !value.is_negative() && fraction.len() <= 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portion_out_of_range_is_refused() {
        let mut target = TargetBuffer::<128>::new("/").unwrap();
        let mut close = |portion| {
            let request = close_position(&mut target, "AAPL", portion)?;
            Ok(std::string::String::from(request.target()))
        };
        let refused = Err(RequestError::QueryValue);
        for text in ["0", "-1", "0.000", "-0", "1.0000000001", "000"] {
            let value = Decimal::parse(text).unwrap();
            assert_eq!(close(Portion::Quantity(value)), refused, "{text}");
            assert_eq!(close(Portion::Percentage(value)), refused, "{text}");
        }
        for text in ["100.000000001", "101", "1000"] {
            let value = Decimal::parse(text).unwrap();
            assert_eq!(close(Portion::Percentage(value)), refused, "{text}");
            assert!(close(Portion::Quantity(value)).is_ok(), "{text}");
        }
        for text in ["100", "100.000", "99.999999999", "0.000000001", "050"] {
            let value = Decimal::parse(text).unwrap();
            assert!(close(Portion::Percentage(value)).is_ok(), "{text}");
        }
    }

    #[test]
    fn closing_is_never_sent_twice() {
        use crate::request::Replay;
        for cancel_orders in [false, true] {
            let request = close_all_positions(cancel_orders);
            assert_eq!(request.replay(), Replay::Never);
            assert_eq!(request.target().ends_with("=true"), cancel_orders);
        }
    }
}
