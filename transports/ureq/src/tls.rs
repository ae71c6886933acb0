//! The connection: TLS by `rustls`, verified for the host, with the head bound late.

use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};
use zeroize::Zeroize;

use crate::binding::{Binding, Taken};
use crate::error::TlsFault;
use crate::watch::Watch;

/// Wraps what the connectors before it opened in verified TLS.
pub(crate) struct TlsConnector {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) binding: Arc<Binding>,
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(socket) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() {
            // The hop to a proxy. The head is never bound to it: only a TlsTransport binds.
            return Ok(Some(Either::A(socket)));
        }
        let authority = details
            .uri
            .authority()
            .ok_or(ureq::Error::ConnectionFailed)?;
        let host = authority.host().to_owned();
        let port = authority
            .port_u16()
            .unwrap_or(alpaca_auth::endpoint::HTTPS_PORT);
        let name =
            ServerName::try_from(host.clone()).map_err(|_| failed(TlsFault::NameMismatch))?;

        let mut connection = ClientConnection::new(Arc::clone(&self.config), name)
            .map_err(|error| failed(TlsFault::of(&error)))?;
        let mut socket = TransportAdapter::new(boxed(socket), Arc::clone(&details.current_time));
        socket.set_timeout(details.timeout);
        while connection.is_handshaking() {
            connection
                .complete_io(&mut socket)
                .map_err(|error| failed(TlsFault::of_io(&error)))?;
        }
        Ok(Some(Either::B(TlsTransport {
            stream: StreamOwned::new(connection, socket),
            buffers: LazyBuffers::new(
                details.config.input_buffer_size(),
                details.config.output_buffer_size(),
            ),
            binding: Arc::clone(&self.binding),
            host,
            port,
            just_read: false,
            received: 0,
            sent_body: false,
            keeps: false,
            watch: Watch::Head,
        })))
    }
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConnector")
    }
}

/// One verified connection to one host.
pub(crate) struct TlsTransport {
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    buffers: LazyBuffers,
    binding: Arc<Binding>,
    host: String,
    port: u16,
    /// Bytes of an answer have just been read, so the connection is known to be open.
    just_read: bool,
    /// Bytes read into the input buffer since it was last wiped.
    received: usize,
    /// The last request had a body, as every token request has.
    sent_body: bool,
    /// The answer holds a token: `ureq` gets a placeholder.
    keeps: bool,
    watch: Watch,
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let output = self.buffers.output();
        let length = match self.binding.take(&self.host, self.port, output, amount) {
            Ok(Taken::Head(length)) => {
                self.watch = Watch::Head;
                self.sent_body = false;
                self.keeps = self.binding.keeps();
                length
            }
            Ok(Taken::Body) => {
                self.sent_body = true;
                amount
            }
            Err(refused) => return Err(ureq::Error::Other(Box::new(refused))),
        };
        self.stream.get_mut().set_timeout(timeout);
        let Some(bytes) = output.get_mut(..length) else {
            return Err(ureq::Error::ConnectionFailed);
        };
        self.binding.count_sent(length);
        let written = self.stream.write_all(bytes);
        bytes.zeroize();
        written?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let mut place = self.buffers.input_append_buf();
        let sealing = self.keeps && !self.watch.is_head();
        if self.keeps && !sealing {
            // The head, byte by byte, so that nothing of the body comes along with it.
            place = place.get_mut(..1).unwrap_or_default();
        }
        let read = self.stream.read(place);
        let amount = match read.map_err(ureq::Error::from) {
            Ok(amount) => amount,
            // An end without close_notify. ureq would take it for the end of a body.
            Err(ureq::Error::Io(_)) => 0,
            Err(error) => return Err(error),
        };
        if sealing {
            let new = self.buffers.input_append_buf();
            let new = new.get_mut(..amount).unwrap_or_default();
            let binding = &self.binding;
            let sealed = self.watch.seal(new, |byte| binding.keep(byte));
            sealed.map_err(|malformed| ureq::Error::Other(Box::new(malformed)))?;
        }
        self.buffers.input_appended(amount);
        self.binding.count_received(amount);
        let looked = match amount {
            0 => self.watch.end(),
            _ if sealing => Ok(()),
            _ => self.watch.look(self.buffers.input(), amount),
        };
        looked.map_err(|malformed| ureq::Error::Other(Box::new(malformed)))?;
        self.just_read = amount > 0;
        self.received = self.received.saturating_add(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        // ureq asks when it puts the connection into its pool, right after the answer, and again
        // when it takes it out. Only the second needs the three system calls of a probe.
        self.wipe_input();
        std::mem::take(&mut self.just_read) || self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl TlsTransport {
    /// Wipes an answer that was read and used, if a body asked for it: it may have held a token.
    fn wipe_input(&mut self) {
        if !self.sent_body || !self.buffers.input().is_empty() {
            return;
        }
        let received = std::mem::take(&mut self.received);
        let used = self.buffers.input_append_buf();
        let length = used.len().min(received);
        if let Some(used) = used.get_mut(..length) {
            used.zeroize();
        }
    }
}

impl Drop for TlsTransport {
    fn drop(&mut self) {
        self.buffers.output().zeroize();
        let unread = self.buffers.input().len();
        self.buffers.input_consume(unread);
        self.buffers.input_append_buf().zeroize();
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsTransport")
    }
}

fn failed(fault: TlsFault) -> ureq::Error {
    ureq::Error::Other(Box::new(fault))
}

fn boxed(transport: impl Transport) -> Box<dyn Transport> {
    Box::new(transport)
}
