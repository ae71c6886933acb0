//! `orders` as a person meets it: what it places, watches and cancels, and what it refuses.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use alpaca_sandbox::{LIVE_KEY_ID, LIVE_SECRET, Misbehaviour, PAPER_KEY_ID, PAPER_SECRET, Sandbox};

struct Bench {
    sandbox: Sandbox,
    ca: PathBuf,
}

impl Bench {
    fn new(name: &str) -> Self {
        let sandbox = Sandbox::start().expect("a server");
        let ca = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("orders-{name}.pem"));
        std::fs::write(&ca, sandbox.ca_pem()).expect("the CA is written");
        Self { sandbox, ca }
    }

    fn orders(&self, arguments: &[&str]) -> Output {
        let mut command = bare(arguments);
        command.envs([
            ("APCA_API_KEY_ID", PAPER_KEY_ID),
            ("APCA_API_SECRET_KEY", PAPER_SECRET),
        ]);
        let place = format!("localhost:{}", self.sandbox.paper_port());
        command.args(["--connect", &place, "--ca"]).arg(&self.ca);
        command.output().expect("the program runs")
    }

    /// Methods and paths that were asked for, ids left out.
    fn asked(&self) -> Vec<String> {
        let requests = self.sandbox.requests();
        let line = |target: &str| {
            let path = target.split('?').next().unwrap_or_default();
            path.split("/61e69015")
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        requests
            .iter()
            .map(|request| format!("{} {}", request.method, line(&request.target)))
            .collect()
    }
}

fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orders"));
    for (id, secret) in alpaca_auth_ureq::VARIABLES {
        command.env_remove(id).env_remove(secret);
    }
    command.args(["--every", "0.1"]).args(arguments);
    command
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn without_keys_it_places_watches_and_cancels_at_the_sandbox() {
    for transport in ["ureq", "embedded-tls"] {
        let output = bare(&["--transport", transport])
            .output()
            .expect("the program runs");
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{err}");
        assert!(err.contains("built-in sandbox"), "{err}");
        for part in [
            "placed    buy 1 AAPL: accepted, 0 filled, order 61e6",
            "look 2    buy 1 AAPL: new",
            "canceled  buy 1 AAPL: canceled",
        ] {
            assert!(out.contains(part), "{out}");
        }
    }
}

#[test]
fn an_order_that_is_filled_is_not_canceled() {
    let bench = Bench::new("filled");
    let output = bench.orders(&["--qty", "2", "--limit", "231.50", "--looks", "9"]);
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{err}");
    assert!(
        out.ends_with("look 3    buy 2 AAPL: filled, 2 filled at 231.50\n"),
        "{out}"
    );
    let look = "GET /v2/orders";
    assert_eq!(bench.asked(), ["POST /v2/orders", look, look, look]);
}

#[test]
fn a_lost_answer_is_looked_up_and_never_sent_again() {
    let bench = Bench::new("lost");
    for lost in [
        Misbehaviour::CloseWithoutAnswer,
        Misbehaviour::ServerError(504),
    ] {
        bench.sandbox.clear_requests();
        bench.sandbox.misbehave(lost);
        found(&bench);
    }
    // Not found: the order is not sent again either.
    bench.sandbox.clear_requests();
    bench.sandbox.misbehave(Misbehaviour::CloseWithoutAnswer);
    bench.sandbox.misbehave(Misbehaviour::EmptyError(404));
    let output = bench.orders(&[]);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(err.contains("ask again before placing another"), "{err}");
    let asked = ["POST /v2/orders", "GET /v2/orders:by_client_order_id"];
    assert_eq!(bench.asked(), asked);
}

fn found(bench: &Bench) {
    let output = bench.orders(&["--keep", "--looks", "1"]);
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{err}");
    assert!(err.contains("instead of sending it again"), "{err}");
    assert!(
        out.contains("placed    buy 1 AAPL") && out.contains("the order stays"),
        "{out}"
    );
    let expected = [
        "POST /v2/orders",
        "GET /v2/orders:by_client_order_id",
        "GET /v2/orders",
    ];
    assert_eq!(bench.asked(), expected);
}

#[test]
fn what_is_refused_is_refused_before_a_byte_is_sent() {
    let bench = Bench::new("refused");
    for (arguments, says) in [
        (
            &["--limit", "1.001"][..],
            "limit_price has more than 2 decimals; round it",
        ),
        (&["--qty", "-1"], "qty must be a plain decimal"),
        (
            &["--qty", "0.5", "--time-in-force", "gtc"],
            "needs time_in_force day",
        ),
        (&["--notional", "5"], "notional needs type market"),
        (&["--symbol", "AA PL"], "the symbol may hold"),
        (
            &["--symbol", "BTC/USD"],
            "a crypto pair takes time_in_force gtc or ioc",
        ),
        (&["--qty", "1", "--notional", "5"], "not both"),
        (&["--limit", "1", "--market"], "not both"),
        (&["--time-in-force", "week"], "--time-in-force must be"),
        (&["--looks", "0"], "--looks must be"),
        (&["--live"], "--live has no default order"),
        (
            &["--live", "--symbol", "AAPL", "--qty", "1"],
            "--live has no default order",
        ),
        (&["--sel"], "is not understood"),
    ] {
        let output = bench.orders(arguments);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?} {err}");
        assert!(out.is_empty() && err.contains(says), "{arguments:?} {err}");
        assert!(!err.contains(PAPER_SECRET), "{err}");
    }
    assert_eq!(bench.asked(), [""; 0]);
}

#[test]
fn what_the_server_refuses_is_said_in_its_words_and_not_repeated() {
    let bench = Bench::new("server");
    for (arguments, says) in [
        (&["--symbol", "NOPE"][..], "asset \"NOPE\" not found"),
        (
            &["--qty", "1000000", "--market"],
            "insufficient buying power",
        ),
    ] {
        bench.sandbox.clear_requests();
        let (out, err) = texts(&bench.orders(arguments));
        assert!(out.is_empty() && err.contains(says), "{err}");
        assert_eq!(bench.asked(), ["POST /v2/orders"]);
    }
}

#[test]
fn live_trading_is_said_aloud_and_needs_a_live_key() {
    let bench = Bench::new("live");
    let order = ["--live", "--symbol", "F", "--qty", "1", "--limit", "1"];
    let mut command = bare(&order);
    command.envs([
        ("APCA_API_KEY_ID", LIVE_KEY_ID),
        ("APCA_API_SECRET_KEY", LIVE_SECRET),
    ]);
    let place = format!("localhost:{}", bench.sandbox.live_port());
    command.args(["--connect", &place, "--ca"]).arg(&bench.ca);
    let output = command.output().expect("the program runs");
    let (out, err) = texts(&output);
    assert!(
        output.status.success() && err.contains("real money"),
        "{err}"
    );
    assert!(out.contains("canceled  buy 1 F: canceled"), "{out}");

    let output = bare(&order).output().expect("the program runs");
    assert!(texts(&output).1.contains("need keys"));
}
