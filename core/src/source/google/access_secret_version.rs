//! [`AccessSecretVersion`]: which secret is asked for, and the reply, whose checksum must be right.

use base64ct::{Base64, Encoding};
use crc::{CRC_32_ISCSI, Crc, NoTable};

use super::GoogleError;
use crate::endpoint::SecretManager;
use crate::request::{Method, Request, RequestError};
use crate::response::{Reply, json_shape};
use crate::secret::Secret;
use crate::source::unescape::{Document, unescape};
use crate::source::{DOCUMENT_MAX, Found, Look, ManagerFault, SourceFault};

/// Longest name of a project, a secret or a version, in bytes.
const NAME_MAX: usize = 255;
const TARGET_MAX: usize = 3 * NAME_MAX + 64;
/// Base64 of the longest document.
const ENCODED_MAX: usize = DOCUMENT_MAX.div_ceil(3) * 4;

/// CRC-32C (Castagnoli), without a table: the payload is short.
const CRC32C: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISCSI);

/// Asks for the payload of one version of a secret.
pub struct AccessSecretVersion {
    target: heapless::String<TARGET_MAX>,
    secret: heapless::String<NAME_MAX>,
    version: heapless::String<NAME_MAX>,
}

/// The number of the version that was read: compare it to see whether the secret was rotated.
pub type GoogleVersion = u32;

impl AccessSecretVersion {
    /// The newest version.
    pub const LATEST: &'static str = "latest";

    /// Asks for a version of a secret of a project: by its number, an alias, or
    /// [`LATEST`](Self::LATEST). The project is its id or number.
    ///
    /// # Errors
    /// [`RequestError::SegmentEmpty`] when one is empty, [`RequestError::TargetTooLong`] beyond 255
    /// bytes, [`RequestError::TargetNotEncoded`] when one holds something other than letters, digits,
    /// `-` and `_`, in projects also `.` and `:`.
    pub fn new(project: &str, secret: &str, version: &str) -> Result<Self, RequestError> {
        let parts: [(&str, &[u8]); 3] = [(project, b"-_.:"), (secret, b"-_"), (version, b"-_")];
        for (text, more) in parts {
            if matches!(text, "" | "." | "..") {
                return Err(RequestError::SegmentEmpty);
            }
            if text.len() > NAME_MAX {
                return Err(RequestError::TargetTooLong);
            }
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
            if !text.bytes().all(allowed) {
                return Err(RequestError::TargetNotEncoded);
            }
        }
        let mut target = heapless::String::new();
        for part in [
            "/v1/projects/",
            project,
            "/secrets/",
            secret,
            "/versions/",
            version,
            ":access",
        ] {
            target
                .push_str(part)
                .map_err(|_| RequestError::TargetTooLong)?;
        }
        let own = |text| heapless::String::try_from(text).map_err(|_| RequestError::TargetTooLong);
        Ok(Self {
            target,
            secret: own(secret)?,
            version: own(version)?,
        })
    }

    /// The request. It changes nothing.
    #[must_use]
    pub fn request(&self) -> Request<'_, SecretManager> {
        Request::known(Method::Get, &self.target)
    }

    /// Reads the reply, and puts the payload into `found` if its checksum is right. The caller wipes
    /// the reply's buffer.
    ///
    /// # Errors
    /// [`GoogleError`] tells a refusal from an answer that holds no sound payload; others are the
    /// value's.
    pub fn read(
        &self,
        reply: &Reply<'_>,
        found: &mut Found,
    ) -> Result<(Look, GoogleVersion), SourceFault> {
        let mut payload = Document::new();
        let version = self
            .payload(reply, &mut payload)
            .map_err(|error| SourceFault::Manager(ManagerFault::Google(error)))?;
        let look = payload.expose(|payload| found.document(payload))?;
        Ok((look, version))
    }

    fn payload(&self, reply: &Reply<'_>, out: &mut Document) -> Result<GoogleVersion, GoogleError> {
        let body = reply.body();
        if reply.status() != 200 {
            return Err(GoogleError::of(reply.status(), body));
        }
        json_shape::members(body).map_err(GoogleError::Json)?;
        let text = |object, name| {
            let value = json_shape::member(object, name).and_then(json_shape::unquoted);
            value.ok_or(GoogleError::Member(name))
        };
        let version = self.version_of(text(body, "name")?)?;
        let payload = json_shape::member(body, "payload").ok_or(GoogleError::Member("payload"))?;
        // An int64, which protobuf's JSON writes as text. Older replies lack it: they are refused.
        let checksum = text(payload, "dataCrc32c")?;
        let checksum: u32 = number(checksum).ok_or(GoogleError::Member("dataCrc32c"))?;
        let mut encoded = Secret::<ENCODED_MAX>::new();
        let too_long = |_| GoogleError::TooLong;
        unescape(text(payload, "data")?, &mut encoded).map_err(too_long)?;
        if !encoded.len().is_multiple_of(4) {
            return Err(GoogleError::Member("data"));
        }
        encoded.expose(|encoded| {
            out.fill(|place| match Base64::decode(encoded, place) {
                Ok(decoded) => Ok(decoded.len()),
                Err(base64ct::Error::InvalidLength) => Err(GoogleError::TooLong),
                Err(base64ct::Error::InvalidEncoding) => Err(GoogleError::Member("data")),
            })
        })?;
        if out.expose(|bytes| CRC32C.checksum(bytes)) != checksum {
            out.wipe();
            return Err(GoogleError::Checksum);
        }
        Ok(version)
    }

    /// The version in `projects/NUMBER/secrets/SECRET/versions/VERSION`, if it is what was asked for.
    fn version_of(&self, name: &[u8]) -> Result<GoogleVersion, GoogleError> {
        let mut parts = name.split(|byte| *byte == b'/');
        let found = [(); 6].map(|()| parts.next().unwrap_or_default());
        let [b"projects", _, b"secrets", secret, b"versions", version] = found else {
            return Err(GoogleError::Member("name"));
        };
        let number = number(version).filter(|_| parts.next().is_none());
        let number = number.ok_or(GoogleError::Member("name"))?;
        let by_number = self.version.bytes().all(|byte| byte.is_ascii_digit());
        if secret != self.secret.as_bytes() || (by_number && version != self.version.as_bytes()) {
            return Err(GoogleError::OtherVersion);
        }
        Ok(number)
    }
}

impl From<crate::secret::SecretTooLong> for GoogleError {
    fn from(_: crate::secret::SecretTooLong) -> Self {
        Self::TooLong
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::KeyEvidence;
    use crate::endpoint::ApiKind;
    use crate::environment::EnvironmentKind;
    use crate::response::{Context, ReplyHead};
    use crate::source::{CredentialKind, FormFault, Wanted};
    use std::string::{String, ToString};

    fn read(status: u16, body: &str, version: &str) -> Result<u32, SourceFault> {
        let context = Context {
            api: ApiKind::SecretManager,
            environment: EnvironmentKind::Paper,
            evidence: KeyEvidence::None,
        };
        let mut found = Found::new(Wanted {
            credential: CredentialKind::KeyPair,
            environment: EnvironmentKind::Paper,
        });
        let asked = AccessSecretVersion::new("p", "s", version).unwrap();
        let reply = Reply::new(ReplyHead::new(status), context, body.as_bytes());
        let (look, version) = asked.read(&reply, &mut found)?;
        assert_eq!(look, Look::Found);
        found.with_pair(|id, secret| assert_eq!((id, secret), ("PK", "s/1")));
        Ok(version)
    }

    fn google(error: GoogleError) -> Result<u32, SourceFault> {
        Err(SourceFault::Manager(ManagerFault::Google(error)))
    }

    fn body(payload: &[u8], checksum: u32) -> String {
        let mut place = std::vec![0; ENCODED_MAX + 8];
        let data = Base64::encode(payload, &mut place).unwrap();
        std::format!(
            r#"{{"name":"projects/12/secrets/s/versions/7","payload":{{"data":"{data}","dataCrc32c":"{checksum}"}}}}"#
        )
    }

    const PAIR: &[u8] = br#"{"key_id":"PK","secret_key":"s/1"}"#;

    #[test]
    fn a_payload_is_taken_only_if_its_checksum_is_right() {
        // RFC 3720 appendix B.4 and the check value of the catalogue of CRCs.
        assert_eq!(CRC32C.checksum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(CRC32C.checksum(b"123456789"), 0xe306_9283);
        let right = CRC32C.checksum(PAIR);
        assert_eq!(read(200, &body(PAIR, right), "latest"), Ok(7));
        assert_eq!(read(200, &body(PAIR, right), "7"), Ok(7));
        for bit in 0..32 {
            let wrong = right ^ 1 << bit;
            assert_eq!(
                read(200, &body(PAIR, wrong), "latest"),
                google(GoogleError::Checksum)
            );
        }
        let mut damaged = PAIR.to_vec();
        damaged[12] ^= 1;
        assert_eq!(
            read(200, &body(&damaged, right), "latest"),
            google(GoogleError::Checksum)
        );
    }

    #[test]
    fn a_success_that_is_not_whole_is_refused_by_name() {
        let whole = body(PAIR, CRC32C.checksum(PAIR));
        let crc = CRC32C.checksum(PAIR).to_string();
        for (from, to, error) in [
            ("dataCrc32c", "crc", GoogleError::Member("dataCrc32c")),
            (&crc, "-1", GoogleError::Member("dataCrc32c")),
            (&crc, "4294967296", GoogleError::Member("dataCrc32c")),
            (&crc, "", GoogleError::Member("dataCrc32c")),
            ("\"data\"", "\"dat\"", GoogleError::Member("data")),
            ("\"data\":\"", "\"data\":\"!", GoogleError::Member("data")),
            ("\"data\":\"", "\"data\":\"\\n", GoogleError::Member("data")),
            ("payload", "pay", GoogleError::Member("payload")),
            ("\"name\"", "\"nam\"", GoogleError::Member("name")),
            ("versions/7", "versions/latest", GoogleError::Member("name")),
            ("versions/7", "versions/7/x", GoogleError::Member("name")),
            ("secrets/s", "secrets/t", GoogleError::OtherVersion),
        ] {
            assert!(whole.contains(from), "{from}");
            assert_eq!(
                read(200, &whole.replacen(from, to, 1), "latest"),
                google(error),
                "{from} {to}"
            );
        }
        assert_eq!(read(200, &whole, "6"), google(GoogleError::OtherVersion));
        let long = std::vec![b' '; DOCUMENT_MAX + 1];
        assert_eq!(
            read(200, &body(&long, CRC32C.checksum(&long)), "latest"),
            google(GoogleError::TooLong)
        );
        let empty = body(b"", CRC32C.checksum(b""));
        assert_eq!(
            read(200, &empty, "latest"),
            Err(SourceFault::Form(FormFault::Empty))
        );
        for end in 0..whole.len() {
            let cut = read(200, whole.get(..end).unwrap(), "latest");
            assert!(matches!(
                cut,
                Err(SourceFault::Manager(ManagerFault::Google(
                    GoogleError::Json(_)
                )))
            ));
        }
    }

    #[test]
    fn each_refusal_has_a_name_and_says_what_to_do() {
        for (status, code, error) in [
            (400, "INVALID_ARGUMENT", GoogleError::Invalid),
            (400, "FAILED_PRECONDITION", GoogleError::Disabled),
            (401, "UNAUTHENTICATED", GoogleError::TokenRefused),
            (403, "PERMISSION_DENIED", GoogleError::Denied),
            (404, "NOT_FOUND", GoogleError::NotFound),
            (429, "RESOURCE_EXHAUSTED", GoogleError::Throttled),
            (503, "UNAVAILABLE", GoogleError::Server(503)),
            (418, "X", GoogleError::Unexpected(418)),
        ] {
            let body =
                std::format!(r#"{{"error":{{"code":{status},"message":"m","status":"{code}"}}}}"#);
            assert_eq!(read(status, &body, "latest"), google(error));
            assert!(error.to_string().contains(';'), "no remedy: {error}");
        }
        assert_eq!(
            read(404, "<html>", "latest"),
            google(GoogleError::Unexpected(404))
        );
        assert_eq!(
            read(403, "", "latest"),
            google(GoogleError::Unexpected(403))
        );
    }

    #[test]
    fn a_name_that_could_change_the_request_is_refused() {
        for (project, secret, version, error) in [
            ("", "s", "1", RequestError::SegmentEmpty),
            ("..", "s", "1", RequestError::SegmentEmpty),
            ("p", "", "1", RequestError::SegmentEmpty),
            (
                "p",
                "s/versions/1:destroy?",
                "1",
                RequestError::TargetNotEncoded,
            ),
            ("p", "s", "1:destroy", RequestError::TargetNotEncoded),
            ("p/x", "s", "1", RequestError::TargetNotEncoded),
        ] {
            assert_eq!(
                AccessSecretVersion::new(project, secret, version).err(),
                Some(error)
            );
        }
        let long = "x".repeat(NAME_MAX);
        assert!(AccessSecretVersion::new(&long, &long, &long).is_ok());
        assert!(AccessSecretVersion::new("example.com:p-1", "s", "latest").is_ok());
        assert!(AccessSecretVersion::new(&(long + "x"), "s", "1").is_err());
    }
}
