//! [`HeaderSet`]: every header of one request, for a caller with an HTTP stack of its own.

use crate::USER_AGENT;
use crate::credential::Opens;
use crate::endpoint::{Api, Endpoint};
use crate::http::decimal;
use crate::request::{Request, RequestError};
use crate::secret::Secret;

/// Most headers of a request: host, user agent, accept, four of authentication, two of a body.
const HEADERS_MAX: usize = 9;

/// A header ready for an HTTP client: name and value, and whether the value must stay out of logs.
pub struct Header<'s> {
    /// Field name.
    pub name: &'static str,
    /// Field value: visible ASCII.
    pub value: &'s [u8],
    /// Whether the value authenticates: mark it sensitive in your client, never log it.
    pub sensitive: bool,
}

/// All headers of one request. Holds the authentication in a buffer of `N` bytes that it wipes.
///
/// `N` must hold the values of the authentication headers and of `Content-Length`: 276 for keys,
/// 364 for HTTP Basic, 2,076 for any broker token.
///
/// ```
/// use alpaca_auth::credential::{BrokerToken, Slot};
/// use alpaca_auth::endpoint::{Broker, Endpoint};
/// use alpaca_auth::environment::Sandbox;
/// use alpaca_auth::request::{Method, Request};
/// use alpaca_auth::scheme::HeaderSet;
///
/// let mut slot = Slot::<BrokerToken<Sandbox>>::vacant();
/// let token = slot.sandbox("abc.def")?;
/// let endpoint = Endpoint::<Broker, Sandbox>::alpaca();
/// let request = Request::<Broker>::new(Method::Get, "/v1/accounts")?;
/// let headers = HeaderSet::<64>::new(&request, &endpoint, token)?;
/// let sensitive: Vec<_> = headers.iter().filter(|h| h.sensitive).map(|h| (h.name, h.value)).collect();
/// assert_eq!(sensitive, [("Authorization", &b"Bearer abc.def"[..])]);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct HeaderSet<'r, const N: usize> {
    values: Secret<N>,
    entries: heapless::Vec<Entry<'r>, HEADERS_MAX>,
}

struct Entry<'r> {
    name: &'static str,
    value: Value<'r>,
}

enum Value<'r> {
    Public(&'r str),
    /// A range of `values`, and whether it is sensitive.
    Own(usize, usize, bool),
}

impl<'r, const N: usize> HeaderSet<'r, N> {
    /// Collects the headers of `request` to `endpoint`, authenticated by `credential`.
    ///
    /// # Errors
    /// [`RequestError::HeadTooLong`] when `N` is too small.
    pub fn new<A: Api, C: Opens<A>>(
        request: &Request<'r, A>,
        endpoint: &'r Endpoint<A, C::Environment>,
        credential: &C,
    ) -> Result<Self, RequestError> {
        let mut set = Self {
            values: Secret::new(),
            entries: heapless::Vec::new(),
        };
        set.public("Host", endpoint.authority())?;
        set.public("User-Agent", USER_AGENT)?;
        set.public("Accept", "application/json")?;
        credential.with_fields(|fields| {
            fields.iter().try_for_each(|field| {
                set.own(field.name, true, &[field.prefix.as_bytes(), field.secret])
            })
        })?;
        match request.body() {
            Some(body) => {
                set.public("Content-Type", body.content_type.text())?;
                let length = decimal(body.bytes.len());
                set.own("Content-Length", false, &[length.as_bytes()])?;
            }
            None if request.method().expects_content() => set.public("Content-Length", "0")?,
            None => {}
        }
        Ok(set)
    }

    /// The headers in the order they should be sent.
    pub fn iter(&self) -> impl Iterator<Item = Header<'_>> {
        self.entries.iter().map(|entry| self.header(entry))
    }

    fn header(&self, entry: &Entry<'r>) -> Header<'_> {
        let (value, sensitive) = match entry.value {
            Value::Public(text) => (text.as_bytes(), false),
            Value::Own(start, end, sensitive) => (self.values.slice(start, end), sensitive),
        };
        Header {
            name: entry.name,
            value,
            sensitive,
        }
    }

    fn public(&mut self, name: &'static str, text: &'r str) -> Result<(), RequestError> {
        self.push(name, Value::Public(text))
    }

    fn own(
        &mut self,
        name: &'static str,
        sensitive: bool,
        parts: &[&[u8]],
    ) -> Result<(), RequestError> {
        let start = self.values.len();
        for part in parts {
            self.values
                .append(part)
                .map_err(|_| RequestError::HeadTooLong)?;
        }
        self.push(name, Value::Own(start, self.values.len(), sensitive))
    }

    fn push(&mut self, name: &'static str, value: Value<'r>) -> Result<(), RequestError> {
        self.entries
            .push(Entry { name, value })
            .map_err(|_| RequestError::HeadTooLong)
    }
}
