//! Over real TLS: lists that go on from the id of their last element (activities, orders) are read page after page to
//! their end on both transports, in constant memory; what repeats, or cannot go on, ends by name.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use alpaca_auth::ReadOnly;
use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::listing::{ListError, Listed, Listing};
use alpaca_auth::policy::Policy;
use alpaca_auth::request::trading::{ListActivities, ListOrders};
use alpaca_auth::request::{Direction, Method, Request, RequestError, TargetBuffer};
use alpaca_auth::response::{Activity, ElementError, Item, Order, PageError, Place};
use alpaca_auth_promises::listing::over_all;
use alpaca_auth_promises::{client, config, submit_orders};
use alpaca_auth_ureq::{Shared, UreqTransport};
use alpaca_sandbox::{ACTIVITIES, Misbehaviour, Options, PAPER_KEY_ID, PAPER_SECRET, Sandbox};

type Target = TargetBuffer<256>;

/// Memory for one activity and what belongs to it.
macro_rules! listing {
    ($listing:ident, $pages:expr) => {
        let (mut element, mut refusal, mut next) = ([0; 512], [0; 256], [0; 256]);
        let mut $listing =
            Listing::new(Place::Top, &mut element, &mut refusal, &mut next).at_most($pages);
    };
}

fn sandbox() -> Sandbox {
    Options::new()
        .rate_limit(100_000)
        .start()
        .expect("a server")
}

fn go_on(_: Item<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// An answer that stays the same, whatever is asked.
fn same(body: &str) -> Misbehaviour {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    Misbehaviour::RawKeepOpen(format!("{head}{body}").into_bytes())
}

fn pages_error(error: PageError) -> Result<Listed, ListError<String>> {
    Err(ListError::Pages(error))
}

#[test]
fn all_activities_are_read_whatever_the_page() {
    let sandbox = sandbox();
    let many = u64::try_from(ACTIVITIES).expect("a number");
    over_all::<Trading>(&sandbox, sandbox.paper_port(), &|name, read| {
        for (page_size, direction) in [
            (None, None),
            (Some(100), Some(Direction::Ascending)),
            (Some(99), Some(Direction::Descending)),
            (Some(53), None), // 1007 is 19 times 53: the last page is full, and one of none follows
            (Some(7), Some(Direction::Ascending)),
        ] {
            let list = ListActivities {
                page_size,
                direction,
                ..ListActivities::default()
            };
            let mut target = Target::new("/").expect("a path");
            let request = list.request(&mut target).expect("it fits");
            listing!(listing, 200);
            let before = sandbox.requests().len();
            let (mut ids, mut last) = (BTreeSet::new(), String::new());
            let rises = direction == Some(Direction::Ascending);
            let listed = read(&request, &mut listing, &mut |item| {
                let element = item.expect("it fits");
                let activity: Activity<'_> = element.json().expect("an activity");
                let in_order = (last.as_str() < activity.id) == rises || last.is_empty();
                assert!(in_order, "{name}: {last} and {}", activity.id);
                activity.id.clone_into(&mut last);
                assert!(ids.insert(last.clone()), "{name}: {last} twice");
                ControlFlow::Continue(())
            })
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let full = many / u64::from(page_size.unwrap_or(100));
            // A page without the number that was asked for tells only by being empty that it is the last.
            let pages = full + 1 + u64::from(page_size.is_none());
            assert_eq!(u64::from(listed.pages), pages, "{name}: {page_size:?}");
            assert_eq!(listed.elements, many, "{name}");
            assert_eq!(ids.len(), ACTIVITIES, "{name}");
            let sent = &sandbox.requests()[before..];
            assert_eq!(u64::try_from(sent.len()), Ok(pages), "{name}");
            assert!(sent.iter().all(|request| request.target.len() < 256));
        }
    });
}

#[test]
fn a_part_of_the_activities_is_read_and_a_page_of_the_caller_s_is_gone_on_from() {
    let sandbox = sandbox();
    over_all::<Trading>(&sandbox, sandbox.paper_port(), &|name, read| {
        listing!(listing, 50);
        let mut count = |request: &Request<'_, Trading>, kind: &str| {
            let mut ids = Vec::new();
            read(request, &mut listing, &mut |item| {
                let element = item.expect("it fits");
                let activity: Activity<'_> = element.json().expect("an activity");
                assert!(kind.is_empty() || activity.activity_type == kind, "{name}");
                ids.push(activity.id.to_owned());
                ControlFlow::Continue(())
            })
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
            ids
        };
        let one = Request::new(Method::Get, "/v2/account/activities/FEE?page_size=7");
        assert_eq!(count(&one.expect("a target"), "FEE").len(), 80);
        let mut target = Target::new("/").expect("a path");
        let list = ListActivities {
            types: &["DIV"],
            page_size: Some(5),
            ..ListActivities::default()
        };
        let dividends = count(&list.request(&mut target).expect("it fits"), "DIV");
        assert_eq!(dividends.len(), 21);
        let later = ListActivities {
            page_token: Some(&dividends[12]),
            ..list
        };
        let rest = count(&later.request(&mut target).expect("it fits"), "DIV");
        assert_eq!(rest, dividends[13..]);
        let none = Request::new(Method::Get, "/v2/account/activities/JNLC");
        assert_eq!(count(&none.expect("a target"), "").len(), 0);
    });
}

#[test]
fn a_page_that_repeats_ends_the_list_and_gives_nothing_twice() {
    let sandbox = sandbox();
    let page = |ids: &[&str]| {
        let all: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        same(&format!("[{}]", all.join(",")))
    };
    for (ids, calls) in [(&["a"][..], 2), (&["a", "b"], 2), (&["b", "a", "b"], 2)] {
        over_all::<Trading>(&sandbox, sandbox.paper_port(), &|name, read| {
            listing!(listing, 1000);
            let request = Request::new(Method::Get, "/v2/account/activities").expect("a target");
            let before = sandbox.requests().len();
            sandbox.misbehave_always(Some(page(ids)));
            let last = Cell::new(0);
            let listed = read(&request, &mut listing, &mut |item| {
                let element = item.expect("it fits");
                let ours = format!(r#"{{"id":"{}"}}"#, ids[ids.len() - 1]);
                last.set(last.get() + u32::from(element.bytes() == ours.as_bytes()));
                ControlFlow::Continue(())
            });
            sandbox.misbehave_always(None);
            assert_eq!(listed, pages_error(PageError::Repeats), "{name}: {ids:?}");
            assert_eq!(sandbox.requests().len() - before, calls, "{name}: {ids:?}");
            let expected = ids.iter().filter(|id| *id == &ids[ids.len() - 1]).count();
            assert_eq!(
                last.get() as usize,
                expected,
                "{name}: the last one, once a page"
            );
        });
    }
}

#[test]
fn what_cannot_go_on_says_why() {
    let sandbox = sandbox();
    let id = |id: &str| format!(r#"[{{"id":"first"}},{{"id":"{id}"}}]"#);
    let long = id(&"x".repeat(257));
    let too_long_for_the_buffer = id(&"x".repeat(600));
    let cases = [
        (r#"[{"id":"a"},{}]"#, PageError::NoId),
        (r#"[{"id":"a"},{"id":null}]"#, PageError::NoId),
        (r#"[{"id":"a"},{"id":7}]"#, PageError::NoId),
        (r#"[{"id":"a"},{"id":"b","id":"c"}]"#, PageError::NoId),
        (r#"[{"id":"a"},{"order":{"id":"b"}}]"#, PageError::NoId),
        (r#"[{"id":"a"},"id"]"#, PageError::NoId),
        (&too_long_for_the_buffer, PageError::NoId),
        (r#"[{"id":"a"},{"id":""}]"#, PageError::Id),
        (r#"[{"id":"a"},{"id":"b c"}]"#, PageError::Id),
        (r#"[{"id":"a"},{"id":"b\r\nX: y"}]"#, PageError::Id),
        (&long, PageError::Id),
    ];
    for (body, error) in cases {
        over_all::<Trading>(&sandbox, sandbox.paper_port(), &|name, read| {
            listing!(listing, 1000);
            let mut target = Target::new("/").expect("a path");
            let list = ListActivities::default();
            let request = list.request(&mut target).expect("it fits");
            let before = sandbox.requests().len();
            sandbox.misbehave(same(body));
            let listed = read(&request, &mut listing, &mut go_on);
            assert_eq!(listed, pages_error(error), "{name}: {body}");
            assert_eq!(sandbox.requests().len() - before, 1, "{name}: {body}");
            // As the last page it is one that ends: its ids matter to nobody.
            let short = ListActivities {
                page_size: Some(3),
                ..list
            };
            let request = short.request(&mut target).expect("it fits");
            sandbox.misbehave(same(body));
            let listed = read(&request, &mut listing, &mut go_on).map(|listed| listed.elements);
            assert_eq!(listed, Ok(2), "{name}: {body}");
        });
        let says = error.to_string();
        assert!(says.contains("check"), "{says}");
    }
}

#[test]
fn pages_are_bounded() {
    let sandbox = sandbox();
    over_all::<Trading>(&sandbox, sandbox.paper_port(), &|name, read| {
        let mut target = Target::new("/").expect("a path");
        let list = ListActivities {
            page_size: Some(10),
            ..ListActivities::default()
        };
        let request = list.request(&mut target).expect("it fits");
        // There are 101, and three are allowed.
        listing!(listing, 3);
        let before = sandbox.requests().len();
        let listed = read(&request, &mut listing, &mut go_on);
        assert_eq!(listed, pages_error(PageError::TooMany), "{name}");
        assert_eq!(sandbox.requests().len() - before, 3, "{name}");
        // A buffer that holds no target with an id: said after the first page.
        let (mut element, mut refusal, mut next) = ([0; 512], [0; 256], [0; 60]);
        let mut small = Listing::new(Place::Top, &mut element, &mut refusal, &mut next);
        let listed = read(&request, &mut small, &mut go_on);
        assert_eq!(
            listed,
            Err(ListError::Request(RequestError::TargetTooLong)),
            "{name}"
        );
        // Who breaks off gets no more, and knows it.
        listing!(listing, 200);
        let mut seen = 0;
        let listed = read(&request, &mut listing, &mut |_| {
            seen += 1;
            match seen {
                25 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        });
        let listed = listed.expect("a list");
        assert_eq!(
            (listed.elements, listed.pages, listed.stopped),
            (25, 3, true),
            "{name}"
        );
    });
}

#[test]
fn a_later_page_s_fault_is_no_end() {
    let sandbox = sandbox();
    for (misbehaviour, expected) in [
        (same(r#"{"activities":[]}"#), Some(ElementError::NotAList)),
        (same("null"), Some(ElementError::NotAList)),
        (Misbehaviour::ServerError(500), None),
        (Misbehaviour::EmptyError(404), None),
        (Misbehaviour::TruncatedBody, None),
    ] {
        over_all::<Trading>(&sandbox, sandbox.paper_port(), &|name, read| {
            let mut target = Target::new("/").expect("a path");
            let list = ListActivities {
                page_size: Some(10),
                ..ListActivities::default()
            };
            let request = list.request(&mut target).expect("it fits");
            listing!(listing, 200);
            let mut seen = 0;
            let listed = read(&request, &mut listing, &mut |_| {
                seen += 1;
                if seen == 20 {
                    sandbox.misbehave(misbehaviour.clone());
                }
                ControlFlow::Continue(())
            });
            assert!((20..30).contains(&seen), "{name}: {misbehaviour:?}: {seen}");
            match (listed, expected) {
                (Err(ListError::Elements(error)), Some(expected)) => assert_eq!(error, expected),
                (Err(ListError::Refused(_) | ListError::Transport(_)), None) => {}
                other => panic!("{name}: {misbehaviour:?}: {other:?}"),
            }
        });
    }
}

#[test]
fn orders_go_on_from_an_id_only_if_they_are_asked_to() {
    let sandbox = sandbox();
    let mut client = client(&sandbox, &config(&sandbox));
    submit_orders(&mut client, 57);
    over_all::<Trading>(&sandbox, sandbox.paper_port(), &|name, read| {
        for direction in [
            None,
            Some(Direction::Descending),
            Some(Direction::Ascending),
        ] {
            let list = ListOrders {
                limit: Some(10),
                direction,
                ..ListOrders::default()
            };
            let mut target = Target::new("/").expect("a path");
            let request = list.request(&mut target).expect("it fits");
            let (mut element, mut refusal, mut next) = ([0; 1024], [0; 256], [0; 256]);
            let listing = Listing::new(Place::Top, &mut element, &mut refusal, &mut next);
            let mut ids = BTreeSet::new();
            let listed = read(&request, &mut listing.all_orders(), &mut |item| {
                let element = item.expect("it fits");
                let order: Order<'_> = element.json().expect("an order");
                assert!(ids.insert(order.id.to_owned()), "{name}: twice");
                ControlFlow::Continue(())
            });
            let listed = listed.expect("a list");
            assert_eq!((listed.elements, listed.pages, ids.len()), (57, 6, 57));
            let mut listing = Listing::new(Place::Top, &mut element, &mut refusal, &mut next);
            let listed = read(&request, &mut listing, &mut go_on).expect("a list");
            assert_eq!((listed.elements, listed.pages), (10, 1), "{name}");
        }
        // What excludes an id, or is no list of orders, is refused before anything is sent.
        let before = sandbox.requests().len();
        for target in [
            "/v2/orders?until=2026-01-01",
            "/v2/positions",
            "/v2/account/activities",
        ] {
            let request = Request::new(Method::Get, target).expect("a target");
            let (mut element, mut refusal, mut next) = ([0; 64], [0; 64], [0; 64]);
            let listing = Listing::new(Place::Top, &mut element, &mut refusal, &mut next);
            let listed = read(&request, &mut listing.all_orders(), &mut go_on);
            let refused = Err(ListError::Request(RequestError::QueryValue));
            assert_eq!(listed, refused, "{name}: {target}");
        }
        assert_eq!(sandbox.requests().len(), before, "{name}");
    });
}

#[test]
fn a_read_only_transport_and_a_client_under_policy_read_all_pages() {
    let sandbox = sandbox();
    let mut target = Target::new("/").expect("a path");
    let list = ListActivities {
        page_size: Some(100),
        ..ListActivities::default()
    };
    let request = list.request(&mut target).expect("it fits");
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper(PAPER_KEY_ID, PAPER_SECRET).expect("keys");
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", sandbox.paper_port());
    let endpoint = endpoint.expect("a host");
    let ureq = UreqTransport::new(&config(&sandbox)).expect("roots");
    listing!(listing, 20);
    let listed = ReadOnly::new(ureq).list(&request, &mut listing, &endpoint, pair, go_on);
    let listed = listed.expect("a list");
    assert_eq!((listed.elements, listed.pages), (1007, 11));

    let activities = request.operation().expect("an operation of the catalog");
    let shared = Shared::new();
    let allowed = config(&sandbox)
        .share(&shared)
        .policy(Policy::new().operations(Box::leak(Box::new([activities]))));
    let mut display = client(&sandbox, &allowed).read_only();
    let listed = display.list(&request, &mut listing, go_on).expect("a list");
    assert_eq!((listed.elements, listed.pages), (1007, 11));
    assert_eq!(shared.usage().calls, 11);
}
