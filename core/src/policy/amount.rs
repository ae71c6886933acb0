//! [`Amount`]: US dollars or units as a fixed-point number, rounded up.

use core::fmt;

use crate::split;

/// 10^9 to the dollar.
const SCALE: u128 = 1_000_000_000;
/// Decimal places kept.
const PLACES: usize = 9;
/// Longest text read, in bytes.
const TEXT_MAX: usize = 64;

/// An amount of at least zero in billionths, up to 3·10^29. What does not fit is rounded up, for it is
/// compared with limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(u128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whole dollars.
    #[must_use]
    pub const fn dollars(dollars: u64) -> Self {
        // 2^64 · 10^9 is below 2^94.
        #[expect(clippy::as_conversions, reason = "widening, where `From` is not const")]
        Self((dollars as u128).saturating_mul(SCALE))
    }

    /// Reads digits with an optional fraction. Places beyond the ninth round up.
    ///
    /// ```
    /// use alpaca_auth::policy::Amount;
    /// assert_eq!(Amount::parse("500")?, Amount::dollars(500));
    /// assert!(Amount::parse("0.0000000001")? > Amount::ZERO);
    /// assert!(Amount::parse("-1").is_err() && Amount::parse("1e3").is_err());
    /// # Ok::<(), alpaca_auth::policy::AmountError>(())
    /// ```
    ///
    /// # Errors
    /// [`AmountError`] for anything else: signs, exponents, blanks, more than 64 bytes, too large a number.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let (whole, fraction) = split::at_first(text, b'.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if text.len() > TEXT_MAX || !digits(whole) || !digits(fraction) {
            return Err(AmountError);
        }
        let kept = fraction
            .bytes()
            .chain(core::iter::repeat(b'0'))
            .take(PLACES);
        let beyond = fraction.bytes().skip(PLACES).any(|digit| digit != b'0');
        let value = whole.bytes().chain(kept).try_fold(0_u128, |value, digit| {
            let digit = u128::from(digit.saturating_sub(b'0'));
            value.checked_mul(10)?.checked_add(digit)
        });
        let value = value.and_then(|value| value.checked_add(u128::from(beyond)));
        value.map(Self).ok_or(AmountError)
    }

    /// This many at `price` each, rounded up; `None` if it is too large.
    pub(super) fn times(self, price: Self) -> Option<Self> {
        self.0
            .checked_mul(price.0)
            .map(|product| Self(product.div_ceil(SCALE)))
    }

    pub(super) fn scaled(self, by: u32) -> Option<Self> {
        self.0.checked_mul(u128::from(by)).map(Self)
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub(super) fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Billionths, to keep a [`Ledger`](super::Ledger) over a restart.
    #[must_use]
    pub const fn billionths(self) -> u128 {
        self.0
    }

    /// From billionths.
    #[must_use]
    pub const fn from_billionths(billionths: u128) -> Self {
        Self(billionths)
    }
}

/// Two places at least, nine at most.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, mut fraction) = (self.0 / SCALE, self.0 % SCALE);
        let mut places = PLACES;
        while places > 2 && fraction % 10 == 0 {
            fraction /= 10;
            places = places.saturating_sub(1);
        }
        write!(f, "{whole}.{fraction:0places$}")
    }
}

/// The text is no amount. Write digits with at most one point, such as `231.50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountError;

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no amount; write digits with at most one point, such as 231.50")
    }
}

impl core::error::Error for AmountError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn what_is_no_amount_is_refused() {
        let long = "1".repeat(TEXT_MAX + 1);
        let huge = "9".repeat(31);
        for text in [
            "", ".", "1.", ".5", "-1", "+1", "1e3", "1E3", "0x1", " 1", "1 ", "1,000", "1.2.3",
            "NaN", "inf", "١", "1_000", &long, &huge,
        ] {
            assert_eq!(Amount::parse(text), Err(AmountError), "{text:?}");
        }
    }

    #[test]
    fn amounts_are_exact_to_nine_places_and_then_round_up() {
        for (text, shown) in [
            ("0", "0.00"),
            ("0.00", "0.00"),
            ("231.5", "231.50"),
            ("007", "7.00"),
            ("0.123456789", "0.123456789"),
            ("0.1234567890000", "0.123456789"),
            ("0.1234567891", "0.12345679"),
            ("0.0000000000000000001", "0.000000001"),
            ("0.9999999999", "1.00"),
            ("18446744073709551615", "18446744073709551615.00"),
        ] {
            assert_eq!(Amount::parse(text).unwrap().to_string(), shown);
        }
        assert_eq!(
            Amount::dollars(u64::MAX),
            Amount::parse("18446744073709551615").unwrap()
        );
    }

    #[test]
    fn products_round_up_and_overflow_is_seen() {
        let amount = |text| Amount::parse(text).unwrap();
        assert_eq!(amount("2").times(amount("231.50")), Some(amount("463")));
        assert_eq!(
            amount("0.000000001").times(amount("0.000000001")),
            Some(amount("0.000000001"))
        );
        assert_eq!(amount("0").times(amount("5")), Some(Amount::ZERO));
        assert_eq!(Amount(u128::MAX).times(amount("1")), None);
        assert_eq!(Amount(u128::MAX).plus(Amount(1)), None);
        assert_eq!(Amount(u128::MAX).scaled(2), None);
        assert_eq!(amount("1").less(amount("2")), Amount::ZERO);
    }
}
