//! Connections of daemons and command lines to one supervisor.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::epoll::EventFlags;
use tsdock_core::channel::{self, Message, Received};
use tsdock_core::failure::Failure;
use tsdock_core::proto::{Frame, Kind};

use super::{Supervisor, token};

pub struct Clients {
    listener: OwnedFd,
    open: Vec<(u32, OwnedFd)>,
    next: u32,
}

impl Clients {
    pub fn new(listener: OwnedFd) -> Self {
        Self {
            listener,
            open: Vec::new(),
            next: 1,
        }
    }

    pub fn listener(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }

    fn socket(&self, client: u32) -> Option<BorrowedFd<'_>> {
        self.open
            .iter()
            .find(|(number, _)| *number == client)
            .map(|(_, socket)| socket.as_fd())
    }

    /// A client that does not read loses the answer, never blocks the instance; it sees the state at its next question.
    pub fn send(&self, client: u32, frame: &Frame, descriptors: &[BorrowedFd<'_>]) {
        if let Some(socket) = self.socket(client) {
            let _ = channel::send(socket, frame, descriptors);
        }
    }

    pub fn broadcast(&self, frame: &Frame) {
        for (_, socket) in &self.open {
            let _ = channel::send(socket.as_fd(), frame, &[]);
        }
    }
}

impl Supervisor {
    pub(super) fn accept(&mut self) {
        while let Some(socket) = channel::accept_trusted(self.clients.listener()) {
            let number = self.clients.next;
            self.clients.next = self.clients.next.wrapping_add(1);
            if self
                .watch(
                    socket.as_fd(),
                    token::CLIENT | u64::from(number),
                    EventFlags::IN,
                )
                .is_ok()
            {
                self.clients.open.push((number, socket));
            }
        }
    }

    pub(super) fn client_ready(&mut self, client: u32) {
        let Some(socket) = self.clients.socket(client) else {
            return;
        };
        match channel::receive(socket) {
            Ok(Received::Message(message)) => self.answer(client, message),
            Ok(Received::Unknown { kind, request }) => {
                let failure = Failure::plain(
                    "E_UNKNOWN_REQUEST",
                    "protocol",
                    format!("protocol: this supervisor does not know request {kind}"),
                );
                self.clients
                    .send(client, &Frame::failed(request, &failure), &[]);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Ok(Received::Closed) | Err(_) => {
                self.clients.open.retain(|(number, _)| *number != client);
            }
        }
    }

    fn answer(&mut self, client: u32, message: Message) {
        let request = message.frame.request;
        match self.handle(client, message) {
            Ok(Some((frame, descriptors))) => {
                let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
                self.clients.send(client, &frame, &borrowed);
            }
            Ok(None) => {}
            Err(failure) => self.clients.send(
                client,
                &Frame::new(
                    Kind::Failed,
                    request,
                    tsdock_core::wire::Body::to_bytes(&failure),
                ),
                &[],
            ),
        }
    }
}
