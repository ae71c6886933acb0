//! [`ResponseHead`]: status line and header fields, parsed strictly from a byte slice.

use core::fmt;

/// Longest head, in bytes, up to and including the empty line.
pub const HEAD_MAX: usize = 8192;
/// Most header fields.
pub const HEADERS_MAX: usize = 64;

/// What the bytes so far amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed<'b> {
    /// The head is not complete. Read more and call again with all bytes.
    NeedMore,
    /// The head is complete and takes the first `length` bytes.
    Complete {
        /// The head.
        head: ResponseHead<'b>,
        /// Its length; the body begins there.
        length: usize,
    },
}

/// A valid response head. Borrows from the bytes it was parsed from.
///
/// ```
/// use alpaca_auth::http::{Parsed, ResponseHead};
///
/// let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Request-ID: 7f\r\n\r\n{}";
/// let Parsed::Complete { head, length } = ResponseHead::parse(bytes)? else { panic!() };
/// assert_eq!((head.status(), length), (200, bytes.len() - 2));
/// assert_eq!(head.fields().count(), 2);
/// assert_eq!(head.field("x-request-id"), Some(&b"7f"[..]));
/// assert_eq!(ResponseHead::parse(b"HTTP/1.1 200 OK\r\nContent-")?, Parsed::NeedMore);
/// # Ok::<(), alpaca_auth::http::HeadError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseHead<'b> {
    status: u16,
    /// The field lines, each with its CRLF, without the empty line. Valid UTF-8 is not implied.
    lines: &'b [u8],
}

impl<'b> ResponseHead<'b> {
    /// Parses the head at the start of `input`.
    ///
    /// # Errors
    /// [`HeadError`] as soon as the bytes cannot become a valid head.
    pub fn parse(input: &'b [u8]) -> Result<Parsed<'b>, HeadError> {
        let window = input.get(..HEAD_MAX).unwrap_or(input);
        check_line_ends(window)?;
        let Some((status, length)) = validate(window)? else {
            if input.len() >= HEAD_MAX {
                return Err(HeadError::TooLong);
            }
            return Ok(Parsed::NeedMore);
        };
        let head = window.get(..length).unwrap_or_default();
        let start = end_of_line(head).unwrap_or(length);
        let end = length.saturating_sub(2);
        Ok(Parsed::Complete {
            head: Self {
                status,
                lines: head.get(start..end).unwrap_or_default(),
            },
            length,
        })
    }

    /// Status code, 100 to 599.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Whether this is a 1xx head, after which the real one follows.
    #[must_use]
    pub const fn is_interim(&self) -> bool {
        self.status < 200
    }

    /// The header fields in order: name and value without surrounding blanks.
    pub fn fields(&self) -> impl Iterator<Item = (&'b str, &'b [u8])> + use<'b> {
        let mut rest = self.lines;
        core::iter::from_fn(move || {
            let end = end_of_line(rest)?;
            let (line, after) = rest.split_at_checked(end)?;
            rest = after;
            let colon = line.iter().position(|b| *b == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
            Some((core::str::from_utf8(name).ok()?, value))
        })
    }

    /// The value of the first field called `name`, in any letter case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'b [u8]> {
        self.fields()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// Index behind the first LF.
fn end_of_line(bytes: &[u8]) -> Option<usize> {
    let at = bytes.iter().position(|b| *b == b'\n')?;
    at.checked_add(1)
}

/// Refuses a line end that is not CRLF, up to the empty line: `httparse` tolerates a bare LF.
fn check_line_ends(input: &[u8]) -> Result<(), HeadError> {
    let mut rest = input;
    while let Some(end) = end_of_line(rest) {
        let (line, after) = rest.split_at_checked(end).unwrap_or_default();
        if !line.ends_with(b"\r\n") {
            return Err(HeadError::BareLineFeed);
        }
        if line.len() == 2 {
            break;
        }
        rest = after;
    }
    Ok(())
}

/// Status and length of a complete head. Apart, so that the array leaves the stack at once.
#[inline(never)]
fn validate(input: &[u8]) -> Result<Option<(u16, usize)>, HeadError> {
    // httparse skips empty lines before the status line.
    if input.starts_with(b"\r") {
        return Err(HeadError::StatusLine);
    }
    let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut fields);
    let length = match response.parse(input) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(HeadError::of(error)),
    };
    if response.version != Some(1) {
        return Err(HeadError::Version);
    }
    let control = |b: &u8| (*b < b' ' && *b != b'\t') || *b == 0x7f;
    for field in response.headers.iter() {
        if field.name.is_empty() || field.value.iter().any(control) {
            return Err(HeadError::Field);
        }
    }
    match response.code {
        Some(status @ 100..=599) => Ok(Some((status, length))),
        _ => Err(HeadError::StatusLine),
    }
}

/// Why bytes are no response head. The connection cannot be used any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// Longer than [`HEAD_MAX`].
    TooLong,
    /// More than [`HEADERS_MAX`] header fields.
    TooManyFields,
    /// Another version than HTTP/1.1. Something between is old, or speaks another protocol.
    Version,
    /// The status line is malformed, or its code is not 100 to 599.
    StatusLine,
    /// A field's name or value is malformed, or folded over lines.
    Field,
    /// A line ends with LF alone, which two parsers may read in two ways.
    BareLineFeed,
}

impl HeadError {
    const fn of(error: httparse::Error) -> Self {
        match error {
            httparse::Error::TooManyHeaders => Self::TooManyFields,
            httparse::Error::Version => Self::Version,
            httparse::Error::Status => Self::StatusLine,
            _ => Self::Field,
        }
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the head exceeds 8 KiB",
            Self::TooManyFields => "the head has more than 64 fields",
            Self::Version => "the server does not speak HTTP/1.1",
            Self::StatusLine => "the status line is malformed",
            Self::Field => "a header field is malformed",
            Self::BareLineFeed => "a line of the head ends with a bare LF",
        })
    }
}

impl core::error::Error for HeadError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn malformed_heads_are_refused_by_name() {
        for (bytes, error) in [
            (&b"HTTP/1.0 200 OK\r\n\r\n"[..], HeadError::Version),
            (b"HTTP/2.0 200 OK\r\n\r\n", HeadError::Version),
            (b"HTTP/1.1\r\n\r\n", HeadError::Version),
            (b"http/1.1 200 OK\r\n\r\n", HeadError::Version),
            (b"\r\nHTTP/1.1 200 OK\r\n\r\n", HeadError::StatusLine),
            (b"HTTP/1.1 99 x\r\n\r\n", HeadError::StatusLine),
            (b"HTTP/1.1 600 x\r\n\r\n", HeadError::StatusLine),
            (b"HTTP/1.1 2000 x\r\n\r\n", HeadError::StatusLine),
            (b"HTTP/1.1 -20 x\r\n\r\n", HeadError::StatusLine),
            (b"HTTP/1.1 200 OK\nA: b\n\n", HeadError::BareLineFeed),
            (b"HTTP/1.1 200 OK\r\nA: b\n\r\n", HeadError::BareLineFeed),
            (b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", HeadError::Field),
            (b"HTTP/1.1 200 OK\r\n: b\r\n\r\n", HeadError::Field),
            (b"HTTP/1.1 200 OK\r\nA\r\n\r\n", HeadError::Field),
            (b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", HeadError::Field),
            (b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", HeadError::Field),
            (b"HTTP/1.1 200 OK\r\nA: b\x01c\r\n\r\n", HeadError::Field),
            (b"HTTP/1.1 200 OK\r\nA: b\x7fc\r\n\r\n", HeadError::Field),
            (b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", HeadError::Field),
            (b"HTTP/1.1 200 OK\r\n\xc3\xa4: b\r\n\r\n", HeadError::Field),
        ] {
            assert_eq!(
                ResponseHead::parse(bytes),
                Err(error),
                "{:?}",
                bytes.escape_ascii()
            );
        }
    }

    #[test]
    fn the_limits_hold() {
        let mut bytes = b"HTTP/1.1 200 OK\r\n".to_vec();
        for _ in 0..HEADERS_MAX {
            bytes.extend_from_slice(b"A: b\r\n");
        }
        let with_end = |bytes: &[u8], end: &[u8]| [bytes, end].concat();
        assert!(matches!(
            ResponseHead::parse(&with_end(&bytes, b"\r\n")),
            Ok(Parsed::Complete { head, .. }) if head.fields().count() == HEADERS_MAX
        ));
        let one_more = with_end(&bytes, b"A: b\r\n\r\n");
        assert_eq!(
            ResponseHead::parse(&one_more),
            Err(HeadError::TooManyFields)
        );

        let mut long = b"HTTP/1.1 200 OK\r\nA: ".to_vec();
        long.resize(HEAD_MAX - 4, b'x');
        assert_eq!(ResponseHead::parse(&long), Ok(Parsed::NeedMore));
        assert!(matches!(
            ResponseHead::parse(&with_end(&long, b"\r\n\r\n")),
            Ok(Parsed::Complete {
                length: HEAD_MAX,
                ..
            })
        ));
        assert_eq!(
            ResponseHead::parse(&with_end(&long, b"x\r\n\r\n")),
            Err(HeadError::TooLong)
        );
    }

    #[test]
    fn every_part_of_a_good_head_needs_more() {
        let good = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\nX:\r\n\r\n";
        for end in 0..good.len() {
            assert_eq!(
                ResponseHead::parse(&good[..end]),
                Ok(Parsed::NeedMore),
                "{end}"
            );
        }
        let Ok(Parsed::Complete { head, length }) = ResponseHead::parse(good) else {
            panic!("good head refused");
        };
        let fields: Vec<_> = head.fields().collect();
        assert_eq!(fields, [("Content-Length", &b"5"[..]), ("X", b"")]);
        assert_eq!(length, good.len());
    }
}
