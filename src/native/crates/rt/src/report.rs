//! The channel between a supervisor and the child that becomes the container's process. End of file means that the program runs.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tsdock_core::channel::{self, Received};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::proto::{Empty, Frame, Kind, Warning};
use tsdock_core::wire::Body;

/// A start that takes longer has hung (a dead network filesystem below a bind source).
const LIMIT: Duration = Duration::from_secs(60);

const CHILD_GONE: &str = "E_CHILD_GONE";

/// The child's end. Sending cannot fail usefully: if the supervisor is gone, nobody listens.
pub struct Reporter {
    socket: OwnedFd,
}

impl Reporter {
    pub fn new(socket: OwnedFd) -> Self {
        Self { socket }
    }

    pub fn warning(&self, text: String) {
        self.send(&Frame::event(Kind::Warning, &Warning { text }), &[]);
    }

    pub fn terminal(&self, master: BorrowedFd<'_>) {
        self.send(&Frame::event(Kind::Terminal, &Empty {}), &[master]);
    }

    /// Last word before `execve`.
    pub fn executing(&self) {
        self.send(&Frame::event(Kind::Executing, &Empty {}), &[]);
    }

    pub fn failed(&self, failure: &Failure) {
        self.send(&Frame::event(Kind::Failed, failure), &[]);
    }

    /// Waits until the supervisor has done its part; false when it is gone.
    pub fn wait_for_go(&self) -> bool {
        matches!(channel::receive(self.socket.as_fd()), Ok(Received::Message(message)) if message.frame.kind == Kind::Go)
    }

    /// Waits for a copy of what the supervisor stages; `None` when it is gone.
    pub fn wait_for_staged(&self) -> Option<OwnedFd> {
        match channel::receive(self.socket.as_fd()) {
            Ok(Received::Message(mut message)) if message.frame.kind == Kind::Staged => {
                message.descriptors.pop()
            }
            _ => None,
        }
    }

    fn send(&self, frame: &Frame, descriptors: &[BorrowedFd<'_>]) {
        let _ = channel::send(self.socket.as_fd(), frame, descriptors);
    }
}

/// What a child said until it executed its program.
#[derive(Default)]
pub struct Outcome {
    pub warnings: Vec<String>,
    pub terminal: Option<OwnedFd>,
}

/// Reads until the child has executed or failed. A child that was killed before is a failure too.
pub fn follow(socket: BorrowedFd<'_>) -> Result<Outcome, Failure> {
    let deadline = Instant::now() + LIMIT;
    let (mut outcome, mut executing, mut failure) = (Outcome::default(), false, None);
    loop {
        if !readable_until(socket, deadline) {
            return Err(Failure::plain(
                "ETIMEDOUT",
                "start",
                format!(
                    "start: the child did not execute its program within {} s",
                    LIMIT.as_secs()
                ),
            ));
        }
        match channel::receive(socket).at("start", "recvmsg", "report")? {
            Received::Message(mut message) => match message.frame.kind {
                Kind::Warning => outcome.warnings.push(
                    Warning::from_bytes(&message.frame.body)
                        .unwrap_or_default()
                        .text,
                ),
                Kind::Terminal => outcome.terminal = message.descriptors.pop(),
                Kind::Executing => executing = true,
                Kind::Failed => failure = Failure::from_bytes(&message.frame.body).ok(),
                _ => {}
            },
            Received::Unknown { .. } => {}
            Received::Closed => break,
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None if executing => Ok(outcome),
        None => Err(Failure::plain(
            CHILD_GONE,
            "start",
            "start: the child ended before it could execute its program",
        )),
    }
}

/// The failure that a child reported before it ended, if it did and nobody has read it yet.
pub fn said(socket: BorrowedFd<'_>) -> Option<Failure> {
    follow(socket)
        .err()
        .filter(|failure| failure.code != CHILD_GONE)
}

fn readable_until(socket: BorrowedFd<'_>, deadline: Instant) -> bool {
    let left = deadline.saturating_duration_since(Instant::now());
    let timeout = Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(0),
        tv_nsec: i64::from(left.subsec_nanos()),
    };
    loop {
        match poll(&mut [PollFd::new(&socket, PollFlags::IN)], Some(&timeout)) {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.is_ok_and(|ready| ready > 0),
        }
    }
}

/// Hands a copy of what is staged to a child that waits for it.
pub fn staged(socket: BorrowedFd<'_>, copy: BorrowedFd<'_>) -> Result<(), Failure> {
    channel::send(socket, &Frame::event(Kind::Staged, &Empty {}), &[copy])
        .at("start", "sendmsg", "staged")
}

pub fn go(socket: BorrowedFd<'_>) -> Result<(), Failure> {
    channel::send(socket, &Frame::event(Kind::Go, &Empty {}), &[]).at("start", "sendmsg", "go")
}
