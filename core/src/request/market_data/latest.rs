//! The latest values of one stock.

use super::Feed;
use crate::endpoint::MarketData;
use crate::request::catalog::market_data::stock as operation;
use crate::request::{ReadOperation, ReadRequest, RequestError, TargetBuffer};

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
    operation::STOCK_LATEST_QUOTE_SINGLE.request(target, &[symbol], &[])
}

/// The same from a feed of choice.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn latest_quote_from<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    feed: Feed,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    from(
        &operation::STOCK_LATEST_QUOTE_SINGLE,
        target,
        symbol,
        Some(feed),
    )
}

/// `GET /v2/stocks/{symbol}/trades/latest`, written into `target`.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn latest_trade<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    operation::STOCK_LATEST_TRADE_SINGLE.request(target, &[symbol], &[])
}

/// The same from a feed of choice.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn latest_trade_from<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    feed: Feed,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    from(
        &operation::STOCK_LATEST_TRADE_SINGLE,
        target,
        symbol,
        Some(feed),
    )
}

/// `GET /v2/stocks/{symbol}/bars/latest`: the last minute, written into `target`.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn latest_bar<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    feed: Option<Feed>,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    from(&operation::STOCK_LATEST_BAR_SINGLE, target, symbol, feed)
}

/// `GET /v2/stocks/{symbol}/snapshot`: latest trade, quote, minute bar, and the last two days,
/// written into `target`.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn snapshot<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    feed: Option<Feed>,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    from(&operation::STOCK_SNAPSHOT_SINGLE, target, symbol, feed)
}

fn from<'t, const N: usize>(
    operation: &ReadOperation<MarketData>,
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    feed: Option<Feed>,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    operation.begin(target, &[symbol])?;
    target.maybe("feed", feed.map(Feed::text))?;
    Ok(operation.at(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feed_stands_in_the_query_and_the_symbol_in_its_segment() {
        let mut target = TargetBuffer::<96>::new("/").unwrap();
        let mut of =
            |request: &dyn Fn(
                &mut TargetBuffer<96>,
            ) -> Result<std::string::String, RequestError>| { request(&mut target) };
        let snapshot =
            of(&|target| Ok(snapshot(target, "BRK.B", Some(Feed::Iex))?.target().into()));
        assert_eq!(snapshot.unwrap(), "/v2/stocks/BRK.B/snapshot?feed=iex");
        let bar = of(&|target| Ok(latest_bar(target, "A/B", None)?.target().into()));
        assert_eq!(bar.unwrap(), "/v2/stocks/A%2FB/bars/latest");
        let trade = of(&|target| {
            Ok(latest_trade_from(target, "F", Feed::DelayedSip)?
                .target()
                .into())
        });
        assert_eq!(
            trade.unwrap(),
            "/v2/stocks/F/trades/latest?feed=delayed_sip"
        );
        let quote = of(&|target| Ok(latest_quote_from(target, "..", Feed::Sip)?.target().into()));
        assert_eq!(quote, Err(RequestError::SegmentEmpty));
    }
}
