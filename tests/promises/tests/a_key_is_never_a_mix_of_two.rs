//! While keys are exchanged, by turning a link or by renaming, a source gives the old pair or the new one:
//! never a mix, never nothing, and never the key of the next source.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use alpaca_auth::credential::{Credential as _, KeyPair, Slot};
use alpaca_auth::environment::Paper;
use alpaca_auth::source::{FileFault, SourceError, SourceFault};
use alpaca_auth_promises::scratch::Scratch;
use alpaca_auth_ureq::source::{Directory, File, Sources};

/// Looks, and exchanges, at the least.
const LOOKS: usize = 2000;
const EXCHANGES: usize = 200;
/// A bound for a machine that is very busy.
const TIME: Duration = Duration::from_secs(60);

fn write(path: &Path, text: &str) {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = file.open(path).expect("a file");
    std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
}

/// Ends the exchange when a look has failed, too.
struct Ends<'e>(&'e AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Looks while `exchange` runs with 0, 1, 2 and so on, and says how many pairs were seen of which number.
fn look(mut sources: Sources, mut exchange: impl FnMut(usize) + Send) {
    exchange(0);
    let ends = AtomicBool::new(false);
    let (mut changing, mut numbers) = (0, std::collections::BTreeSet::new());
    std::thread::scope(|scope| {
        let exchanging = scope.spawn(|| {
            let mut number = 0;
            while !ends.load(Ordering::Relaxed) || number < EXCHANGES {
                number += 1;
                exchange(number);
                // Time for a reader to see it whole.
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        let _ends = Ends(&ends);
        let begun = Instant::now();
        let mut looks = 0;
        while (looks < LOOKS || !exchanging.is_finished()) && begun.elapsed() < TIME {
            looks += 1;
            if looks >= LOOKS {
                ends.store(true, Ordering::Relaxed);
            }
            let mut slot = Slot::<KeyPair<Paper>>::vacant();
            match sources.paper(&mut slot) {
                Ok(won) => {
                    assert_eq!(won.index, 0, "another source");
                    let pair = slot.get().expect("filled");
                    let [id, secret] = pair.with_fields(|fields| {
                        [0, 1].map(|at| String::from_utf8_lossy(fields[at].expose()).into_owned())
                    });
                    assert_eq!(
                        id.strip_prefix("PK"),
                        secret.strip_prefix("secret-"),
                        "a mix"
                    );
                    numbers.insert(id);
                }
                Err(SourceError::Broken {
                    fault:
                        SourceFault::File(FileFault::Changing)
                        | SourceFault::FileOf {
                            fault: FileFault::Changing,
                            ..
                        },
                    ..
                }) => changing += 1,
                Err(error) => panic!("{error}\n{}", sources.explanation()),
            }
        }
    });
    assert!(
        numbers.len() > 20,
        "{} pairs seen, {changing} times changing",
        numbers.len()
    );
}

#[test]
fn while_a_container_runtime_turns_the_link_to_its_secrets() {
    let scratch = Scratch::new("turned");
    let directory = scratch.directory();
    for name in ["APCA_API_KEY_ID", "APCA_API_SECRET_KEY"] {
        symlink(format!("..data/{name}"), directory.join(name)).expect("a link");
    }
    // The next source has a key, too: it must not be asked.
    let next = Scratch::new("turned-next");
    let next = next.file("keys", "PKNEXT\nother\n");
    let sources = Sources::new()
        .then(Directory::container_at(directory))
        .then(File::at(next));
    look(sources, |number| {
        // As Kubernetes does it: a new set, a new link renamed over the old one, the old set removed.
        let (set, link) = (format!("..{number}"), directory.join("..data_tmp"));
        fs::create_dir(directory.join(&set)).expect("a directory");
        let file = |name: &str| directory.join(&set).join(name);
        write(&file("APCA_API_KEY_ID"), &format!("PK{number}"));
        write(&file("APCA_API_SECRET_KEY"), &format!("secret-{number}"));
        symlink(&set, &link).expect("a link");
        fs::rename(&link, directory.join("..data")).expect("renamed");
        if let Some(old) = number.checked_sub(1) {
            fs::remove_dir_all(directory.join(format!("..{old}"))).expect("removed");
        }
    });
}

#[test]
fn while_a_file_is_renamed_over_the_old_one() {
    let scratch = Scratch::new("renamed");
    let (path, beside) = (scratch.path("keys"), scratch.path("keys.new"));
    let sources = Sources::new().then(File::at(&path));
    look(sources, |number| {
        write(&beside, &format!("PK{number}\nsecret-{number}\n"));
        fs::rename(&beside, &path).expect("renamed");
    });
}
