//! [`Script`]: what the server sends.

use crate::Message;

/// What the server sends when it has a ClientHello, step by step.
#[derive(Clone)]
pub struct Script(pub Vec<Step>);

/// One step.
#[derive(Clone)]
pub enum Step {
    /// ServerHello; from here on there are keys.
    Hello(Hello),
    /// change_cipher_spec.
    Ccs,
    /// A plaintext record of this type.
    Plain(u8, Vec<u8>),
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// A message in an encrypted record.
    Send(Message),
    /// Several messages in one encrypted record.
    Together(Vec<Message>),
    /// A message in a plaintext record.
    InPlaintext(Message),
    /// A message in encrypted records of so many bytes each.
    Split(Message, usize),
    /// An encrypted record of this inner type; not added to the transcript.
    Encrypted(u8, Vec<u8>),
    /// An encrypted record with exactly this TLSInnerPlaintext, which may be empty.
    Inner(Vec<u8>),
    /// From here on the application traffic keys.
    ApplicationKeys,
    /// The end of the connection.
    Eof,
}

impl Script {
    /// What an honest server sends.
    pub fn good() -> Self {
        Self::flight(vec![
            Step::Send(Message::EncryptedExtensions),
            Step::Send(Message::Certificate),
            Step::Send(Message::CertificateVerify),
            Step::Send(Message::Finished),
        ])
    }

    /// ServerHello, then these, then the application keys.
    pub fn flight(steps: Vec<Step>) -> Self {
        let mut script = vec![Step::Hello(Hello::default()), Step::Ccs];
        script.extend(steps);
        script.push(Step::ApplicationKeys);
        Self(script)
    }

    /// Puts a step before the one at `index`.
    pub fn with(mut self, index: usize, step: Step) -> Self {
        self.0.insert(index, step);
        self
    }
}

/// A ServerHello, right unless said otherwise.
#[derive(Clone)]
pub struct Hello {
    /// The contents of supported_versions; `None` leaves the extension out.
    pub version: Option<[u8; 2]>,
    /// legacy_version.
    pub legacy_version: [u8; 2],
    /// cipher_suite.
    pub suite: [u8; 2],
    /// compression_method.
    pub compression: u8,
    /// Group of the key share; `None` leaves the extension out.
    pub group: Option<[u8; 2]>,
    /// The point, if it is not to be the right one.
    pub point: Option<Vec<u8>>,
    /// random.
    pub random: [u8; 32],
    /// legacy_session_id_echo.
    pub session: Vec<u8>,
    /// More extensions, as they are.
    pub extensions: Vec<u8>,
    /// The two known extensions once more.
    pub twice: bool,
    /// Behind the message in the same record.
    pub trailing: Vec<u8>,
    /// The length of the first of two records.
    pub split: Option<usize>,
}

impl Default for Hello {
    fn default() -> Self {
        Self {
            version: Some([3, 4]),
            legacy_version: [3, 3],
            suite: [0x13, 0x01],
            compression: 0,
            group: Some([0, 23]),
            point: None,
            random: [0x5a; 32],
            session: Vec::new(),
            extensions: Vec::new(),
            twice: false,
            trailing: Vec::new(),
            split: None,
        }
    }
}

impl Hello {
    /// A HelloRetryRequest (its random is what makes it one).
    pub fn retry() -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, b"HelloRetryRequest");
        Self {
            random: digest.as_ref().try_into().expect("32 bytes"),
            ..Self::default()
        }
    }

    pub(crate) fn bytes(&self, point: &[u8]) -> Vec<u8> {
        let mut extensions = Vec::new();
        for _ in 0..=u8::from(self.twice) {
            if let Some(version) = self.version {
                extensions.extend([0, 43, 0, 2]);
                extensions.extend(version);
            }
            if let Some(group) = self.group {
                let point = self.point.as_deref().unwrap_or(point);
                let length = u16::try_from(point.len()).expect("short");
                extensions.extend([0, 51]);
                extensions.extend((length + 4).to_be_bytes());
                extensions.extend(group);
                extensions.extend(length.to_be_bytes());
                extensions.extend(point);
            }
        }
        extensions.extend(&self.extensions);
        let mut body = self.legacy_version.to_vec();
        body.extend(self.random);
        body.push(u8::try_from(self.session.len()).expect("short"));
        body.extend(&self.session);
        body.extend(self.suite);
        body.push(self.compression);
        body.extend(
            u16::try_from(extensions.len())
                .expect("short")
                .to_be_bytes(),
        );
        body.extend(extensions);
        let mut message = vec![2];
        message.extend(&u32::try_from(body.len()).expect("short").to_be_bytes()[1..]);
        message.extend(body);
        message.extend(&self.trailing);
        message
    }

    /// The message without what trails it.
    pub(crate) fn message(&self, bytes: &[u8]) -> Vec<u8> {
        bytes[..bytes.len() - self.trailing.len()].to_vec()
    }

    pub(crate) fn records(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        match self.split {
            Some(at) => vec![bytes[..at].to_vec(), bytes[at..].to_vec()],
            None => vec![bytes.to_vec()],
        }
    }
}
