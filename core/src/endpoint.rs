//! Which host serves which API in which environment. The only file with host names.
//!
//! Hosts are Alpaca's published ones (docs.alpaca.markets, 2026-11). A caller may add a regional
//! host or a loopback; it stays bound to the environment it was given for. A server never adds one.

use core::fmt;
use core::marker::PhantomData;

use crate::environment::{Environment, Live, Paper, Production, Sandbox};

mod sealed {
    pub trait Sealed {}
}

/// Longest host name accepted, in bytes. Alpaca's longest published name has 40.
pub const HOST_MAX: usize = 128;
/// Longest `host:port`.
const AUTHORITY_MAX: usize = HOST_MAX + 6;
/// RFC 1035 §2.3.4.
const LABEL_MAX: usize = 63;
/// The port that `https` and `wss` imply, RFC 9110 §4.2.2.
pub const HTTPS_PORT: u16 = 443;

/// One of Alpaca's APIs. Sealed.
pub trait Api: sealed::Sealed + 'static {
    /// The same fact as a value, for messages.
    const KIND: ApiKind;
}

/// `Self` is served in environment `E`, by this host.
pub trait ServedIn<E: Environment>: Api {
    /// Host name of Alpaca's own server.
    const HOST: &'static str;
}

macro_rules! apis {
    ($($(#[$doc:meta])* $name:ident = $text:literal { $($environment:ident: $host:literal),* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl sealed::Sealed for $name {}
            impl Api for $name { const KIND: ApiKind = ApiKind::$name; }
            $(impl ServedIn<$environment> for $name { const HOST: &'static str = $host; })*
        )*
        /// An API as a value.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ApiKind { $(#[doc = concat!("See [`", stringify!($name), "`].")] $name),* }
        impl ApiKind {
            /// Whether its answers hold tokens or keys, which a transport keeps from logs and wipes.
            #[must_use]
            pub const fn issues_tokens(self) -> bool {
                matches!(self, Self::AuthServer | Self::ConnectToken | Self::SecretManager)
            }

            /// Name as Alpaca's documentation writes it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
        /// Every host above: a caller's own host may be none of another environment's.
        const ALPACA_HOSTS: &[&str] = &[$($($host),*),*];
    };
}

apis! {
    /// Trading API: account, orders, positions, assets.
    Trading = "Trading API" { Paper: "paper-api.alpaca.markets", Live: "api.alpaca.markets" }
    /// Broker API: accounts, transfers and journals of a broker partner.
    Broker = "Broker API" {
        Sandbox: "broker-api.sandbox.alpaca.markets", Production: "broker-api.alpaca.markets"
    }
    /// The authorization server that issues broker access tokens ("authx").
    AuthServer = "authorization server" {
        Sandbox: "authx.sandbox.alpaca.markets", Production: "authx.alpaca.markets"
    }
    /// The page where a user lets a Connect app in. Its `env` parameter tells paper from live.
    ConnectPage = "Connect page" { Paper: "app.alpaca.markets", Live: "app.alpaca.markets" }
    /// The server that exchanges a Connect app's codes: the live host, for paper too.
    ConnectToken = "Connect token endpoint" { Paper: "api.alpaca.markets", Live: "api.alpaca.markets" }
    /// Market Data API. Paper and live accounts share one host.
    MarketData = "Market Data API" {
        Paper: "data.alpaca.markets", Live: "data.alpaca.markets",
        Sandbox: "data.sandbox.alpaca.markets", Production: "data.alpaca.markets"
    }
    /// Market data stream (WebSocket).
    DataStream = "market data stream" {
        Paper: "stream.data.alpaca.markets", Live: "stream.data.alpaca.markets",
        Sandbox: "stream.data.sandbox.alpaca.markets", Production: "stream.data.alpaca.markets"
    }
    /// Trade update stream (WebSocket).
    TradingStream = "trading stream" { Paper: "paper-api.alpaca.markets", Live: "api.alpaca.markets" }
    /// A secret manager that holds key pairs, or the server that issues its tokens. Not Alpaca's: its
    /// host is the caller's, and its environment is that of the keys that are asked for.
    SecretManager = "secret manager" {}
}

impl fmt::Display for ApiKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Host and port that serve API `A` in environment `E`. Always `https` or `wss`.
///
/// ```
/// use alpaca_auth::endpoint::{Endpoint, Trading};
/// use alpaca_auth::environment::{Live, Paper};
///
/// assert_eq!(Endpoint::<Trading, Paper>::alpaca().host(), "paper-api.alpaca.markets");
///
/// let loopback = Endpoint::<Trading, Paper>::at("localhost", 8443)?;
/// assert_eq!(loopback.authority(), "localhost:8443");
///
/// // A host that Alpaca uses for something else is refused.
/// assert!(Endpoint::<Trading, Paper>::at("api.alpaca.markets", 443).is_err());
/// # Ok::<(), alpaca_auth::endpoint::EndpointError>(())
/// ```
///
/// ```compile_fail,E0599
/// use alpaca_auth::endpoint::{Broker, Endpoint};
/// use alpaca_auth::environment::Paper;
/// Endpoint::<Broker, Paper>::alpaca(); // no `alpaca`: the Broker API is not served in `Paper`
/// ```
pub struct Endpoint<A, E> {
    place: Place,
    of: PhantomData<fn() -> (A, E)>,
}

#[derive(Clone)]
enum Place {
    Alpaca(&'static str),
    Caller {
        authority: heapless::String<AUTHORITY_MAX>,
        host_length: usize,
        port: u16,
    },
}

impl<E: Environment, A: ServedIn<E>> Endpoint<A, E> {
    /// Alpaca's own server on port 443.
    #[must_use]
    pub const fn alpaca() -> Self {
        Self {
            place: Place::Alpaca(A::HOST),
            of: PhantomData,
        }
    }

    /// A host of the caller's: a regional host of Alpaca, or a loopback for tests.
    ///
    /// `host` is a DNS name or an IPv4 address, without scheme, port or path. TLS verifies it.
    ///
    /// # Errors
    /// [`EndpointError`] says which rule `host` or `port` breaks.
    pub fn at(host: &str, port: u16) -> Result<Self, EndpointError> {
        Self::given(host, port, Some(A::HOST))
    }
}

impl<E: Environment> Endpoint<SecretManager, E> {
    /// The host of a secret manager, as the caller knows it. None of Alpaca's is taken.
    ///
    /// ```
    /// use alpaca_auth::endpoint::{Endpoint, SecretManager};
    /// use alpaca_auth::environment::Paper;
    /// let vault = Endpoint::<SecretManager, Paper>::manager("vault.example.com", 8200)?;
    /// assert_eq!(vault.authority(), "vault.example.com:8200");
    /// assert!(Endpoint::<SecretManager, Paper>::manager("paper-api.alpaca.markets", 443).is_err());
    /// # Ok::<(), alpaca_auth::endpoint::EndpointError>(())
    /// ```
    ///
    /// # Errors
    /// [`EndpointError`] says which rule `host` or `port` breaks.
    pub fn manager(host: &str, port: u16) -> Result<Self, EndpointError> {
        Self::given(host, port, None)
    }
}

impl<A, E> Endpoint<A, E> {
    fn given(host: &str, port: u16, own: Option<&str>) -> Result<Self, EndpointError> {
        check_host(host)?;
        if port == 0 {
            return Err(EndpointError::PortZero);
        }
        let taken = ALPACA_HOSTS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host));
        if taken && !own.is_some_and(|own| own.eq_ignore_ascii_case(host)) {
            return Err(EndpointError::OtherEnvironment);
        }
        let mut authority = heapless::String::new();
        let written = if port == HTTPS_PORT {
            authority.push_str(host).map_err(|_| fmt::Error)
        } else {
            fmt::write(&mut authority, format_args!("{host}:{port}"))
        };
        written.map_err(|_| EndpointError::TooLong)?;
        authority.make_ascii_lowercase();
        Ok(Self {
            place: Place::Caller {
                authority,
                host_length: host.len(),
                port,
            },
            of: PhantomData,
        })
    }
}

impl<A, E> Endpoint<A, E> {
    /// Host name: what SNI says, and what the certificate must be for.
    #[must_use]
    pub fn host(&self) -> &str {
        match &self.place {
            Place::Alpaca(host) => host,
            Place::Caller {
                authority,
                host_length,
                ..
            } => authority.get(..*host_length).unwrap_or_default(),
        }
    }

    /// TCP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        match self.place {
            Place::Alpaca(_) => HTTPS_PORT,
            Place::Caller { port, .. } => port,
        }
    }

    /// The value of the `Host` header: the host, and the port unless it is 443.
    #[must_use]
    pub fn authority(&self) -> &str {
        match &self.place {
            Place::Alpaca(host) => host,
            Place::Caller { authority, .. } => authority,
        }
    }
}

impl<A, E> Clone for Endpoint<A, E> {
    fn clone(&self) -> Self {
        Self {
            place: self.place.clone(),
            of: PhantomData,
        }
    }
}

impl<A, E> fmt::Debug for Endpoint<A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.authority()).finish()
    }
}

/// Why a host or port of the caller's is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointError {
    /// The host is empty. Give a name such as `localhost`.
    Empty,
    /// The host is longer than [`HOST_MAX`], or a label longer than 63 bytes.
    TooLong,
    /// The host holds something other than letters, digits, `-` and `.`. Give the bare name:
    /// no `https://`, no path, no port, no brackets.
    InvalidCharacter,
    /// Two dots in a row, a dot at an end, or a `-` at the end of a label.
    InvalidLabel,
    /// Port 0 cannot be connected to.
    PortZero,
    /// This is Alpaca's host for another API or environment. Use the endpoint of that type.
    OtherEnvironment,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the host is empty; give a name such as localhost",
            Self::TooLong => "the host is too long; at most 128 bytes, 63 between dots",
            Self::InvalidCharacter => {
                "the host may hold letters, digits, '-' and '.'; give the bare name without https://, port or path"
            }
            Self::InvalidLabel => {
                "the host has an empty part or a '-' beside a dot; check the spelling"
            }
            Self::PortZero => "port 0 cannot be connected to; give the server's port",
            Self::OtherEnvironment => {
                "this is Alpaca's host for another API or environment; use the endpoint of that type instead"
            }
        })
    }
}

impl core::error::Error for EndpointError {}

fn check_host(host: &str) -> Result<(), EndpointError> {
    if host.is_empty() {
        return Err(EndpointError::Empty);
    }
    if host.len() > HOST_MAX {
        return Err(EndpointError::TooLong);
    }
    for label in host.as_bytes().split(|b| *b == b'.') {
        if label.is_empty() || label.starts_with(b"-") || label.ends_with(b"-") {
            return Err(EndpointError::InvalidLabel);
        }
        if label.len() > LABEL_MAX {
            return Err(EndpointError::TooLong);
        }
        if !label
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        {
            return Err(EndpointError::InvalidCharacter);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    type PaperTrading = Endpoint<Trading, Paper>;

    #[test]
    fn hosts_that_are_no_bare_names_are_refused() {
        let long_label = [b'a'; 64];
        let long_label = core::str::from_utf8(&long_label).unwrap();
        for (host, error) in [
            ("", EndpointError::Empty),
            ("https://localhost", EndpointError::InvalidCharacter),
            ("localhost:8443", EndpointError::InvalidCharacter),
            ("localhost/path", EndpointError::InvalidCharacter),
            ("user@localhost", EndpointError::InvalidCharacter),
            ("local host", EndpointError::InvalidCharacter),
            ("localhost\r\nX: y", EndpointError::InvalidCharacter),
            ("[::1]", EndpointError::InvalidCharacter),
            ("münchen.example", EndpointError::InvalidCharacter),
            ("localhost.", EndpointError::InvalidLabel),
            (".localhost", EndpointError::InvalidLabel),
            ("a..b", EndpointError::InvalidLabel),
            ("-a.b", EndpointError::InvalidLabel),
            ("a-.b", EndpointError::InvalidLabel),
            (long_label, EndpointError::TooLong),
        ] {
            assert_eq!(PaperTrading::at(host, 443).unwrap_err(), error, "{host}");
        }
        assert_eq!(
            PaperTrading::at("localhost", 0).unwrap_err(),
            EndpointError::PortZero
        );
    }

    #[test]
    fn a_host_of_another_environment_is_refused_in_any_letter_case() {
        for host in [
            "api.alpaca.markets",
            "API.Alpaca.Markets",
            "data.alpaca.markets",
        ] {
            assert_eq!(
                PaperTrading::at(host, 443).unwrap_err(),
                EndpointError::OtherEnvironment
            );
        }
        assert!(PaperTrading::at("Paper-API.alpaca.markets", 8443).is_ok());
        assert!(PaperTrading::at("api.giftcity.in.alpaca.markets", 443).is_ok());
    }

    #[test]
    fn the_port_is_named_only_when_it_is_not_443() {
        assert_eq!(
            PaperTrading::at("127.0.0.1", 443).unwrap().authority(),
            "127.0.0.1"
        );
        let other = PaperTrading::at("127.0.0.1", 65535).unwrap();
        assert_eq!(
            (other.host(), other.authority()),
            ("127.0.0.1", "127.0.0.1:65535")
        );
    }

    #[test]
    fn the_longest_host_fits_with_its_port() {
        let label = [b'a'; 63];
        let label = core::str::from_utf8(&label).unwrap();
        let mut host = heapless::String::<HOST_MAX>::new();
        fmt::write(&mut host, format_args!("{label}.{label}.")).unwrap();
        assert_eq!(host.len(), HOST_MAX);
        host.pop();
        assert!(PaperTrading::at(&host, 65535).is_ok());
    }
}
