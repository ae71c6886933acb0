//! KYC: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/accounts/{account_id}/cip`: Retrieve CIP information.
pub const GET_V1_ACCOUNTS_ACCOUNT_ID_CIP: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-accounts-account_id-cip",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/cip",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "CIPInfo",
});

/// `POST /v1/accounts/{account_id}/cip`: Upload CIP information.
///
/// Body: `CIPInfo`.
pub const POST_V1_ACCOUNTS_ACCOUNT_ID_CIP: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "post-v1-accounts-account_id-cip",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/accounts/{account_id}/cip",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "",
    });

/// `PATCH /v1/accounts/{account_id}/onfido/sdk`: Update the Onfido SDK Outcome.
///
/// Body: `object`.
pub const PATCH_V1_ACCOUNTS_ACCOUNT_ID_ONFIDO_SDK: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "patch-v1-accounts-account_id-onfido-sdk",
        api: ApiKind::Broker,
        method: Method::Patch,
        path: "/v1/accounts/{account_id}/onfido/sdk",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "",
    });

/// `GET /v1/accounts/{account_id}/onfido/sdk/tokens`: Retrieve an Onfido SDK Token.
///
/// Query: `referrer`, `platform`.
pub const GET_V1_ACCOUNTS_ACCOUNT_ID_ONFIDO_SDK_TOKENS: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-accounts-account_id-onfido-sdk-tokens",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/accounts/{account_id}/onfido/sdk/tokens",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "object",
    });
