//! [`ClientAuthentication`]: how a client of the authorization server proves who it is.

use super::assertion::{AssertionError, AssertionSigner, Claims, ENTROPY, LIFETIME_MAX};
use super::client_form::ClientRequest;
use super::form::{Form, FormError};
use crate::credential::{ClientId, ClientSecret};
use crate::endpoint::{AuthServer, Endpoint};
use crate::environment::BrokerEnvironment;
use crate::request::auth_server;

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

    /// Writes a new form: a token request, or a revocation.
    ///
    /// # Errors
    /// Its own; the form is empty then and nothing is to be sent.
    fn write<R: ClientRequest, const N: usize>(
        &self,
        endpoint: &Endpoint<AuthServer, Self::Environment>,
        moment: &Moment,
        form: &mut Form<R, Self::Environment, N>,
    ) -> Result<(), Self::Error>;
}

impl<E: BrokerEnvironment> ClientAuthentication for ClientSecret<E> {
    type Environment = E;
    type Error = FormError;

    fn write<R: ClientRequest, const N: usize>(
        &self,
        _: &Endpoint<AuthServer, E>,
        _: &Moment,
        form: &mut Form<R, E, N>,
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

    fn write<R: ClientRequest, const N: usize>(
        &self,
        endpoint: &Endpoint<AuthServer, E>,
        moment: &Moment,
        form: &mut Form<R, E, N>,
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
