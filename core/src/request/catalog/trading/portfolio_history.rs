//! Portfolio History: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/account/portfolio/history`: Get Account Portfolio History.
///
/// Query: `period`, `timeframe`, `intraday_reporting`, `start`, `pnl_reset`, `end`, `extended_hours`, `cashflow_types`.
pub const GET_ACCOUNT_PORTFOLIO_HISTORY: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getAccountPortfolioHistory",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/account/portfolio/history",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "PortfolioHistory",
});
