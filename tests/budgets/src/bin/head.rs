//! Writes the signed head of `GET /v2/account` into the first COUNT of 3,000 fresh buffers.
//!
//! The difference between two counts is the cost of one head and nothing else. With `wipe` the
//! buffers written are wiped as well.

use std::hint::black_box;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::http::{HeadBuffer, write_head};
use alpaca_auth::request::trading;

/// Not part of its caller, so that its stack can be read off.
#[inline(never)]
#[unsafe(no_mangle)]
fn budget_write_head(
    endpoint: &Endpoint<Trading, Paper>,
    pair: &KeyPair<Paper>,
    out: &mut HeadBuffer<1024>,
) -> bool {
    write_head(&trading::account(), endpoint, pair, out).is_ok()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments
        .next()
        .and_then(|count| count.parse().ok())
        .expect("a count");
    let wipe = arguments.next().is_some();
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot
        .paper(
            "PKSANDBOX00000000000",
            "SANDBOXpXq7Wd2/kR9vTn4LzYc8Gf3JbHs6Ma1Ue",
        )
        .expect("keys");
    let endpoint = Endpoint::alpaca();
    let mut buffers: Vec<_> = (0..3000).map(|_| HeadBuffer::<1024>::new()).collect();
    for buffer in &mut buffers[..count] {
        assert!(budget_write_head(
            black_box(&endpoint),
            black_box(pair),
            buffer
        ));
        if wipe {
            buffer.wipe();
        }
    }
    black_box(&buffers);
    std::process::exit(0); // without the wiping that dropping does
}
