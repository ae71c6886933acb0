//! [`Error`]: why there is no complete answer, and what to do about it.

use std::fmt;
use std::io;
use std::time::Duration;

use alpaca_auth::credential::CredentialError;
use alpaca_auth::http::{BodyError, FramingError, HeadError};
use alpaca_auth::policy::PolicyError;
use alpaca_auth::request::RequestError;
use alpaca_auth::retry::{Ended, StopReason};

use crate::binding::State;
use crate::source::SourcesError;
use crate::watch::Malformed;
use crate::{EnvError, TrustError};

/// Why a call has no complete answer. Holds no part of the request and nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The environment variables give no usable key. Nothing was sent.
    Env(EnvError),
    /// No source of credentials gives a usable one; it says which, and where that looks. Nothing was
    /// sent.
    Source(SourcesError),
    /// The key is refused before it is stored. Nothing was sent.
    Credential(CredentialError),
    /// The configuration cannot be used. Nothing was sent.
    Trust(TrustError),
    /// The request cannot be written. Nothing was sent.
    Request(RequestError),
    /// The host name has no address. Check the network and the name server. Nothing was sent.
    HostNotFound,
    /// No TCP connection. Check the network, the port and firewalls. Nothing was sent.
    Connect(io::ErrorKind),
    /// The proxy did not open a tunnel. Nothing was sent.
    Proxy,
    /// TLS failed or the server could not be verified. Nothing was sent.
    Tls(TlsFault),
    /// Time ran out. If `sent`, the request may have taken effect.
    Timeout {
        /// Whether the request was handed to the network.
        sent: bool,
    },
    /// The connection broke before the answer was complete. The request may have taken effect:
    /// look (by `client_order_id`) before sending it again.
    ConnectionLost,
    /// The server redirects. Alpaca never does; the key was not sent on.
    Redirect {
        /// 300 to 399.
        status: u16,
    },
    /// The head of the answer is malformed or larger than 8 KiB.
    Head(HeadError),
    /// The length of the answer is not stated the one way that is accepted.
    Framing(FramingError),
    /// The chunked coding of the body is malformed.
    Body(BodyError),
    /// The body is larger than the buffer for it ([`Config::body_max`](crate::Config::body_max)).
    BodyTooLarge,
    /// The sink of a streamed body broke off. The connection was closed.
    Stopped,
    /// The HTTP library did something it should not, and was stopped. Report it.
    Internal,
    /// An attempt may have taken effect, and no later one brought certainty. Look by `client_order_id`
    /// ([`check_order`](alpaca_auth::retry::check_order)), or in the account if the request had none, before
    /// anything else. Only a client with [`Config::retry`](crate::Config::retry) says this.
    Unknown {
        /// Why it was not sent again.
        why: StopReason,
        /// The status of the last answer, if the last attempt had one.
        status: Option<u16>,
        /// Whether the request names a `client_order_id`.
        by_client_order_id: bool,
    },
    /// The policy of this client refuses the request, and says by which rule. Nothing was sent.
    Policy(PolicyError),
    /// The rate limit is spent, by what the server said before ([`Config::pace`](crate::Config::pace)). The
    /// request has taken no effect. Call again after this long.
    HeldBack {
        /// How long.
        wait: Duration,
    },
}

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the network: keys, request.
    Prepare,
    /// Name resolution and TCP.
    Connect,
    /// TLS and verification of the server.
    Tls,
    /// The exchange itself.
    Http,
}

impl Stage {
    /// Lower-case name, for machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Http => "http",
        }
    }
}

/// Why TLS failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFault {
    /// No trusted authority issued the certificate. Something intercepts the connection, or its
    /// CA must be added.
    UnknownIssuer,
    /// The certificate is for another name.
    NameMismatch,
    /// The certificate has expired. Check this machine's clock first.
    Expired,
    /// The certificate is not valid yet. Check this machine's clock first.
    NotValidYet,
    /// The certificate is revoked.
    Revoked,
    /// The certificate is malformed, wrongly signed or made for another purpose.
    BadCertificate,
    /// The server does not speak TLS on this port.
    NotTls,
    /// Server and client have no protocol version or cipher suite in common.
    Incompatible,
    /// The server sent an alert.
    Alert,
    /// The connection ended during the handshake.
    Closed,
    /// Time ran out during the handshake.
    TimedOut,
    /// The server broke the protocol.
    Protocol,
}

impl TlsFault {
    pub(crate) fn of(error: &rustls::Error) -> Self {
        use rustls::CertificateError as Certificate;
        use rustls::{AlertDescription as Alert, Error as Tls};
        match error {
            Tls::InvalidCertificate(certificate) => match certificate {
                Certificate::UnknownIssuer => Self::UnknownIssuer,
                Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                    Self::NameMismatch
                }
                Certificate::Expired | Certificate::ExpiredContext { .. } => Self::Expired,
                Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                    Self::NotValidYet
                }
                Certificate::Revoked => Self::Revoked,
                _ => Self::BadCertificate,
            },
            Tls::NoCertificatesPresented => Self::BadCertificate,
            Tls::InvalidMessage(_) => Self::NotTls,
            Tls::PeerIncompatible(_)
            | Tls::AlertReceived(Alert::ProtocolVersion | Alert::HandshakeFailure) => {
                Self::Incompatible
            }
            Tls::AlertReceived(_) => Self::Alert,
            _ => Self::Protocol,
        }
    }

    pub(crate) fn of_io(error: &io::Error) -> Self {
        let inner = error.get_ref();
        if let Some(tls) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::of(tls);
        }
        let timeout = inner
            .and_then(|inner| inner.downcast_ref::<ureq::Error>())
            .is_some_and(|error| matches!(error, ureq::Error::Timeout(_)));
        if timeout || error.kind() == io::ErrorKind::TimedOut {
            Self::TimedOut
        } else {
            Self::Closed
        }
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => {
                "no trusted authority issued the server's certificate; \
                 find out what intercepts the connection, or add its CA"
            }
            Self::NameMismatch => "the server's certificate is for another name; check the host",
            Self::Expired => "the server's certificate has expired; check this machine's clock first",
            Self::NotValidYet => {
                "the server's certificate is not valid yet; check this machine's clock first"
            }
            Self::Revoked => "the server's certificate is revoked; do not use this server",
            Self::BadCertificate => "the server's certificate is not acceptable; do not use this server",
            Self::NotTls => "the server does not speak TLS on this port; check the port",
            Self::Incompatible => "the server offers no TLS version or cipher that is accepted",
            Self::Alert => "the server ended the TLS handshake with an alert; check the host name",
            Self::Closed => {
                "the connection ended during the TLS handshake; check the port and what stands between"
            }
            Self::TimedOut => "the TLS handshake took too long; check the network",
            Self::Protocol => "the server broke the TLS protocol; check what stands between",
        })
    }
}

impl std::error::Error for TlsFault {}

impl Error {
    /// How far the call came.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Env(_)
            | Self::Source(_)
            | Self::Credential(_)
            | Self::Trust(_)
            | Self::Request(_)
            | Self::Policy(_)
            | Self::HeldBack { .. }
            | Self::Internal => Stage::Prepare,
            Self::HostNotFound | Self::Connect(_) | Self::Proxy | Self::Timeout { sent: false } => {
                Stage::Connect
            }
            Self::Tls(_) => Stage::Tls,
            Self::Timeout { sent: true }
            | Self::ConnectionLost
            | Self::Redirect { .. }
            | Self::Head(_)
            | Self::Framing(_)
            | Self::Body(_)
            | Self::Unknown { .. }
            | Self::BodyTooLarge
            | Self::Stopped => Stage::Http,
        }
    }

    /// Whether the request may have reached the server, and so may have taken effect.
    #[must_use]
    pub fn sent(&self) -> bool {
        matches!(Ended::from(self), Ended::MaybeSent { .. })
    }

    /// Translates `ureq`'s error, whose text may quote the server, into one of ours.
    pub(crate) fn of(error: ureq::Error, state: State) -> Self {
        let sent = state == State::Sent;
        let error = Self::translate(error, sent);
        // Once the head was handed to TLS, no error may say that nothing was sent.
        match error.sent() {
            false if sent => Self::ConnectionLost,
            _ => error,
        }
    }

    fn translate(error: ureq::Error, sent: bool) -> Self {
        match error {
            ureq::Error::HostNotFound => Self::HostNotFound,
            ureq::Error::Timeout(_) => Self::Timeout { sent },
            ureq::Error::Io(_) if sent => Self::ConnectionLost,
            ureq::Error::Io(error) => Self::Connect(error.kind()),
            ureq::Error::ConnectionFailed => Self::Connect(io::ErrorKind::NotConnected),
            ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => Self::Proxy,
            ureq::Error::LargeResponseHeader(..) => Self::Head(HeadError::TooLong),
            ureq::Error::Protocol(_) | ureq::Error::Http(_) if sent => Self::Head(HeadError::Field),
            ureq::Error::BodyStalled => Self::ConnectionLost,
            ureq::Error::Rustls(error) if !sent => Self::Tls(TlsFault::of(&error)),
            ureq::Error::Rustls(_) => Self::ConnectionLost,
            ureq::Error::Other(other) => Self::of_own(&*other),
            _ => Self::Internal,
        }
    }

    /// Translates an error that this crate put into `ureq`'s.
    fn of_own(error: &(dyn std::error::Error + 'static)) -> Self {
        if let Some(fault) = error.downcast_ref::<TlsFault>() {
            return Self::Tls(*fault);
        }
        match error.downcast_ref::<Malformed>() {
            Some(Malformed::Head(error)) => Self::Head(*error),
            Some(Malformed::Framing(error)) => Self::Framing(*error),
            Some(Malformed::Body(BodyError::Truncated)) => Self::ConnectionLost,
            Some(Malformed::Body(error)) => Self::Body(*error),
            None => Self::Internal,
        }
    }

    /// Translates an error while the body is read.
    pub(crate) fn of_body(error: io::Error) -> Self {
        match error.downcast::<ureq::Error>() {
            Ok(ureq::Error::Protocol(_)) => Self::Body(BodyError::Chunk),
            Ok(error) => Self::of(error, State::Sent),
            Err(_) => Self::ConnectionLost,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Env(error) => return error.fmt(f),
            Self::Source(error) => return error.fmt(f),
            Self::Credential(error) => return error.fmt(f),
            Self::Trust(error) => return error.fmt(f),
            Self::Request(error) => return error.fmt(f),
            Self::Policy(error) => return error.fmt(f),
            Self::Tls(fault) => return fault.fmt(f),
            Self::Head(error) => {
                return write!(
                    f,
                    "the answer is malformed ({error}); check what stands between"
                );
            }
            Self::Body(error) => {
                return write!(
                    f,
                    "the answer is malformed ({error}); check what stands between"
                );
            }
            Self::Framing(error) => {
                return write!(
                    f,
                    "the answer is not framed as it must be ({error}); check what stands between"
                );
            }
            Self::Redirect { status } => {
                return write!(
                    f,
                    "the server redirects (HTTP {status}), which was not followed and the key not sent on; \
                     Alpaca never redirects, so check the host and what stands between"
                );
            }
            Self::Connect(kind) => {
                return write!(
                    f,
                    "no connection ({kind}); check the network, the port and firewalls"
                );
            }
            Self::HostNotFound => {
                "the host name has no address; check the network and the name server"
            }
            Self::Proxy => "the proxy did not open a tunnel; check its address and rights",
            Self::Timeout { sent: false } => "connecting took too long; check the network",
            Self::Timeout { sent: true } => {
                "the answer took too long; the request may have taken effect, so look before sending it again"
            }
            Self::ConnectionLost => {
                "the connection broke before the answer was complete; \
                 the request may have taken effect, so look before sending it again"
            }
            Self::BodyTooLarge => {
                "the answer is larger than the buffer for it; ask for less, or raise body_max"
            }
            Self::Stopped => "the caller did not want the rest of the answer",
            Self::Internal => "the HTTP library misbehaved and was stopped; please report it",
            Self::Unknown {
                why,
                status,
                by_client_order_id,
            } => {
                f.write_str(match by_client_order_id {
                    true => "unknown, check by client_order_id: the order may have been taken, and ",
                    false => "unknown, look in the account first: the request may have taken effect, and ",
                })?;
                why.fmt(f)?;
                return match status {
                    Some(status) => write!(f, " (HTTP {status})"),
                    None => Ok(()),
                };
            }
            Self::HeldBack { wait } => {
                let seconds = wait.as_millis().div_ceil(1000);
                return write!(
                    f,
                    "the rate limit is spent, so nothing was changed; wait {seconds} s"
                );
            }
        };
        f.write_str(text)
    }
}

impl std::error::Error for Error {}

/// What an error means for sending again.
impl From<&Error> for Ended {
    fn from(error: &Error) -> Self {
        match error {
            Error::Env(_)
            | Error::Source(_)
            | Error::Credential(_)
            | Error::Trust(_)
            | Error::Request(_)
            | Error::Policy(_)
            | Error::HeldBack { .. } => Self::NotSent { passing: false },
            Error::HostNotFound
            | Error::Connect(_)
            | Error::Proxy
            | Error::Timeout { sent: false }
            | Error::Tls(TlsFault::Closed | TlsFault::TimedOut) => Self::NotSent { passing: true },
            // Another try would be judged the same, and tell whoever stands between about us.
            Error::Tls(_) => Self::NotSent { passing: false },
            Error::Timeout { sent: true } | Error::ConnectionLost => {
                Self::MaybeSent { passing: true }
            }
            Error::Redirect { .. }
            | Error::Head(_)
            | Error::Framing(_)
            | Error::Body(_)
            | Error::BodyTooLarge
            | Error::Stopped
            | Error::Unknown { .. }
            | Error::Internal => Self::MaybeSent { passing: false },
        }
    }
}

impl From<CredentialError> for Error {
    fn from(error: CredentialError) -> Self {
        Self::Credential(error)
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<SourcesError> for Error {
    fn from(error: SourcesError) -> Self {
        Self::Source(error)
    }
}

impl From<PolicyError> for Error {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

impl From<EnvError> for Error {
    fn from(error: EnvError) -> Self {
        Self::Env(error)
    }
}

impl From<TrustError> for Error {
    fn from(error: TrustError) -> Self {
        Self::Trust(error)
    }
}
