//! How an order whose effect is unknown is looked for: by the `client_order_id` in its own body.

use core::fmt;

use crate::endpoint::{Api, ApiKind};
use crate::order::CLIENT_ORDER_ID_MAX;
use crate::request::catalog::{broker, trading};
use crate::request::{ContentType, Method, ReadRequest, Request, RequestError, TargetBuffer};
use crate::response::json_shape;
use crate::split;

const MEMBER: &str = "client_order_id";

/// The `client_order_id` that the request's JSON body names, if a server can read no other from it.
///
/// `None` when there is none, or two, or one of another length than 1 to [`CLIENT_ORDER_ID_MAX`] characters;
/// when any member's name has an escape or is not ASCII, or is this one in other letter case, which servers
/// take for the same; when the value has an escape.
///
/// ```
/// use alpaca_auth::request::trading;
/// use alpaca_auth::retry::client_order_id;
/// let order = trading::submit_order(br#"{"symbol":"AAPL","client_order_id":"a-1"}"#);
/// assert_eq!(client_order_id(&order), Some("a-1"));
/// let twice = trading::submit_order(br#"{"client_order_id":"a-1","Client_Order_ID":"a-2"}"#);
/// assert_eq!(client_order_id(&twice), None);
/// ```
#[must_use]
pub fn client_order_id<'r, A: Api>(request: &Request<'r, A>) -> Option<&'r str> {
    let body = request.body()?;
    if body.content_type != ContentType::Json {
        return None;
    }
    let mut found = None;
    for (name, value) in json_shape::members(body.bytes).ok()? {
        if !name.is_ascii() || name.contains(&b'\\') {
            return None;
        }
        if name.eq_ignore_ascii_case(MEMBER.as_bytes()) {
            if name != MEMBER.as_bytes() || found.is_some() {
                return None;
            }
            found = Some(value);
        }
    }
    let text = core::str::from_utf8(json_shape::unquoted(found?)?).ok()?;
    let sound = !text.bytes().any(|byte| byte == b'\\')
        && (1..=CLIENT_ORDER_ID_MAX).contains(&text.chars().count());
    sound.then_some(text)
}

/// The request that finds the order which `submission` may have placed, written into `target`:
/// `GET /v2/orders:by_client_order_id`, or the same of a broker's account.
///
/// 404 is no proof that it will not be placed while the submission may be under way: ask again after some
/// seconds, or submit it again with the same id.
///
/// # Errors
/// [`CheckError`] when `submission` is no order with a `client_order_id`, or `target` is too small for it.
pub fn check_order<'t, A: Api, const N: usize>(
    submission: &Request<'_, A>,
    target: &'t mut TargetBuffer<N>,
) -> Result<ReadRequest<'t, A>, CheckError> {
    let id = client_order_id(submission).ok_or(CheckError::NoClientOrderId)?;
    let path = split::path(submission.target());
    let orders = match submission.method() {
        Method::Post => path,
        // A replacement: the order's id is the last segment.
        Method::Patch => split::at_last(path, b'/').map_or("", |(orders, _)| orders),
        _ => "",
    };
    let operation = match A::KIND {
        ApiKind::Trading => trading::orders::GET_ORDER_BY_CLIENT_ORDER_ID.operation(),
        ApiKind::Broker => broker::trading::GET_ORDER_BY_CLIENT_ORDER_ID_FOR_ACCOUNT.operation(),
        _ => return Err(CheckError::NoOrder),
    };
    if !orders.ends_with("/orders") {
        return Err(CheckError::NoOrder);
    }
    // A path of this library has no character that a buffer would encode.
    let mut found = heapless::String::<N>::new();
    let written = found
        .push_str(orders)
        .and_then(|()| found.push_str(":by_client_order_id"));
    written.map_err(|_| RequestError::TargetTooLong)?;
    *target = TargetBuffer::new(&found)?;
    target.query(MEMBER, id)?;
    Ok(ReadRequest::known(Request::of(operation, target.text())))
}

/// Why an order cannot be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// The request submits or replaces no order. Look at what it was to change.
    NoOrder,
    /// The body names no `client_order_id`, or names it so that a server may read another. List the
    /// orders and compare.
    NoClientOrderId,
    /// The target does not fit. Use a larger buffer.
    Target(RequestError),
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOrder => f.write_str("the request submits no order; look at what it was to change"),
            Self::NoClientOrderId => f.write_str(
                "the order has no plain client_order_id; list the orders and compare, and give the next one an id",
            ),
            Self::Target(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CheckError {}

impl From<RequestError> for CheckError {
    fn from(error: RequestError) -> Self {
        Self::Target(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Broker, Trading};
    use crate::request::trading;
    use std::format;

    #[test]
    fn an_id_that_a_server_may_read_otherwise_is_none() {
        let long = format!(r#"{{"client_order_id":"{}"}}"#, "x".repeat(129));
        for body in [
            "",
            "{}",
            "[]",
            "7",
            r#"{"client_order_id":"a"#,
            r#"{"client_order_id":""}"#,
            r#"{"client_order_id":null}"#,
            r#"{"client_order_id":7}"#,
            r#"{"client_order_id":["a"]}"#,
            r#"{"client_order_id":"a","client_order_id":"a"}"#,
            r#"{"client_order_id":"a","Client_order_id":"b"}"#,
            r#"{"CLIENT_ORDER_ID":"a"}"#,
            r#"{"client_order_id":"a\u0062"}"#,
            r#"{"client_order_id":"a","client_order_i\u0064":"b"}"#,
            "{\"client_order_id\":\"a\",\"client_order_\u{131}d\":\"b\"}",
            r#"{"order":{"client_order_id":"a"}}"#,
            r#"{"client_order_id":"a"} "#.repeat(2).as_str(),
            &long,
        ] {
            let order = trading::submit_order(body.as_bytes());
            assert_eq!(client_order_id(&order), None, "{body}");
        }
        let form = Request::<Trading>::new(Method::Post, "/v2/orders").unwrap();
        assert_eq!(client_order_id(&form), None);
        let form = form.with_form(br#"{"client_order_id":"a"}"#);
        assert_eq!(client_order_id(&form), None);
    }

    #[test]
    fn the_order_is_looked_for_where_it_was_placed() {
        const BODY: &[u8] = br#"{"client_order_id":"a b/\u00e9"}"#;
        let mut target = TargetBuffer::<192>::new("/").unwrap();
        let order = trading::submit_order(BODY);
        assert_eq!(
            check_order(&order, &mut target).err(),
            Some(CheckError::NoClientOrderId)
        );
        let body = "{\"client_order_id\":\"a b/\u{e9}&\"}".as_bytes();
        for (method, path, orders) in [
            (Method::Post, "/v2/orders", "/v2/orders"),
            (Method::Post, "/v2/orders?x=y", "/v2/orders"),
            (Method::Patch, "/v2/orders/904837e3", "/v2/orders"),
            (
                Method::Post,
                "/v1/trading/accounts/9%2F1/orders",
                "/v1/trading/accounts/9%2F1/orders",
            ),
        ] {
            let order = Request::<Broker>::new(method, path)
                .unwrap()
                .with_json(body);
            let check = check_order(&order, &mut target).unwrap();
            let operation = broker::trading::GET_ORDER_BY_CLIENT_ORDER_ID_FOR_ACCOUNT.operation();
            assert_eq!(check.operation(), Some(operation));
            let expected = format!("{orders}:by_client_order_id?client_order_id=a%20b%2F%C3%A9%26");
            assert_eq!(
                (check.method(), check.target()),
                (Method::Get, expected.as_str())
            );
        }
        for (method, path) in [
            (Method::Post, "/v2/positions"),
            (Method::Delete, "/v2/orders"),
            (Method::Put, "/v2/orders"),
            (Method::Patch, "/v2/orders"),
            (Method::Post, "/v2/orders/1"),
            (Method::Post, "/v2/reorders"),
        ] {
            let order = Request::<Trading>::new(method, path)
                .unwrap()
                .with_json(body);
            let refused = check_order(&order, &mut target).err();
            assert_eq!(refused, Some(CheckError::NoOrder), "{path}");
        }
        let mut small = TargetBuffer::<40>::new("/").unwrap();
        let order = trading::submit_order(body);
        let refused = check_order(&order, &mut small).err();
        assert_eq!(
            refused,
            Some(CheckError::Target(RequestError::TargetTooLong))
        );
    }
}
