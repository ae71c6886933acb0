//! The request target: path and query, percent-encoded into a fixed buffer.

use super::RequestError;
use crate::http::decimal;

/// Longest target, in bytes.
pub const TARGET_MAX: usize = 2048;

const UPPER_HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Builds a target in at most `N` bytes. Whatever is added is percent-encoded.
///
/// An overflow is an error and leaves the target as it was, so a request is never cut short.
///
/// ```
/// use alpaca_auth::request::{RequestError, TargetBuffer};
///
/// let mut target = TargetBuffer::<64>::new("/v1beta3/crypto/us/latest")?;
/// target.segment("trades")?.query("symbols", "BTC/USD")?;
/// assert_eq!(target.text(), "/v1beta3/crypto/us/latest/trades?symbols=BTC%2FUSD");
/// let refused = target.query("page_token", "does not fit any more").err();
/// assert_eq!(refused, Some(RequestError::TargetTooLong));
/// # Ok::<(), RequestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TargetBuffer<const N: usize> {
    text: heapless::String<N>,
    has_query: bool,
}

impl<const N: usize> TargetBuffer<N> {
    /// Starts with `path`, which stands on the wire as it is.
    ///
    /// # Errors
    /// [`RequestError`] when `path` is not absolute, not encoded, holds a query, or does not fit.
    pub fn new(path: &str) -> Result<Self, RequestError> {
        check(path)?;
        if path.contains('?') {
            return Err(RequestError::TargetNotEncoded);
        }
        let text = heapless::String::try_from(path).map_err(|_| RequestError::TargetTooLong)?;
        Ok(Self {
            text,
            has_query: false,
        })
    }

    /// Adds `/` and one path segment, encoded: a `/` inside it becomes `%2F`.
    ///
    /// # Errors
    /// [`RequestError`] when the segment is empty, `.` or `..`, comes after a query, or does not
    /// fit; the target is unchanged then.
    pub fn segment(&mut self, segment: &str) -> Result<&mut Self, RequestError> {
        if self.has_query {
            return Err(RequestError::SegmentAfterQuery);
        }
        if matches!(segment, "" | "." | "..") {
            return Err(RequestError::SegmentEmpty);
        }
        self.all_or_nothing(|text| {
            text.push('/').map_err(|_| RequestError::TargetTooLong)?;
            encode(text, segment)
        })
    }

    /// Adds `name=value` to the query, both encoded.
    ///
    /// # Errors
    /// [`RequestError::TargetTooLong`] when it does not fit; the target is unchanged then.
    pub fn query(&mut self, name: &str, value: &str) -> Result<&mut Self, RequestError> {
        let separator = if self.has_query { '&' } else { '?' };
        self.all_or_nothing(|text| {
            text.push(separator)
                .map_err(|_| RequestError::TargetTooLong)?;
            encode(text, name)?;
            text.push('=').map_err(|_| RequestError::TargetTooLong)?;
            encode(text, value)
        })?;
        self.has_query = true;
        Ok(self)
    }

    /// Becomes `template` with a value for each `{parameter}`, and the query. After an error it is
    /// what fitted.
    pub(super) fn fill(
        &mut self,
        template: &str,
        parameters: &[&str],
        query: &[(&str, &str)],
    ) -> Result<(), RequestError> {
        self.text.clear();
        self.has_query = false;
        let mut values = parameters.iter();
        // Literals and names take turns. Split by a set of characters, because the search for a
        // single one has a branch to a panic.
        for (at, piece) in template.split(['{', '}']).enumerate() {
            if at % 2 == 0 {
                self.text
                    .push_str(piece)
                    .map_err(|_| RequestError::TargetTooLong)?;
                continue;
            }
            let value = values.next().ok_or(RequestError::ParameterCount)?;
            if matches!(*value, "" | "." | "..") {
                return Err(RequestError::SegmentEmpty);
            }
            encode(&mut self.text, value)?;
        }
        if values.next().is_some() {
            return Err(RequestError::ParameterCount);
        }
        for (name, value) in query {
            self.query(name, value)?;
        }
        Ok(())
    }

    /// Adds `name=value` if there is a value.
    pub(super) fn maybe(
        &mut self,
        name: &str,
        value: Option<&str>,
    ) -> Result<&mut Self, RequestError> {
        match value {
            Some("") => Err(RequestError::QueryValue),
            Some(value) => self.query(name, value),
            None => Ok(self),
        }
    }

    /// Adds `name=value` if there is a value, which must be 1 to `most`.
    pub(super) fn count(
        &mut self,
        name: &str,
        value: Option<u16>,
        most: u16,
    ) -> Result<&mut Self, RequestError> {
        match value {
            Some(value) if value == 0 || value > most => Err(RequestError::QueryValue),
            Some(value) => self.query(name, &decimal(usize::from(value))),
            None => Ok(self),
        }
    }

    /// Adds `name=true` or `name=false` if there is a value.
    pub(super) fn flag(
        &mut self,
        name: &str,
        value: Option<bool>,
    ) -> Result<&mut Self, RequestError> {
        let word = |value| if value { "true" } else { "false" };
        self.maybe(name, value.map(word))
    }

    /// Adds `name=one,two,…` if there are any. None may be empty or hold a comma.
    pub(super) fn list(&mut self, name: &str, values: &[&str]) -> Result<&mut Self, RequestError> {
        let Some((first, rest)) = values.split_first() else {
            return Ok(self);
        };
        if values.iter().any(|v| v.is_empty() || v.contains(',')) {
            return Err(RequestError::QueryValue);
        }
        self.query(name, first)?;
        self.all_or_nothing(|text| {
            rest.iter().try_for_each(|value| {
                encode(text, ",")?;
                encode(text, value)
            })
        })
    }

    /// The target so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn all_or_nothing(
        &mut self,
        write: impl FnOnce(&mut heapless::String<N>) -> Result<(), RequestError>,
    ) -> Result<&mut Self, RequestError> {
        let before = self.text.len();
        match write(&mut self.text) {
            Ok(()) => Ok(self),
            Err(error) => {
                // Not `truncate`, which panics inside a character; here all are ASCII.
                while self.text.len() > before {
                    self.text.pop();
                }
                Err(error)
            }
        }
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode<const N: usize>(out: &mut heapless::String<N>, text: &str) -> Result<(), RequestError> {
    for byte in text.bytes() {
        let pushed = if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte))
        } else {
            let digit = |nibble: u8| {
                char::from(
                    UPPER_HEX
                        .get(usize::from(nibble & 15))
                        .copied()
                        .unwrap_or(b'0'),
                )
            };
            out.push('%')
                .and_then(|()| out.push(digit(byte >> 4)))
                .and_then(|()| out.push(digit(byte)))
        };
        pushed.map_err(|_| RequestError::TargetTooLong)?;
    }
    Ok(())
}

/// Accepts origin-form (RFC 9112 §3.2.1): one leading `/`, RFC 3986's path and query characters.
pub(super) fn check(target: &str) -> Result<(), RequestError> {
    if !target.starts_with('/') || target.starts_with("//") {
        return Err(RequestError::TargetNotAbsolute);
    }
    if target.len() > TARGET_MAX {
        return Err(RequestError::TargetTooLong);
    }
    let mut bytes = target.bytes();
    while let Some(byte) = bytes.next() {
        let allowed = match byte {
            b'%' => {
                let mut is_hex = || bytes.next().is_some_and(|b| b.is_ascii_hexdigit());
                is_hex() && is_hex()
            }
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte),
        };
        if !allowed {
            return Err(RequestError::TargetNotEncoded);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_could_change_the_request_is_refused() {
        for (target, error) in [
            ("", RequestError::TargetNotAbsolute),
            ("v2/account", RequestError::TargetNotAbsolute),
            ("//evil.example/v2/account", RequestError::TargetNotAbsolute),
            ("https://evil.example/", RequestError::TargetNotAbsolute),
            (
                "/v2/account HTTP/1.1\r\nX: y",
                RequestError::TargetNotEncoded,
            ),
            ("/v2/a ccount", RequestError::TargetNotEncoded),
            ("/v2/account\n", RequestError::TargetNotEncoded),
            ("/v2/account#x", RequestError::TargetNotEncoded),
            ("/v2/\0", RequestError::TargetNotEncoded),
            ("/v2/ä", RequestError::TargetNotEncoded),
            ("/v2/\"", RequestError::TargetNotEncoded),
            ("/v2/%", RequestError::TargetNotEncoded),
            ("/v2/%2", RequestError::TargetNotEncoded),
            ("/v2/%2g", RequestError::TargetNotEncoded),
            ("/v2/\\", RequestError::TargetNotEncoded),
        ] {
            assert_eq!(check(target), Err(error), "{target:?}");
        }
        assert_eq!(
            check("/v2/orders:by_client_order_id?client_order_id=%2F"),
            Ok(())
        );
    }

    #[test]
    fn a_segment_cannot_leave_its_place() {
        let mut target = TargetBuffer::<64>::new("/v2/orders").unwrap();
        for segment in ["", ".", ".."] {
            assert_eq!(
                target.segment(segment).err(),
                Some(RequestError::SegmentEmpty)
            );
        }
        target.segment("../../v1?x=y#z").unwrap();
        assert_eq!(target.text(), "/v2/orders/..%2F..%2Fv1%3Fx%3Dy%23z");
        target.query("a", "b").unwrap();
        assert_eq!(
            target.segment("c").err(),
            Some(RequestError::SegmentAfterQuery)
        );
    }

    #[test]
    fn an_overflow_leaves_the_target_as_it_was() {
        let mut target = TargetBuffer::<16>::new("/v2/orders").unwrap();
        for _ in 0..2 {
            assert_eq!(
                target.query("a", "\u{20ac}").err(),
                Some(RequestError::TargetTooLong)
            );
            assert_eq!(
                target.segment("1234567").err(),
                Some(RequestError::TargetTooLong)
            );
            assert_eq!(target.text(), "/v2/orders");
        }
        assert!(target.query("a", "%").is_ok());
        assert_eq!(target.text(), "/v2/orders?a=%25");
        assert!(TargetBuffer::<4>::new("/v2/orders").is_err());
        assert!(TargetBuffer::<64>::new("/v2/orders?x=y").is_err());
    }

    #[test]
    fn a_template_takes_exactly_its_values_and_none_that_leaves_its_place() {
        let mut target = TargetBuffer::<64>::new("/").unwrap();
        let mut fill = |template, values: &[&str], query: &[(&str, &str)]| {
            let filled = target.fill(template, values, query);
            filled.map(|()| std::string::String::from(target.text()))
        };
        let template = "/v2/lists/{list_id}/{symbol}";
        let count = Err(RequestError::ParameterCount);
        assert_eq!(fill(template, &[], &[]), count);
        assert_eq!(fill(template, &["1"], &[]), count);
        assert_eq!(fill(template, &["1", "2", "3"], &[]), count);
        assert_eq!(fill("/v2/clock", &["1"], &[]), count);
        for value in ["", ".", ".."] {
            let refused = Err(RequestError::SegmentEmpty);
            assert_eq!(fill(template, &[value, "2"], &[]), refused);
            assert_eq!(fill(template, &["1", value], &[]), refused);
        }
        let long = "x".repeat(60);
        let too_long = Err(RequestError::TargetTooLong);
        assert_eq!(fill(template, &[&long, "2"], &[]), too_long);
        assert_eq!(fill(template, &["1", "2"], &[("q", &long)]), too_long);
        assert_eq!(
            fill(
                template,
                &["a/b", "BTC/USD"],
                &[("a b", "{c}"), ("d", "&=#")]
            )
            .unwrap(),
            "/v2/lists/a%2Fb/BTC%2FUSD?a%20b=%7Bc%7D&d=%26%3D%23"
        );
        assert_eq!(
            fill("/v2/{symbol}/bars/latest", &["../x"], &[]).unwrap(),
            "/v2/..%2Fx/bars/latest"
        );
    }
}
