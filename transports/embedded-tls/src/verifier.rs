//! [`Verifier`]: judges the server's certificates and its signature, once and in order.
//!
//! ```text
//!  Start ── Certificate ──▶ Chain ── CertificateVerify ──▶ Authenticated
//!    │                        │                                │
//!    └──── any other order, any second time, any refusal ──────┴──▶ Refused (for good)
//! ```
//!
//! embedded-tls 0.19 takes Finished in any of these states, and reports a verifier that fails to
//! exist as success. So the session asks this one, after the handshake and before the first byte
//! of a request, whether it reached `Authenticated`.

use core::sync::atomic::{AtomicBool, Ordering};

use embedded_tls::{
    CertificateEntryRef, CertificateRef, CertificateVerifyRef, CryptoProvider, CryptoRngCore,
    Sha256, SignatureScheme, TlsError, TlsVerifier,
};
use rustls_pki_types::{
    CertificateDer, ServerName, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, UnixTime,
};
use sha2::Digest as _;
use webpki::{EndEntityCert, KeyUsage, RawPublicKeyEntity, VerifiedPath, anchor_from_trusted_cert};

use crate::algorithm::{Algorithm, CHAIN, HANDSHAKE, Hash, Ledger, Scheme};
use crate::cipher::Suite;
use crate::ecdsa::EcdsaVerifier;
use crate::error::TlsFault;
use crate::trust::{Pins, Trust, sequence_header};

/// Most certificates a server may send, its own included. Public chains have two to four.
pub const CERTIFICATES_MAX: usize = 6;

/// RFC 8446 §4.4.3.
const CONTEXT: &[u8; 34] = b"TLS 1.3, server CertificateVerify\0";
const PADDING: usize = 64;

/// How far the server has proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    /// The chain is good; the key that must have signed the handshake has this length.
    Chain(usize),
    Authenticated,
    Refused(TlsFault),
}

/// Judges one handshake.
pub(crate) struct Verifier<'v, 't> {
    state: State,
    trust: Trust<'t>,
    name: ServerName<'v>,
    now: UnixTime,
    /// Holds the leaf's SubjectPublicKeyInfo between the two messages. The caller's memory.
    key: &'v mut [u8],
    transcript: [u8; 32],
}

impl<'v, 't> Verifier<'v, 't> {
    pub(crate) const fn new(
        trust: Trust<'t>,
        name: ServerName<'v>,
        now: UnixTime,
        key: &'v mut [u8],
    ) -> Self {
        Self {
            state: State::Start,
            trust,
            name,
            now,
            key,
            transcript: [0; 32],
        }
    }

    /// The gate: whether the server has proved itself.
    pub(crate) fn outcome(&self) -> Result<(), TlsFault> {
        match self.state {
            State::Authenticated => Ok(()),
            State::Refused(fault) => Err(fault),
            State::Start | State::Chain(_) => Err(TlsFault::Unauthenticated),
        }
    }

    /// What was refused, if anything was.
    pub(crate) const fn refusal(&self) -> Option<TlsFault> {
        match self.state {
            State::Refused(fault) => Some(fault),
            _ => None,
        }
    }

    /// Goes on to the next state, or refuses for good.
    fn step(&mut self, next: Result<State, TlsFault>) -> Result<(), TlsError> {
        match next {
            Ok(state) => {
                self.state = state;
                Ok(())
            }
            Err(fault) => {
                // The first cause is the one to tell.
                if self.refusal().is_none() {
                    self.state = State::Refused(fault);
                }
                Err(TlsError::InvalidCertificate)
            }
        }
    }

    fn chain(&mut self, transcript: &Sha256, sent: &CertificateRef<'_>) -> Result<State, TlsFault> {
        if self.state != State::Start {
            return Err(TlsFault::MessageOrder);
        }
        self.transcript = transcript.clone().finalize().into();
        let mut certificates = sent.entries.iter().map(|entry| match entry {
            CertificateEntryRef::X509(der) | CertificateEntryRef::RawPublicKey(der) => {
                CertificateDer::from(*der)
            }
        });
        let leaf = certificates.next().ok_or(TlsFault::NoCertificate)?;
        let mut others = heapless::Vec::<_, { CERTIFICATES_MAX - 1 }>::new();
        for certificate in certificates {
            others
                .push(certificate)
                .map_err(|_| TlsFault::ChainTooLong)?;
        }
        verify_chain(&mut self.trust, &self.name, self.now, &leaf, &others)?;
        self.keep_key(&leaf).map(State::Chain)
    }

    /// Copies the leaf's SubjectPublicKeyInfo; tells its length.
    fn keep_key(&mut self, leaf: &CertificateDer<'_>) -> Result<usize, TlsFault> {
        let parsed = anchor_from_trusted_cert(leaf).map_err(|_| TlsFault::BadCertificate)?;
        let content: &[u8] = parsed.subject_public_key_info.as_ref();
        let (header, header_length) = sequence_header(content.len());
        let length = header_length.saturating_add(content.len());
        let place = self.key.get_mut(..length).ok_or(TlsFault::UnsupportedKey)?;
        let parts = header.iter().take(header_length).chain(content);
        for (to, from) in place.iter_mut().zip(parts) {
            *to = *from;
        }
        Ok(length)
    }

    fn signature(&self, sent: &CertificateVerifyRef<'_>) -> Result<State, TlsFault> {
        let State::Chain(length) = self.state else {
            return Err(TlsFault::MessageOrder);
        };
        let unusable = AtomicBool::new(false);
        let algorithm = Algorithm {
            scheme: scheme(sent.signature_scheme).ok_or(TlsFault::UnsupportedKey)?,
            ecdsa: self.trust.ecdsa,
            unusable: &unusable,
            ledger: None,
        };
        let mut signed = [b' '; PADDING + CONTEXT.len() + 32];
        let parts = CONTEXT.iter().chain(&self.transcript);
        for (to, from) in signed.iter_mut().skip(PADDING).zip(parts) {
            *to = *from;
        }
        let key = SubjectPublicKeyInfoDer::from(self.key.get(..length).unwrap_or_default());
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| TlsFault::BadCertificate)?;
        key.verify_signature(&algorithm, &signed, sent.signature)
            .map_err(|_| match unusable.load(Ordering::Relaxed) {
                true => TlsFault::UnsupportedKey,
                false => TlsFault::BadHandshakeSignature,
            })?;
        Ok(State::Authenticated)
    }
}

impl TlsVerifier<Suite> for Verifier<'_, '_> {
    /// The name is fixed when the verifier is made; embedded-tls's own is for SNI.
    fn set_hostname_verification(&mut self, _: &str) -> Result<(), TlsError> {
        Ok(())
    }

    fn verify_certificate(
        &mut self,
        transcript: &Sha256,
        sent: CertificateRef<'_>,
    ) -> Result<(), TlsError> {
        let next = self.chain(transcript, &sent);
        self.step(next)
    }

    fn verify_signature(&mut self, sent: CertificateVerifyRef<'_>) -> Result<(), TlsError> {
        let next = self.signature(&sent);
        self.step(next)
    }
}

/// The schemes that RFC 8446 §4.2.3 has for CertificateVerify, as far as they are known here.
const fn scheme(scheme: SignatureScheme) -> Option<Scheme> {
    Some(match scheme {
        SignatureScheme::EcdsaSecp256r1Sha256 => Scheme::P256(Hash::Sha256),
        SignatureScheme::EcdsaSecp384r1Sha384 => Scheme::P384(Hash::Sha384),
        #[cfg(feature = "rsa")]
        SignatureScheme::RsaPssRsaeSha256 => Scheme::Pss(Hash::Sha256),
        #[cfg(feature = "rsa")]
        SignatureScheme::RsaPssRsaeSha384 => Scheme::Pss(Hash::Sha384),
        #[cfg(feature = "rsa")]
        SignatureScheme::RsaPssRsaeSha512 => Scheme::Pss(Hash::Sha512),
        _ => return None,
    })
}

impl Trust<'_> {
    /// Judges a chain, leaf first, as a session judges the server's: path, dates, purposes,
    /// constraints, signatures, pins and `name`. For checking stored certificates or this policy.
    /// It says nothing about who presents the chain, and takes any time.
    ///
    /// # Errors
    /// Why the chain is refused.
    pub fn judge(
        &mut self,
        chain: &[CertificateDer<'_>],
        name: &str,
        now: UnixTime,
    ) -> Result<(), TlsFault> {
        let name = ServerName::try_from(name).map_err(|_| TlsFault::NameMismatch)?;
        let (leaf, others) = chain.split_first().ok_or(TlsFault::NoCertificate)?;
        if others.len() >= CERTIFICATES_MAX {
            return Err(TlsFault::ChainTooLong);
        }
        verify_chain(self, &name, now, leaf, others)
    }
}

/// Path, dates, purposes, constraints, signatures, pins and name. Fills the cache at the end.
/// Apart, so that its arrays leave the stack.
#[inline(never)]
fn verify_chain(
    trust: &mut Trust<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
    leaf: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
) -> Result<(), TlsFault> {
    let ledger = Ledger::new(trust.cache.as_deref());
    let unusable = AtomicBool::new(false);
    let algorithms = CHAIN.map(|scheme| Algorithm {
        scheme,
        ecdsa: trust.ecdsa,
        unusable: &unusable,
        ledger: Some(&ledger),
    });
    let algorithms = algorithms
        .each_ref()
        .map(|algorithm| -> &dyn SignatureVerificationAlgorithm { algorithm });
    let parsed = EndEntityCert::try_from(leaf).map_err(|error| fault(&error))?;
    // The name first: it costs little, and a server for another name gets no more attention.
    parsed
        .verify_is_valid_for_subject_name(name)
        .map_err(|error| fault(&error))?;
    let path = parsed
        .verify_for_usage(
            &algorithms,
            trust.anchors,
            others,
            now,
            KeyUsage::server_auth(),
            None,
            None,
        )
        .map_err(|error| match fault(&error) {
            TlsFault::BadSignature if unusable.load(Ordering::Relaxed) => TlsFault::UnsupportedKey,
            fault => fault,
        })?;
    if !usable(leaf, trust.ecdsa) {
        return Err(TlsFault::UnsupportedKey);
    }
    if trust.pins.is_some_and(|pins| !pinned(pins, leaf, &path)) {
        return Err(TlsFault::NotPinned);
    }
    let fresh: heapless::Vec<_, { crate::cache::ENTRIES }> = ledger.fresh().collect();
    if let Some(cache) = &mut trust.cache {
        for key in &fresh {
            cache.insert(key);
        }
    }
    Ok(())
}

/// Whether the leaf's key is of a kind and size that CertificateVerify may be by. Asked by giving
/// each scheme an empty signature: the wrong kinds say so, and the right one refuses at once.
fn usable(leaf: &CertificateDer<'_>, ecdsa: &dyn EcdsaVerifier) -> bool {
    let Ok(parsed) = EndEntityCert::try_from(leaf) else {
        return false;
    };
    HANDSHAKE.into_iter().any(|scheme| {
        let unusable = AtomicBool::new(false);
        let algorithm = Algorithm {
            scheme,
            ecdsa,
            unusable: &unusable,
            ledger: None,
        };
        let refused = parsed.verify_signature(&algorithm, &[], &[]);
        matches!(refused, Err(webpki::Error::InvalidSignatureForPublicKey))
            && !unusable.load(Ordering::Relaxed)
    })
}

/// Whether the leaf, an intermediate or the root of the path is pinned.
fn pinned(pins: Pins<'_>, leaf: &CertificateDer<'_>, path: &VerifiedPath<'_>) -> bool {
    let holds = |certificate: &CertificateDer<'_>| {
        anchor_from_trusted_cert(certificate)
            .is_ok_and(|parsed| pins.hold(parsed.subject_public_key_info.as_ref()))
    };
    holds(leaf)
        || path
            .intermediate_certificates()
            .any(|cert| holds(&cert.der()))
        || pins.hold(path.anchor().subject_public_key_info.as_ref())
}

fn fault(error: &webpki::Error) -> TlsFault {
    use webpki::Error as E;
    match error {
        E::UnknownIssuer => TlsFault::UnknownIssuer,
        E::CertNotValidForName(_) => TlsFault::NameMismatch,
        E::CertExpired { .. } => TlsFault::Expired,
        E::CertNotValidYet { .. } => TlsFault::NotValidYet,
        E::CaUsedAsEndEntity => TlsFault::CaAsLeaf,
        E::EndEntityUsedAsCa => TlsFault::LeafAsCa,
        E::RequiredEkuNotFoundContext(_) => TlsFault::WrongPurpose,
        E::NameConstraintViolation => TlsFault::NameConstraint,
        E::InvalidSignatureForPublicKey => TlsFault::BadSignature,
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => TlsFault::UnsupportedKey,
        E::PathLenConstraintViolated => TlsFault::PathTooLong,
        _ => TlsFault::BadCertificate,
    }
}

/// What embedded-tls asks for entropy and for a verifier. It always gets both. One type for all
/// generators, because each would bring another copy of the handshake's code.
pub(crate) struct Provider<'p, 'v, 't> {
    pub(crate) rng: &'p mut dyn CryptoRngCore,
    pub(crate) verifier: &'p mut Verifier<'v, 't>,
}

impl CryptoProvider for Provider<'_, '_, '_> {
    type CipherSuite = Suite;
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut *self.rng
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Suite>, TlsError> {
        Ok(&mut *self.verifier)
    }
}
