//! The request for another page of the same list.

use super::Request;
use crate::endpoint::Api;

impl<'r, A: Api> Request<'r, A> {
    /// The same request for another target, which is one already.
    pub(crate) const fn at_target<'t>(&self, target: &'t str) -> Request<'t, A>
    where
        'r: 't,
    {
        Request { target, ..*self }
    }
}
