//! The calls into P256-Cortex-M4, as safe functions. Its numbers are eight words, the lowest first.

#![expect(unsafe_code, reason = "calls to C and assembly")]

use p256_cortex_m4_sys as sys;
use zeroize::Zeroize;

type Words = [u32; 8];

fn words(bytes: &[u8; 32]) -> Words {
    let mut words = [0; 8];
    for (word, four) in words.iter_mut().rev().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*four);
    }
    words
}

fn bytes(words: &Words) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (four, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words.iter().rev()) {
        *four = word.to_be_bytes();
    }
    bytes
}

/// A point that lies on the curve: nothing else makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    x: Words,
    y: Words,
}

impl Point {
    /// From 0x04, x, y.
    pub(crate) fn decode(encoded: &[u8; 65]) -> Option<Self> {
        if encoded[0] != 4 {
            return None;
        }
        let (mut x, mut y) = ([0; 8], [0; 8]);
        // SAFETY: reads 65 bytes at `encoded` and writes eight words at each of the others.
        let on_curve = unsafe {
            sys::p256_octet_string_to_point(x.as_mut_ptr(), y.as_mut_ptr(), encoded.as_ptr(), 65)
        };
        on_curve.then_some(Self { x, y })
    }

    pub(crate) fn coordinates(&self) -> [[u8; 32]; 2] {
        [bytes(&self.x), bytes(&self.y)]
    }
}

/// A number from 1 to n-1: nothing else makes one. Overwritten when dropped.
pub(crate) struct Scalar(Words);

impl Scalar {
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let scalar = Self(words(bytes));
        // SAFETY: reads eight words.
        unsafe { sys::P256_check_range_n(scalar.0.as_ptr()) }.then_some(scalar)
    }

    pub(crate) fn times_generator(&self) -> Point {
        let (mut x, mut y) = ([0; 8], [0; 8]);
        // SAFETY: reads eight words of the scalar and writes eight at each of the others.
        let made =
            unsafe { sys::p256_keygen(x.as_mut_ptr(), y.as_mut_ptr(), self.0.as_ptr()) };
        // It fails for scalars out of range only. Going on would be worse than a reset.
        assert!(made);
        Point { x, y }
    }
}

impl Drop for Scalar {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The x of `scalar` times `point`.
pub(crate) fn shared_secret(scalar: &Scalar, point: &Point) -> [u8; 32] {
    let mut secret = [0; 32];
    // SAFETY: reads eight words of each argument and writes 32 bytes.
    let made = unsafe {
        sys::p256_ecdh_calc_shared_secret(
            secret.as_mut_ptr(),
            scalar.0.as_ptr(),
            point.x.as_ptr(),
            point.y.as_ptr(),
        )
    };
    // It fails for points off the curve only. Going on would be worse than a reset.
    assert!(made);
    secret
}

/// FIPS 186-5 §6.4.2. The C code checks r and s.
pub(crate) fn verify(key: &Point, digest: &[u8; 32], r: &[u8; 32], s: &[u8; 32]) -> bool {
    let (r, s) = (words(r), words(s));
    // SAFETY: reads eight words of each argument and 32 bytes of the digest.
    unsafe {
        sys::p256_verify(
            key.x.as_ptr(),
            key.y.as_ptr(),
            digest.as_ptr(),
            32,
            r.as_ptr(),
            s.as_ptr(),
        )
    }
}

/// r and s. `None`: the nonce does not do, which no nonce of RFC 6979 ever was seen to.
pub(crate) fn sign(key: &Scalar, nonce: &Scalar, digest: &[u8; 32]) -> Option<([u8; 32], [u8; 32])> {
    let (mut r, mut s) = ([0; 8], [0; 8]);
    // SAFETY: reads eight words of key and nonce and 32 bytes of the digest; writes eight words each.
    let made = unsafe {
        sys::p256_sign(
            r.as_mut_ptr(),
            s.as_mut_ptr(),
            digest.as_ptr(),
            32,
            key.0.as_ptr(),
            nonce.0.as_ptr(),
        )
    };
    made.then(|| (bytes(&r), bytes(&s)))
}
