//! What QEMU's MPS2 boards have: Ethernet, timers, a serial line. And what the emulator lends where a
//! device has its own: entropy, the time of day, a console, flash that can be written.
//!
//! | here | on a device |
//! |---|---|
//! | [`Lent`] as generator: the host's `/dev/urandom` | the TRNG, or a CSPRNG that it seeds |
//! | [`unix_time`]: the host's clock | an RTC that keeps running, or SNTP at each start |
//! | [`Console`]: the host's terminal | UART, RTT |
//! | [`arguments`]: what the emulator was started with | none: constants |
//! | [`anchor`] and [`signing_key`]: files that the emulator loads | flash written when the device is provisioned |
//! | [`Flash`]: RAM that behaves as NOR flash, kept in a file of the host | flash |
//!
//! All unsafe code of the firmware is in this crate: registers, semihosting calls, memory that no
//! Rust value owns.

#![no_std]

mod flash;
mod lan9118;
mod memory;
mod semihosting;
mod timer;
mod uart;

pub use flash::Flash;
pub use lan9118::Lan9118;
pub use memory::{anchor, mark, recording, signing_key, stack_used};
pub use semihosting::{Console, Lent, arguments, exit, unix_time};
pub use timer::{Stopwatch, Timer};
pub use uart::Serial;

/// Where the board's devices are.
mod address {
    #[cfg(not(feature = "an505"))]
    mod board {
        pub(crate) const ETHERNET: usize = 0x4020_0000;
        pub(crate) const TIMER: usize = 0x4000_0000;
        pub(crate) const SECOND_TIMER: usize = 0x4000_1000;
        pub(crate) const UART: usize = 0x4000_4000;
        pub(crate) const FLASH: usize = 0;
        pub(crate) const SLOTS: usize = 0x2100_0000;
        pub(crate) const TICKS_PER_MS: u32 = 25_000;
    }
    /// The secure aliases.
    #[cfg(feature = "an505")]
    mod board {
        pub(crate) const ETHERNET: usize = 0x5200_0000;
        pub(crate) const TIMER: usize = 0x5000_0000;
        pub(crate) const SECOND_TIMER: usize = 0x5000_1000;
        pub(crate) const UART: usize = 0x5020_0000;
        pub(crate) const FLASH: usize = 0x1000_0000;
        /// This RAM has no secure alias.
        pub(crate) const SLOTS: usize = 0x8000_0000;
        pub(crate) const TICKS_PER_MS: u32 = 20_000;
    }
    pub(crate) use board::*;

    /// Bytes of a flash sector.
    pub(crate) const SECTOR: usize = 4096;
}
