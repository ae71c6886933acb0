//! After calls over TLS the process memory holds exactly one copy of the secret; after drop, none.
//!
//! The scan runs in a process of its own (`memory_scan`), which reads the secret from a pipe, so
//! that neither the environment nor the sandbox nor this test adds a copy.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use alpaca_sandbox::{PAPER_KEY_ID, PAPER_SECRET, Sandbox};

/// Copies found: before any call, after three, after the client is dropped.
fn scan(mode: &str) -> Vec<usize> {
    let sandbox = Sandbox::start().expect("a server");
    let mut child = Command::new(env!("CARGO_BIN_EXE_memory_scan"))
        .args([mode, &sandbox.paper_port().to_string(), PAPER_KEY_ID])
        .env("SANDBOX_CA", sandbox.ca_pem())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the scanner starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(PAPER_SECRET.as_bytes())
        .expect("the secret is read");
    drop(stdin);
    let output = child.wait_with_output().expect("the scanner ends");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("numbers");
    text.split_whitespace()
        .map(|count| count.parse().expect("a number"))
        .collect()
}

#[test]
fn the_client_holds_one_copy_and_then_none() {
    assert_eq!(scan("client"), [1, 1, 0]);
}

#[test]
fn the_scanner_finds_a_copy_that_is_kept() {
    assert_eq!(scan("kept-copy"), [2, 2, 1]);
}

#[test]
fn the_scanner_finds_the_copies_of_the_usual_way() {
    let counts = scan("usual-way");
    assert!(counts[1] > 1, "{counts:?}");
}
