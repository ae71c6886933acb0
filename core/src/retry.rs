//! Whether a request is sent again, when, and what is known if it is not.
//!
//! [`decide`] is a pure function of [`Facts`]; [`Retry`] keeps those facts from attempt to attempt, so that a
//! loop cannot forget one. Neither sends anything, sleeps, or draws a random number.
//!
//! # The rules
//!
//! | [`Replay`] | not a byte was sent | 429 | lost answer, 5xx |
//! |---|---|---|---|
//! | `Safe` | again | again | again |
//! | `WithClientOrderId` | again | again | again: the server refuses the second |
//! | `Never` | again | stop | [`Unknown`](RetryDecision::Unknown) |
//!
//! - A request that is not a GET and may have taken effect is [`RetryDecision::Unknown`] unless the last
//!   answer is a success. A refusal proves nothing then: `client_order_id must be unique` and
//!   `insufficient buying power` may both be said because the first attempt was executed.
//! - `WithClientOrderId` is believed only if the body names one ([`client_order_id`]); else it is `Never`.
//! - Waiting is bounded by [`RetryRules::deadline`], whatever a server asks for and whatever clocks do.
//!
//! # A loop on a microcontroller
//!
//! ```
//! use core::time::Duration;
//! use alpaca_auth::request::{Replay, TargetBuffer, trading};
//! use alpaca_auth::retry::{Answer, Ended, Retry, RetryDecision, RetryRules, check_order};
//!
//! # let mut answers = [Ended::MaybeSent { passing: true }, Ended::Answered(Answer::status(422))].into_iter();
//! # let mut send = |_: &_| answers.next().unwrap();
//! # let (uptime, random, sleep) = (|| Duration::from_secs(1), || 7, |_: Duration| {});
//! let json = br#"{"symbol":"AAPL","notional":"10","side":"buy","type":"market","time_in_force":"day","client_order_id":"a-1"}"#;
//! let order = trading::submit_order(json).with_replay(Replay::WithClientOrderId);
//! let mut retry = Retry::new(RetryRules::new(), &order, uptime());
//! let verdict = loop {
//!     let ended = send(&order); // a session's error says which: `Ended::from(&error)`
//!     match retry.ended(ended, uptime(), None, random()) {
//!         RetryDecision::After(pause) => sleep(pause),
//!         verdict => break verdict,
//!     }
//! };
//! // The answer to the first was lost, and the second was refused: the order may stand.
//! assert!(matches!(verdict, RetryDecision::Unknown(_)));
//! assert!(verdict.to_string().starts_with("unknown, check by client_order_id"));
//! let mut target = TargetBuffer::<192>::new("/")?;
//! let check = check_order(&order, &mut target)?;
//! assert_eq!(check.target(), "/v2/orders:by_client_order_id?client_order_id=a-1");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod check;

pub use crate::order::CLIENT_ORDER_ID_MAX;
pub use check::{CheckError, check_order, client_order_id};

use core::fmt;
use core::time::Duration;

use crate::http::RetryAfter;
use crate::request::{Method, Replay, Request};
use crate::response::ReplyHead;

/// Attempts, if not said otherwise.
pub const ATTEMPTS: u32 = 4;
/// First pause, if not said otherwise. It doubles; half of it is random.
pub const PAUSE: Duration = Duration::from_millis(500);
/// Longest pause of our own, if not said otherwise.
pub const PAUSE_MAX: Duration = Duration::from_secs(20);
/// Time for all attempts and pauses together, if not said otherwise.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// Least wait after a 429, whatever it says.
pub const LIMITED_MIN: Duration = Duration::from_secs(1);
/// Alpaca's limits are per minute, so a reset that seems further away is a wrong clock.
pub const WINDOW: Duration = Duration::from_secs(60);

/// How often and how long.
///
/// ```
/// use core::time::Duration;
/// use alpaca_auth::retry::RetryRules;
/// const PATIENT: RetryRules = RetryRules::new().attempts(6).deadline(Duration::from_secs(120));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryRules {
    attempts: u32,
    pause: Duration,
    pause_max: Duration,
    deadline: Duration,
}

impl RetryRules {
    /// [`ATTEMPTS`], [`PAUSE`], [`PAUSE_MAX`] and [`DEADLINE`].
    #[must_use]
    pub const fn new() -> Self {
        Self {
            attempts: ATTEMPTS,
            pause: PAUSE,
            pause_max: PAUSE_MAX,
            deadline: DEADLINE,
        }
    }

    /// At most so many attempts, the first included. 0 and 1 are the same.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// First and longest pause of our own. A server may ask for more.
    #[must_use]
    pub const fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.pause = first;
        self.pause_max = longest;
        self
    }

    /// Time from the first attempt to the end of the last, pauses included.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

impl Default for RetryRules {
    fn default() -> Self {
        Self::new()
    }
}

/// What an answer says about sending again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// `Retry-After`.
    pub retry_after: Option<RetryAfter>,
    /// `X-RateLimit-Reset`, in unix seconds by the server's clock.
    pub reset: Option<u64>,
    /// `Date`, in unix seconds: the server's clock.
    pub date: Option<u64>,
}

impl Answer {
    /// An answer with nothing but a status.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self {
            status,
            retry_after: None,
            reset: None,
            date: None,
        }
    }

    /// What the head of an answer says.
    #[must_use]
    pub const fn of(head: &ReplyHead) -> Self {
        Self {
            status: head.status,
            retry_after: head.retry_after,
            reset: head.limits.reset,
            date: head.date,
        }
    }

    /// How long the server asks to wait, in milliseconds, at `unix_now` by the caller's clock. The server's
    /// own clock is preferred, so that the two need not agree.
    pub(crate) fn asks(&self, unix_now: Option<u64>) -> Option<u64> {
        let now = self.date.or(unix_now);
        let until = |time: u64| now.map(|now| time.saturating_sub(now));
        let seconds = match self.retry_after {
            Some(RetryAfter::Seconds(seconds)) => Some(u64::from(seconds)),
            Some(RetryAfter::At(time)) => until(time),
            None => None,
        };
        let reset = || {
            let left = self.reset.filter(|_| self.status == 429).and_then(until);
            left.map(|left| left.min(WINDOW.as_secs()))
        };
        seconds
            .or_else(reset)
            .map(|seconds| seconds.saturating_mul(1000))
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// A complete answer came.
    Answered(Answer),
    /// No answer, and certainly not a byte of the request reached the server.
    NotSent {
        /// Whether trying again may help: a lost network, but no wrong key or certificate.
        passing: bool,
    },
    /// No complete answer, and the request may have reached the server.
    MaybeSent {
        /// Whether trying again may help: a broken connection, but no malformed answer.
        passing: bool,
    },
}

/// All that a decision rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The request's method. A GET changes nothing, so it is never uncertain.
    pub method: Method,
    /// The request's replay class, as [`replay_of`] takes it.
    pub replay: Replay,
    /// How the last attempt ended.
    pub ended: Ended,
    /// Attempts so far, the last included.
    pub attempts: u32,
    /// Whether an attempt before the last may have taken effect.
    pub uncertain: bool,
    /// Time since the first attempt began.
    pub elapsed: Duration,
    /// The caller's clock, in unix seconds, for answers without `Date`.
    pub unix_now: Option<u64>,
    /// A random number, new for each decision.
    pub jitter: u32,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum RetryDecision {
    /// Send the same bytes again, after this long.
    After(Duration),
    /// Do not send again. What happened is known: success, or certainly nothing.
    Stop(StopReason),
    /// Do not send again. Whether the request took effect is unknown: look by `client_order_id`
    /// ([`check_order`]), or in the list of orders if it has none, before anything else.
    Unknown(StopReason),
}

/// Why nothing is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The request succeeded.
    Answered,
    /// The server refused it, and would again. Change the request, the key or the account.
    Refused,
    /// Trying again would not mend it: the error says what would.
    Faulty,
    /// It may not be sent twice. Give orders a `client_order_id`.
    NotRepeatable,
    /// As many attempts as the rules allow were made.
    AttemptsSpent,
    /// The next attempt would come after the deadline, or the server asks to wait beyond it.
    Deadline,
}

/// Whether a request took effect, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TookEffect {
    /// Certainly not: it was not sent, or it was refused.
    No,
    /// The server said success.
    Yes,
    /// It may have.
    Unknown,
}

impl RetryDecision {
    /// Whether the request took effect, if this is the end.
    #[must_use]
    pub const fn took_effect(self) -> Option<TookEffect> {
        match self {
            Self::After(_) => None,
            Self::Stop(StopReason::Answered) => Some(TookEffect::Yes),
            Self::Stop(_) => Some(TookEffect::No),
            Self::Unknown(_) => Some(TookEffect::Unknown),
        }
    }
}

impl fmt::Display for RetryDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(pause) => write!(f, "sent again in {} ms", millis(*pause)),
            Self::Stop(reason) => write!(f, "not sent again: {reason}"),
            Self::Unknown(reason) => write!(
                f,
                "unknown, check by client_order_id, or look in the account if it has none, before \
                 anything else: it may have taken effect, and {reason}"
            ),
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered => "the request succeeded",
            Self::Refused => "the server refuses it",
            Self::Faulty => "sending it again would not mend the fault",
            Self::NotRepeatable => "it may not be sent twice",
            Self::AttemptsSpent => "all attempts are spent",
            Self::Deadline => "the time for it is over",
        })
    }
}

/// Decides. Pure: the same facts give the same decision.
///
/// ```
/// use core::time::Duration;
/// use alpaca_auth::request::{Method, Replay};
/// use alpaca_auth::retry::{Ended, Facts, RetryDecision, RetryRules, StopReason, decide};
///
/// let lost = Facts {
///     method: Method::Post,
///     replay: Replay::Never,
///     ended: Ended::MaybeSent { passing: true },
///     attempts: 1,
///     uncertain: false,
///     elapsed: Duration::from_millis(80),
///     unix_now: None,
///     jitter: 0,
/// };
/// let rules = RetryRules::new();
/// assert_eq!(decide(&rules, &lost), RetryDecision::Unknown(StopReason::NotRepeatable));
/// let again = Facts { replay: Replay::WithClientOrderId, ..lost };
/// assert_eq!(decide(&rules, &again), RetryDecision::After(Duration::from_millis(250)));
/// ```
pub fn decide(rules: &RetryRules, facts: &Facts) -> RetryDecision {
    let judged = Judged::of(facts.ended);
    if judged.success {
        return RetryDecision::Stop(StopReason::Answered);
    }
    let uncertain = is_uncertain(facts);
    let end = |reason| match uncertain {
        true => RetryDecision::Unknown(reason),
        false => RetryDecision::Stop(reason),
    };
    if !judged.passing {
        return end(match facts.ended {
            Ended::Answered(_) => StopReason::Refused,
            _ => StopReason::Faulty,
        });
    }
    let may_resend = match facts.replay {
        Replay::Safe | Replay::WithClientOrderId => true,
        Replay::Never => !facts.uncertain && matches!(facts.ended, Ended::NotSent { .. }),
    };
    if !may_resend {
        return end(StopReason::NotRepeatable);
    }
    if facts.attempts >= rules.attempts {
        return end(StopReason::AttemptsSpent);
    }
    let wait = wait(rules, facts);
    match millis(facts.elapsed).checked_add(wait) {
        Some(then) if then < millis(rules.deadline) => {
            RetryDecision::After(Duration::from_millis(wait))
        }
        _ => end(StopReason::Deadline),
    }
}

/// The replay class that a request is given: `WithClientOrderId` only if the body names one.
#[must_use]
pub fn replay_of<A>(request: &Request<'_, A>) -> Replay
where
    A: crate::endpoint::Api,
{
    match request.replay() {
        Replay::WithClientOrderId if client_order_id(request).is_none() => Replay::Never,
        replay => replay,
    }
}

/// The facts of one request, from its first attempt to its end.
///
/// Its clock goes forward only: time that goes back counts as no time, and the pauses it gave count as
/// spent, so that no clock extends the deadline by more than the attempts themselves take.
#[derive(Debug)]
pub struct Retry {
    rules: RetryRules,
    method: Method,
    replay: Replay,
    seen: u64,
    clock: u64,
    waited: u64,
    attempts: u32,
    uncertain: bool,
    over: Option<RetryDecision>,
}

impl Retry {
    /// Before the first attempt. `now` is time since any moment of the caller's, best by a monotonic clock.
    #[must_use]
    pub fn new<A: crate::endpoint::Api>(
        rules: RetryRules,
        request: &Request<'_, A>,
        now: Duration,
    ) -> Self {
        Self {
            rules,
            method: request.method(),
            replay: replay_of(request),
            seen: millis(now),
            clock: 0,
            waited: 0,
            attempts: 0,
            uncertain: false,
            over: None,
        }
    }

    /// An attempt ended. Once this says anything but [`RetryDecision::After`], it says so for ever.
    pub fn ended(
        &mut self,
        ended: Ended,
        now: Duration,
        unix_now: Option<u64>,
        jitter: u32,
    ) -> RetryDecision {
        if let Some(over) = self.over {
            return over;
        }
        self.advance(now);
        self.attempts = self.attempts.saturating_add(1);
        let facts = Facts {
            method: self.method,
            replay: self.replay,
            ended,
            attempts: self.attempts,
            uncertain: self.uncertain,
            elapsed: Duration::from_millis(self.elapsed()),
            unix_now,
            jitter,
        };
        let decision = decide(&self.rules, &facts);
        self.uncertain = is_uncertain(&facts);
        match decision {
            RetryDecision::After(pause) => self.waited = self.waited.saturating_add(millis(pause)),
            _ => self.over = Some(decision),
        }
        decision
    }

    /// Gives up before the next attempt, for another reason than how the last one ended.
    pub fn give_up(&mut self, reason: StopReason) -> RetryDecision {
        let end = match self.uncertain {
            true => RetryDecision::Unknown(reason),
            false => RetryDecision::Stop(reason),
        };
        *self.over.get_or_insert(end)
    }

    /// Time until the deadline: the most that the next attempt may take.
    pub fn left(&mut self, now: Duration) -> Duration {
        self.advance(now);
        Duration::from_millis(millis(self.rules.deadline).saturating_sub(self.elapsed()))
    }

    /// Attempts so far.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    fn elapsed(&self) -> u64 {
        self.clock.max(self.waited)
    }

    fn advance(&mut self, now: Duration) {
        let now = millis(now);
        self.clock = self.clock.saturating_add(now.saturating_sub(self.seen));
        self.seen = now;
    }
}

/// What one ending means, whatever the request.
struct Judged {
    success: bool,
    /// It may have taken effect, though nobody said so.
    maybe: bool,
    /// Trying again may help.
    passing: bool,
}

impl Judged {
    const fn of(ended: Ended) -> Self {
        let (success, maybe, passing) = match ended {
            Ended::NotSent { passing } => (false, false, passing),
            Ended::MaybeSent { passing } => (false, true, passing),
            Ended::Answered(answer) => match answer.status {
                200..=299 => (true, false, false),
                // Refused before it was executed.
                429 => (false, false, true),
                // 504 and 408 say nothing about the effect; the rest may come from what stands between.
                408 | 500 | 502 | 503 | 504 => (false, true, true),
                // Refused for good.
                400..=499 => (false, false, false),
                // 303 is what follows a success.
                _ => (false, true, false),
            },
        };
        Self {
            success,
            maybe,
            passing,
        }
    }
}

fn is_uncertain(facts: &Facts) -> bool {
    !matches!(facts.method, Method::Get) && (facts.uncertain || Judged::of(facts.ended).maybe)
}

/// Milliseconds until the next attempt.
fn wait(rules: &RetryRules, facts: &Facts) -> u64 {
    let doublings = facts.attempts.saturating_sub(1).min(20);
    let full = millis(rules.pause)
        .saturating_mul(1 << doublings)
        .min(millis(rules.pause_max));
    let half = full / 2;
    let own = half.saturating_add(random_part(half, facts.jitter));
    let Ended::Answered(answer) = facts.ended else {
        return own;
    };
    let least = match answer.status {
        429 => millis(LIMITED_MIN),
        _ => 0,
    };
    let asked = answer.asks(facts.unix_now).unwrap_or(0).max(least);
    // Many clients that are told the same time do not all come back at it.
    own.max(asked.saturating_add(random_part(asked.min(1000), facts.jitter)))
}

/// A random part of `whole`: `jitter` of 2^32.
pub(crate) fn random_part(whole: u64, jitter: u32) -> u64 {
    whole.saturating_mul(u64::from(jitter)) >> 32
}

pub(crate) fn millis(whole: Duration) -> u64 {
    whole
        .as_secs()
        .saturating_mul(1000)
        .saturating_add(u64::from(whole.subsec_millis()))
}

#[cfg(test)]
mod tests;
