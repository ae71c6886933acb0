//! [`Buffers`]: all memory that a session needs, owned by the caller.

use core::sync::atomic::{AtomicU8, Ordering};

use zeroize::Zeroize;

/// Bytes of the largest TLS 1.3 record body: 2^14 of content and 256 more (RFC 8446 §5.2).
pub const RECORD_MAX: usize = 16_640;
/// The shortest write buffer: holds a ClientHello for the longest host name.
pub const WRITE_MIN: usize = 640;
/// The shortest HTTP buffer: holds the head of a request, and the server's public key before that.
pub const HTTP_MIN: usize = 640;

/// The memory of one session at a time, to be put into a `static` or on a large stack.
///
/// | parameter | default | what it must hold | too small |
/// |---|---|---|---|
/// | `READ` | 16,640 | the largest record a server may send; servers need not send smaller ones | does not compile |
/// | `WRITE` | 1,280 | one outgoing record and 128 bytes; longer requests take several records | does not compile below 640 |
/// | `HTTP` | 2,048 | the request head, then the response head, one after the other | does not compile below 640; an error when a head is longer |
///
/// With the defaults it takes 19,971 bytes. A broker token needs an `HTTP` of 2,560; a server that
/// sends many header fields up to 8,192. Bodies stand in buffers of their own.
///
/// A session borrows it from [`Session::open`](crate::Session::open) until it is dropped, and
/// wipes it then. Dropping it wipes it too.
///
/// ```
/// use alpaca_auth_embedded_tls::Buffers;
///
/// let mut buffers: Buffers = Buffers::new();
/// assert!(core::mem::size_of_val(&buffers) <= 20_000);
/// ```
pub struct Buffers<
    const READ: usize = RECORD_MAX,
    const WRITE: usize = 1280,
    const HTTP: usize = 2048,
> {
    pub(crate) read: [u8; READ],
    pub(crate) write: [u8; WRITE],
    pub(crate) http: [u8; HTTP],
    pub(crate) shared: Shared,
}

impl<const READ: usize, const WRITE: usize, const HTTP: usize> Buffers<READ, WRITE, HTTP> {
    /// Zeros.
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(
                READ >= RECORD_MAX,
                "READ must hold the largest record: 16,640"
            );
            assert!(READ <= 0xffff, "READ is longer than any record");
            assert!(WRITE >= WRITE_MIN, "WRITE must be at least 640");
            assert!(WRITE <= RECORD_MAX, "WRITE is longer than any record");
            assert!(HTTP >= HTTP_MIN, "HTTP must be at least 640");
        }
        Self {
            read: [0; READ],
            write: [0; WRITE],
            http: [0; HTTP],
            shared: Shared::new(),
        }
    }

    /// The record buffer for what the server sends, the one for what it is sent, and the one for
    /// heads. For tests that look for residue.
    #[must_use]
    pub const fn contents(&self) -> (&[u8; READ], &[u8; WRITE], &[u8; HTTP]) {
        (&self.read, &self.write, &self.http)
    }

    /// Overwrites everything with zeros. A session does this when it begins, and when it ends.
    pub fn wipe(&mut self) {
        self.read.zeroize();
        self.write.zeroize();
        self.http.zeroize();
    }
}

impl<const READ: usize, const WRITE: usize, const HTTP: usize> Default
    for Buffers<READ, WRITE, HTTP>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const READ: usize, const WRITE: usize, const HTTP: usize> Drop for Buffers<READ, WRITE, HTTP> {
    fn drop(&mut self) {
        self.wipe();
    }
}

// The documentation says so, and devices plan by it.
const _: () = assert!(size_of::<Buffers>() == 19_971);

/// What the record guard and the session tell each other. embedded-tls holds the guard and does
/// not lend it, so they meet here. Atomics, so that an async session may move between threads;
/// loads and stores only, which every target has.
pub(crate) struct Shared {
    phase: AtomicU8,
    fault: AtomicU8,
    alert: AtomicU8,
}

/// How far the session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Until embedded-tls has both Finished messages.
    Handshake,
    /// The server is authenticated.
    Application,
    /// The socket is out of reach; embedded-tls overwrites its buffers.
    Wipe,
}

/// What the record guard refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GuardFault {
    NotTls,
    Closed,
    Alert,
    UnexpectedRecord,
    RecordLength,
    ServerHello,
    OldVersion,
    RetryRequest,
    CipherSuite,
    Group,
}

/// Each fault's code is its place in this list, counted from one.
const FAULTS: [GuardFault; 10] = [
    GuardFault::NotTls,
    GuardFault::Closed,
    GuardFault::Alert,
    GuardFault::UnexpectedRecord,
    GuardFault::RecordLength,
    GuardFault::ServerHello,
    GuardFault::OldVersion,
    GuardFault::RetryRequest,
    GuardFault::CipherSuite,
    GuardFault::Group,
];

impl Shared {
    const fn new() -> Self {
        Self {
            phase: AtomicU8::new(0),
            fault: AtomicU8::new(0),
            alert: AtomicU8::new(0),
        }
    }

    pub(crate) fn start(&self) {
        self.enter(Phase::Handshake);
        self.fault.store(0, Ordering::Relaxed);
        self.alert.store(0, Ordering::Relaxed);
    }

    pub(crate) fn enter(&self, phase: Phase) {
        let code = match phase {
            Phase::Handshake => 0,
            Phase::Application => 1,
            Phase::Wipe => 2,
        };
        self.phase.store(code, Ordering::Relaxed);
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Handshake,
            1 => Phase::Application,
            _ => Phase::Wipe,
        }
    }

    /// Keeps the first fault: what follows is its consequence.
    pub(crate) fn fail(&self, fault: GuardFault) {
        let code = FAULTS.iter().zip(1..).find(|(known, _)| **known == fault);
        if let (0, Some((_, code))) = (self.fault.load(Ordering::Relaxed), code) {
            self.fault.store(code, Ordering::Relaxed);
        }
    }

    pub(crate) fn fail_by_alert(&self, description: u8) {
        self.alert.store(description, Ordering::Relaxed);
        self.fail(GuardFault::Alert);
    }

    pub(crate) fn alert(&self) -> u8 {
        self.alert.load(Ordering::Relaxed)
    }

    pub(crate) fn fault(&self) -> Option<GuardFault> {
        let code: usize = self.fault.load(Ordering::Relaxed).into();
        FAULTS.get(code.checked_sub(1)?).copied()
    }
}
