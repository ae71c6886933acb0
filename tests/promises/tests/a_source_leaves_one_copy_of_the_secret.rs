//! After a source filled a slot, the process's memory holds one copy of the secret; after drop, none.
//!
//! The scan runs in a process of its own (`source_probe`), which reads the pair that it compares with
//! from a pipe and wipes it before it counts.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use alpaca_auth_promises::scratch::Scratch;

const ID: &str = "PKTEST0000000000000";
const SECRET: &str = "n0t/aReal+SecretQ7w2Zk9Xv4Lm1Rt8Yb3";

/// The verdict, and the copies found while the slot is filled, and when it is gone.
fn copies(source: &str, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_source_probe"))
        .args(["--copies", source])
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the probe starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    write!(stdin, "{ID}\n{SECRET}").expect("the pair is read");
    drop(stdin);
    let output = child.wait_with_output().expect("the probe ends");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success());
    let mut lines = said.lines();
    format!(
        "{} {}",
        lines.next().expect("a verdict"),
        lines.next().expect("the counts")
    )
}

#[test]
fn one_copy_and_then_none() {
    let scratch = Scratch::new("copies-good");
    let lines = scratch.file("lines", format!("{ID}\n{SECRET}\n"));
    let lines = lines.display();
    let json = format!(
        r#"{{"key_id":"{ID}","secret_key":"{}"}}"#,
        SECRET.replace('/', "\\/")
    );
    let json = scratch.file("json", json);
    let dotenv = format!("APCA_API_KEY_ID={ID}\nAPCA_API_SECRET_KEY='{SECRET}'\n");
    let dotenv = scratch.file("dotenv", dotenv);
    scratch.file("alpaca-key-id", ID);
    scratch.file("alpaca-secret-key", format!("{SECRET}\n"));
    let directory = scratch.directory().display().to_string();
    for source in [
        format!("file:{lines}"),
        format!("file:{}", json.display()),
        format!("file:{}", dotenv.display()),
        format!("container:{directory}"),
        format!("command:/bin/cat,{lines}"),
    ] {
        assert_eq!(copies(&source, &[]), "same copies 1 0", "{source}");
    }
    let variables = [("CREDENTIALS_DIRECTORY", directory.as_str())];
    assert_eq!(copies("credentials", &variables), "same copies 1 0");
}

#[test]
fn none_when_the_source_is_broken() {
    let scratch = Scratch::new("copies-broken");
    let dotenv = format!("APCA_API_SECRET_KEY={SECRET}\n");
    let json = format!(r#"{{"key_id":"AK","secret_key":"{SECRET}"}}"#);
    for (name, text) in [
        ("half", format!("\n{SECRET}\n")),
        ("quotes", format!("{ID}\n'{SECRET}'\n")),
        ("three", format!("{ID}\n{SECRET}\n{SECRET}")),
        ("long", SECRET.repeat(1_000)),
        ("dotenv", dotenv),
        ("live", json.clone()),
    ] {
        let file = scratch.file(name, text);
        let source = format!("file:{}", file.display());
        assert_eq!(copies(&source, &[]), "none copies 0 0", "{name}");
    }
    let half = scratch.file("half", json);
    let source = format!("command:/bin/cat,{}", half.display());
    assert_eq!(copies(&source, &[]), "none copies 0 0");
}

/// The control, and a limit: the process's own environment is a copy that nobody can wipe.
#[test]
fn the_environment_keeps_its_own_copy_and_the_scan_sees_it() {
    let variables = [("APCA_API_KEY_ID", ID), ("APCA_API_SECRET_KEY", SECRET)];
    assert_eq!(copies("env", &variables), "same copies 2 1");
    assert!(Path::new("/proc/self/environ").exists());
}
