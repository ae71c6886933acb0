//! Promise: on the cases of x509-limbo (github.com/C2SP/x509-limbo) the certificate policy accepts
//! nothing that it should refuse, but for what rustls-webpki is known to leave out.

use core::time::Duration;

use alpaca_auth_embedded_tls::{
    CERTIFICATES_MAX, CertificateDer, Trust, TrustAnchor, UnixTime, anchor,
};
use alpaca_auth_promises::wire::now;
use serde_json::Value;

const CASES: &str = include_str!("../data/x509-limbo.json");

/// Refused by the letter of RFC 5280 or the CA/Browser Forum, accepted by rustls-webpki, whatever
/// its cryptography: key identifiers, serial numbers, the CN and the certificate of a trusted root
/// are not looked at, and there is no list of public suffixes. A change here is a change of policy.
const ACCEPTED: &[&str] = &[
    "rfc5280::aki::critical-aki",
    "rfc5280::aki::leaf-missing-aki",
    "rfc5280::aki::intermediate-missing-aki",
    "rfc5280::aki::cross-signed-root-missing-aki",
    "rfc5280::nc::permitted-dns-match-noncritical",
    "rfc5280::nc::invalid-dnsname-leading-period",
    "rfc5280::nc::not-allowed-in-ee-noncritical",
    "rfc5280::nc::not-allowed-in-ee-critical",
    "rfc5280::pc::ica-noncritical-pc",
    "rfc5280::san::noncritical-with-empty-subject",
    "rfc5280::san::underscore-dns",
    "rfc5280::serial::too-long",
    "rfc5280::serial::zero",
    "rfc5280::ski::critical-ski",
    "rfc5280::ski::root-missing-ski",
    "rfc5280::ski::intermediate-missing-ski",
    "rfc5280::validity::expired-root",
    "rfc5280::ca-empty-subject",
    "rfc5280::unknown-critical-extension-root",
    "rfc5280::root-missing-basic-constraints",
    "rfc5280::root-non-critical-basic-constraints",
    "rfc5280::root-inconsistent-ca-extensions",
    "rfc5280::leaf-ku-keycertsign",
    "webpki::aki::root-with-aki-missing-keyidentifier",
    "webpki::aki::root-with-aki-authoritycertissuer",
    "webpki::aki::root-with-aki-authoritycertserialnumber",
    "webpki::aki::root-with-aki-all-fields",
    "webpki::aki::root-with-aki-ski-mismatch",
    "webpki::cn::ipv4-hex-mismatch",
    "webpki::cn::ipv4-leading-zeros-mismatch",
    "webpki::cn::ipv6-uppercase-mismatch",
    "webpki::cn::ipv6-uncompressed-mismatch",
    "webpki::cn::ipv6-non-rfc5952-mismatch",
    "webpki::cn::punycode-not-in-san",
    "webpki::cn::utf8-vs-punycode-mismatch",
    "webpki::cn::not-in-san",
    "webpki::cn::case-mismatch",
    "webpki::eku::ee-anyeku",
    "webpki::eku::ee-critical-eku",
    "webpki::eku::ee-without-eku",
    "webpki::eku::root-has-eku",
    "webpki::nc::intermediate-permitted-excluded-subtrees-both-null",
    "webpki::nc::intermediate-permitted-excluded-subtrees-both-empty-sequences",
    "webpki::san::public-suffix-multi-label-wildcard-san",
    "webpki::san::public-suffix-private-namespace-wildcard-san",
    "webpki::san::san-critical-with-nonempty-subject",
    "webpki::malformed-aia",
    "webpki::forbidden-rsa-not-divisible-by-8-in-root",
    "webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf",
];

#[test]
fn no_case_is_accepted_that_should_be_refused() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let (mut accepted, mut refused, mut strict, mut lenient, mut other) = (0, 0, 0, Vec::new(), 0);
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let applies = case["server"] == true
            && case["client_auth"] == false
            && case["crls"] == 0
            && case["depth"].is_null()
            && case["name"].is_string();
        if !applies {
            other += 1;
            continue;
        }
        let ders = |name: &str| -> Vec<Vec<u8>> {
            case[name]
                .as_array()
                .unwrap()
                .iter()
                .map(|der| decode(der.as_str().unwrap()))
                .collect()
        };
        let trusted = ders("trusted");
        let trusted: Vec<_> = trusted
            .iter()
            .map(|der| CertificateDer::from(&der[..]))
            .collect();
        // A root that webpki cannot read is no anchor.
        let anchors: Vec<_> = trusted.iter().filter_map(|der| anchor(der).ok()).collect();
        let leaf = decode(case["leaf"].as_str().unwrap());
        let chain = [vec![leaf], ders("intermediates")].concat();
        let chain: Vec<_> = chain
            .iter()
            .map(|der| CertificateDer::from(&der[..]))
            .collect();
        let time = case["time"].as_u64().unwrap_or_else(now);
        let time = UnixTime::since_unix_epoch(Duration::from_secs(time));
        let verdict = Trust::only(&anchors).judge(&chain, case["name"].as_str().unwrap(), time);
        let reference = webpki_with_ring(&anchors, &chain, case["name"].as_str().unwrap(), time);
        assert!(
            reference || verdict.is_err(),
            "{id}: accepted, but not by webpki itself"
        );
        match (case["success"] == true, verdict) {
            (true, Ok(())) => accepted += 1,
            (false, Err(_)) => refused += 1,
            (true, Err(fault)) => {
                println!("stricter: {id}: {fault}");
                strict += 1;
            }
            (false, Ok(())) => lenient.push(id),
        }
        assert!(chain.len() <= CERTIFICATES_MAX || verdict.is_err(), "{id}");
    }
    println!(
        "x509-limbo: {} cases, {other} for other uses, {accepted} accepted and {refused} refused as \
         they should be, {strict} refused beyond, {} accepted beyond: {lenient:#?}",
        cases.len(),
        lenient.len()
    );
    assert_eq!(lenient, ACCEPTED);
    assert!(accepted >= 40 && refused >= 80, "{accepted} {refused}");
}

/// The verdict of the same library with another implementation of the signatures.
fn webpki_with_ring(
    anchors: &[TrustAnchor<'_>],
    chain: &[CertificateDer<'_>],
    name: &str,
    now: UnixTime,
) -> bool {
    let Ok(leaf) = webpki::EndEntityCert::try_from(&chain[0]) else {
        return false;
    };
    let usage = webpki::KeyUsage::server_auth();
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    leaf.verify_for_usage(algorithms, anchors, &chain[1..], now, usage, None, None)
        .is_ok()
        && leaf
            .verify_is_valid_for_subject_name(&name.try_into().unwrap())
            .is_ok()
}

/// Base64.
fn decode(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = ALPHABET.iter().position(|known| *known == letter).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
