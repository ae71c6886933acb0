//! [`Vault`]: credentials from `HashiCorp` Vault.

use std::fmt;
use std::time::Duration;

use alpaca_auth::endpoint::{Endpoint, SecretManager};
use alpaca_auth::environment::Environment;
use alpaca_auth::source::vault::{KvPath, unwrap_request};
use alpaca_auth::source::{Found, Look, Passed, Source, SourceFault, SourceKind};

use super::manager::{Line, check_environment};
use super::vault_login::VaultLogin;
use crate::{Config, Error};

/// One secret of a KV engine, and the login that may read it. Its token is kept between looks.
///
/// # Tokens with a TTL
///
/// | login | the token |
/// |---|---|
/// | [`token`](Self::token), [`token_for`](Self::token_for) | is the caller's to renew, or a Vault Agent's |
/// | [`renewed_token`](Self::renewed_token) | is renewed by the first look at half of its lease or later; when it cannot be, it is used until it ends, and then the error says why |
/// | [`app_role`](Self::app_role) | is renewed so too; when it cannot be, or comes near its maximum TTL, a new login replaces it |
///
/// Nothing runs between looks. A token that is renewed tells its lease with the credential, so that
/// [`SharedRotation::offer_due`](crate::SharedRotation::offer_due) comes back before it ends. A look
/// that cannot renew for another reason, because Vault is sealed or cannot be reached, fails; the next
/// one tries again.
///
/// ```no_run
/// use alpaca_auth::endpoint::Endpoint;
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::source::vault::KvPath;
/// use alpaca_auth_ureq::source::{Sources, Vault};
/// use alpaca_auth_ureq::{Client, Config};
///
/// let endpoint = Endpoint::manager("vault.example.com", 8200)?;
/// let role = std::fs::read_to_string("/run/secrets/vault-role")?;
/// let secret_id = std::fs::read_to_string("/run/secrets/vault-secret-id")?;
/// let path = KvPath::v2("secret", "alpaca/paper")?;
/// let vault = Vault::<Paper>::new(&Config::new(), endpoint, path, Some("trading"))?
///     .app_role("approle", role.trim(), secret_id.trim())?;
/// let client = Client::<Paper>::from_sources(&mut Sources::new().then(vault))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Vault<E: Environment> {
    line: Line<E>,
    path: KvPath,
    login: VaultLogin<E>,
}

impl<E: Environment> Vault<E> {
    /// The secret at `path`, in this namespace if Vault has any (Enterprise, HCP), without a login
    /// yet. `endpoint` is your Vault.
    ///
    /// # Errors
    /// [`Error::Credential`] when the namespace's text is refused, [`Error::Trust`] when the trust
    /// anchors of `config` cannot be used.
    pub fn new(
        config: &Config,
        endpoint: Endpoint<SecretManager, E>,
        path: KvPath,
        namespace: Option<&str>,
    ) -> Result<Self, Error> {
        Ok(Self {
            line: Line::new(config, endpoint)?,
            path,
            login: VaultLogin::new(namespace)?,
        })
    }

    /// Reads by this token. It is not renewed.
    ///
    /// # Errors
    /// [`Error::Credential`] when its text is refused.
    pub fn token(mut self, token: &str) -> Result<Self, Error> {
        self.login.token(token)?;
        Ok(self)
    }

    /// Reads by this token, which is good for `lease` from now: later it is not sent any more.
    ///
    /// # Errors
    /// [`Error::Credential`] when its text is refused.
    pub fn token_for(mut self, token: &str, lease: Duration) -> Result<Self, Error> {
        self.login.token_for(token, lease)?;
        Ok(self)
    }

    /// Reads by this token, and renews it. The first look asks Vault how long it is good, which takes
    /// one use from a token whose uses are counted. Its policies must allow `auth/token/lookup-self`
    /// and `auth/token/renew-self`, as the default policy does.
    ///
    /// # Errors
    /// [`Error::Credential`] when its text is refused.
    pub fn renewed_token(mut self, token: &str) -> Result<Self, Error> {
        self.login.renewed_token(token)?;
        Ok(self)
    }

    /// Logs in by a role id and a secret id at the method mounted at `mount`, by default `approle`.
    ///
    /// # Errors
    /// [`Error::Credential`] when an id is refused, [`Error::Request`] when `mount` is.
    pub fn app_role(mut self, mount: &str, role_id: &str, secret_id: &str) -> Result<Self, Error> {
        self.login.app_role(mount, role_id, secret_id)?;
        Ok(self)
    }

    /// The same with a secret id that is wrapped: the wrapping token is used once, at the first look.
    ///
    /// # Errors
    /// [`Error::Credential`] when the wrapping token is refused, [`Error::Request`] when `mount` is.
    pub fn wrapped_secret_id(
        mut self,
        mount: &str,
        role_id: &str,
        wrapping_token: &str,
    ) -> Result<Self, Error> {
        self.login
            .wrapped_secret_id(mount, role_id, wrapping_token)?;
        Ok(self)
    }

    /// Takes the answer for the secret itself out of its wrapping, at the first look and never again.
    ///
    /// # Errors
    /// [`Error::Credential`] when the wrapping token is refused.
    pub fn wrapped(mut self, wrapping_token: &str) -> Result<Self, Error> {
        self.login.wrapped(wrapping_token)?;
        Ok(self)
    }
}

impl<E: Environment> Source for Vault<E> {
    fn kind(&self) -> SourceKind {
        SourceKind::Vault
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.line.endpoint().authority();
        write!(f, "{host}{}", self.path.request().target())
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        if !self.login.is_set_up() {
            return Ok(Look::Passed(Passed::NotSetUp));
        }
        check_environment::<E>(found)?;
        let request = if self.login.is_wrapped() {
            unwrap_request()
        } else {
            self.path.request()
        };
        let access = self.login.token_in_hand(&mut self.line)?;
        let path = &self.path;
        let looked = self
            .line
            .ask(&request, access, |reply| path.read(reply, found));
        self.login.was_used(&looked);
        let (look, lease) = looked?;
        // Whichever ends first: the value, or the token that reads it.
        if let Some(seconds) = self.login.renewable_seconds() {
            let value = Some(lease.seconds).filter(|seconds| *seconds > 0);
            found.set_lease_seconds(value.map_or(seconds, |value| value.min(seconds)));
        }
        Ok(look)
    }
}
