//! Logs a user in by Alpaca Connect and fetches the account with the token.
//!
//! With an app's id and secret in the environment it asks Alpaca; without, the built-in sandbox.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use alpaca_auth::credential::{ClientSecret, ConnectToken, Slot};
use alpaca_auth::endpoint::{self, ConnectPage, Endpoint, Trading};
use alpaca_auth::environment::Paper;
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
usage: connect_login [--port N] [--wait SECONDS] [--auto]
  the app comes from APCA_CONNECT_CLIENT_ID and APCA_CONNECT_CLIENT_SECRET; without them a
  sandbox answers. The app's redirect URI is http://127.0.0.1:PORT/callback. Paper accounts only.
  --port  port of the redirect URI as registered (default: any free one)
  --wait  how long the user may take (default: 300)
  --auto  plays the browser too, against the sandbox";

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
struct Servers {
    page: Endpoint<ConnectPage, Paper>,
    token: Endpoint<endpoint::ConnectToken, Paper>,
    trading: Endpoint<Trading, Paper>,
    transport: UreqTransport,
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let auto = arguments.flag("--auto");
    let number = |text: Option<String>, without: u16| match text {
        None => Ok(without),
        Some(text) => text.parse().map_err(|_| Failure::Usage(USAGE.to_owned())),
    };
    let port = number(arguments.value("--port")?, 0)?;
    let wait = Duration::from_secs(number(arguments.value("--wait")?, 300)?.into());
    arguments.end(USAGE)?;

    let mut app = Slot::<ClientSecret<Paper>>::vacant();
    match (std::env::var(ID), std::env::var(SECRET)) {
        (Ok(id), Ok(mut secret)) => {
            if auto {
                return Err(
                    "--auto is for the sandbox: a user decides about a real account".into(),
                );
            }
            let filled = app.paper(&id, &secret).map(|_| ());
            secret.zeroize();
            filled?;
            let servers = Servers {
                page: Endpoint::alpaca(),
                token: Endpoint::alpaca(),
                trading: Endpoint::alpaca(),
                transport: UreqTransport::new(&Config::new())?,
            };
            log_in(&app, &id, servers, port, wait, |url| {
                println!("Open this page and decide:\n{url}");
            })
        }
        (Err(_), Err(_)) => {
            let sandbox = Sandbox::start()?;
            eprintln!("No app in the environment: asking the built-in sandbox over HTTPS.");
            app.paper(CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET)?;
            let config = Config::new().trust_only_pem(sandbox.ca_pem())?;
            let servers = Servers {
                page: Endpoint::at("localhost", sandbox.live_port())?,
                token: Endpoint::at("localhost", sandbox.live_port())?,
                trading: Endpoint::at("localhost", sandbox.paper_port())?,
                transport: UreqTransport::new(&config)?,
            };
            log_in(&app, CONNECT_CLIENT_ID, servers, port, wait, |url| {
                if auto {
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

fn log_in(
    app: &Slot<ClientSecret<Paper>>,
    client_id: &str,
    mut servers: Servers,
    port: u16,
    wait: Duration,
    show: impl FnOnce(&str),
) -> Result<(), Box<dyn std::error::Error>> {
    let loopback = Loopback::open(port, "/callback")?;
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
    let login = Authorization {
        client_id,
        redirect_uri: &redirect_uri,
        scopes: Scopes::TRADING,
        state: &state,
        challenge: Some(&challenge),
    };
    show(login.url(&servers.page, &mut [0; 1024])?);

    let mut code = AuthorizationCode::vacant();
    loopback.wait(&state, None, &mut code, Instant::now() + wait)?;

    let mut form = CodeForm::<Paper>::new();
    form.exchange(app.get().ok_or("no app")?, &mut code, &redirect_uri)?;
    form.prove(&verifier)?;
    let mut body = vec![0; BODY];
    let request = form.request();
    let transport = &mut servers.transport;
    let reply = transport.send(&request, &servers.token, form.credential(), &mut body)?;
    let grant = ConnectGrant::<Paper>::read(&reply)?;
    println!(
        "trading       {}",
        match grant.scopes() {
            Some(scopes) if !scopes.contain(Scopes::TRADING) => "not allowed",
            _ => "allowed",
        }
    );
    let mut token = Slot::<ConnectToken<Paper>>::vacant();
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
