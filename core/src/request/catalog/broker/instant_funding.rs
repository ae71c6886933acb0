//! Instant Funding: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/instant_funding`: Get Instant Funding List.
///
/// Query: `sort_by`, `sort_order`, `limit`, `offset`, `system_date`, `deadline`, `status`, `before`.
pub const GET_V1_INSTANT_FUNDING_LIST: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-instant-funding-list",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/instant_funding",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[InstantFunding]",
});

/// `POST /v1/instant_funding`: Create an instant funding request.
///
/// Body: `CreateIFTransferRequest`.
pub const POST_V1_INSTANT_FUNDING: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "post-v1-instant-funding",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/instant_funding",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "InstantFunding",
});

/// `GET /v1/instant_funding/limits`: Get instant funding limits.
pub const GET_V1_INSTANT_FUNDING_CORRESPONDENT_LIMITS: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-instant-funding-correspondent-limits",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/instant_funding/limits",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "CorrespondentLimit",
    });

/// `GET /v1/instant_funding/limits/accounts`: Get instant funding account limits.
///
/// Query: `account_numbers` (required).
pub const GET_V1_INSTANT_FUNDING_ACCOUNT_LIMITS: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-instant-funding-account-limits",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/instant_funding/limits/accounts",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "[AccountLimit]",
    });

/// `GET /v1/instant_funding/reports`: Get instant funding report.
///
/// Query: `report_type`, `system_date`.
pub const GET_V1_INSTANT_FUNDING_REPORTS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-instant-funding-reports",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/instant_funding/reports",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[ReportsResponse]",
});

/// `GET /v1/instant_funding/settlements`: List settlements.
///
/// Query: `statuses`.
pub const GET_V1_INSTANT_FUNDING_SETTLEMENTS: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-instant-funding-settlements",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/instant_funding/settlements",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "SettlementsResponse",
    });

/// `POST /v1/instant_funding/settlements`: Create a new settlement.
///
/// Body: `CreateSettlementRequest`.
pub const POST_V1_INSTANT_FUNDING_SETTLEMENTS: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "post-v1-instant-funding-settlements",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/instant_funding/settlements",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "SettlementResponse",
    });

/// `GET /v1/instant_funding/settlements/{settlement_id}`: Get a single settlement.
pub const GET_V1_INSTANT_FUNDING_SETTLEMENTS_SINGLE: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-instant-funding-settlements-single",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/instant_funding/settlements/{settlement_id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "SettlementResponse",
    });

/// `GET /v1/instant_funding/{instant_funding_id}`: Get an instant funding request.
pub const GET_V1_INSTANT_FUNDING_SINGLE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-instant-funding-single",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/instant_funding/{instant_funding_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "InstantFunding",
});

/// `DELETE /v1/instant_funding/{instant_funding_id}`: Cancel an instant funding request.
pub const DELETE_V1_INSTANT_FUNDING_SINGLE: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "delete-v1-instant-funding-single",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/instant_funding/{instant_funding_id}",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[204],
        reply: "",
    });
