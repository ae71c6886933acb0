//! [`Copied`]: two sectors of a flash that `embedded-storage` drives.

use alpaca_auth::credential::{FLASH_SLOT_LEN, FlashPair, FlashPlace};
use embedded_storage::nor_flash::NorFlash;
use zeroize::{Zeroize, Zeroizing};

use crate::Sectors;

/// Bytes that are programmed at a time.
const UNIT: usize = 16;

/// Two sectors by their offsets, read by copying both slots: 544 bytes of stack, wiped after each look.
///
/// What is handed to the driver is aligned to words. A driver that gets unaligned bytes may copy them to
/// a buffer of its own, which nobody wipes.
pub struct Copied<F> {
    flash: F,
    offsets: [u32; 2],
}

/// Both slots.
#[repr(C, align(4))]
struct Images([[u8; FLASH_SLOT_LEN]; 2]);

/// One unit.
#[repr(C, align(4))]
struct Piece([u8; UNIT]);

impl Zeroize for Images {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Zeroize for Piece {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<F: NorFlash> Copied<F> {
    /// The driver must be able to do what is asked of it.
    const FITS: () = assert!(
        UNIT.is_multiple_of(F::WRITE_SIZE) && FLASH_SLOT_LEN.is_multiple_of(F::READ_SIZE),
        "this flash is programmed or read in larger pieces than a slot's"
    );

    /// `offsets` are those of the two sectors, from the start of the flash.
    pub const fn new(flash: F, offsets: [u32; 2]) -> Self {
        let () = Self::FITS;
        Self { flash, offsets }
    }

    const fn offset(&self, place: FlashPlace) -> u32 {
        let [first, second] = self.offsets;
        match place {
            FlashPlace::First => first,
            FlashPlace::Second => second,
        }
    }
}

impl<F: NorFlash> Sectors for Copied<F> {
    type Error = F::Error;
    const UNIT: usize = UNIT;

    #[inline(never)]
    fn lend<R>(&mut self, look: impl FnOnce(&FlashPair<'_>) -> R) -> Result<R, F::Error> {
        let mut images = Zeroizing::new(Images([[0; FLASH_SLOT_LEN]; 2]));
        for (offset, image) in self.offsets.into_iter().zip(&mut images.0) {
            self.flash.read(offset, image)?;
        }
        let [first, second] = &images.0;
        Ok(look(&FlashPair::new(first, second)))
    }

    fn erase(&mut self, place: FlashPlace) -> Result<(), F::Error> {
        let from = self.offset(place);
        let size = u32::try_from(F::ERASE_SIZE).unwrap_or(u32::MAX);
        self.flash.erase(from, from.saturating_add(size))
    }

    fn program(&mut self, place: FlashPlace, offset: usize, bytes: &[u8]) -> Result<(), F::Error> {
        // What is not given stays erased.
        let mut piece = Zeroizing::new(Piece([0xff; UNIT]));
        for (to, from) in piece.0.iter_mut().zip(bytes) {
            *to = *from;
        }
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        self.flash
            .write(self.offset(place).saturating_add(offset), &piece.0)
    }
}
