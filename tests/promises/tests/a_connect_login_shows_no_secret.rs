//! Of a Connect login no code, client secret or token stands in an error, Debug or a log record.

use std::fmt::Write as _;

use alpaca_auth::credential::{ClientSecret, ConnectToken, Slot};
use alpaca_auth::endpoint::{self, Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::oauth::connect::{
    Authorization, AuthorizationCode, CodeForm, ConnectGrant, Scopes, State, read_callback,
};
use alpaca_auth::request::trading;
use alpaca_auth::transport::Transport as _;
use alpaca_auth_promises::browser::Browser;
use alpaca_auth_promises::{forms, recorder};
use alpaca_auth_ureq::{Config, UreqTransport};
use alpaca_sandbox::{CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET, Misbehaviour, Sandbox, TokenFault};

const REDIRECT: &str = "http://127.0.0.1:7777/callback";

/// Everything in one test: the log is one for the whole process.
#[test]
fn no_code_client_secret_or_token_is_shown_whatever_the_answer() {
    let sandbox = Sandbox::start().expect("a server");
    let config = Config::new()
        .trust_only_pem(sandbox.ca_pem())
        .expect("a CA");
    let mut transport = UreqTransport::new(&config).expect("a transport");
    // What plays the browser would log the page's redirect, so it logs nothing yet.
    let faults: Vec<_> = TokenFault::ALL
        .into_iter()
        .map(|fault| Some(Misbehaviour::Token(fault)))
        .chain([
            None,
            Some(Misbehaviour::ServerError(500)),
            Some(Misbehaviour::HtmlError(401)),
            Some(Misbehaviour::TruncatedBody),
            Some(Misbehaviour::CloseWithoutAnswer),
        ])
        .collect();
    let queries: Vec<_> = faults.iter().map(|_| browse(&sandbox)).collect();
    recorder::start();

    let mut said = String::new();
    let mut secrets = vec![CONNECT_CLIENT_SECRET.to_owned()];
    let page = Endpoint::<endpoint::ConnectToken, Paper>::at("localhost", sandbox.live_port());
    let page = page.expect("a host");
    let mut tokens = Vec::new();
    for (fault, query) in faults.into_iter().zip(queries) {
        secrets.extend(query.split(['=', '&']).nth(1).map(str::to_owned));
        let mut state = State::vacant();
        state.draw(&[1; 32]);
        let mut code = AuthorizationCode::vacant();
        read_callback(&query, &state, None, &mut code).expect("a code");
        let mut app = Slot::<ClientSecret<Paper>>::vacant();
        let app = app
            .paper(CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET)
            .expect("a pair");
        let mut form = CodeForm::<Paper>::new();
        form.exchange(app, &mut code, REDIRECT).expect("it fits");
        if let Some(fault) = fault {
            sandbox.misbehave_token(fault);
        }
        // The second time the code is used up.
        for _ in 0..2 {
            let mut body = [0; 8192];
            let reply = transport.send(&form.request(), &page, form.credential(), &mut body);
            writeln!(said, "{reply:?}").expect("a string grows");
            let Ok(reply) = reply else {
                continue;
            };
            let grant = match ConnectGrant::<Paper>::read(&reply) {
                Ok(grant) => grant,
                Err(error) => {
                    writeln!(said, "{error} {error:?}").expect("a string grows");
                    continue;
                }
            };
            let text = String::from_utf8_lossy(reply.body()).into_owned();
            let token = text.split('"').nth(3).expect("a token");
            tokens.push(token.to_owned());
            let mut slot = Slot::<ConnectToken<Paper>>::vacant();
            let token = slot.grant(&grant).expect("a token");
            let trading = Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port());
            let trading = trading.expect("a host");
            let mut body = [0; 8192];
            let reply = transport.send(&trading::account(), &trading, token, &mut body);
            writeln!(said, "{reply:?}").expect("a string grows");
        }
    }
    assert!(
        !tokens.is_empty(),
        "no login succeeded, so nothing was proven"
    );
    let log = recorder::take();
    assert!(log.contains("ureq"), "the recorder records nothing");
    secrets.extend(tokens);
    for secret in secrets.iter().filter(|secret| secret.len() > 20) {
        for text in [&said, &log] {
            let shown = forms::found(secret, text);
            assert!(shown.is_empty(), "{secret} is shown: {shown:?}");
        }
    }
}

/// Opens the page as a browser does, and gives the query of its redirect.
fn browse(sandbox: &Sandbox) -> String {
    let mut state = State::vacant();
    state.draw(&[1; 32]);
    let login = Authorization {
        client_id: CONNECT_CLIENT_ID,
        redirect_uri: REDIRECT,
        scopes: Scopes::READ,
        state: &state,
        challenge: None,
    };
    let page = Endpoint::at("localhost", sandbox.live_port()).expect("a host");
    let mut buffer = [0; 1024];
    let url = login.url::<Paper>(&page, &mut buffer).expect("it fits");
    let mut browser = Browser::new(sandbox.ca_pem()).expect("a CA");
    let location = browser.open(url).expect("a page").expect("a redirect");
    location.split_once('?').expect("a query").1.to_owned()
}
