//! A key pair comes from one pair of variables, or the chain stops and names the one that is wrong.
//!
//! Each case is a process of its own (`source_probe`), since variables are those of a process.

#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use alpaca_auth_promises::forms;

const ID: &str = "PKTEST0000000000000";
const SECRET: &str = "n0t/aReal+SecretQ7w2Zk9Xv4Lm1Rt8Yb3";
const OTHER: &str = "another-s3cret-that-is-not-used-here";

/// What the probe prints, in an environment of `variables` alone.
fn probe(arguments: &[&str], variables: &[(&str, impl AsRef<OsStr>)]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_source_probe"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the probe starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    writeln!(stdin, "{ID}\n{SECRET}").expect("the pair is read");
    drop(stdin);
    let output = child.wait_with_output().expect("the probe ends");
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).expect("text");
    for secret in [SECRET, OTHER] {
        assert_eq!(forms::found(secret, &said), Vec::<&str>::new(), "{said}");
    }
    said
}

#[test]
fn each_pair_of_names_gives_the_pair() {
    for (id, secret) in [
        ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
        ("ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY"),
        ("ALPACA_API_KEY", "ALPACA_SECRET_KEY"),
    ] {
        let said = probe(&["env"], &[(id, ID), (secret, SECRET)]);
        assert!(said.starts_with("same\n"), "{said}");
        assert!(said.contains("1. environment variables ("), "{said}");
        assert!(said.contains("): used\n"), "{said}");
    }
}

#[test]
fn the_first_pair_counts_and_is_not_completed_from_another() {
    let first = [("APCA_API_KEY_ID", ID), ("APCA_API_SECRET_KEY", SECRET)];
    let second = [("ALPACA_API_KEY", "PKOTHER"), ("ALPACA_SECRET_KEY", OTHER)];
    let both = [first, second].concat();
    assert!(probe(&["env"], &both).starts_with("same\n"));
    for (set, missing) in [(0, 1), (1, 0)] {
        let half = [&[first[set]][..], &second].concat();
        let said = probe(&["env"], &half);
        let expected = format!(
            "environment variables: {} is set but {} is not; set both, or neither",
            first[set].0, first[missing].0
        );
        assert!(
            said.starts_with("none\n") && said.contains(&expected),
            "{said}"
        );
    }
}

#[test]
fn a_value_that_is_no_key_is_named_by_its_variable() {
    let quoted = format!("\"{SECRET}\"");
    let blank = format!("{SECRET} ");
    let line = format!("{SECRET}\r\n");
    let mark = format!("\u{feff}{SECRET}");
    let long = SECRET.repeat(4);
    let huge = SECRET.repeat(3000);
    let quote = format!("{SECRET}'");
    let control = format!("{SECRET}\u{7f}");
    for (value, expected) in [
        ("", "the value of APCA_API_SECRET_KEY is empty; set it"),
        (
            &quoted,
            "the value of APCA_API_SECRET_KEY stands in quotes; write it without them, since Windows' set",
        ),
        (&blank, "the value of APCA_API_SECRET_KEY holds a blank;"),
        (
            &line,
            "the value of APCA_API_SECRET_KEY holds a line break;",
        ),
        (
            &mark,
            "the value of APCA_API_SECRET_KEY holds a character that is not ASCII;",
        ),
        (&long, "the value of APCA_API_SECRET_KEY is too long;"),
        (&huge, "the value of APCA_API_SECRET_KEY is too long;"),
        (&quote, "the value of APCA_API_SECRET_KEY holds a quote;"),
        (
            &control,
            "the value of APCA_API_SECRET_KEY holds a control character;",
        ),
    ] {
        let variables = [("APCA_API_KEY_ID", ID), ("APCA_API_SECRET_KEY", value)];
        let said = probe(&["env"], &variables);
        assert!(
            said.starts_with("none\n") && said.contains(expected),
            "{said}"
        );
    }
}

#[test]
fn a_variable_that_is_set_to_nothing_or_to_no_text_does_not_lead_on() {
    let behind = [("ALPACA_API_KEY", ID), ("ALPACA_SECRET_KEY", SECRET)];
    let behind = behind.map(|(name, value)| (name, value.as_bytes()));
    for value in [&b""[..], b"\xff\xfe", b"PK\xe9"] {
        for (set, at_fault) in [
            (&[("APCA_API_KEY_ID", value)][..], "APCA_API_KEY_ID"),
            (&[("APCA_API_SECRET_KEY", value)], "APCA_API_SECRET_KEY"),
            (
                &[("APCA_API_KEY_ID", value), ("APCA_API_SECRET_KEY", value)],
                "APCA_API_KEY_ID",
            ),
        ] {
            let variables: Vec<_> = set
                .iter()
                .chain(&behind)
                .map(|(name, value)| (*name, OsStr::from_bytes(value)))
                .collect();
            let said = probe(&["env"], &variables);
            assert!(
                said.starts_with("none\n") && said.contains("stopped here, "),
                "{said}"
            );
            let stop = said.split("stopped here, ").nth(1).expect("a reason");
            assert!(
                stop.lines()
                    .next()
                    .is_some_and(|line| line.contains(at_fault)),
                "{said}"
            );
        }
    }
}

#[test]
fn a_live_key_does_not_fill_a_paper_slot() {
    let pair = |id| [("APCA_API_KEY_ID", id), ("APCA_API_SECRET_KEY", SECRET)];
    let said = probe(&["env"], &pair("AKTEST"));
    assert!(
        said.contains("the key id begins as live keys do, and one for paper is wanted;"),
        "{said}"
    );
    let said = probe(&["--live", "env"], &pair(ID));
    assert!(
        said.contains("the key id begins as paper keys do, and one for live is wanted;"),
        "{said}"
    );
    let host = ("APCA_API_BASE_URL", "https://api.alpaca.markets");
    let said = probe(&["env"], &[&pair(ID)[..], &[host]].concat());
    assert!(
        said.contains("the URL beside it is that of live, and one for paper"),
        "{said}"
    );
    // As people write it.
    for url in [
        "https://api.alpaca.markets/v2",
        "HTTPS://API.Alpaca.Markets",
        "https://api.alpaca.markets.:443",
        "https://user:word@api.alpaca.markets/",
        "https://a@b@api.alpaca.markets?x",
        "http://api.alpaca.markets",
        "api.alpaca.markets",
        " https://api.alpaca.markets\n",
        "wss://api.alpaca.markets/stream",
    ] {
        let said = probe(
            &["env"],
            &[&pair(ID)[..], &[("APCA_API_BASE_URL", url)]].concat(),
        );
        assert!(
            said.starts_with("none\n") && said.contains("that of live"),
            "{url}: {said}"
        );
    }
    for url in [
        "https://paper-api.alpaca.markets/v2",
        "",
        "https://api.alpaca.markets.example",
        "https://example/api.alpaca.markets",
        "https://api.alpaca.markets@example",
    ] {
        let said = probe(
            &["env"],
            &[&pair(ID)[..], &[("APCA_API_BASE_URL", url)]].concat(),
        );
        assert!(said.starts_with("same\n"), "{url}: {said}");
    }
    let long = "https://example/".repeat(40);
    for (url, expected) in [(&*long, "is too long"), ("https://bücher.example", "")] {
        let said = probe(
            &["env"],
            &[&pair(ID)[..], &[("APCA_API_BASE_URL", url)]].concat(),
        );
        assert!(said.contains(expected), "{url}: {said}");
    }
}

#[test]
fn a_token_is_no_pair_and_a_pair_no_token() {
    let token = (
        "APCA_API_OAUTH_TOKEN",
        "8d8c2a8e-0000-4000-8000-000000000000",
    );
    let said = probe(&["env"], &[token]);
    assert!(
        said.contains("passed over, it holds a credential of another kind only"),
        "{said}"
    );
    assert!(
        said.contains("none of 1 sources has a key pair for paper; set one of them up"),
        "{said}"
    );
    for name in ["APCA_API_OAUTH_TOKEN", "APCA_API_OAUTH"] {
        let said = probe(&["--token", "env"], &[(name, token.1)]);
        assert!(said.starts_with("same\n"), "{said}");
    }
    let pair = [("APCA_API_KEY_ID", ID), ("APCA_API_SECRET_KEY", SECRET)];
    let said = probe(&["--token", "env"], &pair);
    assert!(
        said.starts_with("none\n") && said.contains("another kind only"),
        "{said}"
    );
    // Half a pair is no concern of who wants the token.
    let said = probe(&["--token", "env"], &[token, pair[0]]);
    assert!(said.starts_with("same\n"), "{said}");
}

#[test]
fn the_standard_chain_says_what_it_tried() {
    let said = probe(&["standard"], &[("X", "")]);
    let lines: Vec<&str> = said.lines().skip(2).collect();
    assert_eq!(
        lines[0],
        "1. credentials directory ($CREDENTIALS_DIRECTORY is not set): passed over, it is not set up for this process"
    );
    assert!(
        lines[1].starts_with("2. container secrets (/run/secrets): passed over, "),
        "{said}"
    );
    assert!(
        lines[2].starts_with("3. environment variables (APCA_API_KEY_ID, "),
        "{said}"
    );
    assert!(
        lines[2].ends_with("): passed over, nothing is there"),
        "{said}"
    );
    assert_eq!(
        lines[3],
        "4. file (no home directory): passed over, it is not set up for this process"
    );
    assert_eq!(
        lines[4],
        "none of 4 sources has a key pair for paper; set one of them up"
    );
}
