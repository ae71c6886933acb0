//! [`Drawn`]: entropy that was drawn, and looked at, before the handshake needs it.

use rand_core::{CryptoRng, CryptoRngCore, Error, RngCore};
use zeroize::Zeroize;

/// ClientHello's random, and the ephemeral key with room for a second try.
const DRAWN: usize = 96;

/// Bytes of a generator, then the generator itself.
///
/// embedded-tls asks a generator that cannot fail, and with one that is stuck at zero it would
/// look for a key forever.
pub(crate) struct Drawn<'r> {
    bytes: [u8; DRAWN],
    used: usize,
    source: &'r mut dyn CryptoRngCore,
}

/// The generator failed, or its output is one byte repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoEntropy;

impl<'r> Drawn<'r> {
    pub(crate) fn new(source: &'r mut dyn CryptoRngCore) -> Result<Self, NoEntropy> {
        let mut drawn = Self {
            bytes: [0; DRAWN],
            used: 0,
            source,
        };
        let filled = drawn.source.try_fill_bytes(&mut drawn.bytes);
        let [first, rest @ ..] = &drawn.bytes;
        if filled.is_err() || rest.iter().all(|byte| byte == first) {
            return Err(NoEntropy);
        }
        Ok(drawn)
    }
}

impl RngCore for Drawn<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_ne_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_ne_bytes(bytes)
    }

    fn fill_bytes(&mut self, place: &mut [u8]) {
        let end = self.used.saturating_add(place.len());
        if let Some(bytes) = self.bytes.get_mut(self.used..end) {
            place.copy_from_slice(bytes);
            bytes.zeroize();
            self.used = end;
        } else {
            self.source.fill_bytes(place);
        }
    }

    fn try_fill_bytes(&mut self, place: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(place);
        Ok(())
    }
}

impl CryptoRng for Drawn<'_> {}

impl Drop for Drawn<'_> {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// For the key exchange that is only there to overwrite memory: it has no secret.
pub(crate) struct Ones;

impl RngCore for Ones {
    fn next_u32(&mut self) -> u32 {
        u32::from_ne_bytes([1; 4])
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_ne_bytes([1; 8])
    }

    fn fill_bytes(&mut self, place: &mut [u8]) {
        place.fill(1);
    }

    fn try_fill_bytes(&mut self, place: &mut [u8]) -> Result<(), Error> {
        place.fill(1);
        Ok(())
    }
}

impl CryptoRng for Ones {}
