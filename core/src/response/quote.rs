//! [`LatestQuote`]: the reply of `GET /v2/stocks/{symbol}/quotes/latest`.

use serde::{Deserialize, Serialize};

use super::json::{self, Number, Raw};
use super::{Reply, ReplyError};

/// The best bid and ask of one stock, and its symbol.
///
/// Market data sends prices as JSON numbers. They are kept as the text that was sent: no float.
///
/// ```
/// use alpaca_auth::response::LatestQuote;
/// let body = br#"{"symbol":"AAPL","quote":{"ap":231.50,"bp":231.4,"t":"2026-11-23T20:59:59Z","new":[]}}"#;
/// let latest = LatestQuote::parse(body)?;
/// assert_eq!(latest.symbol, "AAPL");
/// assert_eq!(latest.quote.ask_price.text(), "231.50");
/// assert_eq!(latest.quote.bid_size, None);
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct LatestQuote<'b> {
    /// The stock.
    pub symbol: &'b str,
    /// Currency of the prices, ISO 4217; absent means USD.
    pub currency: Option<&'b str>,
    /// The quote.
    #[serde(borrow)]
    pub quote: Quote<'b>,
}

/// The best bid and ask at one time. Prices and `timestamp` are certain to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Quote<'b> {
    /// Ask price; 0 means that there is no active ask.
    #[serde(rename = "ap", borrow)]
    pub ask_price: Number<'b>,
    /// Ask size in shares.
    #[serde(rename = "as", borrow)]
    pub ask_size: Option<Number<'b>>,
    /// Ask exchange, one letter.
    #[serde(rename = "ax")]
    pub ask_exchange: Option<&'b str>,
    /// Bid price; 0 means that there is no active bid.
    #[serde(rename = "bp", borrow)]
    pub bid_price: Number<'b>,
    /// Bid size in shares.
    #[serde(rename = "bs", borrow)]
    pub bid_size: Option<Number<'b>>,
    /// Bid exchange, one letter.
    #[serde(rename = "bx")]
    pub bid_exchange: Option<&'b str>,
    /// Conditions: a list of texts for stocks, one text for options.
    #[serde(rename = "c", borrow)]
    pub conditions: Option<Raw<'b>>,
    /// When, RFC 3339 with nanoseconds.
    #[serde(rename = "t")]
    pub timestamp: &'b str,
    /// Tape, one letter.
    #[serde(rename = "z")]
    pub tape: Option<&'b str>,
}

impl<'b> LatestQuote<'b> {
    /// Reads the answer of [`latest_quote`](crate::request::market_data::latest_quote), as
    /// [`Reply::json`] does.
    ///
    /// # Errors
    /// [`ReplyError`] when the answer is no success, no JSON, or no quote.
    pub fn of(reply: &Reply<'b>) -> Result<Self, ReplyError> {
        Self::parse(reply.success().map_err(ReplyError::Refused)?)
    }

    /// Reads the body of a success.
    ///
    /// # Errors
    /// [`ReplyError::Json`] or [`ReplyError::Type`].
    pub fn parse(body: &'b [u8]) -> Result<Self, ReplyError> {
        json::from_slice(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn a_quote_without_its_prices_symbol_or_time_is_refused() {
        for quote in [
            r#"{}"#,
            r#"{"ap":1,"bp":1}"#,
            r#"{"ap":1,"t":"x"}"#,
            r#"{"bp":1,"t":"x"}"#,
            r#"{"ap":"1","bp":1,"t":"x"}"#,
            r#"{"ap":null,"bp":1,"t":"x"}"#,
            r#"{"ap":1,"ap":2,"bp":1,"t":"x"}"#,
            r#"{"ap":1,"bp":1,"as":"2","t":"x"}"#,
            r#"{"ap":1,"bp":1,"t":7}"#,
            r#"{"x":{"ap":1,"bp":1},"t":"x"}"#,
            "[1]",
            "7",
        ] {
            let body = format!(r#"{{"symbol":"AAPL","quote":{quote}}}"#);
            assert!(LatestQuote::parse(body.as_bytes()).is_err(), "{body}");
        }
        let quote = r#"{"ap":1,"bp":1,"t":"x"}"#;
        for body in [
            format!(r#"{{"quote":{quote}}}"#),
            format!(r#"{{"symbol":"A","quotes":{quote}}}"#),
            format!(r#"{{"symbol":"A","quote":{quote},"quote":{quote}}}"#),
            format!(r#"{{"symbol":"A","quote":{quote}}} "#).repeat(2),
            format!(r#"{{"symbol":"A","quote":{quote}"#),
            quote.into(),
        ] {
            assert!(LatestQuote::parse(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn the_published_quote_is_read_to_the_letter() {
        let body = br#"{"symbol":"AAPL","currency":"USD","quote":{"ap":387.70,"as":1,"ax":"C",
            "bp":387.67,"bs":12.5,"bx":"N","c":["R"],"t":"2021-02-06T13:35:08.946977536Z","z":"C"}}"#;
        let LatestQuote {
            symbol,
            currency,
            quote,
        } = LatestQuote::parse(body).unwrap();
        assert_eq!((symbol, currency), ("AAPL", Some("USD")));
        assert_eq!(quote.ask_price.text(), "387.70");
        assert_eq!(quote.bid_price.text(), "387.67");
        assert_eq!(quote.ask_size.map(|size| size.text()), Some("1"));
        assert_eq!(quote.bid_size.map(|size| size.text()), Some("12.5"));
        assert_eq!((quote.ask_exchange, quote.tape), (Some("C"), Some("C")));
        assert_eq!(quote.bid_exchange, Some("N"));
        assert_eq!(quote.timestamp, "2021-02-06T13:35:08.946977536Z");
    }

    #[test]
    fn a_price_that_no_float_can_hold_is_kept() {
        let body =
            br#"{"symbol":"A","quote":{"ap":0.10000000000000000001,"bp":0,"t":"x","new":{"ap":1}}}"#;
        let quote = LatestQuote::parse(body).unwrap().quote;
        assert_eq!(quote.ask_price.text(), "0.10000000000000000001");
        assert_eq!(quote.bid_price.text(), "0");
        let body = br#"{"symbol":"A","quote":{"ap":8.12e-06,"bp":1E2,"t":"x"}}"#;
        let quote = LatestQuote::parse(body).unwrap().quote;
        assert_eq!(quote.ask_price.to_fixed(8), Ok(812));
        assert_eq!(quote.bid_price.to_fixed(0), Ok(100));
    }
}
