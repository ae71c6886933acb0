//! [`Schedule`]: how often to ask, within Alpaca's rate limit, as the server reports it.

use std::time::Duration;

use alpaca_auth::response::Limits;

use crate::Failure;

/// Calls in a round: account, clock, quote.
pub const CALLS: u32 = 3;
/// Calls that Alpaca allows per account and minute (docs.alpaca.markets, 2026-11).
pub const PER_MINUTE: u32 = 200;
/// 12 calls a minute: the account's other programs keep the rest.
pub const DEFAULT_EVERY: Duration = Duration::from_secs(15);

/// The longest time between rounds.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How long to wait for a limit whose reset is not told, or told wrongly: they last a minute.
const MINUTE: Duration = Duration::from_secs(60);

/// The time from the start of one round to the start of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule(Duration);

impl Schedule {
    /// Reads seconds, such as `15` or `2.5`.
    ///
    /// # Errors
    /// When it is no number, longer than a day, or makes more calls than Alpaca allows.
    pub fn parse(seconds: &str) -> Result<Self, Failure> {
        let refuse = |why: String| Failure::Usage(format!("--every {why}"));
        let plain = seconds.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let every = seconds
            .parse()
            .ok()
            .filter(|_| plain)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .filter(|every| *every <= LONGEST)
            .ok_or_else(|| refuse("must be seconds, at most a day, such as 15".to_owned()))?;
        if every * PER_MINUTE < MINUTE * CALLS {
            return Err(refuse(format!(
                "{seconds} makes more calls than the {PER_MINUTE} a minute that Alpaca allows; \
                 a round is {CALLS} calls, so give 0.9 or more"
            )));
        }
        Ok(Self(every))
    }

    /// How long to wait after a round that took this long and left this room.
    #[must_use]
    pub fn wait(self, took: Duration, room: Room) -> Duration {
        let rest = self.0.saturating_sub(took);
        match room.remaining {
            Some(remaining) if remaining < CALLS => rest.max(room.until_reset()),
            _ => rest,
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self(DEFAULT_EVERY)
    }
}

/// What is left of the rate limit, as the answers of a round report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Calls left: the least that any answer reports.
    remaining: Option<u32>,
    /// Seconds until there are more.
    reset_in: Option<u64>,
}

impl Room {
    /// Takes in one answer's limits, received at `now` by the server's clock, in unix seconds.
    pub fn note(&mut self, limits: Limits, now: u64) {
        if limits
            .remaining
            .is_some_and(|new| self.remaining.is_none_or(|old| new <= old))
        {
            self.remaining = limits.remaining;
            self.reset_in = limits.reset.map(|reset| reset.saturating_sub(now));
        }
    }

    /// How long until there is room again: what the server says, between a second and a minute.
    #[must_use]
    pub fn until_reset(self) -> Duration {
        let told = self.reset_in.map(Duration::from_secs);
        told.unwrap_or(MINUTE).clamp(Duration::from_secs(1), MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn room(remaining: u32, reset: Option<u64>) -> Room {
        let mut room = Room::default();
        let limits = Limits {
            limit: Some(200),
            remaining: Some(remaining),
            reset,
        };
        room.note(limits, 1_000);
        room
    }

    #[test]
    fn a_schedule_that_exceeds_the_rate_limit_is_refused() {
        for text in [
            "0",
            "0.0",
            "0.5",
            "0.89",
            "0.899999",
            "",
            ".",
            "-1",
            "+5",
            "1e3",
            "x",
            "inf",
            "NaN",
            "86401",
            "99999999999999999999999",
            " 5",
            "5s",
        ] {
            let error = Schedule::parse(text).unwrap_err().to_string();
            assert!(error.contains("--every"), "{error}");
        }
        for text in ["0.9", "1", "15", "2.5", "86400"] {
            assert!(Schedule::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_default_leaves_nine_tenths_of_the_limit_to_others() {
        assert!(
            MINUTE.as_secs() / DEFAULT_EVERY.as_secs() * u64::from(CALLS)
                <= u64::from(PER_MINUTE / 10)
        );
    }

    #[test]
    fn a_round_starts_on_time_however_long_the_last_took() {
        let schedule = Schedule::parse("15").unwrap();
        assert_eq!(schedule.wait(SECOND, room(100, None)), SECOND * 14);
        assert_eq!(schedule.wait(SECOND * 20, room(100, None)), Duration::ZERO);
        assert_eq!(schedule.wait(SECOND, Room::default()), SECOND * 14);
    }

    #[test]
    fn a_round_that_does_not_fit_waits_for_the_reset() {
        let schedule = Schedule::parse("1").unwrap();
        assert_eq!(schedule.wait(SECOND, room(3, Some(1_040))), Duration::ZERO);
        assert_eq!(schedule.wait(SECOND, room(2, Some(1_040))), SECOND * 40);
        assert_eq!(schedule.wait(SECOND, room(0, None)), MINUTE);
        // A reset in the past or far away is a wrong clock: never a busy loop, never for ever.
        assert_eq!(schedule.wait(SECOND, room(0, Some(10))), SECOND);
        assert_eq!(schedule.wait(SECOND, room(0, Some(9_999_999))), MINUTE);
    }

    #[test]
    fn the_answer_with_the_least_room_counts() {
        let mut least = room(1, Some(1_030));
        let limits = Limits {
            limit: None,
            remaining: Some(150),
            reset: Some(1_001),
        };
        least.note(limits, 1_000);
        least.note(Limits::default(), 1_000);
        assert_eq!(least, room(1, Some(1_030)));
    }
}
