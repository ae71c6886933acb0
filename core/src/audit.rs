//! [`Audit`]: what is recorded of one attempt. No header, no body, no query.

use core::fmt;
use core::time::Duration;

use crate::endpoint::{Api, Endpoint};
use crate::environment::Environment;
use crate::request::{Method, Request};
use crate::response::RequestId;
use crate::split;

/// One attempt, for a log. Its text is one line of printable ASCII without secrets.
///
/// The path stands in it, the query does not: a path names what was touched and may hold the id of an order
/// or account; a query may hold a Connect login's `state`, a page token or a `client_order_id`. Host and path
/// are checked when they are made, so that nothing in them breaks a line.
///
/// ```
/// use core::time::Duration;
/// use alpaca_auth::audit::{Audit, AuditResult};
/// use alpaca_auth::endpoint::{Endpoint, Trading};
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::request::{Method, Request};
///
/// let request = Request::<Trading>::new(Method::Get, "/v2/orders?status=open")?;
/// let endpoint = Endpoint::<Trading, Paper>::alpaca();
/// let audit = Audit::of(&request, &endpoint, 1, AuditResult::Status(200), Duration::from_millis(38));
/// assert_eq!(
///     audit.to_string(),
///     "GET paper-api.alpaca.markets/v2/orders attempt=1 status=200 ms=38 request_id=-"
/// );
/// # Ok::<(), alpaca_auth::request::RequestError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit<'a> {
    /// Method.
    pub method: Method,
    /// Host, without the port.
    pub host: &'a str,
    /// Path as it stands on the wire, without the query.
    pub path: &'a str,
    /// Which attempt of this call, from 1.
    pub attempt: u32,
    /// What came of it.
    pub result: AuditResult,
    /// How long it took.
    pub duration: Duration,
    /// `X-Request-ID` of the answer.
    pub request_id: Option<&'a RequestId>,
}

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditResult {
    /// An answer with this status.
    Status(u16),
    /// No complete answer; the request may have reached the server.
    Lost,
    /// No answer; not a byte of the request reached the server.
    NotSent,
}

impl<'a> Audit<'a> {
    /// The record of one attempt, with no request id yet.
    #[must_use]
    pub fn of<A: Api, E: Environment>(
        request: &Request<'a, A>,
        endpoint: &'a Endpoint<A, E>,
        attempt: u32,
        result: AuditResult,
        duration: Duration,
    ) -> Self {
        Self {
            method: request.method(),
            host: endpoint.host(),
            path: split::path(request.target()),
            attempt,
            result,
            duration,
            request_id: None,
        }
    }
}

impl fmt::Display for Audit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, host, path) = (self.method.text(), self.host, self.path);
        write!(f, "{method} {host}{path} attempt={} status=", self.attempt)?;
        match self.result {
            AuditResult::Status(status) => write!(f, "{status}")?,
            AuditResult::Lost => f.write_str("lost")?,
            AuditResult::NotSent => f.write_str("not_sent")?,
        }
        write!(f, " ms={} request_id=", self.duration.as_millis())?;
        match self.request_id {
            Some(id) => id.fmt(f),
            None => f.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Trading;
    use crate::environment::Paper;
    use crate::response::ReplyHead;
    use std::string::ToString;

    #[test]
    fn neither_query_nor_body_stands_in_a_record() {
        let request = Request::<Trading>::new(Method::Post, "/v2/orders?x=marked-query")
            .unwrap()
            .with_json(b"{\"marked\":\"body\"}");
        let endpoint = Endpoint::<Trading, Paper>::at("localhost", 8443).unwrap();
        for result in [
            AuditResult::Status(422),
            AuditResult::Lost,
            AuditResult::NotSent,
        ] {
            let mut audit = Audit::of(&request, &endpoint, 2, result, Duration::MAX);
            let mut head = ReplyHead::new(422);
            head.field("X-Request-ID", b"0123abcd");
            audit.request_id = head.request_id.as_ref();
            let text = audit.to_string() + &std::format!("{audit:?}");
            assert!(!text.contains("marked") && !text.contains('\n'), "{text}");
            assert!(
                text.starts_with("POST localhost/v2/orders attempt=2 status="),
                "{text}"
            );
            assert!(text.contains("request_id=0123abcd"), "{text}");
        }
    }
}
