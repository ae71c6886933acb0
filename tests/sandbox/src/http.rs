//! Reads requests and writes answers: HTTP/1.1 with bounded sizes.

use std::io::{self, Read, Write};

use serde_json::Value;

use crate::Role;

const HEAD_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;
const BODY_MAX: usize = 1 << 20;

/// A request as it was received.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The server that it went to.
    pub role: Role,
    /// Method.
    pub method: String,
    /// Path and query as received.
    pub target: String,
    /// Header fields as received, in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Recorded {
    /// The value of the first header field called `name`, in any letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The path, its segments decoded.
    pub(crate) fn path(&self) -> Vec<String> {
        let path = self.target.split('?').next().unwrap_or_default();
        path.split('/')
            .skip(1)
            .map(|segment| decode(segment, false))
            .collect()
    }

    /// The decoded value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true) == name).then(|| decode(value, true))
        })
    }
}

/// Percent-decodes; in a query `+` is a blank. What is malformed stays as it is.
fn decode(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            (b'+', _) if plus => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads one request; `None` when the client closed in between.
pub(crate) fn read(
    stream: &mut impl Read,
    buffer: &mut Vec<u8>,
    role: Role,
) -> io::Result<Option<Recorded>> {
    let malformed = || io::Error::from(io::ErrorKind::InvalidData);
    let (head_length, mut recorded) = loop {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(buffer).map_err(|_| malformed())? {
            httparse::Status::Complete(length) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                break (
                    length,
                    Recorded {
                        role,
                        method: request.method.unwrap_or_default().to_owned(),
                        target: request.path.unwrap_or_default().to_owned(),
                        headers: request
                            .headers
                            .iter()
                            .map(|h| (h.name.to_owned(), text(h.value)))
                            .collect(),
                        body: Vec::new(),
                    },
                );
            }
            httparse::Status::Partial if buffer.len() > HEAD_MAX => return Err(malformed()),
            httparse::Status::Partial => {
                if !fill(stream, buffer)? {
                    return if buffer.is_empty() {
                        Ok(None)
                    } else {
                        Err(malformed())
                    };
                }
            }
        }
    };
    buffer.drain(..head_length);
    recorded.body = if recorded.header("transfer-encoding").is_some() {
        read_chunks(stream, buffer)?
    } else {
        let length = recorded.header("content-length").unwrap_or("0");
        let length = length.parse::<usize>().map_err(|_| malformed())?;
        take(stream, buffer, length)?
    };
    Ok(Some(recorded))
}

fn fill(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut piece = [0; 4096];
    let count = stream.read(&mut piece)?;
    buffer.extend_from_slice(&piece[..count]);
    Ok(count > 0)
}

fn take(stream: &mut impl Read, buffer: &mut Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
    if length > BODY_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    while buffer.len() < length {
        if !fill(stream, buffer)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(buffer.drain(..length).collect())
}

fn read_chunks(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = loop {
            match httparse::parse_chunk_size(buffer) {
                Ok(httparse::Status::Complete((used, size))) => {
                    buffer.drain(..used);
                    break size;
                }
                Ok(httparse::Status::Partial) if buffer.len() < 64 && fill(stream, buffer)? => {}
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if body.len().saturating_add(size) > BODY_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        body.extend(take(stream, buffer, size)?);
        take(stream, buffer, 2)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer that refuses, and the cause, which only the sandbox's own record tells.
pub(crate) struct Refused {
    pub(crate) answer: Answer,
    pub(crate) cause: &'static str,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: "application/json; charset=UTF-8",
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        }
    }

    pub(crate) fn html(status: u16) -> Self {
        let text = reason(status);
        Self {
            status,
            content_type: "text/html",
            headers: Vec::new(),
            body: format!(
                "<html>\r\n<head><title>{status} {text}</title></head>\r\n<body>\r\n\
                 <center><h1>{status} {text}</h1></center>\r\n</body>\r\n</html>\r\n"
            )
            .into_bytes(),
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: "",
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(crate) fn ok(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The head, with `length` as its `Content-Length`.
    pub(crate) fn head(&self, length: usize) -> String {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        head.push_str(&format!("Date: {}\r\n", http_date()));
        if !self.content_type.is_empty() {
            head.push_str(&format!("Content-Type: {}\r\n", self.content_type));
        }
        if self.status != 204 {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head
    }

    pub(crate) fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let mut bytes = self.head(self.body.len()).into_bytes();
        bytes.extend_from_slice(&self.body);
        stream.write_all(&bytes)?;
        stream.flush()
    }
}

/// Unix seconds of the system clock.
pub(crate) fn unix_now() -> u64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Year, month, day of a unix time (the civil-from-days algorithm).
#[must_use]
pub fn civil(unix: u64) -> (u64, u64, u64) {
    let days = unix / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(unix: u64) -> String {
    let (year, month, day) = civil(unix);
    let (hour, minute, second) = (unix / 3600 % 24, unix / 60 % 60, unix % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000000Z")
}

fn http_date() -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let now = unix_now();
    let (year, month, day) = civil(now);
    let name = DAYS[usize::try_from(now / 86_400 % 7).unwrap_or(0)];
    let month = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
    let (hour, minute, second) = (now / 3600 % 24, now / 60 % 60, now % 60);
    format!("{name}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        207 => "Multi-Status",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        401 => "Authorization Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_around_a_leap_day() {
        assert_eq!(rfc3339(951_782_400), "2000-02-29T00:00:00.000000Z");
        assert_eq!(rfc3339(951_868_799), "2000-02-29T23:59:59.000000Z");
        assert_eq!(rfc3339(951_868_800), "2000-03-01T00:00:00.000000Z");
    }

    #[test]
    fn paths_and_queries_are_decoded() {
        let recorded = Recorded {
            role: Role::Paper,
            method: "GET".to_owned(),
            target: "/v2/a%2Fb?x=1%26+2&y=%zz".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        assert_eq!(recorded.path(), ["v2", "a/b"]);
        assert_eq!(recorded.query("x").as_deref(), Some("1& 2"));
        assert_eq!(recorded.query("y").as_deref(), Some("%zz"));
        assert_eq!(recorded.query("z"), None);
    }
}
