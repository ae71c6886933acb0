//! [`SourcePoll`]: when to read a source of credentials again.

use core::time::Duration;

/// Two reads never start closer together than this.
pub const POLL_INTERVAL_MIN: Duration = Duration::from_secs(1);
/// Longest pause after failed reads. It starts at 1 s and doubles; half of it is random.
pub const POLL_BACKOFF_MAX: Duration = Duration::from_secs(60);
const HALF_BACKOFF_MAX: Duration = Duration::from_secs(30);
/// Longest pause that a source can ask for.
const ASKED_MAX: Duration = Duration::from_secs(3600);

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// Read the source, then say [`SourcePoll::read`] or [`SourcePoll::failed`].
    Read,
    /// The next read is due in this time.
    Wait(Duration),
}

/// The times of reads of one source, of a manager or of anything else. Does no input or output.
///
/// A source with a lease is read at two thirds of it, others at an interval. Time is a [`Duration`]
/// since any moment of the caller's; a clock that goes back causes one early read.
///
/// ```
/// use core::time::Duration;
/// use alpaca_auth::credential::rotation::{Poll, SourcePoll};
///
/// let at = Duration::from_secs;
/// let mut poll = SourcePoll::new(at(300));
/// assert_eq!(poll.poll(at(0)), Poll::Read);
/// poll.read(at(1), Some(at(90))); // the lease lives 90 s
/// assert_eq!(poll.poll(at(1)), Poll::Wait(at(60)));
/// assert_eq!(poll.poll(at(61)), Poll::Read);
/// ```
#[derive(Debug)]
pub struct SourcePoll {
    interval: Duration,
    seen: Duration,
    next: Duration,
    started: Option<Duration>,
    failures: u32,
}

impl SourcePoll {
    /// Reads at once, then at least every `interval` (1 s or more).
    #[must_use]
    pub const fn new(interval: Duration) -> Self {
        Self {
            interval,
            seen: Duration::ZERO,
            next: Duration::ZERO,
            started: None,
            failures: 0,
        }
    }

    /// What to do at `now`.
    pub fn poll(&mut self, now: Duration) -> Poll {
        if now < self.seen {
            // Times of before mean nothing now.
            self.next = now;
            self.started = None;
        }
        self.seen = now;
        if now >= self.next {
            self.started = Some(now);
            // A read that is never settled is repeated.
            self.next = now.saturating_add(POLL_BACKOFF_MAX);
            return Poll::Read;
        }
        Poll::Wait(self.next.saturating_sub(now))
    }

    /// The source was read; `lease` is how long what it gave lives, if it says so.
    pub fn read(&mut self, now: Duration, lease: Option<Duration>) {
        self.failures = 0;
        let two_thirds =
            lease.map(|lease| lease.saturating_mul(2).checked_div(3).unwrap_or_default());
        let pause = two_thirds.map_or(self.interval, |due| due.min(self.interval));
        self.wait(now, pause);
    }

    /// The read failed. `jitter` is a random number that spreads many readers; `asked` is what the source
    /// asks for, up to an hour.
    pub fn failed(&mut self, now: Duration, asked: Option<Duration>, jitter: u32) {
        let doublings = self.failures.min(6);
        self.failures = self.failures.saturating_add(1);
        let half = Duration::from_millis(500_u64 << doublings).min(HALF_BACKOFF_MAX);
        let millis = half
            .as_secs()
            .saturating_mul(1000)
            .saturating_add(u64::from(half.subsec_millis()));
        let random = Duration::from_millis(millis.saturating_mul(u64::from(jitter)) >> 32);
        let asked = asked.unwrap_or_default().min(ASKED_MAX);
        self.wait(now, half.saturating_add(random).max(asked));
    }

    /// A new credential is wanted: the active one was refused. Reads as soon as may be, also when a
    /// source has asked for a longer pause.
    pub fn hurry(&mut self) {
        let earliest = self
            .started
            .map_or(Duration::ZERO, |at| at.saturating_add(POLL_INTERVAL_MIN));
        self.next = self.next.min(earliest);
    }

    fn wait(&mut self, now: Duration, pause: Duration) {
        let now = now.max(self.seen);
        self.seen = now;
        self.next = now.saturating_add(pause.max(POLL_INTERVAL_MIN));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn reading() -> SourcePoll {
        let mut poll = SourcePoll::new(at(300));
        assert_eq!(poll.poll(at(1000)), Poll::Read);
        poll
    }

    #[test]
    fn a_lease_is_renewed_at_two_thirds_and_never_later_than_the_interval() {
        for (lease, due) in [
            (None, 300),
            (Some(at(90)), 60),
            (Some(at(3600)), 300),
            (Some(at(1)), 1),
            (Some(Duration::ZERO), 1),
            (Some(Duration::MAX), 300),
        ] {
            let mut poll = reading();
            poll.read(at(1000), lease);
            assert_eq!(poll.poll(at(1000)), Poll::Wait(at(due)), "{lease:?}");
            let before = at(1000 + due).saturating_sub(Duration::from_millis(1));
            assert!(matches!(poll.poll(before), Poll::Wait(_)));
            assert_eq!(poll.poll(at(1000 + due)), Poll::Read);
        }
    }

    #[test]
    fn failures_pause_longer_up_to_a_minute_and_success_ends_that() {
        let mut poll = SourcePoll::new(at(300));
        let (mut now, mut pauses) = (at(0), Vec::new());
        for _ in 0..9 {
            assert_eq!(poll.poll(now), Poll::Read);
            poll.failed(now, None, u32::MAX);
            let Poll::Wait(pause) = poll.poll(now) else {
                panic!("no pause")
            };
            pauses.push(pause.as_millis().div_ceil(1000));
            now = now.saturating_add(pause);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        poll.poll(now);
        poll.read(now, None);
        now = now.saturating_add(at(300));
        poll.poll(now);
        poll.failed(now, None, 0);
        assert_eq!(poll.poll(now), Poll::Wait(at(1)));
    }

    #[test]
    fn a_source_can_ask_for_a_pause_of_an_hour_at_most() {
        for (asked, pause) in [(at(30), 30), (at(7200), 3600), (Duration::MAX, 3600)] {
            let mut poll = reading();
            poll.failed(at(1000), Some(asked), 0);
            assert_eq!(poll.poll(at(1000)), Poll::Wait(at(pause)));
        }
    }

    #[test]
    fn a_wanted_key_is_read_at_once_but_not_twice_in_a_second() {
        let mut poll = reading();
        poll.read(at(1000), None);
        poll.hurry();
        assert_eq!(poll.poll(at(1000)), Poll::Wait(at(1)));
        assert_eq!(poll.poll(at(1001)), Poll::Read);
        poll.failed(at(1001), Some(at(3600)), 0);
        poll.hurry();
        assert_eq!(poll.poll(at(1002)), Poll::Read);
    }

    #[test]
    fn a_clock_that_goes_back_causes_one_read() {
        let mut poll = reading();
        poll.read(at(1000), None);
        assert_eq!(poll.poll(at(10)), Poll::Read);
        poll.read(at(10), None);
        assert_eq!(poll.poll(at(11)), Poll::Wait(at(299)));
    }

    #[test]
    fn a_read_that_is_never_settled_is_repeated() {
        let mut poll = reading();
        assert!(matches!(poll.poll(at(1059)), Poll::Wait(_)));
        assert_eq!(poll.poll(at(1060)), Poll::Read);
    }
}
