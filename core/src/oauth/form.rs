//! [`TokenForm`]: the body of a token request, percent-encoded into a fixed buffer that is wiped.

use core::fmt;
use core::marker::PhantomData;

use zeroize::Zeroize;

use super::assertion::{
    AssertionError, AssertionSigner, Claims, ENTROPY, LIFETIME_MAX, SIGNATURE_MAX, put_signature,
};
use crate::credential::sealed::Sealed;
use crate::credential::{ClientId, ClientSecret, InBody};
use crate::endpoint::{AuthServer, Endpoint};
use crate::environment::BrokerEnvironment;
use crate::request::{Request, auth_server};
use crate::secret::{Cursor, Secret, SecretTooLong};

/// Longest assertion that the authorization server takes, in bytes.
pub const ASSERTION_MAX: usize = 16_384;
/// Bytes that hold any form with a client secret, and an assertion signed by ES256 or RS256.
pub const FORM_MAX: usize = 2048;

const GRANT: &[u8] = b"grant_type=client_credentials&client_id=";
const ASSERTION: &[u8] = b"&client_assertion_type=\
urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=";

/// The form of one token request for environment `E`, in at most `N` bytes. Wipes itself.
///
/// It holds the client's secret, or an assertion that is as good as one until it expires. An
/// overflow is an error and leaves nothing behind; nothing is cut.
pub struct TokenForm<E, const N: usize = FORM_MAX> {
    body: Secret<N>,
    credential: InBody<E>,
    environment: PhantomData<fn() -> E>,
}

/// The form does not fit its buffer. Use a larger `N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormError;

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the form of the token request does not fit; use a larger buffer")
    }
}

impl core::error::Error for FormError {}

impl From<SecretTooLong> for FormError {
    fn from(_: SecretTooLong) -> Self {
        Self
    }
}

impl<E: BrokerEnvironment, const N: usize> TokenForm<E, N> {
    /// An empty form. Put it where it stays, then fill it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            body: Secret::new(),
            credential: InBody::VACANT,
            environment: PhantomData,
        }
    }

    /// Writes `grant_type`, `client_id` and `client_secret` (RFC 6749 §2.3.1 and §4.4.2).
    ///
    /// # Errors
    /// [`FormError`] when it does not fit; the form is empty then.
    pub fn client_secret(&mut self, client: &ClientSecret<E>) -> Result<(), FormError> {
        self.body.write(|out| {
            out.put(GRANT)?;
            client.id.expose(|id| put_encoded(out, id))?;
            out.put(b"&client_secret=")?;
            client.secret.expose(|secret| put_encoded(out, secret))
        })?;
        Ok(())
    }

    /// Writes `grant_type`, `client_id` and a new client assertion (RFC 7523 §2.2).
    ///
    /// # Errors
    /// [`AssertionError`] says which claim, or the signer; the form is empty then.
    pub fn assertion<S: AssertionSigner>(
        &mut self,
        client: &ClientId<E>,
        claims: &Claims<'_>,
        signer: &S,
    ) -> Result<(), AssertionError<S::Error>> {
        claims.check()?;
        let algorithm = signer.algorithm();
        let mut start = 0_usize;
        self.body.write(|out| {
            client.id.expose(|id| {
                out.put(GRANT)?;
                put_encoded(out, id)?;
                out.put(ASSERTION)?;
                start = N.saturating_sub(out.room());
                claims.put(algorithm, id, out)
            })
        })?;
        let mut signature = [0; SIGNATURE_MAX];
        let signed = signer.sign(self.body.slice(start, N), &mut signature);
        let appended = signed.map_err(AssertionError::Signer).and_then(|length| {
            let signature = signature
                .get(..length)
                .ok_or(AssertionError::SignatureLength)?;
            self.body
                .extend(|out| put_signature(algorithm, signature, out))
        });
        signature.zeroize();
        let length = self.body.len().saturating_sub(start);
        let result = appended.and_then(|()| {
            if length > ASSERTION_MAX {
                return Err(AssertionError::TooLong);
            }
            Ok(())
        });
        if result.is_err() {
            self.body.wipe();
        }
        result
    }

    /// The request that carries this form.
    #[must_use]
    pub fn request(&self) -> Request<'_, AuthServer> {
        auth_server::token(self.body.slice(0, N))
    }

    /// What stands in the place of a credential: the authentication is in the form.
    #[must_use]
    pub const fn credential(&self) -> &InBody<E> {
        &self.credential
    }

    /// Lends the body to `read`.
    pub fn expose<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        self.body.expose(read)
    }

    /// Wipes the form. Do so when the answer is there, or is not going to be.
    pub fn wipe(&mut self) {
        self.body.wipe();
    }
}

impl<E: BrokerEnvironment, const N: usize> Default for TokenForm<E, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// What a new form takes from the world. Fresh for each attempt, retries included.
pub struct Moment {
    /// Now, in unix seconds. `client_secret_post` does not use it.
    pub unix: u64,
    /// From a cryptographic random source. `client_secret_post` does not use it.
    pub entropy: [u8; ENTROPY],
}

/// A way for a client to prove who it is: [`ClientSecret`] or [`PrivateKeyJwt`].
pub trait ClientAuthentication {
    /// The environment it belongs to.
    type Environment: BrokerEnvironment;
    /// Why the form could not be written.
    type Error;

    /// Writes a new form.
    ///
    /// # Errors
    /// Its own; the form is empty then and nothing is to be sent.
    fn write<const N: usize>(
        &self,
        endpoint: &Endpoint<AuthServer, Self::Environment>,
        moment: &Moment,
        form: &mut TokenForm<Self::Environment, N>,
    ) -> Result<(), Self::Error>;
}

impl<E: BrokerEnvironment> ClientAuthentication for ClientSecret<E> {
    type Environment = E;
    type Error = FormError;

    fn write<const N: usize>(
        &self,
        _: &Endpoint<AuthServer, E>,
        _: &Moment,
        form: &mut TokenForm<E, N>,
    ) -> Result<(), FormError> {
        form.client_secret(self)
    }
}

/// `private_key_jwt`: a client id and what signs for it.
pub struct PrivateKeyJwt<'c, E, S> {
    /// The client.
    pub client: &'c ClientId<E>,
    /// What signs.
    pub signer: S,
    /// `kid`, if the server knows several keys of the client.
    pub key_id: Option<&'c str>,
    /// `aud`, if the server wants another than the exact URL of its token endpoint.
    pub audience: Option<&'c str>,
}

impl<E: BrokerEnvironment, S: AssertionSigner> ClientAuthentication for PrivateKeyJwt<'_, E, S> {
    type Environment = E;
    type Error = AssertionError<S::Error>;

    fn write<const N: usize>(
        &self,
        endpoint: &Endpoint<AuthServer, E>,
        moment: &Moment,
        form: &mut TokenForm<E, N>,
    ) -> Result<(), Self::Error> {
        let own = ["https://", endpoint.authority(), auth_server::TOKEN_PATH];
        let other = [self.audience.unwrap_or_default()];
        let claims = Claims {
            audience: if self.audience.is_some() {
                &other
            } else {
                &own
            },
            key_id: self.key_id,
            issued_at: moment.unix,
            lifetime: LIFETIME_MAX,
            entropy: moment.entropy,
        };
        form.assertion(self.client, &claims, &self.signer)
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters; a space is `%20`.
pub(super) fn put_encoded(out: &mut Cursor<'_>, value: &[u8]) -> Result<(), SecretTooLong> {
    value.iter().try_for_each(|byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.put(&[*byte])
        } else {
            out.put(&[b'%', upper_hex(byte >> 4), upper_hex(*byte)])
        }
    })
}

const fn upper_hex(nibble: u8) -> u8 {
    let low = nibble & 15;
    if low < 10 {
        low.wrapping_add(b'0')
    } else {
        low.wrapping_add(b'A' - 10)
    }
}
