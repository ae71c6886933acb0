//! HTTP/1.1 (RFC 9112): the request head written exactly, the answer read strictly.
//!
//! One parser serves every transport. Limits on head, header count, chunk digits, extensions,
//! trailers and body are constants here; what exceeds one is an error.

mod body;
mod date;
mod framing;
mod request_head;
mod response_head;

pub use body::{BodyError, BodyReader, CHUNK_DIGITS_MAX, EXTENSION_MAX, Progress, TRAILERS_MAX};
pub use date::{RetryAfter, parse_imf_fixdate};
pub use framing::{Framing, FramingError};
pub(crate) use request_head::decimal;
pub use request_head::{HEAD_BUFFER, HeadBuffer, write_head, write_head_into};
pub use response_head::{HEAD_MAX, HEADERS_MAX, HeadError, Parsed, ResponseHead};
