//! Watchlists: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/watchlists`: Get All Watchlists.
pub const GET_WATCHLISTS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getWatchlists",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/watchlists",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[WatchlistWithoutAsset]",
});

/// `POST /v2/watchlists`: Create Watchlist.
///
/// Body: `CreateWatchlistRequest`.
pub const POST_WATCHLIST: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "postWatchlist",
    api: ApiKind::Trading,
    method: Method::Post,
    path: "/v2/watchlists",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `GET /v2/watchlists/{watchlist_id}`: Get Watchlist by ID.
pub const GET_WATCHLIST_BY_ID: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getWatchlistById",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/watchlists/{watchlist_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `POST /v2/watchlists/{watchlist_id}`: Add Asset to Watchlist.
///
/// Body: `AddAssetToWatchlistRequest`.
pub const ADD_ASSET_TO_WATCHLIST: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "addAssetToWatchlist",
    api: ApiKind::Trading,
    method: Method::Post,
    path: "/v2/watchlists/{watchlist_id}",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `PUT /v2/watchlists/{watchlist_id}`: Update Watchlist By Id.
///
/// Body: `UpdateWatchlistRequest`.
pub const UPDATE_WATCHLIST_BY_ID: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "updateWatchlistById",
    api: ApiKind::Trading,
    method: Method::Put,
    path: "/v2/watchlists/{watchlist_id}",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `DELETE /v2/watchlists/{watchlist_id}`: Delete Watchlist By Id.
pub const DELETE_WATCHLIST_BY_ID: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "deleteWatchlistById",
    api: ApiKind::Trading,
    method: Method::Delete,
    path: "/v2/watchlists/{watchlist_id}",
    replay: Replay::Safe,
    effect: Effect::Changes,
    authenticated: true,
    success: &[204],
    reply: "",
});

/// `DELETE /v2/watchlists/{watchlist_id}/{symbol}`: Delete Symbol from Watchlist.
pub const REMOVE_ASSET_FROM_WATCHLIST: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "removeAssetFromWatchlist",
    api: ApiKind::Trading,
    method: Method::Delete,
    path: "/v2/watchlists/{watchlist_id}/{symbol}",
    replay: Replay::Safe,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `GET /v2/watchlists:by_name`: Get Watchlist by Name.
///
/// Query: `name` (required).
pub const GET_WATCHLIST_BY_NAME: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getWatchlistByName",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/watchlists:by_name",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `POST /v2/watchlists:by_name`: Add Asset to Watchlist By Name.
///
/// Query: `name` (required).
///
/// Body: `AddAssetToWatchlistRequest`.
pub const ADD_ASSET_TO_WATCHLIST_BY_NAME: ChangeOperation<Trading> =
    ChangeOperation::of(&Operation {
        id: "addAssetToWatchlistByName",
        api: ApiKind::Trading,
        method: Method::Post,
        path: "/v2/watchlists:by_name",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "Watchlist",
    });

/// `PUT /v2/watchlists:by_name`: Update Watchlist By Name.
///
/// Query: `name` (required).
///
/// Body: `UpdateWatchlistRequest`.
pub const UPDATE_WATCHLIST_BY_NAME: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "updateWatchlistByName",
    api: ApiKind::Trading,
    method: Method::Put,
    path: "/v2/watchlists:by_name",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `DELETE /v2/watchlists:by_name`: Delete Watchlist By Name.
///
/// Query: `name` (required).
pub const DELETE_WATCHLIST_BY_NAME: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "deleteWatchlistByName",
    api: ApiKind::Trading,
    method: Method::Delete,
    path: "/v2/watchlists:by_name",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[204],
    reply: "",
});
