//! Counts copies of a secret in the memory of this process, and makes the patterns to count.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

use alpaca_auth::oauth::{Algorithm, AssertionSigner, SIGNATURE_MAX};
use alpaca_auth_ureq::{PemKey, SignError};
use zeroize::Zeroize;

/// The pattern is kept masked by this, so that it is no copy itself.
pub const MASK: u8 = 0x5a;
/// glibc overwrites the first 16 bytes of a freed chunk, so the pattern is the secret's tail.
pub const TAIL: usize = 20;

/// Occurrences of the pattern in all readable memory but the scanner's own buffer.
///
/// # Panics
/// When the process cannot read its own memory.
#[must_use]
pub fn count(pattern: &[u8]) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").expect("the memory map");
    let memory = File::open("/proc/self/mem").expect("the memory");
    let mut buffer = vec![0_u8; 1 << 16];
    let own = buffer.as_ptr() as u64..buffer.as_ptr() as u64 + buffer.len() as u64;
    let mut found = 0;
    let skips = skips(pattern);
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').expect("a range");
        if !rest.starts_with('r') || line.ends_with("[vvar]") || line.ends_with("[vsyscall]") {
            continue;
        }
        let (start, end) = range.split_once('-').expect("two ends");
        let parse = |text| u64::from_str_radix(text, 16).expect("an address");
        let (mut at, end) = (parse(start), parse(end));
        // The buffer is part of a region: scan what is before and after it.
        while at < end {
            if own.contains(&at) {
                at = own.end;
                continue;
            }
            let stop = if at < own.start {
                end.min(own.start)
            } else {
                end
            };
            let want = usize::try_from(stop - at).expect("fits").min(buffer.len());
            let Ok(read) = memory.read_at(&mut buffer[..want], at) else {
                break;
            };
            if read == 0 {
                break;
            }
            found += occurrences(&buffer[..read], pattern, &skips);
            let read = read as u64;
            // Overlap, so that an occurrence across two reads is seen, but only once.
            at += if at + read < stop {
                read - (pattern.len() as u64 - 1)
            } else {
                read
            };
        }
    }
    buffer.zeroize();
    found
}

/// How far a window moves by its last byte, masked (Horspool). Most bytes are not in the pattern.
fn skips(pattern: &[u8]) -> [usize; 256] {
    let mut skips = [pattern.len(); 256];
    for (at, masked) in pattern[..pattern.len() - 1].iter().enumerate() {
        skips[usize::from(*masked)] = pattern.len() - 1 - at;
    }
    skips
}

fn occurrences(memory: &[u8], pattern: &[u8], skips: &[usize; 256]) -> usize {
    let (mut found, mut end) = (0, pattern.len());
    while end <= memory.len() {
        let last = memory[end - 1] ^ MASK;
        if last == pattern[pattern.len() - 1] {
            let window = &memory[end - pattern.len()..end];
            let mut pairs = window.iter().zip(pattern);
            found += usize::from(pairs.all(|(byte, masked)| byte ^ MASK == *masked));
        }
        end += skips[usize::from(last)];
    }
    found
}

/// The pattern for a secret.
///
/// # Panics
/// When it is shorter than [`TAIL`].
#[must_use]
pub fn masked_tail(bytes: &[u8]) -> Vec<u8> {
    bytes[bytes.len() - TAIL..]
        .iter()
        .map(|byte| byte ^ MASK)
        .collect()
}

/// Signs by a P-256 key, and keeps the pattern of the last assertion.
pub struct Seen(pub PemKey, pub Arc<Mutex<Vec<u8>>>);

impl AssertionSigner for Seen {
    type Error = SignError;

    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, SignError> {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let length = self.0.sign(input, out)?;
        // 64 bytes: 21 groups of three before the last byte. Their last 20 digits.
        let mut masked = Vec::new();
        for group in out[48..63].chunks(3) {
            let group = group
                .iter()
                .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
            for shift in [18, 12, 6, 0] {
                masked.push(ALPHABET[group >> shift & 63] ^ MASK);
            }
        }
        *self.1.lock().expect("no panic") = masked;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_occurrences_are_seen_as_there_are() {
        for pattern in [&b"abcab"[..], b"aa", b"a", b"abab"] {
            let masked: Vec<u8> = pattern.iter().map(|byte| byte ^ MASK).collect();
            // Every text of three letters and nine places.
            for number in 0..3_usize.pow(9) {
                let digit = |place| b"abc"[number / 3_usize.pow(place) % 3];
                let text: Vec<u8> = (0..9).map(digit).collect();
                let windows = text.windows(pattern.len());
                let plain = windows.filter(|window| *window == pattern).count();
                let seen = occurrences(&text, &masked, &skips(&masked));
                assert_eq!(seen, plain, "{text:?} {pattern:?}");
            }
        }
    }
}
