//! Assets: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/assets`: Retrieve All Assets.
///
/// Query: `status`, `asset_class`, `attributes`.
pub const GET_ASSETS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAssets",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/assets",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Asset]",
});

/// `GET /v1/assets/entry-requirements`: Retrieve Entry Requirements for requested assets.
///
/// Query: `symbols` (required).
pub const GET_ASSET_ENTRY_REQUIREMENTS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-asset-entry-requirements",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/assets/entry-requirements",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[AssetEntryRequirements]",
});

/// `GET /v1/assets/fixed_income/us_corporates`: Get US corporates.
///
/// Query: `bond_status`, `isins`, `cusips`, `tickers`.
pub const US_CORPORATES: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "UsCorporates",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/assets/fixed_income/us_corporates",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "us_corporates_resp",
});

/// `GET /v1/assets/fixed_income/us_treasuries`: Get US treasuries.
///
/// Query: `subtype`, `bond_status`, `cusips`, `isins`.
pub const US_TREASURIES: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "UsTreasuries",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/assets/fixed_income/us_treasuries",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "us_treasuries_resp",
});

/// `GET /v1/assets/{symbol_or_asset_id}`: Retrieve an Asset by ID.
pub const GET_ASSET_BY_SYMBOL_OR_ID: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAssetBySymbolOrId",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/assets/{symbol_or_asset_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Asset",
});

/// `GET /v1/options/contracts`: Get Option Contracts (BETA).
///
/// Query: `underlying_symbols`, `show_deliverables`, `status`, `expiration_date`, `expiration_date_gte`, `expiration_date_lte`, `root_symbol`, `type`, `style`, `strike_price_gte`, `strike_price_lte`, `page_token`, `limit`, `ppind`.
pub const GET_OPTIONS_CONTRACTS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-options-contracts",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/options/contracts",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "object",
});

/// `GET /v1/options/contracts/{symbol_or_id}`: Get an option contract by ID or Symbol (BETA).
pub const GET_OPTION_CONTRACT_SYMBOL_OR_ID: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-option-contract-symbol_or_id",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/options/contracts/{symbol_or_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "OptionContract",
});
