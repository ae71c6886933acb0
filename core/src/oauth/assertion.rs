//! The client assertion (RFC 7523 §2.2, RFC 7515): header, claims and the trait of what signs.

use core::fmt;

use super::base64url::Encoder;
use crate::secret::{Cursor, SecretTooLong};

/// Longest signature, in bytes: RSA of 4096 bits.
pub const SIGNATURE_MAX: usize = 512;
/// Longest an assertion may be valid, in seconds. The server needs it once.
pub const LIFETIME_MAX: u32 = 300;
/// Longest `kid` or `aud`, in bytes.
pub const CLAIM_MAX: usize = 256;
/// Bytes of entropy in a `jti`: 128 bits.
pub const ENTROPY: usize = 16;

/// How an assertion is signed. The authorization server takes these two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: 64 bytes, r then s (RFC 7518 §3.4).
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3): as many bytes as the key has.
    Rs256,
}

impl Algorithm {
    /// The value of `alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// Whether a signature of this algorithm may have `length` bytes.
    const fn fits(self, length: usize) -> bool {
        match self {
            Self::Es256 => length == 64,
            Self::Rs256 => length >= 256 && length <= SIGNATURE_MAX,
        }
    }
}

/// Signs client assertions. The key may stand in a secure element, a TPM or a keyring.
///
/// ```
/// use alpaca_auth::oauth::{Algorithm, AssertionSigner, SIGNATURE_MAX};
///
/// /// A chip that signs what it is handed.
/// struct SecureElement;
///
/// impl AssertionSigner for SecureElement {
///     type Error = core::convert::Infallible;
///
///     fn algorithm(&self) -> Algorithm {
///         Algorithm::Es256
///     }
///
///     fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, Self::Error> {
///         // hash `input` with SHA-256, let the chip sign, copy r and s into `out`
///         out[..64].fill(1);
///         Ok(64)
///     }
/// }
/// ```
pub trait AssertionSigner {
    /// Why it could not sign.
    type Error;

    /// Which of the two it makes.
    fn algorithm(&self) -> Algorithm;

    /// Signs `input` (the hash included) into `out` and returns the signature's length.
    ///
    /// # Errors
    /// Its own. The assertion is not sent then.
    fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, Self::Error>;
}

impl<S: AssertionSigner> AssertionSigner for &S {
    type Error = S::Error;

    fn algorithm(&self) -> Algorithm {
        S::algorithm(self)
    }

    fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, S::Error> {
        S::sign(self, input, out)
    }
}

/// What an assertion says, beside the client's id. RFC 7523 §3.
#[derive(Clone, Copy)]
pub struct Claims<'c> {
    /// The audience: the exact URL of the token endpoint, unless the server wants its issuer.
    pub audience: &'c [&'c str],
    /// Which of the client's keys signs, if the server knows several.
    pub key_id: Option<&'c str>,
    /// Now, in unix seconds. A device without a clock cannot make an assertion.
    pub issued_at: u64,
    /// Seconds until it expires: 1 to [`LIFETIME_MAX`].
    pub lifetime: u32,
    /// Fresh for each assertion, from a cryptographic random source: it becomes the `jti`.
    pub entropy: [u8; ENTROPY],
}

/// Why there is no assertion. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionError<E> {
    /// The lifetime is 0 or longer than [`LIFETIME_MAX`].
    Lifetime,
    /// The clock says a time before 2020: it is not set. Set it, for example by NTP.
    Clock,
    /// The entropy is all zeros or all ones: the random source does not work.
    Entropy,
    /// The audience or key id is empty, longer than [`CLAIM_MAX`], or no visible ASCII.
    Claim,
    /// The assertion or the form does not fit. Use a larger buffer.
    TooLong,
    /// The signer returned a signature of a length that its algorithm does not have.
    SignatureLength,
    /// The signer failed.
    Signer(E),
}

impl<E> From<SecretTooLong> for AssertionError<E> {
    fn from(_: SecretTooLong) -> Self {
        Self::TooLong
    }
}

impl<E: fmt::Display> fmt::Display for AssertionError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lifetime => "an assertion may be valid for 1 to 300 s; choose another lifetime",
            Self::Clock => "the clock is not set, so no assertion can be made; set the clock",
            Self::Entropy => "the random source gives no entropy; check it",
            Self::Claim => {
                "the audience or key id must be 1 to 256 bytes of visible ASCII; check them"
            }
            Self::TooLong => "the assertion does not fit; use a larger form",
            Self::SignatureLength => "the signer returned a signature of the wrong length; check that its key is of the algorithm",
            Self::Signer(error) => return write!(f, "the signer failed: {error}"),
        })
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for AssertionError<E> {}

/// 2020-01-01. An earlier clock is one that was never set.
const CLOCK_MIN: u64 = 1_577_836_800;

impl Claims<'_> {
    pub(super) fn check<E>(&self) -> Result<(), AssertionError<E>> {
        if self.lifetime == 0 || self.lifetime > LIFETIME_MAX {
            return Err(AssertionError::Lifetime);
        }
        if self.issued_at < CLOCK_MIN {
            return Err(AssertionError::Clock);
        }
        if self.entropy == [0; ENTROPY] || self.entropy == [0xff; ENTROPY] {
            return Err(AssertionError::Entropy);
        }
        let visible = |text: &&str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let length = self.audience.iter().map(|part| part.len()).sum::<usize>();
        let audience = (1..=CLAIM_MAX).contains(&length) && self.audience.iter().all(visible);
        let key_id = self
            .key_id
            .is_none_or(|id| (1..=CLAIM_MAX).contains(&id.len()) && visible(&id));
        if audience && key_id {
            Ok(())
        } else {
            Err(AssertionError::Claim)
        }
    }

    /// Writes the signing input: `base64url(header) "." base64url(claims)`.
    pub(super) fn put(
        &self,
        algorithm: Algorithm,
        client_id: &[u8],
        out: &mut Cursor<'_>,
    ) -> Result<(), SecretTooLong> {
        let mut header = Encoder::new(out);
        header.put(b"{\"alg\":\"")?;
        header.put(algorithm.name().as_bytes())?;
        header.put(b"\",\"typ\":\"JWT\"")?;
        if let Some(key_id) = self.key_id {
            header.put(b",\"kid\":\"")?;
            put_text(&mut header, key_id.as_bytes())?;
            header.put(b"\"")?;
        }
        header.put(b"}")?;
        header.finish()?;
        out.put(b".")?;

        let mut claims = Encoder::new(out);
        claims.put(b"{\"iss\":\"")?;
        put_text(&mut claims, client_id)?;
        claims.put(b"\",\"sub\":\"")?;
        put_text(&mut claims, client_id)?;
        claims.put(b"\",\"aud\":\"")?;
        for part in self.audience {
            put_text(&mut claims, part.as_bytes())?;
        }
        claims.put(b"\",\"jti\":\"")?;
        for byte in self.entropy {
            claims.put(&[hex(byte >> 4), hex(byte)])?;
        }
        claims.put(b"\",\"iat\":")?;
        claims.put(decimal(self.issued_at).as_bytes())?;
        claims.put(b",\"exp\":")?;
        let expires = self.issued_at.saturating_add(u64::from(self.lifetime));
        claims.put(decimal(expires).as_bytes())?;
        claims.put(b"}")?;
        claims.finish()
    }
}

/// Writes the signature, base64url, after the signing input.
pub(crate) fn put_signature<E>(
    algorithm: Algorithm,
    signature: &[u8],
    out: &mut Cursor<'_>,
) -> Result<(), AssertionError<E>> {
    if !algorithm.fits(signature.len()) {
        return Err(AssertionError::SignatureLength);
    }
    out.put(b".")?;
    let mut encoder = Encoder::new(out);
    encoder.put(signature)?;
    Ok(encoder.finish()?)
}

/// Visible ASCII as it stands in a JSON string.
fn put_text(out: &mut Encoder<'_, '_>, text: &[u8]) -> Result<(), SecretTooLong> {
    text.iter().try_for_each(|byte| match byte {
        b'"' | b'\\' => out.put(&[b'\\', *byte]),
        _ => out.put(&[*byte]),
    })
}

const fn hex(nibble: u8) -> u8 {
    let low = nibble & 15;
    if low < 10 {
        low.wrapping_add(b'0')
    } else {
        low.wrapping_add(b'a' - 10)
    }
}

fn decimal(value: u64) -> heapless::String<20> {
    let mut text = heapless::String::new();
    // 20 digits hold any 64-bit value, so this cannot fail.
    let _ = fmt::write(&mut text, format_args!("{value}"));
    text
}
