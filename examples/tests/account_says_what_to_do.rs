//! `account` and `probe` as a person meets them: what they print, and how they end.

use std::process::{Command, Output};

use alpaca_sandbox::{LIVE_KEY_ID, LIVE_SECRET, Misbehaviour, PAPER_KEY_ID, PAPER_SECRET, Sandbox};
use serde_json::Value;

struct Bench {
    sandbox: Sandbox,
    ca: std::path::PathBuf,
}

impl Bench {
    fn new(name: &str) -> Self {
        let sandbox = Sandbox::start().expect("a server");
        let ca = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pem"));
        std::fs::write(&ca, sandbox.ca_pem()).expect("the CA is written");
        Self { sandbox, ca }
    }

    /// Runs a program against the paper server with these variables and no other keys.
    fn run(&self, program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = without_keys(program);
        command.envs(variables.iter().copied());
        command.arg("--ca").arg(&self.ca).args(arguments);
        if !arguments.contains(&"--connect") {
            command.args([
                "--connect",
                &format!("localhost:{}", self.sandbox.paper_port()),
            ]);
        }
        command.output().expect("the program runs")
    }

    fn account(&self, variables: &[(&str, &str)]) -> Output {
        self.run(env!("CARGO_BIN_EXE_account"), &[], variables)
    }

    /// Fails as it should, and says so.
    fn fails(&self, variables: &[(&str, &str)], parts: &[&str]) {
        let output = self.account(variables);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(output.stdout.is_empty());
        for part in parts {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
        assert!(
            !said.contains(PAPER_SECRET) && !said.contains(LIVE_SECRET),
            "{said}"
        );
    }
}

fn without_keys(program: &str) -> Command {
    let mut command = Command::new(program);
    for (id, secret) in alpaca_auth_ureq::VARIABLES {
        command.env_remove(id).env_remove(secret);
    }
    command
}

const RIGHT: &[(&str, &str)] = &[
    ("APCA_API_KEY_ID", PAPER_KEY_ID),
    ("APCA_API_SECRET_KEY", PAPER_SECRET),
];

#[test]
fn without_keys_the_sandbox_answers_and_says_so() {
    let output = without_keys(env!("CARGO_BIN_EXE_account"))
        .output()
        .expect("the program runs");
    assert!(output.status.success());
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        err.contains("sandbox") && err.contains("APCA_API_KEY_ID"),
        "{err}"
    );
    for part in [
        "ACTIVE",
        "equity",
        "cash",
        "buying power",
        "blocks",
        "199 of 200",
        "request id",
    ] {
        assert!(out.contains(part), "{part:?} is not in {out:?}");
    }
}

#[test]
fn each_name_of_the_variables_works_and_json_is_json() {
    let bench = Bench::new("names");
    for (id, secret) in alpaca_auth_ureq::VARIABLES {
        let variables = [(id, PAPER_KEY_ID), (secret, PAPER_SECRET)];
        let output = bench.run(env!("CARGO_BIN_EXE_account"), &["--json"], &variables);
        let account: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(account["status"], "ACTIVE");
    }
}

#[test]
fn the_first_pair_wins_and_pairs_never_mix() {
    let bench = Bench::new("pairs");
    let wrong = [
        ("ALPACA_API_KEY_ID", "PKWRONG"),
        ("ALPACA_API_SECRET_KEY", "wrong"),
    ];
    let output = bench.account(&[RIGHT, &wrong].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // The other half is there, under another name: still an error.
    bench.fails(
        &[
            ("APCA_API_KEY_ID", PAPER_KEY_ID),
            ("ALPACA_SECRET_KEY", PAPER_SECRET),
        ],
        &["APCA_API_KEY_ID is set but APCA_API_SECRET_KEY is not"],
    );
    bench.fails(
        &[("ALPACA_SECRET_KEY", PAPER_SECRET)],
        &["ALPACA_SECRET_KEY is set but ALPACA_API_KEY is not"],
    );
    bench.fails(
        &[
            ("APCA_API_SECRET_KEY", PAPER_SECRET),
            ("ALPACA_API_KEY", "x"),
            ("ALPACA_SECRET_KEY", "y"),
        ],
        &["APCA_API_SECRET_KEY is set but APCA_API_KEY_ID is not"],
    );
}

#[test]
fn a_value_that_is_no_key_is_named_by_its_variable() {
    let bench = Bench::new("values");
    let quoted = format!("\"{PAPER_SECRET}\"");
    let broken = format!("{PAPER_SECRET}\n");
    for (value, part) in [
        ("", "is empty"),
        (&quoted, "holds a quote"),
        (&broken, "holds a line break"),
        ("a b", "holds a blank"),
        ("schlüssel", "is not ASCII"),
    ] {
        bench.fails(
            &[
                ("APCA_API_KEY_ID", PAPER_KEY_ID),
                ("APCA_API_SECRET_KEY", value),
            ],
            &["the value of APCA_API_SECRET_KEY", part],
        );
    }
}

#[test]
fn each_refusal_says_what_to_do() {
    let bench = Bench::new("refusals");
    let keys = |id, secret| [("APCA_API_KEY_ID", id), ("APCA_API_SECRET_KEY", secret)];
    bench.fails(
        &keys(LIVE_KEY_ID, LIVE_SECRET),
        &[
            "looks like a live key",
            "paper Trading API",
            "40110000",
            "request id",
        ],
    );
    bench.fails(
        &keys(PAPER_KEY_ID, "wrong"),
        &["does not know this key", "check both halves"],
    );
    bench.fails(
        &keys("garbage", "wrong"),
        &["does not accept this credential", "HTTP 403", "forbidden."],
    );
    bench.fails(
        &keys("0123456789abcdef0123456789abcdef", "x"),
        &["client id of a Connect app"],
    );
    for (misbehaviour, parts) in [
        (
            Misbehaviour::Redirect {
                status: 302,
                location: "https://localhost:1/".to_owned(),
            },
            &["redirects", "not sent on"][..],
        ),
        (
            Misbehaviour::TooManyRequests {
                retry_after: Some(7),
            },
            &["too many requests", "wait 7 s"],
        ),
        (
            Misbehaviour::TooManyRequests { retry_after: None },
            &["too many requests", "within a minute"],
        ),
        (
            Misbehaviour::ServerError(503),
            &["server failed", "look before sending it again"],
        ),
        (
            Misbehaviour::HtmlError(401),
            &["does not accept this credential", "HTTP 401"],
        ),
        (Misbehaviour::EmptyError(404), &["no such resource"]),
        (
            Misbehaviour::GarbageJson,
            &["not the JSON that was expected"],
        ),
        (
            Misbehaviour::CloseWithoutAnswer,
            &["connection broke", "look before sending it again"],
        ),
        (Misbehaviour::TruncatedBody, &["connection broke"]),
        (
            Misbehaviour::OversizeBody(2 << 20),
            &["larger than the buffer"],
        ),
        (
            Misbehaviour::Raw(b"SSH-2.0-x\r\n\r\n".to_vec()),
            &["malformed", "what stands between"],
        ),
    ] {
        bench.sandbox.misbehave(misbehaviour);
        bench.fails(RIGHT, parts);
    }
}

#[test]
fn a_path_that_does_not_lead_there_is_named() {
    let bench = Bench::new("paths");
    let account = env!("CARGO_BIN_EXE_account");
    let said = |output: Output| {
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(
        said(bench.run(account, &["--connect", "localhost:1"], RIGHT)).contains("no connection")
    );
    assert!(
        said(bench.run(account, &["--connect", "no-such-host.invalid:443"], RIGHT))
            .contains("has no address")
    );
    assert!(
        said(bench.run(account, &["--connect", "https://localhost:1"], RIGHT))
            .contains("bare name")
    );
    assert!(
        said(bench.run(account, &["--connect", "api.alpaca.markets:443"], RIGHT))
            .contains("another API or environment")
    );
    assert!(said(bench.run(account, &["--frobnicate"], RIGHT)).contains("is not understood"));
    let output = without_keys(account)
        .args(["--ca", "no/such/file"])
        .envs(RIGHT.iter().copied())
        .output();
    assert!(said(output.expect("the program runs")).contains("cannot read no/such/file"));
    let output = without_keys(account)
        .arg("--live")
        .output()
        .expect("the program runs");
    assert!(said(output).contains("--live and --connect need keys"));
}

#[test]
fn the_proxy_variables_of_the_environment_are_not_used() {
    let bench = Bench::new("proxy");
    let proxies = [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ];
    let proxies = proxies.map(|name| (name, "http://localhost:1"));
    let output = bench.account(&[RIGHT, &proxies].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn live_is_said_aloud() {
    let bench = Bench::new("live");
    let live = [
        ("APCA_API_KEY_ID", LIVE_KEY_ID),
        ("APCA_API_SECRET_KEY", LIVE_SECRET),
    ];
    let address = format!("localhost:{}", bench.sandbox.live_port());
    let output = bench.run(
        env!("CARGO_BIN_EXE_account"),
        &["--live", "--connect", &address],
        &live,
    );
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("Live account: real money."));
    assert!(String::from_utf8_lossy(&output.stdout).contains("live 912345678"));
}

#[test]
fn probe_prints_one_json_line_and_exits_zero_only_for_ok() {
    let bench = Bench::new("probe");
    let probe = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = bench.run(env!("CARGO_BIN_EXE_probe"), arguments, variables);
        let text = String::from_utf8(output.stdout).expect("text");
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(output.status.success(), line["outcome"] == "ok");
        assert_eq!(line["transport"], "ureq");
        (
            line["outcome"].as_str().expect("text").to_owned(),
            line["stage"].as_str().expect("text").to_owned(),
        )
    };
    let is = |result: (String, String), outcome: &str, stage: &str| {
        assert_eq!((result.0.as_str(), result.1.as_str()), (outcome, stage));
    };
    is(probe(&[], RIGHT), "ok", "http");
    is(probe(&["--path", "/v2/clock"], RIGHT), "ok", "http");
    is(probe(&["--path", "/nowhere"], RIGHT), "refused", "http");
    is(probe(&["--path", "nowhere"], RIGHT), "error", "prepare");
    is(
        probe(&["--server-name", "paper-api.alpaca.markets"], RIGHT),
        "ok",
        "http",
    );
    is(
        probe(&["--server-name", "elsewhere.example"], RIGHT),
        "error",
        "tls",
    );
    is(probe(&["--now", "0"], RIGHT), "error", "tls");
    is(
        probe(&["--connect", "localhost:1"], RIGHT),
        "error",
        "connect",
    );
    is(probe(&[], &[]), "error", "prepare");
    let wrong = [
        ("APCA_API_KEY_ID", PAPER_KEY_ID),
        ("APCA_API_SECRET_KEY", "wrong"),
    ];
    is(probe(&[], &wrong), "refused", "http");
}

/// The probe's line with each transport, but for its name and the words of the reason.
fn verdicts(bench: &Bench, arguments: &[&str], variables: &[(&str, &str)]) -> [Value; 2] {
    ["ureq", "embedded-tls"].map(|transport| {
        let arguments = [&["--transport", transport], arguments].concat();
        let output = bench.run(env!("CARGO_BIN_EXE_probe"), &arguments, variables);
        let mut line: Value = serde_json::from_slice(&output.stdout).expect("a line of JSON");
        assert_eq!(line["transport"], transport);
        assert_eq!(output.status.success(), line["outcome"] == "ok", "{line}");
        let said = line["reason"].as_str().expect("a reason").to_owned();
        assert_eq!(said.is_empty(), line["outcome"] == "ok", "{line}");
        assert!(!line.to_string().contains(PAPER_SECRET));
        for name in ["transport", "reason", "request_id", "server_time"] {
            line.as_object_mut().expect("an object").remove(name);
        }
        line
    })
}

#[test]
fn both_transports_come_to_the_same_verdict() {
    let bench = Bench::new("transports");
    let other = Bench::new("another CA");
    let other_ca = other.ca.to_str().expect("a path");
    let address = format!("127.0.0.1:{}", bench.sandbox.paper_port());
    let closed = "localhost:1";
    let wrong = [
        ("APCA_API_KEY_ID", "PKWRONGWRONGWRONG"),
        ("APCA_API_SECRET_KEY", "wrong"),
    ];
    for (arguments, variables, outcome, stage) in [
        (&[][..], RIGHT, "ok", "http"),
        (&["--path", "/v2/clock"], RIGHT, "ok", "http"),
        (&["--path", "/v2/nothing"], RIGHT, "refused", "http"),
        (&[], &wrong, "refused", "http"),
        (
            &[
                "--server-name",
                "paper-api.alpaca.markets",
                "--connect",
                &address,
            ],
            RIGHT,
            "ok",
            "http",
        ),
        (
            &["--server-name", "elsewhere.test", "--connect", &address],
            RIGHT,
            "error",
            "tls",
        ),
        (&["--now", "4000000000"], RIGHT, "error", "tls"),
        (&["--connect", closed], RIGHT, "error", "connect"),
        (&[], &[], "error", "prepare"),
    ] {
        let [ureq, embedded] = verdicts(&bench, arguments, variables);
        assert_eq!(ureq, embedded, "{arguments:?}");
        assert_eq!(ureq["outcome"], outcome, "{arguments:?}");
        assert_eq!(ureq["stage"], stage, "{arguments:?}");
    }
    // The last --ca is the one that counts.
    let port = format!("localhost:{}", bench.sandbox.paper_port());
    for transport in ["ureq", "embedded-tls"] {
        let output = without_keys(env!("CARGO_BIN_EXE_account"))
            .envs(RIGHT.iter().copied())
            .args([
                "--transport",
                transport,
                "--ca",
                other_ca,
                "--connect",
                &port,
            ])
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains("certificate"),
            "{said}"
        );
    }
}

#[test]
fn the_account_is_the_same_over_both_transports() {
    let bench = Bench::new("the same");
    let [ureq, embedded] = ["ureq", "embedded-tls"].map(|transport| {
        let arguments = ["--json", "--transport", transport];
        let output = bench.run(env!("CARGO_BIN_EXE_account"), &arguments, RIGHT);
        assert!(output.status.success());
        output.stdout
    });
    assert_eq!(ureq, embedded);
    let output = bench.run(
        env!("CARGO_BIN_EXE_account"),
        &["--transport", "smoke"],
        RIGHT,
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("give ureq or embedded-tls"), "{said}");
}
