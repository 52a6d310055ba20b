//! The network process as the zygote knows it: made on request, replaced when it dies, found again by the next zygote.

use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tsdock_core::channel::{self, Received};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::proto::network::Serving;
use tsdock_core::proto::{Empty, Frame, Kind};
use tsdock_core::sys::process::{CloneFlags, Forked, clone3};
use tsdock_core::sys::signal;
use tsdock_core::wire::Body;

use super::{Child, Zygote, token};
use crate::net;

const STEP: &str = "network";
/// One that dies more often than this within the period is left alone until somebody asks for it.
const MAX_REPLACEMENTS: u32 = 20;
const REPLACEMENT_PERIOD: Duration = Duration::from_secs(60);
/// How long recovering waits for one of an earlier zygote.
const HANDOVER_LIMIT: Duration = Duration::from_secs(2);

pub struct NetworkRecord {
    pub pid: i32,
    /// Outlives each process that serves it, so that a request made meanwhile waits instead of failing.
    listener: OwnedFd,
    /// Of a process that is not our child.
    adopted: Option<OwnedFd>,
    replacements: u32,
    since: Instant,
}

impl Zygote {
    fn network_socket(&self) -> PathBuf {
        self.context.runtime_directory().join("net.sock")
    }

    /// Makes the network process run. `Some` in the child.
    pub fn ensure_network(&mut self) -> Result<Option<Child>, Failure> {
        if self.network.is_some() {
            return Ok(None);
        }
        let path = self.network_socket();
        let listener = channel::listen_at(&path).at(STEP, "bind", path.display().to_string())?;
        self.fork_network(NetworkRecord {
            pid: 0,
            listener,
            adopted: None,
            replacements: 0,
            since: Instant::now(),
        })
    }

    fn fork_network(&mut self, mut record: NetworkRecord) -> Result<Option<Child>, Failure> {
        match clone3(CloneFlags::NONE, None).at(STEP, "clone3", "net")? {
            Forked::Parent { pid, pidfd: _ } => {
                record.pid = pid;
                self.network = Some(record);
                Ok(None)
            }
            Forked::Child => {
                signal::unblock_all();
                Ok(Some(Child::Network(net::Seed {
                    context: self.context.clone(),
                    listener: record.listener,
                })))
            }
        }
    }

    /// It ended: another takes its place if there is something to keep or somebody waits. `Some` in the child.
    pub fn network_ended(&mut self) -> Option<Child> {
        let mut record = self.network.take()?;
        let is_needed = net::state_path(&self.context).exists() || has_waiting(&record.listener);
        if !is_needed {
            let _ = std::fs::remove_file(self.network_socket());
            return None;
        }
        if record.since.elapsed() > REPLACEMENT_PERIOD {
            (record.replacements, record.since) = (0, Instant::now());
        }
        record.replacements += 1;
        if record.replacements > MAX_REPLACEMENTS {
            eprintln!(
                "tsdock-rt: the network process ended {} times; it is not replaced again",
                record.replacements
            );
            let _ = std::fs::remove_file(self.network_socket());
            return None;
        }
        record.adopted = None;
        self.fork_network(record).unwrap_or_else(|failure| {
            eprintln!("tsdock-rt: {failure}");
            None
        })
    }

    /// Takes over what an earlier zygote left: a process that answers is kept, one that is gone with a state file is replaced. `Some` in the child.
    pub fn recover_network(&mut self) -> Option<Child> {
        if let Ok(record) = self.take_network() {
            self.network = Some(record);
            return None;
        }
        if !net::state_path(&self.context).exists() {
            return None;
        }
        self.ensure_network().unwrap_or_else(|failure| {
            eprintln!("tsdock-rt: {failure}");
            None
        })
    }

    fn take_network(&self) -> Result<NetworkRecord, Failure> {
        let socket = channel::connect_to(&self.network_socket()).at(STEP, "connect", "net")?;
        rustix::fs::fcntl_setfl(&socket, OFlags::empty()).at(STEP, "fcntl", "net")?;
        rustix::net::sockopt::set_socket_timeout(
            &socket,
            rustix::net::sockopt::Timeout::Recv,
            Some(HANDOVER_LIMIT),
        )
        .at(STEP, "setsockopt", "net")?;
        let request = Frame::new(Kind::NetworkHandover, 1, Empty {}.to_bytes());
        channel::send(socket.as_fd(), &request, &[]).at(STEP, "sendmsg", "net")?;
        let gone = || Failure::plain("E_PROTOCOL", STEP, "network: no handover");
        let Received::Message(mut message) =
            channel::receive(socket.as_fd()).at(STEP, "recvmsg", "net")?
        else {
            return Err(gone());
        };
        let serving = Serving::from_bytes(&message.frame.body).map_err(|_| gone())?;
        let listener = message.descriptors.pop().ok_or_else(gone)?;
        let known = Pid::from_raw(serving.pid).ok_or_else(gone)?;
        let adopted = pidfd_open(known, PidfdFlags::empty()).at(STEP, "pidfd_open", "net")?;
        self.watch(&adopted, token::ADOPTED_NETWORK)?;
        Ok(NetworkRecord {
            pid: serving.pid,
            listener,
            adopted: Some(adopted),
            replacements: 0,
            since: Instant::now(),
        })
    }
}

/// Somebody connected and was not accepted.
fn has_waiting(listener: &OwnedFd) -> bool {
    let mut sources = [PollFd::new(listener, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut sources, Some(&now)).is_ok_and(|ready| ready > 0)
}
