//! What a chain did: [`Report`], the [`Explanation`] for people, and the [`SourceError`].

use core::fmt;

use super::chain::CHAIN_MAX;
use super::{Passed, Source, SourceFault, SourceKind, Wanted};

/// What became of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its credential is in the slot.
    Used,
    /// It has nothing, so the next one was asked.
    Passed(Passed),
    /// It has something that cannot be used, so the chain stopped.
    Broken(SourceFault),
}

/// What became of the sources that were asked, in order. Those behind them were not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    verdicts: heapless::Vec<Verdict, CHAIN_MAX>,
}

impl Report {
    /// A report of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            verdicts: heapless::Vec::new(),
        }
    }

    /// One verdict per source that was asked.
    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    pub(super) fn clear(&mut self) {
        self.verdicts.clear();
    }

    pub(super) fn add(&mut self, verdict: Verdict) {
        // The chain takes no more sources than there is room for.
        let _ = self.verdicts.push(verdict);
    }
}

/// A chain and what became of each source, one line each. Holds places and reasons, no value.
pub struct Explanation<'a, S> {
    sources: &'a [S],
    report: &'a Report,
}

impl<'a, S: Source> Explanation<'a, S> {
    /// Explains `report`, which is that of a chain over `sources`.
    #[must_use]
    pub const fn new(sources: &'a [S], report: &'a Report) -> Self {
        Self { sources, report }
    }
}

impl<S: Source> fmt::Display for Explanation<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut verdicts = self.report.verdicts().iter();
        for (source, number) in self.sources.iter().zip(1_usize..) {
            write!(f, "{number}. {} (", source.kind())?;
            source.place(f)?;
            match verdicts.next() {
                Some(Verdict::Used) => f.write_str("): used\n"),
                Some(Verdict::Passed(passed)) => writeln!(f, "): passed over, {passed}"),
                Some(Verdict::Broken(fault)) => writeln!(f, "): stopped here, {fault}"),
                None => f.write_str("): not asked\n"),
            }?;
        }
        Ok(())
    }
}

/// Why a chain filled no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceError {
    /// No source has a credential of this kind. Set one up.
    NoneFound {
        /// What was asked for.
        wanted: Wanted,
        /// How many sources were asked.
        asked: usize,
    },
    /// A source has something that cannot be used. The ones behind it were not asked.
    Broken {
        /// Its place in the chain, from 0.
        index: usize,
        /// Its sort.
        kind: SourceKind,
        /// What is wrong.
        fault: SourceFault,
    },
    /// The chain has more than [`CHAIN_MAX`] sources. None was asked.
    TooMany,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoneFound { wanted, asked } => write!(
                f,
                "none of {asked} sources has a {} for {}; set one of them up",
                wanted.credential, wanted.environment
            ),
            Self::Broken { kind, fault, .. } => write!(f, "{kind}: {fault}"),
            Self::TooMany => write!(f, "more than {CHAIN_MAX} sources; remove some"),
        }
    }
}

impl core::error::Error for SourceError {}
