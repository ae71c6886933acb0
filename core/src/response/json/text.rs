//! [`Text`]: what people write, with JSON's escapes until it is read.

use core::fmt;
use core::iter::FusedIterator;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text as it stands between its quotes, escapes included. Reading it unescapes it.
///
/// ```
/// use alpaca_auth::response::json::Text;
/// let name = Text::escaped(r"AT\u0026T \ud83d\ude00");
/// assert_eq!(name.escaped_text(), r"AT\u0026T \ud83d\ude00");
/// assert!(name.chars().eq("AT&T 😀".chars()));
/// assert_eq!(name, "AT&T 😀");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'b>(&'b str);

impl<'b> Text<'b> {
    /// A text that has JSON's escapes. Any is accepted: see [`chars`](Self::chars).
    #[must_use]
    pub const fn escaped(text: &'b str) -> Self {
        Self(text)
    }

    /// The text as it was sent, with its escapes.
    #[must_use]
    pub const fn escaped_text(&self) -> &'b str {
        self.0
    }

    /// The characters that the text means. What is no escape of JSON, which a checked body cannot hold, and half a
    /// surrogate pair give U+FFFD.
    #[must_use]
    pub fn chars(&self) -> Characters<'b> {
        Characters(self.0.chars())
    }
}

/// Prints what the text means, control and format characters as blanks: it is the server's, and could drive a
/// terminal.
impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|c| write_printable(f, c))
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl<'de: 'b, 'b> Deserialize<'de> for Text<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'b str>::deserialize(deserializer).map(Self)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// The characters of a [`Text`], unescaped.
#[derive(Clone, Debug)]
pub struct Characters<'b>(core::str::Chars<'b>);

impl Characters<'_> {
    fn escape(&mut self) -> Option<char> {
        Some(match self.0.next()? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.hex()?;
                if !(0xd800..=0xdbff).contains(&high) {
                    return char::from_u32(high);
                }
                let mut ahead = self.clone();
                if (ahead.0.next()?, ahead.0.next()?) != ('\\', 'u') {
                    return None;
                }
                let low = ahead.hex().filter(|low| (0xdc00..=0xdfff).contains(low))?;
                *self = ahead;
                let pair = (high & 0x3ff) << 10 | low & 0x3ff;
                return char::from_u32(pair.saturating_add(0x1_0000));
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |value, _| {
            Some(value << 4 | self.0.next()?.to_digit(16)?)
        })
    }
}

impl Iterator for Characters<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self.0.next()? {
            '\\' => Some(self.escape().unwrap_or(char::REPLACEMENT_CHARACTER)),
            c => Some(c),
        }
    }
}

impl FusedIterator for Characters<'_> {}

/// A control character could drive the reader's terminal, a format character could reorder text.
fn write_printable(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    let hidden = c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    fmt::Write::write_char(f, if hidden { ' ' } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    #[test]
    fn what_is_no_escape_is_marked_and_the_rest_is_read() {
        for (escaped, meant) in [
            (r"\x", "\u{fffd}"),
            (r"a\", "a\u{fffd}"),
            (r"\u12", "\u{fffd}"),
            (r"\u12g4!", "\u{fffd}4!"),
            (r"\ud800", "\u{fffd}"),
            (r"\ud800x", "\u{fffd}x"),
            (r"\ud800\n", "\u{fffd}\n"),
            (r"\ud800\u0041", "\u{fffd}A"),
            (r"\udc00", "\u{fffd}"),
            (r"\ud83d\ude00", "😀"),
            (r#"\"\\\/\b\f\n\r\tä"#, "\"\\/\u{8}\u{c}\n\r\tä"),
            (r"\u0000\uFFFF", "\0\u{ffff}"),
        ] {
            let text = Text::escaped(escaped);
            assert_eq!(text.chars().collect::<String>(), meant, "{escaped}");
            assert_eq!(text, meant);
        }
        assert_ne!(Text::escaped("a"), "ab");
        assert_ne!(Text::escaped("ab"), "a");
    }

    #[test]
    fn a_text_cannot_drive_the_terminal() {
        assert_eq!(Text::escaped(r"a\u001b[2J\u202eb").to_string(), "a [2J b");
    }
}
