//! [`File`]: one file that holds a whole credential.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use alpaca_auth::environment::EnvironmentKind;
use alpaca_auth::source::{Form, Found, Look, Passed, Source, SourceFault, SourceKind};

use super::document::Document;
pub(crate) use super::open::read;

use super::open::Access;
use super::place::Shown;

/// One file with a whole credential, as JSON, dotenv or lines (see [`Form`]).
///
/// It must be a regular file of this user or of root that nobody else may read (mode 0600), and no
/// link, in a directory of this user or of root to which nobody else may write (the sticky bit of `/tmp`
/// will do). It is opened once and judged by what was opened.
/// The directories above are not judged. On platforms without modes, who may read it is not checked.
///
/// What changes while it is read is read again. One that somebody writes slowly in place looks whole while
/// the writer pauses: write the new one beside it, and rename that over it.
///
/// ```no_run
/// use alpaca_auth::source::Form;
/// use alpaca_auth_ureq::source::{File, Sources};
/// let sources = Sources::new().then(File::at("/etc/trader/alpaca.env").form(Form::Dotenv));
/// ```
pub struct File {
    place: Place,
    form: Form,
}

enum Place {
    At(PathBuf),
    /// A directory with one file per environment, and the one that was asked for last.
    PerEnvironment(Option<PathBuf>, Option<EnvironmentKind>),
}

impl File {
    /// The file at `path`.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::At(path.into()),
            form: Form::Detected,
        }
    }

    /// The user's own file for the environment that is wanted: `alpaca-auth/paper`,
    /// `alpaca-auth/live` and so on in `$XDG_CONFIG_HOME`, or `$HOME/.config`.
    #[must_use]
    pub fn of_user() -> Self {
        let absolute = |name| std::env::var_os(name).and_then(absolute);
        let directory = absolute("XDG_CONFIG_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".config")))
            .map(|directory| directory.join("alpaca-auth"));
        Self {
            place: Place::PerEnvironment(directory, None),
            form: Form::Detected,
        }
    }

    /// Reads it as `form`, whatever it looks like.
    #[must_use]
    pub const fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    fn path(&mut self, environment: EnvironmentKind) -> Option<PathBuf> {
        match &mut self.place {
            Place::At(path) => Some(path.clone()),
            Place::PerEnvironment(directory, asked) => {
                *asked = Some(environment);
                Some(directory.as_ref()?.join(environment.name()))
            }
        }
    }
}

/// A relative directory in these variables is to be ignored (XDG Base Directory Specification).
fn absolute(path: OsString) -> Option<PathBuf> {
    let path = PathBuf::from(path);
    path.is_absolute().then_some(path)
}

impl Source for File {
    fn kind(&self) -> SourceKind {
        SourceKind::File
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::At(path) => write!(f, "{}", Shown::new(path)),
            Place::PerEnvironment(Some(directory), asked) => {
                write!(f, "{}/", Shown::new(directory))?;
                f.write_str(asked.map_or("…", EnvironmentKind::name))
            }
            Place::PerEnvironment(None, _) => f.write_str("no home directory"),
        }
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        let Some(path) = self.path(found.wanted().environment) else {
            return Ok(Look::Passed(Passed::NotSetUp));
        };
        let mut document = Document::new();
        match read(&path, Access::PRIVATE, &mut document).map_err(SourceFault::File)? {
            false => Ok(Look::Passed(Passed::NotSet)),
            true => found.document_in(self.form, document.bytes()),
        }
    }
}
