//! The Market Data API: latest quotes and trades, and bars that are the same each time.

use serde_json::{Map, Value, json};

use crate::http::{Answer, Recorded, rfc3339};
use crate::server::not_found;
use crate::trading::SYMBOLS;

/// 2024-01-02 09:30 in New York: the first bar.
const FIRST_BAR: u64 = 1_704_205_800;
/// Bars there are for each symbol.
const BARS: usize = 20_000;

pub(crate) fn answer(request: &Recorded) -> Answer {
    let path = request.path();
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    if request.method != "GET" {
        return not_found();
    }
    match path.as_slice() {
        ["v2", "stocks", symbol, "quotes", "latest"] => one(symbol, "quote", quote),
        ["v2", "stocks", symbol, "trades", "latest"] => one(symbol, "trade", trade),
        ["v2", "stocks", what @ ("quotes" | "trades"), "latest"] => {
            let make = if *what == "quotes" { quote } else { trade };
            let symbols = request.query("symbols").unwrap_or_default();
            let found = symbols
                .split(',')
                .filter_map(|symbol| Some((symbol.to_owned(), make(price(symbol)?))));
            Answer::json(200, &json!({*what: found.collect::<Map<_, _>>()}))
        }
        ["v2", "stocks", symbol, "bars"] => {
            if price(symbol).is_none() {
                return invalid_symbol(symbol);
            }
            let (bars, next) = bars(request, symbol);
            Answer::json(
                200,
                &json!({"bars": bars, "symbol": symbol, "next_page_token": next}),
            )
        }
        ["v2", "stocks", "bars"] => {
            let symbols = request.query("symbols").unwrap_or_default();
            let mut all = Map::new();
            let mut token = Value::Null;
            for symbol in symbols.split(',').filter(|symbol| price(symbol).is_some()) {
                let (bars, next) = bars(request, symbol);
                all.insert(symbol.to_owned(), bars);
                token = next;
            }
            Answer::json(200, &json!({"bars": all, "next_page_token": token}))
        }
        ["v1beta3", "crypto", "us", "latest", "trades"] => {
            let symbols = request.query("symbols").unwrap_or_default();
            let trades: Map<_, _> = symbols
                .split(',')
                .filter(|symbol| symbol.contains('/'))
                .map(|symbol| (symbol.to_owned(), json!({
                    "i": 5_551_234, "p": 91_234.5, "s": 0.0021, "t": rfc3339(FIRST_BAR), "tks": "B",
                })))
                .collect();
            Answer::json(200, &json!({"trades": trades}))
        }
        _ => not_found(),
    }
}

fn price(symbol: &str) -> Option<f64> {
    let (_, cents) = SYMBOLS.iter().find(|known| known.0 == symbol)?;
    Some(f64::from(u32::try_from(*cents).ok()?) / 100.0)
}

fn invalid_symbol(symbol: &str) -> Answer {
    Answer::json(
        400,
        &json!({"message": format!("invalid symbol: {symbol}")}),
    )
}

fn one(symbol: &str, name: &str, make: fn(f64) -> Value) -> Answer {
    match price(symbol) {
        Some(price) => Answer::json(200, &json!({"symbol": symbol, name: make(price)})),
        None => invalid_symbol(symbol),
    }
}

fn quote(price: f64) -> Value {
    json!({
        "ap": price, "as": 2, "ax": "V", "bp": price - 0.02, "bs": 4, "bx": "V", "c": ["R"],
        "t": "2026-11-23T20:59:59.987654321Z", "z": "C",
    })
}

fn trade(price: f64) -> Value {
    json!({
        "c": ["@"], "i": 71_694_521_835_010_u64, "p": price, "s": 100,
        "t": "2026-11-23T20:59:59.987654321Z", "x": "V", "z": "C",
    })
}

/// One page of bars and the token of the next.
fn bars(request: &Recorded, symbol: &str) -> (Value, Value) {
    let start = request
        .query("page_token")
        .and_then(|token| token.parse().ok())
        .unwrap_or(0)
        .min(BARS);
    let limit = request
        .query("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(1000)
        .clamp(1, 10_000);
    let end = (start + limit).min(BARS);
    let base = price(symbol).unwrap_or(1.0);
    let page = (start..end).map(|index| {
        let step = u32::try_from(index * 7919 % 200).unwrap_or(0);
        let close = (base * 100.0 + f64::from(step)).round() / 100.0;
        json!({
            "c": close, "h": close + 0.05, "l": close - 0.05, "n": 40 + step, "o": close - 0.01,
            "t": rfc3339(FIRST_BAR + index as u64 * 60), "v": 1000 + step, "vw": close,
        })
    });
    let next = if end < BARS {
        Value::String(end.to_string())
    } else {
        Value::Null
    };
    (page.collect(), next)
}
