//! Life of the instance's process: creation, start, end, restart, stop, removal.

use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::epoll::EventFlags;
use rustix::process::{WaitId, WaitIdOptions, waitid};
use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
use tsdock_core::cgroup::Cgroup;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::procfs;
use tsdock_core::proto::{
    ExecExited, Exited, Frame, Kind, Oom, Restarting, Started, Stop, Stopped,
};
use tsdock_core::restart::Verdict;
use tsdock_core::status::{Exit, Identity, Phase, StoppedBy};
use tsdock_core::wire::Body as _;

use super::logs::open_file;
use super::{Init, Supervisor, token};
use crate::context::replace_file;
use crate::launch::{Launch, launch};
use crate::report;

/// A process that has not ended this long after SIGKILL sits in the kernel (state D).
pub(super) const STUCK_AFTER: Duration = Duration::from_secs(10);

/// What the one timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    None,
    Restart,
    /// The grace of a stop.
    Grace,
    /// SIGKILL was sent.
    Kill,
    /// A removal that failed is tried again.
    Removal,
}

pub fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
}

pub(super) fn being_removed() -> Failure {
    Failure::plain(
        "E_REMOVING",
        "state",
        "state: the instance is being removed",
    )
}

impl Supervisor {
    /// Cgroup, overlay and binds. Repeatable while it has not succeeded.
    pub(super) fn create(&mut self) -> Result<(), Failure> {
        if self.status.phase != Phase::Creating {
            return Ok(());
        }
        self.make_cgroup()?;
        self.status.sources = self.staging.mount(&self.plan, None, &[])?;
        self.open_log()?;
        self.enter(Phase::Created);
        Ok(())
    }

    fn open_log(&mut self) -> Result<(), Failure> {
        if self.logs.file.is_none() {
            self.logs.file = Some(open_file(&self.plan)?);
        }
        Ok(())
    }

    /// `create` and `start` in one: overlay, binds and log are made while the process prepares its namespaces. On a failure the phase tells how far it came:
    /// as long as it is `Creating`, nothing is promised.
    pub(super) fn create_started(&mut self) -> Result<(), Failure> {
        self.make_cgroup()?;
        self.start()
    }

    pub(super) fn make_cgroup(&mut self) -> Result<(), Failure> {
        let cgroup = Cgroup::create(
            &self.context.layout,
            &self.context.prefix,
            &self.plan.id,
            &self.plan.limits,
        )
        .at("cgroup.create", "mkdir", &self.plan.id)?;
        if !self.plan.security.privileged
            && let Err(error) = self.restrict_devices(&cgroup)
        {
            self.status
                .warnings
                .push(format!("DevicesUnrestricted: {error}"));
        }
        match cgroup.oom_events() {
            Ok(events) => {
                self.watch(events.as_fd(), token::OOM, EventFlags::IN | EventFlags::PRI)?;
                self.oom = Some(events);
            }
            Err(error) => self
                .status
                .warnings
                .push(format!("OomEventsIgnored: {error}")),
        }
        self.cgroup = Some(cgroup);
        Ok(())
    }

    /// A group that `cgroup.kill` was written to also kills what is cloned into it from outside later: the kernel compares the kill count of the group with that
    /// of the cloner's (`kill_seq`, seen on 6.18). So the next process gets a new group.
    fn renew_cgroup(&mut self) -> Result<(), Failure> {
        if !self.cgroup_spent {
            return Ok(());
        }
        if let Some(cgroup) = self.take_cgroup() {
            cgroup
                .remove()
                .at("cgroup.remove", "rmdir", &self.plan.id)?;
        }
        self.make_cgroup()?;
        self.cgroup_spent = false;
        Ok(())
    }

    /// Out of this object, or opened anew after an attempt that could not remove it.
    pub(super) fn take_cgroup(&mut self) -> Option<Cgroup> {
        self.oom = None;
        self.cgroup.take().or_else(|| {
            Cgroup::open(&self.context.layout, &self.context.prefix, &self.plan.id).ok()
        })
    }

    fn restrict_devices(&self, cgroup: &Cgroup) -> io::Result<()> {
        let attached = self
            .context
            .devices
            .as_ref()
            .is_some_and(|filter| cgroup.attach_devices(filter).is_ok());
        if attached {
            Ok(())
        } else {
            cgroup.restrict_devices(&[])
        }
    }

    pub(super) fn cgroup(&self) -> Result<&Cgroup, Failure> {
        self.cgroup.as_ref().ok_or_else(|| {
            Failure::plain(
                "E_NOT_CREATED",
                "cgroup",
                "cgroup: the instance was not created",
            )
        })
    }

    /// Starts the process; running already is success. On failure the phase is `broken` and the next start tries again.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        if self.init.is_some() {
            return Ok(());
        }
        self.disarm();
        match self.try_start() {
            Ok(()) => Ok(()),
            Err(failure) => {
                self.status.starting = false;
                self.status.process = None;
                if self.status.phase != Phase::Creating {
                    self.status.error = Some(failure.clone());
                    self.enter(Phase::Broken);
                }
                Err(failure)
            }
        }
    }

    fn try_start(&mut self) -> Result<(), Failure> {
        self.renew_cgroup()?;
        if self.plan.process.terminal {
            self.logs.terminal = None;
        }
        let (stdout, stderr) = self.logs.writers();
        let stdin = if self.plan.process.stdin && !self.plan.process.terminal {
            let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
                .at("stdio", "pipe2", "stdin")?;
            self.stdin = Some(write);
            Some(read)
        } else {
            None
        };
        // A start that fails may have changed it: the next one makes its own.
        let new_network = self.new_network.take();
        let others_killed = self.oom_kills();
        let staged = self.status.phase != Phase::Creating;
        let mut status = self.status.clone();
        let mut file = None;
        let launched = launch(
            &Launch {
                plan: &self.plan,
                staging: &self.staging,
                staged,
                hierarchies: &self.context.hierarchies,
                cgroup: self.cgroup()?,
                network: self.network.as_ref().map(AsFd::as_fd),
                new_network: new_network.as_ref().map(AsFd::as_fd),
                stdin: stdin.as_ref().map(AsFd::as_fd),
                stdout,
                stderr,
            },
            |pid, child| {
                if !staged {
                    status.sources = self.staging.mount(&self.plan, None, &[])?;
                    report::staged(child, self.staging.copy()?.as_fd())?;
                    status.phase = Phase::Created;
                    status.since_ms = now_ms();
                }
                status.process = Some(Identity {
                    pid,
                    start_time: procfs::start_time(pid).unwrap_or_default(),
                });
                status.starting = true;
                let _ = replace_file(&self.instance.status(), &status.to_bytes());
                if self.logs.file.is_none() {
                    file = Some(open_file(&self.plan)?);
                }
                Ok(())
            },
        );
        self.status = status;
        self.logs.file = self.logs.file.take().or(file);
        let launched = launched?;
        let identity = self.status.process.unwrap_or_default();
        for warning in launched.warnings {
            if !self.status.warnings.contains(&warning) {
                self.status.warnings.push(warning);
            }
        }
        if launched.network.is_some() {
            self.network = launched.network;
        }
        if let Some(master) = launched.terminal {
            self.keep_terminal(master)?;
        }
        self.adopt(Init {
            identity,
            pidfd: launched.pidfd,
            ours: true,
            started: Instant::now(),
            killed: false,
            others_killed,
        })?;
        self.status.starting = false;
        self.status.error = None;
        self.status.stopped_by = None;
        self.status.started_ms = Some(now_ms());
        self.enter(Phase::Running);
        self.tell_start();
        Ok(())
    }

    pub(super) fn tell_start(&self) {
        if let Some(process) = self.status.process {
            let id = self.plan.id.clone();
            self.clients
                .broadcast(&Frame::event(Kind::Started, &Started { id, process }));
        }
    }

    /// From now on this is the instance's init.
    pub(super) fn adopt(&mut self, init: Init) -> Result<(), Failure> {
        self.watch(init.pidfd.as_fd(), token::INIT, EventFlags::IN)?;
        self.status.process = Some(init.identity);
        self.init = Some(init);
        Ok(())
    }

    /// The pidfd is readable: init ended, and with it everything in its pid namespace.
    pub(super) fn init_ended(&mut self) {
        let Some(init) = &self.init else { return };
        let ended = if init.ours {
            match waitid(
                WaitId::PidFd(init.pidfd.as_fd()),
                WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT,
            ) {
                Ok(Some(status)) => (status.exit_status(), status.terminating_signal()),
                _ => return,
            }
        } else {
            // The zygote reaps it and reports; if there is none any more, the kernel may still know.
            match self.wait_for_foreign_end() {
                Some(ended) => ended,
                None => return,
            }
        };
        self.ended(ended.0, ended.1);
    }

    /// Init is gone: what it wrote is in the log, then the exit counts.
    pub(super) fn ended(&mut self, code: Option<i32>, signal: Option<i32>) {
        let Some(init) = self.init.take() else { return };
        let killed =
            signal == Some(libc::SIGKILL) || (self.plan.init && code == Some(128 + libc::SIGKILL));
        let exit = Exit {
            code,
            signal,
            oom: killed && !init.killed && self.oom_kills() > init.others_killed,
            at_ms: now_ms(),
        };
        let ran = init.started.elapsed();
        if init.ours {
            self.unreaped = Some(init.pidfd);
        }
        self.record(exit, u64::try_from(ran.as_millis()).unwrap_or(u64::MAX));
    }

    /// The one place where an exit is recorded and the policy decides.
    pub(super) fn record(&mut self, exit: Exit, ran_ms: u64) {
        self.logs.drain();
        self.stdin = None;
        self.disarm();
        self.status.process = None;
        self.status.exit = Some(exit);
        let verdict = if self.status.stopped_by.is_some() {
            Verdict::Finished
        } else {
            self.plan.restart.after(&exit, self.status.attempts, ran_ms)
        };
        match verdict {
            Verdict::Finished => {
                self.status.stopped_by.get_or_insert(StoppedBy::Itself);
                self.enter(Phase::Exited);
                self.tell_exit(exit);
                self.answer_waiters();
                self.start_for_waiters();
            }
            Verdict::Restart { delay_ms, attempts } => {
                self.wait_for_restart(delay_ms, attempts);
                self.tell_exit(exit);
                self.restart_after(delay_ms, attempts);
            }
        }
    }

    /// After it is on file, so that nobody hears of it twice.
    fn tell_exit(&self, exit: Exit) {
        self.clients.broadcast(&Frame::event(
            Kind::Exited,
            &Exited {
                id: self.plan.id.clone(),
                exit,
            },
        ));
    }

    fn wait_for_restart(&mut self, delay_ms: u64, attempts: u64) {
        self.status.attempts = attempts;
        self.status.next_try_ms = Some(now_ms().saturating_add(delay_ms));
        self.enter(Phase::Backoff);
    }

    fn restart_after(&mut self, delay_ms: u64, attempts: u64) {
        let at_ms = self.status.next_try_ms.unwrap_or_default();
        self.clients.broadcast(&Frame::event(
            Kind::Restarting,
            &Restarting {
                id: self.plan.id.clone(),
                attempts,
                at_ms,
            },
        ));
        if delay_ms == 0 {
            self.restart();
        } else {
            self.arm(Timer::Restart, Duration::from_millis(delay_ms));
        }
    }

    /// A start that fails counts as a run of no length.
    pub(super) fn restart(&mut self) {
        self.status.next_try_ms = None;
        self.status.restarts += 1;
        if self.start().is_ok() {
            return;
        }
        let failed = Exit {
            code: Some(127),
            signal: None,
            oom: false,
            at_ms: now_ms(),
        };
        if let Verdict::Restart { delay_ms, attempts } =
            self.plan
                .restart
                .after(&failed, self.status.attempts.max(1), 0)
        {
            self.wait_for_restart(delay_ms, attempts);
            self.restart_after(delay_ms, attempts);
        }
    }

    /// Stop signal, then `timer_fired` does the rest. `None`: the answer comes when the process has ended.
    pub(super) fn stop(&mut self, client: u32, request: u32, stop: &Stop) -> Option<Stopped> {
        self.status.stopped_by = Some(stop.stopped_by());
        if self.init.is_none() {
            self.disarm();
            self.status.next_try_ms = None;
            if matches!(self.status.phase, Phase::Backoff | Phase::Stopping) {
                self.enter(Phase::Exited);
            } else {
                self.save();
            }
            return Some(Stopped {
                exit: self.status.exit,
            });
        }
        self.waiters.push((client, request));
        // On file first: should this process die after the signal, nobody takes the end for one that the policy restarts.
        self.enter(Phase::Stopping);
        self.ask_to_stop(stop.signal);
        self.arm(Timer::Grace, Duration::from_millis(stop.grace_ms));
        None
    }

    fn ask_to_stop(&mut self, signal: i32) {
        let Some(init) = &mut self.init else { return };
        let _ = init.signal(signal);
        // A stopped process cannot act on its signal.
        let _ = init.signal(libc::SIGCONT);
    }

    /// The stop a predecessor had begun, for what is left of its grace.
    pub(super) fn go_on_stopping(&mut self) {
        self.ask_to_stop(self.plan.stop.signal);
        let over = now_ms().saturating_sub(self.status.since_ms);
        let left = self.plan.stop.grace_ms.saturating_sub(over);
        self.arm(Timer::Grace, Duration::from_millis(left));
    }

    /// A start that came while the process was being stopped.
    fn start_for_waiters(&mut self) {
        let starters = std::mem::take(&mut self.starters);
        if starters.is_empty() {
            return;
        }
        let result = match self.status.removing {
            None => self.start_anew(),
            Some(_) => Err(being_removed()),
        };
        for (client, request) in starters {
            let frame = match &result {
                Ok(()) => Frame::ok(request, &self.created()),
                Err(failure) => Frame::failed(request, failure),
            };
            self.clients.send(client, &frame, &[]);
        }
    }

    /// As somebody asks for it: earlier attempts do not count.
    pub(super) fn start_anew(&mut self) -> Result<(), Failure> {
        self.status.stopped_by = None;
        self.status.attempts = 0;
        self.start()
    }

    pub(super) fn timer_fired(&mut self) {
        let mut expirations = [0; 8];
        let _ = rustix::io::read(&self.timer, &mut expirations);
        match std::mem::replace(&mut self.pending, Timer::None) {
            Timer::None => {}
            Timer::Restart => self.restart(),
            Timer::Grace => {
                self.kill_all();
                self.arm(Timer::Kill, STUCK_AFTER);
            }
            Timer::Kill => self.report_stuck(),
            Timer::Removal => self.go_on_removing(),
        }
    }

    pub(super) fn kill_all(&mut self) {
        self.cgroup_spent = true;
        if let Some(cgroup) = &self.cgroup {
            let _ = cgroup.kill();
        }
        if let Some(init) = &mut self.init {
            let _ = init.signal(libc::SIGKILL);
        }
    }

    pub(super) fn report_stuck(&mut self) {
        let Some(init) = &self.init else { return };
        let pid = init.identity.pid;
        let read = |name: &str| {
            fs::read_to_string(format!("/proc/{pid}/{name}"))
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let message = format!(
            "stop: pid {pid} ({}) is stuck in the kernel ({}); it cannot be killed",
            read("comm"),
            read("wchan")
        );
        let failure = Failure::plain("E_STUCK", "stop", message);
        self.status.error = Some(failure.clone());
        self.save();
        let (waiters, starters) = (
            std::mem::take(&mut self.waiters),
            std::mem::take(&mut self.starters),
        );
        for (client, request) in waiters.into_iter().chain(starters) {
            self.clients
                .send(client, &Frame::failed(request, &failure), &[]);
        }
    }

    fn answer_waiters(&mut self) {
        let answer = Stopped {
            exit: self.status.exit,
        };
        for (client, request) in std::mem::take(&mut self.waiters) {
            self.clients.send(client, &Frame::ok(request, &answer), &[]);
        }
    }

    pub(super) fn exec_ended(&mut self, number: u64) {
        let Some(index) = self.execs.iter().position(|exec| exec.number == number) else {
            return;
        };
        let Ok(Some(status)) = waitid(
            WaitId::PidFd(self.execs[index].pidfd.as_fd()),
            WaitIdOptions::EXITED | WaitIdOptions::NOHANG,
        ) else {
            return;
        };
        let exec = self.execs.swap_remove(index);
        let exit = Exit {
            code: status.exit_status(),
            signal: status.terminating_signal(),
            oom: false,
            at_ms: now_ms(),
        };
        self.clients.send(
            exec.client,
            &Frame::event(Kind::ExecExited, &ExecExited { exec: number, exit }),
            &[],
        );
    }

    pub(super) fn oom_seen(&mut self) {
        let (Some(cgroup), Some(events)) = (&self.cgroup, &self.oom) else {
            // Of a group that is gone, which is told by the same descriptor for ever.
            self.oom = None;
            return;
        };
        if cgroup.acknowledge_oom(events).is_ok_and(|kills| kills > 0) {
            self.spare_init();
            self.clients.broadcast(&Frame::event(
                Kind::Oom,
                &Oom {
                    id: self.plan.id.clone(),
                },
            ));
        }
    }

    pub(super) fn oom_kills(&self) -> u64 {
        self.cgroup
            .as_ref()
            .and_then(|cgroup| cgroup.oom_kills().ok())
            .unwrap_or(0)
    }

    /// The kills counted so far were not that of the program, unless it is being killed now: the kernel counts a kill before it sends the signal, and the look at
    /// the victim waits for both (`task_lock` in `__oom_kill_process`).
    fn spare_init(&mut self) {
        let kills = self.oom_kills();
        let Some(init) = &mut self.init else { return };
        let program = if self.plan.init {
            procfs::first_child(init.identity.pid)
        } else {
            Some(init.identity.pid)
        };
        if program.is_some_and(|pid| !procfs::is_dying(pid)) {
            init.others_killed = kills;
        }
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        self.status.phase = phase;
        self.status.since_ms = now_ms();
        self.save();
        if let Some(ended) = self.unreaped.take() {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            let _ = waitid(WaitId::PidFd(ended.as_fd()), options);
        }
    }

    pub(super) fn arm(&mut self, purpose: Timer, delay: Duration) {
        // A zero value would disarm the timer.
        let delay = delay.max(Duration::from_millis(1));
        let value = Timespec {
            tv_sec: i64::try_from(delay.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(delay.subsec_nanos()),
        };
        let zero = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let _ = timerfd_settime(
            &self.timer,
            TimerfdTimerFlags::empty(),
            &Itimerspec {
                it_interval: zero,
                it_value: value,
            },
        );
        self.pending = purpose;
    }

    pub(super) fn disarm(&mut self) {
        let zero = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let _ = timerfd_settime(
            &self.timer,
            TimerfdTimerFlags::empty(),
            &Itimerspec {
                it_interval: zero,
                it_value: zero,
            },
        );
        self.pending = Timer::None;
    }
}
