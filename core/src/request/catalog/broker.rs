//! Requests of the Broker API.

use super::super::{Effect, Method, Operation, ReadOperation, ReadRequest, Replay};
use crate::endpoint::{ApiKind, Broker};

const GET_ALL_ACCOUNTS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAllAccounts",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Account]",
});

/// `GET /v1/accounts`: the partner's customer accounts.
#[must_use]
pub const fn accounts() -> ReadRequest<'static, Broker> {
    GET_ALL_ACCOUNTS.plain()
}
