//! Any answer of a secret manager, of a metadata service, or any file of theirs: what is taken is what serde_json
//! finds at the same place, and within the limits; otherwise there is an error, and the slot is vacant.
//! The first byte is the reader, the second the status; the byte 1 stands for 1,024 `x`.
#![no_main]

use std::fmt;

use alpaca_auth::credential::{Credential, KEY_MAX, KeyEvidence, KeyPair, Slot};
use alpaca_auth::endpoint::{ApiKind, Endpoint, SecretManager};
use alpaca_auth::environment::{EnvironmentKind, Paper};
use alpaca_auth::response::{Context, Reply, ReplyHead};
use alpaca_auth::source::aws::{
    AWS_TOKEN_MAX, AwsCredentials, GetSecretValue, Profile, Region, SignedRequest, read_credentials,
};
use alpaca_auth::source::google::{
    AccessSecretVersion, GOOGLE_TOKEN_MAX, GoogleToken, PEM_MAX, ServiceAccount, read_token,
};
use alpaca_auth::source::vault::{
    AppRole, AppRoleLogin, KvPath, VAULT_TOKEN_MAX, VaultAccess, read_lookup, read_renewal,
    read_secret_id,
};
use alpaca_auth::source::{
    Chain, DOCUMENT_MAX, Found, Look, Names, Source, SourceFault, SourceKind,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use libfuzzer_sys::fuzz_target;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

const STATUS: [u16; 8] = [200, 200, 200, 400, 403, 404, 429, 503];
/// 2026-11-25T10:00:00Z.
const NOW: u64 = 1_795_600_800;
const TOKEN: &str = "hvs.not-a-real-token";
const NAME: &str = "projects/1/secrets/alpaca-paper/versions/3";

/// The members of an object, as serde_json finds them: the name if it has no escapes, and the value as it stands.
struct Members<'m>(Vec<(Option<&'m str>, &'m str)>);

struct Name<'m>(Option<&'m str>);

impl<'m> Deserialize<'m> for Name<'m> {
    fn deserialize<D: Deserializer<'m>>(from: D) -> Result<Self, D::Error> {
        struct Plain;
        impl<'m> Visitor<'m> for Plain {
            type Value = Name<'m>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'m str) -> Result<Name<'m>, E> {
                Ok(Name(Some(name)))
            }
            fn visit_str<E>(self, _escaped: &str) -> Result<Name<'m>, E> {
                Ok(Name(None))
            }
        }
        from.deserialize_str(Plain)
    }
}

impl<'m> Deserialize<'m> for Members<'m> {
    fn deserialize<D: Deserializer<'m>>(from: D) -> Result<Self, D::Error> {
        struct All;
        impl<'m> Visitor<'m> for All {
            type Value = Members<'m>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'m>>(self, mut map: A) -> Result<Members<'m>, A::Error> {
                let mut all = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'m>, &RawValue>()? {
                    all.push((name, value.get()));
                }
                Ok(Members(all))
            }
        }
        from.deserialize_map(All)
    }
}

/// A member that is there once; one that is `null` does not count.
fn member<'m>(object: &'m str, name: &str) -> Option<&'m str> {
    let members: Members<'m> = serde_json::from_str(object).ok()?;
    let mut named = members
        .0
        .into_iter()
        .filter(|(found, value)| *found == Some(name) && *value != "null");
    let (_, value) = named.next()?;
    named.next().is_none().then_some(value)
}

fn text(object: &str, name: &str) -> Option<String> {
    serde_json::from_str(member(object, name)?).ok()
}

/// A source that reads what it is given.
struct Given<F>(F);

impl<F: FnMut(&mut Found) -> Result<Look, SourceFault>> Source for Given<F> {
    fn kind(&self) -> SourceKind {
        SourceKind::Other("fuzz")
    }
    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        (self.0)(found)
    }
}

/// The pair that a chain of this one source gives, or why there is none.
fn pair(look: impl FnMut(&mut Found) -> Result<Look, SourceFault>) -> Result<[String; 2], String> {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    slot.paper("PKOLD", "old").expect("a pair");
    let mut sources = [Given(look)];
    let looked = Chain::new(&mut sources)
        .paper(&mut slot)
        .map(|_| ())
        .map_err(|error| error.to_string());
    assert_eq!(
        slot.get().is_some(),
        looked.is_ok(),
        "the slot is not what the chain says"
    );
    looked?;
    let pair = slot.get().expect("it is filled");
    let pair = pair.with_fields(|fields| {
        [0, 1].map(|half: usize| String::from_utf8(fields[half].expose().to_vec()).expect("ASCII"))
    });
    assert!(pair.iter().all(|half| (1..=KEY_MAX).contains(&half.len())));
    Ok(pair)
}

/// A pair was taken out of this document.
fn stands_in(document: &str, is_json: bool, [id, secret]: &[String; 2]) {
    if is_json || document.trim_ascii_start().starts_with('{') {
        let here = |name: &str| {
            let members: Members<'_> = serde_json::from_str(document).expect("an object");
            members.0.iter().any(|(found, _)| *found == Some(name))
        };
        let names = Names::MEMBERS
            .pairs
            .iter()
            .find(|(id, secret)| here(id) || here(secret));
        let names = names.expect("names that are known");
        assert_eq!(text(document, names.0).as_ref(), Some(id));
        assert_eq!(text(document, names.1).as_ref(), Some(secret));
    } else if !document.contains('\\') {
        // Lines or dotenv, which the target of documents judges.
        assert!(document.contains(id.as_str()) && document.contains(secret.as_str()));
    }
}

fn is_signed_by(credentials: &AwsCredentials, id: &str, token: Option<&str>) {
    assert!((1..=KEY_MAX).contains(&id.len()));
    let endpoint =
        Endpoint::<SecretManager, Paper>::manager("localhost", 443).expect("an endpoint");
    let region = Region::new("eu-central-1").expect("a region");
    let asked = GetSecretValue::new("alpaca/paper", GetSecretValue::CURRENT).expect("a name");
    let mut signed = SignedRequest::<Paper>::new();
    signed
        .sign(&asked, &endpoint, &region, credentials, NOW)
        .expect("everything fits");
    signed.with_fields(|fields| {
        let field = |name: &str| {
            let named = fields
                .iter()
                .find(|field| field.name.eq_ignore_ascii_case(name));
            named.map(|field| std::str::from_utf8(field.expose()).expect("ASCII"))
        };
        let authorization = field("Authorization").expect("a signature");
        let expected =
            format!("Credential={id}/20261125/eu-central-1/secretsmanager/aws4_request,");
        assert!(authorization.starts_with(&expected), "another key id signs");
        assert_eq!(
            field("X-Amz-Security-Token").filter(|token| !token.is_empty()),
            token
        );
        assert!(token.is_none_or(|token| token.len() <= AWS_TOKEN_MAX));
    });
}

/// CRC-32C, bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0x82f6_3b78
            } else {
                crc >> 1
            }
        })
    })
}

fn vault_token(access: &VaultAccess<Paper>) -> String {
    access.with_fields(|fields| {
        let field = fields
            .iter()
            .find(|field| field.name == "X-Vault-Token")
            .expect("a token");
        String::from_utf8(field.expose().to_vec()).expect("ASCII")
    })
}

fuzz_target!(|input: &[u8]| {
    let [reader, status, input @ ..] = input else {
        return;
    };
    let mut body = Vec::new();
    for byte in input {
        body.resize(
            body.len() + if *byte == 1 { 1024 } else { 1 },
            if *byte == 1 { b'x' } else { *byte },
        );
    }
    let status = STATUS[usize::from(status.wrapping_sub(b'0') % 8)];
    let evidence = KeyEvidence::None;
    let context = Context {
        api: ApiKind::SecretManager,
        environment: EnvironmentKind::Paper,
        evidence,
    };
    let reply = Reply::new(ReplyHead::new(status), context, &body);
    let json = || std::str::from_utf8(&body).expect("what is taken is UTF-8");
    let asked = GetSecretValue::new("alpaca/paper", GetSecretValue::CURRENT).expect("a name");
    let access = AccessSecretVersion::new("p", "alpaca-paper", "latest").expect("a name");
    let document = || pair(|found| found.document(&body));

    match reader.wrapping_sub(b'a') % 14 {
        which @ 0..=2 => {
            let path = match which {
                0 => KvPath::v1("kv", "alpaca"),
                1 => KvPath::v2("secret", "alpaca"),
                _ => KvPath::v2_version("secret", "alpaca", 3),
            };
            let path = path.expect("a path");
            let Ok(pair) = pair(|found| path.read(&reply, found).map(|(look, _)| look)) else {
                return;
            };
            assert_eq!(status, 200);
            let data = member(json(), "data").expect("data");
            stands_in(
                if which == 0 {
                    data
                } else {
                    member(data, "data").expect("data")
                },
                true,
                &pair,
            );
            if which == 2 {
                assert_eq!(
                    member(member(data, "metadata").expect("metadata"), "version"),
                    Some("3")
                );
            }
        }
        3 => {
            let mut slot = Slot::<VaultAccess<Paper>>::vacant();
            slot.vault_token("hvs.old", None).expect("a token");
            let login = AppRoleLogin::<Paper>::new("approle").expect("a mount");
            let read = login
                .read(&reply, &mut slot)
                .map_err(|error| error.to_string());
            assert_eq!(slot.get().is_some(), read.is_ok());
            let Ok(lease) = read else { return };
            let auth = member(json(), "auth").expect("auth");
            let token = vault_token(slot.get().expect("it is filled"));
            assert!(status == 200 && (1..=VAULT_TOKEN_MAX).contains(&token.len()));
            assert_eq!(Some(token), text(auth, "client_token"));
            assert_eq!(
                member(auth, "lease_duration").map(str::parse),
                Some(Ok(lease.seconds))
            );
        }
        4 => {
            let mut slot = Slot::<AppRole<Paper>>::vacant();
            slot.app_role("old", "old").expect("ids");
            let read = read_secret_id(&reply, "role", &mut slot)
                .map(|_| ())
                .map_err(|error| error.to_string());
            assert_eq!(slot.get().is_some(), read.is_ok());
            let Some(role) = slot.get() else { return };
            let secret_id =
                text(member(json(), "data").expect("data"), "secret_id").expect("a secret id");
            assert!(status == 200 && (1..=KEY_MAX).contains(&secret_id.len()));
            let mut login = AppRoleLogin::<Paper>::new("approle").expect("a mount");
            login.fill(role).expect("both fit");
            let request = login.request();
            let written =
                std::str::from_utf8(request.body().expect("a body").bytes).expect("ASCII");
            assert_eq!(text(written, "role_id").as_deref(), Some("role"));
            assert_eq!(text(written, "secret_id"), Some(secret_id));
        }
        5 => {
            let Ok(pair) = pair(|found| asked.read(&reply, NOW, found).map(|(look, _)| look))
            else {
                return;
            };
            assert_eq!(status, 200);
            stands_in(
                &text(json(), "SecretString").expect("a value"),
                false,
                &pair,
            );
        }
        6 => {
            let mut slot = Slot::<AwsCredentials>::vacant();
            slot.aws("AKOLD", "old", None).expect("a key");
            let read = read_credentials(&body, NOW, &mut slot)
                .map(|_| ())
                .map_err(|error| error.to_string());
            assert_eq!(slot.get().is_some(), read.is_ok());
            let Some(credentials) = slot.get() else {
                return;
            };
            let id = text(json(), "AccessKeyId").expect("a key id");
            is_signed_by(
                credentials,
                &id,
                Some(&text(json(), "Token").expect("a token")),
            );
            assert!(credentials.is_valid_at(NOW) && credentials.expires().is_some());
        }
        7 => {
            let Ok(file) = std::str::from_utf8(&body) else {
                return;
            };
            let mut slot = Slot::<AwsCredentials>::vacant();
            slot.aws("AKOLD", "old", None).expect("a key");
            let read = Profile::new("default")
                .read(file, &mut slot)
                .map(|_| ())
                .map_err(|error| error.to_string());
            assert_eq!(slot.get().is_some(), read.is_ok());
            let Some(credentials) = slot.get() else {
                return;
            };
            // Some line of the file says each; which section counts is the matter of the unit tests.
            let values = |wanted: &str| {
                let set = file
                    .trim_start_matches('\u{feff}')
                    .lines()
                    .filter_map(|line| line.split_once('='));
                let set = set.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
                set.map(|(_, value)| value.trim()).collect::<Vec<_>>()
            };
            if let ([id], [_], tokens @ ([] | [_])) = (
                &values("aws_access_key_id")[..],
                &values("aws_secret_access_key")[..],
                &values("aws_session_token")[..],
            ) {
                // A token may stand in another section.
                let token = tokens
                    .first()
                    .copied()
                    .filter(|_| file.matches('[').count() == 1);
                if token.is_some() || tokens.is_empty() {
                    is_signed_by(credentials, id, token);
                }
            }
        }
        8 => {
            let Ok(pair) = pair(|found| access.read(&reply, found).map(|(look, _)| look)) else {
                return;
            };
            assert_eq!(status, 200);
            let payload = member(json(), "payload").expect("a payload");
            let payload_text = |name| text(payload, name).expect("a text");
            let data = BASE64_STANDARD
                .decode(payload_text("data"))
                .expect("base64");
            assert_eq!(payload_text("dataCrc32c").parse(), Ok(crc32c(&data)));
            stands_in(std::str::from_utf8(&data).expect("UTF-8"), false, &pair);
        }
        9 => {
            let mut slot = Slot::<GoogleToken<Paper>>::vacant();
            slot.google_token("old").expect("a token");
            let read = read_token(status, &body, &mut slot).map_err(|error| error.to_string());
            assert_eq!(slot.get().is_some(), read.is_ok());
            let Ok(seconds) = read else { return };
            let token = slot
                .get()
                .expect("it is filled")
                .with_fields(|fields| fields[0].expose().to_vec());
            assert!(status == 200 && (1..=GOOGLE_TOKEN_MAX).contains(&token.len()));
            assert_eq!(
                text(json(), "access_token").map(String::into_bytes),
                Some(token)
            );
            assert_eq!(
                member(json(), "expires_in").map(str::parse),
                Some(Ok(seconds))
            );
        }
        10 => {
            let read =
                ServiceAccount::read(&body, "oauth2.googleapis.com", |pem| Some(pem.to_owned()));
            let (account, pem) = match read {
                Ok(read) => read,
                Err(error) => return assert!(!error.to_string().is_empty()),
            };
            assert_eq!(
                text(json(), "client_email").as_deref(),
                Some(account.email())
            );
            assert_eq!(
                text(json(), "private_key_id").as_deref(),
                Some(account.key_id())
            );
            assert_eq!(
                text(json(), "token_uri").as_deref(),
                Some("https://oauth2.googleapis.com/token")
            );
            assert!(pem.len() <= PEM_MAX);
            assert_eq!(text(json(), "private_key"), Some(pem));
        }
        // What a right reply holds is read as the document alone is.
        11 => {
            let Ok(value) = std::str::from_utf8(&body) else {
                return;
            };
            let value = serde_json::to_string(value).expect("a string");
            let held = format!(
                r#"{{"SecretString":{value},"VersionStages":["AWSCURRENT"],"VersionId":"v"}}"#
            );
            let held = Reply::new(ReplyHead::new(200), context, held.as_bytes());
            let read = pair(|found| asked.read(&held, NOW, found).map(|(look, _)| look));
            is_read_as(read, document(), body.len());
        }
        // What is told of a token is of this token, and stands in the answer.
        13 => {
            let mut slot = Slot::<VaultAccess<Paper>>::vacant();
            let access = slot.vault_token(TOKEN, None).expect("a token");
            if let Ok(lease) = read_lookup(&reply, access) {
                let data = member(json(), "data").expect("data");
                assert!(status == 200 && text(data, "id").as_deref() == Some(TOKEN));
                let ttl = member(data, "ttl").map(str::parse);
                match member(data, "expire_time") {
                    Some(_) => assert!(ttl == Some(Ok(lease.seconds)) && lease.seconds > 0),
                    None => assert_eq!(lease.seconds, 0),
                }
                assert_eq!(member(data, "renewable") == Some("true"), lease.renewable);
            }
            if let Ok(lease) = read_renewal(&reply, access) {
                let auth = member(json(), "auth").expect("auth");
                assert!(status == 200 && text(auth, "client_token").as_deref() == Some(TOKEN));
                let seconds = member(auth, "lease_duration").map(str::parse);
                assert!(seconds == Some(Ok(lease.seconds)) && lease.seconds > 0);
                assert_eq!(member(auth, "renewable") == Some("true"), lease.renewable);
            }
        }
        _ => {
            let (data, checksum) = (BASE64_STANDARD.encode(&body), crc32c(&body));
            let held = format!(
                r#"{{"name":"{NAME}","payload":{{"data":"{data}","dataCrc32c":"{checksum}"}}}}"#
            );
            let held = Reply::new(ReplyHead::new(200), context, held.as_bytes());
            let read = pair(|found| access.read(&held, found).map(|(look, _)| look));
            is_read_as(read, document(), body.len());
        }
    }
});

fn is_read_as(
    read: Result<[String; 2], String>,
    document: Result<[String; 2], String>,
    length: usize,
) {
    if length <= DOCUMENT_MAX {
        assert_eq!(read, document);
    } else {
        assert!(
            read.is_err() && document.is_err(),
            "more than the buffer holds"
        );
    }
}
