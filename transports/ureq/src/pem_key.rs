//! [`PemKey`]: signs client assertions with a private key from a PEM file, ES256 or RS256.

use std::fmt;

use alpaca_auth::credential::Slot;
use alpaca_auth::oauth::{Algorithm, AssertionSigner, Es256Key, SIGNATURE_MAX};
use base64ct::{Base64, Encoding as _};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use zeroize::Zeroizing;

/// Bytes for the base64 of a key, and so for its DER: RSA of 4096 bits has some 3200.
const TEXT_MAX: usize = 4096;

/// A private key in PKCS#8 (`-----BEGIN PRIVATE KEY-----`): P-256 signs ES256, RSA of 2048 to 4096
/// bits signs RS256.
///
/// A P-256 key is wiped on drop. An RSA key is not: `ring` keeps it in memory of its own, which it
/// does not wipe. Prefer P-256, or a signer of your own over a TPM or keyring.
pub struct PemKey(Kind);

enum Kind {
    Es256(Box<Slot<Es256Key>>),
    Rs256(Box<RsaKeyPair>),
}

/// Why a PEM file gives no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemKeyError {
    /// No `-----BEGIN PRIVATE KEY-----`. Convert the key: `openssl pkcs8 -topk8 -nocrypt`.
    NoKey,
    /// Neither a P-256 key nor an RSA key of 2048 to 4096 bits, or damaged.
    Unsupported,
}

impl fmt::Display for PemKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoKey => {
                "no PKCS#8 private key in the PEM text; convert the key with openssl pkcs8 -topk8 -nocrypt"
            }
            Self::Unsupported => {
                "the private key is neither P-256 nor RSA of 2048 to 4096 bits; make one that is"
            }
        })
    }
}

impl std::error::Error for PemKeyError {}

/// The key could not sign. The random source may have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignError;

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the private key did not sign; check the system's random source")
    }
}

impl std::error::Error for SignError {}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

impl PemKey {
    /// Reads the first private key in `pem`. Wipe `pem` afterwards.
    ///
    /// # Errors
    /// [`PemKeyError`] when there is none, or none of the kind.
    pub fn new(pem: &str) -> Result<Self, PemKeyError> {
        let (_, rest) = pem.split_once(BEGIN).ok_or(PemKeyError::NoKey)?;
        let (body, _) = rest.split_once(END).ok_or(PemKeyError::NoKey)?;
        // Of fixed size, because a vector that grows leaves copies.
        let mut text = Box::new(Zeroizing::new([0; TEXT_MAX]));
        let mut length = 0_usize;
        for byte in body.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
            *text.get_mut(length).ok_or(PemKeyError::Unsupported)? = byte;
            length = length.saturating_add(1);
        }
        let text = text.get(..length).unwrap_or_default();
        let mut place = Box::new(Zeroizing::new([0; TEXT_MAX]));
        let der = Base64::decode(text, &mut **place).map_err(|_| PemKeyError::Unsupported)?;
        Self::kind(der).map(Self)
    }

    fn kind(der: &[u8]) -> Result<Kind, PemKeyError> {
        let mut slot = Box::new(Slot::<Es256Key>::vacant());
        if slot.pkcs8(der).is_ok() {
            return Ok(Kind::Es256(slot));
        }
        match RsaKeyPair::from_pkcs8(der) {
            Ok(pair) if pair.public().modulus_len() <= SIGNATURE_MAX => {
                Ok(Kind::Rs256(Box::new(pair)))
            }
            _ => Err(PemKeyError::Unsupported),
        }
    }
}

impl AssertionSigner for PemKey {
    type Error = SignError;

    fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Es256(_) => Algorithm::Es256,
            Kind::Rs256(_) => Algorithm::Rs256,
        }
    }

    fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, SignError> {
        match &self.0 {
            Kind::Es256(slot) => slot
                .get()
                .and_then(|key| key.sign(input, out).ok())
                .ok_or(SignError),
            Kind::Rs256(pair) => {
                let length = pair.public().modulus_len();
                let place = out.get_mut(..length).ok_or(SignError)?;
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, place)
                    .map_err(|_| SignError)?;
                Ok(length)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `openssl genpkey`.
    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr/hwNe0PvpfxugDN\n\
        ZQpF5yMqcLSTcL8qvFAk1D+Md4WhRANCAAQP5RMr9evavvUhkDmXbRa3GPx0LLCC\n\
        SoMpU+DkAHRlzO5t9PwbmVOzhJU2MDpzhMnIlGtka40T7pkb0iUad8Jv\n";

    #[test]
    fn a_key_is_found_in_its_file_and_nothing_else_passes_for_one() {
        let whole = format!("{BEGIN}\n{KEY}{END}\n");
        let other = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in [
            whole.clone(),
            whole.replace('\n', "\r\n"),
            format!("some text\n{other}{whole}{other}"),
            // Whoever stores it in a variable puts it on one line.
            whole.replace('\n', ""),
        ] {
            assert!(PemKey::new(&pem).is_ok(), "{pem}");
        }
        for (pem, error) in [
            (String::new(), PemKeyError::NoKey),
            (other.to_owned(), PemKeyError::NoKey),
            (whole.replace(END, ""), PemKeyError::NoKey),
            (whole.replace(BEGIN, ""), PemKeyError::NoKey),
            (whole.replace("PRIVATE", "EC PRIVATE"), PemKeyError::NoKey),
            (format!("{BEGIN}{END}"), PemKeyError::Unsupported),
            (whole.replacen("MIGH", "MIG", 1), PemKeyError::Unsupported),
            (whole.replacen("MIGH", "MIG!", 1), PemKeyError::Unsupported),
            (whole.replacen("MIGH", "MIGI", 1), PemKeyError::Unsupported),
            (whole.replace("8Jv\n", "8Jv=\n"), PemKeyError::Unsupported),
            (
                format!("{BEGIN}{}{END}", "A".repeat(TEXT_MAX + 1)),
                PemKeyError::Unsupported,
            ),
        ] {
            assert_eq!(PemKey::new(&pem).err(), Some(error), "{pem}");
        }
    }
}
