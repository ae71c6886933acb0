//! What the text of a key id says about where it belongs. Evidence for a message, never a rule.

use crate::environment::EnvironmentKind;

/// A hint from the shape of a key id (facts of 2026-11: `PK` paper, `AK` live, `CK` broker).
///
/// ```
/// use alpaca_auth::credential::KeyEvidence;
/// assert_eq!(KeyEvidence::of("PKABC"), KeyEvidence::Paper);
/// assert_eq!(KeyEvidence::of("0123456789abcdef0123456789abcdef"), KeyEvidence::ConnectClientId);
/// assert_eq!(KeyEvidence::of("something"), KeyEvidence::None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEvidence {
    /// Nothing to go by.
    None,
    /// Starts as paper keys do.
    Paper,
    /// Starts as live keys do.
    Live,
    /// Starts as broker keys do.
    Broker,
    /// 32 hexadecimal digits: the client id of a Connect app, often pasted here by mistake.
    ConnectClientId,
}

impl KeyEvidence {
    /// Reads the hint from a key id.
    #[must_use]
    pub fn of(key_id: &str) -> Self {
        if key_id.len() == 32 && key_id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Self::ConnectClientId;
        }
        match key_id.as_bytes() {
            [b'P', b'K', ..] => Self::Paper,
            [b'A', b'K', ..] => Self::Live,
            [b'C', b'K', ..] => Self::Broker,
            _ => Self::None,
        }
    }

    /// Whether the hint speaks against `environment`.
    #[must_use]
    pub const fn contradicts(self, environment: EnvironmentKind) -> bool {
        match self {
            Self::None => false,
            Self::Paper => !matches!(environment, EnvironmentKind::Paper),
            Self::Live => !matches!(environment, EnvironmentKind::Live),
            Self::Broker => matches!(environment, EnvironmentKind::Paper | EnvironmentKind::Live),
            Self::ConnectClientId => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_speaks_against_every_other_environment_only() {
        use EnvironmentKind::{Live, Paper, Production, Sandbox};
        for (evidence, fits) in [
            (KeyEvidence::None, &[Paper, Live, Sandbox, Production][..]),
            (KeyEvidence::Paper, &[Paper]),
            (KeyEvidence::Live, &[Live]),
            (KeyEvidence::Broker, &[Sandbox, Production]),
            (KeyEvidence::ConnectClientId, &[]),
        ] {
            for environment in [Paper, Live, Sandbox, Production] {
                let expected = !fits.contains(&environment);
                assert_eq!(
                    evidence.contradicts(environment),
                    expected,
                    "{evidence:?} {environment}"
                );
            }
        }
    }
}
