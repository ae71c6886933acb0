//! Ten thousand rotations under eight threads of load: no failed request, no use of a key after its
//! revocation was seen, no growth, one copy of the secret at the end and then none.
//!
//! The load runs in a process of its own (`rotation_load`), over TLS, with keys that this test makes valid
//! and revokes at the sandbox. Each use of a key is judged where it is sent.

#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use alpaca_sandbox::{Options, PAPER_KEY_ID};

const ROTATIONS: usize = 10_000;
/// Numbers from here on are of keys that the server is never told of.
const STRANGE: usize = 16_384;
/// What all secrets end with, so that one scan finds any of them.
const TAIL: &str = "qW8eR7tY6uI5oP4aS3dF";

fn pair(number: usize) -> (String, String) {
    (
        format!("PKROTATION{number:010}"),
        format!("secret-of-{number:010}-{TAIL}"),
    )
}

fn figures(mode: &str, rotations: usize) -> HashMap<String, i64> {
    let sandbox = Options::new()
        .rate_limit(u32::MAX)
        .start()
        .expect("a server");
    sandbox.record(false);
    assert!(sandbox.revoke_key(PAPER_KEY_ID));
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotation_load"))
        .args([
            mode,
            &sandbox.paper_port().to_string(),
            &rotations.to_string(),
        ])
        .env("SANDBOX_CA", sandbox.ca_pem())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the load starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdin
        .write_all(format!("{TAIL}\n").as_bytes())
        .expect("the pipe");
    let mut figures = HashMap::new();
    for line in stdout.lines() {
        let line = line.expect("text");
        let (what, rest) = line.split_once(' ').expect("two words");
        if what == "done" {
            for figure in rest.split(' ') {
                let (name, value) = figure.split_once('=').expect("a figure");
                figures.insert(name.to_owned(), value.parse().expect("a number"));
            }
            continue;
        }
        let number: usize = rest.parse().expect("a number");
        let (id, secret) = pair(number);
        let answer = match what {
            "new" if number >= STRANGE => format!("{id}\n{secret}\n"),
            "new" => {
                sandbox.add_paper_key(&id, &secret);
                format!("{id}\n{secret}\n")
            }
            "again" => format!("{id}\n{secret}\n"),
            _ => {
                assert!(sandbox.revoke_key(&id), "{id} was not valid");
                "ok\n".to_owned()
            }
        };
        stdin.write_all(answer.as_bytes()).expect("the pipe");
    }
    assert!(child.wait().expect("it ends").success());
    figures
}

#[test]
fn ten_thousand_rotations_lose_no_request_and_leave_no_secret() {
    let figures = figures("rotate", ROTATIONS);
    println!("{figures:?}");
    assert_eq!(figures["failed"], 0, "{figures:?}");
    assert_eq!(figures["uses"], 0, "{figures:?}");
    // Every strange key was refused once: so refusals are seen, and trials take place.
    assert!(figures["refusals"] >= ROTATIONS as i64 / 16, "{figures:?}");
    assert!(figures["requests"] > ROTATIONS as i64, "{figures:?}");
    // Nine tenths of the rotations leave the heap as the first tenth did.
    assert!(figures["grown"].abs() <= 8192, "{figures:?}");
    assert_eq!((figures["held"], figures["after"]), (1, 0), "{figures:?}");
}

#[test]
fn the_scan_finds_a_copy_that_is_kept() {
    let figures = figures("kept-copy", 8);
    assert!(figures["held"] > 1 && figures["after"] > 0, "{figures:?}");
}
