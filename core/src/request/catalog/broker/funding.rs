//! Funding: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/accounts/{account_id}/ach_relationships`: Retrieve ACH Relationships for an account.
///
/// Query: `statuses`.
pub const GET_ACCOUNT_ACH_RELATIONSHIPS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAccountACHRelationships",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/ach_relationships",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[ACHRelationship]",
});

/// `POST /v1/accounts/{account_id}/ach_relationships`: Create an ACH Relationship.
///
/// Body: `CreateACHRelationshipRequest`.
pub const CREATE_ACH_RELATIONSHIP_FOR_ACCOUNT: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "createACHRelationshipForAccount",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/accounts/{account_id}/ach_relationships",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "ACHRelationship",
    });

/// `DELETE /v1/accounts/{account_id}/ach_relationships/{ach_relationship_id}`: Delete an existing ACH relationship.
pub const DELETE_ACH_RELATIONSHIP_FROM_ACCOUNT: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "deleteACHRelationshipFromAccount",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/accounts/{account_id}/ach_relationships/{ach_relationship_id}",
        replay: Replay::Safe,
        effect: Effect::Changes,
        authenticated: true,
        success: &[204],
        reply: "",
    });

/// `GET /v1/accounts/{account_id}/recipient_banks`: Retrieve Bank Relationships for an Account.
///
/// Query: `status`, `bank_name`.
pub const GET_RECIPIENT_BANKS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getRecipientBanks",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/recipient_banks",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Bank]",
});

/// `POST /v1/accounts/{account_id}/recipient_banks`: Create a Bank Relationship for an Account.
///
/// Body: `CreateBankRequest`.
pub const CREATE_RECIPIENT_BANK: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createRecipientBank",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/accounts/{account_id}/recipient_banks",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "Bank",
});

/// `DELETE /v1/accounts/{account_id}/recipient_banks/{bank_id}`: Delete a Bank Relationship for an Account.
pub const DELETE_RECIPIENT_BANK: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "deleteRecipientBank",
    api: ApiKind::Broker,
    method: Method::Delete,
    path: "/v1/accounts/{account_id}/recipient_banks/{bank_id}",
    replay: Replay::Safe,
    effect: Effect::Changes,
    authenticated: true,
    success: &[204],
    reply: "",
});

/// `GET /v1/accounts/{account_id}/transfers`: Retrieve List of Transfers for an Account.
///
/// Query: `direction`, `limit`, `offset`.
pub const GET_TRANSFERS_FOR_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getTransfersForAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/transfers",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Transfer]",
});

/// `POST /v1/accounts/{account_id}/transfers`: Request a New Transfer.
///
/// Body: `CreateTransferRequest`.
pub const CREATE_TRANSFER_FOR_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createTransferForAccount",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/accounts/{account_id}/transfers",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "Transfer",
});

/// `DELETE /v1/accounts/{account_id}/transfers/{transfer_id}`: Request to Close a Transfer.
pub const DELETE_TRANSFER: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "deleteTransfer",
    api: ApiKind::Broker,
    method: Method::Delete,
    path: "/v1/accounts/{account_id}/transfers/{transfer_id}",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "",
});

/// `GET /v1/jit/settlements`: List all JIT Settlements.
///
/// Query: `statuses`.
pub const GET_V1_JIT_SETTLEMENTS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-jit-settlements",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/jit/settlements",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "SettlementsResponse",
});

/// `POST /v1/jit/settlements`: Create a new JIT settlement.
///
/// Body: `CreateJITSettlementRequest`.
pub const POST_V1_JIT_SETTLEMENTS: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "post-v1-jit-settlements",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/jit/settlements",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "SettlementResponse",
});

/// `GET /v1/jit/settlements/{settlement_id}`: Get a single JIT settlement.
pub const GET_V1_JIT_SETTLEMENTS_SINGLE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-jit-settlements-single",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/jit/settlements/{settlement_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "SettlementResponse",
});

/// `GET /v1/transfers/jit/ledgers`: Retrieve JIT Ledgers.
pub const GET_V1_TRANSFERS_JIT_LEDGERS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-transfers-jit-ledgers",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/transfers/jit/ledgers",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[JITLedgerAccount]",
});

/// `GET /v1/transfers/jit/limits`: Retrieve Daily Trading Limits.
pub const GET_V1_TRANSFERS_JIT_LIMITS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-transfers-jit-limits",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/transfers/jit/limits",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "DailyTradingLimit",
});

/// `GET /v1/transfers/jit/reports`: Retrieve JIT Reports.
///
/// Query: `report_type` (required), `system_date` (required), `asset_class`, `response_type`.
pub const GET_V1_TRANSFERS_JIT_REPORTS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-transfers-jit-reports",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/transfers/jit/reports",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "object",
});

/// `GET /v1/transfers/jit/{ledger_id}/balances`: Retrieve JIT Ledger Balances.
///
/// Query: `start_date`, `end_date`.
pub const GET_V1_TRANSFERS_JIT_LEDGER_ID_BALANCES: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-transfers-jit-ledger_id-balances",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/transfers/jit/{ledger_id}/balances",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "object",
    });
