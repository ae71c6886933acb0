//! Where the secret stands and should not: shell histories, files that others can read, git repositories.
//!
//! The search is bounded, and says when it has not seen all. It opens regular files only, follows no
//! link, and wipes what it has read. Nothing gets the secret: `git` is asked for its objects, not for it.

use std::fs::{self, OpenOptions};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::source::shown;
use super::{Class, Report};

/// How much is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Files.
    pub files: usize,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of all files, and of all git objects again.
    pub bytes: u64,
    /// Directories below the one that is searched.
    pub depth: usize,
}

impl Bounds {
    /// 4000 files of up to 16 MiB, 128 MiB in all, 5 directories deep.
    pub const DEFAULT: Self = Self {
        files: 4000,
        file: 16 << 20,
        bytes: 128 << 20,
        depth: 5,
    };
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// Files.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Bytes of git objects.
    pub objects: u64,
    /// A bound was met: there is more.
    pub cut: bool,
}

/// Histories of shells and other programs that read lines, in the home directory.
const HISTORIES: [&str; 9] = [
    ".bash_history",
    ".zsh_history",
    ".zhistory",
    ".sh_history",
    ".history",
    ".local/share/fish/fish_history",
    ".python_history",
    ".node_repl_history",
    ".lesshst",
];

/// Files of settings that keys are put into, in the home directory.
const SETTINGS: [&str; 9] = [
    ".profile",
    ".bash_profile",
    ".bashrc",
    ".zshrc",
    ".zshenv",
    ".env",
    ".netrc",
    ".config/fish/config.fish",
    ".config/environment.d",
];

/// Directories that are built or fetched, not written.
const SKIPPED: [&str; 5] = [".git", "target", "node_modules", ".venv", "__pycache__"];

/// Directories above the one searched in which a repository may be.
const ABOVE: usize = 16;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Looks for `secret` in `home` and `directory`, and reports where it stands.
pub fn search(
    secret: &[u8],
    home: Option<&Path>,
    directory: &Path,
    bounds: Bounds,
    report: &mut Report,
) -> Searched {
    let mut search = Search {
        secret,
        bounds,
        searched: Searched::default(),
        report,
    };
    let histories = home.map(|home| HISTORIES.map(|name| home.join(name)));
    let mut histories: Vec<PathBuf> = histories.into_iter().flatten().collect();
    let named = std::env::var_os("HISTFILE").filter(|name| !name.is_empty());
    histories.extend(named.map(PathBuf::from));
    histories.dedup();
    for path in histories {
        if search.file_holds(&path) {
            search.exposed(
                &path,
                "the secret key stands in this history; delete the line, and make a new key",
            );
        }
    }
    let repository = directory
        .ancestors()
        .take(ABOVE)
        .find(|at| at.join(".git").exists());
    let mut paths: Vec<PathBuf> = home
        .map(|home| SETTINGS.map(|name| home.join(name)))
        .into_iter()
        .flatten()
        .collect();
    search.walk(directory, bounds.depth, &mut paths);
    for path in paths {
        let Some(open) = open_to(&path) else { continue };
        let in_repository = repository.is_some_and(|repository| path.starts_with(repository));
        if (open || in_repository) && search.file_holds(&path) {
            search.exposed(
                &path,
                if open {
                    "others can read the secret key here; chmod 600 the file, and make a new key"
                } else {
                    "the secret key stands inside a git repository; move the file out, and make a new key \
                     if it was ever committed"
                },
            );
        }
    }
    if let Some(repository) = repository {
        let path = search.named(repository);
        search.report.fact("git_repository", path);
        search.objects(repository);
    }
    search.searched
}

struct Search<'s> {
    secret: &'s [u8],
    bounds: Bounds,
    searched: Searched,
    report: &'s mut Report,
}

impl Search<'_> {
    fn exposed(&mut self, path: &Path, text: &str) {
        let path = self.named(path);
        self.report.find(Class::Exposed, text, Some(path));
    }

    /// A path, unless that is a secret, too.
    fn named(&self, path: &Path) -> String {
        let path = shown(path);
        let secret = String::from_utf8_lossy(self.secret);
        if path.contains(&*secret) {
            "(a path that holds the secret)".to_owned()
        } else {
            path
        }
    }

    fn walk(&mut self, directory: &Path, depth: usize, paths: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(directory) else {
            return;
        };
        for entry in entries.flatten() {
            if paths.len() >= self.bounds.files {
                self.searched.cut = true;
                return;
            }
            // The type of the entry itself: a link is none of these.
            match entry.file_type() {
                Ok(kind) if kind.is_file() => paths.push(entry.path()),
                Ok(kind) if kind.is_dir() => {
                    let skipped = entry
                        .file_name()
                        .to_str()
                        .is_some_and(|name| SKIPPED.contains(&name));
                    if skipped {
                        continue;
                    }
                    if depth == 0 {
                        self.searched.cut = true;
                        continue;
                    }
                    self.walk(&entry.path(), depth - 1, paths);
                }
                _ => {}
            }
        }
    }

    fn file_holds(&mut self, path: &Path) -> bool {
        // A link, or a pipe without a writer, opens or waits for nothing: what is there now is judged, not
        // what was there before.
        let Ok(file) = unfollowed().open(path) else {
            return false;
        };
        let Ok(metadata) = file.metadata() else {
            return false;
        };
        if !metadata.is_file() {
            return false;
        }
        let left = self.bounds.bytes.saturating_sub(self.searched.bytes);
        if metadata.len() > self.bounds.file || metadata.len() > left {
            self.searched.cut = true;
            return false;
        }
        self.searched.files += 1;
        // A file that grows meanwhile is not followed.
        let (found, bytes) = holds(file.take(metadata.len()), self.secret);
        self.searched.bytes = self.searched.bytes.saturating_add(bytes);
        found
    }

    fn not_searched(&mut self, why: &'static str) {
        self.searched.cut = true;
        self.report
            .fact("git_objects", format!("not searched: {why}"));
    }

    /// Looks through all objects of a repository, those of old commits too.
    fn objects(&mut self, repository: &Path) {
        let child = Command::new("git")
            .args(["--no-optional-locks", "-C"])
            .arg(repository)
            .args(["cat-file", "--batch", "--batch-all-objects", "--unordered"])
            // Not another repository than this one, and nothing from the network.
            .env_remove("GIT_DIR")
            .env_remove("GIT_COMMON_DIR")
            .env_remove("GIT_OBJECT_DIRECTORY")
            .env_remove("GIT_ALTERNATE_OBJECT_DIRECTORIES")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            self.not_searched("git cannot be run; install it, and run doctor again");
            return;
        };
        let Some(output) = child.stdout.take() else {
            return;
        };
        let (found, bytes) = holds(BufReader::new(output).take(self.bounds.bytes), self.secret);
        self.searched.objects = bytes;
        let cut = bytes >= self.bounds.bytes;
        self.searched.cut |= cut;
        if found || cut {
            // There is more to come, which nobody reads.
            drop(child.kill());
        }
        let ended = child.wait().is_ok_and(|status| status.success());
        if !(ended || found || cut) {
            self.not_searched(
                "git refuses this repository, as it does one of another user; run doctor as its owner",
            );
        }
        if found {
            self.exposed(
                &repository.join(".git"),
                "the secret key stands in this repository's objects, perhaps in an old commit; make a new key",
            );
        }
    }
}

#[cfg(unix)]
fn unfollowed() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

#[cfg(not(unix))]
fn unfollowed() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

/// Whether a file that is there is open to others; `None` if it is no regular file.
#[cfg(unix)]
fn open_to(path: &Path) -> Option<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::symlink_metadata(path).ok()?;
    metadata.is_file().then(|| metadata.mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn open_to(path: &Path) -> Option<bool> {
    let metadata = fs::symlink_metadata(path).ok()?;
    metadata.is_file().then_some(true)
}

/// Whether what is read holds `secret`, and how much was read.
fn holds(mut source: impl Read, secret: &[u8]) -> (bool, u64) {
    let overlap = secret.len().saturating_sub(1);
    let mut buffer = Zeroizing::new(vec![0; CHUNK + overlap]);
    let (mut kept, mut read) = (0, 0_u64);
    loop {
        let length = match source.read(&mut buffer[kept..]) {
            Ok(0) => return (false, read),
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return (false, read),
        };
        read = read.saturating_add(length as u64);
        let filled = kept + length;
        let text = &buffer[..filled];
        // The first byte first: most of what is read has none.
        let mut rest = text;
        while let Some(at) = rest.iter().position(|byte| Some(byte) == secret.first()) {
            rest = &rest[at..];
            if !secret.is_empty() && rest.starts_with(secret) {
                return (true, read);
            }
            rest = &rest[1..];
        }
        let keep = filled.min(overlap);
        buffer.copy_within(filled - keep..filled, 0);
        kept = keep;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_stands_and_nothing_else_is() {
        let secret = b"aab-aac";
        for at in [0, 1, CHUNK - 6, CHUNK - 1, CHUNK, CHUNK + 5, 3 * CHUNK] {
            let mut text = vec![b'a'; 3 * CHUNK + 100];
            assert!(!holds(&text[..], secret).0);
            text[at..at + secret.len()].copy_from_slice(secret);
            assert!(holds(&text[..], secret).0, "at {at}");
            text[at + 3] = b'x';
            assert!(!holds(&text[..], secret).0);
        }
        assert_eq!(holds(&b""[..], secret), (false, 0));
        assert_eq!(holds(&b"text"[..], b""), (false, 4));
    }

    #[test]
    fn reads_of_one_byte_find_it_too() {
        struct Slow<'t>(&'t [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, place: &mut [u8]) -> std::io::Result<usize> {
                let length = self.0.len().min(1).min(place.len());
                place[..length].copy_from_slice(&self.0[..length]);
                self.0 = &self.0[length..];
                Ok(length)
            }
        }
        assert!(holds(Slow(b"xxsecretxx"), b"secret").0);
        assert!(!holds(Slow(b"xxsecrexx"), b"secret").0);
    }
}
