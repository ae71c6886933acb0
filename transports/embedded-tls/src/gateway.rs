//! What a machine with an operating system has for a session: TCP, entropy and time.
//!
//! A small gateway, in full:
//!
//! ```no_run
//! use core::time::Duration;
//!
//! use alpaca_auth::credential::{KeyPair, Slot};
//! use alpaca_auth::endpoint::{Endpoint, Trading};
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::request::trading;
//! use alpaca_auth::response::Account;
//! use alpaca_auth_embedded_tls::gateway::{OsRng, Tcp, now};
//! use alpaca_auth_embedded_tls::{Buffers, Session, Trust};
//!
//! let mut slot = Slot::<KeyPair<Paper>>::vacant();
//! let key_pair = slot.paper("PKTEST", "secret")?; // from a file or the environment
//! let endpoint = Endpoint::<Trading, Paper>::alpaca();
//! let mut buffers = Box::new(Buffers::<16640, 1280, 2048>::new());
//! let socket = Tcp::connect(endpoint.host(), endpoint.port(), Duration::from_secs(10))?;
//! let mut session =
//!     Session::open(socket, &endpoint, &mut buffers, Trust::curated(), now(), &mut OsRng)?;
//! let mut body = [0; 4096];
//! let reply = session.call(&trading::account(), key_pair, &mut body)?;
//! println!("{}", reply.json::<Account>()?.status);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::time::Duration;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use embedded_io::{ErrorType, Read, Write};
pub use rand_core::OsRng;
use rustls_pki_types::UnixTime;

/// The time of the operating system. Before 1970 it is 1970, which a session refuses.
#[must_use]
pub fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    UnixTime::since_unix_epoch(since.unwrap_or_default())
}

/// A TCP connection whose waiting is bounded.
#[derive(Debug)]
pub struct Tcp {
    stream: TcpStream,
    limit: Duration,
    /// When the exchange under way must be over.
    deadline: Instant,
    /// Whether something was read since the last write, so that the next write begins an exchange.
    answered: bool,
}

impl Tcp {
    /// Connects to the first of the host's addresses that answers. `limit` bounds each attempt,
    /// and then each exchange: the handshake, and every call from its first byte to its last.
    ///
    /// # Errors
    /// When the name has no address, or none of them answers.
    pub fn connect(host: &str, port: u16, limit: Duration) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in (host, port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, limit) {
                Ok(stream) => return Self::over(stream, limit),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Takes a connection that stands already, through a proxy for instance.
    ///
    /// # Errors
    /// When the operating system refuses its options.
    pub fn over(stream: TcpStream, limit: Duration) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            limit,
            deadline: after(limit),
            answered: true,
        })
    }

    /// The time left for this exchange.
    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(left)
    }
}

/// The farthest time is used when the limit is beyond what the clock can express.
fn after(limit: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(limit)
        .or_else(|| now.checked_add(FAR))
        .unwrap_or(now)
}

/// Sockets report a timeout as `WouldBlock`.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock {
        return io::ErrorKind::TimedOut.into();
    }
    error
}

impl ErrorType for Tcp {
    type Error = io::Error;
}

impl Read for Tcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(Some(self.left()?))?;
            match self.stream.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(timed_out(error)),
                Ok(count) => {
                    self.answered = true;
                    return Ok(count);
                }
            }
        }
    }
}

impl Write for Tcp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.answered {
            self.answered = false;
            self.deadline = after(self.limit);
        }
        loop {
            self.stream.set_write_timeout(Some(self.left()?))?;
            match self.stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other.map_err(timed_out),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
