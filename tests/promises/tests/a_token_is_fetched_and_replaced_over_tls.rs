//! Over real TLS: a token is fetched once, used on the Broker API, replaced when it is revoked, and
//! every way to fail ends in an error that names the remedy and no secret.

use std::time::Duration;

use alpaca_auth::endpoint::{AuthServer, Broker, Endpoint};
use alpaca_auth::environment::Sandbox as BrokerSandbox;
use alpaca_auth::oauth::{AssertionSigner, ClientAuthentication, ErrorCode, TokenError};
use alpaca_auth::request::broker;
use alpaca_auth_promises::config;
use alpaca_auth_ureq::{KeyJwt, PemKey, PemKeyError, SecretPost, TokenCache, UreqTransport, Why};
use alpaca_sandbox::{
    AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET, Misbehaviour, Options, PublicKey, Sandbox,
};
use rcgen::PublicKeyData as _;

fn cache<M>(sandbox: &Sandbox, client: M) -> TokenCache<UreqTransport, M>
where
    M: ClientAuthentication<Environment = BrokerSandbox> + Send + Sync + 'static,
    M::Error: Clone + Send,
{
    let endpoint = Endpoint::<AuthServer, BrokerSandbox>::at("localhost", sandbox.authx_port());
    let transport = UreqTransport::new(&config(sandbox)).expect("roots");
    TokenCache::new(transport, endpoint.expect("a host"), client)
}

fn by_secret(
    sandbox: &Sandbox,
    secret: &str,
) -> TokenCache<UreqTransport, SecretPost<BrokerSandbox>> {
    let client = SecretPost::new(|slot| slot.sandbox(AUTHX_CLIENT_ID, secret));
    cache(sandbox, client.expect("a client"))
}

/// The status of `GET /v1/accounts`.
fn accounts<M>(sandbox: &Sandbox, cache: &TokenCache<UreqTransport, M>) -> u16
where
    M: ClientAuthentication<Environment = BrokerSandbox> + Send + Sync + 'static,
    M::Error: Clone + Send + std::fmt::Debug,
{
    let endpoint = Endpoint::<Broker, BrokerSandbox>::at("localhost", sandbox.broker_port());
    let mut transport = UreqTransport::new(&config(sandbox)).expect("roots");
    let mut body = vec![0; 64 * 1024];
    let endpoint = endpoint.expect("a host");
    let reply = cache.call(&mut transport, &broker::accounts(), &endpoint, &mut body);
    reply.expect("an answer").status()
}

#[test]
fn a_token_is_fetched_once_and_replaced_when_it_is_revoked() {
    let sandbox = Sandbox::start().expect("a server");
    let cache = by_secret(&sandbox, AUTHX_CLIENT_SECRET);
    for _ in 0..3 {
        assert_eq!(accounts(&sandbox, &cache), 200);
    }
    assert_eq!(sandbox.token_requests(), 1);
    for request in sandbox.requests() {
        let to_authx = request.target == "/v1/oauth2/token";
        assert_eq!(request.header("authorization").is_none(), to_authx);
    }
    sandbox.revoke_tokens();
    assert_eq!(accounts(&sandbox, &cache), 200);
    assert_eq!(sandbox.token_requests(), 2);
}

#[test]
fn es256_and_rs256_keys_from_pem_are_accepted() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    let public = PublicKey::p256_point(key.der_bytes()).expect("a point");
    let sandbox = Options::new()
        .client_key("JWTCLIENT", Some("key-1"), public)
        .start()
        .expect("a server");
    let signer = PemKey::new(&key.serialize_pem()).expect("a key");
    let client = KeyJwt::new(|slot| slot.sandbox("JWTCLIENT"), signer).expect("a client");
    let cache = cache(&sandbox, client.key_id("key-1"));
    assert_eq!(accounts(&sandbox, &cache), 200);
    // Each attempt has an assertion of its own: the server refuses a `jti` that it knows.
    for requests in 2..5 {
        sandbox.revoke_tokens();
        let held = cache.token().expect("a token");
        assert!(cache.replace(&held) || requests > 2);
        assert!(cache.token().is_ok());
    }
}

#[test]
fn an_rs256_key_signs_what_another_library_verifies() {
    // No library at hand makes RSA keys; openssl does, and is in every image that builds this.
    let made = std::process::Command::new("openssl")
        .args([
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
        ])
        .output()
        .expect("openssl");
    let pem = String::from_utf8(made.stdout).expect("PEM");
    let signer = PemKey::new(&pem).expect("a key");
    let mut out = [0; alpaca_auth::oauth::SIGNATURE_MAX];
    assert_eq!(signer.sign(b"input", &mut out), Ok(256));
    let der = rcgen::KeyPair::from_pem(&pem).expect("a key");
    let public = ring::signature::UnparsedPublicKey::new(
        &ring::signature::RSA_PKCS1_2048_8192_SHA256,
        der.der_bytes(),
    );
    public.verify(b"input", &out[..256]).expect("verified");
    assert!(public.verify(b"other", &out[..256]).is_err());
    assert_eq!(PemKey::new("nothing").err(), Some(PemKeyError::NoKey));
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
    let refused = PemKey::new(&ed25519.serialize_pem()).err();
    assert_eq!(refused, Some(PemKeyError::Unsupported));
}

#[test]
fn a_wrong_secret_is_told_once_and_stands_in_no_text() {
    let sandbox = Sandbox::start().expect("a server");
    let cache = by_secret(&sandbox, "wrong-secret-value");
    for _ in 0..3 {
        let error = cache.token().err().expect("no token");
        let code = ErrorCode::InvalidClient;
        assert!(
            matches!(error.why, Why::Server(TokenError::Refused { code: told, .. }) if told == code)
        );
        assert_eq!(error.retry_in, None);
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(
                !text.contains("wrong-secret") && !text.contains(AUTHX_CLIENT_ID),
                "{text}"
            );
        }
        assert!(
            error.to_string().contains("check client id, secret"),
            "{error}"
        );
    }
    assert_eq!(sandbox.token_requests(), 1);
}

#[test]
fn an_outage_ends_in_an_error_with_the_time_of_the_next_attempt() {
    let sandbox = Sandbox::start().expect("a server");
    let cache = by_secret(&sandbox, AUTHX_CLIENT_SECRET);
    sandbox.misbehave(Misbehaviour::CloseWithoutAnswer);
    let error = cache.token().err().expect("no token");
    assert!(matches!(error.why, Why::Call(_)), "{error}");
    assert!(
        error
            .retry_in
            .is_some_and(|pause| pause <= Duration::from_secs(1))
    );
}
