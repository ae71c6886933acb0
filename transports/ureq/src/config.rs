//! [`Config`]: trust, time, sizes and proxy of a transport. Every default is the safe one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use alpaca_auth::audit::Audit;
use alpaca_auth::policy::Policy;
use alpaca_auth::retry::RetryRules;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::{ClientConfig, RootCertStore};

use crate::Shared;
use crate::conduct::{AuditHook, Pace};

/// Default time for name resolution, TCP and TLS together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Default time for a whole call, connecting included.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);
/// Default size of a client's body buffer: 1 MiB. Untouched pages cost no memory.
pub const BODY_MAX: usize = 1 << 20;
/// How long the addresses of a host are kept.
pub const RESOLVE_LIFETIME: Duration = Duration::from_secs(60);

/// TLS sessions kept for resumption: one per host in use.
const SESSIONS_MAX: usize = 8;

/// How a transport connects.
///
/// ```
/// use std::time::Duration;
/// use alpaca_auth_ureq::Config;
///
/// let config = Config::new()
///     .connect_timeout(Duration::from_secs(5))
///     .total_timeout(Duration::from_secs(15))
///     .body_max(64 * 1024);
/// assert!(Config::new().trust_also_pem("not a certificate").is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) connect_timeout: Duration,
    pub(crate) total_timeout: Duration,
    pub(crate) body_max: usize,
    pub(crate) proxy: Option<ureq::Proxy>,
    pub(crate) detours: Vec<Detour>,
    pub(crate) retry: Option<RetryRules>,
    pub(crate) shared: Option<Shared>,
    pub(crate) pace: Option<Pace>,
    pub(crate) audit: Option<AuditHook>,
    pub(crate) policy: Option<Policy<'static>>,
    trust: Trust,
    added: Vec<CertificateDer<'static>>,
    fixed_time: Option<u64>,
}

/// Where TCP goes instead of the host that TLS verifies.
#[derive(Clone, Debug)]
pub(crate) struct Detour {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) address: String,
}

#[derive(Clone, Copy, Debug)]
enum Trust {
    /// Mozilla's roots, compiled in, and the added ones.
    WebPki,
    /// The added ones only.
    Added,
    #[cfg(feature = "platform-trust")]
    Platform,
}

impl Config {
    /// 10 s to connect, 30 s in all, 1 MiB of body, Mozilla's roots, no proxy; each request is sent once.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
            body_max: BODY_MAX,
            proxy: None,
            detours: Vec::new(),
            retry: None,
            shared: None,
            pace: None,
            audit: None,
            policy: None,
            trust: Trust::WebPki,
            added: Vec::new(),
            fixed_time: None,
        }
    }

    /// Limits name resolution, TCP and TLS together.
    #[must_use]
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Limits a whole call, from the first look-up to the last byte of the body.
    #[must_use]
    pub const fn total_timeout(mut self, limit: Duration) -> Self {
        self.total_timeout = limit;
        self
    }

    /// Sets the size of a client's body buffer, in bytes. A larger answer is an error.
    #[must_use]
    pub const fn body_max(mut self, bytes: usize) -> Self {
        self.body_max = bytes;
        self
    }

    /// Sends again what may be sent again, by the rules of [`alpaca_auth::retry`]. Their deadline limits the
    /// whole call, pauses included; [`total_timeout`](Self::total_timeout) limits each attempt.
    ///
    /// Only clients do this; a [`UreqTransport`](crate::UreqTransport) sends once.
    #[must_use]
    pub const fn retry(mut self, rules: RetryRules) -> Self {
        self.retry = Some(rules);
        self
    }

    /// Counts the calls of clients in `shared`, together with those of its other clients.
    #[must_use]
    pub fn share(mut self, shared: &Shared) -> Self {
        self.shared = Some(shared.clone());
        self
    }

    /// Keeps clients within the rate limits that the answers tell. Clients of one account
    /// [`share`](Self::share) one budget, for the limit is the account's.
    #[must_use]
    pub const fn pace(mut self, pace: Pace) -> Self {
        self.pace = Some(pace);
        self
    }

    /// Shows each attempt of a client to `hook`, after it has ended: no header, no body, no query. It runs on
    /// the thread of the call, and must not block it.
    #[must_use]
    pub fn audit(mut self, hook: impl Fn(&Audit<'_>) + Send + Sync + 'static) -> Self {
        self.audit = Some(AuditHook::new(hook));
        self
    }

    /// Refuses what `policy` does not allow, before it is sent. Clients that [`share`](Self::share) have one
    /// sum per day.
    #[must_use]
    pub const fn policy(mut self, policy: Policy<'static>) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Trusts the CA certificates of a PEM file besides the built-in roots.
    ///
    /// # Errors
    /// [`TrustError`] when `pem` has no certificate or a malformed one.
    pub fn trust_also_pem(mut self, pem: &str) -> Result<Self, TrustError> {
        let before = self.added.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            self.added
                .push(certificate.map_err(|_| TrustError::Malformed)?);
        }
        if self.added.len() == before {
            return Err(TrustError::NoCertificate);
        }
        self.roots()?;
        Ok(self)
    }

    /// Trusts the CA certificates of a PEM file and nothing else.
    ///
    /// # Errors
    /// [`TrustError`] when `pem` has no certificate or a malformed one.
    pub fn trust_only_pem(self, pem: &str) -> Result<Self, TrustError> {
        Self {
            trust: Trust::Added,
            added: Vec::new(),
            ..self
        }
        .trust_also_pem(pem)
    }

    /// Trusts what the operating system trusts, and the added certificates.
    #[cfg(feature = "platform-trust")]
    #[must_use]
    pub const fn trust_platform(mut self) -> Self {
        self.trust = Trust::Platform;
        self
    }

    /// Tunnels through a proxy, for example `http://proxy.example:3128`. TLS to Alpaca stays end to
    /// end. The environment's proxy variables are never read.
    ///
    /// # Errors
    /// [`TrustError::Proxy`] when the address is malformed.
    pub fn proxy(mut self, url: &str) -> Result<Self, TrustError> {
        self.proxy = Some(ureq::Proxy::new(url).map_err(|_| TrustError::Proxy)?);
        Ok(self)
    }

    /// Connects to `address` (a name or an IP address) where `host` and `port` are asked for. TLS
    /// still verifies `host`, and the key still goes to `host` only: for gateways and diagnosis.
    #[must_use]
    pub fn connect_to(mut self, host: &str, port: u16, address: &str) -> Self {
        self.detours.push(Detour {
            host: host.to_ascii_lowercase(),
            port,
            address: address.to_owned(),
        });
        self
    }

    /// Verifies certificates at this time, in unix seconds, instead of the system clock's: for a
    /// device whose clock is not set but that knows the time.
    #[must_use]
    pub const fn verify_at(mut self, unix_seconds: u64) -> Self {
        self.fixed_time = Some(unix_seconds);
        self
    }

    fn roots(&self) -> Result<RootCertStore, TrustError> {
        let mut roots = RootCertStore::empty();
        if matches!(self.trust, Trust::WebPki) {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for certificate in &self.added {
            roots
                .add(certificate.clone())
                .map_err(|_| TrustError::Malformed)?;
        }
        Ok(roots)
    }

    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, TrustError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let clock: Arc<dyn TimeProvider> = match self.fixed_time {
            None => Arc::new(DefaultTimeProvider),
            Some(seconds) => Arc::new(FixedTime(UnixTime::since_unix_epoch(Duration::from_secs(
                seconds,
            )))),
        };
        let builder = ClientConfig::builder_with_details(Arc::clone(&provider), clock)
            .with_safe_default_protocol_versions()
            .map_err(|_| TrustError::Platform)?;
        #[cfg(feature = "platform-trust")]
        let platform = if matches!(self.trust, Trust::Platform) {
            let added = self.added.iter().cloned();
            let verifier =
                rustls_platform_verifier::Verifier::new_with_extra_roots(added, provider)
                    .map_err(|_| TrustError::Platform)?;
            Some(Arc::new(verifier))
        } else {
            None
        };
        #[cfg(feature = "platform-trust")]
        let builder = match platform {
            // `dangerous` is rustls' name for any verifier that is not its own.
            Some(verifier) => builder
                .dangerous()
                .with_custom_certificate_verifier(verifier),
            None => builder.with_root_certificates(self.roots()?),
        };
        #[cfg(not(feature = "platform-trust"))]
        let builder = builder.with_root_certificates(self.roots()?);
        let mut config = builder.with_no_client_auth();
        config.resumption = Resumption::in_memory_sessions(SESSIONS_MAX);
        Ok(Arc::new(config))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Debug)]
struct FixedTime(UnixTime);

impl TimeProvider for FixedTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// Why a [`Config`] cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustError {
    /// The text has no `-----BEGIN CERTIFICATE-----`. Give the CA in PEM form.
    NoCertificate,
    /// A certificate is malformed. Export the CA again.
    Malformed,
    /// The operating system's trust store cannot be read.
    Platform,
    /// The proxy's address is malformed. Write it as `http://host:port`.
    Proxy,
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCertificate => "the CA file has no certificate; give it in PEM form",
            Self::Malformed => "a certificate in the CA file is malformed; export it again",
            Self::Platform => "the operating system's trust store cannot be read",
            Self::Proxy => "the proxy's address is malformed; write it as http://host:port",
        })
    }
}

impl std::error::Error for TrustError {}
