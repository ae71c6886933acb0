//! [`Usage`] in Prometheus' text exposition format, version 0.0.4.

use core::fmt;

use super::{API_KINDS, Class, Usage};

/// `Content-Type` of the text.
pub const PROMETHEUS_CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

impl Usage {
    /// Writes all counters in Prometheus' text format, each under a name that begins with `alpaca_`.
    ///
    /// No label comes from a server or a caller: request ids are left out, and all values of labels are
    /// constants of this crate.
    ///
    /// ```
    /// use alpaca_auth::usage::Usage;
    /// let mut text = String::new();
    /// Usage::new().write_prometheus(&mut text)?;
    /// assert!(text.contains("\n# TYPE alpaca_calls_total counter\nalpaca_calls_total 0\n"));
    /// # Ok::<(), core::fmt::Error>(())
    /// ```
    ///
    /// # Errors
    /// When `out` takes no more.
    pub fn write_prometheus(&self, out: &mut impl fmt::Write) -> fmt::Result {
        for (name, help, value) in [
            ("calls", "Calls that were asked for.", self.calls),
            ("sends", "Requests that were begun to send.", self.sends),
            ("resends", "Requests that were sent again.", self.resends),
            (
                "sent_bytes",
                "Bytes of HTTP that were sent.",
                self.bytes_out,
            ),
            (
                "received_bytes",
                "Bytes of HTTP that came back.",
                self.bytes_in,
            ),
            (
                "delayed",
                "Calls that waited for the rate budget.",
                self.delayed,
            ),
            (
                "held_back",
                "Calls that a rate budget refused.",
                self.held_back,
            ),
            ("forbidden", "Calls that a policy refused.", self.forbidden),
            (
                "unknown_effects",
                "Calls whose effect is unknown.",
                self.unknown,
            ),
        ] {
            header(out, name, "_total", "counter", help)?;
            writeln!(out, "alpaca_{name}_total {value}")?;
        }
        header(
            out,
            "attempts",
            "_total",
            "counter",
            "Attempts by how they ended.",
        )?;
        for class in Class::ALL {
            let (name, count) = (class.name(), self.count(class));
            writeln!(out, "alpaca_attempts_total{{outcome=\"{name}\"}} {count}")?;
        }
        let limit = |limits: crate::response::Limits| limits.limit.map(u64::from);
        let remaining = |limits: crate::response::Limits| limits.remaining.map(u64::from);
        let reset = |limits: crate::response::Limits| limits.reset;
        self.gauge(out, "limit", "Calls allowed per window.", limit)?;
        self.gauge(out, "remaining", "Calls left, as last told.", remaining)?;
        self.gauge(
            out,
            "reset_timestamp_seconds",
            "When the window ends.",
            reset,
        )
    }

    /// One gauge per API that told it; nothing if none did.
    fn gauge(
        &self,
        out: &mut impl fmt::Write,
        name: &str,
        help: &str,
        value: impl Fn(crate::response::Limits) -> Option<u64>,
    ) -> fmt::Result {
        let mut told = API_KINDS
            .iter()
            .filter_map(|(api, label)| Some((label, value(self.limits(*api)?)?)))
            .peekable();
        if told.peek().is_some() {
            header(out, "rate_limit_", name, "gauge", help)?;
        }
        told.try_for_each(|(api, value)| {
            writeln!(out, "alpaca_rate_limit_{name}{{api=\"{api}\"}} {value}")
        })
    }
}

fn header(
    out: &mut impl fmt::Write,
    name: &str,
    rest: &str,
    kind: &str,
    help: &str,
) -> fmt::Result {
    writeln!(out, "# HELP alpaca_{name}{rest} {help}")?;
    writeln!(out, "# TYPE alpaca_{name}{rest} {kind}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::ApiKind;
    use crate::response::{Outcome, ReplyHead};
    use std::string::String;

    #[test]
    fn every_line_is_of_the_format_and_every_sample_has_a_type_and_stands_once() {
        let mut usage = Usage::new();
        let mut head = ReplyHead::new(200);
        head.field("X-RateLimit-Limit", b"200");
        head.field("X-RateLimit-Remaining", b"7");
        head.field("X-RateLimit-Reset", b"1700000000");
        head.field("X-Request-ID", b"marked");
        usage.answered(ApiKind::Trading, &head, Outcome::Success, 10);
        usage.answered(ApiKind::MarketData, &head, Outcome::Server, 10);
        let mut text = String::new();
        usage.write_prometheus(&mut text).unwrap();
        assert!(text.ends_with('\n') && !text.contains("marked"));
        let (mut typed, mut seen) = (std::vec![], std::vec![]);
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(["counter", "gauge"].contains(&kind) && !typed.contains(&name));
                assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
                typed.push(name);
            } else if !line.starts_with("# HELP ") {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                assert!(value.parse::<u64>().is_ok(), "{line}");
                assert!(!seen.contains(&sample), "{line}");
                let name = sample.split('{').next().unwrap();
                assert_eq!(typed.last(), Some(&name), "{line}");
                seen.push(sample);
            }
        }
        assert_eq!(seen.len(), 9 + 12 + 6);
        assert!(text.contains("alpaca_rate_limit_remaining{api=\"market_data\"} 7\n"));
    }

    #[test]
    fn a_full_buffer_is_an_error() {
        let mut small = heapless::String::<100>::new();
        assert!(Usage::new().write_prometheus(&mut small).is_err());
    }
}
