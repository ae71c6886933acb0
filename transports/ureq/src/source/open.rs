//! Opens a file that holds a secret: once, without waiting, and judged by what was opened.
//!
//! The name is used once, to open. Everything that is checked is checked on the open file, so
//! nobody can exchange it in between. A pipe or device is not waited for. Before that the directory of a
//! private file is judged: who can write there can exchange what is there. The directories above it are
//! not.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use alpaca_auth::source::FileFault;

use super::document::Document;
use crate::file_watch::FileStamp;

/// Who may own a file or directory, and to whom it must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// Permission bits that must not be set.
    forbidden: u32,
    /// Whether its owner must be this user or root.
    owned: bool,
    /// Whether the directory that it is in must be closed to writing, too.
    in_closed_directory: bool,
}

impl Access {
    /// Nobody but its owner: mode 0600 or less.
    pub(crate) const PRIVATE: Self = Self {
        forbidden: 0o077,
        owned: true,
        in_closed_directory: true,
    };
    /// A group may read. systemd lets a service's user in by an access control list, and the mask
    /// of that shows as the group's permission: mode 0440, and 0550 of the directory.
    pub(crate) const SERVICE: Self = Self {
        forbidden: 0o027,
        owned: true,
        in_closed_directory: false,
    };
    /// All may read, nobody else may write: the directory where a container's secrets are.
    pub(crate) const MOUNT: Self = Self {
        forbidden: 0o022,
        owned: true,
        in_closed_directory: false,
    };
    /// The same, but all may put files of their own there: Kubernetes mounts its volumes so, though
    /// read-only, and nobody can exchange what somebody else put there (the sticky bit).
    pub(crate) const SHARED_MOUNT: Self = Self {
        forbidden: 0,
        owned: true,
        in_closed_directory: false,
    };
    /// A file of a container's. It keeps the owner that it has outside of the container.
    pub(crate) const MOUNTED: Self = Self {
        forbidden: 0o022,
        owned: false,
        in_closed_directory: false,
    };
    /// A file of a container's where others may put files of their own.
    pub(crate) const MOUNTED_OWN: Self = Self {
        forbidden: 0o022,
        owned: true,
        in_closed_directory: false,
    };
    /// Not checked.
    pub(crate) const ANY: Self = Self {
        forbidden: 0,
        owned: false,
        in_closed_directory: false,
    };
}

/// How often a file that changes while it is read is read again, and how long after.
pub(crate) const TRIES: usize = 5;
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

/// Reads a file, up to the room of `document`; `false` if there is none of that name.
///
/// What was read while somebody wrote is not taken: it could be half of the old key and half of the new.
pub(crate) fn read(
    path: &Path,
    access: Access,
    document: &mut Document,
) -> Result<bool, FileFault> {
    for _ in 0..TRIES {
        let Some(file) = open(path, access)? else {
            return Ok(false);
        };
        match read_at_rest(&file, &mut &file, document) {
            Ok(true) => return Ok(true),
            Ok(false) => sleep(PAUSE),
            Err(error) => return Err(unreadable(&error)),
        }
    }
    document.clear();
    Err(FileFault::Changing)
}

/// Reads `input`, which is `file`; `false` if that has changed meanwhile.
fn read_at_rest(
    file: &File,
    input: &mut impl io::Read,
    document: &mut Document,
) -> io::Result<bool> {
    let before = FileStamp::of(&file.metadata()?);
    document.clear();
    document.read_all(input)?;
    Ok(FileStamp::of(&file.metadata()?) == before)
}

/// Opens a regular file; `None` if there is none of that name.
fn open(path: &Path, access: Access) -> Result<Option<File>, FileFault> {
    let file = match options().open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(&error)),
    };
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(FileFault::NotRegular);
    }
    judge(&metadata, access)?;
    if access.in_closed_directory {
        judge_directory_of(path)?;
    }
    Ok(Some(file))
}

/// Refuses a file that others can exchange, for all that its own mode says: by their right to write to the
/// directory it is in. In one with the sticky bit they cannot.
#[cfg(unix)]
fn judge_directory_of(path: &Path) -> Result<(), FileFault> {
    use std::os::unix::fs::MetadataExt;
    let directory = match path.parent() {
        Some(directory) if directory != Path::new("") => directory,
        _ => Path::new("."),
    };
    let metadata = std::fs::metadata(directory).map_err(|error| unreadable(&error))?;
    let owner = metadata.uid();
    if owner != 0 {
        let user = user().map_err(|error| unreadable(&error))?;
        if owner != user {
            return Err(FileFault::DirectoryOfOther { owner, user });
        }
    }
    if is_writable_by_others(&metadata) && !is_sticky(&metadata) {
        let mode = metadata.mode() & 0o7777;
        return Err(FileFault::DirectoryTooOpen { mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn judge_directory_of(_: &Path) -> Result<(), FileFault> {
    Ok(())
}

/// Whether others than the owner may write. The group counts, be it the user's own: the right that an
/// access control list gives to somebody else shows as the group's.
#[cfg(unix)]
pub(crate) fn is_writable_by_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o022 != 0
}

/// Judges owner and mode of what was opened.
#[cfg(unix)]
pub(crate) fn judge(metadata: &std::fs::Metadata, access: Access) -> Result<(), FileFault> {
    use std::os::unix::fs::MetadataExt;
    let owner = metadata.uid();
    if access.owned && owner != 0 {
        let user = user().map_err(|error| unreadable(&error))?;
        if owner != user {
            return Err(FileFault::OtherOwner { owner, user });
        }
    }
    let mode = metadata.mode() & 0o7777;
    if mode & access.forbidden != 0 {
        return Err(FileFault::TooOpen { mode });
    }
    Ok(())
}

/// Whether only its owner can remove or exchange a file in a directory, whoever may write there.
#[cfg(unix)]
pub(crate) fn is_sticky(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o1000 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_sticky(_: &std::fs::Metadata) -> bool {
    false
}

/// Without modes there is nothing to judge by: who may read the file is the platform's business.
#[cfg(not(unix))]
pub(crate) fn judge(_: &std::fs::Metadata, _: Access) -> Result<(), FileFault> {
    Ok(())
}

/// The user as whom this process opens files: whoever makes a pipe owns it (pipe(7), Linux, macOS
/// and the BSDs). std has no other way to ask.
#[cfg(unix)]
pub(crate) fn user() -> io::Result<u32> {
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::MetadataExt;
    let (reader, _writer) = io::pipe()?;
    Ok(File::from(OwnedFd::from(reader)).metadata()?.uid())
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

/// Why opening failed.
fn refused(error: &io::Error) -> FileFault {
    #[cfg(unix)]
    match error.raw_os_error() {
        // FreeBSD says EMLINK.
        Some(libc::ELOOP | libc::EMLINK) => return FileFault::Link,
        // A socket, or a device without a driver.
        Some(libc::ENXIO | libc::ENODEV) => return FileFault::NotRegular,
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::PermissionDenied => FileFault::Denied,
        io::ErrorKind::IsADirectory => FileFault::NotRegular,
        _ => unreadable(error),
    }
}

pub(crate) fn unreadable(error: &io::Error) -> FileFault {
    let code = error.raw_os_error();
    FileFault::Unreadable { code }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::PathBuf;

    use super::*;

    /// Reads a file while somebody writes to it.
    struct Meddled<'f, F> {
        file: &'f File,
        meddle: Option<F>,
    }

    impl<F: FnOnce()> Read for Meddled<'_, F> {
        fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
            let read = self.file.read(place);
            if let Some(meddle) = self.meddle.take() {
                meddle();
            }
            read
        }
    }

    fn scratch(name: &str) -> PathBuf {
        let name = format!("alpaca-auth-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&path).unwrap();
        file.write_all(b"PKOLD\nold-secret\n").unwrap();
        path
    }

    /// Whether the text counts that was read while `meddle` was at work.
    fn counts(path: &Path, meddle: impl FnOnce()) -> bool {
        let file = open(path, Access::ANY).unwrap().unwrap();
        let mut meddled = Meddled {
            file: &file,
            meddle: Some(meddle),
        };
        let mut document = Document::new();
        read_at_rest(&file, &mut meddled, &mut document).unwrap()
    }

    #[test]
    fn what_is_read_while_somebody_writes_does_not_count() {
        let path = scratch("meddled");
        assert!(counts(&path, || {}));
        let append = || {
            let mut options = OpenOptions::new();
            let mut file = options.append(true).open(&path).unwrap();
            file.write_all(b"x").unwrap();
        };
        assert!(!counts(&path, append));
        // An editor that begins anew.
        assert!(!counts(&path, || drop(File::create(&path).unwrap())));
        // The old file is whole, though it has another name or none: its key was right a moment ago.
        let other = scratch("other");
        assert!(!counts(&path, || std::fs::rename(&other, &path).unwrap()));
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_second_reading_leaves_nothing_of_the_first() {
        let path = scratch("twice");
        let mut document = Document::new();
        assert_eq!(read(&path, Access::PRIVATE, &mut document), Ok(true));
        std::fs::write(&path, "PK\n").unwrap();
        assert_eq!(read(&path, Access::PRIVATE, &mut document), Ok(true));
        assert_eq!(document.bytes(), b"PK\n");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read(&path, Access::PRIVATE, &mut document), Ok(false));
    }
}
