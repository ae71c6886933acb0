//! [`SecretService`]: the freedesktop Secret Service (GNOME Keyring, KWallet, KeePassXC).

use std::env::var_os;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alpaca_auth::environment::EnvironmentKind;
use alpaca_auth::source::{
    CommandFault, Found, KeyringFault, Look, Passed, Source, SourceFault, SourceKind,
};

use super::command::{COMMAND_TIME, Command, Output};

/// The attribute by which items are found, and its value.
const APPLICATION: [&str; 2] = ["application", "alpaca-auth"];

/// The item with the attributes `application` `alpaca-auth` and `environment` `paper`, `live` and so
/// on. Its secret is a document as in a file; two lines for instance:
///
/// ```sh
/// printf '%s\n' "$id" "$secret" |
///   secret-tool store --label='Alpaca paper' application alpaca-auth environment paper
/// ```
///
/// It asks through `secret-tool` of libsecret, as a [`Command`]: a D-Bus client would bring some
/// eighty crates. A keyring that is locked may ask the person at the screen; without an answer in
/// time it counts as locked.
pub struct SecretService {
    program: PathBuf,
    time: Duration,
    asked: Option<EnvironmentKind>,
}

impl Default for SecretService {
    fn default() -> Self {
        Self::new()
    }
}

impl SecretService {
    /// With `/usr/bin/secret-tool`.
    #[must_use]
    pub fn new() -> Self {
        Self::with_tool("/usr/bin/secret-tool")
    }

    /// With the `secret-tool` at an absolute path.
    #[must_use]
    pub fn with_tool(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            time: COMMAND_TIME,
            asked: None,
        }
    }

    /// How long it may take, [`COMMAND_TIME`] unless told.
    #[must_use]
    pub const fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// `secret-tool` with a verb, over the items of an environment.
    fn ask(&self, verb: &str, environment: EnvironmentKind) -> Result<Output, SourceFault> {
        let [name, value] = APPLICATION;
        let command = Command::new(&self.program)
            .time(self.time)
            .argument(verb)
            .argument(name)
            .argument(value)
            .argument("environment")
            .argument(environment.name());
        command.run().map_err(|fault| match fault {
            CommandFault::TimedOut { .. } => SourceFault::Keyring(KeyringFault::Locked),
            fault => SourceFault::Command(fault),
        })
    }
}

impl Source for SecretService {
    fn kind(&self) -> SourceKind {
        SourceKind::SecretService
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [name, value] = APPLICATION;
        let environment = self.asked.map_or("…", EnvironmentKind::name);
        write!(f, "{name} {value}, environment {environment}")
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        let environment = found.wanted().environment;
        self.asked = Some(environment);
        if !has_bus() {
            return Ok(Look::Passed(Passed::NoService));
        }
        let output = self.ask("lookup", environment)?;
        if is_nothing(&output) {
            // It says the same of an item that is locked and that nobody unlocked.
            return match self.ask("search", environment)? {
                items if is_nothing(&items) => Ok(Look::Passed(Passed::NotSet)),
                items => {
                    items.succeeded().map_err(SourceFault::Command)?;
                    Err(SourceFault::Keyring(KeyringFault::Locked))
                }
            };
        }
        output.succeeded().map_err(SourceFault::Command)?;
        found.document(output.document.bytes())
    }
}

/// Whether `secret-tool` found nothing: it writes nothing, and ends with 1 after a look-up.
fn is_nothing(output: &Output) -> bool {
    matches!(output.code(), Some(0 | 1)) && !output.said_why && output.document.bytes().is_empty()
}

/// Whether this process has a session bus to ask at.
fn has_bus() -> bool {
    var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty())
        || var_os("XDG_RUNTIME_DIR").is_some_and(|path| Path::new(&path).join("bus").exists())
}
