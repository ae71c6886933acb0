//! [`Authorization`]: the URL of the page where a user lets an app in.

use core::fmt;

use super::super::form::put_encoded;
use super::scope::Scopes;
use super::state::State;
use crate::endpoint::{ConnectPage, Endpoint};
use crate::environment::TradingEnvironment;
use crate::secret::{Cursor, SecretTooLong};

/// What one login asks for.
pub struct Authorization<'a> {
    /// Client id of the app.
    pub client_id: &'a str,
    /// Where the user comes back to, exactly as registered and as the exchange says again.
    pub redirect_uri: &'a str,
    /// What is asked for.
    pub scopes: Scopes,
    /// State of this login.
    pub state: &'a State,
    /// PKCE challenge of this login (feature `pkce`). Alpaca documents none and may ignore it.
    pub challenge: Option<&'a [u8; 43]>,
}

/// Why there is no URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizeError {
    /// The URL does not fit the buffer. Use a larger one; 1024 bytes hold most.
    TooLong,
    /// The state is vacant. Draw it first.
    NoState,
}

impl fmt::Display for AuthorizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the URL does not fit; use a larger buffer",
            Self::NoState => "the login has no state; draw one from a random source first",
        })
    }
}

impl core::error::Error for AuthorizeError {}

impl From<SecretTooLong> for AuthorizeError {
    fn from(_: SecretTooLong) -> Self {
        Self::TooLong
    }
}

impl Authorization<'_> {
    /// Writes the URL for the user's browser. It always has `state` and `env`, and nothing secret
    /// beyond the state; show it to this user only.
    ///
    /// # Errors
    /// [`AuthorizeError`]; what is in `buffer` then is of no use.
    pub fn url<'u, E: TradingEnvironment>(
        &self,
        page: &Endpoint<ConnectPage, E>,
        buffer: &'u mut [u8],
    ) -> Result<&'u str, AuthorizeError> {
        if self.state.0.is_empty() {
            return Err(AuthorizeError::NoState);
        }
        let room = buffer.len();
        let mut out = Cursor::new(buffer);
        self.put(page.authority(), E::KIND.name(), &mut out)?;
        let length = room.saturating_sub(out.room());
        let url = buffer.get(..length).unwrap_or_default();
        core::str::from_utf8(url).map_err(|_| AuthorizeError::TooLong)
    }

    fn put(
        &self,
        authority: &str,
        environment: &str,
        out: &mut Cursor<'_>,
    ) -> Result<(), SecretTooLong> {
        out.put(b"https://")?;
        out.put(authority.as_bytes())?;
        out.put(b"/oauth/authorize?response_type=code&client_id=")?;
        put_encoded(out, self.client_id.as_bytes())?;
        out.put(b"&redirect_uri=")?;
        put_encoded(out, self.redirect_uri.as_bytes())?;
        out.put(b"&state=")?;
        self.state.0.expose(|state| out.put(state))?;
        out.put(b"&env=")?;
        out.put(environment.as_bytes())?;
        let mut before = "&scope=";
        for name in self.scopes.names() {
            out.put(before.as_bytes())?;
            put_encoded(out, name.as_bytes())?;
            before = "%20";
        }
        if let Some(challenge) = self.challenge {
            out.put(b"&code_challenge=")?;
            out.put(challenge)?;
            out.put(b"&code_challenge_method=S256")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Live, Paper};

    #[test]
    fn the_url_is_exactly_this_and_overflows_as_an_error_at_every_size() {
        let mut state = State::vacant();
        let challenge = [b'c'; 43];
        fn login<'a>(state: &'a State, challenge: &'a [u8; 43]) -> Authorization<'a> {
            Authorization {
                client_id: "a&b",
                redirect_uri: "http://127.0.0.1:7/c?d=e",
                scopes: Scopes::TRADING.and(Scopes::ACCOUNT_WRITE),
                state,
                challenge: Some(challenge),
            }
        }
        let page = Endpoint::<ConnectPage, Paper>::at("localhost", 8443).unwrap();
        let mut buffer = [0; 512];
        let error = login(&state, &challenge)
            .url(&page, &mut buffer)
            .unwrap_err();
        assert_eq!(error, AuthorizeError::NoState);
        state.draw(&[0; 32]);
        let url = login(&state, &challenge).url(&page, &mut buffer).unwrap();
        assert_eq!(
            url,
            "https://localhost:8443/oauth/authorize?response_type=code&client_id=a%26b\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A7%2Fc%3Fd%3De\
             &state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&env=paper\
             &scope=account%3Awrite%20trading\
             &code_challenge=ccccccccccccccccccccccccccccccccccccccccccc&code_challenge_method=S256"
        );
        for size in 0..url.len() {
            let mut small = [0; 512];
            let error = login(&state, &challenge)
                .url(&page, &mut small[..size])
                .unwrap_err();
            assert_eq!(error, AuthorizeError::TooLong);
        }
        let page = Endpoint::<ConnectPage, Live>::alpaca();
        let mut buffer = [0; 512];
        assert!(
            login(&state, &challenge)
                .url(&page, &mut buffer)
                .unwrap()
                .contains("&env=live&")
        );
    }
}
