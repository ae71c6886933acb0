//! Rebalancing: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/rebalancing/portfolios`: List Portfolios.
///
/// Query: `name`, `description`, `symbol`, `portfolio_id`, `status`.
pub const GET_V1_REBALANCING_PORTFOLIOS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-rebalancing-portfolios",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/rebalancing/portfolios",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Portfolio]",
});

/// `POST /v1/rebalancing/portfolios`: Create Portfolio.
///
/// Body: `object`.
pub const POST_V1_REBALANCING_PORTFOLIOS: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "post-v1-rebalancing-portfolios",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/rebalancing/portfolios",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "Portfolio",
    });

/// `GET /v1/rebalancing/portfolios/{portfolio_id}`: Get Portfolio by ID.
pub const GET_V1_REBALANCING_PORTFOLIOS_PORTFOLIO_ID: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-rebalancing-portfolios-portfolio_id",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/rebalancing/portfolios/{portfolio_id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "Portfolio",
    });

/// `PATCH /v1/rebalancing/portfolios/{portfolio_id}`: Update Portfolio by ID.
///
/// Body: `object`.
pub const PATCH_V1_REBALANCING_PORTFOLIOS_PORTFOLIO_ID: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "patch-v1-rebalancing-portfolios-portfolio_id",
        api: ApiKind::Broker,
        method: Method::Patch,
        path: "/v1/rebalancing/portfolios/{portfolio_id}",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "Portfolio",
    });

/// `DELETE /v1/rebalancing/portfolios/{portfolio_id}`: Inactivate Portfolio By ID.
pub const DELETE_V1_REBALANCING_PORTFOLIOS_PORTFOLIO_ID: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "delete-v1-rebalancing-portfolios-portfolio_id",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/rebalancing/portfolios/{portfolio_id}",
        replay: Replay::Safe,
        effect: Effect::Changes,
        authenticated: true,
        success: &[204],
        reply: "",
    });

/// `GET /v1/rebalancing/runs`: List All Runs.
///
/// Query: `account_id`, `status`, `type`, `page_token`, `limit`.
pub const GET_V1_REBALANCING_RUNS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-rebalancing-runs",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/rebalancing/runs",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "object",
});

/// `POST /v1/rebalancing/runs`: Create Run (Manual rebalancing event).
///
/// Body: `object`.
pub const POST_V1_REBALANCING_RUNS: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "post-v1-rebalancing-runs",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/rebalancing/runs",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "",
});

/// `GET /v1/rebalancing/runs/{run_id}`: Get Run by ID.
pub const GET_V1_REBALANCING_RUNS_RUN_ID: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-rebalancing-runs-run_id",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/rebalancing/runs/{run_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "PortfolioRun",
});

/// `DELETE /v1/rebalancing/runs/{run_id}`: Cancel Run by ID.
pub const DELETE_V1_REBALANCING_RUNS_RUN_ID: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "delete-v1-rebalancing-runs-run_id",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/rebalancing/runs/{run_id}",
        replay: Replay::Safe,
        effect: Effect::Changes,
        authenticated: true,
        success: &[204],
        reply: "",
    });

/// `GET /v1/rebalancing/subscriptions`: List All Subscriptions.
///
/// Query: `account_id`, `portfolio_id`, `page_token`, `limit`.
pub const GET_V1_REBALANCING_SUBSCRIPTIONS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-rebalancing-subscriptions",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/rebalancing/subscriptions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "object",
});

/// `POST /v1/rebalancing/subscriptions`: Create Subscription.
///
/// Body: `object`.
pub const POST_V1_REBALANCING_SUBSCRIPTIONS: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "post-v1-rebalancing-subscriptions",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/rebalancing/subscriptions",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "PortfolioSubscription",
    });

/// `GET /v1/rebalancing/subscriptions/{subscription_id}`: Get Subscription by ID.
pub const GET_V1_REBALANCING_SUBSCRIPTIONS_SUBSCRIPTION_ID: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "get-v1-rebalancing-subscriptions-subscription_id",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/rebalancing/subscriptions/{subscription_id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "PortfolioSubscription",
    });

/// `DELETE /v1/rebalancing/subscriptions/{subscription_id}`: Unsubscribe Account (Delete Subscription).
pub const DELETE_V1_REBALANCING_SUBSCRIPTIONS_SUBSCRIPTION_ID: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "delete-v1-rebalancing-subscriptions-subscription_id",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/rebalancing/subscriptions/{subscription_id}",
        replay: Replay::Safe,
        effect: Effect::Changes,
        authenticated: true,
        success: &[204],
        reply: "",
    });
