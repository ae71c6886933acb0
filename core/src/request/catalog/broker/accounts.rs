//! Accounts: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/accounts`: Get All Accounts.
///
/// Query: `query`, `created_after`, `created_before`, `status`, `sort`, `entities`.
pub const GET_ALL_ACCOUNTS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAllAccounts",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[AccountExtended]",
});

/// `POST /v1/accounts`: Create an Account.
///
/// Body: `AccountCreationRequest`.
pub const CREATE_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createAccount",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/accounts",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "Account",
});

/// `GET /v1/accounts/activities`: Retrieve Account Activities.
///
/// Query: `account_id`, `activity_types`, `category`, `order_id`, `date`, `until`, `after`, `direction`, `page_size`, `page_token`.
pub const GET_ACCOUNT_ACTIVITIES: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAccountActivities",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/activities",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Activity]",
});

/// `GET /v1/accounts/activities/{activity_type}`: Retrieve Account Activities of Specific Type.
///
/// Query: `account_id`, `order_id`, `date`, `until`, `after`, `direction`, `page_size`, `page_token`.
pub const GET_ACCOUNT_ACTIVITIES_BY_TYPE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAccountActivitiesByType",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/activities/{activity_type}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Activity]",
});

/// `GET /v1/accounts/options/approvals`: Retrieve options level approval requests (BETA).
///
/// Query: `account_id`, `requested_level`, `approved_level`, `status`, `page_size`, `page_token`.
pub const REQUEST_LIST_OPTIONS_APPROVALS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "requestListOptionsApprovals",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/options/approvals",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "OptionsApprovalsList",
});

/// `GET /v1/accounts/{account_id}`: Get An Account by ID.
pub const GET_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "AccountExtended",
});

/// `PATCH /v1/accounts/{account_id}`: Update an Account.
///
/// Body: `AccountUpdateRequest`.
pub const PATCH_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "patchAccount",
    api: ApiKind::Broker,
    method: Method::Patch,
    path: "/v1/accounts/{account_id}",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "AccountExtended",
});

/// `POST /v1/accounts/{account_id}/actions/close`: Close an Account.
pub const POST_V1_ACCOUNTS_ACCOUNT_ID_ACTIONS_CLOSE: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "post-v1-accounts-account_id-actions-close",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/accounts/{account_id}/actions/close",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[204],
        reply: "",
    });

/// `POST /v1/accounts/{account_id}/options/approval`: Request options trading for an account (BETA).
///
/// Body: `OptionsApprovalRequest`.
pub const REQUEST_OPTIONS_FOR_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "requestOptionsForAccount",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/accounts/{account_id}/options/approval",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "OptionsApprovalResponse",
});

/// `GET /v1/trading/accounts/{account_id}/account`: Retrieve Trading Details for an Account.
pub const GET_TRADING_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getTradingAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/trading/accounts/{account_id}/account",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "TradeAccount",
});

/// `GET /v2beta1/accounts/{account_id}/events/activities/{event_id}`: Get a single activity (V2) event by event_id ULID.
pub const GET_ACCOUNT_ACTIVITY_EVENT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAccountActivityEvent",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2beta1/accounts/{account_id}/events/activities/{event_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});
