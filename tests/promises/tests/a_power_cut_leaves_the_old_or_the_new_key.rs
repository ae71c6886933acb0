//! A power cut at any byte of a slot update leaves the old key or the new one: never neither, never a mix.
//!
//! The flash is simulated: erasing sets bits, programming clears them, and a cut stops either at any
//! byte, or within one with any of its bits done. After each cut the device reads its key; then it
//! updates again, which has to end with the new key. Single flipped bits and worn cells follow.

use alpaca_auth::credential::{
    DeviceKey, FLASH_SLOT_LEN, FlashPair, FlashPairError, FlashPlace, FlashStep, KeyPair,
    NotWritten, SEALED_SLOT_LEN, Slot, SlotUpdate,
};
use alpaca_auth::environment::Paper;
use alpaca_auth::secret::{Secret, SecretTooLong};

/// Lengths differ, so a mix would show in both halves.
const OLD: (&str, &str) = (
    "PKOLD000000000000000",
    "old-secret-of-forty-bytes-0123456789abcd",
);
const NEW: (&str, &str) = (
    "PKNEW00000000000000000NEWA",
    "new/secret+that-is-longer-than-the-old-one-0123456789",
);
/// A key of two updates ago: in the slot that is written over.
const OLDER: (&str, &str) = ("PKOLDER0000000000000", "older");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Old,
    New,
    Nothing,
}

/// Two sectors that begin with a slot of `N` bytes.
type Flash<const N: usize> = [[u8; N]; 2];

/// What differs between plain and sealed slots.
trait Kind<const N: usize> {
    fn read<'s>(
        &self,
        flash: &Flash<N>,
        slot: &'s mut Slot<KeyPair<Paper>>,
    ) -> Result<&'s KeyPair<Paper>, FlashPairError>;

    fn prepare(
        &self,
        flash: &Flash<N>,
        pair: &KeyPair<Paper>,
        update: &mut SlotUpdate<N>,
    ) -> FlashPlace;
}

struct Plain;

impl Kind<FLASH_SLOT_LEN> for Plain {
    fn read<'s>(
        &self,
        flash: &Flash<FLASH_SLOT_LEN>,
        slot: &'s mut Slot<KeyPair<Paper>>,
    ) -> Result<&'s KeyPair<Paper>, FlashPairError> {
        slot.paper_from_flash_pair(&FlashPair::new(&flash[0], &flash[1]))
    }

    fn prepare(
        &self,
        flash: &Flash<FLASH_SLOT_LEN>,
        pair: &KeyPair<Paper>,
        update: &mut SlotUpdate<FLASH_SLOT_LEN>,
    ) -> FlashPlace {
        FlashPair::new(&flash[0], &flash[1])
            .update(pair, update)
            .expect("it fits")
    }
}

struct Sealed(DeviceKey, std::cell::Cell<u32>);

impl Sealed {
    fn device() -> Self {
        let mut key = DeviceKey::vacant();
        key.fill(|place| {
            place.copy_from_slice(&std::array::from_fn::<u8, 32, _>(|at| at as u8));
            Ok::<_, SecretTooLong>(())
        })
        .expect("a key");
        Self(key, std::cell::Cell::new(1))
    }
}

impl Kind<SEALED_SLOT_LEN> for Sealed {
    fn read<'s>(
        &self,
        flash: &Flash<SEALED_SLOT_LEN>,
        slot: &'s mut Slot<KeyPair<Paper>>,
    ) -> Result<&'s KeyPair<Paper>, FlashPairError> {
        slot.paper_from_sealed_pair(&FlashPair::sealed(&flash[0], &flash[1]), &self.0)
    }

    fn prepare(
        &self,
        flash: &Flash<SEALED_SLOT_LEN>,
        pair: &KeyPair<Paper>,
        update: &mut SlotUpdate<SEALED_SLOT_LEN>,
    ) -> FlashPlace {
        // A counter is fresh within this test; a device takes its TRNG.
        let mut nonce = [0x5c; 12];
        nonce[..4].copy_from_slice(&self.1.replace(self.1.get() + 1).to_le_bytes());
        FlashPair::sealed(&flash[0], &flash[1])
            .update(pair, &self.0, &nonce, update)
            .expect("it fits")
    }
}

/// Which key the device has. A key that is neither, or half of each, fails the test.
fn found<const N: usize>(kind: &impl Kind<N>, flash: &Flash<N>) -> Found {
    let mut slots = [const { Slot::<KeyPair<Paper>>::vacant() }; 3];
    let [read, old, new] = &mut slots;
    let Ok(read) = kind.read(flash, read) else {
        return Found::Nothing;
    };
    if read.is(old.paper(OLD.0, OLD.1).expect("a pair")) {
        Found::Old
    } else if read.is(new.paper(NEW.0, NEW.1).expect("a pair")) {
        Found::New
    } else {
        panic!("a key that was never current")
    }
}

/// What a step does, kept for replaying.
enum Step {
    Erase,
    Program(usize, Vec<u8>),
}

fn steps<const N: usize>(update: &mut SlotUpdate<N>) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(step) = update.step() {
        steps.push(match step {
            FlashStep::Erase => Step::Erase,
            FlashStep::Program { offset, bytes } => Step::Program(offset, bytes.to_vec()),
        });
    }
    steps
}

/// Does the first `bytes` bytes of a step, and of the next byte the bits in `bits`.
fn act<const N: usize>(sector: &mut [u8; N], step: &Step, bytes: usize, bits: u8) {
    let (offset, length) = match step {
        Step::Erase => (0, N),
        Step::Program(offset, data) => (*offset, data.len()),
    };
    for at in 0..length.min(bytes + 1) {
        let mask = if at < bytes { 0xff } else { bits };
        match step {
            Step::Erase => sector[at] |= mask,
            Step::Program(_, data) => sector[offset + at] &= data[at] | !mask,
        }
    }
}

fn length<const N: usize>(step: &Step) -> usize {
    match step {
        Step::Erase => N,
        Step::Program(_, data) => data.len(),
    }
}

fn update_to<const N: usize>(
    kind: &impl Kind<N>,
    flash: &mut Flash<N>,
    pair: (&str, &str),
    unit: usize,
) {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(pair.0, pair.1).expect("a pair");
    let mut update = SlotUpdate::<N>::new(unit);
    let place = kind.prepare(flash, pair, &mut update) as usize;
    for step in steps(&mut update) {
        act(&mut flash[place], &step, length::<N>(&step), 0);
    }
    assert_eq!(update.verify(&flash[place]), Ok(()));
}

/// Devices whose current key is the old one, with every content of the slot beside it.
fn devices<const N: usize>(kind: &impl Kind<N>) -> Vec<(&'static str, Flash<N>)> {
    let blank = [[0xff; N]; 2];
    let mut first = blank;
    update_to(kind, &mut first, OLD, 16);
    let mut second = blank;
    update_to(kind, &mut second, OLDER, 16);
    update_to(kind, &mut second, OLD, 16);
    let mut third = blank;
    for pair in [OLD, OLDER, OLD] {
        update_to(kind, &mut third, pair, 16);
    }
    let swapped = [second[1], second[0]];
    let mut garbage = first;
    garbage[1] = std::array::from_fn(|at| (at * 37) as u8);
    let mut zero = first;
    zero[1] = [0; N];
    // An earlier update was cut in its last unit.
    let mut half = second;
    half[0][N - 30..].fill(0xff);
    vec![
        ("old, blank", first),
        ("older, old", second),
        ("old, older", swapped),
        ("third update", third),
        ("old, garbage", garbage),
        ("old, zeros", zero),
        ("half, old", half),
    ]
}

/// Cuts an update at every byte of every step; returns how many cuts there were.
fn cut_everywhere<const N: usize>(kind: &impl Kind<N>, unit: usize, bits: &[u8]) -> usize {
    let mut cuts = 0;
    for (name, before) in devices(kind) {
        assert_eq!(found(kind, &before), Found::Old, "{name}");
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let new = slot.paper(NEW.0, NEW.1).expect("a pair");
        let mut update = SlotUpdate::<N>::new(unit);
        let place = kind.prepare(&before, new, &mut update) as usize;
        let steps = steps(&mut update);
        let mut flash = before;
        for (number, step) in steps.iter().enumerate() {
            for bytes in 0..length::<N>(step) {
                for bits in bits {
                    let mut cut = flash;
                    act(&mut cut[place], step, bytes, *bits);
                    let found = found(kind, &cut);
                    let ended =
                        cut[place] == after(&flash[place], step) && number + 1 == steps.len();
                    let expected = if ended { Found::New } else { Found::Old };
                    assert_eq!(
                        found, expected,
                        "{name}, unit {unit}, step {number}, byte {bytes}, bits {bits:#x}"
                    );
                    assert_eq!(
                        cut[1 - place],
                        before[1 - place],
                        "the other slot was touched"
                    );
                    cuts += 1;
                }
            }
            act(&mut flash[place], step, length::<N>(step), 0);
            // The device starts again at each step's end, and once within each step.
            let mut again = flash;
            act(&mut again[place], step, length::<N>(step) / 2, 0x55);
            update_to(kind, &mut again, NEW, unit);
            assert_eq!(
                self::found(kind, &again),
                Found::New,
                "{name}, again after step {number}"
            );
        }
        assert_eq!(found(kind, &flash), Found::New);
    }
    cuts
}

fn after<const N: usize>(sector: &[u8; N], step: &Step) -> [u8; N] {
    let mut sector = *sector;
    act(&mut sector, step, length::<N>(step), 0);
    sector
}

/// Every way in which a byte can be half done: each bit alone, and the first bits from either end.
const HALVES: [u8; 23] = [
    0, 1, 2, 4, 8, 16, 32, 64, 128, 3, 7, 15, 31, 63, 127, 192, 224, 240, 248, 252, 254, 0x55, 0xaa,
];

#[test]
fn a_cut_at_every_byte_of_an_update_leaves_the_old_or_the_new_key() {
    let mut cuts = cut_everywhere(&Plain, 16, &HALVES);
    for unit in [1, 4, 8, 32, 256, 512] {
        cuts += cut_everywhere(&Plain, unit, &[0]);
    }
    // 7 devices, 272 bytes to erase and 272 to program.
    assert_eq!(cuts, 7 * 544 * (HALVES.len() + 6));
}

#[test]
fn the_same_holds_for_sealed_slots() {
    let device = Sealed::device();
    let cuts = cut_everywhere(&device, 16, &[0, 0x0f]) + cut_everywhere(&device, 256, &[0]);
    assert_eq!(cuts, 7 * 608 * 3);
}

#[test]
fn the_first_provisioning_gives_nothing_until_it_gives_the_new_key() {
    let blank = [[0xff; FLASH_SLOT_LEN]; 2];
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let new = slot.paper(NEW.0, NEW.1).expect("a pair");
    let mut update = SlotUpdate::new(16);
    let place = Plain.prepare(&blank, new, &mut update) as usize;
    let mut flash = blank;
    for step in steps(&mut update) {
        for bytes in 0..length::<FLASH_SLOT_LEN>(&step) {
            let mut cut = flash;
            act(&mut cut[place], &step, bytes, 0x33);
            if cut[place] != update_image(new) {
                assert_eq!(found(&Plain, &cut), Found::Nothing);
            }
        }
        act(&mut flash[place], &step, FLASH_SLOT_LEN, 0);
    }
    assert_eq!(found(&Plain, &flash), Found::New);
}

fn update_image(pair: &KeyPair<Paper>) -> [u8; FLASH_SLOT_LEN] {
    let mut image = Secret::new();
    pair.write_flash_slot(1, &mut image).expect("it fits");
    image.expose(|bytes| bytes.try_into().expect("a slot"))
}

#[test]
fn erasing_the_old_slot_after_an_update_can_be_cut_anywhere() {
    let (_, mut flash) = devices(&Plain).swap_remove(1);
    update_to(&Plain, &mut flash, NEW, 16);
    let newest = FlashPair::new(&flash[0], &flash[1])
        .newest()
        .expect("a key");
    let old = newest.place.other() as usize;
    for bytes in 0..FLASH_SLOT_LEN {
        for bits in HALVES {
            let mut cut = flash;
            act(&mut cut[old], &Step::Erase, bytes, bits);
            assert_eq!(found(&Plain, &cut), Found::New);
        }
    }
}

#[test]
fn any_single_flipped_bit_leaves_the_old_or_the_new_key() {
    fn flip<const N: usize>(kind: &impl Kind<N>) {
        let mut flash = [[0xff; N]; 2];
        update_to(kind, &mut flash, OLD, 16);
        update_to(kind, &mut flash, NEW, 16);
        for sector in 0..2 {
            for at in 0..N {
                for bit in 0..8 {
                    let mut flipped = flash;
                    flipped[sector][at] ^= 1 << bit;
                    // The slot with the flipped bit is out; the other one counts.
                    let expected = if sector == 0 { Found::New } else { Found::Old };
                    assert_eq!(
                        found(kind, &flipped),
                        expected,
                        "slot {sector}, byte {at}, bit {bit}"
                    );
                }
            }
        }
    }
    flip(&Plain);
    flip(&Sealed::device());
}

#[test]
fn worn_flash_that_reads_ff_is_noticed_and_the_old_key_stays() {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let new = slot.paper(NEW.0, NEW.1).expect("a pair");
    let (_, before) = devices(&Plain).swap_remove(1);
    let mut update = SlotUpdate::new(16);
    let place = Plain.prepare(&before, new, &mut update) as usize;
    let steps = steps(&mut update);
    let mut sound = before[place];
    for step in &steps {
        act(&mut sound, step, FLASH_SLOT_LEN, 0);
    }
    // Each cell that cannot be programmed, then runs of them, then the whole slot.
    for run in [1, 2, 16, 64, FLASH_SLOT_LEN] {
        for at in 0..=FLASH_SLOT_LEN - run {
            let mut flash = before;
            flash[place] = sound;
            flash[place][at..at + run].fill(0xff);
            if flash[place] == sound {
                continue;
            }
            assert_eq!(update.verify(&flash[place]), Err(NotWritten));
            assert_eq!(found(&Plain, &flash), Found::Old, "{run} cells from {at}");
            // The next update tries the same slot, and the old key outlives that too.
            let next = FlashPair::new(&flash[0], &flash[1])
                .newest()
                .expect("a key");
            assert_eq!(next.place.other() as usize, place);
        }
    }
}

#[test]
fn a_writer_that_programs_in_place_is_seen_to_lose_the_key() {
    // The control: one slot, erased and written where it is.
    let mut flash = [[0xff; FLASH_SLOT_LEN]; 2];
    update_to(&Plain, &mut flash, OLD, 16);
    let lost = (0..FLASH_SLOT_LEN)
        .filter(|bytes| {
            let mut cut = flash;
            act(&mut cut[0], &Step::Erase, *bytes, 0);
            found(&Plain, &cut) == Found::Nothing
        })
        .count();
    assert!(lost > 200, "{lost}");
}
