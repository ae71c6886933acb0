//! The parts of a response head that the library uses: status, limits, request id, dates.

use core::fmt;

use crate::http::{RetryAfter, parse_imf_fixdate};

/// Longest request id kept, in bytes. Alpaca's have 32.
pub const REQUEST_ID_MAX: usize = 64;

/// `X-Request-ID`: what Alpaca's support asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestId(heapless::String<REQUEST_ID_MAX>);

impl RequestId {
    fn parse(value: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(value).ok()?;
        let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if text.is_empty() || !text.bytes().all(safe) {
            return None;
        }
        heapless::String::try_from(text).ok().map(Self)
    }

    /// The id's text: letters, digits, `-`, `_` and `.`, so it is safe to print.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `X-RateLimit-*`: sent with 200 and 429, not with 401 and 403.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Calls allowed per minute.
    pub limit: Option<u32>,
    /// Calls left in this minute.
    pub remaining: Option<u32>,
    /// When the minute ends, in unix seconds.
    pub reset: Option<u64>,
}

/// Status and the header fields that are kept. A transport feeds it every header it receives.
///
/// ```
/// use alpaca_auth::response::ReplyHead;
/// let mut head = ReplyHead::new(200);
/// head.field("x-ratelimit-remaining", b"199");
/// head.field("X-Request-ID", b"0123abcd");
/// assert_eq!(head.limits.remaining, Some(199));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyHead {
    /// Status code, 100 to 599.
    pub status: u16,
    /// Rate limits.
    pub limits: Limits,
    /// `Retry-After`.
    pub retry_after: Option<RetryAfter>,
    /// `X-Request-ID`.
    pub request_id: Option<RequestId>,
    /// `Date`, in unix seconds: the server's clock.
    pub date: Option<u64>,
}

impl ReplyHead {
    /// A head with no header fields yet.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self {
            status,
            limits: Limits {
                limit: None,
                remaining: None,
                reset: None,
            },
            retry_after: None,
            request_id: None,
            date: None,
        }
    }

    /// Keeps the field if it is one of those above and its value is sound; else ignores it.
    pub fn field(&mut self, name: &str, value: &[u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("x-ratelimit-limit") {
            self.limits.limit = number(value).and_then(|n| u32::try_from(n).ok());
        } else if is("x-ratelimit-remaining") {
            self.limits.remaining = number(value).and_then(|n| u32::try_from(n).ok());
        } else if is("x-ratelimit-reset") {
            self.limits.reset = number(value);
        } else if is("x-request-id") {
            self.request_id = RequestId::parse(value);
        } else if is("retry-after") {
            self.retry_after = RetryAfter::parse(value);
        } else if is("date") {
            self.date = parse_imf_fixdate(value);
        }
    }
}

/// Digits only: no sign, no blanks, no overflow.
fn number(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsound_values_are_ignored() {
        let mut head = ReplyHead::new(429);
        for (name, value) in [
            ("X-RateLimit-Limit", &b"-1"[..]),
            ("X-RateLimit-Limit", b"99999999999"),
            ("X-RateLimit-Remaining", b"1 "),
            ("X-RateLimit-Remaining", b""),
            ("X-RateLimit-Reset", b"0x10"),
            ("X-RateLimit-Reset", b"99999999999999999999999"),
            ("X-Request-ID", b"a b"),
            ("X-Request-ID", b"a\x1b[31m"),
            ("X-Request-ID", &[b'a'; 65]),
            ("X-Request-ID", b""),
            ("Retry-After", b"soon"),
            ("Date", b"yesterday"),
        ] {
            head.field(name, value);
        }
        assert_eq!(head, ReplyHead::new(429));
    }

    #[test]
    fn names_are_known_in_any_letter_case() {
        let mut head = ReplyHead::new(200);
        head.field("X-RATELIMIT-LIMIT", b"200");
        head.field("x-ratelimit-reset", b"1700000000");
        head.field("DATE", b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(head.limits.limit, Some(200));
        assert_eq!(head.limits.reset, Some(1_700_000_000));
        assert_eq!(head.date, Some(784_111_777));
    }
}
