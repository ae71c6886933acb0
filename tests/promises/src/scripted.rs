//! A loopback HTTPS server whose answers are a function of the request, for peers that are not Alpaca.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

type Answer = dyn Fn(&str) -> Vec<u8> + Send;

/// The server, until the process ends.
pub struct Scripted {
    /// Where it listens, on `localhost`.
    pub port: u16,
    /// The CA that issued its certificate.
    pub ca_pem: String,
    answer: Arc<Mutex<Box<Answer>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// A server that answers each request, head and body as one text, by these bytes.
    ///
    /// # Panics
    /// When there is no loopback.
    #[must_use]
    pub fn start(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
        let (config, ca_pem) = certificate();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self {
            port: listener.local_addr().expect("an address").port(),
            ca_pem,
            answer: Arc::new(Mutex::new(Box::new(answer))),
            requests: Arc::default(),
        };
        let answer = Arc::clone(&server.answer);
        let requests = Arc::clone(&server.requests);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a server");
                let (answer, requests) = (Arc::clone(&answer), Arc::clone(&requests));
                let stream = StreamOwned::new(connection, socket);
                thread::spawn(move || serve(stream, &answer, &requests));
            }
        });
        server
    }

    /// Answers otherwise from now on.
    ///
    /// # Panics
    /// When a thread of the server panicked.
    pub fn script(&self, answer: impl Fn(&str) -> Vec<u8> + Send + 'static) {
        *self.answer.lock().expect("no panic") = Box::new(answer);
    }

    /// The requests so far, which it forgets.
    ///
    /// # Panics
    /// When a thread of the server panicked.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().expect("no panic"))
    }
}

/// An answer with its length.
#[must_use]
pub fn answer(status: u16, body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

fn serve(
    stream: StreamOwned<ServerConnection, std::net::TcpStream>,
    answer: &Mutex<Box<Answer>>,
    requests: &Mutex<Vec<String>>,
) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut text, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if !matches!(stream.read_line(&mut line), Ok(1..)) {
                return;
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().unwrap_or(0);
            }
            text.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        text.push_str(&String::from_utf8_lossy(&body));
        let bytes = answer.lock().expect("no panic")(&text);
        requests.lock().expect("no panic").push(text);
        if stream.get_mut().write_all(&bytes).is_err() || stream.get_mut().flush().is_err() {
            return;
        }
    }
}

fn certificate() -> (Arc<ServerConfig>, String) {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca_key = KeyPair::generate().expect("a key");
    let ca_certificate = ca.self_signed(&ca_key).expect("a CA");
    let issuer = Issuer::new(ca, ca_key);
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let key = KeyPair::generate().expect("a key");
    let certificate = leaf.signed_by(&key, &issuer).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate and its key");
    (Arc::new(config), ca_certificate.pem())
}
