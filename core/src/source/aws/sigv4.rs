//! AWS Signature Version 4: canonical request, string to sign, signature. Hashed piece by piece.
//!
//! Paths are normalized, as every service but S3 wants it; a path is given as it is before it is
//! encoded for the wire, and encoded once. AWS's published test cases stand beside this file.

use core::cmp::Ordering;

use hmac::{Hmac, KeyInit, Mac};
use sha2_wiped::{Digest, Sha256};
use zeroize::Zeroize;

use super::AwsCredentials;
use super::time::AmzDate;
use crate::secret::{Cursor, Secret, SecretTooLong};

/// What is signed: the parts of a request that cannot change without the signature failing.
pub(super) struct Canonical<'r> {
    pub(super) method: &'r str,
    pub(super) path: &'r str,
    pub(super) query: &'r str,
    /// In any order and letter case; a name may stand there more than once.
    pub(super) headers: &'r [(&'r str, &'r [u8])],
    pub(super) body: &'r [u8],
}

/// Where a signature is good.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) region: &'s str,
    pub(super) service: &'s str,
}

const ALGORITHM: &[u8] = b"AWS4-HMAC-SHA256";

/// Writes what follows `AWS4-HMAC-SHA256 ` in the header `Authorization`.
pub(super) fn put_authorization(
    canonical: &Canonical<'_>,
    scope: Scope<'_>,
    date: AmzDate,
    credentials: &AwsCredentials,
    out: &mut Cursor<'_>,
) -> Result<(), SecretTooLong> {
    let hash = canonical.hash();
    let mut key = credentials.signing_key(scope, date)?;
    let scope_parts: [&[u8]; 6] = [
        date.day(),
        b"/",
        scope.region.as_bytes(),
        b"/",
        scope.service.as_bytes(),
        b"/aws4_request",
    ];
    let mut to_sign = keyed(&key)?;
    key.wipe();
    for part in [ALGORITHM, b"\n", date.bytes(), b"\n"] {
        to_sign.update(part);
    }
    for part in scope_parts {
        to_sign.update(part);
    }
    to_sign.update(b"\n");
    to_sign.update(&hex(&hash));
    let signature = to_sign.finalize().into_bytes();

    out.put(b"Credential=")?;
    credentials.id.expose(|id| out.put(id))?;
    out.put(b"/")?;
    scope_parts.iter().try_for_each(|part| out.put(part))?;
    out.put(b", SignedHeaders=")?;
    canonical.signed_headers(|part| out.put(part))?;
    out.put(b", Signature=")?;
    out.put(&hex(&signature.into()))
}

impl AwsCredentials {
    /// The key for one day, region and service. It signs as the secret does, until the day ends.
    fn signing_key(&self, scope: Scope<'_>, date: AmzDate) -> Result<Secret<32>, SecretTooLong> {
        let mut first = Secret::<{ 4 + crate::credential::KEY_MAX }>::new();
        first.append(b"AWS4")?;
        self.secret.expose(|secret| first.append(secret))?;
        let mut key = derive(&first, date.day())?;
        for part in [scope.region, scope.service, "aws4_request"] {
            key = derive(&key, part.as_bytes())?;
        }
        Ok(key)
    }
}

fn keyed<const N: usize>(key: &Secret<N>) -> Result<Hmac<Sha256>, SecretTooLong> {
    // HMAC takes keys of any length, so this cannot fail.
    key.expose(|key| Hmac::<Sha256>::new_from_slice(key).map_err(|_| SecretTooLong))
}

fn derive<const N: usize>(key: &Secret<N>, part: &[u8]) -> Result<Secret<32>, SecretTooLong> {
    let mut mac = keyed(key)?;
    mac.update(part);
    let mut derived: [u8; 32] = mac.finalize().into_bytes().into();
    let mut out = Secret::new();
    let set = out.set(&derived);
    derived.zeroize();
    set.map(|()| out)
}

impl Canonical<'_> {
    fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        // The pieces go into the hash, which takes any number of them.
        let _ = self.put(|piece| {
            hash.update(piece);
            Ok::<(), SecretTooLong>(())
        });
        hash.finalize().into()
    }

    /// Gives the canonical request to `out` in pieces.
    fn put<E>(&self, mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        out(self.method.as_bytes())?;
        out(b"\n")?;
        put_path(self.path, &mut out)?;
        out(b"\n")?;
        put_query(self.query, &mut out)?;
        out(b"\n")?;
        let mut last = None;
        while let Some(name) = self.next_header(last) {
            put_lower(name, &mut out)?;
            let mut separator: &[u8] = b":";
            for (_, value) in self.headers.iter().filter(|(other, _)| same(other, name)) {
                out(separator)?;
                put_value(value, &mut out)?;
                separator = b",";
            }
            out(b"\n")?;
            last = Some(name);
        }
        out(b"\n")?;
        self.signed_headers(&mut out)?;
        out(b"\n")?;
        out(&hex(&Sha256::digest(self.body).into()))
    }

    /// The names in order, lower case, between semicolons.
    fn signed_headers<E>(&self, mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut last = None;
        while let Some(name) = self.next_header(last) {
            if last.is_some() {
                out(b";")?;
            }
            put_lower(name, &mut out)?;
            last = Some(name);
        }
        Ok(())
    }

    /// The first name behind `last` in the order of lower-case bytes.
    fn next_header(&self, last: Option<&str>) -> Option<&str> {
        let names = self.headers.iter().map(|(name, _)| *name);
        names
            .filter(|name| {
                last.is_none_or(|last| lower(name).cmp(lower(last)) == Ordering::Greater)
            })
            .min_by(|a, b| lower(a).cmp(lower(b)))
    }
}

fn lower(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().map(|byte| byte.to_ascii_lowercase())
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn put_lower<E>(name: &str, out: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    lower(name).try_for_each(|byte| out(&[byte]))
}

/// A header's value without blanks around it; a run of blanks inside becomes one.
fn put_value<E>(value: &[u8], out: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut words = value
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    out(words.next().unwrap_or_default())?;
    words.try_for_each(|word| {
        out(b" ")?;
        out(word)
    })
}

/// Without empty, `.` and `..` segments (RFC 3986 §5.2.4); a slash at the end stays.
fn put_path<E>(path: &str, out: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut rest = path;
    let mut written = false;
    while let Some((segment, after)) = next_segment(rest) {
        if !matches!(segment, "" | "." | "..") && !is_undone(after) {
            out(b"/")?;
            put_encoded(segment.bytes(), out)?;
            written = true;
        }
        rest = after;
    }
    if !written || ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) {
        out(b"/")?;
    }
    Ok(())
}

/// The segment behind the first slash, and what follows it.
fn next_segment(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    let end = path.find('/').unwrap_or(path.len());
    path.split_at_checked(end)
}

/// Whether a `..` behind a segment takes it away.
fn is_undone(mut rest: &str) -> bool {
    let mut depth = 0_usize;
    while let Some((segment, after)) = next_segment(rest) {
        match (segment, depth.checked_sub(1)) {
            ("..", None) => return true,
            ("..", Some(less)) => depth = less,
            ("" | ".", _) => {}
            _ => depth = depth.saturating_add(1),
        }
        rest = after;
    }
    false
}

/// Parameters in the order of their encoded names, then of their encoded values.
fn put_query<E>(query: &str, out: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let parameters = || query.split('&').filter(|text| !text.is_empty()).enumerate();
    let mut last: Option<(usize, &str)> = None;
    loop {
        let next = parameters()
            .filter(|next| last.is_none_or(|last| order(*next, last) == Ordering::Greater))
            .min_by(|a, b| order(*a, *b));
        let Some(parameter) = next else {
            return Ok(());
        };
        if last.is_some() {
            out(b"&")?;
        }
        let (name, value) = halves(parameter.1);
        put_encoded(decoded(name), out)?;
        out(b"=")?;
        put_encoded(decoded(value), out)?;
        last = Some(parameter);
    }
}

fn order(a: (usize, &str), b: (usize, &str)) -> Ordering {
    let (a_halves, b_halves) = (halves(a.1), halves(b.1));
    let names = encoded(decoded(a_halves.0)).cmp(encoded(decoded(b_halves.0)));
    let values = || encoded(decoded(a_halves.1)).cmp(encoded(decoded(b_halves.1)));
    names.then_with(values).then(a.0.cmp(&b.0))
}

fn halves(parameter: &str) -> (&str, &str) {
    parameter.split_once('=').unwrap_or((parameter, ""))
}

/// The bytes behind `%XX`; another `%` stands for itself.
fn decoded(text: &str) -> impl Iterator<Item = u8> + '_ {
    let mut rest = text.as_bytes();
    core::iter::from_fn(move || {
        let (byte, after) = rest.split_first()?;
        if let (b'%', [high, low, after @ ..]) = (byte, after) {
            let digit = |byte: &u8| {
                char::from(*byte)
                    .to_digit(16)
                    .and_then(|d| u8::try_from(d).ok())
            };
            if let (Some(high), Some(low)) = (digit(high), digit(low)) {
                rest = after;
                return Some(high << 4 | low);
            }
        }
        rest = after;
        Some(*byte)
    })
}

/// Percent-encoded as AWS wants it: everything but RFC 3986's unreserved characters.
fn encoded(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    bytes.flat_map(|byte| {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let digit = |nibble: u8| hex_digit(nibble).to_ascii_uppercase();
        let text = if plain {
            [byte, 0, 0]
        } else {
            [b'%', digit(byte >> 4), digit(byte)]
        };
        text.into_iter().take(if plain { 1 } else { 3 })
    })
}

fn put_encoded<E>(
    bytes: impl Iterator<Item = u8>,
    out: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    encoded(bytes).try_for_each(|byte| out(&[byte]))
}

fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[hex_digit(byte >> 4), hex_digit(*byte)]);
    }
    text
}

const fn hex_digit(nibble: u8) -> u8 {
    let low = nibble & 15;
    if low < 10 {
        low.wrapping_add(b'0')
    } else {
        low.wrapping_add(b'a' - 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Slot;
    use std::string::{String, ToString};
    use std::vec::Vec;

    /// Name, request line, headers, body, and what follows `SignedHeaders=` in AWS's own answer.
    const CASES: &str = include_str!("sigv4_cases.txt");
    /// As the cases state it: `AKIDEXAMPLE`, 2015-08-30 12:36 UTC, us-east-1, `service`.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn authorization(canonical: &Canonical<'_>, secret: &str) -> String {
        let mut slot = Slot::<AwsCredentials>::vacant();
        let credentials = slot.aws("AKIDEXAMPLE", secret, None).unwrap();
        let scope = Scope {
            region: "us-east-1",
            service: "service",
        };
        let date = AmzDate::of(1_440_938_160).unwrap();
        let mut out = Secret::<1024>::new();
        out.write(|out| put_authorization(canonical, scope, date, credentials, out))
            .unwrap();
        out.expose(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn awss_published_test_cases_pass() {
        let mut count = 0;
        for case in CASES.split("\n\n").filter(|case| !case.starts_with('#')) {
            let mut lines = case.trim_end().lines();
            let name = lines.next().unwrap();
            let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let (mut headers, mut body, mut answer) = (Vec::new(), "", "");
            for line in lines {
                if let Some(text) = line.strip_prefix("= ") {
                    body = text;
                } else if let Some(text) = line.strip_prefix("> ") {
                    answer = text;
                } else {
                    let (name, value) = line.split_once(':').unwrap();
                    headers.push((name, value.as_bytes()));
                }
            }
            let canonical = Canonical {
                method,
                path,
                query,
                headers: &headers,
                body: body.as_bytes(),
            };
            let expected =
                "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders="
                    .to_string()
                    + answer;
            assert_eq!(authorization(&canonical, SECRET), expected, "{name}");
            count += 1;

            // Whatever is changed, the signature is another.
            for (path, body, secret) in [
                ("/other", body, SECRET),
                (path, "other", SECRET),
                (path, body, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEz"),
            ] {
                let canonical = Canonical {
                    method,
                    path,
                    query,
                    headers: &headers,
                    body: body.as_bytes(),
                };
                assert_ne!(authorization(&canonical, secret), expected, "{name}");
            }
        }
        assert_eq!(count, 32);
    }
}
