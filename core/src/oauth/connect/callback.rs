//! [`read_callback`]: the query of the redirect, read strictly (RFC 6749 §4.1.2, RFC 9207).

use core::fmt;

use super::query::Decoded;
use super::state::State;
use crate::secret::{Secret, SecretTooLong};

/// Longest query accepted, in bytes.
pub const CALLBACK_MAX: usize = 4096;
/// Longest authorization code accepted, in bytes.
pub const CODE_MAX: usize = 512;
/// Longest description kept.
const DESCRIPTION_MAX: usize = 96;

/// An authorization code: with the app's secret it becomes a token. Wipes itself.
pub struct AuthorizationCode(pub(super) Secret<CODE_MAX>);

impl AuthorizationCode {
    /// None yet.
    #[must_use]
    pub const fn vacant() -> Self {
        Self(Secret::new())
    }

    /// Wipes the code. It is good for one exchange.
    pub fn clear(&mut self) {
        self.0.wipe();
    }
}

/// Why Connect's page gives no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DenialCode {
    /// The user, or Alpaca, says no.
    AccessDenied,
    /// The URL lacks a parameter or has a wrong one.
    InvalidRequest,
    /// The app may not ask this way.
    UnauthorizedClient,
    /// The page does not give codes.
    UnsupportedResponseType,
    /// A scope is not known.
    InvalidScope,
    /// The page failed.
    ServerError,
    /// The page is busy.
    TemporarilyUnavailable,
    /// A code that RFC 6749 §4.1.2.1 does not have.
    Other,
}

impl DenialCode {
    const KNOWN: [(Self, &str); 7] = [
        (Self::AccessDenied, "access_denied"),
        (Self::InvalidRequest, "invalid_request"),
        (Self::UnauthorizedClient, "unauthorized_client"),
        (Self::UnsupportedResponseType, "unsupported_response_type"),
        (Self::InvalidScope, "invalid_scope"),
        (Self::ServerError, "server_error"),
        (Self::TemporarilyUnavailable, "temporarily_unavailable"),
    ];

    /// The code's text; `other` for one that is not known.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = Self::KNOWN.iter().find(|known| known.0 == self);
        known.map_or("other", |known| known.1)
    }
}

/// A refusal of Connect's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Its code.
    pub code: DenialCode,
    /// Its `error_description`, at most 96 bytes, printable ASCII only.
    pub description: heapless::String<DESCRIPTION_MAX>,
}

/// Why a callback is not accepted. Holds no code and no state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackError {
    /// The query is longer than [`CALLBACK_MAX`], or a value than its limit.
    TooLong,
    /// A pair without `=`, a malformed escape, or a byte that may not stand in a query.
    Malformed,
    /// A parameter stands there twice. Somebody adds to the redirect: begin the login anew.
    Repeated,
    /// No `state`, or not this login's. Somebody else's redirect, or an old one: go on waiting.
    OtherState,
    /// `iss` is not the expected issuer: the redirect is another server's. Do not use the code.
    OtherIssuer,
    /// Both a code and an error, or neither.
    Ambiguous,
    /// The page refuses.
    Denied(Denial),
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the callback is too long",
            Self::Malformed => "the callback's query is malformed",
            Self::Repeated => "the callback names a parameter twice; begin the login anew",
            Self::OtherState => {
                "the callback is not of this login: its state is missing or differs; begin the login anew"
            }
            Self::OtherIssuer => "the callback is of another issuer than the login was begun with",
            Self::Ambiguous => "the callback must have either a code or an error",
            Self::Denied(denial) => {
                write!(f, "the app is not let in: {}", denial.code.name())?;
                if !denial.description.is_empty() {
                    write!(f, " ({})", denial.description)?;
                }
                return Ok(());
            }
        })
    }
}

impl core::error::Error for CallbackError {}

/// Reads the query of the request that the browser sends to the redirect URI, without `?`.
///
/// `state` is compared first, in constant time, so nobody else's answer is believed. `issuer` is
/// what `iss` must say when it is there; with `None` a query that has an `iss` is refused, as no
/// issuer is known to compare it with. Parameters that are not known are passed over (RFC 6749
/// §4.1.2), in well-formed pairs only.
///
/// # Errors
/// [`CallbackError`]; `code` is vacant then.
pub fn read_callback(
    query: &str,
    state: &State,
    issuer: Option<&str>,
    code: &mut AuthorizationCode,
) -> Result<(), CallbackError> {
    code.clear();
    if query.len() > CALLBACK_MAX {
        return Err(CallbackError::TooLong);
    }
    let found = Found::in_query(query)?;
    // The state and the code are secrets until the login is over, so their place is wiped.
    let mut place = Secret::new();
    let received = found.state.ok_or(CallbackError::OtherState)?;
    let known = value(received, &mut place).is_ok() && place.expose(|received| state.is(received));
    if !known {
        return Err(CallbackError::OtherState);
    }
    if let Some(received) = found.issuer {
        value(received, &mut place)?;
        let same = |issuer: &str| place.expose(|received| issuer.as_bytes() == received);
        if !issuer.is_some_and(same) {
            return Err(CallbackError::OtherIssuer);
        }
    }
    match (found.code, found.error) {
        (Some(text), None) => {
            value(text, &mut code.0)?;
            let sound = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
            if code.0.expose(sound) {
                return Ok(());
            }
            code.clear();
            Err(CallbackError::Malformed)
        }
        (None, Some(error)) => {
            value(error, &mut place)?;
            let mut known = DenialCode::KNOWN.iter();
            let known = known.find(|known| place.expose(|error| known.1.as_bytes() == error));
            let code = known.map_or(DenialCode::Other, |known| known.0);
            let description = printable(found.description.unwrap_or_default());
            Err(CallbackError::Denied(Denial { code, description }))
        }
        _ => Err(CallbackError::Ambiguous),
    }
}

/// The parameters as they stand there.
#[derive(Default)]
struct Found<'q> {
    code: Option<&'q [u8]>,
    state: Option<&'q [u8]>,
    issuer: Option<&'q [u8]>,
    error: Option<&'q [u8]>,
    description: Option<&'q [u8]>,
}

impl<'q> Found<'q> {
    fn in_query(query: &'q str) -> Result<Self, CallbackError> {
        let mut found = Self::default();
        // By bytes: the search for a character has a branch to a panic.
        for pair in query.as_bytes().split(|byte| *byte == b'&') {
            let (name, text) = at_equals_sign(pair).ok_or(CallbackError::Malformed)?;
            if !Decoded::of(name).well_formed() || !Decoded::of(text).well_formed() {
                return Err(CallbackError::Malformed);
            }
            // A name is compared decoded, or an escaped one would hide a second value.
            let places = [
                ("code", &mut found.code),
                ("state", &mut found.state),
                ("iss", &mut found.issuer),
                ("error", &mut found.error),
                ("error_description", &mut found.description),
            ];
            let known = places
                .into_iter()
                .find(|known| Decoded::of(name).is(known.0));
            let Some((_, known)) = known else {
                continue;
            };
            if known.replace(text).is_some() {
                return Err(CallbackError::Repeated);
            }
        }
        Ok(found)
    }
}

fn at_equals_sign(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = pair.iter().position(|byte| *byte == b'=')?;
    Some((pair.get(..at)?, pair.get(at.saturating_add(1)..)?))
}

/// Decodes `text` where it stays; `place` is empty on an error.
fn value(text: &[u8], place: &mut Secret<CODE_MAX>) -> Result<(), CallbackError> {
    // Its form was checked, so what fails is the length.
    let decoded = |buffer: &mut [u8; CODE_MAX]| Decoded::of(text).put(buffer).ok_or(SecretTooLong);
    place.fill(decoded).map_err(|_| CallbackError::TooLong)
}

/// The beginning of `text`, `?` for what is not printable.
fn printable(text: &[u8]) -> heapless::String<DESCRIPTION_MAX> {
    let printable = |byte: &u8| *byte == b' ' || byte.is_ascii_graphic();
    let mut beginning = heapless::String::new();
    for byte in Decoded::of(text) {
        // The first that does not fit ends it.
        if beginning
            .push(char::from(byte.filter(printable).unwrap_or(b'?')))
            .is_err()
        {
            break;
        }
    }
    beginning
}
