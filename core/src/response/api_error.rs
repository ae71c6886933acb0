//! [`ApiError`]: the error body, `{"code": …, "message": …}`, in all the forms it comes in.

use core::fmt;

use serde::Deserialize;

use super::json::Text;
use super::{json, json_shape};

/// What an error body says. Borrows from it.
///
/// `code` may be a number, a string of digits, or absent; HTML and empty bodies give `None` from
/// [`ApiError::parse`].
///
/// ```
/// use alpaca_auth::response::ApiError;
/// let error = ApiError::parse(br#"{"code":40110000,"message":"access key not found"}"#).unwrap();
/// assert_eq!(error.code, Some(40_110_000));
/// assert_eq!(error.to_string(), "access key not found");
/// assert!(ApiError::parse(b"<html>401 Authorization Required</html>").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiError<'b> {
    /// Alpaca's code. The HTTP status does not follow from it.
    pub code: Option<i64>,
    /// Alpaca's message, with JSON's escapes. [`Display`](fmt::Display) prints it unescaped and
    /// without control characters. It is the server's text: do not act on it.
    pub message: Option<&'b str>,
}

#[derive(Deserialize)]
struct WithNumber<'b> {
    code: Option<i64>,
    #[serde(borrow)]
    message: Option<&'b str>,
}

#[derive(Deserialize)]
struct WithText<'b> {
    #[serde(borrow)]
    code: Option<&'b str>,
    #[serde(borrow)]
    message: Option<&'b str>,
}

#[derive(Deserialize)]
struct WithoutCode<'b> {
    #[serde(borrow)]
    message: Option<&'b str>,
}

impl<'b> ApiError<'b> {
    /// Reads an error body. `None` if it is no JSON object of the kind.
    #[must_use]
    pub fn parse(body: &'b [u8]) -> Option<Self> {
        json_shape::check(body).ok()?;
        if let Ok(WithNumber { code, message }) = json::from_checked(body) {
            return Some(Self { code, message });
        }
        if let Ok(WithText { code, message }) = json::from_checked(body) {
            let code = code.and_then(|code| code.parse().ok());
            return Some(Self { code, message });
        }
        let WithoutCode { message } = json::from_checked(body).ok()?;
        Some(Self {
            code: None,
            message,
        })
    }
}

impl fmt::Display for ApiError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(message) = self.message else {
            return f.write_str("(no message)");
        };
        Text::escaped(message).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn every_form_of_the_code_is_read() {
        let code = |body: &str| ApiError::parse(body.as_bytes()).map(|error| error.code);
        assert_eq!(
            code(r#"{"code":40110000,"message":"x"}"#),
            Some(Some(40_110_000))
        );
        assert_eq!(
            code(r#"{"code":"40110000","message":"x"}"#),
            Some(Some(40_110_000))
        );
        assert_eq!(code(r#"{"code":"x","message":"x"}"#), Some(None));
        assert_eq!(code(r#"{"code":null,"message":"x"}"#), Some(None));
        assert_eq!(code(r#"{"message":"forbidden."}"#), Some(None));
        assert_eq!(code(r#"{"code":{"a":[1]},"message":"x"}"#), Some(None));
        assert_eq!(
            code(r#"{"code":99999999999999999999,"message":"x"}"#),
            Some(None)
        );
        assert_eq!(code(r#"{"more":[{}],"code":1}"#), Some(Some(1)));
        assert_eq!(code("{}"), Some(None));
    }

    #[test]
    fn what_is_no_error_object_is_none() {
        for body in [
            "",
            "[]",
            "null",
            "\"x\"",
            "<html></html>",
            "{",
            "{\"message\":",
            "{\"message\":1}",
        ] {
            assert_eq!(ApiError::parse(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_message_cannot_drive_the_terminal() {
        let body = br#"{"message":"a\u001b[2Jb\nc\u202ed \"q\" \u00e4"}"#;
        let error = ApiError::parse(body).unwrap();
        assert_eq!(error.to_string(), "a [2Jb c d \"q\" ä");
        let error = ApiError {
            code: None,
            message: Some("bad \\x escape"),
        };
        assert_eq!(error.to_string(), "bad \u{fffd} escape");
    }
}
