//! [`Line`]: requests to one secret manager over the verified transport, answers in wiped memory.

#[cfg(any(feature = "aws", feature = "google"))]
use std::time::{SystemTime, UNIX_EPOCH};

use alpaca_auth::credential::Opens;
use alpaca_auth::endpoint::{Endpoint, SecretManager};
use alpaca_auth::environment::Environment;
use alpaca_auth::request::Request;
use alpaca_auth::response::Reply;
use alpaca_auth::source::{EnvironmentEvidence, Found, ManagerFault, NetworkFault, SourceFault};
use alpaca_auth::transport::Transport;
use zeroize::{Zeroize, Zeroizing};

use crate::{Config, Error, TrustError, UreqTransport};

/// Longest answer, in bytes: a document of base64, and what stands around it.
const ANSWER_MAX: usize = 16 * 1024;
/// 2020-01-01. An earlier clock is one that was never set.
#[cfg(any(feature = "aws", feature = "google"))]
const CLOCK_MIN: u64 = 1_577_836_800;

/// What leads to one server: transport, endpoint, and room for its answer.
pub(super) struct Line<E> {
    transport: UreqTransport,
    endpoint: Endpoint<SecretManager, E>,
    body: Zeroizing<Vec<u8>>,
}

impl<E: Environment> Line<E> {
    pub(super) fn new(
        config: &Config,
        endpoint: Endpoint<SecretManager, E>,
    ) -> Result<Self, TrustError> {
        Ok(Self {
            transport: UreqTransport::new(config)?,
            endpoint,
            body: Zeroizing::new(vec![0; ANSWER_MAX]),
        })
    }

    pub(super) const fn endpoint(&self) -> &Endpoint<SecretManager, E> {
        &self.endpoint
    }

    /// Sends one request, lends the answer to `read`, and wipes it.
    pub(super) fn ask<C, R>(
        &mut self,
        request: &Request<'_, SecretManager>,
        credential: &C,
        read: impl FnOnce(&Reply<'_>) -> Result<R, SourceFault>,
    ) -> Result<R, SourceFault>
    where
        C: Opens<SecretManager, Environment = E>,
    {
        let sent = self
            .transport
            .send(request, &self.endpoint, credential, &mut self.body);
        let result = match sent {
            Ok(reply) => read(&reply),
            Err(error) => Err(SourceFault::Manager(fault(error))),
        };
        self.body.as_mut_slice().zeroize();
        result
    }
}

/// Refuses to look for keys of another environment than the manager was set up for.
pub(super) fn check_environment<E: Environment>(found: &Found) -> Result<(), SourceFault> {
    let wanted = found.wanted().environment;
    if wanted == E::KIND {
        return Ok(());
    }
    let evidence = EnvironmentEvidence::Stated(E::KIND);
    Err(SourceFault::OtherEnvironment { wanted, evidence })
}

/// Now, in unix seconds.
#[cfg(any(feature = "aws", feature = "google"))]
pub(super) fn unix_now() -> Result<u64, SourceFault> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    match now.map(|now| now.as_secs()) {
        Ok(now) if now >= CLOCK_MIN => Ok(now),
        _ => Err(SourceFault::Manager(ManagerFault::Clock)),
    }
}

fn fault(error: Error) -> ManagerFault {
    ManagerFault::Network(match error {
        Error::Request(error) => return ManagerFault::Request(error),
        Error::HostNotFound => NetworkFault::HostNotFound,
        Error::Connect(_) | Error::Proxy => NetworkFault::Connect,
        Error::Tls(_) => NetworkFault::NotVerified,
        Error::Timeout { .. } => NetworkFault::Timeout,
        Error::ConnectionLost => NetworkFault::Lost,
        Error::Redirect { .. } => NetworkFault::Redirect,
        Error::Head(_) | Error::Framing(_) | Error::Body(_) => NetworkFault::Malformed,
        Error::BodyTooLarge => NetworkFault::TooLarge,
        _ => NetworkFault::Other,
    })
}
