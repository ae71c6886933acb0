//! The Broker API: the partner's customer accounts.

use serde_json::json;

use crate::http::{Answer, Recorded};
use crate::server::not_found;

pub(crate) fn answer(request: &Recorded) -> Answer {
    let path = request.path();
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", ["v1", "accounts"]) => Answer::json(
            200,
            &json!([
                account(
                    "b9b19618-22dd-4e80-8432-fc9e1ba0b27d",
                    "935142145",
                    "ACTIVE"
                ),
                account(
                    "c9b19618-22dd-4e80-8432-fc9e1ba0b27e",
                    "935142146",
                    "APPROVAL_PENDING"
                ),
            ]),
        ),
        _ => not_found(),
    }
}

fn account(id: &str, number: &str, status: &str) -> serde_json::Value {
    json!({
        "id": id, "account_number": number, "status": status, "crypto_status": "INACTIVE",
        "currency": "USD", "last_equity": "1500.65", "created_at": "2024-05-17T09:53:17.588248Z",
        "account_type": "trading",
    })
}
