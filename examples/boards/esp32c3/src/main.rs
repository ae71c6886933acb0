//! ESP32-C3: the paper account's status and equity each minute, over its USB serial port.
//!
//! The key pair lies in the partition `credential`, put there by `provision`, or taken over the same
//! USB port while GPIO10 is connected to GND at the start. This source and this image hold none. See
//! `examples/boards/README.md` for flashing.

#![no_std]
#![no_main]

use core::fmt::Display;

use account_watch::{Memory, import, watch};
use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::Paper;
use embassy_executor::Spawner;
use embassy_net::{Config, StackResources};
use embassy_time::Timer;
use esp_alloc as _;
use esp_backtrace as _;
use esp_hal::gpio::{Input, InputConfig, Pull};
use esp_hal::interrupt::software::SoftwareInterruptControl;
use esp_hal::ram;
use esp_hal::rng::Trng;
use esp_hal::timer::timg::TimerGroup;
use esp_hal::usb_serial_jtag::UsbSerialJtag;
use esp_println::println;
use esp_radio::wifi::sta::StationConfig;
use esp_radio::wifi::{self, ControllerConfig, Interface, WifiController};
use esp_storage::FlashStorage;
use key_slots::{Copied, load};
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

/// The two sectors of the partition `credential`, in `partitions.csv`.
const CREDENTIAL: [u32; 2] = [0x3F_0000, 0x3F_1000];

esp_bootloader_esp_idf::esp_app_desc!();

#[embassy_executor::task]
async fn radio(mut controller: WifiController<'static>) {
    loop {
        match controller.connect_async().await {
            Ok(_) => {
                let _ = controller.wait_for_disconnect_async().await;
                println!("the network is gone");
            }
            Err(error) => println!("cannot join the network: {error:?}"),
        }
        Timer::after_secs(5).await;
    }
}

#[embassy_executor::task]
async fn network(mut runner: embassy_net::Runner<'static, Interface<'static>>) -> ! {
    runner.run().await
}

#[esp_rtos::main]
async fn main(spawner: Spawner) -> ! {
    let p = esp_hal::init(esp_hal::Config::default());
    // The radio's heap, first in memory that the boot loader leaves behind.
    esp_alloc::heap_allocator!(#[ram(reclaimed)] size: 64 * 1024);
    esp_alloc::heap_allocator!(size: 36 * 1024);
    let timers = TimerGroup::new(p.TIMG0);
    let interrupts = SoftwareInterruptControl::new(p.SW_INTERRUPT);
    esp_rtos::start(timers.timer0, interrupts.software_interrupt0);

    let report = |line: core::fmt::Arguments<'_>| println!("{line}");
    let mut sectors = Copied::new(FlashStorage::new(p.FLASH), CREDENTIAL);
    let strap = Input::new(p.GPIO10, InputConfig::default().with_pull(Pull::Up));
    // The pull-up needs a moment against the wire's capacity.
    Timer::after_millis(1).await;
    if strap.is_low() {
        // Text goes the same way: the host skips what is no answer.
        let mut line = UsbSerialJtag::new(p.USB_DEVICE).into_async();
        import(&mut line, &mut sectors, report).await;
    }
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    match load(&mut sectors, &mut slot) {
        Ok(loaded) => println!("{loaded}"),
        Err(error) => stop(error).await,
    }
    let Some(key_pair) = slot.get() else {
        stop("no key was loaded").await
    };

    let station = StationConfig::default()
        .with_ssid(NETWORK)
        .with_password(PASSWORD.into());
    let config = ControllerConfig::default().with_initial_config(wifi::Config::Station(station));
    let (controller, interfaces) = match wifi::new(p.WIFI, config) {
        Ok(parts) => parts,
        Err(error) => stop(format_args!("the radio does not start: {error:?}")).await,
    };
    // The generator is a good one only while the radio is on: `try_new` fails before that. The
    // CSPRNG is seeded once, so that nothing depends on the radio later.
    let mut rng = match Trng::try_new().map(ChaCha20Rng::from_rng) {
        Ok(Ok(rng)) => rng,
        _ => stop("the generator has no entropy: is the radio on?").await,
    };

    static RESOURCES: StaticCell<StackResources<5>> = StaticCell::new();
    let (stack, runner) = embassy_net::new(
        interfaces.station,
        Config::dhcpv4(embassy_net::DhcpConfig::default()),
        RESOURCES.init_with(StackResources::new),
        rng.next_u64(),
    );
    spawner.spawn(radio(controller).expect("it is spawned once"));
    spawner.spawn(network(runner).expect("it is spawned once"));

    static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::new());
    let end = watch(stack, key_pair, MEMORY.take(), &mut rng, report).await;
    // The key is wiped from RAM.
    slot.clear();
    stop(end).await
}

/// Says why, now and then, and does nothing else: a reset begins anew.
async fn stop(why: impl Display) -> ! {
    loop {
        println!("stopped: {why}");
        Timer::after_secs(60).await;
    }
}
