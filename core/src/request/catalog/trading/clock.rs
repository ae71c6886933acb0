//! Clock: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/clock`: Get US Market Clock.
pub const LEGACY_CLOCK: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "LegacyClock",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/clock",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "legacy_clock",
});

/// `GET /v3/clock`: Get Market Clock.
///
/// Query: `markets`, `time`.
pub const CLOCK: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "Clock",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v3/clock",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "clock_resp",
});
