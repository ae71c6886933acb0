//! Writes a key pair as the image of a flash slot, for a device to be flashed with.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::ExitCode;

use alpaca_auth::credential::{FLASH_SLOT_LEN, KeyPair, Slot};
use alpaca_auth::environment::{Live, Paper};
use alpaca_auth::secret::Secret;
use alpaca_auth_examples::{Arguments, Failure};
use alpaca_auth_ureq::{live_from_env, paper_from_env};

const USAGE: &str = "\
usage: provision --paper|--live --out FILE
  keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY
  --paper, --live  which account the key is of: a device of the other kind refuses it
  --out            the image, for a flash sector of its own; must not exist. It is as secret as the
                   key: flash it, then delete it";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("provision: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let (paper, live) = (arguments.flag("--paper"), arguments.flag("--live"));
    let out = arguments.value("--out")?;
    arguments.end(USAGE)?;
    let (Some(out), true) = (out, paper != live) else {
        return Err(Failure::Usage(USAGE.to_owned()));
    };
    let mut image = Secret::<FLASH_SLOT_LEN>::new();
    let written = if live {
        eprintln!("Live account: real money.");
        let mut slot = Slot::<KeyPair<Live>>::vacant();
        live_from_env(&mut slot)?.write_flash_slot(1, &mut image)
    } else {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        paper_from_env(&mut slot)?.write_flash_slot(1, &mut image)
    };
    written.map_err(|error| Failure::Usage(error.to_string()))?;
    let file = |error| Failure::Write(out.clone(), error);
    let mut options = OpenOptions::new();
    // An existing file may have other permissions, or be a link to elsewhere.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target = options.open(&out).map_err(file)?;
    image
        .expose(|bytes| target.write_all(bytes))
        .and_then(|()| target.sync_all())
        .map_err(file)?;
    println!(
        "{out}: {FLASH_SLOT_LEN} bytes for a flash sector of its own; delete it when it is flashed"
    );
    Ok(())
}
