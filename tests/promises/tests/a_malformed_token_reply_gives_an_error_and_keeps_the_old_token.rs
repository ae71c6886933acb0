//! A malformed token reply is an error that says what is wrong, and the old token stays in use.

use std::time::Duration;

use alpaca_auth::credential::{Credential, KeyEvidence};
use alpaca_auth::endpoint::ApiKind;
use alpaca_auth::environment::{EnvironmentKind, Production, Sandbox};
use alpaca_auth::oauth::{BrokerLogin, ErrorCode, IssuedToken, Next, TokenError, TokenFault};
use alpaca_auth::response::json_shape::JsonShapeError;
use alpaca_auth::response::{Context, Reply, ReplyHead};

const CONTEXT: Context = Context {
    api: ApiKind::AuthServer,
    environment: EnvironmentKind::Sandbox,
    evidence: KeyEvidence::None,
};
const GOOD: &str = r#"{"access_token":"old-token","expires_in":900,"token_type":"Bearer"}"#;

fn reply(status: u16, body: &str) -> Reply<'_> {
    Reply::new(ReplyHead::new(status), CONTEXT, body.as_bytes())
}

/// A login with a token, at the moment when it is to be refreshed.
fn refreshed_by(status: u16, body: &str) -> (BrokerLogin<Sandbox>, Result<(), TokenError>) {
    let mut login = BrokerLogin::new();
    let Next::Refresh { attempt, .. } = login.poll(Duration::ZERO) else {
        panic!("no refresh")
    };
    login
        .settle(attempt, Some(&reply(200, GOOD)), Duration::ZERO, 0)
        .expect("a good reply");
    let now = Duration::from_secs(600);
    let Next::Refresh {
        attempt,
        usable: Some(_),
    } = login.poll(now)
    else {
        panic!("no refresh")
    };
    let settled = login.settle(attempt, Some(&reply(status, body)), now, 0);
    (login, settled)
}

fn token(login: &mut BrokerLogin<Sandbox>) -> Option<String> {
    let now = Duration::from_secs(600);
    let Next::Use { token, .. } = login.poll(now) else {
        return None;
    };
    let text = |secret: &[u8]| String::from_utf8(secret.to_vec()).expect("ASCII");
    Some(token.with_fields(|fields| text(fields[0].expose())))
}

fn with(token: &str, kind: &str, lifetime: &str) -> String {
    format!(r#"{{"access_token":{token},"token_type":{kind},"expires_in":{lifetime}}}"#)
}

#[test]
fn each_malformed_success_is_refused_by_name_and_the_old_token_stays() {
    use TokenFault as F;
    let longest = format!("\"{}\"", "a".repeat(2048));
    let too_long = format!("\"{}\"", "a".repeat(2049));
    let bearer = "\"Bearer\"";
    let mut cases = vec![
        (String::new(), F::Json(JsonShapeError::Truncated)),
        ("<html>ok</html>".into(), F::Json(JsonShapeError::Syntax)),
        ("[]".into(), F::Json(JsonShapeError::Syntax)),
        ("null".into(), F::Json(JsonShapeError::Syntax)),
        (
            GOOD[..GOOD.len() - 1].into(),
            F::Json(JsonShapeError::Truncated),
        ),
        (format!("{GOOD}{GOOD}"), F::Json(JsonShapeError::Trailing)),
        ("{}".into(), F::NoToken),
        (
            r#"{"error":"invalid_client"}"#.into(),
            F::Error(ErrorCode::InvalidClient),
        ),
        (
            r#"{"error":"new_code","x":1}"#.into(),
            F::Error(ErrorCode::Other),
        ),
        (r#"{"error":null}"#.into(), F::Error(ErrorCode::Other)),
        (
            GOOD.replace('}', r#","error":"server_error"}"#),
            F::Error(ErrorCode::ServerError),
        ),
        (GOOD.replace('}', r#","access_token":"new"}"#), F::Repeated),
        (GOOD.replace('}', r#","expires_in":900}"#), F::Repeated),
        (GOOD.replace('}', r#","token_type":"Bearer"}"#), F::Repeated),
        (
            GOOD.replace('}', r#","access\u005ftoken":"new"}"#),
            F::Escaped,
        ),
        (
            r#"{"token_type":"Bearer","expires_in":900}"#.into(),
            F::NoToken,
        ),
        (
            r#"{"Access_Token":"a","token_type":"Bearer","expires_in":900}"#.into(),
            F::NoToken,
        ),
        (
            r#"{"a":{"access_token":"b"},"token_type":"Bearer","expires_in":900}"#.into(),
            F::NoToken,
        ),
        (
            r#"{"access_token":"new","token_type":"Bearer"}"#.into(),
            F::NoLifetime,
        ),
        (
            r#"{"access_token":"new","expires_in":900}"#.into(),
            F::TokenType,
        ),
        (with(&too_long, bearer, "900"), F::TokenTooLong),
    ];
    for token in [
        "\"\"",
        "null",
        "1",
        "[\"a\"]",
        "\"a b\"",
        "\"a,b\"",
        "\"a\\nb\"",
        "\"a\\u0062\"",
        "\"ä\"",
        "\"a=b\"",
        "\"=\"",
        "\"a\\\"\"",
    ] {
        cases.push((with(token, bearer, "900"), F::TokenCharacters));
    }
    for kind in [
        "\"mac\"",
        "\"\"",
        "null",
        "1",
        "\"Bearer \"",
        "\"bear\\u0065r\"",
        "[\"Bearer\"]",
    ] {
        cases.push((with("\"new\"", kind, "900"), F::TokenType));
    }
    for lifetime in [
        "0",
        "-1",
        "-900",
        "86401",
        "4294967297",
        "1e3",
        "900.0",
        "900.5",
        "\"900\"",
        "null",
        "[900]",
        "99999999999999999999999999",
        "true",
        "-0",
    ] {
        cases.push((with("\"new\"", bearer, lifetime), F::Lifetime));
    }
    for (body, fault) in &cases {
        let (mut login, settled) = refreshed_by(200, body);
        assert_eq!(settled, Err(TokenError::Malformed(*fault)), "{body}");
        assert_eq!(token(&mut login).as_deref(), Some("old-token"), "{body}");
        let text = settled.unwrap_err().to_string();
        assert!(
            !text.contains("old-token") && !text.contains("new"),
            "{text}"
        );
    }
    for body in [
        with(&longest, bearer, "900"),
        with("\"a-._~+/==\"", "\"bEARER\"", "1"),
        with("\"a\"", bearer, "86400"),
        GOOD.replace(
            '}',
            r#","scope":"x","refresh_token":{"a":["}",{"expires_in":0}]}}"#,
        ),
    ] {
        assert_eq!(refreshed_by(200, &body).1, Ok(()), "{body}");
    }
}

#[test]
fn a_refusal_is_told_from_an_answer_of_something_between() {
    for (status, body, error) in [
        (
            401,
            r#"{"error":"invalid_client"}"#,
            Some((ErrorCode::InvalidClient, true)),
        ),
        (
            400,
            r#"{"fields":[{"name":"error"}],"error":"invalid_request"}"#,
            Some((ErrorCode::InvalidRequest, true)),
        ),
        (
            403,
            r#"{"error":"unauthorized_client"}"#,
            Some((ErrorCode::UnauthorizedClient, true)),
        ),
        (
            400,
            r#"{"error":"jti_known"}"#,
            Some((ErrorCode::JtiKnown, false)),
        ),
        (
            429,
            r#"{"error":"quota_exceeded"}"#,
            Some((ErrorCode::QuotaExceeded, false)),
        ),
        (
            503,
            r#"{"error":"temporarily_unavailable"}"#,
            Some((ErrorCode::TemporarilyUnavailable, false)),
        ),
        (
            400,
            r#"{"error":"something_new"}"#,
            Some((ErrorCode::Other, false)),
        ),
        (401, "<html>401 Authorization Required</html>", None),
        (500, "", None),
        (502, r#"{"message":"bad gateway"}"#, None),
        (400, r#"{"error":7}"#, None),
        (201, GOOD, None),
        (204, "", None),
        (302, r#"{"error":"invalid_client"}"#, None),
    ] {
        let (mut login, settled) = refreshed_by(status, body);
        let expected = error.map_or(TokenError::Status(status), |(code, _)| {
            TokenError::Refused { code, status }
        });
        assert_eq!(settled, Err(expected), "{status} {body}");
        assert_eq!(expected.is_final(), error.is_some_and(|(_, last)| last));
        assert_eq!(token(&mut login).as_deref(), Some("old-token"));
    }
}

#[test]
fn a_token_of_another_environment_is_refused() {
    let refused = IssuedToken::<Production>::read(&reply(200, GOOD)).err();
    assert_eq!(refused, Some(TokenError::Malformed(TokenFault::Context)));
    assert!(IssuedToken::<Sandbox>::read(&reply(200, GOOD)).is_ok());
}
