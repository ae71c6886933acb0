//! Calls the sandbox, and counts copies of the secret in its own memory.
//!
//! `memory_scan MODE PORT KEY_ID`, the secret on standard input, the CA in `SANDBOX_CA`.
//! Prints the counts before any call, after three, and after the client is gone.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth_promises::scan::{MASK, TAIL, count};
use alpaca_auth_ureq::{Client, Config};
use zeroize::{Zeroize, Zeroizing};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (mode, port, id) = (
        &arguments[1],
        arguments[2].parse().expect("a port"),
        &arguments[3],
    );
    let ca = std::env::var("SANDBOX_CA").expect("a CA");
    // Unbuffered: std's own standard input would keep a copy.
    let mut secret = Zeroizing::new([0_u8; 128]);
    let mut stdin = File::open("/dev/stdin").expect("standard input");
    let length = stdin.read(&mut secret[..]).expect("the secret");
    let pattern: Vec<u8> = secret[length - TAIL..length]
        .iter()
        .map(|byte| byte ^ MASK)
        .collect();

    let counts = match mode.as_str() {
        "usual-way" => usual_way(&mut secret, length, port, id, &ca, &pattern),
        _ => ours(
            &mut secret,
            length,
            port,
            id,
            &ca,
            &pattern,
            mode == "kept-copy",
        ),
    };
    println!("{} {} {}", counts[0], counts[1], counts[2]);
}

fn ours(
    secret: &mut [u8; 128],
    length: usize,
    port: u16,
    id: &str,
    ca: &str,
    pattern: &[u8],
    keep: bool,
) -> [usize; 3] {
    let kept = keep.then(|| secret[..length].to_vec());
    let config = Config::new().trust_only_pem(ca).expect("a CA");
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", port).expect("a host");
    let text = std::str::from_utf8(&secret[..length]).expect("text");
    let mut client = Client::<Paper>::with(&config, |slot| slot.paper(id, text))
        .expect("keys")
        .at(endpoint);
    secret.zeroize();
    let before = count(pattern);
    for _ in 0..3 {
        let reply = client.call(&trading::account()).expect("an answer");
        assert_eq!(reply.status(), 200);
    }
    let after = count(pattern);
    drop(client);
    let gone = count(pattern);
    black_box(&kept);
    [before, after, gone]
}

/// `ureq` as most people use it.
fn usual_way(
    secret: &mut [u8; 128],
    length: usize,
    port: u16,
    id: &str,
    ca: &str,
    pattern: &[u8],
) -> [usize; 3] {
    let text = String::from_utf8(secret[..length].to_vec()).expect("text");
    secret.zeroize();
    let certificate = ureq::tls::Certificate::from_pem(ca.as_bytes()).expect("a CA");
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::new_with_certs(&[certificate]))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .build()
        .new_agent();
    let before = count(pattern);
    let url = format!("https://localhost:{port}/v2/account");
    for _ in 0..3 {
        let request = agent
            .get(&url)
            .header("APCA-API-KEY-ID", id)
            .header("APCA-API-SECRET-KEY", &text);
        let mut answer = request.call().expect("an answer");
        answer.body_mut().read_to_string().expect("a body");
    }
    let after = count(pattern);
    drop(agent);
    let gone = count(pattern);
    black_box(&text);
    [before, after, gone]
}
