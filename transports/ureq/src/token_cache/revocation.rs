//! [`TokenCache::revoke`]: ends the token before its time.

use std::sync::{Arc, PoisonError};

use alpaca_auth::oauth::{ClientAuthentication, RevocationForm, read_revocation};
use alpaca_auth::transport::Transport;
use zeroize::Zeroize;

use super::{Clock, Fetch, Held, HeldToken, NotRevoked, Shared, TokenCache};

/// Bytes for a form: a token of full length with an assertion of RSA 4096.
const FORM_MAX: usize = 8192;

type Failed<T, M> = NotRevoked<<T as Transport>::Error, <M as ClientAuthentication>::Error>;

impl<T, M, K> TokenCache<T, M, K>
where
    T: Transport + Send + 'static,
    T::Error: Clone + Send,
    M: ClientAuthentication + Send + Sync + 'static,
    M::Error: Clone + Send,
    K: Clock,
{
    /// Ends the token before its time (RFC 7009). On demand only: dropping the cache does not.
    ///
    /// No caller gets the token from now on, whatever the answer; the next caller fetches another
    /// one. A token request that is under way is waited for, and its token is revoked too. Returns
    /// whether there was a token.
    ///
    /// # Errors
    /// [`NotRevoked`]: the token may be valid until it expires. The next call tries it again.
    pub fn revoke(&self) -> Result<bool, Failed<T, M>> {
        self.0.revoke()
    }
}

impl<T, M, K> Shared<T, M, K>
where
    T: Transport,
    T::Error: Clone,
    M: ClientAuthentication,
    M::Error: Clone,
    K: Clock,
{
    fn revoke(&self) -> Result<bool, Failed<T, M>> {
        let mut fetch = self.fetch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut revoked = false;
        // One that a failed revocation left, and the one in use.
        for _ in 0..2 {
            let Some(held) = fetch.condemned.clone().or_else(|| self.take_out()) else {
                break;
            };
            fetch.condemned = Some(Arc::clone(&held));
            self.send_revocation(&held, &mut fetch)?;
            fetch.condemned = None;
            revoked = true;
        }
        Ok(revoked)
    }

    /// Takes the token out of use.
    fn take_out(&self) -> Option<Held<M>> {
        let mut state = self.lock();
        state.lifecycle.discard();
        // One that has its attempt and waits for us would bring a token behind our back.
        state.lifecycle.abandon();
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.take()
    }

    fn send_revocation(
        &self,
        held: &HeldToken<M::Environment>,
        fetch: &mut Fetch<T, M::Environment>,
    ) -> Result<(), Failed<T, M>> {
        let Some(token) = held.token() else {
            return Ok(());
        };
        let mut form = Box::new(RevocationForm::<M::Environment, FORM_MAX>::new(token));
        let written = self.method.write(&self.endpoint, &self.moment(), &mut form);
        written.map_err(NotRevoked::Client)?;
        let Fetch {
            transport,
            reply: buffer,
            ..
        } = fetch;
        let sent = transport.send(&form.request(), &self.endpoint, form.credential(), buffer);
        let read = |reply| read_revocation::<M::Environment>(&reply).map_err(NotRevoked::Server);
        let result = sent.map_err(NotRevoked::Call).and_then(read);
        buffer.as_mut_slice().zeroize();
        result
    }
}
