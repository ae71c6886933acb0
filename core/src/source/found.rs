//! [`Found`]: what one source gives, kept until it is in the slot, then wiped.

use super::fault::{EnvironmentEvidence, SourceFault};
use super::form::{self, Form};
use super::name::{Names, PairNames};
use super::sourced::{Wanted, lend};
use super::{Look, Passed};
use crate::credential::{CredentialError, CredentialFault, CredentialField, KeyEvidence};
use crate::endpoint::{Broker, ServedIn, Trading};
use crate::environment::{EnvironmentKind, Live, Paper, Production, Sandbox};
use crate::secret::Secret;

/// Longest text that a source can give for one part, in bytes. What a key may be is less.
pub const TEXT_MAX: usize = 256;

/// One part of a credential on its way from a source to a slot.
pub type Text = Secret<TEXT_MAX>;

/// What a source gives: the parts of one credential, and what stands beside them.
///
/// A source fills it by [`Found::pair`], [`Found::token`], [`Found::named`] or
/// [`Found::document`]. All of them take a credential whole or not at all.
pub struct Found {
    wanted: Wanted,
    id: Text,
    secret: Text,
    token: Text,
    names: [&'static str; 2],
    evidence: Option<EnvironmentEvidence>,
    taken: bool,
    lease_seconds: Option<u32>,
}

impl Found {
    /// Nothing yet. For tests of sources; a chain makes its own.
    #[must_use]
    pub const fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            id: Text::new(),
            secret: Text::new(),
            token: Text::new(),
            names: ["key id", "secret key"],
            evidence: None,
            taken: false,
            lease_seconds: None,
        }
    }

    /// What is asked for.
    #[must_use]
    pub const fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// Takes key id and secret key, which errors call by `names`.
    ///
    /// # Errors
    /// [`SourceFault::Half`] if one is missing, [`SourceFault::Refused`] if one is longer than
    /// [`TEXT_MAX`].
    pub fn pair(
        &mut self,
        names: PairNames,
        id: Option<&[u8]>,
        secret: Option<&[u8]>,
    ) -> Result<Look, SourceFault> {
        let no_more = Names {
            pairs: &[],
            tokens: &[],
            environment: None,
            base_url: None,
        };
        self.pairs(&[names], no_more, |name, place| {
            let value = if name == names.0 { id } else { secret };
            value.map_or(Ok(false), |value| put(name, value, place))
        })
    }

    /// Takes a Connect access token, which errors call by `name`.
    ///
    /// # Errors
    /// [`SourceFault::Refused`] if it is longer than [`TEXT_MAX`].
    pub fn token(&mut self, name: &'static str, token: &[u8]) -> Result<Look, SourceFault> {
        if self.wanted.credential.is_pair() {
            return Ok(Look::Passed(Passed::OtherKind));
        }
        self.names = [name; 2];
        self.taken = put(name, token, &mut self.token)?;
        Ok(Look::Found)
    }

    /// Takes what stands under `names`. `lookup` puts the value of a name into its place and tells
    /// whether there is one.
    ///
    /// The first pair, or token, of which anything is set counts, and must be whole. What stands
    /// beside it about its environment is kept as evidence.
    ///
    /// # Errors
    /// [`SourceFault::Half`], and those of `lookup`.
    pub fn named(
        &mut self,
        names: &Names,
        lookup: impl FnMut(&'static str, &mut Text) -> Result<bool, SourceFault>,
    ) -> Result<Look, SourceFault> {
        self.pairs(names.pairs, *names, lookup)
    }

    fn pairs(
        &mut self,
        pairs: &[PairNames],
        names: Names,
        mut lookup: impl FnMut(&'static str, &mut Text) -> Result<bool, SourceFault>,
    ) -> Result<Look, SourceFault> {
        let is_pair = self.wanted.credential.is_pair();
        let here = if is_pair {
            self.find_pair(pairs, &mut lookup)?
        } else {
            self.find_token(names.tokens, &mut lookup)?
        };
        if !here {
            return self.passed(pairs, names.tokens, &mut lookup);
        }
        let mut beside = Text::new();
        if let Some(name) = names.base_url
            && lookup(name, &mut beside)?
            && let Some(kind) = beside.expose(environment_of_url)
        {
            self.evidence = Some(EnvironmentEvidence::BaseUrl(kind));
        }
        if let Some(name) = names.environment
            && lookup(name, &mut beside)?
        {
            match beside.expose(environment_of_name) {
                Some(kind) => self.state_environment(kind),
                None => return Err(SourceFault::UnknownEnvironment { part: name }),
            }
        }
        self.taken = true;
        Ok(Look::Found)
    }

    fn find_pair(
        &mut self,
        pairs: &[PairNames],
        lookup: &mut impl FnMut(&'static str, &mut Text) -> Result<bool, SourceFault>,
    ) -> Result<bool, SourceFault> {
        for &(id, secret) in pairs {
            let (set, missing) =
                match (lookup(id, &mut self.id)?, lookup(secret, &mut self.secret)?) {
                    (false, false) => continue,
                    (true, true) => {
                        self.names = [id, secret];
                        return Ok(true);
                    }
                    (true, false) => (id, secret),
                    (false, true) => (secret, id),
                };
            return Err(SourceFault::Half { set, missing });
        }
        Ok(false)
    }

    fn find_token(
        &mut self,
        tokens: &[&'static str],
        lookup: &mut impl FnMut(&'static str, &mut Text) -> Result<bool, SourceFault>,
    ) -> Result<bool, SourceFault> {
        for &name in tokens {
            if lookup(name, &mut self.token)? {
                self.names = [name; 2];
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Nothing of what is wanted is here. A credential of another kind is worth a word.
    fn passed(
        &self,
        pairs: &[PairNames],
        tokens: &[&'static str],
        lookup: &mut impl FnMut(&'static str, &mut Text) -> Result<bool, SourceFault>,
    ) -> Result<Look, SourceFault> {
        let is_pair = self.wanted.credential.is_pair();
        let mut unwanted = Text::new();
        let pairs = pairs.iter().filter(|_| !is_pair);
        let tokens = tokens.iter().filter(|_| is_pair);
        for &name in pairs.flat_map(|(id, secret)| [id, secret]).chain(tokens) {
            if lookup(name, &mut unwanted)? {
                return Ok(Look::Passed(Passed::OtherKind));
            }
        }
        Ok(Look::Passed(Passed::NotSet))
    }

    /// Takes a document of up to [`DOCUMENT_MAX`](super::DOCUMENT_MAX) bytes whose form shows in
    /// its text: JSON, dotenv, or lines. See [`Form`].
    ///
    /// # Errors
    /// [`SourceFault`] names what is wrong.
    pub fn document(&mut self, document: &[u8]) -> Result<Look, SourceFault> {
        self.document_in(Form::Detected, document)
    }

    /// Takes a document of a known form.
    ///
    /// # Errors
    /// [`SourceFault`] names what is wrong.
    pub fn document_in(&mut self, form: Form, document: &[u8]) -> Result<Look, SourceFault> {
        form::read(self, form, document)
    }

    /// Notes which environment the source says that the credential is for. The chain refuses a
    /// credential of another than is wanted.
    pub const fn state_environment(&mut self, environment: EnvironmentKind) {
        self.evidence = Some(EnvironmentEvidence::Stated(environment));
    }

    /// Notes for how many seconds from now the source vouches for the credential.
    pub const fn set_lease_seconds(&mut self, seconds: u32) {
        self.lease_seconds = Some(seconds);
    }

    pub(super) const fn lease_seconds(&self) -> Option<u32> {
        self.lease_seconds
    }

    /// Whether something speaks against the environment that is wanted.
    pub(super) fn check_environment(&self, any_prefix: bool) -> Result<(), SourceFault> {
        let wanted = self.wanted.environment;
        let refuse = |evidence| Err(SourceFault::OtherEnvironment { wanted, evidence });
        if let Some(evidence) = self.evidence
            && evidence.environment() != Some(wanted)
        {
            return refuse(evidence);
        }
        let prefix = self
            .id
            .expose(|id| core::str::from_utf8(id).map_or(KeyEvidence::None, KeyEvidence::of));
        if !any_prefix && prefix.contradicts(wanted) {
            return refuse(EnvironmentEvidence::Prefix(prefix));
        }
        Ok(())
    }

    /// Whether a credential was taken.
    pub(super) const fn is_taken(&self) -> bool {
        self.taken
    }

    pub(super) fn with_pair<R>(&self, read: impl FnOnce(&str, &str) -> R) -> R {
        lend(&self.id, |id| lend(&self.secret, |secret| read(id, secret)))
    }

    pub(super) fn with_token<R>(&self, read: impl FnOnce(&str) -> R) -> R {
        lend(&self.token, read)
    }

    /// Names the part behind a refused half.
    pub(super) fn blame(&self, error: CredentialError) -> SourceFault {
        let [first, second] = self.names;
        let (part, text) = match error.field {
            CredentialField::KeyId | CredentialField::BrokerKey => (first, &self.id),
            CredentialField::AccessToken => (first, &self.token),
            _ => (second, &self.secret),
        };
        match (error.fault, text.expose(stands_in_quotes)) {
            (CredentialFault::Quote, true) => SourceFault::QuotesAround { part },
            (fault, _) => SourceFault::Refused { part, fault },
        }
    }
}

/// Puts a value in its place.
pub(super) fn put(part: &'static str, value: &[u8], place: &mut Text) -> Result<bool, SourceFault> {
    let fault = CredentialFault::TooLong;
    place
        .set(value)
        .map_err(|_| SourceFault::Refused { part, fault })?;
    Ok(true)
}

fn stands_in_quotes(text: &[u8]) -> bool {
    matches!(
        text,
        [b'"', .., b'"'] | [b'\'', .., b'\''] | [b'`', .., b'`']
    )
}

fn environment_of_name(name: &[u8]) -> Option<EnvironmentKind> {
    use EnvironmentKind::{Live, Paper, Production, Sandbox};
    [Paper, Live, Sandbox, Production]
        .into_iter()
        .find(|kind| kind.name().as_bytes() == name)
}

/// The environment of the API at a URL, if its host is one of Alpaca's that tells. It is evidence and no
/// address, so what programs take beside a clean URL counts too: no scheme, a user, a dot at the end.
fn environment_of_url(url: &[u8]) -> Option<EnvironmentKind> {
    let url = url.trim_ascii();
    let rest = [&b"https://"[..], b"http://", b"wss://"]
        .into_iter()
        .find_map(|scheme| {
            let (start, rest) = url.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        });
    let authority = rest
        .unwrap_or(url)
        .split(|byte| matches!(byte, b'/' | b'?' | b'#'))
        .next()?;
    let host = authority.rsplit(|byte| *byte == b'@').next()?;
    let host = host.split(|byte| *byte == b':').next()?;
    let host = host.strip_suffix(b".").unwrap_or(host);
    [
        (<Trading as ServedIn<Paper>>::HOST, EnvironmentKind::Paper),
        (<Trading as ServedIn<Live>>::HOST, EnvironmentKind::Live),
        (
            <Broker as ServedIn<Sandbox>>::HOST,
            EnvironmentKind::Sandbox,
        ),
        (
            <Broker as ServedIn<Production>>::HOST,
            EnvironmentKind::Production,
        ),
    ]
    .into_iter()
    .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(host))
    .map(|(_, kind)| kind)
}
