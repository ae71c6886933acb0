//! Measures: two sessions, the second with the intermediate already known, one request in each; then the
//! key read from flash, and another one imported. What servers and host say comes from a recording in
//! flash, so that the same instructions are counted on each run.
//!
//! **The seed is fixed**, which a recording needs and a device must never have: see `Error::Entropy`.

use core::fmt::Write as _;
use core::time::Duration;

use alpaca_auth::credential::KeyPair;
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth::response::Account;
use alpaca_auth_embedded_tls::{CertificateDer, Session, Trust, UnixTime, anchor};
use embedded_io::{ErrorKind, ErrorType, Read, Write};
use mps2::{Console, Flash, mark};
use rand_core::{CryptoRng, Error, RngCore, impls};

use crate::job::{Connect, Device, Failure};
use crate::network::Network;

/// The phases that the emulator counts.
const OUTSIDE: usize = 0;
const PHASES: [(usize, usize); 2] = [(1, 2), (3, 4)];
#[cfg(feature = "es256")]
const ASSERTION: usize = 5;
const LOAD: usize = 6;
#[cfg(feature = "import")]
const IMPORT: usize = 7;

/// Replays the recording in flash; without one, makes the two sessions over the network, for the
/// emulator to record. `now=SECONDS` is the time that certificates are judged by.
pub(crate) fn run(mut device: Device<'_>, flash: &mut Flash) -> bool {
    let mut arguments = [0; 128];
    let mut times = mps2::arguments(&mut arguments)
        .split_ascii_whitespace()
        .filter_map(|argument| argument.strip_prefix("now=")?.parse().ok());
    let now = times.next().unwrap_or_default();
    let result = if mps2::recording(0).is_some() {
        (0..).zip(PHASES).try_for_each(|(index, phases)| {
            let content = mps2::recording(index).unwrap_or_default();
            session(&mut device, &mut Recording { content }, now, phases)
        })
    } else {
        match Network::start(&mut mps2::Lent::open()) {
            Ok(network) => PHASES
                .into_iter()
                .try_for_each(|phases| session(&mut device, network, now, phases)),
            Err(kind) => Err(Failure::Connect(kind)),
        }
    };
    #[cfg(feature = "es256")]
    sign(device.console, now);
    mark(LOAD);
    let loaded = key_slots::load(flash, device.slot);
    mark(OUTSIDE);
    let _ = match loaded {
        Ok(loaded) => writeln!(device.console, "measured: {loaded}"),
        Err(error) => writeln!(device.console, "measure: {error}"),
    };
    #[cfg(feature = "import")]
    import(&mut device, flash);
    if let Err(error) = &result {
        let _ = writeln!(device.console, "measure: {error}");
    }
    result.is_ok()
}

#[inline(never)]
fn session(
    device: &mut Device<'_>,
    socket: &mut impl Connect,
    now: u64,
    (handshake, request): (usize, usize),
) -> Result<(), Failure> {
    let endpoint = Endpoint::<Trading, Paper>::alpaca();
    socket
        .connect_to_server(endpoint.port())
        .map_err(Failure::Connect)?;
    let der = CertificateDer::from(mps2::anchor().unwrap_or_default());
    let anchors = [anchor(&der).map_err(|_| Failure::Anchor)?];
    let trust = Trust::only(&anchors).with_cache(device.cache);
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
    let mut place = None;
    mark(handshake);
    let opened = Session::open_in(
        &mut place,
        socket,
        &endpoint,
        device.buffers,
        trust,
        now,
        &mut Fixed(1),
    );
    mark(OUTSIDE);
    let session = opened?;
    let key_pair = device.slot.get().ok_or(Failure::NoKey)?;
    fetch(session, key_pair, device.console, request)?;
    session.end();
    Ok(())
}

/// Apart, as in the job.
#[inline(never)]
fn fetch<S: Read + Write>(
    session: &mut Session<'_, S, Trading, Paper>,
    key_pair: &KeyPair<Paper>,
    console: &mut Console,
    request: usize,
) -> Result<(), Failure> {
    let mut body = [0; 2048];
    mark(request);
    let reply = session.call(&trading::account(), key_pair, &mut body);
    let account = reply.map(|reply| reply.json::<Account<'_>>().map(|account| account.status));
    mark(OUTSIDE);
    let _ = writeln!(console, "measured: account {}", account??);
    Ok(())
}

/// Takes the key of the recorded host, behind the sessions.
#[cfg(feature = "import")]
fn import(device: &mut Device<'_>, flash: &mut Flash) {
    let Some(content) = mps2::recording(PHASES.len()) else {
        return;
    };
    let mut line = crate::import::Line::new(Recording { content }, 1000);
    mark(IMPORT);
    let stored = line.import(flash, device.console);
    mark(OUTSIDE);
    if stored {
        let _ = writeln!(device.console, "measured: imported");
    }
}

/// Prints what it signed, for another library to verify.
#[cfg(feature = "es256")]
fn sign(console: &mut Console, now: u64) {
    let Some(mut client) = crate::assertion::Client::from_flash() else {
        return;
    };
    let mut entropy = [0; 16];
    Fixed(2).fill_bytes(&mut entropy);
    mark(ASSERTION);
    let form = client.sign(now, entropy);
    mark(OUTSIDE);
    if let Some(form) = form {
        form.expose(|body| {
            let _ = writeln!(
                console,
                "signed: {}",
                str::from_utf8(body).unwrap_or_default()
            );
        });
    }
}

/// What a server sent, and a place for what it is sent.
struct Recording {
    content: &'static [u8],
}

impl Connect for Recording {
    fn connect_to_server(&mut self, _: u16) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl ErrorType for Recording {
    type Error = ErrorKind;
}

impl Read for Recording {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let count = self.content.len().min(buffer.len());
        let (now, later) = self.content.split_at_checked(count).unwrap_or_default();
        for (to, from) in buffer.iter_mut().zip(now) {
            *to = *from;
        }
        self.content = later;
        Ok(count)
    }
}

#[cfg(feature = "import")]
impl embedded_io::ReadReady for Recording {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(!self.content.is_empty())
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// The same numbers each time: no generator at all.
struct Fixed(u64);

impl RngCore for Fixed {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    /// SplitMix64.
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        impls::fill_bytes_via_next(self, bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Fixed {}
