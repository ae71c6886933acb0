//! Watchlist: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/trading/accounts/{account_id}/watchlists`: Retrieve all Watchlists for an Account.
pub const GET_ALL_WATCHLISTS_FOR_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAllWatchlistsForAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/trading/accounts/{account_id}/watchlists",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[WatchlistWithoutAsset]",
});

/// `POST /v1/trading/accounts/{account_id}/watchlists`: Create a New Watchlist for an Account.
///
/// Body: `CreateWatchlistRequest`.
pub const CREATE_WATCHLIST_FOR_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createWatchlistForAccount",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/trading/accounts/{account_id}/watchlists",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `GET /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}`: Manage watchlists.
pub const GET_WATCHLIST_FOR_ACCOUNT_BY_ID: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getWatchlistForAccountById",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/trading/accounts/{account_id}/watchlists/{watchlist_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Watchlist",
});

/// `POST /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}`: Add an Asset to a Watchlist.
///
/// Body: `object`.
pub const POST_V1_TRADING_ACCOUNTS_ACCOUNT_ID_WATCHLISTS_WATCHLIST_ID: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "post-v1-trading-accounts-account_id-watchlists-watchlist_id",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/trading/accounts/{account_id}/watchlists/{watchlist_id}",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "Watchlist",
    });

/// `PUT /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}`: Update a Watchlist.
///
/// Body: `CreateWatchlistRequest`.
pub const REPLACE_WATCHLIST_FOR_ACCOUNT_BY_ID: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "replaceWatchlistForAccountById",
        api: ApiKind::Broker,
        method: Method::Put,
        path: "/v1/trading/accounts/{account_id}/watchlists/{watchlist_id}",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "Watchlist",
    });

/// `DELETE /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}`: Remove a Watchlist.
pub const DELETE_WATCHLIST_FROM_ACCOUNT_BY_ID: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "deleteWatchlistFromAccountById",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/trading/accounts/{account_id}/watchlists/{watchlist_id}",
        replay: Replay::Safe,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "",
    });

/// `DELETE /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}/{symbol}`: Remove a Symbol from a Watchlist.
pub const DELETE_DELETE_V1_TRADING_ACCOUNTS_ACCOUNT_ID_WATCHLISTS_WATCHLIST_ID_SYMBOL:
    ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "delete-DELETE-v1-trading-accounts-account_id-watchlists-watchlist_id-symbol",
    api: ApiKind::Broker,
    method: Method::Delete,
    path: "/v1/trading/accounts/{account_id}/watchlists/{watchlist_id}/{symbol}",
    replay: Replay::Safe,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "",
});
