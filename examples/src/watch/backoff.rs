//! How long to wait after failures in a row: twice as long each time, and never in step with others.

use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// The longest wait after one failure.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait after any number of failures.
const LONGEST: Duration = Duration::from_secs(300);

/// The wait after this many failures in a row: half of it certain, half by chance.
///
/// At most 1 s after the first, 2 s after the second, and so on to 5 minutes. Chance keeps many
/// devices from returning together after an outage.
#[must_use]
pub fn delay(failures: u32, random: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = (FIRST * (1 << doublings)).min(LONGEST);
    let half = whole / 2;
    half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Chance for [`delay`]. Good enough to spread calls; not for secrets.
#[must_use]
pub fn random() -> u32 {
    let seed = std::hash::RandomState::new().build_hasher().finish();
    u32::try_from(seed >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_five_minutes_and_is_never_less_than_half() {
        for (failures, whole) in [
            (0, 1),
            (1, 1),
            (2, 2),
            (3, 4),
            (9, 256),
            (10, 300),
            (17, 300),
            (u32::MAX, 300),
        ] {
            let whole = Duration::from_secs(whole);
            assert_eq!(delay(failures, 0), whole / 2, "{failures}");
            assert_eq!(delay(failures, u32::MAX), whole, "{failures}");
            let between = delay(failures, u32::MAX / 3);
            assert!(between > whole / 2 && between < whole, "{failures}");
        }
    }

    #[test]
    fn two_devices_do_not_return_together() {
        let waits: std::collections::HashSet<_> = (0..8).map(|_| delay(5, random())).collect();
        assert!(waits.len() > 1);
    }
}
