//! A TLS 1.3 server (RFC 8446) in memory that sends what a script says, right or wrong.
//!
//! For tests that a client never sends application data to a server that has not proved who it
//! is. TLS_AES_128_GCM_SHA256 and P-256 only; no sockets, no threads, the same bytes every time
//! (but for the signatures). Its cryptography is `ring`'s, so it shares none with the client.

mod message;
pub mod pki;
mod schedule;
mod script;

pub use message::Message;
pub use script::{Hello, Script, Step};

use std::collections::VecDeque;

use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::{PublicKey, SecretKey};

use message::Material;
use pki::Identity;
use schedule::{Direction, Schedule};

const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;

/// Answers application data: all of it so far, to what to send now.
type Respond = Box<dyn FnMut(&[u8]) -> Option<Vec<Step>> + Send>;

/// One connection.
pub struct Server {
    identity: Identity,
    steps: VecDeque<Step>,
    respond: Respond,
    inbox: Vec<u8>,
    outbox: VecDeque<u8>,
    eof: bool,
    /// All handshake messages so far.
    transcript: Vec<u8>,
    schedule: Option<Schedule>,
    client_finished: Option<bool>,
    data: Vec<u8>,
    records: Vec<(u8, usize)>,
    alerts: Vec<[u8; 2]>,
    /// Records that did not decrypt.
    undecipherable: usize,
}

impl Server {
    /// A server that sends `script` when it has a ClientHello.
    pub fn new(identity: &Identity, script: Script) -> Self {
        Self {
            identity: identity.clone(),
            steps: script.0.into(),
            respond: Box::new(|_| None),
            inbox: Vec::new(),
            outbox: VecDeque::new(),
            eof: false,
            transcript: Vec::new(),
            schedule: None,
            client_finished: None,
            data: Vec::new(),
            records: Vec::new(),
            alerts: Vec::new(),
            undecipherable: 0,
        }
    }

    /// What to send when application data arrives.
    pub fn answering(
        mut self,
        respond: impl FnMut(&[u8]) -> Option<Vec<Step>> + Send + 'static,
    ) -> Self {
        self.respond = Box::new(respond);
        self
    }

    /// Answers each complete request without a body with this HTTP answer in one record.
    pub fn answering_http(self, answer: &'static [u8]) -> Self {
        let mut answered = 0;
        self.answering(move |data| {
            let heads = data.windows(4).filter(|end| end == b"\r\n\r\n").count();
            let due = heads - answered;
            answered = heads;
            Some(
                (0..due)
                    .map(|_| Step::Encrypted(DATA, answer.to_vec()))
                    .collect(),
            )
        })
    }

    /// Bytes from the client.
    pub fn input(&mut self, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
        while self.inbox.len() >= 5 {
            let length = usize::from(u16::from_be_bytes([self.inbox[3], self.inbox[4]]));
            if self.inbox.len() < 5 + length {
                break;
            }
            let record: Vec<u8> = self.inbox.drain(..5 + length).collect();
            self.record(&record);
        }
    }

    /// Bytes for the client.
    pub fn output(&mut self) -> &mut VecDeque<u8> {
        &mut self.outbox
    }

    /// Whether the server has closed its side.
    pub fn is_eof(&self) -> bool {
        self.eof
    }

    /// All application data that the client has sent.
    pub fn application_data(&self) -> &[u8] {
        &self.data
    }

    /// Whether the client's Finished came, and was right.
    pub fn client_finished(&self) -> Option<bool> {
        self.client_finished
    }

    /// Type and length of each record from the client.
    pub fn records(&self) -> &[(u8, usize)] {
        &self.records
    }

    /// The client's alerts, level and description.
    pub fn alerts(&self) -> &[[u8; 2]] {
        &self.alerts
    }

    /// Encrypted records from the client that no key opened.
    pub fn undecipherable(&self) -> usize {
        self.undecipherable
    }

    /// The application traffic keys, client's and server's: what must not stay in memory.
    pub fn traffic_keys(&self) -> Option<([u8; 16], [u8; 16])> {
        self.schedule.as_ref()?.application_keys()
    }

    fn record(&mut self, record: &[u8]) {
        let (kind, body) = (record[0], &record[5..]);
        self.records.push((kind, body.len()));
        match (kind, &mut self.schedule) {
            (HANDSHAKE, None) => {
                self.transcript.extend_from_slice(body);
                let hello = body.to_vec();
                self.run(Some(&hello));
            }
            (DATA, Some(schedule)) => match schedule.open(record) {
                Some((HANDSHAKE, content)) => {
                    let right = schedule.is_client_finished(&content, &self.transcript);
                    if content.first() == Some(&20) {
                        self.client_finished = Some(right);
                        schedule.client_uses_application_keys();
                    }
                    self.transcript.extend_from_slice(&content);
                }
                Some((DATA, content)) => {
                    self.data.extend_from_slice(&content);
                    if let Some(steps) = (self.respond)(&self.data) {
                        self.steps.extend(steps);
                    }
                    self.run(None);
                }
                Some((_, content)) => self.alerts.extend(content.try_into().ok().as_slice()),
                None => self.undecipherable += 1,
            },
            _ => {}
        }
    }

    fn run(&mut self, client_hello: Option<&[u8]>) {
        while let Some(step) = self.steps.pop_front() {
            match step {
                Step::Hello(hello) => self.hello(&hello, client_hello.unwrap_or_default()),
                Step::Ccs => self.plain(20, &[1]),
                Step::Plain(kind, content) => self.plain(kind, &content),
                Step::Raw(bytes) => self.outbox.extend(bytes),
                Step::InPlaintext(message) => {
                    let bytes = self.message(&message);
                    self.plain(HANDSHAKE, &bytes);
                }
                Step::Send(message) => {
                    let bytes = self.message(&message);
                    self.sealed(HANDSHAKE, &bytes);
                }
                Step::Together(messages) => {
                    let bytes: Vec<u8> = messages
                        .iter()
                        .flat_map(|message| self.message(message))
                        .collect();
                    self.sealed(HANDSHAKE, &bytes);
                }
                Step::Split(message, length) => {
                    let bytes = self.message(&message);
                    for piece in bytes.chunks(length) {
                        self.sealed(HANDSHAKE, piece);
                    }
                }
                Step::Encrypted(kind, content) => self.sealed(kind, &content),
                Step::Inner(plaintext) => {
                    let record = self.schedule().seal(&plaintext);
                    self.outbox.extend(record);
                }
                Step::ApplicationKeys => {
                    let transcript = self.transcript.clone();
                    self.schedule().server_uses_application_keys(&transcript);
                }
                Step::Eof => self.eof = true,
            }
        }
    }

    fn schedule(&mut self) -> &mut Schedule {
        self.schedule
            .as_mut()
            .expect("the script begins with ServerHello")
    }

    fn plain(&mut self, kind: u8, content: &[u8]) {
        let length = u16::try_from(content.len())
            .expect("a record's length")
            .to_be_bytes();
        self.outbox.extend([kind, 3, 3, length[0], length[1]]);
        self.outbox.extend(content);
    }

    fn sealed(&mut self, kind: u8, content: &[u8]) {
        let record = self.schedule().seal(&[content, &[kind]].concat());
        self.outbox.extend(record);
    }

    /// Makes a message and adds it to the transcript.
    fn message(&mut self, message: &Message) -> Vec<u8> {
        let finished = self
            .schedule
            .as_ref()
            .map(|schedule| schedule.server_finished(&self.transcript));
        let bytes = message.bytes(&Material {
            identity: &self.identity,
            transcript: &self.transcript,
            finished: finished.unwrap_or_default(),
        });
        self.transcript.extend_from_slice(&bytes);
        bytes
    }

    fn hello(&mut self, hello: &Hello, client_hello: &[u8]) {
        let secret = SecretKey::from_slice(&[0x42; 32]).expect("a scalar");
        let point = secret.public_key().to_encoded_point(false);
        let bytes = hello.bytes(point.as_bytes());
        self.transcript.extend_from_slice(&hello.message(&bytes));
        for record in hello.records(&bytes) {
            self.plain(HANDSHAKE, &record);
        }
        if let Some(share) = client_share(client_hello) {
            let public = PublicKey::from_sec1_bytes(&share).expect("the client's point");
            let shared = diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
            let shared = shared.raw_secret_bytes();
            self.schedule = Some(Schedule::new(
                shared,
                &self.transcript,
                Direction::Handshake,
            ));
        }
    }
}

/// The point after the marks of a key_share for P-256: group 23, length 65, uncompressed.
fn client_share(client_hello: &[u8]) -> Option<Vec<u8>> {
    let marks = [0, 23, 0, 65, 4];
    let at = client_hello
        .windows(marks.len())
        .position(|window| window == marks)?;
    client_hello.get(at + 4..at + 69).map(<[u8]>::to_vec)
}
