//! Response wrapping: an answer that a single-use token takes out of its wrapping.

use super::VaultError;
use super::app_role::{AppRole, set};
use super::kv::member;
use crate::credential::{CredentialField, KEY_MAX, Slot};
use crate::endpoint::SecretManager;
use crate::environment::Environment;
use crate::request::{Method, Request};
use crate::response::{Reply, json_shape};
use crate::secret::Secret;
use crate::source::unescape::unescape;

/// `POST /v1/sys/wrapping/unwrap`, authenticated by the wrapping token. Never sent twice: the first
/// answer is the only one.
///
/// What comes back is the answer that was wrapped: read it by
/// [`KvPath::read`](super::KvPath::read) or [`read_secret_id`]. That it fails because somebody else
/// unwrapped it first is a reason for an alarm.
#[must_use]
pub const fn unwrap_request<'r>() -> Request<'r, SecretManager> {
    Request::known(Method::Post, "/v1/sys/wrapping/unwrap")
}

/// Reads an unwrapped answer that holds the secret id of `AppRole`, and fills `slot` with it and
/// `role_id`.
///
/// # Errors
/// [`VaultError`] tells a refusal from an answer that holds no secret id; the slot is vacant then.
pub fn read_secret_id<'s, E: Environment>(
    reply: &Reply<'_>,
    role_id: &str,
    slot: &'s mut Slot<AppRole<E>>,
) -> Result<&'s AppRole<E>, VaultError> {
    slot.clear();
    if reply.status() != 200 {
        return Err(match VaultError::of(reply) {
            VaultError::Invalid => VaultError::Unwrapped,
            error => error,
        });
    }
    json_shape::members(reply.body()).map_err(VaultError::Json)?;
    let bad = VaultError::Member("secret_id");
    let quoted = member(member(reply.body(), "data")?, "secret_id")?;
    let mut text = Secret::<KEY_MAX>::new();
    unescape(json_shape::unquoted(quoted).ok_or(bad)?, &mut text).map_err(|_| bad)?;
    let mut checked = Secret::<KEY_MAX>::new();
    text.expose(|bytes| {
        let text = core::str::from_utf8(bytes).map_err(|_| bad)?;
        set(&mut checked, CredentialField::VaultSecretId, text).map_err(|_| bad)?;
        slot.app_role(role_id, text).map_err(|_| VaultError::RoleId)
    })
}

#[cfg(test)]
mod tests {
    use super::super::error::tests::reply;
    use super::*;
    use crate::environment::Paper;

    #[test]
    fn a_secret_id_is_unwrapped_or_refused_by_name() {
        let read = |status, body: &str, role_id: &str| {
            let mut slot = Slot::<AppRole<Paper>>::vacant();
            let result = read_secret_id(&reply(status, body), role_id, &mut slot).map(|_| ());
            assert_eq!(slot.get().is_some(), result.is_ok(), "{body}");
            result
        };
        let whole = r#"{"data":{"secret_id":"s-1","secret_id_accessor":"a"},"wrap_info":null}"#;
        assert_eq!(read(200, whole, "role"), Ok(()));
        assert_eq!(read(200, whole, ""), Err(VaultError::RoleId));
        let spent = r#"{"errors":["wrapping token is not valid or does not exist"]}"#;
        for (status, body, error) in [
            (400, spent, VaultError::Unwrapped),
            (403, spent, VaultError::Denied),
            (200, r#"{"data":{}}"#, VaultError::Member("secret_id")),
            (
                200,
                r#"{"data":{"secret_id":""}}"#,
                VaultError::Member("secret_id"),
            ),
            (
                200,
                r#"{"data":{"secret_id":7}}"#,
                VaultError::Member("secret_id"),
            ),
            (200, r#"{"data":null}"#, VaultError::Member("secret_id")),
        ] {
            assert_eq!(read(status, body, "role"), Err(error), "{body}");
        }
        let request = unwrap_request();
        assert_eq!(
            (request.method(), request.target()),
            (Method::Post, "/v1/sys/wrapping/unwrap")
        );
        assert_eq!(request.replay(), crate::request::Replay::Never);
    }
}
