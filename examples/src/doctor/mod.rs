//! What `doctor` is made of: the classes of what can be wrong, and the report for people and for fleets.
//!
//! # JSON, version 1
//!
//! `doctor --json` prints one object on one line: `version` (1), `verdict` (`ok`, or the name of the
//! [`Class`] that decides), `exit` (the exit code), `findings` (a list of objects with `class`, `text` and
//! `path`, which is null if no file is at fault), `notes` (a list of texts) and `facts` (an object with the
//! names of [`FACTS`]). Names and codes stay as they are; new ones may be added. Texts change: decide by
//! names and codes. A fact is absent when the examination did not come that far.
//!
//! No value of a key stands in a report. Paths do, with control characters escaped; a path that holds the
//! secret itself is not shown.

mod call;
mod exposed;
mod memory;
mod source;

pub use call::examine;
pub use exposed::{Bounds, Searched, search};
pub use memory::memory;
pub use source::{asked, stopped};

/// The version of the JSON: another number means that a name has gone or means something else.
pub const VERSION: u32 = 1;

/// The names of facts, with their types and what they are.
pub const FACTS: [(&str, &str); 20] = [
    (
        "sources",
        "list of texts: each source that was asked, and what became of it",
    ),
    ("source", "text: the sort of source that gave the key"),
    (
        "sandbox",
        "boolean: the built-in sandbox was examined, since there is no key",
    ),
    ("server", "text: host, port and environment"),
    ("key_looks_like", "text: what the key id begins as"),
    ("machine_time", "number: this machine's clock, Unix time"),
    ("tls", "text: who verified the server"),
    ("status", "number: the status of the answer"),
    (
        "request_id",
        "text: Alpaca's id of the request, for its support",
    ),
    (
        "clock_skew_s",
        "number: seconds between the two clocks, or null if the server tells no time",
    ),
    ("rate_remaining", "number: calls left this minute"),
    ("rate_limit", "number: calls a minute"),
    ("searched_files", "number: files searched for the secret"),
    ("searched_bytes", "number: bytes of them"),
    (
        "searched_git_bytes",
        "number: bytes of git objects searched",
    ),
    ("searched_all", "boolean: nothing was left out"),
    ("git_objects", "text: why no git objects were searched"),
    (
        "git_repository",
        "text: the repository in or around the directory searched",
    ),
    (
        "core_dumps",
        "boolean: a crash writes memory to disk (Linux)",
    ),
    (
        "swap_on_disk",
        "boolean: memory may be swapped to disk (Linux)",
    ),
];

/// The exit codes and names for `--help`.
#[must_use]
pub fn reference() -> String {
    let mut text =
        String::from("\nexit codes; of several findings the first in this order decides\n");
    text.push_str(
        "   0 ok           nothing is wrong\n   2              the arguments are wrong\n",
    );
    for class in Class::ALL {
        let line = format!(
            "  {} {:<12} {}\n",
            class.exit_code(),
            class.name(),
            class.meaning()
        );
        text.push_str(&line);
    }
    text.push_str(&format!(
        "\nJSON, version {VERSION}: version, verdict, exit, findings (class, text, path), notes, facts\n"
    ));
    for (name, meaning) in FACTS {
        text.push_str(&format!("  {name:<19}{meaning}\n"));
    }
    text
}

use std::slice;

use serde_json::{Value, json};

/// What can be wrong. The exit code is that of the first class, in this order, that has a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No source gives a usable key.
    Source,
    /// Others can read or change the file that the key would come from, so it is not taken.
    Permissions,
    /// The secret stands where it should not.
    Exposed,
    /// The key looks like one of another environment, or something beside it says so.
    Environment,
    /// No connection.
    Connect,
    /// No verified TLS session.
    Tls,
    /// No proper answer.
    Http,
    /// The server does not accept the key.
    Credential,
    /// This machine's clock differs from the server's.
    Clock,
    /// Few or no calls are left in this minute.
    RateLimit,
}

impl Class {
    /// All, in order.
    pub const ALL: [Self; 10] = [
        Self::Source,
        Self::Permissions,
        Self::Exposed,
        Self::Environment,
        Self::Connect,
        Self::Tls,
        Self::Http,
        Self::Credential,
        Self::Clock,
        Self::RateLimit,
    ];

    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Permissions => "permissions",
            Self::Exposed => "exposed",
            Self::Environment => "environment",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Credential => "credential",
            Self::Clock => "clock",
            Self::RateLimit => "rate_limit",
        }
    }

    /// What it means, for `--help`.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Source => "no source gives a usable key",
            Self::Permissions => "others can read or exchange the key's file, so it is not taken",
            Self::Exposed => "the secret stands in a history, an open file or a git repository",
            Self::Environment => "the key looks like one of another environment than was asked for",
            Self::Connect => "no connection",
            Self::Tls => "the server could not be verified; nothing was sent",
            Self::Http => "no proper answer",
            Self::Credential => "the server does not accept the key",
            Self::Clock => "this machine's clock differs from the server's",
            Self::RateLimit => "few or no calls are left in this minute",
        }
    }

    /// The exit code: 10 and up. 0 is health, 2 a usage error.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Source => 10,
            Self::Permissions => 11,
            Self::Exposed => 12,
            Self::Environment => 13,
            Self::Connect => 14,
            Self::Tls => 15,
            Self::Http => 16,
            Self::Credential => 17,
            Self::Clock => 18,
            Self::RateLimit => 19,
        }
    }
}

/// One thing that is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub class: Class,
    /// What it is, and the remedy. Never a value.
    pub text: String,
    /// Where, if it is a file.
    pub path: Option<String>,
}

/// All that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
    facts: Vec<(&'static str, Value)>,
    notes: Vec<String>,
}

impl Report {
    /// Something is wrong.
    pub fn find(&mut self, class: Class, text: impl Into<String>, path: Option<String>) {
        self.findings.push(Finding {
            class,
            text: text.into(),
            path,
        });
    }

    /// Something was seen.
    pub fn fact(&mut self, name: &'static str, value: impl Into<Value>) {
        self.facts.push((name, value.into()));
    }

    /// Nothing is wrong, and somebody should know.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// What is wrong.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The class that decides, if anything is wrong.
    #[must_use]
    pub fn worst(&self) -> Option<Class> {
        self.findings.iter().map(|finding| finding.class).min()
    }

    /// 0, or the code of the class that decides.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.worst().map_or(0, Class::exit_code)
    }

    /// One line of JSON, for fleets.
    #[must_use]
    pub fn json(&self) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "class": finding.class.name(),
                    "text": finding.text,
                    "path": finding.path,
                })
            })
            .collect();
        let facts = self
            .facts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        json!({
            "version": VERSION,
            "verdict": self.worst().map_or("ok", Class::name),
            "exit": self.exit_code(),
            "findings": findings,
            "notes": self.notes,
            "facts": serde_json::Map::from_iter(facts),
        })
    }

    /// Lines for a person.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for (name, value) in &self.facts {
            let mut name = *name;
            let values = value
                .as_array()
                .map_or(slice::from_ref(value), Vec::as_slice);
            for value in values {
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), ToOwned::to_owned);
                lines.push(format!("      {name:<19}{value}"));
                // A list has its name once.
                name = "";
            }
        }
        for Finding { class, text, path } in &self.findings {
            let path = path
                .as_ref()
                .map(|path| format!("{path}: "))
                .unwrap_or_default();
            lines.push(format!("WRONG {:<19}{path}{text}", class.name()));
        }
        if self.findings.is_empty() {
            lines.push("ok".to_owned());
        }
        lines.extend(self.notes.iter().map(|note| format!("NOTE  {note}")));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_class_in_order_decides_and_each_has_a_code_of_its_own() {
        let codes: Vec<_> = Class::ALL.map(Class::exit_code).into();
        assert!(codes.is_sorted_by(|a, b| a < b) && codes[0] > 2);
        let mut report = Report::default();
        assert_eq!(
            (report.exit_code(), report.json()["verdict"].clone()),
            (0, "ok".into())
        );
        report.find(Class::Clock, "late", None);
        report.find(Class::Exposed, "there", Some("x".to_owned()));
        assert_eq!(
            (report.exit_code(), report.json()["verdict"].clone()),
            (12, "exposed".into())
        );
        assert_eq!(report.json()["findings"][0]["class"], "clock");
    }
}
