//! [`Form`]: a request's body that authenticates it, percent-encoded into a fixed buffer.

use core::fmt;

use crate::credential::InBody;
use crate::credential::sealed::Sealed as _;
use crate::endpoint::Api;
use crate::environment::Environment;
use crate::request::Request;
use crate::secret::{Cursor, Secret, SecretTooLong};

/// What a form asks for. Sealed: [`ClientCredentials`](super::ClientCredentials),
/// [`Revocation`](super::Revocation), and Connect's [`CodeExchange`](super::connect::CodeExchange).
pub trait Purpose: sealed::Purpose {
    /// Whom it asks.
    type Api: Api;

    /// The request that carries such a form.
    fn request(form: &[u8]) -> Request<'_, Self::Api>;
}

pub(super) mod sealed {
    pub trait Purpose {}
}

/// The form of one request for environment `E`, in at most `N` bytes. Wipes itself.
///
/// It holds a client's secret, or an assertion that is as good as one until it expires. An overflow
/// is an error and leaves nothing behind; nothing is cut. Put it where it stays while it is new,
/// then fill it: [`TokenForm`](super::TokenForm), [`RevocationForm`](super::RevocationForm) and
/// [`CodeForm`](super::connect::CodeForm) say how.
pub struct Form<P, E, const N: usize> {
    pub(super) purpose: P,
    pub(super) body: Secret<N>,
    credential: InBody<E>,
}

impl<P, E, const N: usize> Form<P, E, N> {
    pub(super) const fn empty(purpose: P) -> Self {
        Self {
            purpose,
            body: Secret::new(),
            credential: InBody::VACANT,
        }
    }

    /// Lends the body to `read`.
    pub fn expose<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        self.body.expose(read)
    }

    /// Wipes the form. Do so when the answer is there, or is not going to be.
    pub fn wipe(&mut self) {
        self.body.wipe();
    }
}

impl<P: Purpose, E: Environment, const N: usize> Form<P, E, N> {
    /// The request that carries this form. It is never sent twice.
    #[must_use]
    pub fn request(&self) -> Request<'_, P::Api> {
        P::request(self.body.slice(0, N))
    }

    /// What stands in the place of a credential: the authentication is in the form.
    #[must_use]
    pub const fn credential(&self) -> &InBody<E> {
        &self.credential
    }
}

/// The form does not fit its buffer. Use a larger `N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormError;

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the form of the token request does not fit; use a larger buffer")
    }
}

impl core::error::Error for FormError {}

impl From<SecretTooLong> for FormError {
    fn from(_: SecretTooLong) -> Self {
        Self
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters; a space is `%20`.
pub(super) fn put_encoded(out: &mut Cursor<'_>, value: &[u8]) -> Result<(), SecretTooLong> {
    value.iter().try_for_each(|byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.put(&[*byte])
        } else {
            out.put(&[b'%', upper_hex(byte >> 4), upper_hex(*byte)])
        }
    })
}

const fn upper_hex(nibble: u8) -> u8 {
    let low = nibble & 15;
    if low < 10 {
        low.wrapping_add(b'0')
    } else {
        low.wrapping_add(b'A' - 10)
    }
}
