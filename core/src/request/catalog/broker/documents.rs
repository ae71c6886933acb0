//! Documents: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/accounts/{account_id}/documents`: Retrieve a List of Account Documents.
///
/// Query: `start`, `end`, `type`.
pub const GET_DOCS_FOR_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getDocsForAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/documents",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[AccountDocument]",
});

/// `POST /v1/accounts/{account_id}/documents/upload`: Upload Owner Documents for an Existing Account.
///
/// Body: `[OwnerDocumentUploadRequest]`.
pub const UPLOAD_DOC_TO_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "uploadDocToAccount",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/accounts/{account_id}/documents/upload",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[204],
    reply: "",
});

/// `GET /v1/accounts/{account_id}/documents/w8ben/{document_id}/download`: Download the W8BEN document for the primary owner of an account.
///
/// It answers by a redirect, which no transport here follows.
pub const GET_V1_ACCOUNTS_ACCOUNT_ID_DOCUMENTS_W8BEN_DOCUMENT_ID_DOWNLOAD: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-accounts-account_id-documents-w8ben-document_id-download",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/accounts/{account_id}/documents/w8ben/{document_id}/download",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[301],
        reply: "",
    });

/// `GET /v1/accounts/{account_id}/documents/{document_id}/download`: Download an Account Document.
///
/// It answers by a redirect, which no transport here follows.
pub const DOWNLOAD_DOC_FROM_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "downloadDocFromAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/{account_id}/documents/{document_id}/download",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[301],
    reply: "",
});
