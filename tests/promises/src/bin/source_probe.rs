//! Fills a slot from sources, tells what the chain did, and counts copies of the secret.
//!
//! `source_probe [--copies] [--live|--token] SOURCE…`, where a source is `standard`, `env`, `credentials`,
//! `user-file`, `file:PATH`, `container:DIRECTORY`, `command:PROGRAM,ARGUMENT…`, `keyring`,
//! `secret-service`, `tpm:OBJECT`. The pair that is expected (a line each), or the token, on standard
//! input, read to its end or to the second line break. It prints `same`, `other` or `none`; with `--copies` those in memory while the slot is filled
//! and when it is gone; the microseconds that filling took; the explanation, and the error as text and `Debug`.

use std::fs::File as Input;
use std::io::Read;
use std::os::fd::AsFd;
use std::time::Duration;

use alpaca_auth::credential::{ConnectToken, KeyPair, Slot};
use alpaca_auth::environment::{Live, Paper};
use alpaca_auth::source::{SourceError, Won};
use alpaca_auth_promises::scan::{MASK, TAIL, count};
use alpaca_auth_ureq::source::{
    Command, Directory, Environment, File, KernelKeyring, SecretService, Sources, Tpm,
};
use zeroize::{Zeroize, Zeroizing};

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let copies = arguments.first().is_some_and(|first| first == "--copies");
    if copies {
        arguments.remove(0);
    }
    let mode = match arguments.first().map(String::as_str) {
        Some("--live" | "--token") => arguments.remove(0),
        _ => String::new(),
    };
    let mut sources = arguments
        .iter()
        .fold(Sources::new(), |sources, argument| add(sources, argument));
    // Unbuffered: std's own standard input would keep a copy. Not opened by its name: another user's
    // pipe cannot be.
    let mut expected = Zeroizing::new([0_u8; 512]);
    let stdin = std::io::stdin().as_fd().try_clone_to_owned();
    let mut stdin = Input::from(stdin.expect("standard input"));
    let mut length = 0;
    // A pipe gives what was written in pieces.
    while expected[..length]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        < 2
    {
        match stdin
            .read(&mut expected[length..])
            .expect("what is expected")
        {
            0 => break,
            read => length += read,
        }
    }
    let end = expected[..length].trim_ascii_end().len();
    let pattern = copies.then(|| -> Vec<u8> {
        expected[end.saturating_sub(TAIL)..end]
            .iter()
            .map(|byte| byte ^ MASK)
            .collect()
    });
    let pattern = pattern.as_deref();

    match mode.as_str() {
        "--live" => {
            let mut slot = Box::new(Slot::<KeyPair<Live>>::vacant());
            let won = timed(|| sources.live(&mut slot));
            let same = halves(&expected[..end]).is_some_and(|(id, secret)| {
                let mut other = Slot::<KeyPair<Live>>::vacant();
                let other = other.live(id, secret).expect("a key pair");
                slot.get().is_some_and(|pair| pair.is(other))
            });
            report(won, same, &sources, pattern, &mut expected, slot);
        }
        "--token" => {
            let mut slot = Box::new(Slot::<ConnectToken<Paper>>::vacant());
            let won = timed(|| sources.paper(&mut slot));
            report(
                won,
                slot.get().is_some(),
                &sources,
                pattern,
                &mut expected,
                slot,
            );
        }
        _ => {
            let mut slot = Box::new(Slot::<KeyPair<Paper>>::vacant());
            let won = timed(|| sources.paper(&mut slot));
            let same = halves(&expected[..end]).is_some_and(|(id, secret)| {
                let mut other = Slot::<KeyPair<Paper>>::vacant();
                let other = other.paper(id, secret).expect("a key pair");
                slot.get().is_some_and(|pair| pair.is(other))
            });
            report(won, same, &sources, pattern, &mut expected, slot);
        }
    }
}

fn add(sources: Sources, argument: &str) -> Sources {
    let (name, value) = argument.split_once(':').unwrap_or((argument, ""));
    match name {
        "standard" => Sources::standard(),
        "env" => sources.then(Environment::new()),
        "credentials" => sources.then(Directory::credentials()),
        "user-file" => sources.then(File::of_user()),
        "file" => sources.then(File::at(value)),
        "container" => sources.then(Directory::container_at(value)),
        "command" => {
            let mut words = value.split(',');
            let program = words.next().expect("a program");
            let command = Command::new(program).time(Duration::from_secs(2));
            sources.then(words.fold(command, Command::argument))
        }
        "keyring" => sources.then(KernelKeyring::new()),
        "secret-service" => sources.then(SecretService::new().time(Duration::from_secs(5))),
        "tpm" => sources.then(Tpm::unseal(value)),
        other => panic!("no source is called {other}"),
    }
}

type Timed = (Result<Won, SourceError>, Duration);

fn timed(fill: impl FnOnce() -> Result<Won, SourceError>) -> Timed {
    let before = std::time::Instant::now();
    (fill(), before.elapsed())
}

fn halves(expected: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(expected).ok()?.split_once('\n')
}

fn report<S>(
    (won, time): Timed,
    same: bool,
    sources: &Sources,
    pattern: Option<&[u8]>,
    expected: &mut [u8; 512],
    slot: Box<S>,
) {
    expected.zeroize();
    let held = pattern.map(count);
    drop(slot);
    let left = pattern.map(count);
    println!(
        "{}",
        match (&won, same) {
            (Err(_), _) => "none",
            (Ok(_), true) => "same",
            (Ok(_), false) => "other",
        }
    );
    if let (Some(held), Some(left)) = (held, left) {
        println!("copies {held} {left}");
    }
    println!("microseconds {}", time.as_micros());
    print!("{}", sources.explanation());
    if let Err(error) = won {
        println!(
            "{error}\n{error:?}\n{:?}\n{}",
            sources.report(),
            sources.placed(error)
        );
    }
}
