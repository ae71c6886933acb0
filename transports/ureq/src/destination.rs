//! [`Destination`]: where the body of an answer goes.

use std::io::{self, Read};
use std::ops::ControlFlow;

use alpaca_auth::response::{Context, Reply, ReplyHead};

use crate::Error;

/// Longest piece of a body that is handed on.
const PIECE: usize = 4 * 1024;

/// Into memory, or on to the caller.
pub(crate) enum Destination<'d> {
    /// The whole body, whatever the status.
    Memory(&'d mut [u8]),
    /// The body of a success, piece by piece.
    Sink {
        /// Takes every other body.
        refusal: &'d mut [u8],
        sink: &'d mut dyn FnMut(&[u8]) -> ControlFlow<()>,
        /// The sink has seen something: the request must not be sent again for it.
        begun: bool,
    },
}

/// An answer that was received to its end.
pub(crate) struct Received {
    pub(crate) head: ReplyHead,
    pub(crate) context: Context,
    /// How much of the memory it fills.
    pub(crate) length: usize,
}

impl Received {
    /// The answer, whose body stands at the start of `memory`.
    pub(crate) fn reply(self, memory: &[u8]) -> Reply<'_> {
        let body = memory.get(..self.length).unwrap_or_default();
        Reply::new(self.head, self.context, body)
    }
}

impl<'d> Destination<'d> {
    pub(crate) fn sink(
        refusal: &'d mut [u8],
        sink: &'d mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Self {
        Self::Sink {
            refusal,
            sink,
            begun: false,
        }
    }

    /// Memory for bodies that are not handed on.
    pub(crate) fn memory(&mut self) -> &mut [u8] {
        match self {
            Self::Memory(memory) => memory,
            Self::Sink { refusal, .. } => refusal,
        }
    }

    /// Whether a sink has seen a part of the answer.
    pub(crate) const fn has_begun(&self) -> bool {
        matches!(self, Self::Sink { begun: true, .. })
    }

    /// Reads to the end of a body, which also returns the connection to the pool. An answer that holds tokens is
    /// never handed on. Tells how much of the memory is filled.
    pub(crate) fn take(
        &mut self,
        reader: &mut impl Read,
        status: u16,
        holds_tokens: bool,
    ) -> Result<usize, Error> {
        match self {
            Self::Sink { sink, begun, .. } if matches!(status, 200..=299) && !holds_tokens => {
                hand_on(reader, *sink, begun)?;
                Ok(0)
            }
            _ => read_body(reader, self.memory()),
        }
    }
}

/// A connection whose body was not read to its end is not used again.
fn hand_on(
    reader: &mut impl Read,
    sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    begun: &mut bool,
) -> Result<(), Error> {
    let mut piece = [0; PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                *begun = true;
                if sink(piece.get(..read).unwrap_or_default()).is_break() {
                    return Err(Error::Stopped);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::of_body(error)),
        }
    }
}

/// Reads to the end; more than fits is an error.
fn read_body(reader: &mut impl Read, body: &mut [u8]) -> Result<usize, Error> {
    let mut length = 0_usize;
    let mut beyond = [0; 1];
    loop {
        let rest = body.get_mut(length..).unwrap_or_default();
        let full = rest.is_empty();
        let place = if full { &mut beyond[..] } else { rest };
        match reader.read(place) {
            Ok(0) => return Ok(length),
            Ok(_) if full => return Err(Error::BodyTooLarge),
            Ok(read) => length = length.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::of_body(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pieces, then an end or an error.
    struct Pieces(Vec<io::Result<&'static [u8]>>);

    impl Read for Pieces {
        fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
            match self.0.pop() {
                Some(piece) => piece.map(|piece| {
                    place[..piece.len()].copy_from_slice(piece);
                    piece.len()
                }),
                None => Ok(0),
            }
        }
    }

    fn taken(
        status: u16,
        tokens: bool,
        pieces: Vec<io::Result<&'static [u8]>>,
    ) -> (Result<usize, Error>, Vec<u8>, bool) {
        let (mut memory, mut seen) = ([0; 8], Vec::new());
        let mut sink = |piece: &[u8]| {
            seen.extend_from_slice(piece);
            if piece == b"stop" {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let mut to = Destination::sink(&mut memory, &mut sink);
        let taken = to.take(&mut Pieces(pieces), status, tokens);
        let begun = to.has_begun();
        (taken, seen, begun)
    }

    #[test]
    fn only_the_body_of_a_success_without_tokens_is_handed_on() {
        let pieces = || {
            vec![
                Ok(&b"b"[..]),
                Err(io::ErrorKind::Interrupted.into()),
                Ok(&b"a"[..]),
            ]
        };
        assert_eq!(taken(200, false, pieces()), (Ok(0), b"ab".to_vec(), true));
        for (status, tokens) in [
            (200, true),
            (199, false),
            (300, false),
            (404, false),
            (429, true),
        ] {
            assert_eq!(taken(status, tokens, pieces()), (Ok(2), Vec::new(), false));
        }
        let long = vec![Ok(&b"x"[..]), Ok(&b"12345678"[..])];
        assert_eq!(taken(500, false, long).0, Err(Error::BodyTooLarge));
    }

    #[test]
    fn a_sink_that_breaks_or_a_body_that_does_is_an_error() {
        let (result, seen, begun) = taken(200, false, vec![Ok(&b"more"[..]), Ok(&b"stop"[..])]);
        assert_eq!(
            (result, seen, begun),
            (Err(Error::Stopped), b"stop".to_vec(), true)
        );
        let broken = vec![Err(io::ErrorKind::UnexpectedEof.into()), Ok(&b"a"[..])];
        assert_eq!(
            taken(200, false, broken),
            (Err(Error::ConnectionLost), b"a".to_vec(), true)
        );
    }
}
