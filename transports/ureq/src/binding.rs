//! Late binding: the authenticated head takes the place of `ureq`'s own just before TLS.
//!
//! `ureq` runs a request that has no authentication. Before the call the transport *arms* the
//! shared [`Binding`] with the complete head and the authority it is for. When `ureq` writes its
//! head into the connection, [`Binding::take`] replaces it, if and only if this connection was
//! verified for that authority. A head is taken once, so nothing is ever sent twice.
//!
//! The same the other way: an answer that holds a token is *kept* here, and `ureq`, which logs what
//! it reads at TRACE, reads a placeholder of the same length.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use alpaca_auth::credential::Opens;
use alpaca_auth::endpoint::{Api, Endpoint};
use alpaca_auth::http::{HeadBuffer, write_head};
use alpaca_auth::request::{Request, RequestError};
use zeroize::{Zeroize, Zeroizing};

/// Longest head, in bytes: the longest target, broker token and authority fit.
pub(crate) const HEAD_MAX: usize = 6144;

/// Longest answer that holds a token, in bytes. Fixed, because a vector that grows leaves copies.
const ANSWER_MAX: usize = 16 * 1024;

/// What one call hands to the connection below it.
#[derive(Default)]
pub(crate) struct Binding {
    armed: Mutex<Armed>,
    /// Bytes of HTTP since they were last asked for: sent, received.
    sent: AtomicU64,
    received: AtomicU64,
}

#[derive(Default)]
struct Armed {
    state: State,
    host: String,
    port: u16,
    head: HeadBuffer<HEAD_MAX>,
    /// The body of an answer that `ureq` must not see, and whether it was longer than there is room.
    answer: Option<Zeroizing<Vec<u8>>>,
    overflown: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// No call is under way: nothing may be written.
    #[default]
    Idle,
    /// A head waits to be written.
    Armed,
    /// The head was handed to TLS. What follows is the body.
    Sent,
}

/// Why a write is refused. The text has nothing of the request in it.
#[derive(Debug)]
pub(crate) enum Refused {
    NotArmed,
    OtherHost,
    NoRoom,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotArmed => "a second head was to be written for one call",
            Self::OtherHost => "the connection is not the one the request is for",
            Self::NoRoom => "the head does not fit the output buffer",
        })
    }
}

impl std::error::Error for Refused {}

/// What takes the place of the bytes that `ureq` wants to write.
pub(crate) enum Taken {
    /// The authenticated head, of this length, stands in the buffer.
    Head(usize),
    /// The bytes are the body: leave them.
    Body,
}

impl Binding {
    /// Holds the head of `request` ready for a connection to `endpoint`.
    pub(crate) fn arm<A: Api, C: Opens<A>>(
        &self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
    ) -> Result<(), RequestError> {
        let mut armed = self.lock();
        armed.state = State::Idle;
        write_head(request, endpoint, credential, &mut armed.head)?;
        armed.host.clear();
        armed.host.push_str(endpoint.host());
        armed.port = endpoint.port();
        armed.answer = A::KIND
            .issues_tokens()
            .then(|| Zeroizing::new(Vec::with_capacity(ANSWER_MAX)));
        armed.overflown = false;
        armed.state = State::Armed;
        Ok(())
    }

    /// Whether the answer to this call is kept from `ureq`.
    pub(crate) fn keeps(&self) -> bool {
        self.lock().answer.is_some()
    }

    /// Keeps a byte of the answer.
    pub(crate) fn keep(&self, byte: u8) {
        let mut armed = self.lock();
        match &mut armed.answer {
            Some(answer) if answer.len() < ANSWER_MAX => answer.push(byte),
            _ => armed.overflown = true,
        }
    }

    /// Puts the answer that was kept in the place of its placeholder. `false` if that has another length.
    pub(crate) fn give(&self, placeholder: &mut [u8]) -> bool {
        let mut armed = self.lock();
        let Some(mut answer) = armed.answer.take() else {
            return true;
        };
        let fits = !armed.overflown && answer.len() == placeholder.len();
        if fits {
            placeholder.copy_from_slice(&answer);
        }
        answer.zeroize();
        fits
    }

    /// Wipes what was kept of an answer that did not come whole.
    pub(crate) fn forget(&self) {
        self.lock().answer = None;
    }

    /// Ends the call: wipes a head that was not sent. Tells how far the call got.
    pub(crate) fn disarm(&self) -> State {
        let mut armed = self.lock();
        armed.head.wipe();
        std::mem::take(&mut armed.state)
    }

    /// Decides what goes out on a verified connection to `host` and `port` in place of the first
    /// `amount` bytes of `output`.
    pub(crate) fn take(
        &self,
        host: &str,
        port: u16,
        output: &mut [u8],
        amount: usize,
    ) -> Result<Taken, Refused> {
        let mut armed = self.lock();
        if armed.host != host || armed.port != port {
            return Err(Refused::OtherHost);
        }
        match armed.state {
            State::Idle => Err(Refused::NotArmed),
            State::Sent => Ok(Taken::Body),
            State::Armed => {
                // ureq must have written exactly one whole head, or a part would follow ours.
                let whole = output
                    .get(..amount)
                    .is_some_and(|own| own.ends_with(b"\r\n\r\n"));
                let length = armed.head.len();
                let place = output
                    .get_mut(..length)
                    .filter(|_| whole)
                    .ok_or(Refused::NoRoom)?;
                armed.head.expose(|head| place.copy_from_slice(head));
                armed.head.wipe();
                armed.state = State::Sent;
                Ok(Taken::Head(length))
            }
        }
    }

    /// Counts bytes that go out.
    pub(crate) fn count_sent(&self, bytes: usize) {
        add(&self.sent, bytes);
    }

    /// Counts bytes that came in.
    pub(crate) fn count_received(&self, bytes: usize) {
        add(&self.received, bytes);
    }

    /// Bytes sent and received since this was last asked.
    pub(crate) fn traffic(&self) -> (u64, u64) {
        (
            self.sent.swap(0, Ordering::Relaxed),
            self.received.swap(0, Ordering::Relaxed),
        )
    }

    fn lock(&self) -> MutexGuard<'_, Armed> {
        // A panic while the lock was held leaves valid data: each field is whole at any time.
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(count: &AtomicU64, bytes: usize) {
    count.fetch_add(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alpaca_auth::credential::{KeyPair, Slot};
    use alpaca_auth::endpoint::Trading;
    use alpaca_auth::environment::Paper;
    use alpaca_auth::request::trading;

    fn armed() -> Binding {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let pair = slot.paper("PKTEST", "secret").unwrap();
        let endpoint = Endpoint::<Trading, Paper>::at("localhost", 8443).unwrap();
        let binding = Binding::default();
        binding.arm(&trading::account(), &endpoint, pair).unwrap();
        binding
    }

    fn output(own: &[u8]) -> [u8; 512] {
        let mut output = [0; 512];
        output[..own.len()].copy_from_slice(own);
        output
    }

    const OWN: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

    #[test]
    fn the_head_goes_to_its_host_and_port_only() {
        for (host, port) in [("localhost", 8444), ("127.0.0.1", 8443), ("", 8443)] {
            let binding = armed();
            let mut output = output(OWN);
            assert!(matches!(
                binding.take(host, port, &mut output, OWN.len()),
                Err(Refused::OtherHost)
            ));
            assert_eq!(&output[..OWN.len()], OWN);
            assert!(binding.disarm() == State::Armed);
        }
    }

    #[test]
    fn the_head_is_taken_once() {
        let binding = armed();
        let mut output = output(OWN);
        let taken = binding.take("localhost", 8443, &mut output, OWN.len());
        assert!(
            matches!(taken, Ok(Taken::Head(length)) if output[..length].ends_with(b"secret\r\n\r\n"))
        );
        output.fill(0);
        let second = binding.take("localhost", 8443, &mut output, 4);
        assert!(matches!(second, Ok(Taken::Body)));
        assert_eq!(output, [0; 512]);
        assert!(binding.disarm() == State::Sent);
        let third = binding.take("localhost", 8443, &mut output, 4);
        assert!(matches!(third, Err(Refused::NotArmed)));
    }

    #[test]
    fn a_part_of_a_head_is_never_replaced() {
        let binding = armed();
        let mut output = output(OWN);
        let taken = binding.take("localhost", 8443, &mut output, OWN.len() - 1);
        assert!(matches!(taken, Err(Refused::NoRoom)));
        assert_eq!(&output[..OWN.len()], OWN);
    }
}
