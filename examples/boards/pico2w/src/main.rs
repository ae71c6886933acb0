//! Raspberry Pi Pico 2 W: the paper account's status and equity each minute, over defmt.
//!
//! The key pair lies in one of the last two sectors of flash, put there by `provision`, or taken over
//! UART0 while GP15 is connected to GND at the start. This source and this image hold none. See
//! `examples/boards/README.md` for flashing.

#![no_std]
#![no_main]

mod nvram;

use account_watch::{Memory, import, watch};
use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::Paper;
use cyw43::{A4, Aligned, Control, JoinOptions, NetDriver, PowerManagementMode, SpiBus};
use cyw43_firmware::{CYW43_43439A0, CYW43_43439A0_CLM};
use cyw43_pio::{DEFAULT_CLOCK_DIVIDER, PioSpi};
use defmt::{Display2Format, info, unwrap, warn};
use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_net::{Config, Stack, StackResources};
use embassy_rp::flash::Flash;
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::{DMA_CH0, PIO0, TRNG, UART0};
use embassy_rp::pio::{self, Pio};
use embassy_rp::trng::{self, Trng};
use embassy_rp::uart::{self, BufferedUart};
use embassy_rp::{bind_interrupts, dma};
use embassy_time::{Duration, Timer, with_timeout};
use key_slots::{Copied, load};
use panic_probe as _;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use static_cell::{ConstStaticCell, StaticCell};
use zeroize::Zeroizing;

/// They stand in the image, which the network's owner can live with; Alpaca's key does not.
const NETWORK: &str = env!(
    "WIFI_NETWORK",
    "set WIFI_NETWORK to the network's name (SSID)"
);
const PASSWORD: &str = env!(
    "WIFI_PASSWORD",
    "set WIFI_PASSWORD to the network's password"
);

/// The two sectors of the key from the start of flash, as `memory.x` keeps them free.
const CREDENTIAL: [u32; 2] = [0x3F_E000, 0x3F_F000];
const FLASH_LEN: usize = 4096 * 1024;

static FIRMWARE: Aligned<A4, [u8; 231_077]> = Aligned(*CYW43_43439A0);

bind_interrupts!(struct Irqs {
    PIO0_IRQ_0 => pio::InterruptHandler<PIO0>;
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>;
    TRNG_IRQ => trng::InterruptHandler<TRNG>;
    UART0_IRQ => uart::BufferedInterruptHandler<UART0>;
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

    let report = |line: core::fmt::Arguments<'_>| info!("{}", Display2Format(&line));
    let mut sectors = Copied::new(Flash::<_, _, FLASH_LEN>::new_blocking(p.FLASH), CREDENTIAL);
    let strap = Input::new(p.PIN_15, Pull::Up);
    // The pull-up needs a moment against the wire's capacity.
    Timer::after_millis(1).await;
    if strap.is_low() {
        // The key comes through the first buffer.
        let (mut received, mut unsent) = (Zeroizing::new([0; 32]), [0; 32]);
        let (tx, rx) = (p.PIN_0, p.PIN_1);
        let config = uart::Config::default();
        let mut line =
            BufferedUart::new(p.UART0, tx, rx, Irqs, &mut unsent, &mut *received, config);
        import(&mut line, &mut sectors, report).await;
    }
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    match load(&mut sectors, &mut slot) {
        Ok(loaded) => info!("{}", Display2Format(&loaded)),
        Err(error) => return warn!("{}", Display2Format(&error)),
    }
    let key_pair = unwrap!(slot.get(), "a key was loaded");

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
    let end = watch(stack, key_pair, MEMORY.take(), &mut rng, report).await;
    // The key is wiped from RAM. Power or the debugger brings the board back.
    slot.clear();
    warn!("stopped: {}", Display2Format(&end));
}
