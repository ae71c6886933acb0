//! [`Framing`]: how long a body is, decided in one way only (RFC 9112 §6.3, stricter).

use core::fmt;

/// How the body of an answer is delimited.
///
/// ```
/// use alpaca_auth::http::{Framing, FramingError};
///
/// let length = [("Content-Length", &b"17"[..])];
/// assert_eq!(Framing::decide(false, 200, length), Ok(Framing::Length(17)));
/// let both = [("Content-Length", &b"17"[..]), ("Transfer-Encoding", b"chunked")];
/// assert_eq!(Framing::decide(false, 200, both), Err(FramingError::Both));
/// // A body that ends when the connection does could be cut short unseen.
/// assert_eq!(Framing::decide(false, 200, []), Err(FramingError::Neither));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// This many bytes.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

impl Framing {
    /// Decides by the request's method (is it HEAD?), the status and the header fields.
    ///
    /// Exactly one `Content-Length` or exactly one `Transfer-Encoding: chunked` must be there,
    /// except where a body cannot be: 1xx, 204, 304 and answers to HEAD.
    ///
    /// # Errors
    /// [`FramingError`] names what is wrong. The connection cannot be used any further.
    pub fn decide<'h>(
        method_is_head: bool,
        status: u16,
        fields: impl IntoIterator<Item = (&'h str, &'h [u8])>,
    ) -> Result<Self, FramingError> {
        let mut length = None;
        let mut chunked = false;
        for (name, value) in fields {
            if name.eq_ignore_ascii_case("content-length") {
                if length.is_some() {
                    return Err(FramingError::TwoLengths);
                }
                length = Some(parse_length(value)?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                if chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(FramingError::Coding);
                }
                chunked = true;
            }
        }
        let bodiless = matches!(status, 100..=199 | 204);
        match (length, chunked) {
            (Some(_), true) => Err(FramingError::Both),
            (Some(1..), false) | (None, true) if bodiless => Err(FramingError::BodyForbidden),
            _ if bodiless || status == 304 || method_is_head => Ok(Self::None),
            (Some(length), false) => Ok(Self::Length(length)),
            (None, true) => Ok(Self::Chunked),
            (None, false) => Err(FramingError::Neither),
        }
    }
}

/// Digits only, at most 19 of them, so that it fits 64 bits with a sign.
fn parse_length(value: &[u8]) -> Result<u64, FramingError> {
    if value.is_empty() || value.len() > 19 || !value.iter().all(u8::is_ascii_digit) {
        return Err(FramingError::Length);
    }
    let text = core::str::from_utf8(value).map_err(|_| FramingError::Length)?;
    text.parse().map_err(|_| FramingError::Length)
}

/// Why the length of a body is not certain. All of these are how requests are smuggled or
/// answers cut short; Alpaca's servers do none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramingError {
    /// `Content-Length` is not a plain number.
    Length,
    /// `Content-Length` is there twice.
    TwoLengths,
    /// `Transfer-Encoding` is there twice, or names another coding than `chunked`.
    Coding,
    /// Both `Content-Length` and `Transfer-Encoding`.
    Both,
    /// Neither: the body would end with the connection, so a cut could not be seen.
    Neither,
    /// A body where there can be none (1xx, 204).
    BodyForbidden,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "Content-Length is not a number",
            Self::TwoLengths => "Content-Length is there twice",
            Self::Coding => "Transfer-Encoding is not one chunked",
            Self::Both => "both Content-Length and Transfer-Encoding",
            Self::Neither => "neither Content-Length nor Transfer-Encoding",
            Self::BodyForbidden => "a body where there can be none",
        })
    }
}

impl core::error::Error for FramingError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_certain_is_refused() {
        use FramingError as E;
        type Fields = &'static [(&'static str, &'static [u8])];
        let cases: [(u16, Fields, E); 18] = [
            (200, &[], E::Neither),
            (500, &[("Connection", b"close")], E::Neither),
            (200, &[("Content-Length", b"")], E::Length),
            (200, &[("Content-Length", b"+5")], E::Length),
            (200, &[("Content-Length", b"-5")], E::Length),
            (200, &[("Content-Length", b"5 5")], E::Length),
            (200, &[("Content-Length", b"5, 5")], E::Length),
            (200, &[("Content-Length", b"0x5")], E::Length),
            (
                200,
                &[("Content-Length", b"99999999999999999999")],
                E::Length,
            ),
            (
                200,
                &[("Content-Length", b"5"), ("content-length", b"5")],
                E::TwoLengths,
            ),
            (
                200,
                &[("Content-Length", b"5"), ("Content-Length", b"6")],
                E::TwoLengths,
            ),
            (200, &[("Transfer-Encoding", b"gzip, chunked")], E::Coding),
            (200, &[("Transfer-Encoding", b"identity")], E::Coding),
            (
                200,
                &[
                    ("Transfer-Encoding", b"chunked"),
                    ("Transfer-Encoding", b"chunked"),
                ],
                E::Coding,
            ),
            (200, &[("Transfer-Encoding", b"")], E::Coding),
            (
                200,
                &[("TRANSFER-ENCODING", b"chunked"), ("Content-Length", b"0")],
                E::Both,
            ),
            (204, &[("Content-Length", b"1")], E::BodyForbidden),
            (204, &[("Transfer-Encoding", b"chunked")], E::BodyForbidden),
        ];
        for (status, fields, error) in cases {
            let decided = Framing::decide(false, status, fields.iter().copied());
            assert_eq!(decided, Err(error), "{status} {fields:?}");
        }
    }

    #[test]
    fn where_no_body_can_be_there_is_none() {
        let length = [("Content-Length", &b"5"[..])];
        assert_eq!(Framing::decide(true, 200, length), Ok(Framing::None));
        assert_eq!(Framing::decide(false, 304, length), Ok(Framing::None));
        assert_eq!(Framing::decide(false, 204, []), Ok(Framing::None));
        assert_eq!(
            Framing::decide(false, 204, [("Content-Length", &b"0"[..])]),
            Ok(Framing::None)
        );
        assert_eq!(
            Framing::decide(false, 200, [("Transfer-Encoding", &b"Chunked"[..])]),
            Ok(Framing::Chunked)
        );
        let largest = [("Content-Length", &b"9999999999999999999"[..])];
        assert_eq!(
            Framing::decide(false, 200, largest),
            Ok(Framing::Length(9_999_999_999_999_999_999))
        );
    }
}
