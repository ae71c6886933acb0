//! Percent-decoding of a query's names and values, strictly.

/// The decoded bytes of a name or value; `None` at a malformed escape or a byte that may not
/// stand in a query.
pub(super) struct Decoded<'t>(core::slice::Iter<'t, u8>);

impl<'t> Decoded<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self(text.iter())
    }

    /// Whether all of it can be decoded.
    pub(super) fn well_formed(mut self) -> bool {
        self.all(|byte| byte.is_some())
    }

    /// Whether it is `name`, however it is spelt.
    pub(super) fn is(self, name: &str) -> bool {
        self.flatten().eq(name.bytes())
    }

    /// Puts it into `place` and returns the length; `None` if it does not fit.
    pub(super) fn put(self, place: &mut [u8]) -> Option<usize> {
        let mut length = 0_usize;
        for byte in self {
            *place.get_mut(length)? = byte?;
            length = length.saturating_add(1);
        }
        Some(length)
    }

    fn escape(&mut self) -> Option<u8> {
        let (high, low) = (hex(*self.0.next()?)?, hex(*self.0.next()?)?);
        Some(high << 4 | low)
    }
}

impl Iterator for Decoded<'_> {
    type Item = Option<u8>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.0.next()? {
            b'%' => self.escape(),
            b'+' => Some(b' '),
            byte @ b'!'..=b'~' if !b"\"#<>\\^`{|}".contains(byte) => Some(*byte),
            _ => None,
        })
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_escapes_raw_bytes_and_overflow_are_refused() {
        let mut place = [0; 4];
        for text in [
            "%", "%4", "%4g", "%-1", "a b", "a\"b", "a#b", "\u{e9}", "a\nb",
        ] {
            let decoded = || Decoded::of(text.as_bytes());
            assert!(!decoded().well_formed(), "{text}");
            assert_eq!(decoded().put(&mut place), None, "{text}");
        }
        assert_eq!(Decoded::of(b"abcde").put(&mut place), None);
        assert_eq!(Decoded::of(b"%41+%2f~").put(&mut place), Some(4));
        assert_eq!(&place, b"A /~");
        assert!(Decoded::of(b"c%6fde").is("code"));
        assert!(!Decoded::of(b"codes").is("code"));
    }
}
