//! [`MetadataService`]: the plain HTTP on a machine's own network where clouds serve credentials.
//!
//! This is the one place without TLS, because those services have none. So it connects to fixed
//! addresses only, which no router forwards, resolves no name, follows nothing, and sends nothing but
//! what such a service itself has issued. No key of Alpaca's and no credential of a user comes here.
//! Time and size are bounded, and the answer passes the core's strict parser.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use alpaca_auth::http::{BodyReader, Framing, Parsed, ResponseHead};
use alpaca_auth::source::{ManagerFault, NetworkFault, SourceFault};
use zeroize::{Zeroize, Zeroizing};

/// Time to connect: the service is on this machine's own network, or nowhere.
const CONNECT_TIME: Duration = Duration::from_secs(1);
/// Time for the whole exchange.
const TOTAL_TIME: Duration = Duration::from_secs(5);
/// Longest answer, head included, in bytes.
const ANSWER_MAX: usize = 16 * 1024;

/// Where both Amazon's and Google's machines find their metadata.
pub(super) const LINK_LOCAL: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// One service at an address where credentials may be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MetadataService {
    address: SocketAddr,
    host: String,
}

/// An answer, whose memory is wiped.
pub(super) struct Answer {
    bytes: Zeroizing<Vec<u8>>,
    length: usize,
    pub(super) status: u16,
    /// It says `Metadata-Flavor: Google`.
    #[cfg(feature = "google")]
    pub(super) is_googles: bool,
}

impl Answer {
    pub(super) fn body(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl MetadataService {
    /// Amazon's instance metadata.
    #[cfg(feature = "aws")]
    pub(super) fn instance(ipv6: bool) -> Self {
        if ipv6 {
            Self::at(
                std::net::Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254).into(),
                80,
            )
        } else {
            Self::at(LINK_LOCAL.into(), 80)
        }
    }

    /// Amazon's container credentials, behind a relative URI.
    #[cfg(feature = "aws")]
    pub(super) fn container() -> Self {
        Self::at(Ipv4Addr::new(169, 254, 170, 2).into(), 80)
    }

    /// Google's metadata server. Its name is not resolved.
    #[cfg(feature = "google")]
    pub(super) fn google() -> Self {
        Self {
            host: "metadata.google.internal".to_owned(),
            ..Self::at(LINK_LOCAL.into(), 80)
        }
    }

    /// The service and path of a full URI: `http` to a loopback, or to the address where ECS or EKS
    /// serves credentials. `None` for any other.
    #[cfg(feature = "aws")]
    pub(super) fn of_uri(uri: &str) -> Option<(Self, &str)> {
        let rest = uri.strip_prefix("http://")?;
        let (authority, path) = rest.split_at_checked(rest.find('/')?)?;
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (IpAddr::V6(host.parse().ok()?), port.strip_prefix(':'))
            }
            None => {
                let (host, port) = match authority.split_once(':') {
                    Some((host, port)) => (host, Some(port)),
                    None => (authority, None),
                };
                let host = if host == "localhost" {
                    "127.0.0.1"
                } else {
                    host
                };
                (IpAddr::V4(host.parse().ok()?), port)
            }
        };
        let port = match port {
            Some(port) => port.parse().ok()?,
            None => 80,
        };
        let ecs = Ipv4Addr::new(169, 254, 170, 2);
        let eks = Ipv4Addr::new(169, 254, 170, 23);
        let eks_v6 = std::net::Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23);
        let allowed = host.is_loopback() || host == ecs || host == eks || host == eks_v6;
        (allowed && is_target(path)).then(|| (Self::at(host, port), path))
    }

    fn at(address: IpAddr, port: u16) -> Self {
        let address = SocketAddr::new(address, port);
        let host = if port == 80 {
            match address.ip() {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            }
        } else {
            address.to_string()
        };
        Self { address, host }
    }

    /// Whether something listens there. A machine in no cloud has nothing at the address.
    pub(super) fn connect(&self) -> Option<TcpStream> {
        TcpStream::connect_timeout(&self.address, CONNECT_TIME).ok()
    }

    /// Sends one request over `socket` and reads the answer.
    pub(super) fn ask(
        &self,
        socket: TcpStream,
        method: &str,
        path: &str,
        fields: &[(&str, &[u8])],
    ) -> Result<Answer, SourceFault> {
        self.exchange(socket, method, path, fields)
            .map_err(|fault| SourceFault::Manager(ManagerFault::Network(fault)))
    }

    fn exchange(
        &self,
        mut socket: TcpStream,
        method: &str,
        path: &str,
        fields: &[(&str, &[u8])],
    ) -> Result<Answer, NetworkFault> {
        let started = Instant::now();
        if !is_target(path) {
            return Err(NetworkFault::AddressRefused);
        }
        // Written once, into room enough: a vector that grows would leave copies of a token.
        let room = fields
            .iter()
            .map(|(name, value)| name.len().saturating_add(value.len()));
        let room = room.fold(512_usize, |sum, length| {
            sum.saturating_add(length).saturating_add(4)
        });
        let mut head = Zeroizing::new(Vec::with_capacity(room.saturating_add(path.len())));
        for part in [method, " ", path, " HTTP/1.1\r\nHost: ", &self.host] {
            head.extend_from_slice(part.as_bytes());
        }
        for part in [
            "\r\nUser-Agent: ",
            alpaca_auth::USER_AGENT,
            "\r\nConnection: close",
        ] {
            head.extend_from_slice(part.as_bytes());
        }
        for (name, value) in fields {
            if !value.iter().all(|byte| matches!(byte, b' '..=b'~')) {
                return Err(NetworkFault::AddressRefused);
            }
            for part in [b"\r\n", name.as_bytes(), b": ", *value] {
                head.extend_from_slice(part);
            }
        }
        head.extend_from_slice(if method == "PUT" {
            b"\r\nContent-Length: 0\r\n\r\n"
        } else {
            b"\r\n\r\n"
        });
        let lost = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => NetworkFault::Timeout,
            _ => NetworkFault::Lost,
        };
        socket.set_write_timeout(Some(TOTAL_TIME)).map_err(lost)?;
        socket.write_all(&head).map_err(lost)?;
        let mut bytes = Zeroizing::new(vec![0; ANSWER_MAX]);
        let mut length = 0_usize;
        loop {
            let left = TOTAL_TIME.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(NetworkFault::Timeout);
            }
            socket.set_read_timeout(Some(left)).map_err(lost)?;
            let rest = bytes.get_mut(length..).unwrap_or_default();
            if rest.is_empty() {
                return Err(NetworkFault::TooLarge);
            }
            let read = socket.read(rest).map_err(lost)?;
            length = length.saturating_add(read);
            if let Some(answer) = parse(bytes.get(..length).unwrap_or_default())? {
                return Ok(answer);
            }
            if read == 0 {
                return Err(NetworkFault::Lost);
            }
        }
    }
}

/// The whole answer, if all of it is there.
fn parse(bytes: &[u8]) -> Result<Option<Answer>, NetworkFault> {
    let parsed = ResponseHead::parse(bytes).map_err(|_| NetworkFault::Malformed)?;
    let Parsed::Complete { head, length } = parsed else {
        return Ok(None);
    };
    if matches!(head.status(), 100..=199) {
        return Err(NetworkFault::Malformed);
    }
    if matches!(head.status(), 300..=399) {
        return Err(NetworkFault::Redirect);
    }
    let framing = Framing::decide(false, head.status(), head.fields());
    let framing = framing.map_err(|_| NetworkFault::Malformed)?;
    let limit = u64::try_from(ANSWER_MAX).unwrap_or(0);
    let mut reader = BodyReader::new(framing, limit).map_err(|_| NetworkFault::TooLarge)?;
    let mut content = Zeroizing::new(vec![0; ANSWER_MAX]);
    let rest = bytes.get(length..).unwrap_or_default();
    let progress = reader
        .decode(rest, &mut content)
        .map_err(|_| NetworkFault::Malformed)?;
    if !progress.done {
        content.zeroize();
        return Ok(None);
    }
    Ok(Some(Answer {
        bytes: content,
        length: progress.produced,
        status: head.status(),
        #[cfg(feature = "google")]
        is_googles: head.field("metadata-flavor") == Some(b"Google"),
    }))
}

/// Path and query of visible ASCII, with one leading slash.
fn is_target(path: &str) -> bool {
    path.starts_with('/')
        && path.len() <= 2048
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[cfg(feature = "aws")]
    #[test]
    fn credentials_are_taken_from_the_addresses_of_clouds_and_from_nowhere_else() {
        for (uri, host, path) in [
            (
                "http://127.0.0.1:4000/creds?x=1",
                "127.0.0.1:4000",
                "/creds?x=1",
            ),
            ("http://localhost/creds", "127.0.0.1", "/creds"),
            ("http://[::1]:80/creds", "[::1]", "/creds"),
            (
                "http://169.254.170.2/v2/creds",
                "169.254.170.2",
                "/v2/creds",
            ),
            (
                "http://169.254.170.23/v1/credentials",
                "169.254.170.23",
                "/v1/credentials",
            ),
            (
                "http://[fd00:ec2::23]/v1/credentials",
                "[fd00:ec2::23]",
                "/v1/credentials",
            ),
        ] {
            let (service, found) = MetadataService::of_uri(uri).unwrap();
            assert_eq!((service.host.as_str(), found), (host, path), "{uri}");
        }
        for uri in [
            "",
            "/creds",
            "https://127.0.0.1/creds",
            "http://127.0.0.1",
            "http://example.com/creds",
            "http://10.0.0.1/creds",
            "http://169.254.169.254/latest",
            "http://127.0.0.1.example.com/creds",
            "http://user@127.0.0.1/creds",
            "http://127.0.0.1:99999/creds",
            "http://127.0.0.1:/creds",
            "http://[fd00:ec2::24]/creds",
            "http://[::1/creds",
            "http://0.0.0.0/creds",
            "http://127.0.0.1/a b",
            "http://127.0.0.1/a\r\nX: y",
            "http://2130706433/creds",
            "http://localhost.example.com/creds",
            "file:///etc/passwd",
        ] {
            assert_eq!(
                MetadataService::of_uri(uri).map(|found| found.0),
                None,
                "{uri}"
            );
        }
    }

    fn answered(sent: &'static [u8]) -> Result<(u16, Vec<u8>), NetworkFault> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = MetadataService {
            address: listener.local_addr().unwrap(),
            host: "test".to_owned(),
        };
        let server = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut byte = [0; 1];
            while !request.ends_with(b"\r\n\r\n") {
                assert_eq!(socket.read(&mut byte).unwrap(), 1);
                request.push(byte[0]);
            }
            let _ = socket.write_all(sent);
            request
        });
        let socket = service.connect().unwrap();
        let answer = service.exchange(socket, "GET", "/x", &[("X-Token", b"t")]);
        let request = String::from_utf8(server.join().unwrap()).unwrap();
        assert!(
            request.starts_with("GET /x HTTP/1.1\r\nHost: test\r\n"),
            "{request}"
        );
        assert!(request.ends_with("\r\nX-Token: t\r\n\r\n"), "{request}");
        answer.map(|answer| (answer.status, answer.body().to_vec()))
    }

    #[test]
    fn only_a_whole_and_certain_answer_is_taken() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(answered(whole), Ok((200, b"{}".to_vec())));
        let chunked =
            b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        assert_eq!(answered(chunked), Ok((404, b"{}".to_vec())));
        for (sent, fault) in [
            (&b""[..], NetworkFault::Lost),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", NetworkFault::Lost),
            (b"HTTP/1.1 200 OK\r\n\r\n{}", NetworkFault::Malformed),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", NetworkFault::Malformed),
            (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", NetworkFault::Malformed),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", NetworkFault::TooLarge),
            (b"HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n", NetworkFault::Redirect),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n +2\r\n", NetworkFault::Malformed),
            (b"SSH-2.0-x\r\n", NetworkFault::Malformed),
        ] {
            assert_eq!(answered(sent), Err(fault), "{}", sent.escape_ascii());
        }
    }

    #[test]
    fn a_field_that_could_change_the_request_is_not_sent() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = MetadataService {
            address: listener.local_addr().unwrap(),
            host: "test".to_owned(),
        };
        for (path, value) in [
            ("/x", &b"a\r\nX: y"[..]),
            ("/x", b"\0"),
            ("x", b"a"),
            ("/a b", b"a"),
        ] {
            let socket = service.connect().unwrap();
            let refused = service.exchange(socket, "GET", path, &[("X-Token", value)]);
            assert_eq!(refused.err(), Some(NetworkFault::AddressRefused));
        }
    }
}
