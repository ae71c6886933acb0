//! A proxy that is given sees the name of the host and ciphertext, and nothing else.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use alpaca_auth::request::trading;
use alpaca_auth_promises::{client, config};
use alpaca_auth_ureq::{Config, Error};
use alpaca_sandbox::Sandbox;

/// Opens one tunnel, or refuses it, and returns what the client sent through it.
fn proxy(open: bool) -> (u16, thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let seen = thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a connection");
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).expect("a head");
            seen.push(byte[0]);
        }
        if !open {
            client
                .write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                .expect("it is read");
            return seen;
        }
        let head = String::from_utf8(seen.clone()).expect("text");
        let target = head.split(' ').nth(1).expect("a target").to_owned();
        let mut server = TcpStream::connect(target).expect("the server");
        client
            .write_all(b"HTTP/1.1 200 OK\r\n\r\n")
            .expect("it is read");
        let (mut from_server, mut to_client) = (
            server.try_clone().expect("a clone"),
            client.try_clone().expect("a clone"),
        );
        let back = thread::spawn(move || drop(std::io::copy(&mut from_server, &mut to_client)));
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = client.read(&mut piece) {
            seen.extend_from_slice(&piece[..count]);
            server.write_all(&piece[..count]).expect("the server reads");
        }
        drop(server.shutdown(std::net::Shutdown::Both));
        back.join().expect("the way back ends");
        seen
    });
    (port, seen)
}

fn through(sandbox: &Sandbox, port: u16) -> Config {
    config(sandbox)
        .proxy(&format!("http://127.0.0.1:{port}"))
        .expect("an address")
}

#[test]
fn the_request_goes_through_the_tunnel_encrypted() {
    let sandbox = Sandbox::start().expect("a server");
    let (port, seen) = proxy(true);
    let mut client = client(&sandbox, &through(&sandbox, port));
    assert!(
        client
            .call(&trading::account())
            .expect("an answer")
            .success()
            .is_ok()
    );
    drop(client);
    let seen = seen.join().expect("the proxy ends");
    assert!(seen.starts_with(
        format!("CONNECT localhost:{} HTTP/1.1\r\n", sandbox.paper_port()).as_bytes()
    ));
    assert!(
        !seen
            .windows(4)
            .any(|four| four == b"APCA" || four == b"GET ")
    );
}

#[test]
fn a_proxy_that_refuses_is_named_and_nothing_is_sent() {
    let sandbox = Sandbox::start().expect("a server");
    let (port, seen) = proxy(false);
    let error = client(&sandbox, &through(&sandbox, port))
        .call(&trading::account())
        .expect_err("no tunnel");
    assert_eq!(error, Error::Proxy);
    assert!(sandbox.requests().is_empty());
    let seen = seen.join().expect("the proxy ends");
    assert!(!seen.windows(4).any(|four| four == b"APCA"));
}

#[test]
fn an_address_that_is_no_proxy_is_refused() {
    for url in ["", "http://", "ftp://x", "http://a b"] {
        assert!(Config::new().proxy(url).is_err(), "{url:?}");
    }
}
