//! Prints how often a second a valid token is read, beside the same token in a plain mutex.
//! Printed, not asserted: it is time.

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use alpaca_auth::credential::Opens;
use alpaca_auth::endpoint::{Api, Endpoint};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::request::Request;
use alpaca_auth::response::{Context, Reply, ReplyHead};
use alpaca_auth::transport::Transport;
use alpaca_auth_ureq::{SecretPost, TokenCache};

const READS: u32 = 2_000_000;

/// Issues one token.
struct Issuer;

impl Transport for Issuer {
    type Error = std::convert::Infallible;

    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        _: &Request<'_, A>,
        _: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Self::Error> {
        let text = br#"{"access_token":"token","expires_in":3600,"token_type":"bearer"}"#;
        body[..text.len()].copy_from_slice(text);
        let context = Context::of::<A, C>(credential);
        Ok(Reply::new(
            ReplyHead::new(200),
            context,
            &body[..text.len()],
        ))
    }
}

fn main() {
    let client = SecretPost::<Sandbox>::new(|slot| slot.sandbox("CLIENTID", "secret"));
    let cache = TokenCache::new(Issuer, Endpoint::alpaca(), client.expect("a client"));
    let held = cache.token().expect("a token");
    let until = Instant::now() + Duration::from_secs(3600);
    let mutex = Mutex::new((Arc::clone(&held), until));
    for threads in [1, 2] {
        let ours = reads(threads, || drop(black_box(cache.token())));
        let plain = reads(threads, || {
            let guard = mutex.lock().expect("no panic");
            if Instant::now() < guard.1 {
                black_box(Arc::clone(&guard.0));
            }
        });
        println!("token reads/s, {threads} threads: cache {ours:.1} M, plain mutex {plain:.1} M");
    }
}

/// Millions a second, all threads together.
fn reads(threads: u32, read: impl Fn() + Sync) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..READS).for_each(|_| read()));
        }
    });
    f64::from(READS * threads) / start.elapsed().as_secs_f64() / 1e6
}
