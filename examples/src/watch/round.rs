//! One round: account, clock and quote, and what its failures mean for the next.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alpaca_auth::credential::{KeyPair, Opens};
use alpaca_auth::endpoint::{Api, MarketData, ServedIn, Trading};
use alpaca_auth::environment::TradingEnvironment;
use alpaca_auth::http::RetryAfter;
use alpaca_auth::request::{Request, TargetBuffer, market_data, trading};
use alpaca_auth::response::{Account, Clock, Decimal, LatestQuote, Outcome, Reply, ReplyError};

use super::{Room, View};
use crate::{Failure, Line, stage};

/// The longest wait that `Retry-After` can ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(600);
/// Longest path of the quote's request.
const TARGET_MAX: usize = 128;

/// The two servers of a round.
pub struct Lines<E> {
    /// The Trading API.
    pub trading: Line<Trading, E>,
    /// The Market Data API.
    pub data: Line<MarketData, E>,
}

/// What a round came to.
pub struct Asked {
    /// What is left of the rate limit.
    pub room: Room,
    /// What to do now.
    pub outlook: Outlook,
}

/// What to do after a round.
pub enum Outlook {
    /// Show this, and go on as scheduled.
    Show(Box<View>),
    /// The network or the server failed: try again, each time later.
    Retry(Failure),
    /// The server asks to wait this long.
    Wait(Failure, Duration),
    /// Trying again is no use, or harmful: a refused key gets an account blocked.
    End(Failure),
}

/// Asks all three. `stop` ends the round between two calls; then it is `None`.
pub fn ask<E: TradingEnvironment>(
    lines: &mut Lines<E>,
    pair: &KeyPair<E>,
    symbol: &str,
    body: &mut [u8],
    stop: impl Fn() -> bool,
) -> Option<Asked>
where
    Trading: ServedIn<E>,
    MarketData: ServedIn<E>,
{
    let mut asked = Asked {
        room: Room::default(),
        outlook: Outlook::Show(Box::default()),
    };
    let mut view = View {
        time: "-".into(),
        market: "?".into(),
        equity: "-".into(),
        symbol: View::plain(symbol),
        bid: "-".into(),
        ask: "-".into(),
        ..View::default()
    };
    let result = (|| {
        let account = trading::account();
        one(
            &mut lines.trading,
            &account,
            pair,
            body,
            &mut asked.room,
            |reply| {
                reply
                    .json::<Account>()
                    .map(|account| add_account(&mut view, &account))
            },
        )
        .or_else(|trouble| trouble.note(&mut view, "account"))?;
        if stop() {
            return Ok(false);
        }
        let clock = trading::clock();
        one(
            &mut lines.trading,
            &clock,
            pair,
            body,
            &mut asked.room,
            |reply| {
                reply
                    .json::<Clock>()
                    .map(|clock| add_clock(&mut view, &clock))
            },
        )
        .or_else(|trouble| trouble.note(&mut view, "clock"))?;
        if stop() {
            return Ok(false);
        }
        let mut target = TargetBuffer::<TARGET_MAX>::new("/")
            .map_err(|error| Trouble::End(Failure::Call(error.into())))?;
        let quote = market_data::latest_quote(&mut target, symbol)
            .map_err(|error| Trouble::End(Failure::Call(error.into())))?;
        one(
            &mut lines.data,
            &quote,
            pair,
            body,
            &mut asked.room,
            |reply| LatestQuote::of(reply).map(|latest| add_quote(&mut view, &latest)),
        )
        .or_else(|trouble| trouble.note(&mut view, "quote"))?;
        Ok(true)
    })();
    asked.outlook = match result {
        Ok(true) => Outlook::Show(Box::new(view)),
        Ok(false) => return None,
        Err(Trouble::Retry(failure) | Trouble::Shown(failure)) => Outlook::Retry(failure),
        Err(Trouble::Wait(failure, wait)) => {
            let wait = wait.unwrap_or_else(|| asked.room.until_reset());
            Outlook::Wait(failure, wait)
        }
        Err(Trouble::End(failure)) => Outlook::End(failure),
    };
    Some(asked)
}

/// Why a part is missing.
enum Trouble {
    Retry(Failure),
    Wait(Failure, Option<Duration>),
    /// The server's answer is the answer: it is shown, and the rest goes on.
    Shown(Failure),
    End(Failure),
}

impl Trouble {
    fn note(self, view: &mut View, part: &str) -> Result<(), Self> {
        match self {
            Self::Shown(failure) => {
                let text = failure.to_string();
                view.notes.push(format!("{part}: {}", View::plain(&text)));
                Ok(())
            }
            other => Err(other),
        }
    }
}

/// Makes one call and reads its answer, while it is in the buffer.
fn one<A: Api, E: TradingEnvironment>(
    line: &mut Line<A, E>,
    request: &Request<'_, A>,
    pair: &KeyPair<E>,
    body: &mut [u8],
    room: &mut Room,
    read: impl FnOnce(&Reply<'_>) -> Result<(), ReplyError>,
) -> Result<(), Trouble>
where
    KeyPair<E>: Opens<A, Environment = E>,
{
    let reply = match line.send(request, pair, body) {
        Ok(reply) => reply,
        Err(failure) if stage(&failure) == Some("prepare") => return Err(Trouble::End(failure)),
        Err(failure) => return Err(Trouble::Retry(failure)),
    };
    room.note(reply.limits(), reply.date().unwrap_or_else(now));
    let Err(error) = read(&reply) else {
        return Ok(());
    };
    let said = reply.api_error().map(|error| error.to_string());
    let outcome = reply.outcome();
    let failure = Failure::Reply(Box::new(error), said);
    Err(match outcome {
        Outcome::Credential(_) => Trouble::End(failure),
        Outcome::RateLimited => Trouble::Wait(failure, asked_wait(&reply)),
        Outcome::BusinessRule | Outcome::Subscription | Outcome::NotFound | Outcome::Invalid => {
            Trouble::Shown(failure)
        }
        // A success that is no JSON is a gateway's page, as a rule, and passes.
        Outcome::Success | Outcome::Server | Outcome::Redirect | Outcome::Unexpected => {
            Trouble::Retry(failure)
        }
    })
}

/// What `Retry-After` asks for.
fn asked_wait(reply: &Reply<'_>) -> Option<Duration> {
    let seconds = match reply.retry_after()? {
        RetryAfter::Seconds(seconds) => seconds.into(),
        RetryAfter::At(time) => time.saturating_sub(reply.date().unwrap_or_else(now)),
    };
    Some(Duration::from_secs(seconds).clamp(Duration::from_secs(1), RETRY_AFTER_MAX))
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn add_account(view: &mut View, account: &Account<'_>) {
    let equity = account
        .equity
        .map_or("-", |equity: Decimal<'_>| equity.text());
    equity.clone_into(&mut view.equity);
    view.currency = View::plain(account.currency.unwrap_or(""));
    if account.is_blocked() {
        let status = View::plain(account.status.text());
        view.notes.push(format!("account {status}, may not trade"));
    }
}

fn add_clock(view: &mut View, clock: &Clock<'_>) {
    view.time = View::plain(clock.timestamp.unwrap_or("-"));
    view.market = if clock.is_open { "open" } else { "closed" }.into();
}

fn add_quote(view: &mut View, latest: &LatestQuote<'_>) {
    view.symbol = View::plain(latest.symbol);
    view.bid = latest.quote.bid_price.text().into();
    view.ask = latest.quote.ask_price.text().into();
}
