//! Certificates for tests: authorities, and leaves that are right but for what a test changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256,
    PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, RSA_PSS_SHA256,
    RsaKeyPair,
};

/// The name that leaves are for.
pub const NAME: &str = "paper.alpaca.test";

const DAY: u64 = 24 * 60 * 60;
/// 2048 bits, made for these tests and used for nothing else.
const RSA_KEY: &[u8] = include_bytes!("rsa2048_test_key.pk8");

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    P256,
    P384,
    Rsa,
}

impl Kind {
    fn key(self) -> KeyPair {
        match self {
            Self::P256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
            Self::P384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
            Self::Rsa => KeyPair::from_pkcs8_der_and_sign_algo(&RSA_KEY.into(), &PKCS_RSA_SHA256),
        }
        .expect("a key")
    }
}

/// What a server proves itself by.
#[derive(Clone)]
pub struct Identity {
    /// Certificates in DER, the leaf first.
    pub chain: Vec<Vec<u8>>,
    kind: Kind,
    pkcs8: Arc<[u8]>,
    /// What was signed before: the same handshake is signed by the same bytes.
    signed: Arc<Mutex<BTreeMap<Vec<u8>, Vec<u8>>>>,
}

impl Identity {
    fn new(der: Vec<u8>, kind: Kind, pkcs8: &[u8]) -> Self {
        Self {
            chain: vec![der],
            kind,
            pkcs8: pkcs8.into(),
            signed: Arc::default(),
        }
    }

    /// The same with more certificates.
    pub fn with(mut self, certificate: &[u8]) -> Self {
        self.chain.push(certificate.to_vec());
        self
    }

    /// The number of the signature scheme, RFC 8446 §4.2.3.
    pub(crate) fn scheme(&self) -> u16 {
        match self.kind {
            Kind::P256 => 0x0403,
            Kind::P384 => 0x0503,
            Kind::Rsa => 0x0804,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signed = self.signed.lock().expect("no panic");
        signed
            .entry(message.to_vec())
            .or_insert_with(|| self.sign_anew(message))
            .clone()
    }

    fn sign_anew(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let ecdsa = |algorithm| {
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, &self.pkcs8, &random).expect("a key");
            pair.sign(&random, message)
                .expect("a signature")
                .as_ref()
                .to_vec()
        };
        match self.kind {
            Kind::P256 => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING),
            Kind::P384 => ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING),
            Kind::Rsa => {
                let pair = RsaKeyPair::from_pkcs8(&self.pkcs8).expect("a key");
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &random, message, &mut signature)
                    .expect("a signature");
                signature
            }
        }
    }
}

/// A certificate that issues others.
pub struct Authority {
    /// In DER.
    pub der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
    now: u64,
}

impl Authority {
    /// A root, valid at the unix time `now`.
    pub fn root(kind: Kind, now: u64) -> Self {
        let params = authority("root", now);
        let key = kind.key();
        let der = params
            .self_signed(&key)
            .expect("a certificate")
            .der()
            .to_vec();
        let issuer = Issuer::new(params, key);
        Self { der, issuer, now }
    }

    /// An intermediate under this one; `adjust` makes it wrong.
    pub fn intermediate(&self, kind: Kind, adjust: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = authority("intermediate", self.now);
        adjust(&mut params);
        let key = kind.key();
        let der = params
            .signed_by(&key, &self.issuer)
            .expect("a certificate")
            .der()
            .to_vec();
        let issuer = Issuer::new(params, key);
        Self {
            der,
            issuer,
            now: self.now,
        }
    }

    /// A leaf for [`NAME`] under this one; `adjust` makes it wrong.
    pub fn leaf(&self, kind: Kind, adjust: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = leaf(self.now);
        adjust(&mut params);
        let key = kind.key();
        let der = params
            .signed_by(&key, &self.issuer)
            .expect("a certificate")
            .der()
            .to_vec();
        Identity::new(der, kind, &key.serialize_der())
    }

    /// A leaf with an RSA key of 1024 bits, whose private half nobody has.
    pub fn weak_leaf(&self) -> Identity {
        let der = leaf(self.now)
            .signed_by(&Weak, &self.issuer)
            .expect("a certificate")
            .der()
            .to_vec();
        Identity::new(der, Kind::Rsa, RSA_KEY)
    }

    /// Uses the leaf `of` as an authority, which it may not be.
    pub fn abused(&self, of: &Identity) -> Self {
        let key = KeyPair::try_from(&of.pkcs8[..]).expect("a key");
        Self {
            der: of.chain[0].clone(),
            issuer: Issuer::new(leaf(self.now), key),
            now: self.now,
        }
    }
}

/// A public key of 1024 bits.
struct Weak;

impl PublicKeyData for Weak {
    fn der_bytes(&self) -> &[u8] {
        include_bytes!("rsa1024_public.der")
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// A leaf that is its own issuer.
pub fn self_signed(now: u64) -> Identity {
    let key = Kind::P256.key();
    let der = leaf(now)
        .self_signed(&key)
        .expect("a certificate")
        .der()
        .to_vec();
    Identity::new(der, Kind::P256, &key.serialize_der())
}

/// Sets the time in which a certificate is valid, as days from `now`.
pub fn valid(params: &mut CertificateParams, now: u64, from: i64, to: i64) {
    let at = |days: i64| {
        let seconds = now.saturating_add_signed(days * DAY as i64);
        date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    (params.not_before, params.not_after) = (at(from), at(to));
}

/// Flips a bit of the signature, which ends a certificate.
pub fn flip_signature(der: &[u8]) -> Vec<u8> {
    let mut der = der.to_vec();
    if let Some(byte) = der.last_mut() {
        *byte ^= 1;
    }
    der
}

fn authority(name: &str, now: u64) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params
        .distinguished_name
        .push(DnType::CommonName, format!("test {name}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    valid(&mut params, now, -365, 365);
    params
}

fn leaf(now: u64) -> CertificateParams {
    let mut params = CertificateParams::new([NAME.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    valid(&mut params, now, -30, 60);
    params
}
