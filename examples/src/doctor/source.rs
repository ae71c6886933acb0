//! Which source wins, why those before it were passed over, and what is wrong with one that stops the
//! chain.
//!
//! Who may read a file is judged where it is opened, by the chain: it takes none that others can read.

use std::path::Path;

use alpaca_auth::environment::EnvironmentKind;
use alpaca_auth::source::{FileFault, SourceError, SourceFault, SourceKind};
use alpaca_auth_ureq::source::Sources;

use super::{Class, Report};

/// Reports what became of each source, in order.
pub fn asked(sources: &Sources, report: &mut Report) {
    let explanation = sources.explanation().to_string();
    let lines: Vec<String> = explanation.lines().map(escaped).collect();
    report.fact("sources", lines);
}

/// Reports why no source gave a key.
pub fn stopped(
    sources: &Sources,
    error: SourceError,
    environment: EnvironmentKind,
    report: &mut Report,
) {
    let (class, path) = match error {
        SourceError::Broken { index, kind, fault } => {
            (class(fault), path(sources, index, kind, fault))
        }
        _ => (Class::Source, None),
    };
    let text = match error {
        // Where, for somebody who has read nothing else.
        SourceError::NoneFound { .. } => format!(
            "{error}: export APCA_API_KEY_ID and APCA_API_SECRET_KEY, or write key id and secret key, each on a \
             line of its own, to ~/.config/alpaca-auth/{environment} and chmod 600 it"
        ),
        error => error.to_string(),
    };
    report.find(class, text, path);
}

fn class(fault: SourceFault) -> Class {
    match fault {
        SourceFault::OtherEnvironment { .. } => Class::Environment,
        SourceFault::File(fault) | SourceFault::FileOf { fault, .. } => match fault {
            FileFault::TooOpen { .. }
            | FileFault::OtherOwner { .. }
            | FileFault::DirectoryTooOpen { .. }
            | FileFault::DirectoryOfOther { .. } => Class::Permissions,
            _ => Class::Source,
        },
        _ => Class::Source,
    }
}

/// The file or directory that is at fault, if it is one.
fn path(sources: &Sources, index: usize, kind: SourceKind, fault: SourceFault) -> Option<String> {
    let place = sources.place(index)?.to_string();
    match (kind, fault) {
        (_, SourceFault::FileOf { part, .. }) => Some(shown(&Path::new(&place).join(part))),
        (_, SourceFault::File(_)) | (SourceKind::File, _) => Some(escaped(&place)),
        _ => None,
    }
}

/// A path for a terminal and for JSON.
pub(super) fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}

/// Text without control characters. Quotes do nothing to a terminal, and stay.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\'' | '"' => escaped.push(character),
            _ => escaped.extend(character.escape_debug()),
        }
    }
    escaped
}
