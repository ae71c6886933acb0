//! Requests of the Market Data API.

use super::super::{
    Effect, Method, Operation, ReadOperation, ReadRequest, Replay, RequestError, TargetBuffer,
};
use crate::endpoint::{ApiKind, MarketData};

const STOCK_LATEST_QUOTE_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockLatestQuoteSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/quotes/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_latest_quotes_resp_single",
});

const STOCK_LATEST_TRADE_SINGLE: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "StockLatestTradeSingle",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v2/stocks/{symbol}/trades/latest",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "stock_latest_trades_resp_single",
});

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
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    STOCK_LATEST_QUOTE_SINGLE.request(target, &[symbol], &[])
}

/// `GET /v2/stocks/{symbol}/trades/latest`, written into `target`.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn latest_trade<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    STOCK_LATEST_TRADE_SINGLE.request(target, &[symbol], &[])
}
