//! How each credential is written: one file per way.
//!
//! [`HeaderSet`] gives the complete set of headers of one request, each marked sensitive or not,
//! to a caller with an HTTP stack of its own.

pub(crate) mod basic;
pub(crate) mod bearer;
mod header_set;
pub(crate) mod key_headers;
mod stream;

pub use header_set::{Header, HeaderSet};
pub use stream::{AuthenticatesStream, STREAM_MESSAGE_MAX, StreamMessage, write_stream_message};

/// One authentication header: everything before the secret is a constant.
#[derive(Clone, Copy)]
pub struct AuthField<'c> {
    /// Field name, for example `Authorization`.
    pub name: &'static str,
    /// What stands before the secret in the value: `Basic `, `Bearer ` or nothing.
    pub prefix: &'static str,
    /// The same two as they stand in a head: CRLF, name, colon, space, prefix.
    pub(crate) line: &'static str,
    /// The secret part of the value.
    pub(crate) secret: &'c [u8],
}

impl AuthField<'_> {
    /// The secret part of the value. Copy it only into memory that you wipe.
    #[must_use]
    pub const fn expose(&self) -> &[u8] {
        self.secret
    }
}
