//! The main job on a microcontroller: DHCP, TCP, verified TLS 1.3, the account, a paper order and its
//! cancellation, over one kept-alive session, without a heap.
//!
//! The key comes from a flash slot; when that is refused the board stays off the network. `job.rs` is
//! what a device does, `network.rs` its network over smoltcp, and the crate `mps2` stands for the
//! board: see there for what the emulator lends and what a device has instead.

#![no_std]
#![no_main]
#![deny(unsafe_code)]

#[cfg(feature = "es256")]
mod assertion;
mod job;
#[cfg(feature = "measure")]
mod measure;
mod network;

use core::fmt::Write as _;
use core::panic::PanicInfo;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::Paper;
use alpaca_auth_embedded_tls::{Buffers, ChainCache};
use mps2::{Console, exit};
use static_cell::ConstStaticCell;

/// Heads of Alpaca's are below 1 KB, and a request's is below 400 bytes.
type SessionBuffers = Buffers<16640, 640, 1024>;

static SLOT: ConstStaticCell<Slot<KeyPair<Paper>>> = ConstStaticCell::new(Slot::vacant());
static BUFFERS: ConstStaticCell<SessionBuffers> = ConstStaticCell::new(SessionBuffers::new());
static CACHE: ConstStaticCell<ChainCache> = ConstStaticCell::new(ChainCache::new());

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut console = Console::open();
    let slot = SLOT.take();
    let device = match slot.paper_from_flash(mps2::slot()) {
        Ok(key_pair) => job::Device {
            key_pair,
            buffers: BUFFERS.take(),
            cache: CACHE.take(),
            console: &mut console,
        },
        Err(error) => {
            // The console may be gone; there is nobody else to tell.
            let _ = writeln!(console, "off the network: {error}");
            exit(false);
        }
    };
    #[cfg(not(feature = "measure"))]
    let success = run(device);
    #[cfg(feature = "measure")]
    let success = measure::run(device);
    exit(success)
}

/// Does the job as often as the emulator was asked to: `rounds=N`.
#[cfg(not(feature = "measure"))]
fn run(mut device: job::Device<'_>) -> bool {
    let mut arguments = [0; 128];
    let mut rounds = mps2::arguments(&mut arguments)
        .split_ascii_whitespace()
        .filter_map(|argument| argument.strip_prefix("rounds=")?.parse::<u32>().ok());
    let rounds = rounds.next().unwrap_or(1);

    let mut rng = mps2::Lent::open();
    #[cfg(feature = "es256")]
    sign(device.console, &mut rng);
    let network = match network::Network::start(&mut rng) {
        Ok(network) => network,
        Err(kind) => {
            let _ = writeln!(device.console, "no network: {kind:?}");
            return false;
        }
    };
    for round in 1..=rounds {
        if let Err(error) = device.round(network, &mut rng) {
            let _ = writeln!(device.console, "round {round}: {error}");
            return false;
        }
        let stack = mps2::stack_used();
        let _ = writeln!(device.console, "round {round} done, stack {stack} bytes");
    }
    true
}

/// Signs a token request, if there is a key for it. A device sends it; it is as good as a secret.
#[cfg(all(feature = "es256", not(feature = "measure")))]
#[inline(never)]
fn sign(console: &mut Console, rng: &mut impl rand_core::RngCore) {
    let Some(mut client) = assertion::Client::from_flash() else {
        return;
    };
    let mut entropy = [0; 16];
    rng.fill_bytes(&mut entropy);
    if let Some(form) = client.sign(mps2::unix_time(), entropy) {
        let length = form.expose(<[u8]>::len);
        form.wipe();
        let _ = writeln!(console, "token request signed, {length} bytes");
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // A device resets. Its message would cost flash and might hold what it should not.
    let _ = Console::open().write_str("panic\n");
    exit(false)
}
