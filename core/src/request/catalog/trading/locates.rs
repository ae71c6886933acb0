//! Locates: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/locates`: List Locates.
///
/// Query: `page_token`, `limit`, `status`, `symbol`, `start`, `end`.
pub const LIST_LOCATES: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "listLocates",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v1/locates",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "ListLocatesResponse",
});

/// `POST /v1/locates`: Create Locate.
///
/// Body: `CreateLocateRequest`.
pub const CREATE_LOCATES: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "createLocates",
    api: ApiKind::Trading,
    method: Method::Post,
    path: "/v1/locates",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[201],
    reply: "Locate",
});

/// `GET /v1/locates/quotes`: Get Locate Quotes.
///
/// Query: `symbols` (required).
pub const LIST_LOCATE_QUOTES: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "listLocateQuotes",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v1/locates/quotes",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "ListLocateQuotesResponse",
});

/// `GET /v1/locates/{locate_id}`: Get Locate.
pub const GET_LOCATE: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getLocate",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v1/locates/{locate_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Locate",
});
