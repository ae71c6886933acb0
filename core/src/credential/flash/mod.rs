//! How key pairs lie in a device's flash, and how they are read in place.
//!
//! # A slot
//! Version 1 is [`FLASH_SLOT_LEN`] bytes, numbers little-endian:
//!
//! | bytes | holds |
//! |---|---|
//! | 0..4 | `APKY` |
//! | 4 | version: 1 |
//! | 5 | environment: `P` paper, `L` live, `S` sandbox, `B` production (broker) |
//! | 6, 7 | length of key id and of secret key |
//! | 8..12 | sequence number |
//! | 12..140 | key id, then zeros |
//! | 140..268 | secret key, then zeros |
//! | 268..272 | CRC-32 (IEEE 802.3) of bytes 0..268 |
//!
//! The CRC tells damage, not tampering: who can write the flash can write a slot.
//!
//! # Two slots
//! A [`FlashPair`] is two slots, each in a sector of its own. The newest whole one is read; an update
//! goes to the other one, so that a power cut leaves the old key or the new one. [`SlotUpdate`] gives
//! the steps. Sealed slots open on one device only ([`FlashPair::sealed`]); [`ImportReceiver`] takes a new
//! key over a serial line.

mod image;
mod import;
mod pair;
mod sealed;
mod update;

pub use import::{
    IMPORT_FRAME_MAX, Import, ImportAnswer, ImportFrame, ImportReceiver, ImportRefusal,
};
pub use pair::{FlashPair, FlashPairError, FlashPlace, Newest};
#[cfg(feature = "sealed-slot")]
pub use sealed::DeviceKey;
pub use sealed::{CipherError, SEALED_SLOT_LEN, SLOT_NONCE_LEN, SealError, SlotCipher};
pub use update::{FlashStep, NotWritten, SlotUpdate};

use core::fmt;

use super::CredentialError;
use crate::environment::EnvironmentKind;

/// Bytes of a flash slot. Flash is erased in larger pieces: give the slot a sector of its own.
pub const FLASH_SLOT_LEN: usize = 272;

/// The version of the layout that is written, and the newest that is read.
pub const FLASH_SLOT_VERSION: u8 = 1;

const MAGIC: &[u8; 4] = b"APKY";
const ERASED: u8 = 0xff;

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
    /// A sealed slot that this device's key does not open: written for another device, or changed by
    /// someone. Provision the device again.
    NotOpened,
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
            Self::NotOpened => f.write_str(
                "the flash slot was sealed for another device, or was changed since; provision this \
                 device again",
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

/// A frame that both layouts share: magic, version, tag and sequence in front, the CRC at the end.
struct Frame {
    version: u8,
    tag: u8,
    sequence: u32,
}

/// What stands in the frame of a slot that was written to its end.
fn whole(image: &[u8], magic: &[u8; 4]) -> Result<Frame, FlashSlotError> {
    if image.iter().all(|byte| *byte == ERASED) {
        return Err(FlashSlotError::Blank);
    }
    let (content, checksum) = image
        .split_last_chunk::<4>()
        .ok_or(FlashSlotError::Malformed)?;
    let [m0, m1, m2, m3, version, tag, _, _, s0, s1, s2, s3, ..] = content else {
        return Err(FlashSlotError::Malformed);
    };
    if [*m0, *m1, *m2, *m3] != *magic {
        return Err(FlashSlotError::NotASlot);
    }
    // A newer layout may keep its checksum elsewhere, so its version is believed first.
    if *version > FLASH_SLOT_VERSION {
        return Err(FlashSlotError::NewerVersion { found: *version });
    }
    if crc32(content) != u32::from_le_bytes(*checksum) {
        return Err(FlashSlotError::Corrupt);
    }
    Ok(Frame {
        version: *version,
        tag: *tag,
        sequence: u32::from_le_bytes([*s0, *s1, *s2, *s3]),
    })
}

impl Frame {
    /// Refuses another version or environment than the one that is wanted.
    fn of(&self, wanted: EnvironmentKind) -> Result<(), FlashSlotError> {
        let found = environment(self.tag).ok_or(FlashSlotError::Malformed)?;
        if found != wanted {
            return Err(FlashSlotError::OtherEnvironment { wanted, found });
        }
        match self.version {
            FLASH_SLOT_VERSION => Ok(()),
            _ => Err(FlashSlotError::Malformed),
        }
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
