//! Signatures: [`VerifyingKey`] and [`SigningKey`].

pub use ecdsa_core::signature;

use elliptic_curve::{Curve as _, FieldBytesEncoding as _};
use sha2::{Digest as _, Sha256};
use signature::hazmat::{PrehashSigner, PrehashVerifier};
use signature::{Error, Signer};
use zeroize::Zeroize;

use crate::assembly::{self, Scalar};
use crate::{FieldBytes, NistP256, PublicKey, SecretKey};

/// r and s, each from 1 to n-1.
pub type Signature = ecdsa_core::Signature<NistP256>;
/// The same in DER.
pub type DerSignature = ecdsa_core::der::Signature<NistP256>;

/// A shorter digest would not bind the message (as in the real crate).
const DIGEST_MIN: usize = 16;

/// The leftmost 256 bits (FIPS 186-5 §6.4.2), filled up at the left.
fn number_of(digest: &[u8]) -> Result<[u8; 32], Error> {
    if digest.len() < DIGEST_MIN {
        return Err(Error::new());
    }
    let kept = &digest[..digest.len().min(32)];
    let mut number = [0; 32];
    number[32 - kept.len()..].copy_from_slice(kept);
    Ok(number)
}

/// A key to verify with.
#[derive(Clone, Copy, Debug)]
pub struct VerifyingKey(PublicKey);

impl VerifyingKey {
    /// Takes an uncompressed point: 0x04, x, y.
    ///
    /// # Errors
    /// See [`PublicKey::from_sec1_bytes`].
    pub fn from_sec1_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let key = PublicKey::from_sec1_bytes(bytes);
        key.map(Self).map_err(|_| Error::new())
    }
}

impl PrehashVerifier<Signature> for VerifyingKey {
    fn verify_prehash(&self, digest: &[u8], signature: &Signature) -> Result<(), Error> {
        let digest = number_of(digest)?;
        let (r, s) = signature.split_bytes();
        match assembly::verify(&self.0.0, &digest, r.as_ref(), s.as_ref()) {
            true => Ok(()),
            false => Err(Error::new()),
        }
    }
}

/// A key to sign with. Overwritten when dropped.
pub struct SigningKey(SecretKey);

impl From<SecretKey> for SigningKey {
    fn from(key: SecretKey) -> Self {
        Self(key)
    }
}

impl From<&SecretKey> for SigningKey {
    fn from(key: &SecretKey) -> Self {
        Self(key.clone())
    }
}

/// Deterministic (RFC 6979, with SHA-256).
impl PrehashSigner<Signature> for SigningKey {
    fn sign_prehash(&self, digest: &[u8]) -> Result<Signature, Error> {
        let digest = FieldBytes::from(number_of(digest)?);
        let mut bytes = self.0.to_bytes();
        let order = NistP256::ORDER.encode_field_bytes();
        let mut nonce = rfc6979::generate_k::<Sha256, _>(&bytes, &order, &digest, &[]);
        let signed = Scalar::from_bytes(bytes.as_ref())
            .zip(Scalar::from_bytes(nonce.as_ref()))
            .and_then(|(key, nonce)| assembly::sign(&key, &nonce, digest.as_ref()));
        bytes.zeroize();
        nonce.zeroize();
        let (r, s) = signed.ok_or_else(Error::new)?;
        Signature::from_scalars(r, s)
    }
}

impl Signer<DerSignature> for SigningKey {
    fn try_sign(&self, message: &[u8]) -> Result<DerSignature, Error> {
        let signature: Signature = self.sign_prehash(&Sha256::digest(message))?;
        Ok(signature.to_der())
    }
}
