//! Times as AWS writes them: ISO 8601 in UTC, to the second.

/// Seconds of a day.
const DAY: u64 = 86_400;
/// 9999-12-31: four digits of a year end there.
const UNIX_MAX: u64 = 253_402_300_799;

/// `20150830T123600Z`: a time in the basic format, as signatures carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AmzDate([u8; 16]);

impl AmzDate {
    /// The time `unix` seconds after 1970; `None` after the year 9999.
    pub(super) fn of(unix: u64) -> Option<Self> {
        if unix > UNIX_MAX {
            return None;
        }
        let (year, month, day) = civil(unix.checked_div(DAY)?);
        let second = unix.checked_rem(DAY)?;
        let mut text = *b"00000000T000000Z";
        let (date, time) = text.split_at_mut_checked(9)?;
        digits(date.get_mut(..4)?, year);
        digits(date.get_mut(4..6)?, month);
        digits(date.get_mut(6..8)?, day);
        digits(time.get_mut(..2)?, second.checked_div(3600)?);
        digits(
            time.get_mut(2..4)?,
            second.checked_div(60)?.checked_rem(60)?,
        );
        digits(time.get_mut(4..6)?, second.checked_rem(60)?);
        Some(Self(text))
    }

    pub(super) const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// `20150830`.
    pub(super) fn day(&self) -> &[u8] {
        self.0.get(..8).unwrap_or_default()
    }
}

/// Reads `2026-11-25T10:00:00Z`, also with a fraction of a second, as unix seconds.
pub(super) fn parse_iso(text: &[u8]) -> Option<u64> {
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        n0,
        n1,
        b':',
        s0,
        s1,
        rest @ ..,
    ] = text
    else {
        return None;
    };
    let fraction = rest.strip_suffix(b"Z")?;
    let is_fraction = |(first, digits): (&u8, &[u8])| {
        *first == b'.' && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    };
    if !fraction.is_empty() && !fraction.split_first().is_some_and(is_fraction) {
        return None;
    }
    let (year, month, day) = (
        number(&[*y0, *y1, *y2, *y3])?,
        number(&[*m0, *m1])?,
        number(&[*d0, *d1])?,
    );
    let (hour, minute, second) = (
        number(&[*h0, *h1])?,
        number(&[*n0, *n1])?,
        number(&[*s0, *s1])?,
    );
    if year < 1970 || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days(year, month, day)?;
    if civil(days) != (year, month, day) {
        return None;
    }
    let seconds = hour
        .checked_mul(3600)?
        .checked_add(minute.checked_mul(60)?)?;
    days.checked_mul(DAY)?
        .checked_add(seconds)?
        .checked_add(second)
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

fn digits(place: &mut [u8], mut value: u64) {
    for digit in place.iter_mut().rev() {
        let low = u8::try_from(value.checked_rem(10).unwrap_or(0)).unwrap_or(0);
        *digit = b'0'.saturating_add(low);
        value = value.checked_div(10).unwrap_or(0);
    }
}

/// Days since 1970 of a date; a day beyond its month gives the date it would be.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years from March on, so that the leap day is the last.
    let year = if month <= 2 {
        year.checked_sub(1)?
    } else {
        year
    };
    let month = if month > 2 {
        month.checked_sub(3)?
    } else {
        month.checked_add(9)?
    };
    let before = month.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
    let leap = year.checked_div(4)?.checked_sub(year.checked_div(100)?)?;
    let leap = leap.checked_add(year.checked_div(400)?)?;
    let all = year.checked_mul(365)?.checked_add(leap)?;
    all.checked_add(before)?
        .checked_add(day)?
        .checked_sub(719_469)
}

/// The date that is `days` after 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    let (mut year, mut rest) = (1970_u64, days);
    loop {
        let divides = |by: u64| year.checked_rem(by) == Some(0);
        let leap = divides(4) && (!divides(100) || divides(400));
        let length = if leap { 366 } else { 365 };
        if let Some(after) = rest.checked_sub(length) {
            rest = after;
            year = year.saturating_add(1);
            continue;
        }
        let february = if leap { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 1_u64;
        for length in months {
            let Some(after) = rest.checked_sub(length) else {
                break;
            };
            rest = after;
            month = month.saturating_add(1);
        }
        return (year, month, rest.saturating_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_back_through_leap_years() {
        for (unix, basic, iso) in [
            (0, b"19700101T000000Z", "1970-01-01T00:00:00Z"),
            (1_440_938_160, b"20150830T123600Z", "2015-08-30T12:36:00Z"),
            (951_782_400, b"20000229T000000Z", "2000-02-29T00:00:00Z"),
            (4_107_542_399, b"21000228T235959Z", "2100-02-28T23:59:59.5Z"),
            (UNIX_MAX, b"99991231T235959Z", "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(AmzDate::of(unix).unwrap().bytes(), basic);
            assert_eq!(parse_iso(iso.as_bytes()), Some(unix), "{iso}");
        }
        assert_eq!(AmzDate::of(UNIX_MAX + 1), None);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-25",
            "2026-11-25T10:00:00",
            "2026-11-25T10:00:00+00:00",
            "2026-11-25 10:00:00Z",
            "2026-02-29T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "2026-00-01T10:00:00Z",
            "2026-11-31T10:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-11-25T24:00:00Z",
            "2026-11-25T10:60:00Z",
            "2026-11-25T10:00:00.Z",
            "2026-11-25T10:00:00.xZ",
            "2026-1a-25T10:00:00Z",
        ] {
            assert_eq!(parse_iso(text.as_bytes()), None, "{text}");
        }
    }
}
