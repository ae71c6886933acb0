//! [`AwsSecretsManager`]: credentials from AWS Secrets Manager.

use std::fmt;

use alpaca_auth::endpoint::{Endpoint, SecretManager};
use alpaca_auth::environment::Environment;
use alpaca_auth::source::aws::{AwsError, GetSecretValue, Region, SecretVersion, SignedRequest};
use alpaca_auth::source::{Found, Look, ManagerFault, Passed, Source, SourceFault, SourceKind};

use super::aws_login::{AwsLogin, AwsOrigin};
use super::manager::{Line, check_environment, unix_now};
use crate::{Config, Error};

/// One secret of AWS Secrets Manager.
///
/// Who signs is looked for where AWS's own programs look, in their order: environment variables,
/// profile file (mode 0600), container metadata, instance metadata (`IMDSv2` only). What is there and
/// broken stops. Single sign-on, role chains and container services over `https` are not read. Where
/// `AWS_WEB_IDENTITY_TOKEN_FILE` is set and no key is in the environment, the look stops: AWS's own
/// programs would sign as that identity, and another one, such as the node's, must not take its place.
///
/// ```no_run
/// use alpaca_auth::endpoint::Endpoint;
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth_ureq::source::{AwsSecretsManager, Sources};
/// use alpaca_auth_ureq::{Client, Config};
///
/// let endpoint = Endpoint::manager("secretsmanager.eu-central-1.amazonaws.com", 443)?;
/// let aws = AwsSecretsManager::<Paper>::new(&Config::new(), endpoint, "eu-central-1", "alpaca/paper")?;
/// let client = Client::<Paper>::from_sources(&mut Sources::new().then(aws))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AwsSecretsManager<E: Environment> {
    line: Line<E>,
    region: Region,
    secret_id: String,
    asked: GetSecretValue,
    login: AwsLogin,
    signed: Box<SignedRequest<E>>,
    version: Option<SecretVersion>,
}

impl<E: Environment> AwsSecretsManager<E> {
    /// The secret with this name or ARN, at stage `AWSCURRENT`. `endpoint` is that of `region`, or
    /// yours in a VPC.
    ///
    /// # Errors
    /// [`Error::Request`] when a name is malformed, [`Error::Trust`] when the trust anchors of
    /// `config` cannot be used.
    pub fn new(
        config: &Config,
        endpoint: Endpoint<SecretManager, E>,
        region: &str,
        secret_id: &str,
    ) -> Result<Self, Error> {
        Ok(Self {
            line: Line::new(config, endpoint)?,
            region: Region::new(region)?,
            secret_id: secret_id.to_owned(),
            asked: GetSecretValue::new(secret_id, GetSecretValue::CURRENT)?,
            login: AwsLogin::new(),
            signed: Box::new(SignedRequest::new()),
            version: None,
        })
    }

    /// Asks for the version at this stage, for example [`GetSecretValue::PREVIOUS`].
    ///
    /// # Errors
    /// [`Error::Request`] when its name is malformed.
    pub fn stage(mut self, stage: &str) -> Result<Self, Error> {
        self.asked = GetSecretValue::new(&self.secret_id, stage)?;
        Ok(self)
    }

    /// Signs by this access key, and looks for no other.
    ///
    /// # Errors
    /// [`Error::Credential`] when a part is refused.
    pub fn key(mut self, id: &str, secret: &str, token: Option<&str>) -> Result<Self, Error> {
        self.login.slot.aws(id, secret, token)?;
        self.login.origin = Some(AwsOrigin::Given);
        Ok(self)
    }

    /// Where the AWS credentials came from, after a look.
    #[must_use]
    pub const fn origin(&self) -> Option<AwsOrigin> {
        self.login.origin
    }

    /// Which version was read last.
    #[must_use]
    pub const fn version(&self) -> Option<&SecretVersion> {
        self.version.as_ref()
    }
}

impl<E: Environment> Source for AwsSecretsManager<E> {
    fn kind(&self) -> SourceKind {
        SourceKind::AwsSecretsManager
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {}",
            self.line.endpoint().authority(),
            self.secret_id
        )
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        check_environment::<E>(found)?;
        let now = unix_now()?;
        if !self.login.refresh(now)? {
            return Ok(Look::Passed(Passed::NotSetUp));
        }
        let unknown = SourceFault::Manager(ManagerFault::Aws(AwsError::UnknownKey));
        let credentials = self.login.slot.get().ok_or(unknown)?;
        let endpoint = self.line.endpoint();
        self.signed
            .sign(&self.asked, endpoint, &self.region, credentials, now)
            .map_err(|error| SourceFault::Manager(ManagerFault::Request(error)))?;
        let asked = &self.asked;
        let read = self.line.ask(&asked.request(), &*self.signed, |reply| {
            asked.read(reply, now, found)
        });
        self.signed.wipe();
        let given = self.login.origin == Some(AwsOrigin::Given);
        if !given && read.as_ref().is_err_and(|fault| is_about_key(*fault)) {
            // Somebody may have rotated the key: the next look reads it again.
            self.login.slot.clear();
        }
        let (look, version) = read?;
        self.version = Some(version);
        Ok(look)
    }
}

const fn is_about_key(fault: SourceFault) -> bool {
    use AwsError::{SignatureRefused, TokenExpired, UnknownKey};
    matches!(
        fault,
        SourceFault::Manager(ManagerFault::Aws(
            SignatureRefused | TokenExpired | UnknownKey
        ))
    )
}
