//! [`IssuedToken`]: a token reply (RFC 6749 §5.1), read strictly.

use core::marker::PhantomData;

use super::token_error::{ErrorCode, TokenError, TokenFault};
use crate::credential::{BROKER_TOKEN_MAX, CredentialFault, token};
use crate::endpoint::ApiKind;
use crate::environment::BrokerEnvironment;
use crate::response::{Reply, json_shape};

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
        let status = reply.status();
        if status != 200 {
            return Err(match ErrorCode::parse(reply.body()) {
                Some(code) if (400..=599).contains(&status) => TokenError::Refused { code, status },
                _ => TokenError::Status(status),
            });
        }
        let context = reply.context();
        if context.api != ApiKind::AuthServer || context.environment != E::KIND {
            return Err(TokenError::Malformed(TokenFault::Context));
        }
        Self::parse(reply.body()).map_err(TokenError::Malformed)
    }

    fn parse(body: &'b [u8]) -> Result<Self, TokenFault> {
        let (mut access_token, mut token_type, mut expires_in) = (None, None, None);
        for (name, value) in json_shape::members(body).map_err(TokenFault::Json)? {
            let place = match name {
                b"access_token" => &mut access_token,
                b"token_type" => &mut token_type,
                b"expires_in" => &mut expires_in,
                b"error" => {
                    let code = ErrorCode::parse(body).unwrap_or(ErrorCode::Other);
                    return Err(TokenFault::Error(code));
                }
                _ if name.contains(&b'\\') => return Err(TokenFault::Escaped),
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(TokenFault::Repeated);
            }
        }
        let token = access_token.ok_or(TokenFault::NoToken)?;
        let token = json_shape::unquoted(token).ok_or(TokenFault::TokenCharacters)?;
        let token = core::str::from_utf8(token).map_err(|_| TokenFault::TokenCharacters)?;
        token::check(token, BROKER_TOKEN_MAX).map_err(|error| match error.fault {
            CredentialFault::TooLong => TokenFault::TokenTooLong,
            _ => TokenFault::TokenCharacters,
        })?;
        token_type
            .and_then(json_shape::unquoted)
            .filter(|kind| kind.eq_ignore_ascii_case(b"bearer"))
            .ok_or(TokenFault::TokenType)?;
        Ok(Self {
            token,
            expires_in: seconds(expires_in.ok_or(TokenFault::NoLifetime)?)?,
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
