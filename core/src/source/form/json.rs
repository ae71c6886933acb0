//! A JSON object with the parts as strings.

use super::super::fault::{FormFault, SourceFault};
use super::super::found::Text;
use crate::credential::CredentialFault;
use crate::response::json_shape;
use crate::secret::SecretTooLong;

/// Refuses what is not exactly one JSON object.
pub(super) fn check(document: &[u8]) -> Result<(), SourceFault> {
    json_shape::check(document).map_err(|error| form(FormFault::Json(error)))?;
    match json_shape::members(document) {
        Ok(_) => Ok(()),
        Err(_) => Err(form(FormFault::NotObject)),
    }
}

/// Puts the string `name` of the object into its place.
pub(super) fn lookup(
    document: &[u8],
    name: &'static str,
    place: &mut Text,
) -> Result<bool, SourceFault> {
    let Ok(members) = json_shape::members(document) else {
        return Err(form(FormFault::NotObject));
    };
    let mut named = members.filter(|(found, _)| *found == name.as_bytes());
    let Some((_, value)) = named.next() else {
        return Ok(false);
    };
    if named.next().is_some() {
        return Err(form(FormFault::Twice { part: name }));
    }
    let string = json_shape::unquoted(value).ok_or(form(FormFault::NotString { part: name }))?;
    place
        .fill(|buffer| unescape(string, buffer))
        .map_err(|Unusable(fault)| SourceFault::Refused { part: name, fault })?;
    Ok(true)
}

const fn form(fault: FormFault) -> SourceFault {
    SourceFault::Form(fault)
}

/// Why a string cannot be a part of a credential.
struct Unusable(CredentialFault);

impl From<SecretTooLong> for Unusable {
    fn from(_: SecretTooLong) -> Self {
        Self(CredentialFault::TooLong)
    }
}

/// Writes what the string stands for (RFC 8259 §7), as far as it is ASCII. Some programs write
/// `/` as `\/`.
fn unescape(string: &[u8], place: &mut [u8]) -> Result<usize, Unusable> {
    let (mut rest, mut length) = (string, 0_usize);
    loop {
        let (byte, after) = match rest {
            [] => return Ok(length),
            [b'\\', b'u', a, b, c, d, after @ ..] => (code_unit(&[*a, *b, *c, *d])?, after),
            [b'\\', escape, after @ ..] => (escaped(*escape), after),
            [byte, after @ ..] => (*byte, after),
        };
        let at = place.get_mut(length).ok_or(SecretTooLong)?;
        *at = byte;
        length = length.saturating_add(1);
        rest = after;
    }
}

const fn escaped(escape: u8) -> u8 {
    match escape {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        quote_slash_or_backslash => quote_slash_or_backslash,
    }
}

fn code_unit(digits: &[u8]) -> Result<u8, Unusable> {
    let not_ascii = || Unusable(CredentialFault::NotAscii);
    let digits = core::str::from_utf8(digits).map_err(|_| not_ascii())?;
    match u8::from_str_radix(digits, 16) {
        Ok(byte) if byte.is_ascii() => Ok(byte),
        _ => Err(not_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Form;
    use super::super::tests::{gives_the_pair, pair};
    use super::*;
    use crate::response::json_shape::JsonShapeError;

    #[test]
    fn every_pair_of_names_gives_the_pair() {
        for (id, secret) in super::super::Names::MEMBERS.pairs {
            let document = std::format!(r#"{{"{id}":"PKTEST","{secret}":"not/a-real+secret"}}"#);
            gives_the_pair(Form::Detected, &document);
        }
    }

    #[test]
    fn escapes_are_read_and_other_members_are_not() {
        for document in [
            r#"{"key_id":"PKTEST","secret_key":"not\/a-real+secret"}"#,
            r#"{"key_id":"\u0050KTEST","secret_key":"not\u002fa-real\u002Bsecret"}"#,
            "{\r\n \"note\": [1, {\"key_id\": 2}], \"key_id\": \"PKTEST\",\r\n \"secret_key\": \"not/a-real+secret\"\r\n}\r\n",
        ] {
            gives_the_pair(Form::Detected, document);
        }
    }

    #[test]
    fn what_is_no_object_of_strings_is_refused_by_name() {
        let part = "secret_key";
        for (document, fault) in [
            (
                r#"{"key_id":"PK""#,
                FormFault::Json(JsonShapeError::Truncated),
            ),
            (
                r#"{"key_id":'PK'}"#,
                FormFault::Json(JsonShapeError::Syntax),
            ),
            (
                r#"{"key_id":"a"} x"#,
                FormFault::Json(JsonShapeError::Trailing),
            ),
            (r#"["PKTEST","secret"]"#, FormFault::NotObject),
            (r#""PKTEST""#, FormFault::NotObject),
            (
                r#"{"key_id":"PK","secret_key":12}"#,
                FormFault::NotString { part },
            ),
            (
                r#"{"key_id":"PK","secret_key":null}"#,
                FormFault::NotString { part },
            ),
            (
                r#"{"key_id":"PK","secret_key":["a"]}"#,
                FormFault::NotString { part },
            ),
            (
                r#"{"key_id":"PK","secret_key":"a","secret_key":"b"}"#,
                FormFault::Twice { part },
            ),
            (r#"{"keyid":"PK","secretkey":"a"}"#, FormFault::NoKnownName),
            ("{}", FormFault::NoKnownName),
        ] {
            let refused = pair(Form::Json, document.as_bytes()).unwrap_err();
            assert_eq!(refused, form(fault), "{document}");
        }
    }

    #[test]
    fn half_a_pair_is_not_completed_by_other_names() {
        let document = br#"{"key_id":"PK","api_secret_key":"a"}"#;
        let (set, missing) = ("key_id", "secret_key");
        assert_eq!(
            pair(Form::Json, document).unwrap_err(),
            SourceFault::Half { set, missing }
        );
    }

    #[test]
    fn a_string_that_no_key_can_be_is_refused() {
        let long = "x".repeat(super::super::super::TEXT_MAX + 1);
        for (secret, fault) in [
            ("\\u00e4", CredentialFault::NotAscii),
            ("\\ud83d\\ude00", CredentialFault::NotAscii),
            (long.as_str(), CredentialFault::TooLong),
        ] {
            let document = std::format!(r#"{{"key_id":"PK","secret_key":"{secret}"}}"#);
            let part = "secret_key";
            let refused = pair(Form::Json, document.as_bytes()).unwrap_err();
            assert_eq!(refused, SourceFault::Refused { part, fault });
        }
    }
}
