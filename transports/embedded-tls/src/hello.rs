//! Checks the one message that arrives in plaintext: ServerHello, RFC 8446 §4.1.3.
//!
//! embedded-tls reads it, but not strictly: it ignores the version, the suite, the group and
//! whatever follows in the record. Here it must be exactly the answer to the ClientHello that
//! embedded-tls sends.

use crate::buffers::GuardFault;

/// The longest prefix looked at. The only right ServerHello has 122 or 123 bytes and no more
/// is needed to name a wrong one.
pub(crate) const HELLO_MAX: usize = 160;

const SERVER_HELLO: u8 = 2;
const LEGACY_VERSION: [u8; 2] = [3, 3];
const TLS13: [u8; 2] = [3, 4];
const AES_128_GCM_SHA256: [u8; 2] = [0x13, 0x01];
const SECP256R1: [u8; 2] = [0, 23];
const SUPPORTED_VERSIONS: [u8; 2] = [0, 43];
const KEY_SHARE: [u8; 2] = [0, 51];
/// An uncompressed point of P-256.
const POINT_LENGTH: [u8; 2] = [0, 65];

/// The random that makes a ServerHello a HelloRetryRequest.
const RETRY_RANDOM: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// Judges a record of `length` bytes by its first [`HELLO_MAX`] (or fewer, if it is shorter).
pub(crate) fn check(prefix: &[u8], length: usize) -> Result<(), GuardFault> {
    let mut rest = Reader(prefix);
    let hello = GuardFault::ServerHello;
    if rest.u8() != Some(SERVER_HELLO) {
        return Err(hello);
    }
    let message = rest.u24().ok_or(hello)?;
    if rest.take(2) != Some(&LEGACY_VERSION) {
        return Err(hello);
    }
    let random = rest.take(32).ok_or(hello)?;
    let session = rest.u8().ok_or(hello)?;
    rest.take(session.into()).ok_or(hello)?;
    let suite = rest.take(2).ok_or(hello)?;
    let compression = rest.u8().ok_or(hello)?;
    if random == RETRY_RANDOM {
        return Err(GuardFault::RetryRequest);
    }
    match supported_version(rest.0) {
        None => return Err(GuardFault::OldVersion),
        Some(version) if version != TLS13 => return Err(GuardFault::OldVersion),
        Some(_) => {}
    }
    if suite != AES_128_GCM_SHA256 {
        return Err(GuardFault::CipherSuite);
    }
    // The record holds this message and nothing else: not another one, not a part of one.
    let whole = length == prefix.len() && message.checked_add(4) == Some(length);
    if !whole || session != 0 || compression != 0 {
        return Err(hello);
    }
    extensions(rest)
}

/// What the `supported_versions` extension says, if it is there.
fn supported_version(bytes: &[u8]) -> Option<[u8; 2]> {
    let mut rest = Reader(bytes);
    rest.take(2)?;
    loop {
        let kind = rest.take(2)?;
        let length = rest.u16()?;
        let content = rest.take(length)?;
        if kind == SUPPORTED_VERSIONS {
            return content.try_into().ok();
        }
    }
}

/// Exactly one `supported_versions` and one `key_share` on P-256, in either order.
fn extensions(mut rest: Reader<'_>) -> Result<(), GuardFault> {
    let hello = GuardFault::ServerHello;
    let length = rest.u16().ok_or(hello)?;
    if length != rest.0.len() {
        return Err(hello);
    }
    let (mut version, mut share) = (false, false);
    while !rest.0.is_empty() {
        let kind = rest.take(2).ok_or(hello)?;
        let length = rest.u16().ok_or(hello)?;
        let mut content = Reader(rest.take(length).ok_or(hello)?);
        if kind == SUPPORTED_VERSIONS && !version {
            version = content.take(2) == Some(&TLS13) && content.0.is_empty();
            if !version {
                return Err(hello);
            }
        } else if kind == KEY_SHARE && !share {
            if content.take(2) != Some(&SECP256R1) {
                return Err(GuardFault::Group);
            }
            share = content.take(2) == Some(&POINT_LENGTH) && content.0.len() == 65;
            if !share {
                return Err(hello);
            }
        } else {
            return Err(hello);
        }
    }
    if version && share { Ok(()) } else { Err(hello) }
}

/// Takes bytes off the front.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<usize> {
        let bytes: [u8; 2] = self.take(2)?.try_into().ok()?;
        Some(u16::from_be_bytes(bytes).into())
    }

    fn u24(&mut self) -> Option<usize> {
        let [a, b, c]: [u8; 3] = self.take(3)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()
    }
}
