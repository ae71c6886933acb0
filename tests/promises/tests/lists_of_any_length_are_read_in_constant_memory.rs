//! Lists of 0 to 100,000 elements, cut anywhere, nested to the limit, are read as another parser reads them, without
//! an allocation and in memory that does not depend on the list.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write as _;

use alpaca_auth::response::json_shape::{DEPTH_MAX, JsonShapeError};
use alpaca_auth::response::{
    Bar, ElementError, ElementReader, Item, Order, OrderStatus, Page, Place,
};
use serde_json::Value;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Counts the allocations of each thread.
struct Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// The same numbers on every run (Knuth's MMIX).
struct Cuts(u64);

impl Cuts {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below
    }
}

/// Writes element `index` of a list, 100 to 1,500 bytes, into a text that is used again.
fn write_order(text: &mut String, index: usize) {
    text.clear();
    write!(
        text,
        r#"{{"id":"61e69015-8549-4bfd-b9c3-{index:012x}","client_order_id":"{}","status":"filled",
        "symbol":"BRK.B","qty":"{}.5","filled_qty":"{}.5","limit_price":"231.50","legs":null,"side":"buy",
        "new":[{{"text":"]}}\"\\","n":[1,[2]]}}],"created_at":"2026-11-23T20:59:59.987654321Z"}}"#,
        "c".repeat(index % 64),
        index % 97,
        index % 97
    )
    .expect("a text takes all");
}

/// Feeds `piece` in parts that end anywhere and gives each element to `on`.
fn feed(
    reader: &mut ElementReader<'_>,
    mut piece: &[u8],
    cuts: &mut Cuts,
    on: &mut dyn FnMut(Item<'_>),
) -> Result<(), ElementError> {
    while !piece.is_empty() {
        let (mut part, rest) = piece.split_at((1 + cuts.next(200)).min(piece.len()));
        while let Some(item) = reader.next(&mut part)? {
            on(item);
        }
        piece = rest;
    }
    Ok(())
}

#[test]
fn lists_of_any_length_are_read_in_constant_memory() {
    // The reader and its buffer have 2 KB together; no order without legs has more than 1.5 KB.
    let mut buffer = [0; 2048 - size_of::<ElementReader<'_>>()];
    let memory = size_of::<ElementReader<'_>>() + buffer.len();
    let mut order = String::with_capacity(2048);
    for count in [0, 1, 500, 100_000] {
        let mut reader = ElementReader::new(Place::Top, &mut buffer);
        let mut cuts = Cuts(count as u64);
        let (mut read, mut bytes, mut shares) = (0_usize, 0, 0);
        let before = allocations();
        let mut in_list = 0;
        let mut on = |item: Item<'_>| {
            let element = item.expect("it fits");
            let order: Order<'_> = element.json().expect("an order");
            assert_eq!(order.status, OrderStatus::Filled);
            assert!(order.id.ends_with(&*hex(read)));
            shares += order
                .qty
                .expect("a quantity")
                .to_fixed(1)
                .expect("one place");
            read += 1;
        };
        feed(&mut reader, b" [", &mut cuts, &mut on).expect("sound");
        for index in 0..count {
            let outside = allocations();
            write_order(&mut order, index);
            in_list += allocations() - outside;
            bytes += order.len();
            if index > 0 {
                feed(&mut reader, b" ,\n", &mut cuts, &mut on).expect("sound");
            }
            feed(&mut reader, order.as_bytes(), &mut cuts, &mut on).expect("sound");
        }
        feed(&mut reader, b"] ", &mut cuts, &mut on).expect("sound");
        let page = reader.finish().expect("sound to its end");
        let allocated = allocations() - before - in_list;
        assert_eq!(
            (read, page.elements, page.too_long),
            (count, count as u64, 0)
        );
        let expected: i128 = (0..count).map(|index| (index % 97) as i128 * 10 + 5).sum();
        assert_eq!(shares, expected);
        println!(
            "{count} orders, {bytes} bytes: {memory} bytes of memory, {allocated} allocations"
        );
        assert_eq!(allocated, 0, "reading and typing allocates nothing");
    }
    assert!(memory <= 2048 && memory - size_of::<ElementReader<'_>>() >= 1536);
}

/// Twelve digits, as in the ids, without an allocation.
fn hex(index: usize) -> heapless::String<12> {
    let mut text = heapless::String::new();
    write!(text, "{index:012x}").expect("twelve digits");
    text
}

/// What the reader makes of a body that comes in these pieces.
fn read<'p>(
    place: Place<'_>,
    room: usize,
    pieces: impl Iterator<Item = &'p [u8]>,
) -> (Vec<Value>, Result<Page, ElementError>) {
    let mut buffer = vec![0; room];
    let mut reader = ElementReader::new(place, &mut buffer);
    let mut values = Vec::new();
    for mut piece in pieces {
        loop {
            match reader.next(&mut piece) {
                Ok(Some(item)) => {
                    let bytes = item.expect("it fits").bytes().to_vec();
                    values.push(serde_json::from_slice(&bytes).expect("JSON"));
                }
                Ok(None) => break,
                Err(error) => return (values, Err(error)),
            }
        }
    }
    let verdict = reader.finish();
    (values, verdict)
}

#[test]
fn every_cut_gives_what_another_parser_reads() {
    let mut order = String::new();
    let mut orders = Vec::new();
    for index in 0..4 {
        write_order(&mut order, index * 31);
        orders.push(order.clone());
    }
    let list = format!("[{}]", orders.join(", "));
    let bars = r#"{"c":1.5,"h":2,"l":1,"n":3,"o":1,"t":"2024-01-02T14:30:00Z","v":7,"vw":1.25}"#;
    let bodies = [
        (Place::Top, list.clone(), 4),
        (
            Place::Under("orders"),
            format!(r#"{{"a":[1],"orders":{list},"next_page_token":"t"}}"#),
            4,
        ),
        (
            Place::UnderEach("bars"),
            format!(r#"{{"bars":{{"A":[{bars},{bars}],"B":[],"C":[{bars}]}},"x":{{}}}}"#),
            3,
        ),
        (Place::Top, "[]".to_owned(), 0),
        (Place::Top, format!("[{bars}]"), 1),
    ];
    let mut cut_bodies = 0;
    for (place, body, count) in bodies {
        let bytes = body.as_bytes();
        let theirs: Value = serde_json::from_str(&body).expect("JSON");
        let expected: Vec<Value> = match place {
            Place::Top => theirs.as_array().expect("a list").clone(),
            Place::Under(name) => theirs[name].as_array().expect("a list").clone(),
            Place::UnderEach(name) => theirs[name]
                .as_object()
                .expect("an object")
                .values()
                .flat_map(|list| list.as_array().expect("a list").clone())
                .collect(),
        };
        assert_eq!(expected.len(), count);
        for cut in 0..=bytes.len() {
            let (first, second) = bytes.split_at(cut);
            let (values, verdict) = read(place, 2048, [first, second].into_iter());
            assert_eq!(values, expected, "cut at {cut}");
            assert_eq!(verdict.map(|page| page.elements), Ok(count as u64));
            cut_bodies += 1;
            // And what ends there is an error, whatever it gave before.
            if cut < bytes.len() {
                let (_, verdict) = read(place, 2048, [first].into_iter());
                assert_eq!(verdict, Err(ElementError::Json(JsonShapeError::Truncated)));
            }
        }
        let (values, verdict) = read(place, 2048, bytes.chunks(1));
        assert_eq!((values, verdict.is_ok()), (expected, true));
    }
    println!("{cut_bodies} bodies cut in two, and each byte by byte");
}

#[test]
fn elements_nested_to_the_limit_are_read_and_none_beyond() {
    for (place, before, after, around) in [
        (Place::Top, "[", "]", 1),
        (Place::Under("a"), r#"{"a":["#, "]}", 2),
        (Place::UnderEach("a"), r#"{"a":{"S":["#, "]}}", 3),
    ] {
        for (open, close) in [("[", "]"), ("{\"k\":", "}")] {
            let limit = usize::try_from(DEPTH_MAX).expect("small") - around;
            let nested = |depth: usize| {
                let inside = if open == "[" { "" } else { "1" };
                format!(
                    "{before}{}{inside}{}{after}",
                    open.repeat(depth),
                    close.repeat(depth)
                )
            };
            let body = nested(limit);
            let (values, verdict) = read(place, 4096, body.as_bytes().chunks(1));
            assert_eq!((values.len(), verdict.is_ok()), (1, true));
            let body = nested(limit + 1);
            let (values, verdict) = read(place, 4096, body.as_bytes().chunks(1));
            assert_eq!(
                (values.len(), verdict),
                (0, Err(ElementError::Json(JsonShapeError::TooDeep)))
            );
            // Far beyond: still no more memory.
            let body = format!("{before}{}", open.repeat(100_000));
            assert!(read(place, 4096, body.as_bytes().chunks(97)).1.is_err());
        }
    }
}

#[test]
fn one_damaged_byte_is_an_error_or_another_value_but_never_a_panic() {
    let body = r#"{"bars":[{"c":1.5,"h":2,"l":1,"n":3,"o":1,"t":"2024-01-02T14:30:00Z"}],"next_page_token":"QUFQ"}"#;
    let (mut refused, mut read_on) = (0, 0);
    for at in 0..body.len() {
        for byte in [
            0, b'"', b'\\', b'[', b']', b'{', b'}', b',', b':', b'0', b'x', 0x7f, 0x80, 0xff,
        ] {
            let mut damaged = body.as_bytes().to_vec();
            damaged[at] = byte;
            let theirs = serde_json::from_slice::<Value>(&damaged).is_ok();
            let mut buffer = [0; 256];
            let mut reader = ElementReader::new(Place::Under("bars"), &mut buffer);
            let mut input = damaged.as_slice();
            while let Ok(Some(item)) = reader.next(&mut input) {
                let _ = item.map(|element| element.json::<Bar<'_>>().is_ok());
            }
            match reader.finish() {
                Ok(_) => {
                    assert!(theirs, "{}", String::from_utf8_lossy(&damaged));
                    read_on += 1;
                }
                Err(ElementError::Json(_)) => {
                    assert!(!theirs, "{}", String::from_utf8_lossy(&damaged));
                    refused += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    println!("{refused} damaged bodies refused, {read_on} with another value read");
    assert!(refused > 500 && read_on > 100);
}
