//! [`Chain`]: sources in order, and the rules by which one of them fills a slot.

use super::sourced::{Sourced, wanted};
use super::{
    Explanation, Found, Look, Report, Source, SourceError, SourceFault, SourceKind, Verdict,
};
use crate::credential::Slot;
use crate::environment::{Live, Paper, Production, Sandbox};

/// Most sources of one chain.
pub const CHAIN_MAX: usize = 16;

/// The source that filled the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Won {
    /// Its place in the chain, from 0.
    pub index: usize,
    /// Its sort.
    pub kind: SourceKind,
    /// For how many seconds it vouches for the credential, if it says so.
    pub lease_seconds: Option<u32>,
}

/// Sources in the order in which they are asked. See the [module](super) for the rules.
///
/// The method names the environment, as a slot's do: [`Chain::paper`], [`Chain::live`],
/// [`Chain::sandbox`], [`Chain::production`].
///
/// ```compile_fail,E0271
/// use alpaca_auth::credential::{KeyPair, Slot};
/// use alpaca_auth::environment::Live;
/// use alpaca_auth::source::{Chain, Source};
/// fn fill(sources: &mut [&mut dyn Source], slot: &mut Slot<KeyPair<Live>>) {
///     Chain::new(sources).paper(slot); // expected `Paper`, found `Live`
/// }
/// ```
pub struct Chain<'s, S> {
    sources: &'s mut [S],
    report: Report,
    any_prefix: bool,
}

macro_rules! named_fills {
    ($($(#[$doc:meta])* $environment:ident: $name:ident)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`SourceError`] when a source is broken or none has the credential; the slot is vacant
        /// then.
        pub fn $name<C>(&mut self, slot: &mut Slot<C>) -> Result<Won, SourceError>
        where
            C: Sourced<Environment = $environment>,
        {
            self.fill(slot)
        }
    )*};
}

impl<'s, S: Source> Chain<'s, S> {
    /// A chain of at most [`CHAIN_MAX`] sources.
    #[must_use]
    pub const fn new(sources: &'s mut [S]) -> Self {
        Self {
            sources,
            report: Report::new(),
            any_prefix: false,
        }
    }

    /// Takes key ids that begin as those of another environment do. Alpaca may change how key ids
    /// begin; what is stated beside a key is checked all the same.
    #[must_use]
    pub const fn any_prefix(mut self) -> Self {
        self.any_prefix = true;
        self
    }

    named_fills! {
        /// Fills the slot with a credential of a paper account.
        Paper: paper
        /// Fills the slot with a credential of a live account: orders cost real money.
        Live: live
        /// Fills the slot with a broker partner's sandbox credential.
        Sandbox: sandbox
        /// Fills the slot with a broker partner's production credential: real customers, real
        /// money.
        Production: production
    }

    /// What became of each source in the last fill, in words.
    #[must_use]
    pub const fn explanation(&self) -> Explanation<'_, S> {
        Explanation::new(self.sources, &self.report)
    }

    /// What became of each source in the last fill.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    fn fill<C: Sourced>(&mut self, slot: &mut Slot<C>) -> Result<Won, SourceError> {
        slot.clear();
        self.report.clear();
        if self.sources.len() > CHAIN_MAX {
            return Err(SourceError::TooMany);
        }
        for (index, source) in self.sources.iter_mut().enumerate() {
            let kind = source.kind();
            // A place of its own for each source: nothing of one is left for the next.
            let mut found = Found::new(wanted::<C>());
            match ask(source, slot, &mut found, self.any_prefix) {
                Ok(Verdict::Used) => {
                    self.report.add(Verdict::Used);
                    let lease_seconds = found.lease_seconds();
                    return Ok(Won {
                        index,
                        kind,
                        lease_seconds,
                    });
                }
                Ok(verdict) => self.report.add(verdict),
                Err(fault) => {
                    self.report.add(Verdict::Broken(fault));
                    return Err(SourceError::Broken { index, kind, fault });
                }
            }
        }
        Err(SourceError::NoneFound {
            wanted: wanted::<C>(),
            asked: self.sources.len(),
        })
    }
}

/// Asks one source, and fills the slot if it has the credential.
fn ask<C: Sourced>(
    source: &mut impl Source,
    slot: &mut Slot<C>,
    found: &mut Found,
    any_prefix: bool,
) -> Result<Verdict, SourceFault> {
    match source.look(found)? {
        Look::Passed(passed) => Ok(Verdict::Passed(passed)),
        Look::Found if !found.is_taken() => Err(SourceFault::NothingGiven),
        Look::Found => {
            found.check_environment(any_prefix)?;
            C::fill(slot, found).map_err(|error| found.blame(error))?;
            Ok(Verdict::Used)
        }
    }
}

#[cfg(test)]
mod tests {
    use core::fmt;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::credential::{ConnectToken, CredentialFault, KeyEvidence, KeyPair};
    use crate::environment::EnvironmentKind;
    use crate::source::{CredentialKind, EnvironmentEvidence, Passed, Wanted};

    const SECRET: &str = "not-a-real-secret";

    /// Gives what a test makes it give, and remembers that it was asked.
    struct Scripted<F> {
        look: F,
        asked: bool,
    }

    fn scripted<F>(look: F) -> Scripted<F>
    where
        F: FnMut(&mut Found) -> Result<Look, SourceFault>,
    {
        Scripted { look, asked: false }
    }

    impl<F: FnMut(&mut Found) -> Result<Look, SourceFault>> Source for Scripted<F> {
        fn kind(&self) -> SourceKind {
            SourceKind::Other("script")
        }

        fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a test")
        }

        fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
            self.asked = true;
            (self.look)(found)
        }
    }

    fn absent(_: &mut Found) -> Result<Look, SourceFault> {
        Ok(Look::Passed(Passed::NotSet))
    }

    fn broken(_: &mut Found) -> Result<Look, SourceFault> {
        Err(BROKEN)
    }

    const BROKEN: SourceFault = SourceFault::Half {
        set: "A",
        missing: "B",
    };

    fn gives(id: &'static str) -> impl FnMut(&mut Found) -> Result<Look, SourceFault> {
        move |found| {
            found.pair(
                ("id", "secret"),
                Some(id.as_bytes()),
                Some(SECRET.as_bytes()),
            )
        }
    }

    #[test]
    fn nothing_leads_on_and_the_first_that_has_it_wins() {
        let (mut a, mut b, mut c) = (scripted(absent), scripted(gives("PKB")), scripted(broken));
        let mut sources: [&mut dyn Source; 3] = [&mut a, &mut b, &mut c];
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut chain = Chain::new(&mut sources);
        let won = chain.paper(&mut slot).unwrap();
        assert_eq!((won.index, won.lease_seconds), (1, None));
        assert_eq!(
            chain.explanation().to_string(),
            "1. script (a test): passed over, nothing is there\n2. script (a test): used\n\
             3. script (a test): not asked\n"
        );
        let mut other = Slot::<KeyPair<Paper>>::vacant();
        let same = other.paper("PKB", SECRET).unwrap();
        assert!(slot.get().unwrap().is(same));
        assert!(!c.asked);
    }

    #[test]
    fn what_is_broken_stops_the_chain_and_leaves_the_slot_vacant() {
        let (mut a, mut b) = (scripted(broken), scripted(gives("PKB")));
        let mut sources: [&mut dyn Source; 2] = [&mut a, &mut b];
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        slot.paper("PKOLD", SECRET).unwrap();
        let mut chain = Chain::new(&mut sources);
        let error = chain.paper(&mut slot).unwrap_err();
        let kind = SourceKind::Other("script");
        assert_eq!(
            error,
            SourceError::Broken {
                index: 0,
                kind,
                fault: BROKEN
            }
        );
        assert!(
            chain
                .explanation()
                .to_string()
                .contains("1. script (a test): stopped here, A is")
        );
        assert!(slot.get().is_none());
        assert!(!b.asked);
    }

    #[test]
    fn nothing_anywhere_is_said_and_an_empty_chain_too() {
        let wanted = Wanted {
            credential: CredentialKind::KeyPair,
            environment: EnvironmentKind::Live,
        };
        let mut slot = Slot::<KeyPair<Live>>::vacant();
        for asked in [0, 3] {
            let mut sources: Vec<_> = (0..asked).map(|_| scripted(absent)).collect();
            let error = Chain::new(&mut sources).live(&mut slot).unwrap_err();
            assert_eq!(error, SourceError::NoneFound { wanted, asked });
        }
        let mut sources: Vec<_> = (0..=CHAIN_MAX).map(|_| scripted(gives("AK"))).collect();
        assert_eq!(
            Chain::new(&mut sources).live(&mut slot),
            Err(SourceError::TooMany)
        );
        assert!(sources.iter().all(|source| !source.asked));
    }

    #[test]
    fn halves_of_two_sources_never_meet() {
        // The first leaves a half behind and then says that it has nothing.
        let mut sources: [&mut dyn Source; 2] = [
            &mut scripted(|found| {
                let _ = found.pair(("id", "secret"), Some(b"PKA"), None);
                Ok(Look::Passed(Passed::NotSet))
            }),
            &mut scripted(|found| found.pair(("id", "secret"), None, Some(SECRET.as_bytes()))),
        ];
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let error = Chain::new(&mut sources).paper(&mut slot).unwrap_err();
        let (set, missing) = ("secret", "id");
        assert!(
            matches!(error, SourceError::Broken { index: 1, fault: SourceFault::Half { set: s, missing: m }, .. } if (s, m) == (set, missing))
        );
        assert!(slot.get().is_none());
    }

    #[test]
    fn a_live_key_never_fills_a_paper_slot_nor_a_paper_key_a_live_one() {
        fn fault(error: SourceError) -> SourceFault {
            match error {
                SourceError::Broken { fault, .. } => fault,
                other => panic!("{other:?}"),
            }
        }
        let mut paper = Slot::<KeyPair<Paper>>::vacant();
        for (id, prefix) in [
            ("AKTEST", KeyEvidence::Live),
            ("CKTEST", KeyEvidence::Broker),
            (
                "0123456789abcdef0123456789abcdef",
                KeyEvidence::ConnectClientId,
            ),
        ] {
            let mut sources = [scripted(gives(id))];
            let error = Chain::new(&mut sources).paper(&mut paper).unwrap_err();
            let (wanted, evidence) = (EnvironmentKind::Paper, EnvironmentEvidence::Prefix(prefix));
            assert_eq!(
                fault(error),
                SourceFault::OtherEnvironment { wanted, evidence }
            );
            assert!(paper.get().is_none());
        }
        let mut live = Slot::<KeyPair<Live>>::vacant();
        let error = Chain::new(&mut [scripted(gives("PKTEST"))]).live(&mut live);
        assert!(matches!(
            fault(error.unwrap_err()),
            SourceFault::OtherEnvironment { .. }
        ));
        // Only aloud, and never against what is stated.
        let mut sources = [scripted(gives("AKTEST"))];
        assert!(
            Chain::new(&mut sources)
                .any_prefix()
                .paper(&mut paper)
                .is_ok()
        );
        let mut sources = [scripted(|found| {
            found.state_environment(EnvironmentKind::Live);
            found.pair(("id", "secret"), Some(b"PKTEST"), Some(b"x"))
        })];
        assert!(
            Chain::new(&mut sources)
                .any_prefix()
                .paper(&mut paper)
                .is_err()
        );
        assert!(paper.get().is_none());
    }

    #[test]
    fn a_refused_value_is_named_by_its_part() {
        for (value, fault) in [
            (
                &b""[..],
                SourceFault::Refused {
                    part: "secret",
                    fault: CredentialFault::Empty,
                },
            ),
            (
                b"a b",
                SourceFault::Refused {
                    part: "secret",
                    fault: CredentialFault::Space,
                },
            ),
            (b"\"a\"", SourceFault::QuotesAround { part: "secret" }),
            (
                b"a\"",
                SourceFault::Refused {
                    part: "secret",
                    fault: CredentialFault::Quote,
                },
            ),
            (
                b"\xff",
                SourceFault::Refused {
                    part: "secret",
                    fault: CredentialFault::NotAscii,
                },
            ),
            (
                &[b'a'; 129],
                SourceFault::Refused {
                    part: "secret",
                    fault: CredentialFault::TooLong,
                },
            ),
            (
                &[b'a'; 300],
                SourceFault::Refused {
                    part: "secret",
                    fault: CredentialFault::TooLong,
                },
            ),
        ] {
            let mut sources = [scripted(|found| {
                found.pair(("id", "secret"), Some(b"PK"), Some(value))
            })];
            let mut slot = Slot::<KeyPair<Paper>>::vacant();
            let error = Chain::new(&mut sources).paper(&mut slot).unwrap_err();
            let kind = SourceKind::Other("script");
            assert_eq!(
                error,
                SourceError::Broken {
                    index: 0,
                    kind,
                    fault
                }
            );
        }
    }

    #[test]
    fn a_source_that_gives_nothing_or_another_kind_does_not_win() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut sources = [scripted(|_| Ok(Look::Found))];
        let error = Chain::new(&mut sources).paper(&mut slot).unwrap_err();
        assert!(matches!(
            error,
            SourceError::Broken {
                fault: SourceFault::NothingGiven,
                ..
            }
        ));
        let mut sources = [scripted(|found| found.token("token", b"8d8c2a8e"))];
        let mut chain = Chain::new(&mut sources);
        assert!(matches!(
            chain.paper(&mut slot),
            Err(SourceError::NoneFound { .. })
        ));
        assert_eq!(
            chain.report().verdicts(),
            [Verdict::Passed(Passed::OtherKind)]
        );
        let mut token = Slot::<ConnectToken<Paper>>::vacant();
        assert!(chain.paper(&mut token).is_ok());
    }
}
