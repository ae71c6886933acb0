//! A server that has the keys and sends any messages under them: before it is authenticated, or
//! after. The input is a list of records: phase and kind, length, content. No panic, and no
//! application data for a server whose certificate is not trusted.
#![no_main]

use std::convert::Infallible;
use std::sync::OnceLock;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth_embedded_tls::{
    Buffers, CertificateDer, Session, Trust, UnixTime, anchor, built_at,
};
use alpaca_tls_server::pki::{Authority, Identity, Kind, NAME};
use alpaca_tls_server::{Hello, Message, Script, Server, Step};
use embedded_io::{ErrorType, Read, Write};
use libfuzzer_sys::fuzz_target;
use rand_core::{CryptoRng, Error, RngCore};

struct Wire(Server);

impl ErrorType for Wire {
    type Error = Infallible;
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let count = buffer.len().min(self.0.output().len());
        for place in &mut buffer[..count] {
            *place = self.0.output().pop_front().unwrap_or_default();
        }
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.0.input(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

struct Fixed;

impl RngCore for Fixed {
    fn next_u32(&mut self) -> u32 {
        7
    }

    fn next_u64(&mut self) -> u64 {
        7
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for (byte, value) in bytes.iter_mut().zip(1..) {
            *byte = value;
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Fixed {}

fn pki() -> &'static (Vec<u8>, Identity) {
    static PKI: OnceLock<(Vec<u8>, Identity)> = OnceLock::new();
    PKI.get_or_init(|| {
        let root = Authority::root(Kind::P256, built_at());
        (root.der.clone(), root.leaf(Kind::P256, |_| {}))
    })
}

/// The records of the input.
fn steps(mut input: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    while let [kind, high, low, rest @ ..] = input {
        let length = usize::from(u16::from_be_bytes([*high, *low]))
            .min(rest.len())
            .min(16_000);
        let (content, rest) = rest.split_at(length);
        input = rest;
        let (typed, content) = (content.split_first(), content.to_vec());
        steps.push(match kind % 12 {
            0..=4 => Step::Encrypted(22, content),
            5 => Step::Encrypted(23, content),
            6 => Step::Encrypted(21, content),
            7 => Step::Inner(content),
            8 => match typed {
                Some((kind, body)) => Step::Send(Message::Raw(*kind, body.to_vec())),
                None => Step::Ccs,
            },
            9 => Step::Send(Message::CertificateOf(vec![content])),
            10 => Step::Send(Message::Finished),
            _ => match typed {
                Some((kind, content)) => Step::Plain(*kind, content.to_vec()),
                None => Step::Eof,
            },
        });
        if steps.len() > 20 {
            break;
        }
    }
    steps
}

fuzz_target!(|input: &[u8]| {
    let (root, identity) = pki();
    let Some((first, input)) = input.split_first() else {
        return;
    };
    let authenticated = first & 1 == 1;
    let script = if authenticated {
        let mut script = Script::good();
        script.0.extend(steps(input));
        script
    } else {
        let mut script = vec![Step::Hello(Hello::default())];
        script.extend(steps(input));
        Script(script)
    };
    let mut wire = Wire(Server::new(identity, script));
    let der = CertificateDer::from(&root[..]);
    let anchors = [anchor(&der).expect("an anchor")];
    // An impostor is not trusted; its certificate may be anybody's.
    let anchors = if authenticated { &anchors[..] } else { &[] };
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper("PKTEST", "secret").expect("a key");
    let endpoint = Endpoint::<Trading, Paper>::at(NAME, 443).expect("a name");
    let now = UnixTime::since_unix_epoch(core::time::Duration::from_secs(built_at()));
    let mut buffers: Box<Buffers> = Box::default();
    let trust = Trust::only(anchors);
    if let Ok(mut session) =
        Session::open(&mut wire, &endpoint, &mut buffers, trust, now, &mut Fixed)
    {
        assert!(authenticated, "an impostor got a session");
        let _ = session.call(&trading::account(), pair, &mut [0; 1000]);
    }
    assert!(authenticated || wire.0.application_data().is_empty());
    let (read, write, http) = buffers.contents();
    assert!(read.iter().chain(http).all(|byte| *byte == 0));
    assert!(write.starts_with(&[22, 3, 1]) || write[5..].iter().all(|byte| *byte == 0));
});
