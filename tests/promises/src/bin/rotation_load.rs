//! Rotates keys under load, and judges every use of a key, its own heap, and its own memory.
//!
//! `rotation_load MODE PORT ROTATIONS`, the CA in `SANDBOX_CA`. Mode `kept-copy` keeps a copy of the last
//! key's text: the control of the scan. Keys come from whoever started it: it writes `new N` or
//! `again N` and reads two lines, id and secret; it writes `revoke N` and reads `ok`. A key that the
//! server never heard of has an odd number from `STRANGE` on. It prints figures at the end.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst};
use std::sync::{RwLock, RwLockReadGuard};
use std::time::Duration;

use alpaca_auth::credential::rotation::{NoCredential, Offer};
use alpaca_auth::credential::{Credential, CredentialError, KeyPair, Opens};
use alpaca_auth::endpoint::{Api, Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::{Request, trading};
use alpaca_auth::response::Reply;
use alpaca_auth::transport::Transport;
use alpaca_auth_promises::scan::{MASK, TAIL, count};
use alpaca_auth_ureq::{Config, Error, RotationError, SharedRotation, UreqTransport};
use zeroize::{Zeroize, Zeroizing};

/// Live bytes of the heap.
struct Counting;

static LIVE: AtomicI64 = AtomicI64::new(0);

fn add(bytes: usize, sign: i64) {
    LIVE.fetch_add(sign * bytes as i64, SeqCst);
}

// SAFETY: everything is the system allocator's; only the sizes are added up.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size(), 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size(), 1);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size, 1);
        add(layout.size(), -1);
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        add(layout.size(), -1);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const THREADS: usize = 8;
/// Numbers of keys: those of the server below, those that it never heard of above.
const KEYS_MAX: usize = 32_768;
const STRANGE: usize = 16_384;

/// Moments at which a revocation was seen.
static EPOCH: AtomicU64 = AtomicU64::new(1);
/// When the revocation of each key was seen; `u64::MAX` is never.
static SEEN: [AtomicU64; KEYS_MAX] = [const { AtomicU64::new(u64::MAX) }; KEYS_MAX];
static USES: AtomicU64 = AtomicU64::new(0);
static REQUESTS: AtomicU64 = AtomicU64::new(0);
static REFUSALS: AtomicU64 = AtomicU64::new(0);
static FAILED: AtomicU64 = AtomicU64::new(0);
static END: AtomicBool = AtomicBool::new(false);
/// Held for reading by each call, for writing to let all of them end.
static GATE: RwLock<()> = RwLock::new(());

/// A transport that judges which key each request is sent with.
struct Judging {
    transport: UreqTransport,
    /// The moment before the request's key was chosen, at the latest.
    before: Cell<u64>,
    /// A key that was just refused; seen as soon as the rotation has been told.
    refused: Cell<Option<usize>>,
}

impl Judging {
    /// The rotation was told of the last answer: from now on the key may not be chosen.
    fn told(&self) {
        if let Some(number) = self.refused.take() {
            SEEN[number].fetch_min(EPOCH.fetch_add(1, SeqCst) + 1, SeqCst);
        }
    }

    fn begin(&self) {
        self.told();
        self.before.set(EPOCH.load(SeqCst));
    }
}

impl Transport for Judging {
    type Error = Error;

    fn send<'b, A: Api, C: Opens<A>>(
        &mut self,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        body: &'b mut [u8],
    ) -> Result<Reply<'b>, Error> {
        let number = number(credential);
        if SEEN[number].load(SeqCst) <= self.before.get() || self.refused.get() == Some(number) {
            USES.fetch_add(1, SeqCst);
        }
        self.told();
        let reply = self.transport.send(request, endpoint, credential, body)?;
        if reply.status() == 401 {
            REFUSALS.fetch_add(1, SeqCst);
            self.refused.set(Some(number));
        }
        self.before.set(EPOCH.load(SeqCst));
        Ok(reply)
    }
}

/// The number in a key id.
fn number(credential: &impl Credential) -> usize {
    credential.with_fields(|fields| {
        let digits = fields[0]
            .expose()
            .iter()
            .filter(|byte| byte.is_ascii_digit());
        digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
    })
}

/// The end of the pipe that keys come from. Unbuffered: std's standard input would keep a copy.
struct Keys {
    pipe: File,
    kept: Option<Vec<u8>>,
}

impl Keys {
    fn say(&mut self, what: &str) {
        let mut out = std::io::stdout();
        out.write_all(what.as_bytes())
            .and_then(|()| out.flush())
            .expect("the pipe");
    }

    fn read(&mut self, lines: usize) -> Zeroizing<[u8; 128]> {
        let mut text = Zeroizing::new([0; 128]);
        let (mut length, mut found) = (0, 0);
        while found < lines {
            let read = self.pipe.read(&mut text[length..]).expect("the pipe");
            assert!(read > 0, "the keys ended");
            found += text[length..length + read]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            length += read;
        }
        text
    }

    fn offer(
        &mut self,
        rotation: &SharedRotation<KeyPair<Paper>>,
        what: &str,
        number: usize,
    ) -> Offer {
        self.say(&format!("{what} {number}\n"));
        let text = self.read(2);
        if let Some(kept) = &mut self.kept {
            *kept = text.to_vec();
        }
        let pair = std::str::from_utf8(&text[..]).expect("text");
        let (id, rest) = pair.split_once('\n').expect("two lines");
        let (secret, _) = rest.split_once('\n').expect("two lines");
        let offer: Result<Offer, CredentialError> =
            rotation.offer(None, |slot| slot.paper(id, secret).map(drop));
        offer.expect("a key")
    }

    fn revoke(&mut self, number: usize) {
        self.say(&format!("revoke {number}\n"));
        self.read(1);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, mode, port, rotations] = &arguments[..] else {
        panic!("usage: rotation_load MODE PORT ROTATIONS")
    };
    let rotations: usize = rotations.parse().expect("a number");
    let ca = std::env::var("SANDBOX_CA").expect("a CA");
    let config = Config::new()
        .trust_only_pem(&ca)
        .expect("a CA")
        .body_max(16 * 1024);
    let endpoint =
        Endpoint::<Trading, Paper>::at("localhost", port.parse().expect("a port")).expect("a host");
    let mut keys = Keys {
        pipe: File::open("/dev/stdin").expect("standard input"),
        kept: (mode == "kept-copy").then(Vec::new),
    };
    // The end that all secrets share, masked; the first line of it is read, not compiled in.
    let mut tail = keys.read(1);
    let pattern: Vec<u8> = tail[..TAIL].iter().map(|byte| byte ^ MASK).collect();
    tail.zeroize();

    let rotation = SharedRotation::<KeyPair<Paper>>::new();
    assert_eq!(keys.offer(&rotation, "new", 0), Offer::Active);
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (rotation, endpoint) = (rotation.clone(), endpoint.clone());
            let transport = UreqTransport::new(&config).expect("a transport");
            std::thread::spawn(move || load(&rotation, transport, &endpoint))
        })
        .collect();

    let (mut early, mut strange) = (0, STRANGE + 1);
    for number in 1..=rotations {
        rotate(&mut keys, &rotation, number, &mut strange);
        if number == rotations / 10 {
            let _all = GATE.write().expect("no panic");
            early = LIVE.load(SeqCst);
        }
    }
    let all = GATE.write().expect("no panic");
    let late = LIVE.load(SeqCst);
    let held = count(&pattern);
    END.store(true, SeqCst);
    drop(all);
    for thread in threads {
        thread.join().expect("no panic");
    }
    drop(rotation);
    let after = count(&pattern);
    black_box(&keys.kept);
    let [requests, failed, uses, refusals] =
        [&REQUESTS, &FAILED, &USES, &REFUSALS].map(|figure| figure.load(SeqCst));
    keys.say(&format!(
        "done requests={requests} failed={failed} uses={uses} refusals={refusals} grown={} held={held} after={after}\n",
        late - early
    ));
}

/// One rotation. The next one begins when no request with the old key is under way, so a request meets
/// two revocations at most.
fn rotate(
    keys: &mut Keys,
    rotation: &SharedRotation<KeyPair<Paper>>,
    number: usize,
    strange: &mut usize,
) {
    let old = number - 1;
    match number % 16 {
        // First comes a key that the server does not know.
        2 => {
            assert_eq!(keys.offer(rotation, "new", *strange), Offer::Next);
            settle(rotation);
            assert_eq!(keys.offer(rotation, "again", *strange), Offer::Refused);
            *strange += 2;
            assert_eq!(keys.offer(rotation, "new", number), Offer::Next);
        }
        // A source that goes back to a key that was revoked and seen to be, and that says things twice.
        3 if number > 3 => {
            if SEEN[number - 3].load(SeqCst) != u64::MAX {
                assert_eq!(keys.offer(rotation, "again", number - 3), Offer::Refused);
            }
            assert_eq!(keys.offer(rotation, "new", number), Offer::Next);
            assert_ne!(keys.offer(rotation, "again", number), Offer::Refused);
        }
        _ => {
            assert_eq!(keys.offer(rotation, "new", number), Offer::Next);
        }
    }
    if number.is_multiple_of(2) {
        // The old key is not used any more when it is revoked.
        settle(rotation);
        keys.revoke(old);
    } else {
        // It is revoked while requests with it are under way and the new one was not tried.
        keys.revoke(old);
        settle(rotation);
    }
}

fn settle(rotation: &SharedRotation<KeyPair<Paper>>) {
    while !rotation.is_settled() {
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn load(
    rotation: &SharedRotation<KeyPair<Paper>>,
    transport: UreqTransport,
    endpoint: &Endpoint<Trading, Paper>,
) {
    let mut transport = Judging {
        transport,
        before: Cell::new(0),
        refused: Cell::new(None),
    };
    let mut body = vec![0; 16 * 1024];
    let request = trading::clock();
    while !END.load(SeqCst) {
        let gate: RwLockReadGuard<'_, ()> = GATE.read().expect("no panic");
        transport.begin();
        let status = match rotation.call(&mut transport, &request, endpoint, &mut body) {
            Ok(reply) => reply.status(),
            Err(RotationError::Credential(NoCredential::Refused)) => 1,
            Err(_) => 0,
        };
        REQUESTS.fetch_add(1, SeqCst);
        if status != 200 {
            FAILED.fetch_add(1, SeqCst);
        }
        drop(gate);
    }
}
