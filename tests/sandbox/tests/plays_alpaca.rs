//! The sandbox answers as Alpaca does: statuses, bodies and headers of the published facts.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use alpaca_sandbox::{
    BROKER_KEY_ID, LIVE_KEY_ID, LIVE_SECRET, Options, PAPER_KEY_ID, PAPER_SECRET, Sandbox,
};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

/// One request on a connection of its own: status, head and body.
fn ask(sandbox: &Sandbox, port: u16, request: &str) -> (u16, String, String) {
    let mut roots = RootCertStore::empty();
    roots.add(sandbox.ca_der().to_vec().into()).expect("a CA");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    let socket = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let mut stream = StreamOwned::new(connection, socket);
    stream.write_all(request.as_bytes()).expect("it is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (
        status.expect("a status"),
        head.to_ascii_lowercase(),
        body.to_owned(),
    )
}

fn get(
    sandbox: &Sandbox,
    port: u16,
    path: &str,
    keys: Option<(&str, &str)>,
) -> (u16, String, String) {
    send(sandbox, port, "GET", path, keys, "")
}

fn send(
    sandbox: &Sandbox,
    port: u16,
    method: &str,
    path: &str,
    keys: Option<(&str, &str)>,
    body: &str,
) -> (u16, String, String) {
    let keys = keys.map_or_else(String::new, |(id, secret)| {
        format!("APCA-API-KEY-ID: {id}\r\napca-api-secret-key: {secret}\r\n")
    });
    let length = body.len();
    ask(
        sandbox,
        port,
        &format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{keys}Content-Length: {length}\r\n\r\n{body}"
        ),
    )
}

const PAPER: Option<(&str, &str)> = Some((PAPER_KEY_ID, PAPER_SECRET));

#[test]
fn wrong_credentials_are_refused_as_alpaca_does() {
    let sandbox = Sandbox::start().expect("a server");
    let (paper, live, data) = (
        sandbox.paper_port(),
        sandbox.live_port(),
        sandbox.data_port(),
    );
    let broker = sandbox.broker_port();
    let account = "/v2/account";
    for (port, path, keys, status, part) in [
        (paper, account, None, 403, "forbidden."),
        (paper, account, Some(("garbage", "x")), 403, "forbidden."),
        (paper, account, Some((PAPER_KEY_ID, "x")), 401, "40110000"),
        (
            paper,
            account,
            Some((LIVE_KEY_ID, LIVE_SECRET)),
            401,
            "40110000",
        ),
        (live, account, PAPER, 401, "40110000"),
        (
            live,
            account,
            Some(("PKUNKNOWN00000000000", "x")),
            401,
            "40110000",
        ),
        (data, "/v2/stocks/AAPL/quotes/latest", None, 401, "<html>"),
        (
            data,
            "/v2/stocks/AAPL/quotes/latest",
            Some((PAPER_KEY_ID, "x")),
            401,
            "Authorization Required",
        ),
        (broker, "/v1/accounts", PAPER, 401, "40110000"),
        (
            broker,
            "/v1/accounts",
            Some((BROKER_KEY_ID, "x")),
            401,
            "40110000",
        ),
    ] {
        let (got, head, body) = get(&sandbox, port, path, keys);
        assert_eq!(got, status, "{path} {keys:?} {body}");
        assert!(body.contains(part), "{body}");
        assert!(!head.contains("x-ratelimit"), "{head}");
    }
}

#[test]
fn right_credentials_open_their_own_servers() {
    let sandbox = Sandbox::start().expect("a server");
    let live = Some((LIVE_KEY_ID, LIVE_SECRET));
    let (status, head, body) = get(&sandbox, sandbox.paper_port(), "/v2/account", PAPER);
    assert_eq!(status, 200);
    assert!(body.len() > 900, "{}", body.len());
    assert!(
        head.contains("x-request-id: ") && head.contains("x-ratelimit-remaining: 199"),
        "{head}"
    );
    let (_, _, other) = get(&sandbox, sandbox.live_port(), "/v2/account", live);
    assert_ne!(body, other);
    for keys in [PAPER, live] {
        assert_eq!(
            get(
                &sandbox,
                sandbox.data_port(),
                "/v2/stocks/AAPL/trades/latest",
                keys
            )
            .0,
            200
        );
    }
    assert_eq!(
        get(
            &sandbox,
            sandbox.data_port(),
            "/v1beta3/crypto/us/latest/trades?symbols=BTC%2FUSD",
            None
        )
        .0,
        200
    );
    assert_eq!(
        get(&sandbox, sandbox.paper_port(), "/v2/nowhere", PAPER).0,
        404
    );
}

#[test]
fn one_client_order_id_makes_one_order() {
    let sandbox = Sandbox::start().expect("a server");
    let port = sandbox.paper_port();
    let ticket = json!({"symbol": "AAPL", "qty": "1", "side": "buy", "type": "market", "time_in_force": "day", "client_order_id": "one"});
    let submit = |ticket: &Value| {
        send(
            &sandbox,
            port,
            "POST",
            "/v2/orders",
            PAPER,
            &ticket.to_string(),
        )
    };
    let (status, _, body) = submit(&ticket);
    assert_eq!(status, 200);
    let order: Value = serde_json::from_str(&body).expect("JSON");
    let (status, _, body) = submit(&ticket);
    assert!(status == 422 && body.contains("unique"), "{body}");
    let listed = get(&sandbox, port, "/v2/orders?status=all", PAPER).2;
    assert_eq!(
        serde_json::from_str::<Vec<Value>>(&listed)
            .expect("JSON")
            .len(),
        1
    );
    let path = format!("/v2/orders/{}", order["id"].as_str().expect("an id"));
    assert_eq!(send(&sandbox, port, "DELETE", &path, PAPER, "").0, 204);
    assert_eq!(send(&sandbox, port, "DELETE", &path, PAPER, "").0, 422);
    assert_eq!(
        send(&sandbox, port, "DELETE", "/v2/orders/none", PAPER, "").0,
        404
    );
}

#[test]
fn an_order_is_filled_replaced_or_canceled_once() {
    let sandbox = Sandbox::start().expect("a server");
    let port = sandbox.paper_port();
    let ask = |method: &str, path: &str, body: &str| {
        let (status, _, body) = send(&sandbox, port, method, path, PAPER, body);
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    };
    let place = |limit: &str| {
        let ticket = json!({"symbol": "AAPL", "qty": "2", "side": "buy", "type": "limit",
            "time_in_force": "day", "limit_price": limit});
        let (status, order) = ask("POST", "/v2/orders", &ticket.to_string());
        assert_eq!(status, 200, "{order}");
        format!("/v2/orders/{}", order["id"].as_str().expect("an id"))
    };
    let looks =
        |path: &str| [(); 4].map(|()| ask("GET", path, "").1["status"].as_str().map(str::to_owned));
    let said = |words: [&str; 4]| words.map(|word| Some(word.to_owned()));

    // The price is 231.50.
    let met = place("231.50");
    assert_eq!(looks(&met), said(["accepted", "new", "filled", "filled"]));
    assert_eq!(ask("GET", &met, "").1["filled_avg_price"], "231.50");
    assert_eq!(ask("DELETE", &met, "").0, 422);
    assert_eq!(ask("PATCH", &met, r#"{"qty":"3"}"#).0, 422);

    let waits = place("231.49");
    assert_eq!(looks(&waits), said(["accepted", "new", "new", "new"]));
    for wrong in ["{}", r#"{"symbol":"F"}"#] {
        assert_eq!(ask("PATCH", &waits, wrong).0, 422);
    }
    assert_eq!(ask("PATCH", &waits, "[").0, 400);
    let (status, new) = ask("PATCH", &waits, r#"{"limit_price":"300"}"#);
    assert_eq!((status, &new["limit_price"]), (200, &json!("300")));
    let old = ask("GET", &waits, "").1;
    assert_eq!(
        (&old["status"], &old["replaced_by"]),
        (&json!("replaced"), &new["id"])
    );
    let new = format!("/v2/orders/{}", new["id"].as_str().expect("an id"));
    assert_eq!(looks(&new), said(["accepted", "new", "filled", "filled"]));
    assert_eq!(ask("PATCH", "/v2/orders/none", "{}").0, 404);

    place("1");
    let open = |query: &str| {
        ask("GET", &format!("/v2/orders?{query}"), "")
            .1
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(
        (open(""), open("side=sell"), open("status=closed")),
        (Some(1), Some(0), Some(3))
    );
    assert_eq!(ask("DELETE", "/v2/orders", "").0, 207);
    assert_eq!((open(""), open("status=all&side=buy")), (Some(0), Some(4)));
}

#[test]
fn malformed_tickets_make_no_order() {
    let sandbox = Sandbox::start().expect("a server");
    let port = sandbox.paper_port();
    let good = json!({"symbol": "AAPL", "qty": "1", "side": "buy", "type": "market", "time_in_force": "day"});
    for (field, value, status) in [
        ("symbol", json!("NOPE"), 422),
        ("symbol", json!(null), 422),
        ("qty", json!(null), 422),
        ("qty", json!("0"), 422),
        ("qty", json!("-1"), 422),
        ("qty", json!("x"), 422),
        ("notional", json!("5"), 422),
        ("side", json!("hold"), 422),
        ("type", json!("limit"), 422),
        ("type", json!("magic"), 422),
        ("time_in_force", json!("never"), 422),
        ("client_order_id", json!("x".repeat(129)), 422),
        ("qty", json!("1000000"), 403),
    ] {
        let mut ticket = good.clone();
        ticket[field] = value;
        let (got, _, body) = send(
            &sandbox,
            port,
            "POST",
            "/v2/orders",
            PAPER,
            &ticket.to_string(),
        );
        assert_eq!(got, status, "{ticket} {body}");
    }
    assert_eq!(
        send(&sandbox, port, "POST", "/v2/orders", PAPER, "{").0,
        400
    );
    assert_eq!(get(&sandbox, port, "/v2/orders?status=all", PAPER).2, "[]");
}

#[test]
fn the_rate_limit_counts_and_refuses() {
    let sandbox = Options::new().rate_limit(2).start().expect("a server");
    let port = sandbox.paper_port();
    // A minute may end in between, so that the count starts over once.
    let statuses: Vec<_> = (0..6)
        .map(|_| get(&sandbox, port, "/v2/clock", PAPER))
        .collect();
    let refused = statuses
        .iter()
        .find(|answer| answer.0 == 429)
        .expect("a refusal");
    assert!(
        refused.1.contains("x-ratelimit-remaining: 0") && refused.2.contains("42910000"),
        "{refused:?}"
    );
}
