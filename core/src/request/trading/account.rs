//! The account: status, configurations, activities, portfolio history.

use crate::endpoint::Trading;
use crate::request::catalog::trading as operation;
use crate::request::{Direction, ReadRequest, Request, RequestError, TargetBuffer};

/// `GET /v2/account`: status, equity, cash, buying power. Reads as
/// [`Account`](crate::response::Account).
#[must_use]
#[inline]
pub const fn account() -> ReadRequest<'static, Trading> {
    operation::accounts::GET_ACCOUNT.plain()
}

/// `GET /v2/account/configurations`.
#[must_use]
pub const fn configurations() -> ReadRequest<'static, Trading> {
    operation::account_configurations::GET_ACCOUNT_CONFIG.plain()
}

/// `PATCH /v2/account/configurations` with a JSON body of the fields to change, for example
/// `{"suspend_trade":true}`.
#[must_use]
pub const fn change_configurations(json: &[u8]) -> Request<'_, Trading> {
    let request = operation::account_configurations::PATCH_ACCOUNT_CONFIG.plain();
    request.with_json(json)
}

/// `GET /v2/account/activities`: fills, dividends, fees, transfers.
///
/// ```
/// use alpaca_auth::request::trading::ListActivities;
/// use alpaca_auth::request::{RequestError, TargetBuffer};
///
/// let mut target = TargetBuffer::<128>::new("/")?;
/// let mut list = ListActivities { types: &["FILL", "DIV"], ..ListActivities::default() };
/// assert_eq!(list.request(&mut target)?.target(), "/v2/account/activities?activity_types=FILL%2CDIV");
/// list.category = Some("trade_activity"); // either types or a category
/// assert_eq!(list.request(&mut target).err(), Some(RequestError::QueryValue));
/// # Ok::<(), RequestError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ListActivities<'a> {
    /// Types, for example `FILL`. Not together with `category`.
    pub types: &'a [&'a str],
    /// `trade_activity` or `non_trade_activity`.
    pub category: Option<&'a str>,
    /// Day of creation, `YYYY-MM-DD`.
    pub date: Option<&'a str>,
    /// Created before this time: RFC 3339, or a day.
    pub until: Option<&'a str>,
    /// Created after this time: RFC 3339, or a day.
    pub after: Option<&'a str>,
    /// Newest first if not set.
    pub direction: Option<Direction>,
    /// 1 to 100, at most so many. 100 if not set.
    pub page_size: Option<u16>,
    /// Id of the last activity of the page before.
    pub page_token: Option<&'a str>,
}

impl ListActivities<'_> {
    /// The request, written into `target`.
    ///
    /// # Errors
    /// [`RequestError::QueryValue`] for a value that its field excludes, or when it does not fit.
    pub fn request<'t, const N: usize>(
        &self,
        target: &'t mut TargetBuffer<N>,
    ) -> Result<ReadRequest<'t, Trading>, RequestError> {
        if !self.types.is_empty() && self.category.is_some() {
            return Err(RequestError::QueryValue);
        }
        let operation = operation::account_activities::GET_ACCOUNT_ACTIVITIES;
        operation.begin(target, &[])?;
        target
            .list("activity_types", self.types)?
            .maybe("category", self.category)?
            .maybe("date", self.date)?
            .maybe("until", self.until)?
            .maybe("after", self.after)?
            .maybe("direction", self.direction.map(Direction::text))?
            .count("page_size", self.page_size, 100)?
            .maybe("page_token", self.page_token)?;
        Ok(operation.at(target))
    }
}

/// `GET /v2/account/portfolio/history`: equity over time.
#[derive(Clone, Copy, Debug, Default)]
pub struct PortfolioHistory<'a> {
    /// Number and `D`, `W`, `M` or `A` (year), for example `1M`. At most two of `period`, `start`
    /// and `end` are set. `1M` if none is.
    pub period: Option<&'a str>,
    /// `1Min`, `5Min`, `15Min`, `1H` or `1D`.
    pub timeframe: Option<&'a str>,
    /// RFC 3339.
    pub start: Option<&'a str>,
    /// RFC 3339.
    pub end: Option<&'a str>,
    /// `market_hours`, `extended_hours` or `continuous`.
    pub intraday_reporting: Option<&'a str>,
    /// `no_reset` or `per_day`.
    pub pnl_reset: Option<&'a str>,
}

impl PortfolioHistory<'_> {
    /// The request, written into `target`.
    ///
    /// # Errors
    /// [`RequestError::QueryValue`] when `period`, `start` and `end` are all set, or a value is
    /// empty; another one when it does not fit.
    pub fn request<'t, const N: usize>(
        &self,
        target: &'t mut TargetBuffer<N>,
    ) -> Result<ReadRequest<'t, Trading>, RequestError> {
        if self.period.is_some() && self.start.is_some() && self.end.is_some() {
            return Err(RequestError::QueryValue);
        }
        let operation = operation::portfolio_history::GET_ACCOUNT_PORTFOLIO_HISTORY;
        operation.begin(target, &[])?;
        target
            .maybe("period", self.period)?
            .maybe("timeframe", self.timeframe)?
            .maybe("start", self.start)?
            .maybe("end", self.end)?
            .maybe("intraday_reporting", self.intraday_reporting)?
            .maybe("pnl_reset", self.pnl_reset)?;
        Ok(operation.at(target))
    }
}
