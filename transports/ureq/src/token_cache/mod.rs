//! [`TokenCache`]: one access token for all threads of a process, kept fresh in the background.

mod clock;
mod no_token;
mod revocation;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use alpaca_auth::credential::{BrokerToken, Credential, Opens, Slot};
use alpaca_auth::endpoint::{Api, AuthServer, Endpoint};
use alpaca_auth::environment::BrokerEnvironment;
use alpaca_auth::oauth::{
    Attempt, ClientAuthentication, ENTROPY, Failure, IssuedToken, Lifecycle, Moment, Rejection,
    Serial, Step, TokenError, TokenForm,
};
use alpaca_auth::request::{Replay, Request};
use alpaca_auth::response::Reply;
use alpaca_auth::transport::Transport;
use zeroize::Zeroize;

pub use clock::{Clock, SystemClock};
pub use no_token::{CallError, NoToken, NotRevoked, Why};

/// Bytes for a token reply. A longer one is an error of the transport.
const REPLY_MAX: usize = 8 * 1024;
/// Bytes for a form: an assertion of RSA 4096 fits, with the longest claims.
const FORM_MAX: usize = 4096;

/// A token that is lent out. Wiped when the cache has a newer one and the last borrower is done.
pub struct HeldToken<E> {
    slot: Slot<BrokerToken<E>>,
    serial: Option<Serial>,
    /// Until then nobody needs to ask the lifecycle.
    fresh_until: Duration,
    rejected: AtomicBool,
}

impl<E: BrokerEnvironment> HeldToken<E> {
    /// The token, for [`Transport::send`].
    #[must_use]
    pub const fn token(&self) -> Option<&BrokerToken<E>> {
        self.slot.get()
    }
}

/// One access token for all threads, over any transport `T`, by any authentication `M`.
///
/// - A caller that finds a valid token gets it at once: a refresh under way, even one that hangs,
///   is another thread's.
/// - One token request is under way at a time, and one is made per life of a token. Callers
///   without a valid token wait for it, as long as the transport lets it take.
/// - While refreshing fails, the old token is served until it expires.
///
/// The token is in memory only. Cloning gives another handle to the same cache.
///
/// ```no_run
/// use alpaca_auth::endpoint::{Broker, Endpoint};
/// use alpaca_auth::environment::Sandbox;
/// use alpaca_auth::request::broker;
/// use alpaca_auth_ureq::{Config, SecretPost, TokenCache, UreqTransport};
///
/// let client = SecretPost::<Sandbox>::new(|slot| slot.sandbox("CLIENTID", "not-a-real-secret"))?;
/// let config = Config::new();
/// let cache = TokenCache::new(UreqTransport::new(&config)?, Endpoint::alpaca(), client);
///
/// // In each thread: a transport and a buffer of its own.
/// let (mut transport, mut body) = (UreqTransport::new(&config)?, vec![0; 1 << 20]);
/// let endpoint = Endpoint::<Broker, Sandbox>::alpaca();
/// let reply = cache.call(&mut transport, &broker::accounts(), &endpoint, &mut body)?;
/// println!("{}", reply.success()?.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TokenCache<T: Transport, M: ClientAuthentication, K = SystemClock>(Arc<Shared<T, M, K>>);

impl<T: Transport, M: ClientAuthentication, K> Clone for TokenCache<T, M, K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

type Held<M> = Arc<HeldToken<<M as ClientAuthentication>::Environment>>;
type Failed<T, M> = NoToken<<T as Transport>::Error, <M as ClientAuthentication>::Error>;
type Unanswered<U, T, M> =
    CallError<<U as Transport>::Error, <T as Transport>::Error, <M as ClientAuthentication>::Error>;

struct Shared<T: Transport, M: ClientAuthentication, K> {
    current: RwLock<Option<Held<M>>>,
    state: Mutex<State<T::Error, M::Error>>,
    settled: Condvar,
    fetch: Mutex<Fetch<T, M::Environment>>,
    method: M,
    endpoint: Endpoint<AuthServer, M::Environment>,
    clock: K,
}

struct State<T, M> {
    lifecycle: Lifecycle,
    last: Option<Why<T, M>>,
}

/// What a token request needs. Whoever has the attempt has this.
struct Fetch<T, E> {
    transport: T,
    form: Box<TokenForm<E, FORM_MAX>>,
    reply: Vec<u8>,
    /// Out of use, and not revoked yet.
    condemned: Option<Arc<HeldToken<E>>>,
}

impl<T, M> TokenCache<T, M>
where
    T: Transport + Send + 'static,
    T::Error: Clone + Send,
    M: ClientAuthentication + Send + Sync + 'static,
    M::Error: Clone + Send,
{
    /// An empty cache: the first caller fetches the first token.
    pub fn new(
        transport: T,
        endpoint: Endpoint<AuthServer, M::Environment>,
        authentication: M,
    ) -> Self {
        Self::with_clock(transport, endpoint, authentication, SystemClock::new())
    }
}

impl<T, M, K> TokenCache<T, M, K>
where
    T: Transport + Send + 'static,
    T::Error: Clone + Send,
    M: ClientAuthentication + Send + Sync + 'static,
    M::Error: Clone + Send,
    K: Clock,
{
    /// The same with clocks of your own.
    pub fn with_clock(
        transport: T,
        endpoint: Endpoint<AuthServer, M::Environment>,
        authentication: M,
        clock: K,
    ) -> Self {
        Self(Arc::new(Shared {
            current: RwLock::new(None),
            state: Mutex::new(State {
                lifecycle: Lifecycle::new(),
                last: None,
            }),
            settled: Condvar::new(),
            fetch: Mutex::new(Fetch {
                transport,
                form: Box::new(TokenForm::new()),
                reply: vec![0; REPLY_MAX],
                condemned: None,
            }),
            method: authentication,
            endpoint,
            clock,
        }))
    }

    /// A valid token. Waits only when there is none.
    ///
    /// # Errors
    /// [`NoToken`] says why there is none, and when to ask again.
    pub fn token(&self) -> Result<Held<M>, Failed<T, M>> {
        match self.0.fresh() {
            Some(held) => Ok(held),
            None => self.slow(),
        }
    }

    /// Sends `request` with a valid token. A 401 gets a new token, and the request goes out once
    /// more if its [`Replay`] class allows.
    ///
    /// # Errors
    /// [`CallError`] when there is no token or no complete answer. Any status is an answer.
    pub fn call<'b, A, U>(
        &self,
        transport: &mut U,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, M::Environment>,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Unanswered<U, T, M>>
    where
        A: Api,
        U: Transport,
        BrokerToken<M::Environment>: Opens<A> + Credential<Environment = M::Environment>,
    {
        let held = self.token().map_err(CallError::Token)?;
        let token = held.slot.get().ok_or_else(Self::none)?;
        let first = transport
            .send(request, endpoint, token, body)
            .map_err(CallError::Call)?;
        let (head, context) = (first.head().clone(), first.context());
        let length = first.body().len();
        if head.status != 401 || !self.replace(&held) || request.replay() == Replay::Never {
            let answer = body.get(..length).unwrap_or_default();
            return Ok(Reply::new(head, context, answer));
        }
        let held = self.token().map_err(CallError::Token)?;
        let token = held.slot.get().ok_or_else(Self::none)?;
        transport
            .send(request, endpoint, token, body)
            .map_err(CallError::Call)
    }

    /// A request with `held` was answered 401. Whether another token is worth a try.
    pub fn replace(&self, held: &HeldToken<M::Environment>) -> bool {
        let Some(serial) = held.serial else {
            return false;
        };
        let now = self.0.clock.monotonic();
        let rejection = self.0.lock().lifecycle.rejected(serial, now);
        if rejection == Rejection::Refresh {
            held.rejected.store(true, Ordering::Release);
        }
        rejection != Rejection::Keep
    }

    /// How long the token needs no refresh; zero if there is none.
    #[must_use]
    pub fn refresh_in(&self) -> Duration {
        let now = self.0.clock.monotonic();
        let current = self.0.current();
        current
            .as_ref()
            .map_or(Duration::ZERO, |held| held.fresh_until.saturating_sub(now))
    }

    /// Asks again after a final refusal: something was changed at Alpaca.
    pub fn restart(&self) {
        self.0.lock().lifecycle.restart();
        // The lifecycle has to be asked now, whatever the token says.
        if let Some(held) = &*self.0.current() {
            held.rejected.store(true, Ordering::Release);
        }
    }

    fn none<U>() -> CallError<U, T::Error, M::Error> {
        CallError::Token(NoToken {
            why: Why::TooSoon,
            retry_in: None,
        })
    }

    #[cold]
    fn slow(&self) -> Result<Held<M>, Failed<T, M>> {
        let shared = &self.0;
        let mut waited = false;
        let mut state = shared.lock();
        loop {
            match state.lifecycle.poll(shared.clock.monotonic()) {
                Step::Use(_) => {
                    if let Some(held) = shared.current().clone() {
                        return Ok(held);
                    }
                    return Err(shared.no_token(&state, None));
                }
                Step::Refresh {
                    attempt,
                    usable: Some(_),
                } => {
                    let held = shared.current().clone();
                    drop(state);
                    self.in_background(attempt);
                    return held.ok_or_else(|| shared.no_token(&shared.lock(), None));
                }
                Step::Refresh {
                    attempt,
                    usable: None,
                } => {
                    drop(state);
                    shared.fetch(attempt);
                    state = shared.lock();
                }
                Step::InFlight => {
                    state = shared
                        .settled
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                Step::Wait(pause) if state.last.is_none() && !waited => {
                    // A 401 came within a second of the last attempt.
                    waited = true;
                    let wait = shared.settled.wait_timeout(state, pause);
                    state = wait.unwrap_or_else(PoisonError::into_inner).0;
                }
                Step::Wait(pause) => return Err(shared.no_token(&state, Some(pause))),
                Step::Refused(_) => return Err(shared.no_token(&state, None)),
            }
        }
    }

    fn in_background(&self, attempt: Attempt) {
        let shared = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("alpaca-auth token".into());
        if thread.spawn(move || shared.fetch(attempt)).is_err() {
            // The attempt went down with the thread. Another is due in a second.
            self.0.lock().lifecycle.abandon();
        }
    }
}

impl<T, M, K> Shared<T, M, K>
where
    T: Transport,
    T::Error: Clone,
    M: ClientAuthentication,
    M::Error: Clone,
    K: Clock,
{
    fn fresh(&self) -> Option<Held<M>> {
        let current = self.current();
        let held = current.as_ref()?;
        let fresh = self.clock.monotonic() < held.fresh_until;
        (fresh && !held.rejected.load(Ordering::Acquire)).then(|| Arc::clone(held))
    }

    /// Makes the token request that `attempt` allows.
    fn fetch(&self, attempt: Attempt) {
        let ended = Ended(self);
        let mut fetch = self.fetch.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.lock().lifecycle.is_in_flight(&attempt) {
            // A revocation came first, and nobody would revoke what this one brings.
            return;
        }
        let Fetch {
            transport,
            form,
            reply: buffer,
            ..
        } = &mut *fetch;
        let written = self.method.write(&self.endpoint, &self.moment(), form);
        let mut new = None;
        let result = match written {
            Err(error) => Err((Why::Client(error), Failure::Passing { retry_after: None })),
            Ok(()) => {
                let request = form.request();
                match transport.send(&request, &self.endpoint, form.credential(), buffer) {
                    Err(error) => Err((Why::Call(error), Failure::Passing { retry_after: None })),
                    Ok(reply) => match self.take(&reply, &mut new) {
                        Ok(lives) => Ok(lives),
                        Err(error) => Err((Why::Server(error), Failure::of(error, Some(&reply)))),
                    },
                }
            }
        };
        form.wipe();
        // The slice: a wiped `Vec` would be empty.
        buffer.as_mut_slice().zeroize();

        let mut jitter = [0; 4];
        random(&mut jitter);
        let jitter = u32::from_le_bytes(jitter);
        let mut state = self.lock();
        let now = self.clock.monotonic();
        match (result, new) {
            (Ok(lives), Some(mut held)) => {
                let serial = state.lifecycle.succeed(attempt, lives, now, jitter);
                if let (Some(serial), Some(place)) = (serial, Arc::get_mut(&mut held)) {
                    place.serial = Some(serial);
                    place.fresh_until = now.saturating_add(state.lifecycle.fresh_for());
                    state.last = None;
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
                }
            }
            (Ok(_), None) => {}
            (Err((why, failure)), _) => {
                state.lifecycle.fail(attempt, failure, now, jitter);
                state.last = Some(why);
            }
        }
        drop(state);
        // Not before the token is in its place: a revocation would miss it.
        drop(fetch);
        drop(ended);
    }

    /// What a new form takes from the world.
    fn moment(&self) -> Moment {
        let mut moment = Moment {
            unix: self.clock.unix(),
            entropy: [0; ENTROPY],
        };
        // Without entropy the claims are refused, so nothing is sent.
        random(&mut moment.entropy);
        moment
    }

    /// Puts the token where it stays, then shares it.
    fn take(&self, reply: &Reply<'_>, new: &mut Option<Held<M>>) -> Result<u32, TokenError> {
        let issued = IssuedToken::<M::Environment>::read(reply)?;
        let held = new.insert(Arc::new(HeldToken {
            slot: Slot::vacant(),
            serial: None,
            fresh_until: Duration::ZERO,
            rejected: AtomicBool::new(false),
        }));
        let place = Arc::get_mut(held).ok_or(TokenError::NoAnswer)?;
        place
            .slot
            .issue(&issued)
            .map_err(|_| TokenError::NoAnswer)?;
        Ok(issued.expires_in())
    }

    fn no_token(
        &self,
        state: &State<T::Error, M::Error>,
        retry_in: Option<Duration>,
    ) -> NoToken<T::Error, M::Error> {
        NoToken {
            why: state.last.clone().unwrap_or(Why::TooSoon),
            retry_in,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T::Error, M::Error>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> std::sync::RwLockReadGuard<'_, Option<Held<M>>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes who waits, however the attempt ends. One that panicked is abandoned.
struct Ended<'s, T: Transport, M: ClientAuthentication, K>(&'s Shared<T, M, K>);

impl<T: Transport, M: ClientAuthentication, K> Drop for Ended<'_, T, M, K> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let state = &self.0.state;
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.lifecycle.abandon();
        }
        self.0.settled.notify_all();
    }
}

/// Fills `bytes` from the operating system's random source; they stay zero if it fails.
pub(crate) fn random(bytes: &mut [u8]) {
    let provider = rustls::crypto::ring::default_provider();
    if provider.secure_random.fill(bytes).is_err() {
        bytes.fill(0);
    }
}
