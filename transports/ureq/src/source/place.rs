//! [`Shown`]: a path as a report or an error shows it.

use std::fmt;
use std::path::Path;

/// A word of so many characters can be a value.
const VALUE_MIN: usize = 16;
/// In a random word every second character is of another class than the one before; in what people
/// write fewer than one in so many are.
const CHANGES: usize = 4;

/// A path, without what could be a value.
///
/// A path is no secret, but it can be made from an environment variable or an argument that somebody
/// filled with a value. So words that look random are shown as `…`, and so is what stands before the
/// host of a URL, and all that follows a blank in the name of a program: arguments. Control characters are
/// escaped: a path must not write lines of its own into a log.
pub(crate) struct Shown<'p> {
    path: &'p Path,
    is_program: bool,
}

impl<'p> Shown<'p> {
    pub(crate) const fn new(path: &'p Path) -> Self {
        Self {
            path,
            is_program: false,
        }
    }

    #[cfg(all(unix, feature = "command"))]
    pub(crate) const fn program(path: &'p Path) -> Self {
        Self {
            path,
            is_program: true,
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.path.to_string_lossy();
        let mut text = text.as_ref();
        let mut rest = "";
        if self.is_program
            && let Some((program, _)) = text.split_once(char::is_whitespace)
        {
            (text, rest) = (program, " …");
        }
        if let Some((scheme, behind)) = text.split_once("://")
            && let Some((_, host)) = behind.rsplit_once('@')
        {
            words(scheme, false, f)?;
            f.write_str("://…@")?;
            text = host;
        }
        // A value can hold slashes. Below the root, or below a directory by name, they separate.
        words(text, !text.starts_with('/'), f)?;
        f.write_str(rest)
    }
}

/// Writes the words of a text, and what stands between.
fn words(text: &str, with_slash: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let in_word = |character: char| {
        character.is_ascii_alphanumeric()
            || matches!(character, '+' | '=' | '-' | '_')
            || character == '/' && with_slash
    };
    for part in text.split_inclusive(|character| !in_word(character)) {
        let word = part.trim_end_matches(|character| !in_word(character));
        let between = part.get(word.len()..).unwrap_or_default();
        if looks_random(word) {
            f.write_str("…")?;
        } else {
            f.write_str(word)?;
        }
        for character in between.chars() {
            match character {
                '\'' | '"' => write!(f, "{character}")?,
                _ => write!(f, "{}", character.escape_debug())?,
            }
        }
    }
    Ok(())
}

/// Whether capital letters, small letters and digits take turns as in a key, and not as in a name.
fn looks_random(word: &str) -> bool {
    let mut classes = word.bytes().filter_map(|byte| match byte {
        b'a'..=b'z' => Some(0),
        b'A'..=b'Z' => Some(1),
        b'0'..=b'9' => Some(2),
        _ => None,
    });
    let Some(mut before) = classes.next() else {
        return false;
    };
    let (mut length, mut changes) = (1_usize, 0_usize);
    for class in classes {
        length = length.saturating_add(1);
        changes = changes.saturating_add(usize::from(class != before));
        before = class;
    }
    length >= VALUE_MIN && changes.saturating_mul(CHANGES) >= length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str) -> String {
        Shown::new(Path::new(path)).to_string()
    }

    #[test]
    fn a_path_that_people_write_is_shown_as_it_is() {
        for path in [
            "/etc/trader/alpaca.json",
            "keys.json",
            "../config/Alpaca2026/paper",
            "/home/pi/.config/alpaca-auth/paper",
            "/run/credentials/alpaca-watch.service",
            "/var/lib/kubelet/..2026_01_02_03_04_05.123456789/APCA_API_SECRET_KEY",
            "C:\\Users\\Someone\\alpaca.env",
            "/srv/My Keys/Übung 'a' \"b\"/k",
            "/var/tmp2/alpaca-doctor-12345-permissions/home/x",
            "",
        ] {
            assert_eq!(shown(path), path.replace('\\', "\\\\"));
        }
    }

    #[test]
    fn what_could_be_a_value_is_not_shown() {
        for (path, expected) in [
            // A secret where a path was meant, old and new, a token, a hash.
            ("n0t/aReal+SecretQ7w2Zk9Xv4Lm1Rt8Yb3", "…"),
            ("7kR2mVb9QpX4tZs8LwJ3nHc6YfD1gAe5UoI0xKqM", "…"),
            ("8d8c2a8e-4f1b-4c3d-9a7e-1b2c3d4e5f60", "…"),
            ("/8d8c2a8e-4f1b-4c3d-9a7e-1b2c3d4e5f60/keys", "/…/keys"),
            (
                "/keys/7kR2mVb9QpX4tZs8LwJ3nHc6YfD1gAe5.json",
                "/keys/….json",
            ),
            (
                "https://user:hunter2@vault.example/keys",
                "https://…@vault.example/keys",
            ),
            ("https://user:p@ss@vault.example", "https://…@vault.example"),
        ] {
            assert_eq!(shown(path), expected);
        }
    }

    #[cfg(all(unix, feature = "command"))]
    #[test]
    fn arguments_in_the_name_of_a_program_are_not_shown() {
        let program = |path| Shown::program(Path::new(path)).to_string();
        assert_eq!(program("/usr/bin/pass"), "/usr/bin/pass");
        assert_eq!(program("/usr/bin/pass --token hunter2"), "/usr/bin/pass …");
        assert_eq!(program("pass\tshow hunter2"), "pass …");
    }

    #[test]
    fn control_characters_do_not_reach_a_log() {
        assert_eq!(
            shown("/a\u{1b}[2J\nb\u{202e}c"),
            "/a\\u{1b}[2J\\nb\\u{202e}c"
        );
    }
}
