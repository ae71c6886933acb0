//! Corporate Actions: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/corporate_actions/announcements`: Retrieve Announcements.
///
/// Query: `ca_types` (required), `since` (required), `until` (required), `symbol`, `cusip`, `date_type`.
///
/// Alpaca calls it deprecated.
pub const GET_V2_CORPORATE_ACTIONS_ANNOUNCEMENTS: ReadOperation<Trading> =
    ReadOperation::of(&Operation {
        id: "get-v2-corporate_actions-announcements",
        api: ApiKind::Trading,
        method: Method::Get,
        path: "/v2/corporate_actions/announcements",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "[CorporateAnnouncement]",
    });

/// `GET /v2/corporate_actions/announcements/{id}`: Retrieve a Specific Announcement.
///
/// Alpaca calls it deprecated.
pub const GET_V2_CORPORATE_ACTIONS_ANNOUNCEMENTS_ID: ReadOperation<Trading> =
    ReadOperation::of(&Operation {
        id: "get-v2-corporate_actions-announcements-id",
        api: ApiKind::Trading,
        method: Method::Get,
        path: "/v2/corporate_actions/announcements/{id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "CorporateAnnouncement",
    });
