//! One supervisor an instance: parent of its init, owner of its pipes, log, status and restarts. One thread, one epoll.

mod clients;
mod life;
mod logs;
mod removal;
mod requests;
mod takeover;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::thread::UnshareFlags;
use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
use tsdock_core::cgroup::Cgroup;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::plan::Plan;
use tsdock_core::procfs;
use tsdock_core::proto::Orphan;
use tsdock_core::rootfs::staging::Staging;
use tsdock_core::status::{Identity, Status};
use tsdock_core::sys::{pidfd, process};
use tsdock_core::wire::Body;

use crate::context::{Context, Instance, replace_file};
use clients::Clients;
use life::Timer;
use logs::Logs;

/// What the zygote hands to a supervisor by forking.
pub struct Seed {
    pub context: Context,
    pub id: String,
    pub plan: Vec<u8>,
    /// The instance is made and started before anybody asks.
    pub start: bool,
    pub listener: OwnedFd,
    /// Read ends of the log pipes; the zygote keeps copies.
    pub stdout: OwnedFd,
    pub stderr: OwnedFd,
    /// A network namespace nobody has used.
    pub network: Option<OwnedFd>,
    pub replaced: Option<Replaced>,
}

/// For a supervisor that takes the place of one that died.
pub struct Replaced {
    /// Brings the ends of processes that only the zygote can reap.
    pub guard: OwnedFd,
    pub orphans: Vec<Orphan>,
    /// The master of the instance's terminal, if the predecessor had sent it.
    pub terminal: Option<OwnedFd>,
}

/// The running init.
pub struct Init {
    pub identity: Identity,
    pub pidfd: OwnedFd,
    /// Ours to wait for; one taken over belongs to the zygote.
    pub ours: bool,
    pub started: Instant,
    /// SIGKILL was sent by us.
    pub killed: bool,
    /// OOM kills of the group that hit others: before this run, and in it while init lived on.
    pub others_killed: u64,
}

impl Init {
    pub fn signal(&mut self, number: i32) -> io::Result<()> {
        self.killed |= number == libc::SIGKILL;
        pidfd::send_signal(self.pidfd.as_fd(), number)
    }
}

/// An exec that still runs.
pub struct Running {
    pub number: u64,
    pub pid: i32,
    pub pidfd: OwnedFd,
    pub client: u32,
}

pub struct Supervisor {
    context: Context,
    instance: Instance,
    plan: Plan,
    epoll: OwnedFd,
    clients: Clients,
    status: Status,
    staging: Staging,
    cgroup: Option<Cgroup>,
    /// Everything in it was killed at once, or may have been by a predecessor: not for another process.
    cgroup_spent: bool,
    oom: Option<OwnedFd>,
    init: Option<Init>,
    /// Ended and not reaped until its exit is on file: should this process die before, the zygote reaps it and knows the exit.
    unreaped: Option<OwnedFd>,
    network: Option<OwnedFd>,
    /// For the first start, if that wants one.
    new_network: Option<OwnedFd>,
    logs: Logs,
    /// Write end of the instance's stdin, if it wants one.
    stdin: Option<OwnedFd>,
    guard: Option<OwnedFd>,
    timer: OwnedFd,
    pending: Timer,
    /// What came of a creation nobody had asked for yet.
    unasked: Option<Result<(), Failure>>,
    execs: Vec<Running>,
    next_exec: u64,
    /// Who waits for the end of the process: client and request.
    waiters: Vec<(u32, u32)>,
    /// Who wants it started as soon as the stop under way has ended.
    starters: Vec<(u32, u32)>,
    /// Set when there is nothing left to supervise.
    finished: bool,
}

/// Epoll data: what is ready.
mod token {
    pub const LISTENER: u64 = 1;
    pub const INIT: u64 = 2;
    pub const STDOUT: u64 = 3;
    pub const STDERR: u64 = 4;
    pub const TERMINAL: u64 = 5;
    pub const TIMER: u64 = 6;
    pub const OOM: u64 = 7;
    pub const GUARD: u64 = 8;
    pub const CLIENT: u64 = 1 << 32;
    pub const EXEC: u64 = 2 << 32;
}

/// Supervises until the instance is removed. Ends with success then; every other end makes the zygote start a replacement.
pub fn run(seed: Seed) -> Result<(), Failure> {
    process::unshare(UnshareFlags::NEWNS).at("supervisor", "unshare", "mnt")?;
    let name = std::ffi::CString::new(format!("sup:{}", seed.id)).unwrap_or_default();
    let _ = rustix::thread::set_name(&name);
    let start = seed.start;
    let mut supervisor = Supervisor::new(seed)?;
    if start {
        supervisor.start_unasked();
    }
    while !supervisor.finished {
        supervisor.turn()?;
    }
    Ok(())
}

impl Supervisor {
    fn new(seed: Seed) -> Result<Self, Failure> {
        let plan = Plan::from_bytes(&seed.plan)
            .map_err(|error| Failure::plain("E_PLAN", "plan", format!("plan: {error}")))?;
        let instance = seed.context.instance(&seed.id);
        let epoll = epoll::create(CreateFlags::CLOEXEC).at("supervisor", "epoll_create1", "")?;
        let timer = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK,
        )
        .at("supervisor", "timerfd_create", "")?;
        let mut logs = Logs::new(seed.stdout, seed.stderr)?;
        if seed.replaced.is_some() {
            logs.file = Some(logs::open_file(&plan)?);
        }
        let pid = rustix::process::getpid().as_raw_nonzero().get();
        let supervisor = Identity {
            pid,
            start_time: procfs::start_time(pid).unwrap_or_default(),
        };
        let status = Status {
            id: plan.id.clone(),
            identity: plan.identity.clone(),
            supervisor: Some(supervisor),
            since_ms: life::now_ms(),
            boot_id: seed.context.boot_id.clone(),
            ..Status::default()
        };
        let mut this = Self {
            staging: Staging {
                directory: instance.staging(),
            },
            context: seed.context,
            instance,
            plan,
            epoll,
            clients: Clients::new(seed.listener),
            status,
            cgroup: None,
            cgroup_spent: false,
            oom: None,
            init: None,
            unreaped: None,
            network: None,
            new_network: seed.network,
            logs,
            stdin: None,
            guard: None,
            timer,
            pending: Timer::None,
            unasked: None,
            execs: Vec::new(),
            next_exec: 1,
            waiters: Vec::new(),
            starters: Vec::new(),
            finished: false,
        };
        this.watch(this.clients.listener(), token::LISTENER, EventFlags::IN)?;
        this.watch(this.timer.as_fd(), token::TIMER, EventFlags::IN)?;
        this.watch(this.logs.stdout(), token::STDOUT, EventFlags::IN)?;
        this.watch(this.logs.stderr(), token::STDERR, EventFlags::IN)?;
        if let Some(replaced) = seed.replaced {
            this.take_over(replaced)?;
        } else {
            this.save();
        }
        Ok(this)
    }

    fn watch(&self, descriptor: impl AsFd, token: u64, flags: EventFlags) -> Result<(), Failure> {
        epoll::add(&self.epoll, descriptor, EventData::new_u64(token), flags).at(
            "supervisor",
            "epoll_ctl",
            token.to_string(),
        )
    }

    fn turn(&mut self) -> Result<(), Failure> {
        let mut events = [Event {
            flags: EventFlags::empty(),
            data: EventData::new_u64(0),
        }; 16];
        let count = match epoll::wait(&self.epoll, &mut events, None) {
            Err(rustix::io::Errno::INTR) => 0,
            other => other.at("supervisor", "epoll_wait", "")?,
        };
        for event in &events[..count] {
            self.dispatch(event.data.u64());
        }
        Ok(())
    }

    fn dispatch(&mut self, token: u64) {
        match token {
            token::LISTENER => self.accept(),
            token::INIT => self.init_ended(),
            token::STDOUT | token::STDERR | token::TERMINAL => self.logs.read(token),
            token::TIMER => self.timer_fired(),
            token::OOM => self.oom_seen(),
            token::GUARD => self.orphan_reported(),
            exec if exec & token::EXEC != 0 => self.exec_ended(exec & !token::EXEC),
            client => self.client_ready((client & 0xffff_ffff) as u32),
        }
    }

    /// Writes the status file. A failure is only missed by a replacement, which looks at the kernel then.
    fn save(&self) {
        let _ = replace_file(&self.instance.status(), &self.status.to_bytes());
    }
}
