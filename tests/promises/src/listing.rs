//! Reads lists over each transport: ureq, a session, and a session without blocking.

use core::task::Poll;
use core::time::Duration;
use std::ops::ControlFlow;

use alpaca_auth::credential::{KeyPair, Opens, Slot};
use alpaca_auth::endpoint::{Endpoint, ServedIn};
use alpaca_auth::environment::Paper;
use alpaca_auth::listing::{ListError, Listed, Listing};
use alpaca_auth::request::Request;
use alpaca_auth::response::Item;
use alpaca_auth_embedded_tls::gateway::{OsRng, Tcp, now};
use alpaca_auth_embedded_tls::{Buffers, CertificateDer, Session, Trust, anchor, asynch};
use alpaca_auth_ureq::UreqTransport;
use alpaca_sandbox::{PAPER_KEY_ID, PAPER_SECRET, Sandbox};

use crate::config;
use crate::wire::block_on;

/// Reads a list over one of the transports. Their errors are told by name.
pub type Read<'r, A> = dyn FnMut(
        &Request<'_, A>,
        &mut Listing<'_>,
        &mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Listed, ListError<String>>
    + 'r;

fn named<E: std::fmt::Debug>(error: ListError<E>) -> ListError<String> {
    match error {
        ListError::Transport(error) => ListError::Transport(format!("{error:?}")),
        ListError::Refused(refusal) => ListError::Refused(refusal),
        ListError::Elements(error) => ListError::Elements(error),
        ListError::Pages(error) => ListError::Pages(error),
        ListError::Request(error) => ListError::Request(error),
    }
}

/// A blocking socket that says "not yet" every other time, as one of an executor would.
struct Hesitant(Tcp, bool);

impl embedded_io::ErrorType for Hesitant {
    type Error = <Tcp as embedded_io::ErrorType>::Error;
}

impl Hesitant {
    async fn hesitate(&mut self) {
        core::future::poll_fn(|_| {
            self.1 = !self.1;
            if self.1 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

impl embedded_io_async::Read for Hesitant {
    async fn read(&mut self, place: &mut [u8]) -> Result<usize, Self::Error> {
        self.hesitate().await;
        embedded_io::Read::read(&mut self.0, place)
    }
}

impl embedded_io_async::Write for Hesitant {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.hesitate().await;
        embedded_io::Write::write(&mut self.0, bytes)
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        embedded_io::Write::flush(&mut self.0)
    }
}

/// Runs `test` over ureq, a session, and a session without blocking.
///
/// # Panics
/// When no connection can be made.
pub fn over_all<A: ServedIn<Paper>>(
    sandbox: &Sandbox,
    port: u16,
    test: &dyn Fn(&str, &mut Read<'_, A>),
) where
    KeyPair<Paper>: Opens<A>,
{
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(PAPER_KEY_ID, PAPER_SECRET).expect("keys");
    let endpoint = Endpoint::<A, Paper>::at("localhost", port).expect("a host");

    let mut ureq = UreqTransport::new(&config(sandbox)).expect("roots");
    test("ureq", &mut |request, listing, on| {
        listing
            .read(&mut ureq, request, &endpoint, pair, on)
            .map_err(named)
    });

    let ca = CertificateDer::from(sandbox.ca_der());
    let anchors = [anchor(&ca).expect("an anchor")];
    let trust = || Trust::only(&anchors);
    let socket = || Tcp::connect("127.0.0.1", port, Duration::from_secs(5)).expect("a connection");
    let mut buffers: Box<Buffers> = Box::new(Buffers::new());
    let mut session = Session::open(
        socket(),
        &endpoint,
        &mut buffers,
        trust(),
        now(),
        &mut OsRng,
    )
    .expect("a session");
    test("embedded-tls", &mut |request, listing, on| {
        listing
            .read(&mut session, request, &endpoint, pair, on)
            .map_err(named)
    });
    drop(session);

    let socket = Hesitant(socket(), false);
    let mut rng = OsRng;
    let opened = asynch::Session::open(socket, &endpoint, &mut buffers, trust(), now(), &mut rng);
    let mut session = block_on(opened).expect("a session");
    test("embedded-tls, async", &mut |request, listing, on| {
        block_on(listing.read_async(&mut session, request, &endpoint, pair, on)).map_err(named)
    });
}
