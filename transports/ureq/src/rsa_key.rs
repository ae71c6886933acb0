//! [`RsaKey`]: signs RS256 by `ring`, which is here through rustls anyway.

use alpaca_auth::oauth::SIGNATURE_MAX;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;

/// An RSA key of 2048 to 4096 bits. `ring` does not wipe it.
pub(crate) struct RsaKey(Box<KeyPair>);

impl RsaKey {
    /// Reads PKCS#8; `None` for another key.
    pub(crate) fn of_pkcs8(der: &[u8]) -> Option<Self> {
        let pair = KeyPair::from_pkcs8(der).ok()?;
        (pair.public().modulus_len() <= SIGNATURE_MAX).then(|| Self(Box::new(pair)))
    }

    /// Signs `input` and returns the signature's length; `None` if the random source fails.
    pub(crate) fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Option<usize> {
        let length = self.0.public().modulus_len();
        let place = out.get_mut(..length)?;
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, place)
            .ok()?;
        Some(length)
    }
}
