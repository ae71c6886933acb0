//! The flash slot: how a key pair lies in a device's flash, and how it is read in place.
//!
//! Version 1 is [`FLASH_SLOT_LEN`] bytes, numbers little-endian:
//!
//! | bytes | holds |
//! |---|---|
//! | 0..4 | `APKY` |
//! | 4 | version: 1 |
//! | 5 | environment: `P` paper, `L` live, `S` sandbox, `B` production (broker) |
//! | 6, 7 | length of key id and of secret key |
//! | 8..12 | sequence number, for devices with more than one slot |
//! | 12..140 | key id, then zeros |
//! | 140..268 | secret key, then zeros |
//! | 268..272 | CRC-32 (IEEE 802.3) of bytes 0..268 |
//!
//! The CRC tells damage, not tampering: who can write the flash can write a slot.

use core::fmt;

use super::{CredentialError, KEY_MAX, KeyPair, Slot};
use crate::environment::{Environment, EnvironmentKind, Live, Paper, Production, Sandbox};
use crate::secret::{Cursor, Secret, SecretTooLong};

/// Bytes of a flash slot. Flash is erased in larger pieces: give the slot a sector of its own.
pub const FLASH_SLOT_LEN: usize = 272;

/// The version of the layout that is written, and the newest that is read.
pub const FLASH_SLOT_VERSION: u8 = 1;

const MAGIC: &[u8; 4] = b"APKY";
const ERASED: u8 = 0xff;
const PADDING: [u8; KEY_MAX] = [0; KEY_MAX];

/// Why a flash slot is refused. Holds nothing of the slot's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlashSlotError {
    /// All bytes are 0xFF, as flash is when it was erased. Provision the device.
    Blank,
    /// It does not begin as a slot does. Check the address, and provision the device.
    NotASlot,
    /// Written by a newer version of this library. Update the firmware, or provision it again.
    NewerVersion {
        /// The version that the slot states.
        found: u8,
    },
    /// The checksum does not match: half written, or damaged. Provision the device again.
    Corrupt,
    /// A key pair of another environment than the firmware is built for.
    OtherEnvironment {
        /// What the firmware asked for.
        wanted: EnvironmentKind,
        /// What the slot holds.
        found: EnvironmentKind,
    },
    /// The checksum is right and the contents are not: the program that wrote it is at fault.
    Malformed,
    /// The slot is whole, but what it holds is no key.
    Credential(CredentialError),
}

impl fmt::Display for FlashSlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("the flash slot is blank; provision the device"),
            Self::NotASlot => f.write_str(
                "there is no flash slot at this address; check it, and provision the device",
            ),
            Self::NewerVersion { found } => write!(
                f,
                "the flash slot has version {found}, and this firmware reads up to \
                 {FLASH_SLOT_VERSION}; update the firmware, or provision the device with this version"
            ),
            Self::Corrupt => {
                f.write_str("the flash slot is half written or damaged; provision the device again")
            }
            Self::OtherEnvironment { wanted, found } => write!(
                f,
                "the flash slot holds a key of {found}, and this firmware is for {wanted}; \
                 provision a key of {wanted}"
            ),
            Self::Malformed => f.write_str(
                "the flash slot was written wrongly; provision it with this version's program",
            ),
            Self::Credential(error) => write!(f, "the flash slot holds no key: {error}"),
        }
    }
}

impl core::error::Error for FlashSlotError {}

const fn tag(environment: EnvironmentKind) -> u8 {
    match environment {
        EnvironmentKind::Paper => b'P',
        EnvironmentKind::Live => b'L',
        EnvironmentKind::Sandbox => b'S',
        EnvironmentKind::Production => b'B',
    }
}

const fn environment(tag: u8) -> Option<EnvironmentKind> {
    Some(match tag {
        b'P' => EnvironmentKind::Paper,
        b'L' => EnvironmentKind::Live,
        b'S' => EnvironmentKind::Sandbox,
        b'B' => EnvironmentKind::Production,
        _ => return None,
    })
}

impl<E: Environment> KeyPair<E> {
    /// Writes the image of a flash slot, for a program that provisions devices. The image is as
    /// secret as the key.
    ///
    /// ```
    /// use alpaca_auth::credential::{FLASH_SLOT_LEN, KeyPair, Slot};
    /// use alpaca_auth::environment::Paper;
    /// use alpaca_auth::secret::Secret;
    ///
    /// let mut slot = Slot::<KeyPair<Paper>>::vacant();
    /// let mut image = Secret::<FLASH_SLOT_LEN>::new();
    /// slot.paper("PKTEST", "not-a-real-secret")?.write_flash_slot(1, &mut image)?;
    /// assert_eq!(image.len(), FLASH_SLOT_LEN);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// None that a valid key pair can cause; [`SecretTooLong`] keeps the signature honest.
    pub fn write_flash_slot(
        &self,
        sequence: u32,
        image: &mut Secret<FLASH_SLOT_LEN>,
    ) -> Result<(), SecretTooLong> {
        let half = |cursor: &mut Cursor<'_>, half: &Secret<KEY_MAX>| {
            half.expose(|bytes| cursor.put(bytes))?;
            cursor.put(PADDING.get(half.len()..).unwrap_or_default())
        };
        image.write(|cursor| {
            let lengths = [&self.id, &self.secret].map(|half| u8::try_from(half.len()));
            let [Ok(id), Ok(secret)] = lengths else {
                return Err(SecretTooLong);
            };
            cursor.put(MAGIC)?;
            cursor.put(&[FLASH_SLOT_VERSION, tag(E::KIND), id, secret])?;
            cursor.put(&sequence.to_le_bytes())?;
            half(cursor, &self.id)?;
            half(cursor, &self.secret)
        })?;
        let checksum = image.expose(crc32);
        image.append(&checksum.to_le_bytes())
    }
}

impl<E: Environment> Slot<KeyPair<E>> {
    /// Reads `image` in place; the key is copied once, into this slot.
    fn read_flash<'s>(
        &'s mut self,
        image: &[u8; FLASH_SLOT_LEN],
    ) -> Result<&'s KeyPair<E>, FlashSlotError> {
        self.clear();
        let (id, secret) = halves(image, E::KIND)?;
        self.key_pair(id, secret)
            .map_err(FlashSlotError::Credential)
    }
}

macro_rules! named_readers {
    ($($(#[$doc:meta])* $environment:ident: $name:ident)*) => {$(
        impl Slot<KeyPair<$environment>> {
            $(#[$doc])*
            ///
            /// ```
            #[doc = concat!("use alpaca_auth::credential::{FLASH_SLOT_LEN, FlashSlotError, KeyPair, Slot};")]
            #[doc = concat!("use alpaca_auth::environment::", stringify!($environment), ";")]
            ///
            #[doc = concat!("let mut slot = Slot::<KeyPair<", stringify!($environment), ">>::vacant();")]
            #[doc = concat!("let erased = slot.", stringify!($name), "(&[0xff; FLASH_SLOT_LEN]);")]
            /// assert_eq!(erased.err(), Some(FlashSlotError::Blank));
            /// ```
            ///
            /// # Errors
            /// [`FlashSlotError`] names why the slot is refused; this one is vacant then.
            pub fn $name(&mut self, image: &[u8; FLASH_SLOT_LEN]) -> Result<&KeyPair<$environment>, FlashSlotError> {
                self.read_flash(image)
            }
        }
    )*};
}
named_readers! {
    /// Fills the slot with the paper key pair that lies in flash.
    Paper: paper_from_flash
    /// Fills the slot with the live key pair that lies in flash: orders cost real money.
    Live: live_from_flash
    /// Fills the slot with the broker partner's sandbox key pair that lies in flash.
    Sandbox: sandbox_from_flash
    /// Fills the slot with the broker partner's production key pair that lies in flash.
    Production: production_from_flash
}

/// Key id and secret key of a whole slot of this environment.
fn halves(
    image: &[u8; FLASH_SLOT_LEN],
    wanted: EnvironmentKind,
) -> Result<(&str, &str), FlashSlotError> {
    if image.iter().all(|byte| *byte == ERASED) {
        return Err(FlashSlotError::Blank);
    }
    let (content, checksum) = image
        .split_last_chunk::<4>()
        .ok_or(FlashSlotError::Malformed)?;
    let [m0, m1, m2, m3, version, tag, id, secret, rest @ ..] = content else {
        return Err(FlashSlotError::Malformed);
    };
    if [*m0, *m1, *m2, *m3] != *MAGIC {
        return Err(FlashSlotError::NotASlot);
    }
    // A newer layout may keep its checksum elsewhere, so its version is believed first.
    if *version > FLASH_SLOT_VERSION {
        return Err(FlashSlotError::NewerVersion { found: *version });
    }
    if crc32(content) != u32::from_le_bytes(*checksum) {
        return Err(FlashSlotError::Corrupt);
    }
    let found = environment(*tag).ok_or(FlashSlotError::Malformed)?;
    if found != wanted {
        return Err(FlashSlotError::OtherEnvironment { wanted, found });
    }
    let (_sequence, rest) = rest.split_at_checked(4).unwrap_or_default();
    let (id_place, secret_place) = rest.split_at_checked(KEY_MAX).unwrap_or_default();
    match (*version, text(id_place, *id), text(secret_place, *secret)) {
        (FLASH_SLOT_VERSION, Some(id), Some(secret)) => Ok((id, secret)),
        _ => Err(FlashSlotError::Malformed),
    }
}

/// The first `length` bytes as text, if only zeros follow.
fn text(place: &[u8], length: u8) -> Option<&str> {
    let (text, padding) = place.split_at_checked(length.into())?;
    let clean = padding.iter().all(|byte| *byte == 0);
    core::str::from_utf8(text).ok().filter(|_| clean)
}

/// CRC-32 as in IEEE 802.3, bit by bit: a table would cost more flash than it saves time.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (POLYNOMIAL & 0_u32.wrapping_sub(crc & 1))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{CredentialFault, CredentialField};

    const ID: &str = "PKTEST0123456789ABCD";
    const SECRET: &str = "not/a-real+secret";

    fn image() -> [u8; FLASH_SLOT_LEN] {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut image = Secret::new();
        let pair = slot.paper(ID, SECRET).unwrap();
        pair.write_flash_slot(7, &mut image).unwrap();
        image.expose(|bytes| bytes.try_into().unwrap())
    }

    /// With a checksum that fits.
    fn sealed(change: impl FnOnce(&mut [u8; FLASH_SLOT_LEN])) -> [u8; FLASH_SLOT_LEN] {
        let mut image = image();
        change(&mut image);
        let checksum = crc32(&image[..FLASH_SLOT_LEN - 4]);
        image[FLASH_SLOT_LEN - 4..].copy_from_slice(&checksum.to_le_bytes());
        image
    }

    fn refused(image: &[u8; FLASH_SLOT_LEN]) -> FlashSlotError {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        slot.paper("PKOLD", "old").unwrap();
        let error = slot.paper_from_flash(image).err().unwrap();
        assert!(slot.get().is_none(), "a refused image leaves a credential");
        error
    }

    #[test]
    fn the_checksum_is_that_of_ieee_802_3() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn what_was_written_is_read() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut other = Slot::<KeyPair<Paper>>::vacant();
        let pair = slot.paper_from_flash(&image()).unwrap();
        assert!(pair.is(other.paper(ID, SECRET).unwrap()));
        // The longest that there is.
        let long = "x".repeat(KEY_MAX);
        let mut image = Secret::new();
        let pair = other.paper(&long, &long).unwrap();
        pair.write_flash_slot(u32::MAX, &mut image).unwrap();
        let image = image.expose(|bytes| bytes.try_into().unwrap());
        assert!(pair.is(slot.paper_from_flash(&image).unwrap()));
    }

    #[test]
    fn any_single_flipped_bit_is_refused() {
        for at in 0..FLASH_SLOT_LEN {
            for bit in 0..8 {
                let mut image = image();
                image[at] ^= 1 << bit;
                let error = refused(&image);
                match at {
                    0..4 => assert_eq!(error, FlashSlotError::NotASlot),
                    // Version 1 with another bit set is newer; without its bit it is 0.
                    4 if bit != 0 => assert_eq!(
                        error,
                        FlashSlotError::NewerVersion {
                            found: 1 | (1 << bit)
                        }
                    ),
                    _ => assert_eq!(error, FlashSlotError::Corrupt, "byte {at}, bit {bit}"),
                }
            }
        }
    }

    #[test]
    fn a_slot_written_up_to_any_byte_is_refused() {
        for written in 0..FLASH_SLOT_LEN {
            let mut image = image();
            image[written..].fill(ERASED);
            // The rest of the checksum may happen to be 0xFF.
            if image == self::image() {
                continue;
            }
            let error = refused(&image);
            match written {
                0 => assert_eq!(error, FlashSlotError::Blank),
                1..4 => assert_eq!(error, FlashSlotError::NotASlot),
                4 => assert_eq!(error, FlashSlotError::NewerVersion { found: ERASED }),
                _ => assert_eq!(error, FlashSlotError::Corrupt, "{written} bytes"),
            }
        }
    }

    #[test]
    fn a_slot_of_another_environment_is_refused() {
        let error = Slot::<KeyPair<Live>>::vacant()
            .live_from_flash(&image())
            .err();
        let (wanted, found) = (EnvironmentKind::Live, EnvironmentKind::Paper);
        assert_eq!(
            error,
            Some(FlashSlotError::OtherEnvironment { wanted, found })
        );
        for (tag, found) in [
            (b'L', EnvironmentKind::Live),
            (b'S', EnvironmentKind::Sandbox),
            (b'B', EnvironmentKind::Production),
        ] {
            let wanted = EnvironmentKind::Paper;
            let error = refused(&sealed(|image| image[5] = tag));
            assert_eq!(error, FlashSlotError::OtherEnvironment { wanted, found });
        }
    }

    #[test]
    fn a_slot_that_is_whole_and_wrong_is_refused() {
        for (name, image) in [
            ("version 0", sealed(|image| image[4] = 0)),
            ("unknown environment", sealed(|image| image[5] = b'p')),
            (
                "key id longer than its place",
                sealed(|image| image[6] = 129),
            ),
            (
                "secret longer than its place",
                sealed(|image| image[7] = 255),
            ),
            (
                "bytes behind the key id",
                sealed(|image| image[12 + 127] = 1),
            ),
            (
                "bytes behind the secret",
                sealed(|image| image[140 + 127] = 1),
            ),
            (
                "a shorter length than the key id",
                sealed(|image| image[6] = 3),
            ),
            ("no UTF-8", sealed(|image| image[12] = 0xff)),
        ] {
            assert_eq!(refused(&image), FlashSlotError::Malformed, "{name}");
        }
        let field = CredentialField::KeyId;
        let fault = CredentialFault::Quote;
        assert_eq!(
            refused(&sealed(|image| image[12] = b'"')),
            FlashSlotError::Credential(CredentialError { field, fault })
        );
        let fault = CredentialFault::Empty;
        assert_eq!(
            refused(&sealed(|image| {
                image[6] = 0;
                image[12..140].fill(0);
            })),
            FlashSlotError::Credential(CredentialError { field, fault })
        );
        assert_eq!(refused(&[0; FLASH_SLOT_LEN]), FlashSlotError::NotASlot);
    }
}
