//! Instances as the zygote knows them, and the supervisors it forks for them.

use std::fs;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::fs::OFlags;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tsdock_core::channel::{self, Received};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::proto::{Created, Empty, Frame, Kind, Spawn};
use tsdock_core::sys::process::{CloneFlags, Forked, clone3};
use tsdock_core::sys::signal;
use tsdock_core::wire::Body;

use super::spare::Parts;
use super::{Child, Zygote, token};
use crate::context::replace_file;
use crate::sup::{Replaced, Seed};

/// A supervisor that dies more often than this within the period is not replaced again: the instance runs unsupervised until the next request for it.
const MAX_REPLACEMENTS: u32 = 5;
const REPLACEMENT_PERIOD: Duration = Duration::from_secs(60);

/// How long recovering waits for one supervisor of an earlier zygote.
const HANDOVER_LIMIT: Duration = Duration::from_secs(2);

/// The descriptors that keep an instance's pipes and socket alive whatever happens to its supervisor.
pub struct Record {
    pub id: String,
    pub supervisor: i32,
    stdout: OwnedFd,
    stderr: OwnedFd,
    listener: OwnedFd,
    pub terminal: Option<OwnedFd>,
    /// To a replaced supervisor.
    pub guard: Option<OwnedFd>,
    /// Of a supervisor that is not our child.
    adopted: Option<OwnedFd>,
    replacements: u32,
    since: Instant,
}

/// What a forked supervisor is to its instance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    First { start: bool },
    Replacement,
}

pub fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
}

impl Zygote {
    /// Files, pipes and socket of a new instance, and its supervisor. `Some` in the child.
    pub fn spawn(
        &mut self,
        spawn: &Spawn,
        plan: Vec<u8>,
        sealed: Option<&OwnedFd>,
    ) -> Result<Option<Child>, Failure> {
        const STEP: &str = "spawn";
        let id = spawn.id.as_str();
        let instance = self.context.instance(id);
        fs::create_dir(&instance.directory).at(
            STEP,
            "mkdir",
            instance.directory.display().to_string(),
        )?;
        replace_file(&instance.plan(), &plan).at(STEP, "write", "plan")?;
        let mut record = self.new_record(id)?;
        self.lay_in_spare = true;
        if let Some(plan) = sealed
            && let Some(pid) = self.hand_to_spare(&Parts {
                spawn,
                plan,
                listener: &record.listener,
                stdout: &record.stdout,
                stderr: &record.stderr,
            })
        {
            record.supervisor = pid;
            self.records.push(record);
            return Ok(None);
        }
        self.fork(record, plan, Role::First { start: spawn.start })
    }

    fn new_record(&self, id: &str) -> Result<Record, Failure> {
        const STEP: &str = "spawn";
        let path = self.context.instance(id).socket();
        let listener = channel::listen_at(&path).at(STEP, "bind", path.display().to_string())?;
        let (stdout, stderr) = (read_end()?, read_end()?);
        Ok(Record {
            id: id.into(),
            supervisor: 0,
            stdout,
            stderr,
            listener,
            terminal: None,
            guard: None,
            adopted: None,
            replacements: 0,
            since: Instant::now(),
        })
    }

    /// Forks the supervisor of `record`. `Some` in the child, which gives up everything that is the zygote's.
    fn fork(
        &mut self,
        mut record: Record,
        plan: Vec<u8>,
        role: Role,
    ) -> Result<Option<Child>, Failure> {
        let guards = match role {
            Role::First { .. } => None,
            Role::Replacement => Some(channel::pair().at("spawn", "socketpair", "guard")?),
        };
        match clone3(CloneFlags::NONE, None).at("spawn", "clone3", &record.id)? {
            Forked::Parent { pid, pidfd: _ } => {
                record.supervisor = pid;
                record.guard = guards.map(|(ours, _)| ours);
                if let Some(guard) = &record.guard {
                    let _ = rustix::fs::fcntl_setfl(guard, OFlags::NONBLOCK);
                }
                self.records.push(record);
                Ok(None)
            }
            Forked::Child => {
                signal::unblock_all();
                let replaced = guards.map(|(_, guard)| Replaced {
                    guard,
                    orphans: std::mem::take(&mut self.orphans),
                    terminal: record.terminal,
                });
                Ok(Some(Child::Supervisor(Box::new(Seed {
                    context: self.context.clone(),
                    id: record.id,
                    plan,
                    start: role == Role::First { start: true },
                    listener: record.listener,
                    stdout: record.stdout,
                    stderr: record.stderr,
                    network: None,
                    replaced,
                }))))
            }
        }
    }

    /// A supervisor ended: with success when it had removed its instance, else another takes its place.
    pub fn supervisor_ended(&mut self, pid: i32, clean: bool) -> Option<Child> {
        let index = self
            .records
            .iter()
            .position(|record| record.supervisor == pid)?;
        let record = self.records.swap_remove(index);
        if clean || self.forget_planless(&record.id) {
            return None;
        }
        self.replace(record)
    }

    /// Whether an instance is none: its plan is written before anything is made of it and goes after everything. What else is there of it goes too.
    fn forget_planless(&self, id: &str) -> bool {
        let instance = self.context.instance(id);
        let gone = !instance.plan().exists();
        if gone {
            let _ = fs::remove_dir_all(&instance.directory);
        }
        gone
    }

    fn replace(&mut self, mut record: Record) -> Option<Child> {
        if record.since.elapsed() > REPLACEMENT_PERIOD {
            (record.replacements, record.since) = (0, Instant::now());
        }
        record.replacements += 1;
        if record.replacements > MAX_REPLACEMENTS {
            eprintln!(
                "tsdock-rt: the supervisor of {} ended {} times; it is not replaced again",
                record.id, record.replacements
            );
            return None;
        }
        let plan = fs::read(self.context.instance(&record.id).plan()).ok()?;
        (record.guard, record.adopted) = (None, None);
        self.fork(record, plan, Role::Replacement)
            .unwrap_or_else(|failure| {
                eprintln!("tsdock-rt: {failure}");
                None
            })
    }

    pub fn adopted_ended(&mut self, pid: i32) -> Option<Child> {
        self.supervisor_ended(pid, false)
    }

    /// Takes over what an earlier zygote left: supervisors that answer hand their descriptors over, the others are replaced.
    pub fn recover(&mut self) -> Option<Child> {
        let Ok(entries) = fs::read_dir(self.context.instances()) else {
            return None;
        };
        for entry in entries.flatten() {
            let id = entry.file_name().to_string_lossy().into_owned();
            let Some(child) = self.revive(&id) else {
                continue;
            };
            return Some(child);
        }
        self.recover_network()
    }

    /// One instance of the run directory that has no record.
    pub fn revive(&mut self, id: &str) -> Option<Child> {
        if self.forget_planless(id) {
            return None;
        }
        match self.take_handover(id) {
            Ok(record) => {
                self.records.push(record);
                None
            }
            Err(_) => match self.new_record(id) {
                Ok(record) => self.replace(record),
                Err(failure) => {
                    eprintln!("tsdock-rt: {failure}");
                    None
                }
            },
        }
    }

    fn take_handover(&self, id: &str) -> Result<Record, Failure> {
        const STEP: &str = "handover";
        let socket =
            channel::connect_to(&self.context.instance(id).socket()).at(STEP, "connect", id)?;
        rustix::fs::fcntl_setfl(&socket, OFlags::empty()).at(STEP, "fcntl", id)?;
        rustix::net::sockopt::set_socket_timeout(
            &socket,
            rustix::net::sockopt::Timeout::Recv,
            Some(HANDOVER_LIMIT),
        )
        .at(STEP, "setsockopt", id)?;
        channel::send(
            socket.as_fd(),
            &Frame::new(Kind::Handover, 1, Empty {}.to_bytes()),
            &[],
        )
        .at(STEP, "sendmsg", id)?;
        let Received::Message(message) =
            channel::receive(socket.as_fd()).at(STEP, "recvmsg", id)?
        else {
            return Err(Failure::plain(
                "E_PROTOCOL",
                STEP,
                "handover: the supervisor hung up",
            ));
        };
        let created = Created::from_bytes(&message.frame.body).unwrap_or_default();
        let mut descriptors = message.descriptors.into_iter();
        let (Some(stdout), Some(stderr), Some(listener)) =
            (descriptors.next(), descriptors.next(), descriptors.next())
        else {
            return Err(Failure::plain(
                "E_PROTOCOL",
                STEP,
                "handover: descriptors are missing",
            ));
        };
        let pid = created.supervisor.pid;
        let known = Pid::from_raw(pid)
            .ok_or_else(|| Failure::plain("E_PROTOCOL", STEP, "handover: no pid"))?;
        let adopted = pidfd_open(known, PidfdFlags::empty()).at(STEP, "pidfd_open", id)?;
        self.watch(&adopted, token::ADOPTED | u64::from(pid.unsigned_abs()))?;
        Ok(Record {
            id: id.into(),
            supervisor: pid,
            stdout,
            stderr,
            listener,
            terminal: descriptors.next(),
            guard: None,
            adopted: Some(adopted),
            replacements: 0,
            since: Instant::now(),
        })
    }
}

/// A pipe that outlives each process that writes to it. Only the read end is kept: write ends are opened from it.
fn read_end() -> Result<OwnedFd, Failure> {
    let (read, write) =
        pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).at("spawn", "pipe2", "")?;
    debug_assert!(write.as_raw_fd() > 2, "0 to 2 are taken");
    Ok(read)
}
