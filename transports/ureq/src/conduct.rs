//! How a client calls: pace, attempts, counters and audit around one send. Off unless configured.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alpaca_auth::audit::{Audit, AuditResult};
use alpaca_auth::credential::Opens;
use alpaca_auth::endpoint::{Api, ApiKind, Endpoint};
use alpaca_auth::policy::{Amount, Policy};
use alpaca_auth::rate::{Admission, Pass};
use alpaca_auth::request::{Replay, Request};
use alpaca_auth::response::{Outcome, Reply, ReplyHead, RequestId};
use alpaca_auth::retry::{
    Answer, Ended, Retry, RetryDecision, RetryRules, StopReason, TookEffect, client_order_id,
};

use alpaca_auth::transport::{StreamingTransport, Transport};

use crate::destination::{Destination, Received};
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

/// A complete answer, and what it means.
pub(crate) struct Whole {
    pub(crate) received: Received,
    outcome: Outcome,
}

impl Whole {
    fn of(received: Received, memory: &[u8]) -> Self {
        let body = memory.get(..received.length).unwrap_or_default();
        let reply = Reply::new(received.head.clone(), received.context, body);
        Self {
            outcome: reply.outcome(),
            received,
        }
    }
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
        to: &mut Destination<'_>,
        price: Option<Amount>,
    ) -> Result<Whole, Error> {
        self.shared.lock().usage.call();
        let Some(policy) = &self.policy else {
            let (result, _) = self.attempts(transport, request, endpoint, credential, to);
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
        let (result, took_effect) = self.attempts(transport, request, endpoint, credential, to);
        self.shared.lock().ledger.settle(reserved, took_effect);
        result
    }

    fn attempts<A: Api, C: Opens<A>>(
        &self,
        transport: &mut UreqTransport,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        to: &mut Destination<'_>,
    ) -> (Result<Whole, Error>, TookEffect) {
        let once = RetryRules::new().attempts(1).deadline(self.attempt_limit);
        let rules = self.retry.unwrap_or(once);
        let mut retry = Retry::new(rules, request, self.shared.now());
        loop {
            let pass = match self.enter(request, &mut retry) {
                Ok(pass) => pass,
                Err((held, took_effect)) => return (Err(held), took_effect),
            };
            // Without retries the transport's own limit holds.
            let limit = self
                .retry
                .map(|_| retry.left(self.shared.now()).min(self.attempt_limit));
            let began = Instant::now();
            let result = transport
                .send_within(request, endpoint, credential, to, limit)
                .map(|received| Whole::of(received, to.memory()));
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
                    Ended::Answered(Answer::of(&whole.received.head)),
                    Some(whole.received.head.status),
                ),
                Err(error) => (Ended::from(error), None),
            };
            let decision = retry.ended(ended, self.shared.now(), Some(unix_now()), jitter());
            match decision {
                // A sink that has seen a part would take another answer for the rest of it.
                RetryDecision::After(_) if to.has_begun() => return (result, TookEffect::Unknown),
                RetryDecision::After(pause) => std::thread::sleep(pause),
                RetryDecision::Stop(StopReason::Answered) => return (result, TookEffect::Yes),
                RetryDecision::Stop(_) => return (result, TookEffect::No),
                RetryDecision::Unknown(why) => {
                    let unknown = self.unknown(request, why, status);
                    // Without retries the caller gets what the one attempt came to.
                    let result = self.retry.map_or(result, |_| Err(unknown));
                    return (result, TookEffect::Unknown);
                }
            }
        }
    }

    /// Waits for the rate budget. `None` if there is none.
    fn enter<A: Api>(
        &self,
        request: &Request<'_, A>,
        retry: &mut Retry,
    ) -> Result<Option<Pass>, (Error, TookEffect)> {
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
                        (self.unknown(request, why, None), TookEffect::Unknown)
                    }
                    _ => (Error::HeldBack { wait }, TookEffect::No),
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
            Ok(whole) => usage.answered(api, &whole.received.head, whole.outcome, received),
            Err(Error::Redirect { status }) => {
                usage.answered(api, &ReplyHead::new(*status), Outcome::Redirect, received);
            }
            Err(error) => usage.failed(error.sent(), received),
        }
        if let Some(pass) = pass {
            let head = result.as_ref().ok().map(|whole| &whole.received.head);
            let budget = state.budget(api, reserve);
            budget.settle(pass, head, now, Some(unix_now()), jitter());
        }
    }
}

/// A transport that calls as its client does.
pub(crate) struct Conducted<'c> {
    pub(crate) transport: &'c mut UreqTransport,
    pub(crate) conduct: Option<&'c Conduct>,
}

impl Conducted<'_> {
    /// Calls; a policy judges the request at `price`, if there is one.
    pub(crate) fn call<A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        to: &mut Destination<'_>,
        price: Option<Amount>,
    ) -> Result<Received, Error> {
        match self.conduct {
            None => self
                .transport
                .send_within(request, endpoint, credential, to, None),
            Some(conduct) => conduct
                .call(self.transport, request, endpoint, credential, to, price)
                .map(|whole| whole.received),
        }
    }
}

impl Transport for Conducted<'_> {
    type Error = Error;

    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Error> {
        let mut to = Destination::Memory(&mut *body);
        self.call(request, endpoint, credential, &mut to, None)
            .map(|received| received.reply(body))
    }
}

impl StreamingTransport for Conducted<'_> {
    fn send_into<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        refusal: &'b mut [u8],
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'b>, Error> {
        let mut to = Destination::sink(&mut *refusal, sink);
        self.call(request, endpoint, credential, &mut to, None)
            .map(|received| received.reply(refusal))
    }
}

fn audited(result: &Result<Whole, Error>) -> (AuditResult, Option<&RequestId>) {
    match result {
        Ok(whole) => (
            AuditResult::Status(whole.received.head.status),
            whole.received.head.request_id.as_ref(),
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
