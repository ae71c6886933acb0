//! Gets tokens from the sandbox, and counts copies of a secret, an assertion or a token in its own
//! memory.
//!
//! `memory_scan_oauth MODE AUTHX_PORT BROKER_PORT CLIENT_ID`; the client secret, or the PEM of a
//! P-256 key, on standard input; the CA in `SANDBOX_CA`. With a mode `…-revoked` the token is revoked
//! too. Prints the counts before any call, after them, and after everything is gone.

use std::fs::File;
use std::io::Read;
use std::sync::{Arc, Mutex};

use alpaca_auth::credential::Credential;
use alpaca_auth::endpoint::{AuthServer, Broker, Endpoint};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::oauth::ClientAuthentication;
use alpaca_auth::request::broker;
use alpaca_auth_promises::scan::{Seen, count, masked_tail};
use alpaca_auth_ureq::{Config, KeyJwt, PemKey, SecretPost, TokenCache, UreqTransport};
use zeroize::{Zeroize, Zeroizing};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let port = |at: usize| arguments[at].parse::<u16>().expect("a port");
    let (authx, broker, id) = (port(2), port(3), &arguments[4]);
    let mut secret = Zeroizing::new([0_u8; 1024]);
    // Unbuffered: std's own standard input would keep a copy.
    let mut stdin = File::open("/dev/stdin").expect("standard input");
    let length = stdin.read(&mut secret[..]).expect("the secret");
    let text = std::str::from_utf8(&secret[..length]).expect("text");
    let of_text = || masked_tail(text.as_bytes());
    let mode = arguments[1].as_str();
    let revoke = mode.ends_with("-revoked");
    let counts = match mode.trim_end_matches("-revoked") {
        "assertion" => {
            let seen = Arc::new(Mutex::new(Vec::new()));
            let signer = Seen(PemKey::new(text).expect("a key"), Arc::clone(&seen));
            let client = KeyJwt::<Sandbox, _>::new(|slot| slot.sandbox(id), signer);
            let client = client.expect("a client");
            secret.zeroize();
            let pattern = move |_: &[u8]| seen.lock().expect("no panic").clone();
            run(client, authx, broker, Vec::new(), pattern, revoke)
        }
        mode => {
            let before = if mode == "secret" {
                of_text()
            } else {
                Vec::new()
            };
            let client = SecretPost::<Sandbox>::new(|slot| slot.sandbox(id, text));
            let client = client.expect("a client");
            secret.zeroize();
            let known = before.clone();
            let of_secret = mode == "secret";
            let pattern = move |token: &[u8]| {
                if of_secret {
                    known.clone()
                } else {
                    masked_tail(token)
                }
            };
            run(client, authx, broker, before, pattern, revoke)
        }
    };
    println!("{} {} {}", counts[0], counts[1], counts[2]);
}

/// Gets a token, calls the Broker API twice. `pattern` gives what is counted after that.
fn run<M>(
    client: M,
    authx: u16,
    broker: u16,
    before: Vec<u8>,
    pattern: impl Fn(&[u8]) -> Vec<u8>,
    revoke: bool,
) -> [usize; 3]
where
    M: ClientAuthentication<Environment = Sandbox> + Send + Sync + 'static,
    M::Error: Clone + Send + std::fmt::Debug,
{
    let ca = std::env::var("SANDBOX_CA").expect("a CA");
    let config = Config::new().trust_only_pem(&ca).expect("a CA");
    let endpoint = Endpoint::<AuthServer, Sandbox>::at("localhost", authx).expect("a host");
    let cache = TokenCache::new(
        UreqTransport::new(&config).expect("roots"),
        endpoint,
        client,
    );
    let mut transport = UreqTransport::new(&config).expect("roots");
    let endpoint = Endpoint::<Broker, Sandbox>::at("localhost", broker).expect("a host");
    let mut body = vec![0; 64 * 1024];
    let first = if before.is_empty() { 0 } else { count(&before) };
    for _ in 0..2 {
        let reply = cache.call(&mut transport, &broker::accounts(), &endpoint, &mut body);
        assert_eq!(reply.expect("an answer").status(), 200);
    }
    let held = cache.token().expect("a token");
    if revoke {
        cache.revoke().expect("it is revoked");
    }
    let token = held.token().expect("a token");
    let pattern = token.with_fields(|fields| pattern(fields[0].expose()));
    drop(held);
    let after = count(&pattern);
    drop((cache, transport));
    [first, after, count(&pattern)]
}
