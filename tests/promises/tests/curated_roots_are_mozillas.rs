//! Promise: the curated trust anchors are in Mozilla's list, byte for byte, and none is missing.

const CURATED: &str = include_str!("../../../transports/embedded-tls/src/curated.rs");

#[test]
fn the_checked_in_list_is_what_the_generator_prints() {
    assert!(
        CURATED == alpaca_auth_promises::curated::module(),
        "run: cargo run -p alpaca-auth-promises --bin curated_roots > transports/embedded-tls/src/curated.rs"
    );
    assert!(CURATED.matches("TrustAnchor {").count() > 10);
}
