//! The network process: the only writer of our table. It keeps published ports from other programs and puts the table back when somebody changed it, with or
//! without a daemon, and answers for the names of the networks. One thread; what a successor needs is in the state file and in the names files.

mod dns;
mod requests;
mod state;

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use tsdock_core::channel;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::netlink::monitor::TableWatch;
use tsdock_core::network::HostNetwork;
use tsdock_core::nft::Elements;
use tsdock_core::ports::{HostPort, Reservations};
use tsdock_core::proto::network::NetworkState;
use tsdock_core::sys::rlimit;

use crate::context::Context;
use dns::NameServer;
use state::StateFile;
pub use state::state_path;

const STEP: &str = "network";
/// Descriptors that are not for reserved ports.
const OTHER_DESCRIPTORS: u64 = 1024;
/// The soft limit of a process that set none, should the hard one be unknown.
const USUAL_DESCRIPTORS: u64 = 1024;
/// A port that could not be bound yet is tried this often.
const PORT_RETRY: Duration = Duration::from_secs(1);
/// After a failed repair of the table.
const REPAIR_RETRY: Duration = Duration::from_millis(200);
/// Who had us started connects within this, or does not come.
const GRACE: Duration = Duration::from_secs(10);

/// What the zygote hands over by forking.
pub struct Seed {
    pub context: Context,
    pub listener: OwnedFd,
}

/// Ports that an owner is about to publish.
struct Reserved {
    owner: String,
    ports: Vec<HostPort>,
    until: Instant,
}

pub struct NetworkProcess {
    state: StateFile,
    epoll: OwnedFd,
    listener: OwnedFd,
    clients: Vec<(u64, OwnedFd)>,
    next_client: u64,
    host: HostNetwork,
    watch: TableWatch,
    ports: Reservations,
    names: NameServer,
    reserved: Vec<Reserved>,
    repair_at: Option<Instant>,
    ports_at: Option<Instant>,
    /// Not before this it leaves for having nothing to do.
    stays_until: Instant,
}

mod token {
    pub const LISTENER: u64 = 1;
    pub const TABLE: u64 = 2;
    pub const NAMES: u64 = 3;
    pub const CLIENT: u64 = 1 << 32;
}

/// Serves until there is no network any more. Ends with success then; every other end makes the zygote start a successor.
pub fn run(seed: Seed) -> Result<(), Failure> {
    let _ = rustix::thread::set_name(c"tsdock-net");
    let mut process = NetworkProcess::open(seed)?;
    while !process.is_done() {
        process.turn()?;
    }
    process.state.remove();
    Ok(())
}

impl NetworkProcess {
    fn open(seed: Seed) -> Result<Self, Failure> {
        // Before the first look, so that no change is missed.
        let watch = TableWatch::open(&seed.context.prefix)?;
        let mut host = HostNetwork::open(&seed.context.prefix)?;
        let (state, before) = StateFile::load(&seed.context)?;
        // The first one of this boot takes what is there for ours.
        host.keep(before.map(|state| state.elements))?;
        let descriptors = raise_descriptors();
        let names = NameServer::open(seed.context.run.join("files/networks"))?;
        let mut process = Self {
            epoll: epoll::create(CreateFlags::CLOEXEC).at(STEP, "epoll_create1", "")?,
            state,
            listener: seed.listener,
            clients: Vec::new(),
            next_client: 0,
            host,
            watch,
            ports: Reservations::new(
                usize::try_from(descriptors.saturating_sub(OTHER_DESCRIPTORS)).unwrap_or(0),
            ),
            names,
            reserved: Vec::new(),
            repair_at: None,
            ports_at: None,
            stays_until: Instant::now() + GRACE,
        };
        process.add(&process.listener, token::LISTENER)?;
        process.add(process.watch.descriptor(), token::TABLE)?;
        process.add(process.names.descriptor(), token::NAMES)?;
        process.store_anew()?;
        process.repair();
        process.keep_ports();
        Ok(process)
    }

    fn add(&self, descriptor: impl AsFd, token: u64) -> Result<(), Failure> {
        epoll::add(
            &self.epoll,
            descriptor,
            EventData::new_u64(token),
            EventFlags::IN,
        )
        .at(STEP, "epoll_ctl", token.to_string())
    }

    /// There is no network.
    fn is_empty(&self) -> bool {
        self.host.kept().is_none_or(Elements::is_empty)
    }

    fn is_done(&self) -> bool {
        self.is_empty() && self.clients.is_empty() && Instant::now() >= self.stays_until
    }

    fn turn(&mut self) -> Result<(), Failure> {
        let mut events = [Event {
            flags: EventFlags::empty(),
            data: EventData::new_u64(0),
        }; 32];
        let timeout = self.next_deadline().map(until);
        let count = match epoll::wait(&self.epoll, &mut events, timeout.as_ref()) {
            Err(rustix::io::Errno::INTR) => 0,
            other => other.at(STEP, "epoll_wait", "")?,
        };
        for event in &events[..count] {
            match event.data.u64() {
                token::LISTENER => self.accept(),
                token::TABLE => {
                    if self.watch.hear(std::process::id()) {
                        self.repair();
                    }
                }
                token::NAMES => {} // has its turn below
                client => self.client_ready(client & !token::CLIENT),
            }
        }
        self.names.turn();
        let now = Instant::now();
        if self.repair_at.is_some_and(|at| at <= now) {
            self.repair();
        }
        if self.reserved.iter().any(|kept| kept.until <= now) {
            self.keep_ports();
        }
        if self.ports_at.is_some_and(|at| at <= now) {
            let is_incomplete = self.ports.retry();
            self.ports_at = is_incomplete.then(|| now + PORT_RETRY);
        }
        Ok(())
    }

    fn next_deadline(&self) -> Option<Instant> {
        let reserved = self.reserved.iter().map(|kept| kept.until).min();
        let leaving = (self.is_empty() && self.clients.is_empty()).then_some(self.stays_until);
        let names = self.names.next_deadline();
        [self.repair_at, self.ports_at, reserved, leaving, names]
            .into_iter()
            .flatten()
            .min()
    }

    fn accept(&mut self) {
        while let Some(socket) = channel::accept_trusted(self.listener.as_fd()) {
            if self.add(&socket, token::CLIENT | self.next_client).is_ok() {
                self.clients.push((self.next_client, socket));
                self.stays_until = Instant::now();
            }
            self.next_client = (self.next_client + 1) & 0xffff_ffff;
        }
    }

    /// Puts the table back, in one transaction; tried again soon when that fails.
    fn repair(&mut self) {
        self.repair_at = None;
        if let Err(failure) = self.host.restore() {
            eprintln!("tsdock-rt: the table could not be restored: {failure}");
            self.repair_at = Some(Instant::now() + REPAIR_RETRY);
        }
    }

    fn store_anew(&mut self) -> Result<(), Failure> {
        if self.is_empty() {
            self.state.remove();
            return Ok(());
        }
        let elements = self.host.kept().cloned().unwrap_or_default();
        self.state.rewrite(NetworkState { elements }.entries())
    }

    /// Exactly what is published or about to be.
    fn keep_ports(&mut self) {
        let published = self.host.published();
        let now = Instant::now();
        self.reserved
            .retain(|kept| kept.until > now && !kept.ports.is_empty());
        let reserved = self
            .reserved
            .iter()
            .flat_map(|kept| kept.ports.iter().copied());
        self.ports
            .keep(published.iter().map(HostPort::from).chain(reserved));
        self.watch_ports();
    }

    fn watch_ports(&mut self) {
        let is_incomplete = self.ports.watched().next().is_some();
        self.ports_at = is_incomplete.then(|| Instant::now() + PORT_RETRY);
    }
}

/// As many descriptors as this process may have: one a reserved port.
fn raise_descriptors() -> u64 {
    let Some((nofile, hard)) =
        rlimit::number("nofile").and_then(|nofile| Some((nofile, rlimit::hard(nofile).ok()?)))
    else {
        return USUAL_DESCRIPTORS;
    };
    match rlimit::set(nofile, hard, hard) {
        Ok(()) => hard,
        Err(_) => USUAL_DESCRIPTORS,
    }
}

fn until(deadline: Instant) -> Timespec {
    let left = deadline.saturating_duration_since(Instant::now());
    // Rounded up: one that wakes too early would turn for nothing.
    let left = left + Duration::from_micros(500);
    Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(left.subsec_nanos()),
    }
}
