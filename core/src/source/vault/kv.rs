//! [`KvPath`]: one secret of a KV engine, and the reply that holds it.

use core::fmt::Write;

use super::VaultError;
use crate::endpoint::SecretManager;
use crate::request::{Method, Request, RequestError, TargetBuffer};
use crate::response::{Reply, json_shape};
use crate::source::{Form, Found, Look, ManagerFault, SourceFault};

/// Longest target, in bytes: mount and path, encoded.
const TARGET_MAX: usize = 768;

/// Where a secret stands, and the version of the engine that keeps it.
pub struct KvPath {
    target: TargetBuffer<TARGET_MAX>,
    engine: Engine,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    V1,
    /// With the version of the secret that is asked for, if it is not the latest.
    V2(Option<u32>),
}

/// For how long an answer is good, and which version it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Seconds; 0 says that there is no lease, as KV v2 does. KV v1 states when to look again.
    pub seconds: u32,
    /// Whether the lease can be renewed. Those of KV cannot.
    pub renewable: bool,
    /// Version of the secret, from 1. KV v1 has none.
    pub version: Option<u32>,
}

impl KvPath {
    /// The latest version of the secret at `path` in the KV v2 engine mounted at `mount`.
    ///
    /// Both may have several segments, `team/kv`; `path` is without `data/`.
    ///
    /// # Errors
    /// [`RequestError`] when a segment is empty, `.` or `..`, or they do not fit.
    pub fn v2(mount: &str, path: &str) -> Result<Self, RequestError> {
        Self::new(mount, Some("data"), path, Engine::V2(None))
    }

    /// One version of the same.
    ///
    /// # Errors
    /// See [`v2`](Self::v2).
    pub fn v2_version(mount: &str, path: &str, version: u32) -> Result<Self, RequestError> {
        let mut asked = Self::new(mount, Some("data"), path, Engine::V2(Some(version)))?;
        let mut digits = heapless::String::<10>::new();
        write!(digits, "{version}").map_err(|_| RequestError::TargetTooLong)?;
        asked.target.query("version", &digits)?;
        Ok(asked)
    }

    /// The secret at `path` in the KV v1 engine mounted at `mount`.
    ///
    /// # Errors
    /// See [`v2`](Self::v2).
    pub fn v1(mount: &str, path: &str) -> Result<Self, RequestError> {
        Self::new(mount, None, path, Engine::V1)
    }

    fn new(
        mount: &str,
        between: Option<&str>,
        path: &str,
        engine: Engine,
    ) -> Result<Self, RequestError> {
        let mut target = TargetBuffer::new("/v1")?;
        let segments = mount.split('/').chain(between).chain(path.split('/'));
        for segment in segments {
            target.segment(segment)?;
        }
        Ok(Self { target, engine })
    }

    /// The request that reads it. It changes nothing.
    #[must_use]
    pub fn request(&self) -> Request<'_, SecretManager> {
        Request::known(Method::Get, self.target.text())
    }

    /// Reads the reply, also one that was unwrapped, and puts the members of the secret into
    /// `found`. The caller wipes the reply's buffer.
    ///
    /// # Errors
    /// [`VaultError`] tells a refusal from an answer that holds no secret; others are the value's.
    pub fn read(&self, reply: &Reply<'_>, found: &mut Found) -> Result<(Look, Lease), SourceFault> {
        let (object, lease) = self
            .object(reply)
            .map_err(|error| SourceFault::Manager(ManagerFault::Vault(error)))?;
        let look = found.document_in(Form::Json, object)?;
        if lease.seconds > 0 {
            found.set_lease_seconds(lease.seconds);
        }
        Ok((look, lease))
    }

    fn object<'b>(&self, reply: &Reply<'b>) -> Result<(&'b [u8], Lease), VaultError> {
        if reply.status() != 200 {
            return Err(VaultError::of(reply));
        }
        let body = reply.body();
        json_shape::members(body).map_err(VaultError::Json)?;
        if json_shape::member(body, "wrap_info").is_some_and(|value| value != b"null") {
            return Err(VaultError::Wrapped);
        }
        let data = member(body, "data")?;
        let mut lease = Lease {
            seconds: number(member(body, "lease_duration")?)
                .ok_or(VaultError::Member("lease_duration"))?,
            renewable: member(body, "renewable")? == b"true",
            version: None,
        };
        let Engine::V2(asked) = self.engine else {
            // What KV v2 answers has these two and nothing else.
            let is_v2 =
                |name| json_shape::member(data, name).is_some_and(|value| value.starts_with(b"{"));
            if is_v2("data") && is_v2("metadata") {
                return Err(VaultError::EngineVersion);
            }
            return is_object(data, lease);
        };
        let Some(metadata) = json_shape::member(data, "metadata") else {
            return Err(VaultError::EngineVersion);
        };
        let version = number(member(metadata, "version")?).filter(|version| *version > 0);
        let version = version.ok_or(VaultError::Member("version"))?;
        if asked.is_some_and(|asked| asked != version) {
            return Err(VaultError::OtherVersion);
        }
        lease.version = Some(version);
        let destroyed = member(metadata, "destroyed")? == b"true";
        let deleted = json_shape::member(metadata, "deletion_time");
        // A secret may be set to be deleted in future; what is deleted has no data.
        let inner = member(data, "data")?;
        if destroyed || (inner == b"null" && deleted.is_some_and(|time| time != b"\"\"")) {
            return Err(VaultError::Deleted);
        }
        is_object(inner, lease)
    }
}

fn is_object(value: &[u8], lease: Lease) -> Result<(&[u8], Lease), VaultError> {
    if value.starts_with(b"{") {
        Ok((value, lease))
    } else {
        Err(VaultError::Member("data"))
    }
}

/// A member that must be there, once.
pub(super) fn member<'b>(object: &'b [u8], name: &'static str) -> Result<&'b [u8], VaultError> {
    json_shape::member(object, name).ok_or(VaultError::Member(name))
}

/// A whole number without sign or exponent.
pub(super) fn number(value: &[u8]) -> Option<u32> {
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::error::tests::reply;
    use super::*;
    use crate::environment::EnvironmentKind;
    use crate::source::{CredentialKind, FormFault, Wanted};

    const V2: &str = r#"{"request_id":"r","lease_id":"","renewable":false,"lease_duration":0,"data":{"data":{"key_id":"PK\u003c","secret_key":"s"},"metadata":{"created_time":"t","deletion_time":"","destroyed":false,"version":3}},"wrap_info":null,"warnings":null,"auth":null}"#;
    const V1: &str = r#"{"request_id":"r","lease_id":"","renewable":false,"lease_duration":2764800,"data":{"key_id":"PK<","secret_key":"s"},"wrap_info":null,"warnings":null,"auth":null}"#;

    fn read(path: &KvPath, status: u16, body: &str) -> Result<Lease, SourceFault> {
        let mut found = Found::new(Wanted {
            credential: CredentialKind::KeyPair,
            environment: EnvironmentKind::Paper,
        });
        let (look, lease) = path.read(&reply(status, body), &mut found)?;
        assert_eq!(look, Look::Found);
        found.with_pair(|id, secret| assert_eq!((id, secret), ("PK<", "s")));
        Ok(lease)
    }

    fn v2() -> KvPath {
        KvPath::v2("secret", "alpaca/paper").unwrap()
    }

    #[test]
    fn both_engines_are_read_and_their_leases_told() {
        let (seconds, renewable) = (0, false);
        let version = Some(3);
        assert_eq!(
            read(&v2(), 200, V2),
            Ok(Lease {
                seconds,
                renewable,
                version
            })
        );
        let v1 = KvPath::v1("kv", "alpaca").unwrap();
        let lease = Lease {
            seconds: 2_764_800,
            renewable,
            version: None,
        };
        assert_eq!(read(&v1, 200, V1), Ok(lease));
        assert_eq!(v1.request().target(), "/v1/kv/alpaca");
        let old = KvPath::v2_version("team/kv", "a b", 3).unwrap();
        assert_eq!(old.request().target(), "/v1/team/kv/data/a%20b?version=3");
        assert!(read(&old, 200, V2).is_ok());
    }

    #[test]
    fn a_success_that_is_not_whole_is_refused_by_name() {
        let vault = |error| Err(SourceFault::Manager(ManagerFault::Vault(error)));
        for (from, to, error) in [
            (
                r#""lease_duration":0,"#,
                "",
                VaultError::Member("lease_duration"),
            ),
            (
                r#""lease_duration":0"#,
                r#""lease_duration":-1"#,
                VaultError::Member("lease_duration"),
            ),
            (
                r#""lease_duration":0"#,
                r#""lease_duration":4294967296"#,
                VaultError::Member("lease_duration"),
            ),
            (r#""renewable":false,"#, "", VaultError::Member("renewable")),
            (
                r#""version":3"#,
                r#""version":0"#,
                VaultError::Member("version"),
            ),
            (
                r#""version":3"#,
                r#""version":"3""#,
                VaultError::Member("version"),
            ),
            (r#""metadata""#, r#""meta""#, VaultError::EngineVersion),
            (
                r#""wrap_info":null"#,
                r#""wrap_info":{"token":"t"}"#,
                VaultError::Wrapped,
            ),
            (
                r#""destroyed":false"#,
                r#""destroyed":true"#,
                VaultError::Deleted,
            ),
            (
                r#"{"key_id":"PK\u003c","secret_key":"s"}"#,
                "[]",
                VaultError::Member("data"),
            ),
            (
                r#"{"key_id":"PK\u003c","secret_key":"s"}"#,
                "null",
                VaultError::Member("data"),
            ),
            (
                r#""data":{"data""#,
                r#""data":1,"data":{"data""#,
                VaultError::Member("data"),
            ),
        ] {
            assert!(V2.contains(from), "{from}");
            assert_eq!(
                read(&v2(), 200, &V2.replacen(from, to, 1)),
                vault(error),
                "{from} {to}"
            );
        }
        let other = KvPath::v2_version("secret", "x", 2).unwrap();
        assert_eq!(read(&other, 200, V2), vault(VaultError::OtherVersion));
        assert_eq!(read(&v2(), 200, V1), vault(VaultError::EngineVersion));
        assert_eq!(
            read(&KvPath::v1("kv", "x").unwrap(), 200, V2),
            vault(VaultError::EngineVersion)
        );
        let unnamed = V2
            .replacen("key_id", "id", 1)
            .replacen("secret_key", "password", 1);
        assert_eq!(
            read(&v2(), 200, &unnamed),
            Err(SourceFault::Form(FormFault::NoKnownName))
        );
        let half = V2.replacen("secret_key", "password", 1);
        assert!(matches!(
            read(&v2(), 200, &half),
            Err(SourceFault::Half {
                missing: "secret_key",
                ..
            })
        ));
        for end in 0..V2.len() {
            let cut = read(&v2(), 200, V2.get(..end).unwrap());
            assert!(matches!(
                cut,
                Err(SourceFault::Manager(ManagerFault::Vault(VaultError::Json(
                    _
                ))))
            ));
        }
    }

    #[test]
    fn a_path_cannot_leave_its_place() {
        for (mount, path) in [
            ("", "x"),
            ("secret", ""),
            ("secret", "../sys"),
            ("a/", "x"),
            ("secret", "/x"),
        ] {
            assert_eq!(
                KvPath::v2(mount, path).err(),
                Some(RequestError::SegmentEmpty),
                "{mount} {path}"
            );
        }
        let odd = KvPath::v1("kv", "a?b#c\r\n").unwrap();
        assert_eq!(odd.request().target(), "/v1/kv/a%3Fb%23c%0D%0A");
    }
}
