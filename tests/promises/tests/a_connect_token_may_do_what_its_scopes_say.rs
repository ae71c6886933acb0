//! What the scopes of a Connect token allow is told before a request is sent, and is what the server
//! then does.

use alpaca_auth::credential::{ClientSecret, ConnectToken, Opens, Slot};
use alpaca_auth::endpoint::{self, Api, Endpoint, MarketData, Trading};
use alpaca_auth::environment::{Live, Paper, TradingEnvironment};
use alpaca_auth::oauth::connect::{
    Authorization, AuthorizationCode, CodeForm, ConnectGrant, Scopes, State, read_callback,
};
use alpaca_auth::request::{Method, Request};
use alpaca_auth::transport::Transport as _;
use alpaca_auth_promises::browser::Browser;
use alpaca_auth_promises::config;
use alpaca_auth_ureq::UreqTransport;
use alpaca_sandbox::{CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET, Sandbox};

const REDIRECT: &str = "http://127.0.0.1:7777/callback";

/// A login's token, and what it may do.
fn log_in(sandbox: &Sandbox, asked: Scopes, slot: &mut Slot<ConnectToken<Paper>>) -> Scopes {
    let (mut state, mut code) = (State::vacant(), AuthorizationCode::vacant());
    state.draw(&[1; 32]);
    let login = Authorization {
        client_id: CONNECT_CLIENT_ID,
        redirect_uri: REDIRECT,
        scopes: asked,
        state: &state,
        challenge: None,
    };
    let (page, mut url) = (Endpoint::at("localhost", sandbox.live_port()), [0; 1024]);
    let url = login.url::<Paper>(&page.expect("a host"), &mut url);
    let mut browser = Browser::new(sandbox.ca_pem()).expect("a CA");
    let place = browser.open(url.expect("it fits")).expect("a page");
    let place = place.expect("a redirect");
    let (_, query) = place.split_once('?').expect("a query");
    read_callback(query, &state, None, &mut code).expect("a code");
    let mut app = Slot::<ClientSecret<Paper>>::vacant();
    let app = app.paper(CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET);
    let mut form = CodeForm::<Paper>::new();
    form.exchange(app.expect("a pair"), &mut code, REDIRECT)
        .expect("it fits");
    let page = Endpoint::<endpoint::ConnectToken, Paper>::at("localhost", sandbox.live_port());
    let mut transport = UreqTransport::new(&config(sandbox)).expect("roots");
    let (page, mut body) = (page.expect("a host"), [0; 4096]);
    let reply = transport.send(&form.request(), &page, form.credential(), &mut body);
    let grant = ConnectGrant::<Paper>::read(&reply.expect("an answer")).expect("a token");
    slot.grant(&grant).expect("a token");
    grant.scopes().expect("the reply says")
}

/// Whether the server refuses for the scope, and whether that is what was told before.
fn as_told<A: Api, E: TradingEnvironment>(
    transport: &mut UreqTransport,
    scopes: Scopes,
    request: &Request<'_, A>,
    endpoint: &Endpoint<A, E>,
    token: &ConnectToken<E>,
) -> bool
where
    ConnectToken<E>: Opens<A, Environment = E>,
{
    let mut body = vec![0; 64 * 1024];
    let reply = transport.send(request, endpoint, token, &mut body);
    let reply = reply.expect("an answer");
    let refused = reply.status() == 403
        && String::from_utf8_lossy(reply.body()).contains("insufficient scope");
    assert_ne!(reply.status(), 401, "the token is not known");
    refused == scopes.allow(request).is_err()
}

#[test]
fn the_server_allows_what_was_told_and_nothing_else() {
    let sandbox = Sandbox::start().expect("a server");
    let trading = Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port());
    let data = Endpoint::<MarketData, Paper>::at("localhost", sandbox.data_port());
    let (trading, data) = (trading.expect("a host"), data.expect("a host"));
    let mut transport = UreqTransport::new(&config(&sandbox)).expect("roots");
    let all = [Scopes::ACCOUNT_WRITE, Scopes::TRADING, Scopes::DATA];
    for subset in 0..8_usize {
        let chosen = (0..3).filter(|bit| subset >> bit & 1 == 1);
        let asked = chosen.fold(Scopes::READ, |sum, bit| sum.and(all[bit]));
        let mut slot = Slot::vacant();
        let scopes = log_in(&sandbox, asked, &mut slot);
        assert_eq!(scopes, asked);
        let token = slot.get().expect("a token");
        for (method, target) in [
            (Method::Get, "/v2/account"),
            (Method::Get, "/v2/orders"),
            (Method::Get, "/v2/watchlists"),
            (Method::Post, "/v2/orders"),
            (Method::Delete, "/v2/orders/1"),
            (Method::Patch, "/v2/account/configurations"),
            (Method::Post, "/v2/watchlists"),
            (Method::Delete, "/v2/watchlists:by_name?name=a"),
            (Method::Post, "/v2/accounts"),
        ] {
            let request = Request::<Trading>::new(method, target).expect("a target");
            let request = match method {
                Method::Post | Method::Patch => request.with_json(b"{}"),
                _ => request,
            };
            let right = as_told(&mut transport, scopes, &request, &trading, token);
            assert!(right, "{asked}: {} {target}", method.text());
        }
        let quote = "/v2/stocks/AAPL/quotes/latest";
        let request = Request::<MarketData>::new(Method::Get, quote).expect("a target");
        let right = as_told(&mut transport, scopes, &request, &data, token);
        assert!(right, "{asked}: {quote}");
    }
}

#[test]
fn a_token_for_the_paper_account_does_not_open_the_live_one() {
    let sandbox = Sandbox::start().expect("a server");
    let mut slot = Slot::vacant();
    log_in(&sandbox, Scopes::TRADING, &mut slot);
    // By type it goes to paper only, so the text has to be taken out by force.
    let text =
        alpaca_auth::credential::Credential::with_fields(slot.get().expect("a token"), |fields| {
            String::from_utf8(fields[0].expose().to_vec()).expect("ASCII")
        });
    let mut slot = Slot::<ConnectToken<Live>>::vacant();
    let token = slot.live(&text).expect("a token");
    let live = Endpoint::<Trading, Live>::at("localhost", sandbox.live_port());
    let mut transport = UreqTransport::new(&config(&sandbox)).expect("roots");
    let mut body = vec![0; 4096];
    let request = alpaca_auth::request::trading::account();
    let reply = transport.send(&request, &live.expect("a host"), token, &mut body);
    assert!(reply.expect("an answer").success().is_err());
}
