//! The certificates: a CA and a leaf, made at start and kept in memory only.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Names the leaf is valid for: loopback, and Alpaca's own for use inside a network namespace.
const NAMES: [&str; 12] = [
    "localhost",
    "127.0.0.1",
    "127.0.0.2",
    "paper-api.alpaca.markets",
    "api.alpaca.markets",
    "data.alpaca.markets",
    "data.sandbox.alpaca.markets",
    "broker-api.alpaca.markets",
    "broker-api.sandbox.alpaca.markets",
    "app.alpaca.markets",
    "authx.alpaca.markets",
    "authx.sandbox.alpaca.markets",
];

pub(crate) struct Certificates {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) ca_pem: String,
    pub(crate) ca_der: Vec<u8>,
}

pub(crate) fn make() -> io::Result<Certificates> {
    let mut ca = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name
        .push(DnType::CommonName, "alpaca-sandbox CA");
    let ca_key = KeyPair::generate().map_err(io::Error::other)?;
    let ca_certificate = ca.self_signed(&ca_key).map_err(io::Error::other)?;
    let issuer = Issuer::new(ca, ca_key);

    let mut leaf = CertificateParams::new(NAMES.map(str::to_owned)).map_err(io::Error::other)?;
    leaf.distinguished_name
        .push(DnType::CommonName, "alpaca-sandbox");
    // Some verifiers (Python's) insist on the key identifier of the issuer.
    let (year, ..) = crate::http::civil(crate::http::unix_now());
    let year = i32::try_from(year).map_err(io::Error::other)?;
    leaf.not_before = rcgen::date_time_ymd(year - 1, 1, 1);
    leaf.not_after = rcgen::date_time_ymd(year + 2, 1, 1);
    leaf.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = leaf.signed_by(&key, &issuer).map_err(io::Error::other)?;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .map_err(io::Error::other)?;
    Ok(Certificates {
        server: Arc::new(server),
        ca_pem: ca_certificate.pem(),
        ca_der: ca_certificate.der().to_vec(),
    })
}
