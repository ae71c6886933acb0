//! The main job on a microcontroller: DHCP, TCP, verified TLS 1.3, the account, a paper order and its
//! cancellation, over one kept-alive session, without a heap.
//!
//! The key comes from the newer of two flash slots; when they are refused the board stays off the
//! network. `job.rs` is what a device does, `network.rs` its network over smoltcp, `import.rs` how it
//! gets another key, and the crate `mps2` stands for the board: see there for what the emulator lends
//! and what a device has instead.

#![no_std]
#![no_main]
#![deny(unsafe_code)]

#[cfg(feature = "es256")]
mod assertion;
#[cfg(feature = "import")]
mod import;
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
    let mut device = job::Device {
        slot: SLOT.take(),
        buffers: BUFFERS.take(),
        cache: CACHE.take(),
        console: &mut console,
    };
    #[cfg(not(feature = "measure"))]
    let mut flash = mps2::Flash::open();
    #[cfg(feature = "measure")]
    let mut flash = mps2::Flash::without_waits();
    #[cfg(all(feature = "import", not(feature = "measure")))]
    let mut line = import::Line::new(mps2::Serial::open(), argument("import=").unwrap_or(0));
    #[cfg(all(feature = "import", not(feature = "measure")))]
    line.import(&mut flash, device.console);
    if !load(&mut device, &mut flash) {
        exit(false);
    }
    #[cfg(all(feature = "import", not(feature = "measure")))]
    let success = run(device, |device, refused| {
        if refused {
            // The key is of no more use, here or to anybody else.
            device.slot.clear();
            return line.import(&mut flash, device.console) && load(device, &mut flash);
        }
        line.refuse(&mut flash, device.console);
        false
    });
    #[cfg(not(any(feature = "import", feature = "measure")))]
    let success = run(device, |_, _| false);
    #[cfg(feature = "measure")]
    let success = measure::run(device, &mut flash);
    exit(success)
}

/// Takes the key that counts from flash, and says which slot it is from.
#[inline(never)]
fn load(device: &mut job::Device<'_>, flash: &mut mps2::Flash) -> bool {
    let loaded = key_slots::load(flash, device.slot);
    // The console may be gone; there is nobody else to tell.
    let _ = match loaded {
        Ok(loaded) => writeln!(device.console, "{loaded}"),
        Err(error) => writeln!(device.console, "off the network: {error}"),
    };
    loaded.is_ok()
}

/// The number behind `name` among the emulator's arguments. A device has constants and pins.
#[cfg(not(feature = "measure"))]
fn argument(name: &str) -> Option<u32> {
    let mut arguments = [0; 128];
    mps2::arguments(&mut arguments)
        .split_ascii_whitespace()
        .find_map(|argument| argument.strip_prefix(name)?.parse().ok())
}

/// Does the job as often as the emulator was asked to: `rounds=N`. `between` is called after each round,
/// and says whether there is another key after one that the server refused.
#[cfg(not(feature = "measure"))]
fn run(
    mut device: job::Device<'_>,
    mut between: impl FnMut(&mut job::Device<'_>, bool) -> bool,
) -> bool {
    let rounds = argument("rounds=").unwrap_or(1);
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
    let mut round = 1;
    while round <= rounds {
        if let Err(error) = device.round(network, &mut rng) {
            let _ = writeln!(device.console, "round {round}: {error}");
            if error.refuses_key() && between(&mut device, true) {
                continue;
            }
            return false;
        }
        let stack = mps2::stack_used();
        let _ = writeln!(device.console, "round {round} done, stack {stack} bytes");
        between(&mut device, false);
        round += 1;
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
