//! `NAME=value` lines, read the one way on which the programs that read such files agree.
//!
//! A line is blank, a comment that begins with `#`, or a name, `=` and a value, with `export `
//! before it or not. The value stands in single quotes, in double quotes or in none. Readers
//! differ over `$` and `\`, and without quotes over blanks, `#`, `;`, `~` and others, so a part of a
//! credential with one of them must stand in single quotes. Other lines may hold what they like.

use super::super::fault::{FormFault, SourceFault};
use super::super::found::{Text, put};
use super::lines::lines;

/// Whether a line gives a value to a name.
pub(super) fn is_assignment(line: &[u8]) -> bool {
    matches!(parse(line, 1), Some((name, _)) if is_name(name))
}

/// Refuses a document with a line that is malformed.
pub(super) fn check(document: &[u8]) -> Result<(), SourceFault> {
    for (line, number) in numbered(document) {
        match parse(line, number) {
            None if is_blank(line) => {}
            Some((name, Err(fault @ FormFault::OpenQuote { .. }))) if is_name(name) => {
                return Err(SourceFault::Form(fault));
            }
            Some((name, _)) if is_name(name) => {}
            _ => return Err(SourceFault::Form(FormFault::Line { number })),
        }
    }
    Ok(())
}

/// Puts the value of `name` into its place.
pub(super) fn lookup(
    document: &[u8],
    name: &'static str,
    place: &mut Text,
) -> Result<bool, SourceFault> {
    let mut values = numbered(document)
        .filter_map(|(line, number)| parse(line, number))
        .filter(|(found, _)| *found == name.as_bytes());
    let Some((_, value)) = values.next() else {
        return Ok(false);
    };
    if values.next().is_some() {
        return Err(SourceFault::Form(FormFault::Twice { part: name }));
    }
    put(name, value.map_err(SourceFault::Form)?, place)
}

fn numbered(document: &[u8]) -> impl Iterator<Item = (&[u8], u16)> {
    lines(document).zip(1..)
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), [] | [b'#', ..])
}

/// POSIX.1-2017 §3.235, and `-`, which the names of header fields have.
fn is_name(name: &[u8]) -> bool {
    let [first, rest @ ..] = name else {
        return false;
    };
    (first.is_ascii_alphabetic() || *first == b'_')
        && rest
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

type Assignment<'d> = (&'d [u8], Result<&'d [u8], FormFault>);

/// Name and value of a line; `None` if it is blank, a comment or has no `=`.
fn parse(line: &[u8], number: u16) -> Option<Assignment<'_>> {
    if is_blank(line) {
        return None;
    }
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"export ").unwrap_or(line).trim_ascii();
    let at = line.iter().position(|byte| *byte == b'=')?;
    let (name, value) = line.split_at_checked(at)?;
    Some((name, unquote(value.strip_prefix(b"=")?, number)))
}

fn unquote(value: &[u8], number: u16) -> Result<&[u8], FormFault> {
    let open = FormFault::OpenQuote { number };
    let (value, is_read_alike) = match value {
        [b'\'', ..] => return between(value, b'\'').ok_or(open),
        [b'"', ..] => {
            let inner = between(value, b'"').ok_or(open)?;
            (
                inner,
                !inner.iter().any(|byte| matches!(byte, b'$' | b'\\')),
            )
        }
        _ if value.iter().any(|byte| matches!(byte, b'\'' | b'"')) => return Err(open),
        _ => (value, value.iter().copied().all(is_plain)),
    };
    if is_read_alike {
        Ok(value)
    } else {
        Err(FormFault::NotLiteral { number })
    }
}

/// What means itself without quotes, to shells and other readers.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'_' | b'-' | b'.' | b'/' | b'+' | b'=' | b':' | b'@' | b'%' | b','
        )
}

/// What stands between two quotes, if nothing but they and it is there.
fn between(value: &[u8], quote: u8) -> Option<&[u8]> {
    let inner = value.strip_prefix(&[quote])?.strip_suffix(&[quote])?;
    (!inner.contains(&quote)).then_some(inner)
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
            "OTHER=$HOME/a b;c\nALPACA_API_KEY=PKTEST\nALPACA_SECRET_KEY=not/a-real+secret\n",
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
            ("secret_key=a b", FormFault::NotLiteral { number }),
            ("secret_key=a;b", FormFault::NotLiteral { number }),
            ("secret_key=~a", FormFault::NotLiteral { number }),
            ("secret_key=a # note", FormFault::NotLiteral { number }),
            ("OTHER='x", FormFault::OpenQuote { number }),
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
        for text in [
            url("https://", ""),
            url("HTTPS://", ":443/v2"),
            url("http://", "./"),
            url("", ""),
            url("https://user@", "/x"),
        ] {
            assert_eq!(says(&text, Paper), refused(Paper, live));
            assert_eq!(says(&text, Live), Ok(()));
        }
        // Another host tells nothing.
        for text in [
            url("https://", ".example"),
            url("https://x-", ""),
            url("ftp://", ""),
            url("https://example/", ""),
            url("https://", "@example"),
        ] {
            assert_eq!(says(&text, Paper), Ok(()));
        }
    }
}
