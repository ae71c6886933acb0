//! [`Backoff`]: how long to wait after an error.

/// Doubles from 2 seconds to 5 minutes, of which half is left to chance: boards that lost their
/// server together do not come back together.
pub(crate) struct Backoff {
    /// In seconds.
    limit: u64,
}

const FIRST: u64 = 2;
const MOST: u64 = 300;

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self { limit: FIRST }
    }

    /// After a success.
    pub(crate) const fn reset(&mut self) {
        self.limit = FIRST;
    }

    /// In seconds: at least half of the limit, at most all of it.
    pub(crate) fn pause(&mut self, random: u32) -> u64 {
        let half = self.limit.div_euclid(2).max(1);
        self.limit = self.limit.saturating_mul(2).min(MOST);
        half.saturating_add(
            u64::from(random)
                .checked_rem(half.saturating_add(1))
                .unwrap_or(0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(random: u32) -> [u64; 10] {
        let mut backoff = Backoff::new();
        core::array::from_fn(|_| backoff.pause(random))
    }

    #[test]
    fn a_pause_doubles_up_to_five_minutes() {
        assert_eq!(pauses(0), [1, 2, 4, 8, 16, 32, 64, 128, 150, 150]);
    }

    #[test]
    fn no_pause_is_zero_or_above_five_minutes() {
        for random in [0, 1, 2, 3, 150, 151, 0xffff, u32::MAX] {
            assert!(
                pauses(random)
                    .iter()
                    .all(|pause| (1..=MOST).contains(pause))
            );
        }
    }

    #[test]
    fn chance_sets_boards_apart() {
        assert_ne!(pauses(7), pauses(8));
    }

    #[test]
    fn a_success_begins_anew() {
        let mut backoff = Backoff::new();
        for _ in 0..9 {
            backoff.pause(0);
        }
        backoff.reset();
        assert_eq!(backoff.pause(0), 1);
    }
}
