//! `provision` as a person meets it: what it writes, what it reads back, what it wipes and what not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use alpaca_auth::credential::{FLASH_SLOT_LEN, KeyPair, Slot};
use alpaca_auth::environment::{Live, Paper};

const ID: &str = "PKPROVISION000000001";
const SECRET: &str = "provision/not-a-real+secret-0123456789ab";

/// A directory of this test's own.
struct Bench(PathBuf);

impl Bench {
    fn new(name: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("provision")
            .join(name);
        drop(fs::remove_dir_all(&directory));
        fs::create_dir_all(&directory).expect("a directory");
        Self(directory)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("text").to_owned()
    }

    fn keys(&self, content: &[u8]) -> String {
        let path = self.path("keys");
        drop(fs::remove_file(&path));
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("0600");
        path
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
        for (id, secret) in alpaca_auth_ureq::VARIABLES {
            command.env_remove(id).env_remove(secret);
        }
        let output = command.args(arguments).output().expect("it runs");
        for said in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(said);
            assert!(
                !said.contains(SECRET) && !said.contains(&SECRET[..12]),
                "{said}"
            );
        }
        output
    }

    fn works(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn fails(&self, arguments: &[&str], part: &str) {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(part), "{part:?} is not in {said:?}");
        assert!(output.stdout.is_empty());
    }
}

fn two_lines() -> Vec<u8> {
    format!("{ID}\n{SECRET}\n").into_bytes()
}

fn slot(path: &str) -> [u8; FLASH_SLOT_LEN] {
    fs::read(path)
        .expect("a slot")
        .try_into()
        .expect("272 bytes")
}

#[test]
fn a_slot_holds_the_key_of_the_file_and_only_its_owner_reads_it() {
    let bench = Bench::new("slot");
    for (number, content) in [two_lines(), format!("{ID}\r\n{SECRET}").into_bytes()]
        .iter()
        .enumerate()
    {
        let (keys, out) = (bench.keys(content), bench.path(&format!("slot-{number}")));
        let said = bench.works(&["--paper", "--keys", &keys, "--out", &out, "--sequence", "9"]);
        assert!(said.contains("slot number 9"), "{said}");
        let (mut read, mut given) = (
            Slot::<KeyPair<Paper>>::vacant(),
            Slot::<KeyPair<Paper>>::vacant(),
        );
        let image = slot(&out);
        let pair = read.paper_from_flash(&image).expect("a key");
        assert!(pair.is(given.paper(ID, SECRET).expect("a pair")));
        let mode = fs::metadata(&out).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(Path::new(&keys).exists(), "wiped without being asked");
        let said = bench.works(&["--read", &out]);
        assert_eq!(said, "one slot: number 9, paper, key PKPROV…\n");
    }
}

#[test]
fn a_device_with_two_slots_gets_the_next_number_in_the_other_sector() {
    let bench = Bench::new("pair");
    let (keys, dump) = (bench.keys(&two_lines()), bench.path("dump"));
    let mut flash = vec![0xff; 8192];
    for (number, sector) in [(1, "first"), (2, "second"), (3, "first")] {
        fs::write(&dump, &flash).expect("written");
        let out = bench.path(&format!("sector-{number}"));
        let said = bench.works(&["--paper", "--keys", &keys, "--out", &out, "--pair", &dump]);
        assert!(
            said.contains(&format!("slot number {number}, for the {sector} sector")),
            "{said}"
        );
        let at = if sector == "first" { 0 } else { 4096 };
        flash[at..at + 4096].fill(0xff);
        flash[at..at + FLASH_SLOT_LEN].copy_from_slice(&slot(&out));
    }
    fs::write(&dump, &flash).expect("written");
    let said = bench.works(&["--read", &dump]);
    assert_eq!(
        said,
        "first slot: number 3, paper, key PKPROV…; this one counts\nsecond slot: number 2, paper, key PKPROV…\n"
    );
    // A damaged newest slot is written over; the other one stays.
    flash[100] ^= 1;
    fs::write(&dump, &flash).expect("written");
    let said = bench.works(&["--read", &dump]);
    assert!(
        said.contains("half written or damaged")
            && said.contains("number 2, paper, key PKPROV…; this one counts"),
        "{said}"
    );
    let out = bench.path("after damage");
    let said = bench.works(&["--paper", "--keys", &keys, "--out", &out, "--pair", &dump]);
    assert!(
        said.contains("slot number 3, for the first sector"),
        "{said}"
    );
}

#[test]
fn the_file_of_keys_is_wiped_when_asked_and_after_the_key_was_read_back() {
    let bench = Bench::new("wipe");
    let (keys, out) = (bench.keys(&two_lines()), bench.path("slot"));
    // A second name shows what happened to the content.
    let witness = bench.path("witness");
    fs::hard_link(&keys, &witness).expect("a link");
    bench.works(&["--paper", "--keys", &keys, "--wipe", "--out", &out]);
    assert!(!Path::new(&keys).exists());
    assert_eq!(
        fs::read(&witness).expect("there"),
        vec![0; two_lines().len()]
    );

    // A key that did not arrive is not wiped.
    let keys = bench.keys(&two_lines());
    bench.fails(
        &["--paper", "--keys", &keys, "--wipe", "--out", &out],
        "cannot write",
    );
    bench.fails(
        &[
            "--paper",
            "--keys",
            &keys,
            "--wipe",
            "--serial",
            &bench.path("no line"),
        ],
        "check cable",
    );
    assert_eq!(fs::read(&keys).expect("there"), two_lines());
}

#[test]
fn files_of_keys_that_are_not_safe_or_not_keys_are_refused_by_name() {
    let bench = Bench::new("refused");
    let out = bench.path("slot");
    let refused = |keys: &str, part: &str| {
        bench.fails(&["--paper", "--keys", keys, "--wipe", "--out", &out], part);
        assert!(!Path::new(&out).exists());
    };
    for (content, part) in [
        (&b""[..], "has not two lines"),
        (b"PKONE\n", "has not two lines"),
        (b"PKONE\nsecret\nthird\n", "has not two lines"),
        (b"PKONE\n\"quoted\"\n", "the API secret key holds a quote"),
        (
            b"\xef\xbb\xbfPKONE\nsecret\n",
            "the API key id holds a character that is not ASCII",
        ),
        (
            b"PKONE\nsec\0ret\n",
            "the API secret key holds a control character",
        ),
        (b"PKONE\n\n", "the API secret key is empty"),
        (b"\xff\xfe\n\n", "is no text"),
        (&[b'x'; 513], "is too long"),
    ] {
        let keys = bench.keys(content);
        refused(&keys, part);
        assert_eq!(
            fs::read(&keys).expect("there"),
            content,
            "a refused file was changed"
        );
    }
    let keys = bench.keys(&two_lines());
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&keys, fs::Permissions::from_mode(mode)).expect("set");
        refused(&keys, "can be read by others");
    }
    let link = bench.path("link");
    std::os::unix::fs::symlink(bench.keys(&two_lines()), &link).expect("a link");
    refused(&link, "is no regular file");
    refused(&bench.path(""), "is no regular file");
    refused(&bench.path("absent"), "check the path");
}

#[test]
fn what_is_no_dump_and_what_is_no_command_is_refused() {
    let bench = Bench::new("arguments");
    let (keys, out) = (bench.keys(&two_lines()), bench.path("slot"));
    for (name, length) in [
        ("odd", 8191),
        ("short", 542),
        ("empty", 0),
        ("huge", 600_000),
    ] {
        let dump = bench.path(name);
        fs::write(&dump, vec![0xff; length]).expect("written");
        bench.fails(
            &["--paper", "--keys", &keys, "--out", &out, "--pair", &dump],
            "neither a slot nor two sectors",
        );
    }
    bench.fails(&["--paper", "--out", &out], "no API key in the environment");
    bench.fails(
        &[
            "--paper",
            "--keys",
            &keys,
            "--out",
            &out,
            "--sequence",
            "4294967296",
        ],
        "must be a number",
    );
    for arguments in [
        &["--out", &out, "--keys", &keys][..],
        &["--paper", "--live", "--keys", &keys, "--out", &out],
        &["--paper", "--wipe", "--out", &out],
        &["--paper", "--keys", &keys],
        &["--paper", "--keys", &keys, "--out", &out, "--serial", "x"],
        &[
            "--paper",
            "--keys",
            &keys,
            "--out",
            &out,
            "--pair",
            "x",
            "--sequence",
            "1",
        ],
        &["--read", &out, "--paper"],
        &["--read", &out, "--keys", &keys],
    ] {
        bench.fails(arguments, "usage: provision");
    }
    assert!(!Path::new(&out).exists());
    // A live key is for live firmware only.
    let said = bench.works(&["--live", "--keys", &keys, "--out", &out]);
    assert!(said.contains("slot number 1"));
    let (mut live, mut paper) = (
        Slot::<KeyPair<Live>>::vacant(),
        Slot::<KeyPair<Paper>>::vacant(),
    );
    assert!(
        live.live_from_flash(&slot(&out)).is_ok() && paper.paper_from_flash(&slot(&out)).is_err()
    );
}
