//! [`Clock`]: the reply of `GET /v2/clock`.

use serde::{Deserialize, Serialize};

/// Whether the market is open, and when that changes. Unknown fields are accepted.
///
/// Times are RFC 3339 with New York's offset. Alpaca's OpenAPI file (2026-08) has all four fields
/// in every reply; only `is_open` is insisted on.
///
/// ```
/// use alpaca_auth::response::Clock;
/// let (clock, _) = serde_json_core::from_str::<Clock>(
///     r#"{"is_open":true,"next_close":"2025-06-24T16:00:00-04:00","phase":{"new":1}}"#,
/// )?;
/// assert!(clock.is_open);
/// assert_eq!(clock.next_close, Some("2025-06-24T16:00:00-04:00"));
/// assert_eq!(clock.timestamp, None);
/// # Ok::<(), serde_json_core::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Clock<'b> {
    /// Whether the market is open now.
    pub is_open: bool,
    /// The server's time.
    pub timestamp: Option<&'b str>,
    /// When the market opens next.
    pub next_open: Option<&'b str>,
    /// When the market closes next.
    pub next_close: Option<&'b str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_does_not_say_whether_it_is_open_is_refused() {
        for text in [
            "{}",
            r#"{"is_open":null}"#,
            r#"{"is_open":"true"}"#,
            r#"{"is_open":1}"#,
            r#"{"is_open":true,"timestamp":1750788922}"#,
            r#"{"is_open":true,"is_open":false}"#,
            "[true]",
        ] {
            assert!(serde_json_core::from_str::<Clock>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_published_clock_is_read_whole() {
        let text = r#"{"timestamp":"2025-06-24T14:15:22-04:00","is_open":true,
            "next_open":"2025-06-25T09:30:00-04:00","next_close":"2025-06-24T16:00:00-04:00"}"#;
        let (clock, _) = serde_json_core::from_str::<Clock>(text).unwrap();
        assert_eq!(clock.timestamp, Some("2025-06-24T14:15:22-04:00"));
        assert_eq!(clock.next_open, Some("2025-06-25T09:30:00-04:00"));
        assert_eq!(clock.next_close, Some("2025-06-24T16:00:00-04:00"));
    }
}
