//! A supervisor made ahead: forked while nothing else is to be done, it waits for the instance it is for. What it saves is on the way of every start after rest: the fork, the
//! first turn of a new process on a busy CPU, the page faults of its first steps, and the making of a network namespace.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use tsdock_core::channel::{self, Received};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::plan::MAX_PLAN_BYTES;
use tsdock_core::proto::{Frame, Kind, Spawn};
use tsdock_core::sys::process::{self, CloneFlags, Forked, clone3};
use tsdock_core::sys::signal;
use tsdock_core::wire::Body;

use super::{Child, Zygote};
use crate::context::Context;
use crate::sup::{self, Seed};

const STEP: &str = "spare";
/// Nothing was asked for this long: a fork is in nobody's way.
pub const REST: Duration = Duration::from_millis(100);

/// The waiting process, as the zygote knows it. It ends when the socket closes.
pub struct Spare {
    pub pid: i32,
    socket: OwnedFd,
}

/// What the waiting process has.
pub struct Seat {
    pub context: Context,
    socket: OwnedFd,
}

/// What a supervisor of a new instance is given. The plan is sealed.
pub struct Parts<'a> {
    pub spawn: &'a Spawn,
    pub plan: &'a OwnedFd,
    pub listener: &'a OwnedFd,
    pub stdout: &'a OwnedFd,
    pub stderr: &'a OwnedFd,
}

impl Zygote {
    /// Forks a spare one if there is none. `Some` in the child. Without one the next instance gets a fork of its own.
    pub fn lay_in(&mut self) -> Option<Child> {
        self.lay_in_spare = false;
        if self.spare.is_some() {
            return None;
        }
        self.fork_spare().unwrap_or_else(|failure| {
            eprintln!("tsdock-rt: {failure}");
            None
        })
    }

    fn fork_spare(&mut self) -> Result<Option<Child>, Failure> {
        let (ours, theirs) = channel::pair().at(STEP, "socketpair", "")?;
        match clone3(CloneFlags::NONE, None).at(STEP, "clone3", "")? {
            Forked::Parent { pid, pidfd: _ } => {
                self.spare = Some(Spare { pid, socket: ours });
                Ok(None)
            }
            Forked::Child => {
                signal::unblock_all();
                Ok(Some(Child::Spare(Seat {
                    context: self.context.clone(),
                    socket: theirs,
                })))
            }
        }
    }

    /// Ends it and waits for that: a group with a process in it cannot be removed. Not reaped before, its number is nobody else's.
    pub fn dismiss_spare(&mut self) {
        let Some(pid) = self.spare.take().and_then(|spare| Pid::from_raw(spare.pid)) else {
            return;
        };
        let _ = kill_process(pid, Signal::KILL);
        let _ = waitpid(Some(pid), WaitOptions::empty());
    }

    /// Gives an instance to the spare process and returns its pid; `None`: there is none, or it has ended.
    pub fn hand_to_spare(&mut self, parts: &Parts<'_>) -> Option<i32> {
        let Spare { pid, socket } = self.spare.take()?;
        let descriptors = [parts.plan, parts.listener, parts.stdout, parts.stderr].map(AsFd::as_fd);
        let frame = Frame::new(Kind::Spawn, 0, parts.spawn.to_bytes());
        channel::send(socket.as_fd(), &frame, &descriptors)
            .is_ok()
            .then_some(pid)
    }
}

/// Waits for an instance and supervises it to its end; ends at once when the zygote is gone.
pub fn run(seat: Seat) -> Result<(), Failure> {
    let _ = rustix::thread::set_name(c"tsdock-spare");
    let Seat { context, socket } = seat;
    let network = network_namespace();
    let Received::Message(message) = channel::receive(socket.as_fd()).at(STEP, "recvmsg", "")?
    else {
        // The zygote is gone, or an instance cannot be read: not success, which would say that it was removed.
        std::process::exit(1)
    };
    drop(socket);
    let spawn = Spawn::from_bytes(&message.frame.body)
        .map_err(|error| Failure::plain("E_PROTOCOL", STEP, format!("spare: {error}")))?;
    let Ok([plan, listener, stdout, stderr]) = <[OwnedFd; 4]>::try_from(message.descriptors) else {
        return Err(Failure::plain(
            "E_PROTOCOL",
            STEP,
            "spare: descriptors are missing",
        ));
    };
    sup::run(Seed {
        context,
        id: spawn.id,
        plan: channel::read_sealed(plan.as_fd(), MAX_PLAN_BYTES).at(STEP, "read", "plan")?,
        start: spawn.start,
        listener,
        stdout,
        stderr,
        network: network.ok(),
        replaced: None,
    })
}

/// A new one; this process stays in its own. One that cannot be made is made by the start, which reports why.
fn network_namespace() -> Result<OwnedFd, Failure> {
    let open = || {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        openat(CWD, "/proc/self/ns/net", flags, Mode::empty()).at(STEP, "open", "/proc/self/ns/net")
    };
    let own = open()?;
    process::unshare(UnshareFlags::NEWNET).at(STEP, "unshare", "net")?;
    let made = open();
    // A supervisor makes links from the network of the host: it must not stay elsewhere.
    move_into_link_name_space(own.as_fd(), Some(LinkNameSpaceType::Network))
        .at(STEP, "setns", "net")
        .unwrap_or_else(|failure| {
            eprintln!("tsdock-rt: {failure}");
            std::process::exit(1)
        });
    made
}
