//! Calls the sandbox COUNT times on one connection: `ours` with a typed account, or `raw` ureq.
//!
//! usage: call ours|raw PORT CA.pem COUNT. Prints allocations and CPU nanoseconds of the calls
//! after the first.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth::response::{Account, AccountStatus};
use alpaca_auth_ureq::{Client, Config};
use alpaca_sandbox::{PAPER_KEY_ID, PAPER_SECRET};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, port, ca, count] = &arguments[..] else {
        panic!("usage: call ours|raw PORT CA.pem COUNT");
    };
    let ca = std::fs::read_to_string(ca).expect("the CA");
    let (port, count) = (
        port.parse().expect("a port"),
        count.parse().expect("a count"),
    );
    match mode.as_str() {
        "ours" => ours(port, &ca, count),
        _ => raw(port, &ca, count),
    }
}

fn measured(count: u64, mut call: impl FnMut()) {
    call();
    let (allocations, nanoseconds) = (ALLOCATIONS.load(Ordering::Relaxed), cpu());
    for _ in 1..count {
        call();
    }
    let calls = (count - 1).max(1);
    let allocations = (ALLOCATIONS.load(Ordering::Relaxed) - allocations) / calls;
    println!("{allocations} {}", (cpu() - nanoseconds) / calls);
}

/// CPU time of this thread so far, in nanoseconds.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ')
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

fn ours(port: u16, ca: &str, count: u64) {
    let config = Config::new().trust_only_pem(ca).expect("a CA");
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", port).expect("a host");
    let mut client = Client::<Paper>::with(&config, |slot| slot.paper(PAPER_KEY_ID, PAPER_SECRET))
        .expect("keys")
        .at(endpoint);
    measured(count, || {
        let reply = client.call(&trading::account()).expect("an answer");
        let account = reply.json::<Account>().expect("an account");
        assert_eq!(account.status, AccountStatus::Active);
    });
}

/// As most people use it: defaults, key headers, the body as a string.
fn raw(port: u16, ca: &str, count: u64) {
    let certificate = ureq::tls::Certificate::from_pem(ca.as_bytes()).expect("a CA");
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::new_with_certs(&[certificate]))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .build()
        .new_agent();
    let url = format!("https://localhost:{port}/v2/account");
    measured(count, || {
        let request = agent.get(&url);
        let request = request
            .header("APCA-API-KEY-ID", PAPER_KEY_ID)
            .header("APCA-API-SECRET-KEY", PAPER_SECRET);
        let body = request
            .call()
            .expect("an answer")
            .body_mut()
            .read_to_string()
            .expect("a body");
        assert!(body.contains("ACTIVE"));
    });
}
