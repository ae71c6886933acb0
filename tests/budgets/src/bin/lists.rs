//! Reads a list of COUNT elements: `lists orders|bars ours|serde_json|none COUNT`, and `lists memory`.
//!
//! The body is made before and is the same for both: ours comes in pieces of 4 KB through an element reader, and each
//! element is read into its type; serde_json reads the whole body into a vector of structures with the same fields.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use alpaca_auth::response::{Bar, ElementReader, Order, Place};
use serde::Deserialize;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The fields that [`Order`] names, owned.
#[derive(Deserialize)]
#[expect(dead_code, reason = "they are what the comparison reads")]
struct OwnedOrder {
    id: String,
    client_order_id: Option<String>,
    status: String,
    symbol: Option<String>,
    asset_id: Option<String>,
    asset_class: Option<String>,
    side: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    order_type: Option<String>,
    order_class: Option<String>,
    time_in_force: Option<String>,
    position_intent: Option<String>,
    qty: Option<String>,
    notional: Option<String>,
    ratio_qty: Option<String>,
    filled_qty: Option<String>,
    filled_avg_price: Option<String>,
    limit_price: Option<String>,
    stop_price: Option<String>,
    trail_percent: Option<String>,
    trail_price: Option<String>,
    hwm: Option<String>,
    extended_hours: Option<bool>,
    legs: Option<Vec<OwnedOrder>>,
    created_at: Option<String>,
    updated_at: Option<String>,
    submitted_at: Option<String>,
    filled_at: Option<String>,
    expired_at: Option<String>,
    expires_at: Option<String>,
    canceled_at: Option<String>,
    failed_at: Option<String>,
    replaced_at: Option<String>,
    replaced_by: Option<String>,
    replaces: Option<String>,
}

/// The fields that [`Bar`] names, owned.
#[derive(Deserialize)]
#[expect(dead_code, reason = "they are what the comparison reads")]
struct OwnedBar {
    t: String,
    o: f64,
    h: f64,
    l: f64,
    c: f64,
    v: Option<f64>,
    n: Option<f64>,
    vw: Option<f64>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "they are what the comparison reads")]
struct OwnedBars {
    bars: Vec<OwnedBar>,
}

fn orders(count: usize) -> String {
    let mut body = String::from("[");
    for index in 0..count {
        let comma = if index == 0 { "" } else { "," };
        write!(
            body,
            r#"{comma}{{"id":"61e69015-8549-4bfd-b9c3-{index:012x}","client_order_id":"eb9e2aaa-f71a-4f51-b5b4-52a6c565dad4","created_at":"2026-11-23T20:59:59.987654321Z","updated_at":"2026-11-23T20:59:59.987654321Z","submitted_at":"2026-11-23T20:59:59.987654321Z","filled_at":null,"expired_at":null,"canceled_at":null,"failed_at":null,"replaced_at":null,"replaced_by":null,"replaces":null,"asset_id":"b0b6dd9d-8b9b-48a9-ba46-b9d54906e415","symbol":"AAPL","asset_class":"us_equity","notional":null,"qty":"15.5","filled_qty":"0","filled_avg_price":null,"order_class":"simple","order_type":"limit","type":"limit","side":"buy","position_intent":"buy_to_open","time_in_force":"day","limit_price":"231.50","stop_price":null,"status":"accepted","extended_hours":false,"legs":null,"trail_percent":null,"trail_price":null,"hwm":null,"subtag":null,"source":null,"expires_at":"2026-11-23T21:00:00Z"}}"#
        )
        .expect("a text takes all");
    }
    body + "]"
}

fn bars(count: usize) -> String {
    let mut body = String::from(r#"{"bars":["#);
    for index in 0..count {
        let comma = if index == 0 { "" } else { "," };
        let cents = index * 7919 % 100;
        write!(
            body,
            r#"{comma}{{"c":231.{cents:02},"h":231.99,"l":230.5,"n":240,"o":231.01,"t":"2024-01-02T14:30:00Z","v":11{cents:02},"vw":231.172391}}"#
        )
        .expect("a text takes all");
    }
    body + r#"],"next_page_token":null,"symbol":"AAPL"}"#
}

fn ours_orders(body: &str) {
    let mut buffer = [0; 1536];
    let mut reader = ElementReader::new(Place::Top, &mut buffer);
    for mut piece in body.as_bytes().chunks(4096) {
        while let Some(item) = reader.next(&mut piece).expect("sound") {
            let element = item.expect("it fits");
            black_box(element.json::<Order<'_>>().expect("an order"));
        }
    }
    reader.finish().expect("sound to its end");
}

fn ours_bars(body: &str) {
    let mut buffer = [0; 160];
    let mut reader = ElementReader::new(Place::Under("bars"), &mut buffer);
    for mut piece in body.as_bytes().chunks(4096) {
        while let Some(item) = reader.next(&mut piece).expect("sound") {
            let element = item.expect("it fits");
            black_box(element.json::<Bar<'_>>().expect("a bar"));
        }
    }
    reader.finish().expect("sound to its end");
}

fn serde_json_orders(body: &str) {
    let orders: Vec<OwnedOrder> = serde_json::from_str(body).expect("orders");
    black_box(&orders);
}

fn serde_json_bars(body: &str) {
    let bars: OwnedBars = serde_json::from_str(body).expect("bars");
    black_box(&bars);
}

/// Bytes of memory beyond the body for 500 orders: ours on the stack, serde_json's on the heap at its peak.
fn memory() {
    let body = orders(500);
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    ours_orders(&body);
    let ours = PEAK.load(Ordering::Relaxed) - before + size_of::<ElementReader<'_>>() + 1536;
    PEAK.store(before, Ordering::Relaxed);
    serde_json_orders(&body);
    let theirs = PEAK.load(Ordering::Relaxed) - before;
    println!("{ours} {theirs} {}", body.len());
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (what, who, count) = match arguments.as_slice() {
        ["memory"] => return memory(),
        [what, who, count] => (*what, *who, count.parse().expect("a count")),
        _ => panic!("lists orders|bars ours|serde_json|none COUNT, or lists memory"),
    };
    // `none` makes the body and reads nothing: what is left is what reading takes.
    let body = if what == "orders" {
        orders(count)
    } else {
        bars(count)
    };
    match (what, who) {
        ("orders", "ours") => ours_orders(&body),
        ("orders", "serde_json") => serde_json_orders(&body),
        ("bars", "ours") => ours_bars(&body),
        ("bars", "serde_json") => serde_json_bars(&body),
        _ => drop(black_box(body)),
    }
}
