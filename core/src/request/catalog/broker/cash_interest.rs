//! Cash Interest: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/cash_interest/apr_tiers`: List APR Tiers.
pub const GET_V1_LIST_APR_TIERS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-list-apr-tiers",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/cash_interest/apr_tiers",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "ListAPRTiersResponse",
});
