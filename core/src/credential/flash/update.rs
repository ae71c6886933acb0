//! [`SlotUpdate`]: the steps that put a new key into flash, in an order that a power cut cannot spoil.

use core::fmt;

use super::FlashPlace;
use crate::secret::Secret;

/// One thing to do to the sector of the slot that is updated.
pub enum FlashStep<'u> {
    /// Erase it, whatever it holds: an earlier update may have been cut.
    Erase,
    /// Write these bytes, which are a key, or half of one. The last piece of a slot may be shorter than
    /// the flash can write: fill it up with 0xFF.
    Program {
        /// Bytes from the start of the sector, a multiple of the unit.
        offset: usize,
        /// At most one unit.
        bytes: &'u [u8],
    },
}

/// An update of one slot: erase, program all but the first unit, program the first unit, verify.
///
/// The slot begins with its magic bytes, and they come last. So what a power cut leaves is no slot at
/// any moment before the last unit, and its checksum does not fit within it. The other slot is not
/// touched. After a cut, begin again: nothing has to be remembered.
///
/// A bit that was programmed when the power went may read one way now and another way later. Begin
/// again after a reset without a success, rather than trust a slot that came out whole.
///
/// It holds the key: put it where it stays, and drop it when the update is done.
pub struct SlotUpdate<const N: usize> {
    image: Secret<N>,
    place: FlashPlace,
    unit: usize,
    steps: usize,
}

impl<const N: usize> SlotUpdate<N> {
    /// An update for flash that is programmed by `unit` bytes; 0 writes the slot in one piece.
    #[must_use]
    pub const fn new(unit: usize) -> Self {
        Self {
            image: Secret::new(),
            place: FlashPlace::First,
            unit: if unit == 0 || unit > N { N } else { unit },
            steps: 0,
        }
    }

    pub(super) fn prepare<E>(
        &mut self,
        place: FlashPlace,
        write: impl FnOnce(&mut Secret<N>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.place = place;
        self.steps = 0;
        write(&mut self.image)
    }

    /// The slot that the steps are for.
    #[must_use]
    pub const fn place(&self) -> FlashPlace {
        self.place
    }

    /// The next thing to do; `None` when only [`verify`](Self::verify) is left, or nothing was prepared.
    pub fn step(&mut self) -> Option<FlashStep<'_>> {
        let pieces = self.image.len().div_ceil(self.unit);
        let step = self.steps;
        if step > pieces || pieces == 0 {
            return None;
        }
        self.steps = step.saturating_add(1);
        if step == 0 {
            return Some(FlashStep::Erase);
        }
        // The first piece comes last.
        let piece = if step == pieces { 0 } else { step };
        let offset = piece.saturating_mul(self.unit);
        Some(FlashStep::Program {
            offset,
            bytes: self.image.slice(offset, offset.saturating_add(self.unit)),
        })
    }

    /// Compares what the flash holds now with what was to be written.
    ///
    /// # Errors
    /// [`NotWritten`]: worn flash, a write protection, or a driver at fault. The key that counted
    /// before still does. Erase this sector, so that no other reader takes it for whole.
    pub fn verify(&self, slot: &[u8; N]) -> Result<(), NotWritten> {
        let differing = self.image.expose(|image| {
            image
                .iter()
                .zip(slot)
                .fold(image.len() ^ N, |sum, (a, b)| sum | usize::from(a ^ b))
        });
        if differing == 0 {
            Ok(())
        } else {
            Err(NotWritten)
        }
    }
}

/// The flash does not hold what was written. It is worn, protected, or was not erased: use another
/// sector, or another part. The old key is still in the other slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotWritten;

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the flash does not hold what was written: it is worn or protected; the old key is still \
             in the other slot",
        )
    }
}

impl core::error::Error for NotWritten {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn steps(unit: usize) -> Vec<(usize, usize)> {
        let mut update = SlotUpdate::<40>::new(unit);
        update
            .prepare(FlashPlace::Second, |image| image.set(&[7; 40]))
            .unwrap();
        let mut steps = Vec::new();
        while let Some(step) = update.step() {
            steps.push(match step {
                FlashStep::Erase => (usize::MAX, 0),
                FlashStep::Program { offset, bytes } => (offset, bytes.len()),
            });
        }
        steps
    }

    #[test]
    fn the_first_unit_is_programmed_last_and_each_byte_once() {
        let erase = (usize::MAX, 0);
        assert_eq!(steps(16), [erase, (16, 16), (32, 8), (0, 16)]);
        assert_eq!(steps(8).len(), 6);
        for whole in [0, 40, 256] {
            assert_eq!(steps(whole), [erase, (0, 40)]);
        }
    }

    #[test]
    fn an_update_that_was_not_prepared_does_nothing_and_verifies_nothing() {
        let mut update = SlotUpdate::<40>::new(16);
        assert!(update.step().is_none());
        assert_eq!(update.verify(&[0; 40]), Err(NotWritten));
    }

    #[test]
    fn any_byte_that_did_not_take_is_seen() {
        let mut update = SlotUpdate::<40>::new(16);
        update
            .prepare(FlashPlace::First, |image| image.set(&[7; 40]))
            .unwrap();
        assert_eq!(update.verify(&[7; 40]), Ok(()));
        for at in 0..40 {
            let mut worn = [7; 40];
            worn[at] = 0xff;
            assert_eq!(update.verify(&worn), Err(NotWritten));
        }
    }
}
