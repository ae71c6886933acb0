//! The JSON of replies: read without copying, and written back as it was read.
//!
//! [`from_slice`] reads any `serde` type that borrows, as [`Reply::json`](crate::response::Reply::json) does. It
//! keeps what other deserializers lose: a [`Number`] keeps its text, a [`Raw`] value its bytes, a [`List`] or
//! [`Entries`] its elements until they are asked for, and a [`Text`] its escapes. What it does not name it skips
//! in a loop, so the stack does not depend on the server.
//!
//! # Escapes
//!
//! A borrowed text cannot be unescaped in place. So every text is kept with JSON's escapes, and reading never fails
//! because of one. Ids, symbols and codes are `&str`: Alpaca escapes nothing in them, and a server that writes
//! `"\u0041APL"` has sent another text than `AAPL`. What people write (headlines, names, reasons) is a [`Text`],
//! which unescapes as it is read. Names of members with escapes are other names.

pub(crate) mod machine;

mod list;
mod number;
mod reader;
mod text;
mod writer;

pub use list::{Entries, List, Raw};
pub use number::Number;
pub(crate) use reader::from_checked;
pub use reader::from_slice;
pub use text::{Characters, Text};
pub use writer::{WriteError, write};

/// How a [`Raw`] value asks for its bytes.
const RAW: &str = "alpaca_auth::response::json::Raw";
/// How a [`Number`] asks for its text.
const NUMBER: &str = "alpaca_auth::response::json::Number";
