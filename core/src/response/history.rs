//! [`PortfolioHistory`]: the reply of `GET /v2/account/portfolio/history`.

use serde::{Deserialize, Serialize};

use super::json::{Entries, List, Number};

/// What an account was worth, point by point. The lists have the same length; each is read from the reply as it is
/// gone through, so any length takes no memory but the reply's.
///
/// A reply that does not fit its buffer is read with four [`ElementReader`](super::ElementReader)s, one for each list.
///
/// ```
/// use alpaca_auth::response::{PortfolioHistory, json};
/// let history: PortfolioHistory = json::from_slice(
///     br#"{"timestamp":[1697241600,1697500800],"equity":[2784.79,null],"timeframe":"1D"}"#)?;
/// let points = history.timestamp.iter().zip(history.equity.iter());
/// assert_eq!(points.filter(|(_, equity)| matches!(equity, Ok(Some(_)))).count(), 1);
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PortfolioHistory<'b> {
    /// When each point is, or the span it stands for begins, in unix seconds.
    #[serde(borrow)]
    pub timestamp: List<'b, i64>,
    /// What the account was worth.
    #[serde(borrow)]
    pub equity: List<'b, Option<Number<'b>>>,
    /// Profit or loss since the base.
    #[serde(borrow)]
    pub profit_loss: Option<List<'b, Option<Number<'b>>>>,
    /// The same as a part of 1.
    #[serde(borrow)]
    pub profit_loss_pct: Option<List<'b, Option<Number<'b>>>>,
    /// What profit and loss are counted from.
    #[serde(borrow)]
    pub base_value: Option<Number<'b>>,
    /// The day of the base, `YYYY-MM-DD`.
    pub base_value_asof: Option<&'b str>,
    /// The span from point to point, such as `15Min`.
    pub timeframe: Option<&'b str>,
    /// Money in and out, by activity type.
    #[serde(borrow)]
    pub cashflow: Option<Entries<'b, List<'b, Number<'b>>>>,
}
