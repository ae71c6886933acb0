//! [`EcdsaVerifier`]: ECDSA verification, in software or by a crypto unit.

use core::ops::{AddAssign, Neg};

/// Verifies ECDSA signatures. Implement it over a board's crypto unit and give it to
/// [`Trust::with_ecdsa`](crate::Trust::with_ecdsa); one P-384 verification in software takes some
/// 29 million instructions of a Cortex-M4, one P-256 verification 4.5 million.
///
/// Everything is big-endian and of fixed length. The digest is already cut or padded to the size
/// of the curve's order (FIPS 186-5 §6.4.2). Nothing here is secret, so timing does not matter.
///
/// ```
/// use alpaca_auth_embedded_tls::{EcdsaVerifier, RustCrypto};
///
/// /// A unit that knows P-256 only.
/// struct Unit;
///
/// impl EcdsaVerifier for Unit {
///     fn verify_p256(&self, point: &[u8; 65], digest: &[u8; 32], signature: &[u8; 64]) -> bool {
///         // registers of the unit …
///         # RustCrypto.verify_p256(point, digest, signature)
///     }
///     fn verify_p384(&self, point: &[u8; 97], digest: &[u8; 48], signature: &[u8; 96]) -> bool {
///         RustCrypto.verify_p384(point, digest, signature)
///     }
/// }
/// ```
pub trait EcdsaVerifier: Send + Sync {
    /// Whether `signature` (r and s) of `digest` is by the key at `point` (0x04, x, y) of P-256.
    /// Must refuse points that are not on the curve, and r and s outside 1 to n-1.
    fn verify_p256(&self, point: &[u8; 65], digest: &[u8; 32], signature: &[u8; 64]) -> bool;

    /// The same on P-384.
    fn verify_p384(&self, point: &[u8; 97], digest: &[u8; 48], signature: &[u8; 96]) -> bool;
}

/// Verification in software, by the point and scalar arithmetic of the `p256` and `p384` crates.
///
/// Variable time: everything here is public.
#[derive(Clone, Copy, Debug)]
pub struct RustCrypto;

impl EcdsaVerifier for RustCrypto {
    fn verify_p256(&self, point: &[u8; 65], digest: &[u8; 32], signature: &[u8; 64]) -> bool {
        verify_p256(point, digest, signature).unwrap_or(false)
    }

    fn verify_p384(&self, point: &[u8; 97], digest: &[u8; 48], signature: &[u8; 96]) -> bool {
        verify_p384(point, digest, signature).unwrap_or(false)
    }
}

/// FIPS 186-5 §6.4.2. `None`: the key is not on the curve, or r or s is outside 1 to n-1.
#[cfg(feature = "opaque-p256")]
fn verify_p256(point: &[u8; 65], digest: &[u8; 32], signature: &[u8; 64]) -> Option<bool> {
    use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
    use p256::ecdsa::{Signature, VerifyingKey};

    let key = VerifyingKey::from_sec1_bytes(point).ok()?;
    let signature = Signature::from_slice(signature).ok()?;
    Some(key.verify_prehash(digest, &signature).is_ok())
}

/// The same by the crate's arithmetic, which takes less than half of its own verification.
#[cfg(not(feature = "opaque-p256"))]
fn verify_p256(point: &[u8; 65], digest: &[u8; 32], signature: &[u8; 64]) -> Option<bool> {
    use p256::elliptic_curve::ops::{Invert as _, Reduce as _};
    use p256::elliptic_curve::point::AffineCoordinates as _;
    use p256::{NonZeroScalar, ProjectivePoint, PublicKey, Scalar};

    /// r, and what the generator and the key are multiplied by.
    #[inline(never)]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "modulo n: nothing overflows"
    )]
    fn scalars(digest: &[u8; 32], signature: &[u8; 64]) -> Option<[Scalar; 3]> {
        let (r, s) = signature.split_first_chunk::<32>()?;
        let r = Option::<NonZeroScalar>::from(NonZeroScalar::from_repr((*r).into()))?;
        let s = <[u8; 32]>::try_from(s).ok()?;
        let s = Option::<NonZeroScalar>::from(NonZeroScalar::from_repr(s.into()))?;
        let inverse = *s.invert_vartime();
        let g = Scalar::reduce_bytes(digest.into()) * inverse;
        Some([*r, g, *r * inverse])
    }

    #[inline(never)]
    fn key(point: &[u8; 65]) -> Option<ProjectivePoint> {
        Some(PublicKey::from_sec1_bytes(point).ok()?.to_projective())
    }

    /// The identity has x = 0 here, and r is not 0. An x from n to p-1 is r + n.
    #[inline(never)]
    fn has_x(sum: &ProjectivePoint, r: &Scalar) -> bool {
        Scalar::reduce_bytes(&sum.to_affine().x()) == *r
    }

    let [r, g, q] = scalars(digest, signature)?;
    let sum = combination::<_, 257>(&g.to_bytes(), &q.to_bytes(), &key(point)?);
    Some(has_x(&sum, &r))
}

/// The same on P-384, whose crate is a generation newer.
fn verify_p384(point: &[u8; 97], digest: &[u8; 48], signature: &[u8; 96]) -> Option<bool> {
    use p384::elliptic_curve::ops::{Invert as _, Reduce as _};
    use p384::elliptic_curve::point::AffineCoordinates as _;
    use p384::{AffinePoint, FieldBytes, NonZeroScalar, ProjectivePoint, Scalar};

    #[inline(never)]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "modulo n: nothing overflows"
    )]
    fn scalars(digest: &[u8; 48], signature: &[u8; 96]) -> Option<[Scalar; 3]> {
        let (r, s) = signature.split_first_chunk::<48>()?;
        let r = Option::<NonZeroScalar>::from(NonZeroScalar::from_repr((*r).into()))?;
        let s = <[u8; 48]>::try_from(s).ok()?;
        let s = Option::<NonZeroScalar>::from(NonZeroScalar::from_repr(s.into()))?;
        let inverse = *s.invert_vartime();
        let g = Scalar::reduce(&FieldBytes::from(*digest)) * inverse;
        Some([*r, g, *r * inverse])
    }

    /// By its coordinates: parsing would bring the code for compressed points, and its stack.
    #[inline(never)]
    fn key(point: &[u8; 97]) -> Option<ProjectivePoint> {
        let [0x04, coordinates @ ..] = point else {
            return None;
        };
        let (x, y) = coordinates.split_first_chunk::<48>()?;
        let y = <[u8; 48]>::try_from(y).ok()?;
        // Checks that they are below p and on the curve.
        let point = AffinePoint::from_coordinates(&(*x).into(), &y.into());
        Option::<AffinePoint>::from(point).map(ProjectivePoint::from)
    }

    #[inline(never)]
    fn has_x(sum: &ProjectivePoint, r: &Scalar) -> bool {
        Scalar::reduce(&sum.to_affine().x()) == *r
    }

    let [r, g, q] = scalars(digest, signature)?;
    let sum = combination::<_, 385>(&g.to_bytes(), &q.to_bytes(), &key(point)?);
    Some(has_x(&sum, &r))
}

/// What both crates' points have. Addition is complete: equal and opposite points and the
/// identity are no exceptions.
trait Point: Copy + AddAssign + Neg<Output = Self> {
    const IDENTITY: Self;
    const GENERATOR: Self;

    fn double(&mut self);
}

#[cfg(not(feature = "opaque-p256"))]
impl Point for p256::ProjectivePoint {
    const IDENTITY: Self = Self::IDENTITY;
    const GENERATOR: Self = Self::GENERATOR;

    fn double(&mut self) {
        *self = p256::elliptic_curve::point::Double::double(self);
    }
}

impl Point for p384::ProjectivePoint {
    const IDENTITY: Self = Self::IDENTITY;
    const GENERATOR: Self = Self::GENERATOR;

    fn double(&mut self) {
        p384::elliptic_curve::ops::Double::double_in_place(self);
    }
}

/// Bits that one digit stands for, and the odd multiples of a point that digits need.
const WIDTH: usize = 4;
const MULTIPLES: usize = 1 << (WIDTH - 2);

/// `g` times the generator plus `q` times `point`: one row of doublings for both (Strauss and
/// Shamir), digits in non-adjacent form. `DIGITS` is the scalars' bits and one. Everything is
/// filled in place, and each step is a function of its own: the frames are the stack's deepest.
#[inline(never)]
fn combination<P: Point, const DIGITS: usize>(g: &[u8], q: &[u8], point: &P) -> P {
    let mut digits = [[0; DIGITS]; 2];
    let mut multiples = [P::IDENTITY; 2 * MULTIPLES];
    let terms = [(g, &P::GENERATOR), (q, point)];
    let tables = multiples.chunks_mut(MULTIPLES);
    for ((digits, multiples), (scalar, point)) in digits.iter_mut().zip(tables).zip(terms) {
        write_digits(scalar, digits);
        write_odd_multiples(point, multiples);
    }
    let mut sum = P::IDENTITY;
    for at in (0..DIGITS).rev() {
        double(&mut sum);
        for (digits, multiples) in digits.iter().zip(multiples.chunks(MULTIPLES)) {
            let digit = digits.get(at).copied().unwrap_or_default();
            let multiple = usize::from(digit.unsigned_abs() >> 1);
            if let (true, Some(multiple)) = (digit != 0, multiples.get(multiple)) {
                add(&mut sum, multiple, digit < 0);
            }
        }
    }
    sum
}

/// 1, 3, 5, 7 times `point`.
#[inline(never)]
fn write_odd_multiples<P: Point>(point: &P, multiples: &mut [P]) {
    let mut twice = *point;
    double(&mut twice);
    let mut last = *point;
    for multiple in multiples {
        *multiple = last;
        add(&mut last, &twice, false);
    }
}

#[inline(never)]
fn double<P: Point>(point: &mut P) {
    point.double();
}

#[inline(never)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "points of a group: nothing overflows"
)]
fn add<P: Point>(sum: &mut P, other: &P, negative: bool) {
    *sum += if negative { -*other } else { *other };
}

/// `scalar`, big-endian, as digits that are 0 or odd and from -7 to 7, the lowest first. After one
/// that is not 0 come at least `WIDTH` - 1 that are.
fn write_digits(scalar: &[u8], digits: &mut [i8]) {
    for (byte, bits) in scalar.iter().rev().zip(digits.chunks_mut(8)) {
        let mut byte = *byte;
        for bit in bits {
            *bit = i8::from(byte & 1 == 1);
            byte >>= 1;
        }
    }
    let mut rest = digits;
    let mut carry = 0_i8;
    while let Some(first) = rest.first_mut() {
        let odd = *first != carry;
        let (window, after) = rest.split_at_mut(if odd { WIDTH.min(rest.len()) } else { 1 });
        if odd {
            let mut value = window
                .iter()
                .rev()
                .fold(0_i8, |value, bit| value.wrapping_mul(2) | bit)
                .wrapping_add(carry);
            carry = i8::from(value > 1 << (WIDTH - 1));
            value = value.wrapping_sub(carry.wrapping_mul(1 << WIDTH));
            window.fill(0);
            if let Some(first) = window.first_mut() {
                *first = value;
            }
        } else {
            // 0 + 0, or 1 + 1: the carry goes on.
            window.fill(0);
        }
        rest = after;
    }
}

/// Takes r and s out of an `ECDSA-Sig-Value` (RFC 3279 §2.2.3), which must be strict DER.
pub(crate) fn fixed_signature<const HALF: usize, const WHOLE: usize>(
    der: &[u8],
) -> Option<[u8; WHOLE]> {
    let [0x30, length, rest @ ..] = der else {
        return None;
    };
    // Two numbers of at most 49 bytes: the length takes one byte.
    if usize::from(*length) != rest.len() || *length > 0x7f {
        return None;
    }
    let (r, rest) = number::<HALF>(rest)?;
    let (s, rest) = number::<HALF>(rest)?;
    if !rest.is_empty() {
        return None;
    }
    let mut fixed = [0; WHOLE];
    let (first, second) = fixed.split_at_mut_checked(HALF)?;
    first.copy_from_slice(&r);
    second.get_mut(..HALF)?.copy_from_slice(&s);
    Some(fixed)
}

/// A positive INTEGER of at most `N` bytes, in the shortest form; and what follows it.
fn number<const N: usize>(der: &[u8]) -> Option<([u8; N], &[u8])> {
    let [0x02, length, rest @ ..] = der else {
        return None;
    };
    let (value, rest) = rest.split_at_checked((*length).into())?;
    let digits = match value {
        [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => rest,
        [0x01..=0x7f, ..] => value,
        _ => return None,
    };
    let mut number = [0; N];
    let start = N.checked_sub(digits.len())?;
    number.get_mut(start..)?.copy_from_slice(digits);
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_that_are_no_strict_der_are_refused() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0],
            &[0x30, 6, 2, 1, 1, 2, 1],
            &[0x30, 6, 2, 1, 1, 2, 1, 1, 0],
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
            &[0x31, 6, 2, 1, 1, 2, 1, 1],
            &[0x30, 6, 3, 1, 1, 2, 1, 1],
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 1],
            &[0x30, 6, 2, 1, 0x80, 2, 1, 1],
            &[0x30, 6, 2, 1, 0, 2, 1, 1],
            &[0x30, 5, 2, 0, 2, 1, 1],
            &[0x30, 8, 2, 3, 1, 1, 1, 2, 1, 1],
            &[0x30, 9, 2, 4, 0, 0x81, 1, 1, 2, 1, 1],
        ] {
            assert_eq!(fixed_signature::<2, 4>(der), None, "{der:x?}");
        }
        let good = [0x30, 8, 2, 3, 0, 0x81, 1, 2, 1, 5];
        assert_eq!(fixed_signature::<2, 4>(&good), Some([0x81, 1, 0, 5]));
    }

    #[test]
    fn digits_stand_for_the_scalar() {
        let mut scalars = std::vec![[0; 2], [0xff; 2], [0x80, 0], [0x77, 0x77]];
        scalars.extend((0..=0xffff_u16).map(u16::to_be_bytes));
        for scalar in scalars {
            let mut digits = [0; 17];
            write_digits(&scalar, &mut digits);
            let value = digits
                .iter()
                .rev()
                .fold(0, |sum, digit| 2 * sum + i32::from(*digit));
            assert_eq!(value, i32::from(u16::from_be_bytes(scalar)));
            assert!(
                digits
                    .iter()
                    .all(|digit| *digit == 0 || (digit % 2 != 0 && digit.abs() < 8))
            );
            let dense = |window: &[i8]| window.iter().filter(|digit| **digit != 0).count() > 1;
            assert!(!digits.windows(WIDTH).any(dense), "{scalar:x?}");
        }
    }

    /// Signatures made up from both sides: the curve's own crate must judge each as we do.
    macro_rules! agrees_with_the_crate {
        ($name:ident, $curve:ident, $verify:ident, $half:literal, $encoded:ident, $sec1:path) => {
            #[test]
            fn $name() {
                use $curve::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
                use $curve::ecdsa::{Signature, SigningKey, VerifyingKey};
                use $curve::elliptic_curve::PrimeField as _;
                use $curve::{ProjectivePoint, PublicKey, Scalar};
                use $sec1 as _;
                const HALF: usize = $half;
                type Number = [u8; HALF];

                let number = |scalar: Scalar| -> Number { scalar.to_bytes().into() };
                let encoded = |point: ProjectivePoint| -> [u8; 2 * HALF + 1] {
                    let point = PublicKey::from_affine(point.to_affine()).unwrap();
                    point.$encoded(false).as_bytes().try_into().unwrap()
                };
                let join = |r: Number, s: Number| -> [u8; 2 * HALF] {
                    [r, s].concat().try_into().unwrap()
                };
                let verdicts = core::cell::Cell::new([0; 2]);
                let judge =
                    |point: &[u8; 2 * HALF + 1], digest: &Number, signature: &[u8; 2 * HALF]| {
                        let ours = RustCrypto.$verify(point, digest, signature);
                        let key = VerifyingKey::from_sec1_bytes(point);
                        let theirs = match (key, Signature::from_slice(signature)) {
                            (Ok(key), Ok(parsed)) => key.verify_prehash(digest, &parsed).is_ok(),
                            _ => false,
                        };
                        assert_eq!(ours, theirs, "{point:x?} {digest:x?} {signature:x?}");
                        let mut counts = verdicts.get();
                        counts[usize::from(ours)] += 1;
                        verdicts.set(counts);
                        ours
                    };

                // An LCG (Knuth's MMIX constants): the same numbers in each run.
                let mut state = 20_261_125_u64;
                let mut random = || -> Number {
                    core::array::from_fn(|_| {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        state.to_be_bytes()[0]
                    })
                };
                let mut scalar = || {
                    let mut bytes = random();
                    bytes[0] = 0x7f;
                    Option::<Scalar>::from(Scalar::from_repr(bytes.into())).unwrap()
                };
                let order: Number = {
                    let mut bytes = number(-Scalar::ONE);
                    bytes[HALF - 1] += 1;
                    bytes
                };

                // Keys 1 and n-1 are G and -G: the two tables hold equal and opposite points.
                let small = |value: u64| Scalar::from(value);
                let secrets = [
                    Scalar::ONE,
                    -Scalar::ONE,
                    small(2),
                    small(3),
                    -small(5),
                    small(7),
                ];
                let secrets = secrets.into_iter().chain([scalar(), scalar()]);
                let digests = [
                    [0; HALF],
                    [0xff; HALF],
                    order,
                    number(Scalar::ONE),
                    number(scalar()),
                ];
                for secret in secrets {
                    let signer = SigningKey::from_slice(&number(secret)).unwrap();
                    let point = encoded(ProjectivePoint::GENERATOR * secret);
                    for digest in digests {
                        let signature: Signature = signer.sign_prehash(&digest).unwrap();
                        let (r, s) = signature.split_scalars();
                        let (r, s) = (*r, *s);
                        assert!(judge(&point, &digest, &join(number(r), number(s))));
                        assert!(
                            judge(&point, &digest, &join(number(r), number(-s))),
                            "high s"
                        );
                        for (r, s) in [
                            (-r, s),
                            (s, r),
                            (r + Scalar::ONE, s),
                            (r, s + Scalar::ONE),
                            (Scalar::ZERO, s),
                            (r, Scalar::ZERO),
                            (Scalar::ZERO, Scalar::ZERO),
                            (Scalar::ONE, Scalar::ONE),
                        ] {
                            assert!(!judge(&point, &digest, &join(number(r), number(s))));
                        }
                        for (r, s) in [
                            (order, number(s)),
                            (number(r), order),
                            ([0xff; HALF], number(s)),
                            (number(r), [0xff; HALF]),
                        ] {
                            assert!(!judge(&point, &digest, &join(r, s)));
                        }
                        let mut off = point;
                        off[HALF] ^= 1;
                        assert!(!judge(&off, &digest, &join(number(r), number(s))));
                        off = point;
                        off[0] = 6;
                        assert!(!judge(&off, &digest, &join(number(r), number(s))));
                        assert!(!judge(
                            &[0; 2 * HALF + 1],
                            &digest,
                            &join(number(r), number(s))
                        ));
                        // The sum is the identity: digest + r * secret = 0.
                        let opposite = number(-(r * secret));
                        assert!(!judge(&point, &opposite, &join(number(r), number(s))));
                    }
                }

                // x from n to p-1, so that r = x - n: found by trying, then a key made to fit.
                let mut wrapped = 0;
                for above in 1..0x60_u8 {
                    let mut x = [2; HALF + 1];
                    x[1..].copy_from_slice(&order);
                    x[HALF] += above;
                    let Ok(sum) = PublicKey::from_sec1_bytes(&x) else {
                        continue;
                    };
                    let (g, q, r) = (scalar(), scalar(), small(above.into()));
                    let inverse = Option::<Scalar>::from(q.invert()).unwrap();
                    let key = (sum.to_projective() - ProjectivePoint::GENERATOR * g) * inverse;
                    let s = r * inverse;
                    let signature = join(number(r), number(s));
                    assert!(judge(&encoded(key), &number(g * s), &signature));
                    assert!(!judge(
                        &encoded(key),
                        &number(g * s + Scalar::ONE),
                        &signature
                    ));
                    let long = join(x[1..].try_into().unwrap(), number(s));
                    assert!(
                        !judge(&encoded(key), &number(g * s), &long),
                        "r is not below n"
                    );
                    wrapped += 1;
                }
                assert!(wrapped > 10, "{wrapped}");

                let [refused, accepted] = verdicts.get();
                std::println!("{accepted} accepted, {refused} refused");
                assert!(accepted > 80 && refused > 600);
            }
        };
    }

    agrees_with_the_crate!(
        p256_agrees_with_the_crate,
        p256,
        verify_p256,
        32,
        to_encoded_point,
        p256::elliptic_curve::sec1::ToEncodedPoint
    );
    agrees_with_the_crate!(
        p384_agrees_with_the_crate,
        p384,
        verify_p384,
        48,
        to_sec1_point,
        p384::elliptic_curve::sec1::ToSec1Point
    );
}
