//! [`TokenLease`]: when a token is renewed, replaced, and no longer sent. By the caller's clock.

use core::time::Duration;

use super::VaultError;
use super::kv::Lease;

/// What to do with a token now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStep {
    /// Nothing: it is good.
    Use,
    /// Renew it: half of its lease is over.
    Renew,
    /// Log in again, where that is possible: it is not renewed any more, and four fifths of its lease
    /// are over, or it comes near its maximum TTL. It is still good.
    Replace,
    /// It has ended, for this reason. It is not sent any more.
    Ended(VaultError),
}

/// The lease of one token. Does no input or output.
///
/// Time is a [`Duration`] since any moment of the caller's, by a clock that counts while the machine
/// sleeps if it has one. Say the time *before* a request, not of its answer: then a slow answer never
/// makes a token look younger than it is.
///
/// A renewal may grant less than the first lease: near the maximum TTL Vault grants what is left of
/// it, each time less. What was granted last is what counts.
///
/// ```
/// use core::time::Duration;
/// use alpaca_auth::source::vault::{Lease, TokenLease, TokenStep, VaultError};
///
/// let at = Duration::from_secs;
/// let granted = |seconds| Lease { seconds, renewable: true, version: None };
/// let mut lease = TokenLease::granted(at(100), granted(60));
/// assert_eq!(lease.step(at(129)), TokenStep::Use);
/// assert_eq!(lease.step(at(130)), TokenStep::Renew);
/// lease.renewed(at(130), granted(60));
/// assert_eq!(lease.step(at(159)), TokenStep::Use);
/// assert_eq!(lease.step(at(190)), TokenStep::Ended(VaultError::LeaseExpired));
/// ```
#[derive(Debug)]
pub struct TokenLease {
    /// When it was asked for. These are milliseconds.
    began: u64,
    /// Zero says that it has no end.
    length: u64,
    /// The longest that was granted.
    longest: u64,
    /// Why it is not renewed, if it is not.
    fixed: Option<VaultError>,
}

impl TokenLease {
    /// What Vault granted to a login, or told of a token. `now` is when it was asked.
    #[must_use]
    pub fn granted(now: Duration, lease: Lease) -> Self {
        let length = u64::from(lease.seconds).saturating_mul(1000);
        let fixed = (!lease.renewable).then_some(VaultError::NotRenewable);
        Self {
            began: millis(now),
            length,
            longest: length,
            fixed,
        }
    }

    /// A lease of `length` from `now` on, by somebody who does not want it renewed.
    #[must_use]
    pub fn fixed(now: Duration, length: Duration) -> Self {
        // None at all is over at once, and not without an end.
        let length = millis(length).max(1);
        Self {
            began: millis(now),
            length,
            longest: length,
            fixed: Some(VaultError::LeaseExpired),
        }
    }

    /// It was renewed. `now` is when that was asked.
    pub fn renewed(&mut self, now: Duration, lease: Lease) {
        let longest = self.longest;
        *self = Self::granted(now, lease);
        self.longest = self.length.max(longest);
    }

    /// Vault does not renew it, for this reason. It stays good until it ends.
    pub const fn refused(&mut self, reason: VaultError) {
        self.fixed = Some(reason);
    }

    /// What to do at `now`.
    #[must_use]
    pub fn step(&self, now: Duration) -> TokenStep {
        if self.length == 0 {
            return TokenStep::Use;
        }
        let over = millis(now).saturating_sub(self.began);
        if over >= self.length {
            let reason = self.fixed.unwrap_or(if self.length < self.longest {
                VaultError::MaxTtl
            } else {
                VaultError::LeaseExpired
            });
            return TokenStep::Ended(reason);
        }
        let half = over.saturating_mul(2) >= self.length;
        let late = over.saturating_mul(5) >= self.length.saturating_mul(4);
        match self.fixed {
            None if half => TokenStep::Renew,
            Some(_) if late => TokenStep::Replace,
            _ => TokenStep::Use,
        }
    }

    /// Whether the last renewal granted less than half of the longest lease: then a new login gives
    /// more than another renewal.
    #[must_use]
    pub const fn is_near_maximum(&self) -> bool {
        self.length.saturating_mul(2) < self.longest
    }

    /// In how many seconds it ends, if it can be renewed until then: so long a caller may wait, and
    /// should wait no longer than two thirds.
    #[must_use]
    pub fn renewable_seconds(&self, now: Duration) -> Option<u32> {
        if self.length == 0 || self.fixed.is_some() {
            return None;
        }
        let end = self.began.saturating_add(self.length);
        let left = (end.saturating_sub(millis(now)) / 1000).max(1);
        Some(u32::try_from(left).unwrap_or(u32::MAX))
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TokenStep::{Ended, Renew, Replace, Use};
    use VaultError::{LeaseExpired, MaxTtl, NotRenewable, RenewalDenied};

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const fn lease(seconds: u32, renewable: bool) -> Lease {
        Lease {
            seconds,
            renewable,
            version: None,
        }
    }

    #[test]
    fn a_token_is_renewed_from_half_of_its_lease_and_never_sent_after_its_end() {
        let renewable = TokenLease::granted(at(1000), lease(10, true));
        let other = TokenLease::granted(at(1000), lease(10, false));
        let given = TokenLease::fixed(at(1000), at(10));
        for (now, expected, replaced) in [
            (0, Use, Use), // a clock that went back
            (1000, Use, Use),
            (1004, Use, Use),
            (1005, Renew, Use),
            (1007, Renew, Use),
            (1008, Renew, Replace),
            (1009, Renew, Replace),
        ] {
            assert_eq!(renewable.step(at(now)), expected, "{now}");
            assert_eq!(other.step(at(now)), replaced, "{now}");
            assert_eq!(given.step(at(now)), replaced, "{now}");
        }
        for now in [1010, 1011, u64::MAX] {
            assert_eq!(renewable.step(at(now)), Ended(LeaseExpired), "{now}");
            assert_eq!(other.step(at(now)), Ended(NotRenewable), "{now}");
            assert_eq!(given.step(at(now)), Ended(LeaseExpired), "{now}");
        }
    }

    #[test]
    fn a_token_without_an_end_is_left_alone() {
        for renewable in [false, true] {
            let lease = TokenLease::granted(at(5), lease(0, renewable));
            assert_eq!(lease.step(at(u64::MAX)), Use);
            assert_eq!(lease.renewable_seconds(at(6)), None);
        }
    }

    #[test]
    fn a_lease_of_no_time_has_ended() {
        for length in [Duration::ZERO, Duration::from_nanos(1)] {
            let lease = TokenLease::fixed(at(5), length);
            assert_eq!(lease.step(at(6)), Ended(LeaseExpired));
        }
    }

    #[test]
    fn what_was_granted_last_counts_also_when_it_is_less() {
        let mut token = TokenLease::granted(at(0), lease(3600, true));
        // The operator has shortened the TTL: 600 s from now on, again and again.
        for renewal in 0..5 {
            let now = 1800 + renewal * 300;
            assert_eq!(token.step(at(now)), Renew, "{renewal}");
            token.renewed(at(now), lease(600, true));
            assert!(token.is_near_maximum());
            assert_eq!(token.step(at(now + 299)), Use);
        }
        token.renewed(at(4000), lease(3600, true));
        assert!(!token.is_near_maximum());
        token.renewed(at(4000), lease(60, false));
        assert_eq!(token.step(at(4060)), Ended(NotRenewable));
    }

    #[test]
    fn at_its_maximum_ttl_a_token_ends_under_that_name() {
        // A server with a maximum TTL of 100 s, and a caller who comes back as it is told to.
        let (mut now, mut renewals) = (0, 0);
        let mut token = TokenLease::granted(at(0), lease(60, true));
        let reason = loop {
            match token.step(at(now)) {
                Ended(reason) => break reason,
                Renew => {
                    renewals += 1;
                    let left = u32::try_from(100_u64.saturating_sub(now)).unwrap();
                    token.renewed(at(now), lease(left.min(60), true));
                }
                Use | Replace => {}
            }
            let left = token.renewable_seconds(at(now)).unwrap();
            now += u64::from(left * 2 / 3).max(1);
        };
        assert_eq!((reason, now), (MaxTtl, 100));
        assert!(renewals <= 6, "{renewals}");
    }

    #[test]
    fn a_refused_renewal_leaves_the_token_until_its_end_and_names_it_then() {
        let mut token = TokenLease::granted(at(0), lease(10, true));
        assert_eq!(token.step(at(5)), Renew);
        token.refused(RenewalDenied);
        assert_eq!(token.step(at(5)), Use);
        assert_eq!(token.step(at(8)), Replace);
        assert_eq!(token.renewable_seconds(at(8)), None);
        assert_eq!(token.step(at(10)), Ended(RenewalDenied));
    }

    #[test]
    fn whoever_comes_back_when_told_to_finds_every_lease_still_renewable() {
        for seconds in (2..500).chain([3600, 86_400, 2_764_800, u32::MAX]) {
            let token = TokenLease::granted(at(7), lease(seconds, true));
            let told = u64::from(token.renewable_seconds(at(7)).unwrap());
            // As `SourcePoll` does: at two thirds, by milliseconds.
            let back = at(7) + Duration::from_millis(told * 1000 / 3 * 2);
            assert_eq!(token.step(back), Renew, "{seconds}");
        }
    }
}
