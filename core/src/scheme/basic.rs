//! `Authorization: Basic` (RFC 7617 §2): base64 of `key ":" secret`.

use super::AuthField;
use crate::base64;
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

const fn digit(group: u32) -> u8 {
    base64::digit(base64::STANDARD, group)
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
}
