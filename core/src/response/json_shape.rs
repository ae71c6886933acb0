//! A strict check that bytes are JSON (RFC 8259), before any typed reading.
//!
//! `serde-json-core` recurses over values it ignores and skips what it takes for their end. This
//! check is a loop with constant memory: it bounds the depth, and with it the stack, and refuses
//! everything that is not JSON to the letter.

use core::fmt;

/// Deepest nesting of arrays and objects. Alpaca's replies have 6.
pub const DEPTH_MAX: u32 = 32;

/// Why bytes are no acceptable JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonShapeError {
    /// The text ends before the value does. It was cut off.
    Truncated,
    /// Something stands where JSON does not allow it. It may be HTML.
    Syntax,
    /// A string or number breaks the grammar: a control character, an escape, a leading zero.
    Token,
    /// Not UTF-8.
    Utf8,
    /// Nested deeper than [`DEPTH_MAX`].
    TooDeep,
    /// Something follows the value.
    Trailing,
}

impl fmt::Display for JsonShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "it ends too early",
            Self::Syntax => "it is no JSON",
            Self::Token => "a string or number is malformed",
            Self::Utf8 => "it is not UTF-8",
            Self::TooDeep => "it is nested deeper than 32",
            Self::Trailing => "something follows the value",
        })
    }
}

impl core::error::Error for JsonShapeError {}

/// Checks that `input` is exactly one JSON value.
///
/// ```
/// use alpaca_auth::response::json_shape::{JsonShapeError, check};
/// assert_eq!(check(br#"{"a":[1,-2.5e3,"\u00e4",null]}"#), Ok(()));
/// assert_eq!(check(b"{\"a\":"), Err(JsonShapeError::Truncated));
/// assert_eq!(check(b"<html>"), Err(JsonShapeError::Syntax));
/// assert_eq!(check(&[b'['; 1000]), Err(JsonShapeError::TooDeep));
/// ```
///
/// # Errors
/// [`JsonShapeError`] names the first thing that is wrong.
pub fn check(input: &[u8]) -> Result<(), JsonShapeError> {
    let text = core::str::from_utf8(input).map_err(|_| JsonShapeError::Utf8)?;
    let mut scanner = Scanner {
        rest: text.as_bytes(),
    };
    scanner.value()?;
    scanner.blanks();
    match scanner.rest {
        [] => Ok(()),
        _ => Err(JsonShapeError::Trailing),
    }
}

/// The bytes of the member `name` of an object. A number keeps its text.
///
/// `None` if `object` is not exactly one JSON object, has no such member, or has it twice. A name that is written
/// with escapes is another name.
///
/// ```
/// use alpaca_auth::response::json_shape::member;
/// let object = br#"{"quote":{"ap":231.50,"x":[{"ap":1}]}}"#;
/// let quote = member(object, "quote").unwrap();
/// assert_eq!(member(quote, "ap"), Some(&b"231.50"[..]));
/// assert_eq!(member(object, "ap"), None);
/// ```
#[must_use]
pub fn member<'b>(object: &'b [u8], name: &str) -> Option<&'b [u8]> {
    let members = members(object).ok()?;
    let mut named = members.filter(|(found, _)| *found == name.as_bytes());
    let (_, value) = named.next()?;
    named.next().is_none().then_some(value)
}

/// The members of an object, as name and value stand there, the name without its quotes.
pub(crate) struct Members<'b>(Scanner<'b>);

/// Checks that `input` is one JSON object, and gives its members.
pub(crate) fn members(input: &[u8]) -> Result<Members<'_>, JsonShapeError> {
    check(input)?;
    let mut scanner = Scanner { rest: input };
    scanner.blanks();
    match scanner.next()? {
        b'{' => Ok(Members(scanner)),
        _ => Err(JsonShapeError::Syntax),
    }
}

impl<'b> Iterator for Members<'b> {
    type Item = (&'b [u8], &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let scanner = &mut self.0;
        scanner.blanks();
        if scanner.peek().ok()? == b',' {
            scanner.skip(1);
            scanner.blanks();
        }
        if scanner.peek().ok()? != b'"' {
            return None;
        }
        let name = scanner.span(Scanner::string)?;
        scanner.blanks();
        scanner.skip(1);
        scanner.blanks();
        Some((unquoted(name)?, scanner.span(Scanner::value)?))
    }
}

/// What stands between the quotes of a string, escapes as they are; `None` for another value.
pub(crate) fn unquoted(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

struct Scanner<'b> {
    rest: &'b [u8],
}

impl<'b> Scanner<'b> {
    /// The bytes that `take` goes over.
    fn span(&mut self, take: fn(&mut Self) -> Result<(), JsonShapeError>) -> Option<&'b [u8]> {
        let before = self.rest;
        take(self).ok()?;
        before.get(..before.len().saturating_sub(self.rest.len()))
    }

    fn peek(&self) -> Result<u8, JsonShapeError> {
        self.rest.first().copied().ok_or(JsonShapeError::Truncated)
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn next(&mut self) -> Result<u8, JsonShapeError> {
        let byte = self.peek()?;
        self.skip(1);
        Ok(byte)
    }

    fn blanks(&mut self) {
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// One value, however deep.
    fn value(&mut self) -> Result<(), JsonShapeError> {
        // One bit per open container, the innermost lowest: is it an object?
        let (mut objects, mut depth) = (0_u32, 0_u32);
        loop {
            // A value stands here.
            self.blanks();
            match self.peek()? {
                open @ (b'{' | b'[') => {
                    if depth >= DEPTH_MAX {
                        return Err(JsonShapeError::TooDeep);
                    }
                    self.skip(1);
                    let is_object = open == b'{';
                    self.blanks();
                    if self.peek()? == if is_object { b'}' } else { b']' } {
                        self.skip(1);
                    } else {
                        depth = depth.saturating_add(1);
                        objects = objects << 1 | u32::from(is_object);
                        if is_object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                b'"' => self.string()?,
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => return Err(JsonShapeError::Syntax),
            }
            // A value has ended: close containers until one goes on.
            loop {
                if depth == 0 {
                    return Ok(());
                }
                self.blanks();
                let in_object = objects & 1 == 1;
                match (self.peek()?, in_object) {
                    (b',', _) => {
                        self.skip(1);
                        if in_object {
                            self.blanks();
                            self.name()?;
                        }
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.skip(1);
                        depth = depth.saturating_sub(1);
                        objects >>= 1;
                    }
                    _ => return Err(JsonShapeError::Syntax),
                }
            }
        }
    }

    /// A member's name and the colon after it.
    fn name(&mut self) -> Result<(), JsonShapeError> {
        if self.peek()? != b'"' {
            return Err(JsonShapeError::Syntax);
        }
        self.string()?;
        self.blanks();
        match self.next()? {
            b':' => Ok(()),
            _ => Err(JsonShapeError::Syntax),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), JsonShapeError> {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None if word.starts_with(self.rest) => Err(JsonShapeError::Truncated),
            None => Err(JsonShapeError::Syntax),
        }
    }

    fn string(&mut self) -> Result<(), JsonShapeError> {
        self.skip(1);
        loop {
            let special = |b: &u8| *b < b' ' || *b == b'"' || *b == b'\\';
            let plain = self.rest.iter().position(special);
            self.skip(plain.ok_or(JsonShapeError::Truncated)?);
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => self.escape()?,
                _ => return Err(JsonShapeError::Token),
            }
        }
    }

    /// What follows a backslash. A surrogate must be half of a pair.
    fn escape(&mut self) -> Result<(), JsonShapeError> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.hex()? {
                0xd800..=0xdbff => match (self.next()?, self.next()?, self.hex()?) {
                    (b'\\', b'u', 0xdc00..=0xdfff) => Ok(()),
                    _ => Err(JsonShapeError::Token),
                },
                0xdc00..=0xdfff => Err(JsonShapeError::Token),
                _ => Ok(()),
            },
            _ => Err(JsonShapeError::Token),
        }
    }

    fn hex(&mut self) -> Result<u32, JsonShapeError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = char::from(self.next()?).to_digit(16);
            value = value << 4 | digit.ok_or(JsonShapeError::Token)?;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<(), JsonShapeError> {
        if self.peek()? == b'-' {
            self.skip(1);
        }
        if self.peek()? == b'0' {
            self.skip(1);
            if matches!(self.rest, [b'0'..=b'9', ..]) {
                return Err(JsonShapeError::Token);
            }
        } else {
            self.digits()?;
        }
        if let [b'.', ..] = self.rest {
            self.skip(1);
            self.digits()?;
        }
        if let [b'e' | b'E', ..] = self.rest {
            self.skip(1);
            if let [b'+' | b'-', ..] = self.rest {
                self.skip(1);
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonShapeError> {
        if !self.next()?.is_ascii_digit() {
            return Err(JsonShapeError::Token);
        }
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn a_member_is_found_once_and_in_its_own_object_or_not_at_all() {
        for (object, value) in [
            ("", None),
            ("7", None),
            ("[\"a\",1]", None),
            ("{}", None),
            ("{\"b\":1}", None),
            ("{\"ab\":1}", None),
            ("{\"b\":\"a\"}", None),
            ("{\"b\":{\"a\":1}}", None),
            ("{\"a\":1,\"a\":2}", None),
            ("{\"\\u0061\":1}", None),
            ("{\"a\":1", None),
            ("{\"a\":1;", None),
            ("{\"a\":", None),
            ("{\"a\"}", None),
            ("{\"a\":1.50}", Some("1.50")),
            (" { \"b\" : [{\"a\":2}] , \"a\" : -1e5 } ", Some("-1e5")),
            ("{\"a\":{\"x\":[ ]},\"b\":0}", Some("{\"x\":[ ]}")),
        ] {
            let found = member(object.as_bytes(), "a");
            assert_eq!(found, value.map(str::as_bytes), "{object}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_by_name() {
        use JsonShapeError as E;
        for (text, error) in [
            ("", E::Truncated),
            (" ", E::Truncated),
            ("{", E::Truncated),
            ("[1,", E::Truncated),
            ("\"a", E::Truncated),
            ("tru", E::Truncated),
            ("-", E::Truncated),
            ("1.", E::Truncated),
            ("{\"a\"", E::Truncated),
            ("\"\\", E::Truncated),
            ("\"\\u12", E::Truncated),
            ("x", E::Syntax),
            ("<html>", E::Syntax),
            ("{a:1}", E::Syntax),
            ("{1:1}", E::Syntax),
            ("[,1]", E::Syntax),
            ("[1,]", E::Syntax),
            ("{\"a\":1,}", E::Syntax),
            ("[1 2]", E::Syntax),
            ("{\"a\" 1}", E::Syntax),
            ("[1}", E::Syntax),
            ("{\"a\":1]", E::Syntax),
            ("trux", E::Syntax),
            ("NaN", E::Syntax),
            ("+1", E::Syntax),
            (".5", E::Syntax),
            ("'a'", E::Syntax),
            ("]", E::Syntax),
            ("01", E::Token),
            ("-x", E::Token),
            ("1.x", E::Token),
            ("1e", E::Truncated),
            ("1ex", E::Token),
            ("\"\n\"", E::Token),
            ("\"\\x\"", E::Token),
            ("\"\\u12g4\"", E::Token),
            ("\"\\ud800\"", E::Truncated),
            ("\"\\ud800\\n56789\"", E::Token),
            ("\"\\udc00\"", E::Token),
            ("\"\\ud800\\ud800\"", E::Token),
            ("{} {}", E::Trailing),
            ("1 2", E::Trailing),
            ("null,", E::Trailing),
            ("{}\0", E::Trailing),
        ] {
            assert_eq!(check(text.as_bytes()), Err(error), "{text}");
        }
        assert_eq!(check(b"\"\xff\""), Err(E::Utf8));
        assert_eq!(check(b"\xef\xbb\xbf{}"), Err(E::Syntax));
    }

    #[test]
    fn the_depth_is_bounded_to_the_letter() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(check(nested(32).as_bytes()), Ok(()));
        assert_eq!(check(nested(33).as_bytes()), Err(JsonShapeError::TooDeep));
        let objects = "{\"a\":".repeat(33) + "1" + &"}".repeat(33);
        assert_eq!(check(objects.as_bytes()), Err(JsonShapeError::TooDeep));
        let many: String = core::iter::repeat_n("[[]],", 10_000).collect();
        assert_eq!(check(std::format!("[{many}0]").as_bytes()), Ok(()));
    }

    #[test]
    fn a_special_byte_is_seen_at_every_place_of_a_word() {
        for at in 0..24 {
            for byte in 0..=0x7f_u8 {
                let mut text = std::vec![b'a'; 24];
                text[at] = byte;
                let text = [b"\"", text.as_slice(), b"\""].concat();
                let plain = byte >= 0x20 && byte != b'"' && byte != b'\\';
                assert_eq!(check(&text).is_ok(), plain, "{byte} {at}");
            }
        }
        assert!(check("\"äöüß€𝄞 plain text of some length\"".as_bytes()).is_ok());
    }

    #[test]
    fn good_json_is_accepted() {
        for text in [
            "{}",
            "[]",
            "0",
            "-0",
            "1.50",
            "1e5",
            "1E+5",
            "-1.5e-5",
            "\"\"",
            "true",
            "false",
            "null",
            " { \"a\" : [ 1 , { } , [ ] , \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\" ] } \r\n",
            "[{\"a\":{\"b\":[]}},{\"c\":1},2]",
        ] {
            assert_eq!(check(text.as_bytes()), Ok(()), "{text}");
        }
    }
}
