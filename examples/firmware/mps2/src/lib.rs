//! What QEMU's MPS2 boards have: Ethernet, a timer, flash. And what the emulator lends where a
//! device has its own: entropy, the time of day, a console.
//!
//! | here | on a device |
//! |---|---|
//! | [`Lent`] as generator: the host's `/dev/urandom` | the TRNG, or a CSPRNG that it seeds |
//! | [`unix_time`]: the host's clock | an RTC that keeps running, or SNTP at each start |
//! | [`Console`]: the host's terminal | UART, RTT |
//! | [`arguments`]: what the emulator was started with | none: constants |
//! | [`slot`], [`anchor`] and [`signing_key`]: files that the emulator loads | flash written when the device is provisioned |
//!
//! All unsafe code of the firmware is in this crate: registers, semihosting calls, memory that no
//! Rust value owns.

#![no_std]

mod lan9118;
mod memory;
mod semihosting;
mod timer;

pub use lan9118::Lan9118;
pub use memory::{anchor, mark, recording, signing_key, slot, stack_used};
pub use semihosting::{Console, Lent, arguments, exit, unix_time};
pub use timer::Timer;

/// Where the board's devices are.
mod address {
    #[cfg(not(feature = "an505"))]
    mod board {
        pub(crate) const ETHERNET: usize = 0x4020_0000;
        pub(crate) const TIMER: usize = 0x4000_0000;
        pub(crate) const FLASH: usize = 0;
        pub(crate) const TICKS_PER_MS: u32 = 25_000;
    }
    /// The secure aliases.
    #[cfg(feature = "an505")]
    mod board {
        pub(crate) const ETHERNET: usize = 0x5200_0000;
        pub(crate) const TIMER: usize = 0x5000_0000;
        pub(crate) const FLASH: usize = 0x1000_0000;
        pub(crate) const TICKS_PER_MS: u32 = 20_000;
    }
    pub(crate) use board::*;
}
