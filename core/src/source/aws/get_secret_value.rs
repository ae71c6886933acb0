//! [`GetSecretValue`]: which secret is asked for, and the reply.

use core::fmt::Write;

use super::AwsError;
use crate::endpoint::SecretManager;
use crate::request::{ContentType, Method, Replay, Request, RequestError};
use crate::response::{Reply, json_shape};
use crate::source::unescape::{Document, unescape};
use crate::source::{Found, Look, ManagerFault, SourceFault};

/// Longest name or ARN of a secret, in bytes. A name has at most 512.
pub const SECRET_ID_MAX: usize = 640;
/// Longest version stage, in bytes.
pub const STAGE_MAX: usize = 256;
/// Longest region name, in bytes.
const REGION_MAX: usize = 32;
/// Longest version id kept: a UUID of 36, or 64 of a caller's own.
const VERSION_MAX: usize = 64;
/// Both, and what stands around them.
const BODY_MAX: usize = SECRET_ID_MAX + STAGE_MAX + 40;
/// A region, such as `eu-central-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(heapless::String<REGION_MAX>);

impl Region {
    /// A region by its name: 1 to 32 lower-case letters, digits and `-`.
    ///
    /// # Errors
    /// [`RequestError::TargetNotEncoded`] for another text.
    pub fn new(name: &str) -> Result<Self, RequestError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > REGION_MAX || !name.bytes().all(allowed) {
            return Err(RequestError::TargetNotEncoded);
        }
        let name = heapless::String::try_from(name).map_err(|_| RequestError::TargetTooLong)?;
        Ok(Self(name))
    }

    /// Its name.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Asks for one secret at one stage.
pub struct GetSecretValue {
    stage: heapless::String<STAGE_MAX>,
    pub(super) body: heapless::String<BODY_MAX>,
}

impl GetSecretValue {
    /// The stage of the version that is in use.
    pub const CURRENT: &'static str = "AWSCURRENT";
    /// The stage of the version before it.
    pub const PREVIOUS: &'static str = "AWSPREVIOUS";
    /// The stage of a version that a rotation is still making.
    pub const PENDING: &'static str = "AWSPENDING";

    /// Asks for the secret with this name or ARN, at this stage.
    ///
    /// # Errors
    /// [`RequestError::TargetNotEncoded`] when a character is none that AWS allows in names, ARNs and
    /// stages (letters, digits and `/_+=.@:-`), [`RequestError::TargetTooLong`] beyond
    /// [`SECRET_ID_MAX`] or [`STAGE_MAX`], [`RequestError::SegmentEmpty`] when one is empty.
    pub fn new(secret_id: &str, stage: &str) -> Result<Self, RequestError> {
        for (text, max) in [(secret_id, SECRET_ID_MAX), (stage, STAGE_MAX)] {
            if text.is_empty() {
                return Err(RequestError::SegmentEmpty);
            }
            if text.len() > max {
                return Err(RequestError::TargetTooLong);
            }
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@:-".contains(&byte);
            if !text.bytes().all(allowed) {
                return Err(RequestError::TargetNotEncoded);
            }
        }
        let mut body = heapless::String::new();
        write!(
            body,
            r#"{{"SecretId":"{secret_id}","VersionStage":"{stage}"}}"#
        )
        .map_err(|_| RequestError::TargetTooLong)?;
        let stage = heapless::String::try_from(stage).map_err(|_| RequestError::TargetTooLong)?;
        Ok(Self { stage, body })
    }

    /// The request. It changes nothing, so it may be sent again, with a new signature.
    #[must_use]
    pub fn request(&self) -> Request<'_, SecretManager> {
        Request::known(Method::Post, "/")
            .with_body(ContentType::AmzJson, self.body.as_bytes())
            .with_replay(Replay::Safe)
    }

    /// Reads the reply, and puts the secret's value into `found`. `now` is what the request was
    /// signed by. The caller wipes the reply's buffer.
    ///
    /// # Errors
    /// [`AwsError`] tells a refusal from an answer that holds no value; others are the value's.
    pub fn read(
        &self,
        reply: &Reply<'_>,
        now: u64,
        found: &mut Found,
    ) -> Result<(Look, SecretVersion), SourceFault> {
        let mut value = Document::new();
        let version = self
            .value(reply, now, &mut value)
            .map_err(|error| SourceFault::Manager(ManagerFault::Aws(error)))?;
        let look = value.expose(|value| found.document(value))?;
        Ok((look, version))
    }

    fn value(
        &self,
        reply: &Reply<'_>,
        now: u64,
        out: &mut Document,
    ) -> Result<SecretVersion, AwsError> {
        if reply.status() != 200 {
            return Err(AwsError::of(reply, now));
        }
        let (mut value, mut stages, mut version, mut binary) = (None, None, None, None);
        for (name, found) in json_shape::members(reply.body()).map_err(AwsError::Json)? {
            let (place, name) = match name {
                b"SecretString" => (&mut value, "SecretString"),
                b"VersionStages" => (&mut stages, "VersionStages"),
                b"VersionId" => (&mut version, "VersionId"),
                b"SecretBinary" => (&mut binary, "SecretBinary"),
                _ => continue,
            };
            if found != b"null" && place.replace(found).is_some() {
                return Err(AwsError::Member(name));
            }
        }
        let stages = stages.ok_or(AwsError::Member("VersionStages"))?;
        if !has_text(stages, self.stage.as_bytes()) {
            return Err(AwsError::OtherStage);
        }
        let version = version
            .and_then(json_shape::unquoted)
            .and_then(SecretVersion::parse)
            .ok_or(AwsError::Member("VersionId"))?;
        let Some(value) = value else {
            return Err(match binary {
                Some(_) => AwsError::Binary,
                None => AwsError::Member("SecretString"),
            });
        };
        let value = json_shape::unquoted(value).ok_or(AwsError::Member("SecretString"))?;
        unescape(value, out).map_err(|_| AwsError::TooLong)?;
        Ok(version)
    }
}

/// Whether a JSON array, that was checked, holds this text, which needs no escapes.
fn has_text(array: &[u8], text: &[u8]) -> bool {
    let inside = array
        .strip_prefix(b"[")
        .and_then(|rest| rest.strip_suffix(b"]"));
    inside.is_some_and(|inside| {
        inside
            .split(|byte| *byte == b',')
            .any(|item| json_shape::unquoted(item.trim_ascii()) == Some(text))
    })
}

/// Which version of the secret was read: compare it to see whether the secret was rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVersion(heapless::String<VERSION_MAX>);

impl SecretVersion {
    fn parse(text: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(text).ok()?;
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if text.is_empty() || !text.bytes().all(safe) {
            return None;
        }
        heapless::String::try_from(text).ok().map(Self)
    }

    /// The version id: letters, digits, `-`, `_` and `.`, so it is safe to print.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::KeyEvidence;
    use crate::endpoint::ApiKind;
    use crate::environment::EnvironmentKind;
    use crate::response::{Context, ReplyHead};
    use crate::source::{CredentialKind, DOCUMENT_MAX, Wanted};
    use std::string::{String, ToString};

    /// 2026-11-25T10:00:00Z.
    const NOW: u64 = 1_795_600_800;
    const WHOLE: &str = r#"{"ARN":"arn:aws:x","Name":"n","VersionId":"v-1","SecretString":"{\"APCA_API_KEY_ID\":\"PK\",\"APCA_API_SECRET_KEY\":\"a\\/b\"}","VersionStages":["MINE", "AWSCURRENT"],"CreatedDate":1.7e9}"#;

    fn read(status: u16, date: Option<&str>, body: &str) -> Result<String, AwsError> {
        let mut head = ReplyHead::new(status);
        if let Some(date) = date {
            head.field("Date", date.as_bytes());
        }
        let context = Context {
            api: ApiKind::SecretManager,
            environment: EnvironmentKind::Paper,
            evidence: KeyEvidence::None,
        };
        let reply = Reply::new(head, context, body.as_bytes());
        let asked = GetSecretValue::new("n", GetSecretValue::CURRENT).unwrap();
        let mut found = Found::new(Wanted {
            credential: CredentialKind::KeyPair,
            environment: EnvironmentKind::Paper,
        });
        match asked.read(&reply, NOW, &mut found) {
            Ok((Look::Found, version)) => {
                found.with_pair(|id, secret| assert_eq!((id, secret), ("PK", "a/b")));
                Ok(version.text().to_string())
            }
            Err(SourceFault::Manager(ManagerFault::Aws(error))) => Err(error),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_success_that_is_not_whole_is_refused_by_name() {
        assert_eq!(read(200, None, WHOLE).as_deref(), Ok("v-1"));
        for (from, to, error) in [
            ("AWSCURRENT", "AWSPREVIOUS", AwsError::OtherStage),
            (r#"["MINE", "AWSCURRENT"]"#, "[]", AwsError::OtherStage),
            (
                r#"["MINE", "AWSCURRENT"]"#,
                r#""AWSCURRENT""#,
                AwsError::OtherStage,
            ),
            (
                "VersionStages",
                "Versionstages",
                AwsError::Member("VersionStages"),
            ),
            ("VersionId", "Version", AwsError::Member("VersionId")),
            ("v-1", "v 1", AwsError::Member("VersionId")),
            ("SecretString", "Secret", AwsError::Member("SecretString")),
            ("SecretString", "SecretBinary", AwsError::Binary),
            (
                r#""Name""#,
                r#""SecretString":"x","Name""#,
                AwsError::Member("SecretString"),
            ),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            assert_eq!(
                read(200, None, &WHOLE.replacen(from, to, 1)),
                Err(error),
                "{from} {to}"
            );
        }
        let huge = WHOLE.replacen("MINE", "MINE\",\"x", 1).replacen(
            "{\\\"",
            &("{".to_string() + &" ".repeat(DOCUMENT_MAX) + "\\\""),
            1,
        );
        assert_eq!(read(200, None, &huge), Err(AwsError::TooLong));
        for end in 0..WHOLE.len() {
            assert!(
                matches!(
                    read(200, None, WHOLE.get(..end).unwrap()),
                    Err(AwsError::Json(_))
                ),
                "{end}"
            );
        }
    }

    #[test]
    fn each_refusal_has_a_name_and_says_what_to_do() {
        let skewed = "Wed, 25 Nov 2026 10:10:00 GMT";
        let right = "Wed, 25 Nov 2026 10:00:01 GMT";
        for (status, kind, message, date, error) in [
            (
                400,
                "RequestTimeTooSkewed",
                "",
                None,
                AwsError::ClockSkew(0),
            ),
            (
                400,
                "InvalidSignatureException",
                "Signature expired: 20201125T100000Z is now earlier than",
                None,
                AwsError::ClockSkew(0),
            ),
            (
                403,
                "InvalidSignatureException",
                "The request signature we calculated does not match",
                None,
                AwsError::SignatureRefused,
            ),
            (
                403,
                "InvalidSignatureException",
                "The request signature we calculated does not match",
                Some(right),
                AwsError::SignatureRefused,
            ),
            (
                403,
                "InvalidSignatureException",
                "The request signature we calculated does not match",
                Some(skewed),
                AwsError::ClockSkew(600),
            ),
            (
                403,
                "SignatureDoesNotMatch",
                "",
                None,
                AwsError::SignatureRefused,
            ),
            (
                400,
                "InvalidSignatureException",
                "Credential should be scoped to a valid region.",
                None,
                AwsError::WrongRegion,
            ),
            (
                400,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
                Some(skewed),
                AwsError::UnknownKey,
            ),
            (
                400,
                "ExpiredTokenException",
                "",
                None,
                AwsError::TokenExpired,
            ),
            (400, "AccessDeniedException", "", None, AwsError::Denied),
            (
                400,
                "com.amazonaws.secretsmanager#ResourceNotFoundException",
                "",
                None,
                AwsError::NotFound,
            ),
            (
                400,
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.",
                None,
                AwsError::Deleted,
            ),
            (400, "InvalidRequestException", "x", None, AwsError::Invalid),
            (
                400,
                "ThrottlingException",
                "Rate exceeded",
                None,
                AwsError::Throttled,
            ),
            (400, "NewException", "", None, AwsError::Unexpected(400)),
            (500, "InternalServiceError", "", None, AwsError::Server(500)),
            (503, "ThrottlingException", "", None, AwsError::Server(503)),
        ] {
            let body = std::format!(r#"{{"__type":"{kind}","Message":"{message}"}}"#);
            assert_eq!(read(status, date, &body), Err(error), "{kind}");
            let body = body.replace("Message", "message");
            assert_eq!(read(status, date, &body), Err(error), "{kind}");
        }
        for (status, body, error) in [
            (429, "", AwsError::Throttled),
            (400, "", AwsError::Unexpected(400)),
            (400, "<html>", AwsError::Unexpected(400)),
            (400, "{}", AwsError::Unexpected(400)),
            (403, r#"{"__type":7}"#, AwsError::Unexpected(403)),
            (204, "", AwsError::Unexpected(204)),
            (502, "<html>", AwsError::Server(502)),
        ] {
            assert_eq!(read(status, None, body), Err(error), "{status} {body}");
            assert!(error.to_string().contains(';'), "no remedy: {error}");
        }
    }

    #[test]
    fn a_name_that_could_change_the_request_is_refused() {
        for (id, stage, error) in [
            ("", "AWSCURRENT", RequestError::SegmentEmpty),
            ("n", "", RequestError::SegmentEmpty),
            (
                "n\",\"VersionId\":\"x",
                "AWSCURRENT",
                RequestError::TargetNotEncoded,
            ),
            ("n", "A\\", RequestError::TargetNotEncoded),
            ("n m", "AWSCURRENT", RequestError::TargetNotEncoded),
            ("ä", "AWSCURRENT", RequestError::TargetNotEncoded),
        ] {
            assert_eq!(GetSecretValue::new(id, stage).err(), Some(error), "{id}");
        }
        let long = "x".repeat(SECRET_ID_MAX + 1);
        assert_eq!(
            GetSecretValue::new(&long, "s").err(),
            Some(RequestError::TargetTooLong)
        );
        assert!(GetSecretValue::new(&"x".repeat(SECRET_ID_MAX), &"x".repeat(STAGE_MAX)).is_ok());
        for region in ["", "eu central", "EU", "a/b", &"x".repeat(33)] {
            assert!(Region::new(region).is_err(), "{region}");
        }
    }
}
