//! A file of a key is taken when it has come to rest, whole, and once; a half-written one is never taken.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alpaca_auth::credential::rotation::Offer;
use alpaca_auth::credential::{Credential as _, KeyPair, Slot};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::Replay;
use alpaca_auth_ureq::{Clock, FileWatch, SharedRotation, WATCH_REST, Watched};

#[derive(Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn unix(&self) -> u64 {
        0
    }
}

struct Bench {
    path: PathBuf,
    hand: Hand,
    keys: SharedRotation<KeyPair<Paper>, Hand>,
    watch: FileWatch,
}

/// Two lines: key id and secret key.
fn read(path: &Path, slot: &mut Slot<KeyPair<Paper>>) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let (id, secret) = text.split_once('\n').ok_or("one line")?;
    slot.paper(id, secret.trim_end())
        .map(drop)
        .map_err(|error| error.to_string())
}

impl Bench {
    fn new(name: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("watch")
            .join(name);
        drop(fs::remove_dir_all(&directory));
        fs::create_dir_all(&directory).expect("a directory");
        let path = directory.join("keys");
        let hand = Hand::default();
        Self {
            keys: SharedRotation::with_clock(hand.clone()),
            watch: FileWatch::new([path.clone()]),
            path,
            hand,
        }
    }

    /// Goes on by this many milliseconds and looks.
    fn look(&mut self, millis: u64) -> Result<Watched, String> {
        self.hand.0.fetch_add(millis, Ordering::SeqCst);
        let path = self.path.clone();
        self.keys
            .offer_changed(&mut self.watch, |slot| read(&path, slot))
    }

    fn waits(&mut self, millis: u64) {
        let looked = self.look(millis);
        assert!(matches!(looked, Ok(Watched::Wait(_))), "{looked:?}");
    }

    fn write(&self, text: &str) {
        fs::write(&self.path, text).expect("written");
    }

    /// As careful writers do: beside it, then renamed over it.
    fn replace(&self, text: &str) {
        let beside = self.path.with_extension("new");
        fs::write(&beside, text).expect("written");
        fs::rename(beside, &self.path).expect("renamed");
    }

    fn active(&self) -> String {
        let held = self.keys.hold(Replay::Never).expect("a key");
        let pair = held.credential().expect("a key");
        pair.with_fields(|fields| {
            let text = |at: usize| String::from_utf8_lossy(fields[at].expose()).into_owned();
            format!("{} {}", text(0), text(1))
        })
    }

    fn takes(&mut self, offer: Offer) {
        self.waits(0);
        self.waits(999);
        assert_eq!(self.look(1), Ok(Watched::Offered(offer)));
        // Once.
        for _ in 0..5 {
            self.waits(1000);
        }
    }
}

#[test]
fn a_file_that_is_written_byte_by_byte_is_taken_when_it_is_whole() {
    let mut bench = Bench::new("bytes");
    let text = b"PK1\nsecret-of-some-length";
    let mut file = File::create(&bench.path).expect("a file");
    bench.waits(0);
    for byte in text {
        file.write_all(&[*byte]).expect("written");
        // Each byte makes it restless again, however long it took to come.
        bench.waits(1500);
        bench.waits(999);
    }
    assert_eq!(bench.look(1), Ok(Watched::Offered(Offer::Active)));
    assert_eq!(bench.active(), "PK1 secret-of-some-length");
}

#[test]
fn a_file_that_is_renamed_over_the_old_one_is_taken_once() {
    let mut bench = Bench::new("rename");
    assert_eq!(bench.look(0), Ok(Watched::Gone(Duration::from_secs(1))));
    bench.replace("PK1\nsecret\n");
    bench.takes(Offer::Active);
    // Of the same length, and with the same text.
    bench.replace("PK2\nsecret\n");
    bench.takes(Offer::Next);
    bench.replace("PK2\nsecret\n");
    bench.takes(Offer::Known);
}

#[test]
fn a_change_in_place_of_the_same_length_is_seen() {
    let mut bench = Bench::new("in place");
    bench.write("PK1\nsecret\n");
    bench.takes(Offer::Active);
    bench.write("PK2\nsecret\n");
    bench.takes(Offer::Next);
}

#[test]
fn a_link_that_is_turned_is_seen_by_the_file_it_leads_to() {
    let mut bench = Bench::new("link");
    let directory = bench.path.parent().expect("a directory").to_owned();
    for (name, text) in [("one", "PK1\nsecret"), ("two", "PK2\nsecret")] {
        fs::create_dir(directory.join(name)).expect("a directory");
        fs::write(directory.join(name).join("keys"), text).expect("written");
    }
    symlink("one", directory.join("data")).expect("a link");
    symlink("data/keys", &bench.path).expect("a link");
    bench.takes(Offer::Active);
    symlink("two", directory.join("data.new")).expect("a link");
    fs::rename(directory.join("data.new"), directory.join("data")).expect("renamed");
    bench.takes(Offer::Next);
}

#[test]
fn what_changes_while_it_is_read_is_dropped() {
    let mut bench = Bench::new("while read");
    bench.write("PK1\nold-half");
    bench.waits(0);
    bench.hand.0.fetch_add(1000, Ordering::SeqCst);
    let path = bench.path.clone();
    let looked: Result<Watched, String> = bench.keys.offer_changed(&mut bench.watch, |slot| {
        read(&path, slot)?;
        fs::write(&path, "PK2\nnew").map_err(|error| error.to_string())
    });
    assert_eq!(looked, Ok(Watched::Wait(Duration::ZERO)));
    assert!(bench.keys.is_exhausted(), "a mix was taken");
    bench.takes(Offer::Active);
    assert_eq!(bench.active(), "PK2 new");
    // An error of that moment counts as little.
    bench.write("PK3\n");
    bench.waits(0);
    bench.hand.0.fetch_add(1000, Ordering::SeqCst);
    let looked = bench.keys.offer_changed(&mut bench.watch, |_| {
        fs::write(&path, "PK3\nsecret").expect("written");
        Err("half")
    });
    assert_eq!(looked, Ok(Watched::Wait(Duration::ZERO)));
    bench.takes(Offer::Next);
}

#[test]
fn a_broken_file_is_said_once_and_the_old_key_stays() {
    let mut bench = Bench::new("broken");
    bench.write("PK1\nsecret\n");
    bench.takes(Offer::Active);
    for broken in ["", "PK2", "PK2\n\n", "PK2\n\"quoted\"\n", "PK 2\nsecret"] {
        bench.write(broken);
        bench.waits(0);
        assert!(bench.look(1000).is_err(), "{broken:?}");
        for _ in 0..5 {
            bench.waits(1000);
        }
        assert_eq!(bench.active(), "PK1 secret");
    }
    bench.write("PK2\nsecret\n");
    bench.takes(Offer::Next);
}

#[test]
fn a_file_that_goes_away_takes_no_key_along() {
    let mut bench = Bench::new("gone");
    bench.write("PK1\nsecret\n");
    bench.takes(Offer::Active);
    fs::remove_file(&bench.path).expect("removed");
    assert_eq!(bench.look(1000), Ok(Watched::Gone(Duration::from_secs(1))));
    assert_eq!(bench.active(), "PK1 secret");
    bench.write("PK2\nsecret\n");
    bench.takes(Offer::Next);
    assert_eq!(WATCH_REST, Duration::from_secs(1));
}
