//! [`LastId`]: where a list goes on that has no page token, but the id of its last element.

use crate::endpoint::{Api, ApiKind};
use crate::request::{Method, Request, RequestError};
use crate::response::json::Text;
use crate::response::{Item, Page, PageError, PageToken, json_shape};
use crate::split;

/// The parameter of the activities that takes the id of the last element.
const PAGE_TOKEN: &str = "page_token";

/// Longest pages by the OpenAPI files, of activities and of orders, and the parameters that make them shorter.
const PAGE_SIZES: [(&str, u64); 2] = [("page_size", 100), ("limit", 500)];

/// The parameter by which a list goes on. The OpenAPI files say of the account's activities, at the Trading and the
/// Broker API, that `page_token` is the id of the last element. Orders have parameters for either direction, and go on
/// only if `all_orders` says so.
pub(super) fn parameter<A: Api>(
    request: &Request<'_, A>,
    all_orders: bool,
) -> Result<Option<&'static str>, RequestError> {
    let path = split::path(request.target());
    let orders = A::KIND == ApiKind::Trading && path == "/v2/orders";
    match (all_orders, request.method()) {
        (true, Method::Get) if orders => order_parameter(request.target()).map(Some),
        (true, _) => Err(RequestError::QueryValue),
        (false, Method::Get) if is_activities(A::KIND, path) => Ok(Some(PAGE_TOKEN)),
        (false, _) => Ok(None),
    }
}

fn is_activities(api: ApiKind, path: &str) -> bool {
    let all = match api {
        ApiKind::Trading => "/v2/account/activities",
        ApiKind::Broker => "/v1/accounts/activities",
        _ => return false,
    };
    let Some(rest) = path.strip_prefix(all) else {
        return false;
    };
    let one_type = |rest: &str| !rest.is_empty() && !rest.bytes().any(|byte| byte == b'/');
    rest.is_empty() || rest.strip_prefix(['/']).is_some_and(one_type)
}

/// Newest come first unless `target` says otherwise. Times, and the other direction's id, exclude an id.
fn order_parameter(target: &str) -> Result<&'static str, RequestError> {
    let rises = pairs(target).any(|pair| pair == ("direction", "asc"));
    let (ours, other) = match rises {
        true => ("after_order_id", "before_order_id"),
        false => ("before_order_id", "after_order_id"),
    };
    match pairs(target).any(|(name, _)| ["after", "until", other].contains(&name)) {
        true => Err(RequestError::QueryValue),
        false => Ok(ours),
    }
}

/// Names and values of the query, as they stand there.
fn pairs(target: &str) -> impl Iterator<Item = (&str, &str)> {
    let (_, mut query) = split::at_first(target, b'?').unwrap_or_default();
    core::iter::from_fn(move || {
        if query.is_empty() {
            return None;
        }
        let (pair, rest) = split::at_first(query, b'&').unwrap_or((query, ""));
        query = rest;
        Some(split::at_first(pair, b'=').unwrap_or((pair, "")))
    })
}

/// The ids of one page as its elements come.
pub(super) struct LastId<'p> {
    /// Where this page goes on from: none of its elements has this id.
    before: Option<&'p PageToken>,
    last: Option<Result<PageToken, PageError>>,
}

impl<'p> LastId<'p> {
    pub(super) const fn after(before: Option<&'p PageToken>) -> Self {
        Self { before, last: None }
    }

    /// Takes an element's id. Tells whether it is the one that the page was to go on from.
    pub(super) fn repeats(&mut self, item: &Item<'_>) -> bool {
        let id = item.as_ref().ok().and_then(|element| id(element.bytes()));
        let id = match id {
            None => Err(PageError::NoId),
            Some(text) => PageToken::of(Text::escaped(text)).ok_or(PageError::Id),
        };
        let repeats = id.as_ref().ok() == self.before && self.before.is_some();
        self.last = Some(id);
        repeats
    }

    /// The page with the id that the next one goes on from; none if `target` asked for more elements than came.
    pub(super) fn next(self, page: Page, target: &str) -> Result<Page, PageError> {
        let next = match self.last {
            Some(id) if page.next.is_none() && !is_short(&page, target) => Some(id?),
            _ => page.next,
        };
        Ok(Page { next, ..page })
    }
}

/// Whether fewer elements came than `target` asked for. If it names no number, only none is fewer.
fn is_short(page: &Page, target: &str) -> bool {
    let fewer = |value: &str, most: u64| {
        let size = value.parse::<u64>();
        size.is_ok_and(|size| page.elements < size.min(most))
    };
    pairs(target).any(|(name, value)| {
        let mut known = PAGE_SIZES.into_iter();
        known.any(|(size, most)| size == name && fewer(value, most))
    })
}

/// The id of an element as it stands between its quotes.
fn id(element: &[u8]) -> Option<&str> {
    let value = json_shape::member(element, "id")?;
    core::str::from_utf8(json_shape::unquoted(value)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Broker, MarketData, Trading};
    use crate::request::{TargetBuffer, broker, trading};
    use crate::response::{ElementReader, Place};
    use std::format;

    #[test]
    fn only_activities_go_on_from_an_id_unasked() {
        fn asks<A: Api>(method: Method, target: &str) -> bool {
            let request = Request::<A>::new(method, target).unwrap();
            parameter(&request, false).unwrap().is_some()
        }
        for target in [
            "/v2/account",
            "/v2/account/activities/",
            "/v2/account/activities/FILL/1",
            "/v2/account/activities2",
            "/v2/orders",
            "/v2/x?/v2/account/activities",
            "/v1/accounts/activities",
        ] {
            assert!(!asks::<Trading>(Method::Get, target), "{target}");
        }
        for target in [
            "/v1/accounts",
            "/v1/accounts/1/activities",
            "/v2/account/activities",
        ] {
            assert!(!asks::<Broker>(Method::Get, target), "{target}");
        }
        assert!(!asks::<MarketData>(Method::Get, "/v2/account/activities"));
        for method in [Method::Post, Method::Delete, Method::Put, Method::Patch] {
            assert!(!asks::<Trading>(method, "/v2/account/activities"));
        }
        assert!(asks::<Trading>(Method::Get, "/v2/account/activities"));
        assert!(asks::<Trading>(Method::Get, "/v2/account/activities?a=/b"));
        assert!(asks::<Trading>(
            Method::Get,
            "/v2/account/activities/FILL?a=b"
        ));
        assert!(asks::<Broker>(Method::Get, "/v1/accounts/activities/DIV"));
        assert_eq!(parameter(&broker::accounts(), false), Ok(None));
        let mut target = TargetBuffer::<64>::new("/").unwrap();
        let list = trading::ListActivities::default();
        let request = list.request(&mut target).unwrap();
        assert_eq!(parameter(&request, false), Ok(Some("page_token")));
    }

    #[test]
    fn orders_go_on_in_their_direction_and_by_nothing_that_excludes_it() {
        fn ask<A: Api>(method: Method, target: &str) -> Result<Option<&'static str>, RequestError> {
            parameter(&Request::<A>::new(method, target).unwrap(), true)
        }
        let refused = Err(RequestError::QueryValue);
        for target in [
            "/v2/orders?after=2026-01-01",
            "/v2/orders?limit=5&until=2026-01-01",
            "/v2/orders?after_order_id=1",
            "/v2/orders?direction=desc&after_order_id=1",
            "/v2/orders?direction=asc&before_order_id=1",
            "/v2/orders/1",
            "/v2/orders/",
            "/v2/positions",
            "/v2/account/activities",
        ] {
            assert_eq!(ask::<Trading>(Method::Get, target), refused, "{target}");
        }
        assert_eq!(ask::<Trading>(Method::Delete, "/v2/orders"), refused);
        assert_eq!(ask::<Trading>(Method::Post, "/v2/orders"), refused);
        assert_eq!(ask::<Broker>(Method::Get, "/v2/orders"), refused);
        for (target, parameter) in [
            ("/v2/orders", "before_order_id"),
            ("/v2/orders?direction=desc", "before_order_id"),
            ("/v2/orders?a=direction=asc", "before_order_id"),
            ("/v2/orders?before_order_id=1", "before_order_id"),
            ("/v2/orders?status=all&direction=asc", "after_order_id"),
        ] {
            assert_eq!(
                ask::<Trading>(Method::Get, target),
                Ok(Some(parameter)),
                "{target}"
            );
        }
    }

    fn page_of(
        elements: &str,
        target: &str,
        before: Option<&PageToken>,
    ) -> Result<Page, PageError> {
        let body = format!("[{elements}]");
        let mut buffer = [0; 400];
        let mut reader = ElementReader::new(Place::Top, &mut buffer);
        let (mut ids, mut rest) = (LastId::after(before), body.as_bytes());
        while let Some(item) = reader.next(&mut rest).unwrap() {
            if ids.repeats(&item) {
                return Err(PageError::Repeats);
            }
        }
        ids.next(reader.finish().unwrap(), target)
    }

    #[test]
    fn a_page_goes_on_from_its_last_id_or_says_why_not() {
        let long = |length| format!(r#"{{"id":"{}"}}"#, "x".repeat(length));
        let too_long_for_the_buffer = format!(r#"{{"id":"a","b":"{}"}}"#, "x".repeat(400));
        for (last, error) in [
            ("1", PageError::NoId),
            ("null", PageError::NoId),
            ("[]", PageError::NoId),
            ("{}", PageError::NoId),
            (r#"{"id":7}"#, PageError::NoId),
            (r#"{"id":null}"#, PageError::NoId),
            (r#"{"id":"a","id":"b"}"#, PageError::NoId),
            (r#"{"x":{"id":"a"}}"#, PageError::NoId),
            (r#"{"i\u0064":"a"}"#, PageError::NoId),
            (&too_long_for_the_buffer, PageError::NoId),
            (r#"{"id":""}"#, PageError::Id),
            (r#"{"id":"a b"}"#, PageError::Id),
            (r#"{"id":"a\r\nX: y"}"#, PageError::Id),
            (r#"{"id":"ä"}"#, PageError::Id),
            (&long(257), PageError::Id),
        ] {
            let elements = format!(r#"{{"id":"before"}},{last}"#);
            assert_eq!(page_of(&elements, "/x", None), Err(error), "{last}");
            // The next page is not asked for, so what its id is does not matter.
            let last_page = page_of(&elements, "/x?page_size=3", None).unwrap();
            assert_eq!(last_page.next, None, "{last}");
        }
        for last in [&long(256), r#"{"x":{"id":"no"},"id":"a::b\/c"}"#] {
            let page = page_of(&format!("1,{last}"), "/x", None).unwrap();
            assert!(page.next.is_some(), "{last}");
        }
        assert_eq!(page_of("", "/x", None).unwrap().next, None);
    }

    #[test]
    fn a_page_is_short_only_by_what_the_request_says() {
        let two = r#"{"id":"a"},{"id":"b"}"#;
        for target in [
            "/x",
            "/x?page_size=2",
            "/x?page_size=1",
            "/x?page_size=",
            "/x?page_size=many",
            "/x?page_size=-1",
            "/x?my_page_size=9",
            "/x?a=page_size=9",
            "/page_size=9",
        ] {
            let page = page_of(two, target, None).unwrap();
            assert_eq!(
                page.next.as_ref().map(PageToken::text),
                Some("b"),
                "{target}"
            );
        }
        for target in [
            "/x?page_size=3",
            "/x?a&page_size=101&b",
            "/x?limit=500",
            "/x?limit=3",
        ] {
            assert_eq!(page_of(two, target, None).unwrap().next, None, "{target}");
        }
        // More than the longest page cannot be asked for, so that many are no short page.
        let hundred = [r#"{"id":"a"}"#; 100].join(",");
        assert!(
            page_of(&hundred, "/x?page_size=200", None)
                .unwrap()
                .next
                .is_some()
        );
        assert!(
            page_of(&hundred, "/x?limit=200", None)
                .unwrap()
                .next
                .is_none()
        );
    }

    #[test]
    fn a_page_that_has_the_id_it_was_to_go_on_from_repeats() {
        let before = PageToken::of(Text::escaped("a")).unwrap();
        for page in [
            r#"{"id":"a"}"#,
            r#"{"id":"b"},{"id":"a"}"#,
            r#"{"id":"\u0061"},1"#,
        ] {
            assert_eq!(page_of(page, "/x", Some(&before)), Err(PageError::Repeats));
            assert_ne!(
                page_of(page, "/x?page_size=9", None),
                Err(PageError::Repeats)
            );
        }
        assert!(page_of(r#"{"id":"b"},{"id":"A"}"#, "/x", Some(&before)).is_ok());
    }
}
