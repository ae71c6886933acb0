//! [`ChainCache`]: remembers which certificate signatures were verified.

use sha2::{Digest as _, Sha256};

/// Signatures remembered: two chains of two certificates each, and their renewals.
pub(crate) const ENTRIES: usize = 8;

/// Signatures of certificates that were verified before, so that reconnecting does not verify
/// them again: on a Cortex-M4, tens of millions of instructions less.
///
/// What is remembered is a fact, not trust: *this key made this signature on this certificate*.
/// An entry is the SHA-256 of all of it. The path to a trust anchor, dates, purposes, constraints
/// and names are checked each time as if there were no cache, so an expired certificate, a
/// changed one, or one whose root was removed from the anchors gains nothing from an entry.
/// The handshake's own signature is never remembered. Entries come only from chains that were
/// accepted whole.
///
/// It takes 257 bytes of the caller's memory. To keep it over a reset, store
/// [`to_bytes`](Self::to_bytes); whoever can write that storage can already replace the firmware,
/// and a flipped bit is a miss.
///
/// ```
/// use alpaca_auth_embedded_tls::ChainCache;
///
/// let cache = ChainCache::new();
/// let stored: [u8; ChainCache::BYTES] = cache.to_bytes();
/// let restored = ChainCache::from_bytes(&stored);
/// assert!(restored.is_empty());
/// // Blank flash is an empty cache.
/// assert!(ChainCache::from_bytes(&[0xff; ChainCache::BYTES]).is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct ChainCache {
    entries: [[u8; 32]; ENTRIES],
    next: u8,
}

/// The SHA-256 of one verified signature and all that it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) [u8; 32]);

impl Key {
    pub(crate) fn of(
        algorithm: &[u8],
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Self {
        let mut hash = Sha256::new_with_prefix(b"alpaca-auth verified signature 1");
        for part in [algorithm, public_key, message, signature] {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            hash.update(length.to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl ChainCache {
    /// Length of [`to_bytes`](Self::to_bytes).
    pub const BYTES: usize = 32 * ENTRIES + 1;

    /// Remembers nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: [[0; 32]; ENTRIES],
            next: 0,
        }
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(is_blank)
    }

    /// For storage.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [self.next; Self::BYTES];
        for (to, from) in bytes.chunks_exact_mut(32).zip(&self.entries) {
            to.copy_from_slice(from);
        }
        bytes
    }

    /// From storage. Any bytes are accepted: what is no entry is never found.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut cache = Self::new();
        for (to, from) in cache.entries.iter_mut().zip(bytes.chunks_exact(32)) {
            to.copy_from_slice(from);
        }
        cache.next = bytes.last().copied().unwrap_or_default();
        cache
    }

    pub(crate) fn contains(&self, key: &Key) -> bool {
        !is_blank(&key.0) && self.entries.contains(&key.0)
    }

    /// Replaces the oldest entry.
    pub(crate) fn insert(&mut self, key: &Key) {
        if self.contains(key) {
            return;
        }
        let at = usize::from(self.next)
            .checked_rem(ENTRIES)
            .unwrap_or_default();
        if let Some(entry) = self.entries.get_mut(at) {
            *entry = key.0;
        }
        let next = at
            .saturating_add(1)
            .checked_rem(ENTRIES)
            .unwrap_or_default();
        self.next = u8::try_from(next).unwrap_or_default();
    }
}

impl Default for ChainCache {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether an entry is RAM or flash that was never written.
fn is_blank(entry: &[u8; 32]) -> bool {
    entry == &[0; 32] || entry == &[0xff; 32]
}
