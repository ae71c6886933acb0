//! Serves one connection on loopback by a script, for clients that are programs of their own.
//!
//! usage: impostor WHAT ANCHOR: writes its root to the file ANCHOR (DER), prints its port, and when the
//! connection has ended how many bytes of application data came.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alpaca_tls_server::pki::{Authority, Kind};
use alpaca_tls_server::{Message as M, Script, Server, Step};
use rcgen::{CertificateParams, SanType};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, anchor] = arguments.as_slice() else {
        panic!("usage: impostor WHAT ANCHOR");
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time after 1970")
        .as_secs();
    let root = Authority::root(Kind::P256, now);
    let named = |params: &mut CertificateParams| {
        let name = "paper-api.alpaca.markets".try_into().expect("a name");
        params.subject_alt_names = vec![SanType::DnsName(name)];
    };
    let identity = root.leaf(Kind::P256, named);
    let other = root.leaf(Kind::P256, named);
    std::fs::write(anchor, &root.der).expect("the anchor's file");

    let send =
        |messages: Vec<M>| Script::flight(messages.into_iter().map(Step::Send).collect::<Vec<_>>());
    let script = match what.as_str() {
        "honest" => Script::good(),
        "no-certificate" => send(vec![M::EncryptedExtensions, M::Finished]),
        "no-proof" => send(vec![M::EncryptedExtensions, M::Certificate, M::Finished]),
        "other-key" => send(vec![
            M::EncryptedExtensions,
            M::Certificate,
            M::CertificateVerifyBy(other),
            M::Finished,
        ]),
        "flipped-proof" => send(vec![
            M::EncryptedExtensions,
            M::Certificate,
            M::CertificateVerifyFlipped,
            M::Finished,
        ]),
        "flipped-finished" => send(vec![
            M::EncryptedExtensions,
            M::Certificate,
            M::CertificateVerify,
            M::FinishedFlipped,
        ]),
        other => panic!("no script {other}"),
    };
    let mut server = Server::new(&identity, script).answering_http(ANSWER);

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    let (mut stream, _) = listener.accept().expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a timeout");
    let mut piece = [0; 4096];
    // Ends with the connection, in whatever way it ends.
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        server.input(&piece[..count]);
        let answer: Vec<u8> = server.output().drain(..).collect();
        if stream.write_all(&answer).is_err() || server.is_eof() {
            break;
        }
    }
    println!("{}", server.application_data().len());
}
