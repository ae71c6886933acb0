//! `doctor` gives each class of trouble its exit code, says what to do, and never shows a value.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use alpaca_auth::source::Names;
use alpaca_sandbox::{Misbehaviour, Options, PAPER_KEY_ID, PAPER_SECRET, Sandbox};
use serde_json::Value;

/// A machine with a home, a working directory, and a server.
struct Bench {
    root: PathBuf,
    sandbox: Sandbox,
}

struct Seen {
    code: i32,
    report: Value,
}

impl Bench {
    fn new(name: &str) -> Self {
        Self::with(name, Sandbox::start().expect("a server"))
    }

    fn with(name: &str, sandbox: Sandbox) -> Self {
        let root =
            std::env::temp_dir().join(format!("alpaca-doctor-{}-{name}", std::process::id()));
        drop(fs::remove_dir_all(&root));
        for directory in ["home", "here"] {
            fs::create_dir_all(root.join(directory)).expect("a directory");
        }
        fs::write(root.join("ca.pem"), sandbox.ca_pem()).expect("written");
        Self { root, sandbox }
    }

    fn write(&self, path: &str, content: &str, mode: u32) -> PathBuf {
        let path = self.root.join(path);
        let mut directories = fs::DirBuilder::new();
        // Whatever the umask: who can write to a key file's directory can exchange the file.
        directories.recursive(true).mode(0o755);
        let directory = path.parent().expect("a directory");
        directories.create(directory).expect("a directory");
        // One that is closed to writing cannot be written again.
        drop(fs::remove_file(&path));
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        path
    }

    fn write_pair(&self, id: &str, secret: &str) -> PathBuf {
        let path = self.write("credentials/alpaca-key-id", id, 0o600);
        self.write("credentials/alpaca-secret-key", secret, 0o600);
        let directory = path.parent().expect("a directory").to_owned();
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).expect("set");
        directory
    }

    fn command(&self, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doctor"));
        let names = Names::VARIABLES;
        for (id, secret) in names.pairs {
            command.env_remove(id).env_remove(secret);
        }
        for name in names.tokens.iter().chain(&names.base_url) {
            command.env_remove(name);
        }
        command
            .env_remove("CREDENTIALS_DIRECTORY")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("HISTFILE")
            .env("HOME", self.root.join("home"))
            .current_dir(self.root.join("here"))
            .envs(variables.iter().copied());
        command
    }

    fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = self.command(variables);
        command.args(arguments);
        if !arguments.contains(&"--connect") {
            command.args([
                "--connect",
                &format!("localhost:{}", self.sandbox.paper_port()),
            ]);
        }
        if !arguments.contains(&"--ca") {
            command.arg("--ca").arg(self.root.join("ca.pem"));
        }
        let output = command.output().expect("it runs");
        for said in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(said);
            assert!(
                !said.contains(PAPER_SECRET) && !said.contains(&PAPER_SECRET[..16]),
                "{said}"
            );
        }
        output
    }

    /// The same for a person has the same code and the same words.
    fn sees(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Seen {
        let output = self.run(variables, &[arguments, &["--json"]].concat());
        let report: Value = serde_json::from_slice(&output.stdout).expect("one line of JSON");
        let code = output.status.code().expect("it ends");
        assert_eq!(report["exit"], code);
        is_documented(&report);
        let text = self.run(variables, arguments);
        assert_eq!(text.status.code(), Some(code));
        let text = String::from_utf8(text.stdout).expect("text");
        for finding in report["findings"].as_array().expect("a list") {
            let class = format!("WRONG {}", finding["class"].as_str().expect("text"));
            assert!(text.contains(&class), "{text}");
        }
        for line in report["facts"]["sources"].as_array().expect("a list") {
            assert!(text.contains(line.as_str().expect("text")), "{text}");
        }
        Seen { code, report }
    }

    fn is(
        &self,
        code: i32,
        class: &str,
        part: &str,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Value {
        let seen = self.sees(variables, arguments);
        assert_eq!(seen.code, code, "{}", seen.report);
        assert_eq!(seen.report["verdict"], class);
        if code != 0 {
            assert_eq!(
                seen.report["findings"][0]["class"], class,
                "{}",
                seen.report
            );
        }
        assert!(
            seen.report.to_string().contains(part),
            "{part:?} is not in {}",
            seen.report
        );
        seen.report
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.root));
    }
}

/// Holds a report against what is documented, in words of this test: a name that changes breaks it.
fn is_documented(report: &Value) {
    fn names(value: &Value) -> Vec<&str> {
        let object = value.as_object().expect("an object");
        object.keys().map(String::as_str).collect()
    }
    let top = ["exit", "facts", "findings", "notes", "verdict", "version"];
    assert_eq!(names(report), top, "{report}");
    assert_eq!(report["version"], 1);
    assert!(
        report["notes"]
            .as_array()
            .expect("a list")
            .iter()
            .all(Value::is_string)
    );
    for finding in report["findings"].as_array().expect("a list") {
        assert_eq!(names(finding), ["class", "path", "text"]);
        assert!(finding["path"].is_string() || finding["path"].is_null());
        let class = finding["class"].as_str().expect("text");
        assert!(CODES.iter().any(|(name, _)| *name == class), "{class}");
        // A remedy stands behind a semicolon.
        assert!(
            finding["text"].as_str().expect("text").contains("; "),
            "{finding}"
        );
    }
    for (name, value) in report["facts"].as_object().expect("an object") {
        let known = FACTS.iter().find(|(known, _)| *known == name);
        let (_, kind) = known.unwrap_or_else(|| panic!("{name} is not documented"));
        let is_kind = match *kind {
            "boolean" => value.is_boolean(),
            "number" => value.is_u64() || name == "clock_skew_s" && value.is_null(),
            "text" => value.is_string(),
            _ => value
                .as_array()
                .is_some_and(|list| list.iter().all(Value::is_string)),
        };
        assert!(is_kind, "{name}: {value}");
    }
    let verdict = report["verdict"].as_str().expect("text");
    let code = report["exit"].as_i64().expect("a number");
    assert!(CODES.contains(&(verdict, code)), "{verdict} {code}");
    let classes: Vec<_> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| finding["class"].as_str().expect("text"))
        .collect();
    let first = CODES
        .iter()
        .skip(1)
        .find(|(name, _)| classes.contains(name));
    assert_eq!(verdict, first.map_or("ok", |(name, _)| name));
}

const CODES: [(&str, i64); 11] = [
    ("ok", 0),
    ("source", 10),
    ("permissions", 11),
    ("exposed", 12),
    ("environment", 13),
    ("connect", 14),
    ("tls", 15),
    ("http", 16),
    ("credential", 17),
    ("clock", 18),
    ("rate_limit", 19),
];

const FACTS: [(&str, &str); 20] = [
    ("sources", "list"),
    ("source", "text"),
    ("sandbox", "boolean"),
    ("server", "text"),
    ("key_looks_like", "text"),
    ("machine_time", "number"),
    ("tls", "text"),
    ("status", "number"),
    ("request_id", "text"),
    ("clock_skew_s", "number"),
    ("rate_remaining", "number"),
    ("rate_limit", "number"),
    ("searched_files", "number"),
    ("searched_bytes", "number"),
    ("searched_git_bytes", "number"),
    ("searched_all", "boolean"),
    ("git_objects", "text"),
    ("git_repository", "text"),
    ("core_dumps", "boolean"),
    ("swap_on_disk", "boolean"),
];

#[test]
fn help_documents_each_exit_code_and_each_name_in_json() {
    let bench = Bench::new("help");
    let output = bench.command(&[]).arg("--help").output().expect("it runs");
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8(output.stdout).expect("text");
    for (name, code) in CODES {
        let lines = help.lines().filter(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(&*code.to_string()) && words.next() == Some(name)
        });
        assert_eq!(lines.count(), 1, "{name} {code} in {help}");
    }
    for (name, kind) in FACTS {
        let is_it = |line: &str| {
            line.split_whitespace().next() == Some(name) && line.contains(&format!(" {kind}"))
        };
        assert!(help.lines().any(is_it), "{name} in {help}");
    }
    for name in [
        "version 1",
        "verdict",
        "exit",
        "findings",
        "class",
        "text",
        "path",
        "notes",
        "facts",
    ] {
        assert!(help.contains(name), "{name} in {help}");
    }
}

const KEYS: [(&str, &str); 2] = [
    ("APCA_API_KEY_ID", PAPER_KEY_ID),
    ("APCA_API_SECRET_KEY", PAPER_SECRET),
];

#[test]
fn health_is_0_over_both_transports_and_the_winning_source_is_named() {
    let bench = Bench::new("health");
    for transport in ["ureq", "embedded-tls"] {
        let report = bench.is(
            0,
            "ok",
            "environment variables",
            &KEYS,
            &["--transport", transport],
        );
        assert_eq!(report["facts"]["source"], "environment variables");
        assert_eq!(report["facts"]["status"], 200);
        assert_eq!(report["facts"]["rate_limit"], 200);
        assert!(
            report["facts"]["clock_skew_s"]
                .as_u64()
                .is_some_and(|skew| skew < 5)
        );
        assert_eq!(report["facts"]["searched_all"], true);
        assert!(
            report["facts"]["tls"]
                .as_str()
                .is_some_and(|tls| tls.contains(transport))
        );
    }
}

#[test]
fn without_keys_it_examines_the_built_in_sandbox() {
    let bench = Bench::new("sandbox");
    let output = bench.command(&[]).arg("--json").output().expect("it runs");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["facts"]["source"], "the built-in sandbox");
    assert_eq!(report["facts"]["sandbox"], true);
    assert_eq!(report["facts"]["status"], 200);
    is_documented(&report);
    // Nobody takes that for health.
    assert!(
        report["notes"][0]
            .as_str()
            .expect("text")
            .contains("no key"),
        "{report}"
    );
    let output = bench.command(&[]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(
        text.contains("\nok\nNOTE  there is no key on this machine"),
        "{text}"
    );
    // A fleet says that a machine has to have a key.
    let output = bench
        .command(&[])
        .args(["--need-key", "--json"])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(10));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    is_documented(&report);
    let text = report["findings"][0]["text"].as_str().expect("text");
    for part in [
        "APCA_API_KEY_ID",
        "APCA_API_SECRET_KEY",
        "~/.config/alpaca-auth/paper",
        "chmod 600",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn usage_is_2() {
    let bench = Bench::new("usage");
    for arguments in [
        &["--what"][..],
        &["--no-search", "--search", "x"],
        &["--now", "soon"],
        &["--container"],
        &["--transport", "pigeon"],
    ] {
        assert_eq!(
            bench.run(&KEYS, arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}

/// The lines of the chain: each begins with its number and sort, and ends as given.
fn chain(report: &Value, expected: &[(&str, &str)]) {
    let lines = report["facts"]["sources"].as_array().expect("a list");
    assert_eq!(lines.len(), expected.len(), "{report}");
    for (index, (line, (kind, end))) in lines.iter().zip(expected).enumerate() {
        let line = line.as_str().expect("text");
        assert!(
            line.starts_with(&format!("{}. {kind} (", index + 1))
                && line.contains(&format!("): {end}")),
            "{line}"
        );
    }
}

const NOT_SET_UP: &str = "passed over, it is not set up for this process";
const NOTHING: &str = "passed over, nothing is there";

#[test]
fn the_first_source_that_has_a_key_wins_and_the_chain_is_told() {
    let bench = Bench::new("chain");
    let file = bench.write(
        "home/.config/alpaca-auth/paper",
        &format!("{PAPER_KEY_ID}\n{PAPER_SECRET}\n"),
        0o600,
    );
    let report = bench.is(0, "ok", file.to_str().expect("text"), &[], &[]);
    assert_eq!(report["facts"]["source"], "file");
    assert_eq!(
        report["facts"]["sources"][0],
        format!("1. credentials directory ($CREDENTIALS_DIRECTORY is not set): {NOT_SET_UP}")
    );
    assert_eq!(
        report["facts"]["sources"][3],
        format!("4. file ({}): used", file.display())
    );
    // What is given to this process alone goes before, and the file is not asked, whatever it holds.
    fs::write(&file, "garbage").expect("written");
    let report = bench.is(0, "ok", "", &KEYS, &[]);
    chain(
        &report,
        &[
            ("credentials directory", NOT_SET_UP),
            ("container secrets", "passed over"),
            ("environment variables", "used"),
            ("file", "not asked"),
        ],
    );
    let directory = bench.write_pair(PAPER_KEY_ID, PAPER_SECRET);
    let wrong = [
        KEYS[0],
        ("APCA_API_SECRET_KEY", "another-secret"),
        ("CREDENTIALS_DIRECTORY", directory.to_str().expect("text")),
    ];
    let report = bench.is(0, "ok", "", &wrong, &[]);
    chain(
        &report,
        &[
            ("credentials directory", "used"),
            ("container secrets", "not asked"),
            ("environment variables", "not asked"),
            ("file", "not asked"),
        ],
    );
    // Other credentials of a service are none of ours.
    fs::remove_file(directory.join("alpaca-key-id")).expect("removed");
    fs::rename(directory.join("alpaca-secret-key"), directory.join("other")).expect("renamed");
    let report = bench.is(17, "credential", "", &wrong, &[]);
    chain(
        &report,
        &[
            ("credentials directory", NOTHING),
            ("container secrets", "passed over"),
            ("environment variables", "used"),
            ("file", "not asked"),
        ],
    );
}

#[test]
fn a_source_without_a_usable_key_is_10() {
    let bench = Bench::new("source");
    let report = bench.is(
        10,
        "source",
        "none of 4 sources has a key pair for paper",
        &[],
        &[],
    );
    chain(
        &report,
        &[
            ("credentials directory", NOT_SET_UP),
            ("container secrets", "passed over"),
            ("environment variables", NOTHING),
            ("file", NOTHING),
        ],
    );
    bench.is(
        10,
        "source",
        "none of 4 sources has a key pair for live",
        &[],
        &["--live"],
    );
    // Of another kind.
    let token = [("APCA_API_OAUTH_TOKEN", PAPER_SECRET)];
    bench.is(
        10,
        "source",
        "a credential of another kind only",
        &token,
        &[],
    );
    bench.is(
        10,
        "source",
        "holds a quote",
        &[KEYS[0], ("APCA_API_SECRET_KEY", "\"x")],
        &[],
    );
    let directory = bench.write_pair(PAPER_KEY_ID, PAPER_SECRET);
    let secret = directory.join("alpaca-secret-key");
    let variables = [
        KEYS[0],
        KEYS[1],
        ("CREDENTIALS_DIRECTORY", directory.to_str().expect("text")),
    ];
    fs::write(&secret, "").expect("written");
    bench.is(10, "source", "alpaca-secret-key is empty", &variables, &[]);
    fs::remove_file(&secret).expect("removed");
    symlink(directory.join("alpaca-key-id"), &secret).expect("a link");
    let report = bench.is(10, "source", "symbolic link", &variables, &[]);
    assert_eq!(
        report["findings"][0]["path"],
        secret.to_str().expect("text")
    );
    // Half a pair there is not completed from the environment.
    fs::remove_file(&secret).expect("removed");
    bench.is(10, "source", "alpaca-secret-key is not", &variables, &[]);
}

#[test]
fn half_a_pair_in_the_environment_is_10_and_the_users_file_does_not_complete_it() {
    let bench = Bench::new("half");
    let pair = format!("{PAPER_KEY_ID}\n{PAPER_SECRET}\n");
    bench.write("home/.config/alpaca-auth/paper", &pair, 0o600);
    for half in KEYS {
        let report = bench.is(10, "source", "set both, or neither", &[half], &[]);
        chain(
            &report,
            &[
                ("credentials directory", NOT_SET_UP),
                ("container secrets", "passed over"),
                ("environment variables", "stopped here"),
                ("file", "not asked"),
            ],
        );
        assert!(
            report["facts"]["source"].is_null() && report["facts"]["status"].is_null(),
            "{report}"
        );
    }
    // Nor do two names of two programs make a pair.
    let mixed = [KEYS[0], ("ALPACA_API_SECRET_KEY", PAPER_SECRET)];
    bench.is(10, "source", "APCA_API_SECRET_KEY is not", &mixed, &[]);
}

#[test]
fn a_users_file_that_is_broken_is_10() {
    let bench = Bench::new("file");
    let file = "home/.config/alpaca-auth/paper";
    for (content, part) in [
        ("", "it is empty"),
        ("\u{feff}PK\nsecret\n", "byte order mark"),
        ("APCA_API_KEY_ID=PK\n", "APCA_API_SECRET_KEY is not"),
        ("PK\nsecret\nmore\n", "more than two lines"),
        ("{\"key_id\": 1}", "no string"),
    ] {
        let path = bench.write(file, content, 0o600);
        let report = bench.is(10, "source", part, &[], &[]);
        assert_eq!(report["findings"][0]["path"], path.to_str().expect("text"));
    }
    let path = bench.root.join(file);
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("a directory");
    bench.is(10, "source", "no regular file", &[], &[]);
    // The file of the other environment is not for this one.
    fs::remove_dir(&path).expect("removed");
    bench.write("home/.config/alpaca-auth/live", "PK\nsecret\n", 0o600);
    bench.is(10, "source", "none of 4 sources", &[], &[]);
}

#[test]
fn a_container_secret_that_is_broken_is_10() {
    let bench = Bench::new("container");
    let id = bench.write("secrets/alpaca-key-id", PAPER_KEY_ID, 0o444);
    let secret = bench.write("secrets/alpaca-secret-key", PAPER_SECRET, 0o444);
    let directory = bench.root.join("secrets");
    let arguments = ["--container", directory.to_str().expect("text")];
    // Runtimes mount them readable by all in the container.
    let report = bench.is(0, "ok", "", &[], &arguments);
    assert_eq!(report["facts"]["source"], "container secrets");
    assert_eq!(
        report["facts"]["sources"][4],
        format!("5. container secrets ({}): used", directory.display())
    );
    fs::remove_file(&secret).expect("removed");
    bench.is(10, "source", "alpaca-secret-key is not", &[], &arguments);
    let outside = bench.write("outside", PAPER_SECRET, 0o444);
    symlink(&outside, &secret).expect("a link");
    let report = bench.is(10, "source", "a link out of its directory", &[], &arguments);
    assert_eq!(
        report["findings"][0]["path"],
        secret.to_str().expect("text")
    );
    fs::remove_file(&secret).expect("removed");
    bench.write("secrets/alpaca-secret-key", "", 0o444);
    bench.is(10, "source", "alpaca-secret-key is empty", &[], &arguments);
    let report = bench.is(
        10,
        "source",
        "no directory",
        &[],
        &["--container", id.to_str().expect("text")],
    );
    assert_eq!(report["findings"][0]["path"], id.to_str().expect("text"));
    bench.write("secrets/alpaca-secret-key", PAPER_SECRET, 0o666);
    bench.is(11, "permissions", "mode 0666", &[], &arguments);
}

#[test]
fn a_source_that_others_can_read_is_11() {
    let bench = Bench::new("permissions");
    let directory = bench.write_pair(PAPER_KEY_ID, PAPER_SECRET);
    let secret = directory.join("alpaca-secret-key");
    let variables = [("CREDENTIALS_DIRECTORY", directory.to_str().expect("text"))];
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
    };
    // systemd lets a service's user in by an access control list, which shows as the group's right.
    for mode in [0o600, 0o400, 0o440] {
        set(&secret, mode);
        let report = bench.is(0, "ok", "credentials directory", &variables, &[]);
        assert!(report["findings"].as_array().is_some_and(Vec::is_empty));
    }
    for mode in [0o644, 0o604, 0o602, 0o620] {
        set(&secret, mode);
        let report = bench.is(11, "permissions", "replace the key", &variables, &[]);
        assert_eq!(
            report["findings"][0]["path"],
            secret.to_str().expect("text")
        );
        assert!(report["facts"]["status"].is_null(), "it is not taken");
    }
    set(&secret, 0o600);
    set(&directory, 0o777);
    let report = bench.is(11, "permissions", "mode 0777", &variables, &[]);
    assert_eq!(report["findings"][0]["path"], variables[0].1);

    let pair = format!("{PAPER_KEY_ID}\n{PAPER_SECRET}\n");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        let file = bench.write("home/.config/alpaca-auth/paper", &pair, mode);
        let report = bench.is(11, "permissions", "chmod go= it", &[], &[]);
        assert_eq!(report["findings"][0]["path"], file.to_str().expect("text"));
        assert!(report["facts"]["status"].is_null(), "it is not taken");
    }
}

#[test]
fn a_source_that_others_can_exchange_is_11() {
    let bench = Bench::new("exchange");
    let pair = format!("{PAPER_KEY_ID}\n{PAPER_SECRET}\n");
    let file = bench.write("home/.config/alpaca-auth/paper", &pair, 0o600);
    let directory = file.parent().expect("a directory");
    for mode in [0o777, 0o775] {
        fs::set_permissions(directory, fs::Permissions::from_mode(mode)).expect("set");
        let report = bench.is(11, "permissions", "chmod go-w the directory", &[], &[]);
        assert_eq!(report["findings"][0]["path"], file.to_str().expect("text"));
        assert!(report["facts"]["status"].is_null(), "it is not taken");
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).expect("set");
    bench.is(0, "ok", "", &[], &[]);
}

/// Only root can give files away, and CI is root.
#[test]
fn a_source_of_another_user_is_11() {
    let bench = Bench::new("owner");
    let pair = format!("{PAPER_KEY_ID}\n{PAPER_SECRET}\n");
    let file = bench.write("home/.config/alpaca-auth/paper", &pair, 0o600);
    let other = 12_345;
    let give = |path: &Path, owner| std::os::unix::fs::chown(path, Some(owner), None);
    if give(&file, other).is_err() {
        println!("SKIPPED part: sources of other users: only root can make them");
        return;
    }
    let refused = |path: &Path, variables: &[(&str, &str)], arguments: &[&str], part: &str| {
        let report = bench.is(11, "permissions", part, variables, arguments);
        let text = report["findings"][0]["text"].as_str().expect("text");
        assert!(text.contains("12345") && text.contains("user 0"), "{text}");
        assert_eq!(report["findings"][0]["path"], path.to_str().expect("text"));
        assert!(report["facts"]["status"].is_null(), "it is not taken");
    };
    refused(&file, &[], &[], "chown it");
    // Nor does a good source behind it count.
    let directory = bench.write_pair(PAPER_KEY_ID, PAPER_SECRET);
    let container = ["--container", directory.to_str().expect("text")];
    refused(&file, &[], &container, "chown it");
    give(&file, 0).expect("given back");
    let of_file = file.parent().expect("a directory");
    give(of_file, other).expect("given away");
    refused(&file, &[], &[], "into a directory of that user");
    give(of_file, 0).expect("given back");
    bench.is(0, "ok", "", &[], &[]);
    fs::remove_file(&file).expect("removed");

    let secret = directory.join("alpaca-secret-key");
    let variables = [("CREDENTIALS_DIRECTORY", directory.to_str().expect("text"))];
    give(&secret, other).expect("given away");
    refused(&secret, &variables, &[], "chown it");
    // A container's secret keeps the owner that it has outside; the directory is the runtime's.
    bench.is(0, "ok", "container secrets", &[], &container);
    give(&secret, 0).expect("given back");
    give(&directory, other).expect("given away");
    refused(&directory, &variables, &[], "chown it");
    refused(&directory, &[], &container, "chown it");
}

#[test]
fn a_secret_in_a_history_or_an_open_file_is_12() {
    let bench = Bench::new("exposed");
    let line = format!("export APCA_API_SECRET_KEY={PAPER_SECRET}\n");
    // A history counts whoever can read it.
    for (path, mode) in [
        ("home/.bash_history", 0o600),
        ("home/.zsh_history", 0o644),
        ("home/.local/share/fish/fish_history", 0o600),
    ] {
        let path = bench.write(path, &line, mode);
        let report = bench.is(12, "exposed", "delete the line", &KEYS, &[]);
        assert_eq!(report["findings"][0]["path"], path.to_str().expect("text"));
        assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
        fs::remove_file(path).expect("removed");
    }
    let elsewhere = bench.write("elsewhere", &line, 0o600);
    let history = [
        KEYS[0],
        KEYS[1],
        ("HISTFILE", elsewhere.to_str().expect("text")),
    ];
    bench.is(12, "exposed", "elsewhere", &history, &[]);
    for path in ["home/.bashrc", "here/.env", "here/deep/er/notes.txt"] {
        let path = bench.write(path, &line, 0o644);
        bench.is(12, "exposed", path.to_str().expect("text"), &KEYS, &[]);
        // In a file of one's own it may stand.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        bench.is(0, "ok", "", &KEYS, &[]);
        fs::remove_file(path).expect("removed");
    }
}

#[test]
fn what_is_no_exposure_is_not_called_one() {
    let bench = Bench::new("unexposed");
    bench.write(
        "home/.bash_history",
        &format!("echo {}\n", &PAPER_SECRET[1..]),
        0o644,
    );
    bench.write("here/key-id", PAPER_KEY_ID, 0o644);
    bench.write("here/target/built", PAPER_SECRET, 0o644);
    // A link is not followed, a pipe not opened, a directory no file.
    let outside = bench.write("outside", PAPER_SECRET, 0o644);
    symlink(&outside, bench.root.join("here/link")).expect("a link");
    symlink(&outside, bench.root.join("home/.python_history")).expect("a link");
    symlink(bench.root.join("here"), bench.root.join("here/loop")).expect("a link");
    assert!(
        Command::new("mkfifo")
            .arg(bench.root.join("here/pipe"))
            .status()
            .expect("mkfifo")
            .success()
    );
    assert!(
        Command::new("mkfifo")
            .arg(bench.root.join("home/.zsh_history"))
            .status()
            .expect("mkfifo")
            .success()
    );
    fs::create_dir(bench.root.join("home/.netrc")).expect("a directory");
    bench.is(0, "ok", "", &KEYS, &[]);
    bench.write("here/.env", PAPER_SECRET, 0o644);
    bench.is(12, "exposed", ".env", &KEYS, &[]);
    bench.is(0, "ok", "", &KEYS, &["--no-search"]);
    let elsewhere = bench.root.join("home");
    bench.is(
        0,
        "ok",
        "",
        &KEYS,
        &["--search", elsewhere.to_str().expect("text")],
    );
}

#[test]
fn a_path_that_holds_the_secret_or_controls_a_terminal_is_not_shown_as_it_is() {
    let bench = Bench::new("paths");
    let name = PAPER_SECRET.replace('/', "");
    let keys = [KEYS[0], ("APCA_API_SECRET_KEY", name.as_str())];
    bench.write(&format!("here/{name}"), &name, 0o644);
    let output = bench.run(&keys, &["--json"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("(a path that holds the secret)") && !said.contains(&name),
        "{said}"
    );
    let repository = bench.root.join("here").join(format!("in-{name}"));
    fs::create_dir_all(repository.join(".git")).expect("a directory");
    let output = bench.run(
        &keys,
        &["--json", "--search", repository.to_str().expect("text")],
    );
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("git_repository") && !said.contains(&name),
        "{said}"
    );
    bench.write("here/a\u{1b}[2Jb", &name, 0o644);
    let output = bench.run(&keys, &[]);
    assert!(
        !output.stdout.contains(&0x1b),
        "an escape reached the terminal"
    );
    let directory = bench.root.join("a\u{1b}[2Jb");
    let variables = [("CREDENTIALS_DIRECTORY", directory.to_str().expect("text"))];
    bench.write("a\u{1b}[2Jb/alpaca-key-id", PAPER_KEY_ID, 0o644);
    let output = bench.run(&variables, &[]);
    assert!(
        !output.stdout.contains(&0x1b) && output.status.code() == Some(11),
        "an escape reached the terminal"
    );
}

#[test]
fn a_secret_in_a_git_repository_is_12_even_in_an_old_commit() {
    let bench = Bench::new("git");
    let here = bench.root.join("here");
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(["-c", "user.name=test", "-c", "user.email=test@localhost"])
            .args(arguments)
            .current_dir(&here)
            .env("HOME", bench.root.join("home"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.expect("git is there").success(), "{arguments:?}");
    };
    git(&["init"]);
    bench.write("here/README", "nothing", 0o644);
    git(&["add", "."]);
    git(&["commit", "-m", "one"]);
    let report = bench.is(0, "ok", "", &KEYS, &[]);
    assert!(
        report["facts"]["searched_git_bytes"]
            .as_u64()
            .is_some_and(|bytes| bytes > 100),
        "{report}"
    );
    // Git is asked about this repository, whatever variables say.
    let elsewhere = bench.root.join("elsewhere.git");
    git(&["init", "--bare", elsewhere.to_str().expect("text")]);
    let other = [
        KEYS[0],
        KEYS[1],
        ("GIT_DIR", elsewhere.to_str().expect("text")),
    ];
    let report = bench.is(0, "ok", "", &other, &[]);
    assert!(
        report["facts"]["searched_git_bytes"]
            .as_u64()
            .is_some_and(|bytes| bytes > 100),
        "{report}"
    );
    // A private file, not committed yet.
    let file = bench.write("here/deep/keys", PAPER_SECRET, 0o600);
    bench.is(12, "exposed", "inside a git repository", &KEYS, &[]);
    git(&["add", "."]);
    git(&["commit", "-m", "two"]);
    fs::remove_file(&file).expect("removed");
    git(&["commit", "-a", "-m", "three"]);
    // Gone from the tree, and in the objects still, loose or packed; also from a directory below.
    bench.is(12, "exposed", "old commit", &KEYS, &[]);
    git(&["gc"]);
    let below = here.join("deep");
    fs::create_dir_all(&below).expect("a directory");
    bench.is(
        12,
        "exposed",
        "old commit",
        &KEYS,
        &["--search", below.to_str().expect("text")],
    );
}

#[test]
fn what_was_not_searched_is_said() {
    let bench = Bench::new("unsearched");
    let all = |report: &Value| {
        report["facts"]["searched_all"] == true && !report["notes"].to_string().contains("--search")
    };
    assert!(all(&bench.is(0, "ok", "", &KEYS, &[])));
    let said = |report: &Value| {
        report["facts"]["searched_all"] == false
            && report["notes"][0]
                .as_str()
                .is_some_and(|note| note.contains("--search"))
    };
    // Too deep, and too large.
    bench.write("here/1/2/3/4/5/6/keys", "x", 0o600);
    assert!(said(&bench.is(0, "ok", "", &KEYS, &[])));
    fs::remove_dir_all(bench.root.join("here/1")).expect("removed");
    let large = bench.write("here/large", "", 0o644);
    let file = fs::OpenOptions::new()
        .write(true)
        .open(large)
        .expect("a file");
    file.set_len((16 << 20) + 1).expect("it grows");
    assert!(said(&bench.is(0, "ok", "", &KEYS, &[])));
    file.set_len(1).expect("it shrinks");
    assert!(all(&bench.is(0, "ok", "", &KEYS, &[])));
    // A repository that git does not take.
    fs::create_dir(bench.root.join("here/.git")).expect("a directory");
    let report = bench.is(0, "ok", "git refuses this repository", &KEYS, &[]);
    assert!(said(&report), "{report}");
}

/// The limit is that of the shell that starts it.
#[cfg(target_os = "linux")]
#[test]
fn core_dumps_that_would_hold_the_key_are_said() {
    let bench = Bench::new("cores");
    let under = |limit: &str| {
        let doctor = bench.command(&KEYS);
        let mut shell = Command::new("sh");
        shell
            .args([
                "-c",
                "ulimit -S -c \"$1\" || exit 99; shift; exec \"$@\"",
                "sh",
                limit,
            ])
            .arg(doctor.get_program())
            .args(["--json", "--no-search", "--connect", "localhost:1"])
            .env_clear()
            .envs(
                doctor
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
        let output = shell
            .current_dir(bench.root.join("here"))
            .output()
            .expect("it runs");
        (output.status.code() != Some(99)).then(|| {
            let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            is_documented(&report);
            let said = report["notes"].to_string().contains("ulimit -c 0");
            assert_eq!(report["facts"]["core_dumps"], said, "{report}");
            said
        })
    };
    assert_eq!(under("0"), Some(false));
    match under("1000") {
        Some(said) => assert!(said, "it is not said"),
        None => println!("SKIPPED part: the hard limit allows no core dumps here"),
    }
}

#[test]
fn a_key_that_looks_like_another_environments_is_13() {
    let live_looks = "AKSANDBOX00000000001";
    let sandbox = Options::new()
        .paper_keys(live_looks, PAPER_SECRET)
        .start()
        .expect("a server");
    let bench = Bench::with("environment", sandbox);
    let keys = [("APCA_API_KEY_ID", live_looks), KEYS[1]];
    let report = bench.is(
        13,
        "environment",
        "give --live, or set a paper key",
        &keys,
        &[],
    );
    assert_eq!(
        report["facts"]["status"], 200,
        "it is evidence, and the server decides"
    );
    let paper = bench.sees(&KEYS, &["--live"]);
    assert_eq!(paper.code, 13, "{}", paper.report);
    assert!(paper.report.to_string().contains("leave --live out"));
    // What stands beside a key is no guess: it is not sent.
    let url = ("APCA_API_BASE_URL", "https://api.alpaca.markets");
    let keys = [KEYS[0], KEYS[1], url];
    let report = bench.is(
        13,
        "environment",
        "the URL beside it is that of live",
        &keys,
        &[],
    );
    assert!(report["facts"]["status"].is_null());
}

#[test]
fn no_connection_is_14() {
    let bench = Bench::new("connect");
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("bound")
        .port();
    for transport in ["ureq", "embedded-tls"] {
        bench.is(
            14,
            "connect",
            "check the network",
            &KEYS,
            &[
                "--connect",
                &format!("localhost:{port}"),
                "--transport",
                transport,
            ],
        );
    }
}

#[test]
fn a_server_that_is_not_verified_is_15() {
    let bench = Bench::new("tls");
    let other = Sandbox::start().expect("a server");
    let ca = bench.write("other.pem", other.ca_pem(), 0o644);
    let ca = ca.to_str().expect("text");
    for transport in ["ureq", "embedded-tls"] {
        bench.is(
            15,
            "tls",
            "",
            &KEYS,
            &["--ca", ca, "--transport", transport],
        );
    }
    // A wrong clock looks like a wrong certificate. One that was never set is seen before.
    let (never, late) = ("1700000000", "4107542400");
    for (now, transport, code, class) in [
        (never, "ureq", 15, "tls"),
        (never, "embedded-tls", 18, "clock"),
        (late, "ureq", 15, "tls"),
        (late, "embedded-tls", 15, "tls"),
    ] {
        let arguments = ["--now", now, "--transport", transport];
        let report = bench.is(code, class, "clock", &KEYS, &arguments);
        let note = report["notes"][0].as_str().expect("text");
        let date = ["2023-11-14 22:13 UTC", "2100-03-01 00:00 UTC"][usize::from(now == late)];
        assert!(note.contains(date), "{note}");
    }
    assert!(bench.sandbox.requests().is_empty(), "a byte was sent");
}

#[test]
fn no_proper_answer_is_16() {
    let bench = Bench::new("http");
    for misbehaviour in [
        Misbehaviour::Raw(
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd".to_vec(),
        ),
        Misbehaviour::CloseWithoutAnswer,
        Misbehaviour::ServerError(503),
        Misbehaviour::Redirect {
            status: 302,
            location: "https://elsewhere.example/".to_owned(),
        },
    ] {
        bench.sandbox.misbehave_always(Some(misbehaviour));
        bench.is(16, "http", "", &KEYS, &[]);
    }
}

#[test]
fn a_key_that_the_server_refuses_is_17_and_its_words_are_not_repeated() {
    let bench = Bench::new("credential");
    let keys = [KEYS[0], ("APCA_API_SECRET_KEY", "another-secret")];
    bench.is(17, "credential", "", &keys, &[]);
    // A server that says the secret back.
    let body = format!(r#"{{"code":40110000,"message":"no such key {PAPER_SECRET}"}}"#);
    let answer = format!(
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    bench
        .sandbox
        .misbehave_always(Some(Misbehaviour::Raw(answer.into_bytes())));
    bench.is(17, "credential", "", &KEYS, &[]);
}

#[test]
fn a_clock_that_differs_is_18() {
    let bench = Bench::new("clock");
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    bench.is(
        18,
        "clock",
        "ahead of the server's",
        &KEYS,
        &["--now", &(now + 3600).to_string()],
    );
    bench.is(
        18,
        "clock",
        "behind the server's",
        &KEYS,
        &["--now", &(now - 3600).to_string()],
    );
    bench.is(0, "ok", "", &KEYS, &["--now", &(now + 20).to_string()]);
}

#[test]
fn a_rate_limit_that_is_used_up_or_nearly_is_19() {
    // A new minute must not begin between the calls, so each is judged by what its own answer says.
    let bench = Bench::with(
        "rate",
        Options::new().rate_limit(0).start().expect("a server"),
    );
    bench.is(19, "rate_limit", "", &KEYS, &[]);
    let bench = Bench::new("nearly");
    let body = r#"{"id":"1","status":"ACTIVE"}"#;
    for (remaining, code, class) in [(19, 19, "rate_limit"), (20, 0, "ok")] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\nX-RateLimit-Limit: 200\r\nX-RateLimit-Remaining: {remaining}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        bench
            .sandbox
            .misbehave_always(Some(Misbehaviour::Raw(answer.into_bytes())));
        bench.is(code, class, "", &KEYS, &[]);
    }
}

#[test]
fn the_first_class_in_order_decides() {
    let bench = Bench::new("order");
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
        + 3600;
    bench.write("here/.env", PAPER_SECRET, 0o644);
    let seen = bench.sees(&KEYS, &["--now", &now.to_string()]);
    assert_eq!(seen.code, 12);
    let classes: Vec<_> = seen.report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| finding["class"].clone())
        .collect();
    assert_eq!(classes, ["exposed", "clock"]);
    assert!(Path::new(&bench.root).exists());
}
