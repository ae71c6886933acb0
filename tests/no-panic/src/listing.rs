//! A list by ids over a transport that gives any body, cut anywhere.

use core::convert::Infallible;
use core::ops::ControlFlow;

use alpaca_auth::ReadOnly;
use alpaca_auth::credential::{KeyPair, Opens, Slot};
use alpaca_auth::endpoint::{Api, Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::listing::Listing;
use alpaca_auth::request::{Request, TargetBuffer, trading};
use alpaca_auth::response::{Context, Place, Reply, ReplyHead};
use alpaca_auth::transport::{StreamingTransport, Transport};

static mut KEYS: Slot<KeyPair<Paper>> = Slot::vacant();

struct Given<'b>(&'b [u8], &'b [u8]);

impl Transport for Given<'_> {
    type Error = Infallible;

    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        _: &Request<'_, A>,
        _: &Endpoint<A, C::Environment>,
        credential: &C,
        _: &'b mut [u8],
    ) -> Result<Reply<'b>, Infallible> {
        Ok(Reply::new(
            ReplyHead::new(500),
            context::<A, C>(credential),
            &[],
        ))
    }
}

impl StreamingTransport for Given<'_> {
    fn send_into<'b, A: Api, C: Opens<A>>(
        &mut self,
        _: &Request<'_, A>,
        _: &Endpoint<A, C::Environment>,
        credential: &C,
        _: &'b mut [u8],
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'b>, Infallible> {
        if sink(self.0).is_continue() {
            let _ = sink(self.1);
        }
        Ok(Reply::new(
            ReplyHead::new(200),
            context::<A, C>(credential),
            &[],
        ))
    }
}

fn context<A: Api, C: Opens<A>>(credential: &C) -> Context {
    Context::of::<A, C>(credential)
}

/// Reads activities, and orders by their ids.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn listing(at: *const u8, length: usize, split: usize) -> usize {
    let input = unsafe { crate::bytes(at, length) };
    let (first, second) = input.split_at_checked(split).unwrap_or((input, &[]));
    let Ok(pair) = unsafe { &mut *(&raw mut KEYS) }.paper("PK", "secret") else {
        return 0;
    };
    let endpoint = Endpoint::<Trading, Paper>::alpaca();
    let mut transport = ReadOnly::new(Given(first, second));
    let (mut element, mut refusal, mut next) = ([0; 256], [0; 64], [0; 256]);
    let mut target = TargetBuffer::<192>::new("/").unwrap_or_else(|_| loop {});
    let mut seen = 0_usize;
    let mut on = |item: alpaca_auth::response::Item<'_>| {
        seen = seen.wrapping_add(usize::from(item.is_ok()));
        ControlFlow::Continue(())
    };
    let list = trading::ListActivities {
        page_token: core::str::from_utf8(second).ok(),
        page_size: Some(u16::from(split.to_le_bytes()[0])),
        ..trading::ListActivities::default()
    };
    let mut listing = Listing::new(Place::Top, &mut element, &mut refusal, &mut next);
    if let Ok(request) = list.request(&mut target) {
        let listed = transport.list(&request, &mut listing, &endpoint, pair, &mut on);
        seen = seen.wrapping_add(usize::from(listed.is_ok()));
    }
    let mut listing = listing.all_orders();
    let orders = trading::open_orders();
    let listed = transport.list(&orders, &mut listing, &endpoint, pair, |_| {
        ControlFlow::Continue(())
    });
    seen.wrapping_add(usize::from(listed.is_ok()))
}
