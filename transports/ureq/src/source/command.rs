//! [`Command`]: the output of a program.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{self, Child, ChildStderr, ChildStdout, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use alpaca_auth::source::{CommandFault, Form, Found, Look, Source, SourceFault, SourceKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::document::Document;
use super::open::{is_writable_by_others, user};
use super::place::Shown;

/// How long a command may take unless told otherwise.
pub const COMMAND_TIME: Duration = Duration::from_secs(10);

/// What a program finds others by. Its own environment could name a place that others write to.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// The variables that are handed on: who the user is, and where the user's services are.
const KEPT: [&str; 6] = [
    "HOME",
    "USER",
    "LOGNAME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "GNUPGHOME",
];
/// How often the end of a command is looked for while it says nothing.
const STEP: Duration = Duration::from_millis(10);
/// How long output may stay open after the command has ended.
const GRACE: Duration = Duration::from_millis(500);

/// What a program writes to its standard output: a credential as JSON, dotenv or lines (see
/// [`Form`]), of at most [`DOCUMENT_MAX`](alpaca_auth::source::DOCUMENT_MAX) bytes.
///
/// No shell: the program is named by its absolute path, must belong to this user or to root and be closed
/// to writing by others, and each argument is one argument. It gets
/// no input, a few variables of the environment, `/` as its directory and a process group of its
/// own, which is killed when time runs out. What it writes to its standard error is thrown away: it
/// may hold a secret. Arguments are no place for a secret: everybody on the machine can read them.
///
/// ```no_run
/// use alpaca_auth_ureq::source::{Command, Sources};
/// // The entry holds the key id in its first line and the secret key in its second.
/// let sources = Sources::new().then(Command::new("/usr/bin/pass").argument("show").argument("alpaca/paper"));
/// ```
pub struct Command {
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<OsString>,
    time: Duration,
    form: Form,
}

impl Command {
    /// The program at an absolute path.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            variables: KEPT.map(OsString::from).to_vec(),
            time: COMMAND_TIME,
            form: Form::Detected,
        }
    }

    /// One more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Hands on one more variable of this process's environment, if it is set.
    ///
    /// Without being told it hands on `HOME`, `USER`, `LOGNAME`, `XDG_RUNTIME_DIR`,
    /// `DBUS_SESSION_BUS_ADDRESS` and `GNUPGHOME`, and sets `PATH` to the system's directories.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>) -> Self {
        self.variables.push(name.into());
        self
    }

    /// How long it may take, [`COMMAND_TIME`] unless told.
    #[must_use]
    pub const fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Reads its output as `form`, whatever it looks like.
    #[must_use]
    pub const fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// Refuses a program that others may change: it runs with all that this process may do.
    fn judge(&self) -> Result<(), CommandFault> {
        let Ok(metadata) = std::fs::metadata(&self.program) else {
            // Starting it says why.
            return Ok(());
        };
        let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
        let is_own = owner == 0 || user().is_ok_and(|user| user == owner);
        if !is_own || is_writable_by_others(&metadata) {
            return Err(CommandFault::NotTrusted { mode, owner });
        }
        Ok(())
    }

    /// Runs it to its end.
    pub(super) fn run(&self) -> Result<Output, CommandFault> {
        if !self.program.is_absolute() {
            return Err(CommandFault::NotAbsolute);
        }
        self.judge()?;
        let mut command = process::Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .env("PATH", PATH)
            .envs(self.variables.iter().filter_map(kept))
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| not_started(&error))?;
        Running::new(child, self.time)?.output()
    }
}

impl Source for Command {
    fn kind(&self) -> SourceKind {
        SourceKind::Command
    }

    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the arguments: somebody may have put a secret there all the same.
        write!(f, "{}", Shown::program(&self.program))
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        let output = self.run().map_err(SourceFault::Command)?;
        output.succeeded().map_err(SourceFault::Command)?;
        found.document_in(self.form, output.document.bytes())
    }
}

/// How a command ended, and what it wrote.
pub(super) struct Output {
    pub(super) document: Document,
    pub(super) said_why: bool,
    status: ExitStatus,
}

impl Output {
    /// The exit code, if no signal ended it.
    pub(super) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Refuses every end but success with an output.
    pub(super) fn succeeded(&self) -> Result<(), CommandFault> {
        match (self.status.code(), self.status.signal()) {
            (Some(0), _) if self.document.bytes().is_empty() => Err(CommandFault::Silent),
            (Some(0), _) => Ok(()),
            (Some(code), _) => Err(CommandFault::Failed {
                code,
                said_why: self.said_why,
            }),
            (None, number) => Err(CommandFault::Signal {
                number: number.unwrap_or_default(),
            }),
        }
    }
}

/// A command that runs. Dropped before its end, it is killed with its process group.
struct Running {
    child: Child,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    document: Document,
    said_why: bool,
    deadline: Instant,
    time: Duration,
    is_reaped: bool,
}

impl Running {
    fn new(mut child: Child, time: Duration) -> Result<Self, CommandFault> {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let mut running = Self {
            child,
            stdout,
            stderr,
            document: Document::new(),
            said_why: false,
            deadline: Instant::now(),
            time,
            is_reaped: false,
        };
        running.deadline = running
            .deadline
            .checked_add(time)
            .ok_or(CommandFault::NotStarted { code: None })?;
        Ok(running)
    }

    fn output(mut self) -> Result<Output, CommandFault> {
        let mut ended = None;
        while self.stdout.is_some() || self.stderr.is_some() {
            let rest = self.rest()?;
            if !self.read(rest.min(STEP))? && self.has_ended() {
                let since = *ended.get_or_insert_with(Instant::now);
                if since.elapsed() > GRACE {
                    return Err(CommandFault::LeftOpen);
                }
            }
        }
        while !self.has_ended() {
            sleep(self.rest()?.min(STEP));
        }
        let status = self.child.wait().map_err(|error| not_started(&error))?;
        self.is_reaped = true;
        let room = Document::with_room(0);
        Ok(Output {
            document: std::mem::replace(&mut self.document, room),
            said_why: self.said_why,
            status,
        })
    }

    /// The time that is left.
    fn rest(&self) -> Result<Duration, CommandFault> {
        let rest = self.deadline.saturating_duration_since(Instant::now());
        let milliseconds = u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX);
        match rest {
            Duration::ZERO => Err(CommandFault::TimedOut { milliseconds }),
            rest => Ok(rest),
        }
    }

    /// Waits for output and reads it; `false` if none came.
    fn read(&mut self, wait: Duration) -> Result<bool, CommandFault> {
        let (stdout, stderr) = ready(self.stdout.as_ref(), self.stderr.as_ref(), wait)
            .map_err(|error| not_started(&error))?;
        if stdout && let Some(pipe) = &mut self.stdout {
            let read = self.document.read_once(pipe);
            if self.document.is_full() {
                return Err(CommandFault::TooMuch);
            }
            if read.map_err(|error| not_started(&error))? == 0 {
                self.stdout = None;
            }
        }
        if stderr && let Some(pipe) = &mut self.stderr {
            // It may hold a secret, so it is wiped like one.
            let mut thrown_away = Document::with_room(512);
            match thrown_away.read_once(pipe) {
                Ok(0) => self.stderr = None,
                Ok(_) => self.said_why = true,
                Err(error) => return Err(not_started(&error)),
            }
        }
        Ok(stdout || stderr)
    }

    /// Whether the command itself has ended. It is not reaped, so its id stays its own.
    fn has_ended(&self) -> bool {
        let Some(id) = self.id() else { return true };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(id), options), Ok(None))
    }

    fn id(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_reaped {
            return;
        }
        // Before it is reaped: until then nobody else can have the group's id.
        if let Some(id) = self.id() {
            let _ = kill_process_group(id, Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Which of two pipes can be read without waiting.
fn ready(
    stdout: Option<&ChildStdout>,
    stderr: Option<&ChildStderr>,
    wait: Duration,
) -> io::Result<(bool, bool)> {
    let wait = Timespec::try_from(wait).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut pipes = Vec::with_capacity(2);
    pipes.extend(stdout.map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)));
    pipes.extend(stderr.map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)));
    match poll(&mut pipes, Some(&wait)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let mut events = pipes.iter().map(|pipe| !pipe.revents().is_empty());
    let mut next = |is_there: bool| is_there && events.next().unwrap_or_default();
    Ok((next(stdout.is_some()), next(stderr.is_some())))
}

fn kept(name: &OsString) -> Option<(&OsStr, OsString)> {
    Some((name, std::env::var_os(name)?))
}

fn not_started(error: &io::Error) -> CommandFault {
    let code = error.raw_os_error();
    match error.kind() {
        io::ErrorKind::NotFound => CommandFault::Missing,
        io::ErrorKind::PermissionDenied => CommandFault::Denied,
        _ => CommandFault::NotStarted { code },
    }
}
