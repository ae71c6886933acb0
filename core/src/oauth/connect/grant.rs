//! [`ConnectGrant`]: the reply to an exchange, read strictly.

use core::marker::PhantomData;

use super::super::token_error::{ErrorCode, TokenError, TokenFault};
use super::authorize::Scopes;
use crate::credential::{CONNECT_TOKEN_MAX, CredentialFault, token};
use crate::endpoint::ApiKind;
use crate::environment::TradingEnvironment;
use crate::response::{Reply, json_shape};

/// A token that Connect has just issued. Borrows from the reply's buffer, which the caller wipes
/// once the token is in its slot.
pub struct ConnectGrant<'b, E> {
    pub(crate) token: &'b str,
    scopes: Option<Scopes>,
    environment: PhantomData<fn() -> E>,
}

impl<'b, E: TradingEnvironment> ConnectGrant<'b, E> {
    /// Reads a reply of Connect's token endpoint. Unknown members are passed over.
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
        if context.api != ApiKind::ConnectToken || context.environment != E::KIND {
            return Err(TokenError::Malformed(TokenFault::Context));
        }
        Self::parse(reply.body()).map_err(TokenError::Malformed)
    }

    fn parse(body: &'b [u8]) -> Result<Self, TokenFault> {
        let (mut access_token, mut token_type, mut scope) = (None, None, None);
        for (name, value) in json_shape::members(body).map_err(TokenFault::Json)? {
            let place = match name {
                b"access_token" => &mut access_token,
                b"token_type" => &mut token_type,
                b"scope" => &mut scope,
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
        let text = access_token.ok_or(TokenFault::NoToken)?;
        let text = json_shape::unquoted(text).ok_or(TokenFault::TokenCharacters)?;
        let text = core::str::from_utf8(text).map_err(|_| TokenFault::TokenCharacters)?;
        token::check(text, CONNECT_TOKEN_MAX).map_err(|error| match error.fault {
            CredentialFault::TooLong => TokenFault::TokenTooLong,
            _ => TokenFault::TokenCharacters,
        })?;
        token_type
            .and_then(json_shape::unquoted)
            .filter(|kind| kind.eq_ignore_ascii_case(b"bearer"))
            .ok_or(TokenFault::TokenType)?;
        Ok(Self {
            token: text,
            scopes: scope.and_then(json_shape::unquoted).map(Scopes::parse),
            environment: PhantomData,
        })
    }

    /// What the user has let the app do; `None` if the reply does not say, which means what was
    /// asked for (RFC 6749 §5.1).
    #[must_use]
    pub const fn scopes(&self) -> Option<Scopes> {
        self.scopes
    }
}
