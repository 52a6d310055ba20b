//! One network that is served: its names as they are now, and the sockets at its gateway.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with, sockopt};
use tsdock_core::failure::{Context as _, Failure};

use super::STEP;
use super::message::{Answer, Query};
use super::names::Names;
use super::stamp::Stamp;

const FILE: &str = "names.json";
const PORT: u16 = 53;
const BACKLOG: i32 = 64;

pub struct Served {
    pub id: u64,
    pub path: PathBuf,
    stamp: Option<Stamp>,
    names: Option<Names>,
    sockets: Option<Sockets>,
    /// Grows with each answer, so that addresses of a name take turns.
    turn: usize,
    has_complained: bool,
}

struct Sockets {
    gateway: Ipv4Addr,
    datagrams: UdpSocket,
    connections: TcpListener,
}

/// What the engine keeps of each network.
pub fn directories(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

impl Served {
    pub fn new(id: u64, path: PathBuf) -> Self {
        Self {
            id,
            path,
            stamp: None,
            names: None,
            sockets: None,
            turn: 0,
            has_complained: false,
        }
    }

    /// Reads the names again if their file is another one. True: it was.
    pub fn reload(&mut self) -> bool {
        let path = self.path.join(FILE);
        let stamp = Stamp::of(&path);
        if stamp.is_some() && stamp == self.stamp {
            return false;
        }
        self.stamp = stamp;
        self.names = std::fs::read(path)
            .ok()
            .and_then(|bytes| Names::parse(&bytes));
        true
    }

    /// Sockets at the gateway, when they are new: they outlive the bridge and the address.
    pub fn listen(&mut self) -> Result<Option<(&UdpSocket, &TcpListener)>, Failure> {
        let gateway = self.gateway();
        if self.sockets.as_ref().map(|sockets| sockets.gateway) == gateway {
            return Ok(None);
        }
        self.sockets = None;
        let Some(gateway) = gateway else {
            return Ok(None);
        };
        let address = SocketAddrV4::new(gateway, PORT);
        let sockets = Sockets {
            gateway,
            datagrams: bound(address, SocketType::DGRAM)?.into(),
            connections: bound(address, SocketType::STREAM)?.into(),
        };
        self.has_complained = false;
        let sockets = self.sockets.insert(sockets);
        Ok(Some((&sockets.datagrams, &sockets.connections)))
    }

    /// Once, however often it is tried.
    pub fn complain(&mut self, failure: &Failure) {
        self.sockets = None;
        if !self.has_complained {
            eprintln!("tsdock-rt: names of {}: {failure}", self.path.display());
            self.has_complained = true;
        }
    }

    pub fn gateway(&self) -> Option<Ipv4Addr> {
        self.names.as_ref().map(|names| names.gateway)
    }

    pub fn has_client(&self, address: Ipv4Addr) -> bool {
        self.names
            .as_ref()
            .is_some_and(|names| names.contains(address))
    }

    pub fn forwarders(&self, client: Ipv4Addr) -> &[IpAddr] {
        self.names
            .as_ref()
            .map_or(&[], |names| names.forwarders(client))
    }

    /// What is known here; none: others are to be asked.
    pub fn find(&mut self, client: Ipv4Addr, query: &Query) -> Option<Answer> {
        let name = query.text.as_deref()?;
        let mut answer = self.names.as_ref()?.find(client, name, query.kind)?;
        if let Answer::Addresses(addresses) = &mut answer {
            self.turn = self.turn.wrapping_add(1);
            let count = addresses.len().max(1);
            addresses.rotate_left(self.turn % count);
        }
        Some(answer)
    }

    /// The next datagram that is there.
    pub fn receive(&self, bytes: &mut [u8]) -> Option<(usize, SocketAddrV4)> {
        let socket = &self.sockets.as_ref()?.datagrams;
        loop {
            match socket.recv_from(bytes) {
                Ok((count, SocketAddr::V4(from))) => return Some((count, from)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                // An error of an earlier answer, to somebody who is gone.
                Ok(_) | Err(_) => {}
            }
        }
    }

    /// A client that is gone, or whose queue is full, asks again.
    pub fn send(&self, bytes: &[u8], to: SocketAddrV4) {
        if let Some(sockets) = &self.sockets {
            let _ = sockets.datagrams.send_to(bytes, to);
        }
    }

    /// The next connection that is there, not blocking.
    pub fn accept(&self) -> Option<(TcpStream, Ipv4Addr)> {
        let (socket, from) = self.sockets.as_ref()?.connections.accept().ok()?;
        socket.set_nonblocking(true).ok()?;
        match from {
            SocketAddr::V4(from) => Some((socket, *from.ip())),
            SocketAddr::V6(_) => None,
        }
    }
}

/// `IP_FREEBIND`: the address may come later, or go and come back.
fn bound(address: SocketAddrV4, kind: SocketType) -> Result<OwnedFd, Failure> {
    let object = || {
        format!(
            "{address}/{}",
            if kind == SocketType::DGRAM {
                "udp"
            } else {
                "tcp"
            }
        )
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket =
        socket_with(AddressFamily::INET, kind, flags, None).at(STEP, "socket", object())?;
    sockopt::set_ip_freebind(&socket, true).at(STEP, "setsockopt", object())?;
    if kind == SocketType::STREAM {
        // Connections of a predecessor must not keep us from its port.
        sockopt::set_socket_reuseaddr(&socket, true).at(STEP, "setsockopt", object())?;
    }
    bind(&socket, &address).at(STEP, "bind", object())?;
    if kind == SocketType::STREAM {
        listen(&socket, BACKLOG).at(STEP, "listen", object())?;
    }
    Ok(socket)
}
