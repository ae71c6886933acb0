//! [`Decimal`]: money as the exact text the server sent.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A decimal number, kept as text: no rounding, no float.
///
/// The form is `-`? digits (`.` digits)?, at most 64 bytes.
///
/// ```
/// use alpaca_auth::response::Decimal;
/// let cash = Decimal::parse("-12345.60")?;
/// assert_eq!(cash.text(), "-12345.60");
/// assert!(cash.is_negative());
/// assert!(Decimal::parse("1e5").is_err());
/// # Ok::<(), alpaca_auth::response::DecimalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal<'b>(&'b str);

/// Longest decimal accepted, in bytes.
const DECIMAL_MAX: usize = 64;

impl<'b> Decimal<'b> {
    /// Reads a decimal number.
    ///
    /// # Errors
    /// [`DecimalError`] when `text` has another form.
    pub fn parse(text: &'b str) -> Result<Self, DecimalError> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
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
}
