//! [`RotationPlan`]: which credential a request takes, and what its answer means. Holds no secret.
//!
//! ```text
//!            offer: Next                    trial accepted
//!  active ────────────────▶ active and next ────────────────▶ active (was next)
//!     ▲                       │ trial refused: next is dropped
//!     └───────────────────────┤
//!                             │ active refused, or at its end: next takes over
//!                             └───────────────────────────────▶ active (was next)
//!  active refused, no next ─▶ nothing, until another one is offered
//! ```

use core::fmt;
use core::time::Duration;

use super::fingerprint::{Fingerprint, Refused};
use crate::request::Replay;
use crate::response::{Outcome, Reply};

/// A trial whose answer does not come for this long is given to another request.
pub const TRIAL_MAX: Duration = Duration::from_secs(60);

/// A new credential is dropped after so many trials that were answered 403 without a code: the server
/// says neither yes nor no.
pub const DOUBTS_MAX: u8 = 3;

/// Places for credentials: the active one, the next one, and one to fill.
pub(super) const PLACES: usize = 3;

/// Which credential a request was sent with. Give it back with the answer's [`Verdict`].
#[must_use = "a trial that is not settled keeps the next one waiting for a minute"]
#[derive(Debug)]
pub struct Ticket {
    serial: u32,
    place: usize,
    trial: bool,
    fingerprint: Fingerprint,
}

impl Ticket {
    /// The place of the credential, below 3.
    #[must_use]
    pub const fn place(&self) -> usize {
        self.place
    }

    /// Whether this request tries the new credential.
    #[must_use]
    pub const fn is_trial(&self) -> bool {
        self.trial
    }

    /// The number of the credential: each that is taken has a new one.
    #[must_use]
    pub const fn serial(&self) -> u32 {
        self.serial
    }

    /// The same for another request. A trial is one request's only.
    pub const fn for_another(&self) -> Self {
        Self {
            serial: self.serial,
            place: self.place,
            trial: false,
            fingerprint: self.fingerprint,
        }
    }
}

/// What an answer says of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server knows it: a success, or a refusal that has to do with the account.
    Accepted,
    /// 401: revoked, or never known. It is not used again.
    Refused,
    /// 403 without a code that tells why.
    Doubtful,
    /// Nothing: no answer, another error of the server, or a limit.
    Nothing,
}

impl Verdict {
    /// Reads it from an answer.
    #[must_use]
    pub fn of(reply: &Reply<'_>) -> Self {
        match reply.outcome() {
            Outcome::Success | Outcome::BusinessRule | Outcome::Subscription => Self::Accepted,
            Outcome::Credential(_) if reply.status() == 401 => Self::Refused,
            Outcome::Credential(_) => Self::Doubtful,
            _ => Self::Nothing,
        }
    }
}

/// What became of a credential that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It is used from now on: there was none.
    Active,
    /// It is tried with the next request that may be repeated.
    Next,
    /// It is the active one, or the next one already.
    Known,
    /// The server has refused it before in this process. It is not used.
    Refused,
    /// There was none: the slot was left vacant.
    Empty,
}

/// What an answer has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nothing.
    Kept,
    /// The next credential has become the active one; the old one is wiped.
    Promoted,
    /// This request's credential is not used any more, and there is another one: send the request once
    /// more, if its [`Replay`] class allows. Pick for [`Replay::Never`] then, so that it tries nothing.
    Replaced,
    /// This request's credential was the last one, and is not used any more.
    Exhausted,
}

/// There is no credential to use. Nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCredential {
    /// None was offered yet. Read the source.
    NotOffered,
    /// The server has refused the last one. Make a new one, and put it into the source.
    Refused,
    /// The time of the last one is over. Read the source again.
    Ended,
}

impl fmt::Display for NoCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOffered => "there is no credential yet; read its source first",
            Self::Refused => {
                "the server has refused the credential, and it is not used again; make a new one and \
                 put it where this program reads it"
            }
            Self::Ended => "the credential's time is over and its source gives no other; check the source",
        })
    }
}

impl core::error::Error for NoCredential {}

#[derive(Debug)]
struct Entry {
    serial: u32,
    place: usize,
    fingerprint: Fingerprint,
    ends: Option<Duration>,
}

#[derive(Debug)]
struct Next {
    entry: Entry,
    /// When the trial in flight began.
    trial: Option<Duration>,
    doubts: u8,
}

/// A rotation without its credentials: for holders of one's own. [`Rotation`](super::Rotation) and the
/// std transport's `SharedRotation` are such holders.
///
/// `N` is how many refused credentials are remembered. Time is a [`Duration`] since any moment of the
/// caller's.
#[derive(Debug)]
pub struct RotationPlan<const N: usize> {
    key: [u64; 2],
    active: Option<Entry>,
    next: Option<Next>,
    serials: u32,
    refused: Refused<N>,
    why_none: NoCredential,
}

impl<const N: usize> RotationPlan<N> {
    /// No credential yet. `key` is random, and hides what is remembered of refused credentials.
    #[must_use]
    pub const fn new(key: [u64; 2]) -> Self {
        Self {
            key,
            active: None,
            next: None,
            serials: 0,
            refused: Refused::new(),
            why_none: NoCredential::NotOffered,
        }
    }

    /// The place to fill before [`offer`](Self::offer).
    #[must_use]
    pub fn free(&self) -> usize {
        (0..PLACES).find(|place| !self.holds(*place)).unwrap_or(0)
    }

    /// Whether a place holds a credential in use. What it does not hold has to be wiped.
    #[must_use]
    pub fn holds(&self, place: usize) -> bool {
        let is = |entry: &Entry| entry.place == place;
        self.active.as_ref().is_some_and(is)
            || self.next.as_ref().is_some_and(|next| is(&next.entry))
    }

    /// Whether a request takes the active credential whatever its class and the time.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(&self.active, Some(Entry { ends: None, .. })) && self.next.is_none()
    }

    /// Whether no request can be sent until another credential is offered.
    #[must_use]
    pub const fn is_exhausted(&self) -> bool {
        self.active.is_none()
    }

    /// Takes what was filled into the [`free`](Self::free) place. What was waiting there before is
    /// replaced: the source's last word counts. `ends` is the end of its life, if it has one.
    pub fn offer(
        &mut self,
        credential: &impl crate::credential::Credential,
        ends: Option<Duration>,
    ) -> Offer {
        let fingerprint = Fingerprint::of(credential, self.key);
        if self.refused.contains(fingerprint) {
            return Offer::Refused;
        }
        if let Some(active) = &mut self.active
            && active.fingerprint == fingerprint
        {
            active.ends = ends;
            self.next = None;
            return Offer::Known;
        }
        if let Some(Next { entry, .. }) = &mut self.next
            && entry.fingerprint == fingerprint
        {
            entry.ends = ends;
            return Offer::Known;
        }
        let place = self.free();
        self.serials = self.serials.wrapping_add(1);
        let entry = Entry {
            serial: self.serials,
            place,
            fingerprint,
            ends,
        };
        if self.active.is_none() {
            self.active = Some(entry);
            return Offer::Active;
        }
        self.next = Some(Next {
            entry,
            trial: None,
            doubts: 0,
        });
        Offer::Next
    }

    /// The active credential, for requests that need not ask.
    #[must_use]
    pub fn active(&self) -> Option<Ticket> {
        self.active.as_ref().map(|active| active.ticket(false))
    }

    /// The credential for a request of class `replay` at `now`. One request at a time tries the next
    /// one, and none that may move money.
    ///
    /// # Errors
    /// [`NoCredential`] says why there is none.
    pub fn pick(&mut self, replay: Replay, now: Duration) -> Result<Ticket, NoCredential> {
        let over = |entry: &Entry| entry.ends.is_some_and(|ends| ends <= now);
        if self.next.as_ref().is_some_and(|next| over(&next.entry)) {
            self.next = None;
        }
        if self.active.as_ref().is_some_and(over) {
            self.take_over(NoCredential::Ended);
        }
        if let Some(next) = &mut self.next
            && replay == Replay::Safe
            && next
                .trial
                .is_none_or(|began| now.saturating_sub(began) >= TRIAL_MAX)
        {
            next.trial = Some(now);
            return Ok(next.entry.ticket(true));
        }
        match &self.active {
            Some(active) => Ok(active.ticket(false)),
            None => Err(self.why_none),
        }
    }

    /// Takes the verdict on a request's credential.
    pub fn settle(&mut self, ticket: &Ticket, verdict: Verdict) -> Settled {
        if verdict == Verdict::Refused {
            self.refused.insert(ticket.fingerprint);
        }
        let is = |entry: &Entry| entry.serial == ticket.serial;
        let is_active = self.active.as_ref().is_some_and(is);
        match (&mut self.next, verdict) {
            (Some(next), Verdict::Accepted) if is(&next.entry) => {
                self.take_over(NoCredential::Refused);
                Settled::Promoted
            }
            (Some(next), Verdict::Refused) if is(&next.entry) => {
                self.next = None;
                Settled::Replaced
            }
            (Some(next), Verdict::Doubtful) if is(&next.entry) => {
                next.trial = None;
                next.doubts = next.doubts.saturating_add(1);
                if next.doubts >= DOUBTS_MAX {
                    self.refused.insert(ticket.fingerprint);
                    self.next = None;
                }
                Settled::Replaced
            }
            (Some(next), Verdict::Nothing) if is(&next.entry) => {
                next.trial = None;
                Settled::Kept
            }
            (_, Verdict::Refused) if is_active => {
                self.take_over(NoCredential::Refused);
                self.after_refusal()
            }
            (_, Verdict::Refused) => self.after_refusal(),
            _ => Settled::Kept,
        }
    }

    /// Whether the credential of a ticket is in use still.
    pub(super) fn is_current(&self, ticket: &Ticket) -> bool {
        let is = |entry: &Entry| entry.serial == ticket.serial;
        self.active.as_ref().is_some_and(is)
            || self.next.as_ref().is_some_and(|next| is(&next.entry))
    }

    #[cfg(test)]
    pub(super) fn next_place(&self) -> Option<usize> {
        self.next.as_ref().map(|next| next.entry.place)
    }

    fn after_refusal(&self) -> Settled {
        if self.active.is_some() {
            Settled::Replaced
        } else {
            Settled::Exhausted
        }
    }

    /// The next one becomes the active one, or there is none for this reason.
    fn take_over(&mut self, why_none: NoCredential) {
        self.active = self.next.take().map(|next| next.entry);
        self.why_none = why_none;
    }
}

impl Entry {
    const fn ticket(&self, trial: bool) -> Ticket {
        Ticket {
            serial: self.serial,
            place: self.place,
            trial,
            fingerprint: self.fingerprint,
        }
    }
}
