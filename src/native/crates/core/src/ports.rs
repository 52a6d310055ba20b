//! Host ports that are kept from other processes: a bound socket each, which never receives anything because the table translates what arrives before
//! sockets are looked up.
//!
//! A TCP socket that is bound without `SO_REUSEADDR` and does not listen keeps the port from `listen(2)` of everybody, and a connection to it is refused
//! while the table is away. It cannot be bound while a connection of the port is in `TIME_WAIT`, so `SO_REUSEADDR` is set for the moment of binding where
//! that is in the way. What nobody listens on but an outgoing connection happens to use is published all the same and taken when it is free.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};

use crate::failure::{Context, Failure};
use crate::netlink::{Listener, listeners};
use crate::nft::{Endpoint, Key, Protocol};

/// Ports that were reserved to be published are kept for their owner this long.
pub const RESERVATION: Duration = Duration::from_secs(120);

/// The host's side of a published port. `address` none: all of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPort {
    pub protocol: Protocol,
    pub port: u16,
    pub address: Option<Ipv4Addr>,
}

impl From<&Endpoint> for HostPort {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            protocol: endpoint.protocol,
            port: endpoint.host_port,
            address: endpoint.host_ip,
        }
    }
}

impl HostPort {
    /// Whether one packet could be for both: no address means all of them.
    pub fn meets(&self, other: &Self) -> bool {
        let is_any = self.address.is_none() || other.address.is_none();
        self.protocol == other.protocol
            && self.port == other.port
            && (is_any || self.address == other.address)
    }

    /// What the key of an element stands for; none: it is no published port.
    pub fn from_key(key: &Key) -> Option<Self> {
        let (protocol, address, port) = Endpoint::host_side_of(key)?;
        Some(Self {
            protocol,
            port,
            address,
        })
    }
}

impl std::fmt::Display for HostPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let protocol = match self.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        let address = self.address.unwrap_or(Ipv4Addr::UNSPECIFIED);
        write!(f, "{address}:{}/{protocol}", self.port)
    }
}

/// How a port that shall be ours is kept.
#[derive(Debug)]
enum Hold {
    /// The socket, open for its port's sake.
    Bound(#[expect(dead_code, reason = "closing it gives the port up")] OwnedFd),
    /// Nobody listens there, but it could not be bound: an outgoing connection uses it, or there is no descriptor left.
    Watched,
}

/// The ports of one engine in the network namespace of the thread that reserves.
#[derive(Debug)]
pub struct Reservations {
    held: BTreeMap<HostPort, Hold>,
    bound: usize,
    /// How many sockets there may be: descriptors are for others too.
    limit: usize,
}

impl Reservations {
    pub fn new(limit: usize) -> Self {
        Self {
            held: BTreeMap::new(),
            bound: 0,
            limit,
        }
    }

    /// How many ports are kept by a socket.
    pub fn bound(&self) -> usize {
        self.bound
    }

    /// Ports without a socket yet: a process that binds one is not kept from it.
    pub fn watched(&self) -> impl Iterator<Item = &HostPort> {
        self.held
            .iter()
            .filter(|(_, hold)| matches!(hold, Hold::Watched))
            .map(|(port, _)| port)
    }

    /// Takes these ports, all or none: EADDRINUSE when a process of this host serves one of them. Held ones that meet a new one give way to it.
    pub fn reserve(&mut self, ports: impl IntoIterator<Item = HostPort>) -> Result<(), Failure> {
        let new: Vec<HostPort> = ports
            .into_iter()
            .filter(|port| !self.held.contains_key(port))
            .collect();
        let given_up: Vec<HostPort> = new.iter().flat_map(|port| self.meeting(*port)).collect();
        for port in &given_up {
            self.give_up(*port);
        }
        let mut host = Host::default();
        for port in &new {
            match self.hold(*port, &mut host) {
                Ok(hold) => self.insert(*port, hold),
                Err(error) => {
                    for port in &new {
                        self.give_up(*port);
                    }
                    // They were ours a moment ago; one that was lost in between is taken back when it is free.
                    self.add(given_up);
                    return Err(error).at("ports", "bind", port.to_string());
                }
            }
        }
        Ok(())
    }

    /// Holds exactly `wanted`: what is not yet held is taken as far as it is free.
    pub fn keep(&mut self, wanted: impl IntoIterator<Item = HostPort>) {
        let wanted: BTreeSet<HostPort> = wanted.into_iter().collect();
        let surplus: Vec<HostPort> = self
            .held
            .keys()
            .filter(|port| !wanted.contains(port))
            .copied()
            .collect();
        for port in surplus {
            self.give_up(port);
        }
        self.add(wanted);
    }

    /// Tries again to take what could not be bound. True: something is still missing.
    pub fn retry(&mut self) -> bool {
        let missing: Vec<HostPort> = self.watched().copied().collect();
        let mut host = Host::default();
        for port in missing {
            if let Ok(hold @ Hold::Bound(_)) = self.hold(port, &mut host) {
                self.insert(port, hold);
            }
        }
        self.watched().next().is_some()
    }

    fn add(&mut self, ports: impl IntoIterator<Item = HostPort>) {
        let mut host = Host::default();
        for port in ports {
            if !self.held.contains_key(&port) {
                let hold = self.hold(port, &mut host).unwrap_or(Hold::Watched);
                self.insert(port, hold);
            }
        }
    }

    fn insert(&mut self, port: HostPort, hold: Hold) {
        self.bound += usize::from(matches!(hold, Hold::Bound(_)));
        self.held.insert(port, hold);
    }

    /// Lets a port go. Not held: nothing happens.
    pub fn give_up(&mut self, port: HostPort) {
        let hold = self.held.remove(&port);
        self.bound -= usize::from(matches!(hold, Some(Hold::Bound(_))));
    }

    /// Held ports whose socket cannot exist beside one of `port`.
    fn meeting(&self, port: HostPort) -> Vec<HostPort> {
        let at = |address| HostPort { address, ..port };
        self.held
            .range(at(None)..=at(Some(Ipv4Addr::BROADCAST)))
            .map(|(held, _)| *held)
            .filter(|held| port.address.is_none() || held.address.is_none())
            .collect()
    }

    fn hold(&self, port: HostPort, host: &mut Host) -> io::Result<Hold> {
        if self.bound >= self.limit {
            return host.check(port).map(|()| Hold::Watched);
        }
        match bound_socket(port, Reuse::No) {
            Err(Errno::ADDRINUSE) => {}
            Err(Errno::MFILE | Errno::NFILE) => return host.check(port).map(|()| Hold::Watched),
            other => return Ok(Hold::Bound(other?)),
        }
        host.check(port)?;
        match bound_socket(port, Reuse::WhileBinding) {
            Err(Errno::ADDRINUSE) => Ok(Hold::Watched),
            other => Ok(Hold::Bound(other?)),
        }
    }
}

/// What processes of this host serve, looked at once when it is first asked for.
#[derive(Default)]
struct Host {
    listeners: Option<Vec<Listener>>,
}

impl Host {
    /// EADDRINUSE when somebody serves the port.
    fn check(&mut self, port: HostPort) -> io::Result<()> {
        if self.listeners.is_none() {
            let found = listeners().map_err(|error| io::Error::from_raw_os_error(error.errno))?;
            self.listeners = Some(found);
        }
        let is_taken = self
            .listeners
            .iter()
            .flatten()
            .any(|listener| listener.takes(port.protocol as u8, port.address, port.port));
        if is_taken {
            Err(Errno::ADDRINUSE.into())
        } else {
            Ok(())
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reuse {
    No,
    WhileBinding,
}

fn bound_socket(port: HostPort, reuse: Reuse) -> Result<OwnedFd, Errno> {
    let kind = match port.protocol {
        Protocol::Tcp => SocketType::STREAM,
        Protocol::Udp => SocketType::DGRAM,
    };
    let socket = socket_with(AddressFamily::INET, kind, SocketFlags::CLOEXEC, None)?;
    // An address that the host gets later can be published today.
    sockopt::set_ip_freebind(&socket, true)?;
    if port.protocol == Protocol::Udp {
        // Datagrams arrive only while the table is away; they wait here for nobody.
        sockopt::set_socket_recv_buffer_size(&socket, 1)?;
    }
    let is_reusing = reuse == Reuse::WhileBinding && port.protocol == Protocol::Tcp;
    if is_reusing {
        sockopt::set_socket_reuseaddr(&socket, true)?;
    }
    let address = port.address.unwrap_or(Ipv4Addr::UNSPECIFIED);
    bind(&socket, &SocketAddrV4::new(address, port.port))?;
    if is_reusing {
        sockopt::set_socket_reuseaddr(&socket, false)?;
    }
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream, UdpSocket};

    fn tcp(port: u16) -> HostPort {
        HostPort {
            protocol: Protocol::Tcp,
            port,
            address: None,
        }
    }

    fn free_port() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        listener.local_addr().expect("address").port()
    }

    /// `std` sets `SO_REUSEADDR` on listeners, as servers do.
    fn can_listen(address: &str, port: u16) -> bool {
        TcpListener::bind((address, port)).is_ok()
    }

    #[test]
    fn a_reserved_port_is_kept_from_every_listener_until_it_is_given_up() {
        let (one, other) = (free_port(), free_port());
        let mut ports = Reservations::new(100);
        let udp = HostPort {
            protocol: Protocol::Udp,
            port: one,
            address: Some(Ipv4Addr::LOCALHOST),
        };
        ports.reserve([tcp(one), udp]).expect("free");
        assert!(!can_listen("0.0.0.0", one) && !can_listen("127.0.0.1", one));
        assert!(UdpSocket::bind(("127.0.0.1", one)).is_err());
        assert!(TcpStream::connect(("127.0.0.1", one)).is_err(), "refused");
        ports.keep([tcp(other)]);
        assert!(can_listen("0.0.0.0", one) && !can_listen("0.0.0.0", other));
        assert_eq!(ports.bound(), 1);
    }

    #[test]
    fn a_served_port_is_refused_and_nothing_else_is_taken() {
        let server = TcpListener::bind("127.0.0.1:0").expect("bound");
        let busy = server.local_addr().expect("address").port();
        let free = free_port();
        let mut ports = Reservations::new(100);
        let refused = ports.reserve([tcp(free), tcp(busy)]).unwrap_err();
        assert_eq!(refused.code, "EADDRINUSE");
        assert!(
            refused.message.contains(&format!("0.0.0.0:{busy}/tcp")),
            "{refused}"
        );
        assert!(can_listen("0.0.0.0", free));
    }

    #[test]
    fn a_port_that_changes_its_address_stays_ours_also_when_the_change_fails() {
        let port = free_port();
        let local = HostPort {
            address: Some(Ipv4Addr::LOCALHOST),
            ..tcp(port)
        };
        let mut ports = Reservations::new(100);
        ports.reserve([tcp(port)]).expect("free");
        ports.reserve([local]).expect("ours");
        assert!(!can_listen("127.0.0.1", port));
        let server = TcpListener::bind("127.0.0.1:0").expect("bound");
        let busy = tcp(server.local_addr().expect("address").port());
        assert!(ports.reserve([tcp(port), busy]).is_err());
        assert!(!can_listen("127.0.0.1", port));
    }

    #[test]
    fn connections_that_ended_do_not_keep_a_port_from_us() {
        let server = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = server.local_addr().expect("address").port();
        let client = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        let (accepted, _) = server.accept().expect("accepted");
        drop(accepted); // this side is in TIME_WAIT from here on
        drop(client);
        drop(server);
        let mut ports = Reservations::new(100);
        ports.reserve([tcp(port)]).expect("nobody listens");
        assert_eq!(ports.bound(), 1);
        assert!(!can_listen("0.0.0.0", port));
    }

    #[test]
    fn a_port_of_an_outgoing_connection_is_taken_when_it_is_free() {
        let server = TcpListener::bind("127.0.0.1:0").expect("bound");
        let client = TcpStream::connect(server.local_addr().expect("address")).expect("connected");
        let port = client.local_addr().expect("address").port();
        let mut ports = Reservations::new(100);
        ports.reserve([tcp(port)]).expect("nobody listens");
        assert_eq!(ports.watched().copied().collect::<Vec<_>>(), [tcp(port)]);
        assert!(ports.retry());
        drop(server.accept()); // the far side ends first, so nothing stays of ours
        drop(client);
        assert!(!ports.retry());
        assert_eq!(ports.bound(), 1);
    }

    #[test]
    fn beyond_the_limit_ports_are_checked_and_not_bound() {
        let (first, second) = (free_port(), free_port());
        let mut ports = Reservations::new(1);
        ports.reserve([tcp(first), tcp(second)]).expect("free");
        assert_eq!((ports.bound(), ports.watched().count()), (1, 1));
        let server = TcpListener::bind("127.0.0.1:0").expect("bound");
        let busy = server.local_addr().expect("address").port();
        assert!(ports.reserve([tcp(busy)]).is_err());
    }
}
