//! [`Fingerprint`]: what is remembered of a credential that is gone.

use core::hash::Hasher;

use crate::credential::Credential;

/// 64 bits of a credential under a random key (SipHash-2-4). It tells equal credentials, and nothing
/// else: without the key it says nothing of the text, and two credentials are taken for one with a chance
/// of 2^-64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    #[expect(
        deprecated,
        reason = "SipHash-2-4 with a key of one's own is what is wanted; the core library has it under this name"
    )]
    pub(super) fn of(credential: &impl Credential, key: [u64; 2]) -> Self {
        let [k0, k1] = key;
        let mut hasher = core::hash::SipHasher::new_with_keys(k0, k1);
        credential.with_fields(|fields| {
            for field in fields {
                // Lengths in front, or the border between two halves could move.
                hasher.write_usize(field.expose().len());
                hasher.write(field.expose());
            }
        });
        Self(hasher.finish())
    }
}

/// The last `N` credentials that were refused.
#[derive(Debug)]
pub(super) struct Refused<const N: usize> {
    fingerprints: [Option<Fingerprint>; N],
    next: usize,
}

impl<const N: usize> Refused<N> {
    pub(super) const fn new() -> Self {
        Self {
            fingerprints: [None; N],
            next: 0,
        }
    }

    pub(super) fn contains(&self, fingerprint: Fingerprint) -> bool {
        self.fingerprints.contains(&Some(fingerprint))
    }

    /// Remembers one more; the oldest is forgotten when there are `N`.
    pub(super) fn insert(&mut self, fingerprint: Fingerprint) {
        if self.contains(fingerprint) {
            return;
        }
        if let Some(place) = self.fingerprints.get_mut(self.next) {
            *place = Some(fingerprint);
        }
        self.next = match self.next.saturating_add(1) {
            next if next < N => next,
            _ => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{KeyPair, Slot};
    use crate::environment::Paper;

    fn print(id: &str, secret: &str, key: [u64; 2]) -> Fingerprint {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        Fingerprint::of(slot.paper(id, secret).unwrap(), key)
    }

    #[test]
    fn a_fingerprint_depends_on_each_half_their_border_and_the_key() {
        let one = print("PKTEST", "secret", [1, 2]);
        assert_eq!(one, print("PKTEST", "secret", [1, 2]));
        for other in [
            print("PKTESTs", "ecret", [1, 2]),
            print("PKTES", "Tsecret", [1, 2]),
            print("PKTEST", "secreT", [1, 2]),
            print("PKTEST", "secret", [1, 3]),
            print("PKTEST", "secret", [0, 2]),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn the_last_ones_are_remembered_and_the_oldest_is_forgotten() {
        let mut refused = Refused::<3>::new();
        let one = |number| Fingerprint(number);
        for number in 1..=3 {
            refused.insert(one(number));
            refused.insert(one(number));
        }
        assert!((1..=3).all(|number| refused.contains(one(number))));
        refused.insert(one(4));
        assert!(!refused.contains(one(1)));
        assert!((2..=4).all(|number| refused.contains(one(number))));
        let mut none = Refused::<0>::new();
        none.insert(one(1));
        assert!(!none.contains(one(1)));
    }
}
