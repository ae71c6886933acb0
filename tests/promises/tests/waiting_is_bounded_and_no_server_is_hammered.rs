//! Promise: whatever a server asks for and whatever clocks do, a call ends by its deadline, a storm of 429s is
//! met by fewer and fewer calls, and a sound limit is never exceeded.
//!
//! Time is simulated and every random number comes from a seed.

use std::time::Duration;

use alpaca_auth::http::RetryAfter;
use alpaca_auth::rate::{Admission, Pass, RateBudget};
use alpaca_auth::request::{Replay, trading};
use alpaca_auth::response::ReplyHead;
use alpaca_auth::retry::{Answer, Ended, Retry, RetryDecision, RetryRules};
use alpaca_auth_promises::wire::Seeded;
use alpaca_auth_promises::{client, config};
use alpaca_auth_ureq::{Error, Pace, Shared};
use alpaca_sandbox::{Misbehaviour, Options, Sandbox};
use rand_core::RngCore as _;

const SECOND: u64 = 1000;

/// A server's clock says this when the simulation begins.
const BEGIN: u64 = 1_795_514_400;

fn pick<T: Copy>(rng: &mut Seeded, choices: &[T]) -> T {
    choices[rng.next_u32() as usize % choices.len()]
}

/// What a server may say with a 429, sound and absurd.
fn absurd(rng: &mut Seeded, unix: u64) -> ReplyHead {
    let mut head = ReplyHead::new(429);
    let times = [
        0,
        1,
        unix - 86_400,
        unix - 1,
        unix,
        unix + 1,
        unix + 30,
        unix + 86_400,
        u64::MAX,
    ];
    head.retry_after = match rng.next_u32() % 4 {
        0 => None,
        1 => Some(RetryAfter::At(pick(rng, &times))),
        _ => Some(RetryAfter::Seconds(pick(
            rng,
            &[0, 0, 1, 2, 29, 31, 3600, u32::MAX],
        ))),
    };
    if rng.next_u32().is_multiple_of(2) {
        head.limits.reset = Some(pick(rng, &times));
        head.limits.remaining = Some(pick(rng, &[0, 1, 200, u32::MAX]));
        head.limits.limit = Some(pick(rng, &[0, 1, 200, u32::MAX]));
    }
    if rng.next_u32().is_multiple_of(2) {
        head.date = Some(pick(rng, &times));
    }
    head
}

/// A clock that may jump.
struct Jumping {
    shown: u64,
    jumps: u32,
}

impl Jumping {
    fn pass(&mut self, rng: &mut Seeded, millis: u64) {
        self.shown += millis;
        if rng.next_u32().is_multiple_of(16) {
            self.jumps += 1;
            let by = pick(rng, &[1, 500, 10 * SECOND, 3600 * SECOND, 1 << 40]);
            self.shown = match rng.next_u32() % 2 {
                0 => self.shown.saturating_sub(by),
                _ => self.shown.saturating_add(by),
            };
        }
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.shown)
    }
}

#[test]
fn a_call_ends_by_its_deadline_whatever_is_said_and_whatever_the_clock_does() {
    const DEADLINE: u64 = 30 * SECOND;
    let mut rng = Seeded(1);
    let (mut longest, mut most) = (0, 0);
    for case in 0..20_000 {
        let attempts = pick(&mut rng, &[0, 1, 2, 4, 20, u32::MAX]);
        let rules = RetryRules::new()
            .attempts(attempts)
            .deadline(Duration::from_millis(DEADLINE));
        let json = br#"{"client_order_id":"a"}"#;
        let request = trading::submit_order(json).with_replay(Replay::WithClientOrderId);
        let mut clock = Jumping {
            shown: rng.next_u64() >> 20,
            jumps: 0,
        };
        let jumps = rng.next_u32().is_multiple_of(2);
        let mut retry = Retry::new(rules, &request, clock.now());
        // True time: pauses and what the attempts take.
        let (mut waited, mut spent, mut sends) = (0, 0, 0);
        loop {
            let took = u64::from(rng.next_u32() % 200);
            spent += took;
            sends += 1;
            match jumps {
                true => clock.pass(&mut rng, took),
                false => clock.shown += took,
            }
            let ended = match rng.next_u32() % 4 {
                0 => Ended::NotSent { passing: true },
                1 => Ended::MaybeSent { passing: true },
                _ => Ended::Answered(Answer::of(&absurd(&mut rng, BEGIN))),
            };
            let unix = pick(&mut rng, &[None, Some(0), Some(BEGIN), Some(u64::MAX)]);
            let jitter = rng.next_u32();
            match retry.ended(ended, clock.now(), unix, jitter) {
                RetryDecision::After(pause) => {
                    let pause = u64::try_from(pause.as_millis()).unwrap();
                    assert!(pause >= 250, "{case}: {pause} ms is hammering");
                    waited += pause;
                    match jumps {
                        true => clock.pass(&mut rng, pause),
                        false => clock.shown += pause,
                    }
                }
                _ => break,
            }
            assert!(sends < 1000, "{case}: no end");
        }
        assert!(waited < DEADLINE, "{case}: {waited}");
        assert!(sends <= attempts.max(1), "{case}");
        if clock.jumps == 0 {
            // The last attempt began before the deadline.
            assert!(waited + spent < DEADLINE + 200, "{case}");
        }
        longest = longest.max(waited);
        most = most.max(sends);
    }
    println!("20000 calls: at most {longest} ms of pauses, {most} attempts");
    assert!(
        longest > 25 * SECOND,
        "the cases never came near the deadline"
    );
}

/// Clients of one account in simulated time, each asking for calls one after the other.
struct World {
    budget: RateBudget,
    rng: Seeded,
    /// Per client: when its call ends and its pass, or when it asks again.
    clients: Vec<(u64, Option<Pass>)>,
    time: u64,
    clock: Jumping,
    jumps: bool,
    /// After an answer a client asks again at the next multiple of this: all at once.
    burst: u64,
    /// When each request reached the server.
    arrived: Vec<u64>,
}

impl World {
    fn new(seed: u64, clients: usize, jumps: bool) -> Self {
        Self {
            budget: RateBudget::new(),
            rng: Seeded(seed),
            clients: (0..clients).map(|_| (0, None)).collect(),
            time: 0,
            clock: Jumping {
                shown: 5000,
                jumps: 0,
            },
            jumps,
            burst: 1,
            arrived: Vec::new(),
        }
    }

    /// Runs until `end`; `server` answers the request that arrives at this time.
    fn run(&mut self, end: u64, mut server: impl FnMut(&mut Seeded, u64) -> Option<ReplyHead>) {
        loop {
            let next = (0..self.clients.len()).min_by_key(|client| self.clients[*client].0);
            let client = next.expect("clients");
            let due = self.clients[client].0.max(self.time);
            if due >= end {
                return;
            }
            match self.jumps {
                true => self.clock.pass(&mut self.rng, due - self.time),
                false => self.clock.shown += due - self.time,
            }
            self.time = due;
            let now = self.clock.now();
            match self.clients[client].1.take() {
                Some(pass) => {
                    // The server saw it at some time on its way; the answer is here now.
                    let head = server(&mut self.rng, self.time);
                    let jitter = self.rng.next_u32();
                    self.budget.settle(
                        pass,
                        head.as_ref(),
                        now,
                        Some(BEGIN + self.time / SECOND),
                        jitter,
                    );
                    self.clients[client].0 = self.time.next_multiple_of(self.burst);
                }
                None => match self.budget.admit(now) {
                    Admission::Go(pass) => {
                        self.arrived.push(self.time);
                        let takes = 10 + u64::from(self.rng.next_u32() % 90);
                        self.clients[client] = (self.time + takes, Some(pass));
                    }
                    Admission::Wait(wait) => {
                        let wait = u64::try_from(wait.as_millis()).unwrap();
                        assert!(wait > 0, "a busy loop");
                        self.clients[client].0 = self.time + wait;
                    }
                },
            }
        }
    }
}

#[test]
fn a_storm_of_429s_is_met_by_one_call_at_a_time_and_ever_fewer() {
    const STORM: u64 = 3600 * SECOND;
    let mut worst = 0;
    for seed in 0..50 {
        let mut world = World::new(seed, 16, seed % 2 == 1);
        world.run(STORM, |rng, time| Some(absurd(rng, BEGIN + time / SECOND)));
        let calls = world.arrived.len();
        // 16 are under way when the first 429 comes. Then pauses double to a minute, and a leap of the
        // clock is worth one call.
        let bound = 16 + 6 + 60 + world.clock.jumps as usize;
        assert!(
            calls <= bound,
            "seed {seed}: {calls} calls, {bound} allowed"
        );
        if !world.jumps {
            worst = worst.max(calls);
            let (first, rest) = world.arrived.split_at(16);
            assert!(first[15] < SECOND, "seed {seed}");
            for pair in rest.windows(2) {
                assert!(pair[1] - pair[0] >= SECOND, "seed {seed}: {pair:?}");
            }
        }
        // The storm ends: within what a server can ask for, all is as before.
        let storm = world.arrived.len();
        world.jumps = false;
        let mut sound = ReplyHead::new(200);
        sound.limits.limit = Some(u32::MAX);
        for minute in 1..=62 {
            if world.arrived.len() - storm < 1000 {
                world.run(STORM + minute * 60 * SECOND, |_, _| Some(sound.clone()));
            }
        }
        assert!(
            world.arrived.len() - storm > 1000,
            "seed {seed}: it never recovered"
        );
    }
    println!("an hour of 429s: at most {worst} calls of 16 clients");
}

#[test]
fn a_server_that_always_says_at_once_is_asked_once_a_minute() {
    for seed in 0..20 {
        let mut world = World::new(seed, 16, false);
        world.run(3600 * SECOND, |rng, time| {
            let mut head = ReplyHead::new(429);
            head.date = Some(BEGIN + time / SECOND);
            head.retry_after = pick(
                rng,
                &[
                    None,
                    Some(RetryAfter::Seconds(0)),
                    Some(RetryAfter::At(BEGIN - 1)),
                ],
            );
            Some(head)
        });
        // 16 under way at first, 6 until the pause is a minute, then one a minute.
        let calls = world.arrived.len();
        assert!((60..=16 + 6 + 60).contains(&calls), "seed {seed}: {calls}");
        let late: Vec<_> = world.arrived.iter().rev().take(50).collect();
        for pair in late.windows(2) {
            assert!(pair[0] - pair[1] >= 60 * SECOND, "seed {seed}: {pair:?}");
        }
    }
}

#[test]
fn a_sound_limit_is_never_exceeded_once_it_is_known() {
    const LIMIT: u32 = 200;
    for seed in 0..50 {
        // 37 at once five times a minute leave 15 for the sixth.
        let bursts = seed % 2 == 1;
        let mut world = World::new(seed, if bursts { 37 } else { 16 }, false);
        world.burst = if bursts { 5 * SECOND } else { 1 };
        let (mut window, mut used, mut refused) = (0, 0, 0);
        world.run(20 * 60 * SECOND, |_, time| {
            let minute = time / (60 * SECOND);
            if minute != window {
                (window, used) = (minute, 0);
            }
            used += 1;
            let mut head = ReplyHead::new(if used > LIMIT { 429 } else { 200 });
            refused += u32::from(used > LIMIT);
            head.limits.limit = Some(LIMIT);
            head.limits.remaining = Some(LIMIT.saturating_sub(used));
            head.limits.reset = Some(BEGIN + (minute + 1) * 60);
            head.date = Some(BEGIN + time / SECOND);
            Some(head)
        });
        assert_eq!(refused, 0, "seed {seed}");
        let calls = world.arrived.len();
        // Nor is it kept from what it may do.
        assert!(calls > 19 * 180, "seed {seed}: only {calls} calls");
    }
}

fn limited(per_minute: u32) -> Sandbox {
    // Away from the end of a minute, or the sandbox would begin a new window under the test.
    let seconds = || {
        std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap()
            .as_secs()
            % 60
    };
    while seconds() > 50 {
        std::thread::sleep(Duration::from_millis(200));
    }
    Options::new()
        .rate_limit(per_minute)
        .start()
        .expect("a server")
}

#[test]
fn clients_of_one_account_share_its_budget_and_wait_before_the_server_refuses() {
    let sandbox = limited(5);
    let shared = Shared::new();
    let config = config(&sandbox).share(&shared).pace(Pace::Refuse);
    let mut clients = [client(&sandbox, &config), client(&sandbox, &config)];
    for call in 0..5 {
        assert_eq!(
            clients[call % 2]
                .call(&trading::account())
                .unwrap()
                .status(),
            200
        );
    }
    for client in &mut clients {
        let error = client.call(&trading::account()).map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::HeldBack { .. }), "{error:?}");
        assert!(
            error.to_string().contains("nothing was changed; wait "),
            "{error}"
        );
    }
    assert_eq!(sandbox.requests().len(), 5, "the server saw no more");
    let usage = shared.usage();
    assert_eq!((usage.calls, usage.sends, usage.held_back), (7, 5, 2));
    // The control: without pace the server has to refuse.
    let mut greedy = client(&sandbox, &alpaca_auth_promises::config(&sandbox));
    assert_eq!(greedy.call(&trading::account()).unwrap().status(), 429);
}

#[test]
fn a_client_waits_as_it_is_asked_and_no_longer_than_its_deadline() {
    let sandbox = limited(1000);
    let rules = RetryRules::new().deadline(Duration::from_millis(2500));
    let shared = Shared::new();
    let config = config(&sandbox)
        .share(&shared)
        .retry(rules)
        .pace(Pace::Wait);
    // One 429, then the account.
    sandbox.misbehave(Misbehaviour::TooManyRequests {
        retry_after: Some(0),
    });
    let begun = std::time::Instant::now();
    let mut patient = client(&sandbox, &config);
    assert_eq!(patient.call(&trading::account()).unwrap().status(), 200);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(sandbox.requests().len(), 2);
    // A 429 that asks for an hour is the answer at once, and the budget keeps the next call here.
    sandbox.clear_requests();
    sandbox.misbehave(Misbehaviour::TooManyRequests {
        retry_after: Some(3600),
    });
    let begun = std::time::Instant::now();
    assert_eq!(patient.call(&trading::account()).unwrap().status(), 429);
    let held = patient.call(&trading::account()).map(|_| ()).unwrap_err();
    assert!(matches!(held, Error::HeldBack { wait } if wait > Duration::from_secs(3500)));
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(sandbox.requests().len(), 1);
    let usage = shared.usage();
    assert_eq!(
        (usage.calls, usage.sends, usage.resends, usage.held_back),
        (3, 3, 1, 1)
    );
}

#[test]
fn a_server_that_never_answers_holds_a_call_until_its_deadline_and_no_longer() {
    let sandbox = limited(1000);
    let deadline = Duration::from_millis(700);
    let config = config(&sandbox).retry(RetryRules::new().deadline(deadline));
    sandbox.misbehave_always(Some(Misbehaviour::Stall));
    let begun = std::time::Instant::now();
    let error = client(&sandbox, &config)
        .call(&trading::account())
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error, Error::Timeout { sent: true });
    assert!(
        begun.elapsed() < deadline + Duration::from_millis(500),
        "{:?}",
        begun.elapsed()
    );
}
