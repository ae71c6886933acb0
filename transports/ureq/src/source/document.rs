//! [`Document`]: a wiped buffer of fixed size that a source reads into.

use std::io::{self, Read};

use alpaca_auth::source::DOCUMENT_MAX;
use zeroize::Zeroizing;

/// What a source read. It never grows, so no copy is left where it was smaller.
pub(crate) struct Document {
    bytes: Zeroizing<Vec<u8>>,
    length: usize,
}

impl Document {
    /// An empty document with room for the longest one, and for one byte that is too much.
    pub(crate) fn new() -> Self {
        Self::with_room(DOCUMENT_MAX.saturating_add(1))
    }

    pub(crate) fn with_room(room: usize) -> Self {
        Self {
            bytes: Zeroizing::new(vec![0; room]),
            length: 0,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Whether there is no more room: the input is too long.
    pub(crate) fn is_full(&self) -> bool {
        self.length >= self.bytes.len()
    }

    /// Forgets what was read, to read it again.
    pub(crate) fn clear(&mut self) {
        self.bytes.fill(0);
        self.length = 0;
    }

    /// Reads once; `Ok(0)` at the end of the input or when there is no more room.
    pub(crate) fn read_once(&mut self, input: &mut impl Read) -> io::Result<usize> {
        loop {
            let rest = self.bytes.get_mut(self.length..).unwrap_or_default();
            match input.read(rest) {
                Ok(read) => {
                    self.length = self.length.saturating_add(read);
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads to the end of the input or of the room.
    pub(crate) fn read_all(&mut self, input: &mut impl Read) -> io::Result<()> {
        while self.read_once(input)? > 0 {}
        Ok(())
    }
}
