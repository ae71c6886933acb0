//! Does one thing of a call's conduct COUNT times: `conduct decide|record|policy COUNT`.
//!
//! `decide` says what follows a 429; `record` admits a call to the rate budget, counts it and its answer,
//! and settles the budget; `policy` judges an order of 150 bytes.

use std::hint::black_box;
use std::time::Duration;

use alpaca_auth::endpoint::ApiKind;
use alpaca_auth::policy::{Amount, Ledger, Policy};
use alpaca_auth::rate::{Admission, RateBudget};
use alpaca_auth::request::{Replay, trading};
use alpaca_auth::response::{Outcome, ReplyHead};
use alpaca_auth::retry::{Answer, Ended, Retry, RetryDecision, RetryRules};
use alpaca_auth::usage::Usage;

const ORDER: &[u8] = br#"{"symbol":"AAPL","side":"buy","type":"limit","qty":"2","limit_price":"231.50","time_in_force":"day","client_order_id":"0123456789abcdef0123456789abcdef"}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let count: u64 = arguments[2].parse().expect("a count");
    let mut head = ReplyHead::new(200);
    for (name, value) in [
        ("x-ratelimit-limit", &b"200"[..]),
        ("x-ratelimit-remaining", b"199"),
        ("x-ratelimit-reset", b"1795514460"),
        ("date", b"Tue, 24 Nov 2026 10:00:00 GMT"),
        ("x-request-id", b"0123456789abcdef0123456789abcdef"),
    ] {
        head.field(name, value);
    }
    match arguments[1].as_str() {
        "decide" => {
            let mut limited = Answer::of(&head);
            limited.status = 429;
            let order = trading::submit_order(ORDER).with_replay(Replay::WithClientOrderId);
            let rules = RetryRules::new().attempts(u32::MAX).deadline(Duration::MAX);
            let mut retry = Retry::new(rules, &order, Duration::ZERO);
            for at in 0..count {
                let ended = black_box(Ended::Answered(limited));
                let decision = retry.ended(ended, Duration::from_secs(at), None, 7);
                assert!(matches!(black_box(decision), RetryDecision::After(_)));
            }
        }
        "record" => {
            let (mut budget, mut usage) = (RateBudget::new(), Usage::new());
            for at in 0..count {
                let now = Duration::from_secs(at);
                let Admission::Go(pass) = budget.admit(now) else {
                    panic!("there is room");
                };
                usage.call();
                usage.sent(180);
                let head = black_box(&head);
                usage.answered(ApiKind::Trading, head, Outcome::Success, 1100);
                budget.settle(pass, Some(head), now, None, 7);
            }
            assert_eq!(black_box(&usage).calls, count);
        }
        "policy" => {
            const POLICY: Policy<'static> = Policy::new()
                .symbols(&["AAPL"])
                .per_order(Amount::dollars(500))
                .per_day(Amount::dollars(u64::MAX));
            let mut ledger = Ledger::new();
            for at in 0..count {
                let order = trading::submit_order(black_box(ORDER));
                let reserved = ledger.reserve(&POLICY, &order, None, at);
                assert!(black_box(reserved).is_ok());
            }
        }
        other => panic!("{other} is not there; give decide, record or policy"),
    }
    std::process::exit(0); // without the wiping that dropping does
}
