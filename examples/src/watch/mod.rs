//! What `watch` is made of: when to ask, how long to wait after a failure, where to show it.

mod backoff;
mod display;
mod round;
mod schedule;

pub use backoff::{delay, random};
pub use display::{Display, KernelLcd, TerminalLine, View};
pub use round::{Asked, Lines, Outlook, ask};
pub use schedule::{CALLS, DEFAULT_EVERY, PER_MINUTE, Room, Schedule};
