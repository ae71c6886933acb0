//! [`CodeForm`]: the request that exchanges a code for a token (RFC 6749 §4.1.3).

use super::super::form::{Form, FormError, Purpose, put_encoded, sealed};
use super::callback::AuthorizationCode;
use crate::credential::ClientSecret;
use crate::endpoint::ConnectToken;
use crate::environment::TradingEnvironment;
use crate::request::{Request, connect};

/// A Connect token, for the code of a login.
pub struct CodeExchange;

impl sealed::Purpose for CodeExchange {}

impl Purpose for CodeExchange {
    type Api = ConnectToken;

    fn request(form: &[u8]) -> Request<'_, ConnectToken> {
        connect::exchange(form)
    }
}

/// The form of one exchange. It holds the code and the app's secret. See [`Form`].
pub type CodeForm<E, const N: usize = 2048> = Form<CodeExchange, E, N>;

impl<E: TradingEnvironment, const N: usize> CodeForm<E, N> {
    /// An empty form. Put it where it stays, then fill it.
    #[must_use]
    pub const fn new() -> Self {
        Self::empty(CodeExchange)
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
}

impl<E: TradingEnvironment, const N: usize> Default for CodeForm<E, N> {
    fn default() -> Self {
        Self::new()
    }
}
