//! [`Amount`]: a positive decimal number as text, compared without rounding.

use core::cmp::Ordering;

use super::{AmountError, Field, OrderError};

/// Longest amount, in bytes.
pub(super) const AMOUNT_MAX: usize = 32;
/// Most decimals that any field takes.
const DECIMALS_MAX: u8 = 9;

/// A positive decimal number: digits, or digits `.` digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount<'a> {
    /// Without leading zeros.
    whole: &'a str,
    /// Without trailing zeros.
    fraction: &'a str,
}

impl<'a> Amount<'a> {
    /// Reads `text`, or says what is wrong with `field`.
    pub(super) fn parse(field: Field, text: &'a str) -> Result<Self, OrderError> {
        // By a set of characters, because the search for a single one has a branch to a panic.
        let (whole, fraction) = match text.split_once(['.']) {
            Some((whole, fraction)) => (whole, fraction),
            None => (text, "0"),
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if text.len() > AMOUNT_MAX || !digits(whole) || !digits(fraction) {
            return Err(OrderError::Amount(field, AmountError::Form));
        }
        let amount = Self {
            whole: whole.trim_start_matches(['0']),
            fraction: fraction.trim_end_matches(['0']),
        };
        if amount.whole.is_empty() && amount.fraction.is_empty() {
            return Err(OrderError::Amount(field, AmountError::Zero));
        }
        amount.at_most(field, DECIMALS_MAX)
    }

    /// The same if it has at most so many decimals, zeros at the end aside.
    pub(super) fn at_most(self, field: Field, decimals: u8) -> Result<Self, OrderError> {
        if self.fraction.len() > usize::from(decimals) {
            return Err(OrderError::Amount(field, AmountError::Decimals(decimals)));
        }
        Ok(self)
    }

    pub(super) const fn is_whole(self) -> bool {
        self.fraction.is_empty()
    }

    pub(super) const fn is_below_one(self) -> bool {
        self.whole.is_empty()
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        let whole = self.whole.len().cmp(&other.whole.len());
        // Digits of equal number, and fractions without zeros at the end, order as text.
        let digits = || self.whole.cmp(other.whole);
        let fraction = || self.fraction.cmp(other.fraction);
        whole.then_with(digits).then_with(fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_positive_decimal_is_refused() {
        let long = "1".repeat(AMOUNT_MAX + 1);
        for text in [
            "", ".", "1.", ".5", "-1", "+1", "1e5", "1,000", " 1", "1 ", "1.2.3", "NaN", "0x1",
            "1_0", "١", "$1", &long,
        ] {
            let refused = Amount::parse(Field::Quantity, text).map(|_| ()).err();
            let form = OrderError::Amount(Field::Quantity, AmountError::Form);
            assert_eq!(refused, Some(form), "{text:?}");
        }
        for text in ["0", "0.0", "000.000000000000"] {
            let refused = Amount::parse(Field::Notional, text).map(|_| ()).err();
            let zero = OrderError::Amount(Field::Notional, AmountError::Zero);
            assert_eq!(refused, Some(zero), "{text:?}");
        }
        let fine = Amount::parse(Field::Quantity, "1.0000000001").err();
        let decimals = OrderError::Amount(Field::Quantity, AmountError::Decimals(9));
        assert_eq!(fine, Some(decimals));
        assert!(Amount::parse(Field::Quantity, "01.0000000010").is_ok());
    }

    #[test]
    fn amounts_are_ordered_as_numbers() {
        let rising = [
            "0.000000001",
            "0.1",
            "0.19",
            "0.2",
            "1",
            "1.000000001",
            "1.01",
            "1.1",
            "2",
            "9.99",
            "10",
            "100.5",
        ];
        let read = |text| Amount::parse(Field::LimitPrice, text).unwrap();
        for (at, low) in rising.iter().enumerate() {
            for high in &rising[at + 1..] {
                assert_eq!(read(low).compare(read(high)), Ordering::Less);
                assert_eq!(read(high).compare(read(low)), Ordering::Greater);
            }
        }
        assert_eq!(read("01.50").compare(read("1.5")), Ordering::Equal);
    }
}
