//! A request is sent at most once: not after a lost connection, not on a stale one, not after 5xx.

use alpaca_auth::endpoint::Trading;
use alpaca_auth::request::{Method, Request, trading};
use alpaca_auth_promises::{client, config};
use alpaca_auth_ureq::{Error, Stage};
use alpaca_sandbox::{Misbehaviour, Sandbox};

const ORDER: &[u8] =
    br#"{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"day"}"#;

#[test]
fn a_lost_answer_is_an_error_and_nothing_is_sent_again() {
    let sandbox = Sandbox::start().expect("a server");
    for misbehaviour in [
        Misbehaviour::CloseWithoutAnswer,
        Misbehaviour::TruncatedBody,
        Misbehaviour::WrongContentLength,
        Misbehaviour::Raw(b"HTTP/1.1 200 OK\r\nContent-".to_vec()),
    ] {
        for warm in [false, true] {
            let mut client = client(&sandbox, &config(&sandbox));
            if warm {
                assert!(client.call(&trading::clock()).is_ok());
            }
            sandbox.clear_requests();
            sandbox.misbehave(misbehaviour.clone());
            let error = client
                .call(&trading::submit_order(ORDER))
                .expect_err("no answer");
            assert_eq!(error, Error::ConnectionLost, "{misbehaviour:?}");
            assert_eq!(error.stage(), Stage::Http);
            assert!(error.to_string().contains("may have taken effect"));
            assert_eq!(sandbox.requests().len(), 1, "{misbehaviour:?}");
        }
    }
}

#[test]
fn a_server_error_or_a_rate_limit_is_an_answer_and_nothing_is_sent_again() {
    let sandbox = Sandbox::start().expect("a server");
    let mut client = client(&sandbox, &config(&sandbox));
    for misbehaviour in [
        Misbehaviour::ServerError(500),
        Misbehaviour::ServerError(503),
        Misbehaviour::TooManyRequests {
            retry_after: Some(0),
        },
    ] {
        sandbox.clear_requests();
        sandbox.misbehave(misbehaviour);
        let reply = client
            .call(&trading::submit_order(ORDER))
            .expect("an answer");
        assert!(reply.success().is_err());
        assert_eq!(sandbox.requests().len(), 1);
    }
}

#[test]
fn a_connection_that_went_stale_is_replaced_before_anything_is_sent() {
    let sandbox = Sandbox::start().expect("a server");
    let mut client = client(&sandbox, &config(&sandbox));
    for _ in 0..3 {
        // The answer is complete, and then the server closes.
        let body = r#"{"id":"1","status":"ACTIVE"}"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        sandbox.misbehave(Misbehaviour::Raw(answer.into_bytes()));
        assert!(client.call(&trading::account()).is_ok());
        while sandbox.open_connections() > 0 {
            std::thread::yield_now();
        }
    }
    sandbox.clear_requests();
    assert!(
        client
            .call(&trading::submit_order(ORDER))
            .expect("an answer")
            .success()
            .is_ok()
    );
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn calls_in_a_row_share_one_connection() {
    let sandbox = Sandbox::start().expect("a server");
    let mut client = client(&sandbox, &config(&sandbox));
    for _ in 0..10 {
        assert!(
            client
                .call(&trading::account())
                .expect("an answer")
                .success()
                .is_ok()
        );
        assert!(
            client
                .call(&trading::submit_order(b"{}"))
                .expect("an answer")
                .success()
                .is_err()
        );
        // Nothing follows the head of a request without a body, or the next one would be lost.
        for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
            let request = Request::<Trading>::new(method, "/v2/orders/1").expect("a target");
            assert!(client.call(&request).expect("an answer").success().is_err());
        }
    }
    assert_eq!(sandbox.connections(), 1);
}
