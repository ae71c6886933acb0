//! [`Directory`]: a directory with one file per value, that a service manager or a container
//! runtime made for this process.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;

use alpaca_auth::credential::CredentialFault;
use alpaca_auth::secret::SecretTooLong;
use alpaca_auth::source::{
    FileFault, Found, Look, Names, Passed, Source, SourceFault, SourceKind, TEXT_MAX, Text,
};

use super::document::Document;
use super::file::read;
use super::open::{Access, PAUSE, TRIES, is_sticky, judge, unreadable};
use super::place::Shown;
use crate::credentials_directory::credentials_directory;
use crate::file_watch::FileStamp;

/// Where container runtimes mount secrets.
const CONTAINER_SECRETS: &str = "/run/secrets";

/// Room for the longest value, its line break, and one byte that is too much.
const FILE_MAX: usize = TEXT_MAX + "\r\n".len() + 1;

/// A directory with one file per value, by the names of [`Names::FILES`]. Each may end with one
/// line break.
///
/// The values are those of one moment: when a file or a link was exchanged meanwhile, all are read again,
/// so the old key id never meets the new secret key.
pub struct Directory {
    path: Option<PathBuf>,
    kind: SourceKind,
    policy: Policy,
}

/// What its maker is known to do.
#[derive(Clone, Copy)]
enum Policy {
    /// Regular files of this user or of root, closed to others; no links.
    ServiceManager,
    /// Files that others may read, and links within the directory: Kubernetes exchanges a whole set
    /// of secrets by turning one link.
    Container,
}

impl Directory {
    /// The directory that systemd names in `CREDENTIALS_DIRECTORY` (`LoadCredential=`).
    ///
    /// The files must be closed to others, belong to this user or to root, and be no links.
    #[must_use]
    pub fn credentials() -> Self {
        Self {
            path: credentials_directory(),
            kind: SourceKind::CredentialsDirectory,
            policy: Policy::ServiceManager,
        }
    }

    /// `/run/secrets`, where Docker, Podman and Compose mount secrets.
    #[must_use]
    pub fn container() -> Self {
        Self::container_at(CONTAINER_SECRETS)
    }

    /// The directory where a container runtime mounts secrets, of a Kubernetes volume for instance.
    ///
    /// Runtimes mount secrets readable by all in the container, so that is accepted. The directory
    /// must belong to this user or to root, nobody else may write to the files, and links are followed
    /// only within it. Where others may put files of their own (mode 1777, as Kubernetes mounts it),
    /// the files must belong to this user or to root, too; without the sticky bit it is refused.
    #[must_use]
    pub fn container_at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            kind: SourceKind::ContainerSecrets,
            policy: Policy::Container,
        }
    }
}

impl Source for Directory {
    fn kind(&self) -> SourceKind {
        self.kind
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}", Shown::new(path)),
            None => f.write_str("$CREDENTIALS_DIRECTORY is not set"),
        }
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        let Some(path) = &self.path else {
            return Ok(Look::Passed(Passed::NotSetUp));
        };
        if path.is_relative() && matches!(self.policy, Policy::ServiceManager) {
            return Err(SourceFault::File(FileFault::Relative));
        }
        for _ in 0..TRIES {
            let Some(access) = self.policy.judge(path).map_err(SourceFault::File)? else {
                return Ok(Look::Passed(Passed::NotSetUp));
            };
            let mut seen = Vec::with_capacity(16);
            let look = found.named(&Names::FILES, |part, place| {
                let named = |fault| SourceFault::FileOf { part, fault };
                let file = self.policy.file(path, part).map_err(named)?;
                seen.push((part, stamp(file.as_deref())));
                file.map_or(Ok(false), |file| value(&file, access, part, place))
            });
            // A key that was not there for a moment must not lead on to another one.
            let same = seen.iter().all(|(part, before)| {
                let now = self.policy.file(path, part);
                now.is_ok_and(|now| stamp(now.as_deref()) == *before)
            });
            if same {
                return look;
            }
            *found = Found::new(found.wanted());
            sleep(PAUSE);
        }
        Err(SourceFault::File(FileFault::Changing))
    }
}

/// Which file a name leads to, and how that looks.
fn stamp(file: Option<&Path>) -> Option<(PathBuf, Option<FileStamp>)> {
    let metadata = |file| fs::symlink_metadata(file).ok();
    file.map(|file| (file.to_owned(), metadata(file).as_ref().map(FileStamp::of)))
}

impl Policy {
    /// The file that a name in the directory leads to.
    fn file(self, directory: &Path, part: &str) -> Result<Option<PathBuf>, FileFault> {
        match self {
            Self::ServiceManager => Ok(Some(directory.join(part))),
            Self::Container => within(directory, part),
        }
    }

    /// What a file in the directory must be like; `None` if there is no directory.
    fn judge(self, path: &Path) -> Result<Option<Access>, FileFault> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(FileFault::Denied);
            }
            Err(error) => return Err(unreadable(&error)),
        };
        if !metadata.is_dir() {
            return Err(FileFault::NotDirectory);
        }
        let (directory, file) = match self {
            Self::ServiceManager => (Access::SERVICE, Access::SERVICE),
            Self::Container if is_sticky(&metadata) => (Access::SHARED_MOUNT, Access::MOUNTED_OWN),
            Self::Container => (Access::MOUNT, Access::MOUNTED),
        };
        judge(&metadata, directory)?;
        Ok(Some(file))
    }
}

/// Puts the value of one file into its place.
fn value(
    path: &Path,
    access: Access,
    part: &'static str,
    place: &mut Text,
) -> Result<bool, SourceFault> {
    let named = |fault| SourceFault::FileOf { part, fault };
    let mut document = Document::with_room(FILE_MAX);
    if !read(path, access, &mut document).map_err(named)? {
        return Ok(false);
    }
    let bytes = document.bytes();
    // Editors and `echo` write a line break at the end.
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let fault = match place.set(bytes) {
        Ok(()) => return Ok(true),
        Err(SecretTooLong) => CredentialFault::TooLong,
    };
    Err(SourceFault::Refused { part, fault })
}

/// The file that a name in the directory leads to, if that is in the directory.
fn within(directory: &Path, part: &str) -> Result<Option<PathBuf>, FileFault> {
    let canonical = |path: &Path| match fs::canonicalize(path) {
        Ok(path) => Ok(Some(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&error)),
    };
    let (Some(directory), Some(path)) = (canonical(directory)?, canonical(&directory.join(part))?)
    else {
        return Ok(None);
    };
    if path.starts_with(&directory) {
        Ok(Some(path))
    } else {
        Err(FileFault::LeadsOut)
    }
}
