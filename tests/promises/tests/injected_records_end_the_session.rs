//! Promise: records that someone on the path adds, before, during or after the handshake, are an
//! error: no panic, no clean end, no byte of the request beyond what was already under way.

use alpaca_auth_embedded_tls::{Error, TlsFault};
use alpaca_auth_promises::wire::{ANSWER, SECRET, Wire, attempt, now};
use alpaca_tls_server::pki::{Authority, Identity, Kind};
use alpaca_tls_server::{Hello, Message, Script, Server, Step};

/// What the attacker adds.
fn injections() -> Vec<(&'static str, Step)> {
    vec![
        ("close_notify in plaintext", Step::Plain(21, vec![1, 0])),
        ("a fatal alert in plaintext", Step::Plain(21, vec![2, 40])),
        ("half an alert", Step::Plain(21, vec![1])),
        ("a long alert", Step::Plain(21, vec![1, 0, 0])),
        ("an empty alert", Step::Plain(21, Vec::new())),
        ("a ServerHello again", Step::Plain(22, vec![2, 0, 0, 0])),
        (
            "a Finished in plaintext",
            Step::Plain(22, vec![20, 0, 0, 0]),
        ),
        (
            "a ticket in plaintext",
            Step::Plain(22, vec![4, 0, 0, 4, 0, 0, 0, 0]),
        ),
        (
            "a CertificateRequest in plaintext",
            Step::Plain(22, vec![13, 0, 0, 3, 0, 0, 0]),
        ),
        ("an empty handshake record", Step::Plain(22, Vec::new())),
        (
            "change_cipher_spec twice",
            Step::Raw([[20, 3, 3, 0, 1, 1]; 2].concat()),
        ),
        (
            "a change_cipher_spec of 0 bytes",
            Step::Plain(20, Vec::new()),
        ),
        (
            "a change_cipher_spec of 2 bytes",
            Step::Plain(20, vec![1, 1]),
        ),
        (
            "a change_cipher_spec that is none",
            Step::Plain(20, vec![2]),
        ),
        ("an empty data record", Step::Plain(23, Vec::new())),
        ("a data record of a tag alone", Step::Plain(23, vec![0; 16])),
        (
            "a data record that does not decrypt",
            Step::Plain(23, vec![0; 40]),
        ),
        (
            "the largest record, of zeros",
            Step::Plain(23, vec![0; 16640]),
        ),
        ("a record larger than any", Step::Plain(23, vec![0; 16641])),
        ("the longest length", Step::Raw(vec![23, 3, 3, 0xff, 0xff])),
        ("a heartbeat", Step::Plain(24, vec![1, 0, 0])),
        ("type 0", Step::Plain(0, vec![0])),
        ("type 255", Step::Plain(255, vec![0; 20])),
        ("another version", Step::Raw(vec![23, 2, 0, 0, 17])),
        (
            "HTTP in plaintext",
            Step::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ),
        (
            "the server's keys, but nothing inside",
            Step::Inner(Vec::new()),
        ),
        (
            "the server's keys, but padding alone",
            Step::Inner(vec![0; 30]),
        ),
        (
            "the server's keys, but type 0x99",
            Step::Encrypted(0x99, vec![1, 2, 3]),
        ),
        (
            "the server's keys, change_cipher_spec",
            Step::Encrypted(20, vec![1]),
        ),
        (
            "the server's keys, handshake with nothing",
            Step::Encrypted(22, Vec::new()),
        ),
        (
            "the server's keys, half a message",
            Step::Encrypted(22, vec![8, 0]),
        ),
        (
            "the server's keys, a long message",
            Step::Encrypted(22, vec![8, 0, 1, 0, 0]),
        ),
        (
            "the server's keys, a KeyUpdate",
            Step::Encrypted(22, vec![24, 0, 0, 1, 0]),
        ),
        (
            "the server's keys, a half alert",
            Step::Encrypted(21, vec![2]),
        ),
        (
            "the server's keys, alert 40",
            Step::Encrypted(21, vec![2, 40]),
        ),
        (
            "the server's keys, an alert that is none",
            Step::Encrypted(21, vec![9, 200]),
        ),
    ]
}

fn pki() -> (Vec<u8>, Identity) {
    let root = Authority::root(Kind::P256, now());
    (root.der.clone(), root.leaf(Kind::P256, |_| {}))
}

#[test]
fn before_and_during_the_handshake_nothing_is_sent() {
    let (root, identity) = pki();
    let mut count = 0;
    for (name, step) in injections() {
        // With change_cipher_spec in its place, and without it.
        for script in [Script::good(), {
            let mut script = Script::good();
            script.0.remove(1);
            script
        }] {
            for at in 0..script.0.len() {
                if at == 0 && !matches!(step, Step::Plain(..) | Step::Raw(_)) {
                    continue; // there are no keys yet
                }
                let one_ccs = script.0.iter().all(|step| !matches!(step, Step::Ccs));
                let script = script.clone().with(at, step.clone());
                let make =
                    || Wire::new(Server::new(&identity, script.clone()).answering_http(ANSWER));
                let outcome = attempt(&make, &[&root], now());
                // One change_cipher_spec behind ServerHello is what the RFC has.
                if at == 1 && one_ccs && matches!(&step, Step::Ccs) {
                    outcome.accepted(name);
                    continue;
                }
                let last = at + 1 == script.0.len() - 1;
                assert!(outcome.result.is_err(), "{name} at {at}: {outcome:?}");
                if last {
                    // Behind Finished the session is open, and the request under way.
                    assert!(
                        !matches!(outcome.result, Err(Error::Stale { .. })),
                        "{name}: {outcome:?}"
                    );
                } else {
                    assert!(
                        matches!(outcome.result, Err(Error::Tls(_))),
                        "{name} at {at}: {outcome:?}"
                    );
                    assert!(outcome.data.is_empty(), "{name} at {at}: {outcome:?}");
                }
                count += 1;
            }
        }
    }
    println!("{count} injections into the handshake");
    assert!(count > 400);
}

#[test]
fn on_an_open_session_the_answer_is_an_error() {
    let (root, identity) = pki();
    let half = ANSWER.len() / 2;
    for (name, step) in injections() {
        for before in [true, false] {
            let step = step.clone();
            let make = || {
                let step = step.clone();
                let server = Server::new(&identity, Script::good()).answering(move |data| {
                    let (first, second) = ANSWER.split_at(half);
                    let mut steps = vec![
                        Step::Encrypted(23, first.to_vec()),
                        Step::Encrypted(23, second.to_vec()),
                    ];
                    steps.insert(usize::from(!before), step.clone());
                    data.ends_with(b"\r\n\r\n").then_some(steps)
                });
                Wire::new(server)
            };
            let outcome = attempt(&make, &[&root], now());
            assert!(
                matches!(outcome.result, Err(Error::Broken(_))),
                "{name}, before the answer {before}: {outcome:?}"
            );
        }
    }
}

#[test]
fn a_clean_end_is_a_clean_end_only_if_the_server_said_so() {
    let (root, identity) = pki();
    for (steps, expected) in [
        (
            vec![Step::Encrypted(21, vec![1, 0])],
            Error::Stale { sent: true },
        ),
        (vec![Step::Eof], Error::Stale { sent: true }),
        (
            vec![Step::Plain(21, vec![1, 0])],
            Error::Broken(TlsFault::UnexpectedRecord),
        ),
        (
            vec![
                Step::Encrypted(23, ANSWER[..10].to_vec()),
                Step::Encrypted(21, vec![1, 0]),
            ],
            Error::Broken(TlsFault::Closed),
        ),
        (
            vec![
                Step::Encrypted(23, ANSWER[..ANSWER.len() - 1].to_vec()),
                Step::Encrypted(21, vec![1, 0]),
            ],
            Error::Broken(TlsFault::Closed),
        ),
        (
            vec![Step::Encrypted(21, vec![2, 80])],
            Error::Broken(TlsFault::Alert(0)),
        ),
    ] {
        let make = || {
            let steps = steps.clone();
            Wire::new(
                Server::new(&identity, Script::good()).answering(move |_| Some(steps.clone())),
            )
        };
        assert_eq!(attempt(&make, &[&root], now()).result, Err(expected));
    }
}

#[test]
fn what_the_rfc_allows_after_the_handshake_is_ignored() {
    let (root, identity) = pki();
    let tickets = vec![Message::Ticket; 3];
    for steps in [
        vec![Step::Send(Message::Ticket)],
        vec![Step::Send(Message::Ticket), Step::Send(Message::Ticket)],
        vec![Step::Together(tickets)],
        vec![Step::Encrypted(23, Vec::new())],
        vec![Step::Inner([&[23][..], &[0; 200]].concat())],
    ] {
        let mut script = Script::good();
        script.0.extend(steps);
        let make = || Wire::new(Server::new(&identity, script.clone()).answering_http(ANSWER));
        attempt(&make, &[&root], now()).accepted("tickets and padding");
    }
}

/// What embedded-tls ends in `unimplemented!` for, by the authenticated server.
#[test]
fn messages_after_the_handshake_that_are_not_supported_are_named() {
    let (root, identity) = pki();
    for kind in (0..=255_u8).filter(|kind| *kind != 4) {
        let message = Message::Raw(kind, vec![0; 36]);
        let mut script = Script::good();
        script.0.push(Step::Send(message));
        let make = || Wire::new(Server::new(&identity, script.clone()).answering_http(ANSWER));
        let outcome = attempt(&make, &[&root], now());
        assert_eq!(
            outcome.result,
            Err(Error::Broken(TlsFault::UnsupportedMessage)),
            "{kind}"
        );
        assert!(String::from_utf8_lossy(&outcome.data).contains(SECRET));
    }
}

#[test]
fn a_client_certificate_is_not_given_and_a_server_may_live_with_that() {
    let (root, identity) = pki();
    let script = Script::flight(vec![
        Step::Send(Message::EncryptedExtensions),
        Step::Send(Message::CertificateRequest),
        Step::Send(Message::Certificate),
        Step::Send(Message::CertificateVerify),
        Step::Send(Message::Finished),
    ]);
    let make = || Wire::new(Server::new(&identity, script.clone()).answering_http(ANSWER));
    attempt(&make, &[&root], now()).accepted("a request for a certificate");
}

#[test]
fn handshake_messages_split_over_records_are_named() {
    let (root, identity) = pki();
    for (length, fault) in [
        // Not even the message's length is in the first record.
        (1, TlsFault::Message),
        (3, TlsFault::Message),
        (4, TlsFault::Fragmented),
        (100, TlsFault::Fragmented),
        (300, TlsFault::Fragmented),
    ] {
        let script = Script::flight(vec![
            Step::Send(Message::EncryptedExtensions),
            Step::Split(Message::Certificate, length),
            Step::Send(Message::CertificateVerify),
            Step::Send(Message::Finished),
        ]);
        let make = || Wire::new(Server::new(&identity, script.clone()).answering_http(ANSWER));
        attempt(&make, &[&root], now()).refused("split", fault);
    }
}

#[test]
fn a_server_hello_that_is_not_the_answer_is_refused_by_name() {
    let (root, identity) = pki();
    let good = Hello::default;
    for (name, fault, hello) in [
        (
            "TLS 1.2",
            TlsFault::OldVersion,
            Hello {
                version: None,
                ..good()
            },
        ),
        (
            "TLS 1.2 as an extension",
            TlsFault::OldVersion,
            Hello {
                version: Some([3, 3]),
                ..good()
            },
        ),
        (
            "a draft of TLS 1.3",
            TlsFault::OldVersion,
            Hello {
                version: Some([0x7f, 28]),
                ..good()
            },
        ),
        (
            "TLS 1.2 and its suite",
            TlsFault::OldVersion,
            Hello {
                version: None,
                suite: [0xc0, 0x2b],
                group: None,
                ..good()
            },
        ),
        (
            "HelloRetryRequest",
            TlsFault::RetryRequest,
            Hello {
                group: None,
                ..Hello::retry()
            },
        ),
        (
            "HelloRetryRequest with a cookie",
            TlsFault::RetryRequest,
            Hello {
                group: None,
                extensions: [&[0, 44, 1, 2, 1, 0][..], &[7; 256]].concat(),
                ..Hello::retry()
            },
        ),
        (
            "another suite",
            TlsFault::CipherSuite,
            Hello {
                suite: [0x13, 0x02],
                ..good()
            },
        ),
        (
            "no suite",
            TlsFault::CipherSuite,
            Hello {
                suite: [0, 0],
                ..good()
            },
        ),
        (
            "X25519",
            TlsFault::Group,
            Hello {
                group: Some([0, 29]),
                point: Some(vec![9; 32]),
                ..good()
            },
        ),
        (
            "P-384",
            TlsFault::Group,
            Hello {
                group: Some([0, 24]),
                ..good()
            },
        ),
        (
            "no key share",
            TlsFault::ServerHello,
            Hello {
                group: None,
                ..good()
            },
        ),
        (
            "a point that is none",
            TlsFault::Group,
            Hello {
                point: Some([&[4][..], &[1; 64]].concat()),
                ..good()
            },
        ),
        (
            "the point at infinity",
            TlsFault::ServerHello,
            Hello {
                point: Some(vec![0]),
                ..good()
            },
        ),
        (
            "a compressed point",
            TlsFault::ServerHello,
            Hello {
                point: Some(vec![2; 33]),
                ..good()
            },
        ),
        (
            "a session id",
            TlsFault::ServerHello,
            Hello {
                session: vec![1; 32],
                ..good()
            },
        ),
        (
            "compression",
            TlsFault::ServerHello,
            Hello {
                compression: 1,
                ..good()
            },
        ),
        (
            "an extension that was not offered",
            TlsFault::ServerHello,
            Hello {
                extensions: vec![0, 41, 0, 2, 0, 0],
                ..good()
            },
        ),
        (
            "extensions twice",
            TlsFault::ServerHello,
            Hello {
                twice: true,
                ..good()
            },
        ),
        (
            "another legacy version",
            TlsFault::ServerHello,
            Hello {
                legacy_version: [3, 1],
                ..good()
            },
        ),
        (
            "split over two records",
            TlsFault::ServerHello,
            Hello {
                split: Some(50),
                ..good()
            },
        ),
        (
            "a byte behind it",
            TlsFault::ServerHello,
            Hello {
                trailing: vec![0],
                ..good()
            },
        ),
    ] {
        let mut script = Script::good();
        script.0[0] = Step::Hello(hello);
        let make = || Wire::new(Server::new(&identity, script.clone()).answering_http(ANSWER));
        attempt(&make, &[&root], now()).refused(name, fault);
    }
}
