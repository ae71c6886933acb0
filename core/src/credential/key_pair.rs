//! [`KeyPair`]: the API key id and secret key of one account in one environment.

use core::marker::PhantomData;

use super::check::{self, CredentialError, CredentialFault, CredentialField};
use super::sealed::Sealed;
use super::{Credential, KEY_MAX, KeyEvidence, Slot};
use crate::environment::{Environment, Live, Paper, Production, Sandbox};
use crate::scheme::{AuthField, key_headers};
use crate::secret::Secret;

/// An API key id and its secret key. See [`Slot`] for how to make one.
///
/// Both are 1 to [`KEY_MAX`] bytes of visible ASCII without quotes. A key of `Sandbox` or
/// `Production` is a broker partner's, sent in the same headers (legacy).
pub struct KeyPair<E> {
    pub(crate) id: Secret<KEY_MAX>,
    pub(crate) secret: Secret<KEY_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E> Sealed for KeyPair<E> {
    const VACANT: Self = Self {
        id: Secret::new(),
        secret: Secret::new(),
        environment: PhantomData,
    };

    fn wipe(&mut self) {
        self.id.wipe();
        self.secret.wipe();
    }
}

impl<E: Environment> Credential for KeyPair<E> {
    type Environment = E;

    #[inline]
    fn with_fields<R>(&self, read: impl FnOnce(&[AuthField<'_>]) -> R) -> R {
        self.id.expose(|id| {
            self.secret
                .expose(|secret| read(&key_headers::fields(id, secret)))
        })
    }

    fn evidence(&self) -> KeyEvidence {
        self.id
            .expose(|id| core::str::from_utf8(id).map_or(KeyEvidence::None, KeyEvidence::of))
    }
}

impl<E: Environment> KeyPair<E> {
    /// Whether `id` and `secret` are this pair, compared in constant time. For rotation.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        // `&`, not `&&`: the time must not tell which half differs.
        self.id.constant_time_eq(&other.id) & self.secret.constant_time_eq(&other.secret)
    }
}

impl<E: Environment> Slot<KeyPair<E>> {
    pub(crate) fn key_pair(
        &mut self,
        id: &str,
        secret: &str,
    ) -> Result<&KeyPair<E>, CredentialError> {
        self.replace(|pair| {
            check::visible(CredentialField::KeyId, id, KEY_MAX)?;
            check::visible(CredentialField::SecretKey, secret, KEY_MAX)?;
            let too_long = |field| CredentialError {
                field,
                fault: CredentialFault::TooLong,
            };
            let KeyPair {
                id: id_place,
                secret: secret_place,
                ..
            } = pair;
            id_place
                .set(id.as_bytes())
                .map_err(|_| too_long(CredentialField::KeyId))?;
            secret_place
                .set(secret.as_bytes())
                .map_err(|_| too_long(CredentialField::SecretKey))
        })
    }
}

macro_rules! named_constructors {
    ($($(#[$doc:meta])* $environment:ident: $name:ident)*) => {$(
        impl Slot<KeyPair<$environment>> {
            $(#[$doc])*
            ///
            /// # Errors
            /// [`CredentialError`] names the half that is refused and why; the slot is vacant then.
            pub fn $name(&mut self, id: &str, secret: &str) -> Result<&KeyPair<$environment>, CredentialError> {
                self.key_pair(id, secret)
            }
        }
    )*};
}
named_constructors! {
    /// Fills the slot with a key pair of a paper account.
    Paper: paper
    /// Fills the slot with a key pair of a live account: orders cost real money.
    Live: live
    /// Fills the slot with a broker partner's sandbox key pair.
    Sandbox: sandbox
    /// Fills the slot with a broker partner's production key pair: real customers, real money.
    Production: production
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_half_leaves_the_slot_vacant_and_zero() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        assert!(slot.paper("PKTEST", "good").is_ok());
        let error = slot.paper("PKTEST", "bad\n").err();
        assert_eq!(
            error,
            Some(CredentialError {
                field: CredentialField::SecretKey,
                fault: CredentialFault::LineBreak
            })
        );
        assert!(slot.get().is_none());
    }

    #[test]
    fn a_pair_equals_itself_and_no_pair_with_one_other_half() {
        let mut a = Slot::<KeyPair<Paper>>::vacant();
        let mut b = Slot::<KeyPair<Paper>>::vacant();
        let a = a.paper("PKTEST", "one").unwrap();
        assert!(a.is(b.paper("PKTEST", "one").unwrap()));
        assert!(!a.is(b.paper("PKTEST", "two").unwrap()));
        assert!(!a.is(b.paper("PKOTHER", "one").unwrap()));
    }

    #[test]
    fn a_value_of_128_bytes_is_accepted_and_one_of_129_refused() {
        let fits = "x".repeat(KEY_MAX);
        let text = "x".repeat(KEY_MAX + 1);
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        assert!(slot.paper(&fits, &fits).is_ok());
        let error = slot.paper(&text, "secret").err().unwrap();
        assert_eq!(
            (error.field, error.fault),
            (CredentialField::KeyId, CredentialFault::TooLong)
        );
    }
}
