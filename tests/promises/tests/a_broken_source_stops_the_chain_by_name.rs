//! A source that holds something unusable stops the chain with a named error that says what to do,
//! and no text of it holds the secret. A source that holds nothing leads on.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use alpaca_auth::credential::{CONNECT_TOKEN_MAX, ConnectToken, CredentialFault, KeyPair, Slot};
use alpaca_auth::environment::{EnvironmentKind, Live, Paper};
use alpaca_auth::response::json_shape::JsonShapeError;
use alpaca_auth::source::{
    CommandFault, EnvironmentEvidence, FileFault, FormFault, Passed, SourceError, SourceFault,
    Verdict,
};
use alpaca_auth_promises::forms;
use alpaca_auth_promises::scratch::Scratch;
use alpaca_auth_ureq::source::{Command, Directory, File, Sources};

const ID: &str = "PKTEST0000000000000";
const SECRET: &str = "n0t/aReal+SecretQ7w2Zk9Xv4Lm1Rt8Yb3";
/// In the source behind the broken one: it must not be used.
const NEXT: &str = "PKNEXT0000000000000\nfrom-the-next-source\n";

/// One test after the other: a fork of one would keep the script open for writing that another has
/// just written, and the kernel runs no such program.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn json(secret: &str) -> String {
    format!(r#"{{"key_id": "{ID}", "secret_key": "{secret}"}}"#)
}

/// The fault that stops a chain of `sources` and a good one behind them.
fn fault(scratch: &Scratch, sources: Sources) -> SourceFault {
    let mut sources = sources.then(File::at(scratch.file("next", NEXT)));
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    slot.paper(ID, "from-before").expect("a pair");
    let error = sources.paper(&mut slot).expect_err("it is broken");
    assert!(slot.get().is_none(), "the slot keeps a key: {error}");
    let SourceError::Broken {
        index: 0, fault, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(sources.report().verdicts(), [Verdict::Broken(fault)]);
    let explanation = sources.explanation().to_string();
    assert!(explanation.contains("stopped here") && explanation.contains("not asked"));
    // A remedy stands behind every semicolon.
    assert!(
        error.to_string().contains("; ") || error.to_string().contains(", and "),
        "{error}"
    );
    let placed = sources.placed(error);
    let place = sources.place(0).map(|place| place.to_string());
    assert!(
        place.is_some_and(|place| placed.to_string().contains(&place)),
        "{placed} names no place"
    );
    let said = format!(
        "{error}\n{error:?}\n{placed}\n{placed:?}\n{explanation}\n{:?}",
        sources.report()
    );
    assert_eq!(forms::found(SECRET, &said), Vec::<&str>::new(), "{said}");
    fault
}

fn of_file(scratch: &Scratch, path: &Path) -> SourceFault {
    fault(scratch, Sources::new().then(File::at(path)))
}

fn refused(part: &'static str, fault: CredentialFault) -> SourceFault {
    SourceFault::Refused { part, fault }
}

#[test]
fn a_file_with_bad_content() {
    let _alone = alone();
    let scratch = Scratch::new("content");
    let form = SourceFault::Form;
    let line_2 = "line 2 (secret key)";
    let (set, missing) = ("line 1 (key id)", line_2);
    let (first, second) = SECRET.split_at(9);
    let megabyte = SECRET.repeat(1 << 15);
    for (text, expected) in [
        ("".to_owned(), form(FormFault::Empty)),
        ("\n\r\n".to_owned(), form(FormFault::Empty)),
        (format!("{ID}\n"), SourceFault::Half { set, missing }),
        (format!("{ID}\n\n"), refused(line_2, CredentialFault::Empty)),
        (format!("{ID}\n\n{SECRET}\n"), form(FormFault::MoreLines)),
        (format!("{ID}\n{SECRET}\n\n"), form(FormFault::MoreLines)),
        (
            format!("{ID}\r{SECRET}\r"),
            SourceFault::Half { set, missing },
        ),
        (
            format!("{ID}\n{SECRET}\r\r\n"),
            refused(line_2, CredentialFault::LineBreak),
        ),
        (
            format!("\u{feff}{ID}\n{SECRET}\n"),
            form(FormFault::ByteOrderMark),
        ),
        (
            format!("\u{feff}{}", json(SECRET)),
            form(FormFault::ByteOrderMark),
        ),
        (
            format!("{ID}\n\"{SECRET}\"\n"),
            SourceFault::QuotesAround { part: line_2 },
        ),
        (
            format!("{ID}\n'{SECRET}'\n"),
            SourceFault::QuotesAround { part: line_2 },
        ),
        (
            format!("{ID}\n{SECRET}'\n"),
            refused(line_2, CredentialFault::Quote),
        ),
        (format!("{ID}\n{SECRET}\0\n"), form(FormFault::Nul)),
        (
            format!("{ID}\n{first} {second}\n"),
            refused(line_2, CredentialFault::Space),
        ),
        (
            format!("{ID}\n{SECRET}ß\n"),
            refused(line_2, CredentialFault::NotAscii),
        ),
        (
            format!("{ID}\n{}\n", SECRET.repeat(4)),
            refused(line_2, CredentialFault::TooLong),
        ),
        (megabyte, form(FormFault::TooLong)),
        (
            json(SECRET).replace("secret_key", "secretkey"),
            SourceFault::Half {
                set: "key_id",
                missing: "secret_key",
            },
        ),
        (
            json(SECRET).replace('}', ""),
            form(FormFault::Json(JsonShapeError::Truncated)),
        ),
        (
            json(&format!("{SECRET}\\n")),
            refused("secret_key", CredentialFault::LineBreak),
        ),
        (
            json(&format!("\\\"{SECRET}\\\"")),
            SourceFault::QuotesAround { part: "secret_key" },
        ),
        (
            json(&format!("{SECRET}\\u0000")),
            refused("secret_key", CredentialFault::Control),
        ),
        (
            format!("APCA_API_SECRET_KEY={SECRET}\n"),
            SourceFault::Half {
                set: "APCA_API_SECRET_KEY",
                missing: "APCA_API_KEY_ID",
            },
        ),
        (
            format!("APCA_API_KEY_ID={ID}\nAPCA_API_SECRET_KEY=\"{SECRET}\n"),
            form(FormFault::OpenQuote { number: 2 }),
        ),
        (
            format!("APCA_API_KEY_ID={ID}\nAPCA_API_SECRET_KEY=${SECRET}\n"),
            form(FormFault::NotLiteral { number: 2 }),
        ),
        (
            format!("APCA_API_KEY_ID={ID}\n{SECRET}\n"),
            form(FormFault::Line { number: 2 }),
        ),
        (
            format!("APCA_API_KEY={ID}\nAPCA_SECRET={SECRET}\n"),
            form(FormFault::NoKnownName),
        ),
    ] {
        let path = scratch.file("keys", &text);
        assert_eq!(of_file(&scratch, &path), expected, "{:?}", text.get(..60));
    }
    let utf16: Vec<u8> = format!("\u{feff}{ID}\n{SECRET}\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let path = scratch.file("keys", &utf16);
    assert_eq!(of_file(&scratch, &path), form(FormFault::Utf16));
    // Without a mark, and as what no text is.
    let path = scratch.file("keys", utf16.get(2..).expect("text"));
    assert_eq!(of_file(&scratch, &path), form(FormFault::Nul));
    let path = scratch.file("keys", b"PKTEST\n\xe9\n");
    assert_eq!(of_file(&scratch, &path), form(FormFault::NotUtf8));
    // The neighbours that are right.
    for text in [
        format!("{ID}\r\n{SECRET}\r\n"),
        json(SECRET),
        json(&SECRET.replace('/', "\\/")),
    ] {
        let mut sources = Sources::new().then(File::at(scratch.file("keys", text)));
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        sources.paper(&mut slot).expect("a pair");
        let mut other = Slot::<KeyPair<Paper>>::vacant();
        assert!(
            slot.get()
                .expect("filled")
                .is(other.paper(ID, SECRET).expect("a pair"))
        );
    }
}

#[test]
fn a_file_that_is_not_trusted() {
    let _alone = alone();
    let scratch = Scratch::new("trust");
    let good = format!("{ID}\n{SECRET}\n");
    let path = scratch.file("keys", &good);
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o777] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its mode");
        let expected = SourceFault::File(FileFault::TooOpen { mode });
        assert_eq!(of_file(&scratch, &path), expected);
    }
    let link = scratch.path("link");
    symlink(scratch.file("keys", &good), &link).expect("a link");
    assert_eq!(of_file(&scratch, &link), SourceFault::File(FileFault::Link));
    let dangling = scratch.path("dangling");
    symlink("nowhere", &dangling).expect("a link");
    assert_eq!(
        of_file(&scratch, &dangling),
        SourceFault::File(FileFault::Link)
    );
    let directory = scratch.path("directory");
    fs::create_dir(&directory).expect("a directory");
    let pipe = scratch.path("pipe");
    assert!(
        Process::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("mkfifo")
            .success()
    );
    let socket = scratch.path("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let before = Instant::now();
    for odd in [
        &directory,
        &pipe,
        &socket,
        Path::new("/dev/null"),
        Path::new("/dev/zero"),
    ] {
        assert_eq!(
            of_file(&scratch, odd),
            SourceFault::File(FileFault::NotRegular),
            "{odd:?}"
        );
    }
    assert!(
        before.elapsed() < Duration::from_secs(5),
        "it waited for a pipe"
    );
    let below = scratch.file("keys", &good).join("below");
    let code = Some(20); // ENOTDIR
    assert_eq!(
        of_file(&scratch, &below),
        SourceFault::File(FileFault::Unreadable { code })
    );
}

#[test]
fn a_file_that_others_can_exchange() {
    let _alone = alone();
    let scratch = Scratch::new("exchange");
    let inner = scratch.path("inner");
    fs::create_dir(&inner).expect("a directory");
    let path = scratch.file("inner/keys", format!("{ID}\n{SECRET}\n"));
    let set = |mode| fs::set_permissions(&inner, Permissions::from_mode(mode)).expect("its mode");
    for mode in [0o777, 0o757, 0o703, 0o702, 0o770, 0o775, 0o720] {
        set(mode);
        let expected = SourceFault::File(FileFault::DirectoryTooOpen { mode });
        assert_eq!(of_file(&scratch, &path), expected);
        // A link to the directory is not judged in its stead.
        let link = scratch.path("link-to-inner");
        let _ = fs::remove_file(&link);
        symlink(&inner, &link).expect("a link");
        assert_eq!(of_file(&scratch, &link.join("keys")), expected);
    }
    let is_taken = || {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut sources = Sources::new().then(File::at(&path));
        sources.paper(&mut slot).expect("it is trusted");
    };
    // Only its owner can exchange a file in a directory with the sticky bit.
    for mode in [0o1777, 0o755, 0o711, 0o700] {
        set(mode);
        is_taken();
    }
    let other = 12_345;
    if std::os::unix::fs::chown(&inner, Some(other), None).is_err() {
        println!("SKIPPED part: directories of other users: only root can make them");
        return;
    }
    let (owner, user) = (other, 0);
    let expected = SourceFault::File(FileFault::DirectoryOfOther { owner, user });
    assert_eq!(of_file(&scratch, &path), expected);
}

/// Only root can give files away.
#[test]
fn a_file_of_another_user() {
    let _alone = alone();
    let scratch = Scratch::new("owner");
    let path = scratch.file("keys", format!("{ID}\n{SECRET}\n"));
    let other = 12_345;
    if std::os::unix::fs::chown(&path, Some(other), None).is_err() {
        println!("SKIPPED part: files of other users: only root can make them");
        return;
    }
    let (owner, user) = (other, 0);
    let expected = SourceFault::File(FileFault::OtherOwner { owner, user });
    assert_eq!(of_file(&scratch, &path), expected);
    // By way of a link that is this user's own.
    let link = scratch.path("link");
    symlink(&path, &link).expect("a link");
    assert_eq!(of_file(&scratch, &link), SourceFault::File(FileFault::Link));
}

#[test]
fn a_key_that_is_marked_as_live() {
    let _alone = alone();
    let scratch = Scratch::new("live");
    let wanted = EnvironmentKind::Paper;
    for text in [
        format!("AKTEST\n{SECRET}\n"),
        format!(r#"{{"key_id":"{ID}","secret_key":"{SECRET}","environment":"live"}}"#),
        format!("key_id={ID}\nsecret_key={SECRET}\nenvironment=production\n"),
        format!("key_id=K\nsecret_key={SECRET}\nAPCA_API_BASE_URL=https://api.alpaca.markets\n"),
    ] {
        let path = scratch.file("keys", text);
        let fault = of_file(&scratch, &path);
        assert!(
            matches!(fault, SourceFault::OtherEnvironment { wanted: w, .. } if w == wanted),
            "{fault:?}"
        );
    }
    // The other way round, and the right way.
    let path = scratch.file("keys", format!("{ID}\n{SECRET}\n"));
    let mut slot = Slot::<KeyPair<Live>>::vacant();
    let error = Sources::new().then(File::at(&path)).live(&mut slot);
    let evidence = |error| match error {
        SourceError::Broken {
            fault: SourceFault::OtherEnvironment { evidence, .. },
            ..
        } => evidence,
        other => panic!("{other:?}"),
    };
    let evidence = evidence(error.expect_err("a paper key"));
    assert!(matches!(evidence, EnvironmentEvidence::Prefix(_)));
    let path = scratch.file("keys", format!("AKTEST\n{SECRET}\n"));
    assert!(Sources::new().then(File::at(path)).live(&mut slot).is_ok());
}

#[test]
fn a_directory() {
    let _alone = alone();
    let scratch = Scratch::new("directory");
    let container = || Sources::new().then(Directory::container_at(scratch.directory()));
    let of = |fault| SourceFault::FileOf {
        part: "alpaca-secret-key",
        fault,
    };
    scratch.file("alpaca-key-id", format!("{ID}\n"));
    let (set, missing) = ("alpaca-key-id", "alpaca-secret-key");
    assert_eq!(
        fault(&scratch, container()),
        SourceFault::Half { set, missing }
    );
    // The other half under another name does not complete it.
    scratch.file("APCA_API_SECRET_KEY", SECRET);
    assert_eq!(
        fault(&scratch, container()),
        SourceFault::Half { set, missing }
    );
    let path = scratch.file("alpaca-secret-key", SECRET);
    fs::set_permissions(&path, Permissions::from_mode(0o664)).expect("its mode");
    assert_eq!(
        fault(&scratch, container()),
        of(FileFault::TooOpen { mode: 0o664 })
    );
    fs::remove_file(&path).expect("removed");
    let elsewhere = Scratch::new("elsewhere");
    symlink(elsewhere.file("secret", SECRET), &path).expect("a link");
    assert_eq!(fault(&scratch, container()), of(FileFault::LeadsOut));
    fs::remove_file(&path).expect("removed");
    assert!(
        Process::new("mkfifo")
            .arg(&path)
            .status()
            .expect("mkfifo")
            .success()
    );
    assert_eq!(fault(&scratch, container()), of(FileFault::NotRegular));
    for (text, expected) in [
        ("".to_owned(), CredentialFault::Empty),
        ("\r\n".to_owned(), CredentialFault::Empty),
        (format!("{SECRET}\n\n"), CredentialFault::LineBreak),
        (format!("\u{feff}{SECRET}"), CredentialFault::NotAscii),
        (format!("{SECRET}\0"), CredentialFault::Control),
        (SECRET.repeat(4), CredentialFault::TooLong),
        (SECRET.repeat(1 << 15), CredentialFault::TooLong),
    ] {
        scratch.file("alpaca-secret-key", text);
        assert_eq!(
            fault(&scratch, container()),
            refused("alpaca-secret-key", expected)
        );
    }
    scratch.file("alpaca-secret-key", format!("'{SECRET}'\n"));
    let part = "alpaca-secret-key";
    assert_eq!(
        fault(&scratch, container()),
        SourceFault::QuotesAround { part }
    );
    // Links within the directory are Kubernetes' way.
    fs::remove_file(&path).expect("removed");
    scratch.subdirectory("..data");
    scratch.file("..data/secret", SECRET);
    symlink("..data/secret", &path).expect("a link");
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    assert!(container().paper(&mut slot).is_ok());
    // Somebody else may put files there.
    fs::set_permissions(scratch.directory(), Permissions::from_mode(0o777)).expect("its mode");
    let expected = SourceFault::File(FileFault::TooOpen { mode: 0o777 });
    assert_eq!(fault(&scratch, container()), expected);
    let file = Sources::new().then(Directory::container_at(scratch.path("next")));
    assert_eq!(
        fault(&scratch, file),
        SourceFault::File(FileFault::NotDirectory)
    );
}

/// XDG Base Directory Specification: a relative path is to be ignored.
#[test]
fn a_relative_home_directory_is_none() {
    let _alone = alone();
    let scratch = Scratch::new("home");
    for directory in ["home/.config/alpaca-auth", "config/alpaca-auth"] {
        scratch.subdirectory(directory);
        scratch.file(&format!("{directory}/paper"), format!("{ID}\n{SECRET}\n"));
    }
    let said = |variables: &[(&str, PathBuf)]| {
        let output = Process::new(env!("CARGO_BIN_EXE_source_probe"))
            .arg("user-file")
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .current_dir(scratch.directory())
            .stdin(Stdio::null())
            .output()
            .expect("the probe runs");
        String::from_utf8(output.stdout).expect("text")
    };
    let (home, config) = (scratch.path("home"), scratch.path("config"));
    for (variables, used) in [
        (&[("HOME", "home".into())][..], None),
        (&[("XDG_CONFIG_HOME", "config".into())], None),
        (&[("XDG_CONFIG_HOME", PathBuf::new())], None),
        (&[("HOME", home.clone())], Some("home/.config")),
        (&[("XDG_CONFIG_HOME", config.clone())], Some("config")),
        (
            &[("HOME", home.clone()), ("XDG_CONFIG_HOME", config)],
            Some("config"),
        ),
        (
            &[("HOME", home), ("XDG_CONFIG_HOME", "config".into())],
            Some("home/.config"),
        ),
    ] {
        let said = said(variables);
        let line = used.map_or(
            "1. file (no home directory): passed over".to_owned(),
            |used| {
                let path = scratch.path(used);
                format!("1. file ({}/alpaca-auth/paper): used", path.display())
            },
        );
        assert!(said.contains(&line), "{line} is not in {said}");
    }
}

/// The longest token fills the place that a source has for a value.
#[test]
fn a_value_that_is_too_long_is_refused_and_not_cut() {
    let _alone = alone();
    let scratch = Scratch::new("long");
    let part = "alpaca-oauth-token";
    let fill = |text: String| {
        scratch.file(part, text);
        let mut slot = Slot::<ConnectToken<Paper>>::vacant();
        let mut sources = Sources::new().then(Directory::container_at(scratch.directory()));
        sources.paper(&mut slot).map(drop)
    };
    for end in ["", "\n", "\r\n"] {
        let longest = "t".repeat(CONNECT_TOKEN_MAX);
        assert_eq!(fill(format!("{longest}{end}")), Ok(()));
        for more in [1, 2, 3, 4, 100, 1 << 20] {
            let error = fill(format!("{longest}{}{end}", "t".repeat(more)));
            let expected = refused(part, CredentialFault::TooLong);
            assert!(
                matches!(error, Err(SourceError::Broken { fault, .. }) if fault == expected),
                "{more} more: {error:?}"
            );
        }
    }
}

#[test]
fn a_command() {
    let _alone = alone();
    let scratch = Scratch::new("command");
    let time = Duration::from_millis(1_500);
    let run = |path: &Path| {
        let sources = Sources::new().then(Command::new(path).time(time));
        let SourceFault::Command(fault) = fault(&scratch, sources) else {
            panic!("another fault");
        };
        fault
    };
    let milliseconds = 1_500;
    let hang = "sleep 60 & echo $! > \"$0.pid\"; wait";
    for (script, expected) in [
        (hang, CommandFault::TimedOut { milliseconds }),
        (
            "exit 1",
            CommandFault::Failed {
                code: 1,
                said_why: false,
            },
        ),
        (
            &format!("echo '{SECRET}'; echo '{SECRET}' >&2; exit 3"),
            CommandFault::Failed {
                code: 3,
                said_why: true,
            },
        ),
        ("kill -9 $$", CommandFault::Signal { number: 9 }),
        ("exec cat /dev/zero", CommandFault::TooMuch),
        (
            &format!("yes '{SECRET}' | head -c 10000000"),
            CommandFault::TooMuch,
        ),
        ("true", CommandFault::Silent),
        (&format!("echo '{SECRET}' >&2"), CommandFault::Silent),
        (
            &format!("printf '%s\\n' {ID} '{SECRET}'; sleep 60 & echo $! > \"$0.pid\""),
            CommandFault::LeftOpen,
        ),
        // What leaves the process group cannot be killed with it, and is not waited for.
        (
            &format!("printf '%s\\n' {ID} '{SECRET}'; setsid sleep 3 & sleep 0.2"),
            CommandFault::LeftOpen,
        ),
        ("setsid sleep 3 & sleep 0.2; exit 4", CommandFault::LeftOpen),
        // One that is stopped does not end either.
        ("kill -STOP $$", CommandFault::TimedOut { milliseconds }),
        (
            "trap '' TERM INT HUP; while :; do sleep 60 & wait; done",
            CommandFault::TimedOut { milliseconds },
        ),
    ] {
        let path = scratch.script("command", script);
        let before = Instant::now();
        assert_eq!(run(&path), expected, "{script}");
        assert_eq!(zombies(), 0, "{script}");
        assert!(before.elapsed() < Duration::from_secs(20), "{script}");
        if script.contains(".pid") {
            let pid = fs::read_to_string(scratch.path("command.pid")).expect("a process id");
            ends(pid.trim());
        }
    }
    assert_eq!(run(Path::new("pass")), CommandFault::NotAbsolute);
    assert_eq!(run(&scratch.path("none")), CommandFault::Missing);
    assert_eq!(run(&scratch.file("no-program", "x")), CommandFault::Denied);
    let no_program = scratch.file("no-program", "\u{1}x");
    fs::set_permissions(&no_program, Permissions::from_mode(0o700)).expect("its mode");
    let code = Some(8); // ENOEXEC
    assert_eq!(run(&no_program), CommandFault::NotStarted { code });
    // Others could put their own program there.
    let owner = fs::metadata(scratch.directory())
        .expect("it is there")
        .uid();
    let script = scratch.script("command", &format!("printf '%s\\n' {ID} '{SECRET}'"));
    for mode in [0o775, 0o757] {
        fs::set_permissions(&script, Permissions::from_mode(mode)).expect("its mode");
        assert_eq!(run(&script), CommandFault::NotTrusted { mode, owner });
    }
    let mode = 0o757;
    let link = scratch.path("link-to-command");
    symlink(&script, &link).expect("a link");
    assert_eq!(run(&link), CommandFault::NotTrusted { mode, owner });
    let (mode, owner) = (0o755, 12_345);
    fs::set_permissions(&script, Permissions::from_mode(mode)).expect("its mode");
    if std::os::unix::fs::chown(&script, Some(owner), None).is_ok() {
        assert_eq!(run(&script), CommandFault::NotTrusted { mode, owner });
    } else {
        println!("SKIPPED part: programs of other users: only root can make them");
    }
    // What it prints is read as a file is.
    let script = scratch.script("command", &format!("printf '%s\\n' {ID}"));
    let (set, missing) = ("line 1 (key id)", "line 2 (secret key)");
    let half = fault(&scratch, Sources::new().then(Command::new(script)));
    assert_eq!(half, SourceFault::Half { set, missing });
}

/// How many children of this process are dead and not reaped.
fn zombies() -> usize {
    let own = format!(" Z {} ", std::process::id());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = processes.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats.filter(|stat| stat.contains(&own)).count()
}

/// Waits until a process is gone, or is dead and not reaped by whoever adopted it.
fn ends(pid: &str) {
    for _ in 0..200 {
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) if !stat.contains(") Z ") => std::thread::sleep(Duration::from_millis(10)),
            _ => return,
        }
    }
    panic!("{pid} was not killed with its group");
}

#[test]
fn a_command_gets_few_variables_and_no_shell() {
    let _alone = alone();
    let scratch = Scratch::new("variables");
    let script = scratch.script(
        "command",
        "[ \"$PATH\" = /usr/local/bin:/usr/bin:/bin ] || exit 7\n\
         [ -z \"${CARGO_PKG_NAME+set}\" ] || exit 8\n\
         [ \"$PWD\" = / ] || exit 9\n\
         read line && exit 10\n\
         printf '%s\\n' PKTEST \"$1\"",
    );
    // A test has this variable; the command must not.
    assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
    let run = |command: Command| {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        Sources::new().then(command).paper(&mut slot).map(|_| {
            let mut other = Slot::<KeyPair<Paper>>::vacant();
            let other = other.paper("PKTEST", "$(id)").expect("a pair");
            slot.get().expect("filled").is(other)
        })
    };
    assert_eq!(run(Command::new(&script).argument("$(id)")), Ok(true));
    let told = Command::new(&script)
        .argument("$(id)")
        .variable("CARGO_PKG_NAME");
    let code = 8;
    let failed = SourceFault::Command(CommandFault::Failed {
        code,
        said_why: false,
    });
    assert!(matches!(run(told), Err(SourceError::Broken { fault, .. }) if fault == failed));
}

/// The probe's own standard input stays open: a command that inherited it would wait for more.
#[test]
fn a_command_gets_no_input() {
    let _alone = alone();
    let mut child = Process::new(env!("CARGO_BIN_EXE_source_probe"))
        .arg("command:/bin/cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the probe starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    writeln!(stdin, "{ID}\n{SECRET}").expect("the pair is read");
    let output = child.wait_with_output().expect("the probe ends");
    drop(stdin);
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.contains("command: it wrote nothing;"), "{said}");
}

#[test]
fn what_holds_nothing_leads_on() {
    let _alone = alone();
    let scratch = Scratch::new("nothing");
    let empty = scratch.subdirectory("empty");
    let mut sources = Sources::new()
        .then(File::at(scratch.path("none")))
        .then(File::at(scratch.path("no-directory/none")))
        .then(Directory::container_at(scratch.path("none")))
        .then(Directory::container_at(&empty))
        .then(File::at(scratch.file("next", NEXT)));
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let won = sources.paper(&mut slot).expect("the last one");
    assert_eq!(won.index, 4);
    let passed = Verdict::Passed(Passed::NotSet);
    let not_set_up = Verdict::Passed(Passed::NotSetUp);
    assert_eq!(
        sources.report().verdicts(),
        [passed, passed, not_set_up, passed, Verdict::Used]
    );
    let said = sources.explanation().to_string();
    assert!(
        said.contains("5. file (") && said.ends_with("next): used\n"),
        "{said}"
    );
    assert!(!said.contains("from-the-next-source"), "{said}");
}
