//! Tokenization: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `POST /v1/accounts/{account_id}/tokenization/callback/mint`: Confirm Tokenized Asset Minted.
///
/// Body: `TokenizationMintCallback`.
pub const POST_TOKENIZATION_CALLBACK_MINT: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "postTokenizationCallbackMint",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/accounts/{account_id}/tokenization/callback/mint",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "TokenizationRequest",
    });

/// `POST /v1/accounts/{account_id}/tokenization/callback/redeem`: Redeem a Tokenized Asset.
///
/// Body: `TokenizationRedeemRequest`.
pub const POST_TOKENIZATION_REDEEM: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "postTokenizationRedeem",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/accounts/{account_id}/tokenization/callback/redeem",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "TokenizationRedeemResponse",
});

/// `POST /v1/accounts/{account_id}/tokenization/mint`: Mint a Tokenized Asset.
///
/// Body: `TokenizationMintRequest`.
pub const POST_TOKENIZATION_MINT_BROKER: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "postTokenizationMintBroker",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/accounts/{account_id}/tokenization/mint",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "TokenizationMintResponse",
    });

/// `GET /v1/accounts/{account_id}/tokenization/requests`: List Tokenization Requests.
///
/// Query: `type`, `status`, `underlying_symbol`, `issuer`, `network`, `after`, `before`.
pub const GET_TOKENIZATION_REQUESTS_BROKER: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getTokenizationRequestsBroker",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/tokenization/requests",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[TokenizationRequest]",
});

/// `GET /v1/accounts/{account_id}/tokenization/requests/{tokenization_request_id}`: Get Tokenization Request by ID.
pub const GET_TOKENIZATION_REQUEST_BY_ID_BROKER: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "getTokenizationRequestByIDBroker",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/accounts/{account_id}/tokenization/requests/{tokenization_request_id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "TokenizationRequest",
    });

/// `GET /v1/accounts/{account_id}/tokenization/requests:by_client_request_id`: Get Tokenization Request by `client_request_id`.
///
/// Query: `client_request_id` (required).
pub const GET_TOKENIZATION_REQUEST_BY_CLIENT_REQUEST_ID_BROKER: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "getTokenizationRequestByClientRequestIDBroker",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/accounts/{account_id}/tokenization/requests:by_client_request_id",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "TokenizationRequest",
    });

/// `GET /v1/accounts/{account_id}/tokenization/requests:by_issuer_request_id`: Get Tokenization Request by `issuer_request_id`.
///
/// Query: `issuer_request_id` (required).
pub const GET_TOKENIZATION_REQUEST_BY_ISSUER_REQUEST_ID_BROKER: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "getTokenizationRequestByIssuerRequestIDBroker",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/accounts/{account_id}/tokenization/requests:by_issuer_request_id",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "TokenizationRequest",
    });
