//! A strict check that bytes are JSON (RFC 8259), before any typed reading.
//!
//! The check is a loop with constant memory: it bounds the depth, and refuses everything that is not
//! JSON to the letter. What it has accepted is then walked over by a cursor that looks for ends only.

use core::fmt;

use super::json::machine::{Event, Machine};

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
    let (mut machine, mut rest) = (Machine::new(), input);
    loop {
        let (taken, event) = machine.advance(rest, 0)?;
        rest = rest.get(taken..).unwrap_or_default();
        if event == Event::More {
            return machine.finish();
        }
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
pub(crate) struct Members<'b>(Cursor<'b>);

/// Checks that `input` is one JSON object, and gives its members.
pub(crate) fn members(input: &[u8]) -> Result<Members<'_>, JsonShapeError> {
    check(input)?;
    let text = core::str::from_utf8(input).map_err(|_| JsonShapeError::Utf8)?;
    let mut cursor = Cursor::new(text);
    if cursor.take(b'{') {
        Ok(Members(cursor))
    } else {
        Err(JsonShapeError::Syntax)
    }
}

impl<'b> Iterator for Members<'b> {
    type Item = (&'b [u8], &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let cursor = &mut self.0;
        cursor.take(b',');
        let name = cursor.string()?.as_bytes();
        cursor.take(b':');
        Some((name, cursor.value()?.as_bytes()))
    }
}

/// What stands between the quotes of a string, escapes as they are; `None` for another value.
pub(crate) fn unquoted(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// Walks over text that [`check`] has accepted, so it looks for ends only.
pub(crate) struct Cursor<'b> {
    rest: &'b str,
}

impl<'b> Cursor<'b> {
    /// A cursor at the start of checked text.
    pub(crate) const fn new(checked: &'b str) -> Self {
        Self { rest: checked }
    }

    /// The next byte that is no blank.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.rest.as_bytes().first()? {
                b' ' | b'\t' | b'\r' | b'\n' => self.skip(1),
                byte => return Some(*byte),
            }
        }
    }

    /// Goes over the next byte that is no blank if it is this one.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.skip(1);
        }
        found
    }

    /// What stands between the quotes of the string that comes next; `None` for another value.
    pub(crate) fn string(&mut self) -> Option<&'b str> {
        if self.peek()? != b'"' {
            return None;
        }
        let end = end_of_string(self.rest.as_bytes())?;
        let (string, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        string.get(1..string.len().saturating_sub(1))
    }

    /// The text of the value that comes next, however deep.
    pub(crate) fn value(&mut self) -> Option<&'b str> {
        let first = self.peek()?;
        let bytes = self.rest.as_bytes();
        let end = match first {
            b'"' => end_of_string(bytes)?,
            b'{' | b'[' => end_of_container(bytes)?,
            _ => {
                let bound =
                    |b: &u8| matches!(*b, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\r' | b'\n');
                bytes.iter().position(bound).unwrap_or(bytes.len())
            }
        };
        let (value, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(value)
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}

/// Where the string ends that `text` begins with.
fn end_of_string(text: &[u8]) -> Option<usize> {
    let mut at = 1_usize;
    loop {
        let rest = text.get(at..)?;
        let found = rest.iter().position(|b| matches!(*b, b'"' | b'\\'))?;
        let width = if rest.get(found) == Some(&b'"') { 1 } else { 2 };
        at = at.saturating_add(found).saturating_add(width);
        if width == 1 {
            return Some(at);
        }
    }
}

/// Where the array or object ends that `text` begins with.
fn end_of_container(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0_usize, 0_u32);
    loop {
        let rest = text.get(at..)?;
        let bound = |b: &u8| matches!(*b, b'"' | b'{' | b'[' | b'}' | b']');
        let found = rest.iter().position(bound)?;
        let rest = rest.get(found..)?;
        let width = match rest.first()? {
            b'"' => end_of_string(rest)?,
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                1
            }
            _ => {
                depth = depth.saturating_sub(1);
                1
            }
        };
        at = at.saturating_add(found).saturating_add(width);
        if depth == 0 {
            return Some(at);
        }
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
            ("\"\\ud800\"", E::Token),
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
