//! Assets: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/assets`: Get Assets.
///
/// Query: `status`, `asset_class`, `exchange`, `attributes`.
pub const GET_V2_ASSETS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "get-v2-assets",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/assets",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Assets]",
});

/// `GET /v2/assets/{symbol_or_asset_id}`: Get an Asset by ID or Symbol.
pub const GET_V2_ASSETS_SYMBOL_OR_ASSET_ID: ReadOperation<Trading> =
    ReadOperation::of(&Operation {
        id: "get-v2-assets-symbol_or_asset_id",
        api: ApiKind::Trading,
        method: Method::Get,
        path: "/v2/assets/{symbol_or_asset_id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "Assets",
    });

/// `GET /v2/options/contracts`: Get Option Contracts.
///
/// Query: `underlying_symbols`, `show_deliverables`, `status`, `expiration_date`, `expiration_date_gte`, `expiration_date_lte`, `root_symbol`, `type`, `style`, `strike_price_gte`, `strike_price_lte`, `page_token`, `limit`, `ppind`.
pub const GET_OPTIONS_CONTRACTS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "get-options-contracts",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/options/contracts",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "OptionContractsResponse",
});

/// `GET /v2/options/contracts/{symbol_or_id}`: Get an option contract by ID or Symbol.
pub const GET_OPTION_CONTRACT_SYMBOL_OR_ID: ReadOperation<Trading> =
    ReadOperation::of(&Operation {
        id: "get-option-contract-symbol_or_id",
        api: ApiKind::Trading,
        method: Method::Get,
        path: "/v2/options/contracts/{symbol_or_id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "OptionContract",
    });
