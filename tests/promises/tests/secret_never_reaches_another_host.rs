//! A secret never reaches another host: no redirect takes it along, whatever its form.

use std::net::TcpListener;

use alpaca_auth::request::trading;
use alpaca_auth_promises::{client, config};
use alpaca_auth_ureq::{Error, Stage};
use alpaca_sandbox::{Misbehaviour, PAPER_SECRET, Sandbox};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// The redirect is a typed error, and the request reached the first server once.
fn refused(sandbox: &Sandbox, status: u16, location: String) {
    sandbox.clear_requests();
    sandbox.misbehave(Misbehaviour::Redirect { status, location });
    let mut client = client(sandbox, &config(sandbox));
    for request in [trading::account().into(), trading::submit_order(b"{}")] {
        let error = client.call(&request).expect_err("a redirect is no answer");
        assert_eq!(error, Error::Redirect { status });
        assert_eq!(error.stage(), Stage::Http);
        assert!(error.to_string().contains("the key not sent on"), "{error}");
        sandbox.misbehave(Misbehaviour::Redirect {
            status,
            location: "/v2/account".to_owned(),
        });
    }
    assert_eq!(sandbox.requests().len(), 2);
    assert!(
        sandbox
            .requests()
            .iter()
            .all(|request| request.header("apca-api-secret-key") == Some(PAPER_SECRET))
    );
    sandbox.misbehave_always(None);
}

#[test]
fn a_redirect_to_another_host_gets_nothing() {
    let other = Sandbox::start().expect("a second server");
    for status in STATUSES {
        let sandbox = Sandbox::start().expect("a server");
        refused(
            &sandbox,
            status,
            format!("https://127.0.0.1:{}/v2/account", other.paper_port()),
        );
    }
    assert_eq!(other.connections(), 0);
    assert!(other.requests().is_empty());
}

#[test]
fn a_redirect_to_another_port_gets_nothing() {
    for status in STATUSES {
        let sandbox = Sandbox::start().expect("a server");
        refused(
            &sandbox,
            status,
            format!("https://localhost:{}/v2/account", sandbox.live_port()),
        );
        // Both requests came on one connection, and none on the other port.
        assert!(
            sandbox
                .requests()
                .iter()
                .all(|request| request.role == alpaca_sandbox::Role::Paper)
        );
    }
}

#[test]
fn a_redirect_to_plain_http_gets_nothing() {
    let plain = TcpListener::bind("127.0.0.1:0").expect("a port");
    plain
        .set_nonblocking(true)
        .expect("a non-blocking listener");
    let port = plain.local_addr().expect("an address").port();
    for status in STATUSES {
        let sandbox = Sandbox::start().expect("a server");
        refused(
            &sandbox,
            status,
            format!("http://localhost:{port}/v2/account"),
        );
    }
    assert!(
        plain.accept().is_err(),
        "something connected to the plain port"
    );
}

/// The control: a client as most people write it does take the secret along.
#[test]
fn the_servers_of_this_test_see_a_secret_that_is_taken_along() {
    let (sandbox, other) = (
        Sandbox::start().expect("a server"),
        Sandbox::start().expect("another"),
    );
    let roots = [&sandbox, &other]
        .map(|sandbox| ureq::tls::Certificate::from_der(sandbox.ca_der()).to_owned());
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::new_with_certs(&roots))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .build()
        .new_agent();
    sandbox.misbehave(Misbehaviour::Redirect {
        status: 302,
        location: format!("https://127.0.0.1:{}/v2/account", other.paper_port()),
    });
    let url = format!("https://localhost:{}/v2/account", sandbox.paper_port());
    let answer = agent
        .get(&url)
        .header("APCA-API-SECRET-KEY", PAPER_SECRET)
        .call();
    assert!(answer.is_ok());
    let leaked = other.requests();
    assert_eq!(leaked[0].header("apca-api-secret-key"), Some(PAPER_SECRET));
}
