//! [`Ledger`]: what was ordered on one UTC day.

use super::{Amount, Policy, PolicyError};
use crate::endpoint::Api;
use crate::request::Request;
use crate::retry::TookEffect;

/// Seconds of a day, by UTC. Leap seconds do not count in unix time.
const DAY: u64 = 86_400;

/// The sum of a day's orders. It counts what is sent, and gives back what certainly took no effect.
///
/// Days begin at 00:00 UTC, by the caller's clock, and go forward only: a clock that goes back stays in the
/// day it was in. A clock that leaps ahead begins that day. A restart forgets the sum; keep [`day`](Self::day)
/// and [`spent`](Self::spent), and [`restore`](Self::restore) it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    day: u64,
    spent: Amount,
}

/// An amount that counts as spent. Dropping it leaves it so.
#[must_use = "settle it when the outcome is known, or it counts as spent"]
#[derive(Debug)]
pub struct Reservation {
    day: u64,
    amount: Amount,
}

impl Reservation {
    /// The order's amount.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }
}

impl Ledger {
    /// Nothing was ordered yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            day: 0,
            spent: Amount::ZERO,
        }
    }

    /// The ledger of before a restart.
    #[must_use]
    pub const fn restore(day: u64, spent: Amount) -> Self {
        Self { day, spent }
    }

    /// The day of the sum, in days since 1970-01-01 UTC.
    #[must_use]
    pub const fn day(&self) -> u64 {
        self.day
    }

    /// The sum.
    #[must_use]
    pub const fn spent(&self) -> Amount {
        self.spent
    }

    /// Judges `request` and counts its amount, before it is sent. A request that is refused counts nothing.
    /// See [`Policy::check`] for `price`; `unix_now` is the time in unix seconds.
    ///
    /// # Errors
    /// [`PolicyError`] says which rule refuses.
    pub fn reserve<A: Api>(
        &mut self,
        policy: &Policy<'_>,
        request: &Request<'_, A>,
        price: Option<Amount>,
        unix_now: u64,
    ) -> Result<Reservation, PolicyError> {
        let amount = policy.check(request, price)?;
        let today = unix_now / DAY;
        let (day, spent) = match today > self.day {
            true => (today, Amount::ZERO),
            false => (self.day, self.spent),
        };
        let sum = spent.plus(amount);
        if let Some(most) = policy.per_day
            && amount > Amount::ZERO
            && sum.is_none_or(|sum| sum > most)
        {
            let left = most.less(spent);
            return Err(PolicyError::PerDay { amount, left });
        }
        self.day = day;
        self.spent = sum.unwrap_or(Amount::from_billionths(u128::MAX));
        Ok(Reservation { day, amount })
    }

    /// The outcome is known: the amount of what certainly took no effect, unsent or refused, is given back, if
    /// its day is not over. What may have taken effect stays counted.
    pub fn settle(&mut self, reservation: Reservation, took_effect: TookEffect) {
        if took_effect == TookEffect::No && reservation.day == self.day {
            self.spent = self.spent.less(reservation.amount);
        }
    }
}
