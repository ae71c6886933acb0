//! Feature `import`: a new key over the serial line, into the flash slot that does not count.
//!
//! A key is taken only while the strap is set: a device reads a pin, the emulator an argument. Without
//! it the host gets [`NotAllowed`](alpaca_auth::credential::ImportRefusal::NotAllowed). What is printed
//! says which slot was written under which number, and holds nothing that came over the line.

use core::fmt::Write as _;

use alpaca_auth::credential::ImportAnswer;
use embedded_io::{Read, ReadReady, Write};
use key_slots::{Importer, Sectors};
use mps2::{Console, Stopwatch};

/// Silence after which a frame that was cut is forgotten, and an import without its last question ends.
const SILENCE_MS: u32 = 1000;
/// For the next byte of a host that has begun to talk between two rounds.
#[cfg(not(feature = "measure"))]
const PAUSE_MS: u32 = 300;

/// The line to whoever provisions the device.
pub(crate) struct Line<S> {
    serial: S,
    /// How long a host is waited for, in milliseconds. 0: the strap is not set.
    strap_ms: u32,
}

impl<S: Read + ReadReady + Write> Line<S> {
    pub(crate) const fn new(serial: S, strap_ms: u32) -> Self {
        Self { serial, strap_ms }
    }

    /// Waits for a key, if the strap is set. Whether one was stored.
    #[inline(never)]
    pub(crate) fn import(&mut self, sectors: &mut impl Sectors, console: &mut Console) -> bool {
        if self.strap_ms == 0 {
            return false;
        }
        let stored = self.talk(sectors, console, self.strap_ms, true);
        if !stored {
            let _ = writeln!(console, "import: no key was stored");
        }
        stored
    }

    /// Answers a host that came without the strap, if one is there.
    #[cfg(not(feature = "measure"))]
    pub(crate) fn refuse(&mut self, sectors: &mut impl Sectors, console: &mut Console) {
        if matches!(self.serial.read_ready(), Ok(true)) {
            self.talk(sectors, console, PAUSE_MS, false);
        }
    }

    /// Until the import is over, or so much time has passed without a whole frame.
    fn talk(
        &mut self,
        sectors: &mut impl Sectors,
        console: &mut Console,
        patience_ms: u32,
        allowed: bool,
    ) -> bool {
        let mut importer = Importer::new();
        let (mut byte, mut frame) = (Stopwatch::start(), Stopwatch::start());
        while !importer.is_over() && frame.elapsed_ms() < patience_ms {
            let Some(came) = self.poll() else {
                if byte.elapsed_ms() >= SILENCE_MS {
                    importer.forget();
                    if importer.has_stored() {
                        break;
                    }
                }
                continue;
            };
            byte = Stopwatch::start();
            if let Some(said) = importer.on_byte(came, sectors, allowed) {
                // A host that is gone gets no answer, and asks again when it is back.
                let _ = importer.answer(|bytes| self.serial.write_all(bytes));
                print(said, console);
                frame = Stopwatch::start();
            }
        }
        importer.has_stored()
    }

    fn poll(&mut self) -> Option<u8> {
        let mut byte = [0];
        match self.serial.read_ready() {
            Ok(true) => self.serial.read(&mut byte).ok().map(|_| byte[0]),
            _ => None,
        }
    }
}

fn print(said: ImportAnswer, console: &mut Console) {
    let _ = match said {
        ImportAnswer::State { .. } => Ok(()),
        ImportAnswer::Stored { place, sequence } => {
            writeln!(
                console,
                "import: key number {sequence} is in the {place} slot"
            )
        }
        ImportAnswer::Refused(refusal) => writeln!(console, "import: refused: {refusal}"),
    };
}
