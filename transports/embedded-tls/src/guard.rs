//! [`Guard`]: stands between the socket and embedded-tls and lets only those records through that
//! a TLS 1.3 server may send at that point.
//!
//! ```text
//!            ServerHello         change_cipher_spec (at most one, one byte)
//!  First ───────────────▶ Second ───────────────────▶ Encrypted ◀──┐
//!    │ alert: fails by its description   │ encrypted record ▲      │ type 23,
//!    ▼ anything else: fails              └──────────────────┘      │ 17 to 16,640 bytes
//!                                                           └──────┘ anything else: fails
//! ```
//!
//! embedded-tls 0.19 takes plaintext records after the keys exist: an injected alert closes the
//! connection as if the server had, a handshake record ends in `unimplemented!`, and so does an
//! encrypted record with nothing in it. None of these reaches it.

use embedded_io::{ErrorKind, ErrorType};
use embedded_io_async::{Read, Write};

use crate::buffers::{GuardFault, Phase, RECORD_MAX, Shared};
use crate::hello::{self, HELLO_MAX};

const HEADER: usize = 5;
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const VERSION: [u8; 2] = [3, 3];
/// Tag and content type: an encrypted record with less holds nothing.
const ENCRYPTED_MIN: usize = 17;

/// Written into the version of a record header on its way to embedded-tls, which hands the header
/// to the cipher as associated data. So the cipher knows the phase of each record it opens.
pub(crate) const APPLICATION_MARK: [u8; 2] = [3, 0xA9];
/// The same for a record of zeros that overwrites the read buffer.
pub(crate) const WIPE_MARK: [u8; 2] = [0, 0];

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    First,
    Second,
    Encrypted,
}

/// A socket that fails on the first record that should not be there.
pub(crate) struct Guard<'b, S> {
    socket: S,
    shared: &'b Shared,
    expect: Expect,
    /// The next record's header, and behind it as much of the first record as is checked.
    ready: [u8; HEADER + HELLO_MAX],
    /// How much of `ready` is filled, and how much of that was handed on.
    filled: usize,
    given: usize,
    /// Bytes of the record's body that come straight from the socket.
    left: usize,
    /// Bytes of the record's body that embedded-tls has.
    delivered: u16,
    /// Size of the buffer that is to be wiped.
    read_buffer: u16,
    /// Whether the wiping has begun.
    wiping: bool,
}

/// What the guard reports to embedded-tls, which knows only its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardError(ErrorKind);

impl embedded_io::Error for GuardError {
    fn kind(&self) -> ErrorKind {
        self.0
    }
}

impl core::fmt::Display for GuardError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the record guard ended the connection")
    }
}

impl core::error::Error for GuardError {}

impl<'b, S> Guard<'b, S> {
    pub(crate) const fn new(socket: S, shared: &'b Shared, read_buffer: u16) -> Self {
        Self {
            socket,
            shared,
            expect: Expect::First,
            ready: [0; HEADER + HELLO_MAX],
            filled: 0,
            given: 0,
            left: 0,
            delivered: 0,
            read_buffer,
            wiping: false,
        }
    }

    fn refuse(&self, fault: GuardFault) -> GuardError {
        self.shared.fail(fault);
        GuardError(ErrorKind::InvalidData)
    }

    /// Judges the header in `ready`; tells how many bytes of the record to hold back for a check.
    fn judge(&mut self) -> Result<usize, GuardError> {
        let [kind, major, minor, high, low, ..] = self.ready;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let shape = match (self.expect, kind) {
            (Expect::First, HANDSHAKE) => 1..=RECORD_MAX,
            (Expect::First, ALERT) => 2..=2,
            (Expect::First, CHANGE_CIPHER_SPEC | APPLICATION_DATA) => {
                return Err(self.refuse(GuardFault::UnexpectedRecord));
            }
            (Expect::First, _) => return Err(self.refuse(GuardFault::NotTls)),
            (Expect::Second, CHANGE_CIPHER_SPEC) => 1..=1,
            (_, APPLICATION_DATA) => ENCRYPTED_MIN..=RECORD_MAX,
            _ => return Err(self.refuse(GuardFault::UnexpectedRecord)),
        };
        // The first record of an old server may state an old version; all others state this one.
        let version = [major, minor] == VERSION || (self.expect == Expect::First && major == 3);
        if !version {
            return Err(self.refuse(GuardFault::NotTls));
        }
        if !shape.contains(&length) {
            return Err(self.refuse(GuardFault::RecordLength));
        }
        let hold = match self.expect {
            Expect::First => length.min(HELLO_MAX),
            Expect::Second if kind == CHANGE_CIPHER_SPEC => 1,
            _ => 0,
        };
        self.left = length.saturating_sub(hold);
        if self.shared.phase() == Phase::Application {
            self.mark(APPLICATION_MARK);
        }
        Ok(hold)
    }

    fn mark(&mut self, [major, minor]: [u8; 2]) {
        let [_, a, b, ..] = &mut self.ready;
        (*a, *b) = (major, minor);
    }

    /// Judges a record that was held back whole, and goes on to the next state.
    fn check(&mut self) -> Result<(), GuardError> {
        let kind = self.ready.first().copied().unwrap_or_default();
        let held = self.ready.get(HEADER..self.filled).unwrap_or_default();
        match (self.expect, kind) {
            (Expect::First, ALERT) => {
                let description = held.get(1).copied().unwrap_or_default();
                self.shared.fail_by_alert(description);
                return Err(GuardError(ErrorKind::ConnectionAborted));
            }
            (Expect::First, _) => {
                let length = held.len().saturating_add(self.left);
                if let Err(fault) = hello::check(held, length) {
                    return Err(self.refuse(fault));
                }
                self.expect = Expect::Second;
            }
            (Expect::Second, CHANGE_CIPHER_SPEC) => {
                if held != [1] {
                    return Err(self.refuse(GuardFault::UnexpectedRecord));
                }
                self.expect = Expect::Encrypted;
            }
            _ => self.expect = Expect::Encrypted,
        }
        Ok(())
    }

    /// Hands on what is ready.
    fn give(&mut self, buffer: &mut [u8]) -> usize {
        let ready = self.ready.get(self.given..self.filled).unwrap_or_default();
        let count = ready.len().min(buffer.len());
        if let (Some(from), Some(to)) = (ready.get(..count), buffer.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        let body_before = self.given.saturating_sub(HEADER);
        self.given = self.given.saturating_add(count);
        let body = self.given.saturating_sub(HEADER);
        self.deliver(body.saturating_sub(body_before));
        count
    }

    fn deliver(&mut self, count: usize) {
        let count = u16::try_from(count).unwrap_or(u16::MAX);
        self.delivered = self.delivered.saturating_add(count);
    }

    /// Makes ready the header of a made-up record, to overwrite the read buffer.
    fn begin_zeros(&mut self, length: u16, left: usize) {
        let [major, minor] = WIPE_MARK;
        let [high, low] = length.to_be_bytes();
        if let Some(header) = self.ready.first_chunk_mut::<HEADER>() {
            *header = [APPLICATION_DATA, major, minor, high, low];
        }
        (self.given, self.filled) = (0, HEADER);
        (self.left, self.delivered) = (left, 0);
    }

    /// Instead of the socket: a record of zeros as long as the read buffer. If embedded-tls holds
    /// a part of a record, first one that ends with that part, because it would panic otherwise.
    fn give_zeros(&mut self, buffer: &mut [u8]) -> usize {
        if !self.wiping {
            self.wiping = true;
            let complete = self.left == 0 && self.given == self.filled;
            let held = if complete { 0 } else { self.delivered };
            self.ready.fill(0);
            (self.given, self.filled, self.left) = (0, 0, 0);
            if held > 0 {
                self.begin_zeros(held, 0);
            }
        }
        if self.given == self.filled && self.left == 0 {
            self.begin_zeros(self.read_buffer, self.read_buffer.into());
        }
        if self.given < self.filled {
            return self.give(buffer);
        }
        let count = self.left.min(buffer.len());
        if let Some(place) = buffer.get_mut(..count) {
            place.fill(0);
        }
        self.left = self.left.saturating_sub(count);
        count
    }
}

impl<S: Read> Guard<'_, S> {
    /// Reads until `ready` holds `target` bytes. `false`: the connection ended.
    async fn fill(&mut self, target: usize) -> Result<bool, GuardError> {
        while self.filled < target {
            let Some(place) = self.ready.get_mut(self.filled..target) else {
                return Ok(false);
            };
            match self.socket.read(place).await {
                Ok(0) => {
                    self.shared.fail(GuardFault::Closed);
                    return Ok(false);
                }
                Ok(count) => self.filled = self.filled.saturating_add(count).min(target),
                Err(error) => return Err(GuardError(embedded_io::Error::kind(&error))),
            }
        }
        Ok(true)
    }
}

impl<S> ErrorType for Guard<'_, S> {
    type Error = GuardError;
}

impl<S: Read> Read for Guard<'_, S> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, GuardError> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.shared.phase() == Phase::Wipe {
            return Ok(self.give_zeros(buffer));
        }
        if self.given < self.filled && self.given > 0 {
            return Ok(self.give(buffer));
        }
        if self.left > 0 && self.given == self.filled {
            let room = self.left.min(buffer.len());
            let place = buffer.get_mut(..room).unwrap_or_default();
            let count = match self.socket.read(place).await {
                Ok(count) => count.min(room),
                Err(error) => return Err(GuardError(embedded_io::Error::kind(&error))),
            };
            if count == 0 {
                self.shared.fail(GuardFault::Closed);
            }
            self.left = self.left.saturating_sub(count);
            self.deliver(count);
            return Ok(count);
        }
        if self.given == self.filled {
            (self.given, self.filled, self.delivered) = (0, 0, 0);
        }
        if !self.fill(HEADER).await? {
            return Ok(0);
        }
        let held = self.judge()?;
        if !self.fill(HEADER.saturating_add(held)).await? {
            return Ok(0);
        }
        self.check()?;
        Ok(self.give(buffer))
    }
}

impl<S: Write> Write for Guard<'_, S> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, GuardError> {
        if self.shared.phase() == Phase::Wipe {
            return Ok(bytes.len());
        }
        match self.socket.write(bytes).await {
            // Retrying would never end.
            Ok(0) if !bytes.is_empty() => Err(GuardError(ErrorKind::WriteZero)),
            Ok(count) => Ok(count.min(bytes.len())),
            Err(error) => Err(GuardError(embedded_io::Error::kind(&error))),
        }
    }

    async fn flush(&mut self) -> Result<(), GuardError> {
        if self.shared.phase() == Phase::Wipe {
            return Ok(());
        }
        let flushed = self.socket.flush().await;
        flushed.map_err(|error| GuardError(embedded_io::Error::kind(&error)))
    }
}
