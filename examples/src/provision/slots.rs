//! Files of slots: one slot, the next one of a device with two, and what a file holds.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;

use alpaca_auth::credential::{
    Credential as _, FLASH_SLOT_LEN, FlashPair, FlashPlace, FlashSlotError, FlashStep, KeyPair,
    Slot, SlotUpdate,
};
use alpaca_auth::environment::{Environment, EnvironmentKind, Live, Paper, Production, Sandbox};
use alpaca_auth::secret::Secret;
use zeroize::Zeroizing;

use super::ProvisionError;
use crate::Failure;

/// Most that is read of a dump: two sectors of 256 KB.
const DUMP_MAX: u64 = 512 * 1024;

/// What was written for which slot of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The sector to flash; `None` for a device with one slot.
    pub place: Option<FlashPlace>,
    /// The slot's number.
    pub sequence: u32,
}

/// Writes one slot to `out`, which must not exist, and reads it back.
///
/// # Errors
/// When the file cannot be written, or holds something else then.
pub fn write_one<E: Environment>(
    pair: &KeyPair<E>,
    sequence: u32,
    out: &str,
) -> Result<Written, Failure> {
    let mut image = Secret::new();
    pair.write_flash_slot(sequence, &mut image)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    write(&image, out)?;
    let place = None;
    Ok(Written { place, sequence })
}

/// Writes to `out` the slot that a device with two slots gets next. `dump` is what its two sectors hold.
///
/// # Errors
/// When the dump is none, or the file cannot be written, or holds something else then.
pub fn write_next<E: Environment>(
    pair: &KeyPair<E>,
    dump: &str,
    out: &str,
) -> Result<Written, Failure> {
    let content = read(dump)?;
    let [first, second] = sectors(&content).ok_or_else(|| no_dump(dump))?;
    let device = FlashPair::new(first, second);
    let mut update = SlotUpdate::new(0);
    let place = device
        .update(pair, &mut update)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let mut image = Secret::<FLASH_SLOT_LEN>::new();
    while let Some(step) = update.step() {
        if let FlashStep::Program { bytes, .. } = step {
            image
                .set(bytes)
                .map_err(|error| Failure::Usage(error.to_string()))?;
        }
    }
    write(&image, out)?;
    // The device as it will be: the new key counts.
    let back = read(out)?;
    let back: &[u8; FLASH_SLOT_LEN] = back.as_slice().try_into().map_err(|_| read_back(out))?;
    let after = match place {
        FlashPlace::First => FlashPair::new(back, second),
        FlashPlace::Second => FlashPair::new(first, back),
    };
    match after.newest() {
        Some(newest) if newest.place == place => Ok(Written {
            place: Some(place),
            sequence: newest.sequence,
        }),
        _ => Err(read_back(out)),
    }
}

/// What a file of one slot, or of two sectors, holds: environment, number and the start of the key id.
///
/// # Errors
/// When it cannot be read, or is neither.
pub fn describe(path: &str) -> Result<String, Failure> {
    let content = read(path)?;
    let mut text = String::new();
    if let Some(slots) = sectors(&content) {
        let newest = FlashPair::new(slots[0], slots[1]).newest();
        for (place, slot) in [FlashPlace::First, FlashPlace::Second]
            .into_iter()
            .zip(slots)
        {
            let counts = newest.is_some_and(|newest| newest.place == place);
            let counts = if counts { "; this one counts" } else { "" };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{place} slot: {}{counts}", slot_text(slot));
        }
    } else {
        let slot = content.first_chunk().ok_or_else(|| no_dump(path))?;
        let _ = writeln!(text, "one slot: {}", slot_text(slot));
    }
    Ok(text)
}

fn slot_text(slot: &[u8; FLASH_SLOT_LEN]) -> String {
    macro_rules! told {
        ($environment:ident, $read:ident) => {
            Slot::<KeyPair<$environment>>::vacant()
                .$read(slot)
                .map(|pair| told(pair))
        };
    }
    let told = match told!(Paper, paper_from_flash) {
        Err(FlashSlotError::OtherEnvironment { found, .. }) => match found {
            EnvironmentKind::Live => told!(Live, live_from_flash),
            EnvironmentKind::Sandbox => told!(Sandbox, sandbox_from_flash),
            _ => told!(Production, production_from_flash),
        },
        other => other,
    };
    match (told, FlashPair::new(slot, &[0xff; FLASH_SLOT_LEN]).newest()) {
        (Ok(told), Some(newest)) => format!("number {}, {told}", newest.sequence),
        (Err(error), _) => error.to_string(),
        (Ok(told), None) => told,
    }
}

/// The environment and the first letters of the key id: enough to tell keys apart, and no secret.
fn told<E: Environment>(pair: &KeyPair<E>) -> String {
    let id = pair.with_fields(|fields| {
        let id = fields
            .first()
            .map(|field| field.expose())
            .unwrap_or_default();
        String::from_utf8_lossy(id.get(..6.min(id.len() / 2)).unwrap_or_default()).into_owned()
    });
    format!("{}, key {id}…", E::KIND)
}

/// The slots at the beginnings of both halves.
fn sectors(dump: &[u8]) -> Option<[&[u8; FLASH_SLOT_LEN]; 2]> {
    if !dump.len().is_multiple_of(2) {
        return None;
    }
    let (first, second) = dump.split_at_checked(dump.len() / 2)?;
    Some([first.first_chunk()?, second.first_chunk()?])
}

fn read(path: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let file = |error| Failure::File(path.to_owned(), error);
    let length = std::fs::metadata(path).map_err(file)?.len();
    if length > DUMP_MAX {
        return Err(no_dump(path));
    }
    std::fs::read(path).map(Zeroizing::new).map_err(file)
}

fn write(image: &Secret<FLASH_SLOT_LEN>, out: &str) -> Result<(), Failure> {
    let file = |error| Failure::Write(out.to_owned(), error);
    let mut options = OpenOptions::new();
    // An existing file may have other permissions, or be a link to elsewhere.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target = options.open(out).map_err(file)?;
    image
        .expose(|bytes| target.write_all(bytes))
        .and_then(|()| target.sync_all())
        .map_err(file)?;
    let back = read(out)?;
    if image.expose(|bytes| bytes == back.as_slice()) {
        Ok(())
    } else {
        Err(read_back(out))
    }
}

fn no_dump(path: &str) -> Failure {
    ProvisionError::NoDump(path.to_owned()).into()
}

fn read_back(path: &str) -> Failure {
    ProvisionError::ReadBack(path.to_owned()).into()
}
