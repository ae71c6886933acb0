//! [`SharedRotation`]: credentials that change while many threads send requests.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;

use alpaca_auth::credential::rotation::{
    NoCredential, Offer, Poll, RotationPlan, Settled, SourcePoll, Ticket, Verdict,
};
use alpaca_auth::credential::{Credential, Opens, Slot};
use alpaca_auth::endpoint::{Api, Endpoint};
use alpaca_auth::request::{Replay, Request};
use alpaca_auth::response::Reply;
use alpaca_auth::transport::Transport;

use crate::{Clock, FileWatch, Look, SystemClock};

/// Refused credentials that are remembered, 16 bytes each.
pub const REFUSED_MAX: usize = 1024;

/// A request is sent at most this often: a trial is refused, the active credential too, a third is there.
const ATTEMPTS: u32 = 3;

/// Credentials of one account for all threads of a process, exchanged without a restart.
///
/// The rules are those of [`alpaca_auth::credential::rotation`]: a new credential is tried by one
/// repeatable request, takes over when it is accepted, and is dropped when it is refused; what the server
/// has refused is not used again in this process.
///
/// A request keeps the credential it started with. It is shared, not copied: the secret exists once, and
/// is wiped when the last request with it ends. Cloning gives another handle to the same rotation.
///
/// ```no_run
/// use alpaca_auth::credential::{CredentialError, KeyPair};
/// use alpaca_auth::endpoint::{Endpoint, Trading};
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::request::trading;
/// use alpaca_auth_ureq::{Config, SharedRotation, UreqTransport};
///
/// let keys = SharedRotation::<KeyPair<Paper>>::new();
/// keys.offer(None, |slot| slot.paper("PKOLD", "old-secret").map(drop))?;
///
/// // In each thread: a transport and a buffer of its own.
/// let (mut transport, mut body) = (UreqTransport::new(&Config::new())?, vec![0; 1 << 20]);
/// let endpoint = Endpoint::<Trading, Paper>::alpaca();
/// let reply = keys.call(&mut transport, &trading::account(), &endpoint, &mut body)?;
///
/// // When the key is renewed:
/// keys.offer(None, |slot| slot.paper("PKNEW", "new-secret").map(drop))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SharedRotation<C: Credential, K = SystemClock>(Arc<Shared<C, K>>);

impl<C: Credential, K> Clone for SharedRotation<C, K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Shared<C: Credential, K> {
    /// What most requests take, without the lock on the plan.
    active: RwLock<Option<(Arc<Slot<C>>, Ticket)>>,
    /// The plan has to be asked: something is to be tried, to end, or missing.
    unsettled: AtomicBool,
    state: Mutex<State<C>>,
    clock: K,
}

struct State<C: Credential> {
    plan: RotationPlan<REFUSED_MAX>,
    places: [Option<Arc<Slot<C>>>; 3],
    /// Not used any more, and still with requests that have not ended.
    retired: Vec<Weak<Slot<C>>>,
}

/// A credential that is lent to one request. Wiped when it was replaced and the last borrower is done.
pub struct Held<C: Credential, K = SystemClock> {
    slot: Arc<Slot<C>>,
    ticket: Ticket,
    /// A trial that is not settled is given back.
    trial_of: Option<Arc<Shared<C, K>>>,
}

impl<C: Credential, K> Held<C, K> {
    /// The credential, for [`Transport::send`].
    #[must_use]
    pub fn credential(&self) -> Option<&C> {
        self.slot.get()
    }

    /// Whether this request tries the new credential.
    #[must_use]
    pub const fn is_trial(&self) -> bool {
        self.ticket.is_trial()
    }
}

impl<C: Credential, K> Drop for Held<C, K> {
    fn drop(&mut self) {
        if let Some(shared) = self.trial_of.take() {
            shared.settle(&self.ticket, Verdict::Nothing);
        }
    }
}

impl<C: Credential> SharedRotation<C> {
    /// No credential yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(SystemClock::new())
    }
}

impl<C: Credential> Default for SharedRotation<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Credential, K: Clock> SharedRotation<C, K> {
    /// The same with clocks of your own.
    #[must_use]
    pub fn with_clock(clock: K) -> Self {
        // The keys of std's hash maps come from the operating system's random source.
        let random = || RandomState::new().hash_one(0);
        Self(Arc::new(Shared {
            active: RwLock::new(None),
            unsettled: AtomicBool::new(true),
            state: Mutex::new(State {
                plan: RotationPlan::new([random(), random()]),
                places: [None, None, None],
                retired: Vec::new(),
            }),
            clock,
        }))
    }

    /// Takes what the source has now. `ends` is when its life is over, by this rotation's clock; keys
    /// have none. Nothing changes when `fill` fails.
    ///
    /// # Errors
    /// The error of `fill`.
    pub fn offer<E>(
        &self,
        ends: Option<Duration>,
        fill: impl FnOnce(&mut Slot<C>) -> Result<(), E>,
    ) -> Result<Offer, E> {
        // Shared while it is vacant: the credential is written where it stays. No lock is held while a
        // source is read.
        let mut slot = Arc::new(Slot::vacant());
        if let Some(place) = Arc::get_mut(&mut slot) {
            fill(place)?;
        }
        Ok(self.0.take(slot, ends))
    }

    /// Reads files that have changed and have come to rest, and takes what they hold.
    ///
    /// # Errors
    /// The error of `fill`, once for each state of the files.
    pub fn offer_changed<E>(
        &self,
        watch: &mut FileWatch,
        fill: impl FnOnce(&mut Slot<C>) -> Result<(), E>,
    ) -> Result<Watched, E> {
        let stamp = match watch.look(self.0.clock.monotonic()) {
            Look::Wait(pause) => return Ok(Watched::Wait(pause)),
            Look::Gone(pause) => return Ok(Watched::Gone(pause)),
            Look::Read(stamp) => stamp,
        };
        let mut slot = Arc::new(Slot::vacant());
        let filled = Arc::get_mut(&mut slot).map_or(Ok(()), fill);
        // What was read while somebody wrote is dropped, whatever it was.
        if !watch.confirm(&stamp) {
            return Ok(Watched::Wait(Duration::ZERO));
        }
        filled?;
        Ok(Watched::Offered(self.0.take(slot, None)))
    }

    /// Reads a source when its time has come, and takes what it holds. `read` fills the slot and says
    /// how long the source wants it kept at most.
    ///
    /// # Errors
    /// The error of `read`. The next one is due after a pause that grows.
    pub fn offer_due<E>(
        &self,
        poll: &mut SourcePoll,
        read: impl FnOnce(&mut Slot<C>) -> Result<Option<Duration>, E>,
    ) -> Result<Watched, E> {
        if self.is_exhausted() {
            poll.hurry();
        }
        let now = || self.0.clock.monotonic();
        if let Poll::Wait(pause) = poll.poll(now()) {
            return Ok(Watched::Wait(pause));
        }
        let mut slot = Arc::new(Slot::vacant());
        match Arc::get_mut(&mut slot).map_or(Ok(None), read) {
            Ok(lease) => {
                poll.read(now(), lease);
                Ok(Watched::Offered(self.0.take(slot, None)))
            }
            Err(error) => {
                let [jitter, ..] = RandomState::new().hash_one(1).to_le_bytes();
                poll.failed(now(), None, u32::from(jitter) << 24);
                Err(error)
            }
        }
    }

    /// The credential for a request of class `replay`.
    ///
    /// # Errors
    /// [`NoCredential`] says why there is none.
    pub fn hold(&self, replay: Replay) -> Result<Held<C, K>, NoCredential> {
        if !self.0.unsettled.load(Ordering::Acquire)
            && let Some((slot, ticket)) = &*read(&self.0.active)
        {
            return Ok(Held {
                slot: Arc::clone(slot),
                ticket: ticket.for_another(),
                trial_of: None,
            });
        }
        self.pick(replay)
    }

    /// Takes the verdict on it: says whether another one is worth a try.
    pub fn settle(&self, mut held: Held<C, K>, verdict: Verdict) -> Settled {
        let trial = held.trial_of.take().is_some();
        if verdict != Verdict::Refused && !trial {
            return Settled::Kept;
        }
        self.0.settle(&held.ticket, verdict)
    }

    /// Sends `request`. When its credential is refused and there is another one, it goes out once more if
    /// its [`Replay`] class allows.
    ///
    /// # Errors
    /// [`RotationError`] when there is no credential or no complete answer. Any status is an answer.
    pub fn call<'b, A, U>(
        &self,
        transport: &mut U,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, RotationError<U::Error>>
    where
        A: Api,
        C: Opens<A>,
        U: Transport,
    {
        let mut left = ATTEMPTS;
        let mut class = request.replay();
        loop {
            let held = self.hold(class).map_err(RotationError::Credential)?;
            let credential = held
                .credential()
                .ok_or(RotationError::Credential(NoCredential::NotOffered))?;
            // An error drops `held`, which gives a trial back.
            let reply = transport
                .send(request, endpoint, credential, body)
                .map_err(RotationError::Call)?;
            let (head, context) = (reply.head().clone(), reply.context());
            let length = reply.body().len();
            let settled = self.settle(held, Verdict::of(&reply));
            left = left.saturating_sub(1);
            if settled != Settled::Replaced || request.replay() == Replay::Never || left == 0 {
                let answer = body.get(..length).unwrap_or_default();
                return Ok(Reply::new(head, context, answer));
            }
            // Once more, and with no other trial.
            class = Replay::Never;
        }
    }

    /// Whether no request can be sent until another credential is offered: read the source now.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.0.lock().plan.is_exhausted()
    }

    /// Whether one credential is in use, none waits to be tried, and no request with an older one is under
    /// way: the old key can be revoked.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let mut state = self.0.lock();
        state.retired.retain(|slot| slot.strong_count() > 0);
        state.plan.is_settled() && state.retired.is_empty()
    }

    #[cold]
    fn pick(&self, replay: Replay) -> Result<Held<C, K>, NoCredential> {
        let shared = &self.0;
        let mut state = shared.lock();
        let picked = state.plan.pick(replay, shared.clock.monotonic());
        shared.follow(&mut state);
        let ticket = picked?;
        let slot = state.places.get(ticket.place()).and_then(Option::clone);
        Ok(Held {
            slot: slot.ok_or(NoCredential::NotOffered)?,
            trial_of: ticket.is_trial().then(|| Arc::clone(shared)),
            ticket,
        })
    }
}

impl<C: Credential, K> Shared<C, K> {
    fn take(&self, slot: Arc<Slot<C>>, ends: Option<Duration>) -> Offer {
        let mut state = self.lock();
        let Some(credential) = slot.get() else {
            return Offer::Empty;
        };
        let free = state.plan.free();
        let offer = state.plan.offer(credential, ends);
        if let Some(place) = state.places.get_mut(free)
            && matches!(offer, Offer::Active | Offer::Next)
        {
            *place = Some(slot);
        }
        self.follow(&mut state);
        offer
    }

    fn settle(&self, ticket: &Ticket, verdict: Verdict) -> Settled {
        let mut state = self.lock();
        let settled = state.plan.settle(ticket, verdict);
        self.follow(&mut state);
        settled
    }

    /// Lets go of what the plan does not hold, and shows requests what it does.
    fn follow(&self, state: &mut State<C>) {
        let State {
            plan,
            places,
            retired,
        } = state;
        for (place, slot) in places.iter_mut().enumerate() {
            if !plan.holds(place)
                && let Some(slot) = slot.take()
            {
                retired.retain(|slot| slot.strong_count() > 0);
                retired.push(Arc::downgrade(&slot));
            }
        }
        let unsettled = !plan.is_settled();
        self.unsettled.store(unsettled, Ordering::Release);
        let active = plan.active().and_then(|ticket| {
            let slot = places.get(ticket.place())?.as_ref()?;
            Some((Arc::clone(slot), ticket))
        });
        let mut shown = self.active.write().unwrap_or_else(PoisonError::into_inner);
        let serial = |shown: &Option<(Arc<Slot<C>>, Ticket)>| {
            shown.as_ref().map(|(_, ticket)| ticket.serial())
        };
        if serial(&shown) != serial(&active) {
            *shown = active;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// What a look at a source has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Nothing new. Look again after this time, or earlier.
    Wait(Duration),
    /// A file is not there. What was taken from it before stays in use.
    Gone(Duration),
    /// It was read.
    Offered(Offer),
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotationError<E> {
    /// There is no credential to use. Nothing was sent.
    Credential(NoCredential),
    /// No complete answer.
    Call(E),
}

impl<E: fmt::Display> fmt::Display for RotationError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for RotationError<E> {}
