//! [`Listing`]: reads a list of any length over a transport, page after page.
//!
//! # A list longer than memory
//!
//! ```
//! # use core::ops::ControlFlow;
//! # use alpaca_auth::credential::{Credential, KeyPair, Opens, Slot};
//! # use alpaca_auth::endpoint::{Api, Endpoint, Trading};
//! # use alpaca_auth::environment::Paper;
//! # use alpaca_auth::request::{Request, trading};
//! # use alpaca_auth::response::{Context, Order, Place, Reply, ReplyHead};
//! # use alpaca_auth::transport::{StreamingTransport, Transport};
//! # struct Canned;
//! # impl Transport for Canned {
//! #     type Error = core::convert::Infallible;
//! #     fn send<'b, A: Api, C: Opens<A>>(&mut self, _: &Request<'_, A>, _: &Endpoint<A, C::Environment>,
//! #         credential: &C, _: &'b mut [u8]) -> Result<Reply<'b>, Self::Error> {
//! #         Ok(Reply::new(ReplyHead::new(500), Context::of::<A, C>(credential), &[]))
//! #     }
//! # }
//! # impl StreamingTransport for Canned {
//! #     fn send_into<'b, A: Api, C: Opens<A>>(&mut self, _: &Request<'_, A>, _: &Endpoint<A, C::Environment>,
//! #         credential: &C, _: &'b mut [u8], sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
//! #     ) -> Result<Reply<'b>, Self::Error> {
//! #         let _ = sink(br#"[{"id":"1","status":"new"},{"id":"2","#);
//! #         let _ = sink(br#""status":"filled"}]"#);
//! #         Ok(Reply::new(ReplyHead::new(200), Context::of::<A, C>(credential), &[]))
//! #     }
//! # }
//! # let mut slot = Slot::<KeyPair<Paper>>::vacant();
//! # let key_pair = slot.paper("PKTEST", "secret")?;
//! # let mut transport = Canned;
//! use alpaca_auth::listing::Listing;
//!
//! let (mut element, mut refusal, mut target) = ([0; 1600], [0; 512], [0; 256]);
//! let mut listing = Listing::new(Place::Top, &mut element, &mut refusal, &mut target);
//! let endpoint = Endpoint::<Trading, Paper>::alpaca();
//! let mut open = 0;
//! let read = listing.read(&mut transport, &trading::open_orders(), &endpoint, key_pair, |item| {
//!     let order = item.map(|element| element.json::<Order>());
//!     if let Ok(Ok(order)) = order && !order.is_closed() {
//!         open += 1;
//!     }
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!((read.elements, open), (2, 1));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod last_id;

use core::fmt;
use core::ops::ControlFlow;

use last_id::LastId;

use crate::credential::Opens;
use crate::endpoint::{Api, Endpoint};
use crate::request::{Method, Request, RequestError};
use crate::response::{
    ElementError, ElementReader, Item, Page, PageError, Pages, Place, Refusal, Reply,
};
use crate::transport::{AsyncStreamingTransport, StreamingTransport};

/// Pages that are followed unless said otherwise: 10,000,000 bars at 10,000 a page.
pub const PAGES_MAX: u32 = 1000;

/// Where a list stands in its replies, and the memory to read it in.
///
/// Each page is one call, and others follow for GET only: by the reply's `next_page_token`, or by the id of the last
/// element, which is the `page_token` of the activities at the Trading and the Broker API. A list by ids ends with a
/// page of none, or of fewer than the request's `page_size` says, which saves that last call. Orders go on from an id
/// only if [`all_orders`](Self::all_orders) says so, since their `limit` may be all that is wanted.
pub struct Listing<'m> {
    elements: ElementReader<'m>,
    refusal: &'m mut [u8],
    target: &'m mut [u8],
    pages_max: u32,
    all_orders: bool,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Elements, on all pages.
    pub elements: u64,
    /// Those of them that were too long for the buffer.
    pub too_long: u64,
    /// Pages, each a call.
    pub pages: u32,
    /// The caller broke off: the last page was not seen to its end, so its elements are provisional.
    pub stopped: bool,
}

impl<'m> Listing<'m> {
    /// A list at `place`. `element` holds one element, `refusal` the body of an answer that is no success (512 bytes
    /// will do), and `target` the target of the next page: that of the first and up to 790 bytes.
    #[must_use]
    pub const fn new(
        place: Place<'m>,
        element: &'m mut [u8],
        refusal: &'m mut [u8],
        target: &'m mut [u8],
    ) -> Self {
        Self {
            elements: ElementReader::new(place, element),
            refusal,
            target,
            pages_max: PAGES_MAX,
            all_orders: false,
        }
    }

    /// Goes on through all orders from the id of the last one: `before_order_id`, or `after_order_id` if the request
    /// says that the oldest come first. Their `limit` is the length of a page then. Reading refuses another list than
    /// `GET /v2/orders`, and one with `after` or `until`, which exclude an id ([`RequestError::QueryValue`]).
    #[must_use]
    pub const fn all_orders(mut self) -> Self {
        self.all_orders = true;
        self
    }

    /// Follows at most this many pages; more are an error.
    #[must_use]
    pub const fn at_most(mut self, pages: u32) -> Self {
        self.pages_max = pages;
        self
    }

    /// Sends `request` and gives `on` each element of the list, on this page and all that follow.
    ///
    /// Elements are provisional until their page has been read to its end: act on them when this returns `Ok`, or
    /// when an element of a later page comes. When `on` breaks, the connection ends and the rest is not read.
    ///
    /// # Errors
    /// [`ListError`] says what went wrong, and with which part.
    pub fn read<T: StreamingTransport, A: Api, C: Opens<A>>(
        &mut self,
        transport: &mut T,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        mut on: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Listed, ListError<T::Error>> {
        let mut course = Course::new(request, self.pages_max, self.all_orders)?;
        loop {
            self.elements.restart();
            let mut feed = Feed::new(&mut self.elements, course.ids(), &mut on);
            let target = course.target(request, self.target)?;
            let page = request.at_target(target);
            let answer = transport.send_into(&page, endpoint, credential, self.refusal, &mut |p| {
                feed.push(p)
            });
            let (ended, ids) = (feed.ended, feed.ids);
            let page = Course::judge(answer, ended, ids, &self.elements, request)?;
            if !course.turn(self.elements.counts(), page)? {
                return Ok(course.listed);
            }
        }
    }

    /// [`read`](Self::read) without blocking. Dropping the future abandons the connection.
    ///
    /// # Errors
    /// See [`read`](Self::read).
    pub async fn read_async<T: AsyncStreamingTransport, A: Api, C: Opens<A>>(
        &mut self,
        transport: &mut T,
        request: &Request<'_, A>,
        endpoint: &Endpoint<A, C::Environment>,
        credential: &C,
        mut on: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Listed, ListError<T::Error>> {
        let mut course = Course::new(request, self.pages_max, self.all_orders)?;
        loop {
            self.elements.restart();
            let mut feed = Feed::new(&mut self.elements, course.ids(), &mut on);
            let target = course.target(request, self.target)?;
            let page = request.at_target(target);
            let mut sink = |piece: &[u8]| feed.push(piece);
            let answer = transport
                .send_into(&page, endpoint, credential, self.refusal, &mut sink)
                .await;
            let (ended, ids) = (feed.ended, feed.ids);
            let page = Course::judge(answer, ended, ids, &self.elements, request)?;
            if !course.turn(self.elements.counts(), page)? {
                return Ok(course.listed);
            }
        }
    }
}

/// Takes the pieces of one body.
struct Feed<'f, 'm, 'p> {
    elements: &'f mut ElementReader<'m>,
    ids: Option<LastId<'p>>,
    on: &'f mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
    ended: Ended,
}

/// How a body ended for who takes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It did not: it may have more.
    Not,
    /// The caller broke off.
    Stopped,
    /// The body is not sound.
    Unsound(ElementError),
    /// It has what the page before has.
    Repeats,
}

impl<'f, 'm, 'p> Feed<'f, 'm, 'p> {
    fn new(
        elements: &'f mut ElementReader<'m>,
        ids: Option<LastId<'p>>,
        on: &'f mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Self {
        Self {
            elements,
            ids,
            on,
            ended: Ended::Not,
        }
    }

    fn push(&mut self, mut piece: &[u8]) -> ControlFlow<()> {
        if self.ended != Ended::Not {
            return ControlFlow::Break(());
        }
        loop {
            match self.elements.next(&mut piece) {
                Ok(Some(item)) => {
                    if self.ids.as_mut().is_some_and(|ids| ids.repeats(&item)) {
                        self.ended = Ended::Repeats;
                        return ControlFlow::Break(());
                    }
                    if (self.on)(item).is_break() {
                        self.ended = Ended::Stopped;
                        return ControlFlow::Break(());
                    }
                }
                Ok(None) => return ControlFlow::Continue(()),
                Err(error) => {
                    self.ended = Ended::Unsound(error);
                    return ControlFlow::Break(());
                }
            }
        }
    }
}

/// The pages so far.
struct Course {
    pages: Pages,
    by_last_id: bool,
    listed: Listed,
}

impl Course {
    /// Only what reads may be sent again for another page.
    fn new<A: Api, E>(
        request: &Request<'_, A>,
        pages_max: u32,
        all_orders: bool,
    ) -> Result<Self, ListError<E>> {
        let reads = request.method() == Method::Get;
        let parameter = last_id::parameter(request, all_orders).map_err(ListError::Request)?;
        let pages = Pages::at_most(if reads { pages_max } else { 1 });
        Ok(Self {
            pages: match parameter {
                Some(parameter) => pages.by(parameter),
                None => pages,
            },
            by_last_id: parameter.is_some(),
            listed: Listed::default(),
        })
    }

    /// What takes the ids of the next page, if its last one matters.
    fn ids(&self) -> Option<LastId<'_>> {
        let ids = LastId::after(self.pages.token());
        self.by_last_id.then_some(ids)
    }

    fn target<'t, A: Api, E>(
        &self,
        request: &Request<'t, A>,
        place: &'t mut [u8],
    ) -> Result<&'t str, ListError<E>> {
        match self.pages.token() {
            None => Ok(request.target()),
            Some(_) => self
                .pages
                .target(request.target(), place)
                .map_err(ListError::Request),
        }
    }

    /// Judges a page that was read.
    fn judge<A: Api, E>(
        answer: Result<Reply<'_>, E>,
        ended: Ended,
        ids: Option<LastId<'_>>,
        elements: &ElementReader<'_>,
        request: &Request<'_, A>,
    ) -> Result<Option<Page>, ListError<E>> {
        match ended {
            Ended::Unsound(error) => return Err(ListError::Elements(error)),
            Ended::Repeats => return Err(ListError::Pages(PageError::Repeats)),
            Ended::Stopped => return Ok(None),
            Ended::Not => {}
        }
        answer
            .map_err(ListError::Transport)?
            .success()
            .map_err(ListError::Refused)?;
        let page = elements.finish().map_err(ListError::Elements)?;
        match ids {
            Some(ids) => ids
                .next(page, request.target())
                .map_err(ListError::Pages)
                .map(Some),
            None => Ok(Some(page)),
        }
    }

    /// Counts a page, and tells whether there is another. None is one that the caller broke off.
    fn turn<E>(
        &mut self,
        (read, too_long): (u64, u64),
        page: Option<Page>,
    ) -> Result<bool, ListError<E>> {
        self.listed.pages = self.listed.pages.saturating_add(1);
        self.listed.elements = self.listed.elements.saturating_add(read);
        self.listed.too_long = self.listed.too_long.saturating_add(too_long);
        match page {
            Some(page) => self.pages.turn(&page).map_err(ListError::Pages),
            None => {
                self.listed.stopped = true;
                Ok(false)
            }
        }
    }
}

/// Why a list was not read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListError<E> {
    /// There is no complete answer. Elements of this page count for nothing.
    Transport(E),
    /// The answer is no success.
    Refused(Refusal),
    /// The body is not sound, or has no such list. Elements of this page count for nothing.
    Elements(ElementError),
    /// The pages have no end, or more than were allowed. Elements of the pages that were read count.
    Pages(PageError),
    /// The target of the next page does not fit: use a larger buffer for it. Or the request is none for
    /// [`Listing::all_orders`], and nothing was sent.
    Request(RequestError),
}

impl<E: fmt::Display> fmt::Display for ListError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Elements(error) => error.fmt(f),
            Self::Pages(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error> core::error::Error for ListError<E> {}
