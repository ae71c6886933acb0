//! Account Activities: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/account/activities`: Retrieve Account Activities.
///
/// Query: `activity_types`, `category`, `order_id`, `date`, `until`, `after`, `direction`, `page_size`, `page_token`.
pub const GET_ACCOUNT_ACTIVITIES: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getAccountActivities",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/account/activities",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[object]",
});

/// `GET /v2/account/activities/{activity_type}`: Retrieve Account Activities of Specific Type.
///
/// Query: `order_id`, `date`, `until`, `after`, `direction`, `page_size`, `page_token`.
pub const GET_ACCOUNT_ACTIVITIES_BY_ACTIVITY_TYPE: ReadOperation<Trading> =
    ReadOperation::of(&Operation {
        id: "getAccountActivitiesByActivityType",
        api: ApiKind::Trading,
        method: Method::Get,
        path: "/v2/account/activities/{activity_type}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "[object]",
    });
