//! [`VaultLogin`]: the token that reads, got by a login, renewed, and replaced.

use std::time::{Duration, Instant};

use alpaca_auth::credential::Slot;
use alpaca_auth::environment::Environment;
use alpaca_auth::source::vault::{
    AppRole, AppRoleLogin, Lease, TokenLease, TokenStep, VaultAccess, VaultError, lookup_request,
    read_lookup, read_renewal, read_secret_id, renew_request, unwrap_request,
};
use alpaca_auth::source::{ManagerFault, NetworkFault, SourceFault};

use super::manager::Line;
use crate::Error;

/// How a source comes to its token, and the token.
pub(super) struct VaultLogin<E> {
    way: Way<E>,
    namespace: Option<String>,
    access: Box<Slot<VaultAccess<E>>>,
    /// Of the token, once it is known.
    lease: Option<TokenLease>,
    since: Instant,
}

enum Way<E> {
    None,
    /// The token in `access` is the caller's, who sees to its lease.
    Token,
    /// The token in `access` is the caller's, and is renewed here.
    RenewedToken,
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

impl<E: Environment> VaultLogin<E> {
    pub(super) fn new(namespace: Option<&str>) -> Result<Self, Error> {
        let mut access = Box::new(Slot::vacant());
        access.vault_login(namespace)?;
        Ok(Self {
            way: Way::None,
            namespace: namespace.map(str::to_owned),
            access,
            lease: None,
            since: Instant::now(),
        })
    }

    pub(super) fn token(&mut self, token: &str) -> Result<(), Error> {
        self.access.vault_token(token, self.namespace.as_deref())?;
        self.way = Way::Token;
        self.lease = None;
        Ok(())
    }

    pub(super) fn token_for(&mut self, token: &str, lease: Duration) -> Result<(), Error> {
        self.token(token)?;
        self.lease = Some(TokenLease::fixed(self.since.elapsed(), lease));
        Ok(())
    }

    pub(super) fn renewed_token(&mut self, token: &str) -> Result<(), Error> {
        self.token(token)?;
        self.way = Way::RenewedToken;
        Ok(())
    }

    pub(super) fn app_role(
        &mut self,
        mount: &str,
        role_id: &str,
        secret_id: &str,
    ) -> Result<(), Error> {
        self.access.vault_login(self.namespace.as_deref())?;
        let mut role = Box::new(Slot::vacant());
        role.app_role(role_id, secret_id)?;
        self.way = Way::AppRole {
            login: Box::new(AppRoleLogin::new(mount)?),
            role,
            wrapped: None,
        };
        self.lease = None;
        Ok(())
    }

    pub(super) fn wrapped_secret_id(
        &mut self,
        mount: &str,
        role_id: &str,
        wrapping_token: &str,
    ) -> Result<(), Error> {
        self.token(wrapping_token)?;
        self.way = Way::AppRole {
            login: Box::new(AppRoleLogin::new(mount)?),
            role: Box::new(Slot::vacant()),
            wrapped: Some(role_id.to_owned()),
        };
        Ok(())
    }

    pub(super) fn wrapped(&mut self, wrapping_token: &str) -> Result<(), Error> {
        self.token(wrapping_token)?;
        self.way = Way::Wrapped;
        Ok(())
    }

    pub(super) const fn is_set_up(&self) -> bool {
        !matches!(self.way, Way::None)
    }

    /// Whether the token in hand takes the answer itself out of its wrapping.
    pub(super) const fn is_wrapped(&self) -> bool {
        matches!(self.way, Way::Wrapped)
    }

    /// Sees to it that there is a token that is good, and lends it.
    pub(super) fn token_in_hand(
        &mut self,
        line: &mut Line<E>,
    ) -> Result<&VaultAccess<E>, SourceFault> {
        let step = self
            .lease
            .as_ref()
            .map(|lease| lease.step(self.since.elapsed()));
        match (&self.way, step) {
            (Way::Spent, _) => return Err(vault(VaultError::Unwrapped)),
            (Way::AppRole { .. }, Some(TokenStep::Use)) => {}
            (Way::AppRole { .. }, Some(TokenStep::Renew)) if !self.is_near_maximum() => {
                match self.renew(line) {
                    Err(fault) if final_renewal(fault).is_some() => self.log_in(line)?,
                    renewed => renewed?,
                }
            }
            (Way::AppRole { .. }, _) => self.log_in(line)?,
            (Way::RenewedToken, None) => self.look_up(line)?,
            (Way::RenewedToken, Some(TokenStep::Renew)) => {
                let renewed = self.renew(line);
                match renewed.err().and_then(final_renewal) {
                    // It is good until it ends, and then this is why.
                    Some(reason) => self
                        .lease
                        .iter_mut()
                        .for_each(|lease| lease.refused(reason)),
                    None => renewed?,
                }
            }
            (_, Some(TokenStep::Ended(reason))) => {
                self.access.clear();
                return Err(vault(reason));
            }
            _ => {}
        }
        self.access.get().ok_or(vault(VaultError::LeaseExpired))
    }

    /// What came of reading by the token.
    pub(super) fn was_used<R>(&mut self, looked: &Result<R, SourceFault>) {
        match (&self.way, looked) {
            (Way::Wrapped, Err(fault)) if was_not_sent(*fault) => {}
            (Way::Wrapped, _) => {
                self.access.clear();
                self.way = Way::Spent;
            }
            // The token may have been revoked: the next look logs in again.
            (Way::AppRole { .. }, Err(fault)) if *fault == vault(VaultError::Denied) => {
                self.lease = None;
            }
            _ => {}
        }
    }

    /// In how many seconds the token ends, if it can be renewed until then.
    pub(super) fn renewable_seconds(&self) -> Option<u32> {
        self.lease.as_ref()?.renewable_seconds(self.since.elapsed())
    }

    fn is_near_maximum(&self) -> bool {
        self.lease.as_ref().is_some_and(TokenLease::is_near_maximum)
    }

    fn look_up(&mut self, line: &mut Line<E>) -> Result<(), SourceFault> {
        let now = self.since.elapsed();
        let access = self.access.get().ok_or(vault(VaultError::LookupDenied))?;
        let lease = line.ask(&lookup_request(), access, |reply| {
            read_lookup(reply, access).map_err(vault)
        })?;
        self.lease = Some(TokenLease::granted(now, lease));
        Ok(())
    }

    fn renew(&mut self, line: &mut Line<E>) -> Result<(), SourceFault> {
        let now = self.since.elapsed();
        let access = self.access.get().ok_or(vault(VaultError::RenewalDenied))?;
        let lease = line.ask(&renew_request(), access, |reply| {
            read_renewal(reply, access).map_err(vault)
        })?;
        self.lease
            .iter_mut()
            .for_each(|held| held.renewed(now, lease));
        Ok(())
    }

    fn log_in(&mut self, line: &mut Line<E>) -> Result<(), SourceFault> {
        let Way::AppRole {
            login,
            role,
            wrapped,
        } = &mut self.way
        else {
            return Ok(());
        };
        if let Some(role_id) = wrapped.take() {
            let access = self.access.get().ok_or(vault(VaultError::Unwrapped))?;
            let unwrapped = line.ask(&unwrap_request(), access, |reply| {
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
        }
        let namespace = self.namespace.as_deref();
        let role = role.get().ok_or(vault(VaultError::Unwrapped))?;
        let refused = |_| vault(VaultError::Invalid);
        self.lease = None;
        let empty = self.access.vault_login(namespace).map_err(refused)?;
        let request = |error| SourceFault::Manager(ManagerFault::Request(error));
        login.fill(role).map_err(request)?;
        let mut issued = Box::new(Slot::vacant());
        issued.vault_login(namespace).map_err(refused)?;
        let now = self.since.elapsed();
        let lease: Result<Lease, _> = line.ask(&login.request(), empty, |reply| {
            login.read(reply, &mut issued).map_err(vault)
        });
        login.wipe();
        let lease = lease?;
        self.access = issued;
        self.lease = Some(TokenLease::granted(now, lease));
        Ok(())
    }
}

/// Why Vault does not renew a token, now or ever.
fn final_renewal(fault: SourceFault) -> Option<VaultError> {
    match fault {
        SourceFault::Manager(ManagerFault::Vault(error)) => {
            Some(error).filter(|error| error.is_final_renewal())
        }
        _ => None,
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

const fn vault(error: VaultError) -> SourceFault {
    SourceFault::Manager(ManagerFault::Vault(error))
}
