//! base64url without padding (RFC 4648 §5, as RFC 7515 §2 uses it), written piece by piece.

use crate::base64;
use crate::secret::{Cursor, SecretTooLong};

/// Encodes pieces as one text. [`finish`](Self::finish) writes the last digits.
pub(crate) struct Encoder<'e, 'b> {
    out: &'e mut Cursor<'b>,
    group: u32,
    held: u8,
}

impl<'e, 'b> Encoder<'e, 'b> {
    pub(crate) const fn new(out: &'e mut Cursor<'b>) -> Self {
        Self {
            out,
            group: 0,
            held: 0,
        }
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), SecretTooLong> {
        for byte in bytes {
            self.group = self.group << 8 | u32::from(*byte);
            self.held = self.held.saturating_add(1);
            if self.held == 3 {
                let group = core::mem::take(&mut self.group);
                self.held = 0;
                self.out.put(&[
                    digit(group >> 18),
                    digit(group >> 12),
                    digit(group >> 6),
                    digit(group),
                ])?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<(), SecretTooLong> {
        match self.held {
            0 => Ok(()),
            1 => self
                .out
                .put(&[digit(self.group >> 2), digit(self.group << 4)]),
            _ => self.out.put(&[
                digit(self.group >> 10),
                digit(self.group >> 4),
                digit(self.group << 2),
            ]),
        }
    }
}

const fn digit(group: u32) -> u8 {
    base64::digit(base64::URL, group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn encode(pieces: &[&[u8]]) -> String {
        let mut buffer = [0; 256];
        let mut cursor = Cursor::new(&mut buffer);
        let mut encoder = Encoder::new(&mut cursor);
        for piece in pieces {
            encoder.put(piece).unwrap();
        }
        encoder.finish().unwrap();
        let length = 256_usize.saturating_sub(cursor.room());
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn the_rfcs_examples_come_out_however_they_are_cut() {
        // RFC 4648 §10 without padding, RFC 7515 appendix C, and the whole alphabet.
        let alphabet: std::vec::Vec<u8> = (0..64_u32)
            .step_by(4)
            .map(|n| n << 18 | (n | 1) << 12 | (n | 2) << 6 | n | 3)
            .flat_map(|group| group.to_be_bytes().into_iter().skip(1))
            .collect();
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (&[3, 236, 255, 224, 193], "A-z_4ME"),
            (
                &alphabet,
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
            ),
        ] {
            for cut in 0..=bytes.len() {
                assert_eq!(encode(&[&bytes[..cut], &bytes[cut..]]), text);
            }
        }
    }

    #[test]
    fn text_that_does_not_fit_is_an_error_at_every_size() {
        for room in 0..7 {
            let mut buffer = [0; 7];
            let mut cursor = Cursor::new(&mut buffer[..room]);
            let mut encoder = Encoder::new(&mut cursor);
            assert!(
                encoder
                    .put(b"fooba")
                    .and_then(|()| encoder.finish())
                    .is_err()
            );
        }
    }
}
