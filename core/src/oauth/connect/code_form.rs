//! [`CodeForm`]: the request that exchanges a code for a token (RFC 6749 §4.1.3).

use super::super::form::{FormError, put_encoded};
use super::callback::AuthorizationCode;
use crate::credential::sealed::Sealed;
use crate::credential::{ClientSecret, InBody};
use crate::endpoint::ConnectToken;
use crate::environment::TradingEnvironment;
use crate::request::{Request, connect};
use crate::secret::Secret;

/// The form of one exchange, in at most `N` bytes. It holds the code and the app's secret.
/// Wipes itself. An overflow is an error and leaves nothing behind; nothing is cut.
pub struct CodeForm<E, const N: usize = 2048> {
    body: Secret<N>,
    credential: InBody<E>,
}

impl<E: TradingEnvironment, const N: usize> CodeForm<E, N> {
    /// An empty form. Put it where it stays, then fill it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            body: Secret::new(),
            credential: InBody::VACANT,
        }
    }

    /// Writes the five parameters that Alpaca requires. `redirect_uri` is the login's, exactly.
    /// The code is wiped: it is good for one exchange, whatever the answer.
    ///
    /// # Errors
    /// [`FormError`] when it does not fit; the form is empty then.
    pub fn exchange(
        &mut self,
        app: &ClientSecret<E>,
        code: &mut AuthorizationCode,
        redirect_uri: &str,
    ) -> Result<(), FormError> {
        self.body.write(|out| {
            out.put(b"grant_type=authorization_code&code=")?;
            code.0.expose(|code| put_encoded(out, code))?;
            out.put(b"&client_id=")?;
            app.id.expose(|id| put_encoded(out, id))?;
            out.put(b"&client_secret=")?;
            app.secret.expose(|secret| put_encoded(out, secret))?;
            out.put(b"&redirect_uri=")?;
            put_encoded(out, redirect_uri.as_bytes())
        })?;
        code.clear();
        Ok(())
    }

    /// Adds `code_verifier` to a form that is written (RFC 7636 §4.5).
    ///
    /// # Errors
    /// [`FormError`] when it does not fit; the form is empty then.
    #[cfg(feature = "pkce")]
    pub fn prove(&mut self, verifier: &super::Verifier) -> Result<(), FormError> {
        self.body.extend(|out| {
            out.put(b"&code_verifier=")?;
            verifier.0.expose(|verifier| out.put(verifier))
        })?;
        Ok(())
    }

    /// The request that carries this form. It is never sent twice.
    #[must_use]
    pub fn request(&self) -> Request<'_, ConnectToken> {
        connect::exchange(self.body.slice(0, N))
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

impl<E: TradingEnvironment, const N: usize> Default for CodeForm<E, N> {
    fn default() -> Self {
        Self::new()
    }
}
