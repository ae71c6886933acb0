//! Gets a token over `embedded-tls` sessions, uses it and revokes it, and counts copies of a secret, an
//! assertion or a token in its own memory.
//!
//! `memory_scan_session MODE AUTHX_PORT BROKER_PORT CLIENT_ID`; the client secret, or the PEM of a
//! P-256 key, on standard input; the CA in `SANDBOX_CA`. Prints the counts while everything is held, and
//! after everything is gone. The mode `kept` keeps a copy of the token, for the scanner to find. The
//! modes `key` and `key-text` read the key and do nothing else, and count the key or its base64.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpaca_auth::credential::{ClientId, ClientSecret, Credential, InBody, Opens, Slot};
use alpaca_auth::endpoint::{Api, AuthServer, Broker, Endpoint, ServedIn};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::oauth::{
    BrokerLogin, ClientAuthentication, Moment, Next, PrivateKeyJwt, RevocationForm, TokenForm,
    read_revocation,
};
use alpaca_auth::request::{Request, broker};
use alpaca_auth::response::Reply;
use alpaca_auth_embedded_tls::gateway::{OsRng, Tcp, now};
use alpaca_auth_embedded_tls::{Buffers, CertificateDer, Session, Trust, anchor};
use alpaca_auth_promises::scan::{MASK, Seen, TAIL, count, masked_tail};
use alpaca_auth_ureq::PemKey;
use rand_core::RngCore as _;
use rustls_pki_types::pem::PemObject as _;
use zeroize::{Zeroize, Zeroizing};

/// Everything that a device has for its sessions, in one place that stays.
struct Device {
    ca: CertificateDer<'static>,
    buffers: Buffers,
    body: [u8; 16 * 1024],
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let port = |at: usize| arguments[at].parse::<u16>().expect("a port");
    let (mode, authx, broker, id) = (&arguments[1], port(2), port(3), &arguments[4]);
    let mut secret = Zeroizing::new([0_u8; 1024]);
    // Unbuffered: std's own standard input would keep a copy.
    let mut stdin = File::open("/dev/stdin").expect("standard input");
    let length = stdin.read(&mut secret[..]).expect("the secret");
    let text = std::str::from_utf8(&secret[..length]).expect("text");
    let counts = if let "key" | "key-text" = mode.as_str() {
        let (mut body, mut pattern) = (masked_base64(text), masked_scalar(text));
        if mode == "key-text" {
            pattern = body.split_off(body.len() - TAIL);
        }
        let key = Box::new(PemKey::new(text).expect("a key"));
        secret.zeroize();
        let held = count(&pattern);
        drop(key);
        [held, count(&pattern)]
    } else if mode == "assertion" {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut slot = Box::new(Slot::<ClientId<Sandbox>>::vacant());
        let client = PrivateKeyJwt {
            client: slot.sandbox(id).expect("an id"),
            signer: Seen(PemKey::new(text).expect("a key"), Arc::clone(&seen)),
            key_id: None,
            audience: None,
        };
        secret.zeroize();
        let held = run(&client, authx, broker, false, |_| {
            count(&seen.lock().expect("no panic"))
        });
        drop(client);
        drop(slot);
        [held, count(&seen.lock().expect("no panic"))]
    } else {
        let pattern = masked_tail(text.as_bytes());
        let mut slot = Box::new(Slot::<ClientSecret<Sandbox>>::vacant());
        let client = slot.sandbox(id, text).expect("a pair");
        secret.zeroize();
        if mode == "secret" {
            let held = run(client, authx, broker, false, |_| count(&pattern));
            drop(slot);
            [held, count(&pattern)]
        } else {
            let mut pattern = Vec::new();
            let held = run(client, authx, broker, mode == "kept", |token| {
                pattern = token.to_vec();
                count(token)
            });
            drop(slot);
            [held, count(&pattern)]
        }
    };
    println!("{} {}", counts[0], counts[1]);
}

/// Gets a token, calls the Broker API, counts by `scan`, which is handed the token's pattern, and
/// revokes the token.
fn run<M>(
    client: &M,
    authx: u16,
    broker: u16,
    keep: bool,
    scan: impl FnOnce(&[u8]) -> usize,
) -> usize
where
    M: ClientAuthentication<Environment = Sandbox>,
    M::Error: std::fmt::Debug,
{
    let ca = std::env::var("SANDBOX_CA").expect("a CA");
    let mut device = Box::new(Device {
        ca: CertificateDer::from_pem_slice(ca.as_bytes()).expect("a CA"),
        buffers: Buffers::new(),
        body: [0; 16 * 1024],
    });
    let auth_server = Endpoint::<AuthServer, Sandbox>::at("localhost", authx).expect("a host");
    let accounts = Endpoint::<Broker, Sandbox>::at("localhost", broker).expect("a host");
    let mut login = Box::new(BrokerLogin::<Sandbox>::new());
    let Next::Refresh { attempt, .. } = login.poll(Duration::ZERO) else {
        panic!("no refresh")
    };
    let mut form = Box::new(TokenForm::<Sandbox>::new());
    client
        .write(&auth_server, &moment(), &mut form)
        .expect("a form");
    let credential: &InBody<Sandbox> = form.credential();
    device.call(&form.request(), &auth_server, credential, |reply| {
        let settled = login.settle(attempt, Some(&reply), Duration::ZERO, 0);
        settled.expect("a token");
    });
    form.wipe();
    for _ in 0..2 {
        let Next::Use { token, .. } = login.poll(Duration::ZERO) else {
            panic!("no token")
        };
        device.call(&broker::accounts(), &accounts, token, |reply| {
            assert_eq!(reply.status(), 200);
        });
    }
    let token = login.withdraw().expect("a token");
    let kept = keep.then(|| token.with_fields(|fields| fields[0].expose().to_vec()));
    let pattern = token.with_fields(|fields| masked_tail(fields[0].expose()));
    let held = scan(&pattern);
    let mut form = Box::new(RevocationForm::<Sandbox>::new(token));
    client
        .write(&auth_server, &moment(), &mut form)
        .expect("a form");
    device.call(&form.request(), &auth_server, form.credential(), |reply| {
        assert_eq!(read_revocation::<Sandbox>(&reply), Ok(()))
    });
    drop(form);
    std::mem::forget(black_box(kept));
    held
}

impl Device {
    /// One call on a session of its own. The body is wiped, as for a token.
    fn call<A: Api + ServedIn<Sandbox>, C: Opens<A, Environment = Sandbox>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, Sandbox>,
        credential: &C,
        read: impl FnOnce(Reply<'_>),
    ) {
        let anchors = [anchor(&self.ca).expect("a CA")];
        let limit = Duration::from_secs(10);
        let socket = Tcp::connect("127.0.0.1", endpoint.port(), limit).expect("a socket");
        let trust = Trust::only(&anchors);
        let mut session = Session::open(
            socket,
            endpoint,
            &mut self.buffers,
            trust,
            now(),
            &mut OsRng,
        )
        .expect("a session");
        let reply = session.call(request, credential, &mut self.body);
        read(reply.expect("an answer"));
        session.close();
        self.body.zeroize();
    }
}

fn moment() -> Moment {
    let mut entropy = [0; 16];
    OsRng.fill_bytes(&mut entropy);
    Moment {
        unix: now().as_secs(),
        entropy,
    }
}

/// The base64 of a PEM file, masked.
fn masked_base64(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    lines.flat_map(str::bytes).map(|byte| byte ^ MASK).collect()
}

/// The tail of a P-256 key's private scalar, masked as soon as it is decoded.
fn masked_scalar(pem: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut der, mut group, mut bits) = (Vec::new(), 0_u32, 0);
    for masked in masked_base64(pem) {
        let digit = ALPHABET
            .iter()
            .zip(0..)
            .find(|(byte, _)| **byte == masked ^ MASK);
        let Some((_, value)) = digit else { break };
        group = group << 6 | value;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            der.push((group >> bits & 0xff) as u8 ^ MASK);
        }
    }
    // An OCTET STRING of 32 bytes (RFC 5915).
    let tag = [0x04 ^ MASK, 0x20 ^ MASK];
    let at = der.windows(2).position(|pair| pair == tag).expect("a key") + 2;
    der[at + 32 - TAIL..at + 32].to_vec()
}
