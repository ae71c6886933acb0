//! The authorization server of the Broker API: client credentials, with the rules of Ory Fosite.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::form::Form;
use crate::http::{Answer, Recorded};
use crate::jwt::{self, PublicKey};
use crate::random;

/// Client id of the sandbox's broker partner.
pub const AUTHX_CLIENT_ID: &str = "CKSANDBOXCLIENT0000000000";
/// Client secret of the sandbox's broker partner.
pub const AUTHX_CLIENT_SECRET: &str = "SANDBOXqWe4Rt7/Yu1IoPa+Sd5Fg8Hj2Kl6Zx3Cv";

const TOKEN_PATH: &str = "/v1/oauth2/token";
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

/// The server's state.
#[derive(Default)]
pub(crate) struct AuthServer {
    clients: Clients,
    /// Until when each token is valid, in unix seconds.
    tokens: HashMap<String, u64>,
    /// The `jti`s seen, per client.
    seen: HashSet<(String, String)>,
    pub(crate) token_requests: usize,
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

    pub(crate) fn answer(&mut self, request: &Recorded, now: u64) -> Answer {
        let path = request.target.split('?').next().unwrap_or_default();
        match (request.method.as_str(), path) {
            ("POST", TOKEN_PATH) => {
                self.token_requests = self.token_requests.saturating_add(1);
                self.issue(request, now).unwrap_or_else(|refusal| refusal)
            }
            ("POST", "/v1/oauth2/revoke") => {
                self.revoke(request, now).unwrap_or_else(|refusal| refusal)
            }
            (_, TOKEN_PATH | "/v1/oauth2/revoke") => refuse(405, "invalid_request", &[]),
            _ => refuse(404, "not_found", &[]),
        }
    }

    /// Whether `token` opens the Broker API at `now`.
    pub(crate) fn accepts(&self, token: &str, now: u64) -> bool {
        self.tokens.get(token).is_some_and(|until| now < *until)
    }

    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }

    fn issue(&mut self, request: &Recorded, now: u64) -> Result<Answer, Answer> {
        let form = Form::of_body(request).ok_or_else(|| refuse(400, "invalid_request", &[]))?;
        match form.get("grant_type") {
            Some("client_credentials") => {}
            Some(_) => return Err(refuse(400, "unsupported_grant_type", &["grant_type"])),
            None => return Err(refuse(400, "invalid_request", &["grant_type"])),
        }
        self.authenticate(request, &form, now)?;
        if form.get("scope").is_some() {
            return Err(refuse(400, "invalid_scope", &["scope"]));
        }
        let token = random::token();
        let lives = self.clients.lifetime.as_secs();
        self.tokens.insert(token.clone(), now.saturating_add(lives));
        Ok(Answer::json(
            200,
            &json!({"access_token": token, "expires_in": lives, "token_type": "Bearer"}),
        )
        .with("Cache-Control", "no-store"))
    }

    /// RFC 7009: an unknown token is no error.
    fn revoke(&mut self, request: &Recorded, now: u64) -> Result<Answer, Answer> {
        let form = Form::of_body(request).ok_or_else(|| refuse(400, "invalid_request", &[]))?;
        self.authenticate(request, &form, now)?;
        let token = form.get("token");
        let token = token.ok_or_else(|| refuse(400, "invalid_request", &["token"]))?;
        self.tokens.remove(token);
        Ok(Answer::empty(200))
    }

    /// `client_secret_post` or `private_key_jwt`, and one of them only (RFC 6749 §2.3).
    fn authenticate(&mut self, request: &Recorded, form: &Form, now: u64) -> Result<(), Answer> {
        let invalid_client = || refuse(401, "invalid_client", &[]);
        if request.header("authorization").is_some() {
            return Err(invalid_client());
        }
        let kind = form.get("client_assertion_type");
        match (
            form.get("client_secret"),
            kind,
            form.get("client_assertion"),
        ) {
            (Some(secret), None, None) => {
                let id = form.get("client_id");
                let id = id.ok_or_else(|| refuse(400, "invalid_request", &["client_id"]))?;
                let known = self.clients.secrets.get(id);
                known
                    .filter(|known| *known == secret)
                    .ok_or_else(invalid_client)?;
                Ok(())
            }
            (None, Some(ASSERTION_TYPE), Some(assertion)) if assertion.len() <= ASSERTION_MAX => {
                self.check_assertion(request, form.get("client_id"), assertion, now)
            }
            (None, None, None) => Err(invalid_client()),
            (None, Some(_), None) => Err(refuse(400, "invalid_request", &["client_assertion"])),
            (None, ..) => Err(refuse(400, "invalid_request", &["client_assertion_type"])),
            (Some(_), ..) => Err(refuse(400, "invalid_request", &["client_secret"])),
        }
    }

    /// RFC 7523 §3.
    fn check_assertion(
        &mut self,
        request: &Recorded,
        form_id: Option<&str>,
        assertion: &str,
        now: u64,
    ) -> Result<(), Answer> {
        let invalid_client = || refuse(401, "invalid_client", &[]);
        let id = form_id
            .map(str::to_owned)
            .or_else(|| jwt::subject(assertion));
        let id = id.ok_or_else(invalid_client)?;
        let keys = self.clients.keys.get(&id).ok_or_else(invalid_client)?;
        let claims = jwt::verify(assertion, keys).ok_or_else(invalid_client)?;
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
        let in_time = expires
            .is_some_and(|exp| (now + 1..=now.saturating_add(EXPIRY_AHEAD_MAX)).contains(&exp));
        let begun = |name: &str| match &claims[name] {
            Value::Null => true,
            // A client's clock may be a minute ahead.
            time => time.as_u64().is_some_and(|time| time <= now + 60),
        };
        let right = claims["iss"] == id.as_str() && claims["sub"] == id.as_str();
        if !(right && for_us && in_time && begun("iat") && begun("nbf")) {
            return Err(invalid_client());
        }
        let jti = claims["jti"].as_str().filter(|jti| !jti.is_empty());
        let jti = jti.ok_or_else(invalid_client)?.to_owned();
        if !self.seen.insert((id, jti)) {
            return Err(refuse(400, "jti_known", &[]));
        }
        Ok(())
    }
}

/// The server's error shape; `fields` names the parameters at fault.
fn refuse(status: u16, error: &str, fields: &[&str]) -> Answer {
    let mut body = json!({"error": error});
    if !fields.is_empty() {
        body["fields"] = fields.iter().map(|name| json!({"name": name})).collect();
    }
    Answer::json(status, &body)
}
