//! Tokenization: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `POST /v2/tokenization/mint`: Mint a Tokenized Asset.
///
/// Body: `TokenizationMintRequest`.
pub const POST_TOKENIZATION_MINT: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "postTokenizationMint",
    api: ApiKind::Trading,
    method: Method::Post,
    path: "/v2/tokenization/mint",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "TokenizationMintResponse",
});

/// `GET /v2/tokenization/requests`: List Tokenization Requests.
///
/// Query: `type`, `status`, `underlying_symbol`, `issuer`, `network`, `after`, `before`.
pub const GET_TOKENIZATION_REQUESTS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getTokenizationRequests",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/tokenization/requests",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[TokenizationRequest]",
});

/// `GET /v2/tokenization/requests/{tokenization_request_id}`: Get Tokenization Request by ID.
pub const GET_TOKENIZATION_REQUEST: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getTokenizationRequest",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/tokenization/requests/{tokenization_request_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "TokenizationRequest",
});

/// `GET /v2/tokenization/requests:by_client_request_id`: Get Tokenization Request by `client_request_id`.
///
/// Query: `client_request_id` (required).
pub const GET_TOKENIZATION_REQUEST_BY_CLIENT_REQUEST_ID: ReadOperation<Trading> =
    ReadOperation::of(&Operation {
        id: "getTokenizationRequestByClientRequestID",
        api: ApiKind::Trading,
        method: Method::Get,
        path: "/v2/tokenization/requests:by_client_request_id",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "TokenizationRequest",
    });
