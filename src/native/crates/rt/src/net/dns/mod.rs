//! The name server of the engine's networks. Each network is asked at its gateway's address, over UDP and TCP, by its members only. What it says comes from the file
//! `names.json` that the engine keeps beside each network's other files; it is looked at with each question, so an answer is never older than the file, and neither the
//! daemon nor a predecessor of this process is needed. Other names are asked of the servers the file names, else of the host's.

mod exchange;
mod limits;
mod message;
mod names;
mod served;
mod servers;
mod stamp;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use domain::base::iana::Rcode;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use tsdock_core::failure::{Context as _, Failure};

use exchange::{Asker, Exchange, Progress};
use limits::Clients;
use message::{Incoming, MAX_QUERY, MAX_STREAM, Query};
use served::Served;
use servers::{HostServers, Silence};
use stream::Stream;

const STEP: &str = "network.names";
/// A connection that asked nothing for this long is closed (RFC 7766 6.2.3 leaves it to us).
const IDLE: Duration = Duration::from_secs(10);
/// Datagrams and connections that are taken from one socket before the others have their turn.
const AT_ONCE: usize = 64;
/// After an address could not be served.
const RETRY: Duration = Duration::from_secs(1);

/// What a number of ours in epoll is: the kind above, a number below.
mod token {
    pub const DATAGRAMS: u64 = 1 << 60;
    pub const CONNECTIONS: u64 = 2 << 60;
    pub const STREAM: u64 = 3 << 60;
    pub const EXCHANGE: u64 = 4 << 60;
    pub const KIND: u64 = 7 << 60;
}

pub struct NameServer {
    epoll: OwnedFd,
    directory: PathBuf,
    networks: Vec<Served>,
    clients: Clients,
    streams: BTreeMap<u64, Connection>,
    exchanges: BTreeMap<u64, Exchange>,
    host: HostServers,
    silence: Silence,
    retry_at: Option<Instant>,
    next: u64,
}

/// A client's connection. While its question waits for a server nothing more is read from it.
struct Connection {
    network: u64,
    client: Ipv4Addr,
    stream: Stream,
    is_waiting: bool,
    closes_at: Instant,
    interest: EventFlags,
}

impl NameServer {
    /// `directory` has one directory for each network, with its names.
    pub fn open(directory: PathBuf) -> Result<Self, Failure> {
        let mut server = Self {
            epoll: epoll::create(CreateFlags::CLOEXEC).at(STEP, "epoll_create1", "")?,
            directory,
            networks: Vec::new(),
            clients: Clients::default(),
            streams: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            host: HostServers::default(),
            silence: Silence::default(),
            retry_at: None,
            next: 0,
        };
        server.refresh();
        Ok(server)
    }

    /// Ready when `turn` has something to do.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let exchanges = self.exchanges.values().map(|exchange| exchange.deadline);
        let streams = self.streams.values().map(|connection| connection.closes_at);
        exchanges.chain(streams).chain(self.retry_at).min()
    }

    /// Serves exactly the networks that the engine keeps files of, each at its gateway.
    pub fn refresh(&mut self) {
        let found = served::directories(&self.directory);
        self.networks
            .retain(|network| found.contains(&network.path));
        for path in found {
            if !self.networks.iter().any(|network| network.path == path) {
                let id = self.number();
                self.networks.push(Served::new(id, path));
            }
        }
        self.retry_at = None;
        for index in 0..self.networks.len() {
            self.listen(index);
        }
    }

    fn number(&mut self) -> u64 {
        self.next = (self.next + 1) & !token::KIND;
        self.next
    }

    /// Makes a network's sockets be those of its gateway. What is not possible now is tried again.
    fn listen(&mut self, index: usize) {
        let network = &mut self.networks[index];
        network.reload();
        let id = network.id;
        let added = network.listen().and_then(|sockets| {
            let Some((datagrams, connections)) = sockets else {
                return Ok(());
            };
            add(
                &self.epoll,
                datagrams,
                token::DATAGRAMS | id,
                EventFlags::IN,
            )?;
            add(
                &self.epoll,
                connections,
                token::CONNECTIONS | id,
                EventFlags::IN,
            )
        });
        let is_unnamed = network.gateway().is_none();
        if let Err(failure) = &added {
            network.complain(failure);
        }
        if is_unnamed || added.is_err() {
            self.retry_at = Some(Instant::now() + RETRY);
        }
    }

    /// Does what is ready and what is due; never waits.
    pub fn turn(&mut self) {
        let mut events = [Event {
            flags: EventFlags::empty(),
            data: EventData::new_u64(0),
        }; 32];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let count = epoll::wait(&self.epoll, &mut events, Some(&now)).unwrap_or(0);
        let now = Instant::now();
        for event in &events[..count] {
            let token = event.data.u64();
            let id = token & !token::KIND;
            match token & token::KIND {
                token::DATAGRAMS => self.receive_datagrams(id, now),
                token::CONNECTIONS => self.accept(id, now),
                token::STREAM => self.stream_ready(id, event.flags, now),
                _ => self.exchange_ready(id, now),
            }
        }
        self.expire(now);
    }

    fn expire(&mut self, now: Instant) {
        if self.retry_at.is_some_and(|at| at <= now) {
            self.refresh();
        }
        let late: Vec<u64> = self
            .exchanges
            .iter()
            .filter(|(_, exchange)| exchange.deadline <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            if let Some(exchange) = self.exchanges.remove(&id) {
                if let Some(server) = exchange.server() {
                    self.silence.note(server, now);
                }
                self.ask_next(id, exchange, now);
            }
        }
        let idle: Vec<u64> = self
            .streams
            .iter()
            .filter(|(_, connection)| connection.closes_at <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in idle {
            self.close(id);
        }
    }

    // ---------------------------------------------------------------------------------------------- clients

    fn network(&mut self, id: u64) -> Option<usize> {
        let index = self.networks.iter().position(|network| network.id == id)?;
        if self.networks[index].reload() {
            // Its gateway may be another one.
            self.listen(index);
        }
        Some(index)
    }

    fn receive_datagrams(&mut self, id: u64, now: Instant) {
        let Some(index) = self.network(id) else {
            return;
        };
        let mut bytes = [0; MAX_QUERY];
        for _ in 0..AT_ONCE {
            let Some((count, from)) = self.networks[index].receive(&mut bytes) else {
                return;
            };
            let client = *from.ip();
            if !self.networks[index].has_client(client) || !self.clients.may_ask(client, now) {
                continue;
            }
            let asker = Asker::Datagram { network: id, from };
            if let Some(answer) = self.handle(index, asker, &bytes[..count], now) {
                self.networks[index].send(&answer, from);
            }
        }
    }

    /// What is to be said at once; none: nothing, or later.
    fn handle(
        &mut self,
        index: usize,
        asker: Asker,
        bytes: &[u8],
        now: Instant,
    ) -> Option<Vec<u8>> {
        let query = match message::read(bytes) {
            Incoming::Query(query) => query,
            Incoming::Refused(answer) => return Some(answer),
            Incoming::Ignored => return None,
        };
        let limit = limit_of(asker, &query);
        match self.networks[index].find(asker.address(), &query) {
            Some(answer) => Some(message::answered(&query, &answer, limit)),
            None => self.forward(index, asker, query, now),
        }
    }

    fn forward(
        &mut self,
        index: usize,
        asker: Asker,
        query: Query,
        now: Instant,
    ) -> Option<Vec<u8>> {
        let client = asker.address();
        // A server of the host that asks us for what it does not know would be asked by us for the same.
        let is_from_host = self.networks[index].gateway() == Some(client);
        if is_from_host || !query.wants_recursion {
            return Some(message::failure(&query, Rcode::REFUSED));
        }
        let is_repeated = self
            .exchanges
            .values()
            .any(|other| other.asker == asker && other.query.repeats(&query));
        if is_repeated {
            return None;
        }
        let servers = self.servers(index, client, now);
        if servers.is_empty() || !self.clients.may_wait(client, now) {
            return Some(message::failure(&query, Rcode::SERVFAIL));
        }
        let id = self.number();
        let exchange = Exchange::new(asker, query, &servers, now);
        if let Asker::Stream { stream, .. } = asker
            && let Some(connection) = self.streams.get_mut(&stream)
        {
            connection.is_waiting = true;
        }
        self.ask_next(id, exchange, now);
        None
    }

    /// Without those that would bring the question back here: ourselves, and the client.
    fn servers(&mut self, index: usize, client: Ipv4Addr, now: Instant) -> Vec<IpAddr> {
        let own = self.networks[index].forwarders(client);
        let mut servers = if own.is_empty() {
            self.host.now().to_vec()
        } else {
            own.to_vec()
        };
        servers.retain(|server| {
            let is_ours = self
                .networks
                .iter()
                .any(|network| network.gateway().map(IpAddr::V4) == Some(*server));
            !is_ours && *server != client && !server.is_unspecified() && !server.is_multicast()
        });
        self.silence.order(&mut servers, now);
        servers
    }

    // ---------------------------------------------------------------------------------------------- connections

    fn accept(&mut self, id: u64, now: Instant) {
        let Some(index) = self.network(id) else {
            return;
        };
        for _ in 0..AT_ONCE {
            let Some((socket, client)) = self.networks[index].accept() else {
                return;
            };
            if !self.networks[index].has_client(client) || !self.clients.may_connect(client, now) {
                continue;
            }
            let number = self.number();
            if add(&self.epoll, &socket, token::STREAM | number, EventFlags::IN).is_err() {
                self.clients.has_closed(client);
                continue;
            }
            let connection = Connection {
                network: id,
                client,
                stream: Stream::new(socket, MAX_QUERY),
                is_waiting: false,
                closes_at: now + IDLE,
                interest: EventFlags::IN,
            };
            self.streams.insert(number, connection);
        }
    }

    fn stream_ready(&mut self, id: u64, flags: EventFlags, now: Instant) {
        let Some(connection) = self.streams.get_mut(&id) else {
            return;
        };
        let is_broken = flags.intersects(EventFlags::ERR | EventFlags::HUP)
            || (flags.contains(EventFlags::IN) && connection.stream.receive().is_err());
        if is_broken {
            self.close(id);
        } else {
            self.work_stream(id, now);
        }
    }

    /// Answers what has come whole, one question after the other.
    fn work_stream(&mut self, id: u64, now: Instant) {
        while let Some(connection) = self.streams.get_mut(&id) {
            if connection.stream.send().is_err() {
                return self.close(id);
            }
            if connection.is_waiting || connection.stream.is_sending() {
                break;
            }
            let asker = Asker::Stream {
                stream: id,
                from: connection.client,
            };
            let network = connection.network;
            let bytes = match connection.stream.message() {
                Ok(Some(bytes)) => bytes,
                Ok(None) => break,
                Err(_) => return self.close(id),
            };
            connection.closes_at = now + IDLE;
            let index = self.network(network);
            let (Some(index), true) = (index, self.clients.may_ask(asker.address(), now)) else {
                return self.close(id);
            };
            let answer = self.handle(index, asker, &bytes, now);
            if let (Some(answer), Some(connection)) = (answer, self.streams.get_mut(&id)) {
                connection.stream.push(&answer);
            }
        }
        self.watch_stream(id);
    }

    fn watch_stream(&mut self, id: u64) {
        let Some(connection) = self.streams.get_mut(&id) else {
            return;
        };
        let interest = if connection.stream.is_sending() {
            EventFlags::OUT
        } else if connection.is_waiting {
            EventFlags::empty()
        } else {
            EventFlags::IN
        };
        if connection.interest == interest {
            return;
        }
        connection.interest = interest;
        let data = EventData::new_u64(token::STREAM | id);
        if epoll::modify(&self.epoll, connection.stream.socket(), data, interest).is_err() {
            self.close(id);
        }
    }

    fn close(&mut self, id: u64) {
        let Some(connection) = self.streams.remove(&id) else {
            return;
        };
        self.clients.has_closed(connection.client);
        let clients = &mut self.clients;
        self.exchanges.retain(|_, exchange| {
            let is_its = matches!(exchange.asker, Asker::Stream { stream, .. } if stream == id);
            if is_its {
                clients.has_waited(exchange.asker.address());
            }
            !is_its
        });
    }

    // ---------------------------------------------------------------------------------------------- servers

    fn ask_next(&mut self, id: u64, mut exchange: Exchange, now: Instant) {
        let is_asked = exchange.ask_next(now).is_some_and(|(socket, interest)| {
            add(&self.epoll, socket, token::EXCHANGE | id, interest).is_ok()
        });
        if is_asked {
            self.exchanges.insert(id, exchange);
            return;
        }
        let (asker, query) = (exchange.asker, exchange.query.clone());
        let answer = match exchange.into_refused() {
            Some(bytes) => query.relayed(bytes, limit_of(asker, &query)),
            None => message::failure(&query, Rcode::SERVFAIL),
        };
        self.tell(asker, &answer, now);
    }

    fn exchange_ready(&mut self, id: u64, now: Instant) {
        let Some(mut exchange) = self.exchanges.remove(&id) else {
            return;
        };
        match exchange.ready() {
            (Progress::Waiting, interest) => {
                if let (Some(interest), Some(socket)) = (interest, exchange.socket()) {
                    let data = EventData::new_u64(token::EXCHANGE | id);
                    // A failure shows as silence.
                    let _ = epoll::modify(&self.epoll, socket, data, interest);
                }
                self.exchanges.insert(id, exchange);
            }
            (Progress::Answered { server, bytes }, _) => {
                self.silence.forget(server);
                let limit = limit_of(exchange.asker, &exchange.query);
                let answer = exchange.query.relayed(bytes, limit);
                self.tell(exchange.asker, &answer, now);
            }
            (Progress::Failed(server), _) => {
                self.silence.note(server, now);
                self.ask_next(id, exchange, now);
            }
        }
    }

    /// Ends the waiting of a client.
    fn tell(&mut self, asker: Asker, answer: &[u8], now: Instant) {
        self.clients.has_waited(asker.address());
        match asker {
            Asker::Datagram { network, from } => {
                if let Some(network) = self.networks.iter().find(|other| other.id == network) {
                    network.send(answer, from);
                }
            }
            Asker::Stream { stream, .. } => {
                let Some(connection) = self.streams.get_mut(&stream) else {
                    return;
                };
                connection.is_waiting = false;
                connection.stream.push(answer);
                self.work_stream(stream, now);
            }
        }
    }
}

fn limit_of(asker: Asker, query: &Query) -> usize {
    match asker {
        Asker::Datagram { .. } => query.datagram_limit(),
        Asker::Stream { .. } => MAX_STREAM,
    }
}

fn add(
    epoll: &OwnedFd,
    socket: impl AsFd,
    token: u64,
    interest: EventFlags,
) -> Result<(), Failure> {
    epoll::add(epoll, socket, EventData::new_u64(token), interest).at(STEP, "epoll_ctl", "")
}
