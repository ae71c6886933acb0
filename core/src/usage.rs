//! [`Usage`]: what was asked and what came of it, as a struct, one log line, and Prometheus text.

mod prometheus;

pub use prometheus::PROMETHEUS_CONTENT_TYPE;

use core::fmt;

use crate::endpoint::ApiKind;
use crate::response::{Limits, Outcome, ReplyHead, RequestId};

/// Request ids kept: the last ones, for Alpaca's support.
pub const REQUEST_IDS: usize = 8;

/// Counters that only grow, the last request ids, and the last rate limits. 1 KB, no allocation.
///
/// ```
/// use alpaca_auth::endpoint::ApiKind;
/// use alpaca_auth::response::{Outcome, ReplyHead};
/// use alpaca_auth::usage::{Class, Usage};
///
/// let mut usage = Usage::new();
/// usage.call();
/// usage.sent(180);
/// usage.answered(ApiKind::Trading, &ReplyHead::new(200), Outcome::Success, 1100);
/// assert_eq!((usage.calls, usage.count(Class::Success), usage.bytes_in), (1, 1, 1100));
/// assert!(usage.to_string().starts_with("calls=1 sends=1 success=1 "));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Calls that were asked for.
    pub calls: u64,
    /// Requests that were begun to send, repeated ones included.
    pub sends: u64,
    /// Bytes of HTTP that were sent: heads and bodies.
    pub bytes_out: u64,
    /// Bytes of HTTP that came back.
    pub bytes_in: u64,
    /// Requests that were sent again.
    pub resends: u64,
    /// Calls that waited for the rate budget before they were sent.
    pub delayed: u64,
    /// Calls that a rate budget refused before they were sent.
    pub held_back: u64,
    /// Calls that a policy refused before they were sent.
    pub forbidden: u64,
    /// Calls whose effect is unknown at their end.
    pub unknown: u64,
    classes: [u64; Class::ALL.len()],
    limits: [Option<Limits>; API_KINDS.len()],
    ids: heapless::Deque<RequestId, REQUEST_IDS>,
}

/// How an attempt ended, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 2xx.
    Success,
    /// 3xx.
    Redirect,
    /// The credential is not accepted.
    Credential,
    /// The account may not do this.
    BusinessRule,
    /// The market data plan does not cover this.
    Subscription,
    /// No such resource.
    NotFound,
    /// The request is malformed or out of range.
    Invalid,
    /// 429.
    RateLimited,
    /// 5xx.
    Server,
    /// A status that Alpaca does not document.
    Unexpected,
    /// No complete answer; the request may have reached the server.
    Lost,
    /// No answer; not a byte of the request reached the server.
    NotSent,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Success,
        Self::Redirect,
        Self::Credential,
        Self::BusinessRule,
        Self::Subscription,
        Self::NotFound,
        Self::Invalid,
        Self::RateLimited,
        Self::Server,
        Self::Unexpected,
        Self::Lost,
        Self::NotSent,
    ];

    /// Lower-case name, for machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Redirect => "redirect",
            Self::Credential => "credential",
            Self::BusinessRule => "business_rule",
            Self::Subscription => "subscription",
            Self::NotFound => "not_found",
            Self::Invalid => "invalid",
            Self::RateLimited => "rate_limited",
            Self::Server => "server",
            Self::Unexpected => "unexpected",
            Self::Lost => "lost",
            Self::NotSent => "not_sent",
        }
    }
}

impl From<Outcome> for Class {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self::Success,
            Outcome::Redirect => Self::Redirect,
            Outcome::Credential(_) => Self::Credential,
            Outcome::BusinessRule => Self::BusinessRule,
            Outcome::Subscription => Self::Subscription,
            Outcome::NotFound => Self::NotFound,
            Outcome::Invalid => Self::Invalid,
            Outcome::RateLimited => Self::RateLimited,
            Outcome::Server => Self::Server,
            Outcome::Unexpected => Self::Unexpected,
        }
    }
}

/// The APIs with their names for machines.
const API_KINDS: [(ApiKind, &str); 8] = [
    (ApiKind::Trading, "trading"),
    (ApiKind::Broker, "broker"),
    (ApiKind::AuthServer, "auth_server"),
    (ApiKind::ConnectPage, "connect_page"),
    (ApiKind::ConnectToken, "connect_token"),
    (ApiKind::MarketData, "market_data"),
    (ApiKind::DataStream, "data_stream"),
    (ApiKind::TradingStream, "trading_stream"),
];

fn place(api: ApiKind) -> usize {
    let same = |known: &(ApiKind, &str)| known.0 == api;
    API_KINDS.iter().position(same).unwrap_or(usize::MAX)
}

impl Usage {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A call was asked for.
    pub const fn call(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// A request was begun to send: `bytes` of HTTP, 0 if it did not get that far.
    pub const fn sent(&mut self, bytes: u64) {
        self.sends = self.sends.saturating_add(1);
        self.bytes_out = self.bytes_out.saturating_add(bytes);
    }

    /// A complete answer of `bytes` came.
    pub fn answered(&mut self, api: ApiKind, head: &ReplyHead, outcome: Outcome, bytes: u64) {
        self.bytes_in = self.bytes_in.saturating_add(bytes);
        self.add(outcome.into());
        if let Some(id) = &head.request_id {
            if self.ids.is_full() {
                self.ids.pop_front();
            }
            // There is room now.
            let _ = self.ids.push_back(id.clone());
        }
        if head.limits != Limits::default()
            && let Some(limits) = self.limits.get_mut(place(api))
        {
            *limits = Some(head.limits);
        }
    }

    /// No complete answer came, though `bytes` did. `sent` tells whether the request may have reached the server.
    pub fn failed(&mut self, sent: bool, bytes: u64) {
        self.bytes_in = self.bytes_in.saturating_add(bytes);
        self.add(if sent { Class::Lost } else { Class::NotSent });
    }

    /// Attempts that ended so.
    #[must_use]
    pub fn count(&self, class: Class) -> u64 {
        self.classes.get(index(class)).copied().unwrap_or(0)
    }

    /// The last request ids, oldest first, at most [`REQUEST_IDS`].
    pub fn request_ids(&self) -> impl Iterator<Item = &RequestId> {
        self.ids.iter()
    }

    /// The rate limits that an API last told.
    #[must_use]
    pub fn limits(&self, api: ApiKind) -> Option<Limits> {
        self.limits.get(place(api)).copied().flatten()
    }

    fn add(&mut self, class: Class) {
        if let Some(count) = self.classes.get_mut(index(class)) {
            *count = count.saturating_add(1);
        }
    }
}

fn index(class: Class) -> usize {
    let same = |known: &Class| *known == class;
    Class::ALL.iter().position(same).unwrap_or(usize::MAX)
}

/// One line: `name=value`, classes that never happened left out.
impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calls={} sends={}", self.calls, self.sends)?;
        for class in Class::ALL {
            match self.count(class) {
                0 if class != Class::Success => {}
                count => write!(f, " {}={count}", class.name())?,
            }
        }
        for (name, count) in [
            ("resends", self.resends),
            ("delayed", self.delayed),
            ("held_back", self.held_back),
            ("forbidden", self.forbidden),
            ("unknown", self.unknown),
        ] {
            if count > 0 {
                write!(f, " {name}={count}")?;
            }
        }
        write!(
            f,
            " bytes_out={} bytes_in={}",
            self.bytes_out, self.bytes_in
        )?;
        for (api, name) in API_KINDS {
            if let Some(remaining) = self.limits(api).and_then(|limits| limits.remaining) {
                write!(f, " {name}_remaining={remaining}")?;
            }
        }
        if let Some(id) = self.ids.back() {
            write!(f, " last_request_id={id}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::CredentialRefusal;
    use std::string::ToString;

    pub(super) const OUTCOMES: [Outcome; 10] = [
        Outcome::Success,
        Outcome::Redirect,
        Outcome::Credential(CredentialRefusal::NotAccepted),
        Outcome::BusinessRule,
        Outcome::Subscription,
        Outcome::NotFound,
        Outcome::Invalid,
        Outcome::RateLimited,
        Outcome::Server,
        Outcome::Unexpected,
    ];

    #[test]
    fn each_ending_is_counted_once_and_in_its_own_class() {
        for (at, outcome) in OUTCOMES.into_iter().enumerate() {
            let mut usage = Usage::new();
            usage.answered(ApiKind::Broker, &ReplyHead::new(0), outcome, 7);
            let counts = Class::ALL.map(|class| usage.count(class));
            assert_eq!(counts.iter().sum::<u64>(), 1);
            assert_eq!(counts[at], 1, "{outcome:?}");
        }
        let mut usage = Usage::new();
        usage.failed(true, 3);
        usage.failed(false, 0);
        assert_eq!(
            (usage.count(Class::Lost), usage.count(Class::NotSent)),
            (1, 1)
        );
        assert_eq!(usage.bytes_in, 3);
    }

    #[test]
    fn only_the_last_request_ids_are_kept() {
        let mut usage = Usage::new();
        for number in 0..REQUEST_IDS + 3 {
            let mut head = ReplyHead::new(200);
            head.field("X-Request-ID", number.to_string().as_bytes());
            usage.answered(ApiKind::Trading, &head, Outcome::Success, 0);
        }
        usage.answered(ApiKind::Trading, &ReplyHead::new(200), Outcome::Success, 0);
        let ids: std::vec::Vec<_> = usage.request_ids().map(RequestId::to_string).collect();
        assert_eq!(ids, ["3", "4", "5", "6", "7", "8", "9", "10"]);
        assert!(usage.to_string().ends_with(" last_request_id=10"));
    }

    #[test]
    fn limits_are_kept_per_api_and_an_answer_without_them_changes_none() {
        let mut usage = Usage::new();
        for (api, remaining) in [(ApiKind::Trading, "199"), (ApiKind::MarketData, "9999")] {
            let mut head = ReplyHead::new(200);
            head.field("X-RateLimit-Remaining", remaining.as_bytes());
            usage.answered(api, &head, Outcome::Success, 0);
            usage.answered(api, &ReplyHead::new(401), OUTCOMES[2], 0);
        }
        let left = |api| usage.limits(api).and_then(|limits| limits.remaining);
        assert_eq!(left(ApiKind::Trading), Some(199));
        assert_eq!(left(ApiKind::MarketData), Some(9999));
        assert_eq!(left(ApiKind::Broker), None);
        let line = usage.to_string();
        assert!(
            line.contains(" trading_remaining=199 market_data_remaining=9999"),
            "{line}"
        );
        assert!(line.contains(" success=2 credential=2 "), "{line}");
    }

    #[test]
    fn counters_stop_at_their_end() {
        let mut usage = Usage {
            calls: u64::MAX,
            sends: u64::MAX,
            bytes_out: u64::MAX,
            bytes_in: u64::MAX,
            ..Usage::new()
        };
        usage.call();
        usage.sent(u64::MAX);
        usage.failed(true, u64::MAX);
        assert_eq!((usage.calls, usage.sends), (u64::MAX, u64::MAX));
        assert_eq!((usage.bytes_out, usage.bytes_in), (u64::MAX, u64::MAX));
    }
}
