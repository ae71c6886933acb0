//! [`FlashPair`]: two slots, of which the newest whole one counts.

use core::fmt;

use super::{FLASH_SLOT_LEN, FlashSlotError, Frame, MAGIC, SlotUpdate, whole};
use crate::credential::{KeyPair, Slot};
use crate::environment::{Environment, Live, Paper, Production, Sandbox};
use crate::secret::SecretTooLong;

/// Which of a device's two slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashPlace {
    /// The one given first to [`FlashPair`].
    First,
    /// The other one.
    Second,
}

impl FlashPlace {
    /// The slot beside this one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

impl fmt::Display for FlashPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Second => "second",
        })
    }
}

/// The slot that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Where it is.
    pub place: FlashPlace,
    /// Its sequence number.
    pub sequence: u32,
}

/// Two slots as they lie in flash, each in a sector of its own.
///
/// A slot is *whole* when its checksum fits. Of two whole slots the newer one counts: the one whose
/// sequence number is ahead of the other's by less than 2^31, modulo 2^32 (RFC 1982), so that number
/// 0 follows 4294967295. Equal numbers are no update's doing; the first slot counts then. When the
/// slot that counts holds a key of another environment, or one that does not open, that is an error:
/// the older key would hide a mistake.
///
/// ```
/// use alpaca_auth::credential::{
///     FLASH_SLOT_LEN, FlashPair, FlashPlace, FlashStep, KeyPair, Slot, SlotUpdate,
/// };
/// use alpaca_auth::environment::Paper;
///
/// let mut flash = [[0xff; FLASH_SLOT_LEN]; 2]; // two sectors
/// let mut new = Slot::<KeyPair<Paper>>::vacant();
/// let new = new.paper("PKTEST", "not-a-real-secret")?;
/// let mut update = SlotUpdate::new(16); // this flash is programmed by 16 bytes
/// let place = FlashPair::new(&flash[0], &flash[1]).update(new, &mut update)?;
/// let sector = &mut flash[usize::from(place == FlashPlace::Second)];
/// while let Some(step) = update.step() {
///     match step {
///         FlashStep::Erase => sector.fill(0xff),
///         FlashStep::Program { offset, bytes } => sector[offset..][..bytes.len()].copy_from_slice(bytes),
///     }
/// }
/// update.verify(sector)?;
///
/// let mut slot = Slot::<KeyPair<Paper>>::vacant();
/// assert!(slot.paper_from_flash_pair(&FlashPair::new(&flash[0], &flash[1]))?.is(new));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct FlashPair<'f, const N: usize = FLASH_SLOT_LEN> {
    first: &'f [u8; N],
    second: &'f [u8; N],
    magic: &'static [u8; 4],
}

impl<'f> FlashPair<'f> {
    /// Two slots that any device can read.
    #[must_use]
    pub const fn new(first: &'f [u8; FLASH_SLOT_LEN], second: &'f [u8; FLASH_SLOT_LEN]) -> Self {
        Self::with_magic(first, second, MAGIC)
    }

    /// Prepares the update that puts `pair` into the slot that does not count, and says which that is.
    ///
    /// # Errors
    /// None that a valid key pair can cause; [`SecretTooLong`] keeps the signature honest.
    pub fn update<E: Environment>(
        &self,
        pair: &KeyPair<E>,
        update: &mut SlotUpdate<FLASH_SLOT_LEN>,
    ) -> Result<FlashPlace, SecretTooLong> {
        let next = self.next();
        update.prepare(next.place, |image| {
            pair.write_flash_slot(next.sequence, image)
        })?;
        Ok(next.place)
    }
}

impl<'f, const N: usize> FlashPair<'f, N> {
    pub(super) const fn with_magic(
        first: &'f [u8; N],
        second: &'f [u8; N],
        magic: &'static [u8; 4],
    ) -> Self {
        Self {
            first,
            second,
            magic,
        }
    }

    /// One of the two, in place.
    #[must_use]
    pub const fn slot(&self, place: FlashPlace) -> &'f [u8; N] {
        match place {
            FlashPlace::First => self.first,
            FlashPlace::Second => self.second,
        }
    }

    /// The slot that counts, `None` if neither is whole. Once its key is known to work, the sector of
    /// the other slot may be erased: that ends the old key on this device.
    #[must_use]
    pub fn newest(&self) -> Option<Newest> {
        let whole = |place| self.frame(place).ok();
        newest(whole(FlashPlace::First), whole(FlashPlace::Second))
    }

    /// The number of one slot, whether it counts or not: tells what became of the other one.
    ///
    /// # Errors
    /// [`FlashSlotError`] when the slot is not whole. A whole one may still hold another environment's key.
    pub fn sequence(&self, place: FlashPlace) -> Result<u32, FlashSlotError> {
        self.frame(place).map(|frame| frame.sequence)
    }

    /// Where the next update goes, and its number.
    pub(super) fn next(&self) -> Newest {
        self.newest().map_or(
            Newest {
                place: FlashPlace::First,
                sequence: 1,
            },
            |newest| Newest {
                place: newest.place.other(),
                sequence: newest.sequence.wrapping_add(1),
            },
        )
    }

    /// The slot to read.
    pub(super) fn counts(&self) -> Result<FlashPlace, FlashPairError> {
        let (first, second) = (
            self.frame(FlashPlace::First),
            self.frame(FlashPlace::Second),
        );
        match (first, second) {
            (Err(first), Err(second)) => Err(FlashPairError::Neither { first, second }),
            (first, second) => Ok(
                newest(first.ok(), second.ok()).map_or(FlashPlace::First, |newest| newest.place)
            ),
        }
    }

    fn frame(&self, place: FlashPlace) -> Result<Frame, FlashSlotError> {
        whole(self.slot(place), self.magic)
    }
}

/// Half of all sequence numbers: what is less far ahead is newer (RFC 1982 §3.2).
const HALF: u32 = 1 << 31;

fn newest(first: Option<Frame>, second: Option<Frame>) -> Option<Newest> {
    let at = |place, frame: Frame| {
        Some(Newest {
            place,
            sequence: frame.sequence,
        })
    };
    match (first, second) {
        (None, None) => None,
        (Some(first), None) => at(FlashPlace::First, first),
        (None, Some(second)) => at(FlashPlace::Second, second),
        (Some(first), Some(second)) => {
            let ahead = second.sequence.wrapping_sub(first.sequence);
            if (1..HALF).contains(&ahead) {
                at(FlashPlace::Second, second)
            } else {
                at(FlashPlace::First, first)
            }
        }
    }
}

/// Why two slots give no key. Holds nothing of their contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashPairError {
    /// Neither slot is whole. Provision the device.
    Neither {
        /// What is wrong with the first.
        first: FlashSlotError,
        /// What is wrong with the second.
        second: FlashSlotError,
    },
    /// The newer slot is whole and refused. The older one is not used in its place.
    Newest {
        /// Which it is.
        place: FlashPlace,
        /// Why it is refused.
        error: FlashSlotError,
    },
}

impl fmt::Display for FlashPairError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Neither { first, second } if first == second => write!(f, "both slots: {first}"),
            Self::Neither { first, second } => {
                write!(f, "the first slot: {first}; the second slot: {second}")
            }
            Self::Newest { place, error } => write!(f, "the {place} slot is the newest: {error}"),
        }
    }
}

impl core::error::Error for FlashPairError {}

macro_rules! named_readers {
    ($($(#[$doc:meta])* $environment:ident: $name:ident)*) => {$(
        impl Slot<KeyPair<$environment>> {
            $(#[$doc])*
            ///
            /// # Errors
            /// [`FlashPairError`] names why; this slot is vacant then.
            pub fn $name(&mut self, pair: &FlashPair<'_>) -> Result<&KeyPair<$environment>, FlashPairError> {
                self.clear();
                let place = pair.counts()?;
                self.read_flash(pair.slot(place))
                    .map_err(|error| FlashPairError::Newest { place, error })
            }
        }
    )*};
}
named_readers! {
    /// Fills the slot with the newest paper key pair of two flash slots.
    Paper: paper_from_flash_pair
    /// Fills the slot with the newest live key pair of two flash slots: orders cost real money.
    Live: live_from_flash_pair
    /// Fills the slot with the newest key pair of a broker partner's sandbox.
    Sandbox: sandbox_from_flash_pair
    /// Fills the slot with the newest key pair of a broker partner's production.
    Production: production_from_flash_pair
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::EnvironmentKind;
    use crate::secret::Secret;

    const BLANK: [u8; FLASH_SLOT_LEN] = [0xff; FLASH_SLOT_LEN];

    fn image(id: &str, sequence: u32) -> [u8; FLASH_SLOT_LEN] {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut image = Secret::new();
        let pair = slot.paper(id, "not-a-real-secret").unwrap();
        pair.write_flash_slot(sequence, &mut image).unwrap();
        image.expose(|bytes| bytes.try_into().unwrap())
    }

    /// Which slot counts, and what follows it.
    fn judged(first: u32, second: u32) -> (FlashPlace, Newest) {
        let (first, second) = (image("PKFIRST", first), image("PKSECOND", second));
        let pair = FlashPair::new(&first, &second);
        let newest = pair.newest().unwrap();
        assert_eq!(pair.counts(), Ok(newest.place));
        (newest.place, pair.next())
    }

    #[test]
    fn the_number_that_is_ahead_counts_across_the_wrap() {
        use FlashPlace::{First, Second};
        for (first, second, counts, next) in [
            (1, 2, Second, 3),
            (2, 1, First, 3),
            (u32::MAX, 0, Second, 1),
            (0, u32::MAX, First, 1),
            (u32::MAX - 1, u32::MAX, Second, 0),
            (u32::MAX, u32::MAX - 1, First, 0),
            (5, 5, First, 6),
            // As far apart as can be told, and one more.
            (0, HALF - 1, Second, HALF),
            (0, HALF, First, 1),
        ] {
            let place = counts.other();
            let sequence = next;
            assert_eq!(
                judged(first, second),
                (counts, Newest { place, sequence }),
                "{first} {second}"
            );
        }
    }

    #[test]
    fn each_slot_tells_its_number_or_why_it_has_none() {
        let (whole, mut damaged) = (image("PKTEST", 9), image("PKTEST", 10));
        damaged[30] ^= 1;
        let pair = FlashPair::new(&whole, &damaged);
        assert_eq!(pair.sequence(FlashPlace::First), Ok(9));
        let second = pair.sequence(FlashPlace::Second);
        assert_eq!(second, Err(FlashSlotError::Corrupt));
        let pair = FlashPair::new(&BLANK, &whole);
        assert_eq!(pair.sequence(FlashPlace::First), Err(FlashSlotError::Blank));
    }

    #[test]
    fn an_update_never_goes_to_the_slot_that_counts() {
        let whole = image("PKTEST", 9);
        for (first, second, goes) in [
            (&BLANK, &BLANK, FlashPlace::First),
            (&whole, &BLANK, FlashPlace::Second),
            (&BLANK, &whole, FlashPlace::First),
        ] {
            assert_eq!(FlashPair::new(first, second).next().place, goes);
        }
    }

    #[test]
    fn the_newer_slot_is_not_replaced_by_the_older_one_when_its_key_is_refused() {
        let mut live = Slot::<KeyPair<Live>>::vacant();
        let live = live.live("AKTEST", "not-a-real-secret").unwrap();
        let (old, mut newer) = (image("PKOLD", 1), Secret::new());
        live.write_flash_slot(2, &mut newer).unwrap();
        let newer = newer.expose(|bytes| bytes.try_into().unwrap());
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        slot.paper("PKHELD", "old").unwrap();
        let error = slot.paper_from_flash_pair(&FlashPair::new(&old, &newer));
        let (wanted, found) = (EnvironmentKind::Paper, EnvironmentKind::Live);
        let error = error.err();
        let other = FlashSlotError::OtherEnvironment { wanted, found };
        assert_eq!(
            error,
            Some(FlashPairError::Newest {
                place: FlashPlace::Second,
                error: other
            })
        );
        assert!(slot.get().is_none());
    }

    #[test]
    fn two_slots_without_a_key_say_what_is_wrong_with_each() {
        let mut cut = image("PKTEST", 1);
        cut[40..].fill(0xff);
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let error = slot.paper_from_flash_pair(&FlashPair::new(&BLANK, &cut));
        let (first, second) = (FlashSlotError::Blank, FlashSlotError::Corrupt);
        assert_eq!(error.err(), Some(FlashPairError::Neither { first, second }));
        // A slot of a newer firmware cannot be judged: it may as well be half written.
        let (mut newer, old) = (image("PKNEW", 2), image("PKOLD", 1));
        newer[4] = 2;
        assert!(
            slot.paper_from_flash_pair(&FlashPair::new(&newer, &old))
                .is_ok()
        );
    }
}
