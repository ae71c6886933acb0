//! Sealed slots: a key pair that only one device can read back.
//!
//! Version 1 is [`SEALED_SLOT_LEN`] bytes, numbers little-endian:
//!
//! | bytes | holds |
//! |---|---|
//! | 0..4 | `APKS` |
//! | 4 | version: 1 |
//! | 5 | environment, as in a plain slot |
//! | 6, 7 | zeros |
//! | 8..12 | sequence number |
//! | 12..24 | nonce |
//! | 24..284 | sealed: both lengths, two zeros, key id and secret key, each filled up to 128 bytes |
//! | 284..300 | authentication tag |
//! | 300..304 | CRC-32 of bytes 0..300 |
//!
//! Bytes 0..12 are authenticated with the key pair. The checksum tells without the device's key
//! whether a slot is whole, so two sealed slots are as safe from a power cut as two plain ones.
//!
//! # Nonces
//! One nonce serves once under one key of AES-GCM: two slots under the same nonce give away both
//! contents to who has read both, and let him seal others. Take [`SLOT_NONCE_LEN`] fresh bytes of the
//! TRNG for every update. The sequence number is no nonce: an update that was cut is repeated under the
//! same number. A nonce of one repeated byte, or that of a slot of the pair, is refused as a sign of a
//! stuck generator.
//!
//! # What it does not do
//! Who can write the flash can still erase the newer slot and so bring the older key back, and who runs
//! code on the device can ask it to open its slots.

use core::fmt;

use super::{
    FLASH_SLOT_VERSION, FlashPair, FlashPairError, FlashPlace, FlashSlotError, SlotUpdate, crc32,
    tag, text, whole,
};
use crate::credential::{KEY_MAX, KeyPair, Slot};
use crate::environment::{Environment, Live, Paper, Production, Sandbox};
use crate::secret::{Cursor, Secret, SecretTooLong};

/// Bytes of a sealed slot.
pub const SEALED_SLOT_LEN: usize = 304;

/// Bytes of a nonce.
pub const SLOT_NONCE_LEN: usize = 12;

const SEALED_MAGIC: &[u8; 4] = b"APKS";
/// Magic, version, environment, zeros and sequence number.
const HEADER: usize = 12;
const TAG: usize = 16;
/// What is sealed: two lengths, two zeros, two places.
const TEXT: usize = 4 + 2 * KEY_MAX;

/// AES-GCM, or another AEAD with a tag of 16 bytes, under a key that does not leave the device.
///
/// Implement it over a secure element or a crypto peripheral; `DeviceKey` (feature `sealed-slot`) does
/// it in software.
pub trait SlotCipher {
    /// Encrypts `text` in place and returns the tag over `associated` and `text`.
    ///
    /// # Errors
    /// [`CipherError`] when the device does not.
    fn seal(
        &self,
        nonce: &[u8; SLOT_NONCE_LEN],
        associated: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG], CipherError>;

    /// Decrypts `text` in place, if the tag is right.
    ///
    /// # Errors
    /// [`CipherError`] when it is not; `text` is wiped by the caller then.
    fn open(
        &self,
        nonce: &[u8; SLOT_NONCE_LEN],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), CipherError>;
}

/// The cipher refuses: a wrong tag, or a key that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CipherError;

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The nonce is one repeated byte, or stands in a slot already: the generator is stuck. Seed it.
    Nonce,
    /// The device's cipher refused. Check that its key is there.
    Cipher,
    /// None that a valid key pair can cause.
    TooLong,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nonce => "the nonce was used before or is constant; check the random generator",
            Self::Cipher => "the device's cipher refused; check that its key is there",
            Self::TooLong => "the key pair is too long for a slot",
        })
    }
}

impl core::error::Error for SealError {}

impl From<SecretTooLong> for SealError {
    fn from(_: SecretTooLong) -> Self {
        Self::TooLong
    }
}

impl<'f> FlashPair<'f, SEALED_SLOT_LEN> {
    /// Two slots that one device can read. A plain slot is refused here: it is no slot.
    #[must_use]
    pub const fn sealed(
        first: &'f [u8; SEALED_SLOT_LEN],
        second: &'f [u8; SEALED_SLOT_LEN],
    ) -> Self {
        Self::with_magic(first, second, SEALED_MAGIC)
    }

    /// Seals `pair` for the slot that does not count, and says which that is. `nonce` comes fresh from
    /// the TRNG, each time.
    ///
    /// # Errors
    /// [`SealError`]; the update is empty then.
    pub fn update<E: Environment>(
        &self,
        pair: &KeyPair<E>,
        cipher: &impl SlotCipher,
        nonce: &[u8; SLOT_NONCE_LEN],
        update: &mut SlotUpdate<SEALED_SLOT_LEN>,
    ) -> Result<FlashPlace, SealError> {
        let next = self.next();
        update.prepare(next.place, |image| {
            image.wipe();
            if self.is_stuck(nonce) {
                return Err(SealError::Nonce);
            }
            image.fill(|place| seal(pair, cipher, nonce, next.sequence, place))
        })?;
        Ok(next.place)
    }

    fn is_stuck(&self, nonce: &[u8; SLOT_NONCE_LEN]) -> bool {
        let constant = nonce
            .first_chunk()
            .is_some_and(|[byte]| nonce == &[*byte; SLOT_NONCE_LEN]);
        let used = |place| {
            let (_, rest) = self
                .slot(place)
                .split_at_checked(HEADER)
                .unwrap_or_default();
            rest.first_chunk() == Some(nonce)
        };
        constant || used(FlashPlace::First) || used(FlashPlace::Second)
    }
}

/// Writes a sealed slot into `image` and returns its length.
fn seal<E: Environment>(
    pair: &KeyPair<E>,
    cipher: &impl SlotCipher,
    nonce: &[u8; SLOT_NONCE_LEN],
    sequence: u32,
    image: &mut [u8; SEALED_SLOT_LEN],
) -> Result<usize, SealError> {
    let lengths = [&pair.id, &pair.secret].map(|half| u8::try_from(half.len()));
    let [Ok(id), Ok(secret)] = lengths else {
        return Err(SealError::TooLong);
    };
    let (content, checksum) = image
        .split_last_chunk_mut::<4>()
        .ok_or(SealError::TooLong)?;
    let (content_head, rest) = content
        .split_first_chunk_mut::<HEADER>()
        .ok_or(SealError::TooLong)?;
    let (nonce_place, rest) = rest
        .split_first_chunk_mut::<SLOT_NONCE_LEN>()
        .ok_or(SealError::TooLong)?;
    let (sealed, tag_place) = rest
        .split_last_chunk_mut::<TAG>()
        .ok_or(SealError::TooLong)?;

    let mut cursor = Cursor::new(content_head);
    cursor.put(SEALED_MAGIC)?;
    cursor.put(&[FLASH_SLOT_VERSION, tag(E::KIND), 0, 0])?;
    cursor.put(&sequence.to_le_bytes())?;
    *nonce_place = *nonce;
    // The places are zero: `fill` hands out a zeroed buffer.
    let (lengths, places) = sealed.split_at_mut_checked(4).ok_or(SealError::TooLong)?;
    Cursor::new(lengths).put(&[id, secret])?;
    let (id_place, secret_place) = places
        .split_at_mut_checked(KEY_MAX)
        .ok_or(SealError::TooLong)?;
    pair.id.expose(|id| Cursor::new(id_place).put(id))?;
    pair.secret
        .expose(|secret| Cursor::new(secret_place).put(secret))?;
    *tag_place = cipher
        .seal(nonce, content_head, sealed)
        .map_err(|CipherError| SealError::Cipher)?;
    *checksum = crc32(content).to_le_bytes();
    Ok(SEALED_SLOT_LEN)
}

impl<E: Environment> Slot<KeyPair<E>> {
    fn open_sealed(
        &mut self,
        image: &[u8; SEALED_SLOT_LEN],
        cipher: &impl SlotCipher,
    ) -> Result<&KeyPair<E>, FlashSlotError> {
        whole(image, SEALED_MAGIC)?.of(E::KIND)?;
        let parts = || {
            let (header, rest) = image.split_first_chunk::<HEADER>()?;
            let (nonce, rest) = rest.split_first_chunk::<SLOT_NONCE_LEN>()?;
            let (sealed, rest) = rest.split_first_chunk::<TEXT>()?;
            Some((header, nonce, sealed, rest.first_chunk::<TAG>()?))
        };
        let (header, nonce, sealed, tag) = parts().ok_or(FlashSlotError::Malformed)?;
        let mut opened = Secret::<TEXT>::new();
        opened
            .fill(|text| {
                *text = *sealed;
                cipher
                    .open(nonce, header, text, tag)
                    .map_err(|CipherError| SealError::Cipher)?;
                Ok::<_, SealError>(TEXT)
            })
            .map_err(|_| FlashSlotError::NotOpened)?;
        opened.expose(|opened| {
            let [id, secret, 0, 0, places @ ..] = opened else {
                return Err(FlashSlotError::Malformed);
            };
            let (id_place, secret_place) = places.split_at_checked(KEY_MAX).unwrap_or_default();
            match (text(id_place, *id), text(secret_place, *secret)) {
                (Some(id), Some(secret)) => self
                    .key_pair(id, secret)
                    .map_err(FlashSlotError::Credential),
                _ => Err(FlashSlotError::Malformed),
            }
        })
    }
}

macro_rules! named_readers {
    ($($(#[$doc:meta])* $environment:ident: $name:ident)*) => {$(
        impl Slot<KeyPair<$environment>> {
            $(#[$doc])*
            ///
            /// # Errors
            /// [`FlashPairError`] names why; this slot is vacant then.
            pub fn $name(
                &mut self,
                pair: &FlashPair<'_, SEALED_SLOT_LEN>,
                cipher: &impl SlotCipher,
            ) -> Result<&KeyPair<$environment>, FlashPairError> {
                self.clear();
                let place = pair.counts()?;
                self.open_sealed(pair.slot(place), cipher)
                    .map_err(|error| FlashPairError::Newest { place, error })
            }
        }
    )*};
}
named_readers! {
    /// Fills the slot with the newest paper key pair of two sealed slots.
    Paper: paper_from_sealed_pair
    /// Fills the slot with the newest live key pair of two sealed slots: orders cost real money.
    Live: live_from_sealed_pair
    /// Fills the slot with the newest sealed key pair of a broker partner's sandbox.
    Sandbox: sandbox_from_sealed_pair
    /// Fills the slot with the newest sealed key pair of a broker partner's production.
    Production: production_from_sealed_pair
}

#[cfg(feature = "sealed-slot")]
mod device_key {
    use aes_gcm::aead::{AeadInPlace, KeyInit};
    use aes_gcm::{Aes256Gcm, Nonce, Tag};

    use super::{CipherError, SLOT_NONCE_LEN, SlotCipher, TAG};
    use crate::secret::Secret;

    /// AES-256-GCM under a key of the device: 32 bytes that one part has and no other, for example from
    /// one-time fuses or a physically unclonable function. A chip's serial number is no key.
    ///
    /// The key schedule is wiped after each use; the working state of AES and GHASH stays on the stack
    /// until it is overwritten.
    ///
    /// ```
    /// use alpaca_auth::credential::DeviceKey;
    /// use alpaca_auth::secret::SecretTooLong;
    ///
    /// let mut key = DeviceKey::vacant();
    /// key.fill(|place| { place.copy_from_slice(&[7; 32]); Ok::<_, SecretTooLong>(()) })?; // from fuses
    /// # Ok::<(), SecretTooLong>(())
    /// ```
    pub struct DeviceKey(Secret<32>);

    impl DeviceKey {
        /// A place for a key. Without one it seals and opens nothing.
        #[must_use]
        pub const fn vacant() -> Self {
            Self(Secret::new())
        }

        /// Lets `read` put the key where it stays. It is wiped on drop.
        ///
        /// # Errors
        /// The error of `read`; there is no key then.
        pub fn fill<E: From<crate::secret::SecretTooLong>>(
            &mut self,
            read: impl FnOnce(&mut [u8; 32]) -> Result<(), E>,
        ) -> Result<(), E> {
            self.0.fill(|place| read(place).map(|()| place.len()))
        }

        fn with<R>(
            &self,
            act: impl FnOnce(Aes256Gcm) -> Result<R, aes_gcm::Error>,
        ) -> Result<R, CipherError> {
            self.0.expose(|key| {
                let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| CipherError)?;
                act(cipher).map_err(|_| CipherError)
            })
        }
    }

    impl SlotCipher for DeviceKey {
        fn seal(
            &self,
            nonce: &[u8; SLOT_NONCE_LEN],
            associated: &[u8],
            text: &mut [u8],
        ) -> Result<[u8; TAG], CipherError> {
            self.with(|cipher| {
                cipher.encrypt_in_place_detached(Nonce::from_slice(nonce), associated, text)
            })
            .map(Into::into)
        }

        fn open(
            &self,
            nonce: &[u8; SLOT_NONCE_LEN],
            associated: &[u8],
            text: &mut [u8],
            tag: &[u8; TAG],
        ) -> Result<(), CipherError> {
            self.with(|cipher| {
                let (nonce, tag) = (Nonce::from_slice(nonce), Tag::from_slice(tag));
                cipher.decrypt_in_place_detached(nonce, associated, text, tag)
            })
        }
    }
}
#[cfg(feature = "sealed-slot")]
pub use device_key::DeviceKey;
