//! Promise: what a policy refuses is not sent, whoever asks and however it is written; the day's sum counts
//! what was sent and gives back what certainly took no effect.

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::policy::{Amount, Policy, PolicyError};
use alpaca_auth::request::{Method, Replay, Request, trading};
use alpaca_auth::retry::RetryRules;
use alpaca_auth_promises::{client, config};
use alpaca_auth_ureq::{Client, Error, Shared, Stage};
use alpaca_sandbox::{Misbehaviour, PAPER_KEY_ID, PAPER_SECRET, Sandbox};
use std::time::Duration;

const POLICY: Policy<'static> = Policy::new()
    .symbols(&["AAPL", "F"])
    .per_order(Amount::dollars(1000))
    .per_day(Amount::dollars(2500));

fn order(rest: &str) -> String {
    format!(r#"{{"symbol":"AAPL","side":"buy","time_in_force":"day",{rest}}}"#)
}

fn notional(dollars: u32) -> String {
    order(&format!(r#""type":"market","notional":"{dollars}""#))
}

#[test]
fn no_order_that_is_refused_reaches_the_server() {
    let sandbox = Sandbox::start().expect("a server");
    let shared = Shared::new();
    let mut client = client(&sandbox, &config(&sandbox).share(&shared).policy(POLICY));
    let limit = r#""type":"limit","qty":"4","limit_price":"231.50""#;
    let bodies = [
        (
            order(r#""type":"market","qty":"1""#),
            PolicyError::PriceUnknown,
        ),
        (
            notional(1001),
            PolicyError::PerOrder {
                amount: Amount::dollars(1001),
                most: Amount::dollars(1000),
            },
        ),
        (
            order(limit).replace("\"4\"", "4000"),
            PolicyError::PerOrder {
                amount: Amount::dollars(926_000),
                most: Amount::dollars(1000),
            },
        ),
        (order(limit).replace("AAPL", "MSFT"), PolicyError::Symbol),
        (
            order(limit).replace("}", ",\"symbol\":\"MSFT\"}"),
            PolicyError::Body,
        ),
        (
            order(limit).replace("}", ",\"QTY\":\"4000\"}"),
            PolicyError::Body,
        ),
        (
            order(limit).replace("}", ",\"legs\":[]}"),
            PolicyError::Member,
        ),
        (
            order(limit).replace("\"4\"", "\"4e3\""),
            PolicyError::Number,
        ),
        ("{}".into(), PolicyError::Member),
        ("<html>".into(), PolicyError::Body),
    ];
    for (body, expected) in &bodies {
        let request = trading::submit_order(body.as_bytes());
        for request in [
            request,
            Request::new(Method::Post, "/v2/orders")
                .unwrap()
                .with_json(body.as_bytes()),
        ] {
            let error = client.call(&request).map(|_| ()).unwrap_err();
            assert_eq!(error, Error::Policy(*expected), "{body}");
            assert_eq!((error.stage(), error.sent()), (Stage::Prepare, false));
        }
    }
    for (method, path) in [
        (Method::Delete, "/v2/positions"),
        (Method::Patch, "/v2/orders/1"),
        (Method::Post, "/v2/x"),
    ] {
        let raw = Request::<Trading>::new(method, path).unwrap();
        let error = client.call(&raw).map(|_| ()).unwrap_err();
        assert_eq!(error, Error::Policy(PolicyError::NoOrder));
    }
    assert!(sandbox.requests().is_empty() && sandbox.connections() == 0);
    let refused = bodies.len() as u64 * 2 + 3;
    let usage = shared.usage();
    assert_eq!(
        (usage.calls, usage.forbidden, usage.sends),
        (refused, refused, 0)
    );
    // The neighbours pass: an order within all rules, one with a price, a read, a cancellation.
    assert_eq!(
        client
            .call(&trading::submit_order(order(limit).as_bytes()))
            .unwrap()
            .status(),
        200
    );
    let market = order(r#""type":"market","qty":"1""#);
    let reply = client.call_at_price(
        &trading::submit_order(market.as_bytes()),
        Amount::dollars(232),
    );
    assert_eq!(reply.unwrap().status(), 200);
    assert_eq!(client.call(&trading::account()).unwrap().status(), 200);
    assert_eq!(shared.ledger().spent(), Amount::dollars(926 + 232));
}

#[test]
fn two_clients_have_one_sum_and_it_counts_what_may_have_taken_effect() {
    let sandbox = Sandbox::start().expect("a server");
    let shared = Shared::new();
    let rules = RetryRules::new().attempts(1);
    let config = config(&sandbox).share(&shared).policy(POLICY).retry(rules);
    let mut clients = [client(&sandbox, &config), client(&sandbox, &config)];
    let spent = |dollars| assert_eq!(shared.ledger().spent(), Amount::dollars(dollars));
    let body = notional(1000);
    let request = trading::submit_order(body.as_bytes());
    assert_eq!(clients[0].call(&request).unwrap().status(), 200);
    spent(1000);
    // Refused by the server, for certain: given back.
    for misbehaviour in [
        Misbehaviour::EmptyError(422),
        Misbehaviour::TooManyRequests { retry_after: None },
    ] {
        sandbox.misbehave(misbehaviour);
        assert!(clients[1].call(&request).unwrap().success().is_err());
        spent(1000);
    }
    // Nobody knows: it counts.
    sandbox.misbehave(Misbehaviour::CloseWithoutAnswer);
    assert!(matches!(
        clients[1].call(&request).map(|_| ()),
        Err(Error::Unknown { .. })
    ));
    spent(2000);
    let error = clients[0].call(&request).map(|_| ()).unwrap_err();
    let left = PolicyError::PerDay {
        amount: Amount::dollars(1000),
        left: Amount::dollars(500),
    };
    assert_eq!(error, Error::Policy(left));
    sandbox.misbehave(Misbehaviour::ServerError(500));
    let body = notional(500);
    assert!(
        clients[0]
            .call(&trading::submit_order(body.as_bytes()))
            .is_err()
    );
    spent(2500);
    let body = notional(1);
    assert!(
        clients[1]
            .call(&trading::submit_order(body.as_bytes()))
            .is_err()
    );
}

#[test]
fn an_order_that_is_sent_again_under_its_id_counts_once() {
    let sandbox = Sandbox::start().expect("a server");
    let shared = Shared::new();
    let rules = RetryRules::new().pauses(Duration::from_millis(1), Duration::from_millis(2));
    let mut client = client(
        &sandbox,
        &config(&sandbox).share(&shared).policy(POLICY).retry(rules),
    );
    sandbox.misbehave(Misbehaviour::ServerError(503));
    let body = order(r#""type":"market","notional":"1000","client_order_id":"once""#);
    let request = trading::submit_order(body.as_bytes()).with_replay(Replay::WithClientOrderId);
    // The sandbox takes the order, says 503, and refuses the second.
    assert!(matches!(
        client.call(&request).map(|_| ()),
        Err(Error::Unknown {
            status: Some(422),
            ..
        })
    ));
    assert_eq!(sandbox.requests().len(), 2);
    assert_eq!(shared.ledger().spent(), Amount::dollars(1000));
}

#[test]
fn what_surely_did_not_reach_the_server_is_given_back() {
    let sandbox = Sandbox::start().expect("a server");
    let shared = Shared::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let config = config(&sandbox).share(&shared).policy(POLICY);
    let mut nowhere = Client::<Paper>::with(&config, |slot| slot.paper(PAPER_KEY_ID, PAPER_SECRET))
        .unwrap()
        .at(Endpoint::<Trading, Paper>::at("localhost", port).unwrap());
    let body = notional(1000);
    for _ in 0..5 {
        let error = nowhere
            .call(&trading::submit_order(body.as_bytes()))
            .map(|_| ())
            .unwrap_err();
        assert!(matches!(error, Error::Connect(_)), "{error:?}");
        assert_eq!(shared.ledger().spent(), Amount::ZERO);
    }
}
