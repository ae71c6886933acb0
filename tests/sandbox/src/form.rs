//! Form bodies and queries, read strictly: what is malformed or stands twice is refused.

use crate::http::Recorded;

/// Names and values, in order, each name once.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// The body, if it is said to be a form and is one.
    pub(crate) fn of_body(request: &Recorded) -> Option<Self> {
        let content_type = request.header("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        Self::parse(std::str::from_utf8(&request.body).ok()?)
    }

    /// The query of the target.
    pub(crate) fn of_query(request: &Recorded) -> Option<Self> {
        let (_, query) = request.target.split_once('?')?;
        Self::parse(query)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=')?;
            let (name, value) = (decode(name)?, decode(value)?);
            if pairs.iter().any(|known| known.0 == name) {
                return None;
            }
            pairs.push((name, value));
        }
        Some(Self(pairs))
    }

    /// The value of `name`; an empty one counts as absent (RFC 6749 §3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|pair| pair.0 == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? << 4 | digit()?).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Encodes what is not unreserved in RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_and_repeated_pairs_are_refused() {
        for text in [
            "a",
            "a=%",
            "a=%4",
            "a=%zz",
            "a=%ff",
            "a=1&a=2",
            "a=1&%61=2",
            "a=1&",
        ] {
            assert!(Form::parse(text).is_none(), "{text}");
        }
        let form = Form::parse("a=1+2%2B&b=").expect("a form");
        assert_eq!(form.get("a"), Some("1 2+"));
        assert_eq!(form.get("b"), None);
        assert_eq!(encode("a b/~"), "a%20b%2F~");
    }
}
