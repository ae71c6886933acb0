//! A token is revoked on demand and never otherwise: then the server refuses it, and nobody gets it
//! from the cache again, whatever came of the revocation.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use alpaca_auth::credential::{BrokerToken, ClientSecret, Credential, Slot};
use alpaca_auth::endpoint::{AuthServer, Broker, Endpoint};
use alpaca_auth::environment::Sandbox as BrokerSandbox;
use alpaca_auth::oauth::{
    BrokerLogin, ClientAuthentication, ErrorCode, Next, RevocationError, RevocationForm, TokenForm,
    read_revocation,
};
use alpaca_auth::request::broker;
use alpaca_auth::transport::Transport as _;
use alpaca_auth_promises::config;
use alpaca_auth_ureq::{
    HeldToken, KeyJwt, NotRevoked, PemKey, SecretPost, TokenCache, UreqTransport,
};
use alpaca_sandbox::{
    AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET, Misbehaviour, Options, PublicKey, Sandbox,
};
use rcgen::PublicKeyData as _;

type Cache<M = SecretPost<BrokerSandbox>> = TokenCache<UreqTransport, M>;

fn transport(sandbox: &Sandbox) -> UreqTransport {
    UreqTransport::new(&config(sandbox)).expect("roots")
}

fn authx(sandbox: &Sandbox) -> Endpoint<AuthServer, BrokerSandbox> {
    Endpoint::at("localhost", sandbox.authx_port()).expect("a host")
}

fn cache(sandbox: &Sandbox) -> Cache {
    let client =
        SecretPost::<BrokerSandbox>::new(|slot| slot.sandbox(AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET));
    let client = client.expect("a client");
    TokenCache::new(transport(sandbox), authx(sandbox), client)
}

/// The status of `GET /v1/accounts` with this token.
fn status(sandbox: &Sandbox, token: &BrokerToken<BrokerSandbox>) -> u16 {
    let endpoint = Endpoint::<Broker, BrokerSandbox>::at("localhost", sandbox.broker_port());
    let (endpoint, mut body) = (endpoint.expect("a host"), vec![0; 64 * 1024]);
    let reply = transport(sandbox).send(&broker::accounts(), &endpoint, token, &mut body);
    reply.expect("an answer").status()
}

fn status_of_held(sandbox: &Sandbox, held: &HeldToken<BrokerSandbox>) -> u16 {
    status(sandbox, held.token().expect("a token"))
}

fn text(held: &HeldToken<BrokerSandbox>) -> Vec<u8> {
    let token = held.token().expect("a token");
    token.with_fields(|fields| fields[0].expose().to_vec())
}

fn revocations(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests();
    let of = requests
        .iter()
        .filter(|request| request.target == "/v1/oauth2/revoke");
    of.inspect(|request| {
        assert_eq!(request.method, "POST");
        assert_eq!(request.header("authorization"), None);
    })
    .count()
}

#[test]
fn the_server_refuses_a_revoked_token_and_the_cache_gets_another() {
    let sandbox = Sandbox::start().expect("a server");
    let cache = cache(&sandbox);
    assert_eq!(cache.revoke(), Ok(false), "there is none yet");
    let old = cache.token().expect("a token");
    assert_eq!(status_of_held(&sandbox, &old), 200);
    assert_eq!(cache.revoke(), Ok(true));
    assert_eq!(sandbox.valid_tokens(), 0);
    assert_eq!(status_of_held(&sandbox, &old), 401);
    assert_eq!(cache.refresh_in(), Duration::ZERO);
    assert_eq!(cache.revoke(), Ok(false), "it is revoked once");
    assert_eq!(revocations(&sandbox), 1);
    // Who still holds it is told to get another one.
    assert!(cache.replace(&old));
    let new = cache.token().expect("a token");
    assert_ne!(text(&new), text(&old));
    assert_eq!(status_of_held(&sandbox, &new), 200);
    assert_eq!(sandbox.token_requests(), 2);
}

#[test]
fn by_an_assertion_too_and_each_one_is_new() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    let public = PublicKey::p256_point(key.der_bytes()).expect("a point");
    let options = Options::new().client_key("JWTCLIENT", Some("k"), public);
    let sandbox = options.start().expect("a server");
    let signer = PemKey::new(&key.serialize_pem()).expect("a key");
    let client = KeyJwt::<BrokerSandbox, _>::new(|slot| slot.sandbox("JWTCLIENT"), signer);
    let client = client.expect("a client").key_id("k");
    let cache: Cache<_> = TokenCache::new(transport(&sandbox), authx(&sandbox), client);
    let old = cache.token().expect("a token");
    assert_eq!(cache.revoke(), Ok(true));
    assert_eq!(status_of_held(&sandbox, &old), 401);
    assert_eq!(sandbox.causes(), Vec::<&str>::new());
}

#[test]
fn nothing_is_revoked_without_being_asked_for() {
    let sandbox = Sandbox::start().expect("a server");
    let cache = cache(&sandbox);
    let held = cache.token().expect("a token");
    cache.replace(&held);
    assert!(cache.token().is_ok());
    cache.restart();
    drop(cache);
    assert_eq!(revocations(&sandbox), 0);
    assert_eq!(status_of_held(&sandbox, &held), 200);
}

#[test]
fn a_failed_revocation_is_told_and_tried_again_and_the_token_stays_out_of_use() {
    let sandbox = Sandbox::start().expect("a server");
    let cache = cache(&sandbox);
    let old = cache.token().expect("a token");
    sandbox.misbehave(Misbehaviour::CloseWithoutAnswer);
    let error = cache.revoke().expect_err("no answer");
    assert!(matches!(error, NotRevoked::Call(_)), "{error}");
    sandbox.misbehave(Misbehaviour::ServerError(503));
    let error = cache.revoke().expect_err("a failure");
    assert_eq!(error, NotRevoked::Server(RevocationError::Status(503)));
    let said = error.to_string();
    assert!(
        said.contains("may be valid until it expires") && said.contains("try again"),
        "{said}"
    );
    let new = cache.token().expect("another token");
    assert_ne!(text(&new), text(&old));
    assert_eq!(cache.revoke(), Ok(true), "both of them");
    assert_eq!(sandbox.valid_tokens(), 0);
    for held in [old, new] {
        assert_eq!(status_of_held(&sandbox, &held), 401);
    }
}

#[test]
fn another_client_and_a_wrong_secret_revoke_nothing_and_are_told() {
    let options = Options::new().client_secret("OTHERCLIENT", "other-secret");
    let sandbox = options.start().expect("a server");
    let held = cache(&sandbox).token().expect("a token");
    let token = held.token().expect("a token");
    for (secret, code, status) in [
        ("other-secret", ErrorCode::InvalidRequest, 400),
        ("guessed-secret", ErrorCode::InvalidClient, 401),
    ] {
        let mut slot = Slot::<ClientSecret<BrokerSandbox>>::vacant();
        let client = slot.sandbox("OTHERCLIENT", secret).expect("a client");
        let mut form = RevocationForm::<BrokerSandbox>::new(token);
        form.client_secret(client).expect("it fits");
        let (mut transport, mut body) = (transport(&sandbox), [0; 1024]);
        let endpoint = authx(&sandbox);
        let reply = transport.send(&form.request(), &endpoint, form.credential(), &mut body);
        let read = read_revocation::<BrokerSandbox>(&reply.expect("an answer"));
        let error = RevocationError::Refused { code, status };
        assert_eq!(read, Err(error));
        let said = format!("{error} {error:?}");
        assert!(
            !said.contains("secret\"") && !said.contains("OTHERCLIENT"),
            "{said}"
        );
        assert_eq!(status_of_held(&sandbox, &held), 200);
    }
}

#[test]
fn no_thread_gets_a_token_that_was_revoked() {
    let sandbox = Sandbox::start().expect("a server");
    let cache = cache(&sandbox);
    for _ in 0..5 {
        let old = text(&cache.token().expect("a token"));
        let (revoked, done) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let (mut after, limit) = (0, Instant::now() + Duration::from_secs(60));
                    while after < 100 && !(after > 0 && done.load(Ordering::SeqCst)) {
                        let since = revoked.load(Ordering::SeqCst);
                        // A second may have to pass between two requests.
                        let Ok(held) = cache.token() else {
                            assert!(Instant::now() < limit, "no token for a minute");
                            continue;
                        };
                        assert!(!since || text(&held) != old, "a revoked token");
                        after += usize::from(since);
                    }
                });
            }
            assert_eq!(cache.revoke(), Ok(true));
            revoked.store(true, Ordering::SeqCst);
            assert!(cache.token().is_ok());
            done.store(true, Ordering::SeqCst);
        });
        assert_eq!(sandbox.valid_tokens(), 1);
    }
}

#[test]
fn a_device_revokes_its_own_token() {
    let sandbox = Sandbox::start().expect("a server");
    let mut slot = Slot::<ClientSecret<BrokerSandbox>>::vacant();
    let client = slot.sandbox(AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET);
    let client = client.expect("a client");
    let (mut transport, endpoint, now) = (transport(&sandbox), authx(&sandbox), Duration::ZERO);
    let mut login = BrokerLogin::<BrokerSandbox>::new();
    assert!(login.withdraw().is_none());
    let Next::Refresh { attempt, .. } = login.poll(now) else {
        panic!("no refresh")
    };
    let (mut form, mut body) = (TokenForm::<BrokerSandbox>::new(), [0; 1024]);
    form.client_secret(client).expect("it fits");
    let reply = transport.send(&form.request(), &endpoint, form.credential(), &mut body);
    let reply = reply.expect("an answer");
    login
        .settle(attempt, Some(&reply), now, 0)
        .expect("a token");
    assert!(matches!(login.poll(now), Next::Use { .. }));

    let token = login.withdraw().expect("a token");
    assert_eq!(status(&sandbox, token), 200);
    let mut form = RevocationForm::<BrokerSandbox>::new(token);
    let moment = alpaca_auth::oauth::Moment {
        unix: 0,
        entropy: [0; 16],
    };
    client
        .write(&endpoint, &moment, &mut form)
        .expect("it fits");
    let reply = transport.send(&form.request(), &endpoint, form.credential(), &mut body);
    assert_eq!(
        read_revocation::<BrokerSandbox>(&reply.expect("an answer")),
        Ok(())
    );
    drop(form);
    // Still there, so that a failure could be tried again.
    assert_eq!(status(&sandbox, login.withdraw().expect("a token")), 401);
    login.forget();
    assert!(login.withdraw().is_none());
    assert!(matches!(login.poll(now), Next::Wait(_)));
    let later = Duration::from_secs(1);
    assert!(matches!(
        login.poll(later),
        Next::Refresh { usable: None, .. }
    ));
}
