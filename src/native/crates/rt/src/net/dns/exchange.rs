//! One question that is asked of other servers, one after the other, until one of them answers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};
use rustix::rand::{GetRandomFlags, getrandom};

use super::message::{MAX_QUERY, MAX_STREAM, Query, is_failure};
use super::servers::MAX_SERVERS;
use super::stream::Stream;

const PORT: u16 = 53;
/// How long one server is waited for. All together are done before a client gives up, which is after five seconds (`RES_TIMEOUT` of resolv.conf(5)).
const PATIENCE: Duration = Duration::from_millis(1500);
/// A server that is alone is asked again: a datagram may have been lost.
const LEAST_ATTEMPTS: usize = 2;
/// Datagrams that are no answer are passed over up to this many: each is a guess at our id.
const MAX_WRONG: u8 = 16;

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    Datagram { network: u64, from: SocketAddrV4 },
    Stream { stream: u64, from: Ipv4Addr },
}

impl Asker {
    pub fn address(self) -> Ipv4Addr {
        match self {
            Self::Datagram { from, .. } => *from.ip(),
            Self::Stream { from, .. } => from,
        }
    }
}

pub struct Exchange {
    pub asker: Asker,
    pub query: Query,
    pub deadline: Instant,
    /// Still to be asked, the next one last.
    servers: Vec<IpAddr>,
    attempt: Option<Attempt>,
    /// What a server said that could not.
    refused: Option<Vec<u8>>,
}

struct Attempt {
    server: IpAddr,
    id: u16,
    wrong: u8,
    link: Link,
}

enum Link {
    Datagram(UdpSocket),
    Stream(Stream),
}

/// What an event has led to.
pub enum Progress {
    Waiting,
    Answered {
        server: IpAddr,
        bytes: Vec<u8>,
    },
    /// This server will not answer: the next one's turn.
    Failed(IpAddr),
}

impl Exchange {
    /// Of a question that came over a connection, servers are asked over one too: the answer may be long.
    pub fn new(asker: Asker, query: Query, servers: &[IpAddr], now: Instant) -> Self {
        let count = servers.len().clamp(LEAST_ATTEMPTS, MAX_SERVERS);
        let mut servers: Vec<IpAddr> = servers.iter().copied().cycle().take(count).collect();
        servers.reverse();
        Self {
            asker,
            query,
            deadline: now,
            servers,
            attempt: None,
            refused: None,
        }
    }

    /// Asks the next server, from a port and under an id nobody can know. None: there is no further one.
    pub fn ask_next(&mut self, now: Instant) -> Option<(BorrowedFd<'_>, EventFlags)> {
        self.attempt = None;
        while let Some(server) = self.servers.pop() {
            let Ok(attempt) = self.begin(server) else {
                continue;
            };
            self.deadline = now + PATIENCE;
            let attempt = self.attempt.insert(attempt);
            return Some(match &attempt.link {
                Link::Datagram(socket) => (socket.as_fd(), EventFlags::IN),
                Link::Stream(stream) => (stream.socket().as_fd(), EventFlags::OUT),
            });
        }
        None
    }

    fn begin(&self, server: IpAddr) -> io::Result<Attempt> {
        let id = random_id()?;
        let message = self.query.forwarded(id);
        let link = match self.asker {
            Asker::Datagram { .. } => {
                let socket = UdpSocket::from(connected(server, SocketType::DGRAM)?);
                socket.send(&message)?;
                Link::Datagram(socket)
            }
            Asker::Stream { .. } => {
                let socket = TcpStream::from(connected(server, SocketType::STREAM)?);
                let mut stream = Stream::new(socket, MAX_STREAM);
                stream.push(&message);
                Link::Stream(stream)
            }
        };
        Ok(Attempt {
            server,
            id,
            wrong: 0,
            link,
        })
    }

    /// The server that is being asked.
    pub fn server(&self) -> Option<IpAddr> {
        self.attempt.as_ref().map(|attempt| attempt.server)
    }

    /// What its socket is ready for has been seen to. `interest`: what it waits for from now on, where that has changed.
    pub fn ready(&mut self) -> (Progress, Option<EventFlags>) {
        let Some(attempt) = &mut self.attempt else {
            return (Progress::Waiting, None);
        };
        let server = attempt.server;
        let received = match &mut attempt.link {
            Link::Datagram(socket) => received_datagram(socket),
            Link::Stream(stream) => received_message(stream),
        };
        match received {
            Ok(Some(bytes)) if self.query.is_answered_by(&bytes, attempt.id) => {
                if is_failure(&bytes) {
                    self.refused = Some(bytes);
                    return (Progress::Failed(server), None);
                }
                (Progress::Answered { server, bytes }, None)
            }
            Ok(Some(_)) => {
                attempt.wrong += 1;
                if attempt.wrong > MAX_WRONG {
                    return (Progress::Failed(server), None);
                }
                (Progress::Waiting, None)
            }
            Ok(None) => {
                let interest = match &attempt.link {
                    Link::Stream(stream) if !stream.is_sending() => Some(EventFlags::IN),
                    _ => None,
                };
                (Progress::Waiting, interest)
            }
            Err(_) => (Progress::Failed(server), None),
        }
    }

    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        self.attempt.as_ref().map(|attempt| match &attempt.link {
            Link::Datagram(socket) => socket.as_fd(),
            Link::Stream(stream) => stream.socket().as_fd(),
        })
    }

    /// What the last server said, when none had an answer.
    pub fn into_refused(self) -> Option<Vec<u8>> {
        self.refused
    }
}

fn received_datagram(socket: &UdpSocket) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = [0; MAX_QUERY];
    match socket.recv(&mut bytes) {
        Ok(count) => Ok(Some(bytes[..count].to_vec())),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

fn received_message(stream: &mut Stream) -> io::Result<Option<Vec<u8>>> {
    if stream.is_sending() {
        // Fails for a connection that was refused.
        stream.send()?;
        return Ok(None);
    }
    stream.receive()?;
    stream.message()
}

/// A socket that talks to this server alone and does not block. The kernel chooses a random port.
fn connected(server: IpAddr, kind: SocketType) -> io::Result<std::os::fd::OwnedFd> {
    let family = match server {
        IpAddr::V4(_) => AddressFamily::INET,
        IpAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, kind, flags, None)?;
    if kind == SocketType::STREAM {
        sockopt::set_tcp_nodelay(&socket, true)?;
    }
    match connect(&socket, &SocketAddr::new(server, PORT)) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket),
        Err(error) => Err(error.into()),
    }
}

fn random_id() -> io::Result<u16> {
    let mut bytes = [0; 2];
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    Ok(u16::from_ne_bytes(bytes))
}
