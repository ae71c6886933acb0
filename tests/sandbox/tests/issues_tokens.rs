//! The authorization server and the Connect pages refuse what Alpaca's refuse.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alpaca_sandbox::{
    AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET, CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET, Misbehaviour,
    Options, PublicKey, Sandbox, TokenFault,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const TOKEN: &str = "/v1/oauth2/token";
const REDIRECT: &str = "http%3A%2F%2F127.0.0.1%3A7777%2Fcallback";

/// One request on a connection of its own: status, head and body.
fn ask(
    sandbox: &Sandbox,
    port: u16,
    line: &str,
    fields: &str,
    body: &str,
) -> (u16, String, String) {
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
    let request = format!(
        "{line} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{fields}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("it is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    (
        status.parse().expect("a number"),
        head.to_owned(),
        body.to_owned(),
    )
}

fn post(sandbox: &Sandbox, body: &str) -> (u16, Value) {
    let line = format!("POST {TOKEN}");
    let (status, _, body) = ask(sandbox, sandbox.authx_port(), &line, FORM, body);
    (status, serde_json::from_str(&body).expect("JSON"))
}

fn get(sandbox: &Sandbox, port: u16, path: &str, token: &str) -> u16 {
    let fields = format!("Authorization: Bearer {token}\r\n");
    ask(sandbox, port, &format!("GET {path}"), &fields, "").0
}

fn secret_form() -> String {
    let secret = AUTHX_CLIENT_SECRET.replace('/', "%2F").replace('+', "%2B");
    format!("grant_type=client_credentials&client_id={AUTHX_CLIENT_ID}&client_secret={secret}")
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for piece in bytes.chunks(3) {
        let bits = (0..3).fold(0, |sum, at| {
            sum << 8 | usize::from(*piece.get(at).unwrap_or(&0))
        });
        for at in 0..=piece.len() {
            out.push(char::from(ALPHABET[bits >> (18 - 6 * at) & 63]));
        }
    }
    out
}

struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("it");
        Self { key, random }
    }

    fn public(&self) -> PublicKey {
        PublicKey::p256_point(self.key.public_key().as_ref()).expect("a point")
    }

    fn form(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            base64url(header.to_string().as_bytes()),
            base64url(claims.to_string().as_bytes())
        );
        let signature = self.key.sign(&self.random, signed.as_bytes()).expect("it");
        format!(
            "grant_type=client_credentials&client_id=SIGNS&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={signed}.{}",
            base64url(signature.as_ref())
        )
    }
}

fn claims(sandbox: &Sandbox, jti: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now");
    let now = now.as_secs();
    let aud = format!("https://localhost:{}{TOKEN}", sandbox.authx_port());
    json!({"iss": "SIGNS", "sub": "SIGNS", "aud": aud, "jti": jti, "iat": now, "exp": now + 120})
}

#[test]
fn token_requests_that_are_wrong_get_no_token() {
    let sandbox = Sandbox::start().expect("a server");
    let right = secret_form();
    for (body, status, error) in [
        ("", 400, "invalid_request"),
        ("grant_type=client_credentials", 401, "invalid_client"),
        ("grant_type=password", 400, "unsupported_grant_type"),
        (&right.replace("grant_type=", "x="), 400, "invalid_request"),
        (&right.replace("client_id=", "x="), 400, "invalid_request"),
        (&right.replace("%2F", "-"), 401, "invalid_client"),
        (&format!("{right}&client_id=x"), 400, "invalid_request"),
        (
            &format!("{right}&client_assertion=x"),
            400,
            "invalid_request",
        ),
        (&format!("{right}&scope=x"), 400, "invalid_scope"),
        (&format!("{right}%"), 400, "invalid_request"),
    ] {
        let (got, answer) = post(&sandbox, body);
        assert_eq!((got, &answer["error"]), (status, &json!(error)), "{body}");
        assert!(answer.get("error_description").is_none());
    }
    let (port, line) = (sandbox.authx_port(), format!("POST {TOKEN}"));
    let json = "Content-Type: application/json\r\n";
    assert_eq!(ask(&sandbox, port, &line, json, &right).0, 400);
    let basic = format!("{FORM}Authorization: Basic eDp5\r\n");
    assert_eq!(ask(&sandbox, port, &line, &basic, &right).0, 401);
    let line = format!("GET {TOKEN}");
    assert_eq!(ask(&sandbox, port, &line, FORM, &right).0, 405);
    assert_eq!(sandbox.token_requests(), 12);
}

#[test]
fn a_token_opens_the_broker_until_it_expires_or_is_revoked() {
    let sandbox = Sandbox::start().expect("a server");
    let broker = sandbox.broker_port();
    let issue = || {
        let (status, answer) = post(&sandbox, &secret_form());
        assert_eq!((status, &answer["expires_in"]), (200, &json!(899)));
        answer["access_token"].as_str().expect("a token").to_owned()
    };
    let token = issue();
    assert_ne!(token, issue());
    let quote = "/v2/stocks/AAPL/quotes/latest";
    assert_eq!(get(&sandbox, broker, "/v1/accounts", &token), 200);
    assert_eq!(get(&sandbox, sandbox.data_port(), quote, &token), 200);
    assert_eq!(get(&sandbox, broker, "/v1/accounts", "other"), 401);
    assert_eq!(
        get(&sandbox, sandbox.paper_port(), "/v2/account", &token),
        401
    );
    sandbox.advance(Duration::from_secs(899));
    assert_eq!(get(&sandbox, broker, "/v1/accounts", &token), 401);
    assert_eq!(get(&sandbox, sandbox.data_port(), quote, &token), 401);
    let token = issue();
    let body = format!("{}&token={token}", secret_form());
    let line = "POST /v1/oauth2/revoke";
    let revoke = |body: &str| ask(&sandbox, sandbox.authx_port(), line, FORM, body).0;
    assert_eq!(revoke(&format!("token={token}")), 401);
    assert_eq!(get(&sandbox, broker, "/v1/accounts", &token), 200);
    assert_eq!(revoke(&body), 200);
    assert_eq!(revoke(&body), 200);
    assert_eq!(get(&sandbox, broker, "/v1/accounts", &token), 401);
}

#[test]
fn an_assertion_is_good_once_and_only_as_registered() {
    let (signer, other) = (Signer::new(), Signer::new());
    let sandbox = Options::new()
        .client_key("SIGNS", Some("one"), signer.public())
        .start()
        .expect("a server");
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": "one"});
    let form = signer.form(&header, &claims(&sandbox, "first"));
    assert_eq!(post(&sandbox, &form).0, 200);
    let (status, answer) = post(&sandbox, &form);
    assert_eq!((status, &answer["error"]), (400, &json!("jti_known")));
    for (name, value) in [
        ("aud", json!("https://localhost/v1/oauth2/token")),
        ("aud", json!(null)),
        ("iss", json!("OTHER")),
        ("sub", json!("OTHER")),
        ("exp", json!(null)),
        ("exp", json!(1)),
        ("exp", json!(u64::MAX)),
        ("exp", json!("9999999999")),
        ("iat", json!(u64::MAX)),
        ("nbf", json!(u64::MAX)),
        ("jti", json!(null)),
        ("jti", json!("")),
    ] {
        let mut claims = claims(&sandbox, "fresh");
        claims[name] = value;
        let (status, answer) = post(&sandbox, &signer.form(&header, &claims));
        assert_eq!(answer, json!({"error": "invalid_client"}), "{claims}");
        assert_eq!(status, 401);
    }
    let fresh = claims(&sandbox, "fresh");
    for header in [
        json!({"alg": "ES256"}),
        json!({"alg": "ES256", "kid": "two"}),
        json!({"alg": "RS256", "kid": "one"}),
        json!({"alg": "none", "kid": "one"}),
        json!({"alg": "ES256", "kid": "one", "crit": ["x"]}),
    ] {
        assert_eq!(
            post(&sandbox, &signer.form(&header, &fresh)).0,
            401,
            "{header}"
        );
    }
    assert_eq!(post(&sandbox, &other.form(&header, &fresh)).0, 401);
    let form = signer.form(&header, &fresh);
    assert_eq!(post(&sandbox, &form.replace("jwt-bearer", "jwt")).0, 400);
    assert_eq!(
        post(&sandbox, &form.replace("client_id=SIGNS", "client_id=X")).0,
        401
    );
    assert_eq!(post(&sandbox, &form).0, 200);
}

#[test]
fn token_misbehaviour_waits_for_a_token_request() {
    let sandbox = Sandbox::start().expect("a server");
    for fault in TokenFault::ALL {
        sandbox.misbehave_token(Misbehaviour::Token(fault));
        assert_eq!(
            get(&sandbox, sandbox.broker_port(), "/v1/accounts", "x"),
            401
        );
        let line = format!("POST {TOKEN}");
        let (status, _, body) = ask(&sandbox, sandbox.authx_port(), &line, FORM, &secret_form());
        assert_eq!(status, 200);
        assert!(
            !body.contains("sandbox.") || body.contains("misbehaving"),
            "{body}"
        );
    }
    assert_eq!(post(&sandbox, &secret_form()).1["expires_in"], 899);
}

fn authorize(sandbox: &Sandbox, query: &str) -> (u16, String) {
    let line = format!("GET /oauth/authorize?{query}");
    let (status, head, _) = ask(sandbox, sandbox.live_port(), &line, "", "");
    let location = head
        .lines()
        .find_map(|line| line.strip_prefix("Location: "));
    (status, location.unwrap_or_default().to_owned())
}

fn exchange(sandbox: &Sandbox, fields: &str, body: &str) -> (u16, Value) {
    let (status, _, body) = ask(
        sandbox,
        sandbox.live_port(),
        "POST /oauth/token",
        fields,
        body,
    );
    (status, serde_json::from_str(&body).expect("JSON"))
}

fn code(sandbox: &Sandbox, more: &str) -> String {
    let query = format!(
        "response_type=code&client_id={CONNECT_CLIENT_ID}&redirect_uri={REDIRECT}&state=s{more}"
    );
    let (status, location) = authorize(sandbox, &query);
    let rest = location.strip_prefix("http://127.0.0.1:7777/callback?code=");
    let (code, rest) = rest.expect("a code").split_once('&').expect("a state");
    assert_eq!((status, rest), (302, "state=s"));
    code.to_owned()
}

fn exchange_form(code: &str) -> String {
    format!(
        "grant_type=authorization_code&code={code}&client_id={CONNECT_CLIENT_ID}&client_secret={CONNECT_CLIENT_SECRET}&redirect_uri={REDIRECT}"
    )
}

#[test]
fn the_page_redirects_registered_apps_only() {
    let sandbox = Sandbox::start().expect("a server");
    let right =
        format!("response_type=code&client_id={CONNECT_CLIENT_ID}&redirect_uri={REDIRECT}&state=s");
    for query in [
        right.replace("client_id=5", "client_id=6"),
        right.replace("127.0.0.1", "example.com"),
        right.replace("callback", "other"),
        right.replace("7777", "7777%40example.com"),
        format!("{right}&state=t"),
    ] {
        assert_eq!(authorize(&sandbox, &query), (400, String::new()), "{query}");
    }
    for (query, error) in [
        (
            right.replace("=code", "=token"),
            "unsupported_response_type",
        ),
        (format!("{right}&scope=all"), "invalid_scope"),
        (format!("{right}&env=moon"), "invalid_request"),
        (format!("{right}&code_challenge=x"), "invalid_request"),
    ] {
        let place = format!("http://127.0.0.1:7777/callback?error={error}&state=s");
        assert_eq!(authorize(&sandbox, &query), (302, place), "{query}");
    }
    sandbox.deny_apps(true);
    let (_, place) = authorize(&sandbox, &right);
    assert!(place.ends_with("?error=access_denied&state=s"), "{place}");
}

#[test]
fn a_code_is_exchanged_once_by_its_own_app() {
    let sandbox = Sandbox::start().expect("a server");
    let form = exchange_form(&code(&sandbox, ""));
    assert_eq!(exchange(&sandbox, "", &form).0, 401);
    let (status, answer) = exchange(&sandbox, FORM, &form);
    assert_eq!((status, &answer["token_type"]), (200, &json!("bearer")));
    assert!(answer.get("expires_in").is_none());
    assert_eq!(answer["access_token"].as_str().map(str::len), Some(36));
    assert_eq!(exchange(&sandbox, FORM, &form).1["error"], "invalid_grant");
    for (from, to, status) in [
        ("redirect_uri", "x", 400),
        ("client_secret=", "client_secret=0", 401),
        ("7777", "7778", 400),
        ("authorization_code", "client_credentials", 400),
        ("&code=", "&code=x", 400),
    ] {
        let form = exchange_form(&code(&sandbox, "")).replace(from, to);
        assert_eq!(exchange(&sandbox, FORM, &form).0, status, "{from} {to}");
    }
    // RFC 7636 appendix B.
    let challenge =
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    for (verifier, status) in [
        ("", 400),
        (
            "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl",
            400,
        ),
        (
            "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            200,
        ),
    ] {
        let form = exchange_form(&code(&sandbox, challenge)) + verifier;
        assert_eq!(exchange(&sandbox, FORM, &form).0, status, "{verifier}");
    }
}

#[test]
fn a_connect_token_opens_what_its_scope_names() {
    let sandbox = Sandbox::start().expect("a server");
    let issue = |more: &str| {
        let (_, answer) = exchange(&sandbox, FORM, &exchange_form(&code(&sandbox, more)));
        answer["access_token"].as_str().expect("a token").to_owned()
    };
    let (paper, live) = (sandbox.paper_port(), sandbox.live_port());
    let order = |token: &str| {
        let body = r#"{"symbol":"F","qty":"1","side":"buy","type":"market","time_in_force":"day"}"#;
        let fields = format!("Authorization: Bearer {token}\r\n");
        ask(&sandbox, paper, "POST /v2/orders", &fields, body).0
    };
    let reads = issue("&env=paper");
    assert_eq!(get(&sandbox, paper, "/v2/account", &reads), 200);
    assert_eq!(get(&sandbox, live, "/v2/account", &reads), 401);
    assert_eq!(order(&reads), 403);
    let quote = "/v2/stocks/AAPL/quotes/latest";
    assert_eq!(get(&sandbox, sandbox.data_port(), quote, &reads), 403);
    let trades = issue("&scope=trading+data");
    assert_eq!(order(&trades), 200);
    assert_eq!(get(&sandbox, live, "/v2/account", &trades), 200);
    assert_eq!(get(&sandbox, sandbox.data_port(), quote, &trades), 200);
    assert_eq!(
        get(&sandbox, sandbox.broker_port(), "/v1/accounts", &trades),
        401
    );
    sandbox.revoke_tokens();
    assert_eq!(get(&sandbox, paper, "/v2/account", &trades), 401);
}
