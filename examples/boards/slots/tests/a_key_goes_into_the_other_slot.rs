//! A key that comes over a line goes into the slot that does not count, through a driver of
//! `embedded-storage`; whatever fails on the way, the key that counted still does.

use alpaca_auth::credential::{
    FLASH_SLOT_LEN, FlashPlace, FlashSlotError, ImportAnswer, ImportFrame, ImportRefusal, KeyPair,
    Slot,
};
use alpaca_auth::environment::{Environment, EnvironmentKind, Live, Paper};
use alpaca_auth::secret::Secret;
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use key_slots::{Copied, Importer, Loaded, NoKey, load};

const SECTOR: usize = 4096;
const OFFSETS: [u32; 2] = [8192, 12288];

/// A part of four sectors that is programmed by words: erasing sets bits, programming clears them.
struct Part {
    cells: Vec<u8>,
    /// The power goes in the middle of the operation that begins when this is 0.
    operations_left: usize,
    /// This cell stays as it is erased.
    worn: Option<usize>,
    read_fails: bool,
}

#[derive(Debug)]
struct PowerIsGone;

impl NorFlashError for PowerIsGone {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl Part {
    fn new() -> Self {
        Self {
            cells: vec![0xff; 4 * SECTOR],
            operations_left: usize::MAX,
            worn: None,
            read_fails: false,
        }
    }

    /// With a key under a number in one slot.
    fn with(mut self, place: usize, id: &str, number: u32) -> Self {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut image = Secret::<FLASH_SLOT_LEN>::new();
        let pair = slot.paper(id, "not-a-real-secret").expect("a pair");
        pair.write_flash_slot(number, &mut image).expect("it fits");
        let offset = OFFSETS[place] as usize;
        image.expose(|bytes| self.cells[offset..][..bytes.len()].copy_from_slice(bytes));
        self
    }

    /// How many of `length` cells are changed before the power goes.
    fn powered(&mut self, length: usize) -> usize {
        let done = if self.operations_left == 0 {
            length / 2
        } else {
            length
        };
        self.operations_left = self.operations_left.saturating_sub(1);
        done
    }
}

impl ErrorType for &mut Part {
    type Error = PowerIsGone;
}

impl ReadNorFlash for &mut Part {
    const READ_SIZE: usize = 4;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), PowerIsGone> {
        assert!(offset.is_multiple_of(4) && bytes.as_ptr().addr().is_multiple_of(4));
        bytes.copy_from_slice(&self.cells[offset as usize..][..bytes.len()]);
        if self.read_fails {
            Err(PowerIsGone)
        } else {
            Ok(())
        }
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl NorFlash for &mut Part {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = SECTOR;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerIsGone> {
        assert!(
            OFFSETS.contains(&from) && to == from + 4096,
            "another sector is erased"
        );
        let done = self.powered(SECTOR);
        self.cells[from as usize..][..done].fill(0xff);
        if done == SECTOR {
            Ok(())
        } else {
            Err(PowerIsGone)
        }
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerIsGone> {
        assert!(offset.is_multiple_of(4) && bytes.len().is_multiple_of(4));
        assert!(
            bytes.as_ptr().addr().is_multiple_of(4),
            "the driver would copy the key"
        );
        let done = self.powered(bytes.len());
        for (at, byte) in (offset as usize..).zip(&bytes[..done]) {
            if self.worn != Some(at) {
                self.cells[at] &= byte;
            }
        }
        if done == bytes.len() {
            Ok(())
        } else {
            Err(PowerIsGone)
        }
    }
}

fn put(id: &str) -> Vec<u8> {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    frame(slot.paper(id, "not-a-real-secret").expect("a pair"))
}

fn frame<E: Environment>(pair: &KeyPair<E>) -> Vec<u8> {
    let mut frame = ImportFrame::new();
    frame.put(pair).expect("it fits");
    frame.expose(<[u8]>::to_vec)
}

fn ask() -> Vec<u8> {
    let mut frame = ImportFrame::new();
    frame.ask();
    frame.expose(<[u8]>::to_vec)
}

/// What the device says to all of `line`, and whether it takes the import for over.
fn said(part: &mut Part, line: &[u8], allowed: bool) -> (Vec<ImportAnswer>, bool) {
    let (mut importer, mut sectors) = (Importer::new(), Copied::new(part, OFFSETS));
    let answers = line
        .iter()
        .filter_map(|byte| importer.on_byte(*byte, &mut sectors, allowed))
        .collect();
    (answers, importer.is_over())
}

fn loaded(part: &mut Part) -> Result<(Loaded, bool), NoKey> {
    let (mut slot, mut new) = (Slot::vacant(), Slot::<KeyPair<Paper>>::vacant());
    let loaded = load(&mut Copied::new(part, OFFSETS), &mut slot)?;
    let new = new.paper("PKNEW", "not-a-real-secret").expect("a pair");
    Ok((loaded, slot.get().expect("it is filled").is(new)))
}

#[test]
fn a_key_goes_beside_the_one_that_counts() {
    let mut part = Part::new();
    for (place, sequence) in [
        (FlashPlace::First, 1),
        (FlashPlace::Second, 2),
        (FlashPlace::First, 3),
    ] {
        let (answers, over) = said(&mut part, &[ask(), put("PKNEW"), ask()].concat(), true);
        let environment = EnvironmentKind::Paper;
        let newest = Some(sequence);
        assert_eq!(
            answers[1..],
            [
                ImportAnswer::Stored { place, sequence },
                ImportAnswer::State {
                    environment,
                    newest
                },
            ]
        );
        assert!(over);
        let (loaded, new) = loaded(&mut part).expect("a key");
        assert!(new && loaded.newest.place == place && loaded.newest.sequence == sequence);
    }
    assert!(
        part.cells[..8192].iter().all(|cell| *cell == 0xff),
        "other sectors were written"
    );
}

#[test]
fn power_that_goes_at_any_operation_leaves_the_old_or_the_new_key() {
    let mut cuts = 0;
    for operation in 0.. {
        let mut part = Part::new().with(0, "PKOLD", 4).with(1, "PKOLDER", 3);
        part.operations_left = operation;
        let (answers, _) = said(&mut part, &put("PKNEW"), true);
        // One to erase and 17 to program; an erase follows a failure, and may fail as well.
        let stored = matches!(answers[..], [ImportAnswer::Stored { .. }]);
        part.operations_left = usize::MAX;
        let (loaded, new) = loaded(&mut part).expect("a key");
        assert_eq!(
            (new, loaded.newest.sequence),
            if stored { (true, 5) } else { (false, 4) }
        );
        if stored {
            break;
        }
        cuts += 1;
    }
    assert_eq!(cuts, 18);
}

#[test]
fn nothing_is_written_without_leave_or_for_another_environment() {
    let mut live = Slot::<KeyPair<Live>>::vacant();
    let live = frame(live.live("AKTEST", "not-a-real-secret").expect("a pair"));
    let mut damaged = put("PKNEW");
    damaged[100] ^= 1;
    for (line, allowed, refusal) in [
        (put("PKNEW"), false, ImportRefusal::NotAllowed),
        (live, true, ImportRefusal::OtherEnvironment),
        (damaged, true, ImportRefusal::Line),
    ] {
        let mut part = Part::new().with(0, "PKOLD", 4);
        let before = part.cells.clone();
        let (answers, over) = said(&mut part, &[line, ask()].concat(), allowed);
        assert_eq!(answers[0], ImportAnswer::Refused(refusal));
        assert!(part.cells == before && !over);
    }
}

#[test]
fn a_slot_that_does_not_read_back_is_erased_and_the_old_key_stays() {
    let mut part = Part::new().with(0, "PKOLD", 4);
    part.worn = Some(12288 + 40);
    let (answers, _) = said(&mut part, &put("PKNEW"), true);
    assert_eq!(answers, [ImportAnswer::Refused(ImportRefusal::NotWritten)]);
    let (loaded, new) = loaded(&mut part).expect("a key");
    assert!(!new && loaded.newest.sequence == 4);
    assert_eq!(loaded.other, Err(FlashSlotError::Blank));
}

#[test]
fn what_became_of_the_other_slot_is_said() {
    let mut part = Part::new().with(0, "PKOLD", 4).with(1, "PKNEW", 5);
    let text = |part: &mut Part| loaded(part).map(|(loaded, _)| loaded.to_string());
    assert_eq!(
        text(&mut part).expect("a key"),
        "key number 5 from the second slot"
    );
    part.cells[12288 + 150] ^= 1;
    let said = text(&mut part).expect("a key");
    assert!(
        said.starts_with("key number 4 from the first slot; the second slot is not used: "),
        "{said}"
    );
    part.cells[8192 + 150] ^= 1;
    assert!(matches!(loaded(&mut part), Err(NoKey::Slots(_))));
    part.read_fails = true;
    assert_eq!(loaded(&mut part).err(), Some(NoKey::Unreadable));
    let (answers, _) = self::said(&mut part, &put("PKNEW"), true);
    assert_eq!(answers, [ImportAnswer::Refused(ImportRefusal::NotWritten)]);
}
