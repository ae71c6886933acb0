//! [`State`]: what ties a callback to the login that was begun here (RFC 6749 §10.12).

use super::super::base64url::Encoder;
use crate::secret::{Secret, SecretTooLong};

/// Bytes of entropy that a state takes: 256 bits.
pub const ENTROPY: usize = 32;
/// Length of 32 bytes in base64url.
pub(super) const DIGITS: usize = 43;

/// The `state` of one login. Whoever lacks it cannot finish the login. Wipes itself.
pub struct State(pub(super) Secret<DIGITS>);

impl State {
    /// None yet.
    #[must_use]
    pub const fn vacant() -> Self {
        Self(Secret::new())
    }

    /// Draws the state of a new login from 32 bytes of a cryptographic random source.
    pub fn draw(&mut self, entropy: &[u8; ENTROPY]) {
        // 32 bytes have 43 digits, so this cannot fail.
        let _ = digits(entropy, &mut self.0);
    }

    /// Forgets the login: no callback is right any more.
    pub fn clear(&mut self) {
        self.0.wipe();
    }

    /// Compares in a time that depends on the length alone. Without a login nothing is right.
    pub(super) fn is(&self, received: &[u8]) -> bool {
        let mut other = Secret::<DIGITS>::new();
        let fits = other.set(received).is_ok();
        let same = self.0.constant_time_eq(&other);
        fits && same && !self.0.is_empty()
    }
}

pub(super) fn digits(
    entropy: &[u8; ENTROPY],
    place: &mut Secret<DIGITS>,
) -> Result<(), SecretTooLong> {
    place.write(|out| {
        let mut encoder = Encoder::new(out);
        encoder.put(entropy)?;
        encoder.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_state_of_this_login_is_right() {
        let mut state = State::vacant();
        assert!(!state.is(b""));
        state.draw(&[0xff; ENTROPY]);
        let right = b"__________________________________________8";
        assert!(state.is(right));
        let mut long = [b'_'; 44];
        long[42] = b'8';
        for wrong in [&b""[..], &right[..42], &long, &[b'_'; DIGITS]] {
            assert!(!state.is(wrong));
        }
        state.clear();
        assert!(!state.is(right));
        assert!(!state.is(b""));
    }
}
