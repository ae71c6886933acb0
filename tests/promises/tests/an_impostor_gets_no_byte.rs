//! Promise: a server that does not prove who it is gets not one byte of application data.

use alpaca_auth_embedded_tls::TlsFault;
use alpaca_auth_promises::wire::{ANSWER, Wire, attempt, now};
use alpaca_tls_server::pki::{Authority, Identity, Kind};
use alpaca_tls_server::{Hello, Message, Script, Server, Step};

use Message as M;
use Step::{InPlaintext, Send, Together};

/// Root, and a leaf of this kind under it.
fn pki(kind: Kind) -> (Vec<u8>, Identity) {
    let root = Authority::root(Kind::P256, now());
    (root.der.clone(), root.leaf(kind, |_| {}))
}

fn wire(identity: &Identity, script: &Script) -> Wire {
    Wire::new(Server::new(identity, script.clone()).answering_http(ANSWER))
}

#[test]
fn the_honest_server_is_answered_and_read() {
    for kind in [Kind::P256, Kind::P384, Kind::Rsa] {
        let (root, identity) = pki(kind);
        let make = || wire(&identity, &Script::good());
        attempt(&make, &[&root], now()).accepted(&format!("{kind:?}"));
    }
}

#[test]
fn handshakes_without_proof_are_refused() {
    for kind in [Kind::P256, Kind::P384, Kind::Rsa] {
        let (root, identity) = pki(kind);
        // There is one RSA key only, so the other one is of another kind.
        let other = pki(if kind == Kind::P256 {
            Kind::P384
        } else {
            Kind::P256
        })
        .1;
        let ee = || Send(M::EncryptedExtensions);
        let certificate = || Send(M::Certificate);
        let verify = || Send(M::CertificateVerify);
        let finished = || Send(M::Finished);
        for (name, fault, steps) in [
            (
                "no Certificate, no CertificateVerify",
                TlsFault::Unauthenticated,
                vec![ee(), finished()],
            ),
            ("only Finished", TlsFault::Unauthenticated, vec![finished()]),
            (
                "no CertificateVerify",
                TlsFault::Unauthenticated,
                vec![ee(), certificate(), finished()],
            ),
            (
                "no Certificate",
                TlsFault::MessageOrder,
                vec![ee(), verify(), finished()],
            ),
            (
                "Certificate twice",
                TlsFault::MessageOrder,
                vec![ee(), certificate(), certificate(), verify(), finished()],
            ),
            (
                "CertificateVerify twice",
                TlsFault::MessageOrder,
                vec![ee(), certificate(), verify(), verify(), finished()],
            ),
            (
                "both twice",
                TlsFault::MessageOrder,
                vec![
                    ee(),
                    certificate(),
                    verify(),
                    certificate(),
                    verify(),
                    finished(),
                ],
            ),
            (
                "the wrong order",
                TlsFault::MessageOrder,
                vec![ee(), verify(), certificate(), finished()],
            ),
            (
                "an empty chain",
                TlsFault::NoCertificate,
                vec![
                    ee(),
                    Send(M::CertificateOf(Vec::new())),
                    verify(),
                    finished(),
                ],
            ),
            (
                "an empty certificate",
                TlsFault::BadCertificate,
                vec![
                    ee(),
                    Send(M::CertificateOf(vec![Vec::new()])),
                    verify(),
                    finished(),
                ],
            ),
            (
                "a chain of seven",
                TlsFault::ChainTooLong,
                vec![
                    ee(),
                    Send(M::CertificateOf(vec![identity.chain[0].clone(); 7])),
                    verify(),
                    finished(),
                ],
            ),
            (
                "a request context",
                TlsFault::Message,
                vec![ee(), Send(M::CertificateWithContext), verify(), finished()],
            ),
            (
                "a flipped bit in the signature",
                TlsFault::BadHandshakeSignature,
                vec![
                    ee(),
                    certificate(),
                    Send(M::CertificateVerifyFlipped),
                    finished(),
                ],
            ),
            (
                "the signature of another key",
                TlsFault::BadHandshakeSignature,
                vec![
                    ee(),
                    certificate(),
                    Send(M::CertificateVerifyBy(other.clone())),
                    finished(),
                ],
            ),
            (
                "a signature of another handshake",
                TlsFault::BadHandshakeSignature,
                vec![
                    ee(),
                    certificate(),
                    Send(M::CertificateVerifyOfNothing),
                    finished(),
                ],
            ),
            (
                "a client's signature",
                TlsFault::BadHandshakeSignature,
                vec![
                    ee(),
                    certificate(),
                    Send(M::CertificateVerifyOfClient),
                    finished(),
                ],
            ),
            (
                "a scheme of another key",
                TlsFault::BadHandshakeSignature,
                vec![
                    ee(),
                    certificate(),
                    Send(M::CertificateVerifyAs(if kind == Kind::P256 {
                        0x0503
                    } else {
                        0x0403
                    })),
                    finished(),
                ],
            ),
            (
                "ecdsa_sha1",
                TlsFault::UnsupportedKey,
                vec![
                    ee(),
                    certificate(),
                    Send(M::CertificateVerifyAs(0x0203)),
                    finished(),
                ],
            ),
            (
                "ed25519",
                TlsFault::UnsupportedKey,
                vec![
                    ee(),
                    certificate(),
                    Send(M::CertificateVerifyAs(0x0807)),
                    finished(),
                ],
            ),
            (
                "a scheme that is none",
                TlsFault::Message,
                vec![
                    ee(),
                    certificate(),
                    Send(M::CertificateVerifyAs(0xfafa)),
                    finished(),
                ],
            ),
            (
                "a bad Finished",
                TlsFault::BadFinished,
                vec![ee(), certificate(), verify(), Send(M::FinishedFlipped)],
            ),
            (
                "a message behind Finished in its record",
                TlsFault::Message,
                vec![
                    ee(),
                    certificate(),
                    verify(),
                    Together(vec![M::Finished, M::EncryptedExtensions]),
                ],
            ),
            (
                "another certificate behind Finished",
                TlsFault::Message,
                vec![
                    ee(),
                    certificate(),
                    verify(),
                    Together(vec![M::Finished, M::Certificate]),
                ],
            ),
            (
                "all in one record, without proof",
                TlsFault::Unauthenticated,
                vec![Together(vec![M::EncryptedExtensions, M::Finished])],
            ),
        ] {
            let script = Script::flight(steps);
            let make = || wire(&identity, &script);
            attempt(&make, &[&root], now()).refused(&format!("{kind:?}: {name}"), fault);
        }
    }
}

#[test]
fn a_flight_in_plaintext_is_refused() {
    let (root, identity) = pki(Kind::P256);
    let flight = [
        M::EncryptedExtensions,
        M::Certificate,
        M::CertificateVerify,
        M::Finished,
    ];
    let all = Script::flight(flight.iter().cloned().map(InPlaintext).collect());
    let make = || wire(&identity, &all);
    attempt(&make, &[&root], now()).refused("the whole flight", TlsFault::UnexpectedRecord);
    for plain in 0..flight.len() {
        let steps = flight
            .iter()
            .cloned()
            .enumerate()
            .map(|(at, message)| match at == plain {
                true => InPlaintext(message),
                false => Send(message),
            });
        let script = Script::flight(steps.collect());
        let make = || wire(&identity, &script);
        attempt(&make, &[&root], now())
            .refused(&format!("message {plain}"), TlsFault::UnexpectedRecord);
    }
    // Behind ServerHello in its record, where embedded-tls does not look.
    let hello = Hello {
        trailing: vec![8, 0, 0, 2, 0, 0],
        ..Hello::default()
    };
    let mut script = Script::good();
    script.0[0] = Step::Hello(hello);
    let make = || wire(&identity, &script);
    attempt(&make, &[&root], now()).refused("behind ServerHello", TlsFault::ServerHello);
}

#[test]
fn messages_together_in_one_record_are_read() {
    let (root, identity) = pki(Kind::P256);
    let flight = vec![
        M::EncryptedExtensions,
        M::Certificate,
        M::CertificateVerify,
        M::Finished,
    ];
    let script = Script::flight(vec![Together(flight)]);
    let make = || wire(&identity, &script);
    attempt(&make, &[&root], now()).accepted("one record");
}
