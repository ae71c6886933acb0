//! A relay before a server that ends connections after a number of bytes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Whose bytes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Reply,
}

/// Ends connections when so many bytes of one direction have passed.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Whose bytes.
    pub direction: Direction,
    /// How many pass.
    pub after: u64,
    /// How many connections are cut; later ones pass.
    pub connections: u32,
}

/// A listener on 127.0.0.1 that passes everything on to one port, until it cuts.
pub struct Relay {
    port: u16,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    cut: Mutex<Option<Cut>>,
    /// Connections that were cut since it was last set.
    cuts: AtomicU64,
    connections: AtomicU64,
    requested: AtomicU64,
    replied: AtomicU64,
    stopped: AtomicBool,
}

impl Relay {
    /// Starts one before `127.0.0.1:port`.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                if of_thread.stopped.load(Ordering::SeqCst) {
                    break;
                }
                pass(client, port, &of_thread);
            }
        });
        Self {
            port: own,
            shared,
            listener: Some(thread),
        }
    }

    /// Where clients connect.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From the next connection on, cuts so; `None` passes all.
    pub fn cut(&self, cut: Option<Cut>) {
        *self.shared.lock() = cut;
        for count in [
            &self.shared.cuts,
            &self.shared.connections,
            &self.shared.requested,
            &self.shared.replied,
        ] {
            count.store(0, Ordering::SeqCst);
        }
    }

    /// Connections that were cut since [`cut`](Self::cut).
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// Connections since [`cut`](Self::cut).
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Bytes that passed since [`cut`](Self::cut).
    #[must_use]
    pub fn passed(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Request => self.shared.requested.load(Ordering::SeqCst),
            Direction::Reply => self.shared.replied.load(Ordering::SeqCst),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.listener.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Cut>> {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cut that the next connection meets.
    fn next(&self) -> Option<Cut> {
        let mut cut = self.lock();
        let cut = cut.as_mut().filter(|cut| cut.connections > 0)?;
        cut.connections -= 1;
        Some(*cut)
    }
}

fn pass(client: TcpStream, port: u16, shared: &Arc<Shared>) {
    shared.connections.fetch_add(1, Ordering::SeqCst);
    let cut = shared.next();
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
        return;
    };
    for (direction, from, to) in [
        (Direction::Request, &client, &server),
        (Direction::Reply, &server, &client),
    ] {
        let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else {
            return;
        };
        let _ = to.set_nodelay(true);
        let left = cut
            .filter(|cut| cut.direction == direction)
            .map(|cut| cut.after);
        let shared = Arc::clone(shared);
        std::thread::spawn(move || carry(direction, &from, &to, left, &shared));
    }
}

fn carry(
    direction: Direction,
    mut from: &TcpStream,
    mut to: &TcpStream,
    mut left: Option<u64>,
    shared: &Shared,
) {
    let passed = match direction {
        Direction::Request => &shared.requested,
        Direction::Reply => &shared.replied,
    };
    let mut buffer = [0; 16 * 1024];
    let end = |how| {
        let _ = from.shutdown(how);
        let _ = to.shutdown(how);
    };
    loop {
        if left == Some(0) {
            shared.cuts.fetch_add(1, Ordering::SeqCst);
            return end(Shutdown::Both);
        }
        let most = left.map_or(buffer.len(), |left| {
            buffer
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX))
        });
        match from.read(&mut buffer[..most]) {
            Ok(0) => {
                // One side has no more to say; the other may.
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            Ok(count) => {
                if to.write_all(&buffer[..count]).is_err() {
                    return end(Shutdown::Both);
                }
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                passed.fetch_add(count, Ordering::SeqCst);
                left = left.map(|left| left - count);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return end(Shutdown::Both),
        }
    }
}
