//! [`IssuedToken`]: a token reply (RFC 6749 §5.1), read strictly.

use core::marker::PhantomData;

use super::token_error::{TokenError, TokenFault};
use super::token_member::{self, Expected};
use crate::credential::BROKER_TOKEN_MAX;
use crate::endpoint::ApiKind;
use crate::environment::BrokerEnvironment;
use crate::response::Reply;

/// Longest lifetime accepted, in seconds: a day. Alpaca's tokens live 15 minutes.
pub const EXPIRES_IN_MAX: u32 = 86_400;

/// A token that the authorization server of `E` has just issued. Borrows from the reply's buffer,
/// which the caller wipes once the token is in its slot.
pub struct IssuedToken<'b, E> {
    pub(crate) token: &'b str,
    expires_in: u32,
    environment: PhantomData<fn() -> E>,
}

impl<'b, E: BrokerEnvironment> IssuedToken<'b, E> {
    /// Reads a reply of the authorization server.
    ///
    /// Unknown members are passed over. `token_type` is compared without regard to letter case
    /// (RFC 6749 §5.1); `expires_in` is required here, where the RFC only recommends it.
    ///
    /// # Errors
    /// [`TokenError`] tells a refusal from an answer that is no token reply.
    pub fn read(reply: &Reply<'b>) -> Result<Self, TokenError> {
        let expected = Expected {
            api: ApiKind::AuthServer,
            environment: E::KIND,
            token_max: BROKER_TOKEN_MAX,
            member: b"expires_in",
        };
        let (token, expires_in) = token_member::read(reply, &expected)?;
        let expires_in = expires_in.ok_or(TokenFault::NoLifetime).and_then(seconds);
        Ok(Self {
            token,
            expires_in: expires_in.map_err(TokenError::Malformed)?,
            environment: PhantomData,
        })
    }

    /// Seconds that the token lives, from the moment it was issued.
    #[must_use]
    pub const fn expires_in(&self) -> u32 {
        self.expires_in
    }
}

/// A JSON number that is a plain whole one.
fn seconds(value: &[u8]) -> Result<u32, TokenFault> {
    let seconds = core::str::from_utf8(value)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok());
    match seconds {
        Some(seconds @ 1..=EXPIRES_IN_MAX) => Ok(seconds),
        _ => Err(TokenFault::Lifetime),
    }
}
