//! Trading: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/accounts/positions`: Bulk Fetch All Accounts Positions.
///
/// Query: `page`.
///
/// Alpaca calls it deprecated.
pub const GET_V1_ACCOUNTS_POSITIONS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-accounts-positions",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/accounts/positions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "object",
});

/// `PATCH /v1/trading/accounts/{account_id}/account/configurations`: Update Trading Configurations for an Account.
///
/// Body: `AccountConfigurations`.
pub const PATCH_PATCH_V1_TRADING_ACCOUNTS_ACCOUNT_ID_ACCOUNT_CONFIGURATIONS: ChangeOperation<
    Broker,
> = ChangeOperation::of(&Operation {
    id: "patch-PATCH-v1-trading-accounts-account_id-account-configurations",
    api: ApiKind::Broker,
    method: Method::Patch,
    path: "/v1/trading/accounts/{account_id}/account/configurations",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[200],
    reply: "AccountConfigurations",
});

/// `GET /v1/trading/accounts/{account_id}/limits`: Retrieve real-time Trading Limits for an Account.
pub const GET_V1_ACCOUNT_TRADING_LIMITS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "get-v1-account-trading-limits",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/trading/accounts/{account_id}/limits",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "AccountTradingLimit",
});

/// `GET /v1/trading/accounts/{account_id}/orders`: Retrieve a List of Orders.
///
/// Query: `status`, `limit`, `asset_class`, `after`, `until`, `direction`, `nested`, `symbols`, `qty_above`, `qty_below`, `subtag`.
pub const GET_ALL_ORDERS_FOR_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getAllOrdersForAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/trading/accounts/{account_id}/orders",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Order]",
});

/// `POST /v1/trading/accounts/{account_id}/orders`: Create an Order for an Account.
///
/// Body: `CreateOrderRequest`.
pub const CREATE_ORDER_FOR_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "createOrderForAccount",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/trading/accounts/{account_id}/orders",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "Order",
});

/// `DELETE /v1/trading/accounts/{account_id}/orders`: Cancel all Open Orders For an Account.
pub const DELETE_ALL_ORDERS_FOR_ACCOUNT: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "deleteAllOrdersForAccount",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/trading/accounts/{account_id}/orders",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[207],
        reply: "[OrderClosedResponse]",
    });

/// `POST /v1/trading/accounts/{account_id}/orders/estimation`: Estimate an Order.
///
/// Body: `object`.
pub const GET_V1_TRADING_ACCOUNTS_ACCOUNT_ID_ORDERS_ESTIMATION: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "get-v1-trading-accounts-account_id-orders-estimation",
        api: ApiKind::Broker,
        method: Method::Post,
        path: "/v1/trading/accounts/{account_id}/orders/estimation",
        replay: Replay::Never,
        effect: Effect::Changes,
        authenticated: true,
        success: &[200],
        reply: "Order",
    });

/// `GET /v1/trading/accounts/{account_id}/orders/{order_id}`: Retrieve an Order by its ID.
pub const GET_ORDER_FOR_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getOrderForAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/trading/accounts/{account_id}/orders/{order_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Order",
});

/// `PATCH /v1/trading/accounts/{account_id}/orders/{order_id}`: Replace an Order.
///
/// Body: `UpdateOrderRequest`.
pub const REPLACE_ORDER_FOR_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "replaceOrderForAccount",
    api: ApiKind::Broker,
    method: Method::Patch,
    path: "/v1/trading/accounts/{account_id}/orders/{order_id}",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "Order",
});

/// `DELETE /v1/trading/accounts/{account_id}/orders/{order_id}`: Cancel an Open Order.
pub const DELETE_ORDER_FOR_ACCOUNT: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "deleteOrderForAccount",
    api: ApiKind::Broker,
    method: Method::Delete,
    path: "/v1/trading/accounts/{account_id}/orders/{order_id}",
    replay: Replay::Safe,
    effect: Effect::Changes,
    authenticated: true,
    success: &[204],
    reply: "",
});

/// `GET /v1/trading/accounts/{account_id}/orders:by_client_order_id`: Retrieves a single order specified by the client order ID.
///
/// Query: `client_order_id` (required).
pub const GET_ORDER_BY_CLIENT_ORDER_ID_FOR_ACCOUNT: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "getOrderByClientOrderIdForAccount",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/trading/accounts/{account_id}/orders:by_client_order_id",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "Order",
    });

/// `GET /v1/trading/accounts/{account_id}/positions`: List Open Positions for an Account.
pub const GET_POSITIONS_FOR_ACCOUNT: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getPositionsForAccount",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/trading/accounts/{account_id}/positions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Position]",
});

/// `DELETE /v1/trading/accounts/{account_id}/positions`: Close All Positions for an Account.
///
/// Query: `cancel_orders`.
pub const CLOSE_ALL_POSITIONS_FOR_ACCOUNT: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "closeAllPositionsForAccount",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/trading/accounts/{account_id}/positions",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[207],
        reply: "[PositionClosedResponse]",
    });

/// `GET /v1/trading/accounts/{account_id}/positions/{symbol_or_asset_id}`: Get an Open Position for account by Symbol or AssetId.
pub const GET_POSITIONS_FOR_ACCOUNT_BY_SYMBOL: ReadOperation<Broker> =
    ReadOperation::of(&Operation {
        id: "getPositionsForAccountBySymbol",
        api: ApiKind::Broker,
        method: Method::Get,
        path: "/v1/trading/accounts/{account_id}/positions/{symbol_or_asset_id}",
        replay: Replay::Safe,
        effect: Effect::Reads,
        authenticated: true,
        success: &[200],
        reply: "Position",
    });

/// `DELETE /v1/trading/accounts/{account_id}/positions/{symbol_or_asset_id}`: Close a Position for an Account.
///
/// Query: `qty`, `percentage`.
pub const CLOSE_POSITION_FOR_ACCOUNT_BY_SYMBOL: ChangeOperation<Broker> =
    ChangeOperation::of(&Operation {
        id: "closePositionForAccountBySymbol",
        api: ApiKind::Broker,
        method: Method::Delete,
        path: "/v1/trading/accounts/{account_id}/positions/{symbol_or_asset_id}",
        replay: Replay::Never,
        effect: Effect::MovesMoney,
        authenticated: true,
        success: &[200],
        reply: "Order",
    });

/// `POST /v1/trading/accounts/{account_id}/positions/{symbol_or_contract_id}/do-not-exercise`: Do Not Exercise an Options Position.
///
/// Body: `DoNotExerciseRequest`.
pub const OPTION_DO_NOT_EXERCISE: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "optionDoNotExercise",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/trading/accounts/{account_id}/positions/{symbol_or_contract_id}/do-not-exercise",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "DoNotExerciseResponse",
});

/// `POST /v1/trading/accounts/{account_id}/positions/{symbol_or_contract_id}/exercise`: Exercise an Options Position.
///
/// Body: `ExerciseRequest`.
pub const OPTION_EXERCISE: ChangeOperation<Broker> = ChangeOperation::of(&Operation {
    id: "optionExercise",
    api: ApiKind::Broker,
    method: Method::Post,
    path: "/v1/trading/accounts/{account_id}/positions/{symbol_or_contract_id}/exercise",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "ExerciseResponse",
});
