//! [`Timer`] and [`Stopwatch`]: milliseconds, from the two CMSDK APB timers.

use core::ptr::{read_volatile, with_exposed_provenance_mut, write_volatile};

use smoltcp::time::Instant;

use crate::address;

const CONTROL: usize = 0x0;
const VALUE: usize = 0x4;
const RELOAD: usize = 0x8;

/// A clock that runs on by itself. Ask it at least every two minutes: its 32 bits wrap.
pub struct Timer {
    last: u32,
    ticks: u64,
}

impl Timer {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        run(address::TIMER);
        Self {
            last: u32::MAX,
            ticks: 0,
        }
    }

    /// The time since the start.
    pub fn now(&mut self) -> Instant {
        let value = value(address::TIMER);
        self.ticks += u64::from(self.last.wrapping_sub(value));
        self.last = value;
        let milliseconds = self.ticks / u64::from(address::TICKS_PER_MS);
        Instant::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX))
    }
}

/// The time since a moment, by the second timer. Ask it within two minutes.
#[derive(Clone, Copy)]
pub struct Stopwatch(u32);

impl Stopwatch {
    /// This moment.
    #[must_use]
    pub fn start() -> Self {
        if value(address::SECOND_TIMER) == 0 {
            run(address::SECOND_TIMER);
        }
        Self(value(address::SECOND_TIMER))
    }

    /// Milliseconds since then.
    #[must_use]
    pub fn elapsed_ms(self) -> u32 {
        self.0.wrapping_sub(value(address::SECOND_TIMER)) / address::TICKS_PER_MS
    }

    /// Returns when so much time has passed since then.
    pub fn wait_ms(self, milliseconds: u32) {
        while self.elapsed_ms() < milliseconds {}
    }
}

/// Lets a timer count down for ever.
fn run(timer: usize) {
    let register = |offset| with_exposed_provenance_mut::<u32>(timer + offset);
    // SAFETY: registers of a device that this file alone uses.
    unsafe {
        write_volatile(register(RELOAD), u32::MAX);
        write_volatile(register(VALUE), u32::MAX);
        write_volatile(register(CONTROL), 1);
    }
}

fn value(timer: usize) -> u32 {
    // SAFETY: reading it has no effect.
    unsafe { read_volatile(with_exposed_provenance_mut::<u32>(timer + VALUE)) }
}
