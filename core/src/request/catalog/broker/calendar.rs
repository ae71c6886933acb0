//! Calendar: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/calendar`: Get US Market Calendar.
///
/// Query: `start`, `end`, `date_type`.
pub const LEGACY_CALENDAR: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "LegacyCalendar",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/calendar",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "legacy_public_calendar_resp",
});

/// `GET /v1/clock`: Get US Market Clock.
pub const LEGACY_CLOCK: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "LegacyClock",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/clock",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "legacy_clock",
});

/// `GET /v2/calendar/{market}`: Get Market Calendar.
///
/// Query: `start`, `end`, `timezone`.
pub const CALENDAR: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "Calendar",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2/calendar/{market}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "public_calendar_resp",
});

/// `GET /v2/clock`: Get Market Clock.
///
/// Query: `markets`, `time`.
pub const CLOCK: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "Clock",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2/clock",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "clock_resp",
});
