//! [`TokenForm`], and how any form of a client of the authorization server is authenticated.

use zeroize::Zeroize;

use super::assertion::{AssertionError, AssertionSigner, Claims, SIGNATURE_MAX, put_signature};
use super::form::{Form, FormError, Purpose, put_encoded, sealed};
use crate::credential::{BROKER_TOKEN_MAX, ClientId, ClientSecret};
use crate::endpoint::AuthServer;
use crate::environment::BrokerEnvironment;
use crate::request::{Request, auth_server};
use crate::secret::{Cursor, Secret, SecretTooLong};
use beginning::Beginning;

/// Longest assertion that the authorization server takes, in bytes.
pub const ASSERTION_MAX: usize = 16_384;
/// Bytes that hold any token request with a client secret, or an assertion signed by ES256 or RS256.
pub const FORM_MAX: usize = 2048;

const ASSERTION: &[u8] = b"&client_assertion_type=\
urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=";

/// What a client of the authorization server asks for: [`ClientCredentials`] or
/// [`Revocation`](super::Revocation). Sealed.
pub trait ClientRequest: Purpose<Api = AuthServer> + beginning::Beginning {}

pub(super) mod beginning {
    use crate::credential::BROKER_TOKEN_MAX;
    use crate::secret::Secret;

    /// What stands before the client's id.
    pub trait Beginning {
        const TEXT: &'static [u8];

        /// Stands after the text.
        fn token(&self) -> Option<&Secret<BROKER_TOKEN_MAX>>;
    }
}

/// A new access token, by the client's own credentials (RFC 6749 §4.4).
pub struct ClientCredentials;

impl sealed::Purpose for ClientCredentials {}

impl Purpose for ClientCredentials {
    type Api = AuthServer;

    fn request(form: &[u8]) -> Request<'_, AuthServer> {
        auth_server::token(form)
    }
}

impl Beginning for ClientCredentials {
    const TEXT: &'static [u8] = b"grant_type=client_credentials";

    fn token(&self) -> Option<&Secret<BROKER_TOKEN_MAX>> {
        None
    }
}

impl ClientRequest for ClientCredentials {}

/// The form of a token request. See [`Form`].
pub type TokenForm<E, const N: usize = FORM_MAX> = Form<ClientCredentials, E, N>;

impl<E: BrokerEnvironment, const N: usize> TokenForm<E, N> {
    /// An empty form. Put it where it stays, then fill it.
    #[must_use]
    pub const fn new() -> Self {
        Self::empty(ClientCredentials)
    }
}

impl<E: BrokerEnvironment, const N: usize> Default for TokenForm<E, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: ClientRequest, E: BrokerEnvironment, const N: usize> Form<R, E, N> {
    /// Writes the form with `client_id` and `client_secret` (RFC 6749 §2.3.1).
    ///
    /// # Errors
    /// [`FormError`] when it does not fit; the form is empty then.
    pub fn client_secret(&mut self, client: &ClientSecret<E>) -> Result<(), FormError> {
        self.body.write(|out| {
            begin(&self.purpose, out)?;
            client.id.expose(|id| put_encoded(out, id))?;
            out.put(b"&client_secret=")?;
            client.secret.expose(|secret| put_encoded(out, secret))
        })?;
        Ok(())
    }

    /// Writes the form with `client_id` and a new client assertion (RFC 7523 §2.2).
    ///
    /// # Errors
    /// [`AssertionError`] says which claim, or the signer; the form is empty then.
    pub fn assertion<S: AssertionSigner>(
        &mut self,
        client: &ClientId<E>,
        claims: &Claims<'_>,
        signer: &S,
    ) -> Result<(), AssertionError<S::Error>> {
        // A form from before must not be taken for the one that was not written.
        claims.check().inspect_err(|_| self.body.wipe())?;
        let algorithm = signer.algorithm();
        let mut start = 0_usize;
        self.body.write(|out| {
            client.id.expose(|id| {
                begin(&self.purpose, out)?;
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
}

fn begin<R: ClientRequest>(request: &R, out: &mut Cursor<'_>) -> Result<(), SecretTooLong> {
    out.put(R::TEXT)?;
    if let Some(token) = request.token() {
        token.expose(|token| put_encoded(out, token))?;
    }
    out.put(b"&client_id=")
}
