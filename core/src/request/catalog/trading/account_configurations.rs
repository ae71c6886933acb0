//! Account Configurations: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/account/configurations`: Get Account Configurations.
pub const GET_ACCOUNT_CONFIG: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getAccountConfig",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/account/configurations",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "AccountConfigurations",
});

/// `PATCH /v2/account/configurations`: Account Configurations.
///
/// Body: `AccountConfigurations`.
pub const PATCH_ACCOUNT_CONFIG: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "patchAccountConfig",
    api: ApiKind::Trading,
    method: Method::Patch,
    path: "/v2/account/configurations",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "AccountConfigurations",
});
