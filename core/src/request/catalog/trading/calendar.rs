//! Calendar: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/calendar`: Get US Market Calendar.
///
/// Query: `start`, `end`, `date_type`.
pub const LEGACY_CALENDAR: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "LegacyCalendar",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/calendar",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "legacy_public_calendar_resp",
});

/// `GET /v3/calendar/{market}`: Get Market Calendar.
///
/// Query: `start`, `end`, `timezone`.
pub const CALENDAR: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "Calendar",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v3/calendar/{market}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "public_calendar_resp",
});
