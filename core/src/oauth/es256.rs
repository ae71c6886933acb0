//! [`Es256Key`]: signs assertions with a P-256 key held here. `no_std`, no allocation.

use p256::SecretKey;
use p256::ecdsa::Signature;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::assertion::{Algorithm, AssertionSigner, SIGNATURE_MAX};
use crate::credential::sealed::Sealed;
use crate::credential::{CredentialError, CredentialFault, CredentialField, Slot};
use crate::secret::Secret;

/// A P-256 private key. Lives in a [`Slot`], filled in place and wiped like any secret.
///
/// Signatures are deterministic (RFC 6979): a bad random source cannot leak the key. Signing
/// leaves scalars of the computation on the stack, where later calls overwrite them; a key in a
/// secure element, behind your own [`AssertionSigner`], leaves nothing.
///
/// ```
/// use alpaca_auth::credential::Slot;
/// use alpaca_auth::oauth::Es256Key;
///
/// let mut slot = Slot::<Es256Key>::vacant();
/// assert!(slot.scalar(&[0; 32]).is_err());
/// assert!(slot.scalar(&[0xff; 32]).is_err()); // beyond the curve's order
/// assert!(slot.scalar(&[7; 32]).is_ok());
/// ```
pub struct Es256Key {
    scalar: Secret<32>,
}

impl Sealed for Es256Key {
    const VACANT: Self = Self {
        scalar: Secret::new(),
    };

    fn wipe(&mut self) {
        self.scalar.wipe();
    }
}

const REFUSED: CredentialError = CredentialError {
    field: CredentialField::SigningKey,
    fault: CredentialFault::NotKey,
};

impl Slot<Es256Key> {
    /// Fills the slot with a private scalar: `d` of a JWK, big-endian.
    ///
    /// # Errors
    /// [`CredentialFault::NotKey`] when it is 0 or not below the curve's order.
    pub fn scalar(&mut self, bytes: &[u8; 32]) -> Result<&Es256Key, CredentialError> {
        self.replace(|key| {
            // The check makes a key that wipes itself.
            SecretKey::from_bytes(bytes.into()).map_err(|_| REFUSED)?;
            key.scalar.set(bytes).map_err(|_| REFUSED)
        })
    }

    /// Fills the slot with a key in PKCS#8 DER (RFC 5208), as
    /// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -outform DER` writes it.
    ///
    /// # Errors
    /// [`CredentialFault::NotKey`] when it is encrypted, of another curve or algorithm, or
    /// malformed.
    #[cfg(feature = "pkcs8")]
    pub fn pkcs8(&mut self, der: &[u8]) -> Result<&Es256Key, CredentialError> {
        use p256::pkcs8::DecodePrivateKey;

        let key = SecretKey::from_pkcs8_der(der).map_err(|_| REFUSED)?;
        let mut bytes = key.to_bytes();
        let result = self.replace(|key| key.scalar.set(&bytes).map_err(|_| REFUSED));
        bytes.zeroize();
        result
    }
}

impl AssertionSigner for Es256Key {
    type Error = CredentialError;

    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, CredentialError> {
        let key = self
            .scalar
            .expose(|bytes| SecretKey::from_bytes(bytes.first_chunk::<32>()?.into()).ok())
            .ok_or(REFUSED)?;
        let key = p256::ecdsa::SigningKey::from(key);
        let signature: Signature = key
            .sign_prehash(&Sha256::digest(input))
            .map_err(|_| REFUSED)?;
        let mut bytes = signature.to_bytes();
        let length = bytes.len();
        if let Some(place) = out.get_mut(..length) {
            place.copy_from_slice(&bytes);
        }
        bytes.zeroize();
        Ok(length)
    }
}
