//! Opens a file that holds a secret: once, without waiting, and judged by what was opened.
//!
//! The name is used once, to open. Everything that is checked is checked on the open file, so
//! nobody can exchange it in between. A pipe or device is not waited for.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use alpaca_auth::source::FileFault;

/// Who may own a file or directory, and to whom it must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// Permission bits that must not be set.
    forbidden: u32,
    /// Whether its owner must be this user or root.
    owned: bool,
}

impl Access {
    /// Nobody but its owner: mode 0600 or less.
    pub(crate) const PRIVATE: Self = Self {
        forbidden: 0o077,
        owned: true,
    };
    /// A group may read. systemd lets a service's user in by an access control list, and the mask
    /// of that shows as the group's permission: mode 0440, and 0550 of the directory.
    pub(crate) const SERVICE: Self = Self {
        forbidden: 0o027,
        owned: true,
    };
    /// All may read, nobody else may write: the directory where a container's secrets are.
    pub(crate) const MOUNT: Self = Self {
        forbidden: 0o022,
        owned: true,
    };
    /// The same, but all may put files of their own there: Kubernetes mounts its volumes so, though
    /// read-only, and nobody can exchange what somebody else put there (the sticky bit).
    pub(crate) const SHARED_MOUNT: Self = Self {
        forbidden: 0,
        owned: true,
    };
    /// A file of a container's. It keeps the owner that it has outside of the container.
    pub(crate) const MOUNTED: Self = Self {
        forbidden: 0o022,
        owned: false,
    };
    /// A file of a container's where others may put files of their own.
    pub(crate) const MOUNTED_OWN: Self = Self {
        forbidden: 0o022,
        owned: true,
    };
    /// Not checked.
    pub(crate) const ANY: Self = Self {
        forbidden: 0,
        owned: false,
    };
}

/// Opens a regular file; `None` if there is none of that name.
pub(crate) fn open(path: &Path, access: Access) -> Result<Option<File>, FileFault> {
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
    Ok(Some(file))
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
fn user() -> io::Result<u32> {
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
