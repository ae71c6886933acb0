//! Corporate actions: operations of the Market Data API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, DataStream, MarketData};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/corporate-actions`: Corporate actions.
///
/// Query: `symbols`, `cusips`, `types`, `region`, `start`, `end`, `ids`, `limit`, `data_quality`, `page_token`, `sort`.
pub const CORPORATE_ACTIONS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "CorporateActions",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1/corporate-actions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "corporate_actions_resp",
});

/// `GET /v1beta1/events/corporate-actions`: Subscribe to Corporate Actions Events (SSE).
///
/// Query: `type`, `region`, `since`, `until`, `since_id`, `until_id`.
pub const SUBSCRIBE_TO_CORPORATE_ACTIONS_EVENTS_SSE: ReadOperation<DataStream> =
    ReadOperation::of(&Operation {
        id: "SubscribeToCorporateActionsEventsSSE",
        api: ApiKind::DataStream,
        method: Method::Get,
        path: "/v1beta1/events/corporate-actions",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "text/event-stream",
    });
