//! [`Flash`]: two sectors that behave as NOR flash does. The boards have none that a program can write.
//!
//! They are RAM, whose content the emulator is started with and keeps in a file: what was written is
//! there after the emulator was killed, as it is in flash after the power went. Erasing sets all bits of
//! a sector, programming only clears bits, and both take about as long as in a part (Winbond W25Q:
//! 45 ms for a sector, 0.4 ms for a page).

use core::convert::Infallible;
use core::ptr::{
    read_volatile, with_exposed_provenance, with_exposed_provenance_mut, write_volatile,
};

use alpaca_auth::credential::{FLASH_SLOT_LEN, FlashPair, FlashPlace};
use key_slots::Sectors;

use crate::address::{self, SECTOR};
use crate::timer::Stopwatch;

const ERASE_MS: u32 = 45;
const PROGRAM_MS: u32 = 2;

/// Both sectors.
pub struct Flash {
    slow: bool,
}

impl Flash {
    /// Takes them. Call it once.
    #[must_use]
    pub const fn open() -> Self {
        Self { slow: true }
    }

    /// Without the time that a part takes, for who counts instructions.
    #[must_use]
    pub const fn without_waits() -> Self {
        Self { slow: false }
    }

    fn wait(&self, started: Stopwatch, milliseconds: u32) {
        if self.slow {
            started.wait_ms(milliseconds);
        }
    }

    /// The slots in place.
    fn slots(&self) -> FlashPair<'_> {
        let slot = |place| {
            let at = with_exposed_provenance::<[u8; FLASH_SLOT_LEN]>(start(place));
            // SAFETY: mapped memory that only this value writes, and not while it is borrowed.
            unsafe { &*at }
        };
        FlashPair::new(slot(FlashPlace::First), slot(FlashPlace::Second))
    }
}

const fn start(place: FlashPlace) -> usize {
    match place {
        FlashPlace::First => address::SLOTS,
        FlashPlace::Second => address::SLOTS + SECTOR,
    }
}

fn set(at: usize, byte: u8) {
    // SAFETY: inside a sector, by the callers' bounds; nothing borrows it.
    unsafe { write_volatile(with_exposed_provenance_mut(at), byte) };
}

impl Sectors for Flash {
    type Error = Infallible;
    const UNIT: usize = 16;

    fn lend<R>(&mut self, look: impl FnOnce(&FlashPair<'_>) -> R) -> Result<R, Infallible> {
        Ok(look(&self.slots()))
    }

    fn erase(&mut self, place: FlashPlace) -> Result<(), Infallible> {
        let started = Stopwatch::start();
        let from = start(place);
        for at in from..from + SECTOR {
            set(at, 0xff);
        }
        self.wait(started, ERASE_MS);
        Ok(())
    }

    fn program(
        &mut self,
        place: FlashPlace,
        offset: usize,
        bytes: &[u8],
    ) -> Result<(), Infallible> {
        let started = Stopwatch::start();
        for (offset, byte) in (offset..SECTOR).zip(bytes) {
            let at = start(place) + offset;
            // SAFETY: inside a sector.
            let held: u8 = unsafe { read_volatile(with_exposed_provenance(at)) };
            set(at, held & byte);
        }
        self.wait(started, PROGRAM_MS);
        Ok(())
    }
}
