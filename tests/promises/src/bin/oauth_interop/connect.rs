//! Logins of a Connect app, from the URL to the token: rightly, and with one thing wrong.

use std::time::{Duration, Instant};

use alpaca_auth::credential::{ClientSecret, Slot};
use alpaca_auth::endpoint::{ConnectToken, Endpoint};
use alpaca_auth::environment::Paper;
use alpaca_auth::oauth::connect::{
    Authorization, AuthorizationCode, CodeForm, ConnectGrant, Scopes, State, Verifier,
};
use alpaca_auth::transport::Transport as _;
use alpaca_auth_promises::browser::Browser;
use alpaca_auth_ureq::{Loopback, LoopbackError};
use ring::rand::SecureRandom as _;

use crate::{DENIED, Failure, Place, Report, SECRET};

/// What is wrong with a login; everything else in it is right.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Denied,
    Reused,
    Verifier,
    NoVerifier,
    Secret,
    App,
    RedirectUri,
}

pub(crate) fn ask(place: &Place, report: &mut Report) -> Result<(), Failure> {
    for (what, fault) in [
        ("", Fault::None),
        (", denied by the user", Fault::Denied),
        (", reused", Fault::Reused),
        (", wrong verifier", Fault::Verifier),
        (", no verifier", Fault::NoVerifier),
        (", wrong app secret", Fault::Secret),
        (", another app", Fault::App),
        (", another redirect URI", Fault::RedirectUri),
    ] {
        let result = log_in(place, fault)?;
        report.say(&format!("code{what}"), fault == Fault::None, &result);
    }
    Ok(())
}

fn log_in(place: &Place, fault: Fault) -> Result<Result<String, String>, Failure> {
    let loopback = Loopback::open(0, "/callback")?;
    let own_uri = loopback.redirect_uri().to_owned();
    let (mut state, mut verifier) = (State::vacant(), Verifier::vacant());
    state.draw(&entropy()?);
    verifier.draw(&entropy()?);
    let challenge = verifier.challenge();
    let client_id = if fault == Fault::Denied {
        DENIED
    } else {
        "app"
    };
    let login = Authorization {
        client_id,
        redirect_uri: &own_uri,
        scopes: Scopes::TRADING,
        state: &state,
        challenge: Some(&challenge),
    };
    let mut url = [0; 1024];
    let page = Endpoint::at("localhost", place.connect)?;
    let url = login.url::<Paper>(&page, &mut url)?;

    let mut code = AuthorizationCode::vacant();
    let limit = Instant::now() + Duration::from_secs(20);
    let waited = std::thread::scope(|scope| {
        // The browser says what went wrong on its way, or the wait would only tell that nobody came.
        let browser = scope.spawn(|| {
            let opened = Browser::new(&place.ca).and_then(|mut browser| browser.follow(url));
            opened.map_err(|error| error.to_string())
        });
        let waited = loopback.wait(&state, Some(&place.issuer), &mut code, limit);
        let opened = browser.join().map_err(|_| "the browser panicked");
        (waited, opened)
    });
    waited.1??;
    match waited.0 {
        Err(LoopbackError::Callback(error)) => return Ok(Err(error.to_string())),
        other => other?,
    }

    let (id, secret) = match fault {
        Fault::Secret => (client_id, "another"),
        Fault::App => (DENIED, SECRET),
        _ => (client_id, SECRET),
    };
    let redirect_uri = match fault {
        Fault::RedirectUri => "http://127.0.0.1:1/callback",
        _ => &own_uri,
    };
    let mut slot = Slot::<ClientSecret<Paper>>::vacant();
    let mut form = CodeForm::<Paper>::new();
    form.exchange(slot.paper(id, secret)?, &mut code, redirect_uri)?;
    if fault == Fault::Verifier {
        verifier.draw(&entropy()?);
    }
    if fault != Fault::NoVerifier {
        form.prove(&verifier)?;
    }
    let mut transport = place.transport()?;
    let endpoint = Endpoint::<ConnectToken, Paper>::at("localhost", place.connect)?;
    let mut exchange = || -> Result<Result<String, String>, Failure> {
        let mut body = [0; 8192];
        let reply = transport.send(&form.request(), &endpoint, form.credential(), &mut body)?;
        Ok(match ConnectGrant::<Paper>::read(&reply) {
            Ok(grant) if grant.scopes() == Some(Scopes::TRADING) => {
                Ok("a token for trading".to_owned())
            }
            Ok(grant) => Err(format!("other scopes: {:?}", grant.scopes())),
            Err(error) => Err(error.to_string()),
        })
    };
    if fault == Fault::Reused {
        exchange()?.map_err(|error| format!("the first use: {error}"))?;
    }
    exchange()
}

fn entropy() -> Result<[u8; 32], Failure> {
    let mut entropy = [0; 32];
    ring::rand::SystemRandom::new()
        .fill(&mut entropy)
        .map_err(|_| "no entropy")?;
    Ok(entropy)
}
