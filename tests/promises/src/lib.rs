//! What the promise tests share: a client for a sandbox, and the corpus of hostile answers.

pub mod browser;
pub mod corpus;
pub mod curated;
pub mod forms;
pub mod listing;
pub mod other_parser;
pub mod recorder;
pub mod relay;
#[cfg(target_os = "linux")]
pub mod scan;
#[cfg(unix)]
pub mod scratch;
pub mod scripted;
pub mod wire;

/// The README's snippets compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

use alpaca_auth::endpoint::{Endpoint, MarketData, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth_ureq::{Client, Config};
use alpaca_sandbox::{PAPER_KEY_ID, PAPER_SECRET, Sandbox};

/// A configuration that trusts the sandbox's CA and nothing else.
#[must_use]
pub fn config(sandbox: &Sandbox) -> Config {
    Config::new()
        .trust_only_pem(sandbox.ca_pem())
        .expect("the sandbox's CA is sound")
}

/// A paper client of the sandbox with the right keys.
#[must_use]
pub fn client(sandbox: &Sandbox, config: &Config) -> Client<Paper> {
    client_with(sandbox, config, PAPER_KEY_ID, PAPER_SECRET)
}

/// Submits so many market orders.
///
/// # Panics
/// When the sandbox does not take one.
pub fn submit_orders(client: &mut Client<Paper>, count: usize) {
    for _ in 0..count {
        let order =
            br#"{"symbol":"F","qty":"1","side":"buy","type":"market","time_in_force":"day"}"#;
        let reply = client
            .call(&trading::submit_order(order))
            .expect("an answer");
        assert_eq!(reply.status(), 200);
    }
}

/// A paper client of the sandbox with any keys.
#[must_use]
pub fn client_with(sandbox: &Sandbox, config: &Config, id: &str, secret: &str) -> Client<Paper> {
    let trading = Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port());
    let data = Endpoint::<MarketData, Paper>::at("localhost", sandbox.data_port());
    Client::<Paper>::with(config, |slot| slot.paper(id, secret))
        .expect("the keys are sound")
        .at(trading.expect("the host is sound"))
        .at(data.expect("the host is sound"))
}
