//! `NAME=value` lines, read the one way on which the programs that read such files agree.
//!
//! A line is blank, a comment that begins with `#`, or a name, `=` and a value, with `export `
//! before it or not. The value stands in single quotes, in double quotes or in none. Readers
//! differ over `$` and `\`, so both are refused but in single quotes.

use super::super::fault::{FormFault, SourceFault};
use super::super::found::{Text, put};

/// Whether a line gives a value to a name.
pub(super) fn is_assignment(line: &str) -> bool {
    matches!(parse(line, 1), Some((name, _)) if is_name(name))
}

/// Refuses a document with a line that is malformed.
pub(super) fn check(document: &str) -> Result<(), SourceFault> {
    for (line, number) in numbered(document) {
        let Some((name, value)) = parse(line, number) else {
            if is_blank(line) {
                continue;
            }
            return Err(SourceFault::Form(FormFault::Line { number }));
        };
        if !is_name(name) {
            return Err(SourceFault::Form(FormFault::Line { number }));
        }
        value.map_err(SourceFault::Form)?;
    }
    Ok(())
}

/// Puts the value of `name` into its place.
pub(super) fn lookup(
    document: &str,
    name: &'static str,
    place: &mut Text,
) -> Result<bool, SourceFault> {
    let mut values = numbered(document)
        .filter_map(|(line, number)| parse(line, number))
        .filter(|(found, _)| *found == name);
    let Some((_, value)) = values.next() else {
        return Ok(false);
    };
    if values.next().is_some() {
        return Err(SourceFault::Form(FormFault::Twice { part: name }));
    }
    put(name, value.map_err(SourceFault::Form)?.as_bytes(), place)
}

fn numbered(document: &str) -> impl Iterator<Item = (&str, u16)> {
    let lines = document.split('\n');
    lines
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .zip(1..)
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_ascii();
    line.is_empty() || line.starts_with('#')
}

/// POSIX.1-2017 §3.235, and `-`, which the names of header fields have.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

type Assignment<'d> = (&'d str, Result<&'d str, FormFault>);

/// Name and value of a line; `None` if it is blank, a comment or has no `=`.
fn parse(line: &str, number: u16) -> Option<Assignment<'_>> {
    if is_blank(line) {
        return None;
    }
    let line = line.trim_ascii();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_ascii();
    let (name, value) = line.split_once('=')?;
    Some((name, unquote(value, number)))
}

fn unquote(value: &str, number: u16) -> Result<&str, FormFault> {
    let open = FormFault::OpenQuote { number };
    let (value, is_literal) = match value.as_bytes().first() {
        Some(b'\'') => (between(value, '\'').ok_or(open)?, true),
        Some(b'"') => (between(value, '"').ok_or(open)?, false),
        _ if value.contains(['\'', '"']) => return Err(open),
        _ => (value, false),
    };
    if !is_literal && value.contains(['$', '\\']) {
        return Err(FormFault::NotLiteral { number });
    }
    Ok(value)
}

/// What stands between two quotes, if nothing but they and it is there.
fn between(value: &str, quote: char) -> Option<&str> {
    let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(quote)).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::super::Form;
    use super::super::tests::{gives_the_pair, pair};
    use super::*;
    use crate::endpoint::{ServedIn, Trading};
    use crate::environment::EnvironmentKind;

    #[test]
    fn the_usual_ways_of_writing_it_give_the_pair() {
        for document in [
            "APCA_API_KEY_ID=PKTEST\nAPCA_API_SECRET_KEY=not/a-real+secret\n",
            "APCA_API_KEY_ID=PKTEST\r\nAPCA_API_SECRET_KEY=not/a-real+secret",
            "# keys\n\nexport APCA_API_KEY_ID='PKTEST'\n export APCA_API_SECRET_KEY=\"not/a-real+secret\"  \n",
            "OTHER=x\nALPACA_API_KEY=PKTEST\nALPACA_SECRET_KEY=not/a-real+secret\n",
        ] {
            gives_the_pair(Form::Detected, document);
        }
        let single = b"key_id=PKTEST\nsecret_key='a$b\\c'";
        assert_eq!(pair(Form::Dotenv, single).unwrap().1[1], "a$b\\c");
    }

    #[test]
    fn a_malformed_line_is_refused_by_its_number() {
        let number = 2;
        for (line, fault) in [
            ("secret_key", FormFault::Line { number }),
            ("secret key=a", FormFault::Line { number }),
            ("=a", FormFault::Line { number }),
            ("secret_key =a", FormFault::Line { number }),
            ("secret_key: a", FormFault::Line { number }),
            ("secret_key='a", FormFault::OpenQuote { number }),
            ("secret_key=a'", FormFault::OpenQuote { number }),
            ("secret_key=\"a", FormFault::OpenQuote { number }),
            ("secret_key=\"a\"b\"", FormFault::OpenQuote { number }),
            ("secret_key='a' # note", FormFault::OpenQuote { number }),
            ("secret_key=a$b", FormFault::NotLiteral { number }),
            ("secret_key=\"a\\nb\"", FormFault::NotLiteral { number }),
            ("OTHER=$HOME", FormFault::NotLiteral { number }),
            ("key_id=PKTEST", FormFault::Twice { part: "key_id" }),
            ("", FormFault::NoKnownName),
        ] {
            let first = if line.is_empty() {
                "KEYID=PK"
            } else {
                "key_id=PK"
            };
            let document = std::format!("{first}\n{line}\n");
            let refused = pair(Form::Dotenv, document.as_bytes()).unwrap_err();
            assert_eq!(refused, SourceFault::Form(fault), "{document}");
        }
    }

    #[test]
    fn half_a_pair_is_an_error() {
        let (set, missing) = ("ALPACA_SECRET_KEY", "ALPACA_API_KEY");
        let refused = pair(Form::Dotenv, b"ALPACA_SECRET_KEY=a\nkey_id=PK\n").unwrap_err();
        assert_eq!(refused, SourceFault::Half { set, missing });
    }

    #[test]
    fn what_stands_beside_the_pair_tells_its_environment() {
        use super::super::super::{CredentialKind, EnvironmentEvidence as Evidence, Found, Wanted};
        let says = |beside: &str, environment| {
            let document = std::format!("key_id=K\nsecret_key=s\n{beside}\n");
            let credential = CredentialKind::KeyPair;
            let mut found = Found::new(Wanted {
                credential,
                environment,
            });
            found.document(document.as_bytes())?;
            found.check_environment(false)
        };
        use EnvironmentKind::{Live, Paper};
        let refused = |wanted, evidence| Err(SourceFault::OtherEnvironment { wanted, evidence });
        assert_eq!(says("environment=live", Live), Ok(()));
        assert_eq!(
            says("environment=live", Paper),
            refused(Paper, Evidence::Stated(Live))
        );
        assert_eq!(
            says("environment=paper", Live),
            refused(Live, Evidence::Stated(Paper))
        );
        let part = "environment";
        for other in ["", "Live", "prod"] {
            let beside = std::format!("environment={other}");
            assert_eq!(
                says(&beside, Live),
                Err(SourceFault::UnknownEnvironment { part })
            );
        }
        let host = <Trading as ServedIn<crate::environment::Live>>::HOST;
        let url =
            |prefix: &str, suffix: &str| std::format!("APCA_API_BASE_URL={prefix}{host}{suffix}");
        let live = Evidence::BaseUrl(Live);
        for text in [url("https://", ""), url("HTTPS://", ":443/v2")] {
            assert_eq!(says(&text, Paper), refused(Paper, live));
            assert_eq!(says(&text, Live), Ok(()));
        }
        // Another host tells nothing.
        for text in [
            url("https://", ".example"),
            url("https://x-", ""),
            url("http://", ""),
        ] {
            assert_eq!(says(&text, Paper), Ok(()));
        }
    }
}
