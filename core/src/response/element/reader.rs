//! [`ElementReader`]: takes a body in pieces, gives the elements of its list.

use super::{Element, ElementError, ElementTooLong, Item, Page, PageToken, Place, SYMBOL_MAX};
use crate::response::element::PAGE_TOKEN_MAX;
use crate::response::json::Text;
use crate::response::json::machine::{Event, Machine};
use crate::response::json_shape::unquoted;

/// The member that holds the page token, in every reply that has one.
const NEXT_PAGE_TOKEN: &str = "next_page_token";

/// Reads one body. Sees neither socket nor clock; input may come in pieces of any size.
///
/// The whole body is checked to be JSON to the letter, the parts outside the list too. Each element is provisional
/// until [`finish`](Self::finish) says that the body was sound to its end.
///
/// The buffer's length is the longest element that is given. An order has at most 1.6 KB without legs, a bar 150 bytes.
///
/// ```
/// use alpaca_auth::response::{Bar, ElementReader, Place};
/// let mut buffer = [0; 256];
/// let mut reader = ElementReader::new(Place::Under("bars"), &mut buffer);
/// let body = br#"{"bars":[{"t":"x","o":1,"h":2,"l":1,"c":1.5},{"t":"y","o":1,"h":2,"l":1,"c":2}],"next_page_token":"Q"}"#;
/// let mut closes = 0;
/// for piece in body.chunks(7) {
///     let mut piece = piece;
///     while let Some(item) = reader.next(&mut piece)? {
///         let bar: Bar = item?.json()?;
///         closes += bar.close.to_fixed(2)?;
///     }
/// }
/// let page = reader.finish()?;
/// assert_eq!((closes, page.elements), (350, 2));
/// assert_eq!(page.next.as_ref().map(|token| token.text()), Some("Q"));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct ElementReader<'m> {
    machine: Machine,
    place: Place<'m>,
    buffer: &'m mut [u8],
    /// Bytes of the element that is being read, whether they fit or not.
    length: u64,
    collects: Collects,
    /// The list is open.
    in_list: bool,
    list_seen: bool,
    token_seen: bool,
    elements: u64,
    too_long: u64,
    /// The member's name, or the symbol, with its quotes.
    name: Short<{ SYMBOL_MAX + 2 }>,
    /// The page token, with its quotes and escapes.
    token: Short<{ PAGE_TOKEN_MAX + 2 }>,
    failed: Option<ElementError>,
}

/// What the bytes that are taken go to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collects {
    Nothing,
    Name,
    Token,
    Element,
}

impl<'m> ElementReader<'m> {
    /// A reader for one body whose list is at `place`. `buffer` holds one element.
    #[must_use]
    pub const fn new(place: Place<'m>, buffer: &'m mut [u8]) -> Self {
        Self {
            machine: Machine::new(),
            place,
            buffer,
            length: 0,
            collects: Collects::Nothing,
            in_list: false,
            list_seen: false,
            token_seen: false,
            elements: 0,
            too_long: 0,
            name: Short::new(),
            token: Short::new(),
            failed: None,
        }
    }

    /// Makes ready for another body of the same kind, such as the next page.
    pub fn restart(&mut self) {
        self.machine = Machine::new();
        self.length = 0;
        self.collects = Collects::Nothing;
        (self.in_list, self.list_seen, self.token_seen) = (false, false, false);
        (self.elements, self.too_long) = (0, 0);
        self.name.clear();
        self.token.clear();
        self.failed = None;
    }

    /// Takes from `input` until an element is whole. None when all of it was taken: give it more.
    ///
    /// # Errors
    /// [`ElementError`]: the body is not sound. It stays so, and nothing more is taken.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Item<'_>>, ElementError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.run(input) {
            Ok(true) => Ok(Some(self.item())),
            Ok(false) => Ok(None),
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Says what the body held. To be asked at its end.
    ///
    /// # Errors
    /// [`ElementError`] when the body was not sound, was cut off, or had no list.
    pub fn finish(&self) -> Result<Page, ElementError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.machine.finish().map_err(ElementError::Json)?;
        if !self.list_seen {
            return Err(ElementError::NoList);
        }
        Ok(Page {
            elements: self.elements,
            too_long: self.too_long,
            next: self.page_token()?,
        })
    }

    /// Elements so far, and those of them that were too long.
    #[must_use]
    pub const fn counts(&self) -> (u64, u64) {
        (self.elements, self.too_long)
    }

    /// Tells whether an element is whole.
    fn run(&mut self, input: &mut &[u8]) -> Result<bool, ElementError> {
        loop {
            let (taken, event) = self
                .machine
                .advance(input, self.watch())
                .map_err(ElementError::Json)?;
            let (bytes, rest) = input.split_at_checked(taken).unwrap_or_default();
            *input = rest;
            self.collect(bytes);
            match event {
                Event::More => return Ok(false),
                Event::Name => {
                    self.name.clear();
                    self.collects = Collects::Name;
                }
                Event::NameEnd => {
                    self.collects = Collects::Nothing;
                    if self.in_list && self.name.overflown {
                        return Err(ElementError::SymbolTooLong);
                    }
                }
                Event::Value => {
                    let first = rest.first().copied().unwrap_or_default();
                    self.collects = self.begin(first)?;
                }
                Event::End => {
                    let collected = self.collects;
                    self.collects = Collects::Nothing;
                    match collected {
                        Collects::Element => return Ok(true),
                        Collects::Token => {
                            self.page_token()?;
                        }
                        _ if self.machine.depth() <= 1 => self.in_list = false,
                        _ => {}
                    }
                }
            }
        }
    }

    /// How deep values must be told of: as deep as elements stand in the list, else members of the reply.
    const fn watch(&self) -> u32 {
        match self.place {
            Place::Top => 1,
            Place::Under(_) if self.in_list => 2,
            Place::UnderEach(_) if self.in_list => 3,
            _ => 1,
        }
    }

    /// What the value that begins with `first` goes to.
    fn begin(&mut self, first: u8) -> Result<Collects, ElementError> {
        let depth = self.machine.depth();
        if !matches!(
            first,
            b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'
        ) {
            // No value at all, such as HTML: the machine says so.
            return Ok(Collects::Nothing);
        }
        let element = |this: &mut Self| {
            this.length = 0;
            Ok(Collects::Element)
        };
        match (self.place, depth) {
            (Place::Top, 0) => {
                self.list_seen = true;
                opens(first, b'[', false)?;
            }
            (Place::Top, _) => return element(self),
            (_, 0) => {
                if first != b'{' {
                    return Err(ElementError::NoList);
                }
            }
            (Place::Under(list) | Place::UnderEach(list), 1) => {
                if self.name.is(list) {
                    if core::mem::replace(&mut self.list_seen, true) {
                        return Err(ElementError::Twice);
                    }
                    let is_flat = matches!(self.place, Place::Under(_));
                    self.in_list = opens(first, if is_flat { b'[' } else { b'{' }, true)?;
                } else if self.name.is(NEXT_PAGE_TOKEN) {
                    if core::mem::replace(&mut self.token_seen, true) {
                        return Err(ElementError::Twice);
                    }
                    return Ok(Collects::Token);
                }
            }
            (Place::UnderEach(_), 2) => {
                opens(first, b'[', true)?;
            }
            (Place::Under(_) | Place::UnderEach(_), _) => return element(self),
        }
        Ok(Collects::Nothing)
    }

    fn collect(&mut self, bytes: &[u8]) {
        match self.collects {
            Collects::Nothing => {}
            Collects::Name => self.name.push(bytes),
            Collects::Token => self.token.push(bytes),
            Collects::Element => {
                let from = usize::try_from(self.length).unwrap_or(usize::MAX);
                let room = self.buffer.get_mut(from..).unwrap_or_default();
                if let Some((place, _)) = room.split_at_mut_checked(bytes.len()) {
                    place.copy_from_slice(bytes);
                }
                let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.length = self.length.saturating_add(count);
            }
        }
    }

    /// The element that has just ended.
    fn item(&mut self) -> Item<'_> {
        let (index, length) = (self.elements, self.length);
        self.elements = index.saturating_add(1);
        let fits = usize::try_from(length).ok();
        let Some(bytes) = fits.and_then(|length| self.buffer.get(..length)) else {
            self.too_long = self.too_long.saturating_add(1);
            return Err(ElementTooLong { index, length });
        };
        let symbol = match self.place {
            Place::UnderEach(_) => self.name.text(),
            _ => None,
        };
        Ok(Element {
            bytes,
            symbol,
            index,
        })
    }

    fn page_token(&self) -> Result<Option<PageToken>, ElementError> {
        if !self.token_seen || self.token.bytes.as_slice() == b"null" {
            return Ok(None);
        }
        match self.token.text().filter(|_| !self.token.overflown) {
            Some("") => Ok(None),
            Some(text) => PageToken::of(Text::escaped(text))
                .map(Some)
                .ok_or(ElementError::PageToken),
            None => Err(ElementError::PageToken),
        }
    }
}

/// Whether a value that begins so is a container of this kind. `null` is one of nothing, where that may be.
const fn opens(first: u8, bracket: u8, or_null: bool) -> Result<bool, ElementError> {
    match first {
        b'n' if or_null => Ok(false),
        first if first == bracket => Ok(true),
        _ => Err(ElementError::NotAList),
    }
}

/// A short text of the server's; what does not fit is marked.
struct Short<const N: usize> {
    bytes: heapless::Vec<u8, N>,
    overflown: bool,
}

impl<const N: usize> Short<N> {
    const fn new() -> Self {
        Self {
            bytes: heapless::Vec::new(),
            overflown: false,
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.overflown = false;
    }

    fn push(&mut self, bytes: &[u8]) {
        self.overflown |= self.bytes.extend_from_slice(bytes).is_err();
    }

    /// What stands between the quotes.
    fn text(&self) -> Option<&str> {
        core::str::from_utf8(unquoted(&self.bytes)?).ok()
    }

    fn is(&self, text: &str) -> bool {
        !self.overflown && self.text() == Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::json_shape::JsonShapeError;
    use std::string::{String, ToString};
    use std::vec::Vec;
    use std::{format, vec};

    type Read = (
        Vec<Result<(String, String), u64>>,
        Result<Page, ElementError>,
    );

    /// Each element with its symbol, or the length of one that is too long, and the verdict.
    fn read(place: Place<'_>, room: usize, pieces: &[&[u8]]) -> Read {
        let mut buffer = vec![0; room];
        let mut reader = ElementReader::new(place, &mut buffer);
        let mut items = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            loop {
                match reader.next(&mut rest) {
                    Ok(Some(item)) => items.push(
                        item.map(|element| {
                            let text = core::str::from_utf8(element.bytes()).unwrap();
                            (element.symbol().unwrap_or("").to_string(), text.to_string())
                        })
                        .map_err(|error| error.length),
                    ),
                    Ok(None) => break,
                    Err(error) => {
                        assert_eq!(reader.next(&mut &b" "[..]).err(), Some(error));
                        assert_eq!(reader.finish(), Err(error));
                        return (items, Err(error));
                    }
                }
            }
            assert!(rest.is_empty());
        }
        (items, reader.finish())
    }

    /// The same however it is cut.
    fn read_all_ways(place: Place<'_>, room: usize, body: &str) -> Read {
        let body = body.as_bytes();
        let whole = read(place, room, &[body]);
        let single: Vec<_> = body.chunks(1).collect();
        assert_eq!(read(place, room, &single), whole);
        for cut in 0..=body.len() {
            let (first, second) = body.split_at(cut);
            assert_eq!(read(place, room, &[first, second]), whole, "cut at {cut}");
        }
        whole
    }

    fn texts(read: Read) -> (Vec<String>, Page) {
        let items = read.0.into_iter().map(|item| item.unwrap().1);
        (items.collect(), read.1.unwrap())
    }

    #[test]
    fn elements_come_from_their_place_and_from_no_other() {
        let (items, page) = texts(read_all_ways(
            Place::Top,
            64,
            " [ 1 , -2.5e1,\"a]\\\"\" ,null,true,{},[ ],{\"bars\":[1]} ] ",
        ));
        let expected = [
            "1",
            "-2.5e1",
            "\"a]\\\"\"",
            "null",
            "true",
            "{}",
            "[ ]",
            "{\"bars\":[1]}",
        ];
        assert_eq!(items, expected);
        assert_eq!((page.elements, page.next), (8, None));
        let body = r#"{"x":{"bars":[9]},"y":[[8]],"next_page_token":"ab\/c","bars":[{"bars":[7]},2],"z":"bars"}"#;
        let (items, page) = texts(read_all_ways(Place::Under("bars"), 64, body));
        assert_eq!(items, ["{\"bars\":[7]}", "2"]);
        assert_eq!(page.next.unwrap().text(), "ab/c");
        let body = r#"{"bars":{"A":[1,{"A":[0]}],"B/C":[],"D":null,"E":[2]},"next_page_token":null,"A":[3]}"#;
        let (items, verdict) = read_all_ways(Place::UnderEach("bars"), 64, body);
        let item = |symbol: &str, text: &str| Ok((symbol.to_string(), text.to_string()));
        assert_eq!(
            items,
            [item("A", "1"), item("A", "{\"A\":[0]}"), item("E", "2")]
        );
        assert_eq!(verdict.map(|page| page.elements), Ok(3));
    }

    #[test]
    fn a_list_of_nothing_is_a_list() {
        for (place, body) in [
            (Place::Top, "[]"),
            (Place::Top, " [ ] "),
            (Place::Under("a"), r#"{"a":[]}"#),
            (Place::Under("a"), r#"{"a":null,"next_page_token":""}"#),
            (Place::UnderEach("a"), r#"{"a":{}}"#),
            (Place::UnderEach("a"), r#"{"a":null}"#),
            (Place::UnderEach("a"), r#"{"a":{"B":null,"C":[]}}"#),
        ] {
            let (items, page) = texts(read_all_ways(place, 0, body));
            assert_eq!(
                (items.len(), page.elements, page.next),
                (0, 0, None),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_no_such_list_is_refused_by_name() {
        use ElementError as E;
        use JsonShapeError as J;
        let (top, under, each) = (Place::Top, Place::Under("a"), Place::UnderEach("a"));
        let long_symbol = format!(r#"{{"a":{{"{}":[]}}}}"#, "s".repeat(65));
        let long_token = format!(r#"{{"a":[],"next_page_token":"{}"}}"#, "t".repeat(257));
        for (place, body, error) in [
            (top, "", E::Json(J::Truncated)),
            (top, "[", E::Json(J::Truncated)),
            (top, "[1", E::Json(J::Truncated)),
            (top, "[1,", E::Json(J::Truncated)),
            (top, "[1,]", E::Json(J::Syntax)),
            (top, "[1] 2", E::Json(J::Trailing)),
            (top, "[1]]", E::Json(J::Trailing)),
            (top, "[\"\n\"]", E::Json(J::Token)),
            (top, "[01]", E::Json(J::Token)),
            (top, "<html>", E::Json(J::Syntax)),
            (top, "{}", E::NotAList),
            (top, "null", E::NotAList),
            (top, "7", E::NotAList),
            (top, r#"{"message":"forbidden."}"#, E::NotAList),
            (under, "[]", E::NoList),
            (under, "null", E::NoList),
            (under, "{}", E::NoList),
            (under, "<html>", E::Json(J::Syntax)),
            (under, r#"{"b":[1]}"#, E::NoList),
            (under, r#"{"b":{"a":[1]}}"#, E::NoList),
            (under, r#"{"\u0061":[1]}"#, E::NoList),
            (under, r#"{"a":{}}"#, E::NotAList),
            (under, r#"{"a":"[]"}"#, E::NotAList),
            (under, r#"{"a":true}"#, E::NotAList),
            (under, r#"{"a":[],"a":[]}"#, E::Twice),
            (under, r#"{"a":[]"#, E::Json(J::Truncated)),
            (under, r#"{"a":[]}}"#, E::Json(J::Trailing)),
            (
                under,
                r#"{"a":[],"next_page_token":null,"next_page_token":"b"}"#,
                E::Twice,
            ),
            (under, r#"{"a":[],"next_page_token":7}"#, E::PageToken),
            (under, r#"{"a":[],"next_page_token":["b"]}"#, E::PageToken),
            (
                under,
                r#"{"a":[],"next_page_token":{"b":"c"}}"#,
                E::PageToken,
            ),
            (under, r#"{"a":[],"next_page_token":"b c"}"#, E::PageToken),
            (
                under,
                r#"{"a":[],"next_page_token":"b\u000d\u000a"}"#,
                E::PageToken,
            ),
            (under, r#"{"a":[],"next_page_token":"ä"}"#, E::PageToken),
            (under, &long_token, E::PageToken),
            (each, r#"{"a":[]}"#, E::NotAList),
            (each, r#"{"a":{"B":{}}}"#, E::NotAList),
            (each, r#"{"a":{"B":[1],"C":7}}"#, E::NotAList),
            (each, r#"{"B":[1]}"#, E::NoList),
            (each, &long_symbol, E::SymbolTooLong),
        ] {
            let (_, verdict) = read_all_ways(place, 64, body);
            assert_eq!(verdict, Err(error), "{body}");
        }
        // A name that no symbol may have is no matter outside the list.
        let body = format!(r#"{{"{}":1,"a":[1]}}"#, "n".repeat(1000));
        assert!(read_all_ways(under, 64, &body).1.is_ok());
    }

    #[test]
    fn an_element_that_is_too_long_spoils_no_other() {
        let long = format!("\"{}\"", "x".repeat(100));
        let body = format!("[1,{long},[2],{long},\"{}\",3]", "y".repeat(14));
        for room in 16..=101 {
            let (items, verdict) = read(Place::Top, room, &[body.as_bytes()]);
            let lengths: Vec<_> = items
                .iter()
                .map(|item| item.as_ref().map(|i| i.1.len()))
                .collect();
            assert_eq!(lengths, [Ok(1), Err(&102), Ok(3), Err(&102), Ok(16), Ok(1)]);
            assert_eq!(
                verdict.map(|page| (page.elements, page.too_long)),
                Ok((6, 2))
            );
        }
        let (items, verdict) = read_all_ways(Place::Top, 102, &body);
        assert!(items.iter().all(Result::is_ok) && verdict.is_ok());
        let (items, _) = read_all_ways(Place::Top, 0, &body);
        assert!(items.iter().all(Result::is_err));
    }

    #[test]
    fn a_body_cut_at_any_byte_is_never_a_list() {
        for (place, body) in [
            (Place::Top, r#"[{"a":[1,"x"]},2,"y"]"#),
            (
                Place::Under("a"),
                r#"{"a":[1,{"b":2}],"next_page_token":"t","c":-1.5}"#,
            ),
            (
                Place::UnderEach("a"),
                r#"{"a":{"A":[1],"B":[{}]},"c":[true]}"#,
            ),
        ] {
            assert!(read(place, 64, &[body.as_bytes()]).1.is_ok());
            for cut in 0..body.len() {
                let (_, verdict) = read(place, 64, &[&body.as_bytes()[..cut]]);
                assert_eq!(
                    verdict,
                    Err(ElementError::Json(JsonShapeError::Truncated)),
                    "{cut}"
                );
            }
        }
    }

    #[test]
    fn a_reader_that_is_restarted_knows_nothing_of_before() {
        let mut buffer = [0; 8];
        let mut reader = ElementReader::new(Place::Under("a"), &mut buffer);
        let mut input = &br#"{"next_page_token":"t","a":[1,"xxxxxxxxxx",}"#[..];
        while let Ok(Some(_)) = reader.next(&mut input) {}
        assert!(reader.finish().is_err());
        reader.restart();
        let mut input = &br#"{"a":[2]}"#[..];
        assert_eq!(
            reader.next(&mut input).unwrap().unwrap().unwrap().bytes(),
            b"2"
        );
        assert!(reader.next(&mut input).unwrap().is_none());
        let page = reader.finish().unwrap();
        assert_eq!((page.elements, page.too_long, page.next), (1, 0, None));
    }
}
