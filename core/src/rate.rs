//! [`RateBudget`]: what is left of one API's rate limit, so that calls wait here and not at the server.
//!
//! It is fed by the `X-RateLimit-*` fields of the answers and by 429s. Several clients of one account share
//! one (on std: `Shared` of `alpaca-auth-ureq`). Time is a [`Duration`] since any moment of the caller's, as
//! for [`Lifecycle`](crate::oauth::Lifecycle): time that goes back counts as no time.
//!
//! ```
//! use core::time::Duration;
//! use alpaca_auth::rate::{Admission, RateBudget};
//! use alpaca_auth::response::ReplyHead;
//!
//! let mut budget = RateBudget::new();
//! let Admission::Go(pass) = budget.admit(Duration::ZERO) else { panic!("nothing is known yet") };
//! let mut head = ReplyHead::new(200);
//! head.field("X-RateLimit-Remaining", b"0");
//! head.field("X-RateLimit-Reset", b"1700000042");
//! budget.settle(pass, Some(&head), Duration::from_secs(1), Some(1_700_000_000), 0);
//! // The window ends in 42 s.
//! let Admission::Wait(wait) = budget.admit(Duration::from_secs(2)) else { panic!("it is spent") };
//! assert_eq!(wait, Duration::from_secs(41));
//! ```

use core::time::Duration;

use crate::response::{Limits, ReplyHead};
use crate::retry::{Answer, WINDOW, millis, random_part};

/// Longest wait that a server's `Retry-After` can cause.
pub const BLOCK_MAX: Duration = Duration::from_secs(3600);
/// First wait after a 429 that says nothing; it doubles with each up to [`WINDOW`].
pub const BLOCK_MIN: Duration = Duration::from_secs(1);
/// A pass that is not given back counts as lost after this.
pub const PASS_LIFE: Duration = Duration::from_secs(300);

/// What is left of the rate limit of one API and one account.
///
/// Bounds, by the caller's clock: in one window at most what the server said is left, less what others
/// reserve; after a 429 nothing until the server's time, or 1 to 60 s that double; then one call at a time
/// until one is answered without a 429.
#[derive(Debug)]
pub struct RateBudget {
    seen: Option<u64>,
    clock: u64,
    reserve: u32,
    limit: Option<u32>,
    /// Calls that may still begin in this window.
    left: Option<u32>,
    /// The server's name for the window: its reset time.
    window: Option<u64>,
    /// When the window ends, by our clock.
    ends: Option<u64>,
    in_flight: u32,
    last_pass: u64,
    blocked_until: u64,
    /// 429s in a row.
    refusals: u32,
}

/// The right to make one call. Give it back to [`RateBudget::settle`].
#[must_use = "until it is given back, the call counts as under way"]
#[derive(Debug)]
pub struct Pass(());

/// Whether a call may begin.
#[derive(Debug)]
pub enum Admission {
    /// It may.
    Go(Pass),
    /// Not before this long: the server would refuse it.
    Wait(Duration),
}

impl RateBudget {
    /// Nothing is known yet, so everything is admitted.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seen: None,
            clock: 0,
            reserve: 0,
            limit: None,
            left: None,
            window: None,
            ends: None,
            in_flight: 0,
            last_pass: 0,
            blocked_until: 0,
            refusals: 0,
        }
    }

    /// Leaves so many calls of each window to the account's other programs, at most half of the limit.
    #[must_use]
    pub const fn reserve(mut self, calls: u32) -> Self {
        self.reserve = calls;
        self
    }

    /// Asks for one call at `now`.
    pub fn admit(&mut self, now: Duration) -> Admission {
        self.advance(now);
        if self.clock.saturating_sub(self.last_pass) > millis(PASS_LIFE) {
            self.in_flight = 0;
        }
        let wait = |until: u64| Admission::Wait(Duration::from_millis(until));
        if self.clock < self.blocked_until {
            return wait(self.blocked_until.saturating_sub(self.clock));
        }
        if self.refusals > 0 && self.in_flight > 0 {
            return wait(millis(BLOCK_MIN));
        }
        if self.ends.is_some_and(|ends| self.clock >= ends) {
            self.begin_window();
        }
        if let Some(left) = &mut self.left {
            let kept = self.reserve.min(self.limit.unwrap_or(0) / 2);
            if *left <= kept {
                let ends = *self
                    .ends
                    .get_or_insert(self.clock.saturating_add(millis(WINDOW)));
                return wait(ends.saturating_sub(self.clock).max(1));
            }
            *left = left.saturating_sub(1);
        }
        self.in_flight = self.in_flight.saturating_add(1);
        self.last_pass = self.clock;
        Admission::Go(Pass(()))
    }

    /// Gives a pass back with the head of the answer, or `None` if there was none. `unix_now` is the caller's
    /// clock for answers without `Date`; `jitter` a random number that spreads the clients of one account.
    pub fn settle(
        &mut self,
        pass: Pass,
        head: Option<&ReplyHead>,
        now: Duration,
        unix_now: Option<u64>,
        jitter: u32,
    ) {
        let Pass(()) = pass;
        self.advance(now);
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(head) = head else { return };
        self.learn(head.limits, head.date.or(unix_now));
        if head.status == 429 {
            self.block(Answer::of(head).asks(unix_now), jitter);
        } else if head.status < 500 {
            self.refusals = 0;
        }
    }

    /// What the server last said, with what is left now.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        Limits {
            limit: self.limit,
            remaining: self.left,
            reset: self.window,
        }
    }

    /// Calls under way.
    #[must_use]
    pub const fn in_flight(&self) -> u32 {
        self.in_flight
    }

    fn begin_window(&mut self) {
        // One call at least, or nobody would ever learn that there is room again.
        self.left = self
            .limit
            .map(|limit| limit.saturating_sub(self.in_flight).max(1));
        self.window = None;
        self.ends = None;
    }

    fn learn(&mut self, limits: Limits, server_now: Option<u64>) {
        if limits.limit.is_some() {
            self.limit = limits.limit;
        }
        let Some(remaining) = limits.remaining else {
            return;
        };
        // Those under way are not counted by the server yet, or counted twice: the safe side.
        let remaining = remaining.saturating_sub(self.in_flight);
        let current = self.ends.is_some_and(|ends| self.clock < ends);
        match (self.window, limits.reset) {
            // An answer that was overtaken tells of a window that is over.
            (Some(window), Some(reset)) if current && reset < window => return,
            (window, reset) if current && window == reset => {
                self.left = Some(self.left.map_or(remaining, |left| left.min(remaining)));
                return;
            }
            _ => self.left = Some(remaining),
        }
        let told = limits
            .reset
            .zip(server_now)
            .map(|(reset, now)| reset.saturating_sub(now));
        let window = WINDOW.as_secs();
        let seconds = told.unwrap_or(window).clamp(1, window);
        self.window = limits.reset;
        self.ends = Some(self.clock.saturating_add(seconds.saturating_mul(1000)));
    }

    fn block(&mut self, asked: Option<u64>, jitter: u32) {
        let doublings = self.refusals.min(6);
        self.refusals = self.refusals.saturating_add(1);
        let least = millis(BLOCK_MIN);
        let own = (least << doublings).min(millis(WINDOW));
        // A server that always says "at once" is believed less and less.
        let wait = asked.map_or(own, |asked| asked.max(own).min(millis(BLOCK_MAX)));
        let wait = wait.saturating_add(random_part(least, jitter));
        self.blocked_until = self.blocked_until.max(self.clock.saturating_add(wait));
    }

    fn advance(&mut self, now: Duration) {
        let now = millis(now);
        let seen = self.seen.replace(now).unwrap_or(now);
        self.clock = self.clock.saturating_add(now.saturating_sub(seen));
    }
}

impl Default for RateBudget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::RetryAfter;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn head(status: u16, remaining: u32, reset: u64, date: u64) -> ReplyHead {
        ReplyHead {
            limits: Limits {
                limit: Some(200),
                remaining: Some(remaining),
                reset: Some(reset),
            },
            date: Some(date),
            ..ReplyHead::new(status)
        }
    }

    #[track_caller]
    fn go(budget: &mut RateBudget, now: Duration) -> Pass {
        match budget.admit(now) {
            Admission::Go(pass) => pass,
            Admission::Wait(wait) => panic!("{wait:?}"),
        }
    }

    #[track_caller]
    fn wait(budget: &mut RateBudget, now: Duration) -> u64 {
        match budget.admit(now) {
            Admission::Go(_) => panic!("admitted"),
            Admission::Wait(wait) => millis(wait),
        }
    }

    /// A budget that was told at 0 s that so many calls are left for 60 s.
    fn told(remaining: u32) -> RateBudget {
        let mut budget = RateBudget::new();
        let pass = go(&mut budget, at(0));
        budget.settle(
            pass,
            Some(&head(200, remaining, 1060, 1000)),
            at(0),
            None,
            0,
        );
        budget
    }

    #[test]
    fn no_more_calls_begin_than_the_server_said_are_left() {
        let mut budget = told(3);
        let passes = [0, 1, 2].map(|second| go(&mut budget, at(second)));
        assert_eq!(wait(&mut budget, at(3)), 57_000);
        // Their answers, out of order, give none back.
        for (pass, remaining) in passes.into_iter().zip([0, 2, 1]) {
            budget.settle(
                pass,
                Some(&head(200, remaining, 1060, 1003)),
                at(3),
                None,
                0,
            );
            assert!(wait(&mut budget, at(3)) > 0);
        }
        assert_eq!(wait(&mut budget, at(59)), 1000);
        assert_eq!(budget.in_flight(), 0);
        let _pass = go(&mut budget, at(60));
        assert_eq!(budget.limits().remaining, Some(199));
    }

    #[test]
    fn what_is_under_way_counts_before_its_answer_is_there() {
        let mut budget = RateBudget::new();
        let mut passes: std::vec::Vec<_> = (0..10).map(|_| go(&mut budget, at(0))).collect();
        let first = passes.pop().unwrap();
        // The server counted one and says that 9 are left; the other 9 take them.
        budget.settle(first, Some(&head(200, 9, 1060, 1000)), at(1), None, 0);
        assert!(wait(&mut budget, at(1)) > 50_000);
    }

    #[test]
    fn a_late_answer_of_an_older_window_changes_nothing() {
        let mut budget = told(3);
        let late = go(&mut budget, at(1));
        let pass = go(&mut budget, at(61));
        budget.settle(pass, Some(&head(200, 199, 1120, 1061)), at(61), None, 0);
        budget.settle(late, Some(&head(200, 0, 1060, 1059)), at(62), None, 0);
        assert_eq!(budget.limits().remaining, Some(198));
        let _pass = go(&mut budget, at(62));
    }

    #[test]
    fn others_keep_their_reserve_and_a_reserve_never_starves() {
        let mut budget = told(50);
        budget = budget.reserve(50);
        assert!(wait(&mut budget, at(1)) > 50_000);
        let mut greedy = told(200).reserve(u32::MAX);
        for _ in 0..100 {
            let pass = go(&mut greedy, at(1));
            greedy.settle(pass, None, at(1), None, 0);
        }
        assert!(wait(&mut greedy, at(1)) > 0);
    }

    #[test]
    fn a_limit_of_zero_is_asked_about_once_a_window() {
        let mut budget = RateBudget::new();
        let mut zero = head(200, 0, 0, 0);
        zero.limits.limit = Some(0);
        let mut calls = 0;
        for second in 0..600 {
            if let Admission::Go(pass) = budget.admit(at(second)) {
                calls += 1;
                zero.limits.reset = Some(second + 60);
                zero.date = Some(second);
                budget.settle(pass, Some(&zero), at(second), None, 0);
            }
        }
        assert_eq!(calls, 10);
    }

    #[test]
    fn a_429_blocks_all_and_then_one_goes_ahead() {
        let mut budget = told(100);
        let passes = [0, 0, 0].map(|now| go(&mut budget, at(now)));
        let mut limited = head(429, 0, 1060, 1000);
        limited.retry_after = Some(RetryAfter::Seconds(10));
        limited.limits = Limits::default();
        let [first, second, third] = passes;
        budget.settle(first, Some(&limited), at(0), None, 0);
        // One that was answered well meanwhile does not lift the block.
        budget.settle(second, Some(&head(200, 90, 1060, 1000)), at(0), None, 0);
        assert_eq!(wait(&mut budget, at(0)), 10_000);
        budget.settle(third, Some(&limited), at(1), None, 0);
        assert_eq!(wait(&mut budget, at(1)), 10_000);
        let probe = go(&mut budget, at(11));
        assert_eq!(wait(&mut budget, at(11)), 1000);
        assert_eq!(wait(&mut budget, at(12)), 1000);
        budget.settle(probe, Some(&head(200, 80, 1060, 1012)), at(12), None, 0);
        let _one = go(&mut budget, at(12));
        let _two = go(&mut budget, at(12));
    }

    #[test]
    fn absurd_times_are_bounded() {
        let blocked = |retry_after, jitter| {
            let mut budget = RateBudget::new();
            let pass = go(&mut budget, at(0));
            let mut limited = ReplyHead::new(429);
            limited.retry_after = retry_after;
            budget.settle(pass, Some(&limited), at(0), Some(1_000_000), jitter);
            wait(&mut budget, at(0))
        };
        for (retry_after, waits) in [
            (None, 1000),
            (Some(RetryAfter::Seconds(0)), 1000),
            (Some(RetryAfter::Seconds(5)), 5000),
            (Some(RetryAfter::Seconds(u32::MAX)), 3_600_000),
            (Some(RetryAfter::At(0)), 1000),
            (Some(RetryAfter::At(1_000_007)), 7000),
            (Some(RetryAfter::At(u64::MAX)), 3_600_000),
        ] {
            assert_eq!(blocked(retry_after, 0), waits, "{retry_after:?}");
            assert_eq!(blocked(retry_after, u32::MAX), waits + 999);
        }
        for (reset, date, waits) in [
            (0, 1000, 1000),
            (1000, 1000, 1000),
            (1042, 1000, 42_000),
            (u64::MAX, 1000, 60_000),
            (1000, u64::MAX, 1000),
        ] {
            let mut budget = RateBudget::new();
            let pass = go(&mut budget, at(0));
            budget.settle(pass, Some(&head(200, 0, reset, date)), at(0), None, 0);
            assert_eq!(wait(&mut budget, at(0)), waits, "{reset} {date}");
        }
    }

    #[test]
    fn clocks_that_jump_neither_free_nor_hold_for_ever() {
        let mut budget = told(0);
        // Back: no time has passed. Then forward again: it counts.
        assert_eq!(wait(&mut budget, Duration::ZERO), 60_000);
        let mut budget = RateBudget::new();
        let pass = go(&mut budget, at(1_000_000));
        budget.settle(
            pass,
            Some(&head(200, 0, 1060, 1000)),
            at(1_000_000),
            None,
            0,
        );
        assert_eq!(wait(&mut budget, at(5)), 60_000);
        assert_eq!(wait(&mut budget, at(15)), 50_000);
        let _pass = go(&mut budget, at(65));
        // A pass that never came back is forgotten.
        let mut limited = ReplyHead::new(429);
        limited.retry_after = Some(RetryAfter::Seconds(1));
        let pass = go(&mut budget, at(66));
        budget.settle(pass, Some(&limited), at(66), None, 0);
        assert_eq!(wait(&mut budget, at(70)), 1000);
        let _pass = go(&mut budget, Duration::MAX);
    }
}
