//! The HTTP/1.1 request head (RFC 9112 §2–3): the exact bytes, authentication included.

use zeroize::Zeroize;

use crate::credential::Opens;
use crate::endpoint::{Api, Endpoint};
use crate::request::{Body, Request, RequestError};
use crate::secret::{Cursor, Secret, SecretTooLong};

/// Bytes that hold the head of any request with a short target, whatever the credential but a
/// broker token of full length.
pub const HEAD_BUFFER: usize = 1024;

/// A buffer for one request head. Wipes itself.
pub type HeadBuffer<const N: usize = HEAD_BUFFER> = Secret<N>;

/// What every request says between its host and its authentication.
const FIXED: &str = concat!(
    "\r\nUser-Agent: alpaca-auth/",
    env!("CARGO_PKG_VERSION"),
    "\r\nAccept: application/json"
);

/// Writes the head of `request` to `endpoint`, authenticated by `credential`, up to and including
/// the empty line. The body, if there is one, follows it on the wire.
///
/// Header fields stand in this order: `Host`, `User-Agent`, `Accept`, authentication, and with a
/// body `Content-Type` and `Content-Length` (0 for POST, PUT and PATCH without one). `out` is wiped first.
///
/// ```
/// use alpaca_auth::credential::{KeyPair, Slot};
/// use alpaca_auth::endpoint::{Endpoint, Trading};
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::http::{HeadBuffer, write_head};
/// use alpaca_auth::request::trading;
///
/// let mut slot = Slot::<KeyPair<Paper>>::vacant();
/// let key_pair = slot.paper("PKTEST", "secret")?;
/// let mut head = HeadBuffer::<512>::new();
/// write_head(&trading::submit_order(b"{}"), &Endpoint::<Trading, Paper>::alpaca(), key_pair, &mut head)?;
/// head.expose(|bytes| assert!(bytes.ends_with(b"Content-Length: 2\r\n\r\n")));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
/// [`RequestError::HeadTooLong`] when the head does not fit; `out` is wiped then, nothing is cut.
#[inline]
pub fn write_head<A: Api, C: Opens<A>, const N: usize>(
    request: &Request<'_, A>,
    endpoint: &Endpoint<A, C::Environment>,
    credential: &C,
    out: &mut HeadBuffer<N>,
) -> Result<(), RequestError> {
    let written = out.write(|out| put_head(request, endpoint, credential, out));
    written.map_err(|_| RequestError::HeadTooLong)
}

/// The same into a buffer that the caller wipes. Returns the head's length.
///
/// For transports without room for a second copy; others use [`write_head`].
///
/// # Errors
/// [`RequestError::HeadTooLong`] when the head does not fit; `out` is wiped then.
pub fn write_head_into<A: Api, C: Opens<A>>(
    request: &Request<'_, A>,
    endpoint: &Endpoint<A, C::Environment>,
    credential: &C,
    out: &mut [u8],
) -> Result<usize, RequestError> {
    let room = out.len();
    let mut cursor = Cursor::new(out);
    match put_head(request, endpoint, credential, &mut cursor) {
        Ok(()) => Ok(room.saturating_sub(cursor.room())),
        Err(_) => {
            out.zeroize();
            Err(RequestError::HeadTooLong)
        }
    }
}

#[inline]
fn put_head<A: Api, C: Opens<A>>(
    request: &Request<'_, A>,
    endpoint: &Endpoint<A, C::Environment>,
    credential: &C,
    out: &mut Cursor<'_>,
) -> Result<(), SecretTooLong> {
    out.put(request.method().with_space().1.as_bytes())?;
    out.put(request.target().as_bytes())?;
    out.put(b" HTTP/1.1\r\nHost: ")?;
    out.put(endpoint.authority().as_bytes())?;
    out.put(FIXED.as_bytes())?;
    credential.with_fields(|fields| {
        fields.iter().try_for_each(|field| {
            out.put(field.line.as_bytes())?;
            out.put(field.secret)
        })
    })?;
    match request.body() {
        Some(body) => body_fields(out, body)?,
        // RFC 9110 §8.6: a method that expects content says that there is none.
        None if request.method().expects_content() => out.put(b"\r\nContent-Length: 0")?,
        None => {}
    }
    out.put(b"\r\n\r\n")
}

fn body_fields(out: &mut Cursor<'_>, body: Body<'_>) -> Result<(), SecretTooLong> {
    out.put(b"\r\nContent-Type: ")?;
    out.put(body.content_type.text().as_bytes())?;
    out.put(b"\r\nContent-Length: ")?;
    out.put(decimal(body.bytes.len()).as_bytes())
}

/// `value` in decimal digits.
pub(crate) fn decimal(value: usize) -> heapless::String<20> {
    let mut text = heapless::String::new();
    // 20 digits hold any 64-bit value, so this cannot fail.
    let _ = core::fmt::write(&mut text, format_args!("{value}"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{BrokerKey, ConnectToken, KeyPair, Slot};
    use crate::endpoint::{Broker, Trading};
    use crate::environment::{Live, Paper, Sandbox};
    use crate::request::{Method, broker, trading};

    fn text<const N: usize>(head: &HeadBuffer<N>) -> std::string::String {
        head.expose(|bytes| std::string::String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn the_head_of_the_account_is_exactly_this() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let pair = slot.paper("PKTEST", "sec/ret").unwrap();
        let mut head = HeadBuffer::<1024>::new();
        write_head(&trading::account(), &Endpoint::alpaca(), pair, &mut head).unwrap();
        let expected = std::format!(
            "GET /v2/account HTTP/1.1\r\nHost: paper-api.alpaca.markets\r\nUser-Agent: {}\r\n\
             Accept: application/json\r\nAPCA-API-KEY-ID: PKTEST\r\nAPCA-API-SECRET-KEY: sec/ret\r\n\r\n",
            crate::USER_AGENT
        );
        assert_eq!(text(&head), expected);
    }

    #[test]
    fn a_body_brings_its_type_and_length() {
        let mut slot = Slot::<ConnectToken<Live>>::vacant();
        let token = slot.live("abc").unwrap();
        let mut head = HeadBuffer::<1024>::new();
        let request = trading::submit_order(b"{\"symbol\":1}");
        let endpoint = Endpoint::<Trading, Live>::at("localhost", 8443).unwrap();
        write_head(&request, &endpoint, token, &mut head).unwrap();
        assert!(text(&head).starts_with("POST /v2/orders HTTP/1.1\r\nHost: localhost:8443\r\n"));
        assert!(text(&head).ends_with(
            "\r\nAuthorization: Bearer abc\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"
        ));
    }

    #[test]
    fn a_method_that_expects_content_says_that_there_is_none() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let pair = slot.paper("PKTEST", "secret").unwrap();
        let mut head = HeadBuffer::<1024>::new();
        for (method, says) in [
            (Method::Post, true),
            (Method::Put, true),
            (Method::Patch, true),
            (Method::Get, false),
            (Method::Delete, false),
        ] {
            let request = Request::<Trading>::new(method, "/v2/x").unwrap();
            write_head(&request, &Endpoint::alpaca(), pair, &mut head).unwrap();
            assert_eq!(
                text(&head).ends_with("\r\nContent-Length: 0\r\n\r\n"),
                says,
                "{method:?}"
            );
        }
    }

    #[test]
    fn a_head_that_does_not_fit_is_refused_and_leaves_nothing_at_every_size() {
        let mut slot = Slot::<BrokerKey<Sandbox>>::vacant();
        let key = slot.sandbox("CKTEST", "secret").unwrap();
        let endpoint = Endpoint::<Broker, Sandbox>::alpaca();
        let mut fits = HeadBuffer::<1024>::new();
        write_head(&broker::accounts(), &endpoint, key, &mut fits).unwrap();
        assert!(text(&fits).contains("\r\nAuthorization: Basic Q0tURVNUOnNlY3JldA==\r\n"));
        fn refused<const N: usize>(key: &BrokerKey<Sandbox>, endpoint: &Endpoint<Broker, Sandbox>) {
            let mut head = HeadBuffer::<N>::new();
            let result = write_head(&broker::accounts(), endpoint, key, &mut head);
            assert_eq!(result, Err(RequestError::HeadTooLong));
            assert!(head.is_empty());
        }
        refused::<0>(key, &endpoint);
        refused::<3>(key, &endpoint);
        refused::<100>(key, &endpoint);
        refused::<150>(key, &endpoint);
    }

    #[test]
    fn a_plain_buffer_gets_the_same_head_or_zeros() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let pair = slot.paper("PKTEST", "secret").unwrap();
        let (request, endpoint) = (trading::account(), Endpoint::<Trading, Paper>::alpaca());
        let mut head = HeadBuffer::<1024>::new();
        write_head(&request, &endpoint, pair, &mut head).unwrap();
        let mut plain = [0xaa; 1024];
        let length = write_head_into(&request, &endpoint, pair, &mut plain).unwrap();
        assert_eq!(text(&head).as_bytes(), &plain[..length]);
        for room in 0..length {
            let mut short = std::vec![0xaa; room];
            let refused = write_head_into(&request, &endpoint, pair, &mut short);
            assert_eq!(refused, Err(RequestError::HeadTooLong));
            assert!(short.iter().all(|byte| *byte == 0), "{room}");
        }
    }

    #[test]
    fn a_buffer_used_again_keeps_nothing_of_the_longer_head() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let pair = slot.paper("PKTEST", "secret").unwrap();
        let mut head = HeadBuffer::<1024>::new();
        let long = [b'a'; 100];
        let long = core::str::from_utf8(&long).unwrap();
        let target = std::format!("/{long}");
        let request = Request::<Trading>::new(Method::Get, &target).unwrap();
        write_head(&request, &Endpoint::alpaca(), pair, &mut head).unwrap();
        write_head(&trading::account(), &Endpoint::alpaca(), pair, &mut head).unwrap();
        assert!(!text(&head).contains("aaaa"));
    }
}
