//! Logs a user in by Alpaca Connect and fetches the account with the token.
//!
//! With an app's id and secret in the environment it asks Alpaca for the user's paper account (or
//! the live one with `--live`); without, the built-in sandbox.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use alpaca_auth::credential::{ClientSecret, ConnectToken, CredentialError, Slot};
use alpaca_auth::endpoint::{self, ConnectPage, Endpoint, ServedIn, Trading};
use alpaca_auth::environment::TradingEnvironment;
use alpaca_auth::oauth::connect::{
    Authorization, AuthorizationCode, CodeForm, ConnectGrant, Scopes, State, Verifier,
};
use alpaca_auth::request::trading;
use alpaca_auth::response::Account;
use alpaca_auth::transport::Transport as _;
use alpaca_auth_examples::{Arguments, Failure};
use alpaca_auth_ureq::{Config, Loopback, UreqTransport};
use alpaca_sandbox::{CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET, Sandbox};
use zeroize::Zeroize as _;

const USAGE: &str = "\
usage: connect_login [--live] [--read-only] [--port N] [--wait SECONDS] [--auto]
  the app comes from APCA_CONNECT_CLIENT_ID and APCA_CONNECT_CLIENT_SECRET; without them a
  sandbox answers. The app's redirect URI is http://127.0.0.1:PORT/callback.
  --live       the user's live account: real money (default: paper)
  --read-only  asks for no scope (default: trading)
  --port       port of the redirect URI as registered (default: any free one)
  --wait       how long the user may take (default: 300)
  --auto       plays the browser too, against the sandbox";

const ID: &str = "APCA_CONNECT_CLIENT_ID";
const SECRET: &str = "APCA_CONNECT_CLIENT_SECRET";
/// An account has some 2 KB.
const BODY: usize = 64 * 1024;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("connect_login: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Where the three servers are.
struct Servers<E> {
    page: Endpoint<ConnectPage, E>,
    token: Endpoint<endpoint::ConnectToken, E>,
    trading: Endpoint<Trading, E>,
    transport: UreqTransport,
}

/// What is asked of the user, and how.
#[derive(Clone, Copy)]
struct Login {
    scopes: Scopes,
    port: u16,
    wait: Duration,
    auto: bool,
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let live = arguments.flag("--live");
    let number = |text: Option<String>, without: u16| match text {
        None => Ok(without),
        Some(text) => text.parse().map_err(|_| Failure::Usage(USAGE.to_owned())),
    };
    let login = Login {
        scopes: if arguments.flag("--read-only") {
            Scopes::READ
        } else {
            Scopes::TRADING
        },
        auto: arguments.flag("--auto"),
        port: number(arguments.value("--port")?, 0)?,
        wait: Duration::from_secs(number(arguments.value("--wait")?, 300)?.into()),
    };
    arguments.end(USAGE)?;
    if live {
        eprintln!("The user's live account: real money.");
        let port = |sandbox: &Sandbox| sandbox.live_port();
        ask(
            |app, id, secret| app.live(id, secret).map(drop),
            port,
            login,
        )
    } else {
        eprintln!("The user's paper account.");
        let port = |sandbox: &Sandbox| sandbox.paper_port();
        ask(
            |app, id, secret| app.paper(id, secret).map(drop),
            port,
            login,
        )
    }
}

/// `fill` names the environment; `trading` is the sandbox's port for it.
fn ask<E: TradingEnvironment>(
    fill: impl Fn(&mut Slot<ClientSecret<E>>, &str, &str) -> Result<(), CredentialError>,
    trading: impl Fn(&Sandbox) -> u16,
    login: Login,
) -> Result<(), Box<dyn Error>>
where
    ConnectPage: ServedIn<E>,
    endpoint::ConnectToken: ServedIn<E>,
    Trading: ServedIn<E>,
{
    let mut app = Slot::vacant();
    match (std::env::var(ID), std::env::var(SECRET)) {
        (Ok(id), Ok(mut secret)) => {
            if login.auto {
                return Err(
                    "--auto is for the sandbox: a user decides about a real account".into(),
                );
            }
            let filled = fill(&mut app, &id, &secret);
            secret.zeroize();
            filled?;
            let servers = Servers {
                page: Endpoint::alpaca(),
                token: Endpoint::alpaca(),
                trading: Endpoint::alpaca(),
                transport: UreqTransport::new(&Config::new())?,
            };
            log_in(&app, &id, servers, login, |url| {
                println!("Open this page and decide:\n{url}");
            })
        }
        (Err(_), Err(_)) => {
            let sandbox = Sandbox::start()?;
            eprintln!("No app in the environment: asking the built-in sandbox over HTTPS.");
            fill(&mut app, CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET)?;
            let config = Config::new().trust_only_pem(sandbox.ca_pem())?;
            let servers = Servers {
                page: Endpoint::at("localhost", sandbox.live_port())?,
                token: Endpoint::at("localhost", sandbox.live_port())?,
                trading: Endpoint::at("localhost", trading(&sandbox))?,
                transport: UreqTransport::new(&config)?,
            };
            log_in(&app, CONNECT_CLIENT_ID, servers, login, |url| {
                if login.auto {
                    let (url, ca) = (url.to_owned(), sandbox.ca_pem().to_owned());
                    std::thread::spawn(move || browse(&url, &ca));
                } else {
                    println!("Open this page (its certificate is the sandbox's own):\n{url}");
                }
            })
        }
        _ => Err(format!("only half an app: set both {ID} and {SECRET}").into()),
    }
}

fn log_in<E: TradingEnvironment>(
    app: &Slot<ClientSecret<E>>,
    client_id: &str,
    mut servers: Servers<E>,
    login: Login,
    show: impl FnOnce(&str),
) -> Result<(), Box<dyn Error>> {
    let loopback = Loopback::open(login.port, "/callback")?;
    let redirect_uri = loopback.redirect_uri().to_owned();
    let (mut state, mut verifier) = (State::vacant(), Verifier::vacant());
    for draw in [
        &mut |bytes: &[u8; 32]| state.draw(bytes),
        &mut |bytes: &[u8; 32]| {
            verifier.draw(bytes);
        },
    ] as [&mut dyn FnMut(&[u8; 32]); 2]
    {
        let mut entropy = [0; 32];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut entropy)
            .map_err(|_| "the system's random source failed")?;
        draw(&entropy);
        entropy.zeroize();
    }
    let challenge = verifier.challenge();
    let authorization = Authorization {
        client_id,
        redirect_uri: &redirect_uri,
        scopes: login.scopes,
        state: &state,
        challenge: Some(&challenge),
    };
    show(authorization.url(&servers.page, &mut [0; 1024])?);

    let mut code = AuthorizationCode::vacant();
    loopback.wait(&state, None, &mut code, Instant::now() + login.wait)?;

    let mut form = CodeForm::<E>::new();
    form.exchange(app.get().ok_or("no app")?, &mut code, &redirect_uri)?;
    form.prove(&verifier)?;
    let mut body = vec![0; BODY];
    let request = form.request();
    let transport = &mut servers.transport;
    let reply = transport.send(&request, &servers.token, form.credential(), &mut body)?;
    let grant = ConnectGrant::<E>::read(&reply)?;
    let scopes = grant.granted(login.scopes);
    println!("scopes        {scopes}");
    println!(
        "orders        {}",
        match scopes.require(Scopes::TRADING) {
            Ok(()) => "allowed".to_owned(),
            Err(missing) => format!("not allowed: {missing}"),
        }
    );
    let mut token = Slot::<ConnectToken<E>>::vacant();
    token.grant(&grant)?;
    body.as_mut_slice().zeroize();
    form.wipe();

    let token = token.get().ok_or("no token")?;
    let reply = transport.send(&trading::account(), &servers.trading, token, &mut body)?;
    let account = reply.json::<Account>()?;
    println!(
        "account       {}",
        account.account_number.unwrap_or(account.id)
    );
    println!("status        {}", account.status);
    Ok(())
}

/// What a browser does: opens the page and follows its redirect.
fn browse(url: &str, ca: &str) {
    let Ok(certificate) = ureq::tls::Certificate::from_pem(ca.as_bytes()) else {
        return;
    };
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::new_with_certs(&[certificate]))
        .build();
    let agent = ureq::Agent::config_builder().tls_config(tls).build();
    if let Err(error) = agent.new_agent().get(url).call() {
        eprintln!("the page or its redirect failed: {error}");
    }
}
