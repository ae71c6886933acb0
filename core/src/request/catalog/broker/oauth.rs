//! OAuth: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `POST /v1/oauth/authorize`: Authorize an OAuth Token.
///
/// Body: `OAuthTokenRequest`.
pub const AUTHORIZE_O_AUTH_TOKEN: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "authorizeOAuthToken",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/oauth/authorize",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "AuthorizeOAuthTokenResponse",
});

/// `GET /v1/oauth/clients/{client_id}`: Get an OAuth client.
///
/// Query: `response_type`, `redirect_uri`, `scope`.
pub const GET_O_AUTH_CLIENT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getOAuthClient",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/oauth/clients/{client_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "OathClientResponse",
});

/// `POST /v1/oauth/token`: Issue an OAuth token.
///
/// Body: `OAuthTokenRequest`.
pub const ISSUE_O_AUTH_TOKEN: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "issueOAuthToken",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/oauth/token",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "IssueOAuthTokenResponse",
});
