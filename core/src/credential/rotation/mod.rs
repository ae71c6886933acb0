//! Rotation: a new credential takes the place of the old one while requests go on.
//!
//! - A credential that is *offered* waits as the next one. One request that may be repeated
//!   ([`Replay::Safe`]) tries it; the others keep to the active one. Accepted, it becomes the active one
//!   and the old one is wiped. Refused, it is dropped, and the request goes out again with the active one.
//! - Between offer and trial both are valid: make a new key, put it into the source, and revoke the old
//!   one when it is not used any more.
//! - When the active one is refused or at its end, the next one takes over untried.
//! - What was refused (401) is remembered by a keyed hash and not used again in this process, however
//!   often a source gives it. The last `N` are remembered. Only a restart changes that.
//!
//! A 403 without a code speaks against a new credential ([`DOUBTS_MAX`] times), and not against one in
//! use: Alpaca sends it for other reasons too.
//!
//! [`SourcePoll`] tells when to read a source again.

mod fingerprint;
mod plan;
mod poll;

pub use plan::{
    DOUBTS_MAX, NoCredential, Offer, RotationPlan, Settled, TRIAL_MAX, Ticket, Verdict,
};
pub use poll::{POLL_BACKOFF_MAX, POLL_INTERVAL_MIN, Poll, SourcePoll};

use core::time::Duration;

use super::{Credential, Slot};
use crate::request::Replay;

/// The credentials of one caller, who sends one request at a time: firmware, or one thread.
///
/// A request borrows its credential, so nothing can change it meanwhile; that is checked when the
/// program is compiled. `N` refused credentials are remembered, 8 bytes each and their state.
///
/// Put it where it stays (a `static`, a box, a field) before the first offer.
///
/// ```
/// use core::time::Duration;
/// use alpaca_auth::credential::rotation::{Offer, Rotation, Settled, Verdict};
/// use alpaca_auth::credential::KeyPair;
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::request::Replay;
///
/// let now = Duration::from_secs(10); // since the device started
/// let mut keys = Rotation::<KeyPair<Paper>>::new([0x1234, 0x5678]); // from the TRNG
/// keys.offer(None, |slot| slot.paper("PKOLD", "old-secret").map(drop))?;
/// // Later the source has a new key.
/// assert_eq!(keys.offer(None, |slot| slot.paper("PKNEW", "new-secret").map(drop))?, Offer::Next);
///
/// let ticket = keys.pick(Replay::Safe, now)?;
/// let key_pair = keys.get(&ticket).ok_or("replaced")?;
/// // session.call(&request, key_pair, &mut body) …
/// # let _ = key_pair;
/// assert_eq!(keys.settle(&ticket, Verdict::Accepted), Settled::Promoted);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
/// ```compile_fail,E0502
/// use alpaca_auth::credential::{KeyPair, rotation::Rotation};
/// use alpaca_auth::{environment::Paper, request::Replay};
/// # use core::time::Duration;
/// # fn send(_: Option<&KeyPair<Paper>>) {}
/// let mut keys = Rotation::<KeyPair<Paper>>::new([1, 2]);
/// let ticket = keys.pick(Replay::Safe, Duration::ZERO).unwrap();
/// let in_flight = keys.get(&ticket);
/// keys.offer(None, |slot| slot.paper("PKNEW", "new").map(drop)); // cannot borrow `keys` as mutable
/// send(in_flight);
/// ```
pub struct Rotation<C: Credential, const N: usize = 16> {
    slots: [Slot<C>; plan::PLACES],
    plan: RotationPlan<N>,
}

impl<C: Credential, const N: usize> Rotation<C, N> {
    /// No credential yet. `key` is random: two numbers of the TRNG.
    #[must_use]
    pub const fn new(key: [u64; 2]) -> Self {
        Self {
            slots: [Slot::vacant(), Slot::vacant(), Slot::vacant()],
            plan: RotationPlan::new(key),
        }
    }

    /// Takes what the source has now. `ends` is when its life is over, by the caller's clock; keys have
    /// none. Nothing changes when `fill` fails.
    ///
    /// # Errors
    /// The error of `fill`.
    pub fn offer<E>(
        &mut self,
        ends: Option<Duration>,
        fill: impl FnOnce(&mut Slot<C>) -> Result<(), E>,
    ) -> Result<Offer, E> {
        let free = self.plan.free();
        let mut offer = Ok(Offer::Empty);
        if let Some(slot) = self.slots.get_mut(free) {
            offer = fill(slot).map(|()| match slot.get() {
                Some(credential) => self.plan.offer(credential, ends),
                None => Offer::Empty,
            });
        }
        self.wipe();
        offer
    }

    /// The credential for a request of class `replay` at `now`.
    ///
    /// # Errors
    /// [`NoCredential`] says why there is none.
    pub fn pick(&mut self, replay: Replay, now: Duration) -> Result<Ticket, NoCredential> {
        let picked = self.plan.pick(replay, now);
        self.wipe();
        picked
    }

    /// Lends it. `None` if it was replaced since it was picked.
    #[must_use]
    pub fn get(&self, ticket: &Ticket) -> Option<&C> {
        self.slots
            .get(ticket.place())
            .filter(|_| self.plan.is_current(ticket))
            .and_then(Slot::get)
    }

    /// Takes the verdict on it. What is not used any more is wiped before this returns.
    pub fn settle(&mut self, ticket: &Ticket, verdict: Verdict) -> Settled {
        let settled = self.plan.settle(ticket, verdict);
        self.wipe();
        settled
    }

    /// Whether no request can be sent until another credential is offered: read the source now.
    #[must_use]
    pub const fn is_exhausted(&self) -> bool {
        self.plan.is_exhausted()
    }

    fn wipe(&mut self) {
        for (place, slot) in self.slots.iter_mut().enumerate() {
            if !self.plan.holds(place) && slot.get().is_some() {
                slot.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{CredentialError, KeyPair};
    use crate::environment::Paper;

    type Keys = Rotation<KeyPair<Paper>, 4>;

    const NOW: Duration = Duration::from_secs(100);

    fn offer(keys: &mut Keys, id: &str) -> Offer {
        keys.offer(None, |slot| slot.paper(id, "secret").map(drop))
            .unwrap()
    }

    /// With an active key `PK1`.
    fn keys() -> Keys {
        let mut keys = Keys::new([1, 2]);
        assert_eq!(offer(&mut keys, "PK1"), Offer::Active);
        keys
    }

    fn is(keys: &Keys, ticket: &Ticket, id: &str) -> bool {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        keys.get(ticket)
            .is_some_and(|pair| pair.is(slot.paper(id, "secret").unwrap()))
    }

    /// Picks for a request of this class, which has to get this key.
    fn picks(keys: &mut Keys, replay: Replay, id: &str) -> Ticket {
        let ticket = keys.pick(replay, NOW).unwrap();
        assert!(is(keys, &ticket, id), "{id}");
        ticket
    }

    fn filled(keys: &Keys) -> usize {
        keys.slots
            .iter()
            .filter(|slot| slot.get().is_some())
            .count()
    }

    #[test]
    fn one_request_tries_the_next_key_and_its_success_promotes_it() {
        let mut keys = keys();
        assert_eq!(offer(&mut keys, "PK2"), Offer::Next);
        let trial = picks(&mut keys, Replay::Safe, "PK2");
        assert!(trial.is_trial());
        let other = picks(&mut keys, Replay::Safe, "PK1");
        assert_eq!(keys.settle(&other, Verdict::Accepted), Settled::Kept);
        assert_eq!(keys.settle(&trial, Verdict::Accepted), Settled::Promoted);
        assert_eq!(filled(&keys), 1, "the old secret is still there");
        let after = picks(&mut keys, Replay::Never, "PK2");
        assert!(!after.is_trial());
        assert!(
            keys.get(&other).is_none(),
            "a ticket of the old key lends another one"
        );
        // Another key stands in its place now, and is not lent to it either.
        assert_eq!(offer(&mut keys, "PK3"), Offer::Next);
        assert_eq!(keys.plan.next_place(), Some(other.place()));
        assert!(keys.get(&other).is_none());
    }

    #[test]
    fn nothing_that_may_move_money_tries_a_key() {
        let mut keys = keys();
        offer(&mut keys, "PK2");
        for replay in [Replay::Never, Replay::WithClientOrderId] {
            let ticket = picks(&mut keys, replay, "PK1");
            assert!(!ticket.is_trial());
        }
    }

    #[test]
    fn a_next_key_that_is_refused_is_dropped_and_the_active_one_stays() {
        let mut keys = keys();
        offer(&mut keys, "PK2");
        let trial = picks(&mut keys, Replay::Safe, "PK2");
        assert_eq!(keys.settle(&trial, Verdict::Refused), Settled::Replaced);
        assert_eq!(filled(&keys), 1);
        let again = picks(&mut keys, Replay::Safe, "PK1");
        assert_eq!(keys.settle(&again, Verdict::Accepted), Settled::Kept);
        assert_eq!(offer(&mut keys, "PK2"), Offer::Refused);
        assert_eq!(filled(&keys), 1, "a refused key is kept in memory");
    }

    #[test]
    fn a_key_that_is_revoked_is_never_used_again() {
        let mut keys = keys();
        let (first, second) = (
            picks(&mut keys, Replay::Safe, "PK1"),
            picks(&mut keys, Replay::Safe, "PK1"),
        );
        assert_eq!(keys.settle(&first, Verdict::Refused), Settled::Exhausted);
        assert_eq!(filled(&keys), 0);
        // The one that was in flight with it says nothing new.
        assert_eq!(keys.settle(&second, Verdict::Refused), Settled::Exhausted);
        assert_eq!(
            keys.pick(Replay::Safe, NOW).err(),
            Some(NoCredential::Refused)
        );
        assert!(keys.is_exhausted());
        assert_eq!(offer(&mut keys, "PK1"), Offer::Refused);
        assert_eq!(
            keys.pick(Replay::Safe, NOW).err(),
            Some(NoCredential::Refused)
        );
        assert_eq!(offer(&mut keys, "PK2"), Offer::Active);
        // Long after it was replaced, an answer to a request with it comes in.
        assert_eq!(keys.settle(&second, Verdict::Accepted), Settled::Kept);
        assert_eq!(offer(&mut keys, "PK1"), Offer::Refused);
    }

    #[test]
    fn the_next_key_takes_over_untried_when_the_active_one_is_revoked() {
        let mut keys = keys();
        let in_flight = picks(&mut keys, Replay::Never, "PK1");
        offer(&mut keys, "PK2");
        assert_eq!(keys.settle(&in_flight, Verdict::Refused), Settled::Replaced);
        let _ = picks(&mut keys, Replay::Never, "PK2");
    }

    #[test]
    fn a_revocation_that_is_seen_by_an_old_request_is_remembered() {
        let mut keys = keys();
        let slow = picks(&mut keys, Replay::Safe, "PK1");
        offer(&mut keys, "PK2");
        let trial = picks(&mut keys, Replay::Safe, "PK2");
        keys.settle(&trial, Verdict::Accepted);
        assert_eq!(keys.settle(&slow, Verdict::Refused), Settled::Replaced);
        assert_eq!(offer(&mut keys, "PK1"), Offer::Refused);
    }

    #[test]
    fn a_403_drops_a_new_key_after_three_trials_and_never_one_in_use() {
        let mut keys = keys();
        for _ in 0..10 {
            let ticket = picks(&mut keys, Replay::Safe, "PK1");
            assert_eq!(keys.settle(&ticket, Verdict::Doubtful), Settled::Kept);
        }
        offer(&mut keys, "PK2");
        for _ in 0..DOUBTS_MAX {
            let trial = picks(&mut keys, Replay::Safe, "PK2");
            assert_eq!(keys.settle(&trial, Verdict::Doubtful), Settled::Replaced);
        }
        let _ = picks(&mut keys, Replay::Safe, "PK1");
        assert_eq!(offer(&mut keys, "PK2"), Offer::Refused);
    }

    #[test]
    fn a_trial_without_an_answer_is_repeated_at_once_or_after_a_minute() {
        let mut keys = keys();
        offer(&mut keys, "PK2");
        let trial = picks(&mut keys, Replay::Safe, "PK2");
        assert_eq!(keys.settle(&trial, Verdict::Nothing), Settled::Kept);
        // This one is lost.
        let _ = picks(&mut keys, Replay::Safe, "PK2");
        let late = NOW.saturating_add(TRIAL_MAX);
        let before = late.saturating_sub(Duration::from_millis(1));
        assert!(!keys.pick(Replay::Safe, before).unwrap().is_trial());
        assert!(keys.pick(Replay::Safe, late).unwrap().is_trial());
    }

    #[test]
    fn a_source_that_fails_changes_nothing() {
        let mut keys = keys();
        offer(&mut keys, "PK2");
        let failed: Result<Offer, CredentialError> =
            keys.offer(None, |slot| slot.paper("PK3", "two\nlines").map(drop));
        assert!(failed.is_err());
        assert_eq!(filled(&keys), 2);
        assert!(picks(&mut keys, Replay::Safe, "PK2").is_trial());
    }

    #[test]
    fn the_last_word_of_the_source_counts() {
        let mut keys = keys();
        offer(&mut keys, "PK2");
        assert_eq!(offer(&mut keys, "PK2"), Offer::Known);
        let trial = picks(&mut keys, Replay::Safe, "PK2");
        assert_eq!(offer(&mut keys, "PK3"), Offer::Next);
        assert_eq!(filled(&keys), 2);
        // The trial of the one that was replaced promotes nothing.
        assert_eq!(keys.settle(&trial, Verdict::Accepted), Settled::Kept);
        let _ = picks(&mut keys, Replay::Safe, "PK3");
        // It goes back to the old one.
        assert_eq!(offer(&mut keys, "PK1"), Offer::Known);
        assert_eq!(filled(&keys), 1);
        assert!(!picks(&mut keys, Replay::Safe, "PK1").is_trial());
    }

    #[test]
    fn no_credential_is_used_at_or_after_its_end() {
        let mut keys = Keys::new([1, 2]);
        let end = NOW.saturating_add(Duration::from_secs(10));
        keys.offer(Some(end), |slot| slot.paper("PK1", "secret").map(drop))
            .unwrap();
        let at = |keys: &mut Keys, now| keys.pick(Replay::Never, now).map(|ticket| ticket.serial());
        let before = end.saturating_sub(Duration::from_nanos(1));
        assert_eq!(at(&mut keys, before), Ok(1));
        offer(&mut keys, "PK2");
        assert_eq!(at(&mut keys, before), Ok(1));
        assert_eq!(at(&mut keys, end), Ok(2));
        assert_eq!(filled(&keys), 1);
        keys.offer(Some(end), |slot| slot.paper("PK2", "secret").map(drop))
            .unwrap();
        assert_eq!(at(&mut keys, end), Err(NoCredential::Ended));
        assert_eq!(filled(&keys), 0);
        // It was not refused, so a new lease of it is fine.
        assert_eq!(offer(&mut keys, "PK2"), Offer::Active);
    }
}
