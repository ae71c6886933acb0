//! Raspberry Pi Pico 2 W: the paper account's status and equity each minute, over defmt.
//!
//! The key pair lies in the last sector of flash, put there by `provision`; this source and this
//! image hold none. See `examples/boards/README.md` for flashing.

#![no_std]
#![no_main]

mod nvram;

use account_watch::{Memory, watch};
use alpaca_auth::credential::{FLASH_SLOT_LEN, KeyPair, Slot};
use alpaca_auth::environment::Paper;
use cyw43::{A4, Aligned, Control, JoinOptions, NetDriver, PowerManagementMode, SpiBus};
use cyw43_firmware::{CYW43_43439A0, CYW43_43439A0_CLM};
use cyw43_pio::{DEFAULT_CLOCK_DIVIDER, PioSpi};
use defmt::{Display2Format, info, unwrap, warn};
use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_net::{Config, Stack, StackResources};
use embassy_rp::gpio::{Level, Output};
use embassy_rp::peripherals::{DMA_CH0, PIO0, TRNG};
use embassy_rp::pio::{self, Pio};
use embassy_rp::trng::{self, Trng};
use embassy_rp::{bind_interrupts, dma};
use embassy_time::{Duration, Timer, with_timeout};
use panic_probe as _;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use static_cell::{ConstStaticCell, StaticCell};

/// They stand in the image, which the network's owner can live with; Alpaca's key does not.
const NETWORK: &str = env!(
    "WIFI_NETWORK",
    "set WIFI_NETWORK to the network's name (SSID)"
);
const PASSWORD: &str = env!(
    "WIFI_PASSWORD",
    "set WIFI_PASSWORD to the network's password"
);

static FIRMWARE: Aligned<A4, [u8; 231_077]> = Aligned(*CYW43_43439A0);

bind_interrupts!(struct Irqs {
    PIO0_IRQ_0 => pio::InterruptHandler<PIO0>;
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>;
    TRNG_IRQ => trng::InterruptHandler<TRNG>;
});

type Bus = SpiBus<Output<'static>, PioSpi<'static, PIO0, 0>>;

#[embassy_executor::task]
async fn radio(runner: cyw43::Runner<'static, Bus>) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn network(mut runner: embassy_net::Runner<'static, NetDriver<'static>>) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn join(mut control: Control<'static>, stack: Stack<'static>) -> ! {
    loop {
        let options = JoinOptions::new(PASSWORD.as_bytes());
        match control.join(NETWORK, options).await {
            Ok(()) => {
                // The stack learns of it a little later.
                let _ = with_timeout(Duration::from_secs(10), stack.wait_link_up()).await;
                stack.wait_link_down().await;
                warn!("the network is gone");
            }
            Err(error) => warn!("cannot join the network: {}", defmt::Debug2Format(&error)),
        }
        Timer::after_secs(5).await;
    }
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(embassy_rp::config::Config::default());

    // All tests of the TRNG are on by default. A CSPRNG behind it, because it takes 2 ms for 24 bytes.
    let mut trng = Trng::new(p.TRNG, Irqs, trng::Config::default());
    let mut rng = unwrap!(ChaCha20Rng::from_rng(&mut trng).ok(), "the TRNG failed");

    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let key_pair = match slot.paper_from_flash(credential()) {
        Ok(key_pair) => key_pair,
        Err(error) => return warn!("{}", Display2Format(&error)),
    };

    // The radio, wired on the board: GP23 power, GP24 data, GP25 chip select, GP29 clock.
    let mut pio = Pio::new(p.PIO0, Irqs);
    let spi = PioSpi::new(
        &mut pio.common,
        pio.sm0,
        DEFAULT_CLOCK_DIVIDER,
        pio.irq0,
        Output::new(p.PIN_25, Level::High),
        p.PIN_24,
        p.PIN_29,
        dma::Channel::new(p.DMA_CH0, Irqs),
    );
    static STATE: StaticCell<cyw43::State> = StaticCell::new();
    let state = STATE.init_with(cyw43::State::new);
    let power = Output::new(p.PIN_23, Level::Low);
    let (device, mut control, runner) =
        cyw43::new(state, power, spi, &FIRMWARE, &nvram::PICO_W).await;
    spawner.spawn(unwrap!(radio(runner)));
    control.init(CYW43_43439A0_CLM).await;
    control
        .set_power_management(PowerManagementMode::PowerSave)
        .await;

    static RESOURCES: StaticCell<StackResources<5>> = StaticCell::new();
    let (stack, runner) = embassy_net::new(
        device,
        Config::dhcpv4(embassy_net::DhcpConfig::default()),
        RESOURCES.init_with(StackResources::new),
        rng.next_u64(),
    );
    spawner.spawn(unwrap!(network(runner)));

    spawner.spawn(unwrap!(join(control, stack)));

    static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::new());
    let report = |line: core::fmt::Arguments<'_>| info!("{}", Display2Format(&line));
    let end = watch(stack, key_pair, MEMORY.take(), &mut rng, report).await;
    // The key is wiped from RAM. Power or the debugger brings the board back.
    slot.clear();
    warn!("stopped: {}", Display2Format(&end));
}

/// The flash sector of the key pair, in place.
fn credential() -> &'static [u8; FLASH_SLOT_LEN] {
    unsafe extern "C" {
        /// From `memory.x`.
        #[link_name = "__credential"]
        static CREDENTIAL: [u8; FLASH_SLOT_LEN];
    }
    // SAFETY: the linker places it on 4 KB of mapped flash that nothing writes while this runs.
    unsafe { &CREDENTIAL }
}
