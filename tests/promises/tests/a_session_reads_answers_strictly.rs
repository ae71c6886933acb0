//! Promise: a session of the embedded-tls transport reads answers by the core's parser and no
//! other: the hostile ones are an error, the good ones the same bytes that another client reads.

use core::ops::ControlFlow;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth::response::Account;
use alpaca_auth_embedded_tls::{
    Buffers, CertificateDer, Error, Session, Trust, TrustAnchor, UnixTime, anchor,
};
use alpaca_auth_promises::corpus::{self, Stage};
use alpaca_auth_promises::other_parser;
use alpaca_auth_promises::wire::{Seeded, Wire, now};
use alpaca_tls_server::pki::{Authority, Identity, Kind, NAME};
use alpaca_tls_server::{Script, Server, Step};

/// Room for the longest head that the core takes.
type Large = Buffers<16640, 1280, 8192>;

struct Place {
    identity: Identity,
    anchors: Vec<TrustAnchor<'static>>,
    buffers: Box<Large>,
}

impl Place {
    fn new() -> Self {
        let root = Authority::root(Kind::P256, now());
        let identity = root.leaf(Kind::P256, |_| {});
        let der = CertificateDer::from(root.der);
        let anchors = vec![anchor(&der).unwrap().to_owned()];
        Self {
            identity,
            anchors,
            buffers: Box::default(),
        }
    }

    /// One call that is answered by these bytes, in records of `piece` bytes, and then the end.
    /// Into a buffer, or through a sink.
    fn call(&mut self, answer: &[u8], piece: usize, sink: bool) -> Result<Vec<u8>, Error> {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let pair = slot.paper("PKTEST", "secret").unwrap();
        let endpoint = Endpoint::<Trading, Paper>::at(NAME, 443).unwrap();
        let steps: Vec<_> = answer
            .chunks(piece)
            .map(|part| Step::Encrypted(23, part.to_vec()))
            .chain([Step::Encrypted(21, vec![1, 0])])
            .collect();
        let server =
            Server::new(&self.identity, Script::good()).answering(move |_| Some(steps.clone()));
        let mut wire = Wire::new(server);
        let time = UnixTime::since_unix_epoch(core::time::Duration::from_secs(now()));
        let trust = Trust::only(&self.anchors);
        let mut session = Session::open(
            &mut wire,
            &endpoint,
            &mut self.buffers,
            trust,
            time,
            &mut Seeded(3),
        )?;
        let mut body = vec![0; usize::try_from(corpus::LIMIT).unwrap()];
        if !sink {
            let reply = session.call(&trading::account(), pair, &mut body)?;
            return Ok(reply.body().to_vec());
        }
        let mut pieces = Vec::new();
        let reply = session.call_into(&trading::account(), pair, &mut body, |piece| {
            assert!(!piece.is_empty());
            pieces.extend_from_slice(piece);
            match pieces.len() > 64 * 1024 {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })?;
        // What is no success does not go to the sink.
        assert!(reply.body().is_empty() || pieces.is_empty());
        pieces.extend_from_slice(reply.body());
        Ok(pieces)
    }
}

#[test]
fn hostile_answers_are_an_error() {
    let mut place = Place::new();
    for case in corpus::cases() {
        for (piece, sink) in [(16_000, false), (16_000, true), (1, false), (13, true)] {
            if piece == 1 && case.bytes.len() > 2000 {
                continue;
            }
            let result = place.call(&case.bytes, piece, sink);
            let name = format!("{} in {piece}", case.name);
            match (case.refused_by, result) {
                // Refused when it is read as JSON.
                (Stage::Json, Ok(body)) => {
                    assert!(
                        alpaca_auth::response::json_shape::check(&body).is_err(),
                        "{name}"
                    );
                }
                (
                    Stage::Head,
                    Err(
                        Error::Head(_)
                        | Error::HeadTooLong
                        | Error::Stale { .. }
                        | Error::Broken(_)
                        | Error::Redirect { .. },
                    ),
                )
                | (Stage::Framing, Err(Error::Framing(_) | Error::Redirect { .. }))
                | (
                    Stage::Body,
                    Err(Error::Body(_) | Error::BodyTooLarge | Error::Broken(_) | Error::Stopped),
                ) => {}
                (stage, result) => panic!("{name}: {stage:?} should refuse it: {result:?}"),
            }
        }
    }
}

#[test]
fn good_answers_are_the_same_bytes_that_another_client_reads() {
    let mut place = Place::new();
    for (name, bytes) in corpus::neighbours() {
        let other = other_parser::body(&bytes);
        for (piece, sink) in [(16_000, false), (1, false), (7, true)] {
            let body = place
                .call(&bytes, piece, sink)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let account = serde_json_core::from_slice::<Account<'_>>(&body).unwrap().0;
            assert_eq!(account.id, "1", "{name}");
            assert_eq!(other.as_deref(), Some(&body[..]), "{name}");
        }
    }
}

/// Ours may refuse what the other accepts, but where both accept, they read the same.
#[test]
fn no_answer_is_read_in_two_ways() {
    let (mut both, mut other_only) = (0, 0);
    for case in corpus::cases() {
        let ours = corpus::judge(&case.bytes, case.bytes.len().max(1));
        match (ours, other_parser::body(&case.bytes)) {
            (Ok(ours), Some(other)) => {
                assert_eq!(ours, other, "{}", case.name);
                both += 1;
            }
            (Err(_), Some(_)) => other_only += 1,
            (_, None) => {}
        }
    }
    println!("{other_only} hostile answers are accepted by the other client, {both} by both");
    assert!(other_only > 20 && both == 0);
}
