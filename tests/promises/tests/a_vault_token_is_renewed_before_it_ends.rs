//! A Vault token is renewed when half of its lease is over. Where that is refused it is used until its
//! end and never after, and the error then says why; where a role can log in again, it does. A renewal
//! that is answered by anything but a whole answer about this token counts as none.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::Endpoint;
use alpaca_auth::environment::Paper;
use alpaca_auth::source::vault::{KvPath, VaultError};
use alpaca_auth::source::{Chain, ManagerFault, Source, SourceError, SourceFault};
use alpaca_auth_promises::scripted::{Scripted, answer};
use alpaca_auth_ureq::Config;
use alpaca_auth_ureq::source::Vault;

const TOKEN: &str = "hvs.not-a-real-token";
/// Seconds. Looks come at once, after half of it, and after its end.
const LEASE: u32 = 4;
const LOOKS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(2800),
    Duration::from_millis(4200),
];
const SECRET: &str = r#"{"lease_duration":0,"renewable":false,"data":{"data":{"key_id":"PKVAULT","secret_key":"not-a-real-secret"},"metadata":{"version":1,"destroyed":false}}}"#;

/// Whether a look that finds the key tells a lease or why it finds none, and what it asks Vault for.
type Look = (Result<bool, VaultError>, &'static [&'static str]);

const READ: &str = "GET /v1/secret/data/alpaca";
const LOOKUP: &str = "GET /v1/auth/token/lookup-self";
const RENEW: &str = "POST /v1/auth/token/renew-self";
const LOGIN: &str = "POST /v1/auth/approle/login";

fn auth(token: &str, lease: &str, renewable: &str) -> String {
    format!(
        r#"{{"auth":{{"client_token":"{token}","lease_duration":{lease},"renewable":{renewable}}}}}"#
    )
}

/// A Vault whose tokens are good for [`LEASE`], and that answers renewals so.
fn vault(renewal: (u16, String)) -> Scripted {
    Scripted::start(move |request| {
        let line = request.split(" HTTP/1.1").next().unwrap_or_default();
        match line {
            LOOKUP => answer(
                200,
                &format!(
                    r#"{{"data":{{"id":"{TOKEN}","ttl":{LEASE},"expire_time":"t","renewable":true}}}}"#
                ),
            ),
            LOGIN => answer(200, &auth(TOKEN, &LEASE.to_string(), "true")),
            RENEW => answer(renewal.0, &renewal.1),
            READ if request.contains(&format!("X-Vault-Token: {TOKEN}\r\n")) => answer(200, SECRET),
            _ => answer(403, r#"{"errors":["permission denied"]}"#),
        }
    })
}

/// What three looks give, and what each asked for.
fn looks(server: &Scripted, by_role: bool) -> Vec<(Result<bool, VaultError>, Vec<String>)> {
    let config = Config::new().trust_only_pem(&server.ca_pem).expect("a CA");
    let endpoint = Endpoint::manager("localhost", server.port).expect("a host");
    let path = KvPath::v2("secret", "alpaca").expect("a path");
    let vault = Vault::<Paper>::new(&config, endpoint, path, None).expect("a source");
    let vault = if by_role {
        vault.app_role("approle", "role", "secret-id")
    } else {
        vault.renewed_token(TOKEN)
    };
    let mut source = vault.expect("a login");
    let began = Instant::now();
    LOOKS
        .iter()
        .map(|due| {
            thread::sleep(due.saturating_sub(began.elapsed()));
            let mut slot = Slot::<KeyPair<Paper>>::vacant();
            let mut sources: [&mut dyn Source; 1] = [&mut source];
            let looked = match Chain::new(&mut sources).paper(&mut slot) {
                Ok(won) => {
                    assert!(
                        won.lease_seconds
                            .is_none_or(|lease| (1..=60).contains(&lease))
                    );
                    Ok(won.lease_seconds.is_some())
                }
                Err(SourceError::Broken {
                    fault: SourceFault::Manager(ManagerFault::Vault(error)),
                    ..
                }) => Err(error),
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(slot.get().is_some(), looked.is_ok());
            let asked = server.requests().into_iter();
            let line = |request: String| request.split(" HTTP/1.1").next().map(str::to_owned);
            (looked, asked.filter_map(line).collect())
        })
        .collect()
}

#[test]
fn a_renewal_is_taken_or_named_and_a_token_is_never_sent_after_its_end() {
    use VaultError::{LeaseExpired, MaxTtl, Member, NotRenewable, RenewalDenied, Sealed, Server};
    let whole = |lease: &str| (200, auth(TOKEN, lease, "true"));
    let denied = (403, r#"{"errors":["permission denied"]}"#.to_owned());
    let found: Look = (Ok(true), &[READ]);
    let renewed: Look = (Ok(true), &[RENEW, READ]);
    // Found by the old lease, which is told no longer: nothing is to be gained by coming back early.
    let refused: Look = (Ok(false), &[RENEW, READ]);
    let failed = |error| (Err(error), [RENEW].as_slice());
    let ended = |error| (Err(error), [].as_slice());
    let logged_in: Look = (Ok(true), &[LOGIN, READ]);
    let again: Look = (Ok(true), &[RENEW, LOGIN, READ]);
    let text = |text: &str| text.to_owned();
    let by_token = [
        ("renewed in full", whole("4"), renewed, found),
        ("longer", whole("60"), renewed, found),
        ("shorter", whole("1"), renewed, ended(MaxTtl)),
        ("refused", denied.clone(), refused, ended(RenewalDenied)),
        (
            "not renewable",
            (400, text(r#"{"errors":["lease is not renewable"]}"#)),
            refused,
            ended(NotRenewable),
        ),
        (
            "at the maximum TTL",
            (
                500,
                text(r#"{"errors":["past the max TTL, cannot renew"]}"#),
            ),
            refused,
            ended(MaxTtl),
        ),
        ("nothing granted", whole("0"), refused, ended(MaxTtl)),
        (
            "renewable no more",
            (200, auth(TOKEN, "1", "false")),
            refused,
            ended(NotRenewable),
        ),
        (
            "another token's answer",
            (200, auth("hvs.another", "4", "true")),
            failed(Member("client_token")),
            ended(LeaseExpired),
        ),
        (
            "a lease below zero",
            whole("-4"),
            failed(Member("lease_duration")),
            ended(LeaseExpired),
        ),
        (
            "no word whether it is renewable",
            (200, auth(TOKEN, "4", "null")),
            failed(Member("renewable")),
            ended(LeaseExpired),
        ),
        (
            "sealed",
            (503, text(r#"{"errors":["Vault is sealed"]}"#)),
            failed(Sealed),
            ended(LeaseExpired),
        ),
        (
            "a failure",
            (502, text("<html>")),
            failed(Server(502)),
            ended(LeaseExpired),
        ),
    ];
    let by_role = [
        ("a role, renewed", whole("4"), renewed, found),
        ("a role, refused", denied, again, found),
        ("a role, nothing granted", whole("0"), again, found),
        ("a role, shorter", whole("1"), renewed, logged_in),
        (
            "a role, a failure that costs no login",
            (500, String::new()),
            failed(Server(500)),
            logged_in,
        ),
    ];
    let looked_up: Look = (Ok(true), &[LOOKUP, READ]);
    let all = by_token.map(|case| (false, looked_up, case)).into_iter();
    let all = all.chain(by_role.map(|case| (true, logged_in, case)));
    let wrong = AtomicUsize::new(0);
    thread::scope(|scope| {
        for (role, first, (name, renewal, second, third)) in all {
            let wrong = &wrong;
            scope.spawn(move || {
                let seen = looks(&vault(renewal), role);
                for (seen, expected) in seen.iter().zip([first, second, third]) {
                    let (given, asked) = seen;
                    if *given != expected.0 || asked != expected.1 {
                        eprintln!("{name}: {seen:?}, expected {expected:?}");
                        wrong.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(wrong.into_inner(), 0);
}
