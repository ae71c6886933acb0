//! Judges a certificate chain COUNT times: `chain ec|rsa COUNT [cached]`.
//!
//! The difference between two counts is the cost of one verdict and nothing else. `ec` is P-256
//! under P-256 under a P-384 root, `rsa` is 2048 bits throughout.

use alpaca_auth_embedded_tls::{CertificateDer, ChainCache, Trust, UnixTime, anchor, gateway};
use alpaca_tls_server::pki::{Authority, Kind, NAME};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let kind = |ec| if arguments[1] == "rsa" { Kind::Rsa } else { ec };
    let count: usize = arguments[2].parse().expect("a count");
    let now: UnixTime = gateway::now();
    let root = Authority::root(kind(Kind::P384), now.as_secs());
    let middle = root.intermediate(kind(Kind::P256), |_| {});
    let identity = middle.leaf(kind(Kind::P256), |_| {}).with(&middle.der);
    let chain: Vec<_> = identity
        .chain
        .iter()
        .map(|der| CertificateDer::from(&der[..]))
        .collect();
    let der = CertificateDer::from(&root.der[..]);
    let anchors = [anchor(&der).expect("an anchor")];
    let mut cache = ChainCache::new();
    if arguments.len() > 3 {
        let trust = Trust::only(&anchors).with_cache(&mut cache);
        let mut trust = trust;
        trust.judge(&chain, NAME, now).expect("a good chain");
    }
    for _ in 0..count {
        let mut trust = Trust::only(&anchors);
        if arguments.len() > 3 {
            trust = trust.with_cache(&mut cache);
        }
        trust.judge(&chain, NAME, now).expect("a good chain");
    }
}
