//! A client secret is in memory once while its cache lives and not at all after; an assertion never
//! after its call. A token is in our memory once, and then not at all.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use alpaca_sandbox::{AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET, Options, PublicKey, Sandbox};

fn scan(sandbox: &Sandbox, mode: &str, id: &str, secret: &str) -> Vec<usize> {
    let program = env!("CARGO_BIN_EXE_memory_scan_oauth");
    scan_by(program, sandbox, mode, id, secret)
}

fn scan_by(program: &str, sandbox: &Sandbox, mode: &str, id: &str, secret: &str) -> Vec<usize> {
    let mut child = Command::new(program)
        .arg(mode)
        .arg(sandbox.authx_port().to_string())
        .arg(sandbox.broker_port().to_string())
        .arg(id)
        .env("SANDBOX_CA", sandbox.ca_pem())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the scanner starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(secret.as_bytes()).expect("it is read");
    drop(stdin);
    let output = child.wait_with_output().expect("the scanner ends");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("numbers");
    text.split_whitespace()
        .map(|count| count.parse().expect("a number"))
        .collect()
}

#[test]
fn the_client_secret_is_there_once_and_then_not_at_all() {
    let sandbox = Sandbox::start().expect("a server");
    for mode in ["secret", "secret-revoked"] {
        let counts = scan(&sandbox, mode, AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET);
        assert_eq!(counts, [1, 1, 0], "{mode}");
    }
    assert_eq!(sandbox.valid_tokens(), 1, "one of two is revoked");
}

#[test]
fn no_assertion_is_left_after_its_call() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    let public = PublicKey::p256_point(rcgen::PublicKeyData::der_bytes(&key)).expect("a point");
    let sandbox = Options::new()
        .client_key("JWTCLIENT", None, public)
        .start()
        .expect("a server");
    for mode in ["assertion", "assertion-revoked"] {
        let counts = scan(&sandbox, mode, "JWTCLIENT", &key.serialize_pem());
        assert_eq!(counts, [0, 0, 0], "{mode}");
    }
    assert_eq!(sandbox.valid_tokens(), 1, "one of two is revoked");
}

/// The limit: rustls keeps what it decrypted in a receive buffer and a queue, and frees both
/// without wiping. A token that arrived stands there until the memory is used again.
#[test]
fn a_token_is_held_once_by_us_and_left_twice_at_most_by_rustls() {
    let sandbox = Sandbox::start().expect("a server");
    let counts = scan(&sandbox, "token", AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET);
    assert!(counts[1] >= 1, "the scanner finds the token that is held");
    assert!(counts[1] <= 3 && counts[2] <= 2, "{counts:?}");
    // Revoking sends the token once more, and leaves no more of it.
    let counts = scan(
        &sandbox,
        "token-revoked",
        AUTHX_CLIENT_ID,
        AUTHX_CLIENT_SECRET,
    );
    assert!(counts[1] <= 2 && counts[2] <= 2, "{counts:?}");
}

#[test]
fn over_embedded_tls_not_even_the_token_is_left() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    let public = PublicKey::p256_point(rcgen::PublicKeyData::der_bytes(&key)).expect("a point");
    let options = Options::new().client_key("JWTCLIENT", None, public);
    let sandbox = options.start().expect("a server");
    let program = env!("CARGO_BIN_EXE_memory_scan_session");
    let pem = key.serialize_pem();
    for (mode, id, secret, counts) in [
        ("token", AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET, [1, 0]),
        ("secret", AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET, [1, 0]),
        ("assertion", "JWTCLIENT", &pem, [0, 0]),
        // The scanner finds a copy that is kept.
        ("kept", AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET, [2, 1]),
    ] {
        let found = scan_by(program, &sandbox, mode, id, secret);
        assert_eq!(found, counts, "{mode}");
    }
    assert_eq!((sandbox.token_requests(), sandbox.valid_tokens()), (4, 0));
}

#[test]
fn a_signing_key_is_there_once_and_its_pem_not_at_all() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    let sandbox = Sandbox::start().expect("a server");
    let program = env!("CARGO_BIN_EXE_memory_scan_session");
    for (mode, counts) in [("key", [1, 0]), ("key-text", [0, 0])] {
        let found = scan_by(program, &sandbox, mode, "-", &key.serialize_pem());
        assert_eq!(found, counts, "{mode}");
    }
}
