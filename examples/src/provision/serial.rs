//! The host's side of an import: ask, put, and ask again.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use alpaca_auth::credential::{
    Import, ImportAnswer, ImportFrame, ImportReceiver, ImportRefusal, KeyPair,
};
use alpaca_auth::environment::Environment;

use super::{ProvisionError, Written};

/// How long a device may take to answer: erasing a sector takes up to a second or two.
pub const SILENCE: Duration = Duration::from_secs(5);

/// How often a frame that was damaged is sent.
const ATTEMPTS: usize = 3;

/// A line to a device.
pub struct Serial<W> {
    write: W,
    bytes: Receiver<u8>,
    silence: Duration,
}

impl<W: Write> Serial<W> {
    /// A line that is read and written apart. A thread reads until the line ends: reads of a serial line
    /// cannot be given up.
    pub fn new(mut read: impl Read + Send + 'static, write: W, silence: Duration) -> Self {
        let (sender, bytes) = channel();
        std::thread::spawn(move || {
            let mut byte = [0];
            while matches!(read.read(&mut byte), Ok(1)) && sender.send(byte[0]).is_ok() {}
        });
        Self {
            write,
            bytes,
            silence,
        }
    }

    /// Sends a frame and waits for the answer to it.
    fn exchange(&mut self, frame: &ImportFrame) -> Result<ImportAnswer, ProvisionError> {
        // What came before the question is no answer to it.
        while self.bytes.try_recv().is_ok() {}
        frame
            .expose(|bytes| self.write.write_all(bytes))
            .and_then(|()| self.write.flush())
            .map_err(ProvisionError::Line)?;
        let mut receiver = ImportReceiver::new();
        let end = Instant::now() + self.silence;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(byte) = self.bytes.recv_timeout(left) else {
                return Err(ProvisionError::Silent);
            };
            if let Some(Import::Answer(answer)) = receiver.push(byte) {
                return Ok(answer);
            }
        }
    }

    fn exchange_again(&mut self, frame: &ImportFrame) -> Result<ImportAnswer, ProvisionError> {
        for _ in 1..ATTEMPTS {
            match self.exchange(frame)? {
                ImportAnswer::Refused(ImportRefusal::Line) => {}
                answer => return Ok(answer),
            }
        }
        self.exchange(frame)
    }
}

/// Gives a device its next key. The key goes out only after the device has named its environment, and
/// the device is asked at the end which slot counts.
///
/// # Errors
/// [`ProvisionError`] names what went wrong; the device has its old key then, unless it stored the new
/// one and its answer was lost: ask again.
pub fn import<E: Environment>(
    line: &mut Serial<impl Write>,
    pair: &KeyPair<E>,
) -> Result<Written, ProvisionError> {
    let mut frame = ImportFrame::new();
    frame.ask();
    match line.exchange_again(&frame)? {
        ImportAnswer::State { environment, .. } if environment == E::KIND => {}
        ImportAnswer::State { environment, .. } => {
            return Err(ProvisionError::OtherDevice {
                device: environment,
                key: E::KIND,
            });
        }
        ImportAnswer::Refused(refusal) => return Err(ProvisionError::Refused(refusal)),
        ImportAnswer::Stored { .. } => return Err(ProvisionError::Silent),
    }
    frame.put(pair).map_err(|_| ProvisionError::Silent)?;
    let (place, sequence) = match line.exchange_again(&frame)? {
        ImportAnswer::Stored { place, sequence } => (Some(place), sequence),
        ImportAnswer::Refused(refusal) => return Err(ProvisionError::Refused(refusal)),
        ImportAnswer::State { .. } => return Err(ProvisionError::Silent),
    };
    frame.ask();
    match line.exchange_again(&frame)? {
        ImportAnswer::State {
            newest: Some(newest),
            ..
        } if newest == sequence => Ok(Written { place, sequence }),
        _ => Err(ProvisionError::Refused(ImportRefusal::NotWritten)),
    }
}
