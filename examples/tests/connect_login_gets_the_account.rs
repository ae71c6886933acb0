//! A Connect login against the sandbox ends with the account, and no output holds a secret.

use std::process::{Command, Output};

use alpaca_sandbox::CONNECT_CLIENT_SECRET;

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_connect_login"))
        .args(arguments)
        .env_remove("APCA_CONNECT_CLIENT_ID")
        .env_remove("APCA_CONNECT_CLIENT_SECRET")
        .envs(environment.iter().copied())
        .output()
        .expect("it runs");
    let said = [stdout, stderr].concat();
    (status.success(), String::from_utf8(said).expect("text"))
}

#[test]
fn a_login_ends_with_the_account_that_was_asked_for() {
    for (arguments, environment, account, other) in [
        (&[][..], "paper account.", "PA3SANDBOX01", "real money"),
        (
            &["--live"],
            "live account: real money.",
            "912345678",
            "paper",
        ),
    ] {
        let arguments = [arguments, &["--auto", "--wait", "30"]].concat();
        let (success, said) = run(&arguments, &[]);
        assert!(success, "{said}");
        assert!(said.contains("scopes        trading\n"), "{said}");
        assert!(said.contains("orders        allowed\n"), "{said}");
        assert!(said.contains(environment), "{said}");
        assert!(!said.contains(other), "{said}");
        assert!(said.contains(account) && said.contains("ACTIVE"), "{said}");
        assert!(!said.contains(CONNECT_CLIENT_SECRET), "{said}");
    }
}

#[test]
fn a_read_only_login_is_told_from_one_that_may_trade() {
    let (success, said) = run(&["--auto", "--read-only", "--wait", "30"], &[]);
    assert!(success, "{said}");
    assert!(said.contains("scopes        read only\n"), "{said}");
    assert!(
        said.contains("not allowed: the user has not allowed trading"),
        "{said}"
    );
    assert!(said.contains("PA3SANDBOX01"), "{said}");
}

#[test]
fn a_user_who_does_not_come_back_is_an_error_that_says_so() {
    let (success, said) = run(&["--wait", "0"], &[]);
    assert!(!success && said.contains("begin the login anew"), "{said}");
}

#[test]
fn half_an_app_and_an_automatic_real_login_are_refused() {
    let half = [("APCA_CONNECT_CLIENT_ID", "x")];
    let (success, said) = run(&[], &half);
    assert!(!success && said.contains("set both"), "{said}");
    let whole = [half[0], ("APCA_CONNECT_CLIENT_SECRET", "not-a-real-secret")];
    let (success, said) = run(&["--auto"], &whole);
    assert!(!success && said.contains("a user decides"), "{said}");
    assert!(!said.contains("not-a-real-secret"), "{said}");
}
