//! Orders: operations of the Trading API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Trading};
use crate::request::{ChangeOperation, Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v2/orders`: Get All Orders.
///
/// Query: `status`, `limit`, `after`, `until`, `direction`, `nested`, `symbols`, `side`, `asset_class`, `before_order_id`, `after_order_id`.
pub const GET_ALL_ORDERS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getAllOrders",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/orders",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Order]",
});

/// `POST /v2/orders`: Create an Order.
///
/// Body: `CreateOrderRequest`.
pub const POST_ORDER: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "postOrder",
    api: ApiKind::Trading,
    method: Method::Post,
    path: "/v2/orders",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "Order",
});

/// `DELETE /v2/orders`: Delete All Orders.
pub const DELETE_ALL_ORDERS: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "deleteAllOrders",
    api: ApiKind::Trading,
    method: Method::Delete,
    path: "/v2/orders",
    replay: Replay::Never,
    effect: Effect::Changes,
    authenticated: true,
    success: &[207],
    reply: "[CanceledOrderResponse]",
});

/// `GET /v2/orders/{order_id}`: Get Order by ID.
///
/// Query: `nested`.
pub const GET_ORDER_BY_ORDER_ID: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getOrderByOrderID",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/orders/{order_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Order",
});

/// `PATCH /v2/orders/{order_id}`: Replace Order by ID.
///
/// Body: `PatchOrderRequest`.
pub const PATCH_ORDER_BY_ORDER_ID: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "patchOrderByOrderId",
    api: ApiKind::Trading,
    method: Method::Patch,
    path: "/v2/orders/{order_id}",
    replay: Replay::Never,
    effect: Effect::MovesMoney,
    authenticated: true,
    success: &[200],
    reply: "Order",
});

/// `DELETE /v2/orders/{order_id}`: Delete Order by ID.
pub const DELETE_ORDER_BY_ORDER_ID: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
    id: "deleteOrderByOrderID",
    api: ApiKind::Trading,
    method: Method::Delete,
    path: "/v2/orders/{order_id}",
    replay: Replay::Safe,
    effect: Effect::Changes,
    authenticated: true,
    success: &[204],
    reply: "",
});

/// `GET /v2/orders:by_client_order_id`: Get Order by Client Order ID.
///
/// Query: `client_order_id` (required).
pub const GET_ORDER_BY_CLIENT_ORDER_ID: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getOrderByClientOrderId",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/orders:by_client_order_id",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Order",
});
