//! How a client calls: pace, attempts, counters and audit around one send. Off unless configured.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alpaca_auth::audit::{Audit, AuditResult};
use alpaca_auth::credential::Opens;
use alpaca_auth::endpoint::{Api, ApiKind, Endpoint};
use alpaca_auth::policy::{Amount, Policy};
use alpaca_auth::rate::{Admission, Pass};
use alpaca_auth::request::{Replay, Request};
use alpaca_auth::response::{Context, Outcome, ReplyHead, RequestId};
use alpaca_auth::retry::{
    Answer, Effect, Ended, Retry, RetryDecision, RetryRules, StopReason, client_order_id,
};

use crate::token_cache::random;
use crate::{Config, Error, Shared, UreqTransport};

/// What to do when the rate limit is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Wait, if there is time before the deadline; else refuse.
    Wait,
    /// Refuse at once: [`Error::HeldBack`].
    Refuse,
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
    policy: Option<Policy<'static>>,
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
            || config.audit.is_some()
            || config.policy.is_some();
        wanted.then(|| Self {
            retry: config.retry,
            pace: config.pace,
            shared: config.shared.clone().unwrap_or_default(),
            audit: config.audit.clone(),
            policy: config.policy,
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
        price: Option<Amount>,
    ) -> Result<Whole, Error> {
        self.shared.lock().usage.call();
        let Some(policy) = &self.policy else {
            let (result, _) = self.attempts(transport, request, endpoint, credential, body);
            return result;
        };
        let reserved = {
            let mut state = self.shared.lock();
            let reserved = state.ledger.reserve(policy, request, price, unix_now());
            if reserved.is_err() {
                state.usage.forbidden = state.usage.forbidden.saturating_add(1);
            }
            reserved?
        };
        let (result, effect) = self.attempts(transport, request, endpoint, credential, body);
        self.shared.lock().ledger.settle(reserved, effect);
        result
    }

    fn attempts<A: Api, C: Opens<A>>(
        &self,
        transport: &mut UreqTransport,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &mut [u8],
    ) -> (Result<Whole, Error>, Effect) {
        let once = RetryRules::new().attempts(1).deadline(self.attempt_limit);
        let rules = self.retry.unwrap_or(once);
        let mut retry = Retry::new(rules, request, self.shared.now());
        loop {
            let pass = match self.enter(request, &mut retry) {
                Ok(pass) => pass,
                Err((held, effect)) => return (Err(held), effect),
            };
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
            let attempt = retry.attempts().saturating_add(1);
            self.count(A::KIND, &result, transport.traffic(), attempt, pass);
            if let Some(AuditHook(hook)) = &self.audit {
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
            let decision = retry.ended(ended, self.shared.now(), Some(unix_now()), jitter());
            match decision {
                RetryDecision::After(pause) => std::thread::sleep(pause),
                RetryDecision::Stop(StopReason::Answered) => return (result, Effect::Taken),
                RetryDecision::Stop(_) => return (result, Effect::None),
                RetryDecision::Unknown(why) => {
                    let unknown = self.unknown(request, why, status);
                    // Without retries the caller gets what the one attempt came to.
                    let result = self.retry.map_or(result, |_| Err(unknown));
                    return (result, Effect::Unknown);
                }
            }
        }
    }

    /// Waits for the rate budget. `None` if there is none.
    fn enter<A: Api>(
        &self,
        request: &Request<'_, A>,
        retry: &mut Retry,
    ) -> Result<Option<Pass>, (Error, Effect)> {
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
                    RetryDecision::Unknown(why) => {
                        (self.unknown(request, why, None), Effect::Unknown)
                    }
                    _ => (Error::HeldBack { wait }, Effect::None),
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
        attempt: u32,
        pass: Option<Pass>,
    ) {
        let (now, reserve) = (self.shared.now(), self.shared.reserve());
        let mut state = self.shared.lock();
        let usage = &mut state.usage;
        usage.sent(sent);
        if attempt > 1 {
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

fn audited(result: &Result<Whole, Error>) -> (AuditResult, Option<&RequestId>) {
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
