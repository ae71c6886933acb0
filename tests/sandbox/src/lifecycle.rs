//! What becomes of an order: each look at it takes it one step further.
//!
//! `accepted`, then `new`, then `filled` if it is a market order or its limit is met by the
//! symbol's fixed price. Nothing happens between looks, so that a test knows what it sees.

use serde_json::{Value, json};

use crate::http::{Answer, rfc3339, unix_now};
use crate::trading::{cents, dollars};

/// Nothing happens to an order of these any more.
pub(crate) const CLOSED: [&str; 3] = ["filled", "canceled", "replaced"];

/// The fields that a replacement may change.
const REPLACEABLE: [&str; 6] = [
    "qty",
    "time_in_force",
    "limit_price",
    "stop_price",
    "trail",
    "client_order_id",
];

pub(crate) fn is_closed(order: &Value) -> bool {
    CLOSED.iter().any(|status| order["status"] == *status)
}

/// Takes `order` one step further, at this price in cents.
pub(crate) fn advance(order: &mut Value, price: u64) {
    if order["status"] == "accepted" {
        order["status"] = "new".into();
    } else if order["status"] == "new" && is_met(order, price) {
        order["status"] = "filled".into();
        order["filled_at"] = rfc3339(unix_now()).into();
        order["filled_avg_price"] = dollars(price).into();
        order["filled_qty"] = match cents(order, "notional") {
            None => order["qty"].clone(),
            Some(worth) => format!("{:.9}", worth as f64 / price as f64).into(),
        };
    }
}

fn is_met(order: &Value, price: u64) -> bool {
    match (order["type"].as_str(), cents(order, "limit_price")) {
        (Some("market"), _) => true,
        (Some("limit"), Some(limit)) if order["side"] == "buy" => limit >= price,
        (Some("limit"), Some(limit)) => limit <= price,
        _ => false,
    }
}

/// Ends `old` and gives the order that takes its place, called `id`.
pub(crate) fn replace(old: &mut Value, body: &[u8], id: &str) -> Result<Value, Answer> {
    let refuse = |message: &str| Answer::json(422, &json!({"code": 42210000, "message": message}));
    let Ok(Value::Object(change)) = serde_json::from_slice::<Value>(body) else {
        let message = "request body format is invalid";
        return Err(Answer::json(
            400,
            &json!({"code": 40010000, "message": message}),
        ));
    };
    if is_closed(old) {
        return Err(refuse("order is not open"));
    }
    if change.is_empty()
        || change
            .keys()
            .any(|name| !REPLACEABLE.contains(&name.as_str()))
    {
        return Err(refuse("no field that can be replaced"));
    }
    let now = rfc3339(unix_now());
    let mut new = old.clone();
    new["client_order_id"] = format!("{id}-replacement").into();
    for (name, value) in change {
        new[name] = value;
    }
    for (name, value) in [
        ("id", Value::from(id)),
        ("replaces", old["id"].clone()),
        ("status", "accepted".into()),
        ("created_at", now.clone().into()),
        ("updated_at", now.clone().into()),
    ] {
        new[name] = value;
    }
    old["status"] = "replaced".into();
    old["replaced_by"] = id.into();
    old["replaced_at"] = now.into();
    Ok(new)
}
