//! [`Lan9118`]: the board's Ethernet controller, polled, as a device of smoltcp.
//!
//! Register names are those of the LAN9118 data sheet (Microchip DS00002266).

use core::ptr::{read_volatile, with_exposed_provenance_mut, write_volatile};

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

use crate::address;

const RX_DATA_FIFO: usize = 0x00;
const TX_DATA_FIFO: usize = 0x20;
const RX_STATUS_FIFO: usize = 0x40;
const TX_CFG: usize = 0x70;
const HW_CFG: usize = 0x74;
const RX_FIFO_INF: usize = 0x7c;
const TX_FIFO_INF: usize = 0x80;
const MAC_CSR_CMD: usize = 0xa4;
const MAC_CSR_DATA: usize = 0xa8;

/// Of the MAC, reached through `MAC_CSR_CMD`.
const MAC_CR: u32 = 1;
const MAC_ADDRH: u32 = 2;
const MAC_ADDRL: u32 = 3;

/// A frame without its checksum (IEEE 802.3), and in whole words.
const FRAME: usize = 1514;
const WORDS: usize = 379;
const CHECKSUM: usize = 4;

fn read(register: usize) -> u32 {
    // SAFETY: a register of a device that `Lan9118` alone uses.
    unsafe {
        read_volatile(with_exposed_provenance_mut::<u32>(
            address::ETHERNET + register,
        ))
    }
}

fn write(register: usize, value: u32) {
    // SAFETY: as above.
    unsafe {
        write_volatile(
            with_exposed_provenance_mut::<u32>(address::ETHERNET + register),
            value,
        )
    };
}

fn write_mac(index: u32, value: u32) {
    const BUSY: u32 = 1 << 31;
    write(MAC_CSR_DATA, value);
    write(MAC_CSR_CMD, BUSY | index);
    while read(MAC_CSR_CMD) & BUSY != 0 {}
}

/// The controller.
pub struct Lan9118(());

impl Lan9118 {
    /// Resets and starts it with this address. Call it once.
    #[must_use]
    pub fn start(address: EthernetAddress) -> Self {
        const SOFT_RESET: u32 = 1;
        /// 5 of the 16 KB for sending, and "must be one".
        const SPLIT: u32 = (5 << 16) | (1 << 20);
        const TX_ON: u32 = 1 << 1;
        const TXEN: u32 = 1 << 3;
        const RXEN: u32 = 1 << 2;
        write(HW_CFG, SOFT_RESET);
        while read(HW_CFG) & SOFT_RESET != 0 {}
        write(HW_CFG, SPLIT);
        let [a, b, c, d, e, f] = address.0;
        write_mac(MAC_ADDRL, u32::from_le_bytes([a, b, c, d]));
        write_mac(MAC_ADDRH, u32::from_le_bytes([e, f, 0, 0]));
        write_mac(MAC_CR, TXEN | RXEN);
        write(TX_CFG, TX_ON);
        Self(())
    }

    /// Whether a whole frame fits in.
    fn has_room() -> bool {
        usize::try_from(read(TX_FIFO_INF) & 0xffff).is_ok_and(|free| free > FRAME + 16)
    }
}

impl Device for Lan9118 {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending;

    fn receive(&mut self, _: Instant) -> Option<(Received, Sending)> {
        let waiting = (read(RX_FIFO_INF) >> 16) & 0xff;
        (waiting > 0 && Self::has_room()).then_some((Received(()), Sending(())))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending> {
        Self::has_room().then_some(Sending(()))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}

/// A frame that waits in the controller.
pub struct Received(());

impl RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, look: F) -> R {
        const FAULTY: u32 = 1 << 15;
        let status = read(RX_STATUS_FIFO);
        let length = usize::try_from((status >> 16) & 0x3fff).unwrap_or_default();
        let mut frame = [[0; 4]; WORDS + 1];
        // All of it leaves the controller, however long it says it is.
        for index in 0..length.div_ceil(4) {
            let word = read(RX_DATA_FIFO).to_le_bytes();
            if let Some(place) = frame.get_mut(index) {
                *place = word;
            }
        }
        let whole = length.saturating_sub(CHECKSUM);
        let usable = if status & FAULTY != 0 || whole > FRAME {
            0
        } else {
            whole
        };
        look(frame.as_flattened().get(..usable).unwrap_or_default())
    }
}

/// Room for a frame in the controller.
pub struct Sending(());

impl TxToken for Sending {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        const FIRST_AND_LAST: u32 = (1 << 13) | (1 << 12);
        let mut frame = [[0; 4]; WORDS];
        let result = fill(
            frame
                .as_flattened_mut()
                .get_mut(..length)
                .unwrap_or_default(),
        );
        let stated = u32::try_from(length).unwrap_or_default();
        write(TX_DATA_FIFO, FIRST_AND_LAST | stated);
        write(TX_DATA_FIFO, stated);
        for word in frame.iter().take(length.div_ceil(4)) {
            write(TX_DATA_FIFO, u32::from_le_bytes(*word));
        }
        result
    }
}
