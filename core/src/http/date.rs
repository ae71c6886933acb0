//! HTTP dates (RFC 9110 §5.6.7) and `Retry-After` (§10.2.3).

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
const DAYS: [&[u8]; 7] = [b"Sun", b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat"];

/// Reads an IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT`, as unix seconds.
///
/// Years 1970 to 9999. The two obsolete forms are not read; nobody sends them.
///
/// ```
/// use alpaca_auth::http::parse_imf_fixdate;
/// assert_eq!(parse_imf_fixdate(b"Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
/// assert_eq!(parse_imf_fixdate(b"Sun, 31 Feb 1994 08:49:37 GMT"), None);
/// ```
#[must_use]
pub fn parse_imf_fixdate(value: &[u8]) -> Option<u64> {
    let [
        w0,
        w1,
        w2,
        b',',
        b' ',
        d0,
        d1,
        b' ',
        m0,
        m1,
        m2,
        b' ',
        y0,
        y1,
        y2,
        y3,
        b' ',
        h0,
        h1,
        b':',
        n0,
        n1,
        b':',
        s0,
        s1,
        b' ',
        b'G',
        b'M',
        b'T',
    ] = *value
    else {
        return None;
    };
    if !DAYS.contains(&&[w0, w1, w2][..]) {
        return None;
    }
    let month = MONTHS.iter().position(|name| **name == [m0, m1, m2])?;
    let year = number(&[y0, y1, y2, y3])?;
    let (day, hour) = (number(&[d0, d1])?, number(&[h0, h1])?);
    let (minute, second) = (number(&[n0, n1])?, number(&[s0, s1])?);
    let leap = |year: u64| {
        let divides = |by: u64| year.checked_rem(by) == Some(0);
        divides(4) && (!divides(100) || divides(400))
    };
    let length = |month: usize| match month {
        1 if leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    };
    if year < 1970 || !(1..=length(month)).contains(&day) || hour > 23 || minute > 59 || second > 60
    {
        return None;
    }
    let years: u64 = (1970..year)
        .map(|year| if leap(year) { 366_u64 } else { 365 })
        .sum();
    let months: u64 = (0..month).map(length).sum();
    let days = years
        .checked_add(months)?
        .checked_add(day)?
        .checked_sub(1)?;
    let minutes = days
        .checked_mul(24)?
        .checked_add(hour)?
        .checked_mul(60)?
        .checked_add(minute)?;
    minutes.checked_mul(60)?.checked_add(second)
}

/// Two or four digits.
fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// `Retry-After`: how long the server asks to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// This many seconds from now.
    Seconds(u32),
    /// Until this time, in unix seconds.
    At(u64),
}

impl RetryAfter {
    /// Reads the value of the header field. `None` when it is neither seconds nor a date.
    ///
    /// ```
    /// use alpaca_auth::http::RetryAfter;
    /// assert_eq!(RetryAfter::parse(b"120"), Some(RetryAfter::Seconds(120)));
    /// assert_eq!(RetryAfter::parse(b"-1"), None);
    /// ```
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        if matches!(value.len(), 1..=10) && value.iter().all(u8::is_ascii_digit) {
            return u32::try_from(number(value)?).ok().map(Self::Seconds);
        }
        parse_imf_fixdate(value).map(Self::At)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_date_is_none() {
        for value in [
            "",
            "Sun",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Xyz, 06 Nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 29 Feb 1994 08:49:37 GMT",
            "Sun, 29 Feb 2100 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun,  6 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, +6 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse_imf_fixdate(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn days_are_counted_through_leap_years() {
        for (value, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Tue, 24 Nov 2026 10:00:00 GMT", 1_795_514_400),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ] {
            assert_eq!(
                parse_imf_fixdate(value.as_bytes()),
                Some(seconds),
                "{value}"
            );
        }
    }

    #[test]
    fn absurd_waits_are_none() {
        for value in ["", "1.5", " 1", "+1", "4294967296", "99999999999", "soon"] {
            assert_eq!(RetryAfter::parse(value.as_bytes()), None, "{value}");
        }
        assert_eq!(
            RetryAfter::parse(b"4294967295"),
            Some(RetryAfter::Seconds(u32::MAX))
        );
        assert_eq!(
            RetryAfter::parse(b"Thu, 01 Jan 1970 00:01:00 GMT"),
            Some(RetryAfter::At(60))
        );
    }
}
