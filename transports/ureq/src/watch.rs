//! The strict eye on what a server sends: the core's parser runs ahead of `ureq`'s.
//!
//! `ureq` takes a blank or a sign before a chunk size, bare line feeds, control characters in
//! trailers, and a chunked body whose last line is missing. Those are the ways to smuggle and to
//! cut short. Here every byte passes the parser that the embedded transport uses, before `ureq`
//! sees it.

use alpaca_auth::http::{
    BodyError, BodyReader, Framing, FramingError, HeadError, Parsed, ResponseHead,
};

/// Follows one answer.
pub(crate) enum Watch {
    /// In the head.
    Head,
    /// In the body, or behind it.
    Body(BodyReader),
}

/// Why an answer is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Malformed {
    Head(HeadError),
    Framing(FramingError),
    Body(BodyError),
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Head(error) => error.fmt(f),
            Self::Framing(error) => error.fmt(f),
            Self::Body(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Malformed {}

impl Watch {
    /// Looks at `unread`, all bytes that `ureq` has not consumed, of which the last `new` have
    /// just arrived.
    pub(crate) fn look(&mut self, unread: &[u8], new: usize) -> Result<(), Malformed> {
        match self {
            Self::Body(reader) => {
                let start = unread.len().saturating_sub(new);
                pass(reader, unread.get(start..).unwrap_or_default())
            }
            Self::Head => self.head(unread),
        }
    }

    /// ureq consumes nothing before its head is complete, so `unread` begins with the head.
    fn head(&mut self, mut unread: &[u8]) -> Result<(), Malformed> {
        loop {
            match ResponseHead::parse(unread).map_err(Malformed::Head)? {
                Parsed::NeedMore => return Ok(()),
                Parsed::Complete { head, length } => {
                    unread = unread.get(length..).unwrap_or_default();
                    let framing = Framing::decide(false, head.status(), head.fields());
                    let framing = framing.map_err(Malformed::Framing)?;
                    if !head.is_interim() {
                        let mut reader =
                            BodyReader::new(framing, u64::MAX).map_err(Malformed::Body)?;
                        let passed = pass(&mut reader, unread);
                        *self = Self::Body(reader);
                        return passed;
                    }
                }
            }
        }
    }

    /// The connection has ended.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        match self {
            Self::Head => Err(Malformed::Body(BodyError::Truncated)),
            Self::Body(reader) => reader.end_of_input().map_err(Malformed::Body),
        }
    }
}

fn pass(reader: &mut BodyReader, mut bytes: &[u8]) -> Result<(), Malformed> {
    let mut beyond = [0; 1024];
    loop {
        let progress = reader.decode(bytes, &mut beyond).map_err(Malformed::Body)?;
        bytes = bytes.get(progress.consumed..).unwrap_or_default();
        if progress.done || bytes.is_empty() {
            return Ok(());
        }
    }
}
