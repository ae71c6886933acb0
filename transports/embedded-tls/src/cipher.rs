//! [`Sealed`]: the cipher suite, with a look at the plaintext of each record before embedded-tls
//! has it.
//!
//! embedded-tls 0.19 ends in `unimplemented!` on most handshake messages after the handshake and
//! in an index panic on an empty record. It takes any cipher, so this one opens each record and
//! turns what embedded-tls cannot take into what it refuses with an error:
//!
//! | the record holds | handshake phase | application phase |
//! |---|---|---|
//! | nothing but padding | does not open | does not open |
//! | application data | refused by embedded-tls | passes |
//! | whole messages of types 8, 11, 13, 15, 20 | passes | becomes a KeyUpdate, which is refused |
//! | a part of a message | becomes message type 254, which is refused | the same |
//! | NewSessionTicket | becomes message type 255, which is refused | becomes an empty record: ignored |
//! | an alert | refused by embedded-tls | `close_notify` and other alerts stay apart, the session stays wipeable |
//!
//! The phase of a record is in its associated data, where the record guard puts it.

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::consts::{U0, U12, U16};
use aes_gcm::aead::{AeadCore, AeadInPlace, Buffer, Error, Key, KeyInit, KeySizeUser, Nonce, Tag};
use embedded_tls::{Aes128GcmSha256, Sha256, TlsCipherSuite};
use zeroize::Zeroize;

use crate::guard::{APPLICATION_MARK, WIPE_MARK};

/// TLS_AES_128_GCM_SHA256, which every TLS 1.3 server has (RFC 8446 §9.1).
#[derive(Debug)]
pub(crate) enum Suite {}

impl TlsCipherSuite for Suite {
    const CODE_POINT: u16 = Aes128GcmSha256::CODE_POINT;
    type Cipher = Sealed;
    type KeyLen = U16;
    type IvLen = U12;
    type Hash = Sha256;
    type LabelBufferSize = <Aes128GcmSha256 as TlsCipherSuite>::LabelBufferSize;
}

/// A record whose content is this and zeros is not sent: the write buffer becomes zeros.
pub(crate) const WIPE: [u8; 16] = *b"\0wipe\0\xff\xfe\0wipe\0\xff\xfe";
/// A record whose content is this is sent as a `close_notify` alert instead.
pub(crate) const CLOSE: [u8; 16] = *b"\0close\0\xff\0close\0\xff";

const VERSION: u8 = 3;
const CONTENT_ALERT: u8 = 21;
const CONTENT_HANDSHAKE: u8 = 22;
const CONTENT_DATA: u8 = 23;
const NEW_SESSION_TICKET: u8 = 4;
const CERTIFICATE: u8 = 11;
const FINISHED: u8 = 20;
/// Types that embedded-tls answers with an error: `Unimplemented`, `Unimplemented`, `InvalidHandshake`.
const KEY_UPDATE: u8 = 24;
const MESSAGE_HASH: u8 = 254;
const UNKNOWN: u8 = 255;

/// AES-128-GCM that refuses plaintexts embedded-tls cannot take.
pub(crate) struct Sealed(Aes128Gcm);

impl KeySizeUser for Sealed {
    type KeySize = U16;
}

impl KeyInit for Sealed {
    fn new(key: &Key<Self>) -> Self {
        Self(Aes128Gcm::new(key))
    }
}

impl AeadCore for Sealed {
    type NonceSize = U12;
    type TagSize = U16;
    type CiphertextOverhead = U0;
}

impl AeadInPlace for Sealed {
    fn encrypt_in_place(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut dyn Buffer,
    ) -> Result<(), Error> {
        let content = buffer
            .as_ref()
            .split_last()
            .map_or(&[][..], |(_, rest)| rest);
        if content.starts_with(&WIPE) {
            buffer.as_mut().zeroize();
            while buffer.extend_from_slice(&[0]).is_ok() {}
            return Ok(());
        }
        let closing = content == CLOSE;
        let associated = if closing {
            buffer.truncate(0);
            buffer.extend_from_slice(&[1, 0, CONTENT_ALERT])?;
            let [_, length] = 19_u16.to_be_bytes();
            [CONTENT_DATA, VERSION, VERSION, 0, length]
        } else {
            <[u8; 5]>::try_from(associated_data).map_err(|_| Error)?
        };
        let tag = self.encrypt_in_place_detached(nonce, &associated, buffer.as_mut())?;
        buffer.extend_from_slice(&tag)
    }

    fn encrypt_in_place_detached(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut [u8],
    ) -> Result<Tag<Self>, Error> {
        self.0
            .encrypt_in_place_detached(nonce, associated_data, buffer)
    }

    fn decrypt_in_place_detached(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut [u8],
        tag: &Tag<Self>,
    ) -> Result<(), Error> {
        let mut header: [u8; 5] = associated_data.try_into().map_err(|_| Error)?;
        let [_, major, minor, ..] = &mut header;
        let mark = [*major, *minor];
        if mark == WIPE_MARK {
            buffer.zeroize();
            return Err(Error);
        }
        (*major, *minor) = (VERSION, VERSION);
        self.0
            .decrypt_in_place_detached(nonce, &header, buffer, tag)?;
        if mark == APPLICATION_MARK {
            after_handshake(buffer)
        } else {
            in_handshake(buffer)
        }
    }
}

/// Splits a TLSInnerPlaintext (RFC 8446 §5.4) into content and content type.
fn split(plaintext: &mut [u8]) -> Result<(&mut [u8], u8), Error> {
    let at = plaintext.iter().rposition(|byte| *byte != 0).ok_or(Error)?;
    let (content, rest) = plaintext.split_at_mut_checked(at).ok_or(Error)?;
    Ok((content, rest.first().copied().ok_or(Error)?))
}

fn in_handshake(plaintext: &mut [u8]) -> Result<(), Error> {
    let (content, kind) = split(plaintext)?;
    if kind != CONTENT_HANDSHAKE {
        return Ok(());
    }
    let replacement = match survey(content) {
        None => Some(MESSAGE_HASH),
        Some(Survey { known: false, .. }) => Some(UNKNOWN),
        Some(_) => None,
    };
    if let (Some(kind), Some(first)) = (replacement, content.first_mut()) {
        *first = kind;
    }
    // An empty record of handshake content (RFC 8446 §5.1 forbids it) holds no first byte.
    if content.is_empty() {
        Err(Error)
    } else {
        Ok(())
    }
}

fn after_handshake(plaintext: &mut [u8]) -> Result<(), Error> {
    let (content, kind) = split(plaintext)?;
    match kind {
        CONTENT_DATA => {}
        CONTENT_ALERT => {
            let [level, description] = content else {
                return Err(Error);
            };
            // embedded-tls answers the first with InternalError and the second with DecodeError,
            // and in neither case forgets that it was open.
            (*level, *description) = if *description == 0 { (1, 90) } else { (0, 0) };
        }
        CONTENT_HANDSHAKE if content.is_empty() => return Err(Error),
        CONTENT_HANDSHAKE => match survey(content) {
            Some(Survey { tickets: true, .. }) => {
                plaintext.zeroize();
                if let Some(kind) = plaintext.first_mut() {
                    *kind = CONTENT_DATA;
                }
            }
            found => {
                let kind = if found.is_some() {
                    KEY_UPDATE
                } else {
                    MESSAGE_HASH
                };
                if let Some(first) = content.first_mut() {
                    *first = kind;
                }
            }
        },
        _ => {}
    }
    Ok(())
}

/// What the messages of one record are.
struct Survey {
    /// All are of types that the handshake has, none follows Finished, and a Certificate has no
    /// request context, as it must be in a server's.
    known: bool,
    /// All are tickets.
    tickets: bool,
}

/// Walks over the messages. `None`: the last one is not complete.
fn survey(content: &[u8]) -> Option<Survey> {
    let mut found = Survey {
        known: true,
        tickets: true,
    };
    let (mut rest, mut finished) = (content, false);
    while let Some((&kind, after)) = rest.split_first() {
        let (length, after) = after.split_first_chunk::<3>()?;
        let [a, b, c] = *length;
        let length = usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?;
        let (message, after) = after.split_at_checked(length)?;
        found.tickets &= kind == NEW_SESSION_TICKET;
        found.known &= matches!(kind, 8 | CERTIFICATE | 13 | 15 | FINISHED) && !finished;
        found.known &= kind != CERTIFICATE || message.first() == Some(&0);
        finished = kind == FINISHED;
        rest = after;
    }
    Some(found)
}
