//! [`JwtGrant`]: the form that exchanges a signed JWT for an access token (RFC 7523 §2.1).

use core::fmt::Write;
use core::marker::PhantomData;

use zeroize::Zeroize;

use super::service_account::ServiceAccount;
use crate::credential::InBody;
use crate::credential::sealed::Sealed;
use crate::endpoint::{Endpoint, SecretManager};
use crate::environment::Environment;
use crate::oauth::assertion::put_signature;
use crate::oauth::base64url::Encoder;
use crate::oauth::{Algorithm, AssertionError, AssertionSigner, SIGNATURE_MAX};
use crate::request::{ContentType, Method, Request};
use crate::secret::{Cursor, Secret, SecretTooLong};

/// Path of Google's token endpoint.
pub const TOKEN_PATH: &str = "/token";
/// What the token is for. Google has no narrower scope for secrets; roles narrow it.
pub const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// Bytes that hold any form signed by RSA of up to 4096 bits.
pub const GRANT_MAX: usize = 2560;

/// Seconds that the JWT is good: Google takes at most an hour, and needs it once.
const LIFETIME: u64 = 300;
/// 2020-01-01. An earlier clock is one that was never set.
const CLOCK_MIN: u64 = 1_577_836_800;
const FORM: &[u8] = b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

/// The form of one token request. It holds a signed JWT, which is as good as a key until it
/// expires, and wipes it.
pub struct JwtGrant<E> {
    body: Secret<GRANT_MAX>,
    credential: InBody<E>,
    environment: PhantomData<fn() -> E>,
}

impl<E: Environment> JwtGrant<E> {
    /// An empty form. Put it where it stays, then fill it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            body: Secret::new(),
            credential: InBody::VACANT,
            environment: PhantomData,
        }
    }

    /// Writes a form that `signer`, by RS256, signs at `now` (unix seconds) for `endpoint`.
    ///
    /// # Errors
    /// [`AssertionError`] says what is wrong; the form is empty then.
    pub fn fill<S: AssertionSigner>(
        &mut self,
        account: &ServiceAccount,
        endpoint: &Endpoint<SecretManager, E>,
        now: u64,
        signer: &S,
    ) -> Result<(), AssertionError<S::Error>> {
        self.body.wipe();
        if now < CLOCK_MIN {
            return Err(AssertionError::Clock);
        }
        if signer.algorithm() != Algorithm::Rs256 {
            return Err(AssertionError::SignatureLength);
        }
        self.body
            .write(|out| {
                out.put(FORM)?;
                put_claims(account, endpoint.authority(), now, out)
            })
            .map_err(|_| AssertionError::TooLong)?;
        let mut signature = [0; SIGNATURE_MAX];
        let signed = signer.sign(self.body.slice(FORM.len(), GRANT_MAX), &mut signature);
        let appended = signed.map_err(AssertionError::Signer).and_then(|length| {
            let signature = signature
                .get(..length)
                .ok_or(AssertionError::SignatureLength)?;
            self.body
                .extend(|out| put_signature(Algorithm::Rs256, signature, out))
        });
        signature.zeroize();
        if appended.is_err() {
            self.body.wipe();
        }
        appended
    }

    /// The request that carries the form.
    #[must_use]
    pub fn request(&self) -> Request<'_, SecretManager> {
        let body = self.body.slice(0, GRANT_MAX);
        Request::known(Method::Post, TOKEN_PATH).with_body(ContentType::Form, body)
    }

    /// What stands in the place of a credential: the authentication is in the form.
    #[must_use]
    pub const fn credential(&self) -> &InBody<E> {
        &self.credential
    }

    /// Wipes the form. Do so when the answer is there, or is not going to be.
    pub fn wipe(&mut self) {
        self.body.wipe();
    }
}

impl<E: Environment> Default for JwtGrant<E> {
    fn default() -> Self {
        Self::new()
    }
}

/// `base64url(header) "." base64url(claims)`. What is put in needs no JSON escapes.
fn put_claims(
    account: &ServiceAccount,
    authority: &str,
    now: u64,
    out: &mut Cursor<'_>,
) -> Result<(), SecretTooLong> {
    let mut header = Encoder::new(out);
    header.put(br#"{"alg":"RS256","typ":"JWT","kid":""#)?;
    header.put(account.key_id().as_bytes())?;
    header.put(br#""}"#)?;
    header.finish()?;
    out.put(b".")?;
    let mut times = heapless::String::<64>::new();
    let expires = now.saturating_add(LIFETIME);
    write!(times, r#","iat":{now},"exp":{expires}}}"#).map_err(|_| SecretTooLong)?;
    let mut claims = Encoder::new(out);
    for part in [
        r#"{"iss":""#,
        account.email(),
        r#"","scope":""#,
        SCOPE,
        r#"","aud":"https://"#,
        authority,
        TOKEN_PATH,
        "\"",
        &times,
    ] {
        claims.put(part.as_bytes())?;
    }
    claims.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Paper;

    struct Fixed(Algorithm, usize);

    impl AssertionSigner for Fixed {
        type Error = core::fmt::Error;

        fn algorithm(&self) -> Algorithm {
            self.0
        }

        fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, Self::Error> {
            assert!(input.starts_with(b"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0."));
            out.fill(1);
            if self.1 == 0 {
                Err(core::fmt::Error)
            } else {
                Ok(self.1)
            }
        }
    }

    fn filled(
        signer: &Fixed,
        now: u64,
    ) -> Result<std::string::String, AssertionError<core::fmt::Error>> {
        let file = r#"{"type":"service_account","private_key_id":"k1","private_key":"x","client_email":"a@p","token_uri":"https://t.example/token"}"#;
        let (account, ()) =
            ServiceAccount::read(file.as_bytes(), "t.example", |_| Some(())).unwrap();
        let endpoint = Endpoint::<SecretManager, Paper>::manager("t.example", 443).unwrap();
        let mut grant = JwtGrant::new();
        let result = grant.fill(&account, &endpoint, now, signer);
        assert_eq!(grant.body.is_empty(), result.is_err());
        let request = grant.request();
        assert_eq!(request.target(), "/token");
        let text = std::string::String::from_utf8(request.body().unwrap().bytes.to_vec()).unwrap();
        result.map(|()| text)
    }

    #[test]
    fn the_form_holds_three_parts_and_nothing_is_left_of_one_that_fails() {
        let form = filled(&Fixed(Algorithm::Rs256, 256), 1_795_600_800).unwrap();
        let assertion = form
            .strip_prefix(
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=",
            )
            .unwrap();
        assert_eq!(assertion.split('.').count(), 3);
        assert!(filled(&Fixed(Algorithm::Rs256, 512), 1_795_600_800).is_ok());
        for (signer, now, error) in [
            (Fixed(Algorithm::Rs256, 256), 0, AssertionError::Clock),
            (
                Fixed(Algorithm::Rs256, 128),
                1_795_600_800,
                AssertionError::SignatureLength,
            ),
            (
                Fixed(Algorithm::Es256, 64),
                1_795_600_800,
                AssertionError::SignatureLength,
            ),
            (
                Fixed(Algorithm::Rs256, 0),
                1_795_600_800,
                AssertionError::Signer(core::fmt::Error),
            ),
        ] {
            assert_eq!(filled(&signer, now), Err(error));
        }
    }
}
