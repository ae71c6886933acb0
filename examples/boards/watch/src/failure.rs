//! [`Failure`]: why there is no account this time, and whether trying again makes sense.

use core::fmt;

use alpaca_auth::http::RetryAfter;
use alpaca_auth::response::{Outcome, Refusal};
use alpaca_auth_embedded_tls::{Error, TlsFault};

/// Why there is no account. Holds nothing secret.
#[derive(Debug)]
pub enum Failure {
    /// The name has no address. Check DNS.
    Name,
    /// No SNTP server told a usable time.
    Time,
    /// TCP found nobody.
    Connect,
    /// A step took too long.
    TimedOut,
    /// The session or a call failed.
    Session(Error),
    /// Alpaca refuses the call.
    Refusal(Refusal),
    /// The answer is not an account.
    Account,
    /// Alpaca's clock and this one differ.
    ClockIsOff,
}

/// In seconds. A server that asks for more is asked again after this time.
const RETRY_AFTER_MAX: u64 = 3600;

impl Failure {
    /// Whether trying again with the same key is pointless.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Refusal(refusal) => {
                matches!(refusal.status, 401 | 403)
                    || matches!(refusal.outcome, Outcome::Credential(_))
            }
            _ => false,
        }
    }

    /// Whether another look at the time may help.
    pub(crate) fn blames_clock(&self) -> bool {
        matches!(
            self,
            Self::ClockIsOff
                | Self::Session(
                    Error::Clock | Error::Tls(TlsFault::Expired | TlsFault::NotValidYet)
                )
        )
    }

    /// How long the server wants to be left alone, in seconds.
    pub(crate) fn retry_after(&self) -> u64 {
        match self {
            Self::Refusal(refusal) => match refusal.retry_after {
                Some(RetryAfter::Seconds(seconds)) => u64::from(seconds).min(RETRY_AFTER_MAX),
                _ => 0,
            },
            _ => 0,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("a host name has no address; check the network's DNS"),
            Self::Time => f.write_str("no SNTP server told the time; is UDP port 123 open?"),
            Self::Connect => f.write_str("Alpaca cannot be reached; check the network"),
            Self::TimedOut => f.write_str("time ran out"),
            Self::Session(error) => error.fmt(f),
            Self::Refusal(refusal) => refusal.fmt(f),
            Self::Account => f.write_str("the answer is not an account"),
            Self::ClockIsOff => f.write_str("the clock differs from Alpaca's; asking SNTP again"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use alpaca_auth::credential::KeyEvidence;
    use alpaca_auth::endpoint::ApiKind;
    use alpaca_auth::environment::EnvironmentKind;
    use alpaca_auth::response::{Context, Reply, ReplyHead};

    fn refusal(status: u16, retry_after: &[u8]) -> Failure {
        let mut head = ReplyHead::new(status);
        head.field("Retry-After", retry_after);
        let context = Context {
            api: ApiKind::Trading,
            environment: EnvironmentKind::Paper,
            evidence: KeyEvidence::Paper,
        };
        Failure::Refusal(Reply::new(head, context, b"").success().unwrap_err())
    }

    #[test]
    fn a_refused_key_ends_the_job() {
        assert!(refusal(401, b"").is_final());
        assert!(refusal(403, b"").is_final());
    }

    #[test]
    fn what_may_pass_does_not_end_the_job() {
        for status in [307, 404, 408, 429, 500, 502, 503, 504] {
            assert!(!refusal(status, b"").is_final(), "{status}");
        }
        for failure in [
            Failure::Name,
            Failure::Time,
            Failure::Connect,
            Failure::TimedOut,
        ] {
            assert!(!failure.is_final());
        }
        assert!(!Failure::Session(Error::Tls(TlsFault::UnknownIssuer)).is_final());
    }

    #[test]
    fn a_server_is_left_alone_as_long_as_it_asks_but_at_most_an_hour() {
        assert_eq!(refusal(429, b"17").retry_after(), 17);
        assert_eq!(refusal(503, b"4000000000").retry_after(), RETRY_AFTER_MAX);
        assert_eq!(refusal(429, b"soon").retry_after(), 0);
        assert_eq!(Failure::Connect.retry_after(), 0);
    }

    #[test]
    fn only_a_certificates_dates_blame_the_clock() {
        for error in [
            Error::Clock,
            Error::Tls(TlsFault::Expired),
            Error::Tls(TlsFault::NotValidYet),
        ] {
            assert!(Failure::Session(error).blames_clock());
        }
        for error in [
            Error::Entropy,
            Error::Tls(TlsFault::UnknownIssuer),
            Error::Stale { sent: true },
        ] {
            assert!(!Failure::Session(error).blames_clock());
        }
    }
}
