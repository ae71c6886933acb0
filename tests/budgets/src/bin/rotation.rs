//! What a request pays for rotation, and what reading a key from flash takes, COUNT times.
//!
//! usage: rotation shared|core|slot|pair|sealed COUNT. `shared` and `core` take a credential for a request
//! and settle it; the others read a key pair in place.

use std::hint::black_box;
use std::time::Duration;

use alpaca_auth::credential::rotation::{Rotation, Settled, Verdict};
use alpaca_auth::credential::{
    DeviceKey, FLASH_SLOT_LEN, FlashPair, FlashStep, KeyPair, SEALED_SLOT_LEN, Slot, SlotUpdate,
};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::Replay;
use alpaca_auth::secret::{Secret, SecretTooLong};
use alpaca_auth_ureq::SharedRotation;

const ID: &str = "PKSANDBOX00000000000";
const SECRET: &str = "SANDBOXpXq7Wd2/kR9vTn4LzYc8Gf3JbHs6Ma1Ue";

// Not parts of their callers, so that their stacks can be read off.

#[inline(never)]
#[unsafe(no_mangle)]
fn budget_read_slot(slot: &mut Slot<KeyPair<Paper>>, image: &[u8; FLASH_SLOT_LEN]) -> bool {
    slot.paper_from_flash(image).is_ok()
}

#[inline(never)]
#[unsafe(no_mangle)]
fn budget_read_pair(slot: &mut Slot<KeyPair<Paper>>, flash: &FlashPair<'_>) -> bool {
    slot.paper_from_flash_pair(flash).is_ok()
}

#[inline(never)]
#[unsafe(no_mangle)]
fn budget_read_sealed(
    slot: &mut Slot<KeyPair<Paper>>,
    flash: &FlashPair<'_, SEALED_SLOT_LEN>,
    key: &DeviceKey,
) -> bool {
    slot.paper_from_sealed_pair(flash, key).is_ok()
}

#[inline(never)]
#[unsafe(no_mangle)]
fn budget_rotation(rotation: &mut Rotation<KeyPair<Paper>>) -> bool {
    let Ok(ticket) = rotation.pick(Replay::Safe, Duration::from_secs(1)) else {
        return false;
    };
    black_box(rotation.get(&ticket));
    rotation.settle(&ticket, Verdict::Accepted) == Settled::Kept
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, count] = &arguments[..] else {
        panic!("usage: rotation shared|core|slot|pair|sealed COUNT")
    };
    let count: usize = count.parse().expect("a count");
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let mut image = Secret::<FLASH_SLOT_LEN>::new();
    let pair = slot.paper(ID, SECRET).expect("keys");
    pair.write_flash_slot(1, &mut image).expect("it fits");
    let image: [u8; FLASH_SLOT_LEN] = image.expose(|bytes| bytes.try_into().expect("a slot"));
    let times = |one: &mut dyn FnMut() -> bool| {
        for _ in 0..count {
            assert!(black_box(one()));
        }
    };
    let mut read = Slot::vacant();
    match mode.as_str() {
        "shared" => {
            let rotation = SharedRotation::<KeyPair<Paper>>::new();
            rotation
                .offer(None, |slot| slot.paper(ID, SECRET).map(drop))
                .expect("keys");
            times(&mut || {
                let held = rotation.hold(Replay::Safe).expect("a credential");
                black_box(held.credential());
                rotation.settle(held, black_box(Verdict::Accepted)) == Settled::Kept
            });
        }
        "core" => {
            let mut rotation = Rotation::<KeyPair<Paper>>::new([1, 2]);
            rotation
                .offer(None, |slot| slot.paper(ID, SECRET).map(drop))
                .expect("keys");
            times(&mut || budget_rotation(black_box(&mut rotation)));
        }
        "slot" => times(&mut || budget_read_slot(&mut read, black_box(&image))),
        "pair" => times(&mut || {
            budget_read_pair(
                &mut read,
                &FlashPair::new(black_box(&image), black_box(&image)),
            )
        }),
        _ => {
            let (blank, mut key) = ([0xff; SEALED_SLOT_LEN], DeviceKey::vacant());
            key.fill(|place| {
                *place = [7; 32];
                Ok::<_, SecretTooLong>(())
            })
            .expect("a key");
            let (mut sealed, mut update) = (blank, SlotUpdate::new(0));
            FlashPair::sealed(&blank, &blank)
                .update(pair, &key, b"a-nonce-once", &mut update)
                .expect("sealed");
            while let Some(step) = update.step() {
                if let FlashStep::Program { bytes, .. } = step {
                    sealed.copy_from_slice(bytes);
                }
            }
            times(&mut || {
                budget_read_sealed(
                    &mut read,
                    &FlashPair::sealed(black_box(&sealed), &blank),
                    &key,
                )
            });
        }
    }
}
