//! [`Importer`]: a device's side of an import, for any line and any flash.

use alpaca_auth::credential::{
    FLASH_SLOT_LEN, FlashStep, Import, ImportAnswer, ImportFrame, ImportReceiver, ImportRefusal,
    KeyPair, NotWritten, Slot, SlotUpdate,
};
use alpaca_auth::environment::{EnvironmentKind, Paper};

use crate::Sectors;

/// Takes bytes of a line one by one, writes the key that comes, and has an answer for the host.
///
/// Of its 0.6 KB one half holds the key while it comes in; it is wiped when the frame was handled,
/// and by [`forget`](Self::forget) after a second of silence.
pub struct Importer {
    receiver: ImportReceiver,
    answer: ImportFrame,
    stored: bool,
    over: bool,
}

impl Importer {
    /// Waits for a frame.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            receiver: ImportReceiver::new(),
            answer: ImportFrame::new(),
            stored: false,
            over: false,
        }
    }

    /// Takes one byte. `Some`: a message was handled, and [`answer`](Self::answer) has what to send.
    ///
    /// A key is written only if `allowed`: while a person holds a button, or has set a strap.
    #[inline(never)]
    pub fn on_byte(
        &mut self,
        byte: u8,
        sectors: &mut impl Sectors,
        allowed: bool,
    ) -> Option<ImportAnswer> {
        let said = match self.receiver.push(byte)? {
            // The host's own words, from a line that echoes.
            Import::Answer(_) => return None,
            Import::Broken => ImportAnswer::Refused(ImportRefusal::Line),
            Import::Ask => {
                self.over = self.stored;
                let newest = sectors.lend(|pair| pair.newest()).unwrap_or_default();
                ImportAnswer::State {
                    environment: EnvironmentKind::Paper,
                    newest: newest.map(|newest| newest.sequence),
                }
            }
            Import::Put(_) if !allowed => ImportAnswer::Refused(ImportRefusal::NotAllowed),
            Import::Put(image) => {
                let said = store(image, sectors).unwrap_or_else(ImportAnswer::Refused);
                self.stored = matches!(said, ImportAnswer::Stored { .. });
                said
            }
        };
        self.receiver.reset();
        self.answer.answer(said);
        Some(said)
    }

    /// Lends the last answer, for the line.
    pub fn answer<R>(&self, send: impl FnOnce(&[u8]) -> R) -> R {
        self.answer.expose(send)
    }

    /// Forgets a frame that was cut, so that it does not swallow the next one. After a second of silence.
    pub fn forget(&mut self) {
        self.receiver.reset();
    }

    /// Whether a key was stored since the start.
    #[must_use]
    pub const fn has_stored(&self) -> bool {
        self.stored
    }

    /// Whether a key was stored and the host has asked for it since: an import ends so.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }
}

impl Default for Importer {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes the key of `image` into the slot that does not count, under the next number.
#[inline(never)]
fn store<S: Sectors>(
    image: &[u8; FLASH_SLOT_LEN],
    sectors: &mut S,
) -> Result<ImportAnswer, ImportRefusal> {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let new = slot.paper_from_flash(image)?;
    let mut update = SlotUpdate::new(S::UNIT);
    let prepared = sectors.lend(|pair| pair.update(new, &mut update));
    if !matches!(prepared, Ok(Ok(_))) {
        return Err(ImportRefusal::NotWritten);
    }
    let written = write(&mut update, sectors);
    if !matches!(written, Ok(ImportAnswer::Stored { .. })) {
        // A slot that does not read back may read as whole another time.
        let _ = sectors.erase(update.place());
    }
    written
}

fn write<S: Sectors>(
    update: &mut SlotUpdate<FLASH_SLOT_LEN>,
    sectors: &mut S,
) -> Result<ImportAnswer, ImportRefusal> {
    let place = update.place();
    while let Some(step) = update.step() {
        match step {
            FlashStep::Erase => sectors.erase(place),
            FlashStep::Program { offset, bytes } => sectors.program(place, offset, bytes),
        }
        .map_err(|_| ImportRefusal::NotWritten)?;
    }
    sectors
        .lend(|pair| ImportAnswer::stored(pair, update.verify(pair.slot(place))))
        .map_err(|_| NotWritten.into())
}
