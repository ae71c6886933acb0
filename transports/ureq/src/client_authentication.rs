//! [`SecretPost`] and [`KeyJwt`]: ways to authenticate a client that own what they need.

use alpaca_auth::credential::{ClientId, ClientSecret, CredentialError, Slot};
use alpaca_auth::endpoint::{AuthServer, Endpoint};
use alpaca_auth::environment::BrokerEnvironment;
use alpaca_auth::oauth::{
    AssertionError, AssertionSigner, ClientAuthentication, ClientRequest, Form, FormError, Moment,
    PrivateKeyJwt,
};

/// `client_secret_post`: owns the only copy of the client secret, and wipes it on drop.
///
/// ```
/// use alpaca_auth::environment::Sandbox;
/// use alpaca_auth_ureq::SecretPost;
///
/// assert!(SecretPost::<Sandbox>::new(|slot| slot.sandbox("CLIENTID", "")).is_err());
/// let client = SecretPost::<Sandbox>::new(|slot| slot.sandbox("CLIENTID", "not-a-real-secret"))?;
/// # Ok::<(), alpaca_auth::credential::CredentialError>(())
/// ```
pub struct SecretPost<E>(Box<Slot<ClientSecret<E>>>);

impl<E: BrokerEnvironment> SecretPost<E> {
    /// `fill` names the environment: `|slot| slot.sandbox(id, secret)`.
    ///
    /// # Errors
    /// The error of `fill`.
    pub fn new<F>(fill: F) -> Result<Self, CredentialError>
    where
        F: FnOnce(&mut Slot<ClientSecret<E>>) -> Result<&ClientSecret<E>, CredentialError>,
    {
        // Boxed while it is vacant: the secret is written where it stays.
        let mut slot = Box::new(Slot::vacant());
        fill(&mut slot)?;
        Ok(Self(slot))
    }
}

impl<E: BrokerEnvironment> ClientAuthentication for SecretPost<E> {
    type Environment = E;
    type Error = FormError;

    fn write<R: ClientRequest, const N: usize>(
        &self,
        endpoint: &Endpoint<AuthServer, E>,
        moment: &Moment,
        form: &mut Form<R, E, N>,
    ) -> Result<(), FormError> {
        let client = self.0.get().ok_or(FormError)?;
        client.write(endpoint, moment, form)
    }
}

/// `private_key_jwt`: a client id and a signer.
///
/// ```
/// use alpaca_auth::credential::CredentialError;
/// use alpaca_auth::environment::Sandbox;
/// use alpaca_auth::oauth::AssertionSigner;
/// use alpaca_auth_ureq::KeyJwt;
///
/// // The signer may be `PemKey` (feature `pem-key`), or your own over a TPM.
/// fn client<S: AssertionSigner>(signer: S) -> Result<KeyJwt<Sandbox, S>, CredentialError> {
///     Ok(KeyJwt::new(|slot| slot.sandbox("CLIENTID"), signer)?.key_id("key-1"))
/// }
/// ```
pub struct KeyJwt<E, S> {
    slot: Box<Slot<ClientId<E>>>,
    signer: S,
    key_id: Option<String>,
    audience: Option<String>,
}

impl<E: BrokerEnvironment, S: AssertionSigner> KeyJwt<E, S> {
    /// `fill` names the environment: `|slot| slot.sandbox(id)`.
    ///
    /// # Errors
    /// The error of `fill`.
    pub fn new<F>(fill: F, signer: S) -> Result<Self, CredentialError>
    where
        F: FnOnce(&mut Slot<ClientId<E>>) -> Result<&ClientId<E>, CredentialError>,
    {
        let mut slot = Box::new(Slot::vacant());
        fill(&mut slot)?;
        Ok(Self {
            slot,
            signer,
            key_id: None,
            audience: None,
        })
    }

    /// Names the key by `kid`, if the server knows several of the client.
    #[must_use]
    pub fn key_id(mut self, key_id: &str) -> Self {
        self.key_id = Some(key_id.to_owned());
        self
    }

    /// Says another `aud` than the exact URL of the token endpoint.
    #[must_use]
    pub fn audience(mut self, audience: &str) -> Self {
        self.audience = Some(audience.to_owned());
        self
    }
}

impl<E: BrokerEnvironment, S: AssertionSigner> ClientAuthentication for KeyJwt<E, S> {
    type Environment = E;
    type Error = AssertionError<S::Error>;

    fn write<R: ClientRequest, const N: usize>(
        &self,
        endpoint: &Endpoint<AuthServer, E>,
        moment: &Moment,
        form: &mut Form<R, E, N>,
    ) -> Result<(), Self::Error> {
        let jwt = PrivateKeyJwt {
            client: self.slot.get().ok_or(AssertionError::Claim)?,
            signer: &self.signer,
            key_id: self.key_id.as_deref(),
            audience: self.audience.as_deref(),
        };
        jwt.write(endpoint, moment, form)
    }
}
