//! What a session's error means for sending again, by the rules of [`alpaca_auth::retry`].

use alpaca_auth::retry::Ended;

use crate::error::{Error, TlsFault};

/// ```
/// use alpaca_auth::retry::Ended;
/// use alpaca_auth_embedded_tls::Error;
///
/// let idle = Error::Stale { sent: false };
/// assert_eq!(Ended::from(&idle), Ended::NotSent { passing: true });
/// let lost = Error::Stale { sent: true };
/// assert_eq!(Ended::from(&lost), Ended::MaybeSent { passing: true });
/// ```
impl From<&Error> for Ended {
    fn from(error: &Error) -> Self {
        let passing = match error {
            Error::Stale { .. } | Error::Socket { .. } | Error::Broken(_) => true,
            // Another try would be judged the same, and tell whoever stands between about us.
            Error::Tls(fault) => matches!(fault, TlsFault::Closed | TlsFault::Socket(_)),
            _ => false,
        };
        match error.sent() {
            true => Self::MaybeSent { passing },
            false => Self::NotSent { passing },
        }
    }
}
