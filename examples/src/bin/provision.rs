//! Puts a key pair into a device: as a file for its flash, or over a serial line to its firmware.

use std::fs::OpenOptions;
use std::process::ExitCode;

use alpaca_auth::credential::{CredentialError, KeyPair, Slot};
use alpaca_auth::environment::{Environment, Live, Paper};
use alpaca_auth_examples::provision::{
    KeyFile, ProvisionError, SILENCE, Serial, Written, describe, import, write_next, write_one,
};
use alpaca_auth_examples::{Arguments, Failure};
use alpaca_auth_ureq::{EnvError, live_from_env, paper_from_env};

const USAGE: &str = "\
usage: provision --paper|--live [--keys FILE [--wipe]] --out FILE [--sequence N | --pair DUMP]
       provision --paper|--live [--keys FILE [--wipe]] --serial DEVICE
       provision --read FILE
  keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY, or from --keys
  --paper, --live  which account the key is of: a device of the other kind refuses it
  --out            the slot, for a flash sector of its own; must not exist. It is as secret as the
                   key: flash it, then delete it
  --sequence       its number, for a device with two slots (default: 1): the higher one counts
  --pair           what the two sectors of the device hold: the number and the sector are chosen from it
  --serial         a line to firmware that imports keys; set it first: stty -F DEVICE 115200 raw -echo
  --keys           a file of two lines, key id and secret key, that only its owner reads
  --wipe           overwrite and remove that file, once the key was read back from where it went
  --read           what a slot or a dump of two sectors holds, without the secret";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("provision: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Where the key goes.
enum To {
    One { out: String, sequence: u32 },
    Next { out: String, dump: String },
    Device(String),
}

fn run() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let read = arguments.value("--read")?;
    let (paper, live) = (arguments.flag("--paper"), arguments.flag("--live"));
    let (out, dump) = (arguments.value("--out")?, arguments.value("--pair")?);
    let (serial, keys) = (arguments.value("--serial")?, arguments.value("--keys")?);
    let (sequence, wipe) = (arguments.value("--sequence")?, arguments.flag("--wipe"));
    arguments.end(USAGE)?;
    let usage = || Failure::Usage(USAGE.to_owned());
    if let Some(file) = read {
        let alone = !(paper || live || wipe);
        let nothing = [&out, &dump, &serial, &keys, &sequence]
            .iter()
            .all(|value| value.is_none());
        if !(alone && nothing) {
            return Err(usage());
        }
        print!("{}", describe(&file)?);
        return Ok(());
    }
    let to = match (out, dump, serial, sequence) {
        (Some(out), None, None, sequence) => To::One {
            out,
            sequence: match sequence.as_deref().map(str::parse) {
                None => 1,
                Some(Ok(sequence)) => sequence,
                Some(Err(_)) => {
                    return Err(Failure::Usage(
                        "--sequence must be a number up to 4294967295".to_owned(),
                    ));
                }
            },
        },
        (Some(out), Some(dump), None, None) => To::Next { out, dump },
        (None, None, Some(device), None) => To::Device(device),
        _ => return Err(usage()),
    };
    if paper == live || (wipe && keys.is_none()) {
        return Err(usage());
    }
    let file = keys.map(|path| KeyFile::open(&path, wipe)).transpose()?;
    let written = if live {
        eprintln!("Live account: real money.");
        let mut slot = Slot::<KeyPair<Live>>::vacant();
        provision(
            &to,
            file.as_ref(),
            &mut slot,
            Slot::<KeyPair<Live>>::live,
            live_from_env,
        )?
    } else {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        provision(
            &to,
            file.as_ref(),
            &mut slot,
            Slot::<KeyPair<Paper>>::paper,
            paper_from_env,
        )?
    };
    say(&to, written);
    // Only now: the key was read back.
    if let Some(file) = file.filter(|_| wipe) {
        file.wipe()?;
        println!("the file of keys is overwritten and removed");
    }
    Ok(())
}

fn provision<'s, E: Environment>(
    to: &To,
    file: Option<&KeyFile>,
    slot: &'s mut Slot<KeyPair<E>>,
    name: impl FnOnce(&'s mut Slot<KeyPair<E>>, &str, &str) -> Result<&'s KeyPair<E>, CredentialError>,
    from_env: impl FnOnce(&'s mut Slot<KeyPair<E>>) -> Result<&'s KeyPair<E>, EnvError>,
) -> Result<Written, Failure> {
    let pair = match file {
        Some(file) => file.fill(slot, name)?,
        None => from_env(slot)?,
    };
    match to {
        To::One { out, sequence } => write_one(pair, *sequence, out),
        To::Next { out, dump } => write_next(pair, dump, out),
        To::Device(device) => {
            let line = || OpenOptions::new().read(true).write(true).open(device);
            let (read, write) = (
                line().map_err(ProvisionError::Line)?,
                line().map_err(ProvisionError::Line)?,
            );
            Ok(import(&mut Serial::new(read, write, SILENCE), pair)?)
        }
    }
}

fn say(to: &To, written: Written) {
    let number = written.sequence;
    match (to, written.place) {
        (To::One { out, .. }, _) | (To::Next { out, .. }, None) => {
            println!(
                "{out}: slot number {number}, for a flash sector of its own; delete it when it is flashed"
            );
        }
        (To::Next { out, .. }, Some(place)) => {
            println!(
                "{out}: slot number {number}, for the {place} sector; delete it when it is flashed"
            );
        }
        (To::Device(_), place) => {
            let place = place
                .map(|place| format!(" in its {place} sector"))
                .unwrap_or_default();
            println!("the device has stored and read back slot number {number}{place}");
        }
    }
}
