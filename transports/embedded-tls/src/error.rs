//! [`Error`]: why there is no session or no complete answer, and what to do about it.

use core::fmt;

use alpaca_auth::http::{BodyError, FramingError, HeadError};
use alpaca_auth::request::{Replay, RequestError};
use embedded_io::ErrorKind;

use crate::buffers::{GuardFault, Shared};

/// Why a session or an answer is not there. Holds no part of the request and nothing secret.
///
/// Every error but [`Request`](Self::Request) and [`OtherHost`](Self::OtherHost) ends the session:
/// drop it and open another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The time given is before this program was built, so no certificate can be judged. Set the
    /// clock (RTC or SNTP) and open again. Nothing was sent.
    Clock,
    /// The generator failed or repeats one byte. Start the entropy source. Nothing was sent.
    Entropy,
    /// TLS failed or the server could not be verified. No byte of a request was sent.
    Tls(TlsFault),
    /// The request cannot be written. Nothing was sent; the session is usable.
    Request(RequestError),
    /// The session is with another host than the endpoint's. Nothing was sent; the session is usable.
    OtherHost,
    /// The session has ended. If `sent`, the request was on its way when the server closed.
    Stale {
        /// Whether the request may have reached the server.
        sent: bool,
    },
    /// The socket failed. If `sent`, the request may have taken effect.
    Socket {
        /// What the socket reported, [`ErrorKind::TimedOut`] for one.
        kind: ErrorKind,
        /// Whether the request may have reached the server.
        sent: bool,
    },
    /// The connection ended, or was tampered with, before the answer was complete. The request may
    /// have taken effect: look (by `client_order_id`) before sending it again.
    Broken(TlsFault),
    /// The server redirects. Alpaca never does; the key was not sent on.
    Redirect {
        /// 300 to 399.
        status: u16,
    },
    /// The head of the answer is malformed.
    Head(HeadError),
    /// The head of the answer is longer than [`Buffers`](crate::Buffers)' `HTTP`.
    HeadTooLong,
    /// The length of the answer is not stated the one way that is accepted.
    Framing(FramingError),
    /// The body is malformed.
    Body(BodyError),
    /// The body is larger than the buffer for it. Give a larger one, or take it by a sink.
    BodyTooLarge,
    /// The sink asked to stop.
    Stopped,
}

impl Error {
    /// Whether the request may have reached the server.
    #[must_use]
    pub const fn sent(self) -> bool {
        match self {
            Self::Clock | Self::Entropy | Self::Tls(_) | Self::Request(_) | Self::OtherHost => {
                false
            }
            Self::Stale { sent } | Self::Socket { sent, .. } => sent,
            _ => true,
        }
    }

    /// Whether the same request may be sent again on a new session: it certainly did not arrive,
    /// or it does no harm twice. A malformed answer or a lack of room is not mended by that, so
    /// then the answer is no.
    ///
    /// ```
    /// use alpaca_auth::request::Replay;
    /// use alpaca_auth_embedded_tls::Error;
    ///
    /// // The server closed an idle session before anything was written.
    /// assert!(Error::Stale { sent: false }.may_resend(Replay::Never));
    /// // It closed while the request was under way: it may have been executed.
    /// assert!(!Error::Stale { sent: true }.may_resend(Replay::Never));
    /// assert!(Error::Stale { sent: true }.may_resend(Replay::Safe));
    /// ```
    #[must_use]
    pub const fn may_resend(self, replay: Replay) -> bool {
        let repeatable = matches!(replay, Replay::Safe | Replay::WithClientOrderId);
        match self {
            Self::Stale { sent } | Self::Socket { sent, .. } => !sent || repeatable,
            Self::Broken(_) => repeatable,
            _ => false,
        }
    }

    /// How far the call came.
    #[must_use]
    pub const fn stage(self) -> Stage {
        match self {
            Self::Clock | Self::Entropy | Self::Request(_) | Self::OtherHost => Stage::Prepare,
            Self::Tls(_) => Stage::Tls,
            _ => Stage::Http,
        }
    }
}

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the network: clock, entropy, request.
    Prepare,
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
            Self::Tls => "tls",
            Self::Http => "http",
        }
    }
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident: $text:literal,)*) => {
        /// Why TLS failed. The documentation of each variant says what to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum TlsFault {
            $($(#[doc = $doc])* $name,)*
            /// The server sent this alert (RFC 8446 §6). 40 and 70 mean that nothing is in common:
            /// this client has TLS 1.3, AES-128-GCM and P-256 only.
            Alert(u8),
            /// The socket failed during the handshake.
            Socket(ErrorKind),
        }

        impl fmt::Display for TlsFault {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name => f.write_str($text),)*
                    Self::Alert(40 | 70) => f.write_str(
                        "the server has nothing in common with this client (TLS 1.3, AES-128-GCM, P-256)"
                    ),
                    Self::Alert(description) => write!(f, "the server sent alert {description}"),
                    Self::Socket(ErrorKind::TimedOut) => {
                        f.write_str("time ran out during the handshake")
                    }
                    Self::Socket(kind) => write!(f, "the connection failed during the handshake ({kind:?})"),
                }
            }
        }
    };
}

faults! {
    /// The server does not speak TLS on this port.
    NotTls: "the server does not speak TLS on this port; check the port",
    /// The server has TLS 1.2 or older only. Alpaca has 1.3, so something stands between.
    OldVersion: "the server does not speak TLS 1.3; check what stands between",
    /// The server asks for a ClientHello with another group than P-256, which is the only one here.
    RetryRequest: "the server insists on another key exchange than P-256 (HelloRetryRequest)",
    /// The server chose a cipher suite that was not offered.
    CipherSuite: "the server chose a cipher suite that was not offered",
    /// The server chose a key exchange that was not offered.
    Group: "the server chose a key exchange that was not offered",
    /// ServerHello is malformed, or more than itself is in its record.
    ServerHello: "the server's first message is malformed",
    /// A record that may not come now: plaintext after the keys exist, or a second
    /// change_cipher_spec. An attack, or a broken middlebox.
    UnexpectedRecord: "a record came that may not come now; something tampers with the connection",
    /// An encrypted record is empty or longer than TLS allows.
    RecordLength: "a record is empty or too long; something tampers with the connection",
    /// A record does not decrypt, or holds what may not be in it. An attack, or a broken middlebox.
    Decrypt: "a record does not decrypt; something tampers with the connection",
    /// A handshake message is split over records, which embedded-tls cannot read. The certificate
    /// chain may be longer than 16 KB.
    Fragmented: "a handshake message is split over records, which is not supported",
    /// A handshake message is malformed or unknown.
    Message: "a handshake message is malformed",
    /// Certificate and CertificateVerify came twice or in the wrong order.
    MessageOrder: "handshake messages came twice or in the wrong order",
    /// The handshake ended without a certificate or without its signature. An impostor.
    Unauthenticated: "the server did not prove who it is",
    /// The server sent an empty list of certificates.
    NoCertificate: "the server sent no certificate",
    /// The server sent more certificates than [`CERTIFICATES_MAX`](crate::CERTIFICATES_MAX).
    ChainTooLong: "the server sent more than 6 certificates",
    /// No trusted authority issued the certificate, or an intermediate is missing. Something
    /// intercepts the connection, or its CA must be added. A build without feature `rsa` trusts
    /// no RSA authority.
    UnknownIssuer: "no trusted authority issued the certificate, or an intermediate is missing",
    /// The certificate is for another name.
    NameMismatch: "the certificate is for another name",
    /// A certificate of the chain has expired. Check this device's clock first.
    Expired: "a certificate has expired; check this device's clock first",
    /// A certificate of the chain is not valid yet. Check this device's clock first.
    NotValidYet: "a certificate is not valid yet; check this device's clock first",
    /// A signature in the chain is wrong.
    BadSignature: "a signature in the certificate chain is wrong",
    /// A key or signature in the chain is of a kind that is not accepted: RSA without feature
    /// `rsa`, RSA below 2048 or above 4096 bits, another curve, SHA-1.
    UnsupportedKey: "a key or signature is of a kind that is not accepted; RSA needs the feature rsa",
    /// A certificate that may not issue others did.
    LeafAsCa: "a certificate that may not issue others did",
    /// An authority's certificate is used as a server's.
    CaAsLeaf: "an authority's certificate is used as a server's",
    /// The certificate is not made for servers.
    WrongPurpose: "the certificate is not made for servers",
    /// An authority issued a certificate for a name that it may not issue for.
    NameConstraint: "an authority issued for a name that it may not issue for",
    /// More authorities stand between than one of them allows.
    PathTooLong: "more authorities stand between than one of them allows",
    /// A certificate is malformed or has a critical extension that is not known.
    BadCertificate: "a certificate is malformed or demands what is not known here",
    /// None of the pinned keys is in the chain.
    NotPinned: "none of the pinned keys is in the certificate chain",
    /// The server signed the handshake with another key than its certificate's. An impostor.
    BadHandshakeSignature: "the server does not own the key of its certificate",
    /// The server's Finished is wrong: the handshake was changed under way.
    BadFinished: "the handshake was changed under way",
    /// The server sent what this client does not support on an open session: a KeyUpdate, or a
    /// request for a client certificate.
    UnsupportedMessage: "the server sent a message that is not supported after the handshake",
    /// The connection ended without the end of TLS: cut off.
    Closed: "the connection was cut off",
    /// The write buffer is too small for embedded-tls.
    WriteBuffer: "the write buffer is too small",
    /// embedded-tls failed in a way it should not. Report it.
    Internal: "the TLS library failed; report it",
}

impl core::error::Error for TlsFault {}

impl TlsFault {
    /// The record guard's fault, if it has one.
    pub(crate) fn of_guard(shared: &Shared) -> Option<Self> {
        Some(match shared.fault()? {
            GuardFault::NotTls => Self::NotTls,
            GuardFault::Closed => Self::Closed,
            GuardFault::Alert => Self::Alert(shared.alert()),
            GuardFault::UnexpectedRecord => Self::UnexpectedRecord,
            GuardFault::RecordLength => Self::RecordLength,
            GuardFault::ServerHello => Self::ServerHello,
            GuardFault::OldVersion => Self::OldVersion,
            GuardFault::RetryRequest => Self::RetryRequest,
            GuardFault::CipherSuite => Self::CipherSuite,
            GuardFault::Group => Self::Group,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const AFTER: &str = "; the request may have taken effect, so look before sending it again";
        match self {
            Self::Clock => f.write_str(
                "the time is before this program was built; set the clock (RTC or SNTP) first",
            ),
            Self::Entropy => f.write_str("the random generator does not work; start it first"),
            Self::Tls(fault) => write!(
                f,
                "the server could not be verified: {fault}; nothing was sent"
            ),
            Self::Request(error) => error.fmt(f),
            Self::OtherHost => {
                f.write_str("the session is with another host; open one for this endpoint")
            }
            Self::Stale { sent: false } => {
                f.write_str("the session has ended, and nothing was sent; open another one")
            }
            Self::Stale { sent: true } => {
                write!(f, "the server closed the session before it answered{AFTER}")
            }
            Self::Socket {
                kind: ErrorKind::TimedOut,
                sent,
            } => {
                f.write_str("time ran out")?;
                f.write_str(if *sent { AFTER } else { "; nothing was sent" })
            }
            Self::Socket { kind, sent } => {
                write!(f, "the connection failed ({kind:?})")?;
                f.write_str(if *sent { AFTER } else { "; nothing was sent" })
            }
            Self::Broken(fault) => write!(f, "the answer is not complete: {fault}{AFTER}"),
            Self::Redirect { status } => write!(
                f,
                "the server answered with a redirect (HTTP {status}), which was not followed; \
                 Alpaca never redirects, so check the host and what stands between"
            ),
            Self::Head(error) => write!(
                f,
                "the answer is malformed ({error}); check what stands between"
            ),
            Self::HeadTooLong => {
                f.write_str("the answer's head is longer than the HTTP buffer; give a larger one")
            }
            Self::Framing(error) => write!(
                f,
                "the answer is malformed ({error}); check what stands between"
            ),
            Self::Body(error) => write!(
                f,
                "the answer is malformed ({error}); check what stands between"
            ),
            Self::BodyTooLarge => {
                f.write_str("the answer is larger than the buffer for it; give a larger one")
            }
            Self::Stopped => f.write_str("the rest of the answer was not wanted"),
        }
    }
}

impl core::error::Error for Error {}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}
