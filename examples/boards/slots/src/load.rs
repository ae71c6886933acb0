//! [`load`]: the key that counts, and a line of text about both slots.

use core::fmt;

use alpaca_auth::credential::{FlashPairError, FlashSlotError, KeyPair, Newest, Slot};
use alpaca_auth::environment::Paper;

use crate::Sectors;

/// Which slot the key is from, and what the other one holds. Text without anything of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The slot that counts.
    pub newest: Newest,
    /// The number of the other one, or why it has none.
    pub other: Result<u32, FlashSlotError>,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Newest { place, sequence } = self.newest;
        write!(f, "key number {sequence} from the {place} slot")?;
        match self.other {
            // What a device has that got its first key.
            Ok(_) | Err(FlashSlotError::Blank) => Ok(()),
            Err(error) => write!(f, "; the {} slot is not used: {error}", place.other()),
        }
    }
}

/// Why there is no key. Holds nothing of the slots' contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// The flash cannot be read: check the driver and the addresses.
    Unreadable,
    /// The slots are refused.
    Slots(FlashPairError),
}

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("the flash of the key cannot be read"),
            Self::Slots(error) => error.fmt(f),
        }
    }
}

/// Fills `slot` with the paper key that counts.
///
/// # Errors
/// [`NoKey`]; `slot` is vacant then.
pub fn load(sectors: &mut impl Sectors, slot: &mut Slot<KeyPair<Paper>>) -> Result<Loaded, NoKey> {
    slot.clear();
    let loaded = sectors.lend(|pair| {
        slot.paper_from_flash_pair(pair).map_err(NoKey::Slots)?;
        let newest = pair.newest().ok_or(NoKey::Unreadable)?;
        let other = pair.sequence(newest.place.other());
        Ok(Loaded { newest, other })
    });
    loaded.unwrap_or(Err(NoKey::Unreadable))
}
