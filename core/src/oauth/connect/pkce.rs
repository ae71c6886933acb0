//! [`Verifier`]: proof that who exchanges a code is who asked for it (RFC 7636, S256).

use sha2::{Digest, Sha256};

use super::super::base64url::Encoder;
use super::state::{DIGITS, ENTROPY, digits};
use crate::secret::{Cursor, Secret};

/// Length of a challenge in bytes.
pub const CHALLENGE: usize = DIGITS;

/// The code verifier of one login: 43 characters from 256 bits. Wipes itself.
///
/// ```
/// use alpaca_auth::oauth::connect::Verifier;
/// let mut verifier = Verifier::vacant();
/// // RFC 7636 appendix B
/// verifier.draw(&[
///     116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186,
///     22, 212, 37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
/// ]);
/// assert_eq!(&verifier.challenge(), b"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// ```
pub struct Verifier(pub(super) Secret<DIGITS>);

impl Verifier {
    /// None yet.
    #[must_use]
    pub const fn vacant() -> Self {
        Self(Secret::new())
    }

    /// Draws the verifier of a new login from 32 bytes of a cryptographic random source. Not the
    /// bytes of the state: that one is shown in a URL.
    pub fn draw(&mut self, entropy: &[u8; ENTROPY]) {
        // 32 bytes have 43 digits, so this cannot fail.
        let _ = digits(entropy, &mut self.0);
    }

    /// `code_challenge`: SHA-256 of the verifier in base64url. It is no secret.
    #[must_use]
    pub fn challenge(&self) -> [u8; CHALLENGE] {
        let hash = self.0.expose(|verifier| Sha256::digest(verifier));
        let mut challenge = [0; CHALLENGE];
        let mut out = Cursor::new(&mut challenge);
        let mut encoder = Encoder::new(&mut out);
        // 32 bytes have 43 digits, so this cannot fail.
        let _ = encoder.put(&hash).and_then(|()| encoder.finish());
        challenge
    }
}
