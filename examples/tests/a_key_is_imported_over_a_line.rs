//! A key goes to a device over a line: to the right device, into the slot that does not count, and the
//! old key stays when anything goes wrong.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;
use std::time::Duration;

use alpaca_auth::credential::{
    FLASH_SLOT_LEN, FlashPair, FlashPlace, FlashStep, Import, ImportAnswer, ImportFrame,
    ImportReceiver, ImportRefusal, KeyPair, Slot, SlotUpdate,
};
use alpaca_auth::environment::{EnvironmentKind, Paper};
use alpaca_auth_examples::provision::{ProvisionError, Serial, Written, import};

const SECRET: &str = "serial/not-a-real+secret-0123456789abcdef";

type Flash = [[u8; FLASH_SLOT_LEN]; 2];

/// What goes wrong at the device or on the line.
#[derive(Clone, Copy, Default)]
struct Trouble {
    /// The firmware is for this environment; paper if not said.
    environment: Option<EnvironmentKind>,
    /// Nobody holds the button.
    locked: bool,
    /// The n-th byte that comes in is damaged.
    damage: Option<usize>,
    /// This cell cannot be programmed.
    worn: Option<usize>,
    /// It prints a boot log between answers.
    talks: bool,
    /// It never answers.
    silent: bool,
    /// It loses power in the middle of the n-th programming step.
    cut: Option<usize>,
}

/// Plays the firmware; gives its flash and all it heard when the line ends.
fn device(
    mut line: UnixStream,
    mut flash: Flash,
    trouble: Trouble,
) -> JoinHandle<(Flash, Vec<u8>)> {
    std::thread::spawn(move || {
        let (mut receiver, mut answer) = (ImportReceiver::new(), ImportFrame::new());
        let (mut heard, mut byte) = (Vec::new(), [0]);
        while matches!(line.read(&mut byte), Ok(1)) {
            if trouble.damage == Some(heard.len()) {
                byte[0] ^= 0x10;
            }
            heard.push(byte[0]);
            let Some(said) = handle(&mut receiver, byte[0], &mut flash, trouble) else {
                continue;
            };
            receiver.reset();
            let Some(said) = said else { break };
            if trouble.silent {
                continue;
            }
            answer.answer(said);
            if trouble.talks && line.write_all(b"I (312) APKboot: ok\r\nAPK").is_err() {
                break;
            }
            if answer.expose(|bytes| line.write_all(bytes)).is_err() {
                break;
            }
        }
        (flash, heard)
    })
}

/// `None`: no message yet. `Some(None)`: the power is gone.
fn handle(
    receiver: &mut ImportReceiver,
    byte: u8,
    flash: &mut Flash,
    trouble: Trouble,
) -> Option<Option<ImportAnswer>> {
    let pair = FlashPair::new(&flash[0], &flash[1]);
    Some(Some(match receiver.push(byte)? {
        Import::Answer(_) => return None,
        Import::Broken => ImportAnswer::Refused(ImportRefusal::Line),
        Import::Ask => ImportAnswer::State {
            environment: trouble.environment.unwrap_or(EnvironmentKind::Paper),
            newest: pair.newest().map(|newest| newest.sequence),
        },
        Import::Put(_) if trouble.locked => ImportAnswer::Refused(ImportRefusal::NotAllowed),
        Import::Put(image) => {
            let mut slot = Slot::<KeyPair<Paper>>::vacant();
            let mut update = SlotUpdate::new(16);
            match slot.paper_from_flash(image) {
                Err(error) => ImportAnswer::Refused(error.into()),
                Ok(new) => {
                    let place = pair.update(new, &mut update).expect("it fits") as usize;
                    let mut steps = 0;
                    while let Some(step) = update.step() {
                        match step {
                            FlashStep::Erase => flash[place].fill(0xff),
                            FlashStep::Program { offset, bytes } => {
                                let done = if trouble.cut == Some(steps) {
                                    bytes.len() / 2
                                } else {
                                    bytes.len()
                                };
                                flash[place][offset..offset + done].copy_from_slice(&bytes[..done]);
                            }
                        }
                        if trouble.cut == Some(steps) {
                            return Some(None);
                        }
                        steps += 1;
                    }
                    if let Some(cell) = trouble.worn {
                        flash[place][cell] = 0xff;
                    }
                    let verified = update.verify(&flash[place]);
                    ImportAnswer::stored(&FlashPair::new(&flash[0], &flash[1]), verified)
                }
            }
        }
    }))
}

struct Imported {
    result: Result<Written, ProvisionError>,
    flash: Flash,
    heard: Vec<u8>,
}

fn imported(flash: Flash, trouble: Trouble) -> Imported {
    let (host, board) = UnixStream::pair().expect("a line");
    let board = device(board, flash, trouble);
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper("PKNEW", SECRET).expect("a pair");
    let silence = Duration::from_millis(if trouble.silent || trouble.cut.is_some() {
        300
    } else {
        10_000
    });
    let read = host.try_clone().expect("a handle");
    let mut line = Serial::new(read, host.try_clone().expect("a handle"), silence);
    let result = import(&mut line, pair);
    host.shutdown(std::net::Shutdown::Both)
        .expect("the line ends");
    let (flash, heard) = board.join().expect("the device ends");
    Imported {
        result,
        flash,
        heard,
    }
}

/// A device with an old key in its first slot.
fn old() -> Flash {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let mut image = alpaca_auth::secret::Secret::<FLASH_SLOT_LEN>::new();
    let pair = slot.paper("PKOLD", "old").expect("a pair");
    pair.write_flash_slot(4, &mut image).expect("it fits");
    let mut flash = [[0xff; FLASH_SLOT_LEN]; 2];
    image.expose(|bytes| flash[0].copy_from_slice(bytes));
    flash
}

fn holds(flash: &Flash, id: &str, secret: &str) -> bool {
    let (mut slot, mut other) = (
        Slot::<KeyPair<Paper>>::vacant(),
        Slot::<KeyPair<Paper>>::vacant(),
    );
    slot.paper_from_flash_pair(&FlashPair::new(&flash[0], &flash[1]))
        .is_ok_and(|pair| pair.is(other.paper(id, secret).expect("a pair")))
}

fn keeps_the_old_key(imported: &Imported) {
    assert!(holds(&imported.flash, "PKOLD", "old"));
    assert_eq!(imported.flash[0], old()[0]);
}

#[test]
fn the_new_key_goes_beside_the_old_one_under_the_next_number() {
    for talks in [false, true] {
        let imported = imported(
            old(),
            Trouble {
                talks,
                ..Trouble::default()
            },
        );
        let expected = Written {
            place: Some(FlashPlace::Second),
            sequence: 5,
        };
        assert_eq!(imported.result.expect("stored"), expected);
        assert!(holds(&imported.flash, "PKNEW", SECRET));
        assert_eq!(imported.flash[0], old()[0]);
    }
}

#[test]
fn a_device_of_another_environment_is_not_even_sent_the_key() {
    for kind in [EnvironmentKind::Live, EnvironmentKind::Production] {
        let imported = imported(
            old(),
            Trouble {
                environment: Some(kind),
                ..Trouble::default()
            },
        );
        let error = imported.result.as_ref().expect_err("refused");
        assert!(matches!(error, ProvisionError::OtherDevice { device, .. } if *device == kind));
        assert!(error.to_string().contains("the key was not sent"));
        assert!(
            !imported
                .heard
                .windows(8)
                .any(|part| part == &SECRET.as_bytes()[..8])
        );
        keeps_the_old_key(&imported);
    }
}

#[test]
fn a_damaged_frame_is_sent_again() {
    // In the first question, in the key, in the last question.
    for at in [9, 11 + 100, 11 + 283 + 8] {
        let imported = imported(
            old(),
            Trouble {
                damage: Some(at),
                ..Trouble::default()
            },
        );
        assert!(imported.result.is_ok(), "byte {at}: {:?}", imported.result);
        assert!(holds(&imported.flash, "PKNEW", SECRET));
    }
}

#[test]
fn a_refusal_says_what_to_do_and_the_old_key_stays() {
    let locked = Trouble {
        locked: true,
        ..Trouble::default()
    };
    let worn = Trouble {
        worn: Some(40),
        ..Trouble::default()
    };
    let silent = Trouble {
        silent: true,
        ..Trouble::default()
    };
    for (trouble, part) in [
        (locked, "hold its button"),
        (worn, "worn or protected"),
        (silent, "stty"),
    ] {
        let imported = imported(old(), trouble);
        let error = imported.result.as_ref().expect_err("refused").to_string();
        assert!(error.contains(part) && !error.contains(SECRET), "{error}");
        keeps_the_old_key(&imported);
    }
}

#[test]
fn power_that_goes_during_an_import_leaves_the_old_key() {
    // One step to erase, sixteen units of sixteen bytes, and the first unit.
    for cut in 0..18 {
        let imported = imported(
            old(),
            Trouble {
                cut: Some(cut),
                ..Trouble::default()
            },
        );
        assert!(imported.result.is_err());
        keeps_the_old_key(&imported);
    }
}
