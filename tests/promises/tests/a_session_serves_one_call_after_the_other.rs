//! Promise: a session makes many calls on one connection, and says when it is over.

use core::ops::ControlFlow;
use core::time::Duration;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth::response::Account;
use alpaca_auth_embedded_tls::gateway::{OsRng, Tcp, now};
use alpaca_auth_embedded_tls::{Buffers, CertificateDer, Session, Trust, anchor};
use alpaca_sandbox::{PAPER_KEY_ID, PAPER_SECRET, Sandbox};

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
                alpaca_auth::response::AccountStatus::Active
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
        let (read, write, http) = buffers.contents();
        assert!(read.iter().all(|b| *b == 0), "read");
        assert!(http.iter().all(|b| *b == 0), "http");
        assert!(write[5..].iter().all(|b| *b == 0), "{:02x?}", &write[..]);
    }
}
