//! [`Reach`]: how a program gets to a server, as its arguments say. [`Line`]: one that is kept.

use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use alpaca_auth::credential::Opens;
use alpaca_auth::endpoint::{Api, Endpoint, ServedIn};
use alpaca_auth::environment::Environment;
use alpaca_auth::listing::{Listed, Listing};
use alpaca_auth::request::Request;
use alpaca_auth::response::{Item, Reply};
use alpaca_auth::transport::Transport as _;
use alpaca_auth_embedded_tls::gateway::{self, OsRng, Tcp};
use alpaca_auth_embedded_tls::{Buffers, CertificateDer, Session, Trust, UnixTime, anchor};
use alpaca_auth_ureq::{Config, UreqTransport};
use rustls_pki_types::pem::PemObject;

use crate::{Arguments, Failure, read};

/// As long as the ureq transport's.
const LIMIT: Duration = alpaca_auth_ureq::TOTAL_TIMEOUT;

/// Which transport moves the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `ureq` and `rustls`.
    Ureq,
    /// `embedded-tls`, over a socket of the operating system.
    EmbeddedTls,
}

impl Transport {
    /// The name that `--transport` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ureq => "ureq",
            Self::EmbeddedTls => "embedded-tls",
        }
    }
}

/// Which transport, to which place, trusting whom, at what time.
#[derive(Clone, Debug)]
pub struct Reach {
    /// `--transport`.
    pub transport: Transport,
    ca: Option<String>,
    connect: Option<(String, u16)>,
    server_name: Option<String>,
    now: Option<u64>,
}

impl Reach {
    /// Takes `--transport`, `--connect`, `--server-name`, `--ca` and `--now` out.
    ///
    /// # Errors
    /// When one of them is not understood, or the file of `--ca` cannot be read.
    pub fn from(arguments: &mut Arguments) -> Result<Self, Failure> {
        let transport = match arguments.value("--transport")?.as_deref() {
            None | Some("ureq") => Transport::Ureq,
            Some("embedded-tls") => Transport::EmbeddedTls,
            Some(other) => {
                let text = format!("--transport {other} is not there; give ureq or embedded-tls");
                return Err(Failure::Usage(text));
            }
        };
        let connect = place(arguments, "--connect")?;
        let ca = arguments.value("--ca")?.map(|path| read(&path));
        let now = arguments.value("--now")?.map(|now| now.parse());
        Ok(Self {
            transport,
            ca: ca.transpose()?,
            connect,
            server_name: arguments.value("--server-name")?,
            now: now
                .transpose()
                .map_err(|_| Failure::Usage("--now must be unix seconds".to_owned()))?,
        })
    }

    /// Another server of the same kind, trusting this CA and no other.
    #[must_use]
    pub fn to_loopback(self, port: u16, ca_pem: &str) -> Self {
        Self {
            ca: Some(ca_pem.to_owned()),
            connect: Some(("localhost".to_owned(), port)),
            ..self
        }
    }

    /// The same to where `option` says, or as before if it is not given.
    ///
    /// # Errors
    /// When the value is not understood.
    pub fn or_at(&self, arguments: &mut Arguments, option: &str) -> Result<Self, Failure> {
        Ok(match place(arguments, option)? {
            None => self.clone(),
            connect => Self {
                connect,
                ..self.clone()
            },
        })
    }

    /// A line to the server of API `A`, with no connection yet.
    ///
    /// # Errors
    /// What is wrong with the host or the CA.
    pub fn line<A: ServedIn<E>, E: Environment>(self) -> Result<Line<A, E>, Failure> {
        let endpoint = self.endpoint()?;
        let kept = match self.transport {
            Transport::Ureq => Some(UreqTransport::new(&self.config(&endpoint)?)?),
            Transport::EmbeddedTls => None,
        };
        Ok(Line {
            reach: self,
            endpoint,
            kept,
        })
    }

    /// The time of `--now`, in unix seconds.
    #[must_use]
    pub const fn now(&self) -> Option<u64> {
        self.now
    }

    /// Whether `--connect` was given.
    #[must_use]
    pub const fn is_elsewhere(&self) -> bool {
        self.connect.is_some()
    }

    /// Alpaca's endpoint, or the one that was asked for.
    ///
    /// # Errors
    /// When the host is refused.
    pub fn endpoint<A: ServedIn<E>, E: Environment>(&self) -> Result<Endpoint<A, E>, Failure> {
        Ok(match &self.connect {
            None => Endpoint::alpaca(),
            Some((host, port)) => Endpoint::at(self.server_name.as_deref().unwrap_or(host), *port)?,
        })
    }

    /// Sends one request on a connection of its own.
    ///
    /// # Errors
    /// [`Failure::Call`] or [`Failure::Session`], or what is wrong with the CA.
    pub fn send<'b, A: Api, C: Opens<A>>(
        &self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Failure> {
        match self.transport {
            Transport::Ureq => {
                let mut transport = UreqTransport::new(&self.config(endpoint)?)?;
                Ok(transport.send(request, endpoint, credential, body)?)
            }
            Transport::EmbeddedTls => self.in_session(endpoint, |session| {
                Ok(session.send(request, endpoint, credential, body)?)
            }),
        }
    }

    /// Reads a list, all pages on a connection of its own.
    ///
    /// # Errors
    /// As [`send`](Self::send), and [`Failure::List`].
    pub fn list<A: Api, C: Opens<A>>(
        &self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        listing: &mut Listing<'_>,
        on: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Listed, Failure> {
        match self.transport {
            Transport::Ureq => {
                let mut transport = UreqTransport::new(&self.config(endpoint)?)?;
                Ok(listing.read(&mut transport, request, endpoint, credential, on)?)
            }
            Transport::EmbeddedTls => self.in_session(endpoint, |session| {
                Ok(listing.read(session, request, endpoint, credential, on)?)
            }),
        }
    }

    /// What the ureq transport takes.
    ///
    /// # Errors
    /// What is wrong with the CA.
    pub fn config<A, E>(&self, endpoint: &Endpoint<A, E>) -> Result<Config, Failure> {
        let mut config = Config::new();
        if let Some(pem) = &self.ca {
            config = config.trust_only_pem(pem)?;
        }
        if let (Some((host, port)), Some(_)) = (&self.connect, &self.server_name) {
            config = config.connect_to(endpoint.host(), *port, host);
        }
        if let Some(now) = self.now {
            config = config.verify_at(now);
        }
        Ok(config)
    }

    /// Opens a session of embedded-tls, and closes it.
    fn in_session<A: Api, E: Environment, R>(
        &self,
        endpoint: &Endpoint<A, E>,
        use_it: impl FnOnce(&mut Session<'_, Tcp, A, E>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let ders: Vec<CertificateDer<'_>> = match &self.ca {
            None => Vec::new(),
            Some(pem) => CertificateDer::pem_slice_iter(pem.as_bytes())
                .collect::<Result<_, _>>()
                .map_err(|_| Failure::Anchor)?,
        };
        let anchors: Vec<_> = ders.iter().map(anchor).collect::<Result<_, _>>()?;
        let trust = match self.ca {
            None => Trust::webpki_roots(),
            Some(_) if anchors.is_empty() => return Err(Failure::Anchor),
            Some(_) => Trust::only(&anchors),
        };
        let now = match self.now {
            None => gateway::now(),
            Some(seconds) => UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
        };
        let host = self
            .connect
            .as_ref()
            .map_or(endpoint.host(), |(host, _)| host);
        let mut buffers = Box::new(Buffers::<16640, 1280, 8192>::new());
        let socket = Tcp::connect(host, endpoint.port(), LIMIT).map_err(Failure::Connect)?;
        let mut session = Session::open(socket, endpoint, &mut buffers, trust, now, &mut OsRng)?;
        let result = use_it(&mut session)?;
        session.close();
        Ok(result)
    }
}

/// A server that is called again and again. Over ureq the connection is kept.
pub struct Line<A, E> {
    reach: Reach,
    endpoint: Endpoint<A, E>,
    kept: Option<UreqTransport>,
}

impl<A: Api, E: Environment> Line<A, E> {
    /// Sends one request.
    ///
    /// # Errors
    /// [`Failure::Call`], [`Failure::Session`] or [`Failure::Connect`].
    pub fn send<'b, C: Opens<A, Environment = E>>(
        &mut self,
        request: &Request<'_, A>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Failure> {
        match &mut self.kept {
            Some(transport) => Ok(transport.send(request, &self.endpoint, credential, body)?),
            None => self.reach.send(request, &self.endpoint, credential, body),
        }
    }
}

/// `HOST:PORT`, or `HOST` at port 443.
fn place(arguments: &mut Arguments, option: &str) -> Result<Option<(String, u16)>, Failure> {
    let Some(address) = arguments.value(option)? else {
        return Ok(None);
    };
    let (host, port) = address.rsplit_once(':').unwrap_or((&address, "443"));
    let port = port
        .parse()
        .map_err(|_| Failure::Usage(format!("{option} must be HOST:PORT")))?;
    Ok(Some((host.to_owned(), port)))
}

/// How far a call came, for machines.
#[must_use]
pub const fn stage(failure: &Failure) -> Option<&'static str> {
    match failure {
        Failure::Call(error) => Some(error.stage().name()),
        Failure::Session(error) => Some(error.stage().name()),
        Failure::Connect(_) => Some("connect"),
        _ => None,
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
