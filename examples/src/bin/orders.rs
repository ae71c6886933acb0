//! Places an order, watches it, and cancels what is not filled.
//!
//! The ticket is checked before a byte is sent, and has a fresh `client_order_id`: when no answer
//! comes, the order is looked up by it instead of being sent again.

use std::process::ExitCode;
use std::time::Duration;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{ServedIn, Trading};
use alpaca_auth::environment::{Live, Paper, TradingEnvironment};
use alpaca_auth::order::{
    ClientOrderId, Side, Size, Submission, TICKET_BUFFER, Ticket, TimeInForce,
};
use alpaca_auth::request::{TargetBuffer, trading};
use alpaca_auth::response::{Order, Reply, ReplyError};
use alpaca_auth_examples::{Arguments, Failure, Line, Reach, keys_in_environment};
use alpaca_auth_ureq::{live_from_env, paper_from_env};
use alpaca_sandbox::Sandbox;
use ring::rand::SecureRandom as _;

const USAGE: &str = "\
usage: orders [--live] [--symbol AAPL] [--sell] [--qty 1 | --notional DOLLARS] [--limit PRICE | --market]
              [--time-in-force day|gtc|opg|cls|ioc|fok] [--looks 3] [--every SECONDS] [--keep]
              [--transport ureq|embedded-tls] [--connect HOST:PORT --ca FILE.pem]
  places an order, looks at it, and cancels it if it is still open
  keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY; without them a sandbox answers
  --live     the live account: real money (default: paper). It has no default order: give
             --symbol, --qty or --notional, and --limit or --market
  --limit    default on paper: 1.00, which nobody sells for
  --looks    how often the order is looked at before it is canceled, 1 to 1000 (default: 3)
  --every    seconds between looks, 0.1 to 3600 (default: 1)
  --keep     leaves the order open";

/// An order has some 2 KB.
const BODY: usize = 64 * 1024;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("orders: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// What the arguments say.
struct Job {
    symbol: String,
    side: Side,
    quantity: Option<String>,
    notional: Option<String>,
    limit: Option<String>,
    time_in_force: TimeInForce,
    looks: u16,
    every: Duration,
    keep: bool,
    reach: Reach,
}

fn run() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let live = arguments.flag("--live");
    let job = Job::from(&mut arguments, live)?;
    arguments.end(USAGE)?;
    let id = fresh_id()?;
    let mut buffer = [0; TICKET_BUFFER];
    let submission = job.ticket(&id).write(&mut buffer);
    let submission =
        submission.map_err(|error| usage(&format!("the order is not sent: {error}")))?;

    if !keys_in_environment() {
        if live || job.reach.is_elsewhere() {
            return Err(usage(
                "--live and --connect need keys: set APCA_API_KEY_ID and APCA_API_SECRET_KEY",
            ));
        }
        return sandbox(job.reach.clone(), &job, &submission);
    }
    if live {
        eprintln!("Live account: real money.");
        let mut slot = Slot::<KeyPair<Live>>::vacant();
        let pair = live_from_env(&mut slot)?;
        Desk::open(job.reach.clone(), pair)?.trade(&job, &submission)
    } else {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let pair = paper_from_env(&mut slot)?;
        Desk::open(job.reach.clone(), pair)?.trade(&job, &submission)
    }
}

fn sandbox(reach: Reach, job: &Job, submission: &Submission<'_>) -> Result<(), Failure> {
    let sandbox = Sandbox::start().map_err(Failure::Sandbox)?;
    eprintln!(
        "No keys in the environment: asking the built-in sandbox on port {} over HTTPS.\n\
         For your paper account set APCA_API_KEY_ID and APCA_API_SECRET_KEY.",
        sandbox.paper_port()
    );
    let reach = reach.to_loopback(sandbox.paper_port(), sandbox.ca_pem());
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot
        .paper(alpaca_sandbox::PAPER_KEY_ID, alpaca_sandbox::PAPER_SECRET)
        .map_err(|error| Failure::Call(error.into()))?;
    Desk::open(reach, pair)?.trade(job, submission)
}

impl Job {
    fn from(arguments: &mut Arguments, live: bool) -> Result<Self, Failure> {
        let symbol = arguments.value("--symbol")?;
        let (quantity, notional) = (arguments.value("--qty")?, arguments.value("--notional")?);
        let (limit, market) = (arguments.value("--limit")?, arguments.flag("--market"));
        let sized = quantity.is_some() || notional.is_some();
        if quantity.is_some() && notional.is_some() {
            return Err(usage("give --qty or --notional, not both"));
        }
        if limit.is_some() && market {
            return Err(usage("give --limit or --market, not both"));
        }
        if live && !(symbol.is_some() && sized && (limit.is_some() || market)) {
            return Err(usage(
                "--live has no default order: give --symbol, --qty or --notional, and --limit or --market",
            ));
        }
        let time_in_force = match arguments.value("--time-in-force")?.as_deref() {
            None => TimeInForce::Day,
            Some(text) => time_in_force(text)?,
        };
        Ok(Self {
            symbol: symbol.unwrap_or_else(|| "AAPL".to_owned()),
            side: if arguments.flag("--sell") {
                Side::Sell
            } else {
                Side::Buy
            },
            quantity: quantity.or_else(|| (!sized).then(|| "1".to_owned())),
            notional,
            limit: limit.or_else(|| (!market).then(|| "1.00".to_owned())),
            time_in_force,
            looks: looks(arguments)?,
            every: every(arguments)?,
            keep: arguments.flag("--keep"),
            reach: Reach::from(arguments)?,
        })
    }

    fn ticket<'j>(&'j self, id: &'j ClientOrderId) -> Ticket<'j> {
        let quantity = self.quantity.as_deref().map(Size::Quantity);
        let notional = self.notional.as_deref().map(Size::Notional);
        let size = quantity.or(notional).unwrap_or(Size::Quantity(""));
        let ticket = match &self.limit {
            Some(limit) => Ticket::limit(&self.symbol, self.side, size, limit),
            None => Ticket::market(&self.symbol, self.side, size),
        };
        ticket.time_in_force(self.time_in_force).client_order_id(id)
    }
}

/// One account, over a kept line.
struct Desk<'k, E> {
    line: Line<Trading, E>,
    pair: &'k KeyPair<E>,
    body: Vec<u8>,
}

/// What is shown of an order.
struct Seen {
    id: String,
    closed: bool,
    text: String,
}

impl<'k, E: TradingEnvironment> Desk<'k, E>
where
    Trading: ServedIn<E>,
{
    fn open(reach: Reach, pair: &'k KeyPair<E>) -> Result<Self, Failure> {
        Ok(Self {
            line: reach.line()?,
            pair,
            body: vec![0; BODY],
        })
    }

    fn trade(&mut self, job: &Job, submission: &Submission<'_>) -> Result<(), Failure> {
        let mut seen = self.place(submission)?;
        let id = seen.id.clone();
        println!("placed    {}, order {id}", seen.text);
        for look in 1..=job.looks {
            if seen.closed {
                break;
            }
            std::thread::sleep(job.every);
            seen = self.look(&id)?;
            println!("look {look:<4} {}", seen.text);
        }
        match (seen.closed, job.keep) {
            (true, _) => Ok(()),
            (false, true) => {
                println!("open      the order stays; cancel it when it is no longer wanted");
                Ok(())
            }
            (false, false) => self.cancel(&id),
        }
    }

    /// Sends the order once. Without an answer, looks whether it is there.
    fn place(&mut self, submission: &Submission<'_>) -> Result<Seen, Failure> {
        let request = trading::submit(submission);
        let failure = match self.line.send(&request, self.pair, &mut self.body) {
            Ok(reply) => match seen(&reply) {
                // A 5xx does not say what happened to the order.
                Err(failure) if reply.status() >= 500 => failure,
                answer => return answer,
            },
            Err(failure) => failure,
        };
        let Some(id) = submission.client_order_id() else {
            return Err(failure);
        };
        eprintln!("orders: {failure}; asking for client_order_id {id} instead of sending it again");
        let mut target = TargetBuffer::<512>::new("/").map_err(refused)?;
        let request = trading::order_by_client_order_id(&mut target, id).map_err(refused)?;
        let reply = self.line.send(&request, self.pair, &mut self.body)?;
        if reply.status() == 404 {
            eprintln!("orders: there is no such order so far; ask again before placing another");
            return Err(failure);
        }
        seen(&reply)
    }

    fn look(&mut self, id: &str) -> Result<Seen, Failure> {
        let mut target = TargetBuffer::<256>::new("/").map_err(refused)?;
        let request = trading::order(&mut target, id).map_err(refused)?;
        seen(&self.line.send(&request, self.pair, &mut self.body)?)
    }

    fn cancel(&mut self, id: &str) -> Result<(), Failure> {
        let mut target = TargetBuffer::<256>::new("/").map_err(refused)?;
        let request = trading::cancel_order(&mut target, id).map_err(refused)?;
        let reply = self.line.send(&request, self.pair, &mut self.body)?;
        // 422: it was filled in between, and the look says so.
        if reply.status() != 422 {
            reply
                .success()
                .map_err(|refusal| said(&reply, ReplyError::Refused(refusal)))?;
        }
        println!("canceled  {}", self.look(id)?.text);
        Ok(())
    }
}

fn seen(reply: &Reply<'_>) -> Result<Seen, Failure> {
    let order = reply
        .json::<Order<'_>>()
        .map_err(|error| said(reply, error))?;
    let text = |value: Option<&str>| value.unwrap_or("-").to_owned();
    let filled = text(order.filled_qty.as_ref().map(|value| value.text()));
    let mut line = format!(
        "{} {} {}: {}, {filled} filled",
        text(order.side.as_ref().map(|side| side.text())),
        text(
            order
                .qty
                .or(order.notional)
                .as_ref()
                .map(|size| size.text())
        ),
        text(order.symbol),
        order.status.text(),
    );
    if let Some(price) = order.filled_avg_price {
        line.push_str(&format!(" at {}", price.text()));
    }
    Ok(Seen {
        id: order.id.to_owned(),
        closed: order.is_closed(),
        text: line,
    })
}

fn said(reply: &Reply<'_>, error: ReplyError) -> Failure {
    let says = reply.api_error().map(|error| error.to_string());
    Failure::Reply(Box::new(error), says)
}

fn refused(error: alpaca_auth::request::RequestError) -> Failure {
    Failure::Call(error.into())
}

fn usage(text: &str) -> Failure {
    Failure::Usage(text.to_owned())
}

fn fresh_id() -> Result<ClientOrderId, Failure> {
    let mut entropy = [0; 16];
    ring::rand::SystemRandom::new()
        .fill(&mut entropy)
        .map_err(|_| usage("this system gives no entropy for the client_order_id"))?;
    Ok(ClientOrderId::of_entropy(entropy))
}

fn time_in_force(text: &str) -> Result<TimeInForce, Failure> {
    use TimeInForce::{Closing, Day, FillOrKill, GoodTilCanceled, ImmediateOrCancel, Opening};
    let all = [
        Day,
        GoodTilCanceled,
        Opening,
        Closing,
        ImmediateOrCancel,
        FillOrKill,
    ];
    let found = all.into_iter().find(|one| one.text() == text);
    found.ok_or_else(|| usage("--time-in-force must be day, gtc, opg, cls, ioc or fok"))
}

fn looks(arguments: &mut Arguments) -> Result<u16, Failure> {
    let Some(text) = arguments.value("--looks")? else {
        return Ok(3);
    };
    let looks = text.parse().ok().filter(|looks| (1..=1000).contains(looks));
    looks.ok_or_else(|| usage("--looks must be a whole number from 1 to 1000"))
}

fn every(arguments: &mut Arguments) -> Result<Duration, Failure> {
    let Some(text) = arguments.value("--every")? else {
        return Ok(Duration::from_secs(1));
    };
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (0.1..=3600.0).contains(seconds));
    let seconds = seconds.ok_or_else(|| usage("--every must be 0.1 to 3600 seconds"))?;
    Ok(Duration::from_secs_f64(seconds))
}
