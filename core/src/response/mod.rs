//! The answer: what it means, what it says about limits, and what it holds.

mod account;
mod activity;
mod api_error;
mod asset;
mod bar;
mod broker_account;
mod calendar;
mod clock;
mod configurations;
mod decimal;
mod element;
mod head;
mod history;
mod journal;
pub mod json;
pub mod json_shape;
mod news;
mod order;
mod outcome;
mod position;
mod quote;
mod reply;
mod snapshot;
mod timestamp;
mod trade;
mod transfer;
mod word;

pub use account::{Account, AccountStatus};
pub use activity::Activity;
pub use api_error::ApiError;
pub use asset::{Asset, AssetStatus};
pub use bar::{Bar, Bars, BarsBySymbol, LatestBar};
pub use broker_account::BrokerAccount;
pub use calendar::CalendarDay;
pub use clock::Clock;
pub use configurations::AccountConfigurations;
pub use decimal::{Decimal, DecimalError, FixedError, Rounding};
pub use element::{
    Element, ElementError, ElementReader, ElementTooLong, Item, PAGE_TOKEN_MAX, Page, PageError,
    PageToken, Pages, Place, SYMBOL_MAX,
};
pub use head::{Limits, REQUEST_ID_MAX, ReplyHead, RequestId};
pub use history::PortfolioHistory;
pub use journal::{Journal, JournalStatus};
pub use news::{News, NewsItem};
pub use order::{AssetClass, Order, OrderClass, OrderStatus, OrderType, Side, TimeInForce};
pub use outcome::{Context, CredentialRefusal, Outcome};
pub use position::{Position, PositionSide};
pub use quote::{LatestQuote, Quote};
pub use reply::{Refusal, Reply, ReplyError};
pub use snapshot::{Snapshot, Snapshots};
pub use timestamp::{Timestamp, TimestampError};
pub use trade::{CryptoLatestTrades, LatestTrade, Trade};
pub use transfer::{Transfer, TransferDirection, TransferStatus};
