//! What a status and an error code mean. A pure function, because 401 and 403 are not reliable.

use core::fmt;

use crate::credential::{Credential, KeyEvidence, Opens};
use crate::endpoint::{Api, ApiKind};
use crate::environment::{Environment, EnvironmentKind};

/// Where a request went and what its key looked like: what a diagnosis needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// The API that answered.
    pub api: ApiKind,
    /// The environment of endpoint and credential.
    pub environment: EnvironmentKind,
    /// What the key id's text suggests.
    pub evidence: KeyEvidence,
}

impl Context {
    /// The context of a request to `A` by `credential`.
    pub fn of<A: Api, C: Opens<A>>(credential: &C) -> Self {
        Self {
            api: A::KIND,
            environment: <C as Credential>::Environment::KIND,
            evidence: credential.evidence(),
        }
    }
}

/// What the answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 2xx. The body is the answer.
    Success,
    /// 3xx. Alpaca's APIs never redirect, and the key was not sent on. Check the host and what
    /// stands between.
    Redirect,
    /// The credential is not accepted.
    Credential(CredentialRefusal),
    /// The credential is fine; the account may not do this (funds, wash trade, blocked account).
    BusinessRule,
    /// The credential is fine; the market data plan does not cover this.
    Subscription,
    /// No such resource: an id, a symbol, or a position that is not there.
    NotFound,
    /// The request is malformed or a parameter is out of range. Change it before trying again.
    Invalid,
    /// Too many calls. Wait for `Retry-After` or the reset time.
    RateLimited,
    /// 5xx. Alpaca's side. What happened to the request is unknown.
    Server,
    /// A status that Alpaca does not document.
    Unexpected,
}

/// Why a credential is not accepted, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialRefusal {
    /// The key looks like one of another environment.
    OtherEnvironment,
    /// The key id looks like the client id of a Connect app, which is no API key.
    ConnectClientId,
    /// The server does not know the key: mistyped, regenerated, or of another account type.
    KeyNotFound,
    /// Refused without a reason: the key or secret is malformed, revoked or missing.
    NotAccepted,
}

/// `40110000`, "access key not found".
const CODE_KEY_NOT_FOUND: i64 = 40_110_000;
/// `42210000` with HTTP 403: "subscription does not permit".
const CODE_VALIDATION: i64 = 42_210_000;

impl Outcome {
    /// Classifies an answer by its status, the `code` of its error body, and the request's context.
    ///
    /// ```
    /// use alpaca_auth::credential::KeyEvidence;
    /// use alpaca_auth::endpoint::ApiKind;
    /// use alpaca_auth::environment::EnvironmentKind;
    /// use alpaca_auth::response::{Context, CredentialRefusal, Outcome};
    ///
    /// let context = Context {
    ///     api: ApiKind::Trading,
    ///     environment: EnvironmentKind::Live,
    ///     evidence: KeyEvidence::Paper,
    /// };
    /// assert_eq!(Outcome::of(403, Some(40_310_000), context), Outcome::BusinessRule);
    /// assert_eq!(
    ///     Outcome::of(403, None, context),
    ///     Outcome::Credential(CredentialRefusal::OtherEnvironment)
    /// );
    /// ```
    #[must_use]
    pub fn of(status: u16, code: Option<i64>, context: Context) -> Self {
        match (status, code) {
            (200..=299, _) => Self::Success,
            (300..=399, _) => Self::Redirect,
            (403, Some(CODE_VALIDATION)) => Self::Subscription,
            (403, Some(40_310_000..=40_319_999)) => Self::BusinessRule,
            (401, _) | (403, None | Some(40_110_000..=40_119_999)) => {
                Self::Credential(CredentialRefusal::of(code, context))
            }
            (404, _) => Self::NotFound,
            (429, _) => Self::RateLimited,
            (400 | 405 | 409..=415 | 422, _) => Self::Invalid,
            (500..=599, _) => Self::Server,
            _ => Self::Unexpected,
        }
    }
}

impl CredentialRefusal {
    fn of(code: Option<i64>, context: Context) -> Self {
        if context.evidence == KeyEvidence::ConnectClientId {
            Self::ConnectClientId
        } else if context.evidence.contradicts(context.environment) {
            Self::OtherEnvironment
        } else if code == Some(CODE_KEY_NOT_FOUND) {
            Self::KeyNotFound
        } else {
            Self::NotAccepted
        }
    }

    /// What happened and what to do about it.
    pub(super) fn write(self, f: &mut fmt::Formatter<'_>, context: Context) -> fmt::Result {
        let environment = context.environment;
        match self {
            Self::OtherEnvironment => {
                let kind = match context.evidence {
                    KeyEvidence::Paper => "a paper key (PK…)",
                    KeyEvidence::Live => "a live key (AK…)",
                    _ => "a broker key (CK…)",
                };
                write!(
                    f,
                    "the key is not accepted by the {environment} {}, and it looks like {kind}; \
                     use it in its own environment, or give a {environment} key",
                    context.api
                )
            }
            Self::ConnectClientId => f.write_str(
                "the key is not accepted, and it looks like the client id of a Connect app; \
                 give an API key id and secret key, or an access token",
            ),
            Self::KeyNotFound => write!(
                f,
                "the {environment} {} does not know this key, or the secret does not belong to it; \
                 check both halves, and that the key was not regenerated",
                context.api
            ),
            Self::NotAccepted => write!(
                f,
                "the {environment} {} does not accept this credential; \
                 check both halves, its environment, and that it was not revoked",
                context.api
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: Context = Context {
        api: ApiKind::Trading,
        environment: EnvironmentKind::Paper,
        evidence: KeyEvidence::Paper,
    };

    #[test]
    fn a_403_is_told_apart_by_its_code() {
        let refused = Outcome::Credential(CredentialRefusal::NotAccepted);
        for (status, code, outcome) in [
            (401, None, refused),
            (
                401,
                Some(40_110_000),
                Outcome::Credential(CredentialRefusal::KeyNotFound),
            ),
            (401, Some(40_310_000), refused),
            (403, None, refused),
            (
                403,
                Some(40_110_000),
                Outcome::Credential(CredentialRefusal::KeyNotFound),
            ),
            (403, Some(40_310_000), Outcome::BusinessRule),
            (403, Some(40_310_100), Outcome::BusinessRule),
            (403, Some(42_210_000), Outcome::Subscription),
            (403, Some(50_010_000), Outcome::Unexpected),
            (422, Some(42_210_000), Outcome::Invalid),
            (400, Some(40_010_001), Outcome::Invalid),
            (404, Some(40_410_000), Outcome::NotFound),
            (429, Some(42_910_000), Outcome::RateLimited),
            (429, None, Outcome::RateLimited),
            (500, Some(50_010_000), Outcome::Server),
            (503, None, Outcome::Server),
            (200, None, Outcome::Success),
            (207, None, Outcome::Success),
            (302, None, Outcome::Redirect),
            (100, None, Outcome::Unexpected),
            (418, None, Outcome::Unexpected),
            (600, None, Outcome::Unexpected),
            (0, None, Outcome::Unexpected),
        ] {
            assert_eq!(
                Outcome::of(status, code, PAPER),
                outcome,
                "{status} {code:?}"
            );
        }
    }

    #[test]
    fn a_key_of_another_environment_is_named() {
        let live = Context {
            environment: EnvironmentKind::Live,
            ..PAPER
        };
        let other = Outcome::Credential(CredentialRefusal::OtherEnvironment);
        assert_eq!(Outcome::of(401, Some(40_110_000), live), other);
        assert_eq!(Outcome::of(403, None, live), other);
        assert_eq!(
            Outcome::of(403, Some(40_310_000), live),
            Outcome::BusinessRule
        );
    }
}
