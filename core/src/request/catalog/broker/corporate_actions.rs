//! Corporate Actions: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/corporate_actions/announcements`: Retrieve Announcements.
///
/// Query: `ca_types` (required), `since` (required), `until` (required), `symbol`, `cusip`, `date_type`.
///
/// Alpaca calls it deprecated.
pub const GET_CORPORATE_ANNOUNCEMENTS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getCorporateAnnouncements",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/corporate_actions/announcements",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Announcement]",
});

/// `GET /v1/corporate_actions/announcements/{id}`: Retrieve a Specific Announcement.
///
/// Alpaca calls it deprecated.
pub const GET_GET_V1_CORPORATE_ACTIONS_ANNOUNCEMENTS_ID: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-GET-v1-corporate_actions-announcements-id",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/corporate_actions/announcements/{id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "",
    });
