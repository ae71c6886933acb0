//! [`BrokerKey`]: the Broker API's legacy HTTP Basic credential (RFC 7617).

use core::marker::PhantomData;

use super::check::{self, CredentialError, CredentialFault, CredentialField};
use super::sealed::Sealed;
use super::{Credential, KEY_MAX, Slot};
use crate::environment::{BrokerEnvironment, Production, Sandbox};
use crate::scheme::{AuthField, basic};
use crate::secret::Secret;

/// Most bytes of `base64(key ":" secret)`.
const BASIC_MAX: usize = basic::encoded_length(KEY_MAX * 2 + 1);

/// A broker key and secret, held once, in the form that goes on the wire.
///
/// Alpaca recommends [`BrokerToken`](super::BrokerToken) instead; credentials of the newer kind
/// are answered 401 here.
///
/// ```
/// use alpaca_auth::credential::{BrokerKey, Slot};
/// use alpaca_auth::environment::Sandbox;
/// let mut slot = Slot::<BrokerKey<Sandbox>>::vacant();
/// let key = slot.sandbox("CKTEST", "not-a-real-secret")?;
/// # Ok::<(), alpaca_auth::credential::CredentialError>(())
/// ```
pub struct BrokerKey<E> {
    encoded: Secret<BASIC_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E> Sealed for BrokerKey<E> {
    const VACANT: Self = Self {
        encoded: Secret::new(),
        environment: PhantomData,
    };

    fn wipe(&mut self) {
        self.encoded.wipe();
    }
}

impl<E: BrokerEnvironment> Credential for BrokerKey<E> {
    type Environment = E;

    #[inline]
    fn with_fields<R>(&self, read: impl FnOnce(&[AuthField<'_>]) -> R) -> R {
        self.encoded
            .expose(|encoded| read(&[basic::field(encoded)]))
    }
}

impl<E: BrokerEnvironment> Slot<BrokerKey<E>> {
    fn broker_key(&mut self, key: &str, secret: &str) -> Result<&BrokerKey<E>, CredentialError> {
        self.replace(|place| {
            check::visible(CredentialField::BrokerKey, key, KEY_MAX)?;
            check::visible(CredentialField::BrokerSecret, secret, KEY_MAX)?;
            if key.contains(':') {
                return Err(CredentialError {
                    field: CredentialField::BrokerKey,
                    fault: CredentialFault::Colon,
                });
            }
            basic::encode(key.as_bytes(), secret.as_bytes(), &mut place.encoded).map_err(|_| {
                CredentialError {
                    field: CredentialField::BrokerSecret,
                    fault: CredentialFault::TooLong,
                }
            })
        })
    }
}

impl Slot<BrokerKey<Sandbox>> {
    /// Fills the slot with a broker partner's sandbox key.
    ///
    /// # Errors
    /// [`CredentialError`] names the half that is refused and why; the slot is vacant then.
    pub fn sandbox(
        &mut self,
        key: &str,
        secret: &str,
    ) -> Result<&BrokerKey<Sandbox>, CredentialError> {
        self.broker_key(key, secret)
    }
}

impl Slot<BrokerKey<Production>> {
    /// Fills the slot with a broker partner's production key: real customers, real money.
    ///
    /// # Errors
    /// [`CredentialError`] names the half that is refused and why; the slot is vacant then.
    pub fn production(
        &mut self,
        key: &str,
        secret: &str,
    ) -> Result<&BrokerKey<Production>, CredentialError> {
        self.broker_key(key, secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_in_the_key_is_refused_and_in_the_secret_accepted() {
        let mut slot = Slot::<BrokerKey<Sandbox>>::vacant();
        let error = slot.sandbox("CK:TEST", "secret").err().unwrap();
        assert_eq!(
            (error.field, error.fault),
            (CredentialField::BrokerKey, CredentialFault::Colon)
        );
        assert!(slot.get().is_none());
        assert!(slot.sandbox("CKTEST", "sec:ret").is_ok());
    }

    #[test]
    fn the_longest_key_and_secret_fit() {
        let text = [b'x'; KEY_MAX];
        let text = core::str::from_utf8(&text).unwrap();
        let mut slot = Slot::<BrokerKey<Sandbox>>::vacant();
        assert!(slot.sandbox(text, text).is_ok());
    }
}
