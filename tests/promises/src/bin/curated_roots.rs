//! Prints `transports/embedded-tls/src/curated.rs`: the roots of the authorities that Alpaca's CAA
//! record allows, out of Mozilla's list. A test compares; run this to follow a change of the list:
//! `cargo run -p alpaca-auth-promises --bin curated_roots > transports/embedded-tls/src/curated.rs`

fn main() {
    print!("{}", alpaca_auth_promises::curated::module());
}
