//! Events: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2beta1/events/activities`: Subscribe to Activity Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`.
pub const SUBSCRIBE_TO_ACTIVITIES_SSE: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "subscribeToActivitiesSSE",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2beta1/events/activities",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});
