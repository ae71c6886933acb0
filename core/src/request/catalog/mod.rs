//! Every operation of Alpaca's OpenAPI files, as constants. A program links those that it names.
//!
//! The modules [`trading`](super::trading), [`market_data`](super::market_data) and
//! [`broker`](super::broker) have typed requests for the frequent ones. For all others this is the
//! way: values for the path, a query, and a JSON body where one is taken.
//!
//! ```
//! use alpaca_auth::request::catalog::trading::watchlists;
//! use alpaca_auth::request::{Effect, Replay, TargetBuffer};
//!
//! let mut target = TargetBuffer::<128>::new("/")?;
//! let list = "3174d6df-7726-44b4-a5bd-7fda5ae6e009";
//! let request = watchlists::GET_WATCHLIST_BY_ID.request(&mut target, &[list], &[])?;
//! assert_eq!(request.target(), "/v2/watchlists/3174d6df-7726-44b4-a5bd-7fda5ae6e009");
//!
//! let add = watchlists::ADD_ASSET_TO_WATCHLIST_BY_NAME;
//! let request = add.request(&mut target, &[], &[("name", "tech & more")])?;
//! let request = request.with_json(br#"{"symbol":"AAPL"}"#);
//! assert_eq!(request.target(), "/v2/watchlists:by_name?name=tech%20%26%20more");
//! assert_eq!((request.replay(), add.operation().effect), (Replay::Never, Effect::Changes));
//! # Ok::<(), alpaca_auth::request::RequestError>(())
//! ```
//!
//! Effects are decided by rules in the generator: what is not known to be harmless counts as
//! moving money. Query names and bodies stand in each constant's documentation.

pub mod broker;
pub mod market_data;
pub mod trading;
