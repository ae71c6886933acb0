//! [`Scratch`]: a directory of a test's own, for files that hold keys.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// A directory closed to others, whatever the umask; removed at the end.
pub struct Scratch(PathBuf);

impl Scratch {
    /// One of this name.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("alpaca-auth-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("a directory");
        fs::set_permissions(&path, Permissions::from_mode(0o700)).expect("its mode");
        Self(path)
    }

    /// The directory itself.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.0
    }

    /// A path in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A new directory in it, with those above, closed to others as well.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn subdirectory(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(&path).expect("a directory");
        path
    }

    /// A new file of mode 0600, in the place of one of this name.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        self.file_of(0o600, name, text)
    }

    /// The same of any mode.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file_of(&self, mode: u32, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let _ = fs::remove_file(&path);
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&path).expect("a file");
        file.write_all(text.as_ref()).expect("it is written");
        drop(file);
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its mode");
        path
    }

    /// A program of the shell's.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn script(&self, name: &str, text: &str) -> PathBuf {
        self.file_of(0o700, name, format!("#!/bin/sh\n{text}\n"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
