//! What embedded-tls, the transport and the core use of the crate `p256` 0.13, over P256-Cortex-M4: the
//! same names, the same results, a tenth of the instructions. For `[patch.crates-io]`.
//!
//! Points are taken uncompressed only (RFC 8446 §4.2.8.2, RFC 5480 §2.2), and are checked to lie on the
//! curve before anything is computed with them. Scalars held here are overwritten when dropped. The
//! assembly takes the same time whatever the scalar is, on parts without a data cache; what it leaves on the
//! stack, later calls overwrite.
//!
//! All unsafe code is in `assembly.rs`. `tests/firmware/vectors` proves under emulation that results are those
//! of the real crate.

#![no_std]
#![deny(unsafe_code, missing_docs)]

mod assembly;
pub mod ecdh;
pub mod ecdsa;

pub use elliptic_curve;

use assembly::Point;
use elliptic_curve::bigint::U256;
use elliptic_curve::consts::U32;
use elliptic_curve::sec1::ValidatePublicKey;
use elliptic_curve::{Curve, Error, FieldBytesEncoding, PrimeCurve};

/// The curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NistP256;

impl Curve for NistP256 {
    type FieldBytesSize = U32;
    type Uint = U256;

    /// FIPS 186-5, SP 800-186 §3.2.1.3.
    const ORDER: U256 =
        U256::from_be_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
}

impl PrimeCurve for NistP256 {}
impl FieldBytesEncoding<NistP256> for U256 {}
impl ValidatePublicKey for NistP256 {}

/// A number as it is written, big-endian.
pub type FieldBytes = elliptic_curve::FieldBytes<NistP256>;
/// A point as it is written (SEC 1 §2.3.3).
pub type EncodedPoint = elliptic_curve::sec1::EncodedPoint<NistP256>;
/// A number from 1 to n-1. Overwritten when dropped.
pub type SecretKey = elliptic_curve::SecretKey<NistP256>;

/// A point of the curve, not the one at infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(Point);

impl PublicKey {
    /// Takes an uncompressed point: 0x04, x, y.
    ///
    /// # Errors
    /// It is written in another way, a coordinate is not below p, or it is not on the curve.
    pub fn from_sec1_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let encoded = bytes.try_into().map_err(|_| Error)?;
        Point::decode(encoded).map(Self).ok_or(Error)
    }
}

impl From<&PublicKey> for EncodedPoint {
    fn from(key: &PublicKey) -> Self {
        let [x, y] = key.0.coordinates();
        Self::from_affine_coordinates(&x.into(), &y.into(), false)
    }
}
