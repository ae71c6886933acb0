//! Bearer tokens: [`BrokerToken`] from the authorization server, [`ConnectToken`] of an app's user.

use core::marker::PhantomData;

use super::check::{CredentialError, CredentialFault, CredentialField};
use super::sealed::Sealed;
use super::{Credential, Slot};
use crate::environment::{BrokerEnvironment, Live, Paper, Production, Sandbox, TradingEnvironment};
use crate::oauth::IssuedToken;
use crate::oauth::connect::ConnectGrant;
use crate::scheme::{AuthField, bearer};
use crate::secret::Secret;

/// Longest broker access token, in bytes. Its format is the server's, and may be a JWT.
pub const BROKER_TOKEN_MAX: usize = 2048;
/// Longest Connect access token, in bytes. Alpaca issues a UUID of 36.
pub const CONNECT_TOKEN_MAX: usize = 256;

macro_rules! bearer_token {
    ($(#[$doc:meta])* $name:ident<$world:ident>[$max:ident]: $($(#[$method_doc:meta])* $environment:ident: $method:ident),*) => {
        $(#[$doc])*
        pub struct $name<E> {
            pub(crate) token: Secret<$max>,
            environment: PhantomData<fn() -> E>,
        }

        impl<E> Sealed for $name<E> {
            const VACANT: Self = Self { token: Secret::new(), environment: PhantomData };

            fn wipe(&mut self) {
                self.token.wipe();
            }
        }

        impl<E: $world> Credential for $name<E> {
            type Environment = E;

            #[inline]
            fn with_fields<R>(&self, read: impl FnOnce(&[AuthField<'_>]) -> R) -> R {
                self.token.expose(|token| read(&[bearer::field(token)]))
            }
        }

        $(impl Slot<$name<$environment>> {
            $(#[$method_doc])*
            ///
            /// # Errors
            /// [`CredentialError`] says what is wrong with the token; the slot is vacant then.
            pub fn $method(&mut self, token: &str) -> Result<&$name<$environment>, CredentialError> {
                self.replace(|place| fill(&mut place.token, token))
            }
        })*
    };
}

bearer_token! {
    /// An access token of the Broker API, from the authorization server. Lives 15 minutes.
    ///
    /// ```
    /// use alpaca_auth::credential::{BrokerToken, Slot};
    /// use alpaca_auth::environment::Sandbox;
    /// let mut slot = Slot::<BrokerToken<Sandbox>>::vacant();
    /// assert!(slot.sandbox("not a token").is_err());
    /// assert!(slot.sandbox("eyJhbGciOi.J9.x-_~+/=").is_ok());
    /// ```
    BrokerToken<BrokerEnvironment>[BROKER_TOKEN_MAX]:
        /// Fills the slot with a token for the broker sandbox.
        Sandbox: sandbox,
        /// Fills the slot with a token for broker production: real customers, real money.
        Production: production
}

bearer_token! {
    /// A Connect access token: an app acting for a user of the Trading API.
    ///
    /// ```
    /// use alpaca_auth::credential::{ConnectToken, Slot};
    /// use alpaca_auth::environment::Paper;
    /// let mut slot = Slot::<ConnectToken<Paper>>::vacant();
    /// assert!(slot.paper("8d8c2a8e-0000-4000-8000-000000000000").is_ok());
    /// ```
    ConnectToken<TradingEnvironment>[CONNECT_TOKEN_MAX]:
        /// Fills the slot with a token for the user's paper account.
        Paper: paper,
        /// Fills the slot with a token for the user's live account: orders cost real money.
        Live: live
}

impl<E: BrokerEnvironment> Slot<BrokerToken<E>> {
    /// Fills the slot with a token that the authorization server of `E` has just issued.
    ///
    /// # Errors
    /// None in practice: the token was checked when it was read. The slot is vacant on an error.
    pub fn issue(
        &mut self,
        issued: &IssuedToken<'_, E>,
    ) -> Result<&BrokerToken<E>, CredentialError> {
        self.replace(|place| fill(&mut place.token, issued.token))
    }
}

impl<E: TradingEnvironment> Slot<ConnectToken<E>> {
    /// Fills the slot with a token that Connect has just issued.
    ///
    /// # Errors
    /// None in practice: the token was checked when it was read. The slot is vacant on an error.
    pub fn grant(
        &mut self,
        grant: &ConnectGrant<'_, E>,
    ) -> Result<&ConnectToken<E>, CredentialError> {
        self.replace(|place| fill(&mut place.token, grant.token))
    }
}

/// Accepts RFC 6750 §2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn fill<const N: usize>(place: &mut Secret<N>, token: &str) -> Result<(), CredentialError> {
    let field = CredentialField::AccessToken;
    check(token, N)?;
    let fault = CredentialFault::TooLong;
    place
        .set(token.as_bytes())
        .map_err(|_| CredentialError { field, fault })
}

/// The check alone: what [`fill`] accepts.
pub(crate) fn check(token: &str, max: usize) -> Result<(), CredentialError> {
    let field = CredentialField::AccessToken;
    super::check::visible(field, token, max)?;
    let body = token.trim_end_matches('=');
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    if body.is_empty() || !body.bytes().all(allowed) {
        let fault = CredentialFault::NotBearer;
        return Err(CredentialError { field, fault });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_bearer_token_is_refused() {
        let mut slot = Slot::<ConnectToken<Paper>>::vacant();
        for (token, fault) in [
            ("", CredentialFault::Empty),
            ("=", CredentialFault::NotBearer),
            ("a=b", CredentialFault::NotBearer),
            ("a,b", CredentialFault::NotBearer),
            ("Bearer abc", CredentialFault::Space),
            ("abc\r\nX:y", CredentialFault::LineBreak),
        ] {
            let error = slot.paper(token).err().unwrap();
            assert_eq!(error.fault, fault, "{token:?}");
            assert!(slot.get().is_none());
        }
        assert!(slot.paper("aZ09-._~+/==").is_ok());
    }
}
