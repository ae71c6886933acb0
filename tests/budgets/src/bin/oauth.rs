//! Does one thing of a token request COUNT times: `oauth assertion|es256|secret|reply COUNT`.
//!
//! `assertion` formats with a signer that copies 64 bytes; `es256` signs, too; `secret` writes the
//! form of a client secret; `reply` reads a token reply of 700 bytes.

use std::convert::Infallible;
use std::hint::black_box;

use alpaca_auth::credential::{ClientId, ClientSecret, KeyEvidence, Slot};
use alpaca_auth::endpoint::{ApiKind, AuthServer, Endpoint};
use alpaca_auth::environment::{EnvironmentKind, Sandbox};
use alpaca_auth::oauth::{
    Algorithm, AssertionSigner, ClientAuthentication, Es256Key, IssuedToken, Moment, PrivateKeyJwt,
    SIGNATURE_MAX, TokenForm,
};
use alpaca_auth::response::{Context, Reply, ReplyHead};

struct Copies;

impl AssertionSigner for Copies {
    type Error = Infallible;

    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn sign(&self, _: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, Infallible> {
        out[..64].fill(7);
        Ok(64)
    }
}

/// Kept apart, so that its stack can be bounded.
#[unsafe(no_mangle)]
#[inline(never)]
fn budget_assertion(
    jwt: &PrivateKeyJwt<'_, Sandbox, Copies>,
    form: &mut TokenForm<Sandbox>,
) -> bool {
    let endpoint = Endpoint::<AuthServer, Sandbox>::alpaca();
    jwt.write(&endpoint, &moment(), form).is_ok()
}

#[unsafe(no_mangle)]
#[inline(never)]
fn budget_token_reply(reply: &Reply<'_>) -> bool {
    IssuedToken::<Sandbox>::read(reply).is_ok_and(|issued| issued.expires_in() == 899)
}

fn moment() -> Moment {
    Moment {
        unix: 1_800_000_000,
        entropy: [0x5a; 16],
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let count: usize = arguments[2].parse().expect("a count");
    let endpoint = Endpoint::<AuthServer, Sandbox>::alpaca();
    let (mut id, mut secret) = (
        Slot::<ClientId<Sandbox>>::vacant(),
        Slot::<ClientSecret<Sandbox>>::vacant(),
    );
    let mut key = Slot::<Es256Key>::vacant();
    let client = id.sandbox("CKSANDBOXCLIENT0000000000").expect("an id");
    let secret = secret
        .sandbox(
            "CKSANDBOXCLIENT0000000000",
            "SANDBOXqWe4Rt7/Yu1IoPa+Sd5Fg8Hj2Kl6Zx3Cv",
        )
        .expect("a secret");
    let key = key.scalar(&[7; 32]).expect("a key");
    let (key_id, audience) = (None, None);
    let copies = PrivateKeyJwt {
        client,
        signer: Copies,
        key_id,
        audience,
    };
    let signs = PrivateKeyJwt {
        client,
        signer: key,
        key_id,
        audience,
    };
    let context = Context {
        api: ApiKind::AuthServer,
        environment: EnvironmentKind::Sandbox,
        evidence: KeyEvidence::None,
    };
    let text = format!(
        r#"{{"access_token":"{}","expires_in":899,"token_type":"Bearer"}}"#,
        "a".repeat(640)
    );
    let reply = Reply::new(ReplyHead::new(200), context, text.as_bytes());
    let mut form = Box::new(TokenForm::<Sandbox>::new());
    for _ in 0..count {
        assert!(match arguments[1].as_str() {
            "assertion" => budget_assertion(black_box(&copies), &mut form),
            "es256" => black_box(&signs)
                .write(&endpoint, &moment(), &mut form)
                .is_ok(),
            "secret" => black_box(secret)
                .write(&endpoint, &moment(), &mut form)
                .is_ok(),
            _ => budget_token_reply(black_box(&reply)),
        });
    }
}
