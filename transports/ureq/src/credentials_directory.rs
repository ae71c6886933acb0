//! The key pair from systemd's credentials directory: `LoadCredential=` puts one file per half there.
//!
//! systemd makes the directory for one service, read-only and in memory that is never swapped
//! (systemd.exec(5), "Credentials"). A value there stands in no environment and no command line.
//!
//! [`source::Directory`](crate::source::Directory) reads the same files as one source of a chain, and
//! also judges who owns them and whom they are open to.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use alpaca_auth::credential::{CredentialError, CredentialFault, CredentialField, KEY_MAX};
use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::{Live, Paper};
use alpaca_auth::source::FileFault;

use crate::source::document::Document;
use crate::source::file::read;
use crate::source::open::Access;

/// The variable in which systemd names the directory.
pub const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";
/// The files of a key pair: key id, secret key. Each may end with one line break.
pub const CREDENTIAL_FILES: (&str, &str) = ("alpaca-key-id", "alpaca-secret-key");

/// Room for the longest value, its line break, and one byte that is too much.
const FILE_MAX: usize = KEY_MAX + "\r\n".len() + 1;

/// Why the directory gives no usable key pair. Names files, never values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryError {
    /// Neither of [`CREDENTIAL_FILES`] is there.
    NotSet,
    /// One half is there, the other is not.
    Half {
        /// The file that is there.
        set: &'static str,
        /// The file that is missing.
        missing: &'static str,
    },
    /// It is no regular file: a link, directory or pipe could lead elsewhere, or never end.
    NotRegular {
        /// The file.
        file: &'static str,
    },
    /// It cannot be read.
    Unreadable {
        /// The file.
        file: &'static str,
        /// Why.
        kind: io::ErrorKind,
    },
    /// It holds something that is no key.
    Refused {
        /// The file.
        file: &'static str,
        /// What is wrong with its value.
        fault: CredentialFault,
    },
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, secret) = CREDENTIAL_FILES;
        match self {
            Self::NotSet => write!(
                f,
                "no {id} and {secret} in the credentials directory; give both with LoadCredential="
            ),
            Self::Half { set, missing } => write!(
                f,
                "the credential {set} is there but {missing} is not; give both with LoadCredential=, or neither"
            ),
            Self::NotRegular { file } => write!(
                f,
                "the credential {file} is no regular file; let systemd put it there with LoadCredential="
            ),
            Self::Unreadable { file, kind } => write!(
                f,
                "the credential {file} cannot be read ({kind}); let systemd put it there with LoadCredential="
            ),
            Self::Refused { file, fault } => {
                write!(f, "the value of the credential {file} {fault}")
            }
        }
    }
}

impl std::error::Error for DirectoryError {}

/// The directory that systemd made for this service, if it made one.
#[must_use]
pub fn credentials_directory() -> Option<PathBuf> {
    let path = std::env::var_os(CREDENTIALS_DIRECTORY)?;
    (!path.is_empty()).then(|| path.into())
}

macro_rules! from_directory {
    ($($environment:ident: $fill:ident, $into_slot:ident),*) => {$(
        /// Fills a slot with the key pair of [`CREDENTIAL_FILES`] in `directory`, usually
        /// [`credentials_directory`]. What was read is wiped.
        ///
        /// # Errors
        /// [`DirectoryError`] names the file that is missing or unusable; the slot is vacant then.
        pub fn $into_slot<'s>(
            directory: &Path,
            slot: &'s mut Slot<KeyPair<$environment>>,
        ) -> Result<&'s KeyPair<$environment>, DirectoryError> {
            slot.clear();
            let mut id = Value::new(CREDENTIAL_FILES.0);
            let mut secret = Value::new(CREDENTIAL_FILES.1);
            match (id.read(directory)?, secret.read(directory)?) {
                (true, true) => {}
                (false, false) => return Err(DirectoryError::NotSet),
                (true, false) => return Err(half(&id, &secret)),
                (false, true) => return Err(half(&secret, &id)),
            }
            slot.$fill(id.text()?, secret.text()?).map_err(blame)
        }
    )*};
}
from_directory!(
    Paper: paper, paper_from_credentials_directory,
    Live: live, live_from_credentials_directory
);

/// The content of one file, read in place and wiped.
struct Value {
    file: &'static str,
    document: Document,
}

impl Value {
    fn new(file: &'static str) -> Self {
        Self {
            file,
            document: Document::with_room(FILE_MAX),
        }
    }

    /// Whether the file is there; then it is read to its end.
    fn read(&mut self, directory: &Path) -> Result<bool, DirectoryError> {
        let file = self.file;
        match read(&directory.join(file), Access::ANY, &mut self.document) {
            Ok(_) if self.document.is_full() => {
                let fault = CredentialFault::TooLong;
                Err(DirectoryError::Refused { file, fault })
            }
            Ok(is_there) => Ok(is_there),
            Err(FileFault::Denied) => {
                let kind = io::ErrorKind::PermissionDenied;
                Err(DirectoryError::Unreadable { file, kind })
            }
            Err(FileFault::Unreadable { code: Some(code) }) => {
                let kind = io::Error::from_raw_os_error(code).kind();
                Err(DirectoryError::Unreadable { file, kind })
            }
            Err(_) => Err(DirectoryError::NotRegular { file }),
        }
    }

    /// The value without the line break at its end: editors and `echo` write one.
    fn text(&self) -> Result<&str, DirectoryError> {
        let bytes = self.document.bytes();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        std::str::from_utf8(bytes).map_err(|_| DirectoryError::Refused {
            file: self.file,
            fault: CredentialFault::NotAscii,
        })
    }
}

const fn half(set: &Value, missing: &Value) -> DirectoryError {
    DirectoryError::Half {
        set: set.file,
        missing: missing.file,
    }
}

/// Names the file behind a refused half.
const fn blame(error: CredentialError) -> DirectoryError {
    let file = match error.field {
        CredentialField::KeyId => CREDENTIAL_FILES.0,
        _ => CREDENTIAL_FILES.1,
    };
    DirectoryError::Refused {
        file,
        fault: error.fault,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ID: &str = "PKTEST";
    const SECRET: &str = "not/a-real+secret";

    /// A directory of the test's own, removed at its end.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let name = format!("alpaca-auth-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn with(self, file: &str, value: impl AsRef<[u8]>) -> Self {
            fs::write(self.0.join(file), value).unwrap();
            self
        }

        fn error(&self) -> DirectoryError {
            let mut slot = Slot::<KeyPair<Paper>>::vacant();
            slot.paper(ID, "from-before").unwrap();
            let error = paper_from_credentials_directory(&self.0, &mut slot).err();
            assert!(slot.get().is_none());
            let error = error.unwrap();
            assert!(!error.to_string().contains(SECRET));
            error
        }

        fn is_the_pair(&self) -> bool {
            let mut slot = Slot::vacant();
            let mut other = Slot::<KeyPair<Paper>>::vacant();
            let pair = paper_from_credentials_directory(&self.0, &mut slot).unwrap();
            pair.is(other.paper(ID, SECRET).unwrap())
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn nothing_there_is_not_set_and_half_is_an_error() {
        assert_eq!(Directory::new("none").error(), DirectoryError::NotSet);
        let (id, secret) = CREDENTIAL_FILES;
        let half = Directory::new("id-only").with(id, ID).error();
        let (set, missing) = CREDENTIAL_FILES;
        assert_eq!(half, DirectoryError::Half { set, missing });
        let half = Directory::new("secret-only").with(secret, SECRET).error();
        let (missing, set) = CREDENTIAL_FILES;
        assert_eq!(half, DirectoryError::Half { set, missing });
        let absent = Path::new("no/such/directory");
        let error = paper_from_credentials_directory(absent, &mut Slot::vacant()).err();
        assert_eq!(error, Some(DirectoryError::NotSet));
    }

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_the_value() {
        for (name, end) in [("bare", ""), ("lf", "\n"), ("crlf", "\r\n")] {
            let directory = Directory::new(name)
                .with(CREDENTIAL_FILES.0, format!("{ID}{end}"))
                .with(CREDENTIAL_FILES.1, format!("{SECRET}{end}"));
            assert!(directory.is_the_pair(), "{name}");
        }
    }

    #[test]
    fn the_longest_key_fits_with_its_line_break() {
        let long = "x".repeat(KEY_MAX);
        let directory = Directory::new("longest")
            .with(CREDENTIAL_FILES.0, format!("{long}\r\n"))
            .with(CREDENTIAL_FILES.1, &long);
        let mut slot = Slot::vacant();
        assert!(live_from_credentials_directory(&directory.0, &mut slot).is_ok());
    }

    #[test]
    fn a_value_that_is_no_key_is_named_by_its_file() {
        let file = CREDENTIAL_FILES.1;
        for (value, fault) in [
            (&b""[..], CredentialFault::Empty),
            (b"\n", CredentialFault::Empty),
            (b"\r\n", CredentialFault::Empty),
            (b"a\n\n", CredentialFault::LineBreak),
            (b"a\nb\n", CredentialFault::LineBreak),
            (b"\na", CredentialFault::LineBreak),
            (b"a\r\r\n", CredentialFault::LineBreak),
            (b"a b\n", CredentialFault::Space),
            (b"a \n", CredentialFault::Space),
            (b"\"a\"", CredentialFault::Quote),
            (b"a\0", CredentialFault::Control),
            (b"\xff\xfe", CredentialFault::NotAscii),
            ("schlüssel".as_bytes(), CredentialFault::NotAscii),
            (&[b'a'; KEY_MAX + 1], CredentialFault::TooLong),
            (&[b'a'; 4096], CredentialFault::TooLong),
        ] {
            let directory = Directory::new("values")
                .with(CREDENTIAL_FILES.0, ID)
                .with(file, value);
            assert_eq!(directory.error(), DirectoryError::Refused { file, fault });
        }
        let error = Directory::new("id")
            .with(CREDENTIAL_FILES.0, "")
            .with(file, SECRET)
            .error();
        let (file, fault) = (CREDENTIAL_FILES.0, CredentialFault::Empty);
        assert_eq!(error, DirectoryError::Refused { file, fault });
    }

    #[cfg(unix)]
    #[test]
    fn a_link_a_directory_and_a_pipe_are_not_followed_nor_waited_for() {
        let file = CREDENTIAL_FILES.1;
        let refused = DirectoryError::NotRegular { file };
        let directory = Directory::new("odd")
            .with(CREDENTIAL_FILES.0, ID)
            .with("elsewhere", SECRET);
        let path = directory.0.join(file);
        std::os::unix::fs::symlink(directory.0.join("elsewhere"), &path).unwrap();
        assert_eq!(directory.error(), refused);
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("nowhere", &path).unwrap();
        assert_eq!(directory.error(), refused);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(directory.error(), refused);
        fs::remove_dir(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert_eq!(directory.error(), refused);
    }
}
