//! Memory that no Rust value owns: provisioned flash, the painted stack, the marks of a measurement.

use core::ptr::{addr_of, read_volatile, with_exposed_provenance, write_volatile};
use core::slice;

use crate::address;

/// Behind the program's flash, see `build.rs`.
const ANCHOR: usize = address::FLASH + 0x10_1000;
const SIGNING_KEY: usize = address::FLASH + 0x10_3000;
const RECORDING: usize = address::FLASH + 0x11_0000;
/// cortex-m-rt's paint.
const PAINT: u32 = 0xcccc_cccc;

/// The trust anchor that stands in flash instead of the public authorities: a certificate in DER
/// behind its length. For a test server only; a device trusts the public authorities.
#[must_use]
pub fn anchor() -> Option<&'static [u8]> {
    stored(ANCHOR, 4096)
}

/// The scalar of a P-256 key, big-endian, behind its length.
#[must_use]
pub fn signing_key() -> Option<&'static [u8; 32]> {
    stored(SIGNING_KEY, 32)?.try_into().ok()
}

/// What the servers sent in a recorded run: connection number `index`.
#[must_use]
pub fn recording(index: usize) -> Option<&'static [u8]> {
    let mut at = RECORDING;
    for _ in 0..index {
        at += 4 + stored(at, 0x1_0000)?.len().next_multiple_of(4);
    }
    stored(at, 0x1_0000)
}

fn stored(address: usize, most: usize) -> Option<&'static [u8]> {
    // SAFETY: flash that stays mapped and that nothing writes while the program runs; what is not loaded
    // reads as zeros.
    let length = unsafe { *with_exposed_provenance::<u32>(address) };
    let length = usize::try_from(length).ok()?;
    if length == 0 || length > most {
        return None;
    }
    // SAFETY: as above, and within the memory of the board.
    Some(unsafe { slice::from_raw_parts(with_exposed_provenance(address + 4), length) })
}

unsafe extern "C" {
    static _stack_end: u32;
    static _stack_start: u32;
}

/// The most stack that was in use so far, in bytes, by what is left of the paint.
#[must_use]
pub fn stack_used() -> usize {
    let start = addr_of!(_stack_start).addr();
    let mut at = addr_of!(_stack_end);
    // SAFETY: between the two is the stack; reading below the stack pointer disturbs nobody.
    while at.addr() < start && unsafe { read_volatile(at) } == PAINT {
        at = at.wrapping_add(1);
    }
    start - at.addr()
}

#[used]
#[unsafe(no_mangle)]
static mut MARKS: [u32; 64] = [0; 64];

/// Tells the measuring emulator that phase `id` begins.
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn bench_mark(id: usize) {
    if id < 64 {
        // SAFETY: nothing reads it; the emulator sees the store.
        unsafe { write_volatile((&raw mut MARKS).cast::<u32>().add(id), 1) };
    }
}

/// The same as [`bench_mark`], as a Rust function.
pub fn mark(id: usize) {
    bench_mark(id);
}
