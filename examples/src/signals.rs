//! The signals that end a service.

use std::sync::mpsc::{self, Receiver};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::Failure;

/// The signals that end a service, one by one.
///
/// # Errors
/// When the operating system lets nobody wait for them.
pub fn stop_signals() -> Result<Receiver<&'static str>, Failure> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(Failure::Signal)?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for signal in signals.forever() {
            let name = if signal == SIGTERM {
                "SIGTERM"
            } else {
                "SIGINT"
            };
            if sender.send(name).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}
