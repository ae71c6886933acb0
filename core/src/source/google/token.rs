//! [`GoogleToken`]: an access token of Google's, and the reply that issues one.

use core::marker::PhantomData;

use super::GoogleError;
use crate::credential::sealed::Sealed;
use crate::credential::{
    Credential, CredentialError, CredentialFault, CredentialField, Opens, Slot, token,
};
use crate::endpoint::SecretManager;
use crate::environment::Environment;
use crate::response::json_shape;
use crate::scheme::{AuthField, bearer};
use crate::secret::Secret;

/// Longest access token, in bytes: what Google documents as the limit.
pub const GOOGLE_TOKEN_MAX: usize = 2048;
/// Longest lifetime accepted, in seconds: 12 hours, the most an organization can allow.
const EXPIRES_IN_MAX: u32 = 43_200;

/// An access token of Google's, sent as Bearer. Lives in a [`Slot`].
///
/// `E` is the environment of the keys that are asked for.
pub struct GoogleToken<E> {
    token: Secret<GOOGLE_TOKEN_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E> Sealed for GoogleToken<E> {
    const VACANT: Self = Self {
        token: Secret::new(),
        environment: PhantomData,
    };

    fn wipe(&mut self) {
        self.token.wipe();
    }
}

impl<E: Environment> Slot<GoogleToken<E>> {
    /// Fills the slot with a token.
    ///
    /// # Errors
    /// [`CredentialError`] says what is wrong with it; the slot is vacant then.
    pub fn google_token(&mut self, text: &str) -> Result<&GoogleToken<E>, CredentialError> {
        self.replace(|place| {
            // Google pads its tokens with dots, which RFC 6750 allows.
            token::check(text, GOOGLE_TOKEN_MAX)?;
            place
                .token
                .set(text.as_bytes())
                .map_err(|_| CredentialError {
                    field: CredentialField::AccessToken,
                    fault: CredentialFault::TooLong,
                })
        })
    }
}

impl<E: Environment> Credential for GoogleToken<E> {
    type Environment = E;

    fn with_fields<R>(&self, read: impl FnOnce(&[AuthField<'_>]) -> R) -> R {
        self.token.expose(|token| read(&[bearer::field(token)]))
    }
}

impl<E: Environment> Opens<SecretManager> for GoogleToken<E> {}

/// Fills `slot` with the token of a reply, by the token endpoint or the metadata server, and returns
/// for how many seconds it is good. The caller wipes the reply's buffer.
///
/// # Errors
/// [`GoogleError`] tells a refusal from an answer that holds no token; the slot is vacant then.
pub fn read_token<E: Environment>(
    status: u16,
    body: &[u8],
    slot: &mut Slot<GoogleToken<E>>,
) -> Result<u32, GoogleError> {
    slot.clear();
    if status != 200 {
        return Err(GoogleError::of_token_endpoint(status, body));
    }
    json_shape::members(body).map_err(GoogleError::Json)?;
    let text = |name| {
        let value = json_shape::member(body, name).and_then(json_shape::unquoted);
        value.ok_or(GoogleError::Member(name))
    };
    if !text("token_type")?.eq_ignore_ascii_case(b"bearer") {
        return Err(GoogleError::Member("token_type"));
    }
    let seconds = json_shape::member(body, "expires_in").and_then(seconds);
    let seconds = seconds.ok_or(GoogleError::Member("expires_in"))?;
    let token = core::str::from_utf8(text("access_token")?);
    let token = token.map_err(|_| GoogleError::Member("access_token"))?;
    slot.google_token(token)
        .map_err(|_| GoogleError::Member("access_token"))?;
    Ok(seconds)
}

fn seconds(value: &[u8]) -> Option<u32> {
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = core::str::from_utf8(value).ok()?.parse().ok()?;
    (1..=EXPIRES_IN_MAX).contains(&seconds).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Paper;

    fn read(status: u16, body: &str) -> Result<u32, GoogleError> {
        let mut slot = Slot::<GoogleToken<Paper>>::vacant();
        slot.google_token("old").unwrap();
        let result = read_token(status, body.as_bytes(), &mut slot);
        assert_eq!(slot.get().is_some(), result.is_ok(), "{body}");
        result
    }

    #[test]
    fn a_token_reply_that_is_not_whole_is_refused_by_name() {
        let whole = r#"{"access_token":"ya29.c.x-_....","expires_in":3599,"token_type":"Bearer"}"#;
        assert_eq!(read(200, whole), Ok(3599));
        for (from, to, name) in [
            ("access_token", "id_token", "access_token"),
            ("ya29", "ya 29", "access_token"),
            ("ya29", "ya\\n29", "access_token"),
            ("ya29.c.x-_....", "", "access_token"),
            ("Bearer", "MAC", "token_type"),
            (r#","token_type":"Bearer""#, "", "token_type"),
            (r#""expires_in":3599,"#, "", "expires_in"),
            ("3599", "0", "expires_in"),
            ("3599", "43201", "expires_in"),
            ("3599", "\"3599\"", "expires_in"),
            ("3599", "-1", "expires_in"),
            (r#"{"#, r#"{"access_token":"x","#, "access_token"),
        ] {
            let body = whole.replacen(from, to, 1);
            assert_eq!(read(200, &body), Err(GoogleError::Member(name)), "{body}");
        }
        for end in 0..whole.len() {
            assert!(matches!(
                read(200, whole.get(..end).unwrap()),
                Err(GoogleError::Json(_))
            ));
        }
    }

    #[test]
    fn the_token_endpoints_refusals_have_names() {
        for (status, body, error) in [
            (
                400,
                r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#,
                GoogleError::GrantRefused,
            ),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."}"#,
                GoogleError::Clock,
            ),
            (
                401,
                r#"{"error":"invalid_client"}"#,
                GoogleError::GrantRefused,
            ),
            (
                403,
                r#"{"error":"access_denied"}"#,
                GoogleError::GrantRefused,
            ),
            (404, "", GoogleError::NoServiceAccount),
            (429, "", GoogleError::Throttled),
            (503, "", GoogleError::Server(503)),
            (400, "<html>", GoogleError::Unexpected(400)),
            (302, "", GoogleError::Unexpected(302)),
        ] {
            assert_eq!(read(status, body), Err(error), "{status} {body}");
        }
    }
}
