//! A body in any pieces, or as every page of a list by ids, gives the elements that serde_json reads, in any buffer, or an error where it gives one.
#![no_main]

use std::convert::Infallible;
use std::ops::ControlFlow;

use alpaca_auth::credential::{KeyPair, Opens, Slot};
use alpaca_auth::endpoint::{Api, Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::listing::{ListError, Listing};
use alpaca_auth::request::{Method, Request};
use alpaca_auth::response::json_shape::{JsonShapeError, check};
use alpaca_auth::response::{
    Bar, Context, ElementError, ElementReader, Order, Page, PageError, Place, Reply, ReplyHead,
};
use alpaca_auth::transport::{StreamingTransport, Transport};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

type Items = Vec<Result<(Option<String>, Vec<u8>), u64>>;

fn read(place: Place<'_>, room: usize, body: &[u8], piece: usize) -> (Items, Result<Page, ElementError>) {
    let mut buffer = vec![0; room];
    let mut reader = ElementReader::new(place, &mut buffer);
    let mut items = Vec::new();
    for mut piece in body.chunks(piece.max(1)) {
        loop {
            match reader.next(&mut piece) {
                Ok(Some(item)) => items.push(
                    item.map(|element| {
                        let _ = (element.json::<Order>().is_ok(), element.json::<Bar>().is_ok());
                        (element.symbol().map(str::to_owned), element.bytes().to_vec())
                    })
                    .map_err(|error| error.length),
                ),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(reader.finish(), Err(error));
                    return (items, Err(error));
                }
            }
        }
    }
    (items, reader.finish())
}

/// Answers every call with the same body.
struct Same<'b> {
    body: &'b [u8],
    piece: usize,
    calls: u32,
}

impl Transport for Same<'_> {
    type Error = Infallible;

    fn send<'r, A: Api, C: Opens<A>>(
        &mut self,
        _: &Request<'_, A>,
        _: &Endpoint<A, C::Environment>,
        credential: &C,
        _: &'r mut [u8],
    ) -> Result<Reply<'r>, Infallible> {
        Ok(Reply::new(ReplyHead::new(500), Context::of::<A, C>(credential), &[]))
    }
}

impl StreamingTransport for Same<'_> {
    fn send_into<'r, A: Api, C: Opens<A>>(
        &mut self,
        _: &Request<'_, A>,
        _: &Endpoint<A, C::Environment>,
        credential: &C,
        _: &'r mut [u8],
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Reply<'r>, Infallible> {
        self.calls += 1;
        let _ = self.body.chunks(self.piece.max(1)).try_for_each(sink);
        Ok(Reply::new(ReplyHead::new(200), Context::of::<A, C>(credential), &[]))
    }
}

/// A list whose pages are all the same is one page if that is short, and else no list.
fn by_ids(body: &[u8], piece: usize, page_size: u64) {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let pair = slot.paper("PK", "secret").expect("keys");
    let endpoint = Endpoint::<Trading, Paper>::alpaca();
    let target = format!("/v2/account/activities?page_size={page_size}");
    let request = Request::<Trading>::new(Method::Get, &target).expect("a target");
    let (mut element, mut refusal, mut next) = (vec![0; 4096], [0; 16], [0; 1024]);
    let mut listing = Listing::new(Place::Top, &mut element, &mut refusal, &mut next);
    let mut same = Same { body, piece, calls: 0 };
    let listed = listing.read(&mut same, &request, &endpoint, pair, |_| ControlFlow::Continue(()));
    assert!(same.calls <= 2, "{listed:?}");
    match listed {
        Ok(listed) => assert!(same.calls == 1 && listed.elements < page_size.clamp(1, 100)),
        Err(error) => assert_eq!(same.calls == 2, error == ListError::Pages(PageError::Repeats)),
    }
}

fuzz_target!(|input: &[u8]| {
    let [how, piece, body @ ..] = input else { return };
    by_ids(body, usize::from(*piece), u64::from(how / 3));
    let place = [Place::Top, Place::Under("bars"), Place::UnderEach("bars")][usize::from(how % 3)];
    let (items, verdict) = read(place, 4096, body, body.len());
    assert_eq!(read(place, 4096, body, usize::from(*piece)), (items.clone(), verdict.clone()));

    // In a small buffer the same, but for what does not fit.
    let (small, same) = read(place, 16, body, usize::from(*piece));
    assert_eq!(same.is_ok(), verdict.is_ok());
    for (small, item) in small.iter().zip(&items) {
        let (_, bytes) = item.as_ref().expect("4096 bytes hold everything here");
        match small {
            Ok((_, small)) => assert_eq!(small, bytes),
            Err(length) => assert!(*length > 16 && *length == bytes.len() as u64),
        }
    }

    let theirs = serde_json::from_slice::<Value>(body);
    match &verdict {
        Err(ElementError::Json(JsonShapeError::TooDeep)) => {}
        Err(ElementError::Json(error)) => {
            assert!(theirs.is_err(), "we refuse, serde_json accepts: {error:?}");
        }
        // The list is not where it should be; what follows was not looked at.
        Err(_) => {}
        Ok(page) => {
            assert_eq!(check(body), Ok(()));
            assert_eq!(page.elements, items.len() as u64);
            let Ok(theirs) = theirs else {
                // A matter of its number type, not of the grammar: the target `json` judges that.
                return;
            };
            // It joins names that are the same after escapes, and members that stand twice.
            if body.contains(&b'\\') {
                return;
            }
            let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
            let expected: Vec<Value> = match place {
                Place::Top => list(&theirs),
                Place::Under(name) => list(&theirs[name]),
                Place::UnderEach(name) => {
                    let symbols = theirs[name].as_object();
                    let all = symbols.map(|symbols| symbols.values().flat_map(list).collect());
                    let all: Vec<_> = all.unwrap_or_default();
                    if all.len() != items.len() {
                        return;
                    }
                    for (symbol, bytes) in items.iter().flatten() {
                        let value: Value = serde_json::from_slice(bytes).expect("JSON");
                        let theirs = &theirs[name][symbol.as_deref().expect("a symbol")];
                        assert!(list(theirs).contains(&value));
                    }
                    return;
                }
            };
            let ours = items.iter().map(|item| item.as_ref().expect("it fits"));
            let ours: Vec<Value> = ours.map(|(_, bytes)| serde_json::from_slice(bytes).expect("JSON")).collect();
            assert_eq!(ours, expected);
        }
    }
});
