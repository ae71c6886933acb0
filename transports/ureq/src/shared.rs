//! [`Shared`]: counters, rate budgets and the day's sum of one account, for all its clients.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use alpaca_auth::endpoint::ApiKind;
use alpaca_auth::policy::Ledger;
use alpaca_auth::rate::{Admission, RateBudget};
use alpaca_auth::response::Limits;
use alpaca_auth::usage::Usage;

/// The counters and rate budgets of one account, shared by all clients whose [`Config`](crate::Config) was given it.
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
pub(crate) struct State {
    pub(crate) usage: Usage,
    budgets: Vec<(ApiKind, RateBudget)>,
    pub(crate) ledger: Ledger,
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

    /// What was ordered on this UTC day under a policy, to keep it over a restart.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.lock().ledger.clone()
    }

    /// Goes on with the ledger of before a restart.
    pub fn restore(&self, ledger: Ledger) {
        self.lock().ledger = ledger;
    }

    pub(crate) fn now(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// Calls to leave to others.
    pub(crate) fn reserve(&self) -> u32 {
        self.0.reserve
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held leaves counters that are off by one at worst.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks an API's budget for one call.
    pub(crate) fn admit(&self, api: ApiKind) -> Admission {
        let (now, reserve) = (self.now(), self.0.reserve);
        let mut state = self.lock();
        state.budget(api, reserve).admit(now)
    }
}

impl State {
    pub(crate) fn add_held_back(&mut self) {
        self.usage.held_back = self.usage.held_back.saturating_add(1);
    }

    pub(crate) fn add_delayed(&mut self) {
        self.usage.delayed = self.usage.delayed.saturating_add(1);
    }

    pub(crate) fn budget(&mut self, api: ApiKind, reserve: u32) -> &mut RateBudget {
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
