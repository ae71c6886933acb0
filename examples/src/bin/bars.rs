//! Reads 10,000 bars, page after page, in memory for one, and draws their closes as a line.
//!
//! With keys in the environment it asks Alpaca's data API; without, the built-in sandbox.

use std::ops::ControlFlow;
use std::process::ExitCode;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::MarketData;
use alpaca_auth::environment::Paper;
use alpaca_auth::listing::{Listed, Listing};
use alpaca_auth::request::TargetBuffer;
use alpaca_auth::request::market_data::{self, History};
use alpaca_auth::response::{Bar, Element, Place, Rounding};
use alpaca_auth_examples::{Arguments, Failure, Reach, keys_in_environment};
use alpaca_auth_ureq::paper_from_env;
use alpaca_sandbox::Sandbox;

const USAGE: &str = "\
usage: bars [SYMBOL] [--count N] [--page N] [--timeframe 1Min] [--start TIME]
            [--transport ureq|embedded-tls] [--connect HOST:PORT --ca FILE.pem]
  keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY; without them a sandbox answers
  --count      how many bars (default: 10000)
  --page       how many the server sends at once, at most 10000 (default: 1000)
  --timeframe  what one bar spans (default: 1Min)
  --start      the first, RFC 3339 or YYYY-MM-DD (default: 2024-01-02)
  --transport  what moves the bytes (default: ureq)
  --connect    another server, for example a loopback; --ca trusts its CA and no other";

/// Columns of the line.
const COLUMNS: usize = 64;
/// Prices are counted in ten thousandths.
const PLACES: u32 = 4;
/// Pages that a list may have: a server that sends one bar a page is not waited for.
const PAGES: u32 = 500;

struct Wanted {
    symbol: String,
    count: u64,
    page: u16,
    timeframe: String,
    start: String,
}

/// All that is kept of the bars. It does not grow.
struct Line {
    wanted: u64,
    seen: u64,
    /// Sum and number of the closes in each column.
    columns: [(i128, i128); COLUMNS],
    lowest: i128,
    highest: i128,
    unread: u64,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bars: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let reach = Reach::from(&mut arguments)?;
    let wanted = Wanted {
        count: number(&mut arguments, "--count", 10_000)?,
        page: number(&mut arguments, "--page", 1000)?,
        timeframe: arguments
            .value("--timeframe")?
            .unwrap_or_else(|| "1Min".to_owned()),
        start: arguments
            .value("--start")?
            .unwrap_or_else(|| "2024-01-02".to_owned()),
        symbol: arguments.rest().unwrap_or_else(|| "AAPL".to_owned()),
    };
    arguments.end(USAGE)?;

    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    if keys_in_environment() {
        return draw(&reach, paper_from_env(&mut slot)?, &wanted);
    }
    if reach.is_elsewhere() {
        let usage = "--connect needs keys: set APCA_API_KEY_ID and APCA_API_SECRET_KEY";
        return Err(Failure::Usage(usage.to_owned()));
    }
    let sandbox = Sandbox::start().map_err(Failure::Sandbox)?;
    eprintln!("No keys in the environment: asking the built-in sandbox over HTTPS.");
    let pair = slot
        .paper(alpaca_sandbox::PAPER_KEY_ID, alpaca_sandbox::PAPER_SECRET)
        .map_err(|error| Failure::Call(error.into()))?;
    let reach = reach.to_loopback(sandbox.data_port(), sandbox.ca_pem());
    draw(&reach, pair, &wanted)
}

fn draw(reach: &Reach, pair: &KeyPair<Paper>, wanted: &Wanted) -> Result<(), Failure> {
    let (mut element, mut refusal, mut next) = ([0; 256], [0; 512], [0; 1024]);
    let mut listing =
        Listing::new(Place::Under("bars"), &mut element, &mut refusal, &mut next).at_most(PAGES);
    let memory = size_of_val(&listing) + 256 + 512 + 1024 + size_of::<Line>();

    let mut first = TargetBuffer::<256>::new("/").map_err(|error| Failure::Call(error.into()))?;
    let page = History {
        start: Some(&wanted.start),
        limit: Some(wanted.page),
        ..History::default()
    };
    let request =
        market_data::stock_bars(&mut first, &wanted.symbol, &wanted.timeframe, None, &page)
            .map_err(|error| Failure::Call(error.into()))?;
    let endpoint = reach.endpoint::<MarketData, Paper>()?;
    let mut line = Line::of(wanted.count);
    let listed = reach.list(&request, &endpoint, pair, &mut listing, |item| {
        match item {
            Ok(element) => line.take(&element),
            Err(_) => line.unread += 1,
        }
        if line.seen >= line.wanted {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    line.print(wanted, listed, memory);
    Ok(())
}

impl Line {
    const fn of(wanted: u64) -> Self {
        Self {
            wanted,
            seen: 0,
            columns: [(0, 0); COLUMNS],
            lowest: i128::MAX,
            highest: i128::MIN,
            unread: 0,
        }
    }

    fn take(&mut self, element: &Element<'_>) {
        let close = element
            .json::<Bar<'_>>()
            .ok()
            .and_then(|bar| bar.close.to_fixed_rounded(PLACES, Rounding::HalfEven).ok());
        let Some(close) = close else {
            self.unread += 1;
            return;
        };
        let at = self.seen * COLUMNS as u64 / self.wanted.max(1);
        if let Some((sum, number)) = usize::try_from(at)
            .ok()
            .and_then(|at| self.columns.get_mut(at))
        {
            *sum += close;
            *number += 1;
        }
        (self.lowest, self.highest) = (self.lowest.min(close), self.highest.max(close));
        self.seen += 1;
    }

    fn print(&self, wanted: &Wanted, listed: Listed, memory: usize) {
        let means = || {
            self.columns
                .iter()
                .filter(|(_, n)| *n > 0)
                .map(|(sum, n)| sum / n)
        };
        let (low, high) = (means().min().unwrap_or(0), means().max().unwrap_or(0));
        let marks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let drawn: String = means()
            .map(|mean| {
                let step = (mean - low) * 7 / (high - low).max(1);
                usize::try_from(step)
                    .ok()
                    .and_then(|step| marks.get(step))
                    .copied()
                    .unwrap_or(' ')
            })
            .collect();
        println!("{drawn}");
        let price = |units: i128| format!("{}.{:04}", units / 10_000, units % 10_000);
        if self.seen > 0 {
            println!(
                "{} {} closes, {} to {}",
                wanted.symbol,
                self.seen,
                price(self.lowest),
                price(self.highest)
            );
        }
        println!(
            "{} bars on {} pages, read in {memory} bytes",
            listed.elements, listed.pages
        );
        if self.unread > 0 {
            println!("{} elements were no bars of at most 256 bytes", self.unread);
        }
    }
}

fn number<T: std::str::FromStr>(
    arguments: &mut Arguments,
    name: &str,
    default: T,
) -> Result<T, Failure> {
    match arguments.value(name)?.map(|text| text.parse()) {
        None => Ok(default),
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) => Err(Failure::Usage(format!("{name} must be a number\n{USAGE}"))),
    }
}
