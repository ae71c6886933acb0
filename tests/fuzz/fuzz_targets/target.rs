//! Any text as a host, a segment, a query or a key: refused, or written so that nothing can break out.
#![no_main]

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::http::{HeadBuffer, write_head};
use alpaca_auth::request::{Method, Request, TargetBuffer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|parts: (&str, &str, &str, &str)| {
    let (host, segment, value, secret) = parts;
    let mut target = TargetBuffer::<256>::new("/v2/orders").unwrap();
    let _ = target.segment(segment).map(|_| ());
    let _ = target.query("status", value).map(|_| ());
    let request =
        Request::<Trading>::new(Method::Get, target.text()).expect("what is built is valid");
    let endpoint =
        Endpoint::<Trading, Paper>::at(host, 8443).unwrap_or_else(|_| Endpoint::alpaca());
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let Ok(pair) = slot.paper("PKTEST", secret) else {
        return;
    };
    let mut head = HeadBuffer::<1024>::new();
    if write_head(&request, &endpoint, pair, &mut head).is_ok() {
        head.expose(|bytes| {
            let text = std::str::from_utf8(bytes).expect("ASCII");
            assert!(text.is_ascii() && text.ends_with("\r\n\r\n"));
            assert_eq!(text.matches("\r\n").count(), 7);
            assert_eq!(text.matches('\n').count(), 7);
        });
    }
});
