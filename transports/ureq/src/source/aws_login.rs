//! [`AwsLogin`]: AWS credentials from where AWS's own programs look for them, in their order.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use alpaca_auth::credential::{CredentialError, CredentialField, Slot};
use alpaca_auth::source::aws::{
    AwsCredentials, CredentialsFault, Profile, ProfileError, read_credentials,
};
use alpaca_auth::source::{FileFault, ManagerFault, NetworkFault, SourceFault};
use zeroize::Zeroizing;

use super::document::Document;
use super::file;
use super::metadata::{Answer, MetadataService};
use super::open::Access;

/// Longest profile file, in bytes.
const PROFILE_MAX: usize = 64 * 1024;
/// Longest token for the container's service, or of the instance's.
const TOKEN_MAX: usize = 4096;

const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// Where AWS credentials came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AwsOrigin {
    /// The program gave them.
    Given,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
    Environment,
    /// A profile of `~/.aws/credentials`.
    Profile,
    /// The container's metadata service.
    Container,
    /// The instance's metadata service.
    Instance,
}

impl fmt::Display for AwsOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "given by the program",
            Self::Environment => "environment variables",
            Self::Profile => "profile file",
            Self::Container => "container metadata",
            Self::Instance => "instance metadata",
        })
    }
}

/// Credentials, and where they came from.
pub(super) struct AwsLogin {
    pub(super) slot: Box<Slot<AwsCredentials>>,
    pub(super) origin: Option<AwsOrigin>,
}

impl AwsLogin {
    pub(super) fn new() -> Self {
        Self {
            slot: Box::new(Slot::vacant()),
            origin: None,
        }
    }

    /// Sees to it that there are credentials that are good at `now`; `false` if there are none
    /// anywhere.
    pub(super) fn refresh(&mut self, now: u64) -> Result<bool, SourceFault> {
        if self.slot.get().is_some_and(|held| held.is_valid_at(now)) {
            return Ok(true);
        }
        self.slot.clear();
        self.origin = None;
        type Step = fn(&mut Slot<AwsCredentials>, u64) -> Result<bool, SourceFault>;
        let steps: [(AwsOrigin, Step); 4] = [
            (AwsOrigin::Environment, of_environment),
            (AwsOrigin::Profile, of_profile),
            (AwsOrigin::Container, of_container),
            (AwsOrigin::Instance, of_instance),
        ];
        for (origin, step) in steps {
            // AWS's own programs take a web identity after the environment, and before all others.
            if origin == AwsOrigin::Profile && variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
                return Err(SourceFault::Manager(ManagerFault::AwsCredentials(
                    CredentialsFault::WebIdentity,
                )));
            }
            if step(&mut self.slot, now)? {
                self.origin = Some(origin);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A variable that is set and not empty. What is no text is refused by what reads it.
fn variable(name: &str) -> Option<Zeroizing<String>> {
    let value = env::var_os(name)?
        .into_string()
        .unwrap_or_else(|value: OsString| {
            drop(Zeroizing::new(value.into_encoded_bytes()));
            '\u{fffd}'.to_string()
        });
    (!value.is_empty()).then(|| Zeroizing::new(value))
}

fn of_environment(slot: &mut Slot<AwsCredentials>, _: u64) -> Result<bool, SourceFault> {
    let half = |set, missing| Err(SourceFault::Half { set, missing });
    let (id, secret) = match (variable(KEY_ID), variable(SECRET_KEY)) {
        (None, None) => return Ok(false),
        (Some(_), None) => return half(KEY_ID, SECRET_KEY),
        (None, Some(_)) => return half(SECRET_KEY, KEY_ID),
        (Some(id), Some(secret)) => (id, secret),
    };
    let token = variable(SESSION_TOKEN);
    let blame = |error: CredentialError| SourceFault::Refused {
        part: match error.field {
            CredentialField::AwsAccessKeyId => KEY_ID,
            CredentialField::AwsSecretKey => SECRET_KEY,
            _ => SESSION_TOKEN,
        },
        fault: error.fault,
    };
    let token = token.as_ref().map(|token| token.as_str());
    slot.aws(&id, &secret, token).map_err(blame)?;
    Ok(true)
}

fn of_profile(slot: &mut Slot<AwsCredentials>, _: u64) -> Result<bool, SourceFault> {
    let named = variable("AWS_PROFILE");
    let path = match env::var_os("AWS_SHARED_CREDENTIALS_FILE").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => match env::var_os("HOME").map(PathBuf::from) {
            Some(home) if home.is_absolute() => home.join(".aws").join("credentials"),
            _ => return Ok(false),
        },
    };
    let broken = |error| Err(SourceFault::Manager(ManagerFault::AwsProfile(error)));
    let mut document = Document::with_room(PROFILE_MAX);
    if !file::read(&path, Access::PRIVATE, &mut document).map_err(SourceFault::File)? {
        // A profile that is asked for by name must be there.
        return if named.is_some() {
            broken(ProfileError::NoProfile)
        } else {
            Ok(false)
        };
    }
    if document.is_full() {
        return Err(SourceFault::File(FileFault::NotRegular));
    }
    let text = std::str::from_utf8(document.bytes()).unwrap_or_default();
    let name = named.as_ref().map_or("default", |name| name.as_str());
    match Profile::new(name).read(text, slot) {
        Ok(_) => Ok(true),
        Err(ProfileError::NoProfile) if named.is_none() => Ok(false),
        Err(error) => broken(error),
    }
}

fn of_container(slot: &mut Slot<AwsCredentials>, now: u64) -> Result<bool, SourceFault> {
    let relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    let refused = network(NetworkFault::AddressRefused);
    let (service, path) = match (&relative, &full) {
        (None, None) => return Ok(false),
        (Some(path), _) => (MetadataService::container(), path.as_str()),
        (None, Some(uri)) => MetadataService::of_uri(uri).ok_or(refused)?,
    };
    let token = container_token()?;
    let token: Option<&[u8]> = token.as_ref().map(|token| token.bytes().trim_ascii_end());
    let fields: &[(&str, &[u8])] = match &token {
        Some(token) => &[("Authorization", token)],
        None => &[],
    };
    let socket = service.connect().ok_or(network(NetworkFault::Connect))?;
    let answer = service.ask(socket, "GET", path, fields)?;
    take(&answer, now, slot)
}

/// The token that the container's service wants to see, from a variable or a file.
fn container_token() -> Result<Option<Document>, SourceFault> {
    let mut document = Document::with_room(TOKEN_MAX);
    if let Some(path) = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        let path = PathBuf::from(path.as_str());
        let there = file::read(&path, Access::ANY, &mut document).map_err(SourceFault::File)?;
        return if there {
            Ok(Some(document))
        } else {
            Err(SourceFault::File(FileFault::Unreadable { code: None }))
        };
    }
    let Some(token) = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") else {
        return Ok(None);
    };
    // Reading from memory cannot fail.
    let _ = document.read_all(&mut token.as_bytes());
    Ok(Some(document))
}

/// IMDSv2: a session token first, so that a request which somebody tricks a program into gets nothing.
fn of_instance(slot: &mut Slot<AwsCredentials>, now: u64) -> Result<bool, SourceFault> {
    let is = |name, value: &str| variable(name).is_some_and(|set| set.eq_ignore_ascii_case(value));
    if is("AWS_EC2_METADATA_DISABLED", "true") {
        return Ok(false);
    }
    let service = MetadataService::instance(is("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"));
    // Nothing there: this is no instance.
    let Some(socket) = service.connect() else {
        return Ok(false);
    };
    let lifetime: [(&str, &[u8]); 1] = [("X-aws-ec2-metadata-token-ttl-seconds", b"60")];
    let token = service.ask(socket, "PUT", "/latest/api/token", &lifetime)?;
    if token.status != 200 || token.body().is_empty() || token.body().len() > TOKEN_MAX {
        return Err(network(NetworkFault::Malformed));
    }
    let get = |path: &str| {
        let socket = service.connect().ok_or(network(NetworkFault::Connect))?;
        let fields: [(&str, &[u8]); 1] = [("X-aws-ec2-metadata-token", token.body())];
        service.ask(socket, "GET", path, &fields)
    };
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let roles = get(ROLES)?;
    if roles.status == 404 {
        return Ok(false); // an instance without a role
    }
    let role = std::str::from_utf8(roles.body())
        .unwrap_or_default()
        .trim_ascii();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if roles.status != 200 || role.is_empty() || !role.bytes().all(allowed) {
        return Err(network(NetworkFault::Malformed));
    }
    take(&get(&format!("{ROLES}{role}"))?, now, slot)
}

fn take(answer: &Answer, now: u64, slot: &mut Slot<AwsCredentials>) -> Result<bool, SourceFault> {
    if answer.status != 200 {
        return Err(SourceFault::Manager(ManagerFault::AwsCredentials(
            CredentialsFault::NotSuccess,
        )));
    }
    read_credentials(answer.body(), now, slot)
        .map_err(|fault| SourceFault::Manager(ManagerFault::AwsCredentials(fault)))?;
    Ok(true)
}

const fn network(fault: NetworkFault) -> SourceFault {
    SourceFault::Manager(ManagerFault::Network(fault))
}
