//! Positions: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/positions`: All Open Positions.
pub const GET_ALL_OPEN_POSITIONS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getAllOpenPositions",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/positions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Position]",
});

/// `DELETE /v2/positions`: Close All Positions.
///
/// Query: `cancel_orders`.
pub const DELETE_ALL_OPEN_POSITIONS: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "deleteAllOpenPositions",
    api: ApiKind::Trading,
    method: Method::Delete,
    path: "/v2/positions",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[207],
    reply: "[PositionClosedReponse]",
});

/// `GET /v2/positions/{symbol_or_asset_id}`: Get an Open Position.
pub const GET_OPEN_POSITION: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getOpenPosition",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/positions/{symbol_or_asset_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Position",
});

/// `DELETE /v2/positions/{symbol_or_asset_id}`: Close a Position.
///
/// Query: `qty`, `percentage`.
pub const DELETE_OPEN_POSITION: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "deleteOpenPosition",
    api: ApiKind::Trading,
    method: Method::Delete,
    path: "/v2/positions/{symbol_or_asset_id}",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "Order",
});

/// `POST /v2/positions/{symbol_or_contract_id}/do-not-exercise`: Do Not Exercise an Options Position.
pub const OPTION_DO_NOT_EXERCISE: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "optionDoNotExercise",
    api: ApiKind::Trading,
    method: Method::Post,
    path: "/v2/positions/{symbol_or_contract_id}/do-not-exercise",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "",
});

/// `POST /v2/positions/{symbol_or_contract_id}/exercise`: Exercise an Options Position.
pub const OPTION_EXERCISE: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "optionExercise",
    api: ApiKind::Trading,
    method: Method::Post,
    path: "/v2/positions/{symbol_or_contract_id}/exercise",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "",
});
