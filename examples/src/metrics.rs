//! [`Metrics`]: a small HTTP server on 127.0.0.1 for Prometheus and for people.
//!
//! It answers `GET /metrics` and `GET /`, one connection after the other, each in at most two seconds and
//! from at most four kilobytes. A page in a browser cannot read it: the `Host` must be this server's own.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use alpaca_auth::usage::PROMETHEUS_CONTENT_TYPE;
use alpaca_auth_ureq::Shared;

/// Longest head of a request.
const HEAD_MAX: usize = 4096;
/// Time for one connection.
const TIME: Duration = Duration::from_secs(2);

/// The server. It runs until the process ends.
pub struct Metrics {
    port: u16,
    thread: JoinHandle<()>,
}

impl Metrics {
    /// Serves what `shared` counts on `port`; 0 is any free one.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub fn serve(port: u16, shared: Shared) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let port = listener.local_addr()?.port();
        let thread = std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that leaves or breaks the protocol ends its own connection only.
                drop(serve(client, port, &shared));
            }
        });
        Ok(Self { port, thread })
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether it still serves.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.thread.is_finished()
    }
}

fn serve(mut client: TcpStream, port: u16, shared: &Shared) -> io::Result<()> {
    client.set_write_timeout(Some(TIME))?;
    let (status, content_type, body) = match read_head(&mut client)? {
        Err(status) => (status, "text/plain", String::new()),
        Ok(head) => match judge(&head, port) {
            Err(status) => (status, "text/plain", String::new()),
            Ok(Page::Metrics) => ("200 OK", PROMETHEUS_CONTENT_TYPE, shared.prometheus()),
            Ok(Page::Line) => ("200 OK", "text/plain", format!("{}\n", shared.usage())),
        },
    };
    let length = body.len();
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}"
    )?;
    client.shutdown(std::net::Shutdown::Write)?;
    // What was not read would reset the connection before the client has the answer.
    client.set_read_timeout(Some(Duration::from_millis(100)))?;
    let _ = client.read(&mut [0; HEAD_MAX]);
    Ok(())
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Metrics,
    Line,
}

/// The head of a request, or the status that refuses it.
fn read_head(client: &mut TcpStream) -> io::Result<Result<String, &'static str>> {
    let (begun, mut head) = (Instant::now(), Vec::new());
    let mut piece = [0; 512];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > HEAD_MAX {
            return Ok(Err("431 Request Header Fields Too Large"));
        }
        let left = TIME.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Ok(Err("408 Request Timeout"));
        }
        client.set_read_timeout(Some(left))?;
        match client.read(&mut piece) {
            Ok(0) => return Ok(Err("400 Bad Request")),
            Ok(count) => head.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(Err("408 Request Timeout"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(String::from_utf8(head).map_err(|_| "400 Bad Request"))
}

fn judge(head: &str, port: u16) -> Result<Page, &'static str> {
    let mut lines = head.split("\r\n");
    let mut line = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) =
        (line.next(), line.next(), line.next(), line.next())
    else {
        return Err("400 Bad Request");
    };
    let mut hosts = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then_some(value.trim())
    });
    let own = |host: &str| {
        ["127.0.0.1", "localhost"]
            .map(|name| format!("{name}:{port}"))
            .contains(&host.to_owned())
    };
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if own(host) => {}
        _ => return Err("421 Misdirected Request"),
    }
    match (method, target) {
        ("GET", "/metrics") => Ok(Page::Metrics),
        ("GET", "/") => Ok(Page::Line),
        ("GET", _) => Err("404 Not Found"),
        _ => Err("405 Method Not Allowed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_two_pages_are_served() {
        let head = |line: &str, host: &str| format!("{line}\r\nHost: {host}\r\n\r\n");
        let own = "127.0.0.1:9000";
        for (line, host, expected) in [
            ("GET /metrics HTTP/1.1", own, Ok(Page::Metrics)),
            ("GET / HTTP/1.1", "localhost:9000", Ok(Page::Line)),
            (
                "GET /metrics HTTP/1.1",
                "evil.example:9000",
                Err("421 Misdirected Request"),
            ),
            (
                "GET /metrics HTTP/1.1",
                "127.0.0.1:9001",
                Err("421 Misdirected Request"),
            ),
            (
                "GET /metrics HTTP/1.1",
                "127.0.0.1",
                Err("421 Misdirected Request"),
            ),
            (
                "GET /metrics HTTP/1.1",
                "127.0.0.1:9000\r\nHost: x",
                Err("421 Misdirected Request"),
            ),
            ("GET /x HTTP/1.1", own, Err("404 Not Found")),
            ("GET /metrics?x HTTP/1.1", own, Err("404 Not Found")),
            (
                "GET http://127.0.0.1:9000/ HTTP/1.1",
                own,
                Err("404 Not Found"),
            ),
            ("POST /metrics HTTP/1.1", own, Err("405 Method Not Allowed")),
            ("HEAD / HTTP/1.1", own, Err("405 Method Not Allowed")),
            ("GET / HTTP/2", own, Err("400 Bad Request")),
            ("GET  / HTTP/1.1", own, Err("400 Bad Request")),
            ("GET /", own, Err("400 Bad Request")),
            ("", own, Err("400 Bad Request")),
        ] {
            assert_eq!(judge(&head(line, host), 9000), expected, "{line} {host}");
        }
        assert_eq!(
            judge("GET / HTTP/1.1\r\n\r\n", 9000),
            Err("421 Misdirected Request")
        );
    }
}
