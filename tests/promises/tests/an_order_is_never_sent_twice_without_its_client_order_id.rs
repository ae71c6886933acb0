//! Promise: wherever a connection ends, under an order or its reply, no second order is sent unless it carries
//! the same `client_order_id`, and what is not known is said to be unknown, with the request that finds out.
//!
//! A relay cuts the connection after each number of bytes that the client sends, and of those that the server
//! sends. What the sandbox received is the judge.

use std::time::{Duration, Instant};

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::{Replay, Request, TargetBuffer, trading};
use alpaca_auth::retry::{
    Answer, Ended, Retry, RetryDecision, RetryRules, TookEffect, check_order, client_order_id,
};
use alpaca_auth_embedded_tls::gateway::{OsRng, Tcp, now};
use alpaca_auth_embedded_tls::{Buffers, CertificateDer, Session, Trust, anchor};
use alpaca_auth_promises::relay::{Cut, Direction, Relay};
use alpaca_auth_promises::{client, config};
use alpaca_auth_ureq::{Client, Error};
use alpaca_sandbox::{Misbehaviour, Options, PAPER_KEY_ID, PAPER_SECRET, Recorded, Sandbox};

/// Quick, and as many attempts as meet the cuts of a case.
const RULES: RetryRules = RetryRules::new()
    .attempts(3)
    .pauses(Duration::from_millis(1), Duration::from_millis(2));

fn sandbox() -> Sandbox {
    Options::new()
        .rate_limit(u32::MAX)
        .start()
        .expect("a server")
}

fn body(id: Option<&str>) -> String {
    let id = id.map_or_else(String::new, |id| format!(",\"client_order_id\":\"{id}\""));
    format!(
        r#"{{"symbol":"AAPL","notional":"10","side":"buy","type":"market","time_in_force":"day"{id}}}"#
    )
}

/// What a client says about one order.
#[derive(Debug)]
struct Said {
    took_effect: TookEffect,
    text: String,
}

/// The orders that reached the sandbox, when all its connections are over.
fn received(sandbox: &Sandbox) -> Vec<Recorded> {
    let begun = Instant::now();
    while sandbox.open_connections() > 0 && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_micros(200));
    }
    let mut requests = sandbox.requests();
    requests.retain(|request| request.method == "POST");
    sandbox.clear_requests();
    requests
}

/// Compares what was said with what happened.
#[track_caller]
fn judge(name: &str, sandbox: &Sandbox, id: Option<&str>, said: &Said) {
    let orders = received(sandbox);
    match id {
        None => assert!(orders.len() <= 1, "{name}: sent twice"),
        Some(id) => {
            let named = format!("\"client_order_id\":\"{id}\"");
            for order in &orders {
                let body = String::from_utf8_lossy(&order.body);
                assert!(body.contains(&named), "{name}: another id: {body}");
            }
        }
    }
    match said.took_effect {
        TookEffect::Yes => assert!(!orders.is_empty(), "{name}: said taken, and nothing came"),
        TookEffect::No => assert!(orders.is_empty(), "{name}: said nothing was sent: {said:?}"),
        TookEffect::Unknown => match id {
            None => assert!(said.text.contains("look"), "{name}: {said:?}"),
            Some(id) => {
                let text = &said.text;
                assert!(
                    text.starts_with("unknown, check by client_order_id"),
                    "{name}: {text}"
                );
                let json = body(Some(id));
                let order = request(&json, Some(id));
                let mut target = TargetBuffer::<192>::new("/").unwrap();
                let check = check_order(&order, &mut target).expect("a request that finds it");
                // Dropped at once, so that no connection stays open.
                let mut direct = client(sandbox, &config(sandbox));
                let found = direct.call(&check).expect("an answer").status();
                let expected = if orders.is_empty() { 404 } else { 200 };
                assert_eq!(found, expected, "{name}");
                sandbox.clear_requests();
            }
        },
    }
}

/// The request of a [`body`] with this id.
fn request<'j>(json: &'j str, id: Option<&str>) -> Request<'j, Trading> {
    let order = trading::submit_order(json.as_bytes());
    match id {
        Some(_) => order.with_replay(Replay::WithClientOrderId),
        None => order,
    }
}

/// Which cuts there are.
#[derive(Clone, Copy)]
struct Cuts {
    direction: Direction,
    connections: u32,
    named: bool,
    /// From the first byte of the connection, else from within the handshake: before the first byte of an order or
    /// of its reply.
    all: bool,
}

/// Steps a cut over every byte until a call passes uncut. `call` sends one order, with this id.
fn step(
    cuts: Cuts,
    (sandbox, relay): (&Sandbox, &Relay),
    mut call: impl FnMut(Option<&str>) -> Said,
) {
    let Cuts {
        direction,
        connections,
        named,
        all,
    } = cuts;
    relay.cut(None);
    assert_eq!(call(Some("whole")).took_effect, TookEffect::Yes);
    received(sandbox);
    let before_end = match direction {
        Direction::Request => 600,
        Direction::Reply => 1500,
    };
    let start = match all {
        true => 0,
        false => relay.passed(direction).saturating_sub(before_end),
    };
    let (mut unknown, mut none) = (0, 0);
    for after in start.. {
        relay.cut(Some(Cut {
            direction,
            after,
            connections,
        }));
        let id = named.then(|| format!("{direction:?}-{connections}-{after}"));
        let said = call(id.as_deref());
        let name = format!("{direction:?} cut after {after} of {connections}");
        let uncut = relay.cuts() == 0;
        relay.cut(None);
        judge(&name, sandbox, id.as_deref(), &said);
        if uncut {
            assert_eq!(said.took_effect, TookEffect::Yes, "{name}");
            println!(
                "{direction:?}, {connections} cut, {}: {} cuts, {unknown} unknown, {none} certain of nothing",
                if named { "with an id" } else { "without" },
                after - start
            );
            assert!(after - start > 300, "{name}: too short to be an order");
            return;
        }
        unknown += u32::from(said.took_effect == TookEffect::Unknown);
        none += u32::from(said.took_effect == TookEffect::No);
    }
}

fn over_ureq(direction: Direction, connections: u32, named: bool) {
    let sandbox = sandbox();
    let relay = Relay::before(sandbox.paper_port());
    let config = config(&sandbox).retry(RULES);
    let call = |id: Option<&str>| {
        let endpoint = Endpoint::<Trading, Paper>::at("localhost", relay.port()).unwrap();
        let mut client =
            Client::<Paper>::with(&config, |slot| slot.paper(PAPER_KEY_ID, PAPER_SECRET))
                .unwrap()
                .at(endpoint);
        let json = body(id);
        let order = request(&json, id);
        match client.call(&order) {
            Ok(reply) => {
                assert_eq!(reply.status(), 200, "{id:?}");
                Said {
                    took_effect: TookEffect::Yes,
                    text: String::new(),
                }
            }
            Err(error) => Said {
                took_effect: if error.sent() {
                    TookEffect::Unknown
                } else {
                    TookEffect::No
                },
                text: error.to_string(),
            },
        }
    };
    // Every byte of the connection where it costs least.
    let all = !named;
    let cuts = Cuts {
        direction,
        connections,
        named,
        all,
    };
    step(cuts, (&sandbox, &relay), call);
}

#[test]
fn ureq_request_cut_once_without_an_id() {
    over_ureq(Direction::Request, 1, false);
}

#[test]
fn ureq_reply_cut_once_without_an_id() {
    over_ureq(Direction::Reply, 1, false);
}

#[test]
fn ureq_request_cut_once_with_an_id() {
    over_ureq(Direction::Request, 1, true);
}

#[test]
fn ureq_reply_cut_once_with_an_id() {
    over_ureq(Direction::Reply, 1, true);
}

#[test]
fn ureq_reply_cut_each_time_with_an_id() {
    over_ureq(Direction::Reply, 3, true);
}

/// One attempt of a device: a connection, a session, a call.
fn attempt(
    order: &Request<'_, Trading>,
    endpoint: &Endpoint<Trading, Paper>,
    pair: &KeyPair<Paper>,
    ca: &[u8],
    buffers: &mut Buffers,
) -> Ended {
    let Ok(socket) = Tcp::connect("127.0.0.1", endpoint.port(), Duration::from_secs(5)) else {
        return Ended::NotSent { passing: true };
    };
    let ca = CertificateDer::from(ca);
    let anchors = [anchor(&ca).unwrap()];
    let trust = Trust::only(&anchors);
    let mut answer = [0; 4096];
    let result = Session::open(socket, endpoint, buffers, trust, now(), &mut OsRng).and_then(
        |mut session| {
            let reply = session.call(order, pair, &mut answer)?;
            Ok(Answer::of(reply.head()))
        },
    );
    result.map_or_else(|error| Ended::from(&error), Ended::Answered)
}

fn over_session(direction: Direction, connections: u32, named: bool) {
    let sandbox = sandbox();
    let relay = Relay::before(sandbox.paper_port());
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(PAPER_KEY_ID, PAPER_SECRET).unwrap();
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", relay.port()).unwrap();
    let mut buffers: Box<Buffers> = Box::default();
    let clock = Instant::now();
    let call = |id: Option<&str>| {
        let json = body(id);
        let order = request(&json, id);
        assert_eq!(client_order_id(&order), id);
        let mut retry = Retry::new(RULES, &order, clock.elapsed());
        loop {
            let ended = attempt(&order, &endpoint, pair, sandbox.ca_der(), &mut buffers);
            match retry.ended(ended, clock.elapsed(), None, 0) {
                RetryDecision::After(pause) => std::thread::sleep(pause),
                end => {
                    return Said {
                        took_effect: end.took_effect().expect("an end"),
                        text: end.to_string(),
                    };
                }
            }
        }
    };
    let cuts = Cuts {
        direction,
        connections,
        named,
        all: false,
    };
    step(cuts, (&sandbox, &relay), call);
}

#[test]
fn embedded_tls_request_cut_once_without_an_id() {
    over_session(Direction::Request, 1, false);
}

#[test]
fn embedded_tls_reply_cut_once_without_an_id() {
    over_session(Direction::Reply, 1, false);
}

#[test]
fn embedded_tls_request_cut_each_time_with_an_id() {
    over_session(Direction::Request, 3, true);
}

#[test]
fn embedded_tls_reply_cut_once_with_an_id() {
    over_session(Direction::Reply, 1, true);
}

/// An answer to an order that the sandbox has taken, to be cut in the plaintext.
const TAKEN: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n{\"id\":\"1\",\"status\":\"ACTIVE\"}";

#[test]
fn a_reply_that_ends_within_its_plaintext_is_no_certainty_on_either_transport() {
    let sandbox = sandbox();
    let config = config(&sandbox).retry(RULES);
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(PAPER_KEY_ID, PAPER_SECRET).unwrap();
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port()).unwrap();
    let mut buffers: Box<Buffers> = Box::default();
    for after in 0..TAKEN.len() {
        for named in [false, true] {
            let cut = || sandbox.misbehave(Misbehaviour::Raw(TAKEN.as_bytes()[..after].to_vec()));
            cut();
            let id = named.then(|| format!("ureq-{after}"));
            let json = body(id.as_deref());
            let order = request(&json, id.as_deref());
            let error = client(&sandbox, &config)
                .call(&order)
                .map(|_| ())
                .unwrap_err();
            let said = Said {
                took_effect: TookEffect::Unknown,
                text: error.to_string(),
            };
            assert!(matches!(error, Error::Unknown { .. }), "{after}: {error:?}");
            judge(&format!("ureq, {after}"), &sandbox, id.as_deref(), &said);

            cut();
            let id = named.then(|| format!("embedded-{after}"));
            let json = body(id.as_deref());
            let order = request(&json, id.as_deref());
            let mut retry = Retry::new(RULES, &order, Duration::ZERO);
            let verdict = loop {
                let ended = attempt(&order, &endpoint, pair, sandbox.ca_der(), &mut buffers);
                let decision = retry.ended(ended, Duration::ZERO, None, 0);
                if !matches!(decision, RetryDecision::After(_)) {
                    break decision;
                }
            };
            assert_eq!(retry.attempts(), 1 + u32::from(named));
            let said = Said {
                took_effect: verdict.took_effect().unwrap(),
                text: verdict.to_string(),
            };
            assert_eq!(said.took_effect, TookEffect::Unknown);
            judge(
                &format!("embedded-tls, {after}"),
                &sandbox,
                id.as_deref(),
                &said,
            );
        }
    }
}

/// The control: a loop that does not ask sends an order twice, and this is seen.
#[test]
#[should_panic(expected = "sent twice")]
fn a_loop_that_does_not_ask_is_caught() {
    let sandbox = sandbox();
    let json = body(None);
    let mut said = Said {
        took_effect: TookEffect::No,
        text: String::new(),
    };
    sandbox.misbehave(Misbehaviour::CloseWithoutAnswer);
    for _ in 0..2 {
        let mut client = client(&sandbox, &config(&sandbox));
        if client.call(&trading::submit_order(json.as_bytes())).is_ok() {
            said.took_effect = TookEffect::Yes;
        }
    }
    judge("control", &sandbox, None, &said);
}
