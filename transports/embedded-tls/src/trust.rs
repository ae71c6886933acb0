//! [`Trust`]: which authorities and which keys a server may prove itself by.

use core::fmt;

use rustls_pki_types::{CertificateDer, TrustAnchor};
use sha2::{Digest as _, Sha256};

use crate::cache::ChainCache;
use crate::curated;
use crate::ecdsa::{EcdsaVerifier, RustCrypto};

/// What a server is judged by: trust anchors, and optionally pins, a cache and a crypto unit.
///
/// There is no variant that trusts everything.
///
/// ```
/// use alpaca_auth_embedded_tls::{ChainCache, Pins, Trust};
///
/// let mut cache = ChainCache::new();
/// let pins = Pins::new(&[[0x11; 32], [0x22; 32]])?;
/// let trust = Trust::curated().pinned(pins).with_cache(&mut cache);
/// # Ok::<(), alpaca_auth_embedded_tls::TrustError>(())
/// ```
pub struct Trust<'t> {
    pub(crate) anchors: &'t [TrustAnchor<'t>],
    pub(crate) pins: Option<Pins<'t>>,
    pub(crate) cache: Option<&'t mut ChainCache>,
    pub(crate) ecdsa: &'t dyn EcdsaVerifier,
}

impl<'t> Trust<'t> {
    /// The roots of the authorities that Alpaca's CAA record allows (DigiCert, Let's Encrypt,
    /// Google Trust Services, SSL.com; 2026-11). Those with ECDSA keys; with feature `rsa` also
    /// those with RSA keys.
    ///
    /// Which chain Alpaca's hosts present is not documented and may change. A build without `rsa`
    /// cannot reach a host whose certificate, or any authority above it, has an RSA key.
    #[must_use]
    pub fn curated() -> Self {
        Self::only(curated::ANCHORS)
    }

    /// All of Mozilla's roots.
    #[cfg(feature = "webpki-roots")]
    #[must_use]
    pub fn webpki_roots() -> Self {
        Self::only(webpki_roots::TLS_SERVER_ROOTS)
    }

    /// These authorities and no other. See [`anchor`].
    #[must_use]
    pub fn only(anchors: &'t [TrustAnchor<'t>]) -> Self {
        Self::with_ecdsa(anchors, &RustCrypto)
    }

    /// The same, with signatures verified by a board's crypto unit. What the unit does not do in
    /// software is then not linked. (The key exchange is embedded-tls's own, always in software.)
    #[must_use]
    pub const fn with_ecdsa(anchors: &'t [TrustAnchor<'t>], ecdsa: &'t dyn EcdsaVerifier) -> Self {
        Self {
            anchors,
            pins: None,
            cache: None,
            ecdsa,
        }
    }

    /// Also demands that one of `pins` is in the chain.
    #[must_use]
    pub fn pinned(mut self, pins: Pins<'t>) -> Self {
        self.pins = Some(pins);
        self
    }

    /// Remembers verified signatures in `cache`.
    #[must_use]
    pub fn with_cache(mut self, cache: &'t mut ChainCache) -> Self {
        self.cache = Some(cache);
        self
    }
}

impl fmt::Debug for Trust<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("anchors", &self.anchors.len())
            .field("pins", &self.pins.map_or(0, |pins| pins.0.len()))
            .field("cache", &self.cache.is_some())
            .finish_non_exhaustive()
    }
}

/// Turns a CA's certificate in DER into a trust anchor. Its dates and extensions are not checked,
/// as RFC 5280 §6.1 has it for anchors: that it is trusted is the caller's decision.
///
/// # Errors
/// [`TrustError::Anchor`] when it is no X.509 v3 certificate. PEM must be decoded first.
pub fn anchor<'c>(certificate: &'c CertificateDer<'c>) -> Result<TrustAnchor<'c>, TrustError> {
    webpki::anchor_from_trusted_cert(certificate).map_err(|_| TrustError::Anchor)
}

/// SHA-256 of SubjectPublicKeyInfo (as in RFC 7469 §2.4) of certificates, one of which must be in
/// the verified chain: the leaf, an intermediate or the root.
///
/// A pin comes on top of the trust anchors and never instead of them. Pin with care: when Alpaca
/// changes to a key that is not pinned, the device is cut off until its pins are changed. So at
/// least two are demanded, the second being the backup.
///
/// `openssl x509 -pubkey -noout < cert.pem | openssl pkey -pubin -outform der | sha256sum`
#[derive(Clone, Copy, Debug)]
pub struct Pins<'t>(&'t [[u8; 32]]);

impl<'t> Pins<'t> {
    /// Takes pins.
    ///
    /// # Errors
    /// [`TrustError::NoBackupPin`] unless there are two different ones.
    pub fn new(pins: &'t [[u8; 32]]) -> Result<Self, TrustError> {
        let first = pins.first().ok_or(TrustError::NoBackupPin)?;
        if pins.iter().all(|pin| pin == first) {
            return Err(TrustError::NoBackupPin);
        }
        Ok(Self(pins))
    }

    /// Whether the key is pinned. `content` is its SubjectPublicKeyInfo without the outer header.
    pub(crate) fn hold(self, content: &[u8]) -> bool {
        let mut hash = Sha256::new();
        let (header, length) = sequence_header(content.len());
        hash.update(header.get(..length).unwrap_or_default());
        hash.update(content);
        let digest: [u8; 32] = hash.finalize().into();
        self.0.contains(&digest)
    }
}

/// The DER header of a SEQUENCE with this much content, and the header's length.
pub(crate) fn sequence_header(content: usize) -> ([u8; 4], usize) {
    let [.., high, low] = content.to_be_bytes();
    match content {
        0..=0x7f => ([0x30, low, 0, 0], 2),
        0x80..=0xff => ([0x30, 0x81, low, 0], 3),
        _ => ([0x30, 0x82, high, low], 4),
    }
}

/// Why something cannot be trusted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustError {
    /// The bytes are no X.509 v3 certificate in DER. Decode PEM first.
    Anchor,
    /// A pin without a backup would cut the device off at the next change of keys. Give a second.
    NoBackupPin,
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anchor => "the trust anchor is no X.509 certificate in DER; decode PEM first",
            Self::NoBackupPin => "there is no backup pin; give at least two different ones",
        })
    }
}

impl core::error::Error for TrustError {}
