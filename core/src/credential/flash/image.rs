//! One slot: a key pair as bytes, and back.

use super::{FLASH_SLOT_LEN, FLASH_SLOT_VERSION, FlashSlotError, MAGIC, crc32, tag, text, whole};
use crate::credential::{KEY_MAX, KeyPair, Slot};
use crate::environment::{Environment, EnvironmentKind, Live, Paper, Production, Sandbox};
use crate::secret::{Cursor, Secret, SecretTooLong};

const PADDING: [u8; KEY_MAX] = [0; KEY_MAX];

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
    pub(super) fn read_flash<'s>(
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
    whole(image, MAGIC)?.of(wanted)?;
    let [_, _, _, _, _, _, id, secret, _, _, _, _, rest @ ..] = image;
    let (id_place, rest) = rest.split_at_checked(KEY_MAX).unwrap_or_default();
    let (secret_place, _) = rest.split_at_checked(KEY_MAX).unwrap_or_default();
    match (text(id_place, *id), text(secret_place, *secret)) {
        (Some(id), Some(secret)) => Ok((id, secret)),
        _ => Err(FlashSlotError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ERASED;
    use super::*;
    use crate::credential::{CredentialError, CredentialFault, CredentialField};

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
