//! Time, head and body are bounded, whatever the server does.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::http::HeadError;
use alpaca_auth::request::trading;
use alpaca_auth_promises::{client, config};
use alpaca_auth_ureq::{Client, Config, Error, TlsFault};
use alpaca_sandbox::{Misbehaviour, Sandbox};

/// Far above the limits set here, far below a hang.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_stalled_or_slow_answer_ends_in_time() {
    let sandbox = Sandbox::start().expect("a server");
    let config = config(&sandbox).total_timeout(Duration::from_millis(300));
    for misbehaviour in [
        Misbehaviour::Stall,
        Misbehaviour::SlowBody,
        Misbehaviour::RawKeepOpen(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec()),
        Misbehaviour::RawKeepOpen(b"HTTP/1.1 200 OK\r\nConte".to_vec()),
    ] {
        let started = Instant::now();
        sandbox.misbehave(misbehaviour.clone());
        let error = client(&sandbox, &config)
            .call(&trading::account())
            .expect_err("too slow");
        assert_eq!(error, Error::Timeout { sent: true }, "{misbehaviour:?}");
        assert!(started.elapsed() < PATIENCE);
    }
}

#[test]
fn a_port_that_accepts_and_says_nothing_ends_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", port).expect("a host");
    let config = Config::new().connect_timeout(Duration::from_millis(300));
    let mut client = Client::<Paper>::with(&config, |slot| slot.paper("PKTEST", "secret"))
        .expect("keys")
        .at(endpoint);
    let started = Instant::now();
    let error = client.call(&trading::account()).expect_err("silence");
    assert!(
        matches!(
            error,
            Error::Tls(TlsFault::TimedOut) | Error::Timeout { sent: false }
        ),
        "{error:?}"
    );
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn a_closed_port_and_an_unknown_host_are_named() {
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    for (host, expected) in [
        (
            "localhost",
            Error::Connect(std::io::ErrorKind::ConnectionRefused),
        ),
        ("no-such-host.invalid", Error::HostNotFound),
    ] {
        let endpoint = Endpoint::<Trading, Paper>::at(host, port).expect("a host");
        let mut client = Client::<Paper>::new(|slot| slot.paper("PKTEST", "secret"))
            .expect("keys")
            .at(endpoint);
        assert_eq!(
            client.call(&trading::account()).expect_err("nobody there"),
            expected
        );
    }
}

#[test]
fn a_body_of_one_byte_too_many_is_refused_and_one_that_fits_is_not() {
    let sandbox = Sandbox::start().expect("a server");
    let mut client = client(&sandbox, &config(&sandbox).body_max(1000));
    for (size, fits) in [(999, true), (1000, true), (1001, false), (1 << 20, false)] {
        sandbox.misbehave(Misbehaviour::OversizeBody(size));
        match client.call(&trading::account()) {
            Ok(reply) => assert!(fits && reply.body().len() == size),
            Err(error) => assert!(!fits && error == Error::BodyTooLarge, "{error:?}"),
        }
    }
}

#[test]
fn a_head_without_end_is_refused() {
    let sandbox = Sandbox::start().expect("a server");
    let mut client = client(&sandbox, &config(&sandbox));
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(1 << 20));
    sandbox.misbehave(Misbehaviour::RawKeepOpen(endless.into_bytes()));
    assert_eq!(
        client.call(&trading::account()).expect_err("too long"),
        Error::Head(HeadError::TooLong)
    );
}
