//! [`RevocationForm`]: ends a token before its time (RFC 7009), and [`read_revocation`].

use core::fmt;

use super::client_form::{ClientRequest, beginning::Beginning};
use super::form::{Form, Purpose, sealed};
use super::token_error::ErrorCode;
use crate::credential::{BROKER_TOKEN_MAX, BrokerToken};
use crate::endpoint::{ApiKind, AuthServer};
use crate::environment::BrokerEnvironment;
use crate::request::{Request, auth_server};
use crate::response::Reply;
use crate::secret::Secret;

/// Bytes that hold any revocation by a client secret, or by an assertion signed by ES256 or RS256,
/// of a token of up to 1 KiB.
pub const REVOCATION_FORM_MAX: usize = 3072;

/// The end of a token, before its time.
pub struct Revocation<'t, E> {
    token: &'t BrokerToken<E>,
}

impl<E> sealed::Purpose for Revocation<'_, E> {}

impl<E: BrokerEnvironment> Purpose for Revocation<'_, E> {
    type Api = AuthServer;

    fn request(form: &[u8]) -> Request<'_, AuthServer> {
        auth_server::revoke(form)
    }
}

impl<E> Beginning for Revocation<'_, E> {
    const TEXT: &'static [u8] = b"token_type_hint=access_token&token=";

    fn token(&self) -> Option<&Secret<BROKER_TOKEN_MAX>> {
        Some(&self.token.token)
    }
}

impl<E: BrokerEnvironment> ClientRequest for Revocation<'_, E> {}

/// The form that revokes one token, authenticated as a token request is. It holds the token too.
/// See [`Form`].
///
/// ```
/// use alpaca_auth::credential::{BrokerToken, ClientSecret, Slot};
/// use alpaca_auth::environment::Sandbox;
/// use alpaca_auth::oauth::RevocationForm;
///
/// let mut token = Slot::<BrokerToken<Sandbox>>::vacant();
/// let mut client = Slot::<ClientSecret<Sandbox>>::vacant();
/// let token = token.sandbox("abc")?;
/// let mut form = RevocationForm::<Sandbox>::new(token);
/// form.client_secret(client.sandbox("CLIENTID", "not-a-real-secret")?)?;
/// assert_eq!(form.request().target(), "/v1/oauth2/revoke");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub type RevocationForm<'t, E, const N: usize = REVOCATION_FORM_MAX> =
    Form<Revocation<'t, E>, E, N>;

impl<'t, E: BrokerEnvironment, const N: usize> RevocationForm<'t, E, N> {
    /// An empty form for `token`. Put it where it stays, then fill it.
    #[must_use]
    pub const fn new(token: &'t BrokerToken<E>) -> Self {
        Self::empty(Revocation { token })
    }
}

/// The token may be valid until it expires. Do not use it all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationError {
    /// The authorization server refuses, by this code.
    Refused {
        /// The code.
        code: ErrorCode,
        /// HTTP status.
        status: u16,
    },
    /// Not the authorization server's own way to refuse: something between answers, or it fails.
    Status(u16),
    /// The reply is of another API or environment than the token.
    Context,
}

impl fmt::Display for RevocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token is not revoked and may be valid until it expires: ")?;
        match self {
            Self::Refused { code, status } => write!(
                f,
                "the authorization server refuses ({code}, HTTP {status}); check client id, secret or signing key"
            ),
            Self::Status(status) => write!(
                f,
                "the authorization server, or something before it, answered HTTP {status}; try again"
            ),
            Self::Context => f.write_str(
                "the answer is of another API or environment; check where the request went",
            ),
        }
    }
}

impl core::error::Error for RevocationError {}

/// Reads the answer to a revocation. A token that the server does not know counts as revoked
/// (RFC 7009 §2.2).
///
/// # Errors
/// [`RevocationError`] says why the token may still be valid.
pub fn read_revocation<E: BrokerEnvironment>(reply: &Reply<'_>) -> Result<(), RevocationError> {
    let context = reply.context();
    if context.api != ApiKind::AuthServer || context.environment != E::KIND {
        return Err(RevocationError::Context);
    }
    match (reply.status(), ErrorCode::parse(reply.body())) {
        // Without an error in it: whatever else the body says, RFC 7009 has no meaning for it.
        (200, None) => Ok(()),
        (status @ 400..=599, Some(code)) => Err(RevocationError::Refused { code, status }),
        (status, _) => Err(RevocationError::Status(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{ClientSecret, KeyEvidence, Slot};
    use crate::environment::{EnvironmentKind, Production, Sandbox};
    use crate::response::{Context, ReplyHead};
    use std::string::String;

    #[test]
    fn the_form_is_exactly_this_and_overflows_as_an_error_at_every_size() {
        fn write<const N: usize>() -> Option<String> {
            let mut token = Slot::<BrokerToken<Sandbox>>::vacant();
            let mut client = Slot::<ClientSecret<Sandbox>>::vacant();
            let token = token.sandbox("a+/=").unwrap();
            let client = client.sandbox("I&D", "s=").unwrap();
            let mut form = RevocationForm::<Sandbox, N>::new(token);
            // Written again, it is written anew.
            form.client_secret(client).ok()?;
            form.client_secret(client).unwrap();
            Some(form.expose(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
        }
        let text =
            "token_type_hint=access_token&token=a%2B%2F%3D&client_id=I%26D&client_secret=s%3D";
        assert_eq!(write::<256>().as_deref(), Some(text));
        assert_eq!(text.len(), 80);
        assert_eq!(write::<80>().as_deref(), Some(text));
        for none in [write::<79>(), write::<40>(), write::<10>(), write::<0>()] {
            assert_eq!(none, None);
        }
    }

    #[test]
    fn only_a_plain_success_of_the_right_server_counts() {
        let read = |status, body: &str, api| {
            let context = Context {
                api,
                environment: EnvironmentKind::Sandbox,
                evidence: KeyEvidence::None,
            };
            let reply = Reply::new(ReplyHead::new(status), context, body.as_bytes());
            (
                read_revocation::<Sandbox>(&reply),
                read_revocation::<Production>(&reply),
            )
        };
        let code = ErrorCode::InvalidClient;
        let refused = r#"{"error":"invalid_client"}"#;
        for (status, body, result) in [
            (200, "", Ok(())),
            (200, "{}", Ok(())),
            (200, refused, Err(RevocationError::Status(200))),
            (
                401,
                refused,
                Err(RevocationError::Refused { code, status: 401 }),
            ),
            (302, refused, Err(RevocationError::Status(302))),
            (204, "", Err(RevocationError::Status(204))),
            (404, "<html>", Err(RevocationError::Status(404))),
            (503, "", Err(RevocationError::Status(503))),
        ] {
            let (right, other) = read(status, body, ApiKind::AuthServer);
            assert_eq!(right, result, "{status} {body}");
            assert_eq!(other, Err(RevocationError::Context));
            let (other, _) = read(status, body, ApiKind::Broker);
            assert_eq!(other, Err(RevocationError::Context));
        }
    }
}
