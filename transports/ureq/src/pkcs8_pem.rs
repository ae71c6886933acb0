//! The PEM form of a PKCS#8 private key, read into memory that is wiped.

use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

/// Bytes for the base64 of a key, and so for its DER: RSA of 4096 bits has some 3200.
pub(crate) const TEXT_MAX: usize = 4096;

pub(crate) const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
pub(crate) const END: &str = "-----END PRIVATE KEY-----";

/// What is wrong with a PEM text.
pub(crate) enum Fault {
    /// It has no private key.
    NoKey,
    /// The key is damaged or too long.
    Damaged,
}

/// Lends the DER of the first private key in `pem` to `read`.
pub(crate) fn with_der<R>(pem: &str, read: impl FnOnce(&[u8]) -> R) -> Result<R, Fault> {
    let (_, rest) = pem.split_once(BEGIN).ok_or(Fault::NoKey)?;
    let (body, _) = rest.split_once(END).ok_or(Fault::NoKey)?;
    // Of fixed size, because a vector that grows leaves copies.
    let mut text = Box::new(Zeroizing::new([0; TEXT_MAX]));
    let mut length = 0_usize;
    for byte in body.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        *text.get_mut(length).ok_or(Fault::Damaged)? = byte;
        length = length.saturating_add(1);
    }
    let text = text.get(..length).unwrap_or_default();
    let mut place = Box::new(Zeroizing::new([0; TEXT_MAX]));
    let der = Base64::decode(text, &mut **place).map_err(|_| Fault::Damaged)?;
    Ok(read(der))
}
