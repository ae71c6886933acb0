//! The activities of an account, in pages that go on from the id of their last element.

use serde_json::{Value, json};

use crate::http::{Answer, Recorded, rfc3339};
use crate::trading::dollars;

/// Activities that each account has.
pub const ACTIVITIES: usize = 1007;

/// 2026-01-05 14:30 UTC: the first activity.
const FIRST: u64 = 1_767_623_400;
/// Every so many is a fee or a dividend, the rest are fills.
const FEE_EVERY: usize = 10;
const DIVIDEND_EVERY: usize = 50;
/// Longest page, which is also the usual one.
const PAGE_SIZE_MAX: usize = 100;

/// Answers `GET /v2/account/activities`, or those of `one` type.
pub(crate) fn answer(request: &Recorded, one: Option<&str>) -> Answer {
    let refuse = |message: &str| Answer::json(422, &json!({"code": 40010001, "message": message}));
    let size = match request.query("page_size").map(|size| size.parse::<usize>()) {
        None => PAGE_SIZE_MAX,
        Some(Ok(size)) if (1..=PAGE_SIZE_MAX).contains(&size) => size,
        Some(_) => return refuse("page_size must be between 1 and 100"),
    };
    let (types, category) = (request.query("activity_types"), request.query("category"));
    if types.is_some() && category.is_some() {
        return refuse("category and activity_types exclude each other");
    }
    let wanted = |index: &usize| {
        let kind = kind(*index);
        let of_types = |types: &String| types.split(',').any(|known| known == kind);
        let of_category = |category: &String| (category == "trade_activity") == (kind == "FILL");
        one.is_none_or(|one| one == kind)
            && types.as_ref().is_none_or(of_types)
            && category.as_ref().is_none_or(of_category)
    };
    let rising = request.query("direction").as_deref() == Some("asc");
    // Ids rise with time, so what comes after one is told by order, whether it is there or not.
    let after = request.query("page_token");
    let comes_later = |index: &usize| match &after {
        None => true,
        Some(token) if rising => id(*index) > *token,
        Some(token) => id(*index) < *token,
    };
    let mut all: Vec<_> = (0..ACTIVITIES).filter(wanted).filter(comes_later).collect();
    if !rising {
        all.reverse();
    }
    Answer::json(200, &all.into_iter().take(size).map(activity).collect())
}

fn kind(index: usize) -> &'static str {
    if index.is_multiple_of(DIVIDEND_EVERY) {
        "DIV"
    } else if index.is_multiple_of(FEE_EVERY) {
        "FEE"
    } else {
        "FILL"
    }
}

fn time(index: usize) -> u64 {
    FIRST + index as u64 * 600
}

fn id(index: usize) -> String {
    let digits: String = rfc3339(time(index))
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    format!("{digits:0<17.17}::045b3b8d-c566-4bef-b741-{index:012x}")
}

fn activity(index: usize) -> Value {
    let (id, time, kind) = (id(index), rfc3339(time(index)), kind(index));
    if kind != "FILL" {
        let sign = if kind == "FEE" { "-" } else { "" };
        return json!({
            "id": id, "activity_type": kind, "date": time.get(..10), "created_at": time, "status": "executed",
            "net_amount": format!("{sign}{}", dollars(index as u64 + 1)), "description": format!("no. {index}"),
        });
    }
    json!({
        "id": id, "activity_type": kind, "transaction_time": time, "type": "fill", "symbol": "AAPL", "side": "buy",
        "price": dollars(23_150 + index as u64 % 100), "qty": "1", "cum_qty": "1", "leaves_qty": "0",
        "order_id": format!("61e69015-8549-4bfd-b9c3-{index:012x}"), "order_status": "filled",
    })
}
