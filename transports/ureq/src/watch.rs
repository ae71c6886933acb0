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

    /// Whether the head of the answer is not over yet.
    pub(crate) const fn is_head(&self) -> bool {
        matches!(self, Self::Head)
    }

    /// Looks at `bytes` behind the head, hands each byte of content to `keep` and puts a placeholder
    /// in its place. The framing stays.
    pub(crate) fn seal(&mut self, bytes: &mut [u8], keep: impl Fn(u8)) -> Result<(), Malformed> {
        const PLACEHOLDER: u8 = b'x';
        let Self::Body(reader) = self else {
            return Ok(());
        };
        let mut content = [0; 1];
        for byte in bytes {
            let progress = reader
                .decode(std::slice::from_ref(byte), &mut content)
                .map_err(Malformed::Body)?;
            if progress.produced > 0 {
                let [kept] = &mut content;
                keep(std::mem::take(kept));
                *byte = PLACEHOLDER;
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn content_is_kept_and_framing_stays_wherever_it_is_cut() {
        const SENT: &[u8] = b"5\r\nhello\r\n6;a=b\r\n token\r\n0\r\n\r\n";
        for cut in 0..SENT.len() {
            let mut watch = Watch::Head;
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            watch.look(head, head.len()).unwrap();
            let kept = RefCell::new(Vec::new());
            let mut bytes = SENT.to_vec();
            let (first, second) = bytes.split_at_mut(cut);
            for part in [first, second] {
                watch
                    .seal(part, |byte| kept.borrow_mut().push(byte))
                    .unwrap();
            }
            assert_eq!(bytes, b"5\r\nxxxxx\r\n6;a=b\r\nxxxxxx\r\n0\r\n\r\n");
            assert_eq!(kept.into_inner(), b"hello token");
            assert!(watch.end().is_ok());
        }
    }
}
