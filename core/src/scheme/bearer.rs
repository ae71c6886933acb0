//! `Authorization: Bearer` (RFC 6750 §2.1).

use super::AuthField;

#[inline]
pub(crate) const fn field(token: &[u8]) -> AuthField<'_> {
    AuthField {
        name: "Authorization",
        prefix: "Bearer ",
        line: "\r\nAuthorization: Bearer ",
        secret: token,
    }
}
