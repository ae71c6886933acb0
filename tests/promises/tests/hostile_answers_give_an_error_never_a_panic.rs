//! Hostile answers give an error, never a panic, a hang or a success: in the core's parser for any
//! split of the bytes, and in the client, which receives the same bytes over TLS.

use std::time::Duration;

use alpaca_auth::request::trading;
use alpaca_auth::response::Account;
use alpaca_auth_promises::corpus::{self, Stage};
use alpaca_auth_promises::{client, config};
use alpaca_sandbox::{Misbehaviour, Sandbox};

#[test]
fn the_corpus_is_large_and_every_name_in_it_is_one_of_a_kind() {
    let cases = corpus::cases();
    let whole = cases
        .iter()
        .filter(|case| !case.name.contains(", cut at "))
        .count();
    let mut names: Vec<_> = cases.iter().map(|case| &case.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), cases.len());
    assert!(whole >= 200, "{whole} cases besides the cut ones");
    println!(
        "{} hostile answers, {whole} besides those that are cut",
        cases.len()
    );
}

#[test]
fn the_parser_refuses_each_at_the_right_stage_however_it_is_split() {
    for case in corpus::cases() {
        for piece in [usize::MAX, 1, 7] {
            let judged = corpus::judge(&case.bytes, piece.min(case.bytes.len().max(1)));
            assert_eq!(
                judged,
                Err(case.refused_by),
                "{}, in pieces of {piece}",
                case.name
            );
        }
    }
}

#[test]
fn the_parser_accepts_the_neighbours() {
    let neighbours = corpus::neighbours();
    assert!(neighbours.len() >= 20);
    for (name, bytes) in neighbours {
        for piece in [bytes.len(), 1, 7] {
            assert!(
                corpus::judge(&bytes, piece).is_ok(),
                "{name}, in pieces of {piece}"
            );
        }
    }
}

#[test]
fn the_client_makes_none_of_them_an_account() {
    let sandbox = Sandbox::start().expect("a server");
    let config = config(&sandbox).total_timeout(Duration::from_secs(10));
    let mut passed = Vec::new();
    for case in corpus::cases() {
        let mut client = client(&sandbox, &config.clone().body_max(64 * 1024));
        sandbox.misbehave(Misbehaviour::Raw(case.bytes.clone()));
        match client.call(&trading::account()) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(reply) => {
                if reply.json::<Account>().is_ok() {
                    passed.push(format!("AS AN ACCOUNT: {}", case.name));
                }
                // What reaches the caller as an answer is refused by its content alone.
                if case.refused_by != Stage::Json {
                    passed.push(case.name);
                }
            }
        }
    }
    assert_eq!(passed, Vec::<String>::new());
}

#[test]
fn the_client_accepts_the_neighbours() {
    let sandbox = Sandbox::start().expect("a server");
    for (name, bytes) in corpus::neighbours() {
        let mut client = client(&sandbox, &config(&sandbox));
        sandbox.misbehave(Misbehaviour::Raw(bytes));
        let reply = client
            .call(&trading::account())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let account = reply
            .json::<Account>()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(account.id, "1", "{name}");
    }
}
