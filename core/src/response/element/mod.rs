//! Lists of any length, element by element, in memory for one.
//!
//! A body of 500 orders has half a megabyte. [`ElementReader`] takes it in the pieces in which it arrives and gives
//! each element of its list whole, in a buffer of the caller's that holds one. [`Pages`] follows page tokens.

mod page;
mod reader;

pub use page::{PAGE_TOKEN_MAX, Page, PageError, PageToken, Pages};
pub use reader::ElementReader;

use core::fmt;

use serde::Deserialize;

use super::json_shape::JsonShapeError;
use super::{ReplyError, json};

/// Longest symbol of [`Place::UnderEach`], in bytes. Those of options have 21.
pub const SYMBOL_MAX: usize = 64;

/// Where in a reply its list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'p> {
    /// The reply is the list: `[…]`, as of orders, positions, activities, assets.
    Top,
    /// Under a member of the reply: `{"bars":[…]}`, as of bars of one symbol, news. `null` is a list of none.
    Under(&'p str),
    /// Under each symbol under a member: `{"bars":{"AAPL":[…],"MSFT":[…]}}`.
    UnderEach(&'p str),
}

/// One element of a list. Its JSON has been checked, its type has not.
///
/// It is provisional until [`ElementReader::finish`] says that the whole body was sound: what comes later may be cut
/// off or malformed, and then the list was not what the server meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Element<'e> {
    bytes: &'e [u8],
    symbol: Option<&'e str>,
    index: u64,
}

impl<'e> Element<'e> {
    /// The element's JSON, without blanks around it.
    #[must_use]
    pub const fn bytes(&self) -> &'e [u8] {
        self.bytes
    }

    /// The symbol that it stands under, escapes as they are; none unless the place is [`Place::UnderEach`].
    #[must_use]
    pub const fn symbol(&self) -> Option<&'e str> {
        self.symbol
    }

    /// How many elements of this body came before.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Reads the element as `T`.
    ///
    /// # Errors
    /// [`ReplyError::Type`] when it is no `T`. The next one may be.
    pub fn json<T: Deserialize<'e>>(&self) -> Result<T, ReplyError> {
        json::from_checked(self.bytes).map_err(ReplyError::Type)
    }
}

/// Shows the length only: it may hold an account.
impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("index", &self.index)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// An element did not fit the buffer. It was gone over, and the next one is read as if nothing had happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementTooLong {
    /// How many elements of this body came before.
    pub index: u64,
    /// Bytes that it has, and the buffer needs.
    pub length: u64,
}

impl fmt::Display for ElementTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "element {} has {} bytes and was left out; use a larger buffer",
            self.index, self.length
        )
    }
}

impl core::error::Error for ElementTooLong {}

/// An element, or that it is too long.
pub type Item<'e> = Result<Element<'e>, ElementTooLong>;

/// Why a body is not read to its end. What it gave before counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementError {
    /// The body is no JSON: something between rewrote it, or it was cut off.
    Json(JsonShapeError),
    /// The list is not at its place. Check the place; if Alpaca sent it, its API has changed: report it.
    NoList,
    /// The place holds something else than a list.
    NotAList,
    /// The list or the page token is there twice.
    Twice,
    /// A symbol is longer than [`SYMBOL_MAX`].
    SymbolTooLong,
    /// The page token is no text of at most [`PAGE_TOKEN_MAX`] visible ASCII characters.
    PageToken,
}

impl fmt::Display for ElementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(error) => {
                return write!(
                    f,
                    "the body is not the JSON that was expected ({error}); check what stands between"
                );
            }
            Self::NoList => "the reply has no list at this place; check that the place fits the request",
            Self::NotAList => "this place of the reply holds no list; check that the place fits the request",
            Self::Twice => "the reply has its list or page token twice; check what stands between",
            Self::SymbolTooLong => "a symbol has more than 64 bytes; check what stands between",
            Self::PageToken => "the page token is not acceptable; check what stands between",
        })
    }
}

impl core::error::Error for ElementError {}
