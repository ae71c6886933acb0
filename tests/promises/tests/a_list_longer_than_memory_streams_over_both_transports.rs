//! Over real TLS: lists of any length are read page after page in memory for one element, on both transports, blocking
//! and not, and whatever is wrong with an answer, its list is never called whole.

use std::ops::ControlFlow;

use alpaca_auth::credential::{ClientSecret, Slot};
use alpaca_auth::endpoint::{AuthServer, Endpoint, MarketData, Trading};
use alpaca_auth::environment::Sandbox as BrokerSandbox;
use alpaca_auth::listing::{ListError, Listed, Listing};
use alpaca_auth::oauth::{ClientAuthentication, Moment, TokenForm};
use alpaca_auth::policy::{Policy, PolicyError};
use alpaca_auth::request::market_data::{self, History};
use alpaca_auth::request::{Method, Request, TargetBuffer};
use alpaca_auth::response::{Bar, ElementError, Item, Order, Outcome, PageError, Place};
use alpaca_auth::transport::StreamingTransport;
use alpaca_auth_promises::listing::over_all;
use alpaca_auth_promises::{client, config, submit_orders};
use alpaca_auth_ureq::{Error, Shared, UreqTransport};
use alpaca_sandbox::{AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET, Misbehaviour, Options, Sandbox};

/// The first page of AAPL's bars, `limit` to a page.
fn bars<'t>(target: &'t mut TargetBuffer<128>, limit: u16) -> Request<'t, MarketData> {
    let page = History {
        limit: Some(limit),
        ..History::default()
    };
    let request = market_data::stock_bars(target, "AAPL", "1Min", None, &page).expect("it fits");
    Request::new(Method::Get, request.target()).expect("a target")
}

/// Memory for one bar and what belongs to it.
macro_rules! listing {
    ($listing:ident, $place:expr, $pages:expr) => {
        let (mut element, mut refusal, mut next) = ([0; 160], [0; 256], [0; 256]);
        let mut $listing =
            Listing::new($place, &mut element, &mut refusal, &mut next).at_most($pages);
    };
}

const BARS: Place<'_> = Place::Under("bars");

fn go_on(_: Item<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn twenty_thousand_bars_are_read_in_memory_for_one() {
    let sandbox = Options::new().rate_limit(10_000).start().expect("a server");
    over_all::<MarketData>(&sandbox, sandbox.data_port(), &|name, read| {
        let mut sums = Vec::new();
        for (limit, pages) in [(10_000, 2), (3333, 7)] {
            listing!(listing, BARS, 20);
            let (mut sum, mut last) = (0, String::new());
            let mut target = TargetBuffer::new("/").expect("a path");
            let listed = read(&bars(&mut target, limit), &mut listing, &mut |item| {
                let element = item.expect("it fits");
                let bar: Bar<'_> = element.json().expect("a bar");
                sum += bar.close.to_fixed(2).expect("cents");
                assert!(last.as_str() < bar.timestamp, "in order, none twice");
                bar.timestamp.clone_into(&mut last);
                ControlFlow::Continue(())
            })
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let expected = Listed {
                elements: 20_000,
                too_long: 0,
                pages,
                stopped: false,
            };
            assert_eq!(listed, expected, "{name}");
            sums.push(sum);
        }
        assert!(sums.iter().all(|sum| *sum == sums[0] && *sum > 0));
    });
}

#[test]
fn five_hundred_orders_are_read_in_two_kilobytes() {
    let sandbox = Options::new().rate_limit(10_000).start().expect("a server");
    let mut client = client(&sandbox, &config(&sandbox));
    submit_orders(&mut client, 500);
    let request = Request::<Trading>::new(Method::Get, "/v2/orders?limit=500").expect("a target");
    over_all::<Trading>(&sandbox, sandbox.paper_port(), &|name, read| {
        let (mut element, mut refusal, mut next) = ([0; 1024], [0; 256], []);
        let mut listing = Listing::new(Place::Top, &mut element, &mut refusal, &mut next);
        let memory = size_of_val(&listing) + 1024 + 256;
        let mut open = 0;
        let listed = read(&request, &mut listing, &mut |item| {
            let order = item.expect("it fits");
            open += usize::from(!order.json::<Order<'_>>().expect("an order").is_closed());
            ControlFlow::Continue(())
        });
        assert_eq!(
            listed.map(|listed| (listed.elements, listed.pages)),
            Ok((500, 1)),
            "{name}"
        );
        assert_eq!(open, 500);
        println!("{name}: 500 orders in {memory} bytes");
        assert!(memory <= 2048, "{memory}");
    });
}

#[test]
fn a_list_that_is_cut_off_or_wrong_is_never_called_whole() {
    let raw = |body: &str| {
        let length = body.len();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
        Misbehaviour::Raw(format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
    };
    let list = |error| ListError::<String>::Elements(error);
    let sandbox = Options::new().rate_limit(10_000).start().expect("a server");
    let cases = [
        (Misbehaviour::TruncatedBody, None),
        (Misbehaviour::WrongContentLength, None),
        (Misbehaviour::CloseWithoutAnswer, None),
        (
            Misbehaviour::Redirect {
                status: 307,
                location: "https://evil.example/".to_owned(),
            },
            None,
        ),
        (raw("[]"), Some(list(ElementError::NoList))),
        (raw("{}"), Some(list(ElementError::NoList))),
        (
            raw(r#"{"bars":{"AAPL":[]}}"#),
            Some(list(ElementError::NotAList)),
        ),
        (
            raw(r#"{"bars":[],"bars":[]}"#),
            Some(list(ElementError::Twice)),
        ),
        (
            raw(r#"{"bars":[1],"next_page_token":"a\r\nX: y"}"#),
            Some(list(ElementError::PageToken)),
        ),
        (
            raw(r#"{"bars":[1],"next_page_token":"a b"}"#),
            Some(list(ElementError::PageToken)),
        ),
        (raw("{\"bars\":[{}]}x"), None),
        (raw("{\"bars\":[{}"), None),
        (raw("<html>200</html>"), None),
        (Misbehaviour::GarbageJson, None),
    ];
    for (misbehaviour, expected) in cases {
        over_all::<MarketData>(&sandbox, sandbox.data_port(), &|name, read| {
            listing!(listing, BARS, 20);
            let mut target = TargetBuffer::new("/").expect("a path");
            sandbox.misbehave(misbehaviour.clone());
            let error = read(&bars(&mut target, 1000), &mut listing, &mut go_on)
                .expect_err("it is not whole");
            match &expected {
                Some(expected) => assert_eq!(error, *expected, "{name}"),
                None => assert!(
                    matches!(
                        error,
                        ListError::Transport(_) | ListError::Elements(ElementError::Json(_))
                    ),
                    "{name}: {misbehaviour:?}: {error:?}"
                ),
            }
        });
    }
}

#[test]
fn a_refusal_is_told_and_no_element_of_it_given() {
    let sandbox = Options::new().rate_limit(10_000).start().expect("a server");
    for (misbehaviour, outcome) in [
        (Misbehaviour::ServerError(500), Some(Outcome::Server)),
        (
            Misbehaviour::TooManyRequests {
                retry_after: Some(7),
            },
            Some(Outcome::RateLimited),
        ),
        (Misbehaviour::EmptyError(404), Some(Outcome::NotFound)),
        (Misbehaviour::HtmlError(401), None),
    ] {
        over_all::<MarketData>(&sandbox, sandbox.data_port(), &|name, read| {
            listing!(listing, BARS, 20);
            let mut target = TargetBuffer::new("/").expect("a path");
            sandbox.misbehave(misbehaviour.clone());
            let error = read(&bars(&mut target, 1000), &mut listing, &mut |_| {
                panic!("an element")
            });
            match error {
                Err(ListError::Refused(refusal)) => {
                    assert!(
                        outcome.is_none_or(|outcome| outcome == refusal.outcome),
                        "{name}"
                    );
                }
                other => panic!("{name}: {other:?}"),
            }
        });
    }
}

#[test]
fn pages_end() {
    let sandbox = Options::new().rate_limit(10_000).start().expect("a server");
    over_all::<MarketData>(&sandbox, sandbox.data_port(), &|name, read| {
        let mut target = TargetBuffer::new("/").expect("a path");
        // 200 pages there are, three are allowed.
        listing!(listing, BARS, 3);
        let before = sandbox.requests().len();
        let error = read(&bars(&mut target, 100), &mut listing, &mut go_on);
        assert_eq!(error, Err(ListError::Pages(PageError::TooMany)), "{name}");
        assert_eq!(sandbox.requests().len() - before, 3, "{name}");
        // A buffer for the target that is too small: the first page is read, and then it is said.
        let (mut element, mut refusal, mut next) = ([0; 160], [0; 256], [0; 40]);
        let mut listing = Listing::new(BARS, &mut element, &mut refusal, &mut next);
        let error = read(&bars(&mut target, 1000), &mut listing, &mut go_on);
        assert!(
            matches!(error, Err(ListError::Request(_))),
            "{name}: {error:?}"
        );
        // A page that names itself as the next.
        let body = r#"{"bars":[],"next_page_token":"again"}"#;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        sandbox.misbehave_always(Some(Misbehaviour::RawKeepOpen(
            format!("{head}{body}").into_bytes(),
        )));
        listing!(listing, BARS, 1000);
        let before = sandbox.requests().len();
        let error = read(&bars(&mut target, 1000), &mut listing, &mut go_on);
        sandbox.misbehave_always(None);
        assert_eq!(error, Err(ListError::Pages(PageError::Repeats)), "{name}");
        assert_eq!(sandbox.requests().len() - before, 2, "{name}");
    });
}

#[test]
fn who_breaks_off_gets_no_more_and_knows_it() {
    let sandbox = Options::new().rate_limit(10_000).start().expect("a server");
    over_all::<MarketData>(&sandbox, sandbox.data_port(), &|name, read| {
        listing!(listing, BARS, 20);
        let mut target = TargetBuffer::new("/").expect("a path");
        let mut seen = 0;
        let listed = read(&bars(&mut target, 1000), &mut listing, &mut |_| {
            seen += 1;
            if seen == 1500 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let listed = listed.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(
            (seen, listed.elements, listed.pages, listed.stopped),
            (1500, 1500, 2, true)
        );
    });
}

#[test]
fn an_element_that_is_too_long_is_named_and_the_rest_read() {
    let sandbox = Options::new().rate_limit(10_000).start().expect("a server");
    let long = "x".repeat(1000);
    let body = format!(r#"{{"bars":[1,"{long}",[2],"{long}",3],"next_page_token":null}}"#);
    let raw = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    over_all::<MarketData>(&sandbox, sandbox.data_port(), &|name, read| {
        listing!(listing, BARS, 20);
        let mut target = TargetBuffer::new("/").expect("a path");
        sandbox.misbehave(Misbehaviour::Raw(raw.clone().into_bytes()));
        let (mut short, mut long) = (0, Vec::new());
        let listed = read(&bars(&mut target, 1000), &mut listing, &mut |item| {
            match item {
                Ok(_) => short += 1,
                Err(error) => long.push((error.index, error.length)),
            }
            ControlFlow::Continue(())
        });
        assert_eq!((short, long), (3, vec![(1, 1002), (3, 1002)]), "{name}");
        assert_eq!(
            listed.map(|listed| (listed.elements, listed.too_long)),
            Ok((5, 2)),
            "{name}"
        );
    });
}

#[test]
fn an_answer_that_holds_a_token_never_goes_to_a_sink() {
    let sandbox = Sandbox::start().expect("a server");
    let mut slot = Slot::<ClientSecret<BrokerSandbox>>::vacant();
    let secret = slot
        .sandbox(AUTHX_CLIENT_ID, AUTHX_CLIENT_SECRET)
        .expect("a client");
    let endpoint = Endpoint::<AuthServer, BrokerSandbox>::at("localhost", sandbox.authx_port());
    let endpoint = endpoint.expect("a host");
    let mut form = TokenForm::<BrokerSandbox>::new();
    let moment = Moment {
        unix: 0,
        entropy: [0; _],
    };
    secret
        .write(&endpoint, &moment, &mut form)
        .expect("it fits");
    let mut transport = UreqTransport::new(&config(&sandbox)).expect("roots");
    let mut place = [0; 4096];
    let reply = transport
        .send_into(
            &form.request(),
            &endpoint,
            form.credential(),
            &mut place,
            &mut |_| panic!("a token in the sink"),
        )
        .expect("an answer");
    assert_eq!(reply.status(), 200);
    assert!(reply.body().starts_with(b"{"));
}

#[test]
fn a_client_s_policy_and_counters_hold_for_every_page() {
    let sandbox = Options::new().rate_limit(10_000).start().expect("a server");
    let mut target = TargetBuffer::<128>::new("/").expect("a path");
    let page = History {
        limit: Some(5000),
        ..History::default()
    };
    let request =
        market_data::stock_bars(&mut target, "AAPL", "1Min", None, &page).expect("it fits");
    let bars = request.operation().expect("an operation of the catalog");
    let only_bars: &'static [_] = Box::leak(Box::new([bars]));

    let shared = Shared::new();
    let allowed = config(&sandbox)
        .share(&shared)
        .policy(Policy::new().operations(only_bars));
    let mut display = client(&sandbox, &allowed).read_only();
    listing!(listing, BARS, 20);
    let listed = display.list(&request, &mut listing, go_on).expect("a list");
    assert_eq!((listed.elements, listed.pages), (20_000, 4));
    let usage = shared.usage();
    assert_eq!(usage.calls, 4);

    let forbidden = config(&sandbox).policy(Policy::new().operations(&[]));
    let before = sandbox.requests().len();
    let refused = client(&sandbox, &forbidden).list(&request, &mut listing, go_on);
    assert!(
        matches!(
            refused,
            Err(ListError::Transport(Error::Policy(PolicyError::Operation)))
        ),
        "{refused:?}"
    );
    assert_eq!(sandbox.requests().len(), before, "nothing was sent");
}
