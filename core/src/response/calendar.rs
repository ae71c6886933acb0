//! [`CalendarDay`]: one element of the reply of `GET /v2/calendar`.

use serde::{Deserialize, Serialize};

/// A day on which the market opens. Dates are `YYYY-MM-DD`, times are New York's.
///
/// ```
/// use alpaca_auth::response::{CalendarDay, json};
/// let day: CalendarDay = json::from_slice(br#"{"date":"2025-01-02","open":"09:30","close":"16:00"}"#)?;
/// assert_eq!((day.open, day.session_open), ("09:30", None));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct CalendarDay<'b> {
    /// The day.
    pub date: &'b str,
    /// When the market opens, `HH:MM`.
    pub open: &'b str,
    /// When the market closes, `HH:MM`.
    pub close: &'b str,
    /// When the extended session opens, `HHMM`.
    pub session_open: Option<&'b str>,
    /// When the extended session closes, `HHMM`.
    pub session_close: Option<&'b str>,
    /// When trades of this day settle.
    pub settlement_date: Option<&'b str>,
}
