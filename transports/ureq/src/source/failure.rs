//! [`SourcesError`]: why a chain filled no slot, and where the source at fault looks.

use std::fmt::{self, Write as _};

use alpaca_auth::source::{Source, SourceError};

/// Why a chain filled no slot, with the place: the path of a file, the name of an entry, a host.
///
/// It holds no value: see [`Sources::place`](super::Sources::place).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcesError {
    error: SourceError,
    /// Of the source that is broken, or of all if none has the credential.
    place: Box<str>,
}

impl SourcesError {
    pub(super) fn new(error: SourceError, sources: &[impl Source]) -> Self {
        let at_fault = match error {
            SourceError::Broken { index, .. } => sources.get(index..=index),
            SourceError::NoneFound { .. } => Some(sources),
            _ => None,
        };
        let mut place = String::new();
        for source in at_fault.unwrap_or_default() {
            write(&mut place, source);
        }
        let place = place.into();
        Self { error, place }
    }

    /// What is wrong, for a program to decide by.
    #[must_use]
    pub const fn error(&self) -> SourceError {
        self.error
    }

    /// Where: a path, a name, a host; empty if there is no source at all. If none has the credential,
    /// a line for each that was asked.
    #[must_use]
    pub const fn place(&self) -> &str {
        &self.place
    }
}

/// A line of its own for each source. No error can be: a string takes everything.
fn write<S: Source>(text: &mut String, source: &S) {
    struct Place<'s, S>(&'s S);
    impl<S: Source> fmt::Display for Place<'_, S> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.place(f)
        }
    }
    let line = if text.is_empty() { "" } else { "\n" };
    let _ = write!(text, "{line}{}", Place(source));
}

impl fmt::Display for SourcesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error {
            SourceError::Broken { kind, fault, .. } => {
                write!(f, "{kind} ({}): {fault}", self.place)
            }
            SourceError::NoneFound { .. } if !self.place.is_empty() => {
                write!(
                    f,
                    "{}. Asked: {}",
                    self.error,
                    self.place.replace('\n', "; ")
                )
            }
            error => error.fmt(f),
        }
    }
}

impl std::error::Error for SourcesError {}

impl From<SourcesError> for SourceError {
    fn from(error: SourcesError) -> Self {
        error.error
    }
}
