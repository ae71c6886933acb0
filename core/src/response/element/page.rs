//! [`Pages`]: follows page tokens, within bounds.

use core::fmt;

use crate::request::{RequestError, TARGET_MAX, TargetBuffer};
use crate::response::json::Text;
use crate::split;

/// Longest page token, in bytes. Alpaca's have some 50.
pub const PAGE_TOKEN_MAX: usize = 256;

/// What the next page is asked for with: visible ASCII, at most [`PAGE_TOKEN_MAX`] bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken(heapless::String<PAGE_TOKEN_MAX>);

impl PageToken {
    /// Reads a token as it stands between its quotes. None if it is not acceptable.
    pub(crate) fn of(escaped: Text<'_>) -> Option<Self> {
        let mut token = heapless::String::new();
        for c in escaped.chars() {
            if !c.is_ascii_graphic() {
                return None;
            }
            token.push(c).ok()?;
        }
        (!token.is_empty()).then_some(Self(token))
    }

    /// The token's text. It is the server's.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// What a body held that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Elements that it held.
    pub elements: u64,
    /// Those of them that were too long for the buffer.
    pub too_long: u64,
    /// Where the list goes on.
    pub next: Option<PageToken>,
}

/// Which page is next. Ends a list that has too many pages or turns in a circle.
///
/// ```
/// use alpaca_auth::response::{ElementReader, PageError, Pages, Place};
/// let mut buffer = [0; 64];
/// let mut reader = ElementReader::new(Place::Under("bars"), &mut buffer);
/// while reader.next(&mut &br#"{"bars":[],"next_page_token":"a+b/c="}"#[..])?.is_some() {}
///
/// let (mut pages, mut target) = (Pages::at_most(100), [0; 128]);
/// assert_eq!(pages.target("/v2/stocks/T/bars?limit=2", &mut target)?, "/v2/stocks/T/bars?limit=2");
/// assert_eq!(pages.turn(&reader.finish()?), Ok(true));
/// let next = pages.target("/v2/stocks/T/bars?limit=2", &mut target)?;
/// assert_eq!(next, "/v2/stocks/T/bars?limit=2&page_token=a%2Bb%2Fc%3D");
/// assert_eq!(pages.turn(&reader.finish()?), Err(PageError::Repeats));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pages {
    max: u32,
    parameter: &'static str,
    turned: u32,
    token: Option<PageToken>,
    /// A token of before, and when another takes its place: each circle meets it (Brent's way).
    anchor: Option<PageToken>,
    anchor_until: u32,
}

impl Pages {
    /// Follows at most this many pages.
    #[must_use]
    pub const fn at_most(pages: u32) -> Self {
        Self {
            max: pages,
            parameter: "page_token",
            turned: 0,
            token: None,
            anchor: None,
            anchor_until: 1,
        }
    }

    /// The same with another parameter than `page_token` for what the next page is asked for with.
    pub(crate) const fn by(mut self, parameter: &'static str) -> Self {
        self.parameter = parameter;
        self
    }

    /// Pages that were read.
    #[must_use]
    pub const fn turned(&self) -> u32 {
        self.turned
    }

    /// What the next page is asked for with; none for the first.
    #[must_use]
    pub const fn token(&self) -> Option<&PageToken> {
        self.token.as_ref()
    }

    /// Takes what the last page said. Tells whether there is another.
    ///
    /// # Errors
    /// [`PageError`] when there is one that must not be read.
    pub fn turn(&mut self, page: &Page) -> Result<bool, PageError> {
        self.turned = self.turned.saturating_add(1);
        let Some(next) = &page.next else {
            self.token = None;
            return Ok(false);
        };
        if self.token.as_ref() == Some(next) || self.anchor.as_ref() == Some(next) {
            return Err(PageError::Repeats);
        }
        if self.turned >= self.max {
            return Err(PageError::TooMany);
        }
        if self.turned >= self.anchor_until {
            self.anchor = self.token.take();
            self.anchor_until = self.anchor_until.saturating_mul(2);
        }
        self.token = Some(next.clone());
        Ok(true)
    }

    /// Writes the target of the next page: that of the first, with the token percent-encoded behind it in the place
    /// of any that it has.
    ///
    /// # Errors
    /// [`RequestError::TargetTooLong`] when it does not fit `place` or [`TARGET_MAX`].
    pub fn target<'t>(&self, first: &str, place: &'t mut [u8]) -> Result<&'t str, RequestError> {
        let mut target = Parts {
            rest: &mut *place,
            length: 0,
        };
        match &self.token {
            None => target.push(first)?,
            Some(token) => self.with_token(token, first, &mut target)?,
        }
        let length = target.length;
        core::str::from_utf8(place.get(..length).unwrap_or_default())
            .map_err(|_| RequestError::TargetNotEncoded)
    }

    fn with_token(
        &self,
        token: &PageToken,
        first: &str,
        target: &mut Parts<'_>,
    ) -> Result<(), RequestError> {
        // `/?page_token=…`, each byte of the token as three.
        let mut encoded = TargetBuffer::<{ 32 + 3 * PAGE_TOKEN_MAX }>::new("/")?;
        encoded.query(self.parameter, token.text())?;
        let (path, mut query) = split::at_first(first, b'?').unwrap_or((first, ""));
        target.push(path)?;
        let mut mark = "?";
        while !query.is_empty() {
            let (pair, rest) = split::at_first(query, b'&').unwrap_or((query, ""));
            let (name, _) = split::at_first(pair, b'=').unwrap_or((pair, ""));
            if name != self.parameter {
                target.push(core::mem::replace(&mut mark, "&"))?;
                target.push(pair)?;
            }
            query = rest;
        }
        target.push(mark)?;
        target.push(encoded.text().strip_prefix("/?").unwrap_or_default())
    }
}

/// A target as it is put together in a caller's buffer.
struct Parts<'t> {
    rest: &'t mut [u8],
    length: usize,
}

impl Parts<'_> {
    fn push(&mut self, part: &str) -> Result<(), RequestError> {
        self.length = self.length.saturating_add(part.len());
        let (to, after) = core::mem::take(&mut self.rest)
            .split_at_mut_checked(part.len())
            .filter(|_| self.length <= TARGET_MAX)
            .ok_or(RequestError::TargetTooLong)?;
        to.copy_from_slice(part.as_bytes());
        self.rest = after;
        Ok(())
    }
}

/// Why a list is not followed to its end. What was read before is as good as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageError {
    /// There are more pages than were allowed.
    TooMany,
    /// The server names a page for the second time, or gives it: the list would never end.
    Repeats,
    /// The list goes on from the id of its last element, and that has none, or did not fit its buffer.
    NoId,
    /// The id of the last element is no text of at most [`PAGE_TOKEN_MAX`] visible ASCII characters.
    Id,
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => "the list has more pages than allowed; ask for less, or allow more",
            Self::Repeats => "the server names a page twice, so the list has no end; report it",
            Self::NoId => {
                "the last element has no id to go on from; use a larger buffer for one element, or check the request"
            }
            Self::Id => {
                "the id of the last element is not acceptable; check what stands between"
            }
        })
    }
}

impl core::error::Error for PageError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    fn page(next: Option<&str>) -> Page {
        Page {
            elements: 1,
            too_long: 0,
            next: next.and_then(|token| PageToken::of(Text::escaped(token))),
        }
    }

    #[test]
    fn a_token_that_is_not_plain_is_none() {
        for text in [
            "",
            "a b",
            "a\\n",
            "\\u0000",
            "ä",
            "\\u00e4",
            "\\x",
            "\\ud800",
            &"a".repeat(257),
        ] {
            assert_eq!(PageToken::of(Text::escaped(text)), None, "{text}");
        }
        for (text, token) in [("a\\/b\\u003d", "a/b="), ("~!", "~!"), ("\\\"", "\"")] {
            assert_eq!(PageToken::of(Text::escaped(text)).unwrap().text(), token);
        }
        assert!(PageToken::of(Text::escaped(&"a".repeat(256))).is_some());
    }

    #[test]
    fn every_circle_of_pages_is_seen() {
        for before in 0..20 {
            for circle in 1..20 {
                let mut pages = Pages::at_most(u32::MAX);
                let mut read = 0;
                let error = loop {
                    let at = if read < before {
                        read
                    } else {
                        before + (read - before) % circle
                    };
                    match pages.turn(&page(Some(&format!("t{at}")))) {
                        Ok(more) => assert!(more),
                        Err(error) => break error,
                    }
                    read += 1;
                    assert!(read < 6 * (before + circle) + 6, "{before} {circle}");
                };
                assert_eq!(error, PageError::Repeats);
                assert!(
                    read >= before + circle,
                    "seen too early: {before} {circle} {read}"
                );
            }
        }
    }

    #[test]
    fn pages_are_bounded_and_an_honest_list_ends() {
        let mut pages = Pages::at_most(3);
        assert_eq!(pages.turn(&page(Some("a"))), Ok(true));
        assert_eq!(pages.turn(&page(Some("b"))), Ok(true));
        assert_eq!(pages.turn(&page(Some("c"))), Err(PageError::TooMany));
        let mut pages = Pages::at_most(3);
        assert_eq!(pages.turn(&page(Some("a"))), Ok(true));
        assert_eq!(pages.turn(&page(Some("b"))), Ok(true));
        assert_eq!(pages.turn(&page(None)), Ok(false));
        assert_eq!(pages.token(), None);
        assert_eq!(
            Pages::at_most(0).turn(&page(Some("a"))),
            Err(PageError::TooMany)
        );
    }

    #[test]
    fn a_token_cannot_leave_its_place_in_the_target() {
        let mut pages = Pages::at_most(9);
        pages.turn(&page(Some("a&b=c#d?%/\\\\e"))).unwrap();
        let mut place = [0; 128];
        let target = pages.target("/v2/x", &mut place).unwrap();
        assert_eq!(target, "/v2/x?page_token=a%26b%3Dc%23d%3F%25%2F%5Ce");
        let length = target.len();
        let target = pages.target("/v2/x", &mut place[..length]);
        assert!(target.is_ok());
        for room in 0..length {
            let target = pages.target("/v2/x", &mut place[..room]);
            assert_eq!(target, Err(RequestError::TargetTooLong));
        }
        // A token of the request's own gives way, wherever it stands; what only looks like it stays.
        for (first, expected) in [
            ("/v2/x?page_token=1", "/v2/x?"),
            ("/v2/x?page_token", "/v2/x?"),
            ("/v2/x?a=1&page_token=1&b=2", "/v2/x?a=1&b=2&"),
            ("/v2/x?page_token=1&a=1&page_token=2", "/v2/x?a=1&"),
            (
                "/v2/x?page_tokens=1&a=page_token",
                "/v2/x?page_tokens=1&a=page_token&",
            ),
            ("/page_token=1", "/page_token=1?"),
            ("/v2/x?", "/v2/x?"),
        ] {
            let target = pages.target(first, &mut place).unwrap();
            let kept = target.strip_suffix("page_token=a%26b%3Dc%23d%3F%25%2F%5Ce");
            assert_eq!(kept, Some(expected), "{first}");
        }
        let long = format!("/{}", "x".repeat(TARGET_MAX));
        let mut place = [0; 4096];
        assert_eq!(
            pages.target(&long, &mut place),
            Err(RequestError::TargetTooLong)
        );
    }
}
