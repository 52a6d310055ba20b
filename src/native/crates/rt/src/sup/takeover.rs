//! A supervisor that takes the place of one that died: the kernel and the status file tell what is.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::epoll::EventFlags;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tsdock_core::channel::{self, Received};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::procfs;
use tsdock_core::proto::{Frame, Keep, Kind, Orphan, Update};
use tsdock_core::rootfs::mounts::clone_tree;
use tsdock_core::status::{Exit, Identity, Phase, Status};
use tsdock_core::sys::pidfd;
use tsdock_core::wire::Body;

use super::life::STUCK_AFTER;
use super::removal::ends_within;
use super::{Init, Replaced, Supervisor, life, token};

/// How long a report may be on its way that the zygote sent while it forked this process.
const LATE_REPORT_LIMIT: Duration = Duration::from_secs(1);

/// How long whoever reaps the process may take.
const REPORT_LIMIT: Duration = Duration::from_secs(3);

impl Supervisor {
    pub(super) fn take_over(&mut self, replaced: Replaced) -> Result<(), Failure> {
        let ours = self.status.supervisor;
        let found = fs::read(self.instance.status())
            .ok()
            .and_then(|bytes| Status::from_bytes(&bytes).ok());
        let same_boot = found
            .as_ref()
            .is_some_and(|found| found.boot_id == self.context.boot_id);
        if let Some(found) = found {
            self.status = Status {
                supervisor: ours,
                boot_id: self.context.boot_id.clone(),
                ..found
            };
        }
        if let Ok(update) = fs::read(self.instance.update())
            .map_err(|_| ())
            .and_then(|bytes| Update::from_bytes(&bytes).map_err(|_| ()))
        {
            self.plan.limits = update.limits.unwrap_or_default();
            self.plan.restart = update.restart.unwrap_or(self.plan.restart);
            self.plan.stop = update.stop.unwrap_or(self.plan.stop);
        }
        rustix::fs::fcntl_setfl(&replaced.guard, OFlags::NONBLOCK)
            .at("takeover", "fcntl", "guard")?;
        self.watch(replaced.guard.as_fd(), token::GUARD, EventFlags::IN)?;
        self.guard = Some(replaced.guard);
        let alive = self.status.process.filter(|process| {
            same_boot && procfs::start_time(process.pid) == Some(process.start_time)
        });
        if self.status.removing.is_some() {
            self.take_over_removal(alive);
            return Ok(());
        }
        if self.status.phase == Phase::Creating {
            // Nothing is promised yet; `create` starts from the beginning.
            self.save();
            return Ok(());
        }
        self.make_cgroup()?;
        self.cgroup_spent = true;
        if self.status.starting {
            self.abandon_start(alive);
            return Ok(());
        }
        if let Some(process) = alive {
            return self.continue_with(process, &replaced.orphans, replaced.terminal);
        }
        self.continue_after_end(&replaced.orphans);
        Ok(())
    }

    fn take_over_removal(&mut self, alive: Option<Identity>) {
        self.cgroup = self.take_cgroup();
        if let Some(process) = alive
            && let Some(pidfd) = open_process(process)
        {
            self.init = Some(Init::foreign(process, pidfd));
        }
        self.go_on_removing();
    }

    /// A child without a supervisor kills itself; what is left of it goes, and the start counts as failed. It is gone before there is another one.
    fn abandon_start(&mut self, child: Option<Identity>) {
        self.kill_all();
        if let Some(pidfd) = child.and_then(open_process) {
            let _ = pidfd::send_signal(pidfd.as_fd(), libc::SIGKILL);
            ends_within(pidfd.as_fd(), STUCK_AFTER);
        }
        self.status.starting = false;
        self.status.process = None;
        self.stage(None);
        if self.status.restarts > 0 || self.status.attempts > 0 {
            self.restart();
        } else {
            self.enter(Phase::Created);
        }
    }

    fn continue_with(
        &mut self,
        process: Identity,
        orphans: &[Orphan],
        terminal: Option<OwnedFd>,
    ) -> Result<(), Failure> {
        let Some(pidfd) = open_process(process) else {
            self.continue_after_end(orphans);
            return Ok(());
        };
        self.network = match self.plan.network {
            tsdock_core::plan::Network::Host => None,
            _ => namespace(process.pid, "net").ok(),
        };
        let root = overlay_of(process.pid);
        self.stage(root.ok());
        if let Some(terminal) = terminal {
            self.keep_terminal(terminal)?;
        }
        // The run before is not counted towards a quiet period: its start is known by wall clock only.
        let ran = self
            .status
            .started_ms
            .map_or(0, |started| life::now_ms().saturating_sub(started));
        let started = Instant::now()
            .checked_sub(Duration::from_millis(ran))
            .unwrap_or_else(Instant::now);
        let others_killed = self.oom_kills();
        self.adopt(Init {
            started,
            others_killed,
            ..Init::foreign(process, pidfd)
        })?;
        self.save();
        if self.status.phase == Phase::Stopping {
            self.go_on_stopping();
        }
        Ok(())
    }

    /// It ended while nobody watched. Without a report the exit stays unknown: neither code nor signal.
    fn continue_after_end(&mut self, orphans: &[Orphan]) {
        self.stage(None);
        let Some(process) = self.status.process else {
            if self.status.phase == Phase::Backoff {
                self.restart();
            } else {
                self.save();
            }
            return;
        };
        let since = self.status.started_ms.unwrap_or_default();
        let is_its = |orphan: &&Orphan| orphan.pid == process.pid && orphan.exit.at_ms >= since;
        let known = orphans.iter().rev().find(is_its).map(|orphan| orphan.exit);
        let exit = known
            .or_else(|| self.wait_for_report(|orphan| is_its(&orphan)))
            .unwrap_or(Exit {
                at_ms: life::now_ms(),
                ..Exit::default()
            });
        self.record(exit, exit.at_ms.saturating_sub(since));
    }

    /// The zygote may have reaped it after it had forked this process: then the report is on its way, unless another reaper was faster.
    fn wait_for_report(&mut self, is_its: impl Fn(&Orphan) -> bool) -> Option<Exit> {
        let deadline = Instant::now() + LATE_REPORT_LIMIT;
        while self.guard.is_some() && Instant::now() < deadline {
            if self.guard_readable()
                && let Some(orphan) = self.next_orphan()
                && is_its(&orphan)
            {
                return Some(orphan.exit);
            }
        }
        None
    }

    /// Overlay and binds in our mount namespace, for the next start. A failure is reported by that start.
    fn stage(&mut self, root: Option<OwnedFd>) {
        let sources = self.status.sources.clone();
        match self.staging.mount(&self.plan, root, &sources) {
            Ok(names) => self.status.sources = names,
            Err(failure) => self
                .status
                .warnings
                .push(format!("RestartImpossible: {failure}")),
        }
    }

    /// Reads the terminal of the instance and leaves a copy with the zygote, so that the program does not see a hang-up when this process dies.
    pub(super) fn keep_terminal(&mut self, master: OwnedFd) -> Result<(), Failure> {
        let flags = rustix::fs::fcntl_getfl(&master).at("terminal", "fcntl", "F_GETFL")?;
        rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)
            .at("terminal", "fcntl", "F_SETFL")?;
        self.watch(master.as_fd(), token::TERMINAL, EventFlags::IN)?;
        if let Ok(zygote) =
            channel::connect_to(&self.context.runtime_directory().join("zygote.sock"))
        {
            let _ = channel::send(
                zygote.as_fd(),
                &Frame::event(
                    Kind::Keep,
                    &Keep {
                        id: self.plan.id.clone(),
                    },
                ),
                &[master.as_fd()],
            );
        }
        self.logs.terminal = Some(master);
        Ok(())
    }

    /// The zygote reaped something that may have been our init.
    pub(super) fn orphan_reported(&mut self) {
        let Some(orphan) = self.next_orphan() else {
            return;
        };
        if self
            .init
            .as_ref()
            .is_some_and(|init| !init.ours && init.identity.pid == orphan.pid)
        {
            self.ended(orphan.exit.code, orphan.exit.signal);
        }
    }

    fn next_orphan(&mut self) -> Option<Orphan> {
        let guard = self.guard.as_ref()?;
        match channel::receive(guard.as_fd()) {
            Ok(Received::Message(message)) if message.frame.kind == Kind::Orphan => {
                return Orphan::from_bytes(&message.frame.body).ok();
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Ok(Received::Closed) | Err(_) => self.guard = None,
            Ok(_) => {}
        }
        None
    }

    /// The exit of an init that is not our child: reported by the zygote, which reaps it, in a moment; kept by the kernel when the reaper of the system has
    /// taken it (since 6.15); else unknown. `None`: recorded already.
    pub(super) fn wait_for_foreign_end(&mut self) -> Option<(Option<i32>, Option<i32>)> {
        let deadline = Instant::now() + REPORT_LIMIT;
        let process = self.init.as_ref()?.identity;
        loop {
            if self.guard_readable() {
                self.orphan_reported();
            }
            // Recorded, there may be a next process already: that one has not ended.
            let init = self.init.as_ref().filter(|init| init.identity == process)?;
            if let Some(status) = pidfd::exit_status(init.pidfd.as_fd()) {
                let code = libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status));
                let signal = libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status));
                return Some((code, signal));
            }
            if Instant::now() > deadline {
                return Some((None, None));
            }
        }
    }

    /// Waits for a moment, also without a guard.
    fn guard_readable(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let short = Timespec {
            tv_sec: 0,
            tv_nsec: 20_000_000,
        };
        let mut guards: Vec<PollFd<'_>> = self
            .guard
            .iter()
            .map(|guard| PollFd::new(guard, PollFlags::IN))
            .collect();
        poll(&mut guards, Some(&short)).is_ok_and(|ready| ready > 0)
    }
}

impl Init {
    /// A process that is not our child, of which no more is known than who it is.
    fn foreign(identity: Identity, pidfd: OwnedFd) -> Self {
        Self {
            identity,
            pidfd,
            ours: false,
            started: Instant::now(),
            killed: false,
            others_killed: 0,
        }
    }
}

/// `None`: it ended, and its number may be another's.
fn open_process(process: Identity) -> Option<OwnedFd> {
    let pidfd = pidfd_open(Pid::from_raw(process.pid)?, PidfdFlags::empty()).ok()?;
    (procfs::start_time(process.pid) == Some(process.start_time)).then_some(pidfd)
}

fn namespace(pid: i32, kind: &str) -> Result<OwnedFd, Failure> {
    let path = format!("/proc/{pid}/ns/{kind}");
    openat(
        CWD,
        path.as_str(),
        OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at("takeover", "open", &path)
}

/// The overlay of the running process: a second one on the same upper directory would be undefined behaviour (overlayfs).
fn overlay_of(pid: i32) -> Result<OwnedFd, Failure> {
    const STEP: &str = "takeover.overlay";
    let own = openat(
        CWD,
        "/proc/self/ns/mnt",
        OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at(STEP, "open", "own mnt")?;
    let theirs = namespace(pid, "mnt")?;
    move_into_link_name_space(theirs.as_fd(), Some(LinkNameSpaceType::Mount)).at(
        STEP,
        "setns",
        "container",
    )?;
    let copy = openat(
        CWD,
        "/",
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at(STEP, "open", "/")
    .and_then(|root| clone_tree(STEP, root.as_fd(), false, "/"));
    move_into_link_name_space(own.as_fd(), Some(LinkNameSpaceType::Mount))
        .at(STEP, "setns", "own")?;
    copy
}
