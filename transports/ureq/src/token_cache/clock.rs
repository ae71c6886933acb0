//! [`Clock`]: what a cache measures time by.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The clocks of a cache.
pub trait Clock: Send + Sync + 'static {
    /// Since any moment; never goes back.
    fn monotonic(&self) -> Duration;
    /// Unix seconds, for the claims of an assertion.
    fn unix(&self) -> u64;
}

/// The operating system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// Counts from now.
    #[must_use]
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn unix(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }
}
