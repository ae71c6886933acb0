//! Operations of the Trading API, grouped as Alpaca groups them.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

pub mod account_activities;
pub mod account_configurations;
pub mod accounts;
pub mod assets;
pub mod calendar;
pub mod clock;
pub mod corporate_actions;
pub mod crypto_funding;
pub mod events;
pub mod locates;
pub mod orders;
pub mod portfolio_history;
pub mod positions;
pub mod tokenization;
pub mod watchlists;

use crate::request::Operation;

/// All 57 of them, in the order of their paths. Linked only where it is used.
pub const ALL: &[&Operation] = &[
    locates::LIST_LOCATES.operation(),
    locates::CREATE_LOCATES.operation(),
    locates::LIST_LOCATE_QUOTES.operation(),
    locates::GET_LOCATE.operation(),
    accounts::GET_ACCOUNT.operation(),
    account_activities::GET_ACCOUNT_ACTIVITIES.operation(),
    account_activities::GET_ACCOUNT_ACTIVITIES_BY_ACTIVITY_TYPE.operation(),
    account_configurations::GET_ACCOUNT_CONFIG.operation(),
    account_configurations::PATCH_ACCOUNT_CONFIG.operation(),
    portfolio_history::GET_ACCOUNT_PORTFOLIO_HISTORY.operation(),
    assets::GET_V2_ASSETS.operation(),
    assets::GET_V2_ASSETS_SYMBOL_OR_ASSET_ID.operation(),
    calendar::LEGACY_CALENDAR.operation(),
    clock::LEGACY_CLOCK.operation(),
    corporate_actions::GET_V2_CORPORATE_ACTIONS_ANNOUNCEMENTS.operation(),
    corporate_actions::GET_V2_CORPORATE_ACTIONS_ANNOUNCEMENTS_ID.operation(),
    assets::GET_OPTIONS_CONTRACTS.operation(),
    assets::GET_OPTION_CONTRACT_SYMBOL_OR_ID.operation(),
    orders::GET_ALL_ORDERS.operation(),
    orders::POST_ORDER.operation(),
    orders::DELETE_ALL_ORDERS.operation(),
    orders::GET_ORDER_BY_ORDER_ID.operation(),
    orders::PATCH_ORDER_BY_ORDER_ID.operation(),
    orders::DELETE_ORDER_BY_ORDER_ID.operation(),
    orders::GET_ORDER_BY_CLIENT_ORDER_ID.operation(),
    positions::GET_ALL_OPEN_POSITIONS.operation(),
    positions::DELETE_ALL_OPEN_POSITIONS.operation(),
    positions::GET_OPEN_POSITION.operation(),
    positions::DELETE_OPEN_POSITION.operation(),
    positions::OPTION_DO_NOT_EXERCISE.operation(),
    positions::OPTION_EXERCISE.operation(),
    tokenization::POST_TOKENIZATION_MINT.operation(),
    tokenization::GET_TOKENIZATION_REQUESTS.operation(),
    tokenization::GET_TOKENIZATION_REQUEST.operation(),
    tokenization::GET_TOKENIZATION_REQUEST_BY_CLIENT_REQUEST_ID.operation(),
    crypto_funding::LIST_CRYPTO_FUNDING_WALLETS.operation(),
    crypto_funding::GET_CRYPTO_TRANSFER_ESTIMATE.operation(),
    crypto_funding::LIST_CRYPTO_FUNDING_TRANSFERS.operation(),
    crypto_funding::CREATE_CRYPTO_TRANSFER_FOR_ACCOUNT.operation(),
    crypto_funding::GET_CRYPTO_FUNDING_TRANSFER.operation(),
    crypto_funding::LIST_WHITELISTED_ADDRESS.operation(),
    crypto_funding::CREATE_WHITELISTED_ADDRESS.operation(),
    crypto_funding::DELETE_WHITELISTED_ADDRESS.operation(),
    watchlists::GET_WATCHLISTS.operation(),
    watchlists::POST_WATCHLIST.operation(),
    watchlists::GET_WATCHLIST_BY_ID.operation(),
    watchlists::ADD_ASSET_TO_WATCHLIST.operation(),
    watchlists::UPDATE_WATCHLIST_BY_ID.operation(),
    watchlists::DELETE_WATCHLIST_BY_ID.operation(),
    watchlists::REMOVE_ASSET_FROM_WATCHLIST.operation(),
    watchlists::GET_WATCHLIST_BY_NAME.operation(),
    watchlists::ADD_ASSET_TO_WATCHLIST_BY_NAME.operation(),
    watchlists::UPDATE_WATCHLIST_BY_NAME.operation(),
    watchlists::DELETE_WATCHLIST_BY_NAME.operation(),
    events::SUBSCRIBE_TO_ACTIVITIES_SSE.operation(),
    calendar::CALENDAR.operation(),
    clock::CLOCK.operation(),
];
