//! What names a client to the authorization server: [`ClientSecret`] and [`ClientId`].

use core::marker::PhantomData;

use super::check::{self, CredentialError, CredentialFault, CredentialField};
use super::sealed::Sealed;
use super::{KEY_MAX, Slot};
use crate::environment::{BrokerEnvironment, Environment, Live, Paper, Production, Sandbox};
use crate::secret::Secret;

/// A client id and client secret, for `client_secret_post` (RFC 6749 §2.3.1).
///
/// Both are 1 to [`KEY_MAX`] bytes of visible ASCII without quotes. It authenticates no request:
/// it is exchanged for a [`BrokerToken`](super::BrokerToken) (see [`oauth`](crate::oauth)), or
/// with a code for a [`ConnectToken`](super::ConnectToken) (see [`connect`](crate::oauth::connect)).
pub struct ClientSecret<E> {
    pub(crate) id: Secret<KEY_MAX>,
    pub(crate) secret: Secret<KEY_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E> Sealed for ClientSecret<E> {
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

impl<E: Environment> Slot<ClientSecret<E>> {
    fn client_secret(
        &mut self,
        id: &str,
        secret: &str,
    ) -> Result<&ClientSecret<E>, CredentialError> {
        self.replace(|place| {
            set(&mut place.id, CredentialField::ClientId, id)?;
            set(&mut place.secret, CredentialField::ClientSecret, secret)
        })
    }
}

/// A client id alone, for `private_key_jwt` (RFC 7523): the key that signs is elsewhere.
pub struct ClientId<E> {
    pub(crate) id: Secret<KEY_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E> Sealed for ClientId<E> {
    const VACANT: Self = Self {
        id: Secret::new(),
        environment: PhantomData,
    };

    fn wipe(&mut self) {
        self.id.wipe();
    }
}

impl<E: BrokerEnvironment> Slot<ClientId<E>> {
    fn client_id(&mut self, id: &str) -> Result<&ClientId<E>, CredentialError> {
        self.replace(|place| set(&mut place.id, CredentialField::ClientId, id))
    }
}

fn set(
    place: &mut Secret<KEY_MAX>,
    field: CredentialField,
    value: &str,
) -> Result<(), CredentialError> {
    check::visible(field, value, KEY_MAX)?;
    let fault = CredentialFault::TooLong;
    place
        .set(value.as_bytes())
        .map_err(|_| CredentialError { field, fault })
}

macro_rules! named_constructors {
    ($($environment:ident: $method:ident, $world:literal),*) => {$(
        impl Slot<ClientSecret<$environment>> {
            #[doc = concat!("Fills the slot with a client secret of ", $world, ".")]
            ///
            /// # Errors
            /// [`CredentialError`] names the half that is refused and why; the slot is vacant then.
            pub fn $method(
                &mut self,
                id: &str,
                secret: &str,
            ) -> Result<&ClientSecret<$environment>, CredentialError> {
                self.client_secret(id, secret)
            }
        }

        impl Slot<ClientId<$environment>> {
            #[doc = concat!("Fills the slot with a client id of ", $world, ".")]
            ///
            /// # Errors
            /// [`CredentialError`] says what is wrong with it; the slot is vacant then.
            pub fn $method(&mut self, id: &str) -> Result<&ClientId<$environment>, CredentialError> {
                self.client_id(id)
            }
        }
    )*};
}
macro_rules! app_constructors {
    ($($environment:ident: $method:ident),*) => {$(
        impl Slot<ClientSecret<$environment>> {
            #[doc = concat!("Fills the slot with a Connect app's client id and secret, for ", stringify!($method), " accounts.")]
            ///
            /// # Errors
            /// [`CredentialError`] names the half that is refused and why; the slot is vacant then.
            pub fn $method(
                &mut self,
                id: &str,
                secret: &str,
            ) -> Result<&ClientSecret<$environment>, CredentialError> {
                self.client_secret(id, secret)
            }
        }
    )*};
}
app_constructors!(Paper: paper, Live: live);
named_constructors!(
    Sandbox: sandbox, "the broker sandbox",
    Production: production, "broker production: real customers, real money"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_or_a_pasted_line_is_refused_and_leaves_the_slot_vacant() {
        let mut slot = Slot::<ClientSecret<Sandbox>>::vacant();
        for (id, secret, field, fault) in [
            ("", "s", CredentialField::ClientId, CredentialFault::Empty),
            (
                "I",
                "",
                CredentialField::ClientSecret,
                CredentialFault::Empty,
            ),
            (
                "I",
                "s\n",
                CredentialField::ClientSecret,
                CredentialFault::LineBreak,
            ),
            (
                "\"I\"",
                "s",
                CredentialField::ClientId,
                CredentialFault::Quote,
            ),
        ] {
            let error = slot.sandbox(id, secret).err().unwrap();
            assert_eq!((error.field, error.fault), (field, fault));
            assert!(slot.get().is_none());
        }
        assert!(slot.sandbox("ID", "s&c=r%t").is_ok());
    }
}
