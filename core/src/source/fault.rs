//! [`SourceFault`]: why what a source holds cannot be used, and what to do about it.

use core::fmt;

use super::form::DOCUMENT_MAX;
use super::manager_fault::ManagerFault;
use crate::credential::{CredentialFault, KeyEvidence};
use crate::environment::EnvironmentKind;
use crate::response::json_shape::JsonShapeError;

/// Why what a source holds cannot be used. Holds names, sizes and codes, never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceFault {
    /// One half of a pair is there, the other is not. Give both, or neither.
    Half {
        /// The part that is there.
        set: &'static str,
        /// The part that is missing.
        missing: &'static str,
    },
    /// A part is there and is no key.
    Refused {
        /// The part.
        part: &'static str,
        /// What is wrong with its value.
        fault: CredentialFault,
    },
    /// The value stands in quotes, which are not part of it. Windows' `set X="v"` and
    /// `docker --env-file` keep them.
    QuotesAround {
        /// The part.
        part: &'static str,
    },
    /// Something says that the credential is for another environment. Give one for this
    /// environment, or ask for the other one by its name.
    OtherEnvironment {
        /// What is asked for.
        wanted: EnvironmentKind,
        /// What speaks against it.
        evidence: EnvironmentEvidence,
    },
    /// The environment that is stated is none of the four.
    UnknownEnvironment {
        /// The part that states it.
        part: &'static str,
    },
    /// The document is malformed.
    Form(FormFault),
    /// The file cannot be trusted or read.
    File(FileFault),
    /// One file of a directory cannot be trusted or read.
    FileOf {
        /// The file.
        part: &'static str,
        /// What is wrong with it.
        fault: FileFault,
    },
    /// The command did not give a credential.
    Command(CommandFault),
    /// The keyring or Secret Service did not give a credential.
    Keyring(KeyringFault),
    /// A secret manager did not give a credential.
    Manager(ManagerFault),
    /// The source said that it found something and gave nothing: its program is at fault.
    NothingGiven,
    /// A fault of a source that is not of this library.
    Other {
        /// What is wrong, as a clause.
        problem: &'static str,
        /// What to do about it, as a clause.
        remedy: &'static str,
    },
}

/// What speaks for an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentEvidence {
    /// How the key id begins.
    Prefix(KeyEvidence),
    /// What stands beside the credential.
    Stated(EnvironmentKind),
    /// The host of the API's URL that stands beside the credential.
    BaseUrl(EnvironmentKind),
}

impl EnvironmentEvidence {
    /// The one environment it speaks for, if it is one.
    #[must_use]
    pub const fn environment(self) -> Option<EnvironmentKind> {
        match self {
            Self::Prefix(KeyEvidence::Paper) => Some(EnvironmentKind::Paper),
            Self::Prefix(KeyEvidence::Live) => Some(EnvironmentKind::Live),
            Self::Prefix(_) => None,
            Self::Stated(kind) | Self::BaseUrl(kind) => Some(kind),
        }
    }
}

/// Why a document is malformed. Lines count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormFault {
    /// Nothing but blanks. Write the keys into it.
    Empty,
    /// Longer than [`DOCUMENT_MAX`]. It is probably another file.
    TooLong,
    /// Begins with a UTF-8 byte order mark. Save it as plain UTF-8.
    ByteOrderMark,
    /// UTF-16, as Windows `PowerShell` writes it. Save it as UTF-8.
    Utf16,
    /// Holds a NUL byte. It is no text.
    Nul,
    /// Not UTF-8.
    NotUtf8,
    /// Holds no name that is known.
    NoKnownName,
    /// A name stands there twice.
    Twice {
        /// The name.
        part: &'static str,
    },
    /// No JSON.
    Json(JsonShapeError),
    /// JSON, but no object.
    NotObject,
    /// A member that is no string.
    NotString {
        /// The member.
        part: &'static str,
    },
    /// A line of a dotenv file that is no `NAME=value`.
    Line {
        /// The line.
        number: u16,
    },
    /// A quote that does not end on its line, or something behind it.
    OpenQuote {
        /// The line.
        number: u16,
    },
    /// A character that programs which read such files differ over, outside single quotes.
    NotLiteral {
        /// The line.
        number: u16,
    },
    /// More lines than key id and secret key.
    MoreLines,
}

/// Why a file cannot be trusted or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFault {
    /// A symbolic link where none is followed.
    Link,
    /// A link that leads out of its directory.
    LeadsOut,
    /// A directory, pipe, socket or device.
    NotRegular,
    /// Something else than a directory where one should be.
    NotDirectory,
    /// It belongs to neither this user nor root.
    OtherOwner {
        /// User id of the owner.
        owner: u32,
        /// User id of this process.
        user: u32,
    },
    /// Others may read or change it.
    TooOpen {
        /// The permission bits.
        mode: u32,
    },
    /// Others may write to the directory that it is in, and so exchange it.
    DirectoryTooOpen {
        /// The permission bits of the directory.
        mode: u32,
    },
    /// The directory that it is in belongs to neither this user nor root.
    DirectoryOfOther {
        /// User id of the directory's owner.
        owner: u32,
        /// User id of this process.
        user: u32,
    },
    /// Its path comes from the environment and is relative: what it leads to would depend on the working
    /// directory.
    Relative,
    /// It changed while it was read, again and again.
    Changing,
    /// This process may not open it.
    Denied,
    /// The operating system cannot read it.
    Unreadable {
        /// The operating system's error number, if there is one.
        code: Option<i32>,
    },
}

/// Why a command did not give a credential. What it wrote is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandFault {
    /// It is not named by its absolute path, so what runs would depend on the environment.
    NotAbsolute,
    /// There is no such program.
    Missing,
    /// Somebody else than this user and root may change the program.
    NotTrusted {
        /// The permission bits of the program.
        mode: u32,
        /// User id of its owner.
        owner: u32,
    },
    /// This process may not run it.
    Denied,
    /// The operating system cannot run it.
    NotStarted {
        /// The operating system's error number, if there is one.
        code: Option<i32>,
    },
    /// It did not end in time. It and its process group were killed.
    TimedOut {
        /// The time it had.
        milliseconds: u64,
    },
    /// It ended with a failure.
    Failed {
        /// Its exit code.
        code: i32,
        /// Whether it wrote to its standard error.
        said_why: bool,
    },
    /// A signal ended it.
    Signal {
        /// The signal's number.
        number: i32,
    },
    /// It wrote more than [`DOCUMENT_MAX`] bytes. It and its process group were killed.
    TooMuch,
    /// It succeeded and wrote nothing.
    Silent,
    /// It ended, and something it started still holds its output open. That was killed.
    LeftOpen,
}

/// Why a keyring did not give a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyringFault {
    /// The key has expired.
    Expired,
    /// The key was revoked.
    Revoked,
    /// The key does not let this process read it.
    Denied,
    /// The keyring is locked.
    Locked,
    /// The keyring gave an error.
    Failed {
        /// The operating system's error number, if there is one.
        code: Option<i32>,
    },
}

impl fmt::Display for SourceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Half { set, missing } => {
                write!(f, "{set} is set but {missing} is not; set both, or neither")
            }
            Self::Refused { part, fault } => write!(f, "the value of {part} {fault}"),
            Self::QuotesAround { part } => write!(
                f,
                "the value of {part} stands in quotes; write it without them, since Windows' set \
                 and docker's --env-file keep them"
            ),
            Self::OtherEnvironment { wanted, evidence } => {
                match evidence {
                    EnvironmentEvidence::Prefix(KeyEvidence::ConnectClientId) => {
                        f.write_str("the key id looks like the client id of a Connect app")
                    }
                    EnvironmentEvidence::Prefix(KeyEvidence::Broker) => {
                        f.write_str("the key id begins as a broker partner's do")
                    }
                    EnvironmentEvidence::Prefix(KeyEvidence::Live) => {
                        f.write_str("the key id begins as live keys do")
                    }
                    EnvironmentEvidence::Prefix(_) => {
                        f.write_str("the key id begins as paper keys do")
                    }
                    EnvironmentEvidence::Stated(kind) => {
                        write!(f, "it says that the credential is for {kind}")
                    }
                    EnvironmentEvidence::BaseUrl(kind) => {
                        write!(f, "the URL beside it is that of {kind}")
                    }
                }?;
                write!(
                    f,
                    ", and one for {wanted} is wanted; give that, or ask for the other by its name"
                )
            }
            Self::UnknownEnvironment { part } => write!(
                f,
                "{part} is no environment; write paper, live, sandbox or production"
            ),
            Self::Form(fault) => fault.fmt(f),
            Self::File(fault) => fault.fmt(f),
            Self::FileOf { part, fault } => write!(f, "{part}: {fault}"),
            Self::Command(fault) => fault.fmt(f),
            Self::Keyring(fault) => fault.fmt(f),
            Self::Manager(fault) => fault.fmt(f),
            Self::NothingGiven => {
                f.write_str("it found something and gave nothing; report it to its author")
            }
            Self::Other { problem, remedy } => write!(f, "{problem}; {remedy}"),
        }
    }
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty; write the keys into it"),
            Self::TooLong => write!(
                f,
                "it is longer than {DOCUMENT_MAX} bytes; check that it is the right one"
            ),
            Self::ByteOrderMark => {
                f.write_str("it begins with a byte order mark; save it as UTF-8 without one")
            }
            Self::Utf16 => f.write_str("it is UTF-16; save it as UTF-8 without a byte order mark"),
            Self::Nul => f.write_str("it holds a NUL byte; check that it is text"),
            Self::NotUtf8 => f.write_str("it is not UTF-8; check that it is text"),
            Self::NoKnownName => f.write_str(
                "it holds no name that is known; call the parts APCA_API_KEY_ID and \
                 APCA_API_SECRET_KEY",
            ),
            Self::Twice { part } => write!(f, "{part} stands there twice; remove one"),
            Self::Json(error) => write!(f, "as JSON, {error}; write it with a JSON program"),
            Self::NotObject => f.write_str("it is no JSON object; write {\"key_id\": …}"),
            Self::NotString { part } => {
                write!(f, "the value of {part} is no string; put it in double quotes")
            }
            Self::Line { number } => {
                write!(f, "line {number} is no NAME=value; correct or remove it")
            }
            Self::OpenQuote { number } => write!(
                f,
                "the quotes in line {number} do not stand around the value; put both, or none"
            ),
            Self::NotLiteral { number } => write!(
                f,
                "the value in line {number} holds a character that programs read differently; put \
                 it in single quotes"
            ),
            Self::MoreLines => f.write_str(
                "it has more than two lines; write key id and secret key, each on a line of its own",
            ),
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link => {
                f.write_str("it is a symbolic link, and none is followed; name the file itself")
            }
            Self::LeadsOut => {
                f.write_str("it is a link out of its directory; put the secret into the directory")
            }
            Self::NotRegular => {
                f.write_str("it is no regular file; put a file with the keys in its place")
            }
            Self::NotDirectory => {
                f.write_str("it is no directory; correct the path to the directory of the keys")
            }
            Self::OtherOwner { owner, user } => write!(
                f,
                "it belongs to user {owner}, and this process runs as user {user}; run the program as user \
                 {owner} (without sudo?), or chown it"
            ),
            Self::TooOpen { mode } => write!(
                f,
                "others may read or change it (mode {mode:04o}); chmod go= it, and replace the key \
                 if others could"
            ),
            Self::DirectoryTooOpen { mode } => write!(
                f,
                "others may write to its directory (mode {mode:04o}), and so exchange it; chmod go-w the \
                 directory"
            ),
            Self::DirectoryOfOther { owner, user } => write!(
                f,
                "its directory belongs to user {owner}, who can exchange it, and this process runs as user \
                 {user}; put it into a directory of that user"
            ),
            Self::Relative => f.write_str(
                "its path is relative, so what is there depends on the working directory; give the \
                 absolute path",
            ),
            Self::Changing => f.write_str(
                "it changed while it was read; write the new one beside it, and rename that over it",
            ),
            Self::Denied => f.write_str(
                "this process may not open it; check owner and permissions of it and its directory",
            ),
            Self::Unreadable { code } => {
                f.write_str("it cannot be read")?;
                error_number(f, *code)?;
                f.write_str("; check path and disk")
            }
        }
    }
}

impl fmt::Display for CommandFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute => {
                f.write_str("it is named without its path; give the absolute path")
            }
            Self::Missing => {
                f.write_str("there is no such program; install it or correct the path")
            }
            Self::NotTrusted { mode, owner } => write!(
                f,
                "others may change the program (mode {mode:04o}, of user {owner}); chown it to root, and \
                 chmod go-w it"
            ),
            Self::Denied => f.write_str("this process may not run it; check its permissions"),
            Self::NotStarted { code } => {
                f.write_str("it cannot be started")?;
                error_number(f, *code)?;
                f.write_str("; check that it is a program for this machine")
            }
            Self::TimedOut { milliseconds } => write!(
                f,
                "it did not end within {milliseconds} ms and was killed; run it by hand, and check \
                 that it asks nothing"
            ),
            Self::Failed {
                code,
                said_why: true,
            } => write!(
                f,
                "it ended with {code} and an error text, not shown since it may hold a secret; run \
                 it by hand"
            ),
            Self::Failed {
                code,
                said_why: false,
            } => {
                write!(f, "it ended with {code}; run it by hand to see why")
            }
            Self::Signal { number } => {
                write!(f, "signal {number} ended it; run it by hand to see why")
            }
            Self::TooMuch => write!(
                f,
                "it wrote more than {DOCUMENT_MAX} bytes and was killed; let it write the keys alone"
            ),
            Self::Silent => f.write_str("it wrote nothing; let it write the keys to its output"),
            Self::LeftOpen => f.write_str(
                "it ended and left its output open to a program in the background, which was \
                 killed; let it wait for that",
            ),
        }
    }
}

impl fmt::Display for KeyringFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("the key in it has expired; add it again"),
            Self::Revoked => f.write_str("the key in it was revoked; add it again"),
            Self::Denied => {
                f.write_str("the key in it may not be read by this process; set its permissions")
            }
            Self::Locked => f.write_str("it is locked; unlock it, by logging in for instance"),
            Self::Failed { code } => {
                f.write_str("it gives an error")?;
                error_number(f, *code)?;
                f.write_str("; look at it by hand")
            }
        }
    }
}

fn error_number(f: &mut fmt::Formatter<'_>, code: Option<i32>) -> fmt::Result {
    match code {
        Some(code) => write!(f, " (error {code})"),
        None => Ok(()),
    }
}
