//! A request keeps the credential it started with, whatever is offered, promoted or revoked meanwhile; the
//! others go on with what is valid.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use alpaca_auth::credential::rotation::{NoCredential, Offer, Settled, SourcePoll, Verdict};
use alpaca_auth::credential::{Credential, CredentialError, KeyPair, Opens};
use alpaca_auth::endpoint::{Api, Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::{Method, Replay, Request, trading};
use alpaca_auth::response::{Context, Reply, ReplyHead};
use alpaca_auth::transport::Transport;
use alpaca_auth_ureq::{Clock, RotationError, SharedRotation, Watched};

#[derive(Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn unix(&self) -> u64 {
        0
    }
}

type Keys = SharedRotation<KeyPair<Paper>, Hand>;

/// A server in memory: it knows some keys, answers the rest with a status, and can hang.
#[derive(Clone, Default)]
struct Server(Arc<Inner>);

#[derive(Default)]
struct Inner {
    valid: Mutex<Vec<String>>,
    /// What a key that is not valid gets; 0 is 401.
    refusal: AtomicU64,
    down: Mutex<bool>,
    sent: Mutex<Vec<String>>,
    gate: Mutex<bool>,
    moved: Condvar,
}

impl Server {
    fn knowing(ids: &[&str]) -> Self {
        let server = Self::default();
        server.know(ids);
        server
    }

    fn know(&self, ids: &[&str]) {
        *self.0.valid.lock().expect("no panic") = ids.iter().map(|id| (*id).to_owned()).collect();
    }

    fn hang(&self, hang: bool) {
        *self.0.gate.lock().expect("no panic") = hang;
        self.0.moved.notify_all();
    }

    fn sent(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.sent.lock().expect("no panic"))
    }
}

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the server is down")
    }
}

fn id(credential: &impl Credential) -> String {
    credential.with_fields(|fields| String::from_utf8_lossy(fields[0].expose()).into_owned())
}

impl Transport for Server {
    type Error = Down;

    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        _: &Request<'_, A>,
        _: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Down> {
        self.0.sent.lock().expect("no panic").push(id(credential));
        let mut hang = self.0.gate.lock().expect("no panic");
        while *hang {
            hang = self.0.moved.wait(hang).expect("no panic");
        }
        if *self.0.down.lock().expect("no panic") {
            return Err(Down);
        }
        // The same text as at the beginning, and the same verdict as a server gives at the end.
        let known = self
            .0
            .valid
            .lock()
            .expect("no panic")
            .contains(&id(credential));
        let status = match (known, self.0.refusal.load(Ordering::SeqCst)) {
            (true, _) => 200,
            (false, 0) => 401,
            (false, status) => status as u16,
        };
        Ok(Reply::new(
            ReplyHead::new(status),
            Context::of::<A, C>(credential),
            &body[..0],
        ))
    }
}

fn offer(keys: &Keys, id: &str) -> Offer {
    let offer: Result<Offer, CredentialError> =
        keys.offer(None, |slot| slot.paper(id, "secret").map(drop));
    offer.expect("a key")
}

fn keys() -> Keys {
    let keys = Keys::with_clock(Hand::default());
    assert_eq!(offer(&keys, "PK1"), Offer::Active);
    keys
}

/// The status of a call of this class.
fn call(keys: &Keys, server: &Server, replay: Replay) -> Result<u16, RotationError<Down>> {
    let endpoint = Endpoint::<Trading, Paper>::alpaca();
    let read = trading::account();
    let write = Request::<Trading>::new(Method::Post, "/v2/orders").expect("a target");
    let request = if replay == Replay::Safe {
        &read
    } else {
        &write
    };
    assert_eq!(request.replay(), replay);
    let mut body = [0; 64];
    keys.call(&mut server.clone(), request, &endpoint, &mut body)
        .map(|reply| reply.status())
}

#[test]
fn a_request_under_way_keeps_its_key_through_a_rotation_and_the_secret_lives_as_long() {
    let (keys, server) = (keys(), Server::knowing(&["PK1", "PK2"]));
    let held = keys.hold(Replay::Never).expect("a key");
    offer(&keys, "PK2");
    assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 200);
    assert_eq!(server.sent(), ["PK2"]);
    // Promoted, and the request of before still has its own.
    assert_eq!(id(held.credential().expect("a key")), "PK1");
    assert!(
        !keys.is_settled(),
        "a request with the old key is under way"
    );
    assert_eq!(keys.settle(held, Verdict::Accepted), Settled::Kept);
    assert!(keys.is_settled());
    assert_eq!(
        id(keys
            .hold(Replay::Never)
            .expect("a key")
            .credential()
            .expect("a key")),
        "PK2"
    );
}

#[test]
fn a_request_that_hangs_ends_with_its_own_key() {
    let (keys, server) = (keys(), Server::knowing(&["PK1", "PK2"]));
    server.hang(true);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| call(&keys, &server, Replay::Never));
        while server.0.sent.lock().expect("no panic").is_empty() {
            std::thread::yield_now();
        }
        offer(&keys, "PK2");
        let trial = keys.hold(Replay::Safe).expect("a key");
        assert!(trial.is_trial());
        assert_eq!(keys.settle(trial, Verdict::Accepted), Settled::Promoted);
        server.hang(false);
        assert_eq!(slow.join().expect("no panic").expect("an answer"), 200);
    });
    assert_eq!(server.sent(), ["PK1"]);
}

#[test]
fn a_next_key_that_is_refused_costs_the_caller_nothing() {
    let (keys, server) = (keys(), Server::knowing(&["PK1"]));
    offer(&keys, "PK2");
    assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 200);
    assert_eq!(server.sent(), ["PK2", "PK1"]);
    // Never again, however often it is offered.
    assert_eq!(offer(&keys, "PK2"), Offer::Refused);
    server.know(&["PK1", "PK2"]);
    assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 200);
    assert_eq!(server.sent(), ["PK1"]);
}

#[test]
fn a_revoked_key_gives_way_to_the_next_one_within_the_call() {
    let (keys, server) = (keys(), Server::knowing(&["PK2"]));
    offer(&keys, "PK2");
    let trial = keys
        .hold(Replay::Safe)
        .expect("the trial is somebody else's");
    assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 200);
    assert_eq!(server.sent(), ["PK1", "PK2"]);
    drop(trial);
}

#[test]
fn what_may_move_money_is_sent_once_and_tries_nothing() {
    let (keys, server) = (keys(), Server::knowing(&["PK2"]));
    offer(&keys, "PK2");
    assert_eq!(call(&keys, &server, Replay::Never).expect("an answer"), 401);
    assert_eq!(server.sent(), ["PK1"]);
    // The refusal was heard all the same.
    assert_eq!(call(&keys, &server, Replay::Never).expect("an answer"), 200);
    assert_eq!(server.sent(), ["PK2"]);
}

#[test]
fn without_a_key_nothing_is_sent_until_there_is_another_one() {
    let empty = Keys::with_clock(Hand::default());
    let server = Server::knowing(&[]);
    let error = call(&empty, &server, Replay::Safe).expect_err("no key");
    assert!(matches!(
        error,
        RotationError::Credential(NoCredential::NotOffered)
    ));
    let keys = keys();
    assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 401);
    assert!(keys.is_exhausted());
    for _ in 0..3 {
        let error = call(&keys, &server, Replay::Safe).expect_err("no key");
        assert!(matches!(
            error,
            RotationError::Credential(NoCredential::Refused)
        ));
        assert!(error.to_string().contains("make a new one"));
        assert_eq!(offer(&keys, "PK1"), Offer::Refused);
    }
    assert_eq!(server.sent(), ["PK1"], "a revoked key was sent again");
    server.know(&["PK2"]);
    assert_eq!(offer(&keys, "PK2"), Offer::Active);
    assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 200);
}

#[test]
fn a_403_that_says_nothing_ends_no_key_in_use() {
    let (keys, server) = (keys(), Server::knowing(&[]));
    server.0.refusal.store(403, Ordering::SeqCst);
    for _ in 0..5 {
        assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 403);
    }
    assert_eq!(server.sent(), ["PK1"; 5]);
}

#[test]
fn a_trial_that_has_no_answer_is_tried_again() {
    let (keys, server) = (keys(), Server::knowing(&["PK1", "PK2"]));
    offer(&keys, "PK2");
    *server.0.down.lock().expect("no panic") = true;
    assert!(matches!(
        call(&keys, &server, Replay::Safe),
        Err(RotationError::Call(Down))
    ));
    drop(keys.hold(Replay::Safe).expect("a trial that is forgotten"));
    *server.0.down.lock().expect("no panic") = false;
    assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 200);
    assert_eq!(server.sent(), ["PK2", "PK2"]);
    assert!(keys.is_settled());
}

#[test]
fn a_next_key_that_gets_403_costs_the_caller_nothing_and_is_given_up() {
    let (keys, server) = (keys(), Server::knowing(&["PK1"]));
    server.0.refusal.store(403, Ordering::SeqCst);
    offer(&keys, "PK2");
    for _ in 0..3 {
        assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 200);
        assert_eq!(server.sent(), ["PK2", "PK1"]);
    }
    assert_eq!(call(&keys, &server, Replay::Safe).expect("an answer"), 200);
    assert_eq!(server.sent(), ["PK1"]);
    assert_eq!(offer(&keys, "PK2"), Offer::Refused);
}

#[test]
fn a_lease_that_ends_ends_its_key() {
    let hand = Hand::default();
    let keys = Keys::with_clock(hand.clone());
    let end = Some(Duration::from_secs(60));
    keys.offer(end, |slot| slot.paper("PK1", "secret").map(drop))
        .expect("a key");
    hand.0.store(59, Ordering::SeqCst);
    assert!(keys.hold(Replay::Safe).is_ok());
    hand.0.store(60, Ordering::SeqCst);
    assert_eq!(keys.hold(Replay::Safe).err(), Some(NoCredential::Ended));
}

#[test]
fn a_source_is_read_when_it_is_due_and_at_once_when_a_key_is_wanted() {
    let hand = Hand::default();
    let keys = Keys::with_clock(hand.clone());
    let mut poll = SourcePoll::new(Duration::from_secs(300));
    let mut reads = 0;
    let mut look = |seconds, id: &'static str| {
        hand.0.store(seconds, Ordering::SeqCst);
        let read = |slot: &mut alpaca_auth::credential::Slot<KeyPair<Paper>>| {
            reads += 1;
            slot.paper(id, "secret")
                .map(|_| Some(Duration::from_secs(90)))
        };
        (keys.offer_due(&mut poll, read), reads)
    };
    assert_eq!(look(0, "PK1"), (Ok(Watched::Offered(Offer::Active)), 1));
    assert_eq!(
        look(1, "PK1"),
        (Ok(Watched::Wait(Duration::from_secs(59))), 1)
    );
    assert_eq!(look(60, "PK1"), (Ok(Watched::Offered(Offer::Known)), 2));
    // A source that is broken changes nothing, and is asked less often.
    assert!(look(120, "two\nlines").0.is_err());
    assert!(matches!(look(120, "PK1"), (Ok(Watched::Wait(_)), 3)));
    assert!(keys.hold(Replay::Safe).is_ok());
    assert_eq!(look(122, "PK1"), (Ok(Watched::Offered(Offer::Known)), 4));
    let held = keys.hold(Replay::Safe).expect("a key");
    assert_eq!(keys.settle(held, Verdict::Refused), Settled::Exhausted);
    assert_eq!(look(123, "PK1"), (Ok(Watched::Offered(Offer::Refused)), 5));
    assert_eq!(look(124, "PK2"), (Ok(Watched::Offered(Offer::Active)), 6));
}
