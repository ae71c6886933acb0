//! Crypto Funding: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/accounts/{account_id}/wallets`: Retrieve Crypto Funding Wallets.
///
/// Query: `asset`, `chain`, `network`.
pub const LIST_CRYPTO_FUNDING_WALLETS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "listCryptoFundingWallets",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/wallets",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "CryptoWallet",
});

/// `GET /v1/accounts/{account_id}/wallets/transfers`: Retrieve Crypto Funding Transfers.
pub const LIST_CRYPTO_FUNDING_TRANSFERS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "listCryptoFundingTransfers",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/wallets/transfers",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "CryptoTransfer",
});

/// `POST /v1/accounts/{account_id}/wallets/transfers`: Request a New Withdrawal.
///
/// Body: `CreateCryptoTransferRequest`.
pub const CREATE_CRYPTO_TRANSFER_FOR_ACCOUNT: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "createCryptoTransferForAccount",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/accounts/{account_id}/wallets/transfers",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "CryptoTransfer",
    });

/// `GET /v1/accounts/{account_id}/wallets/transfers/{transfer_id}`: Retrieve a Crypto Funding Transfer.
pub const GET_CRYPTO_FUNDING_TRANSFER: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getCryptoFundingTransfer",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/wallets/transfers/{transfer_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "CryptoTransfer",
});

/// `GET /v1/accounts/{account_id}/wallets/whitelists`: An array of whitelisted addresses.
pub const LIST_WHITELISTED_ADDRESS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "listWhitelistedAddress",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/wallets/whitelists",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "WhitelistedAddress",
});

/// `POST /v1/accounts/{account_id}/wallets/whitelists`: Request a new whitelisted address.
///
/// Body: `object`.
pub const CREATE_WHITELISTED_ADDRESS: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createWhitelistedAddress",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/accounts/{account_id}/wallets/whitelists",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "WhitelistedAddress",
});

/// `DELETE /v1/accounts/{account_id}/wallets/whitelists/{whitelisted_address_id}`: Delete a whitelisted address.
pub const DELETE_WHITELISTED_ADDRESS: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "deleteWhitelistedAddress",
    api: ApiKind::Broker,
    method: Method::Delete,
    path: "/v1/accounts/{account_id}/wallets/whitelists/{whitelisted_address_id}",
    replay: Replay::Safe,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "",
});

/// `GET /v1/wallets/fees/estimate`: Returns the estimated gas fee for a proposed transaction.
///
/// Query: `asset`, `from_address`, `to_address`, `amount`.
pub const GET_CRYPTO_TRANSFER_ESTIMATE: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getCryptoTransferEstimate",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/wallets/fees/estimate",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "object",
});
