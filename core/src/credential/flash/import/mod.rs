//! Import: a key pair that comes to a device over a serial line. Frames and answers, without the line.
//!
//! | bytes | holds |
//! |---|---|
//! | 0..4 | `APKI` |
//! | 4 | kind: 1 ask, 2 put, 0x81 answer |
//! | 5, 6 | length of the payload, little-endian |
//! | 7.. | payload: nothing; a plain slot; an answer of 8 bytes |
//! | last 4 | CRC-32 of all from byte 4 |
//!
//! What stands between frames is skipped, so a boot log on the same line does no harm. The device
//! numbers, seals and writes: the sequence number of the slot that comes in is not used.
//!
//! The line is not encrypted. Import where the line is trusted, and only while a person holds a button
//! or sets a strap: [`ImportRefusal::NotAllowed`] is the answer otherwise, or anybody with a cable
//! replaces the key. The key itself is never sent back.

mod answer;

pub use answer::{ImportAnswer, ImportRefusal};

use answer::ANSWER_LEN;

use super::{FLASH_SLOT_LEN, crc32};
use crate::credential::KeyPair;
use crate::environment::Environment;
use crate::secret::{Secret, SecretTooLong};

/// Bytes of the longest frame.
pub const IMPORT_FRAME_MAX: usize = HEADER + FLASH_SLOT_LEN + CHECKSUM;

const SYNC: &[u8; 4] = b"APKI";
const HEADER: usize = 7;
const CHECKSUM: usize = 4;
const ASK: u8 = 1;
const PUT: u8 = 2;
const ANSWER: u8 = 0x81;

/// What came over the line.
pub enum Import<'i> {
    /// The host asks what is there. Answer [`ImportAnswer::State`].
    Ask,
    /// A plain slot, as secret as the key in it. Read it with [`Slot::paper_from_flash`] or the like,
    /// which refuses other environments; then update the flash, and answer.
    ///
    /// [`Slot::paper_from_flash`]: crate::credential::Slot::paper_from_flash
    Put(&'i [u8; FLASH_SLOT_LEN]),
    /// The device's answer.
    Answer(ImportAnswer),
    /// A frame that is damaged. Answer [`ImportRefusal::Line`].
    Broken,
}

/// Takes a line byte by byte, on either end of it.
///
/// ```
/// use alpaca_auth::credential::{
///     FLASH_SLOT_LEN, FlashPair, FlashStep, Import, ImportAnswer, ImportFrame, ImportReceiver,
///     ImportRefusal, KeyPair, Slot, SlotUpdate,
/// };
/// use alpaca_auth::environment::{EnvironmentKind, Paper};
///
/// /// A device's side: one byte from the line, and what goes back.
/// fn on_byte(
///     byte: u8,
///     receiver: &mut ImportReceiver,
///     flash: &mut [[u8; FLASH_SLOT_LEN]; 2],
///     answer: &mut ImportFrame,
/// ) -> bool {
///     let pair = FlashPair::new(&flash[0], &flash[1]);
///     let said = match receiver.push(byte) {
///         None | Some(Import::Answer(_)) => return false,
///         Some(Import::Broken) => ImportAnswer::Refused(ImportRefusal::Line),
///         Some(Import::Ask) => ImportAnswer::State {
///             environment: EnvironmentKind::Paper,
///             newest: pair.newest().map(|newest| newest.sequence),
///         },
///         Some(Import::Put(image)) => {
///             let mut slot = Slot::<KeyPair<Paper>>::vacant();
///             let mut update = SlotUpdate::new(16);
///             match slot.paper_from_flash(image).map(|new| pair.update(new, &mut update)) {
///                 Err(error) => ImportAnswer::Refused(error.into()),
///                 Ok(_) => {
///                     let sector = &mut flash[update.place() as usize];
///                     while let Some(step) = update.step() {
///                         match step {
///                             FlashStep::Erase => sector.fill(0xff),
///                             FlashStep::Program { offset, bytes } => {
///                                 sector[offset..][..bytes.len()].copy_from_slice(bytes);
///                             }
///                         }
///                     }
///                     let written = update.verify(sector);
///                     ImportAnswer::stored(&FlashPair::new(&flash[0], &flash[1]), written)
///                 }
///             }
///         }
///     };
///     receiver.reset();
///     answer.answer(said);
///     true
/// }
/// # let (mut flash, mut receiver) = ([[0xff; FLASH_SLOT_LEN]; 2], ImportReceiver::new());
/// # let (mut frame, mut answer) = (ImportFrame::new(), ImportFrame::new());
/// # let mut slot = Slot::<KeyPair<Paper>>::vacant();
/// # frame.put(slot.paper("PKTEST", "not-a-real-secret")?)?;
/// # let answered = frame.expose(|bytes| bytes.iter().filter(|byte| on_byte(**byte, &mut receiver, &mut flash, &mut answer)).count());
/// # assert_eq!(answered, 1);
/// # assert!(slot.paper_from_flash_pair(&FlashPair::new(&flash[0], &flash[1])).is_ok());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct ImportReceiver {
    frame: Secret<IMPORT_FRAME_MAX>,
    complete: bool,
}

impl ImportReceiver {
    /// Waits for a frame.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            frame: Secret::new(),
            complete: false,
        }
    }

    /// Takes one byte; gives what is complete with it.
    pub fn push(&mut self, byte: u8) -> Option<Import<'_>> {
        if self.complete {
            self.reset();
        }
        if self.frame.len() < SYNC.len() && SYNC.get(self.frame.len()) != Some(&byte) {
            self.frame.wipe();
            if SYNC.first() != Some(&byte) {
                return None;
            }
        }
        if self.frame.append(&[byte]).is_err() {
            return None;
        }
        let (kind, length) = self.header()?;
        let expected = match kind {
            ASK => 0,
            PUT => FLASH_SLOT_LEN,
            ANSWER => ANSWER_LEN,
            _ => usize::MAX,
        };
        if length != expected {
            self.complete = true;
            return Some(Import::Broken);
        }
        let end = HEADER.saturating_add(length);
        if self.frame.len() < end.saturating_add(CHECKSUM) {
            return None;
        }
        self.complete = true;
        let checked = self.frame.slice(SYNC.len(), end);
        let checksum = self.frame.slice(end, self.frame.len());
        if crc32(checked).to_le_bytes() != checksum {
            return Some(Import::Broken);
        }
        let payload = self.frame.slice(HEADER, end);
        Some(match (kind, payload.first_chunk()) {
            (ASK, _) => Import::Ask,
            (PUT, Some(image)) => Import::Put(image),
            (ANSWER, _) => ImportAnswer::read(payload).map_or(Import::Broken, Import::Answer),
            _ => Import::Broken,
        })
    }

    /// Forgets and wipes what came so far: when a message was handled, and after a second of silence,
    /// so that a frame that was cut does not swallow the next one.
    pub fn reset(&mut self) {
        self.frame.wipe();
        self.complete = false;
    }

    fn header(&self) -> Option<(u8, usize)> {
        match self.frame.slice(SYNC.len(), HEADER) {
            [kind, low, high] => Some((*kind, u16::from_le_bytes([*low, *high]).into())),
            _ => None,
        }
    }
}

impl Default for ImportReceiver {
    fn default() -> Self {
        Self::new()
    }
}

/// A frame to send. Wiped when it is dropped or written over.
pub struct ImportFrame(Secret<IMPORT_FRAME_MAX>);

impl ImportFrame {
    /// An empty frame.
    #[must_use]
    pub const fn new() -> Self {
        Self(Secret::new())
    }

    /// Asks a device what it holds.
    pub fn ask(&mut self) {
        self.frame(ASK, &[]);
    }

    /// Gives a device a key pair.
    ///
    /// # Errors
    /// None that a valid key pair can cause; [`SecretTooLong`] keeps the signature honest.
    pub fn put<E: Environment>(&mut self, pair: &KeyPair<E>) -> Result<(), SecretTooLong> {
        let mut image = Secret::<FLASH_SLOT_LEN>::new();
        pair.write_flash_slot(0, &mut image)?;
        image.expose(|image| self.frame(PUT, image));
        Ok(())
    }

    /// Answers the host.
    pub fn answer(&mut self, answer: ImportAnswer) {
        self.frame(ANSWER, &answer.write());
    }

    /// Lends the bytes for the line.
    pub fn expose<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        self.0.expose(read)
    }

    fn frame(&mut self, kind: u8, payload: &[u8]) {
        let write = |frame: &mut Secret<IMPORT_FRAME_MAX>| {
            let length = u16::try_from(payload.len()).map_err(|_| SecretTooLong)?;
            let [low, high] = length.to_le_bytes();
            frame.set(SYNC)?;
            frame.append(&[kind, low, high])?;
            frame.append(payload)?;
            let checksum = crc32(frame.slice(SYNC.len(), frame.len()));
            frame.append(&checksum.to_le_bytes())
        };
        // The longest payload fits by the frame's length; a longer one leaves an empty frame.
        if write(&mut self.0).is_err() {
            self.0.wipe();
        }
    }
}

impl Default for ImportFrame {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Slot;
    use crate::environment::{Live, Paper};
    use std::vec::Vec;

    fn put() -> Vec<u8> {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut frame = ImportFrame::new();
        frame
            .put(slot.paper("PKTEST", "not-a-real-secret").unwrap())
            .unwrap();
        frame.expose(<[u8]>::to_vec)
    }

    /// What each message of `line` was.
    fn received(line: &[u8]) -> Vec<&'static str> {
        let mut receiver = ImportReceiver::new();
        fn name(import: Import<'_>) -> &'static str {
            match import {
                Import::Ask => "ask",
                Import::Put(_) => "put",
                Import::Answer(_) => "answer",
                Import::Broken => "broken",
            }
        }
        line.iter()
            .filter_map(|byte| receiver.push(*byte).map(name))
            .collect()
    }

    #[test]
    fn a_key_that_was_sent_is_the_key_that_is_received() {
        let mut receiver = ImportReceiver::new();
        let (mut slot, mut other) = (
            Slot::<KeyPair<Paper>>::vacant(),
            Slot::<KeyPair<Paper>>::vacant(),
        );
        for byte in put() {
            if let Some(Import::Put(image)) = receiver.push(byte) {
                slot.paper_from_flash(image).unwrap();
            }
        }
        let pair = other.paper("PKTEST", "not-a-real-secret").unwrap();
        assert!(slot.get().unwrap().is(pair));
    }

    #[test]
    fn what_stands_between_frames_is_skipped() {
        for noise in ["", "boot: AAPK AP\r\n", "APK", "\0\0\0", "AAA"] {
            let line = [noise.as_bytes(), &put(), noise.as_bytes(), &put()].concat();
            assert_eq!(received(&line), ["put", "put"], "{noise:?}");
        }
    }

    #[test]
    fn any_flipped_bit_gives_no_key() {
        let frame = put();
        for at in 0..frame.len() {
            for bit in 0..8 {
                let mut line = frame.clone();
                line[at] ^= 1 << bit;
                let came = received(&line);
                assert!(!came.contains(&"put"), "byte {at}, bit {bit}: {came:?}");
                if at >= HEADER {
                    assert_eq!(came, ["broken"]);
                }
            }
        }
    }

    #[test]
    fn a_frame_that_was_cut_is_forgotten_and_wiped_at_a_reset() {
        let frame = put();
        let mut receiver = ImportReceiver::new();
        for byte in &frame[..200] {
            assert!(receiver.push(*byte).is_none());
        }
        receiver.reset();
        assert!(receiver.frame.is_empty());
        let came = frame
            .iter()
            .filter(|byte| matches!(receiver.push(**byte), Some(Import::Put(_))));
        assert_eq!(came.count(), 1);
    }

    #[test]
    fn a_length_or_kind_that_is_not_defined_is_broken_at_once() {
        for (kind, length) in [
            (0, 0),
            (3, 0),
            (ASK, 1),
            (PUT, 271),
            (PUT, 273),
            (ANSWER, 9),
            (ANSWER, 0xffff),
        ] {
            let [low, high] = u16::to_le_bytes(length);
            let line = [&SYNC[..], &[kind, low, high]].concat();
            assert_eq!(received(&line), ["broken"], "{kind} {length}");
        }
    }

    #[test]
    fn a_key_of_another_environment_is_refused_by_name() {
        let mut receiver = ImportReceiver::new();
        let mut slot = Slot::<KeyPair<Live>>::vacant();
        for byte in put() {
            if let Some(Import::Put(image)) = receiver.push(byte) {
                let error = slot.live_from_flash(image).err().unwrap();
                assert_eq!(ImportRefusal::from(error), ImportRefusal::OtherEnvironment);
            }
        }
        assert!(slot.get().is_none());
    }
}
