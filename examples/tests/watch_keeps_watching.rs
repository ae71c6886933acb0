//! `watch` as a service manager meets it: what it prints, what it outlives, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use alpaca_auth::source::Names;
use alpaca_sandbox::{
    LIVE_KEY_ID, LIVE_SECRET, Misbehaviour, Options, PAPER_KEY_ID, PAPER_SECRET, Sandbox,
};

struct Bench {
    sandbox: Sandbox,
    folder: PathBuf,
}

impl Bench {
    fn new(name: &str) -> Self {
        Self::with(name, Options::new())
    }

    fn with(name: &str, options: Options) -> Self {
        let sandbox = options.start().expect("a server");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("watch-{name}"));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("ca.pem"), sandbox.ca_pem()).expect("the CA is written");
        Self { sandbox, folder }
    }

    /// `watch` against this sandbox, without keys.
    fn watch(&self, arguments: &[&str]) -> Command {
        let mut command = bare();
        let place = |port| format!("localhost:{port}");
        command.arg("--ca").arg(self.folder.join("ca.pem"));
        command.args(["--connect", &place(self.sandbox.paper_port())]);
        command.args(["--connect-data", &place(self.sandbox.data_port())]);
        command.args(arguments);
        command
    }

    fn with_keys(&self, arguments: &[&str]) -> Command {
        let mut command = self.watch(arguments);
        keys(&mut command, PAPER_KEY_ID, PAPER_SECRET);
        command
    }

    /// A credentials directory as systemd makes one.
    fn credentials(&self, files: &[(&str, &str)]) -> PathBuf {
        let folder = self.folder.join("credentials");
        drop(fs::remove_dir_all(&folder));
        fs::create_dir(&folder).expect("a folder");
        set(&folder, 0o700);
        for (name, value) in files {
            fs::write(folder.join(name), value).expect("a file");
            set(&folder.join(name), 0o400);
        }
        folder
    }

    /// The user's own file, in a home of its own.
    fn home(&self, content: &str, mode: u32) -> PathBuf {
        let home = self.folder.join("home");
        let file = home.join(".config/alpaca-auth/paper");
        let mut folders = fs::DirBuilder::new();
        // Whatever the umask: who can write to a key file's folder can exchange the file.
        folders.recursive(true).mode(0o755);
        folders
            .create(file.parent().expect("a folder"))
            .expect("a folder");
        fs::write(&file, content).expect("a file");
        set(&file, mode);
        home
    }
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watch"));
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
        .env(
            "HOME",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("nobody"),
        );
    command
}

fn keys(command: &mut Command, id: &str, secret: &str) {
    command
        .env("APCA_API_KEY_ID", id)
        .env("APCA_API_SECRET_KEY", secret);
}

/// Exit code, standard output, standard error; none of them with a secret.
fn run(command: &mut Command) -> (Option<i32>, String, String) {
    said(&command.output().expect("the program runs"))
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    for secret in [PAPER_SECRET, LIVE_SECRET, "WRONGSECRET"] {
        assert!(!out.contains(secret) && !err.contains(secret), "{err}");
    }
    (output.status.code(), out, err)
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

#[test]
fn a_round_is_one_line_and_connections_are_kept() {
    let bench = Bench::new("line");
    let (code, out, err) = run(&mut bench.with_keys(&["--rounds", "2", "--every", "0.9"]));
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out.lines().count(), 2);
    for line in out.lines() {
        holds(line, &["equity 100000", "USD", "AAPL 231.48/231.5"]);
        assert!(line.contains(" open ") || line.contains(" closed "));
    }
    holds(
        &err,
        &[
            "Keys from environment variables",
            "done after 2 rounds; the key is wiped",
        ],
    );
    assert_eq!(bench.sandbox.requests().len(), 6);
    assert_eq!(bench.sandbox.connections(), 2);
}

#[test]
fn without_keys_the_sandbox_answers_and_says_so() {
    let (code, out, err) = run(bare().args(["--rounds", "1", "--symbol", "MSFT"]));
    assert_eq!(code, Some(0), "{err}");
    holds(&out, &["MSFT 477.18/477.2"]);
    holds(&err, &["No keys", "sandbox", "APCA_API_KEY_ID"]);
    for arguments in [
        &["--live"][..],
        &["--connect", "localhost:1"],
        &["--connect-data", "localhost:1"],
    ] {
        let (code, out, err) = run(bare().args(arguments));
        assert_eq!((code, out.as_str()), (Some(1), ""));
        holds(&err, &["need keys"]);
    }
}

#[test]
fn the_embedded_transport_shows_the_same() {
    let bench = Bench::new("embedded");
    let arguments = ["--rounds", "1", "--transport", "embedded-tls"];
    let (code, out, err) = run(&mut bench.with_keys(&arguments));
    assert_eq!(code, Some(0), "{err}");
    holds(&out, &["equity 100000", "AAPL 231.48/231.5"]);
}

#[test]
fn a_lost_network_or_a_failing_server_is_outlived() {
    let bench = Bench::new("loss");
    for misbehaviour in [
        Misbehaviour::CloseWithoutAnswer,
        Misbehaviour::ServerError(503),
        Misbehaviour::TruncatedBody,
        Misbehaviour::GarbageJson,
        Misbehaviour::HtmlError(502),
    ] {
        let name = format!("{misbehaviour:?}");
        bench.sandbox.misbehave(misbehaviour);
        let (code, out, err) = run(&mut bench.with_keys(&["--rounds", "2"]));
        assert_eq!((code, out.lines().count()), (Some(0), 1), "{name}: {err}");
        holds(&err, &["next try in"]);
    }
}

#[test]
fn a_network_that_stays_lost_ends_with_the_reason_and_waits_longer_each_time() {
    let bench = Bench::new("gone");
    let mut command = bare();
    keys(&mut command, PAPER_KEY_ID, PAPER_SECRET);
    command.args(["--connect", "localhost:1", "--rounds", "3"]);
    let (code, out, err) = run(&mut command);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    let waits: Vec<f64> = err
        .lines()
        .filter_map(|line| {
            line.split_once("next try in ")?
                .1
                .split_once(' ')?
                .0
                .parse()
                .ok()
        })
        .collect();
    assert!(
        matches!(waits[..], [a, b] if (0.5..=1.0).contains(&a) && (1.0..=2.0).contains(&b)),
        "{err}"
    );
    holds(err.lines().last().expect("a reason"), &["no connection"]);
    drop(bench);
}

#[test]
fn an_impostor_gets_no_request() {
    let (bench, other) = (Bench::new("real"), Bench::new("impostor"));
    let ca = other.folder.join("ca.pem");
    let arguments = ["--rounds", "1", "--ca", ca.to_str().expect("a path")];
    let mut command = bare();
    keys(&mut command, PAPER_KEY_ID, PAPER_SECRET);
    let place = format!("localhost:{}", bench.sandbox.paper_port());
    let (code, out, err) = run(command.args(["--connect", &place]).args(arguments));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    holds(&err, &["certificate"]);
    assert!(bench.sandbox.requests().is_empty());
}

#[test]
fn too_many_requests_are_waited_out_as_long_as_the_server_asks() {
    let bench = Bench::new("429");
    bench.sandbox.misbehave(Misbehaviour::TooManyRequests {
        retry_after: Some(1),
    });
    let (code, out, err) = run(&mut bench.with_keys(&["--rounds", "2"]));
    assert_eq!((code, out.lines().count()), (Some(0), 1), "{err}");
    holds(&err, &["too many requests", "next try in 1.0 s"]);
    // Without Retry-After: a minute, or what X-RateLimit-Reset leaves of it. Not waited for here.
    let bench = Bench::with("429-real", Options::new().rate_limit(1));
    let mut child = spawn(bench.with_keys(&["--rounds", "2"]));
    let line = first_error_line(&mut child, "too many requests");
    holds(&line, &["next try in"]);
    assert!(!line.contains("next try in 0."), "{line}");
    end(&mut child, "TERM");
    let (code, ..) = said(&child.wait_with_output().expect("it ends"));
    assert_eq!(code, Some(0));
}

#[test]
fn a_schedule_beyond_the_rate_limit_is_refused_before_anything_is_sent() {
    let bench = Bench::new("schedule");
    for every in ["0", "0.5", "-1", "often", "100000"] {
        let (code, out, err) = run(&mut bench.with_keys(&["--every", every]));
        assert_eq!((code, out.as_str()), (Some(1), ""));
        holds(&err, &["--every"]);
    }
    for arguments in [
        &["--rounds", "x"][..],
        &["--every"],
        &["--symbol"],
        &["--lcd", "no/device"],
        &["--now", "x"],
        &["--frob"],
    ] {
        let (code, ..) = run(&mut bench.with_keys(arguments));
        assert_eq!(code, Some(1), "{arguments:?}");
    }
    assert!(bench.sandbox.requests().is_empty());
}

#[test]
fn a_refused_key_is_final_and_sent_once() {
    let bench = Bench::new("refused");
    for (id, secret, part) in [
        (PAPER_KEY_ID, "WRONGSECRET", "check both halves"),
        ("garbage", "WRONGSECRET", "does not accept this credential"),
    ] {
        bench.sandbox.clear_requests();
        // A second round would send the key again.
        let mut command = bench.watch(&["--rounds", "2"]);
        keys(&mut command, id, secret);
        let (code, out, err) = run(&mut command);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        holds(&err, &[part]);
        assert_eq!(bench.sandbox.requests().len(), 1);
    }
}

#[test]
fn a_live_key_is_not_sent_to_the_paper_account() {
    let bench = Bench::new("live");
    let mut command = bench.watch(&["--rounds", "1"]);
    keys(&mut command, LIVE_KEY_ID, LIVE_SECRET);
    let (code, out, err) = run(&mut command);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    holds(&err, &["begins as live keys do"]);
    assert!(bench.sandbox.requests().is_empty());
}

#[test]
fn the_users_file_is_asked_last_and_only_if_nobody_else_can_read_it() {
    let bench = Bench::new("file");
    let pair = format!("{PAPER_KEY_ID}\n{PAPER_SECRET}\n");
    let run_with = |mode, variables: &[(&str, &str)]| {
        let mut command = bench.watch(&["--rounds", "1"]);
        command.env("HOME", bench.home(&pair, mode));
        run(command.envs(variables.iter().copied()))
    };
    let (code, _, err) = run_with(0o600, &[]);
    assert_eq!(code, Some(0), "{err}");
    holds(&err, &["Keys from file"]);
    bench.sandbox.clear_requests();
    // Half a pair in the environment is not completed from it.
    let (code, _, err) = run_with(0o600, &[("APCA_API_KEY_ID", PAPER_KEY_ID)]);
    assert_eq!(code, Some(1));
    holds(&err, &["but APCA_API_SECRET_KEY is not"]);
    for mode in [0o644, 0o640, 0o602] {
        let (code, _, err) = run_with(mode, &[]);
        assert_eq!(code, Some(1));
        holds(&err, &["others may read or change it", "chmod go= it"]);
    }
    assert!(bench.sandbox.requests().is_empty());
}

#[test]
fn what_the_server_says_about_the_symbol_is_shown_and_the_rest_goes_on() {
    let bench = Bench::new("business");
    let (code, out, err) = run(&mut bench.with_keys(&["--rounds", "1", "--symbol", "NOSUCH"]));
    assert_eq!(code, Some(0), "{err}");
    holds(
        &out,
        &[
            "equity 100000",
            "NOSUCH -/-",
            "[quote: ",
            "invalid symbol: NOSUCH",
        ],
    );
}

#[test]
fn a_display_of_two_lines_is_written_and_cleared_at_the_end() {
    let bench = Bench::new("lcd");
    let device = bench.folder.join("lcd");
    fs::write(&device, "").expect("a file");
    let arguments = ["--rounds", "1", "--lcd", device.to_str().expect("a path")];
    let (code, out, err) = run(&mut bench.with_keys(&arguments));
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    let text = fs::read_to_string(device).expect("text");
    assert!(text.starts_with("\x1b[HAAPL      231.48\n"), "{text:?}");
    assert!(
        text.ends_with(&format!("\x0cwatch    stopped\n{:16}", "")),
        "{text:?}"
    );
}

#[test]
fn the_credentials_directory_wins_and_is_named() {
    let bench = Bench::new("directory");
    let pair = [
        ("alpaca-key-id", "PKSANDBOX00000000000\n"),
        ("alpaca-secret-key", &format!("{PAPER_SECRET}\r\n")),
    ];
    let run_with = |files: &[(&str, &str)], id: &str| {
        let mut command = bench.watch(&["--rounds", "1"]);
        keys(&mut command, id, "WRONGSECRET");
        run(command.env("CREDENTIALS_DIRECTORY", bench.credentials(files)))
    };
    let (code, _, err) = run_with(&pair, "PKWRONG");
    assert_eq!(code, Some(0), "{err}");
    holds(&err, &["Keys from credentials directory"]);
    // Half a pair is never completed from the environment.
    for (half, missing) in [
        (&pair[..1], "alpaca-secret-key"),
        (&pair[1..], "alpaca-key-id"),
    ] {
        let (code, _, err) = run_with(half, PAPER_KEY_ID);
        assert_eq!(code, Some(1));
        holds(&err, &[&format!("but {missing} is not")]);
    }
    // Others can read one half.
    let folder = bench.credentials(&pair);
    set(&folder.join("alpaca-secret-key"), 0o444);
    let mut command = bench.watch(&["--rounds", "1"]);
    keys(&mut command, PAPER_KEY_ID, PAPER_SECRET);
    let (code, _, err) = run(command.env("CREDENTIALS_DIRECTORY", folder));
    assert_eq!(code, Some(1));
    holds(&err, &["alpaca-secret-key: others may read or change it"]);
    // Other credentials of the service are none of ours.
    let (code, _, err) = run_with(&[("other", "x")], "PKWRONG");
    assert_eq!(code, Some(1));
    holds(&err, &["Keys from environment variables"]);
}

#[test]
fn sigterm_and_sigint_end_it_cleanly() {
    for signal in ["TERM", "INT"] {
        let bench = Bench::new(signal);
        let mut child = spawn(bench.with_keys(&[]));
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        holds(&line, &["AAPL"]);
        end(&mut child, signal);
        let (code, _, err) = said(&child.wait_with_output().expect("it ends"));
        assert_eq!(code, Some(0), "{err}");
        let last = err.lines().last().expect("a last line").to_owned();
        holds(
            &last,
            &[&format!(
                "stopped by SIG{signal} after 1 rounds; the key is wiped"
            )],
        );
    }
}

fn spawn(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

fn end(child: &mut Child, signal: &str) {
    let status = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status();
    assert!(status.expect("kill runs").success());
}

/// The first line of standard error with this text.
fn first_error_line(child: &mut Child, text: &str) -> String {
    let mut read = Vec::new();
    let mut byte = [0];
    let err = child.stderr.as_mut().expect("a pipe");
    while err.read(&mut byte).expect("a byte") == 1 {
        if byte == *b"\n" {
            let line = String::from_utf8_lossy(&read).into_owned();
            if line.contains(text) {
                return line;
            }
            read.clear();
        } else {
            read.extend(byte);
        }
    }
    panic!("it ends without {text:?}");
}
