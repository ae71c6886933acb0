//! [`Bar`], [`LatestBar`] and [`Bars`]: prices over a span of time.

use serde::{Deserialize, Serialize};

use super::json::{Entries, List, Number};

/// What happened to a price in one span of time. Its four prices and its time are certain to be there; numbers are
/// kept as the text that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Bar<'b> {
    /// When the span begins, RFC 3339.
    #[serde(rename = "t")]
    pub timestamp: &'b str,
    /// First price.
    #[serde(rename = "o", borrow)]
    pub open: Number<'b>,
    /// Highest price.
    #[serde(rename = "h", borrow)]
    pub high: Number<'b>,
    /// Lowest price.
    #[serde(rename = "l", borrow)]
    pub low: Number<'b>,
    /// Last price.
    #[serde(rename = "c", borrow)]
    pub close: Number<'b>,
    /// How many were traded.
    #[serde(rename = "v", borrow)]
    pub volume: Option<Number<'b>>,
    /// In how many trades.
    #[serde(rename = "n", borrow)]
    pub trades: Option<Number<'b>>,
    /// Average price, weighted by volume.
    #[serde(rename = "vw", borrow)]
    pub average: Option<Number<'b>>,
}

/// The reply of `GET /v2/stocks/{symbol}/bars/latest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct LatestBar<'b> {
    /// The stock.
    pub symbol: &'b str,
    /// Currency of the prices, ISO 4217; absent means USD.
    pub currency: Option<&'b str>,
    /// The bar.
    #[serde(borrow)]
    pub bar: Bar<'b>,
}

/// The reply of `GET /v2/stocks/{symbol}/bars`: one page. For pages longer than memory see
/// [`ElementReader`](super::ElementReader).
///
/// ```
/// use alpaca_auth::response::{Bars, json};
/// let page: Bars = json::from_slice(
///     br#"{"symbol":"AAPL","bars":[{"t":"2024-01-02T14:30:00Z","o":1,"h":2,"l":1,"c":1.5}],"next_page_token":"x"}"#)?;
/// let bar = page.bars.and_then(|bars| bars.iter().next()).transpose()?;
/// assert_eq!(bar.map(|bar| bar.close.text()), Some("1.5"));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Bars<'b> {
    /// The stock.
    pub symbol: &'b str,
    /// Currency of the prices, ISO 4217; absent means USD.
    pub currency: Option<&'b str>,
    /// The bars; null means none.
    #[serde(borrow)]
    pub bars: Option<List<'b, Bar<'b>>>,
    /// What to ask the next page with; absent on the last.
    pub next_page_token: Option<&'b str>,
}

/// The reply of `GET /v2/stocks/bars` and its like: one page of several symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct BarsBySymbol<'b> {
    /// The bars, by symbol.
    #[serde(borrow)]
    pub bars: Entries<'b, List<'b, Bar<'b>>>,
    /// Currency of the prices, ISO 4217; absent means USD.
    pub currency: Option<&'b str>,
    /// What to ask the next page with; absent on the last.
    pub next_page_token: Option<&'b str>,
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn a_bar_without_its_prices_or_time_is_refused() {
        let good = r#"{"t":"x","o":1,"h":2,"l":0.5,"c":1e-7}"#;
        assert_eq!(
            json::from_slice::<Bar<'_>>(good.as_bytes())
                .unwrap()
                .close
                .text(),
            "1e-7"
        );
        for (from, to) in [
            ("\"t\":\"x\",", ""),
            ("\"o\":1,", ""),
            ("\"h\":2,", ""),
            ("\"l\":0.5,", ""),
            (",\"c\":1e-7", ""),
            ("1e-7", "null"),
            ("1e-7", "\"1\""),
            ("\"x\"", "7"),
            ("\"o\":1", "\"o\":1,\"o\":1"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            assert!(
                json::from_slice::<Bar<'_>>(bad.as_bytes()).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_page_of_nothing_is_a_page() {
        for list in ["null", "[]"] {
            let text = std::format!(r#"{{"symbol":"A","bars":{list},"next_page_token":null}}"#);
            let page: Bars<'_> = json::from_slice(text.as_bytes()).unwrap();
            assert!(page.bars.is_none_or(|bars| bars.is_empty()));
            assert_eq!(page.next_page_token, None);
        }
    }
}
