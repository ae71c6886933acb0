//! Lookup and renewal of a token by itself: for how long it is good.

use super::VaultError;
use super::access::{VAULT_TOKEN_MAX, VaultAccess};
use super::error::says;
use super::kv::{Lease, member, number};
use crate::endpoint::SecretManager;
use crate::request::{Method, Request};
use crate::response::{Reply, json_shape};
use crate::secret::Secret;
use crate::source::unescape::unescape;

/// `GET /v1/auth/token/lookup-self`, authenticated by the token: asks how long it is good. It changes
/// nothing but the uses left of a token whose uses are counted.
#[must_use]
pub const fn lookup_request<'r>() -> Request<'r, SecretManager> {
    Request::known(Method::Get, "/v1/auth/token/lookup-self")
}

/// `POST /v1/auth/token/renew-self`, authenticated by the token: asks for its whole TTL once more.
#[must_use]
pub const fn renew_request<'r>() -> Request<'r, SecretManager> {
    Request::known(Method::Post, "/v1/auth/token/renew-self")
}

/// Reads the answer to [`lookup_request`]: what is left of the lease of the token in `access`.
///
/// # Errors
/// [`VaultError::LookupDenied`] when Vault does not tell, [`VaultError::LeaseExpired`] when less than a
/// second is left; others tell a refusal from an answer that is not whole, or is another token's.
pub fn read_lookup<E>(reply: &Reply<'_>, access: &VaultAccess<E>) -> Result<Lease, VaultError> {
    if reply.status() != 200 {
        return Err(match VaultError::of(reply) {
            VaultError::Denied => VaultError::LookupDenied,
            error => error,
        });
    }
    json_shape::members(reply.body()).map_err(VaultError::Json)?;
    let data = member(reply.body(), "data")?;
    is_of(access, data, "id")?;
    let seconds = number(member(data, "ttl")?).ok_or(VaultError::Member("ttl"))?;
    // A root token has no end, and then it is not told whether it can be renewed.
    let ends = member(data, "expire_time")? != b"null";
    if ends && seconds == 0 {
        return Err(VaultError::LeaseExpired);
    }
    let renewable = match json_shape::member(data, "renewable") {
        None if !ends => false,
        _ => is_renewable(data)?,
    };
    let seconds = if ends { seconds } else { 0 };
    Ok(Lease {
        seconds,
        renewable,
        version: None,
    })
}

/// Reads the answer to [`renew_request`]: the new lease of the token in `access`, which stays the same.
///
/// # Errors
/// [`VaultError::RenewalDenied`], [`VaultError::NotRenewable`] and [`VaultError::MaxTtl`] say that Vault does
/// not renew it ([`is_final_renewal`](VaultError::is_final_renewal)): it is good until its lease ends. Others tell a refusal from an answer that is not whole, or is another
/// token's.
pub fn read_renewal<E>(reply: &Reply<'_>, access: &VaultAccess<E>) -> Result<Lease, VaultError> {
    if reply.status() != 200 {
        return Err(match VaultError::of(reply) {
            VaultError::Denied => VaultError::RenewalDenied,
            VaultError::Invalid => VaultError::NotRenewable,
            // For the second in which the token still lives.
            VaultError::Server(_) if says(reply.body(), b"past the max TTL") => VaultError::MaxTtl,
            error => error,
        });
    }
    json_shape::members(reply.body()).map_err(VaultError::Json)?;
    let auth = member(reply.body(), "auth")?;
    is_of(access, auth, "client_token")?;
    let seconds = number(member(auth, "lease_duration")?);
    let seconds = seconds.ok_or(VaultError::Member("lease_duration"))?;
    let renewable = is_renewable(auth)?;
    // Elsewhere 0 says that there is no end. What can be renewed has one: less than a second is left.
    if seconds == 0 {
        return Err(VaultError::MaxTtl);
    }
    Ok(Lease {
        seconds,
        renewable,
        version: None,
    })
}

fn is_renewable(object: &[u8]) -> Result<bool, VaultError> {
    match member(object, "renewable")? {
        b"true" => Ok(true),
        b"false" => Ok(false),
        _ => Err(VaultError::Member("renewable")),
    }
}

/// Refuses an answer about another token than the one that asked.
fn is_of<E>(access: &VaultAccess<E>, object: &[u8], name: &'static str) -> Result<(), VaultError> {
    let bad = VaultError::Member(name);
    let quoted = json_shape::unquoted(member(object, name)?).ok_or(bad)?;
    let mut text = Secret::<VAULT_TOKEN_MAX>::new();
    unescape(quoted, &mut text).map_err(|_| bad)?;
    if access.token.constant_time_eq(&text) {
        Ok(())
    } else {
        Err(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::tests::reply;
    use super::*;
    use crate::credential::Slot;
    use crate::environment::Paper;
    use VaultError::{
        Denied, Invalid, LeaseExpired, LookupDenied, Member, NotRenewable, RenewalDenied, Sealed,
        Server, Throttled,
    };

    // As OpenBao 2.7.2 answers.
    const LOOKUP: &str = r#"{"request_id":"r","lease_id":"","renewable":false,"lease_duration":0,"data":{"accessor":"a","creation_time":1795609474,"creation_ttl":5,"display_name":"token","entity_id":"","expire_time":"2026-11-25T12:24:39.799375638Z","explicit_max_ttl":8,"id":"hvs.abc","num_uses":0,"orphan":false,"path":"auth/token/create","policies":["default"],"renewable":true,"ttl":4,"type":"service"},"wrap_info":null,"warnings":null,"auth":null}"#;
    const ROOT: &str = r#"{"request_id":"r","renewable":false,"data":{"creation_ttl":0,"expire_time":null,"explicit_max_ttl":0,"id":"hvs.abc","ttl":0,"type":"service"},"auth":null}"#;
    const RENEWAL: &str = r#"{"request_id":"r","lease_id":"","renewable":false,"lease_duration":0,"data":null,"wrap_info":null,"warnings":["TTL of \"1h\" exceeded the effective max_ttl of \"7s\"; TTL value is capped accordingly"],"auth":{"client_token":"hvs.abc","accessor":"a","policies":["default"],"lease_duration":7,"renewable":true,"num_uses":0}}"#;

    type Read = fn(&Reply<'_>, &VaultAccess<Paper>) -> Result<Lease, VaultError>;

    fn read(read: Read, status: u16, body: &str) -> Result<Lease, VaultError> {
        let mut slot = Slot::<VaultAccess<Paper>>::vacant();
        let access = slot.vault_token("hvs.abc", Some("n")).unwrap();
        read(&reply(status, body), access)
    }

    const fn lease(seconds: u32, renewable: bool) -> Lease {
        Lease {
            seconds,
            renewable,
            version: None,
        }
    }

    #[test]
    fn lookup_and_renewal_tell_the_lease_of_the_token() {
        assert_eq!(read(read_lookup, 200, LOOKUP), Ok(lease(4, true)));
        assert_eq!(read(read_lookup, 200, ROOT), Ok(lease(0, false)));
        let batch = LOOKUP.replace(r#""renewable":true"#, r#""renewable":false"#);
        assert_eq!(read(read_lookup, 200, &batch), Ok(lease(4, false)));
        assert_eq!(read(read_renewal, 200, RENEWAL), Ok(lease(7, true)));
        let last = RENEWAL.replace(r#""renewable":true"#, r#""renewable":false"#);
        assert_eq!(read(read_renewal, 200, &last), Ok(lease(7, false)));
        let (lookup, renewal) = (lookup_request(), renew_request());
        assert_eq!(lookup.target(), "/v1/auth/token/lookup-self");
        assert_eq!(renewal.target(), "/v1/auth/token/renew-self");
        assert!(renewal.body().is_none());
        assert_eq!(renewal.replay(), crate::request::Replay::Never);
    }

    #[test]
    fn an_answer_that_is_not_whole_or_of_another_token_is_refused_by_name() {
        for (from, to, error) in [
            (r#""ttl":4"#, r#""ttl":-4"#, Member("ttl")),
            (r#""ttl":4"#, r#""ttl":"4""#, Member("ttl")),
            (r#""ttl":4"#, r#""ttl":4.5"#, Member("ttl")),
            (r#""ttl":4"#, r#""ttl":4294967296"#, Member("ttl")),
            (r#""ttl":4"#, r#""ttl":0"#, LeaseExpired),
            (r#""ttl""#, r#""tt""#, Member("ttl")),
            ("expire_time", "expires", Member("expire_time")),
            (
                r#""renewable":true"#,
                r#""renewable":1"#,
                Member("renewable"),
            ),
            (
                r#""renewable":true"#,
                r#""renewed":true"#,
                Member("renewable"),
            ),
            ("hvs.abc", "hvs.abd", Member("id")),
            ("hvs.abc", "hvs.ab", Member("id")),
            ("hvs.abc", "hvs.abcd", Member("id")),
            (r#""hvs.abc""#, "null", Member("id")),
            (r#""data""#, r#""date""#, Member("data")),
        ] {
            let body = LOOKUP.replacen(from, to, 1);
            assert_ne!(body, LOOKUP);
            assert_eq!(read(read_lookup, 200, &body), Err(error), "{from} {to}");
        }
        for (from, to, error) in [
            (
                r#""lease_duration":7"#,
                r#""lease_duration":-7"#,
                Member("lease_duration"),
            ),
            (
                r#""lease_duration":7"#,
                r#""lease_duration":0"#,
                VaultError::MaxTtl,
            ),
            (
                r#""lease_duration":7"#,
                r#""lease":7"#,
                Member("lease_duration"),
            ),
            (
                r#""renewable":true"#,
                r#""renewable":"true""#,
                Member("renewable"),
            ),
            ("hvs.abc", "hvs.other", Member("client_token")),
            (r#""hvs.abc""#, "7", Member("client_token")),
            (
                r#""auth":{"#,
                r#""auth":null,"a":{"#,
                Member("client_token"),
            ),
            (r#""auth":{"#, r#""auth":{},"auth":{"#, Member("auth")),
        ] {
            let body = RENEWAL.replacen(from, to, 1);
            assert_ne!(body, RENEWAL);
            assert_eq!(read(read_renewal, 200, &body), Err(error), "{from} {to}");
        }
        let both: [Read; 2] = [read_lookup, read_renewal];
        for whole in [LOOKUP, RENEWAL] {
            for end in 0..whole.len() {
                for of in both {
                    let cut = read(of, 200, whole.get(..end).unwrap());
                    assert!(matches!(cut, Err(VaultError::Json(_))), "{end}: {cut:?}");
                }
            }
        }
    }

    #[test]
    fn a_refusal_says_whether_the_token_or_its_renewal_is_at_fault() {
        let denied = r#"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#;
        let batch = r#"{"errors":["batch tokens cannot be renewed"]}"#;
        let sealed = r#"{"errors":["Vault is sealed"]}"#;
        let past = r#"{"errors":["1 error occurred:\n\t* past the max TTL, cannot renew\n\n"]}"#;
        for (status, body, lookup, renewal) in [
            (403, denied, LookupDenied, RenewalDenied),
            (400, batch, Invalid, NotRenewable),
            (503, sealed, Sealed, Sealed),
            (500, "", Server(500), Server(500)),
            (500, past, Server(500), VaultError::MaxTtl),
            (429, "", Throttled, Throttled),
        ] {
            assert_eq!(read(read_lookup, status, body), Err(lookup), "{status}");
            assert_eq!(read(read_renewal, status, body), Err(renewal), "{status}");
        }
        for error in [
            LookupDenied,
            RenewalDenied,
            NotRenewable,
            VaultError::MaxTtl,
            Denied,
        ] {
            let text = std::string::ToString::to_string(&error);
            assert!(text.contains("; "), "no remedy: {text}");
        }
    }
}
