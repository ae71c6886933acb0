//! [`ConnectGrant`]: the reply to an exchange, read strictly.

use core::marker::PhantomData;

use super::super::token_error::{TokenError, TokenFault};
use super::super::token_member::{self, Expected};
use super::scope::Scopes;
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
        // A scope that is no text must not pass for one that was left out.
        let scopes = match scope.map(json_shape::unquoted) {
            Some(None) => return Err(TokenError::Malformed(TokenFault::Scope)),
            text => text.flatten().map(Scopes::parse),
        };
        Ok(Self {
            token,
            scopes,
            environment: PhantomData,
        })
    }

    /// What the user has let the app do; `None` if the reply does not say, which means what was
    /// asked for (RFC 6749 §5.1).
    #[must_use]
    pub const fn scopes(&self) -> Option<Scopes> {
        self.scopes
    }

    /// The same, with what was asked for in the place of what the reply does not say. Keep it
    /// beside the token: the token does not tell.
    #[must_use]
    pub fn granted(&self, asked: Scopes) -> Scopes {
        self.scopes.unwrap_or(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::KeyEvidence;
    use crate::environment::{EnvironmentKind, Paper};
    use crate::response::{Context, ReplyHead};

    #[test]
    fn a_scope_is_read_or_refused_and_never_made_up() {
        let context = Context {
            api: ApiKind::ConnectToken,
            environment: EnvironmentKind::Paper,
            evidence: KeyEvidence::None,
        };
        let asked = Scopes::TRADING;
        for (scope, granted) in [
            ("", Ok(asked)),
            (",\"scope\":\"\"", Ok(Scopes::READ)),
            (",\"scope\":\"data\"", Ok(Scopes::DATA)),
            (",\"scope\":\"trading data\"", Ok(asked.and(Scopes::DATA))),
            (",\"scope\":\"trading\\u0020data\"", Ok(Scopes::READ)),
            (",\"scope\":null", Err(TokenFault::Scope)),
            (",\"scope\":7", Err(TokenFault::Scope)),
            (",\"scope\":[\"trading\"]", Err(TokenFault::Scope)),
            (
                ",\"scope\":\"data\",\"scope\":\"trading\"",
                Err(TokenFault::Repeated),
            ),
        ] {
            let body = std::format!("{{\"access_token\":\"a\",\"token_type\":\"bearer\"{scope}}}");
            let reply = Reply::new(ReplyHead::new(200), context, body.as_bytes());
            let read = ConnectGrant::<Paper>::read(&reply).map(|grant| grant.granted(asked));
            assert_eq!(read, granted.map_err(TokenError::Malformed), "{scope}");
        }
    }
}
