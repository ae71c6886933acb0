//! Any bytes from the socket: opening a session ends with an error, writes no request, and leaves
//! the caller's memory wiped.
#![no_main]

use std::convert::Infallible;

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth_embedded_tls::{Buffers, Session, Trust, UnixTime, built_at};
use embedded_io::{ErrorType, Read, Write};
use libfuzzer_sys::fuzz_target;
use rand_core::{CryptoRng, Error, RngCore};

/// Reads from the input; keeps what is written.
struct Socket<'i>(&'i [u8], Vec<u8>);

impl ErrorType for Socket<'_> {
    type Error = Infallible;
}

impl Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let count = buffer.len().min(self.0.len());
        let (now, later) = self.0.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }
}

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.1.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The same bytes each time.
struct Counting(u8);

impl RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        7
    }

    fn next_u64(&mut self) -> u64 {
        7
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Counting {}

fuzz_target!(|input: &[u8]| {
    let mut socket = Socket(input, Vec::new());
    let mut buffers: Box<Buffers> = Box::default();
    let endpoint = Endpoint::<Trading, Paper>::alpaca();
    let now = UnixTime::since_unix_epoch(core::time::Duration::from_secs(built_at()));
    let opened = Session::open(
        &mut socket,
        &endpoint,
        &mut buffers,
        Trust::curated(),
        now,
        &mut Counting(0),
    );
    assert!(opened.is_err());
    drop(opened);
    // A ClientHello; after that, at most what a client says under handshake keys.
    assert_eq!(socket.1.first(), Some(&22));
    let (read, write, http) = buffers.contents();
    assert!(read.iter().chain(http).all(|byte| *byte == 0));
    assert!(write.starts_with(&[22, 3, 1]));
});
