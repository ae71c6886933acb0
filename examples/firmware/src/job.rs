//! [`Device::round`]: what the device does with its key, once.

use core::fmt::{self, Write as _};
use core::time::Duration;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::{Replay, RequestError, TargetBuffer, trading};
use alpaca_auth::response::{Account, Outcome, ReplyError};
use alpaca_auth_embedded_tls::{
    CertificateDer, ChainCache, CryptoRngCore, Error, Session, Trust, UnixTime, anchor,
};
use embedded_io::{ErrorKind, Read, Write};
use mps2::Console;
use serde::Deserialize;

use crate::SessionBuffers;

/// An account and an order have some 1.5 KB.
const BODY: usize = 2048;

/// What a round needs, all of it in statics.
pub(crate) struct Device<'d> {
    pub(crate) slot: &'d mut Slot<KeyPair<Paper>>,
    pub(crate) buffers: &'d mut SessionBuffers,
    pub(crate) cache: &'d mut ChainCache,
    pub(crate) console: &'d mut Console,
}

/// A socket that connects.
pub(crate) trait Connect: Read + Write {
    /// Connects to Alpaca's server, or to what stands for it.
    fn connect_to_server(&mut self, port: u16) -> Result<(), ErrorKind>;
}

impl Connect for crate::network::Network {
    /// The emulator forwards this address to one server on the host. A device asks the DNS.
    fn connect_to_server(&mut self, port: u16) -> Result<(), ErrorKind> {
        self.connect([10, 0, 2, 100].into(), port)
    }
}

/// Why a job ended early.
pub(crate) enum Failure {
    Connect(ErrorKind),
    Session(Error),
    Reply(ReplyError),
    Request(RequestError),
    Anchor,
    NoKey,
}

impl Failure {
    /// Whether the server does not take the key.
    #[cfg_attr(
        feature = "measure",
        expect(dead_code, reason = "measures another job")
    )]
    pub(crate) const fn refuses_key(&self) -> bool {
        matches!(self, Self::Reply(ReplyError::Refused(refusal))
            if matches!(refusal.outcome, Outcome::Credential(_)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(kind) => write!(f, "no connection: {kind:?}; nothing was sent"),
            Self::Session(error) => error.fmt(f),
            Self::Reply(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::NoKey => f.write_str("there is no key"),
            Self::Anchor => f.write_str("the anchor in flash is no certificate in DER"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Session(error)
    }
}

impl From<ReplyError> for Failure {
    fn from(error: ReplyError) -> Self {
        Self::Reply(error)
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

/// The part of an order that the device looks at.
#[derive(Deserialize)]
struct Order<'r> {
    #[serde(borrow)]
    id: &'r str,
    #[serde(borrow)]
    status: &'r str,
}

#[cfg_attr(
    feature = "measure",
    expect(dead_code, reason = "measures another job")
)]
impl Device<'_> {
    /// Opens a session; gets the account, places a paper order, cancels it, gets the account again.
    #[inline(never)]
    pub(crate) fn round<R: CryptoRngCore>(
        &mut self,
        socket: &mut impl Connect,
        rng: &mut R,
    ) -> Result<(), Failure> {
        let endpoint = Endpoint::<Trading, Paper>::alpaca();
        let key_pair = self.slot.get().ok_or(Failure::NoKey)?;
        let order = order_json(rng);
        socket
            .connect_to_server(endpoint.port())
            .map_err(Failure::Connect)?;
        let der = CertificateDer::from(mps2::anchor().unwrap_or_default());
        let anchors;
        let trust = if der.is_empty() {
            Trust::curated()
        } else {
            anchors = [anchor(&der).map_err(|_| Failure::Anchor)?];
            Trust::only(&anchors)
        };
        let now = UnixTime::since_unix_epoch(Duration::from_secs(mps2::unix_time()));
        let trust = trust.with_cache(self.cache);
        let mut place = None;
        let session =
            Session::open_in(&mut place, socket, &endpoint, self.buffers, trust, now, rng)?;
        exchange(session, key_pair, &order, self.console)?;
        session.end();
        Ok(())
    }
}

/// Apart, so that its buffer is not on the stack during the handshake.
#[inline(never)]
fn exchange<S: Read + Write>(
    session: &mut Session<'_, S, Trading, Paper>,
    key_pair: &KeyPair<Paper>,
    order: &[u8],
    console: &mut Console,
) -> Result<(), Failure> {
    let mut body = [0; BODY];
    let reply = session.call(&trading::account(), key_pair, &mut body)?;
    print(&reply.json::<Account<'_>>()?, console);

    let mut target = TargetBuffer::<64>::new("/")?;
    let request = trading::submit_order(order).with_replay(Replay::WithClientOrderId);
    let reply = session.call(&request, key_pair, &mut body)?;
    let placed = reply.json::<Order<'_>>()?;
    let _ = write!(console, "order {} {}", placed.id, placed.status);
    let request = trading::cancel_order(&mut target, placed.id)?;
    let reply = session.call(&request, key_pair, &mut body)?;
    reply
        .success()
        .map_err(|refusal| Failure::Reply(ReplyError::Refused(refusal)))?;
    let _ = writeln!(console, ", then canceled");

    let reply = session.call(&trading::account(), key_pair, &mut body)?;
    reply.json::<Account<'_>>()?;
    Ok(())
}

fn print(account: &Account<'_>, console: &mut Console) {
    let number = account.account_number.unwrap_or(account.id);
    let equity = account.equity.map_or("", |equity| equity.text());
    let currency = account.currency.unwrap_or_default();
    // What cannot be printed is not needed.
    let _ = writeln!(
        console,
        "account {number} {} equity {equity} {currency}",
        account.status
    );
}

/// An order that is not executed, with an id that finds it again.
fn order_json(rng: &mut impl CryptoRngCore) -> [u8; 144] {
    let mut json = *b"{\"symbol\":\"AAPL\",\"qty\":\"1\",\"side\":\"buy\",\"type\":\"limit\",\"limit_price\":\"1.00\",\
        \"time_in_force\":\"day\",\"client_order_id\":\"fw-0000000000000000000000\"}";
    let place = json.iter_mut().rev().skip(2).take(22);
    let mut random = [0; 22];
    rng.fill_bytes(&mut random);
    for (digit, random) in place.zip(random) {
        *digit = b"0123456789abcdef"
            .get(usize::from(random & 15))
            .copied()
            .unwrap_or(b'0');
    }
    json
}
