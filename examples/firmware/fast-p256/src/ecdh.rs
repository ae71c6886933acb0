//! Key exchange: [`EphemeralSecret`].

use elliptic_curve::rand_core::CryptoRngCore;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::PublicKey;
use crate::assembly::{self, Scalar};

/// A secret for one exchange. Overwritten when dropped.
pub struct EphemeralSecret(Scalar);

impl EphemeralSecret {
    /// Draws numbers until one is from 1 to n-1, as the real crate does: nearly always the first.
    pub fn random(rng: &mut impl CryptoRngCore) -> Self {
        let mut bytes = [0; 32];
        loop {
            rng.fill_bytes(&mut bytes);
            let scalar = Scalar::from_bytes(&bytes);
            bytes.zeroize();
            if let Some(scalar) = scalar {
                return Self(scalar);
            }
        }
    }

    /// What the other side is sent.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.times_generator())
    }

    /// What both sides know then: the x of the product.
    pub fn diffie_hellman(&self, other: &PublicKey) -> SharedSecret {
        SharedSecret(assembly::shared_secret(&self.0, &other.0))
    }
}

impl ZeroizeOnDrop for EphemeralSecret {}

/// The result of an exchange. Overwritten when dropped.
pub struct SharedSecret([u8; 32]);

impl SharedSecret {
    /// Not uniform: for a key derivation function.
    pub fn raw_secret_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for SharedSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SharedSecret {}
