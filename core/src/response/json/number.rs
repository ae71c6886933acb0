//! [`Number`]: a JSON number as the exact text the server sent.

use core::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::NUMBER;
use crate::response::{FixedError, Rounding, decimal};

/// A JSON number, kept as text: no rounding, no float.
///
/// Market data sends prices and sizes this way. Small ones may have an exponent (`8.1e-06`). It is read by
/// [`Reply::json`](crate::response::Reply::json) and [`from_slice`](super::from_slice) only: other deserializers
/// do not give a number's text.
///
/// ```
/// use alpaca_auth::response::json::{self, Number};
/// let price: Number = json::from_slice(b"8.10e-06")?;
/// assert_eq!(price.text(), "8.10e-06");
/// assert_eq!(price.to_fixed(9), Ok(8_100));
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'b>(&'b str);

impl<'b> Number<'b> {
    /// The number as it was sent: `-`? digits (`.` digits)? (`e` sign? digits)?.
    #[must_use]
    pub const fn text(&self) -> &'b str {
        self.0
    }

    /// Whether it has a minus sign.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.0.starts_with('-')
    }

    /// The number times 10^`places`, exactly.
    ///
    /// # Errors
    /// [`FixedError`] when it has more places than that, or is too large.
    pub fn to_fixed(&self, places: u32) -> Result<i128, FixedError> {
        decimal::fixed(self.0, places, None)
    }

    /// The number times 10^`places`, rounded as asked.
    ///
    /// # Errors
    /// [`FixedError::Overflow`] when it is too large.
    pub fn to_fixed_rounded(&self, places: u32, rounding: Rounding) -> Result<i128, FixedError> {
        decimal::fixed(self.0, places, Some(rounding))
    }
}

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl<'de: 'b, 'b> Deserialize<'de> for Number<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Told;
        impl<'de> Visitor<'de> for Told {
            type Value = Number<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, read by alpaca_auth::response::json")
            }

            fn visit_borrowed_str<E: serde::de::Error>(
                self,
                text: &'de str,
            ) -> Result<Number<'de>, E> {
                // Another deserializer may give a string here.
                let first = text.bytes().next();
                match first {
                    Some(b'-' | b'0'..=b'9') if decimal::is_number(text) => Ok(Number(text)),
                    _ => Err(E::custom("not a number")),
                }
            }
        }
        let number = deserializer.deserialize_newtype_struct(NUMBER, Told)?;
        if number.0.len() > decimal::DECIMAL_MAX {
            return Err(D::Error::custom("a number of more than 64 bytes"));
        }
        Ok(number)
    }
}

impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NUMBER, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_slice;
    use super::*;

    #[test]
    fn what_is_no_number_or_too_long_is_refused() {
        let fits = "1".repeat(64);
        let long = "1".repeat(65);
        for text in [
            "\"1\"", "null", "true", "[]", "{}", "01", "1.", "+1", "NaN", &long,
        ] {
            assert!(from_slice::<Number<'_>>(text.as_bytes()).is_err(), "{text}");
        }
        for text in [
            "0",
            "-0.50",
            "1e5",
            "1E+05",
            "0.10000000000000000001",
            &fits,
        ] {
            let number = from_slice::<Number<'_>>(text.as_bytes()).map(|number| number.text());
            assert_eq!(number, Ok(text));
        }
        assert!(serde_json_core::from_str::<Number<'_>>("1").is_err());
    }
}
