//! The authentication message of the WebSocket streams (docs.alpaca.markets, "Streaming").
//!
//! Send it within 10 seconds of connecting. After error 402, 409 or 411 do not reconnect in a
//! loop: the key will not get better, and the account may be blocked.

use crate::credential::{BROKER_TOKEN_MAX, BrokerToken, ConnectToken, KeyPair, Opens};
use crate::endpoint::{Api, DataStream, Endpoint, TradingStream};
use crate::environment::{BrokerEnvironment, TradingEnvironment};
use crate::request::RequestError;
use crate::secret::Secret;

/// Bytes that hold any stream message: the longest token, its frame, and room for escapes.
pub const STREAM_MESSAGE_MAX: usize = BROKER_TOKEN_MAX + 64;

/// A buffer for a stream message. Wipes itself.
pub type StreamMessage<const N: usize = STREAM_MESSAGE_MAX> = Secret<N>;

/// A credential that authenticates stream `A` by a message.
pub trait AuthenticatesStream<A: Api>: Opens<A> {
    /// Writes the message, JSON without blanks.
    ///
    /// # Errors
    /// [`RequestError::HeadTooLong`] when it does not fit; nothing is kept then.
    fn write_message<const N: usize>(&self, out: &mut Secret<N>) -> Result<(), RequestError>;
}

/// Writes the message that authenticates `credential` at the stream behind `endpoint`.
///
/// ```
/// use alpaca_auth::credential::{KeyPair, Slot};
/// use alpaca_auth::endpoint::{DataStream, Endpoint};
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::scheme::{StreamMessage, write_stream_message};
///
/// let mut slot = Slot::<KeyPair<Paper>>::vacant();
/// let key_pair = slot.paper("PKTEST", "secret")?;
/// let mut message = StreamMessage::<128>::new();
/// write_stream_message(&Endpoint::<DataStream, Paper>::alpaca(), key_pair, &mut message)?;
/// message.expose(|bytes| assert_eq!(bytes, br#"{"action":"auth","key":"PKTEST","secret":"secret"}"#));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
/// [`RequestError::HeadTooLong`] when `out` is too small; it is wiped then.
pub fn write_stream_message<A: Api, C: AuthenticatesStream<A>, const N: usize>(
    _endpoint: &Endpoint<A, C::Environment>,
    credential: &C,
    out: &mut StreamMessage<N>,
) -> Result<(), RequestError> {
    credential.write_message(out)
}

impl<E: TradingEnvironment> AuthenticatesStream<DataStream> for KeyPair<E> {
    fn write_message<const N: usize>(&self, out: &mut Secret<N>) -> Result<(), RequestError> {
        write_pair(self, out)
    }
}

impl<E: TradingEnvironment> AuthenticatesStream<TradingStream> for KeyPair<E> {
    fn write_message<const N: usize>(&self, out: &mut Secret<N>) -> Result<(), RequestError> {
        write_pair(self, out)
    }
}

impl<E: TradingEnvironment> AuthenticatesStream<DataStream> for ConnectToken<E> {
    fn write_message<const N: usize>(&self, out: &mut Secret<N>) -> Result<(), RequestError> {
        self.token.expose(|token| {
            write(
                out,
                &[(r#"{"action":"auth","key":"oauth","secret":""#, token)],
                r#""}"#,
            )
        })
    }
}

impl<E: TradingEnvironment> AuthenticatesStream<TradingStream> for ConnectToken<E> {
    fn write_message<const N: usize>(&self, out: &mut Secret<N>) -> Result<(), RequestError> {
        self.token.expose(|token| {
            write(
                out,
                &[(r#"{"action":"authenticate","data":{"oauth_token":""#, token)],
                r#""}}"#,
            )
        })
    }
}

impl<E: BrokerEnvironment> AuthenticatesStream<DataStream> for BrokerToken<E> {
    fn write_message<const N: usize>(&self, out: &mut Secret<N>) -> Result<(), RequestError> {
        self.token.expose(|token| {
            write(
                out,
                &[(r#"{"action":"auth","key":"access_token","secret":""#, token)],
                r#""}"#,
            )
        })
    }
}

fn write_pair<E, const N: usize>(
    pair: &KeyPair<E>,
    out: &mut Secret<N>,
) -> Result<(), RequestError> {
    pair.id.expose(|id| {
        pair.secret.expose(|secret| {
            let members = [
                (r#"{"action":"auth","key":""#, id),
                (r#"","secret":""#, secret),
            ];
            write(out, &members, r#""}"#)
        })
    })
}

/// Writes each member's frame and value, then `end`.
fn write<const N: usize>(
    out: &mut Secret<N>,
    members: &[(&str, &[u8])],
    end: &str,
) -> Result<(), RequestError> {
    let written = out.write(|out| {
        for (frame, value) in members {
            out.put(frame.as_bytes())?;
            // A credential is visible ASCII without quotes: only a backslash needs an escape.
            let mut parts = value.split(|b| *b == b'\\');
            out.put(parts.next().unwrap_or_default())?;
            for part in parts {
                out.put(br"\\")?;
                out.put(part)?;
            }
        }
        out.put(end.as_bytes())
    });
    written.map_err(|_| RequestError::HeadTooLong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Slot;
    use crate::environment::{Paper, Sandbox};

    fn text<const N: usize>(message: &Secret<N>) -> std::string::String {
        message.expose(|bytes| std::string::String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn each_credential_writes_the_message_that_its_stream_knows() {
        let mut message = StreamMessage::<128>::new();
        let mut slot = Slot::<ConnectToken<Paper>>::vacant();
        let connect = slot.paper("tok").unwrap();
        write_stream_message(
            &Endpoint::<DataStream, Paper>::alpaca(),
            connect,
            &mut message,
        )
        .unwrap();
        assert_eq!(
            text(&message),
            r#"{"action":"auth","key":"oauth","secret":"tok"}"#
        );
        write_stream_message(
            &Endpoint::<TradingStream, Paper>::alpaca(),
            connect,
            &mut message,
        )
        .unwrap();
        assert_eq!(
            text(&message),
            r#"{"action":"authenticate","data":{"oauth_token":"tok"}}"#
        );
        let mut slot = Slot::<BrokerToken<Sandbox>>::vacant();
        let broker = slot.sandbox("tok").unwrap();
        write_stream_message(
            &Endpoint::<DataStream, Sandbox>::alpaca(),
            broker,
            &mut message,
        )
        .unwrap();
        assert_eq!(
            text(&message),
            r#"{"action":"auth","key":"access_token","secret":"tok"}"#
        );
    }

    #[test]
    fn a_backslash_is_escaped_and_an_overflow_leaves_nothing() {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let pair = slot.paper("PK", r"a\b").unwrap();
        let endpoint = Endpoint::<TradingStream, Paper>::alpaca();
        let mut message = StreamMessage::<128>::new();
        write_stream_message(&endpoint, pair, &mut message).unwrap();
        assert_eq!(
            text(&message),
            r#"{"action":"auth","key":"PK","secret":"a\\b"}"#
        );
        let mut small = StreamMessage::<40>::new();
        assert!(write_stream_message(&endpoint, pair, &mut small).is_err());
        assert!(small.is_empty());
    }
}
