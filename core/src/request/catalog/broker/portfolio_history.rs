//! Portfolio History: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/trading/accounts/{account_id}/account/portfolio/history`: Get Account Portfolio History.
///
/// Query: `period`, `timeframe`, `intraday_reporting`, `start`, `pnl_reset`, `end`, `extended_hours`, `cashflow_types`.
pub const GET_V1_TRADING_ACCOUNTS_ACCOUNT_ID_ACCOUNT_PORTFOLIO_HISTORY: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-trading-accounts-account_id-account-portfolio-history",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/trading/accounts/{account_id}/account/portfolio/history",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "PortfolioHistory",
    });
