//! No secret stands in Debug, Display, an error, a panic message or a log record at TRACE.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use alpaca_auth::request::{TargetBuffer, market_data, trading};
use alpaca_auth::response::Account;
use alpaca_auth_promises::{client, client_with, config, forms, recorder};
use alpaca_auth_ureq::{Client, Config, Error};
use alpaca_sandbox::{Misbehaviour, PAPER_KEY_ID, PAPER_SECRET, Sandbox};

/// Everything in one test: the log is one for the whole process.
#[test]
fn nothing_that_can_be_printed_holds_the_secret() {
    recorder::start();
    let sandbox = Sandbox::start().expect("a server");

    // The control: the usual way shows the secret in the log.
    let certificate = ureq::tls::Certificate::from_der(sandbox.ca_der()).to_owned();
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::new_with_certs(&[certificate]))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .build()
        .new_agent();
    let url = format!("https://localhost:{}/v2/account", sandbox.paper_port());
    agent
        .get(&url)
        .header("APCA-API-KEY-ID", PAPER_KEY_ID)
        .header("APCA-API-SECRET-KEY", PAPER_SECRET)
        .call()
        .expect("the account");
    assert!(
        !forms::found(PAPER_SECRET, &recorder::take()).is_empty(),
        "the recorder records nothing"
    );

    let mut said = String::new();
    let mut say = |text: &dyn std::fmt::Debug| writeln!(said, "{text:?}").expect("a string grows");

    // Answers of all kinds, and errors of all kinds.
    let mut alpaca = client(&sandbox, &config(&sandbox));
    let mut target = TargetBuffer::<64>::new("/").expect("a target");
    let reply = alpaca.call(&trading::account()).expect("the account");
    say(&reply.json::<Account>());
    say(&reply);
    say(&alpaca
        .call(&market_data::latest_quote(&mut target, "AAPL").expect("fits"))
        .map(|reply| reply.status()));
    say(&alpaca
        .call(&trading::submit_order(b"{}"))
        .map(|reply| format!("{:?}", reply.success())));
    for misbehaviour in [
        Misbehaviour::Redirect {
            status: 302,
            location: "https://localhost:1/".to_owned(),
        },
        Misbehaviour::CloseWithoutAnswer,
        Misbehaviour::TruncatedBody,
        Misbehaviour::GarbageJson,
        Misbehaviour::HtmlError(401),
        Misbehaviour::EmptyError(403),
        Misbehaviour::TooManyRequests {
            retry_after: Some(1),
        },
        Misbehaviour::ServerError(500),
        Misbehaviour::WrongContentLength,
        Misbehaviour::OversizeBody(2 << 20),
        Misbehaviour::Raw(b"HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n".to_vec()),
    ] {
        sandbox.misbehave(misbehaviour);
        match alpaca.call(&trading::account()) {
            Ok(reply) => {
                say(&reply);
                let error = reply.json::<Account>().expect_err("no account");
                say(&error);
                say(&error.to_string());
            }
            Err(error) => {
                say(&error);
                say(&error.to_string());
            }
        }
    }

    // A secret that is refused, and one of the wrong environment.
    for bad in [
        format!("{PAPER_SECRET}\n"),
        format!("\"{PAPER_SECRET}\""),
        PAPER_SECRET.repeat(4),
    ] {
        let error =
            Client::<alpaca_auth::environment::Paper>::new(|slot| slot.paper(PAPER_KEY_ID, &bad))
                .err();
        say(&error);
        say(&error.map(|error: Error| error.to_string()));
    }
    let mut other = client_with(
        &sandbox,
        &config(&sandbox),
        "AKOTHER0000000000000",
        PAPER_SECRET,
    );
    let refusal = other
        .call(&trading::account())
        .expect("an answer")
        .success()
        .expect_err("no success");
    say(&refusal);
    say(&refusal.to_string());

    // A server that is not to be trusted.
    let mut distrusting = client(&sandbox, &Config::new());
    say(&distrusting.call(&trading::account()).err());

    // A panic while the client is in use.
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut alpaca = client(&sandbox, &config(&sandbox));
        let reply = alpaca.call(&trading::account()).expect("the account");
        panic!("{reply:?}");
    }));
    let panicked = panicked.expect_err("it panics");
    say(&panicked.downcast_ref::<String>());

    let log = recorder::take();
    assert!(log.contains("rustls") && log.contains("ureq"), "{log}");
    assert_eq!(
        forms::found(PAPER_SECRET, &said),
        Vec::<&str>::new(),
        "{said}"
    );
    assert_eq!(
        forms::found(PAPER_SECRET, &log),
        Vec::<&str>::new(),
        "{log}"
    );
    assert!(!log.contains(PAPER_KEY_ID), "the key id is logged");
}
