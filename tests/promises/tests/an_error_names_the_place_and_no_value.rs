//! The error of a client that finds no key names the file, entry or program at fault and says what to do.
//! What somebody put where a path was meant is not shown.

#![cfg(target_os = "linux")]

use std::process::{Command as Process, Stdio};

use alpaca_auth::environment::Paper;
use alpaca_auth::source::{FileFault, SourceError, SourceFault};
use alpaca_auth_promises::forms;
use alpaca_auth_promises::scratch::Scratch;
use alpaca_auth_ureq::source::{Command, Directory, File, KernelKeyring, Sources, Tpm};
use alpaca_auth_ureq::{Client, Error};

const SECRET: &str = "n0t/aReal+SecretQ7w2Zk9Xv4Lm1Rt8Yb3";
const NEW_SECRET: &str = "7kR2mVb9QpX4tZs8LwJ3nHc6YfD1gAe5UoI0xKqM";
const TOKEN: &str = "8d8c2a8e-4f1b-4c3d-9a7e-1b2c3d4e5f60";

/// The error of a client over `sources`: its text, and itself.
fn error(mut sources: Sources) -> (String, Error) {
    let error = match Client::<Paper>::from_sources(&mut sources) {
        Ok(_) => panic!("there is no key"),
        Err(error) => error,
    };
    let said = format!("{error}\n{error:?}\n{}", sources.explanation());
    for secret in [SECRET, NEW_SECRET, TOKEN, "hunter2"] {
        assert_eq!(forms::found(secret, &said), Vec::<&str>::new(), "{said}");
    }
    (error.to_string(), error)
}

#[test]
fn of_three_files_the_one_at_fault_is_named_with_the_remedy() {
    let scratch = Scratch::new("three");
    let pair = format!("PKTEST\n{SECRET}\n");
    let path = |name: &str| scratch.path(name);
    for (text, mode, remedy) in [
        (&*pair, 0o644, "chmod go= it"),
        ("PKTEST\n", 0o600, "set both, or neither"),
        ("", 0o600, "write the keys into it"),
    ] {
        let broken = scratch.file_of(mode, "second", text);
        let third = scratch.file_of(0o600, "third", &pair);
        let files = [path("first"), broken.clone(), third.clone()];
        let sources = files
            .into_iter()
            .map(File::at)
            .fold(Sources::new(), Sources::then);
        let (said, _) = error(sources);
        assert!(
            said.starts_with(&format!("file ({}): ", broken.display())) && said.contains(remedy),
            "{said}"
        );
        assert!(!said.contains("first") && !said.contains("third"), "{said}");
    }
    // Of a directory, the file in it.
    scratch.file_of(0o644, "alpaca-key-id", "PKTEST");
    let secret = scratch.file_of(0o666, "alpaca-secret-key", SECRET);
    let (said, error) = error(Sources::new().then(Directory::container_at(scratch.directory())));
    let start = format!(
        "container secrets ({}): alpaca-secret-key: others may read or change it",
        scratch.directory().display()
    );
    assert!(said.starts_with(&start) && secret.exists(), "{said}");
    // For a program there is the error without its place.
    let Error::Source(error) = error else {
        panic!("{error:?}");
    };
    let fault = FileFault::TooOpen { mode: 0o666 };
    let part = "alpaca-secret-key";
    assert!(
        matches!(error.error(), SourceError::Broken { fault: f, .. } if f == SourceFault::FileOf { part, fault })
    );
    assert_eq!(error.place(), scratch.directory().to_str().expect("text"));
}

#[test]
fn when_no_source_has_a_key_all_places_are_named() {
    let scratch = Scratch::new("none");
    let path = scratch.path("keys");
    let sources = Sources::new()
        .then(File::at(&path))
        .then(KernelKeyring::new());
    let (said, _) = error(sources);
    let path = path.display();
    assert_eq!(
        said,
        format!(
            "none of 2 sources has a key pair for paper; set one of them up. Asked: {path}; \
             user key alpaca-auth:paper in @s, @u"
        )
    );
    let (said, _) = error(Sources::new());
    assert_eq!(
        said,
        "none of 0 sources has a key pair for paper; set one of them up"
    );
}

#[test]
fn a_value_where_a_path_was_meant_is_not_shown() {
    for value in [
        SECRET,
        NEW_SECRET,
        TOKEN,
        &format!("/etc/{NEW_SECRET}"),
        &format!("keys/{SECRET}"),
        &format!("https://user:hunter2@{TOKEN}/keys"),
    ] {
        let (said, _) = error(Sources::new().then(File::at(value)));
        assert!(said.contains('…'), "{said}");
        let (said, _) = error(Sources::new().then(Directory::container_at(value)));
        assert!(said.contains('…'), "{said}");
        let (said, _) = error(Sources::new().then(Command::new(value)));
        assert!(said.contains('…'), "{said}");
        let (said, _) = error(Sources::new().then(Tpm::unseal_with("/none", value)));
        assert!(said.contains('…'), "{said}");
    }
    // Arguments, those in the name of the program too.
    let command = Command::new("/none/pass").argument("--password=hunter2");
    let (said, _) = error(Sources::new().then(command));
    assert_eq!(
        said,
        "command (/none/pass): there is no such program; install it or correct the path"
    );
    let (said, _) = error(Sources::new().then(Command::new("/none/pass --password hunter2")));
    assert!(said.starts_with("command (/none/pass …): "), "{said}");
    // A program that says it back.
    let command = Command::new("/bin/sh")
        .argument("-c")
        .argument("echo hunter2 hunter2; echo hunter2 >&2; exit 5");
    let (said, _) = error(Sources::new().then(command));
    assert!(
        said.starts_with("command (/bin/sh): it ended with 5"),
        "{said}"
    );
}

/// Variables are those of a process, so each case has one (`source_probe`).
#[test]
fn a_value_in_a_variable_that_makes_a_path_is_not_shown() {
    for (variable, value) in [
        ("XDG_CONFIG_HOME", format!("/{NEW_SECRET}")),
        ("HOME", format!("/{NEW_SECRET}")),
        ("CREDENTIALS_DIRECTORY", format!("/{NEW_SECRET}")),
        ("CREDENTIALS_DIRECTORY", SECRET.to_owned()),
        ("CREDENTIALS_DIRECTORY", TOKEN.to_owned()),
        ("XDG_CONFIG_HOME", SECRET.to_owned()),
    ] {
        let output = Process::new(env!("CARGO_BIN_EXE_source_probe"))
            .arg("standard")
            .env_clear()
            .env(variable, &value)
            .stdin(Stdio::null())
            .output()
            .expect("the probe runs");
        let said = String::from_utf8(output.stdout).expect("text");
        assert!(said.starts_with("none\n"), "{said}");
        for secret in [SECRET, NEW_SECRET, TOKEN] {
            assert_eq!(forms::found(secret, &said), Vec::<&str>::new(), "{said}");
        }
        // A directory that depends on the working directory is none that systemd made.
        let relative = variable == "CREDENTIALS_DIRECTORY" && !value.starts_with('/');
        assert_eq!(said.contains("give the absolute path"), relative, "{said}");
    }
}
