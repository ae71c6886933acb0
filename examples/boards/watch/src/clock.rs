//! [`Clock`]: unix time on a board without a battery, from SNTP.
//!
//! SNTP is not authenticated: who sits on the path can set this clock to any time after the
//! firmware was built, and so have a certificate accepted that has expired since. It cannot have a
//! certificate accepted that no trusted authority issued. A board with a battery-backed RTC should
//! take the time from there.

use core::time::Duration as Since1970;

use alpaca_auth_embedded_tls::{UnixTime, built_at};
use embassy_net::Stack;
use embassy_net::udp::{PacketMetadata, UdpSocket};
use embassy_time::{Duration, Instant};
use rand_core::CryptoRngCore;
use sntpc::{NtpContext, NtpTimestampGenerator, get_time};
use sntpc_net_embassy::UdpSocketWrapper;

use crate::failure::Failure;

/// A product asks the NTP pool for a zone of its own.
const SERVER: &str = "pool.ntp.org";
const PORT: u16 = 123;
/// A quartz of 50 ppm is off by one second after this time.
const FRESH: Duration = Duration::from_secs(6 * 60 * 60);
/// In seconds, from an authenticated server's `Date`.
const TOLERANCE: u64 = 120;

/// A time that was right at one instant, and how to go on from there.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    unix: u64,
    at: Instant,
}

impl Clock {
    /// Asks an SNTP server once.
    pub(crate) async fn from_sntp<R: CryptoRngCore>(
        stack: Stack<'_>,
        rng: &mut R,
    ) -> Result<Self, Failure> {
        let address = crate::address_of(stack, SERVER).await?;
        let (mut receive_meta, mut transmit_meta) =
            ([PacketMetadata::EMPTY; 2], [PacketMetadata::EMPTY; 2]);
        let (mut receive, mut transmit) = ([0; 128], [0; 128]);
        let mut socket = UdpSocket::new(
            stack,
            &mut receive_meta,
            &mut receive,
            &mut transmit_meta,
            &mut transmit,
        );
        // Any free port: an answer that was not asked for must guess it, too.
        socket.bind(0).map_err(|_| Failure::Time)?;
        let socket = UdpSocketWrapper::new(socket);
        let embassy_net::IpAddress::Ipv4(address) = address;
        let context = NtpContext::new(Nonce {
            micros: rng.next_u32(),
        });
        let answer = get_time((address, PORT).into(), &socket, context)
            .await
            .map_err(|_| Failure::Time)?;
        Self::new(answer.sec(), Instant::now())
    }

    /// A time before the firmware was built is none.
    fn new(unix: u64, at: Instant) -> Result<Self, Failure> {
        match unix >= built_at() {
            true => Ok(Self { unix, at }),
            false => Err(Failure::Time),
        }
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.at.elapsed() < FRESH
    }

    pub(crate) fn now(&self) -> UnixTime {
        UnixTime::since_unix_epoch(Since1970::from_secs(self.seconds()))
    }

    /// Whether it differs too much from the `Date` of an authenticated server.
    pub(crate) fn is_off(&self, date: u64) -> bool {
        self.seconds().abs_diff(date) > TOLERANCE
    }

    fn seconds(&self) -> u64 {
        self.unix.saturating_add(self.at.elapsed().as_secs())
    }
}

/// What a query carries as its time, and an answer must repeat: chance, for only the server's
/// seconds are used. The second is the firmware's, which tells the era.
#[derive(Clone, Copy)]
struct Nonce {
    micros: u32,
}

impl NtpTimestampGenerator for Nonce {
    fn init(&mut self) {}

    fn timestamp_sec(&self) -> u64 {
        built_at()
    }

    fn timestamp_subsec_micros(&self) -> u32 {
        self.micros.checked_rem(1_000_000).unwrap_or(0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    #[test]
    fn a_time_before_the_build_is_refused() {
        assert!(Clock::new(built_at() - 1, Instant::now()).is_err());
        assert!(Clock::new(0, Instant::now()).is_err());
        assert!(Clock::new(built_at(), Instant::now()).is_ok());
    }

    #[test]
    fn a_clock_that_differs_from_the_server_is_off() {
        let clock = Clock::new(built_at() + 1000, Instant::now())
            .map_err(|_| ())
            .unwrap();
        assert!(!clock.is_off(built_at() + 1000 - TOLERANCE));
        assert!(clock.is_off(built_at() + 1000 - TOLERANCE - 10));
        assert!(clock.is_off(built_at() + 1000 + TOLERANCE + 10));
        assert!(clock.is_off(0));
    }

    #[test]
    fn a_nonce_is_a_part_of_a_second() {
        assert_eq!(
            Nonce { micros: u32::MAX }.timestamp_subsec_micros(),
            u32::MAX % 1_000_000
        );
        assert_eq!(Nonce { micros: 7 }.timestamp_subsec_micros(), 7);
    }
}
