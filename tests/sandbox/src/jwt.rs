//! Public keys of clients, and the signature of a client assertion (RFC 7515) under them.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

use crate::auth::{STANDARD, URL, base64};

/// A client's public key, for ES256 (P-256) or RS256 (RSA, 2048 to 8192 bits).
#[derive(Clone, Debug)]
pub struct PublicKey(Form);

#[derive(Clone, Debug)]
enum Form {
    /// An uncompressed point.
    P256(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// `SubjectPublicKeyInfo` of P-256 up to the point (RFC 5480).
const P256_SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// `rsaEncryption` with its NULL (RFC 8017 §A.1).
const RSA_ALGORITHM: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

impl PublicKey {
    /// An uncompressed P-256 point of 65 bytes: 4, x, y.
    #[must_use]
    pub fn p256_point(point: &[u8]) -> Option<Self> {
        let uncompressed = point.len() == 65 && point.first() == Some(&4);
        uncompressed.then(|| Self(Form::P256(point.to_vec())))
    }

    /// A `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn spki_der(der: &[u8]) -> Option<Self> {
        if let Some(point) = der.strip_prefix(P256_SPKI) {
            return Self::p256_point(point);
        }
        let (spki, _) = element(0x30, der)?;
        let (algorithm, rest) = element(0x30, spki)?;
        let (bits, _) = element(0x03, rest)?;
        if algorithm != RSA_ALGORITHM {
            return None;
        }
        Self::pkcs1_der(bits.strip_prefix(&[0])?)
    }

    /// An `RSAPublicKey` in DER (RFC 8017 §A.1.1).
    #[must_use]
    pub fn pkcs1_der(der: &[u8]) -> Option<Self> {
        let (key, _) = element(0x30, der)?;
        let (n, rest) = element(0x02, key)?;
        let (e, _) = element(0x02, rest)?;
        let (n, e) = (strip_zeros(n), strip_zeros(e));
        Some(Self(Form::Rsa { n, e }))
    }

    /// A `PUBLIC KEY` in PEM.
    #[must_use]
    pub fn pem(pem: &str) -> Option<Self> {
        let (_, rest) = pem.split_once("-----BEGIN PUBLIC KEY-----")?;
        let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
        let body: String = body.split_ascii_whitespace().collect();
        Self::spki_der(&base64(&body, STANDARD)?)
    }

    /// A JSON Web Key (RFC 7517): `EC` on P-256, or `RSA`.
    #[must_use]
    pub fn jwk(jwk: &Value) -> Option<Self> {
        let bytes = |name: &str| base64(jwk[name].as_str()?, URL);
        match jwk["kty"].as_str()? {
            "EC" if jwk["crv"] == "P-256" => {
                let point = [vec![4], bytes("x")?, bytes("y")?].concat();
                Self::p256_point(&point)
            }
            "RSA" => Some(Self(Form::Rsa {
                n: strip_zeros(&bytes("n")?),
                e: strip_zeros(&bytes("e")?),
            })),
            _ => None,
        }
    }

    fn algorithm(&self) -> &'static str {
        match self.0 {
            Form::P256(_) => "ES256",
            Form::Rsa { .. } => "RS256",
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Form::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
            Form::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

/// The claims of `token`, if the key that `kid` and `alg` name has signed it; else why not.
pub(crate) fn verify(
    token: &str,
    keys: &[(Option<String>, PublicKey)],
) -> Result<Value, &'static str> {
    const MALFORMED: &str = "malformed assertion";
    let (signed, signature) = token.rsplit_once('.').ok_or(MALFORMED)?;
    let (header, claims) = signed.split_once('.').ok_or(MALFORMED)?;
    let decoded = |text| base64(text, URL).ok_or(MALFORMED);
    let parsed = |text| serde_json::from_slice::<Value>(&decoded(text)?).map_err(|_| MALFORMED);
    let header = parsed(header)?;
    if !header["crit"].is_null() {
        return Err("crit is not understood");
    }
    let kid = header["kid"].as_str();
    let (_, key) = keys
        .iter()
        .find(|(known, key)| known.as_deref() == kid && header["alg"] == key.algorithm())
        .ok_or("no applicable key")?;
    if !key.verifies(signed.as_bytes(), &decoded(signature)?) {
        return Err("signature verification failed");
    }
    parsed(claims)
}

/// Whom an assertion speaks for, before anything is verified.
pub(crate) fn subject(token: &str) -> Option<String> {
    let claims = token.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&base64(claims, URL)?).ok()?;
    claims["sub"].as_str().map(str::to_owned)
}

/// Content of a DER element with this tag, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match *length {
        short @ 0..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 3))?;
            let length = digits
                .iter()
                .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    (*first == tag).then(|| rest.split_at_checked(length))?
}

fn strip_zeros(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number[zeros..].to_vec()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const ES256: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const RS256: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    fn keys() -> [PublicKey; 2] {
        let p256 = json!({
            "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        let rsa = json!({
            "kty": "RSA", "e": "AQAB",
            "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        });
        [p256, rsa].map(|jwk| PublicKey::jwk(&jwk).expect("a key"))
    }

    /// RFC 7515 §A.2 and §A.3.
    #[test]
    fn the_examples_of_rfc_7515_verify_and_their_neighbours_do_not() {
        let [p256, rsa] = keys().map(|key| vec![(None, key)]);
        let es256 = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.{ES256}");
        let rs256 = format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}.{RS256}");
        assert_eq!(verify(&es256, &p256).expect("claims")["iss"], "joe");
        assert_eq!(verify(&rs256, &rsa).expect("claims")["iss"], "joe");
        let with_kid = vec![(Some("1".to_owned()), p256[0].1.clone())];
        let cases = [
            (&es256, &rsa),
            (&rs256, &p256),
            (&es256, &with_kid),
            (&es256.replace("DtEh", "DtEi"), &p256),
            (&es256.replace("U1Q", "U1R"), &p256),
            (&rs256.replace("cC4h", "cC4i"), &rsa),
            (&format!("eyJhbGciOiJub25lIn0.{PAYLOAD}."), &p256),
        ];
        for (token, keys) in cases {
            assert!(verify(token, keys).is_err(), "{token}");
        }
    }
}
