//! The Trading API: account, clock, orders, positions and assets of one account.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::activity;
use crate::http::{Answer, Recorded, rfc3339, unix_now};
use crate::lifecycle;
use crate::server::not_found;

/// Symbols that can be traded, and a price for each in cents.
pub(crate) const SYMBOLS: [(&str, u64); 5] = [
    ("AAPL", 23_150),
    ("MSFT", 47_720),
    ("SPY", 61_345),
    ("BRK.B", 49_010),
    ("F", 1_289),
];

/// One account and its orders, oldest first.
pub(crate) struct Account {
    number: &'static str,
    id: &'static str,
    buying_power_cents: u64,
    orders: Vec<Value>,
    /// Of all orders. Tests send thousands, and each asks whether its own is new.
    client_order_ids: HashSet<String>,
}

impl Account {
    pub(crate) fn paper() -> Self {
        Self {
            number: "PA3SANDBOX01",
            id: "7f5a3f9e-52a8-4d0c-9c1b-2a6f0c1d0001",
            buying_power_cents: 20_000_000,
            orders: Vec::new(),
            client_order_ids: HashSet::new(),
        }
    }

    pub(crate) fn live() -> Self {
        Self {
            number: "912345678",
            id: "7f5a3f9e-52a8-4d0c-9c1b-2a6f0c1d0002",
            buying_power_cents: 123_456,
            orders: Vec::new(),
            client_order_ids: HashSet::new(),
        }
    }

    pub(crate) fn answer(&mut self, request: &Recorded) -> Answer {
        let path = request.path();
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["v2", "account"]) => Answer::json(200, &self.account()),
            ("GET", ["v2", "account", "activities"]) => activity::answer(request, None),
            ("GET", ["v2", "account", "activities", one]) => activity::answer(request, Some(one)),
            ("GET", ["v2", "clock"]) => Answer::json(200, &clock()),
            ("POST", ["v2", "orders"]) => self.submit(&request.body),
            ("GET", ["v2", "orders"]) => Answer::json(200, &self.list(request)),
            ("DELETE", ["v2", "orders"]) => self.cancel_all(),
            ("GET", ["v2", "orders:by_client_order_id"]) => {
                let id = request.query("client_order_id").unwrap_or_default();
                self.look("client_order_id", &id)
            }
            ("GET", ["v2", "orders", id]) => self.look("id", id),
            ("PATCH", ["v2", "orders", id]) => self.replace(id, &request.body),
            ("DELETE", ["v2", "orders", id]) => self.cancel(id),
            ("GET", ["v2", "positions"]) => Answer::json(200, &json!([position("AAPL", 23_150)])),
            ("GET", ["v2", "positions", "AAPL"]) => Answer::json(200, &position("AAPL", 23_150)),
            ("GET", ["v2", "positions", _]) => Answer::json(
                404,
                &json!({"code": 40410000, "message": "position does not exist"}),
            ),
            ("GET", ["v2", "assets"]) => Answer::json(
                200,
                &SYMBOLS.iter().map(|(symbol, _)| asset(symbol)).collect(),
            ),
            ("GET", ["v2", "assets", symbol]) => {
                match SYMBOLS.iter().find(|known| known.0 == *symbol) {
                    Some((symbol, _)) => Answer::json(200, &asset(symbol)),
                    None => Answer::json(
                        404,
                        &json!({
                            "code": 40410000, "message": format!("asset not found for {symbol}"),
                        }),
                    ),
                }
            }
            _ => not_found(),
        }
    }

    fn account(&self) -> Value {
        let cents = self.buying_power_cents;
        let power = dollars(cents);
        let cash = dollars(cents / 2);
        json!({
            "id": self.id, "admin_configurations": {}, "user_configurations": null,
            "account_number": self.number, "status": "ACTIVE", "crypto_status": "ACTIVE",
            "options_approved_level": 3, "options_trading_level": 3, "currency": "USD",
            "buying_power": power, "regt_buying_power": power, "daytrading_buying_power": "0",
            "effective_buying_power": power, "non_marginable_buying_power": cash,
            "options_buying_power": cash, "bod_dtbp": "0", "cash": cash, "accrued_fees": "0",
            "portfolio_value": cash, "trading_blocked": false, "transfers_blocked": false,
            "account_blocked": false, "created_at": "2024-03-01T14:29:33.000001Z",
            "trade_suspended_by_user": false, "multiplier": "2", "shorting_enabled": true,
            "equity": cash, "last_equity": cash, "long_market_value": "2315", "short_market_value": "0",
            "position_market_value": "2315", "initial_margin": "1157.5", "maintenance_margin": "694.5",
            "last_maintenance_margin": "694.5", "sma": "98842.5", "balance_asof": "2026-11-23",
            "crypto_tier": 1, "intraday_adjustments": "0", "pending_reg_taf_fees": "0",
        })
    }

    /// The order as it is, and then as it will be at the next look.
    fn look(&mut self, field: &str, value: &str) -> Answer {
        let found = self.orders.iter_mut().find(|order| order[field] == value);
        let Some(order) = found else {
            return order_not_found();
        };
        let answer = Answer::json(200, order);
        let known = SYMBOLS.iter().find(|known| order["symbol"] == known.0);
        lifecycle::advance(order, known.map_or(0, |known| known.1));
        answer
    }

    fn replace(&mut self, id: &str, body: &[u8]) -> Answer {
        let new_id = self.next_id();
        let Some(order) = self.orders.iter_mut().find(|order| order["id"] == id) else {
            return order_not_found();
        };
        match lifecycle::replace(order, body, &new_id) {
            Ok(new) => {
                let answer = Answer::json(200, &new);
                self.add(new);
                answer
            }
            Err(refusal) => refusal,
        }
    }

    fn add(&mut self, order: Value) {
        let id = order["client_order_id"].as_str().unwrap_or_default();
        self.client_order_ids.insert(id.to_owned());
        self.orders.push(order);
    }

    fn next_id(&self) -> String {
        format!("61e69015-8549-4bfd-b9c3-{:012x}", self.orders.len() + 1)
    }

    fn submit(&mut self, body: &[u8]) -> Answer {
        let ticket = serde_json::from_slice::<Value>(body).unwrap_or_default();
        if !ticket.is_object() {
            return Answer::json(
                400,
                &json!({"code": 40010000, "message": "request body format is invalid"}),
            );
        }
        let refuse = |status: u16, code: u32, message: &str| {
            Answer::json(status, &json!({"code": code, "message": message}))
        };
        let text = |name: &str| ticket.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some((symbol, price)) = SYMBOLS.iter().find(|known| known.0 == text("symbol")) else {
            return refuse(
                422,
                42210000,
                &format!("asset \"{}\" not found", text("symbol")),
            );
        };
        let kind = text("type");
        if !["buy", "sell"].contains(&text("side")) {
            return refuse(422, 40010001, "side must be buy or sell");
        }
        if !["market", "limit", "stop", "stop_limit", "trailing_stop"].contains(&kind) {
            return refuse(422, 40010001, "type is not one of the order types");
        }
        if !["day", "gtc", "opg", "cls", "ioc", "fok"].contains(&text("time_in_force")) {
            return refuse(422, 40010001, "invalid time_in_force");
        }
        let (quantity, notional) = (cents(&ticket, "qty"), cents(&ticket, "notional"));
        let worth = match (quantity, notional) {
            (Some(quantity), None) if quantity > 0 => quantity.saturating_mul(*price) / 100,
            (None, Some(notional)) if notional > 0 => notional,
            (Some(_), Some(_)) => {
                return refuse(422, 40010001, "only one of qty or notional is accepted");
            }
            _ => return refuse(422, 40010001, "qty or notional is required"),
        };
        if kind.contains("limit") && cents(&ticket, "limit_price").is_none() {
            return refuse(422, 42210000, "limit orders require limit price");
        }
        let client_order_id = match text("client_order_id") {
            "" => format!("sandbox-{}-{}", self.number, self.orders.len()),
            id if id.len() > 128 => {
                return refuse(
                    422,
                    40010001,
                    "client_order_id must be no more than 128 characters",
                );
            }
            id => id.to_owned(),
        };
        if self.client_order_ids.contains(&client_order_id) {
            return refuse(422, 40010001, "client_order_id must be unique");
        }
        if text("side") == "buy" && worth > self.buying_power_cents {
            return Answer::json(
                403,
                &json!({
                    "code": 40310000, "message": "insufficient buying power",
                    "buying_power": dollars(self.buying_power_cents), "cost_basis": dollars(worth),
                }),
            );
        }
        let order = self.order(&ticket, symbol, &client_order_id);
        self.add(order.clone());
        Answer::json(200, &order)
    }

    fn order(&self, ticket: &Value, symbol: &str, client_order_id: &str) -> Value {
        let now = rfc3339(unix_now());
        let as_text = |name: &str| match ticket.get(name) {
            Some(Value::Number(number)) => Value::String(number.to_string()),
            Some(value) => value.clone(),
            None => Value::Null,
        };
        let id = self.next_id();
        json!({
            "id": id, "client_order_id": client_order_id, "created_at": now, "updated_at": now,
            "submitted_at": now, "filled_at": null, "expired_at": null, "canceled_at": null,
            "failed_at": null, "replaced_at": null, "replaced_by": null, "replaces": null,
            "asset_id": asset_id(symbol), "symbol": symbol, "asset_class": "us_equity",
            "notional": as_text("notional"), "qty": as_text("qty"), "filled_qty": "0",
            "filled_avg_price": null, "order_class": "simple", "order_type": ticket["type"],
            "type": ticket["type"], "side": ticket["side"], "position_intent": "buy_to_open",
            "time_in_force": ticket["time_in_force"], "limit_price": as_text("limit_price"),
            "stop_price": as_text("stop_price"), "status": "accepted", "extended_hours": false,
            "legs": null, "trail_percent": null, "trail_price": null, "hwm": null,
            "subtag": null, "source": null, "expires_at": now,
        })
    }

    fn list(&self, request: &Recorded) -> Value {
        let status = request.query("status").unwrap_or_else(|| "open".to_owned());
        let limit = request
            .query("limit")
            .and_then(|limit| limit.parse().ok())
            .unwrap_or(50)
            .min(500);
        let (symbols, side) = (request.query("symbols"), request.query("side"));
        let wanted = |order: &&Value| {
            let is_open = !lifecycle::is_closed(order);
            let symbol = order["symbol"].as_str().unwrap_or_default();
            let listed = symbols
                .as_ref()
                .is_none_or(|symbols| symbols.split(',').any(|s| s == symbol));
            let of_side = side.as_ref().is_none_or(|side| order["side"] == *side);
            listed && of_side && (status == "all" || (status == "open") == is_open)
        };
        let mut orders: Vec<_> = self.orders.iter().filter(wanted).cloned().collect();
        if request.query("direction").as_deref() != Some("asc") {
            orders.reverse();
        }
        for place in ["before_order_id", "after_order_id"] {
            if let Some(id) = request.query(place) {
                // Both lists run away from the id: what comes up to it was on a page before.
                let at = orders.iter().position(|order| order["id"] == id);
                orders.drain(..at.map_or(0, |at| at + 1));
            }
        }
        orders.truncate(limit);
        orders.into()
    }

    fn cancel(&mut self, id: &str) -> Answer {
        let Some(order) = self.orders.iter_mut().find(|order| order["id"] == id) else {
            return order_not_found();
        };
        if lifecycle::is_closed(order) {
            let message = format!("order is already in {} state", order["status"]);
            return Answer::json(422, &json!({"code": 42210000, "message": message}));
        }
        order["status"] = "canceled".into();
        order["canceled_at"] = rfc3339(unix_now()).into();
        Answer::empty(204)
    }

    fn cancel_all(&mut self) -> Answer {
        let open: Vec<_> = self
            .orders
            .iter()
            .filter(|order| !lifecycle::is_closed(order))
            .cloned()
            .collect();
        let results: Vec<_> = open
            .iter()
            .filter_map(|order| {
                let id = order["id"].as_str()?;
                let status = if self.cancel(id).status == 204 {
                    200
                } else {
                    500
                };
                Some(json!({"id": id, "status": status}))
            })
            .collect();
        Answer::json(207, &results.into())
    }
}

/// A decimal, text or number, in hundredths. A negative or malformed one is none.
pub(crate) fn cents(ticket: &Value, name: &str) -> Option<u64> {
    let text = match ticket.get(name)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let whole: u64 = whole.parse().ok()?;
    let fraction: u64 = format!("{fraction:0<2}").get(..2)?.parse().ok()?;
    whole.checked_mul(100)?.checked_add(fraction)
}

pub(crate) fn dollars(cents: u64) -> String {
    match cents % 100 {
        0 => (cents / 100).to_string(),
        rest => format!("{}.{rest:02}", cents / 100),
    }
}

fn order_not_found() -> Answer {
    Answer::json(
        404,
        &json!({"code": 40410000, "message": "order not found"}),
    )
}

fn clock() -> Value {
    let now = unix_now();
    let day = now / 86_400 * 86_400;
    // 14:30 to 21:00 UTC, New York's winter hours; holidays are of no concern here.
    let weekday = !matches!(now / 86_400 % 7, 2 | 3);
    let is_open = weekday && (52_200..75_600).contains(&(now - day));
    json!({
        "timestamp": rfc3339(now), "is_open": is_open,
        "next_open": rfc3339(day + 86_400 + 52_200), "next_close": rfc3339(day + 86_400 + 75_600),
    })
}

fn asset_id(symbol: &str) -> String {
    let sum = symbol
        .bytes()
        .fold(7_u64, |sum, b| sum.wrapping_mul(131).wrapping_add(b.into()));
    format!("b0b6dd9d-8b9b-48a9-ba46-{:012x}", sum & 0xffff_ffff_ffff)
}

fn asset(symbol: &str) -> Value {
    json!({
        "id": asset_id(symbol), "class": "us_equity", "exchange": "NASDAQ", "symbol": symbol,
        "name": format!("{symbol} Common Stock"), "status": "active", "tradable": true,
        "marginable": true, "maintenance_margin_requirement": 30, "margin_requirement_long": "30",
        "margin_requirement_short": "30", "shortable": true, "easy_to_borrow": true,
        "fractionable": true, "attributes": [],
    })
}

fn position(symbol: &str, cents: u64) -> Value {
    json!({
        "asset_id": asset_id(symbol), "symbol": symbol, "exchange": "NASDAQ", "asset_class": "us_equity",
        "asset_marginable": true, "qty": "10", "avg_entry_price": "220.1", "side": "long",
        "market_value": dollars(cents * 10), "cost_basis": "2201", "unrealized_pl": "114",
        "unrealized_plpc": "0.0517946", "unrealized_intraday_pl": "0", "unrealized_intraday_plpc": "0",
        "current_price": dollars(cents), "lastday_price": dollars(cents), "change_today": "0",
        "qty_available": "10",
    })
}
