//! [`BrokerLogin`]: one access token and its lifecycle, for one owner.

use core::time::Duration;

use super::lifecycle::{Attempt, Failure, Lifecycle, Rejection, Serial, Step};
use super::token_error::{ErrorCode, TokenError};
use super::token_reply::IssuedToken;
use crate::credential::{BrokerToken, Slot};
use crate::environment::BrokerEnvironment;
use crate::http::RetryAfter;
use crate::response::Reply;

/// An access token of the Broker API that is kept fresh. Wipes the token on drop.
///
/// For one owner: a device, a single thread. `alpaca-auth-ureq` has a cache for many threads.
/// Put it where it stays while it is new: the token is written in place.
pub struct BrokerLogin<E> {
    lifecycle: Lifecycle,
    slot: Slot<BrokerToken<E>>,
}

/// What to do now.
pub enum Next<'l, E> {
    /// Send requests with this token.
    Use {
        /// The token.
        token: &'l BrokerToken<E>,
        /// Name it in [`BrokerLogin::rejected`].
        serial: Serial,
    },
    /// Send a token request, and give the answer to [`BrokerLogin::settle`].
    Refresh {
        /// To be settled.
        attempt: Attempt,
        /// The old token, still valid: requests may go out with it first.
        usable: Option<&'l BrokerToken<E>>,
    },
    /// An attempt is under way and no token is valid.
    InFlight,
    /// No token is valid. Poll again after this long.
    Wait(Duration),
    /// The server refuses for good. Change what is wrong, then [`BrokerLogin::restart`].
    Refused(ErrorCode),
}

impl<E: BrokerEnvironment> BrokerLogin<E> {
    /// No token yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            lifecycle: Lifecycle::new(),
            slot: Slot::vacant(),
        }
    }

    /// What to do at `now`, by any clock of the caller's ([`Lifecycle`] says which is best).
    pub fn poll(&mut self, now: Duration) -> Next<'_, E> {
        match self.lifecycle.poll(now) {
            Step::Refresh {
                attempt,
                usable: Some(_),
            } => Next::Refresh {
                attempt,
                usable: self.slot.get(),
            },
            Step::Use(serial) => match self.slot.get() {
                Some(token) => Next::Use { token, serial },
                None => Next::Wait(Duration::ZERO),
            },
            // An expired token is wiped as soon as anybody looks.
            step => {
                self.slot.clear();
                match step {
                    Step::Refresh { attempt, .. } => Next::Refresh {
                        attempt,
                        usable: None,
                    },
                    Step::Wait(pause) => Next::Wait(pause),
                    Step::Refused(code) => Next::Refused(code),
                    _ => Next::InFlight,
                }
            }
        }
    }

    /// Takes the answer to the token request, `None` if there was none. A token that is still
    /// valid stays in use when the answer brings no other.
    ///
    /// Wipe the reply's buffer afterwards: it held the token.
    ///
    /// # Errors
    /// [`TokenError`] says why there is no new token.
    pub fn settle(
        &mut self,
        attempt: Attempt,
        reply: Option<&Reply<'_>>,
        now: Duration,
        jitter: u32,
    ) -> Result<(), TokenError> {
        let issued = match reply {
            Some(reply) => IssuedToken::<E>::read(reply),
            None => Err(TokenError::NoAnswer),
        };
        match issued {
            Ok(issued) => {
                let lives = issued.expires_in();
                if self
                    .lifecycle
                    .succeed(attempt, lives, now, jitter)
                    .is_some()
                {
                    self.slot.issue(&issued).map_err(|_| TokenError::NoAnswer)?;
                }
                Ok(())
            }
            Err(error) => {
                let failure = Failure::of(error, reply);
                self.lifecycle.fail(attempt, failure, now, jitter);
                Err(error)
            }
        }
    }

    /// A request with the token `serial` was answered 401. See [`Rejection`].
    pub fn rejected(&mut self, serial: Serial, now: Duration) -> Rejection {
        self.lifecycle.rejected(serial, now)
    }

    /// Takes the token out of use and lends it for a [`RevocationForm`](super::RevocationForm).
    /// Nothing revokes by itself: do so on demand, for example when a device is handed over.
    ///
    /// If the revocation fails, call this again before the next [`poll`](Self::poll), which wipes
    /// the token and asks for another one. `None` if there is no token.
    pub fn withdraw(&mut self) -> Option<&BrokerToken<E>> {
        self.lifecycle.discard();
        self.slot.get()
    }

    /// Wipes the token, used or withdrawn. The next [`poll`](Self::poll) asks for another one.
    pub fn forget(&mut self) {
        self.lifecycle.discard();
        self.slot.clear();
    }

    /// The attempt is lost. See [`Lifecycle::abandon`].
    pub const fn abandon(&mut self) {
        self.lifecycle.abandon();
    }

    /// Asks again after a final refusal. See [`Lifecycle::restart`].
    pub const fn restart(&mut self) {
        self.lifecycle.restart();
    }
}

impl<E: BrokerEnvironment> Default for BrokerLogin<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl Failure {
    /// What `error` means for the next attempt, with the pause that the reply asks for.
    #[must_use]
    pub fn of(error: TokenError, reply: Option<&Reply<'_>>) -> Self {
        match error {
            TokenError::Refused { code, .. } if code.is_final() => Self::Final(code),
            _ => {
                let retry_after = reply.and_then(|reply| {
                    let seconds = match reply.retry_after()? {
                        RetryAfter::Seconds(seconds) => u64::from(seconds),
                        // Against the server's own clock, so that ours may be wrong.
                        RetryAfter::At(time) => time.saturating_sub(reply.date()?),
                    };
                    Some(Duration::from_secs(seconds))
                });
                Self::Passing { retry_after }
            }
        }
    }
}
