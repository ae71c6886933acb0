//! [`AccountConfigurations`]: the reply of `GET` and `PATCH /v2/account/configurations`.

use serde::{Deserialize, Serialize};

use super::Decimal;

/// What the owner has set for an account. Nothing is certain to be there (Alpaca's OpenAPI file, 2026-08).
///
/// ```
/// use alpaca_auth::response::{AccountConfigurations, json};
/// let set: AccountConfigurations =
///     json::from_slice(br#"{"no_shorting":true,"trade_confirm_email":"all","new":{}}"#)?;
/// assert_eq!((set.no_shorting, set.suspend_trade), (Some(true), None));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct AccountConfigurations<'b> {
    /// Overnight trading is off.
    pub disable_overnight_trading: Option<bool>,
    /// Fractions of shares may be traded.
    pub fractional_trading: Option<bool>,
    /// Largest leverage: 1, 2 or 4.
    #[serde(borrow)]
    pub max_margin_multiplier: Option<Decimal<'b>>,
    /// Largest options level, 0 to 3.
    pub max_options_trading_level: Option<u8>,
    /// Only long positions are accepted.
    pub no_shorting: Option<bool>,
    /// Orders for publicly traded partnerships are accepted without an exception.
    pub ptp_no_exception_entry: Option<bool>,
    /// New orders are refused.
    pub suspend_trade: Option<bool>,
    /// For which fills mail is sent: `all` or `none`.
    pub trade_confirm_email: Option<&'b str>,
}
