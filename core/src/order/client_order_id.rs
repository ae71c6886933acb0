//! [`ClientOrderId`]: the name that makes the second of two equal orders be refused.

use core::fmt;

use super::OrderError;

/// Longest id, in characters.
pub const CLIENT_ORDER_ID_MAX: usize = 128;

/// The caller's own id of an order: 1 to 128 printable ASCII characters but `"` and `\`, so that it
/// stands in JSON as it is and everybody reads the same.
///
/// Choose it before the first attempt and keep it until the order is known to be there or not.
///
/// ```
/// use alpaca_auth::order::{ClientOrderId, OrderError};
///
/// let entropy = [0xa5; 16]; // from the system's random source
/// let id = ClientOrderId::of_entropy(entropy);
/// assert_eq!(id.text(), "a5a5a5a5-a5a5-45a5-a5a5-a5a5a5a5a5a5");
/// let id = ClientOrderId::with_prefix("kitchen-", entropy)?;
/// assert!(id.text().starts_with("kitchen-a5a5"));
/// assert_eq!(ClientOrderId::parse("").err(), Some(OrderError::ClientOrderIdEmpty));
/// # Ok::<(), OrderError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOrderId {
    text: heapless::String<CLIENT_ORDER_ID_MAX>,
}

impl ClientOrderId {
    /// An id of the caller's choice.
    ///
    /// # Errors
    /// [`OrderError`] when it is empty, too long, or holds something else.
    pub fn parse(text: &str) -> Result<Self, OrderError> {
        Self::joined(text, "")
    }

    /// 16 random bytes in the form of a UUID of version 4 (RFC 9562 §5.4): 36 characters, 122
    /// random bits.
    #[must_use]
    pub fn of_entropy(entropy: [u8; 16]) -> Self {
        let mut text = heapless::String::new();
        // 36 of 128 characters, so this cannot fail.
        let _ = fmt::write(&mut text, format_args!("{}", Uuid(entropy)));
        Self { text }
    }

    /// The same after a prefix, which tells one device or strategy from another.
    ///
    /// # Errors
    /// [`OrderError`] when `prefix` has more than 92 characters, or holds something else.
    pub fn with_prefix(prefix: &str, entropy: [u8; 16]) -> Result<Self, OrderError> {
        Self::joined(prefix, Self::of_entropy(entropy).text())
    }

    /// The id.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn joined(first: &str, second: &str) -> Result<Self, OrderError> {
        let mut text = heapless::String::new();
        for part in [first, second] {
            if !part
                .bytes()
                .all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte))
            {
                return Err(OrderError::ClientOrderIdCharacter);
            }
            text.push_str(part)
                .map_err(|_| OrderError::ClientOrderIdTooLong)?;
        }
        if text.is_empty() {
            return Err(OrderError::ClientOrderIdEmpty);
        }
        Ok(Self { text })
    }
}

impl fmt::Display for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

struct Uuid([u8; 16]);

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            let byte = match at {
                6 => byte & 0x0f | 0x40, // version
                8 => byte & 0x3f | 0x80, // variant
                _ => *byte,
            };
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_alpaca_would_refuse_is_refused() {
        let (long, fits) = ("x".repeat(129), "x".repeat(128));
        for (text, error) in [
            ("", OrderError::ClientOrderIdEmpty),
            (long.as_str(), OrderError::ClientOrderIdTooLong),
            ("a\nb", OrderError::ClientOrderIdCharacter),
            ("a\0", OrderError::ClientOrderIdCharacter),
            ("\u{7f}", OrderError::ClientOrderIdCharacter),
            ("a\"b", OrderError::ClientOrderIdCharacter),
            ("a\\b", OrderError::ClientOrderIdCharacter),
            ("ä", OrderError::ClientOrderIdCharacter),
        ] {
            assert_eq!(ClientOrderId::parse(text).err(), Some(error), "{text:?}");
        }
        assert_eq!(ClientOrderId::parse(&fits).unwrap().text(), fits);
        let most = "y".repeat(92);
        assert_eq!(
            ClientOrderId::with_prefix(&most, [0; 16])
                .unwrap()
                .text()
                .len(),
            128
        );
        let refused = ClientOrderId::with_prefix(&"y".repeat(93), [0; 16]).err();
        assert_eq!(refused, Some(OrderError::ClientOrderIdTooLong));
    }

    #[test]
    fn an_id_keeps_all_its_entropy_but_the_six_fixed_bits() {
        let zeros = ClientOrderId::of_entropy([0; 16]);
        for bit in 0..128 {
            let mut entropy = [0; 16];
            entropy[bit / 8] = 1 << (bit % 8);
            let same = ClientOrderId::of_entropy(entropy) == zeros;
            let fixed = matches!(bit, 52..=55 | 70 | 71);
            assert_eq!(same, fixed, "{bit}");
        }
    }
}
