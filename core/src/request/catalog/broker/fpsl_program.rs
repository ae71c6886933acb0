//! FPSL Program: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/fpsl/analytics/{account_id}/loans`: Read FPSL Loans Analytics for an Account.
///
/// Query: `start`, `end`.
pub const GET_V1_FPSL_ANALYTICS_ACCOUNT_LOANS: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-fpsl-analytics-account-loans",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/fpsl/analytics/{account_id}/loans",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "FPSLAnalyticsLoansResponse",
    });

/// `GET /v1/fpsl/loans`: List FPSL Loans.
///
/// Query: `account_id`, `start`, `end`, `page_token`, `limit`.
pub const GET_V1_LIST_FPSL_LOANS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-list-fpsl-loans",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/fpsl/loans",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "ListFPSLLoansResponse",
});

/// `GET /v1/fpsl/tiers`: List FPSL Tiers.
pub const GET_V1_LIST_FPSL_TIERS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-list-fpsl-tiers",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/fpsl/tiers",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[FPSLTier]",
});
