//! The answer: what it means, what it says about limits, and what it holds.

mod account;
mod api_error;
mod clock;
mod decimal;
mod head;
pub mod json;
pub mod json_shape;
mod outcome;
mod quote;
mod reply;
mod timestamp;
mod word;

pub use account::{Account, AccountStatus};
pub use api_error::ApiError;
pub use clock::Clock;
pub use decimal::{Decimal, DecimalError, FixedError, Rounding};
pub use head::{Limits, REQUEST_ID_MAX, ReplyHead, RequestId};
pub use outcome::{Context, CredentialRefusal, Outcome};
pub use quote::{LatestQuote, Quote};
pub use reply::{Refusal, Reply, ReplyError};
pub use timestamp::{Timestamp, TimestampError};
