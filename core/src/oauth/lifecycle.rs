//! [`Lifecycle`]: when a token is used, refreshed, waited for or given up. Holds no token.
//!
//! ```text
//!             poll: Refresh                      succeed
//!  no token ───────────────▶ one in flight ───────────────────▶ fresh ──┐ poll: Use
//!      ▲                       │ fail: pause, then again          ▲     │ two thirds of its life,
//!      │ expired               │ fail, final: Refused             │     │ a 401, or a clock that
//!      └───────────────────────┴──── still valid: Use ────────────┘◀────┘ went back: Refresh
//! ```
//!
//! Time is a [`Duration`] since any moment of the caller's. A monotonic clock is best. One that
//! jumps is survived: time that goes back counts as no time and asks for an early refresh; time
//! that leaps ahead makes a token look expired, which costs one refresh.

use core::time::Duration;

use super::token_error::ErrorCode;

/// Two attempts never start closer together than this, whatever happens.
pub const INTERVAL_MIN: Duration = Duration::from_secs(1);
/// Longest pause after failed attempts. It starts at 1 s and doubles; half of it is random.
pub const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// Longest pause that a server can ask for.
pub const WAIT_MAX: Duration = Duration::from_secs(3600);
/// A 401 asks for a new token at most once in this time: a second one is not the token's fault.
pub const REJECTION_INTERVAL: Duration = Duration::from_secs(30);

/// Milliseconds. A token counts as expired this long before its time, or a tenth of its life if that is less:
/// the request still has to arrive.
const MARGIN: u64 = 10_000;

/// Which token a request was sent with. A new token has a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serial(u32);

/// The right to make one token request. Give it back to [`Lifecycle::succeed`] or
/// [`Lifecycle::fail`]; until then, no other is given out.
#[must_use = "no other attempt is given out until this one is settled or abandoned"]
#[derive(Debug)]
pub struct Attempt {
    number: u32,
    started: u64,
}

/// What to do now.
#[derive(Debug)]
pub enum Step {
    /// Use the token.
    Use(Serial),
    /// Make a token request. Meanwhile the old token may be used, if there is one.
    Refresh {
        /// To be settled.
        attempt: Attempt,
        /// The old token, still valid.
        usable: Option<Serial>,
    },
    /// No valid token, and an attempt is under way: wait for it.
    InFlight,
    /// No valid token, and the next attempt is not due for this long.
    Wait(Duration),
    /// No valid token, and the server has refused for good. Change what is wrong, then
    /// [`Lifecycle::restart`].
    Refused(ErrorCode),
}

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Asking again may help, after at least this long if the server said so.
    Passing {
        /// `Retry-After`, up to [`WAIT_MAX`].
        retry_after: Option<Duration>,
    },
    /// Asking again cannot help.
    Final(ErrorCode),
}

/// What a 401 means for the request that got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The token is no longer used. Get a new one, and send the request once more if its
    /// [`Replay`](crate::request::Replay) class allows.
    Refresh,
    /// There is a newer token already. Send the request once more with it, if allowed.
    Replaced,
    /// A token has just been replaced for this reason: the answer stands.
    Keep,
}

#[derive(Debug)]
struct Current {
    serial: Serial,
    refresh_at: u64,
    expires_at: u64,
    rejected: bool,
}

/// The life of one client's access token, without the token.
///
/// Bounds, by the caller's clock: one attempt in flight; attempts start at least
/// [`INTERVAL_MIN`] apart; after `n` failures in a row at least half of `min(2^(n-1) s, 60 s)`
/// apart; a 401 causes one at most every [`REJECTION_INTERVAL`]; after an outage the next attempt
/// comes within [`BACKOFF_MAX`], or what the server asked for.
#[derive(Debug)]
pub struct Lifecycle {
    /// The caller's clock at the last look.
    seen: Option<u64>,
    /// How far it has gone forward in all. Everything below is measured by it, in milliseconds:
    /// arithmetic of [`Duration`] keeps branches to a panic.
    clock: u64,
    current: Option<Current>,
    in_flight: Option<u32>,
    attempts: u32,
    serials: u32,
    failures: u32,
    next_attempt: u64,
    rejected_at: Option<u64>,
    /// The clock went back, or the client was changed: refresh early.
    early: bool,
    refused: Option<ErrorCode>,
}

impl Lifecycle {
    /// No token yet: the first [`poll`](Self::poll) asks for one.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seen: None,
            clock: 0,
            current: None,
            in_flight: None,
            attempts: 0,
            serials: 0,
            failures: 0,
            next_attempt: 0,
            rejected_at: None,
            early: false,
            refused: None,
        }
    }

    /// What to do at `now`.
    pub fn poll(&mut self, now: Duration) -> Step {
        self.advance(now);
        let usable = self.usable();
        let due = match &self.current {
            None => true,
            Some(current) => self.early || current.rejected || self.clock >= current.refresh_at,
        };
        let open = self.in_flight.is_none() && self.refused.is_none();
        if due && open && self.clock >= self.next_attempt {
            return Step::Refresh {
                attempt: self.start(),
                usable,
            };
        }
        match (usable, self.refused) {
            (Some(serial), _) => Step::Use(serial),
            _ if self.in_flight.is_some() => Step::InFlight,
            (None, Some(code)) => Step::Refused(code),
            (None, None) => Step::Wait(Duration::from_millis(
                self.next_attempt.saturating_sub(self.clock),
            )),
        }
    }

    /// The attempt brought a token that lives `expires_in` seconds. `jitter` is a random number
    /// that spreads the refreshes of many clients: they come at 60 to 73 % of the life.
    ///
    /// The life is counted from the start of the attempt, so it is never taken for longer than it
    /// is. `None` if the attempt was abandoned: the token is not to be used.
    pub fn succeed(
        &mut self,
        attempt: Attempt,
        expires_in: u32,
        now: Duration,
        jitter: u32,
    ) -> Option<Serial> {
        self.advance(now);
        self.land(&attempt)?;
        let life = u64::from(expires_in).saturating_mul(1000);
        let part = |percent: u32| share(life, percent);
        let spread = random_part(part(13), jitter);
        self.serials = self.serials.wrapping_add(1);
        let serial = Serial(self.serials);
        self.current = Some(Current {
            serial,
            refresh_at: attempt
                .started
                .saturating_add(part(60))
                .saturating_add(spread),
            expires_at: attempt
                .started
                .saturating_add(life)
                .saturating_sub(MARGIN.min(part(10))),
            rejected: false,
        });
        self.failures = 0;
        self.early = false;
        Some(serial)
    }

    /// The attempt brought no token. What is still valid stays in use.
    pub fn fail(&mut self, attempt: Attempt, failure: Failure, now: Duration, jitter: u32) {
        self.advance(now);
        if self.land(&attempt).is_none() {
            return;
        }
        match failure {
            Failure::Final(code) => self.refused = Some(code),
            Failure::Passing { retry_after } => {
                let doublings = self.failures.min(6);
                self.failures = self.failures.saturating_add(1);
                let full = (1000_u64 << doublings).min(millis(BACKOFF_MAX));
                let half = share(full, 50);
                let pause = half.saturating_add(random_part(half, jitter));
                let asked = millis(retry_after.unwrap_or_default()).min(millis(WAIT_MAX));
                let next = self.clock.saturating_add(pause.max(asked));
                self.next_attempt = self.next_attempt.max(next);
            }
        }
    }

    /// The attempt is lost: its future was dropped, or the device slept through it. A late result
    /// of it is ignored.
    pub const fn abandon(&mut self) {
        self.in_flight = None;
    }

    /// Whether `attempt` is still waited for. One that was abandoned need not be sent.
    #[must_use]
    pub fn is_in_flight(&self, attempt: &Attempt) -> bool {
        self.in_flight == Some(attempt.number)
    }

    /// A request with the token `serial` was answered 401.
    pub fn rejected(&mut self, serial: Serial, now: Duration) -> Rejection {
        self.advance(now);
        let recently = self
            .rejected_at
            .is_some_and(|at| self.clock.saturating_sub(at) < millis(REJECTION_INTERVAL));
        match &mut self.current {
            Some(current) if current.serial != serial => Rejection::Replaced,
            Some(current) if current.rejected => Rejection::Refresh,
            Some(current) if !recently => {
                current.rejected = true;
                self.rejected_at = Some(self.clock);
                Rejection::Refresh
            }
            Some(_) => Rejection::Keep,
            // It was discarded.
            None => Rejection::Refresh,
        }
    }

    /// The token is given up, for example to be revoked: it is not used again, and the next
    /// [`poll`](Self::poll) asks for another one. An attempt in flight is not touched.
    pub const fn discard(&mut self) {
        self.current = None;
    }

    /// Something was changed that makes asking again worth it: the client's secret, or its set-up.
    pub const fn restart(&mut self) {
        self.refused = None;
        self.failures = 0;
        self.early = true;
    }

    /// The token that may be used at `now`, without asking for a refresh.
    pub fn usable_at(&mut self, now: Duration) -> Option<Serial> {
        self.advance(now);
        self.usable()
    }

    /// How long after the last look the token needs no thought: neither refresh nor end is due.
    #[must_use]
    pub fn fresh_for(&self) -> Duration {
        match &self.current {
            Some(current) if !current.rejected && !self.early => Duration::from_millis(
                current
                    .refresh_at
                    .min(current.expires_at)
                    .saturating_sub(self.clock),
            ),
            _ => Duration::ZERO,
        }
    }

    fn usable(&self) -> Option<Serial> {
        self.current
            .as_ref()
            .filter(|current| !current.rejected && self.clock < current.expires_at)
            .map(|current| current.serial)
    }

    fn advance(&mut self, now: Duration) {
        let now = millis(now);
        let seen = self.seen.replace(now).unwrap_or(now);
        match now.checked_sub(seen) {
            Some(step) => self.clock = self.clock.saturating_add(step),
            None => self.early = true,
        }
    }

    fn start(&mut self) -> Attempt {
        self.attempts = self.attempts.wrapping_add(1);
        self.in_flight = Some(self.attempts);
        self.next_attempt = self.clock.saturating_add(millis(INTERVAL_MIN));
        Attempt {
            number: self.attempts,
            started: self.clock,
        }
    }

    fn land(&mut self, attempt: &Attempt) -> Option<()> {
        if !self.is_in_flight(attempt) {
            return None;
        }
        self.in_flight = None;
        Some(())
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

/// `percent` of `whole`.
fn share(whole: u64, percent: u32) -> u64 {
    whole.saturating_mul(u64::from(percent)) / 100
}

/// A random part of `whole`: `jitter` of 2^32.
fn random_part(whole: u64, jitter: u32) -> u64 {
    whole.saturating_mul(u64::from(jitter)) >> 32
}

fn millis(whole: Duration) -> u64 {
    whole
        .as_secs()
        .saturating_mul(1000)
        .saturating_add(u64::from(whole.subsec_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn refresh(step: Step) -> (Attempt, Option<Serial>) {
        match step {
            Step::Refresh { attempt, usable } => (attempt, usable),
            other => panic!("{other:?}"),
        }
    }

    /// A machine with a token of 900 s that was asked for at 100 s.
    fn fresh() -> (Lifecycle, Serial) {
        let mut life = Lifecycle::new();
        let (attempt, usable) = refresh(life.poll(at(100)));
        assert_eq!(usable, None);
        let serial = life.succeed(attempt, 900, at(130), 0).unwrap();
        (life, serial)
    }

    #[test]
    fn one_attempt_is_in_flight_at_a_time() {
        let mut life = Lifecycle::new();
        let (attempt, _) = refresh(life.poll(at(0)));
        assert!(matches!(life.poll(at(500)), Step::InFlight));
        assert!(life.is_in_flight(&attempt));
        life.abandon();
        assert!(!life.is_in_flight(&attempt));
        let (second, _) = refresh(life.poll(at(501)));
        assert!(!life.is_in_flight(&attempt) && life.is_in_flight(&second));
        // The first one's result comes late and counts for nothing.
        assert_eq!(life.succeed(attempt, 900, at(502), 0), None);
        assert!(matches!(life.poll(at(502)), Step::InFlight));
        assert!(life.succeed(second, 900, at(503), 0).is_some());
    }

    #[test]
    fn the_life_counts_from_the_request_and_ends_early() {
        let (mut life, serial) = fresh();
        assert!(matches!(life.poll(at(639)), Step::Use(now) if now == serial));
        let (attempt, usable) = refresh(life.poll(at(640)));
        assert_eq!(usable, Some(serial));
        assert!(matches!(life.poll(at(989)), Step::Use(now) if now == serial));
        assert!(matches!(life.poll(at(990)), Step::InFlight));
        let none = Failure::Passing { retry_after: None };
        life.fail(attempt, none, at(990), u32::MAX);
        assert!(matches!(life.poll(at(990)), Step::Wait(_)));
    }

    #[test]
    fn jitter_spreads_refreshes_and_never_past_three_quarters() {
        for (jitter, due) in [(0, 540), (u32::MAX, 657)] {
            let mut life = Lifecycle::new();
            let (attempt, _) = refresh(life.poll(at(0)));
            life.succeed(attempt, 900, at(0), jitter);
            assert!(matches!(life.poll(at(due - 1)), Step::Use(_)));
            let _ = refresh(life.poll(at(due)));
        }
    }

    #[test]
    fn a_valid_token_is_served_while_refreshing_fails_and_pauses_grow_to_a_bound() {
        let (mut life, serial) = fresh();
        let (mut failed, mut pauses) = (None, std::vec::Vec::new());
        for now in (640_000..990_000).step_by(500) {
            let now = Duration::from_millis(now);
            match life.poll(now) {
                Step::Use(used) => assert_eq!(used, serial),
                step => {
                    let (attempt, usable) = refresh(step);
                    assert_eq!(usable, Some(serial));
                    let none = Failure::Passing { retry_after: None };
                    life.fail(attempt, none, now, u32::MAX);
                    pauses.extend(failed.map(|failed| now.saturating_sub(failed).as_secs()));
                    failed = Some(now);
                }
            }
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn a_final_refusal_is_not_asked_again_until_something_changes() {
        let (mut life, serial) = fresh();
        let (attempt, _) = refresh(life.poll(at(640)));
        life.fail(
            attempt,
            Failure::Final(ErrorCode::InvalidClient),
            at(641),
            0,
        );
        assert!(matches!(life.poll(at(700)), Step::Use(now) if now == serial));
        for now in [990, 100_000] {
            assert!(matches!(
                life.poll(at(now)),
                Step::Refused(ErrorCode::InvalidClient)
            ));
        }
        life.restart();
        let _ = refresh(life.poll(at(100_001)));
    }

    #[test]
    fn what_the_server_asks_to_wait_is_waited_up_to_an_hour() {
        for (asked, waits) in [(Some(at(120)), 120), (Some(at(1_000_000)), 3600), (None, 1)] {
            let mut life = Lifecycle::new();
            let (attempt, _) = refresh(life.poll(at(0)));
            let failure = Failure::Passing { retry_after: asked };
            life.fail(attempt, failure, at(0), u32::MAX);
            assert!(matches!(life.poll(at(0)), Step::Wait(_)));
            let _ = refresh(life.poll(at(waits)));
        }
    }

    #[test]
    fn a_401_replaces_the_token_once() {
        let (mut life, old) = fresh();
        assert_eq!(life.rejected(old, at(200)), Rejection::Refresh);
        assert_eq!(life.rejected(old, at(200)), Rejection::Refresh);
        let (attempt, usable) = refresh(life.poll(at(200)));
        assert_eq!(usable, None);
        let new = life.succeed(attempt, 900, at(201), 0).unwrap();
        assert_eq!(life.rejected(old, at(202)), Rejection::Replaced);
        assert_eq!(life.rejected(new, at(202)), Rejection::Keep);
        assert!(matches!(life.poll(at(203)), Step::Use(now) if now == new));
        assert_eq!(life.rejected(new, at(230)), Rejection::Refresh);
    }

    #[test]
    fn a_discarded_token_is_not_used_again_and_costs_one_refresh() {
        let (mut life, old) = fresh();
        life.discard();
        assert_eq!(life.usable_at(at(200)), None);
        assert_eq!(life.fresh_for(), Duration::ZERO);
        // Who still has it is told to get another one, as often as it asks.
        assert_eq!(life.rejected(old, at(200)), Rejection::Refresh);
        assert_eq!(life.rejected(old, at(200)), Rejection::Refresh);
        let (attempt, usable) = refresh(life.poll(at(200)));
        assert_eq!(usable, None);
        let new = life.succeed(attempt, 900, at(201), 0).unwrap();
        assert_eq!(life.rejected(old, at(202)), Rejection::Replaced);
        assert!(matches!(life.poll(at(203)), Step::Use(now) if now == new));
        // An attempt in flight brings a token that was not discarded.
        let (attempt, _) = refresh(life.poll(at(900)));
        life.discard();
        assert!(matches!(life.poll(at(901)), Step::InFlight));
        assert!(life.succeed(attempt, 900, at(902), 0).is_some());
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_token_live_longer() {
        let (mut life, serial) = fresh();
        let (attempt, usable) = refresh(life.poll(at(10)));
        assert_eq!(usable, Some(serial));
        let none = Failure::Passing { retry_after: None };
        life.fail(attempt, none, at(10), 0);
        // 30 s had passed; 860 are left, by the clock that now stands at 10.
        assert!(life.usable_at(at(869)).is_some());
        assert!(life.usable_at(at(870)).is_none());
    }

    #[test]
    fn a_clock_that_leaps_ahead_costs_one_refresh() {
        let (mut life, _) = fresh();
        let (attempt, usable) = refresh(life.poll(at(1_000_000)));
        assert_eq!(usable, None);
        assert!(life.succeed(attempt, 900, at(1_000_001), 0).is_some());
        assert!(matches!(life.poll(at(1_000_002)), Step::Use(_)));
    }
}
