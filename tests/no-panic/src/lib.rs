//! Entry points that reach everything in the core that runs on a device.

#![no_std]

use core::panic::PanicInfo;

use alpaca_auth::credential::{BrokerKey, BrokerToken, ConnectToken, KeyPair, Slot};
use alpaca_auth::endpoint::{Broker, DataStream, Endpoint, MarketData, Trading};
use alpaca_auth::environment::{Paper, Sandbox};
use alpaca_auth::http::{
    BodyReader, Framing, HeadBuffer, RetryAfter, parse_imf_fixdate, write_head,
};
#[cfg(feature = "head")]
use alpaca_auth::http::{Parsed, ResponseHead};
use alpaca_auth::request::{TargetBuffer, broker, market_data, trading};
use alpaca_auth::response::{Decimal, ReplyHead, json_shape};
use alpaca_auth::scheme::{HeaderSet, StreamMessage, write_stream_message};

unsafe extern "C" {
    /// Defined nowhere.
    fn a_panic_is_reachable() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe { a_panic_is_reachable() }
}

static mut KEYS: Slot<KeyPair<Paper>> = Slot::vacant();
static mut BASIC: Slot<BrokerKey<Sandbox>> = Slot::vacant();
static mut TOKEN: Slot<BrokerToken<Sandbox>> = Slot::vacant();
static mut CONNECT: Slot<ConnectToken<Paper>> = Slot::vacant();
static mut HEAD: HeadBuffer<1024> = HeadBuffer::new();
static mut MESSAGE: StreamMessage<512> = StreamMessage::new();

/// Bytes of the caller's.
unsafe fn bytes<'a>(at: *const u8, length: usize) -> &'a [u8] {
    unsafe { core::slice::from_raw_parts(at, length) }
}

/// Text of the caller's; malformed text is empty.
unsafe fn text<'a>(at: *const u8, length: usize) -> &'a str {
    core::str::from_utf8(unsafe { bytes(at, length) }).unwrap_or("")
}

/// Fills every kind of credential and writes every kind of head.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn request(at: *const u8, length: usize, split: usize) -> usize {
    let all = unsafe { text(at, length) };
    let (first, second) = all.split_at_checked(split).unwrap_or((all, ""));
    let head = unsafe { &mut *(&raw mut HEAD) };
    let message = unsafe { &mut *(&raw mut MESSAGE) };
    let mut written = 0_usize;
    let mut target = TargetBuffer::<64>::new("/").unwrap_or_else(|_| loop {});
    let paper = Endpoint::<Trading, Paper>::at(first, 8443).unwrap_or_else(|_| Endpoint::alpaca());
    let data = Endpoint::<MarketData, Paper>::alpaca();
    if let Ok(pair) = unsafe { &mut *(&raw mut KEYS) }.paper(first, second) {
        written = written.wrapping_add(usize::from(
            write_head(&trading::account(), &paper, pair, head).is_ok(),
        ));
        if let Ok(order) = trading::order(&mut target, first) {
            written =
                written.wrapping_add(usize::from(write_head(&order, &paper, pair, head).is_ok()));
        }
        let submit = trading::submit_order(second.as_bytes());
        written =
            written.wrapping_add(usize::from(write_head(&submit, &paper, pair, head).is_ok()));
        if let Ok(set) = HeaderSet::<300>::new(&submit, &paper, pair) {
            written = written.wrapping_add(set.iter().filter(|header| header.sensitive).count());
        }
        let stream = Endpoint::<DataStream, Paper>::alpaca();
        let _ = write_stream_message(&stream, pair, message);
    }
    if let Ok(token) = unsafe { &mut *(&raw mut CONNECT) }.paper(first)
        && let Ok(quote) = market_data::latest_quote(&mut target, second)
    {
        written = written.wrapping_add(usize::from(write_head(&quote, &data, token, head).is_ok()));
    }
    let sandbox = Endpoint::<Broker, Sandbox>::alpaca();
    if let Ok(key) = unsafe { &mut *(&raw mut BASIC) }.sandbox(first, second) {
        written = written.wrapping_add(usize::from(
            write_head(&broker::accounts(), &sandbox, key, head).is_ok(),
        ));
    }
    if let Ok(token) = unsafe { &mut *(&raw mut TOKEN) }.sandbox(first) {
        written = written.wrapping_add(usize::from(
            write_head(&broker::accounts(), &sandbox, token, head).is_ok(),
        ));
    }
    #[cfg(feature = "control")]
    assert!(written < 100 || length < 3, "the control");
    head.expose(|head| written.wrapping_add(head.len()))
}

/// Reads an answer behind its head: fields, framing, body, shape.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn response(at: *const u8, length: usize) -> usize {
    let input = unsafe { bytes(at, length) };
    let status = u16::try_from(length).unwrap_or(200);
    let mut reply = ReplyHead::new(status);
    let lines = || {
        input
            .split(|b| *b == b'\n')
            .map(|line| ("content-length", line))
    };
    for (name, value) in lines() {
        reply.field(name, value);
        reply.field("date", value);
        reply.field("retry-after", value);
        reply.field("x-request-id", value);
        reply.field("x-ratelimit-reset", value);
        let _ = (parse_imf_fixdate(value), RetryAfter::parse(value));
        let _ = Decimal::parse(core::str::from_utf8(value).unwrap_or(""));
    }
    let Ok(framing) = Framing::decide(false, status, lines()) else {
        return 1;
    };
    let Ok(mut reader) = BodyReader::new(framing, 4096) else {
        return 2;
    };
    let mut body = [0; 4096];
    let Ok(progress) = reader.decode(input, &mut body) else {
        return 3;
    };
    let body = body.get(..progress.produced).unwrap_or_default();
    usize::from(json_shape::check(body).is_ok()).wrapping_add(usize::from(reply.status))
}

/// Reads a response head, by `httparse`.
///
/// # Safety
/// `at` points to `length` readable bytes.
#[cfg(feature = "head")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn head(at: *const u8, length: usize) -> usize {
    match ResponseHead::parse(unsafe { bytes(at, length) }) {
        Ok(Parsed::Complete { head, length }) => head.fields().count().wrapping_add(length),
        _ => 0,
    }
}

/// Reads typed JSON.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[cfg(feature = "json")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn account(at: *const u8, length: usize) -> usize {
    use alpaca_auth::credential::KeyEvidence;
    use alpaca_auth::endpoint::ApiKind;
    use alpaca_auth::environment::EnvironmentKind;
    use alpaca_auth::response::{Account, Context, Reply};
    let context = Context {
        api: ApiKind::Trading,
        environment: EnvironmentKind::Paper,
        evidence: KeyEvidence::Paper,
    };
    let reply = Reply::new(ReplyHead::new(200), context, unsafe { bytes(at, length) });
    reply
        .json::<Account>()
        .map_or(0, |account| account.id.len())
}
