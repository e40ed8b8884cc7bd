//! Beacons between processes: UDP, to whoever is in the same network.
//!
//! Sent is to the directed broadcast address of each interface that is up, and to 127.255.255.255 where only the loopback is: the
//! address 255.255.255.255 fails where there is no default route. Or to a multicast group. Several processes of one machine share
//! the port (`SO_REUSEADDR`; with `SO_REUSEPORT` the system would hand each datagram to one of them only).

mod interfaces;

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::Instant;

/// The port of the published system.
pub const DEFAULT_PORT: u16 = 4711;

/// Interfaces come and go: how often they are looked at.
const LOOK_EACH: Duration = Duration::from_secs(10);
/// Room for what arrives while the host is busy, as far as the system allows.
const BUFFER_BYTES: usize = 8 << 20;
/// Frames that are read at once, before something else has its turn.
const FRAMES_AT_ONCE: usize = 1_024;
/// As long as a datagram can be.
const LONGEST_BYTES: usize = 65_536;

/// How beacons travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// To all in the networks of this machine.
    Broadcast,
    /// To a group.
    Multicast {
        /// Its address, 224.0.0.0 to 239.255.255.255.
        group: Ipv4Addr,
        /// The address of the interface to use; the system chooses if it is left out, by its routes.
        interface: Option<Ipv4Addr>,
    },
}

/// A socket that beacons are sent and heard by.
#[derive(Debug)]
pub struct Air {
    socket: UdpSocket,
    medium: Medium,
    port: u16,
    /// Where to, and when that was found out.
    targets: Mutex<(Vec<Ipv4Addr>, Instant)>,
}

/// Room for one datagram.
#[derive(Debug)]
pub struct Inbox(Box<[u8]>);

impl Default for Inbox {
    fn default() -> Self {
        Self(vec![0; LONGEST_BYTES].into())
    }
}

impl Air {
    /// Opens a socket on all addresses of this machine. With port 0 the system chooses one.
    ///
    /// # Errors
    ///
    /// If the port belongs to somebody who doesn't share it, the group or its interface can't be used, or interfaces can't be
    /// listed.
    pub fn open(medium: Medium, port: u16) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_reuse_address(true)?;
        socket.set_broadcast(true)?;
        // As much as the system gives: less is no failure.
        let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
        socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
        if let Medium::Multicast { group, interface } = medium {
            socket.join_multicast_v4(&group, &interface.unwrap_or(Ipv4Addr::UNSPECIFIED))?;
            if let Some(interface) = interface {
                socket.set_multicast_if_v4(&interface)?;
            }
            // Other processes of this machine listen too.
            socket.set_multicast_loop_v4(true)?;
        }
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket.into())?;
        let port = socket.local_addr()?.port();
        let targets = Mutex::new((targets(medium)?, Instant::now()));
        Ok(Self { socket, medium, port, targets })
    }

    /// Returns the port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns where beacons go now. Interfaces are looked at again every ten seconds.
    #[must_use]
    pub fn targets(&self) -> Vec<Ipv4Addr> {
        let mut known = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if known.1.elapsed() >= LOOK_EACH {
            known.1 = Instant::now();
            match targets(self.medium) {
                Ok(now) => known.0 = now,
                Err(error) => tracing::warn!(%error, "interfaces can't be listed; beacons go where they went"),
            }
        }
        known.0.clone()
    }

    /// Sends a frame to everywhere. Returns whether it left for everywhere; an interface that is down is left out.
    pub async fn send(&self, frame: &[u8]) -> bool {
        let mut is_sent = true;
        for target in self.targets() {
            if let Err(error) = self.socket.send_to(frame, (target, self.port)).await {
                tracing::debug!(%error, %target, "a beacon can't be sent");
                is_sent = false;
            }
        }
        is_sent
    }

    /// Waits until there is something to hear.
    ///
    /// # Errors
    ///
    /// If the socket is broken.
    pub async fn ready(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Hands over what has arrived, some hundred frames at most; those of this process are among them.
    ///
    /// # Errors
    ///
    /// If the socket can't be read; what was handed over before counts.
    pub fn drain(&self, inbox: &mut Inbox, mut hear: impl FnMut(&[u8])) -> io::Result<()> {
        for _ in 0..FRAMES_AT_ONCE {
            match self.socket.try_recv_from(&mut inbox.0) {
                Ok((n_bytes, from)) => {
                    trace(from, n_bytes);
                    hear(&inbox.0[..n_bytes]);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Runs hold no person, so a log may say who sent.
fn trace(from: SocketAddr, n_bytes: usize) {
    tracing::trace!(%from, n_bytes, "a frame came");
}

fn targets(medium: Medium) -> io::Result<Vec<Ipv4Addr>> {
    match medium {
        Medium::Broadcast => Ok(interfaces::broadcast_addresses(&if_addrs::get_if_addrs()?)),
        Medium::Multicast { group, .. } => Ok(vec![group]),
    }
}
