//! [`ConnectGrant`]: the reply to an exchange, read strictly.

use core::marker::PhantomData;

use super::super::token_error::TokenError;
use super::super::token_member::{self, Expected};
use super::authorize::Scopes;
use crate::credential::CONNECT_TOKEN_MAX;
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
        let expected = Expected {
            api: ApiKind::ConnectToken,
            environment: E::KIND,
            token_max: CONNECT_TOKEN_MAX,
            member: b"scope",
        };
        let (token, scope) = token_member::read(reply, &expected)?;
        Ok(Self {
            token,
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
