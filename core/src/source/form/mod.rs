//! The forms in which a document holds a credential: JSON, dotenv, lines.
//!
//! A document is at most [`DOCUMENT_MAX`] bytes of UTF-8 without byte order mark and NUL. Lines
//! end with LF or CRLF. Names are those of [`Names::MEMBERS`](super::Names::MEMBERS); others are
//! not looked at.

mod dotenv;
mod json;
mod lines;

use super::fault::{FormFault, SourceFault};
use super::name::Names;
use super::{Found, Look, Passed};

/// Longest document, in bytes.
pub const DOCUMENT_MAX: usize = 8192;

/// How a document holds a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Whichever the text shows: `{` begins JSON, a first line `NAME=…` or `#` a dotenv file.
    #[default]
    Detected,
    /// One JSON object with the parts as strings.
    Json,
    /// `NAME=value` lines. Values may stand in quotes; nothing is expanded. What shells and other
    /// readers would expand is refused outside single quotes.
    Dotenv,
    /// Key id and secret key, each on a line of its own; or a Connect token on one.
    Lines,
}

/// Reads a document into `found`.
pub(super) fn read(found: &mut Found, form: Form, document: &[u8]) -> Result<Look, SourceFault> {
    check(document).map_err(SourceFault::Form)?;
    let (look, empty) = match form.shown_by(document) {
        Form::Json => {
            json::check(document)?;
            let lookup = |name, place: &mut _| json::lookup(document, name, place);
            (found.named(&Names::MEMBERS, lookup)?, true)
        }
        Form::Dotenv => {
            dotenv::check(document)?;
            let lookup = |name, place: &mut _| dotenv::lookup(document, name, place);
            (found.named(&Names::MEMBERS, lookup)?, true)
        }
        Form::Lines | Form::Detected => (lines::read(found, document)?, false),
    };
    match look {
        // Somebody meant it to hold a credential: a misspelt name must not lead on to another key.
        Look::Passed(Passed::NotSet) if empty => Err(SourceFault::Form(FormFault::NoKnownName)),
        look => Ok(look),
    }
}

impl Form {
    fn shown_by(self, document: &[u8]) -> Self {
        if !matches!(self, Self::Detected) {
            return self;
        }
        let text = document.trim_ascii_start();
        let first = lines::lines(text).next().unwrap_or_default();
        if text.starts_with(b"{") {
            Self::Json
        } else if text.starts_with(b"#") || dotenv::is_assignment(first) {
            Self::Dotenv
        } else {
            Self::Lines
        }
    }
}

/// Refuses what is no text.
fn check(document: &[u8]) -> Result<(), FormFault> {
    if document.len() > DOCUMENT_MAX {
        return Err(FormFault::TooLong);
    }
    match document {
        [0xef, 0xbb, 0xbf, ..] => return Err(FormFault::ByteOrderMark),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(FormFault::Utf16),
        _ if document.trim_ascii().is_empty() => return Err(FormFault::Empty),
        _ if document.contains(&0) => return Err(FormFault::Nul),
        _ => {}
    }
    match core::str::from_utf8(document) {
        Ok(_) => Ok(()),
        Err(_) => Err(FormFault::NotUtf8),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CredentialKind, Wanted};
    use super::*;
    use crate::environment::EnvironmentKind;

    pub(super) fn found(credential: CredentialKind) -> Found {
        Found::new(Wanted {
            credential,
            environment: EnvironmentKind::Paper,
        })
    }

    /// What a document gives a chain that wants a key pair.
    pub(super) fn pair(
        form: Form,
        document: &[u8],
    ) -> Result<(Look, [std::string::String; 2]), SourceFault> {
        let mut found = found(CredentialKind::KeyPair);
        let look = found.document_in(form, document)?;
        let pair = found.with_pair(|id, secret| [id.into(), secret.into()]);
        Ok((look, pair))
    }

    /// Asserts that a document gives the pair `PKTEST`, `not/a-real+secret`.
    pub(super) fn gives_the_pair(form: Form, document: &str) {
        let (look, pair) = pair(form, document.as_bytes()).unwrap();
        assert_eq!(look, Look::Found, "{document:?}");
        assert_eq!(pair, ["PKTEST", "not/a-real+secret"], "{document:?}");
    }

    #[test]
    fn the_form_shows_in_the_text() {
        for (document, form) in [
            ("{\"key_id\"", Form::Json),
            ("\r\n  {}", Form::Json),
            ("# keys\nA=b", Form::Dotenv),
            ("APCA_API_KEY_ID=PKTEST", Form::Dotenv),
            ("export A='b'", Form::Dotenv),
            ("PKTEST\nsecret=", Form::Lines),
            ("PKTEST", Form::Lines),
            ("[1]", Form::Lines),
        ] {
            assert_eq!(
                Form::Detected.shown_by(document.as_bytes()),
                form,
                "{document}"
            );
            assert_eq!(Form::Lines.shown_by(document.as_bytes()), Form::Lines);
        }
    }

    #[test]
    fn what_is_no_text_is_refused_in_every_form() {
        let long = [b'a'; DOCUMENT_MAX + 1];
        for form in [Form::Detected, Form::Json, Form::Dotenv, Form::Lines] {
            for (document, fault) in [
                (&b""[..], FormFault::Empty),
                (b" \r\n\t\n", FormFault::Empty),
                (b"\xef\xbb\xbfPKTEST\nsecret", FormFault::ByteOrderMark),
                (b"\xff\xfeP\0K\0", FormFault::Utf16),
                (b"\xfe\xff\0P\0K", FormFault::Utf16),
                (b"PKTEST\nsec\0ret", FormFault::Nul),
                (b"PKTEST\nsec\xff", FormFault::NotUtf8),
                (&long, FormFault::TooLong),
            ] {
                assert_eq!(pair(form, document).unwrap_err(), SourceFault::Form(fault));
            }
        }
    }
}
