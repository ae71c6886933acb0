//! [`Secret`]: a fixed buffer that is filled in place, read through a closure and wiped.

use core::hint::black_box;

use zeroize::Zeroize;

/// Up to `N` secret bytes with one owner.
///
/// The type has no `Debug`, `Display`, `Clone`, `Copy`, `PartialEq`, `Hash` or `Serialize`, so it
/// cannot be printed or duplicated by accident. Dropping it wipes it.
///
/// A Rust *move* copies bytes and leaves the old ones behind. Put a `Secret` where it will stay
/// (a `static`, a box, a field) while it is empty, and fill it there.
///
/// ```
/// use alpaca_auth::secret::Secret;
///
/// let mut secret = Secret::<32>::new();
/// secret.set(b"hunter2")?;
/// assert_eq!(secret.expose(|bytes| bytes.len()), 7);
/// assert!(secret.set(&[0; 33]).is_err());
/// assert!(secret.is_empty()); // a refused value leaves nothing behind
/// # Ok::<(), alpaca_auth::secret::SecretTooLong>(())
/// ```
///
/// ```compile_fail,E0277
/// let secret = alpaca_auth::secret::Secret::<32>::new();
/// format!("{secret:?}"); // `Secret<32>` doesn't implement `Debug`
/// ```
/// ```compile_fail,E0277
/// let secret = alpaca_auth::secret::Secret::<32>::new();
/// format!("{secret}"); // `Secret<32>` doesn't implement `std::fmt::Display`
/// ```
/// ```compile_fail,E0599
/// let secret = alpaca_auth::secret::Secret::<32>::new();
/// let copy = secret.clone(); // no method named `clone`
/// ```
/// ```compile_fail,E0382
/// let secret = alpaca_auth::secret::Secret::<32>::new();
/// let moved = secret;
/// secret.is_empty(); // borrow of moved value: `Secret` is not `Copy`
/// ```
/// ```compile_fail,E0369
/// let (a, b) = (alpaca_auth::secret::Secret::<32>::new(), alpaca_auth::secret::Secret::<32>::new());
/// a == b; // binary operation `==` cannot be applied: use `constant_time_eq`
/// ```
/// ```compile_fail,E0277
/// fn hashed<T: core::hash::Hash>(_: &T) {}
/// hashed(&alpaca_auth::secret::Secret::<32>::new()); // `Secret<32>: Hash` is not satisfied
/// ```
/// ```compile_fail,E0277
/// fn written<T: serde::Serialize>(_: &T) {}
/// written(&alpaca_auth::secret::Secret::<32>::new()); // `Secret<32>: Serialize` is not satisfied
/// ```
pub struct Secret<const N: usize> {
    bytes: [u8; N],
    length: usize,
    /// How far `bytes` was ever written: the part that a wipe has to cover.
    touched: usize,
}

impl<const N: usize> Secret<N> {
    /// An empty secret.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: [0; N],
            length: 0,
            touched: 0,
        }
    }

    /// Lets `write` put the secret into the buffer and return its length.
    ///
    /// The buffer handed to `write` is zero. If `write` fails, or returns more than `N`, the
    /// buffer is wiped and the secret is empty.
    ///
    /// # Errors
    /// The error of `write`, or [`SecretTooLong`] when the length it returns exceeds `N`.
    pub fn fill<E: From<SecretTooLong>>(
        &mut self,
        write: impl FnOnce(&mut [u8; N]) -> Result<usize, E>,
    ) -> Result<(), E> {
        self.wipe();
        self.touched = N;
        match write(&mut self.bytes) {
            Ok(length) if length <= N => {
                self.length = length;
                Ok(())
            }
            Ok(_) => {
                self.wipe();
                Err(E::from(SecretTooLong))
            }
            Err(error) => {
                self.wipe();
                Err(error)
            }
        }
    }

    /// Copies `value` in, after wiping what was there.
    ///
    /// # Errors
    /// [`SecretTooLong`] when `value` is longer than `N`; the secret is empty then.
    pub fn set(&mut self, value: &[u8]) -> Result<(), SecretTooLong> {
        self.clear();
        self.append(value)
    }

    /// Copies `value` behind what is there.
    ///
    /// # Errors
    /// [`SecretTooLong`] when it does not fit; the secret is empty then.
    pub fn append(&mut self, value: &[u8]) -> Result<(), SecretTooLong> {
        let rest = self.bytes.get_mut(self.length..).unwrap_or_default();
        let Some((place, _)) = rest.split_at_mut_checked(value.len()) else {
            self.wipe();
            return Err(SecretTooLong);
        };
        place.copy_from_slice(value);
        self.length = self.length.saturating_add(value.len());
        self.touched = self.touched.max(self.length);
        Ok(())
    }

    /// Lends the bytes to `read`.
    pub fn expose<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        read(self.bytes.get(..self.length).unwrap_or_default())
    }

    /// Number of bytes held.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing is held.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Overwrites everything that was ever written with zeros, in a way the optimiser keeps.
    pub fn wipe(&mut self) {
        if let Some(touched) = self.bytes.get_mut(..self.touched) {
            touched.zeroize();
        }
        self.length = 0;
        self.touched = 0;
    }

    /// Compares in a time that depends on `N` alone. For rotation: is this the key I hold?
    #[must_use]
    pub fn constant_time_eq(&self, other: &Self) -> bool {
        let differing = self
            .bytes
            .iter()
            .zip(other.bytes.iter())
            .fold(0, |sum, (a, b)| black_box(sum | (a ^ b)));
        black_box(differing) == 0 && self.length == other.length
    }

    /// Replaces the secret by what `write` puts through the cursor; empty and wiped on an error.
    #[inline]
    pub(crate) fn write(
        &mut self,
        write: impl FnOnce(&mut Cursor<'_>) -> Result<(), SecretTooLong>,
    ) -> Result<(), SecretTooLong> {
        self.clear();
        let mut cursor = Cursor {
            rest: &mut self.bytes,
        };
        let result = write(&mut cursor);
        self.length = N.saturating_sub(cursor.rest.len());
        self.touched = self.length;
        if result.is_err() {
            self.wipe();
        }
        result
    }

    /// Puts what `write` writes behind what is there; empty and wiped on an error.
    pub(crate) fn extend<E>(
        &mut self,
        write: impl FnOnce(&mut Cursor<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut cursor = Cursor {
            rest: self.bytes.get_mut(self.length..).unwrap_or_default(),
        };
        let result = write(&mut cursor);
        self.length = N.saturating_sub(cursor.rest.len());
        self.touched = self.touched.max(self.length);
        if result.is_err() {
            self.wipe();
        }
        result
    }

    /// A range of the bytes, for a type of this crate that lends them on under its own lifetime.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &[u8] {
        self.bytes
            .get(start..end.min(self.length))
            .unwrap_or_default()
    }

    /// Wipes if there is anything to wipe.
    fn clear(&mut self) {
        if self.touched > 0 {
            self.wipe();
        }
    }
}

/// The unwritten rest of a secret's buffer.
pub(crate) struct Cursor<'b> {
    rest: &'b mut [u8],
}

impl<'b> Cursor<'b> {
    pub(crate) const fn new(rest: &'b mut [u8]) -> Self {
        Self { rest }
    }

    /// Bytes that still fit.
    pub(crate) const fn room(&self) -> usize {
        self.rest.len()
    }

    /// Copies `bytes` in, or fails without copying any.
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), SecretTooLong> {
        let rest = core::mem::take(&mut self.rest);
        let (place, rest) = rest
            .split_at_mut_checked(bytes.len())
            .ok_or(SecretTooLong)?;
        place.copy_from_slice(bytes);
        self.rest = rest;
        Ok(())
    }
}

impl<const N: usize> Default for Secret<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The value does not fit into the secret's buffer. Use a larger `N`, or check the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretTooLong;

impl core::fmt::Display for SecretTooLong {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the value is longer than the buffer made for it")
    }
}

impl core::error::Error for SecretTooLong {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_fill_leaves_zeros() {
        let mut secret = Secret::<8>::new();
        let refused = secret.fill(|buffer| {
            buffer.copy_from_slice(b"verysafe");
            Err(SecretTooLong)
        });
        assert_eq!(refused, Err(SecretTooLong));
        assert!(secret.is_empty());
        assert_eq!(secret.bytes, [0; 8]);
    }

    #[test]
    fn a_length_beyond_the_buffer_leaves_zeros() {
        let mut secret = Secret::<8>::new();
        let refused = secret.fill(|buffer| {
            buffer.copy_from_slice(b"verysafe");
            Ok::<_, SecretTooLong>(9)
        });
        assert_eq!(refused, Err(SecretTooLong));
        assert_eq!(secret.bytes, [0; 8]);
    }

    #[test]
    fn an_overflowing_append_leaves_zeros() {
        let mut secret = Secret::<8>::new();
        assert_eq!(secret.append(b"verysa"), Ok(()));
        assert_eq!(secret.append(b"fe!"), Err(SecretTooLong));
        assert_eq!(secret.bytes, [0; 8]);
    }

    #[test]
    fn a_shorter_value_leaves_nothing_of_the_longer_one() {
        let mut secret = Secret::<8>::new();
        assert_eq!(secret.set(b"verysafe"), Ok(()));
        assert_eq!(secret.set(b"key"), Ok(()));
        assert_eq!(&secret.bytes, b"key\0\0\0\0\0");
    }

    #[test]
    fn constant_time_equality_sees_every_byte_and_the_length() {
        let (mut a, mut b) = (Secret::<8>::new(), Secret::<8>::new());
        assert!(a.constant_time_eq(&b));
        for at in 0..8 {
            let mut other = *b"verysafe";
            other[at] ^= 1;
            assert_eq!(a.set(b"verysafe"), Ok(()));
            assert_eq!(b.set(&other), Ok(()));
            assert!(!a.constant_time_eq(&b));
        }
        assert_eq!(b.set(b"verysafe"), Ok(()));
        assert!(a.constant_time_eq(&b));
        assert_eq!(a.set(b"key\0"), Ok(()));
        assert_eq!(b.set(b"key"), Ok(()));
        assert!(!a.constant_time_eq(&b));
    }
}
