//! Crypto Funding: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/wallets`: Retrieve Crypto Funding Wallets.
///
/// Query: `asset`, `chain`, `network`.
pub const LIST_CRYPTO_FUNDING_WALLETS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "listCryptoFundingWallets",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/wallets",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "CryptoWallet",
});

/// `GET /v2/wallets/fees/estimate`: Returns the estimated gas fee for a proposed transaction.
///
/// Query: `asset`, `from_address`, `to_address`, `amount`.
pub const GET_CRYPTO_TRANSFER_ESTIMATE: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getCryptoTransferEstimate",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/wallets/fees/estimate",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "WalletFeeEstimateResponse",
});

/// `GET /v2/wallets/transfers`: Retrieve Crypto Funding Transfers.
pub const LIST_CRYPTO_FUNDING_TRANSFERS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "listCryptoFundingTransfers",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/wallets/transfers",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "CryptoTransfer",
});

/// `POST /v2/wallets/transfers`: Request a New Withdrawal.
///
/// Body: `CreateCryptoTransferRequest`.
///
/// Alpaca calls it deprecated.
pub const CREATE_CRYPTO_TRANSFER_FOR_ACCOUNT: ChangeOperation<Trading> =
    ChangeOperation::of(&Operation {
        id: "createCryptoTransferForAccount",
        api: ApiKind::Trading,
        method: Method::Post,
        path: "/v2/wallets/transfers",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "CryptoTransfer",
    });

/// `GET /v2/wallets/transfers/{transfer_id}`: Retrieve a Crypto Funding Transfer.
pub const GET_CRYPTO_FUNDING_TRANSFER: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getCryptoFundingTransfer",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/wallets/transfers/{transfer_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "CryptoTransfer",
});

/// `GET /v2/wallets/whitelists`: An array of whitelisted addresses.
pub const LIST_WHITELISTED_ADDRESS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "listWhitelistedAddress",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/wallets/whitelists",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "WhitelistedAddress",
});

/// `POST /v2/wallets/whitelists`: Request a new whitelisted address.
///
/// Body: `CreateWhitelistedAddressRequest`.
pub const CREATE_WHITELISTED_ADDRESS: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "createWhitelistedAddress",
    api: ApiKind::Trading,
    method: Method::Post,
    path: "/v2/wallets/whitelists",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "WhitelistedAddress",
});

/// `DELETE /v2/wallets/whitelists/{whitelisted_address_id}`: Delete a whitelisted address.
pub const DELETE_WHITELISTED_ADDRESS: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "deleteWhitelistedAddress",
    api: ApiKind::Trading,
    method: Method::Delete,
    path: "/v2/wallets/whitelists/{whitelisted_address_id}",
    replay: Replay::Safe,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "",
});
