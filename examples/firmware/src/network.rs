//! [`Network`]: DHCP and one TCP connection over smoltcp, as a blocking `embedded_io` socket.

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use mps2::{Lan9118, Timer};
use rand_core::RngCore;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::{dhcpv4, tcp};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, IpCidr, Ipv4Address};
use static_cell::{ConstStaticCell, StaticCell};

/// Locally administered. A device has one of its own.
const MAC: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 1]);
/// For an address, for a connection, and for each exchange.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is under way between server and device at most: one full segment.
const RECEIVE: usize = 1460;
/// Holds a record of the session's write buffer.
const SEND: usize = 512;

static RECEIVED: ConstStaticCell<[u8; RECEIVE]> = ConstStaticCell::new([0; RECEIVE]);
static UNSENT: ConstStaticCell<[u8; SEND]> = ConstStaticCell::new([0; SEND]);
static SOCKETS: StaticCell<[SocketStorage<'static>; 1]> = StaticCell::new();
static NETWORK: StaticCell<Network> = StaticCell::new();

/// The board's way to the network.
pub(crate) struct Network {
    interface: Interface,
    device: Lan9118,
    sockets: SocketSet<'static>,
    connection: SocketHandle,
    timer: Timer,
    deadline: Instant,
    port: u16,
}

impl Network {
    /// Starts the controller and asks for an address. Call it once.
    pub(crate) fn start(rng: &mut impl RngCore) -> Result<&'static mut Self, ErrorKind> {
        let mut timer = Timer::start();
        let mut device = Lan9118::start(MAC);
        let mut config = Config::new(MAC.into());
        config.random_seed = rng.next_u64();
        let interface = Interface::new(config, &mut device, timer.now());
        let mut sockets = SocketSet::new(&mut SOCKETS.init_with(|| [SocketStorage::EMPTY])[..]);
        // One place for both: the address comes before the connection.
        let dhcp = sockets.add(dhcpv4::Socket::new());
        let deadline = timer.now() + PATIENCE;
        let network = NETWORK.init_with(|| Self {
            interface,
            device,
            sockets,
            connection: dhcp,
            timer,
            deadline,
            // A port that was not used a moment ago (RFC 6056).
            port: 49_152 | u16::try_from(rng.next_u32() & 0x1fff).unwrap_or_default(),
        });
        network.ask_for_address(dhcp)?;
        network.sockets.remove(dhcp);
        let socket = tcp::Socket::new(
            tcp::SocketBuffer::new(&mut RECEIVED.take()[..]),
            tcp::SocketBuffer::new(&mut UNSENT.take()[..]),
        );
        network.connection = network.sockets.add(socket);
        Ok(network)
    }

    /// The lease is taken once: this program ends before it does. A device keeps the socket.
    #[inline(never)]
    fn ask_for_address(&mut self, dhcp: SocketHandle) -> Result<(), ErrorKind> {
        let (address, router) =
            self.wait(
                |_, sockets| match sockets.get_mut::<dhcpv4::Socket<'_>>(dhcp).poll() {
                    Some(dhcpv4::Event::Configured(lease)) => Some((lease.address, lease.router)),
                    _ => None,
                },
            )?;
        self.interface.update_ip_addrs(|addresses| {
            addresses.clear();
            // There is room for one.
            let _ = addresses.push(IpCidr::Ipv4(address));
        });
        if let Some(router) = router {
            let routes = self.interface.routes_mut();
            routes
                .add_default_ipv4_route(router)
                .map_err(|_| ErrorKind::OutOfMemory)?;
        }
        Ok(())
    }

    /// Connects to `server`, after ending the connection before.
    #[inline(never)]
    pub(crate) fn connect(&mut self, server: Ipv4Address, port: u16) -> Result<(), ErrorKind> {
        self.patience();
        let handle = self.connection;
        self.sockets.get_mut::<tcp::Socket<'_>>(handle).abort();
        self.port = 49_152 | (self.port.wrapping_add(1) & 0x3fff);
        let local = self.port;
        self.sockets
            .get_mut::<tcp::Socket<'_>>(handle)
            .connect(self.interface.context(), (server, port), local)
            .map_err(|_| ErrorKind::AddrNotAvailable)?;
        self.wait(
            |_, sockets| match sockets.get_mut::<tcp::Socket<'_>>(handle).state() {
                tcp::State::SynSent | tcp::State::SynReceived => None,
                tcp::State::Established => Some(Ok(())),
                _ => Some(Err(ErrorKind::ConnectionRefused)),
            },
        )?
    }

    /// A deadline for what begins now.
    fn patience(&mut self) {
        self.deadline = self.timer.now() + PATIENCE;
    }

    /// Polls until `ready` has something to say, or it is too late.
    fn wait<T>(
        &mut self,
        mut ready: impl FnMut(&mut Interface, &mut SocketSet<'static>) -> Option<T>,
    ) -> Result<T, ErrorKind> {
        loop {
            let now = self.timer.now();
            poll(
                &mut self.interface,
                now,
                &mut self.device,
                &mut self.sockets,
            );
            if let Some(value) = ready(&mut self.interface, &mut self.sockets) {
                return Ok(value);
            }
            if now > self.deadline {
                return Err(ErrorKind::TimedOut);
            }
        }
    }

    fn wait_for<T>(
        &mut self,
        mut ready: impl FnMut(&mut tcp::Socket<'static>) -> Option<T>,
    ) -> Result<T, ErrorKind> {
        let handle = self.connection;
        self.wait(|_, sockets| ready(sockets.get_mut(handle)))
    }
}

/// One copy for all that wait.
#[inline(never)]
fn poll(
    interface: &mut Interface,
    now: Instant,
    device: &mut Lan9118,
    sockets: &mut SocketSet<'static>,
) {
    interface.poll(now, device, sockets);
}

impl ErrorType for Network {
    type Error = ErrorKind;
}

impl Read for Network {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.wait_for(|socket| match socket.can_recv() {
            true => socket.recv_slice(buffer).ok(),
            false => (!socket.may_recv()).then_some(0), // the end
        })
    }
}

impl Write for Network {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.patience();
        self.wait_for(|socket| match socket.may_send() {
            true => socket
                .can_send()
                .then(|| socket.send_slice(bytes).unwrap_or(0)),
            false => Some(0), // an error to the session
        })
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.wait_for(|socket| (socket.send_queue() == 0 || !socket.may_send()).then_some(()))
    }
}
