//! Every ending under every class, and every clock.

use super::*;
use crate::request::trading;
use std::string::ToString;

const RULES: RetryRules = RetryRules::new();
const CLASSES: [Replay; 3] = [Replay::Safe, Replay::WithClientOrderId, Replay::Never];
const METHODS: [Method; 5] = [
    Method::Get,
    Method::Post,
    Method::Put,
    Method::Patch,
    Method::Delete,
];

const fn facts(method: Method, replay: Replay, ended: Ended) -> Facts {
    Facts {
        method,
        replay,
        ended,
        attempts: 1,
        uncertain: false,
        elapsed: Duration::ZERO,
        unix_now: Some(1_800_000_000),
        jitter: 0,
    }
}

fn answered(status: u16) -> Ended {
    Ended::Answered(Answer::status(status))
}

#[test]
fn what_may_have_taken_effect_is_sent_again_only_under_its_client_order_id() {
    let lost = [
        Ended::MaybeSent { passing: true },
        answered(408),
        answered(500),
        answered(502),
        answered(503),
        answered(504),
    ];
    for method in METHODS {
        for ended in lost {
            let never = decide(&RULES, &facts(method, Replay::Never, ended));
            let stopped = match method {
                Method::Get => RetryDecision::Stop(StopReason::NotRepeatable),
                _ => RetryDecision::Unknown(StopReason::NotRepeatable),
            };
            assert_eq!(never, stopped, "{method:?} {ended:?}");
            for replay in [Replay::Safe, Replay::WithClientOrderId] {
                let again = decide(&RULES, &facts(method, replay, ended));
                assert!(matches!(again, RetryDecision::After(_)), "{ended:?}");
            }
        }
    }
}

#[test]
fn a_request_of_class_never_that_reached_a_server_is_not_sent_again_whatever_it_says() {
    for status in 0..=999 {
        for uncertain in [false, true] {
            let facts = Facts {
                uncertain,
                ..facts(Method::Post, Replay::Never, answered(status))
            };
            let decision = decide(&RULES, &facts);
            assert!(!matches!(decision, RetryDecision::After(_)), "{status}");
        }
    }
    for uncertain in [false, true] {
        let facts = Facts {
            uncertain,
            ..facts(
                Method::Post,
                Replay::Never,
                Ended::NotSent { passing: true },
            )
        };
        let again = matches!(decide(&RULES, &facts), RetryDecision::After(_));
        assert_eq!(again, !uncertain);
    }
}

#[test]
fn after_an_uncertain_attempt_only_a_success_is_certain() {
    for method in METHODS.into_iter().skip(1) {
        for replay in CLASSES {
            for status in 0..=999 {
                let facts = Facts {
                    uncertain: true,
                    attempts: 9,
                    ..facts(method, replay, answered(status))
                };
                let took_effect = decide(&RULES, &facts).took_effect();
                let expected = match status {
                    200..=299 => TookEffect::Yes,
                    _ => TookEffect::Unknown,
                };
                assert_eq!(took_effect, Some(expected), "{status}");
            }
            for passing in [false, true] {
                for ended in [Ended::NotSent { passing }, Ended::MaybeSent { passing }] {
                    let facts = Facts {
                        uncertain: true,
                        attempts: 9,
                        ..facts(method, replay, ended)
                    };
                    assert_eq!(
                        decide(&RULES, &facts).took_effect(),
                        Some(TookEffect::Unknown)
                    );
                }
            }
        }
    }
}

#[test]
fn a_first_refusal_is_certain_and_final() {
    for status in [400, 401, 403, 404, 405, 409, 410, 418, 422, 451, 499] {
        for replay in CLASSES {
            let decision = decide(&RULES, &facts(Method::Post, replay, answered(status)));
            assert_eq!(
                decision,
                RetryDecision::Stop(StopReason::Refused),
                "{status}"
            );
            assert_eq!(decision.took_effect(), Some(TookEffect::No));
        }
    }
    // Neither refusals nor successes: what stands between may have passed the request on.
    for status in [
        0, 100, 101, 199, 300, 302, 303, 307, 501, 505, 520, 599, 600,
    ] {
        let decision = decide(&RULES, &facts(Method::Post, Replay::Safe, answered(status)));
        assert_eq!(
            decision,
            RetryDecision::Unknown(StopReason::Refused),
            "{status}"
        );
        let decision = decide(&RULES, &facts(Method::Get, Replay::Safe, answered(status)));
        assert_eq!(
            decision,
            RetryDecision::Stop(StopReason::Refused),
            "{status}"
        );
    }
}

#[test]
fn what_trying_again_cannot_mend_is_not_tried_again() {
    for replay in CLASSES {
        let not_sent = Ended::NotSent { passing: false };
        let decision = decide(&RULES, &facts(Method::Post, replay, not_sent));
        assert_eq!(decision, RetryDecision::Stop(StopReason::Faulty));
        let malformed = Ended::MaybeSent { passing: false };
        let decision = decide(&RULES, &facts(Method::Post, replay, malformed));
        assert_eq!(decision, RetryDecision::Unknown(StopReason::Faulty));
        let decision = decide(&RULES, &facts(Method::Get, replay, malformed));
        assert_eq!(decision, RetryDecision::Stop(StopReason::Faulty));
    }
}

#[test]
fn absurd_waits_are_bounded_by_pause_and_deadline() {
    let limited = |retry_after, reset, date| {
        let answer = Answer {
            status: 429,
            retry_after,
            reset,
            date,
        };
        let facts = facts(Method::Get, Replay::Safe, Ended::Answered(answer));
        decide(&RULES, &facts)
    };
    let after = |millis| RetryDecision::After(Duration::from_millis(millis));
    let deadline = RetryDecision::Stop(StopReason::Deadline);
    let seconds = |seconds| Some(RetryAfter::Seconds(seconds));
    let at = |time| Some(RetryAfter::At(time));
    let date = Some(1_700_000_000);
    for (retry_after, reset, date, expected) in [
        (None, None, None, after(1000)),
        (seconds(0), None, None, after(1000)),
        (seconds(7), None, None, after(7000)),
        (seconds(7), Some(1_700_000_020), date, after(7000)),
        (seconds(29), None, None, after(29_000)),
        (seconds(30), None, None, deadline),
        (seconds(u32::MAX), None, None, deadline),
        // A date by the server's clock, whatever ours says.
        (at(1_700_000_005), None, date, after(5000)),
        (at(1_600_000_000), None, date, after(1000)),
        (at(0), None, date, after(1000)),
        (at(u64::MAX), None, date, deadline),
        (at(u64::MAX), None, Some(u64::MAX), after(1000)),
        // A date by ours.
        (at(1_800_000_004), None, None, after(4000)),
        (at(1_700_000_005), None, None, after(1000)),
        // A reset: never in the past, never more than a minute away.
        (None, Some(1_700_000_012), date, after(12_000)),
        (None, Some(1_699_999_999), date, after(1000)),
        (None, Some(0), date, after(1000)),
        (None, Some(u64::MAX), date, deadline),
        (None, Some(1_800_000_012), None, after(12_000)),
    ] {
        let decision = limited(retry_after, reset, date);
        assert_eq!(decision, expected, "{retry_after:?} {reset:?} {date:?}");
    }
    // With more time, a far reset is a minute.
    let patient = RETRY_PATIENT;
    let answer = Answer {
        reset: Some(u64::MAX),
        ..Answer::status(429)
    };
    let facts = facts(Method::Get, Replay::Safe, Ended::Answered(answer));
    assert_eq!(decide(&patient, &facts), after(60_000));
}

const RETRY_PATIENT: RetryRules = RetryRules::new().deadline(Duration::from_secs(3600));

#[test]
fn pauses_double_to_a_bound_and_half_of_each_is_random() {
    let pause = |attempts, jitter| {
        let lost = Ended::NotSent { passing: true };
        let facts = Facts {
            attempts,
            jitter,
            ..facts(Method::Get, Replay::Safe, lost)
        };
        match decide(&RETRY_PATIENT.attempts(u32::MAX), &facts) {
            RetryDecision::After(pause) => millis(pause),
            other => panic!("{other:?}"),
        }
    };
    for (attempts, full) in [
        (1, 500),
        (2, 1000),
        (3, 2000),
        (4, 4000),
        (6, 16_000),
        (7, 20_000),
    ] {
        assert_eq!(pause(attempts, 0), full / 2);
        assert_eq!(pause(attempts, u32::MAX), full - 1);
    }
    assert_eq!(pause(u32::MAX - 1, 0), 10_000);
    let facts = Facts {
        attempts: u32::MAX,
        ..facts(Method::Get, Replay::Safe, Ended::NotSent { passing: true })
    };
    let spent = RetryDecision::Stop(StopReason::AttemptsSpent);
    assert_eq!(decide(&RETRY_PATIENT.attempts(u32::MAX), &facts), spent);
    assert_eq!(
        decide(
            &RULES.attempts(0),
            &Facts {
                attempts: 1,
                ..facts
            }
        ),
        spent
    );
}

const WITH_ID: &[u8] = br#"{"client_order_id":"a-1"}"#;

#[test]
fn a_class_without_an_id_in_the_body_is_never() {
    for (body, replay) in [
        (WITH_ID, Replay::WithClientOrderId),
        (b"{}", Replay::Never),
        (br#"{"client_order_id":""}"#, Replay::Never),
    ] {
        let order = trading::submit_order(body);
        assert_eq!(replay_of(&order), Replay::Never);
        assert_eq!(
            replay_of(&order.with_replay(Replay::WithClientOrderId)),
            replay
        );
    }
    assert_eq!(replay_of(&trading::account()), Replay::Safe);
}

#[test]
fn a_clock_that_goes_back_extends_no_deadline() {
    let order = trading::submit_order(WITH_ID).with_replay(Replay::WithClientOrderId);
    let mut retry = Retry::new(RULES.attempts(u32::MAX), &order, Duration::from_secs(1000));
    let (mut waited, mut last) = (0, RetryDecision::Stop(StopReason::Answered));
    for step in 0..100_u64 {
        // Each look is earlier than the one before.
        let now = Duration::from_secs(900 - step);
        last = retry.ended(Ended::MaybeSent { passing: true }, now, None, u32::MAX);
        match last {
            RetryDecision::After(pause) => waited += millis(pause),
            _ => break,
        }
    }
    assert_eq!(last, RetryDecision::Unknown(StopReason::Deadline));
    assert!(waited < 30_000, "{waited}");
    assert!(retry.left(Duration::ZERO) < Duration::from_secs(30));
}

#[test]
fn a_clock_that_leaps_ahead_ends_it() {
    let account = trading::account();
    let mut retry = Retry::new(RULES, &account, Duration::ZERO);
    let lost = Ended::NotSent { passing: true };
    let decision = retry.ended(lost, Duration::MAX, None, 0);
    assert_eq!(decision, RetryDecision::Stop(StopReason::Deadline));
    assert_eq!(retry.left(Duration::ZERO), Duration::ZERO);
}

#[test]
fn the_end_stays_the_end() {
    let account = trading::account();
    let mut retry = Retry::new(RULES, &account, Duration::ZERO);
    let refused = retry.ended(answered(404), Duration::ZERO, None, 0);
    for ended in [
        answered(200),
        answered(503),
        Ended::NotSent { passing: true },
    ] {
        assert_eq!(retry.ended(ended, Duration::ZERO, None, 0), refused);
    }
    assert_eq!(retry.attempts(), 1);
}

#[test]
fn a_lost_order_that_is_refused_the_second_time_is_unknown() {
    let order = trading::submit_order(WITH_ID).with_replay(Replay::WithClientOrderId);
    for second in [401, 403, 404, 422, 429, 500] {
        let mut retry = Retry::new(RULES.attempts(2), &order, Duration::ZERO);
        let first = retry.ended(Ended::MaybeSent { passing: true }, Duration::ZERO, None, 0);
        assert!(matches!(first, RetryDecision::After(_)));
        let verdict = retry.ended(answered(second), Duration::from_secs(1), None, 0);
        assert_eq!(verdict.took_effect(), Some(TookEffect::Unknown), "{second}");
        let text = verdict.to_string();
        assert!(
            text.starts_with("unknown, check by client_order_id"),
            "{text}"
        );
    }
    // A 429 is no effect, so a refusal after it is a refusal.
    let mut retry = Retry::new(RULES, &order, Duration::ZERO);
    assert!(matches!(
        retry.ended(answered(429), Duration::ZERO, None, 0),
        RetryDecision::After(_)
    ));
    let verdict = retry.ended(answered(422), Duration::from_secs(1), None, 0);
    assert_eq!(verdict, RetryDecision::Stop(StopReason::Refused));
}
