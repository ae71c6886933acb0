//! [`Timer`]: milliseconds since the start, from the CMSDK APB timer.

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
        let register = |offset| with_exposed_provenance_mut::<u32>(address::TIMER + offset);
        // SAFETY: registers of a device that nothing else uses.
        unsafe {
            write_volatile(register(RELOAD), u32::MAX);
            write_volatile(register(VALUE), u32::MAX);
            write_volatile(register(CONTROL), 1);
        }
        Self {
            last: u32::MAX,
            ticks: 0,
        }
    }

    /// The time since the start.
    pub fn now(&mut self) -> Instant {
        let register = with_exposed_provenance_mut::<u32>(address::TIMER + VALUE);
        // SAFETY: reading it has no effect. It counts down.
        let value = unsafe { read_volatile(register) };
        self.ticks += u64::from(self.last.wrapping_sub(value));
        self.last = value;
        let milliseconds = self.ticks / u64::from(address::TICKS_PER_MS);
        Instant::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX))
    }
}
