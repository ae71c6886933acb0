//! [`FileWatch`]: when files of a credential have changed and have come to rest.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Files are looked at this often.
pub const WATCH_INTERVAL: Duration = Duration::from_secs(1);
/// Files that have changed are read when they have not changed any more for this long.
pub const WATCH_REST: Duration = Duration::from_secs(1);

/// Watches files by looking: device, inode, size and times. No thread, no descriptor, no inotify, so it
/// works on every file system; the caller calls it once a second.
///
/// A new file that is renamed over the old one is seen by its inode, a symbolic link that is turned
/// (Kubernetes, systemd) by the file it leads to. A file is read only after it has rested for
/// [`WATCH_REST`], and what was read while it changed is dropped: so a file that is being written is not
/// taken. One whose writer pauses longer in the middle looks finished. What it holds is no key then, or a
/// wrong one, which a trial refuses while the old key stays in use.
///
/// Give it to [`SharedRotation::offer_changed`](crate::SharedRotation::offer_changed).
///
/// ```no_run
/// use alpaca_auth::credential::KeyPair;
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth_ureq::{
///     CREDENTIAL_FILES, FileWatch, SharedRotation, Watched, paper_from_credentials_directory,
/// };
/// use std::path::Path;
///
/// let directory = Path::new("/run/secrets/alpaca");
/// let (id, secret) = CREDENTIAL_FILES;
/// let mut watch = FileWatch::new([directory.join(id), directory.join(secret)]);
/// let keys = SharedRotation::<KeyPair<Paper>>::new();
/// loop {
///     match keys.offer_changed(&mut watch, |slot| paper_from_credentials_directory(directory, slot).map(drop)) {
///         Ok(Watched::Wait(pause) | Watched::Gone(pause)) => std::thread::sleep(pause),
///         Ok(Watched::Offered(offer)) => eprintln!("{offer:?}"),
///         Err(error) => eprintln!("{error}"), // the old key stays in use
///     }
/// }
/// ```
#[derive(Debug)]
pub struct FileWatch {
    paths: Vec<PathBuf>,
    /// What was read last.
    read: Option<Stamp>,
    /// What is there and was not read yet, and since when it has looked so.
    resting: Option<(Stamp, Duration)>,
}

/// How files look from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Vec<FileStamp>);

/// How one file looks: it looks otherwise when somebody has written to it, or has put another in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileStamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode, and seconds and nanoseconds of the last change of the inode.
    inode: [i128; 4],
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Look again after this time.
    Wait(Duration),
    /// One of the files is not there. Look again after this time.
    Gone(Duration),
    /// Read them, then [`confirm`](FileWatch::confirm) this.
    Read(Stamp),
}

impl FileWatch {
    /// Watches these files together.
    #[must_use]
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            paths: paths.into_iter().collect(),
            read: None,
            resting: None,
        }
    }

    /// Looks at the files at `now`, a time since any moment of the caller's.
    pub fn look(&mut self, now: Duration) -> Look {
        let Some(stamp) = self.stamp() else {
            self.resting = None;
            return Look::Gone(WATCH_INTERVAL);
        };
        if self.read.as_ref() == Some(&stamp) {
            self.resting = None;
            return Look::Wait(WATCH_INTERVAL);
        }
        match &self.resting {
            Some((resting, since)) if *resting == stamp => {
                let rested = now.saturating_sub(*since);
                if rested >= WATCH_REST {
                    return Look::Read(stamp);
                }
                Look::Wait(WATCH_REST.saturating_sub(rested))
            }
            _ => {
                self.resting = Some((stamp, now));
                Look::Wait(WATCH_REST)
            }
        }
    }

    /// The files were read, with success or without. `false` if they have changed meanwhile: what was
    /// read does not count.
    pub fn confirm(&mut self, stamp: &Stamp) -> bool {
        let same = self.stamp().as_ref() == Some(stamp);
        self.resting = None;
        if same {
            self.read = Some(stamp.clone());
        }
        same
    }

    fn stamp(&self) -> Option<Stamp> {
        let stamps = self.paths.iter().map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some(FileStamp::of(&metadata))
        });
        stamps.collect::<Option<Vec<_>>>().map(Stamp)
    }
}

impl FileStamp {
    pub(crate) fn of(metadata: &fs::Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            inode: inode(metadata),
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> [i128; 4] {
    use std::os::unix::fs::MetadataExt as _;
    [
        metadata.dev().into(),
        metadata.ino().into(),
        metadata.ctime().into(),
        metadata.ctime_nsec().into(),
    ]
}

#[cfg(not(unix))]
const fn inode(_: &fs::Metadata) -> [i128; 4] {
    [0; 4]
}
