//! What clients ask a supervisor for.

use std::os::fd::{AsFd, OwnedFd};

use rustix::event::epoll::EventFlags;
use tsdock_core::channel::Message;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::procfs;
use tsdock_core::proto::{
    Create, Created, Empty, Exec, ExecSignal, Executed, Frame, Kind, Remove, Signal, Stop, Update,
};
use tsdock_core::status::{Phase, Removal};
use tsdock_core::sys::pidfd;
use tsdock_core::wire::Body;

use super::life::being_removed;
use super::{Running, Supervisor, token};
use crate::context::replace_file;
use crate::exec;

/// An answer with its descriptors, or none yet.
type Answer = Option<(Frame, Vec<OwnedFd>)>;

impl Supervisor {
    pub(super) fn handle(&mut self, client: u32, message: Message) -> Result<Answer, Failure> {
        let Message { frame, descriptors } = message;
        let request = frame.request;
        let body = frame.body.as_slice();
        if self.status.removing.is_some()
            && matches!(
                frame.kind,
                Kind::Create | Kind::Start | Kind::Exec | Kind::Update
            )
        {
            return Err(being_removed());
        }
        match frame.kind {
            Kind::Hello => answer(request, &Empty {}),
            Kind::Create => self.on_create(request, &read::<Create>(body)?),
            Kind::Start => {
                if self.status.phase == Phase::Stopping && self.init.is_some() {
                    self.starters.push((client, request));
                    return Ok(None);
                }
                self.create()?;
                self.start_anew()?;
                answer(request, &self.created())
            }
            Kind::Signal => {
                self.signal(&read(body)?)?;
                answer(request, &Empty {})
            }
            Kind::Stop => {
                let stop: Stop = read(body)?;
                match self.stop(client, request, &stop) {
                    Some(stopped) => answer(request, &stopped),
                    None => Ok(None),
                }
            }
            Kind::Exec => self.on_exec(client, request, &read(body)?, &descriptors),
            Kind::ExecSignal => {
                let wanted: ExecSignal = read(body)?;
                let exec = self
                    .execs
                    .iter()
                    .find(|exec| exec.number == wanted.exec)
                    .ok_or_else(not_running)?;
                if wanted.signal == libc::SIGKILL {
                    self.kill_started_by(exec)?;
                }
                pidfd::send_signal(exec.pidfd.as_fd(), wanted.signal).at(
                    "exec.signal",
                    "pidfd_send_signal",
                    wanted.signal.to_string(),
                )?;
                answer(request, &Empty {})
            }
            Kind::Update => self.on_update(request, &read(body)?),
            Kind::Stats => answer(
                request,
                &self.cgroup()?.stats().at("stats", "read", &self.plan.id)?,
            ),
            Kind::Status => answer(request, &self.status),
            Kind::Remove => {
                let remove: Remove = read(body)?;
                let removal = if remove.logs {
                    Removal::WithLogs
                } else {
                    Removal::KeepLogs
                };
                if let Err(failure) = self.remove(removal) {
                    self.remove_later(failure.clone());
                    return Err(failure);
                }
                self.finished = true;
                answer(request, &Empty {})
            }
            Kind::Handover => self.hand_over(request),
            _ => Err(Failure::plain(
                "E_UNKNOWN_REQUEST",
                "protocol",
                "protocol: not a request to a supervisor",
            )),
        }
    }

    /// A creation that fails leaves nothing behind, the supervisor included.
    fn on_create(&mut self, request: u32, create: &Create) -> Result<Answer, Failure> {
        let result = match self.unasked.take() {
            Some(Err(failure)) if matches!(self.status.phase, Phase::Creating | Phase::Broken) => {
                Err(failure)
            }
            Some(Ok(())) => {
                self.tell_start();
                Ok(())
            }
            _ => self.make(create),
        };
        if let Err(failure) = result {
            if self.status.phase == Phase::Creating {
                let _ = self.remove(Removal::KeepLogs);
                self.finished = true;
            }
            return Err(failure);
        }
        answer(request, &self.created())
    }

    fn make(&mut self, create: &Create) -> Result<(), Failure> {
        match self.status.phase {
            Phase::Creating if create.start => self.create_started(),
            Phase::Creating => self.create(),
            Phase::Created if create.start => self.start(),
            _ => Ok(()),
        }
    }

    /// While whoever wants the instance is still on the way here. A failure waits for them, with whatever it has left: only their `Create` gives it up.
    pub(super) fn start_unasked(&mut self) {
        self.unasked = Some(self.create_started());
        // So that they hear of an end that comes before their question.
        self.accept();
    }

    pub(super) fn created(&self) -> Created {
        Created {
            supervisor: self.status.supervisor.unwrap_or_default(),
            process: self.status.process,
            warnings: self.status.warnings.clone(),
        }
    }

    fn signal(&mut self, wanted: &Signal) -> Result<(), Failure> {
        if wanted.only.is_some() && wanted.only != self.status.process {
            return Ok(());
        }
        let init = self.init.as_mut().ok_or_else(not_running)?;
        if !wanted.all {
            return init.signal(wanted.signal).at(
                "signal",
                "pidfd_send_signal",
                wanted.signal.to_string(),
            );
        }
        if wanted.signal == libc::SIGKILL {
            self.kill_all();
            return Ok(());
        }
        self.signal_all(wanted.signal)
    }

    /// A pid is opened first and must still be in the group afterwards, so a reused number is never signalled.
    fn signal_all(&self, signal: i32) -> Result<(), Failure> {
        let cgroup = self.cgroup()?;
        for pid in cgroup.pids().at("signal", "read", "cgroup.procs")? {
            let Some(known) = rustix::process::Pid::from_raw(pid) else {
                continue;
            };
            let Ok(opened) =
                rustix::process::pidfd_open(known, rustix::process::PidfdFlags::empty())
            else {
                continue;
            };
            if cgroup
                .pids()
                .at("signal", "read", "cgroup.procs")?
                .contains(&pid)
            {
                let _ = pidfd::send_signal(opened.as_fd(), signal);
            }
        }
        Ok(())
    }

    /// Kills all that an exec has started and that still belongs to it: whoever is in its session, which it leads, or descends from one that is. A program that had left
    /// the session and whose parent has ended is not found. The leader is not reaped before, so its number is nobody else's; it is the caller's to kill, last.
    fn kill_started_by(&self, exec: &Running) -> Result<(), Failure> {
        /// One that forks while it is being killed is found again; a fork bomb ends with its container.
        const ROUNDS: usize = 16;
        let cgroup = self.cgroup()?;
        for _ in 0..ROUNDS {
            let pids = cgroup.pids().at("exec.signal", "read", "cgroup.procs")?;
            let found = started_by(exec.pid, &pids);
            for &pid in &found {
                let Some(known) = rustix::process::Pid::from_raw(pid) else {
                    continue;
                };
                let opened =
                    rustix::process::pidfd_open(known, rustix::process::PidfdFlags::empty());
                // Asked again with the descriptor in hand: a reused number is never signalled.
                if let Ok(opened) = opened
                    && started_by(exec.pid, &pids).contains(&pid)
                {
                    let _ = pidfd::send_signal(opened.as_fd(), libc::SIGKILL);
                }
            }
            if found.iter().all(|&pid| procfs::is_dying(pid)) {
                break;
            }
        }
        Ok(())
    }

    fn on_exec(
        &mut self,
        client: u32,
        request: u32,
        wanted: &Exec,
        stdio: &[OwnedFd],
    ) -> Result<Answer, Failure> {
        let init = self.init.as_ref().ok_or_else(not_running)?;
        let started = exec::start(
            &self.plan,
            wanted,
            init.pidfd.as_fd(),
            self.cgroup()?,
            stdio,
        )?;
        let number = self.next_exec;
        self.next_exec += 1;
        self.watch(started.pidfd.as_fd(), token::EXEC | number, EventFlags::IN)?;
        self.execs.push(Running {
            number,
            pid: started.pid,
            pidfd: started.pidfd,
            client,
        });
        let frame = Frame::ok(
            request,
            &Executed {
                exec: number,
                pid: started.pid,
            },
        );
        Ok(Some((frame, started.terminal.into_iter().collect())))
    }

    fn on_update(&mut self, request: u32, update: &Update) -> Result<Answer, Failure> {
        if let Some(limits) = &update.limits {
            self.cgroup()?
                .limit(limits)
                .at("cgroup.limit", "write", &self.plan.id)?;
            self.plan.limits = limits.clone();
        }
        self.plan.restart = update.restart.unwrap_or(self.plan.restart);
        self.plan.stop = update.stop.unwrap_or(self.plan.stop);
        // The stored plan stays that of `create`, which a repeated create is compared with; the rest is beside it.
        let _ = replace_file(&self.instance.update(), &self.current_update().to_bytes());
        answer(request, &Empty {})
    }

    fn current_update(&self) -> Update {
        Update {
            limits: Some(self.plan.limits.clone()),
            restart: Some(self.plan.restart),
            stop: Some(self.plan.stop),
        }
    }

    /// Copies of what the zygote keeps, for a new zygote.
    fn hand_over(&self, request: u32) -> Result<Answer, Failure> {
        let copy = |descriptor: std::os::fd::BorrowedFd<'_>| {
            descriptor.try_clone_to_owned().at("handover", "dup", "")
        };
        let mut descriptors = vec![
            copy(self.logs.stdout())?,
            copy(self.logs.stderr())?,
            copy(self.clients.listener())?,
        ];
        if let Some(terminal) = &self.logs.terminal {
            descriptors.push(copy(terminal.as_fd())?);
        }
        Ok(Some((Frame::ok(request, &self.created()), descriptors)))
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "each arm of `handle` ends with it"
)]
fn answer<B: Body>(request: u32, body: &B) -> Result<Answer, Failure> {
    Ok(Some((Frame::ok(request, body), Vec::new())))
}

fn read<B: Body>(body: &[u8]) -> Result<B, Failure> {
    B::from_bytes(body)
        .map_err(|error| Failure::plain("E_PROTOCOL", "protocol", format!("protocol: {error}")))
}

fn not_running() -> Failure {
    Failure::plain("E_NOT_RUNNING", "state", "state: no such process runs")
}

/// Those of `pids` that are in the session of `leader` or descend from one that is; `leader` itself is not among them.
fn started_by(leader: i32, pids: &[i32]) -> Vec<i32> {
    let facts: Vec<_> = pids
        .iter()
        .filter_map(|&pid| Some((pid, procfs::parent_and_session(pid)?)))
        .collect();
    let mut found = Vec::new();
    loop {
        let before = found.len();
        for &(pid, (parent, session)) in &facts {
            let belongs = session == leader || parent == leader || found.contains(&parent);
            if belongs && pid != leader && !found.contains(&pid) {
                found.push(pid);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}
