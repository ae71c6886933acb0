//! The program `broker_token`, as a person runs it: with the built-in sandbox, and with half a client.

use std::process::{Command, Output};

fn run(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_broker_token"))
        .args(arguments)
        .env_remove("ALPACA_CLIENT_ID")
        .env_remove("ALPACA_CLIENT_SECRET")
        .env_remove("ALPACA_CLIENT_KEY_FILE")
        .env_remove("ALPACA_CLIENT_KEY_ID")
        .envs(variables.iter().copied())
        .output()
        .expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn without_a_client_the_sandbox_shows_a_token_its_use_and_its_replacement() {
    let output = run(&[], &[]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(
        said.matches("account 935142145 ACTIVE").count(),
        3,
        "{said}"
    );
    assert!(
        said.contains("token requests so far: 1\nthe token is revoked\n"),
        "{said}"
    );
    assert!(said.ends_with("token requests so far: 2\n"), "{said}");
}

#[test]
fn half_a_client_is_an_error_that_echoes_nothing() {
    for (variables, arguments) in [
        (&[("ALPACA_CLIENT_ID", "CLIENTID")][..], &[][..]),
        (&[("ALPACA_CLIENT_SECRET", "hush-hush")], &[]),
        (
            &[
                ("ALPACA_CLIENT_ID", "CLIENTID"),
                ("ALPACA_CLIENT_SECRET", "hush-hush"),
                ("ALPACA_CLIENT_KEY_FILE", "key.pem"),
            ],
            &[],
        ),
        (&[], &["--production"]),
    ] {
        let output = run(variables, arguments);
        assert!(!output.status.success());
        let said = text(&output.stderr);
        assert!(said.contains("the client is incomplete"), "{said}");
        assert!(
            !said.contains("hush-hush") && !said.contains("CLIENTID"),
            "{said}"
        );
    }
    let secret = ("ALPACA_CLIENT_SECRET", "hush hush");
    let output = run(&[("ALPACA_CLIENT_ID", "CLIENTID"), secret], &[]);
    assert_eq!(
        text(&output.stderr),
        "broker_token: the client secret holds a blank; check how it was copied\n"
    );
    let file = ("ALPACA_CLIENT_KEY_FILE", "no-such-file.pem");
    let output = run(&[("ALPACA_CLIENT_ID", "CLIENTID"), file], &[]);
    assert!(text(&output.stderr).contains("cannot read no-such-file.pem"));
}
