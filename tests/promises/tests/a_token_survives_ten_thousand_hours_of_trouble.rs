//! Ten thousand simulated hours of outages, latencies, revocations and clocks that jump: no expired
//! token is used, one refresh at a time, no storm of refreshes, and progress after every outage.

use std::time::Duration;

use alpaca_auth::oauth::{
    Attempt, ErrorCode, Failure, INTERVAL_MIN, Lifecycle, REJECTION_INTERVAL, Rejection, Serial,
    Step, WAIT_MAX,
};

const HOURS: u64 = 1000;
const SEEDS: u64 = 10;
/// Longest simulated answer, pause between requests, and `Retry-After`.
const LATENCY_MAX: u64 = 30_000;
const GAP_MAX: u64 = 40_000;
const ASKED_MAX: u64 = 120_000;
/// A token is not used this long before its end, or a tenth of its life.
const MARGIN: u64 = 10_000;
/// Longest without a token and without trouble: what was asked for or a full pause, a gap until the
/// poll that starts, the answer, a gap until the poll that sees it; and one pause more, because the
/// first attempt may have started while there was trouble.
const PROGRESS: u64 = ASKED_MAX + 60_000 + LATENCY_MAX + 2 * GAP_MAX;

/// SplitMix64: the same run on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn jitter(&mut self) -> u32 {
        self.next() as u32
    }
}

struct Token {
    serial: Serial,
    /// In true time.
    expires: u64,
    revoked: bool,
    /// The caller's clock has not gone back since the token was asked for.
    clock_was_sound: bool,
    rejected: bool,
    /// By the caller's clock: from then on it is not used, and then it is refreshed, no earlier and
    /// no later.
    ends: u64,
    refreshed: (u64, u64),
}

/// An attempt on its way: what the server makes of it, and when the answer is there.
struct Pending {
    attempt: Attempt,
    /// By the caller's clock.
    started: u64,
    issued: u64,
    arrives: u64,
    /// Seconds, if the server was up.
    lives: Option<u32>,
    clock_was_sound: bool,
}

#[derive(Default)]
struct Count {
    requests: u64,
    attempts: u64,
    succeeded: u64,
    rejected: u64,
    outages: u64,
    jumps: u64,
    served_while_down: u64,
    late: u64,
    long_waits: u64,
    refusals: u64,
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn run(seed: u64, jumps: bool, sum: &mut Count) {
    let mut random = Random(seed);
    let mut life = Lifecycle::new();
    let mut token: Option<Token> = None;
    let mut pending: Option<Pending> = None;
    // Attempts that were abandoned, and whose answers come all the same.
    let mut late: Vec<Pending> = Vec::new();
    // True time, the caller's clock, and how far that clock has gone forward.
    let (mut now, mut clock, mut forward) = (0_u64, 1_000_000_000_u64, 0_u64);
    let (mut down_until, mut refusing_until, mut calm_since) = (0_u64, 0_u64, 0_u64);
    let (mut last_start, mut failures) = (None::<u64>, 0_u32);
    let (mut earliest, mut latest) = (0_u64, 0_u64);
    let (mut last_rejection, mut last_usable) = (None::<u64>, 0_u64);
    // The clock went back or the client was changed, and no token was issued since.
    let mut went_back = false;
    // The server has refused for good.
    let mut refused = false;

    while now < HOURS * 3_600_000 {
        let longest = if random.one_in(4) { GAP_MAX } else { 3_000 };
        let gap = 1 + random.below(longest);
        now += gap;
        clock += gap;
        forward += gap;
        if now >= down_until && random.one_in(3_000) {
            down_until = now + random.below(3_600_000);
            sum.outages += 1;
        }
        if now < down_until {
            calm_since = calm_since.max(down_until);
        }
        if jumps && random.one_in(5_000) {
            let size = 1 + random.below(10_000_000);
            if random.one_in(2) {
                clock = clock.saturating_sub(size + gap);
                forward -= gap;
                went_back = true;
                token
                    .iter_mut()
                    .for_each(|token| token.clock_was_sound = false);
                pending
                    .iter_mut()
                    .for_each(|pending| pending.clock_was_sound = false);
            } else {
                clock += size;
                forward += size;
            }
            calm_since = calm_since.max(now);
            sum.jumps += 1;
        }
        if random.one_in(4_000) {
            token.iter_mut().for_each(|token| token.revoked = true);
            calm_since = calm_since.max(now);
        }

        if random.one_in(20_000) {
            refusing_until = now + random.below(600_000);
        }
        if now < refusing_until {
            token.iter_mut().for_each(|token| token.revoked = true);
            calm_since = calm_since.max(now);
        }

        // The answer to an attempt arrives, or its future was dropped.
        if random.one_in(2_000)
            && let Some(abandoned) = pending.take()
        {
            life.abandon();
            late.push(abandoned);
            calm_since = calm_since.max(now);
        }
        for done in late.extract_if(.., |late| late.arrives <= now) {
            sum.late += 1;
            match done.lives {
                Some(lives) => {
                    let landed = life.succeed(done.attempt, lives, millis(clock), 0);
                    assert_eq!(landed, None, "an abandoned attempt brought a token");
                }
                None => {
                    let failure = Failure::Passing { retry_after: None };
                    life.fail(done.attempt, failure, millis(clock), u32::MAX);
                }
            }
        }
        if let Some(done) = pending.take_if(|pending| pending.arrives <= now) {
            match done.lives {
                Some(lives) => {
                    let serial = life
                        .succeed(done.attempt, lives, millis(clock), random.jitter())
                        .expect("it was not abandoned");
                    token = Some(Token {
                        serial,
                        expires: done.issued + u64::from(lives) * 1000,
                        revoked: false,
                        clock_was_sound: done.clock_was_sound,
                        rejected: false,
                        ends: done.started + u64::from(lives) * 1000
                            - MARGIN.min(u64::from(lives) * 100),
                        refreshed: (
                            done.started + u64::from(lives) * 600,
                            done.started + u64::from(lives) * 730,
                        ),
                    });
                    failures = 0;
                    went_back = false;
                    sum.succeeded += 1;
                }
                None => {
                    if random.one_in(100) {
                        refused = true;
                        sum.refusals += 1;
                        let code = ErrorCode::InvalidClient;
                        let failure = Failure::Final(code);
                        life.fail(done.attempt, failure, millis(clock), random.jitter());
                        continue;
                    }
                    let mut asked = random.one_in(4).then(|| random.below(ASKED_MAX));
                    if random.one_in(500) {
                        asked = Some(10 * WAIT_MAX.as_millis() as u64);
                        sum.long_waits += 1;
                    }
                    let failure = Failure::Passing {
                        retry_after: asked.map(millis),
                    };
                    life.fail(done.attempt, failure, millis(clock), random.jitter());
                    let asked = asked.map(|asked| asked.min(WAIT_MAX.as_millis() as u64));
                    if asked > Some(ASKED_MAX) {
                        // What the server asks for is no trouble of ours.
                        calm_since = calm_since.max(now + WAIT_MAX.as_millis() as u64);
                    }
                    let full = (1000_u64 << failures.min(6)).min(60_000);
                    failures += 1;
                    earliest = forward + (full / 2).max(asked.unwrap_or(0));
                    latest = forward + full.max(asked.unwrap_or(0));
                }
            }
        }

        // Somebody changes the client after a final refusal, or gives the token up.
        if refused {
            calm_since = calm_since.max(now);
            if random.one_in(50) {
                life.restart();
                (refused, went_back, failures) = (false, true, 0);
            }
        }
        if random.one_in(5_000) {
            life.discard();
            token.iter_mut().for_each(|token| token.rejected = true);
            calm_since = calm_since.max(now);
        }

        // A request wants a token.
        sum.requests += 1;
        let step = life.poll(millis(clock));
        let usable = match step {
            Step::Refresh { attempt, usable } => {
                assert!(pending.is_none(), "a second attempt in flight");
                assert!(!refused, "asked again after a final refusal");
                let due =
                    |token: &Token| went_back || token.rejected || forward >= token.refreshed.0;
                assert!(token.as_ref().is_none_or(due), "a refresh without a reason");
                if let Some(last) = last_start {
                    let apart = millis(forward - last);
                    assert!(apart >= INTERVAL_MIN, "attempts {apart:?} apart");
                }
                assert!(forward >= earliest, "a pause was cut short");
                last_start = Some(forward);
                let latency = 1 + random.below(LATENCY_MAX);
                let issued = now + random.below(latency);
                let up = now >= down_until;
                pending = Some(Pending {
                    attempt,
                    started: forward,
                    issued,
                    arrives: now + latency,
                    lives: up.then(|| [899, 899, 899, 60, 3600][random.below(5) as usize]),
                    clock_was_sound: true,
                });
                sum.attempts += 1;
                usable
            }
            Step::Use(serial) => {
                let token = token.as_ref().expect("a token was issued");
                let may_start =
                    forward >= latest && last_start.is_none_or(|last| forward - last >= 1000);
                let due = went_back || forward > token.refreshed.1;
                assert!(
                    pending.is_some() || refused || !may_start || !due,
                    "a refresh that is due does not come"
                );
                Some(serial)
            }
            Step::InFlight => {
                assert!(pending.is_some(), "waiting for nobody");
                None
            }
            Step::Wait(pause) => {
                assert!(pending.is_none());
                assert!(pause <= WAIT_MAX, "{pause:?}");
                let due = millis(forward) + pause;
                let interval = last_start.map(|last| millis(last) + INTERVAL_MIN);
                assert!(
                    due <= millis(latest).max(interval.unwrap_or_default()),
                    "a pause is too long"
                );
                None
            }
            Step::Refused(_) => {
                assert!(refused, "refused by nobody");
                None
            }
        };
        let valid = |token: &Token| !token.rejected && forward < token.ends;
        assert_eq!(
            usable.is_some(),
            token.as_ref().is_some_and(valid),
            "a valid token is served, and no other"
        );
        let Some(serial) = usable else {
            let calm = now.saturating_sub(calm_since.max(last_usable));
            assert!(calm <= PROGRESS, "no token for {calm} ms without trouble");
            continue;
        };
        last_usable = now;
        let used = token.as_ref().expect("a token was issued");
        assert_eq!(used.serial, serial, "only the newest token is used");
        sum.served_while_down += u64::from(now < down_until);
        let expired = now >= used.expires;
        assert!(
            !expired || !used.clock_was_sound,
            "an expired token was used by a sound clock"
        );
        if expired || used.revoked {
            // 401. One refresh, and the request goes out once more with the next token.
            sum.rejected += 1;
            let recently =
                last_rejection.is_some_and(|last| millis(forward - last) < REJECTION_INTERVAL);
            match life.rejected(serial, millis(clock)) {
                Rejection::Refresh => {
                    assert!(!recently, "two refreshes by 401 within 30 s");
                    last_rejection = Some(forward);
                    token.iter_mut().for_each(|token| token.rejected = true);
                    let again = life.usable_at(millis(clock));
                    assert_eq!(again, None, "a rejected token is not used again");
                    calm_since = calm_since.max(now);
                }
                Rejection::Keep => assert!(recently, "a 401 without a refresh"),
                Rejection::Replaced => panic!("there is no newer token"),
            }
        }
    }
}

fn ten_thousand_hours(jumps: bool) -> Count {
    let mut sum = Count::default();
    for seed in 0..SEEDS {
        run(seed, jumps, &mut sum);
    }
    // All of it did happen.
    assert!(sum.requests > 1_000_000 && sum.outages > 500 && sum.rejected > 100);
    assert!(sum.late > 20 && sum.long_waits > 20 && sum.refusals > 20);
    assert!(
        sum.served_while_down > 10_000,
        "valid tokens are served in outages"
    );
    sum
}

#[test]
fn with_a_monotonic_clock() {
    let sum = ten_thousand_hours(false);
    // Tokens live 60 to 3600 s. Whatever happened, no more than one attempt in 9 s on average.
    assert!(sum.attempts < HOURS * SEEDS * 400, "{}", sum.attempts);
}

#[test]
fn with_a_clock_that_jumps() {
    let sum = ten_thousand_hours(true);
    assert!(sum.jumps > 300);
    assert!(sum.attempts < HOURS * SEEDS * 400, "{}", sum.attempts);
}
