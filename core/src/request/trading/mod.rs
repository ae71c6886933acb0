//! Requests of the Trading API. [`catalog::trading`](super::catalog::trading) has all operations.
//!
//! ```
//! use alpaca_auth::request::trading::{ListOrders, Listed};
//! use alpaca_auth::request::{Direction, TargetBuffer};
//!
//! let mut target = TargetBuffer::<256>::new("/")?;
//! let list = ListOrders {
//!     status: Some(Listed::Closed),
//!     limit: Some(500),
//!     direction: Some(Direction::Ascending),
//!     symbols: &["AAPL", "BTC/USD"],
//!     ..ListOrders::default()
//! };
//! let request = list.request(&mut target)?;
//! let query = "status=closed&limit=500&direction=asc&symbols=AAPL%2CBTC%2FUSD";
//! assert_eq!(request.target(), format!("/v2/orders?{query}"));
//! # Ok::<(), alpaca_auth::request::RequestError>(())
//! ```

mod account;
mod asset;
mod market_time;
mod order;
mod position;

pub use account::{
    ListActivities, PortfolioHistory, account, change_configurations, configurations,
};
pub use asset::{ListAssets, asset};
pub use market_time::{Calendar, DateType, clock};
pub use order::{
    ListOrders, Listed, cancel_all_orders, cancel_order, open_orders, order,
    order_by_client_order_id, replace_order, submit, submit_order,
};
pub use position::{Portion, close_all_positions, close_position, position, positions};
