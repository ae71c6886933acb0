//! [`Serial`]: the board's first UART, polled, as an `embedded_io` line.
//!
//! Register names are those of the CMSDK APB UART (Arm DDI 0479). The console is not on it.

use core::convert::Infallible;
use core::ptr::{read_volatile, with_exposed_provenance_mut, write_volatile};

use embedded_io::{ErrorType, Read, ReadReady, Write};

use crate::address;

const DATA: usize = 0x0;
const STATE: usize = 0x4;
const CTRL: usize = 0x8;
const BAUDDIV: usize = 0x10;

const TX_FULL: u32 = 1;
const RX_FULL: u32 = 1 << 1;

const BAUD: u32 = 115_200;

fn register(offset: usize) -> *mut u32 {
    with_exposed_provenance_mut(address::UART + offset)
}

fn read(offset: usize) -> u32 {
    // SAFETY: a register of a device that `Serial` alone uses.
    unsafe { read_volatile(register(offset)) }
}

fn write(offset: usize, value: u32) {
    // SAFETY: as above.
    unsafe { write_volatile(register(offset), value) };
}

/// The line, 115200 bits each second. It buffers one byte: whoever waits for some asks often.
pub struct Serial(());

impl Serial {
    /// Switches it on. Call it once.
    #[must_use]
    pub fn open() -> Self {
        const TX_AND_RX: u32 = 0b11;
        write(BAUDDIV, address::TICKS_PER_MS * 1000 / BAUD);
        write(CTRL, TX_AND_RX);
        Self(())
    }
}

impl ErrorType for Serial {
    type Error = Infallible;
}

impl ReadReady for Serial {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(read(STATE) & RX_FULL != 0)
    }
}

impl Read for Serial {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let Some(place) = buffer.first_mut() else {
            return Ok(0);
        };
        while read(STATE) & RX_FULL == 0 {}
        let [byte, ..] = read(DATA).to_le_bytes();
        *place = byte;
        Ok(1)
    }
}

impl Write for Serial {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for byte in bytes {
            while read(STATE) & TX_FULL != 0 {}
            write(DATA, u32::from(*byte));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while read(STATE) & TX_FULL != 0 {}
        Ok(())
    }
}
