//! A connection to the network process, which the zygote starts when it is first needed.

use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::net::sockopt::{Timeout, set_socket_timeout};

use crate::channel::{self, Received};
use crate::failure::{Context, Failure};
use crate::proto::network::Serving;
use crate::proto::{Empty, Frame, Kind};
use crate::wire::Body;
use crate::zygote::Zygote;

/// A change of the table is a few system calls; this is for hosts that swap.
const LIMIT: Duration = Duration::from_secs(20);
/// One that has nothing to do may leave between its start and our request.
const TRIES: usize = 4;

pub struct NetworkClient {
    socket_path: PathBuf,
    zygote: Zygote,
    socket: Option<OwnedFd>,
    server: Arc<AtomicU32>,
}

impl NetworkClient {
    pub fn new(run: PathBuf, prefix: String, helper: PathBuf) -> Self {
        Self {
            socket_path: run.join("rt/net.sock"),
            zygote: Zygote::new(run, prefix, helper),
            socket: None,
            server: Arc::default(),
        }
    }

    /// The pid of the process that answers, known before it is asked for anything: its changes of the table are ours. 0: none was met yet.
    pub fn server(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.server)
    }

    /// Sends a request and waits for the answer's body. Requests are repeatable, so one that met the end of the process is asked again of the next.
    pub fn ask<B: Body>(&mut self, kind: Kind, body: &B) -> Result<Vec<u8>, Failure> {
        let frame = Frame::new(kind, 1, body.to_bytes());
        let mut result = self.try_ask(&frame);
        for _ in 1..TRIES {
            let Err(failure) = &result else { break };
            let is_gone = matches!(
                failure.code.as_str(),
                "E_NETWORK_GONE" | "EPIPE" | "ECONNRESET" | "ECONNREFUSED" | "ENOTCONN" | "ENOENT"
            );
            if failure.step != STEP || !is_gone {
                break;
            }
            result = self.try_ask(&frame);
        }
        result
    }

    fn try_ask(&mut self, frame: &Frame) -> Result<Vec<u8>, Failure> {
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => self.meet()?,
        };
        let body = exchange(&socket, frame);
        if body.is_ok() {
            self.socket = Some(socket);
        }
        body?
    }

    /// The listening socket outlives processes, so its credentials are not those of the one that answers.
    fn meet(&mut self) -> Result<OwnedFd, Failure> {
        let socket = self.connect()?;
        let hello = Frame::new(Kind::Hello, 1, Empty {}.to_bytes());
        let serving = Serving::from_bytes(&exchange(&socket, &hello)??).unwrap_or_default();
        self.server
            .store(serving.pid.cast_unsigned(), Ordering::Release);
        Ok(socket)
    }

    fn connect(&mut self) -> Result<OwnedFd, Failure> {
        let socket = if let Ok(socket) = channel::connect_to(&self.socket_path) {
            socket
        } else {
            self.zygote.start_network()?;
            channel::connect_to(&self.socket_path).at(
                STEP,
                "connect",
                self.socket_path.display().to_string(),
            )?
        };
        rustix::fs::fcntl_setfl(&socket, OFlags::empty()).at(STEP, "fcntl", "")?;
        set_socket_timeout(&socket, Timeout::Recv, Some(LIMIT)).at(STEP, "setsockopt", "")?;
        Ok(socket)
    }
}

const STEP: &str = "network.request";

/// One request and its answer: the body or the refusal. The outer failure is the connection's.
fn exchange(socket: &OwnedFd, frame: &Frame) -> Result<Result<Vec<u8>, Failure>, Failure> {
    channel::send(socket.as_fd(), frame, &[]).at(STEP, "sendmsg", "")?;
    let received = channel::receive(socket.as_fd()).at(STEP, "recvmsg", "")?;
    let Received::Message(message) = received else {
        return Err(Failure::plain(
            "E_NETWORK_GONE",
            STEP,
            format!("{STEP}: it hung up"),
        ));
    };
    Ok(match message.frame.kind {
        Kind::Failed => Err(Failure::from_bytes(&message.frame.body).unwrap_or_default()),
        _ => Ok(message.frame.body),
    })
}
