//! [`Timestamp`]: RFC 3339 as unix time, to the nanosecond.

use core::fmt;

/// Days from 1 January of year 0 to 1 January 1970.
const DAYS_TO_1970: i64 = 719_528;

/// A point in time: what a reply's RFC 3339 text says.
///
/// ```
/// use alpaca_auth::response::Timestamp;
/// let time = Timestamp::parse("2025-06-24T16:00:00.5-04:00")?;
/// assert_eq!((time.seconds, time.nanoseconds), (1_750_795_200, 500_000_000));
/// assert!(Timestamp::parse("2025-02-29T00:00:00Z").is_err());
/// # Ok::<(), alpaca_auth::response::TimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Unix seconds, rounded down; negative before 1970.
    pub seconds: i64,
    /// Nanoseconds after that, 0 to 999,999,999.
    pub nanoseconds: u32,
}

impl Timestamp {
    /// Reads `YYYY-MM-DDThh:mm:ss`, a fraction of up to nine digits if there is one, and `Z` or `±hh:mm`, as
    /// RFC 3339 §5.6 has it. `t` and `z` are accepted; a blank for the `T` is not.
    ///
    /// Years 0000 to 9999, by the Gregorian calendar. `-00:00`, an unknown local offset, is read as UTC. Unix time
    /// has no leap seconds: `:60` is refused by name, and who gets one asks again a second later.
    ///
    /// # Errors
    /// [`TimestampError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let mut digits = Digits(text.as_bytes());
        let year = digits.number(4)?;
        digits.one_of(b"-")?;
        let month = digits.number(2)?;
        digits.one_of(b"-")?;
        let day = digits.number(2)?;
        digits.one_of(b"Tt")?;
        let hour = digits.number(2)?;
        digits.one_of(b":")?;
        let minute = digits.number(2)?;
        digits.one_of(b":")?;
        let second = digits.number(2)?;
        let nanoseconds = digits.fraction()?;
        let offset = digits.offset()?;
        if !digits.0.is_empty() {
            return Err(TimestampError::Form);
        }
        if !(1..=days_of(year, month).ok_or(TimestampError::Date)?).contains(&day) {
            return Err(TimestampError::Date);
        }
        if second == 60 && hour <= 23 && minute <= 59 {
            return Err(TimestampError::LeapSecond);
        }
        if hour > 23 || minute > 59 || second > 59 {
            return Err(TimestampError::Time);
        }
        let days = days_before(year)
            .saturating_add(
                (1..month)
                    .filter_map(|month| days_of(year, month))
                    .sum::<i64>(),
            )
            .saturating_add(day)
            .saturating_sub(1)
            .saturating_sub(DAYS_TO_1970);
        let minutes = days
            .saturating_mul(24)
            .saturating_add(hour)
            .saturating_mul(60)
            .saturating_add(minute)
            .saturating_sub(offset);
        Ok(Self {
            seconds: minutes.saturating_mul(60).saturating_add(second),
            nanoseconds,
        })
    }
}

/// Why a text is no point in time. If Alpaca sent it, its API has changed: report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampError {
    /// It is not of RFC 3339's form.
    Form,
    /// There is no such day.
    Date,
    /// There is no such time of day, or offset.
    Time,
    /// It is a leap second, which unix time does not have.
    LeapSecond,
    /// Its fraction has more than nine digits.
    TooPrecise,
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "not a time of RFC 3339",
            Self::Date => "there is no such day",
            Self::Time => "there is no such time of day or offset",
            Self::LeapSecond => {
                "a leap second, which unix time does not have; ask again a second later"
            }
            Self::TooPrecise => "more than nine digits of a second",
        })
    }
}

impl core::error::Error for TimestampError {}

struct Digits<'t>(&'t [u8]);

impl Digits<'_> {
    fn next(&mut self) -> Result<u8, TimestampError> {
        let (first, rest) = self.0.split_first().ok_or(TimestampError::Form)?;
        self.0 = rest;
        Ok(*first)
    }

    fn one_of(&mut self, allowed: &[u8]) -> Result<u8, TimestampError> {
        let byte = self.next()?;
        if allowed.contains(&byte) {
            Ok(byte)
        } else {
            Err(TimestampError::Form)
        }
    }

    fn digit(&mut self) -> Result<u32, TimestampError> {
        let byte = self.next()?;
        char::from(byte).to_digit(10).ok_or(TimestampError::Form)
    }

    fn number(&mut self, count: usize) -> Result<i64, TimestampError> {
        (0..count).try_fold(0_i64, |value, _| {
            Ok(value
                .saturating_mul(10)
                .saturating_add(self.digit()?.into()))
        })
    }

    fn fraction(&mut self) -> Result<u32, TimestampError> {
        let [b'.', rest @ ..] = self.0 else {
            return Ok(0);
        };
        self.0 = rest;
        let (mut value, mut unit) = (self.digit()?.saturating_mul(100_000_000), 100_000_000_u32);
        while let [b'0'..=b'9', ..] = self.0 {
            if unit == 1 {
                return Err(TimestampError::TooPrecise);
            }
            unit /= 10;
            value = value.saturating_add(self.digit()?.saturating_mul(unit));
        }
        Ok(value)
    }

    /// Minutes east of Greenwich.
    fn offset(&mut self) -> Result<i64, TimestampError> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1_i64,
            _ => return Ok(0),
        };
        let hours = self.number(2)?;
        self.one_of(b":")?;
        let minutes = self.number(2)?;
        if hours > 23 || minutes > 59 {
            return Err(TimestampError::Time);
        }
        Ok(hours
            .saturating_mul(60)
            .saturating_add(minutes)
            .saturating_mul(sign))
    }
}

/// Days from 1 January of year 0, a leap year, to 1 January of `year`.
const fn days_before(year: i64) -> i64 {
    let (fours, hundreds) = (year.saturating_add(3) / 4, year.saturating_add(99) / 100);
    year.saturating_mul(365)
        .saturating_add(fours)
        .saturating_sub(hundreds)
        .saturating_add(year.saturating_add(399) / 400)
}

/// Days of a month; none if there is no such month.
const fn days_of(year: i64, month: i64) -> Option<i64> {
    Some(match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn what_is_no_time_is_refused_by_name() {
        use TimestampError as E;
        for (text, error) in [
            ("", E::Form),
            ("2025-06-24", E::Form),
            ("2025-06-24T16:00:00", E::Form),
            ("2025-06-24 16:00:00Z", E::Form),
            ("2025-06-24T16:00Z", E::Form),
            ("2025-6-24T16:00:00Z", E::Form),
            ("+2025-06-24T16:00:00Z", E::Form),
            ("2025-06-24T16:00:00.Z", E::Form),
            ("2025-06-24T16:00:00,5Z", E::Form),
            ("2025-06-24T16:00:00+0400", E::Form),
            ("2025-06-24T16:00:00+04", E::Form),
            ("2025-06-24T16:00:00Z ", E::Form),
            (" 2025-06-24T16:00:00Z", E::Form),
            ("2025-06-24T16:00:00Z[America/New_York]", E::Form),
            ("２025-06-24T16:00:00Z", E::Form),
            ("2025-00-24T16:00:00Z", E::Date),
            ("2025-13-24T16:00:00Z", E::Date),
            ("2025-06-00T16:00:00Z", E::Date),
            ("2025-06-31T16:00:00Z", E::Date),
            ("2025-02-29T16:00:00Z", E::Date),
            ("1900-02-29T16:00:00Z", E::Date),
            ("2025-06-24T24:00:00Z", E::Time),
            ("2025-06-24T16:60:00Z", E::Time),
            ("2025-06-24T16:00:61Z", E::Time),
            ("2025-06-24T16:00:00+24:00", E::Time),
            ("2025-06-24T16:00:00-00:60", E::Time),
            ("2016-12-31T23:59:60Z", E::LeapSecond),
            ("2025-06-24T16:00:60Z", E::LeapSecond),
            ("2025-06-24T16:00:00.1234567890Z", E::TooPrecise),
        ] {
            assert_eq!(Timestamp::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn times_are_read_to_the_nanosecond() {
        for (text, seconds, nanoseconds) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("1969-12-31T23:59:59.999999999Z", -1, 999_999_999),
            ("0000-01-01T00:00:00Z", -62_167_219_200, 0),
            ("0000-01-01T00:00:00+23:59", -62_167_305_540, 0),
            ("9999-12-31T23:59:59-23:59", 253_402_387_139, 0),
            ("2000-02-29T12:00:00-00:00", 951_825_600, 0),
            ("2021-02-06t13:35:08.946977536z", 1_612_618_508, 946_977_536),
            ("2025-06-24T16:00:00.000000001-04:00", 1_750_795_200, 1),
        ] {
            let time = Timestamp {
                seconds,
                nanoseconds,
            };
            assert_eq!(Timestamp::parse(text), Ok(time), "{text}");
        }
    }

    #[test]
    fn each_day_is_one_after_the_other() {
        let mut last = None;
        for year in (0..=9999).filter(|year| year % 100 < 2 || year % 100 > 97 || year % 4 == 0) {
            for month in 1..=12 {
                for day in 1..=31 {
                    let text = format!("{year:04}-{month:02}-{day:02}T00:00:00Z");
                    let Ok(time) = Timestamp::parse(&text) else {
                        assert!(day > 28);
                        continue;
                    };
                    if let Some((before, in_year)) = last
                        && year - in_year <= 1
                    {
                        assert_eq!(time.seconds - before, 86_400, "{text}");
                    }
                    last = Some((time.seconds, year));
                }
            }
        }
    }
}
