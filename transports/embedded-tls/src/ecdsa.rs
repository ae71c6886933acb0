//! [`EcdsaVerifier`]: ECDSA verification, in software or by a crypto unit.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p384::ecdsa::signature::hazmat::PrehashVerifier as _;

/// Verifies ECDSA signatures. Implement it over a board's crypto unit and give it to
/// [`Trust::with_ecdsa`](crate::Trust::with_ecdsa); one P-384 verification in software takes some
/// 27 million instructions of a Cortex-M4.
///
/// Everything is big-endian and of fixed length. The digest is already cut or padded to the size
/// of the curve's order (FIPS 186-5 §6.4.2). Nothing here is secret, so timing does not matter.
///
/// ```
/// use alpaca_auth_embedded_tls::{EcdsaVerifier, RustCrypto};
///
/// /// A unit that knows P-256 only.
/// struct Unit;
///
/// impl EcdsaVerifier for Unit {
///     fn verify_p256(&self, point: &[u8; 65], digest: &[u8; 32], signature: &[u8; 64]) -> bool {
///         // registers of the unit …
///         # RustCrypto.verify_p256(point, digest, signature)
///     }
///     fn verify_p384(&self, point: &[u8; 97], digest: &[u8; 48], signature: &[u8; 96]) -> bool {
///         RustCrypto.verify_p384(point, digest, signature)
///     }
/// }
/// ```
pub trait EcdsaVerifier: Send + Sync {
    /// Whether `signature` (r and s) of `digest` is by the key at `point` (0x04, x, y) of P-256.
    /// Must refuse points that are not on the curve, and r and s outside 1 to n-1.
    fn verify_p256(&self, point: &[u8; 65], digest: &[u8; 32], signature: &[u8; 64]) -> bool;

    /// The same on P-384.
    fn verify_p384(&self, point: &[u8; 97], digest: &[u8; 48], signature: &[u8; 96]) -> bool;
}

/// Verification in software, by the `p256` and `p384` crates.
#[derive(Clone, Copy, Debug)]
pub struct RustCrypto;

impl EcdsaVerifier for RustCrypto {
    fn verify_p256(&self, point: &[u8; 65], digest: &[u8; 32], signature: &[u8; 64]) -> bool {
        use p256::ecdsa::{Signature, VerifyingKey};
        let key = VerifyingKey::from_sec1_bytes(point);
        let signature = Signature::from_slice(signature);
        matches!((key, signature), (Ok(key), Ok(signature))
            if key.verify_prehash(digest, &signature).is_ok())
    }

    fn verify_p384(&self, point: &[u8; 97], digest: &[u8; 48], signature: &[u8; 96]) -> bool {
        use p384::ecdsa::{Signature, VerifyingKey};
        let key = VerifyingKey::from_sec1_bytes(point);
        let signature = Signature::from_slice(signature);
        matches!((key, signature), (Ok(key), Ok(signature))
            if key.verify_prehash(digest, &signature).is_ok())
    }
}

/// Takes r and s out of an `ECDSA-Sig-Value` (RFC 3279 §2.2.3), which must be strict DER.
pub(crate) fn fixed_signature<const HALF: usize, const WHOLE: usize>(
    der: &[u8],
) -> Option<[u8; WHOLE]> {
    let [0x30, length, rest @ ..] = der else {
        return None;
    };
    // Two numbers of at most 49 bytes: the length takes one byte.
    if usize::from(*length) != rest.len() || *length > 0x7f {
        return None;
    }
    let (r, rest) = number::<HALF>(rest)?;
    let (s, rest) = number::<HALF>(rest)?;
    if !rest.is_empty() {
        return None;
    }
    let mut fixed = [0; WHOLE];
    let (first, second) = fixed.split_at_mut_checked(HALF)?;
    first.copy_from_slice(&r);
    second.get_mut(..HALF)?.copy_from_slice(&s);
    Some(fixed)
}

/// A positive INTEGER of at most `N` bytes, in the shortest form; and what follows it.
fn number<const N: usize>(der: &[u8]) -> Option<([u8; N], &[u8])> {
    let [0x02, length, rest @ ..] = der else {
        return None;
    };
    let (value, rest) = rest.split_at_checked((*length).into())?;
    let digits = match value {
        [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => rest,
        [0x01..=0x7f, ..] => value,
        _ => return None,
    };
    let mut number = [0; N];
    let start = N.checked_sub(digits.len())?;
    number.get_mut(start..)?.copy_from_slice(digits);
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_that_are_no_strict_der_are_refused() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0],
            &[0x30, 6, 2, 1, 1, 2, 1],
            &[0x30, 6, 2, 1, 1, 2, 1, 1, 0],
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
            &[0x31, 6, 2, 1, 1, 2, 1, 1],
            &[0x30, 6, 3, 1, 1, 2, 1, 1],
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 1],
            &[0x30, 6, 2, 1, 0x80, 2, 1, 1],
            &[0x30, 6, 2, 1, 0, 2, 1, 1],
            &[0x30, 5, 2, 0, 2, 1, 1],
            &[0x30, 8, 2, 3, 1, 1, 1, 2, 1, 1],
            &[0x30, 9, 2, 4, 0, 0x81, 1, 1, 2, 1, 1],
        ] {
            assert_eq!(fixed_signature::<2, 4>(der), None, "{der:x?}");
        }
        let good = [0x30, 8, 2, 3, 0, 0x81, 1, 2, 1, 5];
        assert_eq!(fixed_signature::<2, 4>(&good), Some([0x81, 1, 0, 5]));
    }
}
