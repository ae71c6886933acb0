//! [`NewsItem`] and [`News`]: the reply of `GET /v1beta1/news`.

use serde::{Deserialize, Serialize};

use super::json::{List, Number, Raw, Text};

/// One article. `id` and `headline` are insisted on.
///
/// ```
/// use alpaca_auth::response::{NewsItem, json};
/// let item: NewsItem = json::from_slice(br#"{"id":7,"headline":"\"Up\" \u0026 away \ud83d\ude80","symbols":["A"]}"#)?;
/// assert_eq!(item.headline, "\"Up\" & away 🚀");
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct NewsItem<'b> {
    /// Article id.
    #[serde(borrow)]
    pub id: Number<'b>,
    /// Headline.
    #[serde(borrow)]
    pub headline: Text<'b>,
    /// Who wrote it.
    #[serde(borrow)]
    pub author: Option<Text<'b>>,
    /// What it says, in short.
    #[serde(borrow)]
    pub summary: Option<Text<'b>>,
    /// What it says, where content was asked for; may hold HTML.
    #[serde(borrow)]
    pub content: Option<Text<'b>>,
    /// Where it is.
    #[serde(borrow)]
    pub url: Option<Text<'b>>,
    /// Who published it, such as `benzinga`.
    pub source: Option<&'b str>,
    /// The symbols it is about.
    #[serde(borrow)]
    pub symbols: Option<List<'b, &'b str>>,
    /// Images, as they were sent.
    #[serde(borrow)]
    pub images: Option<Raw<'b>>,
    /// When it was written, RFC 3339.
    pub created_at: Option<&'b str>,
    /// When it last changed, RFC 3339.
    pub updated_at: Option<&'b str>,
}

/// One page of articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct News<'b> {
    /// The articles.
    #[serde(borrow)]
    pub news: List<'b, NewsItem<'b>>,
    /// What to ask the next page with; absent on the last.
    pub next_page_token: Option<&'b str>,
}
