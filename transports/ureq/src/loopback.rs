//! [`Loopback`]: receives the redirect of a Connect login on this machine (RFC 8252 §7.3).

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use alpaca_auth::oauth::connect::{AuthorizationCode, CallbackError, State, read_callback};
use alpaca_auth::secret::Secret;

/// Longest request head accepted, in bytes.
pub const LOOPBACK_HEAD_MAX: usize = 8 * 1024;
/// How long a connection may take to send its head. Browsers open some that they do not use.
pub const LOOPBACK_HEAD_TIME: Duration = Duration::from_secs(5);
/// Connections at a time; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 8;
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(10);
/// How long the browser may take to read the page.
const WRITE_TIME: Duration = Duration::from_secs(1);

/// A listener on 127.0.0.1 for one login. Never logs; the code goes into its place and nowhere else.
///
/// ```
/// use std::time::{Duration, Instant};
/// use alpaca_auth::oauth::connect::{AuthorizationCode, State};
/// use alpaca_auth_ureq::{Loopback, LoopbackError};
///
/// let loopback = Loopback::open(0, "/callback")?;
/// assert!(loopback.redirect_uri().starts_with("http://127.0.0.1:"));
/// // ... show the user the URL of `Authorization`, then:
/// let (mut state, mut code) = (State::vacant(), AuthorizationCode::vacant());
/// state.draw(&[7; 32]); // from a random source
/// let error = loopback.wait(&state, None, &mut code, Instant::now()).unwrap_err();
/// assert_eq!(error, LoopbackError::Deadline { refused: 0 });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    redirect_uri: String,
    authority: String,
    path: String,
}

/// Why a login gave no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoopbackError {
    /// The user did not come back in time. Begin the login anew.
    Deadline {
        /// Callbacks that were not of this login and were refused.
        refused: u32,
    },
    /// This login's callback came, without a code.
    Callback(CallbackError),
    /// The listener failed.
    Listener(io::ErrorKind),
}

impl fmt::Display for LoopbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline { refused: 0 } => {
                f.write_str("nobody came back from the login page in time; begin the login anew")
            }
            Self::Deadline { refused } => write!(
                f,
                "the login page gave no answer in time, and {refused} callbacks were not of this login; begin the login anew, in one browser window"
            ),
            Self::Callback(error) => error.fmt(f),
            Self::Listener(kind) => write!(f, "the listener for the callback failed: {kind}"),
        }
    }
}

impl std::error::Error for LoopbackError {}

impl Loopback {
    /// Listens on 127.0.0.1 at `port` (0 is any free one) for the exact `path`.
    ///
    /// # Errors
    /// When the port is taken, or `path` is not `/` and letters, digits, `-`, `_`, `.` or `/`.
    pub fn open(port: u16, path: &str) -> io::Result<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if !path.starts_with('/') || !path.bytes().all(plain) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let authority = format!("127.0.0.1:{}", listener.local_addr()?.port());
        Ok(Self {
            listener,
            redirect_uri: format!("http://{authority}{path}"),
            authority,
            path: path.to_owned(),
        })
    }

    /// The redirect URI that this listener serves.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits until `deadline` for the callback that has `state`, and puts its code into `code`.
    ///
    /// A callback that is malformed or of another login is answered 400 and waiting goes on: any
    /// page may send one, and none ends this login. See [`read_callback`] for `issuer`.
    ///
    /// # Errors
    /// [`LoopbackError`]; `code` is vacant then.
    pub fn wait(
        self,
        state: &State,
        issuer: Option<&str>,
        code: &mut AuthorizationCode,
        deadline: Instant,
    ) -> Result<(), LoopbackError> {
        code.clear();
        let mut refused = 0_u32;
        let mut connections: Vec<Connection> = Vec::new();
        while Instant::now() < deadline {
            if connections.len() < CONNECTIONS_MAX {
                match self.listener.accept() {
                    Ok((stream, _)) => connections.extend(Connection::new(stream)),
                    Err(error) if passing(error.kind()) => {}
                    Err(error) => return Err(LoopbackError::Listener(error.kind())),
                }
            }
            let mut waiting = Vec::new();
            for mut connection in connections {
                match connection.read() {
                    Progress::Waiting => waiting.push(connection),
                    Progress::Gone => {}
                    Progress::TooLong => connection.answer(Page::TooLong),
                    Progress::Complete => {
                        let answer = connection.head.expose(|head| {
                            self.judge(head, |query| read_callback(query, state, issuer, code))
                        });
                        let end = match answer {
                            Err(page) => {
                                connection.answer(page);
                                continue;
                            }
                            Ok(Ok(())) => Ok(()),
                            // Whoever sends these has not shown that it knows the state.
                            Ok(Err(
                                CallbackError::OtherState
                                | CallbackError::Malformed
                                | CallbackError::Repeated
                                | CallbackError::TooLong,
                            )) => {
                                refused = refused.saturating_add(1);
                                connection.answer(Page::Refused);
                                continue;
                            }
                            Ok(Err(error)) => Err(LoopbackError::Callback(error)),
                        };
                        connection.answer(if end.is_ok() {
                            Page::Done
                        } else {
                            Page::Denied
                        });
                        return end;
                    }
                }
            }
            connections = waiting;
            let left = deadline.saturating_duration_since(Instant::now());
            std::thread::sleep(PAUSE.min(left));
        }
        Err(LoopbackError::Deadline { refused })
    }

    /// Hands the query of a GET of our path to `read`, or tells the page for anything else.
    fn judge<R>(&self, head: &[u8], read: impl FnOnce(&str) -> R) -> Result<R, Page> {
        let head = std::str::from_utf8(head).map_err(|_| Page::Malformed)?;
        let mut lines = head.split("\r\n");
        let mut parts = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some("HTTP/1.1"), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Page::Malformed);
        };
        // A page that points its own name at 127.0.0.1 says that name here.
        let mut hosts = lines
            .filter_map(|line| line.split_once(':'))
            .filter(|field| field.0.eq_ignore_ascii_case("host"));
        match (hosts.next(), hosts.next()) {
            (Some((_, host)), None) if host.trim() == self.authority => {}
            _ => return Err(Page::Malformed),
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path {
            return Err(Page::NotFound);
        }
        if method != "GET" {
            return Err(Page::NotAllowed);
        }
        Ok(read(query))
    }
}

/// A connection that has not sent its whole head yet.
struct Connection {
    stream: TcpStream,
    /// Holds the code when it is complete; wiped on drop.
    head: Box<Secret<LOOPBACK_HEAD_MAX>>,
    since: Instant,
}

enum Progress {
    Waiting,
    Complete,
    TooLong,
    Gone,
}

impl Connection {
    fn new(stream: TcpStream) -> Option<Self> {
        stream.set_nonblocking(true).ok()?;
        Some(Self {
            stream,
            head: Box::new(Secret::new()),
            since: Instant::now(),
        })
    }

    fn read(&mut self) -> Progress {
        // A byte at a time: nothing is copied twice, and a head is short.
        let mut byte = [0];
        loop {
            match self.stream.read(&mut byte) {
                Ok(0) => return Progress::Gone,
                Ok(_) if self.head.append(&byte).is_err() => return Progress::TooLong,
                Ok(_) if self.head.expose(|head| head.ends_with(b"\r\n\r\n")) => {
                    return Progress::Complete;
                }
                Ok(_) => {}
                Err(error) if passing(error.kind()) => {
                    return if self.since.elapsed() < LOOPBACK_HEAD_TIME {
                        Progress::Waiting
                    } else {
                        Progress::Gone
                    };
                }
                Err(_) => return Progress::Gone,
            }
        }
    }

    /// Writes the page. A browser that does not take it misses a page, no more.
    fn answer(mut self, page: Page) {
        self.head.wipe();
        let (status, text) = page.text();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n\
             Connection: close\r\n\r\n{text}",
            text.len()
        );
        let _ = self
            .stream
            .set_nonblocking(false)
            .and_then(|()| self.stream.set_write_timeout(Some(WRITE_TIME)))
            .and_then(|()| self.stream.write_all(answer.as_bytes()));
    }
}

fn passing(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted
    )
}

#[derive(Clone, Copy)]
enum Page {
    Done,
    Denied,
    Refused,
    Malformed,
    NotFound,
    NotAllowed,
    TooLong,
}

impl Page {
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Done => ("200 OK", "You are logged in. You may close this window.\n"),
            Self::Denied => ("200 OK", "You are not logged in. The program tells why.\n"),
            Self::Refused => (
                "400 Bad Request",
                "This is not the login that is waiting here.\n",
            ),
            Self::Malformed => ("400 Bad Request", "This request is not understood.\n"),
            Self::NotFound => ("404 Not Found", "Nothing is here.\n"),
            Self::NotAllowed => (
                "405 Method Not Allowed\r\nAllow: GET",
                "Only GET is understood.\n",
            ),
            Self::TooLong => (
                "431 Request Header Fields Too Large",
                "The request is too long.\n",
            ),
        }
    }
}
