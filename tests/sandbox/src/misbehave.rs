//! What the sandbox does wrong on demand.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::json;

use crate::http::Answer;
use crate::limit;
use crate::server::{Role, Shared};

/// Something a server, or what stands between, may do wrong.
#[derive(Clone, Debug)]
pub enum Misbehaviour {
    /// A redirect to `location`.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where to.
        location: String,
    },
    /// 429, perhaps with `Retry-After` in seconds.
    TooManyRequests {
        /// Value of `Retry-After`.
        retry_after: Option<u32>,
    },
    /// A 5xx with Alpaca's error body.
    ServerError(u16),
    /// The right answer, its body one byte every 50 ms.
    SlowBody,
    /// No answer; the connection stays open.
    Stall,
    /// A JSON string of this many bytes as body.
    OversizeBody(usize),
    /// The right head, half the body, and the end of the connection.
    TruncatedBody,
    /// A body that is no JSON.
    GarbageJson,
    /// An HTML page with this status.
    HtmlError(u16),
    /// A `Content-Length` that is 10 too large, and the end of the connection.
    WrongContentLength,
    /// The end of the connection instead of an answer.
    CloseWithoutAnswer,
    /// This status with an empty body.
    EmptyError(u16),
    /// 200 to a token request, with this fault.
    Token(TokenFault),
    /// Exactly these bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// Exactly these bytes; the connection stays open.
    RawKeepOpen(Vec<u8>),
}

/// What may be wrong with the answer to a token request. Everything else in it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// No `expires_in`.
    MissingExpiry,
    /// `expires_in` is -1.
    NegativeExpiry,
    /// `expires_in` is 0.
    ZeroExpiry,
    /// `expires_in` is 2^63.
    HugeExpiry,
    /// `expires_in` is a string.
    TextExpiry,
    /// `access_token` stands twice.
    TwoTokens,
    /// `expires_in` stands twice.
    TwoExpiries,
    /// No `access_token`.
    MissingToken,
    /// `access_token` has this many bytes.
    OversizeToken(usize),
    /// `access_token` holds a line break and a header field.
    InjectingToken,
    /// `token_type` is `mac`.
    OtherType,
    /// 200 with `{"error":"invalid_client"}`.
    ErrorWith200,
    /// 200 with an HTML page.
    HtmlWith200,
}

impl TokenFault {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::MissingExpiry,
        Self::NegativeExpiry,
        Self::ZeroExpiry,
        Self::HugeExpiry,
        Self::TextExpiry,
        Self::TwoTokens,
        Self::TwoExpiries,
        Self::MissingToken,
        Self::OversizeToken(64 << 10),
        Self::InjectingToken,
        Self::OtherType,
        Self::ErrorWith200,
        Self::HtmlWith200,
    ];

    fn answer(self) -> Answer {
        let token = "sandbox.misbehaving";
        let right = |token: &str, expiry: &str| {
            let token = json!(token);
            format!("{{\"access_token\":{token}{expiry},\"token_type\":\"Bearer\"}}")
        };
        let body = match self {
            Self::MissingExpiry => right(token, ""),
            Self::NegativeExpiry => right(token, ",\"expires_in\":-1"),
            Self::ZeroExpiry => right(token, ",\"expires_in\":0"),
            Self::HugeExpiry => right(token, ",\"expires_in\":9223372036854775808"),
            Self::TextExpiry => right(token, ",\"expires_in\":\"899\""),
            Self::TwoTokens => right(token, ",\"expires_in\":899,\"access_token\":\"other\""),
            Self::TwoExpiries => right(token, ",\"expires_in\":899,\"expires_in\":1"),
            Self::MissingToken => "{\"expires_in\":899,\"token_type\":\"Bearer\"}".to_owned(),
            Self::OversizeToken(length) => right(&"x".repeat(length), ",\"expires_in\":899"),
            Self::InjectingToken => right("a\r\nX-Injected: b", ",\"expires_in\":899"),
            Self::OtherType => right(token, ",\"expires_in\":899").replace("Bearer", "mac"),
            Self::ErrorWith200 => "{\"error\":\"invalid_client\"}".to_owned(),
            Self::HtmlWith200 => return Answer::html(200),
        };
        let mut answer = Answer::empty(200);
        answer.content_type = "application/json; charset=UTF-8";
        answer.body = body.into_bytes();
        answer
    }
}

impl Misbehaviour {
    /// Reads the names that the `alpaca-sandbox` program takes.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "redirect" => Self::Redirect {
                status: 302,
                location: "https://example.invalid/".to_owned(),
            },
            "429" => Self::TooManyRequests {
                retry_after: Some(7),
            },
            "500" => Self::ServerError(500),
            "503" => Self::ServerError(503),
            "slow-body" => Self::SlowBody,
            "stall" => Self::Stall,
            "oversize-body" => Self::OversizeBody(4 << 20),
            "truncated-body" => Self::TruncatedBody,
            "garbage-json" => Self::GarbageJson,
            "html-error" => Self::HtmlError(401),
            "wrong-content-length" => Self::WrongContentLength,
            "close" => Self::CloseWithoutAnswer,
            "token-without-expiry" => Self::Token(TokenFault::MissingExpiry),
            "token-oversize" => Self::Token(TokenFault::OversizeToken(64 << 10)),
            "token-error-200" => Self::Token(TokenFault::ErrorWith200),
            "empty-error" => Self::EmptyError(401),
            _ => return None,
        })
    }

    /// Does it instead of writing `right`. Whether the connection stays open.
    pub(crate) fn act(
        &self,
        right: &Answer,
        role: Role,
        shared: &Shared,
        stream: &mut impl Write,
    ) -> io::Result<bool> {
        match self {
            Self::Redirect { status, location } => {
                Answer::empty(*status)
                    .with("Location", location)
                    .write(stream)?;
            }
            Self::TooManyRequests { retry_after } => {
                let mut answer = limit::too_many(role);
                if let Some(seconds) = retry_after {
                    answer = answer.with("Retry-After", seconds);
                }
                answer.write(stream)?;
            }
            Self::ServerError(status) => {
                let body = json!({"code": 50010000, "message": "internal server error occurred"});
                Answer::json(*status, &body).write(stream)?;
            }
            Self::SlowBody => {
                stream.write_all(right.head(right.body.len()).as_bytes())?;
                for byte in &right.body {
                    stream.write_all(&[*byte])?;
                    stream.flush()?;
                    if shared.wait(Duration::from_millis(50)) {
                        return Ok(false);
                    }
                }
            }
            Self::Stall => {
                while !shared.wait(Duration::from_millis(20)) {}
                return Ok(false);
            }
            Self::OversizeBody(length) => {
                let body = json!("x".repeat(length.saturating_sub(2)));
                Answer::json(200, &body).write(stream)?;
            }
            Self::TruncatedBody => {
                stream.write_all(right.head(right.body.len()).as_bytes())?;
                stream.write_all(&right.body[..right.body.len() / 2])?;
                return Ok(false);
            }
            Self::GarbageJson => {
                let mut answer = Answer::json(200, &json!(null));
                answer.body = b"{\"id\":\"1\",\"status\":ACTIVE}".to_vec();
                answer.write(stream)?;
            }
            Self::HtmlError(status) => Answer::html(*status).write(stream)?,
            Self::WrongContentLength => {
                stream.write_all(right.head(right.body.len() + 10).as_bytes())?;
                stream.write_all(&right.body)?;
                return Ok(false);
            }
            Self::CloseWithoutAnswer => return Ok(false),
            Self::EmptyError(status) => Answer::empty(*status).write(stream)?,
            Self::Token(fault) => fault.answer().write(stream)?,
            Self::Raw(bytes) => {
                stream.write_all(bytes)?;
                return Ok(false);
            }
            Self::RawKeepOpen(bytes) => stream.write_all(bytes)?,
        }
        stream.flush()?;
        Ok(true)
    }
}
