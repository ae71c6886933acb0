//! [`KeyFile`]: key id and secret key from a file of two lines, which can be wiped.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use alpaca_auth::credential::{CredentialError, KeyPair, Slot};
use zeroize::Zeroizing;

use super::ProvisionError;

/// Two halves of at most 128 bytes, and line ends.
const FILE_MAX: usize = 512;

/// A file that only its owner reads, with the key id in the first line and the secret key in the second.
pub struct KeyFile {
    path: String,
    file: File,
    length: u64,
    text: Zeroizing<[u8; FILE_MAX]>,
}

impl KeyFile {
    /// Opens and reads it; `wipe` opens it for writing too.
    ///
    /// # Errors
    /// When it is a link, no regular file, readable by others, too long, or not there.
    pub fn open(path: &str, wipe: bool) -> Result<Self, ProvisionError> {
        let refused = |why| ProvisionError::KeyFile(path.to_owned(), why);
        let named =
            fs::symlink_metadata(path).map_err(|_| refused("cannot be read; check the path"))?;
        if !named.is_file() {
            return Err(refused("is no regular file; give the file itself, no link"));
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(wipe)
            .open(path)
            .map_err(|_| refused("cannot be opened; check its permissions"))?;
        let opened = file.metadata().map_err(|_| refused("cannot be read"))?;
        if !is_same(&named, &opened) {
            return Err(refused("was exchanged while it was opened; try again"));
        }
        if is_open_to_others(&opened) {
            return Err(refused(
                "can be read by others; chmod 600 it, and consider the key known",
            ));
        }
        let mut text = Zeroizing::new([0; FILE_MAX]);
        if opened.len() > FILE_MAX as u64 {
            return Err(refused(
                "is too long; give key id and secret key, one per line",
            ));
        }
        let length = opened.len();
        let place = text
            .get_mut(..usize::try_from(length).unwrap_or(0))
            .unwrap_or_default();
        file.read_exact(place)
            .map_err(|_| refused("cannot be read"))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            length,
            text,
        })
    }

    /// Fills a slot by the method that names the environment: `Slot::paper`.
    ///
    /// # Errors
    /// When there are not two lines, or one of them is no key.
    pub fn fill<'s, E>(
        &self,
        slot: &'s mut Slot<KeyPair<E>>,
        name: impl FnOnce(
            &'s mut Slot<KeyPair<E>>,
            &str,
            &str,
        ) -> Result<&'s KeyPair<E>, CredentialError>,
    ) -> Result<&'s KeyPair<E>, ProvisionError> {
        let refused = |why| ProvisionError::KeyFile(self.path.clone(), why);
        let length = usize::try_from(self.length).unwrap_or(0);
        let text = std::str::from_utf8(self.text.get(..length).unwrap_or_default())
            .map_err(|_| refused("is no text"))?;
        let mut lines = text.lines();
        let (Some(id), Some(secret), None) = (lines.next(), lines.next(), lines.next()) else {
            return Err(refused(
                "has not two lines; give key id and secret key, one per line",
            ));
        };
        name(slot, id, secret).map_err(|error| ProvisionError::Credential(self.path.clone(), error))
    }

    /// Overwrites the file with zeros, on the disk, and removes it. Flash storage and file systems that
    /// write elsewhere may keep the old blocks: keep keys that matter in memory file systems.
    ///
    /// # Errors
    /// When it cannot be written or removed; it may be there still.
    pub fn wipe(mut self) -> Result<(), ProvisionError> {
        let zeros = [0; FILE_MAX];
        let length = usize::try_from(self.length).unwrap_or(0);
        let overwritten = self
            .file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(zeros.get(..length).unwrap_or_default()))
            .and_then(|()| self.file.sync_all());
        overwritten
            .and_then(|()| fs::remove_file(&self.path))
            .map_err(|_| {
                ProvisionError::KeyFile(
                    self.path.clone(),
                    "cannot be wiped; wipe and remove it yourself",
                )
            })
    }
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    a.len() == b.len()
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
    false
}
