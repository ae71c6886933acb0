//! [`Transfer`]: money into or out of a customer's account.

use serde::{Deserialize, Serialize};

use super::Decimal;
use super::json::Text;
use super::word::words;

/// The reply of `POST /v1/accounts/{account_id}/transfers`, and one element of `GET`. `id`, `status` and `amount` are
/// insisted on.
///
/// ```
/// use alpaca_auth::response::{Transfer, TransferStatus, json};
/// let transfer: Transfer = json::from_slice(br#"{"id":"497f","status":"QUEUED","amount":"100.50"}"#)?;
/// assert_eq!(transfer.status, TransferStatus::Queued);
/// assert_eq!(transfer.amount.to_fixed(2), Ok(10_050));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Transfer<'b> {
    /// Transfer id, a UUID.
    pub id: &'b str,
    /// Where the transfer is.
    #[serde(borrow)]
    pub status: TransferStatus<'b>,
    /// How much.
    #[serde(borrow)]
    pub amount: Decimal<'b>,
    /// In or out.
    #[serde(borrow)]
    pub direction: Option<TransferDirection<'b>>,
    /// `ach` or `wire`.
    #[serde(rename = "type")]
    pub kind: Option<&'b str>,
    /// The account, a UUID.
    pub account_id: Option<&'b str>,
    /// The ACH relationship, a UUID.
    pub relationship_id: Option<&'b str>,
    /// The bank of a wire, a UUID.
    pub bank_id: Option<&'b str>,
    /// How much of it is there at once.
    #[serde(borrow)]
    pub instant_amount: Option<Decimal<'b>>,
    /// How much was asked for, before fees.
    #[serde(borrow)]
    pub requested_amount: Option<Decimal<'b>>,
    /// Fee.
    #[serde(borrow)]
    pub fee: Option<Decimal<'b>>,
    /// Who pays the fee.
    pub fee_payment_method: Option<&'b str>,
    /// Why it is as it is.
    #[serde(borrow)]
    pub reason: Option<Text<'b>>,
    /// What was added to a wire.
    #[serde(borrow)]
    pub additional_information: Option<Text<'b>>,
    /// When it was made, RFC 3339.
    pub created_at: Option<&'b str>,
    /// When it last changed, RFC 3339.
    pub updated_at: Option<&'b str>,
    /// When it expires, RFC 3339.
    pub expires_at: Option<&'b str>,
    /// Until when the money is held, RFC 3339.
    pub hold_until: Option<&'b str>,
}

words! {
    /// Where a transfer is. Keep a branch for [`TransferStatus::Other`].
    TransferStatus {
        /// Waits to be processed.
        Queued = "QUEUED",
        /// Waits for approval.
        ApprovalPending = "APPROVAL_PENDING",
        /// Being processed.
        Pending = "PENDING",
        /// At the clearing house.
        SentToClearing = "SENT_TO_CLEARING",
        /// Refused.
        Rejected = "REJECTED",
        /// Canceled.
        Canceled = "CANCELED",
        /// Approved.
        Approved = "APPROVED",
        /// Done.
        Complete = "COMPLETE",
        /// Returned by the bank.
        Returned = "RETURNED",
    }
}

words! {
    /// In or out.
    TransferDirection {
        /// Into the account.
        Incoming = "INCOMING",
        /// Out of it.
        Outgoing = "OUTGOING",
    }
}
