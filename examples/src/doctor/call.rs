//! One call with the key: environment, connection, TLS, answer, clock and rate limit.

use std::time::{SystemTime, UNIX_EPOCH};

use alpaca_auth::credential::{Credential as _, KeyEvidence, KeyPair};
use alpaca_auth::endpoint::{Endpoint, ServedIn, Trading};
use alpaca_auth::environment::TradingEnvironment;
use alpaca_auth::request::trading;
use alpaca_auth::response::{Outcome, Reply};
use alpaca_auth_embedded_tls::Error as SessionError;

use super::{Class, Report};
use crate::{Failure, Reach, stage};

/// A clock may differ by so many seconds: certificates and signed requests bear more.
const SKEW_MAX: u64 = 30;

/// Fewer calls left than one in so many is a finding.
const SPARE: u32 = 10;

/// An account has some 2 KB.
const BODY: usize = 64 * 1024;

/// Fetches the account once, and reports what that shows.
///
/// # Errors
/// When the arguments or the CA are wrong; what is wrong with the call is a finding.
pub fn examine<E: TradingEnvironment>(
    reach: &Reach,
    pair: &KeyPair<E>,
    now: Option<u64>,
    report: &mut Report,
) -> Result<(), Failure>
where
    Trading: ServedIn<E>,
{
    let endpoint: Endpoint<Trading, E> = reach.endpoint()?;
    let (host, port) = (endpoint.host(), endpoint.port());
    report.fact("server", format!("{host}:{port}, {} trading", E::KIND));
    evidence(pair, report);
    let here = now.unwrap_or_else(machine_time);
    report.fact("machine_time", here);
    let mut body = vec![0; BODY];
    let reply = match reach.send(&trading::account(), &endpoint, pair, &mut body) {
        Ok(reply) => reply,
        Err(failure) => {
            let class = match stage(&failure) {
                _ if matches!(failure, Failure::Session(SessionError::Clock)) => Class::Clock,
                Some("connect") => Class::Connect,
                Some("tls") => Class::Tls,
                Some("http") => Class::Http,
                _ => return Err(failure),
            };
            report.find(class, failure.to_string(), None);
            if matches!(class, Class::Tls | Class::Clock) {
                report.note(format!(
                    "this machine's clock says {}; where that is wrong, certificates are, too",
                    date(here)
                ));
            }
            return Ok(());
        }
    };
    report.fact("tls", format!("verified, over {}", reach.transport));
    report.fact("status", reply.status());
    if let Some(request_id) = reply.request_id() {
        report.fact("request_id", request_id.to_string());
    }
    outcome(&reply, report);
    clock(&reply, here, report);
    limits(&reply, report);
    Ok(())
}

fn evidence<E: TradingEnvironment>(pair: &KeyPair<E>, report: &mut Report) {
    let evidence = pair.evidence();
    let looks = match evidence {
        KeyEvidence::None => "nothing",
        KeyEvidence::Paper => "a paper key",
        KeyEvidence::Live => "a live key",
        KeyEvidence::Broker => "a broker partner's key",
        KeyEvidence::ConnectClientId => "the client id of a Connect app",
    };
    report.fact("key_looks_like", looks);
    if evidence.contradicts(E::KIND) {
        let remedy = match evidence {
            KeyEvidence::Live => "give --live, or set a paper key",
            KeyEvidence::Paper => "leave --live out, or set a live key",
            _ => "set an API key of the trading account",
        };
        let text = format!(
            "the key looks like {looks}, and the server is for {}; {remedy}",
            E::KIND
        );
        report.find(Class::Environment, text, None);
    }
}

fn outcome(reply: &Reply<'_>, report: &mut Report) {
    // The error's own text: what the server says could hold anything.
    let Err(refusal) = reply.success() else {
        return;
    };
    let class = match reply.outcome() {
        Outcome::Credential(_) => Class::Credential,
        Outcome::RateLimited => Class::RateLimit,
        _ => Class::Http,
    };
    report.find(class, refusal.to_string(), None);
}

fn clock(reply: &Reply<'_>, here: u64, report: &mut Report) {
    let Some(server) = reply.date() else {
        report.fact("clock_skew_s", serde_json::Value::Null);
        return;
    };
    let skew = here.abs_diff(server);
    let direction = if here < server { "behind" } else { "ahead of" };
    report.fact("clock_skew_s", skew);
    if skew > SKEW_MAX {
        let text = format!(
            "this machine's clock is {skew} s {direction} the server's; set it by NTP, or certificates and \
             assertions are refused"
        );
        report.find(Class::Clock, text, None);
    }
}

fn machine_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// A time for people, to the minute.
fn date(unix: u64) -> String {
    let (year, month, day) = alpaca_sandbox::civil(unix);
    let (hour, minute) = (unix / 3600 % 24, unix / 60 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

fn limits(reply: &Reply<'_>, report: &mut Report) {
    let limits = reply.limits();
    let (Some(remaining), Some(limit)) = (limits.remaining, limits.limit) else {
        return;
    };
    report.fact("rate_remaining", remaining);
    report.fact("rate_limit", limit);
    if remaining < limit / SPARE && reply.outcome() != Outcome::RateLimited {
        let text = format!(
            "{remaining} of {limit} calls are left this minute; find what else uses this account, or call less"
        );
        report.find(Class::RateLimit, text, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_that_of_the_calendar() {
        for (unix, expected) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_800, "2000-03-01 00:00 UTC"),
            (1_709_164_800, "2024-02-29 00:00 UTC"),
            (1_735_689_599, "2024-12-31 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(date(unix), expected);
        }
    }
}
