//! Entry points that reach everything in the core that runs on a device.

#![no_std]

mod listing;
mod rotation;

use core::panic::PanicInfo;

use alpaca_auth::credential::{
    BrokerKey, BrokerToken, ClientId, ClientSecret, ConnectToken, KeyEvidence, KeyPair, Slot,
};
use alpaca_auth::endpoint::{
    ApiKind, AuthServer, Broker, ConnectPage, DataStream, Endpoint, MarketData, Trading,
};
use alpaca_auth::environment::{EnvironmentKind, Paper, Sandbox};
use alpaca_auth::http::{
    BodyReader, Framing, HeadBuffer, RetryAfter, parse_imf_fixdate, write_head,
};
#[cfg(feature = "head")]
use alpaca_auth::http::{Parsed, ResponseHead};
use alpaca_auth::oauth::connect::{
    Authorization, AuthorizationCode, CodeForm, ConnectGrant, Scopes, State, read_callback,
};
use alpaca_auth::oauth::{
    Algorithm, AssertionSigner, BrokerLogin, ClientAuthentication, Moment, Next, PrivateKeyJwt,
    RevocationForm, SIGNATURE_MAX, TokenForm, read_revocation,
};
use alpaca_auth::order::{
    ClientOrderId, Kind, Leg, MultiLeg, NetPrice, Oco, PositionIntent, Replacement, Side, Size,
    StopLoss, Ticket, TimeInForce, Trail,
};
use alpaca_auth::policy::{Amount, Ledger, Policy};
use alpaca_auth::rate::{Admission, RateBudget};
use alpaca_auth::request::{
    Direction, Replay, TargetBuffer, broker, catalog, market_data, trading,
};
use alpaca_auth::response::{Context, Decimal, Outcome, Reply, ReplyHead, json_shape};
use alpaca_auth::retry::{Answer, Ended, Retry, RetryDecision, RetryRules, check_order};
use alpaca_auth::scheme::{HeaderSet, StreamMessage, write_stream_message};
use alpaca_auth::source::{Chain, Found, Look, Source, SourceFault, SourceKind};
use alpaca_auth::usage::Usage;

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

/// Writes tickets and replacements, and every kind of query, out of any text.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn order(at: *const u8, length: usize, split: usize) -> usize {
    let all = unsafe { text(at, length) };
    let (first, second) = all.split_at_checked(split).unwrap_or((all, ""));
    let mut target = TargetBuffer::<192>::new("/").unwrap_or_else(|_| loop {});
    let mut buffer = [0; 512];
    let mut written = 0_usize;
    let Ok(id) = ClientOrderId::with_prefix(first, [split.to_le_bytes()[0]; 16]) else {
        return 0;
    };
    let sizes = [Size::Quantity(first), Size::Notional(second)];
    let kinds = [
        Kind::Market,
        Kind::StopLimit {
            stop: first,
            limit: second,
        },
        Kind::TrailingStop(Trail::Price(first)),
        Kind::TrailingStop(Trail::Percent(second)),
    ];
    let times = [
        TimeInForce::Day,
        TimeInForce::ImmediateOrCancel,
        TimeInForce::Closing,
    ];
    for ((size, kind), time) in sizes
        .into_iter()
        .cycle()
        .zip(kinds)
        .zip(times.into_iter().cycle())
    {
        let mut ticket = Ticket::new(first, Side::Sell, size, kind)
            .time_in_force(time)
            .position_intent(PositionIntent::SellToOpen)
            .take_profit(second)
            .stop_loss(StopLoss {
                stop: first,
                limit: Some(second),
            });
        if split > 3 {
            ticket = ticket.client_order_id(&id).extended_hours();
        }
        if let Ok(submission) = ticket.write(&mut buffer) {
            written = written.wrapping_add(
                trading::submit(&submission)
                    .body()
                    .map_or(0, |b| b.bytes.len()),
            );
        }
    }
    let loss = StopLoss {
        stop: first,
        limit: Some(second),
    };
    for side in [Side::Buy, Side::Sell] {
        let exits = Oco::new(first, side, second, second, loss).client_order_id(&id);
        written = written.wrapping_add(exits.write(&mut buffer).map_or(0, |s| s.json().len()));
    }
    let leg = |symbol, ratio| Leg {
        symbol,
        ratio,
        intent: PositionIntent::SellToOpen,
    };
    let ratio = u16::from(split.to_le_bytes()[0]);
    let legs = [
        leg(first, ratio),
        leg(second, ratio.wrapping_mul(length.to_le_bytes()[1].into())),
    ];
    for price in [NetPrice::Debit(first), NetPrice::Credit(second)] {
        let spread = MultiLeg::limit(&legs, first, price).client_order_id(&id);
        written = written.wrapping_add(spread.write(&mut buffer).map_or(0, |s| s.json().len()));
    }
    let spread = Replacement {
        net_price: Some(NetPrice::Credit(first)),
        ..Replacement::default()
    };
    written = written.wrapping_add(spread.write(&mut buffer).map_or(0, |c| c.json().len()));
    let change = Replacement {
        quantity: Some(first),
        limit_price: Some(second),
        client_order_id: Some(&id),
        ..Replacement::default()
    };
    if let Ok(change) = change.write(&mut buffer)
        && let Ok(request) = trading::replace_order(&mut target, first, &change)
    {
        written = written.wrapping_add(request.target().len());
    }
    let symbols = [first, second];
    let list = trading::ListOrders {
        limit: Some(u16::from(split.to_le_bytes()[0])),
        after: Some(first),
        direction: Some(Direction::Ascending),
        nested: Some(true),
        symbols: &symbols,
        ..trading::ListOrders::default()
    };
    written = written.wrapping_add(usize::from(list.request(&mut target).is_ok()));
    let page = market_data::History {
        page_token: Some(first),
        ..market_data::History::default()
    };
    let bars = market_data::stock_bars(&mut target, first, second, None, &page);
    written = written.wrapping_add(usize::from(bars.is_ok()));
    let crypto = market_data::latest_crypto_trades(&mut target, &symbols);
    written = written.wrapping_add(usize::from(crypto.is_ok()));
    if let Ok(value) = Decimal::parse(first) {
        let close =
            trading::close_position(&mut target, second, trading::Portion::Percentage(value));
        written = written.wrapping_add(usize::from(close.is_ok()));
    }
    if let Ok(lookup) = trading::order_by_client_order_id(&mut target, &id) {
        written = written.wrapping_add(lookup.target().len());
    }
    // Any operation, chosen at run time, with any values.
    if let Some(operation) = catalog::trading::ALL.get(split) {
        let chosen = operation.request::<Trading, 192>(&mut target, &symbols, &[(first, second)]);
        written = written.wrapping_add(usize::from(chosen.is_ok()));
    }
    written
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

/// A signer outside the core, which returns a length that the caller chose.
struct Outside(usize);

impl AssertionSigner for Outside {
    type Error = ();

    fn algorithm(&self) -> Algorithm {
        if self.0 == 64 {
            Algorithm::Es256
        } else {
            Algorithm::Rs256
        }
    }

    fn sign(&self, input: &[u8], out: &mut [u8; SIGNATURE_MAX]) -> Result<usize, ()> {
        if let (Some(first), Some(place)) = (input.first(), out.first_mut()) {
            *place = *first;
        }
        Ok(self.0)
    }
}

static mut LOGIN: BrokerLogin<Sandbox> = BrokerLogin::new();
static mut FORM: TokenForm<Sandbox, 2048> = TokenForm::new();
static mut CLIENT: Slot<ClientSecret<Sandbox>> = Slot::vacant();
static mut CLIENT_ID: Slot<ClientId<Sandbox>> = Slot::vacant();

/// Writes both kinds of token request, reads the reply, and drives the lifecycle.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn token(at: *const u8, length: usize, split: usize) -> usize {
    let all = unsafe { text(at, length) };
    let (first, second) = all.split_at_checked(split).unwrap_or((all, ""));
    let login = unsafe { &mut *(&raw mut LOGIN) };
    let form = unsafe { &mut *(&raw mut FORM) };
    let endpoint = Endpoint::<AuthServer, Sandbox>::alpaca();
    let time = |at: usize| core::time::Duration::from_millis(u64::try_from(at).unwrap_or(0));
    let jitter = u32::try_from(split).unwrap_or(u32::MAX);
    let moment = Moment {
        unix: u64::try_from(length).unwrap_or(0),
        entropy: [second.len().to_le_bytes().first().copied().unwrap_or(1); 16],
    };
    let mut written = 0_usize;
    if let Ok(client) = unsafe { &mut *(&raw mut CLIENT) }.sandbox(first, second) {
        written = written.wrapping_add(usize::from(client.write(&endpoint, &moment, form).is_ok()));
    }
    if let Ok(client) = unsafe { &mut *(&raw mut CLIENT_ID) }.sandbox(first) {
        let jwt = PrivateKeyJwt {
            client,
            signer: Outside(split),
            key_id: Some(second),
            audience: Some(first),
        };
        written = written.wrapping_add(usize::from(jwt.write(&endpoint, &moment, form).is_ok()));
    }
    if let Next::Refresh { attempt, .. } = login.poll(time(length)) {
        let context = Context {
            api: ApiKind::AuthServer,
            environment: EnvironmentKind::Sandbox,
            evidence: KeyEvidence::None,
        };
        let status = u16::try_from(split).unwrap_or(200);
        let reply = Reply::new(ReplyHead::new(status), context, second.as_bytes());
        let settled = login.settle(attempt, Some(&reply), time(split), jitter);
        written = written.wrapping_add(usize::from(settled.is_ok()));
    }
    if let Next::Use { serial, .. } = login.poll(time(split)) {
        let _ = login.rejected(serial, time(length));
    }
    form.expose(|body| written.wrapping_add(body.len()))
}

/// A source that holds a document of the caller's.
struct Held<'d>(&'d [u8]);

impl Source for Held<'_> {
    fn kind(&self) -> SourceKind {
        SourceKind::Other("held")
    }

    fn place(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("memory")
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        found.document(self.0)
    }
}

/// Fills a key pair and a token from two documents, by the rules of a chain.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn source(at: *const u8, length: usize, split: usize) -> usize {
    let all = unsafe { bytes(at, length) };
    let (first, second) = all.split_at_checked(split).unwrap_or((all, b""));
    let mut sources = [Held(first), Held(second)];
    let mut chain = Chain::new(&mut sources);
    let pair = chain.paper(unsafe { &mut *(&raw mut KEYS) }).is_ok();
    let token = chain.paper(unsafe { &mut *(&raw mut CONNECT) }).is_ok();
    usize::from(pair).wrapping_add(usize::from(token))
}

/// Writes a revocation by either kind of authentication, and reads its answer.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn revocation(at: *const u8, length: usize, split: usize) -> usize {
    let all = unsafe { text(at, length) };
    let (first, second) = all.split_at_checked(split).unwrap_or((all, ""));
    let login = unsafe { &mut *(&raw mut LOGIN) };
    let endpoint = Endpoint::<AuthServer, Sandbox>::alpaca();
    let moment = Moment {
        unix: u64::try_from(length).unwrap_or(0),
        entropy: [second.len().to_le_bytes().first().copied().unwrap_or(1); 16],
    };
    let mut written = 0_usize;
    if let Some(token) = login.withdraw() {
        let mut form = RevocationForm::<Sandbox, 512>::new(token);
        if let Ok(client) = unsafe { &mut *(&raw mut CLIENT) }.sandbox(first, second) {
            let result = client.write(&endpoint, &moment, &mut form);
            written = written.wrapping_add(usize::from(result.is_ok()));
        }
        if let Ok(client) = unsafe { &mut *(&raw mut CLIENT_ID) }.sandbox(first) {
            let jwt = PrivateKeyJwt {
                client,
                signer: Outside(split),
                key_id: None,
                audience: None,
            };
            let result = jwt.write(&endpoint, &moment, &mut form);
            written = written.wrapping_add(usize::from(result.is_ok()));
        }
        written = written.wrapping_add(form.expose(<[u8]>::len));
    }
    login.forget();
    let context = Context {
        api: ApiKind::AuthServer,
        environment: EnvironmentKind::Sandbox,
        evidence: KeyEvidence::None,
    };
    let status = u16::try_from(split).unwrap_or(200);
    let reply = Reply::new(ReplyHead::new(status), context, second.as_bytes());
    written.wrapping_add(usize::from(read_revocation::<Sandbox>(&reply).is_ok()))
}

static mut APP: Slot<ClientSecret<Paper>> = Slot::vacant();
static mut STATE: State = State::vacant();
static mut CODE: AuthorizationCode = AuthorizationCode::vacant();

/// A Connect login: the URL, the callback, the exchange and its reply.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn connect_login(at: *const u8, length: usize, split: usize) -> usize {
    let all = unsafe { text(at, length) };
    let (first, second) = all.split_at_checked(split).unwrap_or((all, ""));
    let state = unsafe { &mut *(&raw mut STATE) };
    let code = unsafe { &mut *(&raw mut CODE) };
    state.draw(&[u8::try_from(split).unwrap_or(1); 32]);
    let login = Authorization {
        client_id: first,
        redirect_uri: second,
        scopes: Scopes::TRADING.and(Scopes::DATA),
        state,
        challenge: None,
    };
    let mut buffer = [0; 256];
    let page = Endpoint::<ConnectPage, Paper>::alpaca();
    let mut written = login.url(&page, &mut buffer).map_or(0, str::len);
    let read = read_callback(first, state, Some(second), code);
    written = written.wrapping_add(usize::from(read.is_ok()));
    if let Ok(app) = unsafe { &mut *(&raw mut APP) }.paper(first, second) {
        let mut form = CodeForm::<Paper, 512>::new();
        let result = form.exchange(app, code, second);
        written = written.wrapping_add(usize::from(result.is_ok()));
        written = written.wrapping_add(form.expose(<[u8]>::len));
    }
    let context = Context {
        api: ApiKind::ConnectToken,
        environment: EnvironmentKind::Paper,
        evidence: KeyEvidence::None,
    };
    let status = u16::try_from(split).unwrap_or(200);
    let reply = Reply::new(ReplyHead::new(status), context, second.as_bytes());
    if let Ok(grant) = ConnectGrant::<Paper>::read(&reply) {
        let scopes = grant.granted(Scopes::READ);
        written = written.wrapping_add(usize::from(scopes.allow(&trading::account()).is_ok()));
    }
    written
}

static mut BUDGET: RateBudget = RateBudget::new();
static mut LEDGER: Ledger = Ledger::new();
static mut USAGE: Option<Usage> = None;

/// Judges, paces, counts and decides about an order.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn conduct(at: *const u8, length: usize, split: usize) -> usize {
    const POLICY: Policy<'static> = Policy::new()
        .symbols(&["AAPL"])
        .per_order(Amount::dollars(500))
        .per_day(Amount::dollars(1000));
    let input = unsafe { bytes(at, length) };
    let budget = unsafe { &mut *(&raw mut BUDGET) };
    let ledger = unsafe { &mut *(&raw mut LEDGER) };
    let usage = unsafe { &mut *(&raw mut USAGE) }.get_or_insert_default();
    let number = |at: usize| u64::try_from(at).unwrap_or(0);
    let time = |at: usize| core::time::Duration::from_millis(number(at));
    let jitter = u32::try_from(split).unwrap_or(u32::MAX);
    let mut head = ReplyHead::new(u16::try_from(split).unwrap_or(429));
    head.field("x-ratelimit-remaining", input);
    head.field("x-ratelimit-reset", input);
    head.field("retry-after", input);
    head.field("x-request-id", input);
    let order = trading::submit_order(input).with_replay(Replay::WithClientOrderId);
    let price = core::str::from_utf8(input)
        .ok()
        .and_then(|text| Amount::parse(text).ok());
    usage.call();
    let Ok(reserved) = ledger.reserve(&POLICY, &order, price, number(split)) else {
        return 1;
    };
    let Admission::Go(pass) = budget.admit(time(length)) else {
        return 2;
    };
    let mut retry = Retry::new(
        RetryRules::new().deadline(time(split)),
        &order,
        time(length),
    );
    let ended = match split % 3 {
        0 => Ended::NotSent { passing: true },
        1 => Ended::MaybeSent {
            passing: length > split,
        },
        _ => Ended::Answered(Answer::of(&head)),
    };
    usage.sent(number(length));
    usage.answered(ApiKind::Trading, &head, Outcome::RateLimited, number(split));
    usage.failed(length > split, number(length));
    budget.settle(pass, Some(&head), time(split), Some(number(length)), jitter);
    let decision = retry.ended(ended, time(split), Some(number(length)), jitter);
    if let Some(took_effect) = decision.took_effect() {
        ledger.settle(reserved, took_effect);
    }
    let mut target = TargetBuffer::<256>::new("/").unwrap_or_else(|_| loop {});
    let check = check_order(&order, &mut target).map_or(0, |check| check.target().len());
    match decision {
        RetryDecision::After(wait) => usize::from(wait > retry.left(time(split))),
        _ => check.wrapping_add(usage.request_ids().count()),
    }
}

/// Signs with a P-256 key.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[cfg(feature = "es256")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn es256(at: *const u8, length: usize) -> usize {
    static mut KEY: Slot<alpaca_auth::oauth::Es256Key> = Slot::vacant();
    let input = unsafe { bytes(at, length) };
    let Some(scalar) = input.first_chunk::<32>() else {
        return 0;
    };
    let mut signature = [0; SIGNATURE_MAX];
    unsafe { &mut *(&raw mut KEY) }
        .scalar(scalar)
        .ok()
        .and_then(|key| key.sign(input, &mut signature).ok())
        .map_or(0, |length| length.wrapping_add(usize::from(signature[0])))
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

/// Reads typed replies whole and element by element, writes one back, and calculates.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn replies(at: *const u8, length: usize, split: usize) -> usize {
    use alpaca_auth::response::{
        Account, Activity, Asset, Bars, BrokerAccount, ElementReader, Journal, LatestQuote,
        NewsItem, Order, Pages, Place, PortfolioHistory, Position, Rounding, Snapshot, Timestamp,
        Transfer, json,
    };
    let input = unsafe { bytes(at, length) };
    let context = Context {
        api: ApiKind::Trading,
        environment: EnvironmentKind::Paper,
        evidence: KeyEvidence::Paper,
    };
    let reply = Reply::new(ReplyHead::new(200), context, input);
    let mut sum = reply
        .json::<Account>()
        .map_or(0, |account| account.id.len());
    let mut add = |read: bool| sum = sum.wrapping_add(usize::from(read));
    add(reply.json::<BrokerAccount>().is_ok());
    add(reply.json::<Activity>().is_ok());
    add(reply.json::<Asset>().is_ok());
    add(reply.json::<Journal>().is_ok());
    add(reply.json::<LatestQuote>().is_ok());
    add(reply.json::<Position>().is_ok());
    add(reply.json::<Transfer>().is_ok());
    add(reply.json::<Snapshot>().is_ok());
    add(reply.json::<i64>().is_ok());
    add(reply
        .json::<PortfolioHistory>()
        .is_ok_and(|history| history.equity.iter().all(|point| point.is_ok())));
    add(reply.json::<Bars>().is_ok_and(|page| {
        page.bars
            .is_some_and(|bars| bars.iter().all(|bar| bar.is_ok()))
    }));
    add(reply
        .json::<NewsItem>()
        .is_ok_and(|item| item.headline.chars().count() > 7));
    if let Ok(order) = reply.json::<Order>() {
        let mut out = heapless::String::<256>::new();
        add(json::write(&order, &mut out).is_ok());
        let places = u32::try_from(split).unwrap_or(0);
        add(order
            .qty
            .is_some_and(|qty| qty.to_fixed_rounded(places, Rounding::HalfEven).is_ok()));
    }
    let text = core::str::from_utf8(input).unwrap_or("");
    add(Timestamp::parse(text).is_ok());
    add(json::from_slice::<json::Number>(input).is_ok_and(|number| number.to_fixed(9).is_ok()));
    for place in [Place::Top, Place::Under(text), Place::UnderEach("bars")] {
        let mut element = [0; 64];
        let mut reader = ElementReader::new(place, &mut element);
        let (mut rest, mut pages, mut target) = (input, Pages::at_most(9), [0; 128]);
        while let Ok(Some(item)) = reader.next(&mut rest) {
            add(item.is_ok_and(|element| element.json::<Order>().is_ok()));
        }
        if let Ok(page) = reader.finish() {
            add(pages.turn(&page).is_ok() && pages.target(text, &mut target).is_ok());
        }
    }
    sum
}

/// Writes requests to each secret manager, and reads their replies.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[cfg(feature = "managers")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn managers(at: *const u8, length: usize, split: usize) -> usize {
    use alpaca_auth::endpoint::SecretManager;
    use alpaca_auth::source::aws::{
        AwsCredentials, GetSecretValue, Profile, Region, SignedRequest, read_credentials,
    };
    use alpaca_auth::source::google::{
        AccessSecretVersion, GoogleToken, JwtGrant, ServiceAccount, read_token,
    };
    use alpaca_auth::source::vault::{
        AppRole, AppRoleLogin, KvPath, TokenLease, TokenStep, VaultAccess, read_lookup,
        read_renewal, read_secret_id, renew_request, unwrap_request,
    };
    use alpaca_auth::source::{CredentialKind, Wanted};
    static mut ACCESS: Slot<VaultAccess<Paper>> = Slot::vacant();
    static mut ROLE: Slot<AppRole<Paper>> = Slot::vacant();
    static mut AWS: Slot<AwsCredentials> = Slot::vacant();
    static mut SIGNED: SignedRequest<Paper> = SignedRequest::new();
    static mut GOOGLE: Slot<GoogleToken<Paper>> = Slot::vacant();
    static mut GRANT: JwtGrant<Paper> = JwtGrant::new();

    let all = unsafe { text(at, length) };
    let (first, second) = all.split_at_checked(split).unwrap_or((all, ""));
    let now = u64::try_from(split).unwrap_or(0);
    let status = u16::try_from(split).unwrap_or(200);
    let context = Context {
        api: ApiKind::SecretManager,
        environment: EnvironmentKind::Paper,
        evidence: KeyEvidence::None,
    };
    let reply = Reply::new(ReplyHead::new(status), context, second.as_bytes());
    let head = unsafe { &mut *(&raw mut HEAD) };
    let mut found = Found::new(Wanted {
        credential: CredentialKind::KeyPair,
        environment: EnvironmentKind::Paper,
    });
    let mut done = 0_usize;
    let mut count = |good: bool| done = done.wrapping_add(usize::from(good));
    let Ok(endpoint) = Endpoint::<SecretManager, Paper>::manager(first, 8200) else {
        return 0;
    };

    let access = unsafe { &mut *(&raw mut ACCESS) };
    let role = unsafe { &mut *(&raw mut ROLE) };
    if let (Ok(path), Ok(token)) = (
        KvPath::v2(first, second),
        access.vault_token(first, Some(second)),
    ) {
        count(write_head(&path.request(), &endpoint, token, head).is_ok());
        count(write_head(&unwrap_request(), &endpoint, token, head).is_ok());
        count(path.read(&reply, &mut found).is_ok());
        count(write_head(&renew_request(), &endpoint, token, head).is_ok());
        let time = core::time::Duration::from_secs(now);
        if let Ok(lease) = read_lookup(&reply, token) {
            let mut held = TokenLease::granted(time, lease);
            if let Ok(lease) = read_renewal(&reply, token) {
                held.renewed(time, lease);
            }
            count(held.step(time) == TokenStep::Renew && held.renewable_seconds(time).is_some());
        }
    }
    if let Ok(path) = KvPath::v1(first, second) {
        count(path.read(&reply, &mut found).is_ok());
    }
    count(read_secret_id(&reply, first, role).is_ok());
    if let (Ok(mut login), Ok(role)) = (AppRoleLogin::new(first), role.app_role(first, second)) {
        count(login.fill(role).is_ok());
        count(login.read(&reply, access).is_ok());
    }

    let aws = unsafe { &mut *(&raw mut AWS) };
    count(read_credentials(second.as_bytes(), now, aws).is_ok());
    count(Profile::new(first).read(second, aws).is_ok());
    let asked = GetSecretValue::new(first, second);
    if let (Ok(asked), Ok(region)) = (asked, Region::new(second)) {
        let signed = unsafe { &mut *(&raw mut SIGNED) };
        if let Ok(key) = aws.aws(first, second, Some(first)) {
            count(signed.sign(&asked, &endpoint, &region, key, now).is_ok());
            count(write_head(&asked.request(), &endpoint, signed, head).is_ok());
        }
        count(asked.read(&reply, now, &mut found).is_ok());
    }

    let google = unsafe { &mut *(&raw mut GOOGLE) };
    count(read_token(status, second.as_bytes(), google).is_ok());
    if let Ok(asked) = AccessSecretVersion::new(first, second, first) {
        if let Ok(token) = google.google_token(second) {
            count(write_head(&asked.request(), &endpoint, token, head).is_ok());
        }
        count(asked.read(&reply, &mut found).is_ok());
    }
    let grant = unsafe { &mut *(&raw mut GRANT) };
    if let Ok((account, ())) = ServiceAccount::read(second.as_bytes(), first, |_| Some(())) {
        count(
            grant
                .fill(&account, &endpoint, now, &Outside(split))
                .is_ok(),
        );
    }
    done
}
