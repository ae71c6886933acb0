//! [`Journal`]: cash or shares from one account of a partner to another.

use serde::{Deserialize, Serialize};

use super::Decimal;
use super::json::Text;
use super::word::words;

/// The reply of `POST /v1/journals`, and one element of `GET`. `id` and `entry_type` are insisted on.
///
/// ```
/// use alpaca_auth::response::{Journal, json};
/// let journal: Journal = json::from_slice(br#"{"id":"6d2c","entry_type":"JNLC","net_amount":"645","qty":null}"#)?;
/// assert!(journal.is_cash());
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Journal<'b> {
    /// Journal id, a UUID.
    pub id: &'b str,
    /// `JNLC` for cash, `JNLS` for shares.
    pub entry_type: &'b str,
    /// Where the journal is.
    #[serde(borrow)]
    pub status: Option<JournalStatus<'b>>,
    /// The account it goes from.
    pub from_account: Option<&'b str>,
    /// The account it goes to.
    pub to_account: Option<&'b str>,
    /// How much cash.
    #[serde(borrow)]
    pub net_amount: Option<Decimal<'b>>,
    /// Of which shares.
    pub symbol: Option<&'b str>,
    /// How many shares.
    #[serde(borrow)]
    pub qty: Option<Decimal<'b>>,
    /// At which price.
    #[serde(borrow)]
    pub price: Option<Decimal<'b>>,
    /// Currency of the amount, ISO 4217.
    pub currency: Option<&'b str>,
    /// In words.
    #[serde(borrow)]
    pub description: Option<Text<'b>>,
    /// When it settles, `YYYY-MM-DD`.
    pub settle_date: Option<&'b str>,
    /// When it was entered, `YYYY-MM-DD`.
    pub system_date: Option<&'b str>,
    /// When it was made, RFC 3339.
    pub created_at: Option<&'b str>,
}

impl Journal<'_> {
    /// Whether it moves cash.
    #[must_use]
    pub fn is_cash(&self) -> bool {
        self.entry_type == "JNLC"
    }
}

words! {
    /// Where a journal is. Keep a branch for [`JournalStatus::Other`].
    JournalStatus {
        /// Waits to be processed.
        Pending = "pending",
        /// Canceled.
        Canceled = "canceled",
        /// Done.
        Executed = "executed",
        /// Waits in a queue.
        Queued = "queued",
        /// Refused by a check.
        Rejected = "rejected",
        /// Taken back.
        Deleted = "deleted",
        /// Refused by a person.
        Refused = "refused",
        /// At the clearing house.
        SentToClearing = "sent_to_clearing",
        /// Being corrected.
        Correct = "correct",
        /// Entered as an activity.
        ActivityCreated = "activity_created",
    }
}
