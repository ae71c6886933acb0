//! Sixty-four threads, one cache, a token that expires under load: one token request per life, and
//! nobody who has a valid token waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use alpaca_auth::credential::{Credential, Opens};
use alpaca_auth::endpoint::{Api, ApiKind, Broker, Endpoint};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::oauth::{ErrorCode, TokenError};
use alpaca_auth::request::{Method, Replay, Request, broker};
use alpaca_auth::response::{Context, Reply, ReplyHead};
use alpaca_auth::transport::Transport;
use alpaca_auth_ureq::{Clock, NoToken, SecretPost, TokenCache, Why};

/// A clock that stands until it is set.
#[derive(Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn unix(&self) -> u64 {
        1_800_000_000
    }
}

/// An authorization server and a Broker API in memory.
#[derive(Clone, Default)]
struct Server(Arc<Inner>);

#[derive(Default)]
struct Inner {
    tokens: AtomicUsize,
    calls: AtomicUsize,
    under_way: AtomicUsize,
    down: AtomicBool,
    refusing: AtomicBool,
    unauthorized: AtomicUsize,
    panics: AtomicBool,
    gate: Mutex<bool>,
    gate_moved: Condvar,
    arrived: AtomicUsize,
}

impl Server {
    /// Token requests hang from now on, or go on.
    fn hang(&self, hang: bool) {
        *self.0.gate.lock().expect("no panic") = hang;
        self.0.gate_moved.notify_all();
    }

    fn tokens(&self) -> usize {
        self.0.tokens.load(Ordering::SeqCst)
    }

    /// Waits until `count` token requests have arrived.
    fn await_arrival(&self, count: usize) {
        while self.0.arrived.load(Ordering::SeqCst) < count {
            std::thread::yield_now();
        }
    }
}

impl Transport for Server {
    type Error = &'static str;

    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        _: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, &'static str> {
        let context = Context::of::<A, C>(credential);
        let inner = &*self.0;
        let (status, text) = if A::KIND == ApiKind::AuthServer {
            credential.with_fields(|fields| assert!(fields.is_empty(), "no Authorization"));
            assert!(
                request
                    .body()
                    .expect("a form")
                    .bytes
                    .starts_with(b"grant_type=")
            );
            assert_eq!(
                inner.under_way.fetch_add(1, Ordering::SeqCst),
                0,
                "two at a time"
            );
            inner.arrived.fetch_add(1, Ordering::SeqCst);
            let mut hangs = inner.gate.lock().expect("no panic");
            while *hangs {
                hangs = inner.gate_moved.wait(hangs).expect("no panic");
            }
            drop(hangs);
            inner.under_way.fetch_sub(1, Ordering::SeqCst);
            let count = inner.tokens.fetch_add(1, Ordering::SeqCst) + 1;
            assert!(!inner.panics.swap(false, Ordering::SeqCst), "on demand");
            if inner.down.load(Ordering::SeqCst) {
                return Err("down");
            }
            if inner.refusing.load(Ordering::SeqCst) {
                (401, r#"{"error":"invalid_client"}"#.to_owned())
            } else {
                let token = format!("token-{count}");
                (
                    200,
                    format!(
                        r#"{{"access_token":"{token}","expires_in":900,"token_type":"bearer"}}"#
                    ),
                )
            }
        } else {
            inner.calls.fetch_add(1, Ordering::SeqCst);
            let take = |left: usize| left.checked_sub(1);
            let refuse = inner
                .unauthorized
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                .is_ok();
            let sent = credential.with_fields(|fields| fields[0].expose().to_vec());
            let status = if refuse { 401 } else { 200 };
            (status, String::from_utf8(sent).expect("ASCII"))
        };
        body[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Reply::new(
            ReplyHead::new(status),
            context,
            &body[..text.len()],
        ))
    }
}

type Cache = TokenCache<Server, SecretPost<Sandbox>, Hand>;

fn cache() -> (Cache, Server, Hand) {
    let client = SecretPost::<Sandbox>::new(|slot| slot.sandbox("CLIENTID", "secret"));
    let (server, hand) = (Server::default(), Hand::default());
    let client = client.expect("a client");
    let cache = TokenCache::with_clock(server.clone(), Endpoint::alpaca(), client, hand.clone());
    (cache, server, hand)
}

fn text(cache: &Cache) -> String {
    let held = cache.token().expect("a token");
    let token = held.token().expect("a token");
    token.with_fields(|fields| String::from_utf8(fields[0].expose().to_vec()).expect("ASCII"))
}

/// Runs `job` in 64 threads, which start together.
fn crowd(job: impl Fn() + Sync) {
    let start = std::sync::Barrier::new(64);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                start.wait();
                job();
            });
        }
    });
}

#[test]
fn sixty_four_threads_share_one_request_per_life() {
    let (cache, server, hand) = cache();
    for life in 1..=20_u64 {
        // Nobody has a valid token: all want one at once.
        hand.set(life * 1000);
        crowd(|| {
            for _ in 0..100 {
                assert_eq!(text(&cache), format!("token-{life}"));
            }
        });
        assert_eq!(server.tokens() as u64, life);
    }
}

#[test]
fn a_hanging_refresh_keeps_nobody_with_a_valid_token() {
    let (cache, server, hand) = cache();
    assert_eq!(text(&cache), "token-1");
    server.hang(true);
    hand.set(700);
    // Due for refresh, valid until 890. The first caller does not wait either.
    crowd(|| {
        for _ in 0..100 {
            assert_eq!(text(&cache), "token-1");
        }
    });
    server.await_arrival(2);
    hand.set(889);
    crowd(|| assert_eq!(text(&cache), "token-1"));
    assert_eq!(server.tokens(), 1, "the second request still hangs");
    server.hang(false);
    hand.set(890);
    crowd(|| assert_eq!(text(&cache), "token-2"));
    assert_eq!(server.tokens(), 2);
}

#[test]
fn a_failed_refresh_serves_the_old_token_and_then_says_why_there_is_none() {
    let (cache, server, hand) = cache();
    assert_eq!(text(&cache), "token-1");
    server.0.down.store(true, Ordering::SeqCst);
    hand.set(700);
    assert_eq!(text(&cache), "token-1");
    while server.tokens() < 2 {
        std::thread::yield_now();
    }
    hand.set(5000);
    let error = cache.token().err().expect("no token");
    assert_eq!(error.why, Why::Call("down"));
    let tried = server.tokens();
    crowd(|| {
        let error = cache.token().err().expect("no token");
        assert!(
            error
                .retry_in
                .is_some_and(|pause| pause <= Duration::from_secs(60))
        );
    });
    assert_eq!(
        server.tokens(),
        tried,
        "64 callers cause no attempt before it is due"
    );
    server.0.down.store(false, Ordering::SeqCst);
    hand.set(5061);
    assert!(text(&cache).starts_with("token-"));
}

#[test]
fn a_final_refusal_is_not_asked_again_until_it_is_restarted() {
    let (cache, server, hand) = cache();
    server.0.refusing.store(true, Ordering::SeqCst);
    for now in [0, 10, 100_000] {
        hand.set(now);
        crowd(|| {
            let error = cache.token().err().expect("no token");
            let why = Why::Server(TokenError::Refused {
                code: ErrorCode::InvalidClient,
                status: 401,
            });
            assert_eq!(
                error,
                NoToken {
                    why,
                    retry_in: None
                }
            );
        });
    }
    assert_eq!(server.tokens(), 1);
    server.0.refusing.store(false, Ordering::SeqCst);
    cache.restart();
    assert_eq!(text(&cache), "token-2");
}

#[test]
fn a_panic_in_the_transport_loses_one_attempt_only() {
    let (cache, server, hand) = cache();
    server.0.panics.store(true, Ordering::SeqCst);
    let other = cache.clone();
    assert!(
        std::thread::spawn(move || other.token().map(drop))
            .join()
            .is_err()
    );
    hand.set(2);
    assert_eq!(text(&cache), "token-2");
}

#[test]
fn a_401_is_sent_once_more_with_a_new_token_if_it_may_be() {
    let endpoint = Endpoint::<Broker, Sandbox>::alpaca();
    let order = || Request::<Broker>::new(Method::Post, "/v1/x").expect("a target");
    for (request, unauthorized, status, calls, tokens) in [
        (broker::accounts().into(), 0, 200, 1, 1),
        (broker::accounts().into(), 1, 200, 2, 2),
        // A second 401 is the answer: neither a third call nor a third token.
        (broker::accounts().into(), 9, 401, 2, 2),
        (order(), 1, 401, 1, 1),
        (order().with_replay(Replay::WithClientOrderId), 1, 200, 2, 2),
    ] {
        let (cache, server, hand) = cache();
        assert_eq!(text(&cache), "token-1");
        hand.set(100);
        server.0.unauthorized.store(unauthorized, Ordering::SeqCst);
        let mut body = [0; 256];
        let reply = cache
            .call(&mut server.clone(), &request, &endpoint, &mut body)
            .expect("an answer");
        assert_eq!(reply.status(), status);
        assert_eq!(reply.body(), format!("token-{tokens}").as_bytes());
        assert_eq!(server.0.calls.load(Ordering::SeqCst), calls);
        assert_eq!(server.tokens(), tokens);
    }
}

#[test]
fn sixty_four_times_401_cost_one_token() {
    let (cache, server, hand) = cache();
    assert_eq!(text(&cache), "token-1");
    hand.set(100);
    let old = cache.token().expect("a token");
    crowd(|| {
        assert!(cache.replace(&old));
        assert_eq!(text(&cache), "token-2");
    });
    assert_eq!(server.tokens(), 2);
}
