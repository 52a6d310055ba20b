//! Requests to zygote and supervisors, one at a time.

use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use tsdock_core::channel::{self, Received};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::procfs;
use tsdock_core::proto::{Empty, Frame, Kind};
use tsdock_core::status::{Identity, Phase, Status};
use tsdock_core::wire::Body;
use tsdock_core::zygote::Zygote;

use crate::context::Instance;

const STEP: &str = "request";
/// A start or a removal may take its time.
const LIMIT: Duration = Duration::from_secs(90);
/// The only one on its connection; events have 0.
const REQUEST: u32 = 1;

pub struct Supervisors {
    root: PathBuf,
    zygote: Zygote,
}

impl Supervisors {
    /// `root`: absolute run directory. Starts nothing yet.
    pub fn new(root: PathBuf, prefix: String) -> Self {
        Self {
            zygote: Zygote::new(root.clone(), prefix, "/proc/self/exe".into()),
            root,
        }
    }

    pub fn exists(&self, id: &str) -> bool {
        self.instance(id).plan().exists()
    }

    /// Makes the supervisor of a new instance. EEXIST: there is another one of this id.
    pub fn spawn(&mut self, id: &str, plan: &[u8]) -> Result<(), Failure> {
        let sealed = channel::seal(plan).at("plan", "memfd_create", id)?;
        self.zygote.spawn(id, Some(&sealed), false)
    }

    /// A request without content in its answer. A supervisor that is gone is put back first.
    pub fn ask<B: Body>(&mut self, id: &str, kind: Kind, body: &B) -> Result<(), Failure> {
        let socket = if let Ok(socket) = self.connect(id) {
            socket
        } else {
            self.zygote.spawn(id, None, false)?;
            self.connect(id).at(STEP, "connect", id)?
        };
        exchange(&socket, kind, body.to_bytes()).map(drop)
    }

    /// From the supervisor, or from its last words and the kernel if it does not answer. `None`: no such instance.
    pub fn status(&self, id: &str) -> Result<Option<Status>, Failure> {
        if !self.exists(id) {
            return Ok(None);
        }
        let malformed =
            |error| Failure::plain("E_PROTOCOL", STEP, format!("{STEP}: status: {error}"));
        if let Ok(socket) = self.connect(id) {
            let bytes = exchange(&socket, Kind::Status, Empty {}.to_bytes())?;
            return Status::from_bytes(&bytes).map(Some).map_err(malformed);
        }
        let path = self.instance(id).status();
        let bytes = std::fs::read(&path).at(STEP, "read", path.display().to_string())?;
        Status::from_bytes(&bytes)
            .map(|status| Some(checked(status)))
            .map_err(malformed)
    }

    fn instance(&self, id: &str) -> Instance {
        Instance {
            directory: self.root.join("containers").join(id),
        }
    }

    fn connect(&self, id: &str) -> std::io::Result<OwnedFd> {
        let socket = channel::connect_to(&self.instance(id).socket())?;
        rustix::fs::fcntl_setfl(&socket, OFlags::empty())?;
        set_socket_timeout(&socket, Timeout::Recv, Some(LIMIT))?;
        Ok(socket)
    }
}

/// Processes of a stored status that are gone are no longer named.
fn checked(mut status: Status) -> Status {
    let alive = |identity: &Identity| {
        status.boot_id == procfs::boot_id()
            && procfs::start_time(identity.pid) == Some(identity.start_time)
    };
    let (process, supervisor) = (
        status.process.filter(alive),
        status.supervisor.filter(alive),
    );
    if status.process.is_some() && process.is_none() {
        status.phase = Phase::Exited;
    }
    (status.process, status.supervisor) = (process, supervisor);
    status
}

/// Body of the answer; events in between are passed over.
fn exchange(socket: &OwnedFd, kind: Kind, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
    channel::send(socket.as_fd(), &Frame::new(kind, REQUEST, body), &[]).at(
        STEP,
        "sendmsg",
        format!("{kind:?}"),
    )?;
    loop {
        match channel::receive(socket.as_fd()).at(STEP, "recvmsg", format!("{kind:?}"))? {
            Received::Message(message) if message.frame.request != REQUEST => {}
            Received::Message(message) if message.frame.kind == Kind::Failed => {
                return Err(Failure::from_bytes(&message.frame.body).unwrap_or_default());
            }
            Received::Message(message) => return Ok(message.frame.body),
            Received::Unknown { .. } => {}
            Received::Closed => {
                return Err(Failure::plain(
                    "E_SUPERVISOR_LOST",
                    STEP,
                    format!("{STEP}: the supervisor ended"),
                ));
            }
        }
    }
}
