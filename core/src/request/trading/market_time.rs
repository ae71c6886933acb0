//! When the market is open: clock and calendar.

use crate::endpoint::Trading;
use crate::request::catalog::trading as operation;
use crate::request::{ReadRequest, RequestError, TargetBuffer};

/// `GET /v2/clock`: whether the market is open. Reads as [`Clock`](crate::response::Clock).
#[must_use]
pub const fn clock() -> ReadRequest<'static, Trading> {
    operation::clock::LEGACY_CLOCK.plain()
}

/// `GET /v2/calendar`: trading days with their hours, some 120 bytes each. All since 1970 if
/// nothing is set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calendar<'a> {
    /// First day, `YYYY-MM-DD`.
    pub start: Option<&'a str>,
    /// Last day, `YYYY-MM-DD`.
    pub end: Option<&'a str>,
    /// What `start` and `end` mean. Trading days if not set.
    pub date_type: Option<DateType>,
}

/// What the days of a [`Calendar`] request mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateType {
    /// Days of trading.
    Trading,
    /// Days of settlement.
    Settlement,
}

impl Calendar<'_> {
    /// The request, written into `target`.
    ///
    /// # Errors
    /// [`RequestError`] when a value is empty or the target does not fit.
    pub fn request<'t, const N: usize>(
        &self,
        target: &'t mut TargetBuffer<N>,
    ) -> Result<ReadRequest<'t, Trading>, RequestError> {
        let date_type = self.date_type.map(|date_type| match date_type {
            DateType::Trading => "TRADING",
            DateType::Settlement => "SETTLEMENT",
        });
        operation::calendar::LEGACY_CALENDAR.begin(target, &[])?;
        target
            .maybe("start", self.start)?
            .maybe("end", self.end)?
            .maybe("date_type", date_type)?;
        Ok(operation::calendar::LEGACY_CALENDAR.at(target))
    }
}
