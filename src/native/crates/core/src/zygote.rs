//! A client's connection to the zygote, which is started when first needed: of the addon and of the OCI command line.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::channel::{self, Received};
use crate::failure::{Context, Failure};
use crate::procfs;
use crate::proto::{Empty, Frame, Kind, Spawn};
use crate::wire::Body;
use rustix::fs::OFlags;
use rustix::net::sockopt::{Timeout, set_socket_timeout};

/// Tries to meet a zygote before that counts as a failure.
const STARTS: usize = 4;
/// A zygote answers within a fork; this is for hosts that swap.
const LIMIT: Duration = Duration::from_secs(20);

pub struct Zygote {
    run: PathBuf,
    prefix: String,
    helper: PathBuf,
    socket: Option<OwnedFd>,
}

impl Zygote {
    pub fn new(run: PathBuf, prefix: String, helper: PathBuf) -> Self {
        Self {
            run,
            prefix,
            helper,
            socket: None,
        }
    }

    /// Makes a supervisor for `id`: of a new instance with `plan`, of one that lost its own without. `start`: a `Create` that starts follows, and need not be waited
    /// for. Repeatable.
    pub fn spawn(&mut self, id: &str, plan: Option<&OwnedFd>, start: bool) -> Result<(), Failure> {
        let spawn = Spawn {
            id: id.into(),
            start,
        };
        let frame = Frame::new(Kind::Spawn, 1, spawn.to_bytes());
        self.ask_again(&frame, plan)
    }

    /// Makes the network process run. Repeatable. The connection is not kept: a zygote that has nothing else to do may leave.
    pub fn start_network(&mut self) -> Result<(), Failure> {
        let frame = Frame::new(Kind::Network, 1, Empty {}.to_bytes());
        let result = self.ask_again(&frame, None);
        self.socket = None;
        result
    }

    /// A zygote with nothing to do leaves; the message may have met its end.
    fn ask_again(&mut self, frame: &Frame, plan: Option<&OwnedFd>) -> Result<(), Failure> {
        match self.ask(frame, plan) {
            Err(failure)
                if matches!(
                    failure.code.as_str(),
                    "E_ZYGOTE_GONE" | "EPIPE" | "ECONNRESET" | "ENOTCONN"
                ) =>
            {
                self.socket = None;
                self.ask(frame, plan)
            }
            other => other,
        }
    }

    /// Joins one that answers now; starts nothing.
    pub fn join(&mut self) {
        self.socket = self.connect().ok();
    }

    /// The connection, to be watched for its end.
    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(AsFd::as_fd)
    }

    /// After the end of the connection: another zygote takes over what the dead one kept, if there is any instance or network.
    pub fn replace(&mut self) -> Result<(), Failure> {
        self.socket = None;
        let populated = std::fs::read_dir(self.run.join("containers"))
            .is_ok_and(|mut entries| entries.next().is_some());
        if populated || self.run.join("rt/net.state").exists() {
            self.socket = Some(self.connect_or_start()?);
        }
        Ok(())
    }

    fn ask(&mut self, frame: &Frame, plan: Option<&OwnedFd>) -> Result<(), Failure> {
        const STEP: &str = "zygote";
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => self.connect_or_start()?,
        };
        let descriptors: Vec<_> = plan.iter().map(|plan| plan.as_fd()).collect();
        channel::send(socket.as_fd(), frame, &descriptors).at(STEP, "sendmsg", "")?;
        let received = channel::receive(socket.as_fd()).at(STEP, "recvmsg", "")?;
        let Received::Message(message) = received else {
            return Err(Failure::plain("E_ZYGOTE_GONE", STEP, "zygote: it hung up"));
        };
        self.socket = Some(socket);
        match message.frame.kind {
            Kind::Failed => Err(Failure::from_bytes(&message.frame.body).unwrap_or_default()),
            _ => Ok(()),
        }
    }

    fn connect(&self) -> std::io::Result<OwnedFd> {
        let socket = channel::connect_to(&self.run.join("rt/zygote.sock"))?;
        rustix::fs::fcntl_setfl(&socket, OFlags::empty())?;
        set_socket_timeout(&socket, Timeout::Recv, Some(LIMIT))?;
        Ok(socket)
    }

    fn connect_or_start(&self) -> Result<OwnedFd, Failure> {
        // One that has nothing to do may leave between its start, or its answer to somebody else's, and our connection.
        for _ in 0..STARTS {
            if let Ok(socket) = self.connect() {
                return Ok(socket);
            }
            self.start()?;
        }
        self.connect().at(
            "zygote",
            "connect",
            self.run.join("rt/zygote.sock").display().to_string(),
        )
    }

    /// Links, cgroups and the table are called by the prefix: two engines that share it would undo each other's work without end.
    fn refuse_taken_prefix(&self) -> Result<(), Failure> {
        match procfs::engine_of(&self.prefix) {
            Some((pid, run)) if Path::new(&run) != self.run => Err(Failure::plain(
                "E_PREFIX_TAKEN",
                "zygote.start",
                format!(
                    "prefix {} is in use by the engine with run directory {run} (pid {pid}); each engine needs a spec.prefix of its own (EngineConfig)",
                    self.prefix
                ),
            )),
            _ => Ok(()),
        }
    }

    /// `posix_spawn` of the helper, which leaves a zygote behind and ends; one byte on its stdin means that the zygote listens.
    fn start(&self) -> Result<(), Failure> {
        const STEP: &str = "zygote.start";
        self.refuse_taken_prefix()?;
        let helper = self.helper.display().to_string();
        let (ours, theirs) = channel::pair().at(STEP, "socketpair", "")?;
        let mut child = Command::new(&self.helper)
            .args(["zygote", "--run-dir"])
            .arg(&self.run)
            .args(["--prefix", &self.prefix])
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .at(STEP, "posix_spawn", &helper)?;
        let status = child.wait().at(STEP, "waitpid", &helper)?;
        set_socket_timeout(&ours, Timeout::Recv, Some(LIMIT)).at(STEP, "setsockopt", "")?;
        let mut byte = [0; 1];
        match rustix::io::read(&ours, &mut byte).at(STEP, "read", "ready")? {
            1 => Ok(()),
            _ => Err(Failure::plain(
                "E_ZYGOTE_START",
                STEP,
                format!(
                    "{STEP}: {helper} ended with {status}; see {}",
                    self.run.join("rt/zygote.log").display()
                ),
            )),
        }
    }
}
