//! Cgroups of one instance on v1, hybrid and v2 hosts behind one type.

use std::io;
use std::os::fd::OwnedFd;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Unified,
    Hybrid,
    Legacy,
}

/// Where the hierarchies are and which one serves which controller; read once from mountinfo and `/proc/self/cgroup`.
#[derive(Clone, Debug)]
pub struct Layout {
    pub mode: Mode,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub memory_bytes: Option<u64>,
    /// Memory plus swap; `None`: equal to memory.
    pub swap_bytes: Option<u64>,
    pub cpu_millis: Option<u64>,
    pub pids: Option<u64>,
}

#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub memory_bytes: u64,
    pub cpu_micros: u64,
    pub pids: u64,
    pub oom_kills: u64,
}

/// How a new process gets in: `clone3(CLONE_INTO_CGROUP)` with `into` where there is a v2 tree, and `0` written by the single-threaded
/// child to each of `tasks` on v1 hierarchies (never `cgroup.procs`: that waits for an RCU grace period).
#[derive(Debug)]
pub struct Entry {
    pub into: Option<OwnedFd>,
    pub tasks: Vec<OwnedFd>,
}

impl Layout {
    pub fn detect() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Names of controllers limits can use on this host.
    pub fn controllers(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The directories `<own parent>/<prefix>/<id>` of one instance in each hierarchy that is needed.
#[derive(Debug)]
pub struct Cgroup {}

impl Cgroup {
    /// Makes the directories (existing ones are fine) and sets the limits. A limit whose controller is missing is an error naming it.
    pub fn create(_layout: &Layout, _prefix: &str, _id: &str, _limits: &Limits) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub fn open(_layout: &Layout, _prefix: &str, _id: &str) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub fn entry(&self) -> io::Result<Entry> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub fn limit(&self, _limits: &Limits) -> io::Result<()> {
        Ok(())
    }
    /// SIGKILL to every process in it: `cgroup.kill` on a v2 tree, else freeze, signal each, thaw, until empty.
    pub fn kill(&self) -> io::Result<()> {
        Ok(())
    }
    pub fn freeze(&self, _frozen: bool) -> io::Result<()> {
        Ok(())
    }
    pub fn pids(&self) -> io::Result<Vec<i32>> {
        Ok(Vec::new())
    }
    pub fn stats(&self) -> io::Result<Stats> {
        Ok(Stats::default())
    }
    /// A descriptor that becomes readable (v1 eventfd) or has POLLPRI (v2 `memory.events`) when something in it was OOM-killed.
    pub fn oom_events(&self) -> io::Result<OwnedFd> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Depth first, stragglers killed; EBUSY is retried a bounded number of times. Absent is success.
    pub fn remove(self) -> io::Result<()> {
        Ok(())
    }
}
