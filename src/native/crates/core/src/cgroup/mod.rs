//! Cgroups of one instance on v1, hybrid and v2 hosts behind one type.
//!
//! ```text
//! <mount>/<base>/<prefix>/sup        supervisors (and, on v2, whoever was in <base>: a group with children and controllers may hold no process)
//! <mount>/<base>/<prefix>/c/<id>     one instance; the same in each hierarchy that is joined
//! ```

mod devices;
mod failure;
mod files;
mod layout;
mod limits;
mod oom;
mod tree;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod unified_tests;

use std::cell::Cell;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal};

pub use devices::{DeviceFilter, DeviceKind, DeviceRule};
pub use failure::{Failure, errno, failure};
pub use limits::Limits;

use failure::{failed, is, no_controller};
use layout::{Controller, Hierarchy, Version};

const SUPERVISORS: &str = "sup";
const INSTANCES: &str = "c";

/// How long freezing, killing without `cgroup.kill` and removing may wait for processes that are stuck in the kernel.
const PATIENCE: Duration = Duration::from_millis(500);

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
    hierarchies: Vec<Hierarchy>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Present use, page cache included.
    pub memory_bytes: u64,
    /// Part of it that is page cache not used lately: it goes first when memory gets short.
    pub memory_inactive_file_bytes: u64,
    /// Highest use so far; `None` where the kernel does not tell (v2 before 5.19).
    pub memory_peak_bytes: Option<u64>,
    pub cpu_micros: u64,
    pub pids: u64,
    /// Processes killed by the OOM killer since the group was made.
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
    /// Makes `<prefix>/sup` and `<prefix>/c` in each hierarchy and, on v2, hands the controllers down to the instances. Repeatable. On v2 the processes of
    /// our own group move to `sup` if they are in the way.
    pub fn prepare(&self, prefix: &str) -> io::Result<()> {
        check_name(prefix)?;
        for hierarchy in &self.hierarchies {
            let base = hierarchy.base(prefix);
            let ours = base.join(prefix);
            let instances = ours.join(INSTANCES);
            for group in [&ours, &ours.join(SUPERVISORS), &instances] {
                make(group)?;
            }
            if hierarchy.version == Version::V2 && !hierarchy.controllers.is_empty() {
                hand_down(&base, &hierarchy.controllers, Some(&ours.join(SUPERVISORS)))?;
                hand_down(&ours, &hierarchy.controllers, None)?;
                hand_down(&instances, &hierarchy.controllers, None)?;
            }
        }
        Ok(())
    }

    /// Moves the calling, single-threaded process to `<prefix>/sup` of every hierarchy that instances join, so that neither the limits of the daemon's
    /// group nor a kill of it reach supervisors.
    pub fn enter_supervisors(&self, prefix: &str) -> io::Result<()> {
        self.prepare(prefix)?;
        for hierarchy in self.joined() {
            let leaf = hierarchy.base(prefix).join(prefix).join(SUPERVISORS);
            let group = open_path(&leaf)?;
            let file = if hierarchy.version == Version::V1 {
                "tasks"
            } else {
                "cgroup.procs"
            };
            files::write(group.as_fd(), file, "0")?;
        }
        Ok(())
    }

    /// The way back of `enter_supervisors`: moves the caller to the group that `<prefix>` stands in and removes `<prefix>` where nothing else is in it. Best
    /// effort: on v2 a group that hands controllers down takes no process, and what is left there goes with the group above.
    pub fn leave_supervisors(&self, prefix: &str) {
        for hierarchy in &self.hierarchies {
            let base = hierarchy.base(prefix);
            let Ok(group) = open_path(&base) else {
                continue;
            };
            let file = if hierarchy.version == Version::V1 {
                "tasks"
            } else {
                "cgroup.procs"
            };
            let own = base.join(prefix);
            let inside = own.join(SUPERVISORS);
            // Only who is inside moves: hierarchies that instances do not join were never entered.
            let entered = std::fs::read_to_string(inside.join("cgroup.procs"))
                .is_ok_and(|pids| !pids.is_empty());
            if entered && files::write(group.as_fd(), file, "0").is_err() {
                continue;
            }
            for directory in [inside, own.join(INSTANCES), own] {
                let _ = rustix::fs::rmdir(&directory);
            }
        }
    }

    /// Removes `<prefix>` and all below it that nobody is in, in every hierarchy; for an engine that leaves the host. Absent is success.
    pub fn remove_prefix(&self, prefix: &str) -> io::Result<()> {
        check_name(prefix)?;
        let mut result = Ok(());
        for hierarchy in &self.hierarchies {
            let removed = open_path(&hierarchy.base(prefix))
                .and_then(|base| tree::remove(base.as_fd(), prefix));
            result = result.and(removed);
        }
        result
    }

    fn parent_of(hierarchy: &Hierarchy, prefix: &str) -> PathBuf {
        hierarchy.base(prefix).join(prefix).join(INSTANCES)
    }
}

/// One joined hierarchy of an instance.
#[derive(Debug)]
struct Member {
    version: Version,
    controllers: Vec<Controller>,
    /// The instance's directory there.
    dir: OwnedFd,
    /// It was made by `create` just now, so nothing has been written to it yet.
    fresh: bool,
}

impl Member {
    fn fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    fn serves(&self, controller: Controller) -> bool {
        self.controllers.contains(&controller)
    }
}

/// The directories `<base>/<prefix>/c/<id>` of one instance in each hierarchy that is needed.
#[derive(Debug)]
pub struct Cgroup {
    id: String,
    members: Vec<Member>,
    /// OOM kills that were acknowledged.
    known_kills: Cell<u64>,
    /// Where the v1 `devices` directory of the instance is or would be; it is made only if the v2 tree cannot filter devices.
    devices_parent: Option<PathBuf>,
}

impl Cgroup {
    /// Makes the directories (existing ones are fine) and sets the limits. A limit whose controller is missing is an error naming it. On an error the
    /// directories it made are gone again.
    pub fn create(layout: &Layout, prefix: &str, id: &str, limits: &Limits) -> io::Result<Self> {
        limits.check()?;
        check_name(prefix)?;
        check_name(id)?;
        for controller in [Controller::Memory, Controller::Cpu, Controller::Pids] {
            if limits.wants(controller) && layout.serving(controller).is_none() {
                return Err(no_controller(controller.name()));
            }
        }
        let mut group = Self {
            id: id.to_owned(),
            members: Vec::new(),
            known_kills: Cell::new(0),
            devices_parent: devices_parent(layout, prefix),
        };
        let result = group.make_members(layout, prefix).and_then(|()| {
            match group.limit_where_needed(limits) {
                // Controllers were not handed down yet, or somebody took them away.
                Err(error) if layout.mode != Mode::Legacy && is(&error, Errno::NOENT) => {
                    layout.prepare(prefix)?;
                    group.limit_where_needed(limits)
                }
                other => other,
            }
        });
        match result {
            Ok(()) => Ok(group),
            Err(error) => {
                group.members.retain(|member| member.fresh);
                // The first error is the one to report.
                let _ = group.remove();
                Err(error)
            }
        }
    }

    /// The directories of an instance that exist; `NotFound` if there are none.
    pub fn open(layout: &Layout, prefix: &str, id: &str) -> io::Result<Self> {
        check_name(prefix)?;
        check_name(id)?;
        let mut members = Vec::new();
        for hierarchy in layout.joined() {
            match open_path(&Layout::parent_of(hierarchy, prefix).join(id)) {
                Ok(dir) => members.push(Member {
                    version: hierarchy.version,
                    controllers: hierarchy.controllers.clone(),
                    dir,
                    fresh: false,
                }),
                Err(error) if is(&error, Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
        if members.is_empty() {
            return Err(failed("open", id, Errno::NOENT));
        }
        Ok(Self {
            id: id.to_owned(),
            members,
            known_kills: Cell::new(0),
            devices_parent: devices_parent(layout, prefix),
        })
    }

    fn make_members(&mut self, layout: &Layout, prefix: &str) -> io::Result<()> {
        for hierarchy in layout.joined() {
            let (dir, fresh) = match make_instance(hierarchy, prefix, &self.id) {
                Err(error) if is(&error, Errno::NOENT) => {
                    layout.prepare(prefix)?;
                    make_instance(hierarchy, prefix, &self.id)?
                }
                other => other?,
            };
            self.members.push(Member {
                version: hierarchy.version,
                controllers: hierarchy.controllers.clone(),
                dir,
                fresh,
            });
        }
        Ok(())
    }

    /// Descriptors for the next process to get in. Take it anew for each process.
    pub fn entry(&self) -> io::Result<Entry> {
        let mut entry = Entry {
            into: None,
            tasks: Vec::new(),
        };
        for member in &self.members {
            match member.version {
                Version::V2 => entry.into = Some(member.dir.try_clone()?),
                Version::V1 => {
                    entry
                        .tasks
                        .push(files::open_for(member.fd(), "tasks", OFlags::WRONLY)?);
                }
            }
        }
        if let Some(devices) = self.open_devices()? {
            entry
                .tasks
                .push(files::open_for(devices.as_fd(), "tasks", OFlags::WRONLY)?);
        }
        Ok(entry)
    }

    /// Sets all limits; what is `None` becomes unlimited. The order of the writes never lets memory cross memory plus swap.
    pub fn limit(&self, limits: &Limits) -> io::Result<()> {
        limits.check()?;
        for controller in [Controller::Memory, Controller::Cpu, Controller::Pids] {
            match self.serving(controller) {
                Some(member) => write_limits(member, controller, limits)?,
                None if limits.wants(controller) => return Err(no_controller(controller.name())),
                None => {}
            }
        }
        Ok(())
    }

    /// As `limit`, without the writes that a fresh directory does not need.
    fn limit_where_needed(&self, limits: &Limits) -> io::Result<()> {
        for controller in [Controller::Memory, Controller::Cpu, Controller::Pids] {
            match self.serving(controller) {
                Some(member) if limits.wants(controller) || !member.fresh => {
                    write_limits(member, controller, limits)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// SIGKILL to every process in it: `cgroup.kill` on a v2 tree, else freeze, signal each, thaw, until empty. Where `cgroup.kill` serves, it returns
    /// before the processes are gone.
    pub fn kill(&self) -> io::Result<()> {
        let Some(v2) = self.v2() else {
            return self.kill_each();
        };
        if !files::write_if_present(v2.fd(), "cgroup.kill", "1")? {
            return self.kill_each();
        }
        // In hybrid mode a process that was put into v1 hierarchies only.
        match self
            .members
            .iter()
            .find(|member| member.version == Version::V1)
        {
            Some(v1) => kill_listed(v1.fd()).map(|_| ()),
            None => Ok(()),
        }
    }

    fn kill_each(&self) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Freezing keeps them from forking away; without a freezer the loop has to outrun them.
            let frozen = self.set_frozen(true).is_ok();
            let mut left = Vec::new();
            for member in &self.members {
                left.append(&mut kill_listed(member.fd())?);
            }
            if frozen {
                self.set_frozen(false)?;
            }
            if left.is_empty() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(failed("kill", format!("pid {}", left[0]), Errno::TIMEDOUT));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops or resumes every process; returns when that has happened. If a process cannot be frozen within half a second, all run again and the error is
    /// `TimedOut`.
    pub fn freeze(&self, frozen: bool) -> io::Result<()> {
        let done = self.set_frozen(frozen);
        if frozen && done.is_err() {
            // The first error is the one to report.
            let _ = self.set_frozen(false);
        }
        done
    }

    fn set_frozen(&self, frozen: bool) -> io::Result<()> {
        if let Some(v2) = self.v2() {
            return freeze_v2(v2.fd(), frozen);
        }
        match self.serving(Controller::Freezer) {
            Some(member) => freeze_v1(member.fd(), frozen),
            None => Err(no_controller("freezer")),
        }
    }

    /// Whether `freeze(true)` is in force.
    pub fn frozen(&self) -> io::Result<bool> {
        if let Some(v2) = self.v2() {
            return Ok(files::read(v2.fd(), "cgroup.freeze")?.trim() == "1");
        }
        match self.serving(Controller::Freezer) {
            Some(member) => Ok(files::read(member.fd(), "freezer.state")?.trim() != "THAWED"),
            None => Ok(false),
        }
    }

    /// Pids, as this pid namespace sees them, of all processes in it and in groups below it.
    pub fn pids(&self) -> io::Result<Vec<i32>> {
        let mut all = Vec::new();
        for member in &self.members {
            all.append(&mut tree::pids(member.fd())?);
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// What it uses now. A controller this host does not have leaves zeros.
    pub fn stats(&self) -> io::Result<Stats> {
        let mut stats = Stats::default();
        if let Some(memory) = self.serving(Controller::Memory) {
            let at = memory.fd();
            let (current, peak, inactive) = match memory.version {
                Version::V1 => (
                    "memory.usage_in_bytes",
                    "memory.max_usage_in_bytes",
                    "total_inactive_file",
                ),
                Version::V2 => ("memory.current", "memory.peak", "inactive_file"),
            };
            stats.memory_bytes = files::number(at, current)?;
            stats.memory_peak_bytes = files::number(at, peak).ok();
            stats.memory_inactive_file_bytes =
                files::keyed(&files::read(at, "memory.stat")?, inactive);
            stats.oom_kills = oom::kills(memory)?;
        }
        // Every v2 group counts CPU time, with or without the cpu controller (cgroup-v2.rst, cpu.stat).
        if let Some(v2) = self.v2() {
            stats.cpu_micros = files::keyed(&files::read(v2.fd(), "cpu.stat")?, "usage_usec");
        } else if let Some(cpuacct) = self.serving(Controller::Cpuacct) {
            stats.cpu_micros = files::number(cpuacct.fd(), "cpuacct.usage")? / 1000;
        }
        if let Some(pids) = self.serving(Controller::Pids) {
            stats.pids = files::number(pids.fd(), "pids.current")?;
        }
        Ok(stats)
    }

    /// Processes in it that the OOM killer has killed since it was made; zero where nobody counts.
    pub fn oom_kills(&self) -> io::Result<u64> {
        self.serving(Controller::Memory).map_or(Ok(0), oom::kills)
    }

    /// A descriptor that becomes readable (v1 eventfd) or has POLLPRI (v2 `memory.events`) when something in it was OOM-killed. Both may wake for less:
    /// `acknowledge_oom` tells, and makes the descriptor quiet again.
    pub fn oom_events(&self) -> io::Result<OwnedFd> {
        match self.serving(Controller::Memory) {
            Some(memory) => {
                self.known_kills.set(oom::kills(memory)?);
                oom::subscribe(memory)
            }
            None => Err(no_controller("memory")),
        }
    }

    /// Re-arms the descriptor of `oom_events` and returns how many processes were OOM-killed since the last call (since `oom_events` the first time).
    /// On v1 it may wait up to 20 ms for the kill that the notice announced.
    pub fn acknowledge_oom(&self, events: &OwnedFd) -> io::Result<u64> {
        let memory = self
            .serving(Controller::Memory)
            .ok_or_else(|| no_controller("memory"))?;
        let kills = oom::acknowledge(memory, events, self.known_kills.get())?;
        Ok(kills.saturating_sub(self.known_kills.replace(kills)))
    }

    /// Lets the processes in it use the default devices of a container and `extra`, nothing else; repeatable, the last call holds. By BPF on the v2 tree;
    /// by the v1 `devices` hierarchy where that fails, so take `entry` afterwards.
    pub fn restrict_devices(&self, extra: &[DeviceRule]) -> io::Result<()> {
        let by_bpf = match self.v2() {
            Some(_) => DeviceFilter::load(extra).and_then(|filter| self.attach_devices(&filter)),
            None => Err(no_controller("devices")),
        };
        by_bpf.or_else(|error| match &self.devices_parent {
            Some(parent) => {
                make(&parent.join(&self.id))?;
                let group = open_path(&parent.join(&self.id))?;
                devices::restrict_v1(group.as_fd(), extra)
            }
            None => Err(error),
        })
    }

    /// As `restrict_devices` with a filter that was loaded before and can serve many groups; v2 tree only.
    pub fn attach_devices(&self, filter: &DeviceFilter) -> io::Result<()> {
        match self.v2() {
            Some(v2) => filter.attach(v2.fd()),
            None => Err(no_controller("devices")),
        }
    }

    /// A group below this one for the processes of one probe or exec, so that they can be killed together. Only on a v2 tree; limits stay those of the
    /// instance.
    pub fn below(&self, name: &str) -> io::Result<Subgroup> {
        check_name(name)?;
        let Some(v2) = self.v2() else {
            return Err(failed(
                "mkdir",
                name,
                io::Error::from(io::ErrorKind::Unsupported),
            ));
        };
        make_at(v2.fd(), name)?;
        let dir =
            files::open_directory(v2.fd(), name).map_err(|error| failed("open", name, error))?;
        Ok(Subgroup {
            name: name.to_owned(),
            dir,
        })
    }

    /// Depth first, stragglers killed; EBUSY is retried a bounded number of times. Absent is success. An error names a process that is still inside.
    pub fn remove(self) -> io::Result<()> {
        let mut result = Ok(());
        for dir in self
            .members
            .into_iter()
            .map(|member| member.dir)
            .chain(open_devices(self.devices_parent.as_deref(), &self.id)?)
        {
            result = result.and(remove_patiently(&dir, &self.id));
        }
        result
    }

    fn v2(&self) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.version == Version::V2)
    }

    fn serving(&self, controller: Controller) -> Option<&Member> {
        self.members.iter().find(|member| member.serves(controller))
    }

    fn open_devices(&self) -> io::Result<Option<OwnedFd>> {
        open_devices(self.devices_parent.as_deref(), &self.id)
    }
}

/// A part of an instance's v2 group, see `Cgroup::below`. Its processes also belong in the `tasks` of the instance's entry.
#[derive(Debug)]
pub struct Subgroup {
    name: String,
    dir: OwnedFd,
}

impl Subgroup {
    /// For `Entry::into`.
    pub fn into_fd(&self) -> io::Result<OwnedFd> {
        self.dir.try_clone()
    }

    pub fn kill(&self) -> io::Result<()> {
        files::write(self.dir.as_fd(), "cgroup.kill", "1")
    }

    /// Kills whoever is left and removes it.
    pub fn remove(self) -> io::Result<()> {
        remove_patiently(&self.dir, &self.name)
    }
}

fn devices_parent(layout: &Layout, prefix: &str) -> Option<PathBuf> {
    let devices = layout
        .serving(Controller::Devices)
        .filter(|hierarchy| hierarchy.version == Version::V1)?;
    // Co-mounted with a controller that is joined anyway: nothing of its own to make.
    let own = layout.joined().iter().all(|joined| *joined != devices);
    own.then(|| Layout::parent_of(devices, prefix))
}

fn open_devices(parent: Option<&Path>, id: &str) -> io::Result<Option<OwnedFd>> {
    match parent.map(|parent| open_path(&parent.join(id))) {
        None => Ok(None),
        Some(Ok(dir)) => Ok(Some(dir)),
        Some(Err(error)) if is(&error, Errno::NOENT) => Ok(None),
        Some(Err(error)) => Err(error),
    }
}

fn write_limits(member: &Member, controller: Controller, limits: &Limits) -> io::Result<()> {
    let both = (member.version == Version::V1 && controller == Controller::Memory)
        .then(|| files::number(member.fd(), "memory.memsw.limit_in_bytes").ok());
    for write in limits.writes(member.version, controller, both.flatten()) {
        if write.optional {
            files::write_if_present(member.fd(), write.file, &write.value)?;
        } else {
            files::write(member.fd(), write.file, &write.value)?;
        }
    }
    Ok(())
}

/// SIGKILL to each process of a group and below it; returns those that were there. A pid is signalled through a descriptor that was opened while the pid was
/// known to be in the group, so a reused number hits nobody. The caller itself is spared.
fn kill_listed(group: BorrowedFd<'_>) -> io::Result<Vec<i32>> {
    let own = rustix::process::getpid();
    let listed = tree::pids(group)?;
    let open = |pid: &i32| {
        let pid = Pid::from_raw(*pid).filter(|pid| *pid != own)?;
        Some((
            pid.as_raw_nonzero().get(),
            rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok()?,
        ))
    };
    let opened: Vec<_> = listed.iter().filter_map(open).collect();
    let still = if opened.is_empty() {
        Vec::new()
    } else {
        tree::pids(group)?
    };
    for (pid, fd) in &opened {
        if still.contains(pid) {
            // It may be gone already.
            let _ = rustix::process::pidfd_send_signal(fd, Signal::KILL);
        }
    }
    Ok(still)
}

fn remove_patiently(dir: &OwnedFd, name: &str) -> io::Result<()> {
    let Ok(parent) = files::open_directory(dir.as_fd(), "..") else {
        return Ok(());
    };
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_micros(200);
    loop {
        match tree::remove(parent.as_fd(), name) {
            Err(error) if is(&error, Errno::BUSY) => {
                let left = kill_listed(dir.as_fd())?;
                if Instant::now() > deadline {
                    let who = left.first().map_or_else(
                        || String::from("no visible process"),
                        |pid| format!("pid {pid}"),
                    );
                    return Err(failed(
                        "rmdir",
                        format!("{name}, {who} inside"),
                        Errno::BUSY,
                    ));
                }
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            other => return other,
        }
    }
}

/// Waits for the `frozen` line of `cgroup.events`; the kernel announces a change as POLLPRI.
fn freeze_v2(group: BorrowedFd<'_>, frozen: bool) -> io::Result<()> {
    let events = files::open_for(group, "cgroup.events", OFlags::RDONLY)?;
    files::write(group, "cgroup.freeze", if frozen { "1" } else { "0" })?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = files::read_from(&events, "cgroup.events")?;
        if (files::keyed(&text, "frozen") == 1) == frozen {
            return Ok(());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(failed("freeze", "cgroup.events", Errno::TIMEDOUT));
        }
        let timeout = Timespec {
            tv_sec: 0,
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        match rustix::event::poll(&mut [PollFd::new(&events, PollFlags::PRI)], Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(failed("poll", "cgroup.events", error)),
        }
    }
}

fn freeze_v1(group: BorrowedFd<'_>, frozen: bool) -> io::Result<()> {
    let wanted = if frozen { "FROZEN" } else { "THAWED" };
    let deadline = Instant::now() + PATIENCE;
    loop {
        // Written again each time: a task that forked meanwhile is caught by the next round (freezer-subsystem.rst).
        files::write(group, "freezer.state", wanted)?;
        if files::read(group, "freezer.state")?.trim() == wanted {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(failed("freeze", "freezer.state", Errno::TIMEDOUT));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn make_instance(hierarchy: &Hierarchy, prefix: &str, id: &str) -> io::Result<(OwnedFd, bool)> {
    let parent = open_path(&Layout::parent_of(hierarchy, prefix))?;
    let fresh = make_at(parent.as_fd(), id)?;
    let dir =
        files::open_directory(parent.as_fd(), id).map_err(|error| failed("open", id, error))?;
    Ok((dir, fresh))
}

/// `true` if it was not there before.
fn make_at(parent: BorrowedFd<'_>, name: &str) -> io::Result<bool> {
    match rustix::fs::mkdirat(parent, name, rustix::fs::Mode::from_raw_mode(0o755)) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(failed("mkdir", name, error)),
    }
}

fn make(path: &Path) -> io::Result<()> {
    match rustix::fs::mkdir(path, rustix::fs::Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(failed("mkdir", path.display().to_string(), error)),
    }
}

fn open_path(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, rustix::fs::Mode::empty())
        .map_err(|error| failed("open", path.display().to_string(), error))
}

/// Enables `controllers` for the children of `group`, those that are offered and not enabled yet. EBUSY means processes are in the way ("no internal
/// processes"): they move to `leaf`.
fn hand_down(group: &Path, controllers: &[Controller], leaf: Option<&Path>) -> io::Result<()> {
    let dir = open_path(group)?;
    let at = dir.as_fd();
    let (offered, enabled) = (
        files::read(at, "cgroup.controllers")?,
        files::read(at, "cgroup.subtree_control")?,
    );
    let has = |text: &str, name: &str| text.split_whitespace().any(|word| word == name);
    for name in controllers.iter().map(|controller| controller.name()) {
        if !has(&offered, name) || has(&enabled, name) {
            continue;
        }
        let enable = || files::write(at, "cgroup.subtree_control", &format!("+{name}"));
        match (enable(), leaf) {
            (Err(error), Some(leaf)) if is(&error, Errno::BUSY) => {
                evacuate(at, leaf)?;
                enable()?;
            }
            (result, _) => result?,
        }
    }
    Ok(())
}

fn evacuate(from: BorrowedFd<'_>, leaf: &Path) -> io::Result<()> {
    let leaf = open_path(leaf)?;
    // A process may fork meanwhile; a few rounds catch its children, which are in the leaf once their parent is.
    for _ in 0..10 {
        let text = files::read(from, "cgroup.procs")?;
        if text.is_empty() {
            break;
        }
        for pid in text.lines().filter(|pid| *pid != "0") {
            match files::write(leaf.as_fd(), "cgroup.procs", pid) {
                Err(error) if !is(&error, Errno::SRCH) => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Names become directory names: one component, nothing hidden, no name of a control file (`memory.max`).
fn check_name(name: &str) -> io::Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let dotted_control = name.split_once('.').is_some_and(|(first, _)| {
        first == "cgroup" || Controller::ALL.iter().any(|known| known.name() == first)
    });
    let fine = (1..=200).contains(&name.len())
        && name
            .bytes()
            .all(|byte| plain(byte) || byte == b'.' || byte == b':')
        && !name.starts_with('.')
        && !dotted_control;
    if fine {
        Ok(())
    } else {
        Err(failed(
            "check",
            format!("{name:?}"),
            io::Error::from(io::ErrorKind::InvalidInput),
        ))
    }
}
