//! The program `bars`, as a person runs it: with the built-in sandbox over both transports, and with wrong arguments.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bars"))
        .args(arguments)
        .env_remove("APCA_API_KEY_ID")
        .env_remove("APCA_API_SECRET_KEY")
        .env_remove("ALPACA_API_KEY")
        .env_remove("ALPACA_SECRET_KEY")
        .env_remove("ALPACA_API_KEY_ID")
        .env_remove("ALPACA_API_SECRET_KEY")
        .output()
        .expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn ten_thousand_bars_are_drawn_in_the_same_memory_over_both_transports() {
    let mut drawn = Vec::new();
    for arguments in [
        &["--transport", "ureq"][..],
        &["AAPL", "--transport", "embedded-tls"],
        &["AAPL", "--page", "10000"],
    ] {
        let output = run(arguments);
        let said = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines[0].chars().count(), 64, "{said}");
        assert!(lines[1].starts_with("AAPL 10000 closes, "), "{said}");
        assert!(lines[2].starts_with("10000 bars on "), "{said}");
        let memory: usize = lines[2]
            .split_whitespace()
            .rev()
            .nth(1)
            .and_then(|bytes| bytes.parse().ok())
            .expect("a number of bytes");
        assert!(memory < 5000, "{said}");
        drawn.push(lines[..2].join("\n"));
    }
    assert_eq!(drawn[0], drawn[1]);
    assert_eq!(drawn[0], drawn[2]);
}

#[test]
fn what_cannot_be_drawn_is_said() {
    for (arguments, says) in [
        (&["--count", "many"][..], "must be a number"),
        (&["--page", "0"], "out of range"),
        (&["NOSUCH"], "not valid"),
        (&["AAPL", "MSFT"], "MSFT is not understood"),
        (&["--connect", "localhost:1"], "needs keys"),
        (&["--pages"], "--pages is not understood"),
    ] {
        let output = run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
}
