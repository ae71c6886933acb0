//! [`BrokerAccount`]: a customer's account, as the Broker API has it.

use serde::{Deserialize, Serialize};

use super::json::{List, Text};
use super::{AccountStatus, AssetClass, Decimal};

/// The reply of `GET /v1/accounts/{account_id}`, and one element of `GET /v1/accounts`. `id` and `status` are insisted
/// on.
///
/// The customer's identity, contact and disclosures are not named here: who does not read them cannot log them.
///
/// ```
/// use alpaca_auth::response::{AccountStatus, BrokerAccount, json};
/// let account: BrokerAccount =
///     json::from_slice(br#"{"id":"0d18","status":"APPROVED","identity":{"tax_id":"1"},"last_equity":"1500.65"}"#)?;
/// assert_eq!(account.status, AccountStatus::Approved);
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct BrokerAccount<'b> {
    /// Account id, a UUID.
    pub id: &'b str,
    /// Whether the account may trade.
    #[serde(borrow)]
    pub status: AccountStatus<'b>,
    /// Account number.
    pub account_number: Option<&'b str>,
    /// What the account is called.
    #[serde(borrow)]
    pub account_name: Option<Text<'b>>,
    /// `trading`, `custodial`, `donor_advised` or `ira`.
    pub account_type: Option<&'b str>,
    /// `traditional` or `roth`, of an IRA.
    pub account_sub_type: Option<&'b str>,
    /// Status of crypto trading.
    #[serde(borrow)]
    pub crypto_status: Option<AccountStatus<'b>>,
    /// Currency of all amounts, ISO 4217.
    pub currency: Option<&'b str>,
    /// Equity at the previous close.
    #[serde(borrow)]
    pub last_equity: Option<Decimal<'b>>,
    /// When the account was made, RFC 3339.
    pub created_at: Option<&'b str>,
    /// What may be traded.
    #[serde(borrow)]
    pub enabled_assets: Option<List<'b, AssetClass<'b>>>,
    /// Instant ACH is allowed.
    pub allow_instant_ach: Option<bool>,
    /// Instant ACH is blocked.
    pub instant_ach_blocked: Option<bool>,
    /// The person that several accounts belong to, a UUID.
    pub primary_account_holder_id: Option<&'b str>,
}
