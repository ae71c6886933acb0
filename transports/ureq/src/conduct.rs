//! How a client calls: pace, attempts, counters and audit around one send. Off unless configured.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alpaca_auth::audit::{Audit, AuditResult};
use alpaca_auth::credential::Opens;
use alpaca_auth::endpoint::{Api, ApiKind, Endpoint};
use alpaca_auth::rate::{Admission, Pass, RateBudget};
use alpaca_auth::request::{Replay, Request};
use alpaca_auth::response::{Context, Limits, Outcome, ReplyHead};
use alpaca_auth::retry::{
    Answer, Ended, Retry, RetryDecision, RetryRules, StopReason, client_order_id,
};
use alpaca_auth::usage::Usage;

use crate::token_cache::random;
use crate::{Config, Error, UreqTransport};

/// What to do when the rate limit is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Wait, if there is time before the deadline; else refuse.
    Wait,
    /// Refuse at once: [`Error::HeldBack`].
    Refuse,
}

/// The counters and rate budgets of one account, shared by all clients whose [`Config`] was given it.
///
/// A client's credential cannot be copied, so a client is no `Clone`. For several threads make one client for
/// each, and share this: the server counts an account's calls, not a client's.
///
/// ```
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::retry::RetryRules;
/// use alpaca_auth_ureq::{Client, Config, Error, Pace, Shared};
///
/// let shared = Shared::new();
/// let config = Config::new().share(&shared).pace(Pace::Wait).retry(RetryRules::new());
/// let client = || Client::<Paper>::with(&config, |slot| slot.paper("PKTEST", "not-a-real-secret"));
/// let (first, second) = (client()?, client()?);
/// assert_eq!(shared.usage().calls, 0);
/// println!("{}", shared.usage());       // one line for a log
/// println!("{}", shared.prometheus());  // to be served under /metrics
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    started: Instant,
    reserve: u32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    usage: Usage,
    budgets: Vec<(ApiKind, RateBudget)>,
}

impl Shared {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        Self::reserving(0)
    }

    /// Leaves so many calls of each API's window to the account's other programs, at most half of the limit.
    #[must_use]
    pub fn reserving(calls: u32) -> Self {
        Self(Arc::new(Inner {
            started: Instant::now(),
            reserve: calls,
            state: Mutex::default(),
        }))
    }

    /// The counters as they stand now.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.lock().usage.clone()
    }

    /// The counters in Prometheus' text format, for
    /// [`PROMETHEUS_CONTENT_TYPE`](alpaca_auth::usage::PROMETHEUS_CONTENT_TYPE).
    #[must_use]
    pub fn prometheus(&self) -> String {
        let mut text = String::new();
        // A `String` takes everything.
        let _ = self.usage().write_prometheus(&mut text);
        text
    }

    /// What is left of an API's rate limit, less what is under way; `None` if it told nothing yet.
    #[must_use]
    pub fn budget(&self, api: ApiKind) -> Option<Limits> {
        let state = self.lock();
        let known = state.budgets.iter().find(|(known, _)| *known == api);
        let limits = known?.1.limits();
        (limits != Limits::default()).then_some(limits)
    }

    fn now(&self) -> Duration {
        self.0.started.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held leaves counters that are off by one at worst.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, api: ApiKind) -> Admission {
        let (now, reserve) = (self.now(), self.0.reserve);
        let mut state = self.lock();
        state.budget(api, reserve).admit(now)
    }
}

impl State {
    fn budget(&mut self, api: ApiKind, reserve: u32) -> &mut RateBudget {
        let known = self.budgets.iter().position(|(known, _)| *known == api);
        let at = known.unwrap_or_else(|| {
            self.budgets.push((api, RateBudget::new().reserve(reserve)));
            self.budgets.len().saturating_sub(1)
        });
        #[expect(clippy::indexing_slicing, reason = "found, or pushed just now")]
        &mut self.budgets[at].1
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.usage()).finish()
    }
}

/// A caller's function that sees each attempt.
#[derive(Clone)]
pub(crate) struct AuditHook(Arc<dyn Fn(&Audit<'_>) + Send + Sync>);

impl AuditHook {
    pub(crate) fn new(hook: impl Fn(&Audit<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }
}

impl fmt::Debug for AuditHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditHook")
    }
}

/// What a client does besides sending.
pub(crate) struct Conduct {
    retry: Option<RetryRules>,
    pace: Option<Pace>,
    shared: Shared,
    audit: Option<AuditHook>,
    /// The longest that one attempt may take.
    attempt_limit: Duration,
}

/// A complete answer whose body stands at the start of the client's buffer.
pub(crate) struct Whole {
    pub(crate) head: ReplyHead,
    pub(crate) context: Context,
    pub(crate) length: usize,
    outcome: Outcome,
}

impl Conduct {
    /// `None` if the configuration asks for nothing of this.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        let wanted = config.retry.is_some()
            || config.pace.is_some()
            || config.shared.is_some()
            || config.audit.is_some();
        wanted.then(|| Self {
            retry: config.retry,
            pace: config.pace,
            shared: config.shared.clone().unwrap_or_default(),
            audit: config.audit.clone(),
            attempt_limit: config.total_timeout,
        })
    }

    pub(crate) const fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Sends `request` until it is answered or may not be sent again.
    pub(crate) fn call<A: Api, C: Opens<A>>(
        &self,
        transport: &mut UreqTransport,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &mut [u8],
    ) -> Result<Whole, Error> {
        self.shared.lock().usage.call();
        let once = RetryRules::new().attempts(1).deadline(self.attempt_limit);
        let rules = self.retry.unwrap_or(once);
        let mut retry = Retry::new(rules, request, self.shared.now());
        loop {
            let pass = self.enter(request, &mut retry)?;
            // Without retries the transport's own limit holds.
            let limit = self
                .retry
                .map(|_| retry.left(self.shared.now()).min(self.attempt_limit));
            let began = Instant::now();
            let result = transport.send_within(request, endpoint, credential, body, limit);
            let result = result.map(|reply| Whole {
                head: reply.head().clone(),
                context: reply.context(),
                length: reply.body().len(),
                outcome: reply.outcome(),
            });
            self.count(
                A::KIND,
                &result,
                transport.traffic(),
                retry.attempts(),
                pass,
            );
            if let Some(AuditHook(hook)) = &self.audit {
                let attempt = retry.attempts().saturating_add(1);
                let (came, id) = audited(&result);
                let mut audit = Audit::of(request, endpoint, attempt, came, began.elapsed());
                audit.request_id = id;
                hook(&audit);
            }
            let (ended, status) = match &result {
                Ok(whole) => (
                    Ended::Answered(Answer::of(&whole.head)),
                    Some(whole.head.status),
                ),
                Err(error) => (Ended::from(error), None),
            };
            match retry.ended(ended, self.shared.now(), Some(unix_now()), jitter()) {
                RetryDecision::After(pause) => std::thread::sleep(pause),
                RetryDecision::Stop(_) => return result,
                RetryDecision::Unknown(why) => {
                    let unknown = self.unknown(request, why, status);
                    // Without retries the caller gets what the one attempt came to.
                    return match self.retry {
                        Some(_) => Err(unknown),
                        None => result,
                    };
                }
            }
        }
    }

    /// Waits for the rate budget. `None` if there is none.
    fn enter<A: Api>(
        &self,
        request: &Request<'_, A>,
        retry: &mut Retry,
    ) -> Result<Option<Pass>, Error> {
        let Some(pace) = self.pace else {
            return Ok(None);
        };
        let mut delayed = false;
        loop {
            let wait = match self.shared.admit(A::KIND) {
                Admission::Go(pass) => return Ok(Some(pass)),
                Admission::Wait(wait) => wait,
            };
            if pace == Pace::Refuse || wait >= retry.left(self.shared.now()) {
                self.shared.lock().add_held_back();
                return Err(match retry.give_up(StopReason::Deadline) {
                    RetryDecision::Unknown(why) => self.unknown(request, why, None),
                    _ => Error::HeldBack { wait },
                });
            }
            if !std::mem::replace(&mut delayed, true) {
                self.shared.lock().add_delayed();
            }
            std::thread::sleep(wait);
        }
    }

    fn unknown<A: Api>(
        &self,
        request: &Request<'_, A>,
        why: StopReason,
        status: Option<u16>,
    ) -> Error {
        let usage = &mut self.shared.lock().usage;
        usage.unknown = usage.unknown.saturating_add(1);
        let class = request.replay() == Replay::WithClientOrderId;
        Error::Unknown {
            why,
            status,
            by_client_order_id: class && client_order_id(request).is_some(),
        }
    }

    fn count(
        &self,
        api: ApiKind,
        result: &Result<Whole, Error>,
        (sent, received): (u64, u64),
        attempts_before: u32,
        pass: Option<Pass>,
    ) {
        let (now, reserve) = (self.shared.now(), self.shared.0.reserve);
        let mut state = self.shared.lock();
        let usage = &mut state.usage;
        usage.sent(sent);
        if attempts_before > 0 {
            usage.resends = usage.resends.saturating_add(1);
        }
        match result {
            Ok(whole) => usage.answered(api, &whole.head, whole.outcome, received),
            Err(Error::Redirect { status }) => {
                usage.answered(api, &ReplyHead::new(*status), Outcome::Redirect, received);
            }
            Err(error) => usage.failed(error.sent(), received),
        }
        if let Some(pass) = pass {
            let head = result.as_ref().ok().map(|whole| &whole.head);
            let budget = state.budget(api, reserve);
            budget.settle(pass, head, now, Some(unix_now()), jitter());
        }
    }
}

impl State {
    fn add_held_back(&mut self) {
        self.usage.held_back = self.usage.held_back.saturating_add(1);
    }

    fn add_delayed(&mut self) {
        self.usage.delayed = self.usage.delayed.saturating_add(1);
    }
}

fn audited(
    result: &Result<Whole, Error>,
) -> (AuditResult, Option<&alpaca_auth::response::RequestId>) {
    match result {
        Ok(whole) => (
            AuditResult::Status(whole.head.status),
            whole.head.request_id.as_ref(),
        ),
        Err(Error::Redirect { status }) => (AuditResult::Status(*status), None),
        Err(error) if error.sent() => (AuditResult::Lost, None),
        Err(_) => (AuditResult::NotSent, None),
    }
}

fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn jitter() -> u32 {
    let mut bytes = [0; 4];
    random(&mut bytes);
    u32::from_le_bytes(bytes)
}
