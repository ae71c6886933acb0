//! Promise: a session makes many calls on one connection, and says when it is over.

use core::future::Future;
use core::ops::ControlFlow;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::http::{FramingError, HeadError};
use alpaca_auth::request::{Method, Request, RequestError, trading};
use alpaca_auth::response::{Account, AccountStatus};
use alpaca_auth::transport::Transport;
use alpaca_auth_embedded_tls::gateway::{OsRng, Tcp, now};
use alpaca_auth_embedded_tls::{Buffers, CertificateDer, Error, Session, Trust, anchor, asynch};
use alpaca_auth_promises::wire::{self, ANSWER, SECRET, Wire, assert_wiped, block_on};
use alpaca_sandbox::{PAPER_KEY_ID, PAPER_SECRET, Sandbox};
use alpaca_tls_server::pki::{Authority, Identity, Kind, NAME};
use alpaca_tls_server::{Script, Server, Step};

#[test]
fn calls_follow_each_other() {
    let sandbox = Sandbox::start().unwrap();
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(PAPER_KEY_ID, PAPER_SECRET).unwrap();
    let ca = CertificateDer::from(sandbox.ca_der());
    let anchors = [anchor(&ca).unwrap()];
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port()).unwrap();
    let mut buffers: Box<Buffers> = Box::new(Buffers::new());
    for _ in 0..2 {
        let socket = Tcp::connect("127.0.0.1", endpoint.port(), Duration::from_secs(5)).unwrap();
        let mut session = Session::open(
            socket,
            &endpoint,
            &mut buffers,
            Trust::only(&anchors),
            now(),
            &mut OsRng,
        )
        .unwrap();
        let mut body = [0; 4096];
        for _ in 0..3 {
            let reply = session.call(&trading::account(), pair, &mut body).unwrap();
            assert_eq!(
                reply.json::<Account>().unwrap().status,
                AccountStatus::Active
            );
            let mut streamed = Vec::new();
            let reply = session
                .call_into(&trading::account(), pair, &mut [], |piece| {
                    streamed.extend_from_slice(piece);
                    ControlFlow::Continue(())
                })
                .unwrap();
            assert_eq!((reply.status(), reply.body().len()), (200, 0));
            assert!(streamed.starts_with(b"{") && streamed.ends_with(b"}"));
        }
        drop(session);
        assert_wiped(&buffers, "sandbox");
    }
}

/// `open_in` is `open`, without moving the session: the same calls, the same end, the same refusal.
#[test]
fn a_session_is_made_in_its_place_and_ends_there() {
    let sandbox = Sandbox::start().unwrap();
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(PAPER_KEY_ID, PAPER_SECRET).unwrap();
    let ca = CertificateDer::from(sandbox.ca_der());
    let anchors = [anchor(&ca).unwrap()];
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port()).unwrap();
    let connect = || Tcp::connect("127.0.0.1", endpoint.port(), Duration::from_secs(5)).unwrap();
    let mut body = [0; 4096];
    // By no authority: nothing is left in the place.
    for anchors in [&[][..], &anchors, &[], &anchors] {
        let mut buffers: Box<Buffers> = Box::new(Buffers::new());
        {
            let mut place = None;
            let trust = Trust::only(anchors);
            let opened = Session::open_in(
                &mut place,
                connect(),
                &endpoint,
                &mut buffers,
                trust,
                now(),
                &mut OsRng,
            );
            if anchors.is_empty() {
                assert!(matches!(opened, Err(Error::Tls(_))));
                assert!(place.is_none());
            } else {
                let session = opened.unwrap();
                for _ in 0..2 {
                    let reply = session.call(&trading::account(), pair, &mut body).unwrap();
                    assert_eq!(reply.status(), 200);
                }
                session.end();
                session.end();
                assert!(!session.is_usable());
                let again = session.call(&trading::account(), pair, &mut body);
                assert!(matches!(again, Err(Error::Stale { sent: false })));
                assert!(place.is_some());
            }
        }
        if anchors.is_empty() {
            let (read, _, http) = buffers.contents();
            assert!(read.iter().chain(http).all(|byte| *byte == 0));
        } else {
            assert_wiped(&buffers, "in its place");
        }
    }
}

/// A future that is dropped during the handshake leaves a session that takes no call.
#[test]
fn a_session_whose_opening_was_dropped_takes_no_call() {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper("PKTEST", SECRET).unwrap();
    let endpoint = Endpoint::<Trading, Paper>::at(NAME, 443).unwrap();
    let mut buffers: Box<Buffers> = Box::new(Buffers::new());
    let (mut place, mut rng) = (None, OsRng);
    {
        let trust = Trust::only(&[]);
        let mut opening = pin!(asynch::Session::open_in(
            &mut place,
            Silent,
            &endpoint,
            &mut buffers,
            trust,
            now(),
            &mut rng,
        ));
        let mut context = Context::from_waker(Waker::noop());
        assert!(opening.as_mut().poll(&mut context).is_pending());
    }
    let session = place.as_mut().unwrap();
    assert!(!session.is_usable());
    let mut body = [0; 64];
    let called = block_on(session.call(&trading::account(), pair, &mut body));
    assert!(matches!(called, Err(Error::Stale { sent: false })));
}

/// Takes all that is sent, and never says anything.
struct Silent;

impl embedded_io_async::ErrorType for Silent {
    type Error = core::convert::Infallible;
}

impl embedded_io_async::Read for Silent {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> {
        core::future::pending().await
    }
}

impl embedded_io_async::Write for Silent {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// A session with a scripted server, and what is needed for calls on it.
macro_rules! open {
    ($wire:ident, $session:ident, $pair:ident, $endpoint:ident, $server:expr) => {
        let mut buffers: Box<Buffers> = Box::new(Buffers::new());
        open!(buffers, $wire, $session, $pair, $endpoint, $server);
    };
    ($buffers:ident, $wire:ident, $session:ident, $pair:ident, $endpoint:ident, $server:expr) => {
        let root = Authority::root(Kind::P256, wire::now());
        let identity = root.leaf(Kind::P256, |_| {});
        let der = CertificateDer::from(&root.der[..]);
        let anchors = [anchor(&der).unwrap()];
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let $pair = slot.paper("PKTEST", SECRET).unwrap();
        let $endpoint = Endpoint::<Trading, Paper>::at(NAME, 443).unwrap();
        let mut $wire = Wire::new($server(&identity));
        let trust = Trust::only(&anchors);
        #[allow(unused_mut)]
        let mut $session = Session::open(
            &mut $wire,
            &$endpoint,
            &mut $buffers,
            trust,
            now(),
            &mut OsRng,
        )
        .unwrap();
    };
}

fn answering(answer: &'static [u8]) -> impl Fn(&Identity) -> Server {
    move |identity| Server::new(identity, Script::good()).answering_http(answer)
}

#[test]
fn a_session_that_the_server_closed_is_stale_and_says_whether_anything_was_sent() {
    open!(wire, session, pair, endpoint, |identity: &Identity| {
        let mut calls = 0;
        Server::new(identity, Script::good()).answering(move |_| {
            calls += 1;
            Some(match calls {
                1 => vec![Step::Encrypted(23, ANSWER.to_vec())],
                _ => vec![Step::Encrypted(21, vec![1, 0]), Step::Eof],
            })
        })
    });
    let mut body = [0; 100];
    session.call(&trading::account(), pair, &mut body).unwrap();
    assert!(session.is_usable());
    let order = trading::submit_order(b"{}");
    let error = session.call(&order, pair, &mut body).unwrap_err();
    assert_eq!(error, Error::Stale { sent: true });
    // It may have been executed, so it may not be sent again; a read may.
    assert!(!error.may_resend(order.replay()));
    assert!(error.may_resend(trading::account().replay()));
    assert!(!session.is_usable());
    let error = session.call(&order, pair, &mut body).unwrap_err();
    assert_eq!(error, Error::Stale { sent: false });
    assert!(error.may_resend(order.replay()), "certainly not sent");
    drop(session);
    let sent = String::from_utf8_lossy(wire.server.application_data()).into_owned();
    assert_eq!(sent.matches("POST /v2/orders").count(), 1, "sent once");
}

#[test]
fn after_any_error_there_is_no_other_call() {
    for (answer, error) in [
        (
            &b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"[..],
            Error::BodyTooLarge,
        ),
        (
            b"HTTP/1.1 200 OK\r\n\r\n",
            Error::Framing(FramingError::Neither),
        ),
        (b"HTTP/1.0 200 OK\r\n\r\n", Error::Head(HeadError::Version)),
        (
            b"HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n",
            Error::Redirect { status: 302 },
        ),
    ] {
        open!(wire, session, pair, endpoint, answering(answer));
        let mut body = [0; 100];
        let result = session
            .call(&trading::account(), pair, &mut body)
            .map(|_| ());
        assert_eq!(result, Err(error));
        assert!(error.sent() && !session.is_usable());
        let again = session
            .call(&trading::account(), pair, &mut body)
            .map(|_| ());
        assert_eq!(again, Err(Error::Stale { sent: false }));
    }
}

#[test]
fn an_answer_that_ends_the_session_or_brings_more_than_itself_is_the_last() {
    const CLOSE: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\n{}";
    const SURPLUS: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
    const LATER: &[u8] =
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
    for answer in [CLOSE, SURPLUS, LATER] {
        open!(wire, session, pair, endpoint, answering(answer));
        let mut body = [0; 100];
        let reply = session.call(&trading::account(), pair, &mut body).unwrap();
        assert!(reply.body() == b"{}" || reply.status() == 204);
        assert!(!session.is_usable());
        let again = session
            .call(&trading::account(), pair, &mut body)
            .map(|_| ());
        assert_eq!(
            again,
            Err(Error::Stale { sent: false }),
            "the surplus is no answer"
        );
    }
}

#[test]
fn errors_before_anything_is_sent_leave_the_session_usable() {
    open!(wire, session, pair, endpoint, answering(ANSWER));
    let mut body = [0; 100];
    let other = Endpoint::<Trading, Paper>::at("elsewhere.test", 443).unwrap();
    let port = Endpoint::<Trading, Paper>::at(NAME, 444).unwrap();
    for wrong in [&other, &port] {
        let sent = Transport::send(&mut session, &trading::account(), wrong, pair, &mut body);
        assert_eq!(sent.unwrap_err(), Error::OtherHost);
    }
    let long = format!("/v2/{}", "x".repeat(1900));
    let long = Request::<Trading>::new(Method::Get, &long).unwrap();
    let result = session.call(&long, pair, &mut body);
    assert_eq!(result, Err(Error::Request(RequestError::HeadTooLong)));
    assert!(session.is_usable());
    let sent = Transport::send(
        &mut session,
        &trading::account(),
        &endpoint,
        pair,
        &mut body,
    );
    assert_eq!(sent.unwrap().status(), 200);
    drop(session);
    let sent = String::from_utf8_lossy(wire.server.application_data()).into_owned();
    assert_eq!(sent.matches("HTTP/1.1").count(), 1);
}

#[test]
fn a_request_longer_than_a_record_arrives_whole() {
    open!(wire, session, pair, endpoint, |identity: &Identity| {
        Server::new(identity, Script::good()).answering(move |data| {
            data.ends_with(b"\"end\"}")
                .then(|| vec![Step::Encrypted(23, ANSWER.to_vec())])
        })
    });
    let content = format!("{{\"a\":\"{}\",\"b\":\"end\"}}", "x".repeat(20_000));
    let order = trading::submit_order(content.as_bytes());
    assert_eq!(
        session.call(&order, pair, &mut [0; 100]).unwrap().status(),
        200
    );
    drop(session);
    let sent = String::from_utf8_lossy(wire.server.application_data()).into_owned();
    assert!(sent.ends_with(&format!(
        "Content-Length: {}\r\n\r\n{content}",
        content.len()
    )));
    assert!(
        wire.server
            .records()
            .iter()
            .all(|(_, length)| *length <= 1280)
    );
}

#[test]
fn closing_tells_the_server_so() {
    let mut buffers: Box<Buffers> = Box::new(Buffers::new());
    open!(buffers, wire, session, pair, endpoint, answering(ANSWER));
    session
        .call(&trading::account(), pair, &mut [0; 100])
        .unwrap();
    session.close();
    assert_eq!(wire.server.alerts(), [[1, 0]]);
    assert_eq!(wire.server.undecipherable(), 0);
    assert_wiped(&buffers, "closed");
}

#[test]
fn a_call_whose_future_is_dropped_ends_the_session() {
    let root = Authority::root(Kind::P256, wire::now());
    let identity = root.leaf(Kind::P256, |_| {});
    let der = CertificateDer::from(&root.der[..]);
    let anchors = [anchor(&der).unwrap()];
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper("PKTEST", SECRET).unwrap();
    let endpoint = Endpoint::<Trading, Paper>::at(NAME, 443).unwrap();
    let mut buffers: Box<Buffers> = Box::new(Buffers::new());
    // Dropped after each number of polls: while opening, while sending, while reading.
    for polls in 0..40 {
        let mut wire = Wire::new(answering(ANSWER)(&identity));
        let mut rng = OsRng;
        let finished = {
            let trust = Trust::only(&anchors);
            let opening =
                asynch::Session::open(&mut wire, &endpoint, &mut buffers, trust, now(), &mut rng);
            let mut left = polls;
            let Some(opened) = poll_some(opening, &mut left) else {
                assert_wiped(&buffers, "dropped while opening");
                continue;
            };
            let mut session = opened.unwrap();
            let mut body = [0; 100];
            let request = trading::account();
            let begun = left > 0;
            let called = poll_some(session.call(&request, pair, &mut body), &mut left);
            let finished = called.is_some();
            if !finished {
                let again = block_on(session.call(&request, pair, &mut body)).map(|_| ());
                let stale = Err(Error::Stale { sent: false });
                assert_eq!(again, if begun { stale } else { Ok(()) }, "{polls}");
            }
            finished
        };
        assert_wiped(&buffers, "dropped while calling");
        let sent = String::from_utf8_lossy(wire.server.application_data()).into_owned();
        assert!(sent.matches("GET /v2/account").count() <= 1, "{polls}");
        if finished {
            assert!(polls > 10, "{polls}");
            return;
        }
    }
    panic!("never finished");
}

/// Polls at most `left` times.
fn poll_some<F: Future>(future: F, left: &mut usize) -> Option<F::Output> {
    let mut future = pin!(future);
    while *left > 0 {
        *left -= 1;
        if let Poll::Ready(output) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return Some(output);
        }
    }
    None
}
