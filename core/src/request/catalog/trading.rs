//! Requests of the Trading API.

use super::super::{Method, Replay, Request, RequestError, TargetBuffer};
use crate::endpoint::Trading;

/// `GET /v2/account`: status, equity, cash, buying power. Reads as
/// [`Account`](crate::response::Account).
#[must_use]
#[inline]
pub const fn account() -> Request<'static, Trading> {
    Request::known(Method::Get, "/v2/account")
}

/// `GET /v2/clock`: whether the market is open. Reads as [`Clock`](crate::response::Clock).
#[must_use]
pub const fn clock() -> Request<'static, Trading> {
    Request::known(Method::Get, "/v2/clock")
}

/// `GET /v2/positions`: all open positions.
#[must_use]
pub const fn positions() -> Request<'static, Trading> {
    Request::known(Method::Get, "/v2/positions")
}

/// `GET /v2/orders`: the open orders, newest first, at most 50.
#[must_use]
pub const fn open_orders() -> Request<'static, Trading> {
    Request::known(Method::Get, "/v2/orders")
}

/// `POST /v2/orders` with a JSON body that has no `client_order_id`: never sent twice.
#[must_use]
pub const fn submit_order(json: &[u8]) -> Request<'_, Trading> {
    Request::known(Method::Post, "/v2/orders").with_json(json)
}

/// `GET /v2/orders/{id}`, written into `target`.
///
/// # Errors
/// [`RequestError`] when `id` is no path segment or does not fit.
pub fn order<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    id: &str,
) -> Result<Request<'t, Trading>, RequestError> {
    one(Method::Get, target, "/v2/orders", id)
}

/// `DELETE /v2/orders/{id}`: cancels the order. Sending it twice cancels it once.
///
/// # Errors
/// [`RequestError`] when `id` is no path segment or does not fit.
pub fn cancel_order<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    id: &str,
) -> Result<Request<'t, Trading>, RequestError> {
    Ok(one(Method::Delete, target, "/v2/orders", id)?.with_replay(Replay::Safe))
}

/// `GET /v2/assets/{symbol}`.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn asset<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
) -> Result<Request<'t, Trading>, RequestError> {
    one(Method::Get, target, "/v2/assets", symbol)
}

fn one<'t, const N: usize>(
    method: Method,
    target: &'t mut TargetBuffer<N>,
    collection: &str,
    id: &str,
) -> Result<Request<'t, Trading>, RequestError> {
    *target = TargetBuffer::new(collection)?;
    target.segment(id)?;
    Request::new(method, target.text())
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
