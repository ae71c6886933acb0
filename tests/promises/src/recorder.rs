//! Keeps every log record, from every crate, at every level.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

struct Recorder(Mutex<String>);

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(text, "{} {}", record.target(), record.args()).expect("a string grows");
    }

    fn flush(&self) {}
}

static RECORDER: Recorder = Recorder(Mutex::new(String::new()));

/// Records from now on, for the whole process.
///
/// # Panics
/// When there is a logger already.
pub fn start() {
    log::set_logger(&RECORDER).expect("the only logger");
    log::set_max_level(log::LevelFilter::Trace);
}

/// Takes what was recorded since the last time, a record a line: target, text.
#[must_use]
pub fn take() -> String {
    std::mem::take(&mut RECORDER.0.lock().unwrap_or_else(PoisonError::into_inner))
}
