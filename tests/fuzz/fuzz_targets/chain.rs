//! Any list of certificates into the policy: it ends, and trusts none that no anchor issued. The
//! input is one byte of count and then certificates, each after two bytes of length.
#![no_main]

use alpaca_auth_embedded_tls::{CertificateDer, Pins, Trust, UnixTime, anchor, built_at};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut rest = input;
    let mut chain = Vec::new();
    while let [high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (der, after) = after.split_at(length);
        rest = after;
        chain.push(CertificateDer::from(der));
    }
    let now = UnixTime::since_unix_epoch(core::time::Duration::from_secs(built_at()));
    for name in ["paper-api.alpaca.markets", "127.0.0.1", "", "a..b", "*"] {
        assert!(Trust::curated().judge(&chain, name, now).is_err());
    }
    // Each of them as an anchor for the others.
    for trusted in &chain {
        if let Ok(trusted) = anchor(trusted) {
            let anchors = [trusted];
            let _ = Trust::only(&anchors).judge(&chain, "example.com", now);
            let pins = [[0; 32], [1; 32]];
            let pins = Pins::new(&pins).expect("two pins");
            assert!(
                Trust::only(&anchors)
                    .pinned(pins)
                    .judge(&chain, "example.com", now)
                    .is_err()
            );
        }
    }
});
