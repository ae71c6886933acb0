//! [`Account`]: the reply of `GET /v2/account`.

use serde::{Deserialize, Serialize};

use super::Decimal;
use super::word::words;

/// A trading account. Money is exact text; unknown fields and statuses are accepted.
///
/// Only `id` and `status` are certain to be there (Alpaca's OpenAPI file, 2026-08).
///
/// ```
/// use alpaca_auth::response::{Account, AccountStatus};
/// let (account, _) = serde_json_core::from_str::<Account>(
///     r#"{"id":"1d5493c9","status":"ACTIVE","cash":"-12.50","a_new_field":[1,{"x":null}]}"#,
/// )?;
/// assert_eq!(account.status, AccountStatus::Active);
/// assert_eq!(account.cash.map(|cash| cash.text()), Some("-12.50"));
/// assert_eq!(account.equity, None);
/// # Ok::<(), serde_json_core::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Account<'b> {
    /// Account id, a UUID.
    pub id: &'b str,
    /// Whether the account may trade.
    #[serde(borrow)]
    pub status: AccountStatus<'b>,
    /// Account number.
    pub account_number: Option<&'b str>,
    /// Status of crypto trading.
    #[serde(borrow)]
    pub crypto_status: Option<AccountStatus<'b>>,
    /// Currency of all amounts, ISO 4217.
    pub currency: Option<&'b str>,
    /// Cash plus positions.
    #[serde(borrow)]
    pub equity: Option<Decimal<'b>>,
    /// Equity at the previous close, 16:00 New York time.
    #[serde(borrow)]
    pub last_equity: Option<Decimal<'b>>,
    /// Cash; negative when borrowed.
    #[serde(borrow)]
    pub cash: Option<Decimal<'b>>,
    /// What may be spent, leverage included.
    #[serde(borrow)]
    pub buying_power: Option<Decimal<'b>>,
    /// Buying power under Regulation T.
    #[serde(borrow)]
    pub regt_buying_power: Option<Decimal<'b>>,
    /// Buying power for what cannot be bought on margin.
    #[serde(borrow)]
    pub non_marginable_buying_power: Option<Decimal<'b>>,
    /// Buying power for options.
    #[serde(borrow)]
    pub options_buying_power: Option<Decimal<'b>>,
    /// Equity plus positions, the older name of `equity`.
    #[serde(borrow)]
    pub portfolio_value: Option<Decimal<'b>>,
    /// Value of long positions.
    #[serde(borrow)]
    pub long_market_value: Option<Decimal<'b>>,
    /// Value of short positions, negative.
    #[serde(borrow)]
    pub short_market_value: Option<Decimal<'b>>,
    /// Margin that must be there to open positions.
    #[serde(borrow)]
    pub initial_margin: Option<Decimal<'b>>,
    /// Margin that must stay there.
    #[serde(borrow)]
    pub maintenance_margin: Option<Decimal<'b>>,
    /// Fees not yet collected.
    #[serde(borrow)]
    pub accrued_fees: Option<Decimal<'b>>,
    /// Leverage: 1, 2 or 4.
    #[serde(borrow)]
    pub multiplier: Option<Decimal<'b>>,
    /// Cash on its way in.
    #[serde(borrow)]
    pub pending_transfer_in: Option<Decimal<'b>>,
    /// Cash on its way out.
    #[serde(borrow)]
    pub pending_transfer_out: Option<Decimal<'b>>,
    /// Trading is blocked by Alpaca.
    pub trading_blocked: Option<bool>,
    /// Transfers are blocked by Alpaca.
    pub transfers_blocked: Option<bool>,
    /// The account is blocked by Alpaca.
    pub account_blocked: Option<bool>,
    /// Trading is suspended by the user.
    pub trade_suspended_by_user: Option<bool>,
    /// Selling short is allowed.
    pub shorting_enabled: Option<bool>,
    /// When the account was made, RFC 3339.
    pub created_at: Option<&'b str>,
}

impl Account<'_> {
    /// Whether anything stops this account from trading now.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        let blocks = [
            self.trading_blocked,
            self.account_blocked,
            self.trade_suspended_by_user,
        ];
        self.status != AccountStatus::Active || blocks.contains(&Some(true))
    }
}

words! {
    /// The state of an account. New ones appear: keep a branch for [`AccountStatus::Other`].
    AccountStatus {
        /// May trade.
        Active = "ACTIVE",
        /// Not enabled.
        Inactive = "INACTIVE",
        /// A paper account without a live one.
        PaperOnly = "PAPER_ONLY",
        /// Application not complete.
        Onboarding = "ONBOARDING",
        /// Application could not be sent.
        SubmissionFailed = "SUBMISSION_FAILED",
        /// Application sent.
        Submitted = "SUBMITTED",
        /// Account data changed, under review.
        AccountUpdated = "ACCOUNT_UPDATED",
        /// Approval pending.
        ApprovalPending = "APPROVAL_PENDING",
        /// Application rejected.
        Rejected = "REJECTED",
        /// Closed.
        AccountClosed = "ACCOUNT_CLOSED",
        /// Approved, soon active.
        Approved = "APPROVED",
        /// Being closed.
        AccountClosedPending = "ACCOUNT_CLOSED_PENDING",
        /// The owner must do something.
        ActionRequired = "ACTION_REQUIRED",
        /// Some functions are restricted.
        Limited = "LIMITED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Account<'_>, serde_json_core::de::Error> {
        serde_json_core::from_str(text).map(|(account, _)| account)
    }

    #[test]
    fn an_account_without_id_or_status_is_refused() {
        assert!(parse(r#"{"status":"ACTIVE"}"#).is_err());
        assert!(parse(r#"{"id":"1"}"#).is_err());
        assert!(parse(r#"{"id":1,"status":"ACTIVE"}"#).is_err());
        assert!(parse(r#"{"id":"1","status":"ACTIVE","cash":12.5}"#).is_err());
        assert!(parse(r#"{"id":"1","status":"ACTIVE","cash":"a lot"}"#).is_err());
    }

    #[test]
    fn unknown_statuses_and_fields_survive() {
        let account =
            parse(r#"{"new":{"a":[true]},"id":"1","status":"NAPPING","cash":null}"#).unwrap();
        assert_eq!(account.status, AccountStatus::Other("NAPPING"));
        assert!(account.is_blocked());
        assert_eq!(account.cash, None);
    }

    #[test]
    fn any_block_is_a_block() {
        assert!(
            !parse(r#"{"id":"1","status":"ACTIVE"}"#)
                .unwrap()
                .is_blocked()
        );
        assert!(
            parse(r#"{"id":"1","status":"LIMITED"}"#)
                .unwrap()
                .is_blocked()
        );
        for block in [
            "trading_blocked",
            "account_blocked",
            "trade_suspended_by_user",
        ] {
            let text = std::format!(r#"{{"id":"1","status":"ACTIVE","{block}":true}}"#);
            assert!(parse(&text).unwrap().is_blocked());
        }
    }
}
