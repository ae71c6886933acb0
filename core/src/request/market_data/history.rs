//! A stock's bars, trades and quotes of the past, page by page.

use super::Feed;
use crate::endpoint::MarketData;
use crate::request::catalog::market_data::stock as operation;
use crate::request::{Direction, ReadOperation, ReadRequest, RequestError, TargetBuffer};

/// Which part of the past. What is not set is left to the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct History<'a> {
    /// From this time on: RFC 3339, or a day. The current day if not set.
    pub start: Option<&'a str>,
    /// Up to this time: RFC 3339, or a day. Now if not set.
    pub end: Option<&'a str>,
    /// 1 to 10,000 elements a page. 1,000 if not set.
    pub limit: Option<u16>,
    /// The `next_page_token` of the page before.
    pub page_token: Option<&'a str>,
    /// The best of the plan if not set. [`Feed::DelayedSip`] and [`Feed::Overnight`] have no history.
    pub feed: Option<Feed>,
    /// Oldest first if not set.
    pub sort: Option<Direction>,
}

/// `GET /v2/stocks/{symbol}/bars`, written into `target`. `timeframe` is a number and `Min`,
/// `Hour`, `Day`, `Week` or `Month`, for example `5Min`; `adjustment` is `raw`, `split`, `dividend`
/// or `all`, and `raw` if `None`.
///
/// ```
/// use alpaca_auth::request::{TargetBuffer, market_data};
/// use alpaca_auth::request::market_data::{Feed, History};
///
/// let mut target = TargetBuffer::<256>::new("/")?;
/// let page = History { limit: Some(10_000), feed: Some(Feed::Iex), ..History::default() };
/// let request = market_data::stock_bars(&mut target, "BRK.B", "1Min", None, &page)?;
/// assert_eq!(request.target(), "/v2/stocks/BRK.B/bars?timeframe=1Min&limit=10000&feed=iex");
/// # Ok::<(), alpaca_auth::request::RequestError>(())
/// ```
///
/// # Errors
/// [`RequestError::QueryValue`] for a value that its field excludes; another one when `symbol` is
/// no path segment or does not fit.
pub fn stock_bars<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    timeframe: &str,
    adjustment: Option<&str>,
    history: &History<'_>,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    operation::STOCK_BAR_SINGLE.begin(target, &[symbol])?;
    target
        .maybe("timeframe", Some(timeframe))?
        .maybe("adjustment", adjustment)?;
    history.write(&operation::STOCK_BAR_SINGLE, target)
}

/// `GET /v2/stocks/{symbol}/trades`, written into `target`.
///
/// # Errors
/// See [`stock_bars`].
pub fn stock_trades<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    history: &History<'_>,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    operation::STOCK_TRADE_SINGLE.begin(target, &[symbol])?;
    history.write(&operation::STOCK_TRADE_SINGLE, target)
}

/// `GET /v2/stocks/{symbol}/quotes`, written into `target`.
///
/// # Errors
/// See [`stock_bars`].
pub fn stock_quotes<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
    history: &History<'_>,
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    operation::STOCK_QUOTE_SINGLE.begin(target, &[symbol])?;
    history.write(&operation::STOCK_QUOTE_SINGLE, target)
}

impl History<'_> {
    fn write<'t, const N: usize>(
        &self,
        operation: &ReadOperation<MarketData>,
        target: &'t mut TargetBuffer<N>,
    ) -> Result<ReadRequest<'t, MarketData>, RequestError> {
        if self.feed.is_some_and(|feed| !feed.has_history()) {
            return Err(RequestError::QueryValue);
        }
        target
            .maybe("start", self.start)?
            .maybe("end", self.end)?
            .count("limit", self.limit, 10_000)?
            .maybe("page_token", self.page_token)?
            .maybe("feed", self.feed.map(Feed::text))?
            .maybe("sort", self.sort.map(Direction::text))?;
        Ok(operation.at(target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_alpaca_refuses_is_not_asked_for() {
        let mut target = TargetBuffer::<256>::new("/").unwrap();
        let default = History::default();
        for history in [
            History {
                limit: Some(0),
                ..default
            },
            History {
                limit: Some(10_001),
                ..default
            },
            History {
                page_token: Some(""),
                ..default
            },
            History {
                feed: Some(Feed::DelayedSip),
                ..default
            },
            History {
                feed: Some(Feed::Overnight),
                ..default
            },
        ] {
            let refused = Some(RequestError::QueryValue);
            assert_eq!(stock_trades(&mut target, "A", &history).err(), refused);
            assert_eq!(stock_quotes(&mut target, "A", &history).err(), refused);
            let bars = stock_bars(&mut target, "A", "1Day", None, &history);
            assert_eq!(bars.err(), refused);
        }
        let refused = stock_bars(&mut target, "A", "", None, &default).err();
        assert_eq!(refused, Some(RequestError::QueryValue));
        let refused = stock_bars(&mut target, "..", "1Day", None, &default).err();
        assert_eq!(refused, Some(RequestError::SegmentEmpty));
    }

    #[test]
    fn everything_set_is_asked_for() {
        let mut target = TargetBuffer::<256>::new("/").unwrap();
        let history = History {
            start: Some("2026-11-01"),
            end: Some("2026-11-25T09:30:00-05:00"),
            limit: Some(1),
            page_token: Some("QUFQTHxN+/="),
            feed: Some(Feed::Sip),
            sort: Some(Direction::Descending),
        };
        assert_eq!(
            stock_bars(&mut target, "AAPL", "1Hour", Some("split"), &history)
                .unwrap()
                .target(),
            "/v2/stocks/AAPL/bars?timeframe=1Hour&adjustment=split&start=2026-11-01\
             &end=2026-11-25T09%3A30%3A00-05%3A00&limit=1&page_token=QUFQTHxN%2B%2F%3D&feed=sip&sort=desc"
        );
    }
}
