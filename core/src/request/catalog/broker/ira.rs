//! IRA: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/accounts/ira_excess_contributions`: Retrieve Excess Contributions.
pub const LIST_IRA_EXCESS_CONTRITBUTIONS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "listIRAExcessContritbutions",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/ira_excess_contributions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[OvercontributedIRAAccount]",
});
