//! [`Schedule`]: the key schedule (RFC 8446 §7.1) and the protection of records.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, sign};

/// Which keys are in use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Handshake,
    Application,
}

pub(crate) struct Schedule {
    handshake_secret: [u8; 32],
    client_handshake: [u8; 32],
    server_handshake: [u8; 32],
    application: Option<([u8; 32], [u8; 32])>,
    client: Traffic,
    server: Traffic,
    client_keys: Direction,
}

struct Traffic {
    key: [u8; 16],
    iv: [u8; 12],
    sequence: u64,
}

impl Schedule {
    pub(crate) fn new(shared: &[u8], transcript: &[u8], client_keys: Direction) -> Self {
        let early = extract(&[0; 32], &[0; 32]);
        let handshake_secret = extract(&derive(&early, "derived", &[]), shared);
        let client_handshake = derive(&handshake_secret, "c hs traffic", transcript);
        let server_handshake = derive(&handshake_secret, "s hs traffic", transcript);
        Self {
            handshake_secret,
            client_handshake,
            server_handshake,
            application: None,
            client: Traffic::new(&client_handshake),
            server: Traffic::new(&server_handshake),
            client_keys,
        }
    }

    /// Encrypts a TLSInnerPlaintext.
    pub(crate) fn seal(&mut self, plaintext: &[u8]) -> Vec<u8> {
        let length = u16::try_from(plaintext.len() + 16)
            .expect("a record's length")
            .to_be_bytes();
        let header = [23, 3, 3, length[0], length[1]];
        let mut content = plaintext.to_vec();
        let nonce = self.server.nonce();
        self.server
            .cipher()
            .seal_in_place_append_tag(nonce, Aad::from(header), &mut content)
            .expect("short enough");
        [&header[..], &content].concat()
    }

    /// Decrypts a record of the client's: inner type and content.
    pub(crate) fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        let (header, body) = record.split_at(5);
        let mut body = body.to_vec();
        let nonce = self.client.nonce();
        let plain = self
            .client
            .cipher()
            .open_in_place(nonce, Aad::from(header), &mut body)
            .ok()?;
        let at = plain.iter().rposition(|byte| *byte != 0)?;
        Some((plain[at], plain[..at].to_vec()))
    }

    pub(crate) fn server_finished(&self, transcript: &[u8]) -> [u8; 32] {
        finished(&self.server_handshake, transcript)
    }

    pub(crate) fn is_client_finished(&self, message: &[u8], transcript: &[u8]) -> bool {
        message.get(4..) == Some(&finished(&self.client_handshake, transcript)[..])
    }

    pub(crate) fn server_uses_application_keys(&mut self, transcript: &[u8]) {
        let master = extract(&derive(&self.handshake_secret, "derived", &[]), &[0; 32]);
        let client = derive(&master, "c ap traffic", transcript);
        let server = derive(&master, "s ap traffic", transcript);
        self.application = Some((client, server));
        self.server = Traffic::new(&server);
    }

    pub(crate) fn client_uses_application_keys(&mut self) {
        if let (Some((client, _)), Direction::Handshake) = (&self.application, self.client_keys) {
            self.client = Traffic::new(client);
            self.client_keys = Direction::Application;
        }
    }

    pub(crate) fn application_keys(&self) -> Option<([u8; 16], [u8; 16])> {
        let (client, server) = self.application.as_ref()?;
        Some((Traffic::new(client).key, Traffic::new(server).key))
    }
}

impl Traffic {
    fn new(secret: &[u8; 32]) -> Self {
        Self {
            key: expand(secret, "key", &[]),
            iv: expand(secret, "iv", &[]),
            sequence: 0,
        }
    }

    fn nonce(&mut self) -> Nonce {
        let mut nonce = self.iv;
        for (byte, count) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= count;
        }
        self.sequence += 1;
        Nonce::assume_unique_for_key(nonce)
    }

    fn cipher(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &self.key).expect("16 bytes"))
    }
}

fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let tag = sign(&Key::new(HMAC_SHA256, key), data);
    tag.as_ref().try_into().expect("32 bytes")
}

fn extract(salt: &[u8], material: &[u8]) -> [u8; 32] {
    hmac(salt, material)
}

fn derive(secret: &[u8; 32], label: &str, transcript: &[u8]) -> [u8; 32] {
    expand(secret, label, digest(&SHA256, transcript).as_ref())
}

/// HKDF-Expand-Label for at most one block.
fn expand<const N: usize>(secret: &[u8; 32], label: &str, context: &[u8]) -> [u8; N] {
    let label = [b"tls13 ", label.as_bytes()].concat();
    let byte = |length: usize| u8::try_from(length).expect("short");
    let info = [
        &[0, byte(N), byte(label.len())][..],
        &label,
        &[byte(context.len())],
        context,
        &[1],
    ]
    .concat();
    hmac(secret, &info)[..N]
        .try_into()
        .expect("at most 32 bytes")
}

fn finished(secret: &[u8; 32], transcript: &[u8]) -> [u8; 32] {
    let key: [u8; 32] = expand(secret, "finished", &[]);
    hmac(&key, digest(&SHA256, transcript).as_ref())
}
