//! Alpaca Connect: the page that authorizes an app, and the exchange of its code.

use std::collections::HashMap;

use ring::digest::{SHA256, digest};
use serde_json::json;

use crate::auth::{URL, base64};
use crate::form::{Form, encode};
use crate::http::{Answer, Recorded, Refused};
use crate::random;
use crate::server::Role;

/// Client id of the sandbox's app.
pub const CONNECT_CLIENT_ID: &str = "5a4db0c95a4db0c95a4db0c95a4db0c9";
/// Client secret of the sandbox's app.
pub const CONNECT_CLIENT_SECRET: &str = "7e57c0de7e57c0de7e57c0de7e57c0de7e57c0de";
/// Redirect URI of the sandbox's app. On loopback any port is right (RFC 8252 §7.3).
pub const CONNECT_REDIRECT_URI: &str = "http://127.0.0.1/callback";

const SCOPES: [&str; 3] = ["account:write", "trading", "data"];
/// Seconds a code is valid.
const CODE_LIFETIME: u64 = 600;

#[derive(Clone, Debug)]
struct App {
    secret: String,
    redirect_uri: String,
}

/// The registered apps.
#[derive(Clone, Debug)]
pub(crate) struct Apps {
    apps: HashMap<String, App>,
    /// What `iss` says in the redirect (RFC 9207), if anything.
    pub(crate) issuer: Option<String>,
    /// The app that every user denies.
    pub(crate) denied: Option<String>,
}

impl Default for Apps {
    fn default() -> Self {
        let mut apps = Self {
            apps: HashMap::new(),
            issuer: None,
            denied: None,
        };
        apps.add(
            CONNECT_CLIENT_ID,
            CONNECT_CLIENT_SECRET,
            CONNECT_REDIRECT_URI,
        );
        apps
    }
}

impl Apps {
    pub(crate) fn add(&mut self, id: &str, secret: &str, redirect_uri: &str) {
        let (secret, redirect_uri) = (secret.to_owned(), redirect_uri.to_owned());
        self.apps.insert(
            id.to_owned(),
            App {
                secret,
                redirect_uri,
            },
        );
    }
}

struct Code {
    client_id: String,
    redirect_uri: String,
    scope: String,
    environment: Option<Role>,
    challenge: Option<String>,
    until: u64,
    /// It was tried.
    used: bool,
    /// The token that it gave.
    token: Option<String>,
}

struct Token {
    scope: String,
    environment: Option<Role>,
}

/// The pages' state.
#[derive(Default)]
pub(crate) struct Connect {
    apps: Apps,
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Token>,
    pub(crate) deny: bool,
}

impl Connect {
    pub(crate) fn new(apps: Apps) -> Self {
        Self {
            apps,
            ..Self::default()
        }
    }

    /// Answers if `request` is for one of the pages.
    pub(crate) fn answer(
        &mut self,
        request: &Recorded,
        now: u64,
    ) -> Option<Result<Answer, Refused>> {
        if request.role != Role::Live {
            return None;
        }
        let path = request.target.split('?').next().unwrap_or_default();
        match (request.method.as_str(), path) {
            ("GET", "/oauth/authorize") => Some(self.authorize(request, now)),
            ("POST", "/oauth/token") => Some(self.exchange(request, now)),
            _ => None,
        }
    }

    /// Refuses on the page itself what it must not redirect (RFC 6749 §4.1.2.1).
    fn authorize(&mut self, request: &Recorded, now: u64) -> Result<Answer, Refused> {
        let page = |cause| Refused {
            answer: Answer::html(400),
            cause,
        };
        let form = Form::of_query(request).ok_or_else(|| page("no query"))?;
        let required = |name| form.get(name).ok_or_else(|| page("a parameter is missing"));
        let (id, redirect_uri) = (required("client_id")?, required("redirect_uri")?);
        let known = self.apps.apps.get(id).ok_or_else(|| page("unknown app"))?;
        if !same_redirect(&known.redirect_uri, redirect_uri) {
            return Err(page("redirect_uri mismatch"));
        }
        let (name, value, cause) = match self.grant(&form, id, redirect_uri, now) {
            Ok(code) => ("code", code, None),
            Err((error, cause)) => ("error", error.to_owned(), Some(cause)),
        };
        let join = if redirect_uri.contains('?') { '&' } else { '?' };
        let mut location = format!("{redirect_uri}{join}{name}={}", encode(&value));
        for (name, value) in [
            ("state", form.get("state")),
            ("iss", self.apps.issuer.as_deref()),
        ] {
            if let Some(value) = value {
                location.push_str(&format!("&{name}={}", encode(value)));
            }
        }
        let answer = Answer::empty(302).with("Location", location);
        match cause {
            None => Ok(answer),
            Some(cause) => Err(Refused { answer, cause }),
        }
    }

    fn grant(
        &mut self,
        form: &Form,
        id: &str,
        redirect_uri: &str,
        now: u64,
    ) -> Result<String, (&'static str, &'static str)> {
        if form.get("response_type") != Some("code") {
            return Err(("unsupported_response_type", "no code is asked for"));
        }
        let scope = form.get("scope").unwrap_or_default();
        if !scope
            .split_whitespace()
            .all(|scope| SCOPES.contains(&scope))
        {
            return Err(("invalid_scope", "unknown scope"));
        }
        let environment = match form.get("env") {
            None => None,
            Some("paper") => Some(Role::Paper),
            Some("live") => Some(Role::Live),
            Some(_) => return Err(("invalid_request", "unknown env")),
        };
        let challenge = match (
            form.get("code_challenge"),
            form.get("code_challenge_method"),
        ) {
            (None, None) => None,
            (Some(challenge), Some("S256")) => Some(challenge.to_owned()),
            _ => return Err(("invalid_request", "half a challenge, or not S256")),
        };
        if self.deny || self.apps.denied.as_deref() == Some(id) {
            return Err(("access_denied", "the user denies"));
        }
        let code = random::uuid();
        self.codes.insert(
            code.clone(),
            Code {
                client_id: id.to_owned(),
                redirect_uri: redirect_uri.to_owned(),
                scope: scope.to_owned(),
                environment,
                challenge,
                until: now.saturating_add(CODE_LIFETIME),
                used: false,
                token: None,
            },
        );
        Ok(code)
    }

    fn exchange(&mut self, request: &Recorded, now: u64) -> Result<Answer, Refused> {
        let refuse = |status, error: &str, cause| Refused {
            answer: Answer::json(status, &json!({"error": error})),
            cause,
        };
        // Alpaca says so for a wrong content type, too.
        let form =
            Form::of_body(request).ok_or_else(|| refuse(401, "invalid_client", "no form"))?;
        let missing = || refuse(400, "invalid_request", "a parameter is missing");
        let required = |name| form.get(name).ok_or_else(missing);
        let (grant, code) = (required("grant_type")?, required("code")?);
        let (id, secret) = (required("client_id")?, required("client_secret")?);
        let redirect_uri = required("redirect_uri")?;
        if grant != "authorization_code" {
            return Err(refuse(400, "unsupported_grant_type", "another grant"));
        }
        let app = self.apps.apps.get(id).filter(|app| app.secret == secret);
        app.ok_or_else(|| refuse(401, "invalid_client", "invalid secret"))?;
        let code = self.codes.get_mut(code);
        let code = code.ok_or_else(|| refuse(400, "invalid_grant", "code not found"))?;
        // Right or wrong, a code is for one try.
        let used = std::mem::replace(&mut code.used, true);
        let proven = match (&code.challenge, form.get("code_verifier")) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => {
                let hash = digest(&SHA256, verifier.as_bytes());
                base64(challenge, URL).as_deref() == Some(hash.as_ref())
            }
            _ => false,
        };
        for (right, cause) in [
            (!used, "code already consumed"),
            (code.client_id == id, "client mismatch"),
            (code.redirect_uri == redirect_uri, "redirect_uri mismatch"),
            (now < code.until, "code is expired"),
            (proven, "code_verifier does not match"),
        ] {
            if !right {
                // Somebody else has the code too: what it gave is void (RFC 6749 §4.1.2).
                self.tokens
                    .retain(|token, _| Some(token) != code.token.as_ref());
                return Err(refuse(400, "invalid_grant", cause));
            }
        }
        let (token, scope) = (random::uuid(), code.scope.clone());
        let answer = json!({"access_token": token, "token_type": "bearer", "scope": scope});
        let environment = code.environment;
        code.token = Some(token.clone());
        self.tokens.insert(token, Token { scope, environment });
        Ok(Answer::json(200, &answer).with("Cache-Control", "no-store"))
    }

    /// Whether `token` is one of ours, and opens what `request` asks for.
    pub(crate) fn accepts(&self, token: &str, request: &Recorded) -> Option<Result<(), Answer>> {
        let token = self.tokens.get(token)?;
        let other = |environment| request.role != Role::Data && environment != request.role;
        if token.environment.is_some_and(other) {
            return None;
        }
        let may = |scope: &str| token.scope.split_whitespace().any(|known| known == scope);
        let allowed = match (request.role, request.method.as_str()) {
            (Role::Data, _) => may("data"),
            (_, "GET") => true,
            _ if settings(&request.target) => may("account:write"),
            _ => may("trading"),
        };
        let refusal = || Answer::json(403, &json!({"message": "insufficient scope"}));
        Some(allowed.then_some(()).ok_or_else(refusal))
    }

    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }
}

/// Whether the path is of the account's settings or its watchlists.
fn settings(target: &str) -> bool {
    let path = target.split(['?', ':']).next().unwrap_or_default();
    let mut segments = path.split('/').skip(1);
    matches!(
        (segments.next(), segments.next()),
        (Some("v2"), Some("account" | "watchlists"))
    )
}

/// Equal, but for the port of a loopback address.
fn same_redirect(registered: &str, given: &str) -> bool {
    let without_port = |uri: &str| {
        let rest = uri.strip_prefix("http://127.0.0.1")?.to_owned();
        let Some(after) = rest.strip_prefix(':') else {
            return Some(rest);
        };
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        Some(after[digits..].to_owned())
    };
    registered == given
        || matches!((without_port(registered), without_port(given)), (Some(a), Some(b)) if a == b)
}
