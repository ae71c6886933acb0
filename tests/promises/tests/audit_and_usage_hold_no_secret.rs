//! Promise: what is counted, audited and shown of calls holds no secret, no header, no query and no body.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpaca_auth::endpoint::{ApiKind, Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::{Method, Request, trading};
use alpaca_auth::retry::RetryRules;
use alpaca_auth::usage::Class;
use alpaca_auth_promises::{client_with, config};
use alpaca_auth_ureq::{Client, Pace, Shared};
use alpaca_sandbox::{Misbehaviour, Options, PAPER_KEY_ID, PAPER_SECRET};

/// What must stand in no text. The last are headers that are sent or received.
const MARKED: [&str; 9] = [
    PAPER_SECRET,
    PAPER_KEY_ID,
    "marked-query",
    "marked-body",
    "APCA",
    "alpaca-auth/",
    "application/json",
    "Authorization",
    "X-Request",
];

#[test]
fn no_text_of_a_call_holds_a_secret_whatever_came_of_it() {
    let sandbox = Options::new().rate_limit(1000).start().expect("a server");
    let shared = Shared::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    let rules = RetryRules::new()
        .attempts(2)
        .pauses(Duration::from_millis(1), Duration::from_millis(1));
    let config = config(&sandbox)
        .share(&shared)
        .pace(Pace::Refuse)
        .retry(rules)
        .audit(move |audit| seen.lock().unwrap().push(format!("{audit}\n{audit:?}")));
    let mut client = client_with(&sandbox, &config, PAPER_KEY_ID, PAPER_SECRET);
    let mut texts = Vec::new();
    for misbehaviour in [
        None,
        Some(Misbehaviour::ServerError(500)),
        Some(Misbehaviour::CloseWithoutAnswer),
        Some(Misbehaviour::HtmlError(401)),
        Some(Misbehaviour::EmptyError(403)),
        Some(Misbehaviour::Redirect {
            status: 302,
            location: "https://marked-query.invalid/".into(),
        }),
        Some(Misbehaviour::TruncatedBody),
        Some(Misbehaviour::Raw(
            b"HTTP/1.0 200 marked-body\r\n\r\n".to_vec(),
        )),
    ] {
        if let Some(misbehaviour) = misbehaviour {
            sandbox.misbehave(misbehaviour);
        }
        let request = Request::<Trading>::new(Method::Post, "/v2/orders?x=marked-query").unwrap();
        match client.call(&request.with_json(br#"{"symbol":"marked-body"}"#)) {
            Ok(reply) => texts.push(format!("{:?}", reply.status())),
            Err(error) => texts.push(format!("{error} {error:?}")),
        }
    }
    assert!(client.call(&trading::account()).is_ok());
    // Nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut nowhere = Client::<Paper>::with(&config, |slot| slot.paper(PAPER_KEY_ID, PAPER_SECRET))
        .unwrap()
        .at(Endpoint::<Trading, Paper>::at("localhost", port).unwrap());
    assert!(nowhere.call(&trading::account()).is_err());
    let lines = lines.lock().unwrap().clone();
    let usage = shared.usage();
    texts.extend([
        usage.to_string(),
        format!("{usage:?}"),
        shared.prometheus(),
        format!("{shared:?}"),
        format!("{config:?}"),
    ]);
    for text in texts.iter().chain(&lines) {
        for marked in MARKED {
            assert!(!text.contains(marked), "{marked} in {text}");
        }
    }
    // The control: they say what they are to say.
    assert_eq!(lines.len() as u64, usage.sends);
    assert!(
        lines[0].starts_with("POST localhost/v2/orders attempt=1 status=422 ms="),
        "{}",
        lines[0]
    );
    assert!(lines.iter().any(|line| line.contains(" status=lost ")));
    assert!(
        lines
            .iter()
            .any(|line| line.contains("attempt=2 status=not_sent "))
    );
    assert!(lines.iter().any(|line| line.contains(" status=302 ")));
    assert_eq!(usage.calls, 10);
    for (class, count) in [
        (Class::Success, 1),
        (Class::Invalid, 1),
        (Class::Server, 1),
        (Class::Credential, 2),
        (Class::Redirect, 1),
        (Class::Lost, 3),
        (Class::NotSent, 2),
    ] {
        assert_eq!(usage.count(class), count, "{class:?} {usage}");
    }
    let recorded: usize = sandbox.requests().len();
    assert_eq!(recorded as u64, usage.sends - usage.count(Class::NotSent));
    assert!(usage.bytes_out > 2000 && usage.bytes_in > 2000, "{usage}");
    assert_eq!(usage.request_ids().count(), 2);
    let remaining = usage
        .limits(ApiKind::Trading)
        .and_then(|limits| limits.remaining);
    assert!(remaining.is_some_and(|remaining| remaining < 1000));
    assert!(
        shared
            .prometheus()
            .contains("alpaca_rate_limit_remaining{api=\"trading\"} 9")
    );
}

#[test]
fn bytes_are_counted_to_the_letter_and_connections_are_kept() {
    let sandbox = Options::new().rate_limit(1000).start().expect("a server");
    let shared = Shared::new();
    let config = config(&sandbox).share(&shared).retry(RetryRules::new());
    let mut client = client_with(&sandbox, &config, PAPER_KEY_ID, PAPER_SECRET);
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let before = shared.usage();
        let body = client.call(&trading::account()).unwrap().body().len() as u64;
        let after = shared.usage();
        sizes.push(after.bytes_out - before.bytes_out);
        let head = after.bytes_in - before.bytes_in - body;
        assert!((100..500).contains(&head), "{head}");
    }
    let request = &sandbox.requests()[0];
    let fields: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    let whole = "GET /v2/account HTTP/1.1\r\n\r\n".len() + fields;
    assert_eq!(sizes, [whole as u64; 3]);
    // A limit of time for each attempt costs no connection.
    assert_eq!(sandbox.connections(), 1);
}
