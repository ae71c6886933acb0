//! `Authorization: Basic` (RFC 7617 §2): base64 of `key ":" secret`.

use super::AuthField;
use crate::secret::{Secret, SecretTooLong};

#[inline]
pub(crate) const fn field(encoded: &[u8]) -> AuthField<'_> {
    AuthField {
        name: "Authorization",
        prefix: "Basic ",
        line: "\r\nAuthorization: Basic ",
        secret: encoded,
    }
}

/// Bytes of base64 for `length` bytes, padding included.
pub(crate) const fn encoded_length(length: usize) -> usize {
    length.div_ceil(3).saturating_mul(4)
}

/// Writes `base64(key ":" secret)` into `out`.
pub(crate) fn encode<const N: usize>(
    key: &[u8],
    secret: &[u8],
    out: &mut Secret<N>,
) -> Result<(), SecretTooLong> {
    out.wipe();
    let mut bytes = key.iter().chain(b":").chain(secret).copied();
    while let Some(first) = bytes.next() {
        let (second, third) = (bytes.next(), bytes.next());
        let group = u32::from(first) << 16
            | u32::from(second.unwrap_or(0)) << 8
            | u32::from(third.unwrap_or(0));
        let or_pad = |byte: Option<u8>, digit| if byte.is_some() { digit } else { b'=' };
        let mut quad = [
            digit(group >> 18),
            digit(group >> 12),
            or_pad(second, digit(group >> 6)),
            or_pad(third, digit(group)),
        ];
        let appended = out.append(&quad);
        zeroize::Zeroize::zeroize(&mut quad);
        appended?;
    }
    Ok(())
}

/// The digit for the low six bits, without a branch or a table: neither may tell the secret.
const fn digit(group: u32) -> u8 {
    let six = (group & 63).cast_signed();
    // Beyond the end of a range the mask is all ones, and the distance to the next range is added.
    let code = six
        .wrapping_add(65)
        .wrapping_add(beyond(six, 25) & 6)
        .wrapping_sub(beyond(six, 51) & 75)
        .wrapping_sub(beyond(six, 61) & 15)
        .wrapping_add(beyond(six, 62) & 3);
    let [.., low] = code.to_be_bytes();
    low
}

const fn beyond(value: i32, end: i32) -> i32 {
    end.wrapping_sub(value) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(key: &str, secret: &str) -> std::string::String {
        let mut out = Secret::<64>::new();
        encode(key.as_bytes(), secret.as_bytes(), &mut out).unwrap();
        out.expose(|bytes| std::string::String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn the_examples_of_rfc_7617_come_out() {
        assert_eq!(
            encoded("Aladdin", "open sesame"),
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(encoded("test", "123£"), "dGVzdDoxMjPCow==");
    }

    #[test]
    fn every_remainder_is_padded() {
        assert_eq!(encoded("a", ""), "YTo=");
        assert_eq!(encoded("a", "b"), "YTpi");
        assert_eq!(encoded("a", "bc"), "YTpiYw==");
        assert_eq!(encoded("~", "?>"), "fjo/Pg==");
        assert_eq!(encoded("", "\u{3f}\u{3e}"), "Oj8+");
    }

    #[test]
    fn an_overflow_leaves_nothing() {
        let mut out = Secret::<8>::new();
        assert!(encode(b"Aladdin", b"open sesame", &mut out).is_err());
        assert!(out.is_empty());
    }

    #[test]
    fn all_64_digits_are_those_of_rfc_4648() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (value, expected) in (0_u32..).zip(alphabet) {
            assert_eq!(digit(value), *expected);
        }
    }
}
