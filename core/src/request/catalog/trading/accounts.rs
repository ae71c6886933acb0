//! Accounts: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/account`: Get Account.
pub const GET_ACCOUNT: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getAccount",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/account",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Account",
});
