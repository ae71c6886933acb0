//! [`AppRole`]: role id and secret id, and the login that turns them into a token.

use core::marker::PhantomData;

use super::VaultError;
use super::access::{VAULT_TOKEN_MAX, VaultAccess};
use super::kv::{Lease, member, number};
use crate::credential::check;
use crate::credential::sealed::Sealed;
use crate::credential::{CredentialError, CredentialFault, CredentialField, KEY_MAX, Slot};
use crate::endpoint::SecretManager;
use crate::environment::Environment;
use crate::request::{ContentType, Method, Request, RequestError, TargetBuffer};
use crate::response::{Reply, json_shape};
use crate::secret::Secret;
use crate::source::unescape::unescape;

/// Bytes of a login's body: both ids, each of [`KEY_MAX`] with every byte escaped.
pub const LOGIN_MAX: usize = 4 * KEY_MAX + 64;

/// A role id and its secret id. Lives in a [`Slot`].
pub struct AppRole<E> {
    role_id: Secret<KEY_MAX>,
    secret_id: Secret<KEY_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E> Sealed for AppRole<E> {
    const VACANT: Self = Self {
        role_id: Secret::new(),
        secret_id: Secret::new(),
        environment: PhantomData,
    };

    fn wipe(&mut self) {
        self.role_id.wipe();
        self.secret_id.wipe();
    }
}

impl<E: Environment> Slot<AppRole<E>> {
    /// Fills the slot. A role that binds no secret id is not supported: its role id would be a
    /// password that is written down as a name.
    ///
    /// # Errors
    /// [`CredentialError`] names the half that is refused and why; the slot is vacant then.
    pub fn app_role(
        &mut self,
        role_id: &str,
        secret_id: &str,
    ) -> Result<&AppRole<E>, CredentialError> {
        self.replace(|place| {
            set(&mut place.role_id, CredentialField::VaultRoleId, role_id)?;
            set(
                &mut place.secret_id,
                CredentialField::VaultSecretId,
                secret_id,
            )
        })
    }
}

pub(super) fn set<const N: usize>(
    place: &mut Secret<N>,
    field: CredentialField,
    value: &str,
) -> Result<(), CredentialError> {
    check::visible(field, value, N)?;
    let fault = CredentialFault::TooLong;
    place
        .set(value.as_bytes())
        .map_err(|_| CredentialError { field, fault })
}

/// The body of one login. It holds the secret id, and wipes it.
pub struct AppRoleLogin<E> {
    target: TargetBuffer<256>,
    body: Secret<LOGIN_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E: Environment> AppRoleLogin<E> {
    /// A login at the method mounted at `mount`, by default `approle`. Fill it where it stays.
    ///
    /// # Errors
    /// [`RequestError`] when a segment of `mount` is empty, `.` or `..`, or it does not fit.
    pub fn new(mount: &str) -> Result<Self, RequestError> {
        let mut target = TargetBuffer::new("/v1/auth")?;
        for segment in mount.split('/').chain(["login"]) {
            target.segment(segment)?;
        }
        Ok(Self {
            target,
            body: Secret::new(),
            environment: PhantomData,
        })
    }

    /// Writes the body.
    ///
    /// # Errors
    /// None in practice: [`LOGIN_MAX`] holds both ids.
    pub fn fill(&mut self, role: &AppRole<E>) -> Result<(), RequestError> {
        let written = self.body.write(|out| {
            out.put(b"{\"role_id\":\"")?;
            role.role_id.expose(|id| put_text(out, id))?;
            out.put(b"\",\"secret_id\":\"")?;
            role.secret_id.expose(|id| put_text(out, id))?;
            out.put(b"\"}")
        });
        written.map_err(|_| RequestError::HeadTooLong)
    }

    /// The request. A secret id may be good for a number of uses, so it is sent once.
    #[must_use]
    pub fn request(&self) -> Request<'_, SecretManager> {
        let body = self.body.slice(0, LOGIN_MAX);
        Request::known(Method::Post, self.target.text()).with_body(ContentType::Json, body)
    }

    /// Wipes the body. Do so when the answer is there, or is not going to be.
    pub fn wipe(&mut self) {
        self.body.wipe();
    }

    /// Reads the reply and fills `access`, which keeps its namespace.
    ///
    /// # Errors
    /// [`VaultError`] tells a refusal from an answer that holds no token; `access` is vacant then.
    pub fn read(
        &self,
        reply: &Reply<'_>,
        access: &mut Slot<VaultAccess<E>>,
    ) -> Result<Lease, VaultError> {
        let read = token(reply, access);
        if read.is_err() {
            access.clear();
        }
        read
    }
}

/// The token in the reply to a login.
fn token<E: Environment>(
    reply: &Reply<'_>,
    access: &mut Slot<VaultAccess<E>>,
) -> Result<Lease, VaultError> {
    if reply.status() != 200 {
        return Err(match VaultError::of(reply) {
            // Vault says so for ids that it does not know.
            VaultError::Invalid => VaultError::LoginRefused,
            // There is no token yet that could be denied anything.
            VaultError::NotFound | VaultError::Denied => VaultError::NoLogin,
            error => error,
        });
    }
    json_shape::members(reply.body()).map_err(VaultError::Json)?;
    let auth = member(reply.body(), "auth")?;
    let quoted = member(auth, "client_token")?;
    let quoted = json_shape::unquoted(quoted).ok_or(VaultError::Member("client_token"))?;
    let seconds = number(member(auth, "lease_duration")?);
    let lease = Lease {
        seconds: seconds.ok_or(VaultError::Member("lease_duration"))?,
        renewable: member(auth, "renewable")? == b"true",
        version: None,
    };
    let mut text = Secret::<VAULT_TOKEN_MAX>::new();
    let bad = VaultError::Member("client_token");
    unescape(quoted, &mut text).map_err(|_| bad)?;
    text.expose(|bytes| {
        let text = core::str::from_utf8(bytes).map_err(|_| bad)?;
        access.issue(text).map_err(|_| bad)
    })?;
    Ok(lease)
}

/// Visible ASCII as it stands in a JSON string.
fn put_text(
    out: &mut crate::secret::Cursor<'_>,
    text: &[u8],
) -> Result<(), crate::secret::SecretTooLong> {
    text.iter().try_for_each(|byte| match byte {
        b'"' | b'\\' => out.put(&[b'\\', *byte]),
        _ => out.put(&[*byte]),
    })
}

#[cfg(test)]
mod tests {
    use super::super::error::tests::reply;
    use super::*;
    use crate::environment::Paper;

    const WHOLE: &str = r#"{"request_id":"r","lease_id":"","renewable":false,"lease_duration":0,"data":null,"wrap_info":null,"warnings":null,"auth":{"client_token":"hvs.abc","accessor":"a","policies":["p"],"lease_duration":1200,"renewable":true}}"#;

    fn read(status: u16, body: &str) -> Result<Lease, VaultError> {
        let login = AppRoleLogin::<Paper>::new("approle").unwrap();
        let mut access = Slot::<VaultAccess<Paper>>::vacant();
        access.vault_login(Some("n")).unwrap();
        let lease = login.read(&reply(status, body), &mut access);
        assert_eq!(access.get().is_some(), lease.is_ok(), "{body}");
        if let Some(access) = access.get() {
            access.token.expose(|token| assert_eq!(token, b"hvs.abc"));
        }
        lease
    }

    #[test]
    fn a_login_writes_both_ids_and_reads_the_token() {
        let mut slot = Slot::<AppRole<Paper>>::vacant();
        let role = slot.app_role("role\\", "secret").unwrap();
        let mut login = AppRoleLogin::<Paper>::new("team/approle").unwrap();
        login.fill(role).unwrap();
        let request = login.request();
        assert_eq!(request.target(), "/v1/auth/team/approle/login");
        assert_eq!(
            request.body().unwrap().bytes,
            br#"{"role_id":"role\\","secret_id":"secret"}"#
        );
        login.wipe();
        assert!(login.body.is_empty());
        let lease = Lease {
            seconds: 1200,
            renewable: true,
            version: None,
        };
        assert_eq!(read(200, WHOLE), Ok(lease));
    }

    #[test]
    fn the_longest_ids_fit_with_every_byte_escaped() {
        let mut slot = Slot::<AppRole<Paper>>::vacant();
        let long = "\\".repeat(KEY_MAX);
        let role = slot.app_role(&long, &long).unwrap();
        assert!(
            AppRoleLogin::<Paper>::new("approle")
                .unwrap()
                .fill(role)
                .is_ok()
        );
    }

    #[test]
    fn a_login_without_a_token_is_refused_by_name() {
        for (from, to, error) in [
            ("client_token", "token", VaultError::Member("client_token")),
            (r#""hvs.abc""#, "null", VaultError::Member("client_token")),
            ("hvs.abc", "", VaultError::Member("client_token")),
            ("hvs.abc", "hvs\\nabc", VaultError::Member("client_token")),
            (r#""auth":"#, r#""aut":"#, VaultError::Member("auth")),
            ("1200", "-1", VaultError::Member("lease_duration")),
        ] {
            assert_eq!(
                read(200, &WHOLE.replacen(from, to, 1)),
                Err(error),
                "{from} {to}"
            );
        }
        assert!(matches!(read(200, "{"), Err(VaultError::Json(_))));
        let refused = r#"{"errors":["invalid role or secret ID"]}"#;
        assert_eq!(read(400, refused), Err(VaultError::LoginRefused));
        let elsewhere = r#"{"errors":["namespace not found"]}"#;
        assert_eq!(read(404, elsewhere), Err(VaultError::NoLogin));
        assert!(std::string::ToString::to_string(&VaultError::NoLogin).contains("; "));
        let unmounted = r#"{"errors":["permission denied"]}"#;
        assert_eq!(read(403, unmounted), Err(VaultError::NoLogin));
    }

    #[test]
    fn half_a_role_is_refused() {
        let mut slot = Slot::<AppRole<Paper>>::vacant();
        for (role_id, secret_id, field) in [
            ("", "s", CredentialField::VaultRoleId),
            ("r", "", CredentialField::VaultSecretId),
            ("r", "s\n", CredentialField::VaultSecretId),
            ("r\"", "s", CredentialField::VaultRoleId),
        ] {
            assert_eq!(
                slot.app_role(role_id, secret_id).err().unwrap().field,
                field
            );
            assert!(slot.get().is_none());
        }
    }
}
