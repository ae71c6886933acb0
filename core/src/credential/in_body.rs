//! [`InBody`]: the authentication stands in the request's body, so the head has none.

use core::marker::PhantomData;

use super::Credential;
use super::sealed::Sealed;
use crate::environment::Environment;
use crate::scheme::AuthField;

/// No header authenticates the request: its form body does.
///
/// The authorization server refuses `Authorization` at its token endpoint. This opens that server
/// or Connect's, and nothing else, and only a [`Form`](crate::oauth::Form) hands it out.
///
/// ```compile_fail,E0277
/// use alpaca_auth::credential::{InBody, Opens};
/// use alpaca_auth::endpoint::{Api, Broker};
/// use alpaca_auth::environment::Sandbox;
/// fn opens<A: Api, C: Opens<A>>() {}
/// opens::<Broker, InBody<Sandbox>>(); // a request to the Broker API needs a header
/// ```
pub struct InBody<E> {
    environment: PhantomData<fn() -> E>,
}

impl<E> Sealed for InBody<E> {
    const VACANT: Self = Self {
        environment: PhantomData,
    };

    fn wipe(&mut self) {}
}

impl<E: Environment> Credential for InBody<E> {
    type Environment = E;

    #[inline]
    fn with_fields<R>(&self, read: impl FnOnce(&[AuthField<'_>]) -> R) -> R {
        read(&[])
    }
}
