//! Funding Wallets: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `POST /v1beta/accounts/funding_wallet`: Batch create funding wallets.
///
/// Body: `BatchCreateFundingWalletRequest`.
pub const BATCH_CREATE_FUNDING_WALLETS: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "batchCreateFundingWallets",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1beta/accounts/funding_wallet",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "BatchCreateFundingWalletResponse",
});

/// `GET /v1beta/accounts/{account_id}/funding_wallet`: Retrieve funding wallet.
pub const GET_FUNDING_WALLET: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getFundingWallet",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1beta/accounts/{account_id}/funding_wallet",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "FundingWallet",
});

/// `POST /v1beta/accounts/{account_id}/funding_wallet`: Creates a funding wallet.
pub const CREATE_FUNDING_WALLET: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createFundingWallet",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1beta/accounts/{account_id}/funding_wallet",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "FundingWallet",
});

/// `GET /v1beta/accounts/{account_id}/funding_wallet/funding_details`: Retrieve funding details.
///
/// Query: `payment_type`, `currency`.
pub const LIST_FUNDING_DETAILS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "listFundingDetails",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1beta/accounts/{account_id}/funding_wallet/funding_details",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[ListFundingDetails]",
});

/// `GET /v1beta/accounts/{account_id}/funding_wallet/recipient_bank`: Retrieve recipient bank.
pub const GET_FUNDING_WALLET_RECIPIENT_BANK: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "getFundingWalletRecipientBank",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1beta/accounts/{account_id}/funding_wallet/recipient_bank",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "",
    });

/// `POST /v1beta/accounts/{account_id}/funding_wallet/recipient_bank`: Create a recipient bank.
///
/// Body: `object`.
pub const CREATE_FUNDING_WALLET_RECIPIENT_BANK: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "createFundingWalletRecipientBank",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1beta/accounts/{account_id}/funding_wallet/recipient_bank",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "FundingWalletRecipientBank",
    });

/// `DELETE /v1beta/accounts/{account_id}/funding_wallet/recipient_bank`: Delete a recipient bank.
pub const DELETE_FUNDING_WALLET_RECIPIENT_BANK: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "deleteFundingWalletRecipientBank",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1beta/accounts/{account_id}/funding_wallet/recipient_bank",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "",
    });

/// `GET /v1beta/accounts/{account_id}/funding_wallet/transfers`: Retrieve funding wallet transfers.
pub const GET_FUNDING_WALLET_TRANSFERS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getFundingWalletTransfers",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1beta/accounts/{account_id}/funding_wallet/transfers",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "ListTransfersResponse",
});

/// `GET /v1beta/accounts/{account_id}/funding_wallet/transfers/{transfer_id}`: Retrieve funding wallet transfer by ID.
pub const GET_FUNDING_WALLET_TRANSFER_BY_ID: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "getFundingWalletTransferByID",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1beta/accounts/{account_id}/funding_wallet/transfers/{transfer_id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "FundingWalletTransfer",
    });

/// `POST /v1beta/accounts/{account_id}/funding_wallet/withdrawal`: Create a withdrawal.
///
/// Body: `CreateFundingWalletWithdrawalRequest`.
pub const CREATE_FUNDING_WALLET_WITHDRAWAL: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "createFundingWalletWithdrawal",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1beta/accounts/{account_id}/funding_wallet/withdrawal",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "FundingWalletTransfer",
    });

/// `POST /v1beta/demo/banking/funding`: Create sandbox deposit transfer.
///
/// Body: `DemoFundingTransfer`.
pub const DEMO_DEPOSIT_FUNDING: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "demoDepositFunding",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1beta/demo/banking/funding",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "DemoFundingTransfer",
});
