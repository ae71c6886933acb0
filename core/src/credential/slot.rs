//! [`Slot`]: the place where a credential is filled, lives and is wiped.

use super::sealed::Sealed;

/// A place for one credential. Filled in place, so that no move leaves a copy behind.
///
/// Put the slot where it will stay (a `static`, a box, a field) while it is vacant, then fill it
/// by the method that names the environment: [`Slot::paper`], [`Slot::live`], [`Slot::sandbox`],
/// [`Slot::production`]. What comes back is a reference to a credential that is valid.
///
/// ```
/// use alpaca_auth::credential::{KeyPair, Slot};
/// use alpaca_auth::environment::Live;
///
/// let mut slot = Slot::<KeyPair<Live>>::vacant();
/// assert!(slot.get().is_none());
/// slot.live("AKTEST", "not-a-real-secret")?;
/// assert!(slot.get().is_some());
/// slot.clear();
/// assert!(slot.get().is_none());
/// # Ok::<(), alpaca_auth::credential::CredentialError>(())
/// ```
///
/// ```compile_fail,E0599
/// use alpaca_auth::credential::{KeyPair, Slot};
/// use alpaca_auth::environment::Live;
/// Slot::<KeyPair<Live>>::vacant().paper("PKTEST", "secret"); // no method `paper` for `Live`
/// ```
/// ```compile_fail,E0277
/// use alpaca_auth::credential::{KeyPair, Slot};
/// use alpaca_auth::environment::Paper;
/// format!("{:?}", Slot::<KeyPair<Paper>>::vacant().get()); // `KeyPair<Paper>` is not `Debug`
/// ```
pub struct Slot<C: Sealed> {
    credential: C,
    filled: bool,
}

impl<C: Sealed> Slot<C> {
    /// A slot that holds nothing.
    #[must_use]
    pub const fn vacant() -> Self {
        Self {
            credential: C::VACANT,
            filled: false,
        }
    }

    /// The credential, once the slot is filled.
    #[must_use]
    pub const fn get(&self) -> Option<&C> {
        if self.filled {
            Some(&self.credential)
        } else {
            None
        }
    }

    /// Wipes the credential.
    pub fn clear(&mut self) {
        self.filled = false;
        self.credential.wipe();
    }

    /// Replaces what is there; on an error the slot is vacant and wiped.
    pub(crate) fn replace<E>(
        &mut self,
        fill: impl FnOnce(&mut C) -> Result<(), E>,
    ) -> Result<&C, E> {
        self.clear();
        match fill(&mut self.credential) {
            Ok(()) => {
                self.filled = true;
                Ok(&self.credential)
            }
            Err(error) => {
                self.credential.wipe();
                Err(error)
            }
        }
    }
}

impl<C: Sealed> Default for Slot<C> {
    fn default() -> Self {
        Self::vacant()
    }
}
