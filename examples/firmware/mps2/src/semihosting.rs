//! What the emulator lends through semihosting. A device has its own: see the table in `lib.rs`.

use core::fmt;

use cortex_m_semihosting::{debug, hio, nr, syscall};
use rand_core::{CryptoRng, Error, RngCore, impls};

/// The host's terminal.
pub struct Console(Option<hio::HostStream>);

impl Console {
    /// Opens it. Without one, what is written is lost.
    #[must_use]
    pub fn open() -> Self {
        Self(hio::hstdout().ok())
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let stream = self.0.as_mut().ok_or(fmt::Error)?;
        stream.write_all(text.as_bytes()).map_err(|()| fmt::Error)
    }
}

/// The host's time of day, in unix seconds.
#[must_use]
pub fn unix_time() -> u64 {
    // SAFETY: the call takes no argument and returns a number.
    let seconds = unsafe { syscall!(TIME) };
    seconds.try_into().unwrap_or_default()
}

/// The arguments that the emulator was started with.
#[must_use]
pub fn arguments(buffer: &mut [u8]) -> &str {
    let mut block = [buffer.as_mut_ptr().addr(), buffer.len()];
    // SAFETY: the host writes at most the stated length to the buffer, and the length used to the
    // block. It has no way to learn of provenance, so the buffer's is exposed.
    let _ = buffer.as_mut_ptr().expose_provenance();
    let failed = unsafe { cortex_m_semihosting::syscall(nr::GET_CMDLINE, &mut block) } != 0;
    let length = if failed { 0 } else { block[1] };
    let text = core::str::from_utf8(buffer.get(..length).unwrap_or_default());
    text.unwrap_or_default().trim_end_matches('\0')
}

/// Ends the emulation.
pub fn exit(success: bool) -> ! {
    loop {
        debug::exit(if success {
            debug::EXIT_SUCCESS
        } else {
            debug::EXIT_FAILURE
        });
    }
}

/// The host's generator. It is as good as the host's, and not the device's.
pub struct Lent {
    file: usize,
}

impl Lent {
    /// Opens it.
    #[must_use]
    pub fn open() -> Self {
        const NAME: &[u8] = b"/dev/urandom\0";
        // SAFETY: the name is ended by a zero, and its length is stated without it.
        let file = unsafe { syscall!(OPEN, NAME.as_ptr(), nr::open::R_BINARY, NAME.len() - 1) };
        Self { file }
    }
}

impl RngCore for Lent {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        // Constant bytes, which a session refuses, if the host gives none.
        if self.try_fill_bytes(bytes).is_err() {
            bytes.fill(0);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        // SAFETY: the host writes at most the stated length. It returns how much it did not write.
        let missing = unsafe { syscall!(READ, self.file, bytes.as_mut_ptr(), bytes.len()) };
        match (missing, core::num::NonZeroU32::new(Error::CUSTOM_START)) {
            (0, _) => Ok(()),
            (_, Some(code)) => Err(code.into()),
            (_, None) => Ok(()),
        }
    }
}

impl CryptoRng for Lent {}
