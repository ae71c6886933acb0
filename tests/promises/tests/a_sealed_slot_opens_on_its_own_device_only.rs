//! A sealed slot opens with its own device's key only, whole and unchanged; `ring` agrees on every byte.

use alpaca_auth::credential::{
    CipherError, DeviceKey, FLASH_SLOT_LEN, FlashPair, FlashPairError, FlashPlace, FlashSlotError,
    FlashStep, KeyPair, SEALED_SLOT_LEN, SealError, Slot, SlotCipher, SlotUpdate,
};
use alpaca_auth::environment::{EnvironmentKind, Live, Paper};
use alpaca_auth::secret::SecretTooLong;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

const ID: &str = "PKTEST0123456789ABCD";
const SECRET: &str = "sealed/not-a-real+secret";
const NONCE: [u8; 12] = *b"a-nonce-once";
const BLANK: [u8; SEALED_SLOT_LEN] = [0xff; SEALED_SLOT_LEN];

fn device(key: [u8; 32]) -> DeviceKey {
    let mut device = DeviceKey::vacant();
    device
        .fill(|place| {
            *place = key;
            Ok::<_, SecretTooLong>(())
        })
        .expect("a key");
    device
}

fn sealed(key: &impl SlotCipher, nonce: &[u8; 12]) -> Result<[u8; SEALED_SLOT_LEN], SealError> {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(ID, SECRET).expect("a pair");
    let mut update = SlotUpdate::new(0);
    FlashPair::sealed(&BLANK, &BLANK).update(pair, key, nonce, &mut update)?;
    let mut image = BLANK;
    while let Some(step) = update.step() {
        if let FlashStep::Program { offset, bytes } = step {
            image[offset..offset + bytes.len()].copy_from_slice(bytes);
        }
    }
    Ok(image)
}

fn refused(image: &[u8; SEALED_SLOT_LEN], key: &impl SlotCipher) -> FlashSlotError {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    slot.paper("PKOLD", "old").expect("a pair");
    let pair = FlashPair::sealed(image, &BLANK);
    let error = slot
        .paper_from_sealed_pair(&pair, key)
        .err()
        .expect("a refusal");
    assert!(slot.get().is_none());
    match error {
        FlashPairError::Newest {
            place: FlashPlace::First,
            error,
        } => error,
        FlashPairError::Neither {
            first,
            second: FlashSlotError::Blank,
        } => first,
        other => panic!("{other:?}"),
    }
}

/// CRC-32 as zip files have it; slots hold it of all but their last four bytes.
fn with_checksum(mut image: [u8; SEALED_SLOT_LEN]) -> [u8; SEALED_SLOT_LEN] {
    let crc = !image[..SEALED_SLOT_LEN - 4]
        .iter()
        .fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
            })
        });
    image[SEALED_SLOT_LEN - 4..].copy_from_slice(&crc.to_le_bytes());
    image
}

#[test]
fn what_one_device_sealed_another_does_not_open() {
    let image = sealed(&device([7; 32]), &NONCE).expect("sealed");
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = FlashPair::sealed(&image, &BLANK);
    assert!(slot.paper_from_sealed_pair(&pair, &device([7; 32])).is_ok());
    for bit in 0..256 {
        let mut other = [7; 32];
        other[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(refused(&image, &device(other)), FlashSlotError::NotOpened);
    }
    assert_eq!(
        refused(&image, &DeviceKey::vacant()),
        FlashSlotError::NotOpened
    );
}

#[test]
fn any_bit_that_someone_changed_is_seen_even_under_a_new_checksum() {
    let (key, image) = (
        device([7; 32]),
        sealed(&device([7; 32]), &NONCE).expect("sealed"),
    );
    for at in 0..SEALED_SLOT_LEN - 4 {
        for bit in 0..8 {
            let mut changed = image;
            changed[at] ^= 1 << bit;
            let error = refused(&with_checksum(changed), &key);
            match at {
                0..4 => assert_eq!(error, FlashSlotError::NotASlot),
                4 => assert!(matches!(
                    error,
                    FlashSlotError::NewerVersion { .. } | FlashSlotError::Malformed
                )),
                5 => assert_eq!(error, FlashSlotError::Malformed),
                _ => assert_eq!(error, FlashSlotError::NotOpened, "byte {at}, bit {bit}"),
            }
        }
    }
    // Another environment's tag is refused by name before anything is opened.
    let mut live = image;
    live[5] = b'L';
    let (wanted, found) = (EnvironmentKind::Paper, EnvironmentKind::Live);
    assert_eq!(
        refused(&with_checksum(live), &key),
        FlashSlotError::OtherEnvironment { wanted, found }
    );
    let live = with_checksum(live);
    let mut slot = Slot::<KeyPair<Live>>::vacant();
    let error = slot
        .live_from_sealed_pair(&FlashPair::sealed(&live, &BLANK), &key)
        .err();
    let (place, error_wanted) = (FlashPlace::First, FlashSlotError::NotOpened);
    assert_eq!(
        error,
        Some(FlashPairError::Newest {
            place,
            error: error_wanted
        })
    );
}

#[test]
fn neither_key_nor_secret_stands_in_a_sealed_slot() {
    let image = sealed(&device([7; 32]), &NONCE).expect("sealed");
    for text in [&ID.as_bytes()[..8], &SECRET.as_bytes()[..8]] {
        assert!(!image.windows(8).any(|window| window == text));
    }
}

#[test]
fn a_plain_slot_is_no_sealed_one() {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(ID, SECRET).expect("a pair");
    let mut plain = alpaca_auth::secret::Secret::<FLASH_SLOT_LEN>::new();
    pair.write_flash_slot(1, &mut plain).expect("it fits");
    let mut image = BLANK;
    plain.expose(|bytes| image[..FLASH_SLOT_LEN].copy_from_slice(bytes));
    assert_eq!(refused(&image, &device([7; 32])), FlashSlotError::NotASlot);
}

#[test]
fn a_generator_that_is_stuck_seals_nothing() {
    let key = device([7; 32]);
    for byte in [0, 0x5a, 0xff] {
        assert_eq!(sealed(&key, &[byte; 12]).err(), Some(SealError::Nonce));
    }
    assert_eq!(
        sealed(&DeviceKey::vacant(), &NONCE).err(),
        Some(SealError::Cipher)
    );
    // The nonce of either slot that is there.
    let image = sealed(&key, &NONCE).expect("sealed");
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(ID, SECRET).expect("a pair");
    for slots in [[&image, &BLANK], [&BLANK, &image]] {
        let mut update = SlotUpdate::new(16);
        let flash = FlashPair::sealed(slots[0], slots[1]);
        let refused = flash.update(pair, &key, &NONCE, &mut update);
        assert_eq!(refused, Err(SealError::Nonce));
        assert!(update.step().is_none(), "a refused update has steps");
        assert!(
            flash
                .update(pair, &key, b"another-one!", &mut update)
                .is_ok()
        );
    }
}

/// The same cipher of another library.
struct Ring(LessSafeKey);

impl SlotCipher for Ring {
    fn seal(
        &self,
        nonce: &[u8; 12],
        associated: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; 16], CipherError> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(associated), text);
        tag.map(|tag| tag.as_ref().try_into().expect("16 bytes"))
            .map_err(|_| CipherError)
    }

    fn open(
        &self,
        nonce: &[u8; 12],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), CipherError> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut whole = [text as &[u8], tag].concat();
        let opened = self
            .0
            .open_in_place(nonce, Aad::from(associated), &mut whole)
            .map_err(|_| CipherError)?;
        text.copy_from_slice(opened);
        Ok(())
    }
}

#[test]
fn another_library_seals_the_same_bytes_and_opens_them() {
    let key: [u8; 32] = std::array::from_fn(|at| at as u8 * 7);
    let ring = Ring(LessSafeKey::new(
        UnboundKey::new(&AES_256_GCM, &key).expect("a key"),
    ));
    let image = sealed(&device(key), &NONCE).expect("sealed");
    assert!(sealed(&ring, &NONCE).expect("sealed") == image);
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    assert!(
        slot.paper_from_sealed_pair(&FlashPair::sealed(&image, &BLANK), &ring)
            .is_ok()
    );
}
