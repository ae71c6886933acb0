//! Promise: a good exchange cut at any byte is an error, and so is one with any byte changed.

use alpaca_auth_embedded_tls::{Error, TlsFault};
use alpaca_auth_promises::wire::{ANSWER, Wire, attempt, now};
use alpaca_tls_server::pki::{Authority, Kind};
use alpaca_tls_server::{Message, Script, Server, Step};

/// Chunked, so that the end of the body is something to cut, too.
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
    d\r\n{\"id\":\"1\",\"st\r\ne\r\natus\":\"ACTIVE\"\r\n1\r\n}\r\n0\r\n\r\n";

#[test]
fn at_every_byte() {
    let root = Authority::root(Kind::P256, now());
    let identity = root.leaf(Kind::P256, |_| {});
    for answer in [ANSWER, CHUNKED] {
        let mut script = Script::good();
        script.0.push(Step::Send(Message::Ticket));
        let server = || {
            // Pieces of every size: the head, then the body in two records.
            Server::new(&identity, script.clone()).answering(move |data| {
                let (first, second) = answer.split_at(answer.len() - 9);
                data.ends_with(b"\r\n\r\n").then(|| {
                    [first, second]
                        .map(|part| Step::Encrypted(23, part.to_vec()))
                        .to_vec()
                })
            })
        };
        let whole = attempt(&|| Wire::new(server()).in_pieces(7), &[&root.der], now());
        whole.accepted("the whole exchange");
        assert_eq!(whole.result.unwrap(), ANSWER[ANSWER.len() - 28..]);
        assert!(whole.received > 700, "{}", whole.received);
        for cut in 0..whole.received {
            let make = || Wire::new(server()).cut_at(cut);
            let outcome = attempt(&make, &[&root.der], now());
            match outcome.result {
                Err(Error::Tls(TlsFault::Closed)) => {
                    assert!(outcome.data.is_empty(), "{cut}");
                }
                Err(Error::Stale { sent: true } | Error::Broken(TlsFault::Closed)) => {}
                other => panic!("cut at {cut}: {other:?}"),
            }
        }
    }
}

#[test]
fn at_every_byte_of_the_answer_under_the_encryption() {
    let root = Authority::root(Kind::P256, now());
    let identity = root.leaf(Kind::P256, |_| {});
    for answer in [ANSWER, CHUNKED] {
        for end in 0..answer.len() {
            for close in [Step::Encrypted(21, vec![1, 0]), Step::Eof] {
                let make = || {
                    let (part, close) = (answer[..end].to_vec(), close.clone());
                    Wire::new(Server::new(&identity, Script::good()).answering(move |_| {
                        Some(vec![Step::Encrypted(23, part.clone()), close.clone()])
                    }))
                };
                let outcome = attempt(&make, &[&root.der], now());
                let expected = match end {
                    0 => Error::Stale { sent: true },
                    _ => Error::Broken(TlsFault::Closed),
                };
                assert_eq!(outcome.result, Err(expected), "{end}");
            }
        }
    }
}

#[test]
fn a_changed_byte_anywhere_is_an_error() {
    let root = Authority::root(Kind::P256, now());
    let identity = root.leaf(Kind::P256, |_| {});
    let make = || Wire::new(Server::new(&identity, Script::good()).answering_http(ANSWER));
    let length = attempt(&make, &[&root.der], now()).received;
    for at in 0..length {
        let make = || make().flipping(at);
        let outcome = attempt(&make, &[&root.der], now());
        // The version in the first record's header means nothing (RFC 8446 §5.1).
        if at == 2 {
            outcome.accepted("legacy_record_version");
            continue;
        }
        assert!(
            matches!(
                outcome.result,
                Err(Error::Tls(_) | Error::Broken(_) | Error::Stale { .. })
            ),
            "{at}: {outcome:?}"
        );
        if matches!(outcome.result, Err(Error::Tls(_))) {
            assert!(outcome.data.is_empty(), "{at}");
        }
    }
}
