//! What all token replies have in common (RFC 6749 §5.1 and §5.2), read strictly in one place.

use super::token_error::{ErrorCode, TokenError, TokenFault};
use crate::credential::{CredentialFault, token};
use crate::endpoint::ApiKind;
use crate::environment::EnvironmentKind;
use crate::response::{Reply, json_shape};

/// Which reply is read, and what it may hold.
pub(super) struct Expected {
    /// Where it must have come from.
    pub(super) api: ApiKind,
    /// And from which world.
    pub(super) environment: EnvironmentKind,
    /// Longest token, in bytes.
    pub(super) token_max: usize,
    /// The member that this reply has beside token and type.
    pub(super) member: &'static [u8],
}

/// The token, and the value of the expected member if it is there. Other members are passed over.
pub(super) fn read<'b>(
    reply: &Reply<'b>,
    expected: &Expected,
) -> Result<(&'b str, Option<&'b [u8]>), TokenError> {
    let status = reply.status();
    if status != 200 {
        return Err(match ErrorCode::parse(reply.body()) {
            Some(code) if (400..=599).contains(&status) => TokenError::Refused { code, status },
            _ => TokenError::Status(status),
        });
    }
    let context = reply.context();
    if context.api != expected.api || context.environment != expected.environment {
        return Err(TokenError::Malformed(TokenFault::Context));
    }
    parse(reply.body(), expected).map_err(TokenError::Malformed)
}

fn parse<'b>(
    body: &'b [u8],
    expected: &Expected,
) -> Result<(&'b str, Option<&'b [u8]>), TokenFault> {
    let (mut access_token, mut token_type, mut member) = (None, None, None);
    for (name, value) in json_shape::members(body).map_err(TokenFault::Json)? {
        let place = match name {
            b"access_token" => &mut access_token,
            b"token_type" => &mut token_type,
            b"error" => {
                let code = ErrorCode::parse(body).unwrap_or(ErrorCode::Other);
                return Err(TokenFault::Error(code));
            }
            _ if name == expected.member => &mut member,
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
    token::check(text, expected.token_max).map_err(|error| match error.fault {
        CredentialFault::TooLong => TokenFault::TokenTooLong,
        _ => TokenFault::TokenCharacters,
    })?;
    token_type
        .and_then(json_shape::unquoted)
        .filter(|kind| kind.eq_ignore_ascii_case(b"bearer"))
        .ok_or(TokenFault::TokenType)?;
    Ok((text, member))
}
