//! Any values for any operation's path and query: refused, or a target that the `url` crate reads
//! back as the same values, in the same places, on the same host.
#![no_main]

use alpaca_auth::endpoint::Trading;
use alpaca_auth::request::trading::ListOrders;
use alpaca_auth::request::{Request, TargetBuffer, catalog};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    // A number, then texts. 0xff is no byte of UTF-8, so that a text may hold any character.
    let [which, texts @ ..] = data else { return };
    let mut texts = texts.split(|byte| *byte == 0xff).map(|text| std::str::from_utf8(text).unwrap_or_default());
    let mut text = || texts.next().unwrap_or_default();
    let (one, two, name, value) = (text(), text(), text(), text());
    let operation = catalog::trading::ALL[usize::from(*which) % catalog::trading::ALL.len()];
    let values = [one, two];
    let count = operation.parameters().count();
    let mut target = TargetBuffer::<512>::new("/").unwrap();
    let query = [(name, value), ("second", two)];
    if let Ok(request) = operation.request::<Trading, 512>(&mut target, &values[..count], &query) {
        let url = read(&request);
        let template: Vec<_> = operation.path.split('/').skip(1).collect();
        let found: Vec<_> = url.path_segments().expect("a path").map(decode).collect();
        let mut values = values.iter();
        let expected: Vec<_> = template
            .iter()
            .map(|part| if part.starts_with('{') { values.next().expect("a value") } else { part })
            .collect();
        assert_eq!(found, expected.iter().map(|part| (**part).to_owned()).collect::<Vec<_>>());
        let pairs: Vec<_> = url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        assert_eq!(pairs, query.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }
    let list = ListOrders { symbols: &values, after: Some(value), ..ListOrders::default() };
    if let Ok(request) = list.request(&mut target) {
        let url = read(&request);
        let pairs: Vec<_> = url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        let symbols = ("symbols".to_owned(), format!("{one},{two}"));
        assert_eq!(pairs, [("after".to_owned(), value.to_owned()), symbols]);
    }
});

fn read(request: &Request<'_, Trading>) -> Url {
    assert!(request.target().is_ascii());
    let url = Url::parse(&format!("https://h.example{}", request.target())).expect("a URL");
    assert_eq!(url.host_str(), Some("h.example"));
    assert_eq!(url.fragment(), None);
    url
}

fn decode(segment: &str) -> String {
    // A query's decoding takes `+` for a blank; there is none that is not encoded.
    assert!(!segment.contains('+'));
    let text = format!("x={segment}");
    url::form_urlencoded::parse(text.as_bytes()).next().expect("a pair").1.into_owned()
}
