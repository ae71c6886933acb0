//! [`Vault`]: credentials from `HashiCorp` Vault.

use std::fmt;
use std::time::{Duration, Instant};

use alpaca_auth::credential::Slot;
use alpaca_auth::endpoint::{Endpoint, SecretManager};
use alpaca_auth::environment::Environment;
use alpaca_auth::source::vault::{
    AppRole, AppRoleLogin, KvPath, VaultAccess, VaultError, read_secret_id, unwrap_request,
};
use alpaca_auth::source::{
    Found, Look, ManagerFault, NetworkFault, Passed, Source, SourceFault, SourceKind,
};

use super::manager::{Line, check_environment};
use crate::{Config, Error};

/// A token is replaced when this part of its lease is over, so that none ends under way.
const LEASE_USED: f64 = 0.8;

/// One secret of a KV engine, and the login that may read it. Its own token is kept between looks,
/// for 80 % of its lease.
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
    login: Login<E>,
    namespace: Option<String>,
    access: Box<Slot<VaultAccess<E>>>,
    /// When the token has to be replaced.
    until: Option<Instant>,
}

enum Login<E> {
    None,
    /// The token in `access` is the caller's.
    Token,
    /// Boxed while vacant: the ids are written where they stay.
    AppRole {
        login: Box<AppRoleLogin<E>>,
        role: Box<Slot<AppRole<E>>>,
        /// Still to be unwrapped: the role id, and the wrapping token is in `access`.
        wrapped: Option<String>,
    },
    /// The wrapping token in `access` holds the answer itself.
    Wrapped,
    /// It was taken out of its wrapping: there is no second time.
    Spent,
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
        let mut access = Box::new(Slot::vacant());
        access.vault_login(namespace)?;
        Ok(Self {
            line: Line::new(config, endpoint)?,
            path,
            login: Login::None,
            namespace: namespace.map(str::to_owned),
            access,
            until: None,
        })
    }

    /// Reads by this token. It is not renewed.
    ///
    /// # Errors
    /// [`Error::Credential`] when its text is refused.
    pub fn token(mut self, token: &str) -> Result<Self, Error> {
        self.access.vault_token(token, self.namespace.as_deref())?;
        self.login = Login::Token;
        Ok(self)
    }

    /// Reads by this token, which is good for `lease` from now: later it is not sent any more.
    ///
    /// # Errors
    /// [`Error::Credential`] when its text is refused.
    pub fn token_for(mut self, token: &str, lease: Duration) -> Result<Self, Error> {
        self = self.token(token)?;
        self.until = Instant::now().checked_add(lease);
        Ok(self)
    }

    /// Logs in by a role id and a secret id at the method mounted at `mount`, by default `approle`.
    ///
    /// # Errors
    /// [`Error::Credential`] when an id is refused, [`Error::Request`] when `mount` is.
    pub fn app_role(mut self, mount: &str, role_id: &str, secret_id: &str) -> Result<Self, Error> {
        self.access.vault_login(self.namespace.as_deref())?;
        let mut role = Box::new(Slot::vacant());
        role.app_role(role_id, secret_id)?;
        self.login = Login::AppRole {
            login: Box::new(AppRoleLogin::new(mount)?),
            role,
            wrapped: None,
        };
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
        self.access
            .vault_token(wrapping_token, self.namespace.as_deref())?;
        self.login = Login::AppRole {
            login: Box::new(AppRoleLogin::new(mount)?),
            role: Box::new(Slot::vacant()),
            wrapped: Some(role_id.to_owned()),
        };
        Ok(self)
    }

    /// Takes the answer for the secret itself out of its wrapping, at the first look and never again.
    ///
    /// # Errors
    /// [`Error::Credential`] when the wrapping token is refused.
    pub fn wrapped(mut self, wrapping_token: &str) -> Result<Self, Error> {
        self.access
            .vault_token(wrapping_token, self.namespace.as_deref())?;
        self.login = Login::Wrapped;
        Ok(self)
    }

    /// Sees to it that `access` holds a token.
    fn log_in(&mut self) -> Result<(), SourceFault> {
        let over = self.until.is_some_and(|until| Instant::now() >= until);
        let Login::AppRole {
            login,
            role,
            wrapped,
        } = &mut self.login
        else {
            return if over {
                Err(vault(VaultError::LeaseExpired))
            } else {
                Ok(())
            };
        };
        if let Some(role_id) = wrapped.take() {
            let access = self.access.get().ok_or(vault(VaultError::Denied))?;
            let unwrapped = self.line.ask(&unwrap_request(), access, |reply| {
                read_secret_id(reply, &role_id, role)
                    .map(|_| ())
                    .map_err(vault)
            });
            if unwrapped.is_err_and(was_not_sent) {
                *wrapped = Some(role_id);
                return unwrapped;
            }
            // Whatever came of it, the wrapping token is used up.
            self.access.clear();
            unwrapped?;
            self.until = None;
        } else if self.until.is_some() && !over {
            return Ok(());
        }
        let namespace = self.namespace.as_deref();
        let role = role.get().ok_or(vault(VaultError::Unwrapped))?;
        let refused = |_| vault(VaultError::Invalid);
        let empty = self.access.vault_login(namespace).map_err(refused)?;
        let request = |error| SourceFault::Manager(ManagerFault::Request(error));
        login.fill(role).map_err(request)?;
        let mut issued = Box::new(Slot::vacant());
        issued.vault_login(namespace).map_err(refused)?;
        let lease = self.line.ask(&login.request(), empty, |reply| {
            login.read(reply, &mut issued).map_err(vault)
        });
        login.wipe();
        let lease = lease?;
        self.access = issued;
        // 0 says that the token does not end.
        let used = Duration::from_secs(lease.seconds.into()).mul_f64(LEASE_USED);
        let used = if lease.seconds == 0 {
            Duration::MAX
        } else {
            used
        };
        self.until = Instant::now().checked_add(used).or_else(far);
        Ok(())
    }
}

/// Whether nothing went out, so that a token of one use is still good.
const fn was_not_sent(fault: SourceFault) -> bool {
    use NetworkFault::{Connect, HostNotFound, NotVerified};
    matches!(
        fault,
        SourceFault::Manager(ManagerFault::Network(HostNotFound | Connect | NotVerified))
    )
}

/// A time that does not come.
fn far() -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs(1 << 31))
}

const fn vault(error: VaultError) -> SourceFault {
    SourceFault::Manager(ManagerFault::Vault(error))
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
        match self.login {
            Login::None => return Ok(Look::Passed(Passed::NotSetUp)),
            Login::Spent => return Err(vault(VaultError::Unwrapped)),
            _ => check_environment::<E>(found)?,
        }
        self.log_in()?;
        let once = matches!(self.login, Login::Wrapped);
        let access = self.access.get().ok_or(vault(VaultError::Denied))?;
        let request = if once {
            unwrap_request()
        } else {
            self.path.request()
        };
        let path = &self.path;
        let looked = self
            .line
            .ask(&request, access, |reply| path.read(reply, found));
        if once && !looked.is_err_and(was_not_sent) {
            self.access.clear();
            self.login = Login::Spent;
        } else if looked == Err(vault(VaultError::Denied)) {
            // The token may have been revoked: the next look logs in again.
            self.until = self.until.filter(|_| matches!(self.login, Login::Token));
        }
        looked.map(|(look, _)| look)
    }
}
