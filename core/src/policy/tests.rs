//! A table of refusals, and the neighbours that pass.

use super::*;
use crate::endpoint::Trading;
use crate::request::trading;
use crate::retry::TookEffect;
use std::format;
use std::string::{String, ToString};

const POLICY: Policy = Policy::new()
    .symbols(&["AAPL", "BTC/USD", "ETH/BTC", "AAPL261218C00300000"])
    .per_order(Amount::dollars(1000))
    .per_day(Amount::dollars(1500));

fn dollars(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn body(rest: &str) -> String {
    format!(r#"{{"symbol":"AAPL","side":"buy","type":"limit","time_in_force":"day"{rest}}}"#)
}

fn judge(policy: &Policy<'_>, body: &str, price: Option<&str>) -> Result<Amount, PolicyError> {
    policy.check(&trading::submit_order(body.as_bytes()), price.map(dollars))
}

#[test]
fn an_order_that_cannot_be_judged_is_refused_by_name() {
    use PolicyError as E;
    let good = body(r#","qty":"2","limit_price":"231.50""#);
    assert_eq!(judge(&POLICY, &good, None), Ok(dollars("463")));
    let swap = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    for (body, error) in [
        // No JSON, or JSON that another reader may read otherwise.
        ("".into(), E::Body),
        ("[]".into(), E::Body),
        ("7".into(), E::Body),
        (good.clone() + "{}", E::Body),
        (swap("\"qty\"", "\"QTY\""), E::Body),
        (swap("}", ",\"Qty\":\"900\"}"), E::Body),
        (swap("}", ",\"qt\\u0079\":\"900\"}"), E::Body),
        (swap("}", ",\"qty\":\"900\"}"), E::Body),
        (swap("}", ",\"qty\":\"2\"}"), E::Body),
        (swap("}", ",\"symbol\":\"TSLA\"}"), E::Body),
        (swap("}", ",\"\u{17f}ymbol\":\"TSLA\"}"), E::Body),
        (swap("}", ",\"time_in_force\":\"gtc\"}"), E::Body),
        (swap("AAPL", "\\u0041APL"), E::Body),
        (swap("buy", "bu\\u0079"), E::Body),
        // Members and values that are not known.
        (swap("}", ",\"legs\":[]}"), E::Member),
        (swap("}", ",\"order_class\":\"mleg\"}"), E::Member),
        (swap("}", ",\"order_class\":\"bracket\"}"), E::Member),
        (
            swap("}", ",\"take_profit\":{\"limit_price\":\"1\"}}"),
            E::Member,
        ),
        (swap("}", ",\"currency\":\"JPY\"}"), E::Member),
        (swap("}", ",\"commission\":\"900\"}"), E::Member),
        (swap("}", ",\"x\":1}"), E::Member),
        (swap("\"buy\"", "\"sell_short\""), E::Member),
        (swap("\"buy\"", "7"), E::Member),
        (swap("\"buy\"", "null"), E::Member),
        (swap("\"limit\"", "\"fancy\""), E::Member),
        (swap(",\"type\":\"limit\"", ""), E::Member),
        (swap("\"symbol\":\"AAPL\",", ""), E::Member),
        (swap("\"AAPL\"", "[\"AAPL\"]"), E::Member),
        (swap("\"AAPL\"", "null"), E::Member),
        // Symbols.
        (swap("AAPL", "TSLA"), E::Symbol),
        (swap("AAPL", "aapl"), E::Symbol),
        (swap("AAPL", "AAPL "), E::Symbol),
        (swap("AAPL", ""), E::Symbol),
        (swap("AAPL", "ETH/BTC"), E::Instrument),
        // Numbers.
        (swap(",\"qty\":\"2\"", ""), E::Number),
        (swap("\"2\"", "\"0\""), E::Number),
        (swap("\"2\"", "\"-2\""), E::Number),
        (swap("\"2\"", "-2"), E::Number),
        (swap("\"2\"", "2e3"), E::Number),
        (swap("\"2\"", "\"2e3\""), E::Number),
        (swap("\"2\"", "\" 2\""), E::Number),
        (swap("\"2\"", "\"\""), E::Number),
        (swap("\"2\"", "true"), E::Number),
        (swap("\"2\"", "[2]"), E::Number),
        (swap("\"2\"", "null"), E::Number),
        (swap("}", ",\"notional\":\"1\"}"), E::Number),
        (swap(",\"limit_price\":\"231.50\"", ""), E::Number),
        (swap("231.50", "0"), E::Number),
        (swap("\"2\"", &format!("\"{}\"", "9".repeat(29))), E::Number),
        // Too much.
        (
            swap("\"2\"", "\"5\""),
            E::PerOrder {
                amount: dollars("1157.50"),
                most: dollars("1000"),
            },
        ),
        (
            swap("\"2\"", "5"),
            E::PerOrder {
                amount: dollars("1157.50"),
                most: dollars("1000"),
            },
        ),
        (
            swap("AAPL", "AAPL261218C00300000"),
            E::PerOrder {
                amount: dollars("46300"),
                most: dollars("1000"),
            },
        ),
        (
            swap("\"qty\":\"2\"", "\"notional\":\"1000.0000000001\""),
            E::PerOrder {
                amount: dollars("1000.000000001"),
                most: dollars("1000"),
            },
        ),
    ] {
        assert_eq!(judge(&POLICY, &body, None), Err(error), "{body}");
        assert!(
            error
                .to_string()
                .starts_with("refused by policy, nothing was sent: ")
        );
    }
}

#[test]
fn an_order_whose_price_is_not_bounded_needs_the_callers() {
    let order = |side: &str, kind: &str, rest: &str| {
        format!(
            r#"{{"symbol":"AAPL","side":"{side}","type":"{kind}","time_in_force":"day","qty":2{rest}}}"#
        )
    };
    let limit = r#","limit_price":"300""#;
    let stop = r#","stop_price":"310""#;
    for (body, amount) in [
        (order("buy", "market", ""), "463"),
        (order("sell", "market", ""), "463"),
        (order("buy", "stop", stop), "620"),
        (order("sell", "stop", stop), "620"),
        (
            order("buy", "trailing_stop", r#","trail_percent":"5""#),
            "463",
        ),
        // The limit of a sale is a floor.
        (order("sell", "limit", r#","limit_price":"1""#), "463"),
        (order("sell", "limit", limit), "600"),
        (
            order("sell", "stop_limit", &format!("{stop}{limit}")),
            "620",
        ),
    ] {
        let refused = Err(PolicyError::PriceUnknown);
        assert_eq!(judge(&POLICY, &body, None), refused, "{body}");
        assert_eq!(judge(&POLICY, &body, Some("0")), refused, "{body}");
        assert_eq!(
            judge(&POLICY, &body, Some("231.50")),
            Ok(dollars(amount)),
            "{body}"
        );
    }
    // A buy with a limit is bounded by it, whatever the caller believes.
    for kind in ["limit", "stop_limit"] {
        let body = order("buy", kind, &format!("{stop}{limit}"));
        for price in [None, Some("1"), Some("231.50")] {
            assert_eq!(judge(&POLICY, &body, price), Ok(dollars("600")));
        }
    }
}

#[test]
fn what_may_move_money_and_is_no_order_is_refused() {
    let json = body(r#","notional":"1""#);
    let mut target = crate::request::TargetBuffer::<64>::new("/").unwrap();
    for (method, path) in [
        (Method::Delete, "/v2/positions"),
        (Method::Post, "/v1/transfers"),
        (Method::Post, "/v2/orders/"),
        (Method::Post, "/v2/%6Frders"),
        (Method::Patch, "/v2/orders/1"),
        (Method::Put, "/v2/orders"),
        (Method::Post, "/v2/options/orders/x"),
    ] {
        let raw = Request::<Trading>::new(method, path)
            .unwrap()
            .with_json(json.as_bytes());
        assert_eq!(
            POLICY.check(&raw, None),
            Err(PolicyError::NoOrder),
            "{path}"
        );
    }
    let form = Request::<Trading>::new(Method::Post, "/v2/orders").unwrap();
    assert_eq!(
        POLICY.check(&form.with_form(json.as_bytes()), None),
        Err(PolicyError::NoOrder)
    );
    // A raw order is judged as a ready one; reads and cancellations move nothing.
    let raw = Request::<Trading>::new(Method::Post, "/v2/orders?x=y").unwrap();
    assert_eq!(
        POLICY.check(&raw.with_json(json.as_bytes()), None),
        Ok(dollars("1"))
    );
    assert_eq!(POLICY.check(&trading::account(), None), Ok(Amount::ZERO));
    let cancel = trading::cancel_order(&mut target, "1").unwrap();
    assert_eq!(POLICY.check(&cancel, None), Ok(Amount::ZERO));
}

#[test]
fn operations_that_are_not_named_are_refused() {
    let (account, clock) = (trading::account(), trading::clock());
    let allowed = [account.operation().unwrap()];
    let policy = Policy::new().operations(&allowed);
    assert_eq!(policy.check(&account, None), Ok(Amount::ZERO));
    assert_eq!(policy.check(&clock, None), Err(PolicyError::Operation));
    let order = trading::submit_order(b"{}");
    assert_eq!(policy.check(&order, None), Err(PolicyError::Operation));
    let raw = Request::<Trading>::new(Method::Get, "/v2/account").unwrap();
    assert_eq!(policy.check(&raw, None), Err(PolicyError::OperationUnknown));
    // The same id in another API is another operation.
    let foreign = Operation {
        api: crate::endpoint::ApiKind::Broker,
        ..*allowed[0]
    };
    let allowed = [&foreign];
    let policy = Policy::new().operations(&allowed);
    assert_eq!(policy.check(&account, None), Err(PolicyError::Operation));
    let none = Policy::new().operations(&[]);
    assert_eq!(none.check(&account, None), Err(PolicyError::Operation));
    assert_eq!(Policy::new().check(&order, None), Ok(Amount::ZERO));
}

const NOON: u64 = 1_795_564_800;

fn reserve(ledger: &mut Ledger, notional: &str, now: u64) -> Result<Reservation, PolicyError> {
    let json = body(&format!(r#","notional":"{notional}""#));
    ledger.reserve(&POLICY, &trading::submit_order(json.as_bytes()), None, now)
}

#[test]
fn a_days_amount_is_counted_when_sent_and_not_when_refused() {
    let mut ledger = Ledger::new();
    let first = reserve(&mut ledger, "1000", NOON).unwrap();
    let left = |amount, left| PolicyError::PerDay {
        amount: dollars(amount),
        left: dollars(left),
    };
    assert_eq!(
        reserve(&mut ledger, "500.01", NOON).unwrap_err(),
        left("500.01", "500")
    );
    assert_eq!(
        reserve(&mut ledger, "1001", NOON).unwrap_err().to_string(),
        "refused by policy, nothing was sent: 1001.00 exceeds the 1000.00 allowed per order"
    );
    assert_eq!(ledger.spent(), dollars("1000"));
    let second = reserve(&mut ledger, "500", NOON).unwrap();
    assert_eq!(
        reserve(&mut ledger, "0.000000001", NOON).unwrap_err(),
        left("0.000000001", "0")
    );
    // What may have taken effect stays; what certainly took none is given back, once.
    ledger.settle(first, TookEffect::Unknown);
    assert_eq!(ledger.spent(), dollars("1500"));
    ledger.settle(second, TookEffect::No);
    assert_eq!(ledger.spent(), dollars("1000"));
    let third = reserve(&mut ledger, "1", NOON).unwrap();
    ledger.settle(third, TookEffect::Yes);
    drop(reserve(&mut ledger, "1", NOON).unwrap());
    assert_eq!(ledger.spent(), dollars("1002"));
    // Reads are not stopped by a spent day.
    assert!(
        ledger
            .reserve(&POLICY, &trading::account(), None, NOON)
            .is_ok()
    );
}

#[test]
fn a_day_ends_at_midnight_utc_and_never_comes_back() {
    let midnight = NOON / 86_400 * 86_400 + 86_400;
    let mut ledger = Ledger::new();
    let late = reserve(&mut ledger, "1000", midnight - 1).unwrap();
    assert!(reserve(&mut ledger, "1000", midnight - 1).is_err());
    let _kept = reserve(&mut ledger, "1000", midnight).unwrap();
    // Yesterday's order failed: nothing of today's is given back for it.
    ledger.settle(late, TookEffect::No);
    assert_eq!(ledger.spent(), dollars("1000"));
    // A clock that goes back stays in the later day.
    for now in [midnight - 1, NOON, 0] {
        assert!(reserve(&mut ledger, "1000", now).is_err(), "{now}");
    }
    assert_eq!(ledger.day(), midnight / 86_400);
    let mut restored = Ledger::restore(ledger.day(), ledger.spent());
    assert!(reserve(&mut restored, "1000", midnight).is_err());
    // A refused order does not begin a day either.
    assert!(reserve(&mut restored, "1001", midnight + 86_400).is_err());
    assert_eq!(restored, ledger);
    assert!(reserve(&mut restored, "1", u64::MAX).is_ok());
}
