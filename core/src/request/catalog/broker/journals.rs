//! Journals: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/journals`: Retrieve a List Journals.
///
/// Query: `after`, `before`, `status`, `entry_type`, `to_account`, `from_account`, `limit`.
pub const GET_ALL_JOURNALS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAllJournals",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/journals",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Journal]",
});

/// `POST /v1/journals`: Create a Journal.
///
/// Body: `CreateJournalRequest`.
pub const CREATE_JOURNAL: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createJournal",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/journals",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "Journal",
});

/// `POST /v1/journals/batch`: Create a Batch Journal Transaction (One-to-Many).
///
/// Body: `BatchJournalRequest`.
pub const CREATE_BATCH_JOURNAL: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createBatchJournal",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/journals/batch",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "[BatchJournalResponse]",
});

/// `POST /v1/journals/reverse_batch`: Create a Reverse Batch Journal Transaction (Many-to-One).
///
/// Body: `ReverseBatchJournalRequest`.
pub const POST_V1_JOURNALS_REVERSE_BATCH: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "post-v1-journals-reverse_batch",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/journals/reverse_batch",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "[BatchJournalResponse]",
    });

/// `GET /v1/journals/{journal_id}`: Retrieve a Single Journal Entry.
pub const GET_V1_JOURNALS_JOURNAL_ID: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-journals-journal_id",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/journals/{journal_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Journal",
});

/// `DELETE /v1/journals/{journal_id}`: Cancel a Pending Journal.
pub const DELETE_JOURNAL_BY_ID: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "deleteJournalById",
    api: ApiKind::Broker,
    method: Method::Delete,
    path: "/v1/journals/{journal_id}",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[204],
    reply: "",
});
