//! [`Message`]: the server's handshake messages.

use ring::digest::{SHA256, digest};

use crate::pki::Identity;

/// A handshake message.
#[derive(Clone)]
pub enum Message {
    /// Without extensions.
    EncryptedExtensions,
    /// With these extensions.
    EncryptedExtensionsOf(Vec<u8>),
    /// Asks for a client certificate.
    CertificateRequest,
    /// The identity's chain.
    Certificate,
    /// Another chain.
    CertificateOf(Vec<Vec<u8>>),
    /// With a request context, as a client's answer would have.
    CertificateWithContext,
    /// By the identity's key.
    CertificateVerify,
    /// By another key.
    CertificateVerifyBy(Identity),
    /// With one bit of the signature flipped.
    CertificateVerifyFlipped,
    /// The right signature under another scheme's number.
    CertificateVerifyAs(u16),
    /// The signature that a client would make.
    CertificateVerifyOfClient,
    /// Over another transcript.
    CertificateVerifyOfNothing,
    /// Right.
    Finished,
    /// With one bit flipped.
    FinishedFlipped,
    /// NewSessionTicket.
    Ticket,
    /// KeyUpdate.
    KeyUpdate,
    /// Any type and body.
    Raw(u8, Vec<u8>),
}

/// What messages are made of.
pub(crate) struct Material<'m> {
    pub(crate) identity: &'m Identity,
    pub(crate) transcript: &'m [u8],
    pub(crate) finished: [u8; 32],
}

impl Message {
    pub(crate) fn bytes(&self, material: &Material<'_>) -> Vec<u8> {
        let server = b"TLS 1.3, server CertificateVerify";
        let identity = material.identity;
        let right = |by: &Identity| by.sign(&signed(server, material.transcript));
        match self {
            Self::EncryptedExtensions => message(8, &[0, 0]),
            Self::EncryptedExtensionsOf(extensions) => {
                let length = u16::try_from(extensions.len())
                    .expect("short")
                    .to_be_bytes();
                message(8, &[&length, &extensions[..]].concat())
            }
            // signature_algorithms: ecdsa_secp256r1_sha256
            Self::CertificateRequest => message(13, &[0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]),
            Self::Certificate => message(11, &certificate(&[], &identity.chain)),
            Self::CertificateOf(chain) => message(11, &certificate(&[], chain)),
            Self::CertificateWithContext => message(11, &certificate(&[7], &identity.chain)),
            Self::CertificateVerify => verify(identity.scheme(), &right(identity)),
            Self::CertificateVerifyBy(other) => verify(other.scheme(), &right(other)),
            Self::CertificateVerifyFlipped => {
                let mut signature = right(identity);
                if let Some(byte) = signature.last_mut() {
                    *byte ^= 1;
                }
                verify(identity.scheme(), &signature)
            }
            Self::CertificateVerifyAs(scheme) => verify(*scheme, &right(identity)),
            Self::CertificateVerifyOfClient => {
                let text = signed(b"TLS 1.3, client CertificateVerify", material.transcript);
                verify(identity.scheme(), &identity.sign(&text))
            }
            Self::CertificateVerifyOfNothing => {
                verify(identity.scheme(), &identity.sign(&signed(server, &[])))
            }
            Self::Finished => message(20, &material.finished),
            Self::FinishedFlipped => {
                let mut finished = material.finished;
                finished[31] ^= 1;
                message(20, &finished)
            }
            Self::Ticket => {
                let mut body = [[0, 0, 14, 16], [1, 2, 3, 4]].concat();
                body.extend([1, 0]); // nonce
                body.extend([0, 4, 9, 9, 9, 9]); // ticket
                body.extend([0, 4, 0x7a, 0x7a, 0, 0]); // an extension that nobody knows
                message(4, &body)
            }
            Self::KeyUpdate => message(24, &[0]),
            Self::Raw(kind, body) => message(*kind, body),
        }
    }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

fn certificate(context: &[u8], chain: &[Vec<u8>]) -> Vec<u8> {
    let u24 = |length: usize| u32::try_from(length).expect("short").to_be_bytes()[1..].to_vec();
    let entries: Vec<u8> = chain
        .iter()
        .flat_map(|der| [u24(der.len()), der.clone(), vec![0, 0]].concat())
        .collect();
    let context_length = [u8::try_from(context.len()).expect("short")];
    [&context_length[..], context, &u24(entries.len()), &entries].concat()
}

/// What CertificateVerify signs, RFC 8446 §4.4.3.
fn signed(context: &[u8], transcript: &[u8]) -> Vec<u8> {
    [
        &[b' '; 64][..],
        context,
        &[0],
        digest(&SHA256, transcript).as_ref(),
    ]
    .concat()
}

fn verify(scheme: u16, signature: &[u8]) -> Vec<u8> {
    let length = u16::try_from(signature.len()).expect("short");
    message(
        15,
        &[&scheme.to_be_bytes()[..], &length.to_be_bytes(), signature].concat(),
    )
}
