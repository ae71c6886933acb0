//! [`BodyReader`]: takes a body out of the bytes of a connection, piece by piece.

use core::fmt;

use super::Framing;

/// Most hexadecimal digits of a chunk size.
pub const CHUNK_DIGITS_MAX: u8 = 8;
/// Longest chunk extension, in bytes. Extensions are ignored.
pub const EXTENSION_MAX: u16 = 256;
/// Most bytes of all trailer lines. Trailers are ignored.
pub const TRAILERS_MAX: u16 = 1024;

/// What one step of [`BodyReader::decode`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the input used up.
    pub consumed: usize,
    /// Bytes of the body written to the output.
    pub produced: usize,
    /// The body is complete; what follows in the input is not part of it.
    pub done: bool,
}

/// Decodes one body. Sees neither socket nor clock; input may come in pieces of any size.
///
/// ```
/// use alpaca_auth::http::{BodyReader, Framing};
///
/// let mut reader = BodyReader::new(Framing::Chunked, 100)?;
/// let mut body = [0; 16];
/// let progress = reader.decode(b"4\r\nwiki\r\n0\r\n\r\nrest", &mut body)?;
/// assert_eq!((&body[..progress.produced], progress.done), (&b"wiki"[..], true));
/// assert!(BodyReader::new(Framing::Length(101), 100).is_err());
/// # Ok::<(), alpaca_auth::http::BodyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct BodyReader {
    state: State,
    /// How many bytes of body may still come.
    allowed: u64,
}

/// Where in the grammar (RFC 9112 §7.1) the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Data of a body with a length: this many bytes left.
    Length(u64),
    Size {
        size: u64,
        digits: u8,
    },
    Extension {
        size: u64,
        length: u16,
    },
    SizeLf(u64),
    Data(u64),
    DataCr,
    DataLf,
    /// At the start of a trailer line, or of the line that ends them.
    Trailer(u16),
    /// In a trailer's name: at least one byte of it was read.
    TrailerName(u16),
    TrailerValue(u16),
    TrailerLf(u16),
    EndLf,
    Done,
}

impl BodyReader {
    /// A reader for one body of at most `limit` bytes.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] when the stated length exceeds `limit`.
    pub const fn new(framing: Framing, limit: u64) -> Result<Self, BodyError> {
        let state = match framing {
            Framing::None | Framing::Length(0) => State::Done,
            Framing::Length(length) if length > limit => return Err(BodyError::TooLarge),
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Size { size: 0, digits: 0 },
        };
        Ok(Self {
            state,
            allowed: limit,
        })
    }

    /// Whether the body is complete.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Takes what it can of `input` and writes body bytes to `output`.
    ///
    /// # Errors
    /// [`BodyError`] when the coding is malformed or a limit is exceeded. Drop the connection.
    pub fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, BodyError> {
        let (mut rest, mut place) = (input, output);
        let room = place.len();
        while self.state != State::Done {
            if let State::Length(left) | State::Data(left) = self.state {
                let fits = rest.len().min(place.len());
                let count = usize::try_from(left).map_or(fits, |left| left.min(fits));
                if count == 0 {
                    break;
                }
                let (data, after) = rest.split_at_checked(count).unwrap_or_default();
                let (target, space) = place.split_at_mut_checked(count).unwrap_or_default();
                target.copy_from_slice(data);
                (rest, place) = (after, space);
                let taken = u64::try_from(count).unwrap_or(u64::MAX);
                self.allowed = self.allowed.saturating_sub(taken);
                self.state = self.after_data(left.saturating_sub(taken));
            } else {
                let Some((byte, after)) = rest.split_first() else {
                    break;
                };
                self.state = self.after_byte(*byte)?;
                rest = after;
            }
        }
        Ok(Progress {
            consumed: input.len().saturating_sub(rest.len()),
            produced: room.saturating_sub(place.len()),
            done: self.is_done(),
        })
    }

    /// Tells whether the connection may end here.
    ///
    /// # Errors
    /// [`BodyError::Truncated`] when the body is not complete.
    pub const fn end_of_input(&self) -> Result<(), BodyError> {
        if self.is_done() {
            Ok(())
        } else {
            Err(BodyError::Truncated)
        }
    }

    const fn after_data(&self, left: u64) -> State {
        match (self.state, left) {
            (State::Length(_), 0) => State::Done,
            (State::Length(_), left) => State::Length(left),
            (_, 0) => State::DataCr,
            (_, left) => State::Data(left),
        }
    }

    /// The state after one byte of chunk syntax.
    fn after_byte(&self, byte: u8) -> Result<State, BodyError> {
        Ok(match (self.state, byte) {
            (State::Size { size, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                if digits >= CHUNK_DIGITS_MAX {
                    return Err(BodyError::Chunk);
                }
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                State::Size {
                    size: size << 4 | u64::from(digit),
                    digits: digits.saturating_add(1),
                }
            }
            (State::Size { digits: 0, .. }, _) => return Err(BodyError::Chunk),
            (State::Size { size, .. } | State::Extension { size, .. }, b'\r') => {
                State::SizeLf(size)
            }
            (State::Size { size, .. }, b';') => State::Extension { size, length: 0 },
            (State::Extension { size, length }, b'\t' | b' '..=b'~' | 0x80..) => {
                if length >= EXTENSION_MAX {
                    return Err(BodyError::Chunk);
                }
                State::Extension {
                    size,
                    length: length.saturating_add(1),
                }
            }
            (State::SizeLf(0), b'\n') => State::Trailer(0),
            (State::SizeLf(size), b'\n') if size > self.allowed => return Err(BodyError::TooLarge),
            (State::SizeLf(size), b'\n') => State::Data(size),
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size { size: 0, digits: 0 },
            (State::Trailer(_), b'\r') => State::EndLf,
            (
                State::Trailer(length) | State::TrailerName(length) | State::TrailerValue(length),
                _,
            ) if length >= TRAILERS_MAX && byte != b'\r' => return Err(BodyError::Chunk),
            (State::Trailer(length) | State::TrailerName(length), byte) if is_token(byte) => {
                State::TrailerName(length.saturating_add(1))
            }
            (State::TrailerName(length), b':')
            | (State::TrailerValue(length), b'\t' | b' '..=b'~' | 0x80..) => {
                State::TrailerValue(length.saturating_add(1))
            }
            (State::TrailerValue(length), b'\r') => State::TrailerLf(length),
            (State::TrailerLf(length), b'\n') => State::Trailer(length),
            (State::EndLf, b'\n') => State::Done,
            _ => return Err(BodyError::Chunk),
        })
    }
}

/// Whether a field name may hold the byte (`tchar`, RFC 9110 §5.6.2).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Why a body cannot be read. The connection cannot be used any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The chunked coding is malformed.
    Chunk,
    /// Larger than the limit. Ask for less, or give a larger buffer.
    TooLarge,
    /// The connection ended before the body did.
    Truncated,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chunk => "the chunked coding is malformed",
            Self::TooLarge => "the body is larger than allowed",
            Self::Truncated => "the connection ended before the body did",
        })
    }
}

impl core::error::Error for BodyError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Decodes `input` in pieces of `piece` bytes into an output of `room` bytes at a time.
    fn decode(
        framing: Framing,
        input: &[u8],
        piece: usize,
        room: usize,
    ) -> Result<Vec<u8>, BodyError> {
        let mut reader = BodyReader::new(framing, 1000)?;
        let mut body = Vec::new();
        let mut output = [0; 64];
        for mut piece in input.chunks(piece) {
            while !reader.is_done() {
                let progress = reader.decode(piece, &mut output[..room])?;
                body.extend_from_slice(&output[..progress.produced]);
                piece = &piece[progress.consumed..];
                if progress.consumed == 0 {
                    break;
                }
            }
        }
        reader.end_of_input().map(|()| body)
    }

    const GOOD: &[u8] = b"4;ext=\"v\"\r\nwiki\r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";

    #[test]
    fn pieces_of_every_size_give_the_same_body() {
        for piece in 1..=GOOD.len() {
            for room in [1, 3, 64] {
                let body = decode(Framing::Chunked, GOOD, piece, room);
                assert_eq!(
                    body.as_deref(),
                    Ok(&b"wiki0123456789"[..]),
                    "{piece} {room}"
                );
                let body = decode(Framing::Length(8), b"12345678", piece, room);
                assert_eq!(body.as_deref(), Ok(&b"12345678"[..]));
            }
        }
    }

    #[test]
    fn a_body_cut_at_any_byte_is_an_error() {
        for end in 0..GOOD.len() {
            assert_eq!(
                decode(Framing::Chunked, &GOOD[..end], 64, 64),
                Err(BodyError::Truncated),
                "{end}"
            );
        }
        for end in 0..8 {
            assert_eq!(
                decode(Framing::Length(8), &b"12345678"[..end], 64, 64),
                Err(BodyError::Truncated)
            );
        }
    }

    #[test]
    fn malformed_chunks_are_refused() {
        let long_extension = [b"1;".as_slice(), &[b'x'; 257], b"\r\na\r\n0\r\n\r\n"].concat();
        let long_trailer = [b"0\r\nA:".as_slice(), &[b'x'; 1023], b"\r\n\r\n"].concat();
        for (input, error) in [
            (&b"\r\n"[..], BodyError::Chunk),
            (b"x\r\n", BodyError::Chunk),
            (b"-1\r\n", BodyError::Chunk),
            (b"0x1\r\na\r\n0\r\n\r\n", BodyError::Chunk),
            (b" 1\r\na\r\n0\r\n\r\n", BodyError::Chunk),
            (b"1 \r\na\r\n0\r\n\r\n", BodyError::Chunk),
            (b"1\na\r\n0\r\n\r\n", BodyError::Chunk),
            (b"1\r\nab\r\n0\r\n\r\n", BodyError::Chunk),
            (b"2\r\na\r\n0\r\n\r\n", BodyError::Chunk),
            (b"1\r\na\n0\r\n\r\n", BodyError::Chunk),
            (b"1\r\na0\r\n\r\n", BodyError::Chunk),
            (b"1;\0\r\na\r\n0\r\n\r\n", BodyError::Chunk),
            (b"1;a\nb\r\na\r\n0\r\n\r\n", BodyError::Chunk),
            (b"000000001\r\na\r\n0\r\n\r\n", BodyError::Chunk),
            (b"0\r\n\n", BodyError::Chunk),
            (b"0\r\n folded\r\n\r\n", BodyError::Chunk),
            (b"0\r\nA: b\n\r\n", BodyError::Chunk),
            (b"0\r\nno colon\r\n\r\n", BodyError::Chunk),
            (b"0\r\n: no name\r\n\r\n", BodyError::Chunk),
            (b"0\r\nA : b\r\n\r\n", BodyError::Chunk),
            (b"0\r\nHTTP/1.1 200 OK\r\n\r\n", BodyError::Chunk),
            (&long_extension, BodyError::Chunk),
            (&long_trailer, BodyError::Chunk),
            (b"3e9\r\n", BodyError::TooLarge),
            (b"ffffffff\r\n", BodyError::TooLarge),
        ] {
            for piece in [1, 64] {
                assert_eq!(
                    decode(Framing::Chunked, input, piece, 64),
                    Err(error),
                    "{:?}",
                    input.escape_ascii()
                );
            }
        }
    }

    #[test]
    fn the_limit_counts_all_chunks_together() {
        let mut reader = BodyReader::new(Framing::Chunked, 5).unwrap();
        let mut output = [0; 8];
        assert_eq!(
            reader.decode(b"3\r\nabc\r\n3\r\n", &mut output),
            Err(BodyError::TooLarge)
        );
        assert_eq!(
            BodyReader::new(Framing::Length(6), 5).err(),
            Some(BodyError::TooLarge)
        );
    }

    #[test]
    fn nothing_after_the_body_is_touched() {
        let mut reader = BodyReader::new(Framing::Length(2), 5).unwrap();
        let mut output = [0; 8];
        let progress = reader.decode(b"{}HTTP/1.1", &mut output).unwrap();
        assert_eq!(
            progress,
            Progress {
                consumed: 2,
                produced: 2,
                done: true
            }
        );
        assert!(BodyReader::new(Framing::None, 0).unwrap().is_done());
    }
}
