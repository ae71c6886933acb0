//! JSON strings of secret managers, unescaped into memory that is wiped.

#[cfg(any(feature = "aws", feature = "google"))]
use super::DOCUMENT_MAX;
use crate::secret::{Secret, SecretTooLong};

/// The value of a secret on its way from a reply to [`Found`](super::Found).
#[cfg(any(feature = "aws", feature = "google"))]
pub(super) type Document = Secret<DOCUMENT_MAX>;

/// Writes what stands for `quoted`, the inside of a JSON string that was checked.
pub(super) fn unescape<const N: usize>(
    quoted: &[u8],
    out: &mut Secret<N>,
) -> Result<(), SecretTooLong> {
    out.wipe();
    let mut rest = quoted;
    loop {
        let plain = rest.iter().position(|byte| *byte == b'\\');
        let (text, escape) = rest
            .split_at_checked(plain.unwrap_or(rest.len()))
            .unwrap_or_default();
        out.append(text)?;
        let (c, after) = match escape {
            [] => return Ok(()),
            [_, b'u', escape @ ..] => code_point(escape),
            [_, escape, after @ ..] => (simple(*escape), after),
            [_] => return Ok(()),
        };
        let mut utf8 = zeroize::Zeroizing::new([0; 4]);
        out.append(c.encode_utf8(&mut *utf8).as_bytes())?;
        rest = after;
    }
}

fn simple(escape: u8) -> char {
    match escape {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        quote_slash_or_backslash => char::from(quote_slash_or_backslash),
    }
}

/// What follows `\u`: four digits, or a pair of surrogates (RFC 8259 §7).
fn code_point(escape: &[u8]) -> (char, &[u8]) {
    let Some((digits, after)) = escape.split_at_checked(4) else {
        return (char::REPLACEMENT_CHARACTER, &[]);
    };
    let high = unit(digits);
    if let (0xd800..=0xdbff, [b'\\', b'u', a, b, c, d, after @ ..]) = (high, after) {
        let low = unit(&[*a, *b, *c, *d]);
        let pair = (high & 0x3ff) << 10 | low & 0x3ff;
        let c = char::from_u32(pair.saturating_add(0x1_0000));
        return (c.unwrap_or(char::REPLACEMENT_CHARACTER), after);
    }
    let c = char::from_u32(high);
    (c.unwrap_or(char::REPLACEMENT_CHARACTER), after)
}

fn unit(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| {
        value << 4 | char::from(*digit).to_digit(16).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape_is_read_and_what_is_too_long_leaves_nothing() {
        let mut out = Secret::<32>::new();
        unescape(br#"a\"\\\/\b\f\n\r\tz\u003c\u00e4\ud83d\ude00"#, &mut out).unwrap();
        out.expose(|bytes| assert_eq!(bytes, "a\"\\/\u{8}\u{c}\n\r\tz<ä😀".as_bytes()));
        assert!(unescape(&[b'x'; 33], &mut out).is_err());
        assert!(out.is_empty());
        assert!(unescape(br"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\u00e4", &mut out).is_err());
        assert!(out.is_empty());
    }
}
