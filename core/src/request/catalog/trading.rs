//! Requests of the Trading API.

use super::super::{
    ChangeOperation, Effect, Method, Operation, ReadOperation, ReadRequest, Replay, Request,
    RequestError, TargetBuffer,
};
use crate::endpoint::{ApiKind, Trading};

const GET_ACCOUNT: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getAccount",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/account",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Account",
});

const LEGACY_CLOCK: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "LegacyClock",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/clock",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Clock",
});

const GET_ALL_OPEN_POSITIONS: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "getAllOpenPositions",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/positions",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "[Position]",
});

const GET_ALL_ORDERS: ReadOperation<Trading> = ReadOperation::of(&Operation {
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

const POST_ORDER: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
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

const GET_ORDER: ReadOperation<Trading> = ReadOperation::of(&Operation {
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

const DELETE_ORDER: ChangeOperation<Trading> = ChangeOperation::of(&Operation {
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

const GET_ASSET: ReadOperation<Trading> = ReadOperation::of(&Operation {
    id: "get-v2-assets-symbol_or_asset_id",
    api: ApiKind::Trading,
    method: Method::Get,
    path: "/v2/assets/{symbol_or_asset_id}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "Asset",
});

/// `GET /v2/account`: status, equity, cash, buying power. Reads as
/// [`Account`](crate::response::Account).
#[must_use]
#[inline]
pub const fn account() -> ReadRequest<'static, Trading> {
    GET_ACCOUNT.plain()
}

/// `GET /v2/clock`: whether the market is open. Reads as [`Clock`](crate::response::Clock).
#[must_use]
pub const fn clock() -> ReadRequest<'static, Trading> {
    LEGACY_CLOCK.plain()
}

/// `GET /v2/positions`: all open positions.
#[must_use]
pub const fn positions() -> ReadRequest<'static, Trading> {
    GET_ALL_OPEN_POSITIONS.plain()
}

/// `GET /v2/orders`: the open orders, newest first, at most 50.
#[must_use]
pub const fn open_orders() -> ReadRequest<'static, Trading> {
    GET_ALL_ORDERS.plain()
}

/// `POST /v2/orders` with a JSON body that has no `client_order_id`: never sent twice.
#[must_use]
pub const fn submit_order(json: &[u8]) -> Request<'_, Trading> {
    POST_ORDER.plain().with_json(json)
}

/// `GET /v2/orders/{id}`, written into `target`.
///
/// # Errors
/// [`RequestError`] when `id` is no path segment or does not fit.
pub fn order<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    id: &str,
) -> Result<ReadRequest<'t, Trading>, RequestError> {
    GET_ORDER.request(target, &[id], &[])
}

/// `DELETE /v2/orders/{id}`: cancels the order. Sending it twice cancels it once.
///
/// # Errors
/// [`RequestError`] when `id` is no path segment or does not fit.
pub fn cancel_order<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    id: &str,
) -> Result<Request<'t, Trading>, RequestError> {
    DELETE_ORDER.request(target, &[id], &[])
}

/// `GET /v2/assets/{symbol}`.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn asset<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
) -> Result<ReadRequest<'t, Trading>, RequestError> {
    GET_ASSET.request(target, &[symbol], &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_moves_no_money_may_be_sent_again() {
        let mut target = TargetBuffer::<64>::new("/").unwrap();
        assert_eq!(account().replay(), Replay::Safe);
        assert_eq!(submit_order(b"{}").replay(), Replay::Never);
        assert_eq!(
            cancel_order(&mut target, "1").unwrap().replay(),
            Replay::Safe
        );
        assert_eq!(
            order(&mut target, "a/b").unwrap().target(),
            "/v2/orders/a%2Fb"
        );
        assert!(order(&mut target, "").is_err());
        assert!(cancel_order(&mut target, "..").is_err());
    }
}
