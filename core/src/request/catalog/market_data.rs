//! Requests of the Market Data API.

use super::super::{Method, Request, RequestError, TargetBuffer};
use crate::endpoint::MarketData;

/// `GET /v2/stocks/{symbol}/quotes/latest`, written into `target`. Read by
/// [`LatestQuote::of`](crate::response::LatestQuote::of).
///
/// ```
/// use alpaca_auth::request::{TargetBuffer, market_data};
/// let mut target = TargetBuffer::<64>::new("/")?;
/// let request = market_data::latest_quote(&mut target, "AAPL")?;
/// assert_eq!(request.target(), "/v2/stocks/AAPL/quotes/latest");
/// # Ok::<(), alpaca_auth::request::RequestError>(())
/// ```
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn latest_quote<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
) -> Result<Request<'t, MarketData>, RequestError> {
    latest(target, symbol, "quotes")
}

/// `GET /v2/stocks/{symbol}/trades/latest`, written into `target`.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn latest_trade<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
) -> Result<Request<'t, MarketData>, RequestError> {
    latest(target, symbol, "trades")
}

fn latest<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    what: &str,
) -> Result<Request<'t, MarketData>, RequestError> {
    *target = TargetBuffer::new("/v2/stocks")?;
    target.segment(symbol)?.segment(what)?.segment("latest")?;
    Request::new(Method::Get, target.text())
}
