//! Reporting: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/reporting/eod/aggregate_positions`: Retrieve Aggregate Positions.
///
/// Query: `date` (required), `symbols`, `firm_accounts`.
pub const GET_V1_REPORTING_EOD_AGGREGATE_POSITIONS: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-reporting-eod-aggregate_positions",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/reporting/eod/aggregate_positions",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "[AggregatePositionResponse]",
    });

/// `GET /v1/reporting/eod/cash_interest`: Retrieve EOD Cash Interest Details.
///
/// Query: `account_id`, `date`, `after`, `before`, `direction`, `page_size`, `page_token`.
pub const GET_V1_GET_EOD_CASH_INTEREST_REPORT: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-get-eod-cash-interest-report",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/reporting/eod/cash_interest",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "EoDCashInterestReportResponse",
    });

/// `GET /v1/reporting/eod/positions`: Retrieve EOD Positions.
///
/// Query: `account_id`, `asset`, `asof`, `page_token`, `limit`.
pub const GET_V1_REPORTING_EOD_POSITIONS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-reporting-eod-positions",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/reporting/eod/positions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "object",
});
