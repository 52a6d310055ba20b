//! The zygote: forks supervisors, keeps what outlives them, reaps what they leave, replaces them when they die. One thread, no code but ours.

mod network;
mod records;
mod requests;
mod spare;
mod start;

use std::os::fd::{AsFd, OwnedFd};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::process::{WaitOptions, wait};
use tsdock_core::channel;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::proto::{Frame, Kind, Orphan};
use tsdock_core::status::Exit;

use crate::context::Context;
use crate::net;
use crate::sup;
use network::NetworkRecord;
use records::Record;
use spare::{Seat, Spare};
pub use start::main;

/// Reaped processes that were no supervisors, kept for one that is about to be replaced.
const KEPT_ORPHANS: usize = 64;

pub struct Zygote {
    context: Context,
    /// Held for life: one zygote an engine.
    _lock: OwnedFd,
    epoll: OwnedFd,
    listener: OwnedFd,
    children: OwnedFd,
    clients: Vec<(u64, OwnedFd)>,
    next_client: u64,
    records: Vec<Record>,
    network: Option<NetworkRecord>,
    orphans: Vec<Orphan>,
    /// For the next instance.
    spare: Option<Spare>,
    /// To be made in the next quiet moment.
    lay_in_spare: bool,
    /// Nobody was connected yet: the starter still comes.
    fresh: bool,
}

/// What a fork of the zygote is.
pub enum Child {
    Supervisor(Box<sup::Seed>),
    Network(net::Seed),
    Spare(Seat),
}

impl Child {
    /// To its end. Nothing of the zygote may be open any more.
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Supervisor(seed) => sup::run(*seed),
            Self::Network(seed) => net::run(seed),
            Self::Spare(seat) => spare::run(seat),
        }
    }
}

/// What one turn of the loop led to.
enum Turn {
    Continue,
    /// This process is a new one of ours now.
    Become(Child),
    /// No instance, no network and no client: the next `create` starts another zygote.
    Leave,
}

mod token {
    pub const LISTENER: u64 = 1;
    pub const CHILDREN: u64 = 2;
    pub const CLIENT: u64 = 1 << 32;
    /// Pidfd of a supervisor that another zygote had started.
    pub const ADOPTED: u64 = 2 << 32;
    /// Pidfd of a network process that another zygote had started.
    pub const ADOPTED_NETWORK: u64 = 3;
}

impl Zygote {
    fn open(context: Context, lock: OwnedFd) -> Result<Self, Failure> {
        let path = context.runtime_directory().join("zygote.sock");
        let listener =
            channel::listen_at(&path).at("zygote", "bind", path.display().to_string())?;
        let children =
            tsdock_core::sys::signal::child_events().at("zygote", "signalfd", "SIGCHLD")?;
        let epoll = epoll::create(CreateFlags::CLOEXEC).at("zygote", "epoll_create1", "")?;
        let zygote = Self {
            context,
            _lock: lock,
            epoll,
            listener,
            children,
            clients: Vec::new(),
            next_client: 0,
            records: Vec::new(),
            network: None,
            orphans: Vec::new(),
            spare: None,
            lay_in_spare: true,
            fresh: true,
        };
        zygote.watch(&zygote.listener, token::LISTENER)?;
        zygote.watch(&zygote.children, token::CHILDREN)?;
        Ok(zygote)
    }

    fn watch(&self, descriptor: impl AsFd, token: u64) -> Result<(), Failure> {
        epoll::add(
            &self.epoll,
            descriptor,
            EventData::new_u64(token),
            EventFlags::IN,
        )
        .at("zygote", "epoll_ctl", token.to_string())
    }

    fn turn(&mut self) -> Result<Turn, Failure> {
        let mut events = [Event {
            flags: EventFlags::empty(),
            data: EventData::new_u64(0),
        }; 16];
        let rest = (self.lay_in_spare && self.is_needed()).then_some(Timespec {
            tv_sec: 0,
            tv_nsec: i64::from(spare::REST.subsec_nanos()),
        });
        let count = match epoll::wait(&self.epoll, &mut events, rest.as_ref()) {
            Err(rustix::io::Errno::INTR) => 0,
            other => other.at("zygote", "epoll_wait", "")?,
        };
        for event in &events[..count] {
            let child = match event.data.u64() {
                token::LISTENER => {
                    self.accept();
                    None
                }
                token::CHILDREN => self.reap(),
                token::ADOPTED_NETWORK => self.network_ended(),
                adopted if adopted & token::ADOPTED != 0 => {
                    self.adopted_ended((adopted & 0xffff_ffff) as i32)
                }
                client => self.client_ready(client & !token::CLIENT),
            };
            if let Some(child) = child {
                return Ok(Turn::Become(child));
            }
        }
        if count == 0
            && rest.is_some()
            && let Some(child) = self.lay_in()
        {
            return Ok(Turn::Become(child));
        }
        let idle = !self.is_needed() && self.clients.is_empty() && !self.fresh;
        Ok(if idle { Turn::Leave } else { Turn::Continue })
    }

    fn is_needed(&self) -> bool {
        !self.records.is_empty() || self.network.is_some()
    }

    fn accept(&mut self) {
        while let Some(socket) = channel::accept_trusted(self.listener.as_fd()) {
            if self
                .watch(&socket, token::CLIENT | self.next_client)
                .is_ok()
            {
                self.clients.push((self.next_client, socket));
                self.fresh = false;
            }
            self.next_client = (self.next_client + 1) & 0xffff_ffff;
        }
    }

    /// Collects everything that ended first, so that the end of an init is known before its supervisor's replacement asks for it.
    fn reap(&mut self) -> Option<Child> {
        let mut drained = [0; 1024];
        while rustix::io::read(&self.children, &mut drained).is_ok() {}
        let mut dead = Vec::new();
        let mut network_ended = false;
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let pid = pid.as_raw_nonzero().get();
            if self.records.iter().any(|record| record.supervisor == pid) {
                dead.push((pid, status.exit_status() == Some(0)));
            } else if self.spare.as_ref().is_some_and(|spare| spare.pid == pid) {
                self.spare = None;
            } else if self
                .network
                .as_ref()
                .is_some_and(|record| record.pid == pid)
            {
                network_ended = true;
            } else {
                let exit = Exit {
                    code: status.exit_status(),
                    signal: status.terminating_signal(),
                    oom: false,
                    at_ms: records::now_ms(),
                };
                self.report_orphan(Orphan { pid, exit });
            }
        }
        for (pid, clean) in dead {
            if let Some(child) = self.supervisor_ended(pid, clean) {
                return Some(child);
            }
        }
        if network_ended {
            return self.network_ended();
        }
        None
    }

    fn report_orphan(&mut self, orphan: Orphan) {
        for guard in self
            .records
            .iter()
            .filter_map(|record| record.guard.as_ref())
        {
            let _ = channel::send(guard.as_fd(), &Frame::event(Kind::Orphan, &orphan), &[]);
        }
        if self.orphans.len() == KEPT_ORPHANS {
            self.orphans.remove(0);
        }
        self.orphans.push(orphan);
    }
}

/// Serves until nobody needs it any more. In a fork it goes on as what that is for.
fn serve(mut zygote: Zygote) -> Result<(), Failure> {
    loop {
        match zygote.turn()? {
            Turn::Continue => {}
            Turn::Leave => {
                zygote.dismiss_spare();
                zygote
                    .context
                    .layout
                    .leave_supervisors(&zygote.context.prefix);
                return Ok(());
            }
            Turn::Become(child) => {
                drop(zygote);
                return child.run();
            }
        }
    }
}
