//! Any answer of a token endpoint: a token only if serde_json finds the same one, the right one
//! always, and an old token stays in use when there is no new one. The first byte is the status.
#![no_main]

use std::time::Duration;

use alpaca_auth::credential::{Credential, KeyEvidence};
use alpaca_auth::endpoint::ApiKind;
use alpaca_auth::environment::{EnvironmentKind, Paper, Sandbox};
use alpaca_auth::oauth::connect::ConnectGrant;
use alpaca_auth::oauth::{
    BrokerLogin, EXPIRES_IN_MAX, IssuedToken, Next, TokenError, read_revocation,
};
use alpaca_auth::response::{Context, Reply, ReplyHead};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const STATUS: [u16; 8] = [200, 200, 200, 200, 400, 401, 503, 201];
const OLD: &[u8] = br#"{"access_token":"old","expires_in":900,"token_type":"Bearer"}"#;

fn reply(status: u16, api: ApiKind, environment: EnvironmentKind, body: &[u8]) -> Reply<'_> {
    let evidence = KeyEvidence::None;
    let context = Context { api, environment, evidence };
    Reply::new(ReplyHead::new(status), context, body)
}

/// The token of a login that held an old one when `answer` came.
fn token_after(answer: &Reply<'_>) -> (bool, Vec<u8>) {
    let mut login = BrokerLogin::<Sandbox>::new();
    let (start, later) = (Duration::ZERO, Duration::from_secs(600));
    let Next::Refresh { attempt, .. } = login.poll(start) else { panic!("no refresh") };
    let old = reply(200, ApiKind::AuthServer, EnvironmentKind::Sandbox, OLD);
    login.settle(attempt, Some(&old), start, 0).expect("the old one");
    let Next::Refresh { attempt, .. } = login.poll(later) else { panic!("no refresh") };
    let settled = login.settle(attempt, Some(answer), later, 0).is_ok();
    let token = login.withdraw().expect("one of them");
    (settled, token.with_fields(|fields| fields[0].expose().to_vec()))
}

/// How often `name` is the name of a member.
fn members(body: &[u8], name: &str) -> usize {
    let places = body.windows(name.len()).enumerate().filter(|(_, part)| *part == name.as_bytes());
    let named = places.filter(|(at, _)| {
        let mut rest = body[at + name.len()..].iter().skip_while(|byte| byte.is_ascii_whitespace());
        rest.next() == Some(&b':')
    });
    named.count()
}

/// RFC 6750 §2.1.
fn is_bearer(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(allowed)
}

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let status = STATUS[usize::from(first % 8)];
    let broker = reply(status, ApiKind::AuthServer, EnvironmentKind::Sandbox, body);
    let issued = IssuedToken::<Sandbox>::read(&broker);
    let (settled, token) = token_after(&broker);
    assert_eq!(settled, issued.is_ok());

    let theirs = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);
    // Without escapes and with each name once there is one way to read it.
    let once = |name: &str| body.windows(name.len()).filter(|part| *part == name.as_bytes()).count() == 1;
    let plain = !body.contains(&b'\\');
    let text = |name: &str| theirs.as_ref().and_then(|object| object[name].as_str());
    let error = theirs.as_ref().is_some_and(|object| object.get("error").is_some());
    let bearer = text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    let lives = theirs.as_ref().and_then(|object| object["expires_in"].as_u64());
    let names = ["\"access_token\"", "\"expires_in\"", "\"token_type\""];
    match &issued {
        Ok(issued) => {
            assert!(status == 200 && !error && bearer, "more is accepted than there is");
            assert_eq!(text("access_token").map(str::as_bytes), Some(token.as_slice()));
            assert_eq!(lives, Some(u64::from(issued.expires_in())));
            assert!((1..=EXPIRES_IN_MAX).contains(&issued.expires_in()));
            // serde_json takes the last of two, so it would not tell.
            let flat = plain && body.iter().filter(|byte| b"{[".contains(byte)).count() == 1;
            assert!(!flat || names.into_iter().all(|name| members(body, name) == 1), "one of two");
        }
        Err(refused) => {
            assert_eq!(token, b"old", "the old token is gone");
            let right = text("access_token").is_some_and(|token| token.len() <= 2048 && is_bearer(token))
                && lives.is_some_and(|lives| (1..=u64::from(EXPIRES_IN_MAX)).contains(&lives));
            let single = plain && names.into_iter().all(once);
            let accepted = status == 200 && !error && bearer && right && single;
            assert!(!accepted, "a right one is refused: {refused}");
            if let (TokenError::Refused { code, .. }, true) = (refused, plain && once("\"error\"")) {
                let said = text("error").expect("a code");
                assert!(code.name() == said || code.name() == "other");
            }
            assert!(refused.to_string().is_ascii());
        }
    }
    let connect = reply(status, ApiKind::ConnectToken, EnvironmentKind::Paper, body);
    match ConnectGrant::<Paper>::read(&connect) {
        Ok(_) => assert!(status == 200 && !error && bearer && text("access_token").is_some_and(is_bearer)),
        Err(refused) => assert!(refused.to_string().is_ascii()),
    }
    match read_revocation::<Sandbox>(&broker) {
        Ok(()) => assert!(status == 200 && !(error && plain && text("error").is_some())),
        Err(refused) => assert!(refused.to_string().is_ascii()),
    }
});
