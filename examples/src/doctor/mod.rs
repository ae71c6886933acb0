//! What `doctor` is made of: the classes of what can be wrong, and the report for people and for fleets.
//!
//! No value of a key stands in a report. Paths do, with control characters escaped; a path that holds the
//! secret itself is not shown.

mod call;
mod exposed;
mod source;

pub use call::examine;
pub use exposed::{Bounds, Searched, search};
pub use source::{asked, stopped};

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
            "verdict": self.worst().map_or("ok", Class::name),
            "exit": self.exit_code(),
            "findings": findings,
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
