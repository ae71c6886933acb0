//! Compares this build's `p256` with RustCrypto's, over the vectors that `tests/firmware/vectors` wrote into
//! flash: keys, exchanges, verifications and signatures, each accepted or refused, with the same result.

#![no_std]
#![no_main]
#![deny(unsafe_code)]

use core::fmt::Write as _;
use core::panic::PanicInfo;

use mps2::{Console, exit};
use p256::ecdh::EphemeralSecret;
use p256::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::{EncodedPoint, PublicKey, SecretKey};
use rand_core::{CryptoRng, Error, RngCore};

const RECORD: usize = 204;
const KINDS: [&str; 4] = ["key", "exchange", "verification", "signature"];

/// A record, as the generator describes it.
struct Vector<'v> {
    kind: u8,
    accepted: bool,
    number: &'v [u8; 32],
    digest: &'v [u8; 32],
    point: &'v [u8],
    result: &'v [u8; 64],
}

impl<'v> Vector<'v> {
    fn of(record: &'v [u8; RECORD]) -> Option<Self> {
        let [kind, accepted, length, _, rest @ ..] = record;
        let (number, rest) = rest.split_first_chunk()?;
        let (digest, rest) = rest.split_first_chunk()?;
        let (point, result) = rest.split_first_chunk::<72>()?;
        Some(Self {
            kind: *kind,
            accepted: *accepted != 0,
            number,
            digest,
            point: point.get(..usize::from(*length))?,
            result: result.first_chunk()?,
        })
    }

    /// Whether it is accepted, with the right result. `None`: the result is another.
    fn outcome(&self) -> Option<bool> {
        match self.kind {
            1 => {
                let mut given = Given(Some(*self.number));
                let key = EphemeralSecret::random(&mut given).public_key();
                let point = EncodedPoint::from(&key);
                let redrawn = given.0.is_none() && given_again(&key);
                match redrawn && self.point.is_empty() {
                    true => Some(false),
                    false => (point.as_ref() == self.point).then_some(true),
                }
            }
            2 => {
                let Ok(key) = PublicKey::from_sec1_bytes(self.point) else {
                    return Some(false);
                };
                let secret = EphemeralSecret::random(&mut Given(Some(*self.number)));
                let shared = secret.diffie_hellman(&key);
                (shared.raw_secret_bytes()[..] == self.result[..32]).then_some(true)
            }
            3 => {
                let Ok(key) = VerifyingKey::from_sec1_bytes(self.point) else {
                    return Some(false);
                };
                let Ok(signature) = Signature::from_slice(self.result) else {
                    return Some(false);
                };
                Some(key.verify_prehash(self.number, &signature).is_ok())
            }
            4 => {
                let key = SigningKey::from(SecretKey::from_slice(self.number).ok()?);
                let signature: Signature = key.sign_prehash(self.digest).ok()?;
                (signature.to_bytes()[..] == self.result[..]).then_some(true)
            }
            _ => None,
        }
    }
}

/// Whether the key is the one that belongs to what [`Given`] has in the end.
fn given_again(key: &PublicKey) -> bool {
    let one = EphemeralSecret::random(&mut Given(None)).public_key();
    *key == one
}

/// The number that it is given, then 1 for ever.
struct Given(Option<[u8; 32]>);

impl RngCore for Given {
    fn next_u32(&mut self) -> u32 {
        0
    }

    fn next_u64(&mut self) -> u64 {
        0
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
        match self.0.take() {
            Some(number) => bytes.copy_from_slice(&number),
            None => bytes[31] = 1,
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Given {}

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut console = Console::open();
    let mut counts = [[0_u32; 2]; KINDS.len()];
    let mut differ = 0_u32;
    for index in 0.. {
        let Some(chunk) = mps2::recording(index) else {
            break;
        };
        for record in chunk.as_chunks::<RECORD>().0 {
            let vector = Vector::of(record);
            let same = vector
                .as_ref()
                .is_some_and(|vector| vector.outcome() == Some(vector.accepted));
            match vector.filter(|_| same) {
                Some(vector) => {
                    counts[usize::from(vector.kind) - 1][usize::from(vector.accepted)] += 1;
                }
                None => differ += 1,
            }
        }
    }
    for (kind, [refused, accepted]) in KINDS.into_iter().zip(counts) {
        let _ = writeln!(console, "{kind}: {accepted} accepted, {refused} refused");
    }
    let _ = writeln!(console, "{differ} differ");
    exit(differ == 0)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    let _ = Console::open().write_str("panic\n");
    exit(false)
}
