//! [`GoogleSecretManager`]: credentials from Google Secret Manager.

use std::fmt;
use std::time::{Duration, Instant};

use alpaca_auth::credential::Slot;
use alpaca_auth::endpoint::{Endpoint, SecretManager};
use alpaca_auth::environment::Environment;
use alpaca_auth::oauth::{Algorithm, AssertionError, AssertionSigner, SIGNATURE_MAX};
use alpaca_auth::source::google::{
    AccessSecretVersion, GoogleError, GoogleToken, JwtGrant, ServiceAccount, ServiceAccountError,
    read_token,
};
use alpaca_auth::source::{
    Found, Look, ManagerFault, NetworkFault, Passed, Source, SourceFault, SourceKind,
};

use super::manager::{Line, check_environment, unix_now};
use super::metadata::MetadataService;
use crate::pkcs8_pem::with_der;
use crate::rsa_key::RsaKey;
use crate::{Config, Error};

/// A token is replaced this long before it ends.
const EARLY: Duration = Duration::from_secs(60);

/// One secret of Google Secret Manager, and who may read it. The access token is kept between looks.
///
/// ```no_run
/// use alpaca_auth::endpoint::Endpoint;
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth_ureq::source::{GoogleSecretManager, Sources};
/// use alpaca_auth_ureq::{Client, Config};
///
/// let endpoint = Endpoint::manager("secretmanager.googleapis.com", 443)?;
/// // On a machine of Google's; elsewhere: service_account(…)
/// let google = GoogleSecretManager::<Paper>::new(&Config::new(), endpoint, "my-project", "alpaca-paper")?
///     .metadata_server();
/// let client = Client::<Paper>::from_sources(&mut Sources::new().then(google))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct GoogleSecretManager<E: Environment> {
    line: Line<E>,
    project: String,
    secret: String,
    asked: AccessSecretVersion,
    login: Login<E>,
    token: Box<Slot<GoogleToken<E>>>,
    until: Option<Instant>,
    version: Option<u32>,
}

enum Login<E> {
    None,
    Token,
    Metadata,
    ServiceAccount(Box<Signing<E>>),
}

struct Signing<E> {
    line: Line<E>,
    account: ServiceAccount,
    key: Signer,
    grant: JwtGrant<E>,
}

/// Why a service account cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GoogleSetupError {
    /// Its file.
    File(ServiceAccountError),
    /// The connection to the token endpoint cannot be set up.
    Connection(Error),
}

impl fmt::Display for GoogleSetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Connection(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for GoogleSetupError {}

impl<E: Environment> GoogleSecretManager<E> {
    /// The newest version of a secret of a project, without a login yet. `endpoint` is Google's, or
    /// that of a region.
    ///
    /// # Errors
    /// [`Error::Request`] when a name is malformed, [`Error::Trust`] when the trust anchors of
    /// `config` cannot be used.
    pub fn new(
        config: &Config,
        endpoint: Endpoint<SecretManager, E>,
        project: &str,
        secret: &str,
    ) -> Result<Self, Error> {
        Ok(Self {
            line: Line::new(config, endpoint)?,
            project: project.to_owned(),
            secret: secret.to_owned(),
            asked: AccessSecretVersion::new(project, secret, AccessSecretVersion::LATEST)?,
            login: Login::None,
            token: Box::new(Slot::vacant()),
            until: None,
            version: None,
        })
    }

    /// Asks for this version: a number or an alias.
    ///
    /// # Errors
    /// [`Error::Request`] when its name is malformed.
    pub fn at_version(mut self, version: &str) -> Result<Self, Error> {
        self.asked = AccessSecretVersion::new(&self.project, &self.secret, version)?;
        Ok(self)
    }

    /// Signs as the service account in `file`, the JSON file of its key, for the token endpoint
    /// (`oauth2.googleapis.com`). Wipe `file` afterwards.
    ///
    /// # Errors
    /// [`GoogleSetupError::File`] when the file cannot be used.
    pub fn service_account(
        mut self,
        config: &Config,
        token_endpoint: Endpoint<SecretManager, E>,
        file: &[u8],
    ) -> Result<Self, GoogleSetupError> {
        let (account, key) = ServiceAccount::read(file, token_endpoint.authority(), Signer::of_pem)
            .map_err(GoogleSetupError::File)?;
        let line = Line::new(config, token_endpoint)
            .map_err(|error| GoogleSetupError::Connection(error.into()))?;
        self.login = Login::ServiceAccount(Box::new(Signing {
            line,
            account,
            key,
            grant: JwtGrant::new(),
        }));
        Ok(self)
    }

    /// Asks the metadata server of a machine of Google's for a token.
    #[must_use]
    pub fn metadata_server(mut self) -> Self {
        self.login = Login::Metadata;
        self
    }

    /// Reads by this access token, which is not renewed.
    ///
    /// # Errors
    /// [`Error::Credential`] when its text is refused.
    pub fn token(mut self, token: &str) -> Result<Self, Error> {
        self.token.google_token(token)?;
        self.login = Login::Token;
        Ok(self)
    }

    /// Which version was read last.
    #[must_use]
    pub const fn version(&self) -> Option<u32> {
        self.version
    }

    /// Sees to it that there is a token; `false` if there is nobody to ask for one.
    fn log_in(&mut self) -> Result<bool, SourceFault> {
        let fresh = self.until.is_some_and(|until| Instant::now() < until);
        if matches!(self.login, Login::Token) || (fresh && self.token.get().is_some()) {
            return Ok(true);
        }
        let token = &mut self.token;
        let seconds = match &mut self.login {
            Login::None | Login::Token => return Ok(false),
            Login::Metadata => {
                let service = MetadataService::google();
                let Some(socket) = service.connect() else {
                    return Ok(false); // no machine of Google's
                };
                const PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/token";
                let fields: [(&str, &[u8]); 1] = [("Metadata-Flavor", b"Google")];
                let answer = service.ask(socket, "GET", PATH, &fields)?;
                if !answer.is_googles {
                    // Something else answers at the address.
                    let fault = ManagerFault::Network(NetworkFault::Malformed);
                    return Err(SourceFault::Manager(fault));
                }
                read_token(answer.status, answer.body(), token).map_err(google)?
            }
            Login::ServiceAccount(signing) => {
                let Signing {
                    line,
                    account,
                    key,
                    grant,
                } = &mut **signing;
                let now = unix_now()?;
                grant
                    .fill(account, line.endpoint(), now, key)
                    .map_err(|error| match error {
                        AssertionError::Clock => SourceFault::Manager(ManagerFault::Clock),
                        _ => SourceFault::Manager(ManagerFault::ServiceAccount(
                            ServiceAccountError::Key,
                        )),
                    })?;
                let asked = line.ask(&grant.request(), grant.credential(), |reply| {
                    read_token(reply.status(), reply.body(), token).map_err(google)
                });
                grant.wipe();
                asked?
            }
        };
        let lifetime = Duration::from_secs(seconds.into()).saturating_sub(EARLY);
        self.until = Instant::now().checked_add(lifetime);
        Ok(true)
    }
}

/// The service account's key.
struct Signer(RsaKey);

impl Signer {
    fn of_pem(pem: &str) -> Option<Self> {
        with_der(pem, RsaKey::of_pkcs8).ok().flatten().map(Self)
    }
}

impl AssertionSigner for Signer {
    type Error = ();

    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, ()> {
        self.0.sign(input, out).ok_or(())
    }
}

const fn google(error: GoogleError) -> SourceFault {
    SourceFault::Manager(ManagerFault::Google(error))
}

impl<E: Environment> Source for GoogleSecretManager<E> {
    fn kind(&self) -> SourceKind {
        SourceKind::GoogleSecretManager
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.line.endpoint().authority();
        write!(f, "{host}{}", self.asked.request().target())
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        check_environment::<E>(found)?;
        if !self.log_in()? {
            return Ok(Look::Passed(Passed::NotSetUp));
        }
        let refused = google(GoogleError::TokenRefused);
        let token = self.token.get().ok_or(refused)?;
        let asked = &self.asked;
        let read = self
            .line
            .ask(&asked.request(), token, |reply| asked.read(reply, found));
        if read == Err(refused) {
            // It may have been revoked: the next look asks for another.
            self.until = None;
        }
        let (look, version) = read?;
        self.version = Some(version);
        Ok(look)
    }
}
