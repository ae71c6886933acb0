//! Key id and secret key, each on a line of its own; or a Connect token on one.

use super::super::fault::{FormFault, SourceFault};
use super::super::{Found, Look, Passed};

const NAMES: (&str, &str) = ("line 1 (key id)", "line 2 (secret key)");

/// The lines of a document, without their LF or CRLF.
pub(super) fn lines(document: &[u8]) -> impl Iterator<Item = &[u8]> {
    document
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

pub(super) fn read(found: &mut Found, document: &[u8]) -> Result<Look, SourceFault> {
    let mut lines = lines(document.strip_suffix(b"\n").unwrap_or(document));
    let (first, second) = (lines.next().unwrap_or_default(), lines.next());
    if lines.next().is_some() {
        return Err(SourceFault::Form(FormFault::MoreLines));
    }
    match second {
        None if !found.wanted().credential.is_pair() => found.token("line 1", first),
        Some(_) if !found.wanted().credential.is_pair() => Ok(Look::Passed(Passed::OtherKind)),
        _ => found.pair(NAMES, Some(first), second),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::CredentialKind;
    use super::super::Form;
    use super::super::tests::{found, gives_the_pair, pair};
    use super::*;

    #[test]
    fn lines_end_with_lf_or_crlf_and_the_last_may_not() {
        for document in [
            "PKTEST\nnot/a-real+secret",
            "PKTEST\nnot/a-real+secret\n",
            "PKTEST\r\nnot/a-real+secret\r\n",
            "PKTEST\r\nnot/a-real+secret",
        ] {
            gives_the_pair(Form::Detected, document);
        }
    }

    #[test]
    fn one_line_or_three_are_no_pair() {
        let (set, missing) = NAMES;
        let half = SourceFault::Half { set, missing };
        assert_eq!(pair(Form::Lines, b"PKTEST\n").unwrap_err(), half);
        let more = SourceFault::Form(FormFault::MoreLines);
        for document in [
            &b"PKTEST\n\nsecret\n"[..],
            b"PKTEST\nsecret\n\n",
            b"a\nb\nc",
        ] {
            assert_eq!(pair(Form::Lines, document).unwrap_err(), more);
        }
    }

    #[test]
    fn a_token_is_one_line_and_a_pair_is_none() {
        let mut place = found(CredentialKind::ConnectToken);
        assert_eq!(place.document(b"8d8c2a8e-0000\n"), Ok(Look::Found));
        assert_eq!(place.with_token(str::len), 13);
        let mut place = found(CredentialKind::ConnectToken);
        let passed = Look::Passed(Passed::OtherKind);
        assert_eq!(place.document(b"PKTEST\nsecret\n"), Ok(passed));
    }
}
