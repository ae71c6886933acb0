//! Events: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/events/accounts/status`: Subscribe to Account Status Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`, `since_ulid`, `until_ulid`, `id`.
pub const SUSCRIBE_TO_ACCOUNT_STATUS_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "suscribeToAccountStatusSSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/events/accounts/status",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});

/// `GET /v1/events/journals/status`: Subscribe to Journal Events (SSE) (Legacy).
///
/// Query: `since`, `until`, `since_id`, `until_id`, `since_ulid`, `until_ulid`, `id`.
pub const SUBSCRIBE_TO_JOURNAL_STATUS_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "subscribeToJournalStatusSSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/events/journals/status",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});

/// `GET /v1/events/nta`: Subscribe to Non-Trading Activities Events (SSE).
///
/// Query: `id`, `since`, `until`, `since_id`, `until_id`, `since_ulid`, `until_ulid`, `include_preprocessing`, `group_id`.
pub const GET_V1_EVENTS_NTA: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-events-nta",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/events/nta",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "NonTradeActivityEvent",
});

/// `GET /v1/events/transfers/status`: Subscribe to Transfer Events (SSE) (Legacy).
///
/// Query: `since`, `until`, `since_id`, `until_id`, `since_ulid`, `until_ulid`.
///
/// Alpaca calls it deprecated.
pub const SUBSCRIBE_TO_TRANSFER_STATUS_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "subscribeToTransferStatusSSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/events/transfers/status",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});

/// `GET /v2/events/admin-actions`: Subscribe to Admin Action Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`.
pub const SUBSCRIBE_TO_ADMIN_ACTION_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "subscribeToAdminActionSSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2/events/admin-actions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});

/// `GET /v2/events/funding/status`: Subscribe to Funding Status Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`.
pub const SUBSCRIBE_TO_FUNDING_STATUS_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "subscribeToFundingStatusSSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2/events/funding/status",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});

/// `GET /v2/events/ipos`: Subscribe to IPO Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`.
pub const SUBSCRIBE_TO_IPO_EVENTS_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "subscribeToIPOEventsSSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2/events/ipos",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});

/// `GET /v2/events/journals/status`: Subscribe to Journal Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`, `id`.
pub const SUBSCRIBE_TO_JOURNAL_STATUS_V2_SSE: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "subscribeToJournalStatusV2SSE",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v2/events/journals/status",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "text/event-stream",
    });

/// `GET /v2/events/system`: Subscribe to System Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`.
pub const SUBSCRIBE_TO_SYSTEM_EVENT_V2_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "subscribeToSystemEventV2SSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2/events/system",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});

/// `GET /v2/events/trades`: Subscribe to Trade Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`.
pub const SUBSCRIBE_TO_TRADE_V2_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "subscribeToTradeV2SSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2/events/trades",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});

/// `GET /v2beta1/events/activities`: Subscribe to Activity Events (SSE).
///
/// Query: `since`, `until`, `since_id`, `until_id`.
pub const SUBSCRIBE_TO_ACTIVITIES_SSE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "subscribeToActivitiesSSE",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v2beta1/events/activities",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "text/event-stream",
});
