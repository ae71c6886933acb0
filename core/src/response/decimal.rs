//! [`Decimal`]: money as the exact text the server sent.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A decimal number, kept as text: no rounding, no float.
///
/// The form is `-`? digits (`.` digits)?, at most 64 bytes. Who wants to calculate takes it
/// [to fixed point](Self::to_fixed).
///
/// ```
/// use alpaca_auth::response::Decimal;
/// let cash = Decimal::parse("-12345.60")?;
/// assert_eq!(cash.text(), "-12345.60");
/// assert!(cash.is_negative());
/// assert_eq!(cash.to_fixed(2), Ok(-1_234_560));
/// assert!(Decimal::parse("1e5").is_err());
/// # Ok::<(), alpaca_auth::response::DecimalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal<'b>(&'b str);

/// Longest decimal accepted, in bytes.
pub(super) const DECIMAL_MAX: usize = 64;

impl<'b> Decimal<'b> {
    /// Reads a decimal number.
    ///
    /// # Errors
    /// [`DecimalError`] when `text` has another form.
    pub fn parse(text: &'b str) -> Result<Self, DecimalError> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = at_byte(unsigned, b'.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if text.len() > DECIMAL_MAX || !digits(whole) || !digits(fraction) {
            return Err(DecimalError);
        }
        Ok(Self(text))
    }

    /// The text as it was sent.
    #[must_use]
    pub const fn text(&self) -> &'b str {
        self.0
    }

    /// Whether it has a minus sign.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.0.starts_with('-')
    }

    /// The number times 10^`places`, exactly: `"12.5"` with 2 places is 1250.
    ///
    /// ```
    /// use alpaca_auth::response::{Decimal, FixedError};
    /// assert_eq!(Decimal::parse("12.500")?.to_fixed(2), Ok(1250));
    /// assert_eq!(Decimal::parse("12.505")?.to_fixed(2), Err(FixedError::LostDigits));
    /// # Ok::<(), alpaca_auth::response::DecimalError>(())
    /// ```
    ///
    /// # Errors
    /// [`FixedError`] when it has more places than that, or is too large.
    pub fn to_fixed(&self, places: u32) -> Result<i128, FixedError> {
        fixed(self.0, places, None)
    }

    /// The number times 10^`places`, rounded as asked.
    ///
    /// # Errors
    /// [`FixedError::Overflow`] when it is too large.
    pub fn to_fixed_rounded(&self, places: u32, rounding: Rounding) -> Result<i128, FixedError> {
        fixed(self.0, places, Some(rounding))
    }
}

/// What becomes of digits that do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// They are cut off.
    TowardZero,
    /// To the nearest, and from the middle to the even one.
    HalfEven,
}

/// Why a number is not taken to fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixedError {
    /// It does not fit an `i128`. Ask for fewer places.
    Overflow,
    /// It has digits beyond the places asked for. Ask for more places, or for a rounding.
    LostDigits,
}

impl fmt::Display for FixedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overflow => "the number is too large; ask for fewer places",
            Self::LostDigits => {
                "the number has more places; ask for more places, or for a rounding"
            }
        })
    }
}

impl core::error::Error for FixedError {}

/// A JSON number times 10^`places`. Without a rounding nothing may be lost.
pub(super) fn fixed(
    text: &str,
    places: u32,
    rounding: Option<Rounding>,
) -> Result<i128, FixedError> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = at_exponent(unsigned);
    let (whole, fraction) = at_byte(mantissa, b'.').unwrap_or((mantissa, ""));
    let digits = || {
        whole
            .bytes()
            .chain(fraction.bytes())
            .map(|b| b.wrapping_sub(b'0'))
    };
    if digits().all(|digit| digit == 0) {
        return Ok(0);
    }
    // An exponent that fits no i64 is as good as the largest that does.
    let exponent = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    });
    let count = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let shift = exponent
        .saturating_add(i64::from(places))
        .saturating_sub(count(fraction));
    let all = count(whole).saturating_add(count(fraction));
    let kept = usize::try_from(all.saturating_add(shift).clamp(0, all)).unwrap_or(0);

    // Negative, because i128 goes one further there.
    let mut value = digits()
        .take(kept)
        .try_fold(0_i128, append)
        .ok_or(FixedError::Overflow)?;
    for _ in 0..shift {
        // Zeros behind a value that is none: at most 39 before it overflows.
        value = append(value, 0).ok_or(FixedError::Overflow)?;
    }
    if digits().skip(kept).any(|digit| digit != 0) {
        let rounding = rounding.ok_or(FixedError::LostDigits)?;
        // What is cut off begins with its first digit, or with zeros that are not written.
        let is_adjacent = all.saturating_add(shift) >= 0;
        let mut lost = digits().skip(kept);
        let first = lost.next().unwrap_or(0);
        let up = match rounding {
            Rounding::TowardZero => false,
            Rounding::HalfEven if !is_adjacent => false,
            Rounding::HalfEven => {
                first > 5 || first == 5 && (lost.any(|digit| digit != 0) || value & 1 == 1)
            }
        };
        if up {
            value = value.checked_sub(1).ok_or(FixedError::Overflow)?;
        }
    }
    if text.starts_with('-') {
        Ok(value)
    } else {
        value.checked_neg().ok_or(FixedError::Overflow)
    }
}

/// What stands before and behind the first of this byte. The standard library's way has a panic that the compiler
/// does not see to be out of reach.
fn at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(text.bytes().position(|b| b == byte)?)?;
    Some((before, rest.get(1..)?))
}

/// Mantissa and exponent.
fn at_exponent(number: &str) -> (&str, &str) {
    at_byte(number, b'e')
        .or_else(|| at_byte(number, b'E'))
        .unwrap_or((number, "0"))
}

fn append(value: i128, digit: u8) -> Option<i128> {
    value.checked_mul(10)?.checked_sub(i128::from(digit))
}

/// Whether `text` is a number of JSON (RFC 8259 §6).
pub(super) fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = at_exponent(unsigned);
    let (whole, fraction) = at_byte(mantissa, b'.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    digits(whole)
        && digits(fraction)
        && digits(exponent)
        && (whole.len() == 1 || !whole.starts_with('0'))
}

impl fmt::Display for Decimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl<'de: 'b, 'b> Deserialize<'de> for Decimal<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&'b str>::deserialize(deserializer)?;
        Self::parse(text).map_err(D::Error::custom)
    }
}

impl Serialize for Decimal<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// The text is no decimal number. If Alpaca sent it, its API has changed: report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalError;

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number")
    }
}

impl core::error::Error for DecimalError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_decimal_is_refused() {
        let fits = "1".repeat(DECIMAL_MAX);
        let long = "1".repeat(DECIMAL_MAX + 1);
        for text in [
            "", "-", ".", "1.", ".5", "1.2.3", "+1", "--1", "1e5", "NaN", "0x1", " 1", "1 ",
            "1,000", "١", &long,
        ] {
            assert_eq!(Decimal::parse(text), Err(DecimalError), "{text:?}");
        }
        for text in [
            "0",
            "-0",
            "1.0",
            "123456789012345678901234567890.000000001",
            &fits,
        ] {
            assert_eq!(Decimal::parse(text).map(|d| d.text()), Ok(text));
        }
    }

    #[test]
    fn nothing_is_lost_without_a_word() {
        let fixed = |text: &str, places| fixed(text, places, None);
        for (text, places, value) in [
            ("12.5", 2, Ok(1250)),
            ("12.500", 1, Ok(125)),
            ("12.500", 0, Err(FixedError::LostDigits)),
            ("-0.01", 2, Ok(-1)),
            ("-0.01", 1, Err(FixedError::LostDigits)),
            ("0.000", 0, Ok(0)),
            ("-0", 5, Ok(0)),
            ("007", 0, Ok(7)),
            ("1e2", 0, Ok(100)),
            ("1.5E-3", 4, Ok(15)),
            ("1.5e-3", 3, Err(FixedError::LostDigits)),
            ("15e-1", 0, Err(FixedError::LostDigits)),
            ("150e-1", 0, Ok(15)),
            ("1e38", 0, Ok(10_i128.pow(38))),
            ("1e39", 0, Err(FixedError::Overflow)),
            ("1", 39, Err(FixedError::Overflow)),
            ("1", u32::MAX, Err(FixedError::Overflow)),
            ("0", u32::MAX, Ok(0)),
            ("0e99999999999999999999", 0, Ok(0)),
            ("1e99999999999999999999", 0, Err(FixedError::Overflow)),
            ("1e-99999999999999999999", 0, Err(FixedError::LostDigits)),
            (
                "1e-99999999999999999999",
                u32::MAX,
                Err(FixedError::LostDigits),
            ),
            ("170141183460469231731687303715884105727", 0, Ok(i128::MAX)),
            (
                "170141183460469231731687303715884105728",
                0,
                Err(FixedError::Overflow),
            ),
            ("-170141183460469231731687303715884105728", 0, Ok(i128::MIN)),
            (
                "-170141183460469231731687303715884105729",
                0,
                Err(FixedError::Overflow),
            ),
            (
                "0000000000000000000000000000000000000000000000000000000000012345",
                0,
                Ok(12345),
            ),
        ] {
            assert_eq!(fixed(text, places), value, "{text} {places}");
        }
    }

    #[test]
    fn rounding_is_as_asked() {
        for (text, places, half_even, toward_zero) in [
            ("0.5", 0, 0, 0),
            ("1.5", 0, 2, 1),
            ("2.5", 0, 2, 2),
            ("-2.5", 0, -2, -2),
            ("-3.5", 0, -4, -3),
            ("2.5000000001", 0, 3, 2),
            ("2.49999", 0, 2, 2),
            ("0.05", 0, 0, 0),
            ("0.9", 0, 1, 0),
            ("-0.99", 0, -1, 0),
            ("9.995", 2, 1000, 999),
            ("9e-1", 0, 1, 0),
            ("9e-2", 0, 0, 0),
            ("9e-99999999999999999999", 3, 0, 0),
        ] {
            let rounded = |rounding| fixed(text, places, Some(rounding));
            assert_eq!(rounded(Rounding::HalfEven), Ok(half_even), "{text}");
            assert_eq!(rounded(Rounding::TowardZero), Ok(toward_zero), "{text}");
        }
        let most = "170141183460469231731687303715884105727.5";
        assert_eq!(
            fixed(most, 0, Some(Rounding::HalfEven)),
            Err(FixedError::Overflow)
        );
        assert_eq!(fixed(most, 0, Some(Rounding::TowardZero)), Ok(i128::MAX));
    }
}
