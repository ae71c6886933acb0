//! The server is verified before a byte is sent; nothing switches that off.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, SystemTime};

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth_promises::{client, config};
use alpaca_auth_ureq::{Client, Config, Error, Stage, TlsFault};
use alpaca_sandbox::{PAPER_KEY_ID, PAPER_SECRET, Sandbox};

fn refused(sandbox: &Sandbox, config: &Config, host: &str, fault: TlsFault) {
    let endpoint = Endpoint::<Trading, Paper>::at(host, sandbox.paper_port()).expect("a host");
    let mut client = Client::<Paper>::with(config, |slot| slot.paper(PAPER_KEY_ID, PAPER_SECRET))
        .expect("keys")
        .at(endpoint);
    let error = client
        .call(&trading::account())
        .expect_err("not to be trusted");
    assert_eq!(error, Error::Tls(fault));
    assert_eq!(error.stage(), Stage::Tls);
    assert!(sandbox.requests().is_empty(), "something was sent");
}

#[test]
fn an_unknown_authority_is_refused() {
    let (sandbox, other) = (
        Sandbox::start().expect("a server"),
        Sandbox::start().expect("another"),
    );
    refused(
        &sandbox,
        &Config::new(),
        "localhost",
        TlsFault::UnknownIssuer,
    );
    // Both CAs have the same name; the signature tells them apart.
    let endpoint =
        Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port()).expect("a host");
    let mut client = Client::<Paper>::with(&config(&other), |slot| {
        slot.paper(PAPER_KEY_ID, PAPER_SECRET)
    })
    .expect("keys")
    .at(endpoint);
    assert!(matches!(
        client.call(&trading::account()),
        Err(Error::Tls(_))
    ));
    assert!(sandbox.requests().is_empty());
}

#[test]
fn another_name_is_refused() {
    let sandbox = Sandbox::start().expect("a server");
    let config =
        config(&sandbox).connect_to("elsewhere.example", sandbox.paper_port(), "127.0.0.1");
    refused(
        &sandbox,
        &config,
        "elsewhere.example",
        TlsFault::NameMismatch,
    );
}

#[test]
fn a_certificate_outside_its_time_is_refused() {
    let sandbox = Sandbox::start().expect("a server");
    refused(
        &sandbox,
        &config(&sandbox).verify_at(0),
        "localhost",
        TlsFault::NotValidYet,
    );
    refused(
        &sandbox,
        &config(&sandbox).verify_at(u64::from(u32::MAX)),
        "localhost",
        TlsFault::Expired,
    );
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let mut client = client(&sandbox, &config(&sandbox).verify_at(now));
    assert!(client.call(&trading::account()).is_ok());
}

/// Accepts one connection, answers `says`, and returns what it received.
fn plain(says: &'static [u8]) -> (u16, thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let received = thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a connection");
        let mut first = [0; 4096];
        let count = socket.read(&mut first).expect("a hello");
        socket.write_all(says).expect("it is read");
        let mut received = first[..count].to_vec();
        drop(socket.read_to_end(&mut received));
        received
    });
    (port, received)
}

#[test]
fn a_server_without_tls_gets_a_hello_and_nothing_else() {
    for (says, fault) in [
        (
            &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"[..],
            TlsFault::NotTls,
        ),
        (b"\x15\x03\x03\x00\x02\x02\x28", TlsFault::Incompatible),
        (b"", TlsFault::Closed),
    ] {
        let (port, received) = plain(says);
        let endpoint = Endpoint::<Trading, Paper>::at("localhost", port).expect("a host");
        let config = Config::new().connect_timeout(Duration::from_secs(2));
        let mut client =
            Client::<Paper>::with(&config, |slot| slot.paper(PAPER_KEY_ID, PAPER_SECRET))
                .expect("keys")
                .at(endpoint);
        let error = client.call(&trading::account()).expect_err("no TLS");
        if says.is_empty() {
            assert!(
                matches!(error, Error::Tls(_) | Error::Timeout { sent: false }),
                "{error:?}"
            );
        } else {
            assert_eq!(error, Error::Tls(fault));
        }
        drop(client);
        let received = received.join().expect("the server ends");
        assert!(
            !received
                .windows(4)
                .any(|four| four == b"APCA" || four == b"GET "),
            "{received:?}"
        );
    }
}

#[test]
fn a_ca_file_without_a_certificate_is_refused() {
    for pem in [
        "",
        "x",
        "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(Config::new().trust_only_pem(pem).is_err(), "{pem}");
        assert!(Config::new().trust_also_pem(pem).is_err(), "{pem}");
    }
}
