//! What every board does with its two key slots: reads the newest, and takes a new key over a line.
//!
//! ```text
//!   Sectors ──▶ load: the key that counts, and what became of the other slot
//!      ▲
//!      └─────── Importer: bytes of a line in, a new key into the other slot, an answer out
//! ```
//!
//! The board gives its flash: [`Sectors`] itself where slots are read in place, or a driver of
//! `embedded-storage` in [`Copied`].

#![no_std]

mod copied;
mod importer;
mod load;

pub use copied::Copied;
pub use importer::Importer;
pub use load::{Loaded, NoKey, load};

use alpaca_auth::credential::{FlashPair, FlashPlace};

/// Two sectors of flash, each for one slot and nothing else.
pub trait Sectors {
    /// Why the flash does not do it.
    type Error;

    /// Bytes that are programmed at a time: a divisor of a slot's 272.
    const UNIT: usize;

    /// Lends both slots as they are now.
    ///
    /// # Errors
    /// When they cannot be read.
    fn lend<R>(&mut self, look: impl FnOnce(&FlashPair<'_>) -> R) -> Result<R, Self::Error>;

    /// Erases one sector.
    ///
    /// # Errors
    /// When the flash refuses.
    fn erase(&mut self, place: FlashPlace) -> Result<(), Self::Error>;

    /// Programs bytes of one sector that were erased, at most [`UNIT`](Self::UNIT) of them.
    ///
    /// # Errors
    /// When the flash refuses.
    fn program(
        &mut self,
        place: FlashPlace,
        offset: usize,
        bytes: &[u8],
    ) -> Result<(), Self::Error>;
}
