//! [`UreqTransport`]: the core's transport over `ureq`.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use alpaca_auth::credential::Opens;
use alpaca_auth::endpoint::{Api, Endpoint};
use alpaca_auth::http::HEAD_MAX;
use alpaca_auth::request::{Method, Request};
use alpaca_auth::response::{Context, Reply, ReplyHead};
use alpaca_auth::transport::{StreamingTransport, Transport};
use ureq::http;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ureq::{Agent, AsSendBody, Body};

use crate::binding::{self, Binding, State};
use crate::destination::{Destination, Received};
use crate::resolver::{CachingResolver, SharedResolver};
use crate::tls::TlsConnector;
use crate::{Config, Error, RESOLVE_LIFETIME, TrustError};

/// Bytes read from the socket at once.
const INPUT_BUFFER: usize = 8 * 1024;
/// Holds the longest head in one piece, or a piece of a request body.
const OUTPUT_BUFFER: usize = binding::HEAD_MAX;
/// Idle connections kept: one per host in use.
const IDLE_MAX: usize = 4;
/// How long an idle connection is kept. A device that polls once a minute keeps its own.
const IDLE_AGE: Duration = Duration::from_secs(90);

/// HTTPS by `ureq` and `rustls`, with kept-alive connections. See the crate for its promises.
///
/// ```no_run
/// use alpaca_auth::credential::{ConnectToken, Slot};
/// use alpaca_auth::endpoint::{Endpoint, Trading};
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::request::trading;
/// use alpaca_auth::transport::Transport;
/// use alpaca_auth_ureq::{Config, UreqTransport};
///
/// let mut slot = Slot::<ConnectToken<Paper>>::vacant();
/// let token = slot.paper("8d8c2a8e-0000-4000-8000-000000000000")?;
/// let mut transport = UreqTransport::new(&Config::new())?;
/// let mut body = vec![0; 64 * 1024];
/// let endpoint = Endpoint::<Trading, Paper>::alpaca();
/// let reply = transport.send(&trading::clock(), &endpoint, token, &mut body)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UreqTransport {
    agent: Agent,
    binding: Arc<Binding>,
    resolver: Arc<CachingResolver>,
}

impl UreqTransport {
    /// A transport with no connection yet.
    ///
    /// # Errors
    /// [`TrustError`] when the trust anchors of `config` cannot be used.
    pub fn new(config: &Config) -> Result<Self, TrustError> {
        let binding = Arc::new(Binding::default());
        let resolver = Arc::new(CachingResolver::new(
            RESOLVE_LIFETIME,
            config.detours.clone(),
        ));
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(TlsConnector {
                    config: config.tls()?,
                    binding: Arc::clone(&binding),
                });
        let settings = Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(config.proxy.clone())
            .user_agent(alpaca_auth::USER_AGENT)
            .timeout_resolve(Some(config.connect_timeout))
            .timeout_connect(Some(config.connect_timeout))
            .timeout_global(Some(config.total_timeout))
            .max_response_header_size(HEAD_MAX)
            .input_buffer_size(INPUT_BUFFER)
            .output_buffer_size(OUTPUT_BUFFER)
            .max_idle_connections(IDLE_MAX)
            .max_idle_connections_per_host(1)
            .max_idle_age(IDLE_AGE)
            .build();
        let agent = Agent::with_parts(settings, connector, SharedResolver(Arc::clone(&resolver)));
        Ok(Self {
            agent,
            binding,
            resolver,
        })
    }

    /// Runs the request that carries no authentication; the binding puts the real head in.
    fn run<A: Api>(
        &self,
        request: &Request<'_, A>,
        authority: &str,
        limit: Option<Duration>,
    ) -> Result<http::Response<Body>, Result<Error, ureq::Error>> {
        let uri = http::Uri::builder()
            .scheme(http::uri::Scheme::HTTPS)
            .authority(authority)
            .path_and_query(request.target());
        let bare = http::Request::builder()
            .method(method(request.method()))
            .uri(uri.build().map_err(|_| Ok(Error::Internal))?);
        match request.body() {
            Some(body) => self.run_bare(bare, body.bytes, limit),
            // Without a body ureq would send chunks, and the head that takes its head's place says 0.
            None if request.method().expects_content() => self.run_bare(bare, &[][..], limit),
            None => self.run_bare(bare, (), limit),
        }
    }

    fn run_bare(
        &self,
        bare: http::request::Builder,
        body: impl AsSendBody,
        limit: Option<Duration>,
    ) -> Result<http::Response<Body>, Result<Error, ureq::Error>> {
        let bare = bare.body(body).map_err(|_| Ok(Error::Internal))?;
        let bare = match limit {
            None => bare,
            Some(limit) => {
                let limited = self.agent.configure_request(bare);
                limited.timeout_global(Some(limit)).build()
            }
        };
        self.agent.run(bare).map_err(Err)
    }

    /// Bytes of HTTP sent and received since this was last asked.
    pub(crate) fn traffic(&self) -> (u64, u64) {
        self.binding.traffic()
    }

    /// Sends once, as [`Transport::send`], in at most `limit` if there is one.
    pub(crate) fn send_within<A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        to: &mut Destination<'_>,
        limit: Option<Duration>,
    ) -> Result<Received, Error> {
        let result = self.exchange(request, endpoint, credential, to, limit);
        if result.is_err() {
            self.binding.forget();
        }
        result
    }

    fn exchange<A: Api, C: Opens<A>>(
        &self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        to: &mut Destination<'_>,
        limit: Option<Duration>,
    ) -> Result<Received, Error> {
        self.binding.arm(request, endpoint, credential)?;
        let result = self.run(request, endpoint.authority(), limit);
        let state = self.binding.disarm();
        let mut response = result.map_err(|error| match error {
            Ok(error) => error,
            Err(error) => {
                if state != State::Sent {
                    self.resolver.forget(endpoint.authority());
                }
                Error::of(error, state)
            }
        })?;

        let status = response.status().as_u16();
        if response.status().is_redirection() {
            return Err(Error::Redirect { status });
        }
        let mut head = ReplyHead::new(status);
        for (name, value) in response.headers() {
            head.field(name.as_str(), value.as_bytes());
        }

        let mut body = response.body_mut().as_reader();
        let length = to.take(&mut body, status, A::KIND.issues_tokens())?;
        let held = to.memory().get_mut(..length).unwrap_or_default();
        if !self.binding.give(held) {
            return Err(Error::BodyTooLarge);
        }
        let context = Context::of::<A, C>(credential);
        Ok(Received {
            head,
            context,
            length,
        })
    }
}

impl Transport for UreqTransport {
    type Error = Error;

    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Error> {
        let mut to = Destination::Memory(&mut *body);
        self.send_within(request, endpoint, credential, &mut to, None)
            .map(|received| received.reply(body))
    }
}

impl StreamingTransport for UreqTransport {
    fn send_into<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        refusal: &'b mut [u8],
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'b>, Error> {
        let mut to = Destination::sink(&mut *refusal, sink);
        self.send_within(request, endpoint, credential, &mut to, None)
            .map(|received| received.reply(refusal))
    }
}

const fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}
