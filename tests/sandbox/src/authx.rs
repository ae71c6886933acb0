//! The authorization server of the Broker API: client credentials, with the rules of Ory Fosite.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::form::Form;
use crate::http::{Answer, Recorded, Refused};
use crate::jwt::{self, PublicKey};
use crate::random;

/// Client id of the sandbox's broker partner.
pub const AUTHX_CLIENT_ID: &str = "CKSANDBOXCLIENT0000000000";
/// Client secret of the sandbox's broker partner.
pub const AUTHX_CLIENT_SECRET: &str = "SANDBOXqWe4Rt7/Yu1IoPa+Sd5Fg8Hj2Kl6Zx3Cv";

const TOKEN_PATH: &str = "/v1/oauth2/token";
const REVOKE_PATH: &str = "/v1/oauth2/revoke";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ASSERTION_MAX: usize = 16_384;
/// How far ahead `exp` may be, in seconds.
const EXPIRY_AHEAD_MAX: u64 = 3600;

/// The clients and how they prove who they are.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    secrets: HashMap<String, String>,
    keys: HashMap<String, Vec<(Option<String>, PublicKey)>>,
    pub(crate) lifetime: Duration,
    pub(crate) audience: Option<String>,
}

impl Default for Clients {
    fn default() -> Self {
        let mut clients = Self {
            secrets: HashMap::new(),
            keys: HashMap::new(),
            lifetime: Duration::from_secs(899),
            audience: None,
        };
        clients.add_secret(AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET);
        clients
    }
}

impl Clients {
    pub(crate) fn add_secret(&mut self, id: &str, secret: &str) {
        self.secrets.insert(id.to_owned(), secret.to_owned());
    }

    pub(crate) fn add_key(&mut self, id: &str, kid: Option<&str>, key: PublicKey) {
        let keys = self.keys.entry(id.to_owned()).or_default();
        keys.push((kid.map(str::to_owned), key));
    }
}

struct Token {
    /// Whose it is.
    id: String,
    /// Until when it is valid, in unix seconds.
    until: u64,
}

/// The server's state.
#[derive(Default)]
pub(crate) struct AuthServer {
    clients: Clients,
    tokens: HashMap<String, Token>,
    /// The `jti`s seen, per client.
    seen: HashSet<(String, String)>,
    pub(crate) token_requests: usize,
    /// Tokens that their clients have revoked.
    pub(crate) revoked: usize,
}

impl AuthServer {
    pub(crate) fn new(clients: Clients) -> Self {
        Self {
            clients,
            ..Self::default()
        }
    }

    /// Registers a key while the server runs.
    pub(crate) fn add_key(&mut self, id: &str, kid: Option<&str>, key: PublicKey) {
        self.clients.add_key(id, kid, key);
    }

    pub(crate) fn answer(&mut self, request: &Recorded, now: u64) -> Result<Answer, Refused> {
        let path = request.target.split('?').next().unwrap_or_default();
        match (request.method.as_str(), path) {
            ("POST", TOKEN_PATH) => {
                self.token_requests = self.token_requests.saturating_add(1);
                self.issue(request, now)
            }
            ("POST", REVOKE_PATH) => self.revoke(request, now),
            (_, TOKEN_PATH | REVOKE_PATH) => Err(refuse(405, "invalid_request", &[], "not a POST")),
            _ => Err(refuse(404, "not_found", &[], "unknown path")),
        }
    }

    /// Whether `token` opens the Broker API at `now`.
    pub(crate) fn accepts(&self, token: &str, now: u64) -> bool {
        self.tokens
            .get(token)
            .is_some_and(|known| now < known.until)
    }

    pub(crate) fn valid_tokens(&self, now: u64) -> usize {
        self.tokens
            .values()
            .filter(|token| now < token.until)
            .count()
    }

    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }

    fn issue(&mut self, request: &Recorded, now: u64) -> Result<Answer, Refused> {
        let form = read(request)?;
        match form.get("grant_type") {
            Some("client_credentials") => {}
            Some(_) => {
                let fields = ["grant_type"];
                return Err(refuse(
                    400,
                    "unsupported_grant_type",
                    &fields,
                    "another grant",
                ));
            }
            None => return Err(missing("grant_type")),
        }
        let id = self.authenticate(request, &form, now)?;
        if form.get("scope").is_some() {
            return Err(refuse(400, "invalid_scope", &["scope"], "no scope exists"));
        }
        let token = random::token();
        let lives = self.clients.lifetime.as_secs();
        let until = now.saturating_add(lives);
        self.tokens.insert(token.clone(), Token { id, until });
        Ok(Answer::json(
            200,
            &json!({"access_token": token, "expires_in": lives, "token_type": "Bearer"}),
        )
        .with("Cache-Control", "no-store"))
    }

    /// RFC 7009: an unknown token is no error (§2.2), another client's is (§2.1).
    fn revoke(&mut self, request: &Recorded, now: u64) -> Result<Answer, Refused> {
        let form = read(request)?;
        let id = self.authenticate(request, &form, now)?;
        let token = form.get("token").ok_or_else(|| missing("token"))?;
        if let Some(known) = self.tokens.get(token) {
            if known.id != id {
                let cause = "not authorized to revoke the token";
                return Err(refuse(400, "invalid_request", &["token"], cause));
            }
            self.tokens.remove(token);
            self.revoked = self.revoked.saturating_add(1);
        }
        Ok(Answer::empty(200))
    }

    /// `client_secret_post` or `private_key_jwt`, and one of them only (RFC 6749 §2.3). Tells whose
    /// the request is.
    fn authenticate(
        &mut self,
        request: &Recorded,
        form: &Form,
        now: u64,
    ) -> Result<String, Refused> {
        if request.header("authorization").is_some() {
            return Err(invalid_client("an Authorization header"));
        }
        let kind = form.get("client_assertion_type");
        match (
            form.get("client_secret"),
            kind,
            form.get("client_assertion"),
        ) {
            (Some(secret), None, None) => {
                let id = form.get("client_id");
                let id = id.ok_or_else(|| missing("client_id"))?;
                let known = self.clients.secrets.get(id);
                let known = known.ok_or_else(|| invalid_client("unknown client"))?;
                if known != secret {
                    return Err(invalid_client("invalid secret"));
                }
                Ok(id.to_owned())
            }
            (None, Some(ASSERTION_TYPE), Some(assertion)) if assertion.len() <= ASSERTION_MAX => {
                self.check_assertion(request, form.get("client_id"), assertion, now)
            }
            (None, None, None) => Err(invalid_client("no client authentication")),
            (None, Some(_), None) => Err(missing("client_assertion")),
            (None, ..) => Err(missing("client_assertion_type")),
            (Some(_), ..) => {
                let fields = ["client_secret"];
                Err(refuse(400, "invalid_request", &fields, "two ways at once"))
            }
        }
    }

    /// RFC 7523 §3.
    fn check_assertion(
        &mut self,
        request: &Recorded,
        form_id: Option<&str>,
        assertion: &str,
        now: u64,
    ) -> Result<String, Refused> {
        let id = form_id
            .map(str::to_owned)
            .or_else(|| jwt::subject(assertion));
        let id = id.ok_or_else(|| invalid_client("nobody's assertion"))?;
        let keys = self.clients.keys.get(&id);
        let keys = keys.ok_or_else(|| invalid_client("unknown client"))?;
        let claims = jwt::verify(assertion, keys).map_err(invalid_client)?;
        let own = format!(
            "https://{}{TOKEN_PATH}",
            request.header("host").unwrap_or_default()
        );
        let audience = self.clients.audience.as_ref().unwrap_or(&own);
        let for_us = match &claims["aud"] {
            Value::String(text) => text == audience,
            Value::Array(list) => list.iter().any(|entry| entry == audience.as_str()),
            _ => false,
        };
        let expires = claims["exp"].as_u64();
        let begun = |name: &str| match &claims[name] {
            Value::Null => true,
            // A client's clock may be a minute ahead.
            time => time.as_u64().is_some_and(|time| time <= now + 60),
        };
        let jti = claims["jti"].as_str().unwrap_or_default();
        let latest = now.saturating_add(EXPIRY_AHEAD_MAX);
        for (right, cause) in [
            (claims["iss"] == id.as_str(), "wrong iss"),
            (claims["sub"] == id.as_str(), "wrong sub"),
            (for_us, "wrong audience"),
            (expires.is_some_and(|exp| exp > now), "expired"),
            (
                expires.is_some_and(|exp| exp <= latest),
                "exp too far ahead",
            ),
            (begun("iat") && begun("nbf"), "not valid yet"),
            (!jti.is_empty(), "no jti"),
        ] {
            if !right {
                return Err(invalid_client(cause));
            }
        }
        if !self.seen.insert((id.clone(), jti.to_owned())) {
            return Err(refuse(400, "jti_known", &[], "jti may only be used once"));
        }
        Ok(id)
    }
}

fn read(request: &Recorded) -> Result<Form, Refused> {
    Form::of_body(request).ok_or_else(|| refuse(400, "invalid_request", &[], "no form"))
}

fn missing(field: &'static str) -> Refused {
    refuse(400, "invalid_request", &[field], "a parameter is missing")
}

fn invalid_client(cause: &'static str) -> Refused {
    refuse(401, "invalid_client", &[], cause)
}

/// The server's error shape; `fields` names the parameters at fault. The cause stays here.
fn refuse(status: u16, error: &str, fields: &[&str], cause: &'static str) -> Refused {
    let mut body = json!({"error": error});
    if !fields.is_empty() {
        body["fields"] = fields.iter().map(|name| json!({"name": name})).collect();
    }
    let answer = Answer::json(status, &body);
    Refused { answer, cause }
}
