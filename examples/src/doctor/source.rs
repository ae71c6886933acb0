//! Which source wins, what was looked at before it, and who else can read it.

use std::fs;
use std::path::Path;

use alpaca_auth_ureq::{CREDENTIAL_FILES, CREDENTIALS_DIRECTORY, VARIABLES, credentials_directory};

use super::{Class, Report};
use crate::watch::KeySource;

/// Reports which source has won, and whether others can read it.
pub fn found(won: KeySource, report: &mut Report) {
    let directory = credentials_directory();
    match (won, directory) {
        (KeySource::Directory, Some(directory)) => {
            report.fact(
                "source",
                format!("credentials directory, {}", shown(&directory)),
            );
            permissions(&directory, report);
        }
        (_, directory) => {
            let set = |name: &str| std::env::var_os(name).is_some();
            let (id, secret) = VARIABLES
                .into_iter()
                .find(|(id, secret)| set(id) || set(secret))
                .unwrap_or(VARIABLES[0]);
            let before = match directory {
                None => format!("{CREDENTIALS_DIRECTORY} is not set"),
                Some(_) => format!(
                    "{CREDENTIALS_DIRECTORY} has neither {} nor {}",
                    CREDENTIAL_FILES.0, CREDENTIAL_FILES.1
                ),
            };
            report.fact("source", format!("environment variables {id} and {secret}"));
            report.fact("passed_over", before);
        }
    }
}

/// A path for a terminal and for JSON.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().escape_debug().to_string()
}

#[cfg(unix)]
fn permissions(directory: &Path, report: &mut Report) {
    use std::os::unix::fs::MetadataExt as _;
    for (path, others, what) in [
        (
            directory.to_owned(),
            0o022,
            "others can put another key there; chmod go-w it",
        ),
        (
            directory.join(CREDENTIAL_FILES.0),
            0o022,
            "others can change the key id; chmod 600 it",
        ),
        (
            directory.join(CREDENTIAL_FILES.1),
            0o077,
            "others can read or change the secret key; chmod 600 it, and make a new key",
        ),
    ] {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.mode() & others != 0 {
            report.find(Class::Permissions, what, Some(shown(&path)));
        }
    }
}

#[cfg(not(unix))]
const fn permissions(_: &Path, _: &mut Report) {}
