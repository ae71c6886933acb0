//! [`VaultAccess`]: the token and the namespace that a request to Vault carries.

use core::marker::PhantomData;

use crate::credential::check;
use crate::credential::sealed::Sealed;
use crate::credential::{
    Credential, CredentialError, CredentialFault, CredentialField, Opens, Slot,
};
use crate::endpoint::SecretManager;
use crate::environment::Environment;
use crate::scheme::AuthField;
use crate::secret::Secret;

/// Longest token, in bytes. Service tokens have about 100, batch tokens several hundred.
pub const VAULT_TOKEN_MAX: usize = 2048;
/// Longest namespace, in bytes.
pub const NAMESPACE_MAX: usize = 256;

/// A Vault token, and the namespace it is used in. Lives in a [`Slot`].
///
/// `E` is the environment of the keys that are asked for. Every request says `X-Vault-Request`, so
/// that a Vault Agent or Proxy that wants this against forged requests answers it.
pub struct VaultAccess<E> {
    pub(super) token: Secret<VAULT_TOKEN_MAX>,
    namespace: Secret<NAMESPACE_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E> Sealed for VaultAccess<E> {
    const VACANT: Self = Self {
        token: Secret::new(),
        namespace: Secret::new(),
        environment: PhantomData,
    };

    fn wipe(&mut self) {
        self.token.wipe();
        self.namespace.wipe();
    }
}

impl<E: Environment> Slot<VaultAccess<E>> {
    /// Fills the slot with a token, also one that unwraps.
    ///
    /// # Errors
    /// [`CredentialError`] says which part is refused and why; the slot is vacant then.
    pub fn vault_token(
        &mut self,
        token: &str,
        namespace: Option<&str>,
    ) -> Result<&VaultAccess<E>, CredentialError> {
        self.replace(|place| {
            place.set_namespace(namespace)?;
            place.set_token(token)
        })
    }

    /// Fills the slot for a login, which has no token yet.
    ///
    /// # Errors
    /// [`CredentialError`] when the namespace is refused; the slot is vacant then.
    pub fn vault_login(
        &mut self,
        namespace: Option<&str>,
    ) -> Result<&VaultAccess<E>, CredentialError> {
        self.replace(|place| place.set_namespace(namespace))
    }

    /// Puts a token, that Vault has just issued, beside the namespace that is there.
    pub(super) fn issue(&mut self, token: &str) -> Result<(), CredentialError> {
        let mut namespace = Secret::<NAMESPACE_MAX>::new();
        if let Some(access) = self.get() {
            access
                .namespace
                .expose(|text| namespace.set(text))
                .map_err(|_| too_long(CredentialField::VaultNamespace))?;
        }
        self.replace(|place| {
            namespace
                .expose(|text| place.namespace.set(text))
                .map_err(|_| too_long(CredentialField::VaultNamespace))?;
            place.set_token(token)
        })
        .map(|_| ())
    }
}

impl<E> VaultAccess<E> {
    fn set_token(&mut self, token: &str) -> Result<(), CredentialError> {
        let field = CredentialField::VaultToken;
        check::visible(field, token, VAULT_TOKEN_MAX)?;
        self.token
            .set(token.as_bytes())
            .map_err(|_| too_long(field))
    }

    fn set_namespace(&mut self, namespace: Option<&str>) -> Result<(), CredentialError> {
        let Some(namespace) = namespace else {
            return Ok(());
        };
        let field = CredentialField::VaultNamespace;
        check::visible(field, namespace, NAMESPACE_MAX)?;
        self.namespace
            .set(namespace.as_bytes())
            .map_err(|_| too_long(field))
    }
}

const fn too_long(field: CredentialField) -> CredentialError {
    CredentialError {
        field,
        fault: CredentialFault::TooLong,
    }
}

impl<E: Environment> Credential for VaultAccess<E> {
    type Environment = E;

    fn with_fields<R>(&self, read: impl FnOnce(&[AuthField<'_>]) -> R) -> R {
        const REQUEST: AuthField<'static> = AuthField {
            name: "X-Vault-Request",
            prefix: "true",
            line: "\r\nX-Vault-Request: true",
            secret: b"",
        };
        self.token.expose(|token| {
            self.namespace.expose(|namespace| {
                let namespaced = AuthField {
                    name: "X-Vault-Namespace",
                    prefix: "",
                    line: "\r\nX-Vault-Namespace: ",
                    secret: namespace,
                };
                let token_field = AuthField {
                    name: "X-Vault-Token",
                    prefix: "",
                    line: "\r\nX-Vault-Token: ",
                    secret: token,
                };
                match (namespace.is_empty(), token.is_empty()) {
                    (true, true) => read(&[REQUEST]),
                    (true, false) => read(&[REQUEST, token_field]),
                    (false, true) => read(&[REQUEST, namespaced]),
                    (false, false) => read(&[REQUEST, namespaced, token_field]),
                }
            })
        })
    }
}

impl<E: Environment> Opens<SecretManager> for VaultAccess<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Paper;
    use std::string::String;
    use std::vec::Vec;

    fn fields(access: &VaultAccess<Paper>) -> Vec<String> {
        access.with_fields(|fields| {
            let line = |field: &AuthField<'_>| {
                let value = String::from_utf8(field.secret.to_vec()).unwrap();
                assert!(field.line.contains(field.name));
                std::format!("{}: {}{value}", field.name, field.prefix)
            };
            fields.iter().map(line).collect()
        })
    }

    #[test]
    fn a_login_sends_no_token_and_an_issued_token_keeps_the_namespace() {
        let mut slot = Slot::<VaultAccess<Paper>>::vacant();
        let login = slot.vault_login(Some("team/a")).unwrap();
        assert_eq!(
            fields(login),
            ["X-Vault-Request: true", "X-Vault-Namespace: team/a"]
        );
        slot.issue("hvs.x").unwrap();
        assert_eq!(
            fields(slot.get().unwrap()),
            [
                "X-Vault-Request: true",
                "X-Vault-Namespace: team/a",
                "X-Vault-Token: hvs.x"
            ]
        );
        let token = slot.vault_token("hvs.y", None).unwrap();
        assert_eq!(
            fields(token),
            ["X-Vault-Request: true", "X-Vault-Token: hvs.y"]
        );
    }

    #[test]
    fn text_that_could_change_the_head_is_refused() {
        let mut slot = Slot::<VaultAccess<Paper>>::vacant();
        for (token, namespace, field) in [
            ("", None, CredentialField::VaultToken),
            ("hvs.x\r\nX: y", None, CredentialField::VaultToken),
            ("hvs.x\n", None, CredentialField::VaultToken),
            ("hvs.x", Some(""), CredentialField::VaultNamespace),
            (
                "hvs.x",
                Some("a\r\nX-Vault-Token: y"),
                CredentialField::VaultNamespace,
            ),
        ] {
            assert_eq!(
                slot.vault_token(token, namespace).err().unwrap().field,
                field
            );
            assert!(slot.get().is_none());
        }
    }
}
