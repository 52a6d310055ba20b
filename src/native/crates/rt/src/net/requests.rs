//! What clients ask the network process for.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use tsdock_core::channel::{self, Message, Received};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::network::Spec;
use tsdock_core::nft::{Change, Endpoint};
use tsdock_core::ports::{HostPort, RESERVATION};
use tsdock_core::proto::network::{EnsureNetwork, Entry, Publish, RemoveNetwork, Serving};
use tsdock_core::proto::{Empty, Frame, Kind};
use tsdock_core::wire::{Body, WireError};

use super::{NetworkProcess, Reserved, STEP};

/// An answer's body and what goes with it.
type Answer = (Vec<u8>, Option<OwnedFd>);

impl NetworkProcess {
    pub fn client_ready(&mut self, client: u64) {
        let Some(socket) = self.client(client) else {
            return;
        };
        let (request, result) = match channel::receive(socket) {
            Ok(Received::Message(message)) => (message.frame.request, self.handle(&message)),
            Ok(Received::Unknown { kind, request }) => (
                request,
                Err(unknown(&format!("request {kind} is not known"))),
            ),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
            Ok(Received::Closed) | Err(_) => {
                self.clients.retain(|(number, _)| *number != client);
                return;
            }
        };
        let (frame, descriptor) = match result {
            Ok((body, descriptor)) => (Frame::new(Kind::Ok, request, body), descriptor),
            Err(failure) => (Frame::failed(request, &failure), None),
        };
        let descriptors: Vec<BorrowedFd<'_>> = descriptor.iter().map(AsFd::as_fd).collect();
        if let Some(socket) = self.client(client) {
            // One that does not read loses the answer and asks again.
            let _ = channel::send(socket, &frame, &descriptors);
        }
    }

    fn client(&self, client: u64) -> Option<BorrowedFd<'_>> {
        self.clients
            .iter()
            .find(|(number, _)| *number == client)
            .map(|(_, socket)| socket.as_fd())
    }

    fn handle(&mut self, message: &Message) -> Result<Answer, Failure> {
        let body = &message.frame.body;
        match message.frame.kind {
            Kind::Hello => Ok((serving(), None)),
            Kind::EnsureNetwork => {
                let spec = Spec::try_from(decoded::<EnsureNetwork>(body)?)?;
                let result = self.change(|process| process.host.ensure(&spec));
                self.names.refresh();
                result
            }
            Kind::RemoveNetwork => {
                let name = decoded::<RemoveNetwork>(body)?.name;
                let result = self.change(|process| process.host.remove(&name));
                self.names.refresh();
                result
            }
            Kind::Publish => self.publish(&decoded(body)?),
            Kind::Reserve => self.reserve(&decoded(body)?),
            Kind::NetworkHandover => {
                let listener = self.listener.try_clone().at(STEP, "dup", "listener")?;
                Ok((serving(), Some(listener)))
            }
            _ => Err(unknown("not a request to the network process")),
        }
    }

    /// Takes ports for their owner ahead of its `Publish`, so that it is known that nobody has them before anything is taken down for their sake.
    fn reserve(&mut self, request: &Publish) -> Result<Answer, Failure> {
        let ports: Vec<HostPort> = endpoints(request)?.iter().map(HostPort::from).collect();
        self.take_ports(&ports)?;
        self.reserved.retain(|kept| kept.owner != request.owner);
        self.reserved.push(Reserved {
            owner: request.owner.clone(),
            ports,
            until: Instant::now() + RESERVATION,
        });
        self.keep_ports();
        Ok(done())
    }

    /// Where a socket cannot be bound, another engine may have bound its own: only then its table is looked at.
    fn take_ports(&mut self, ports: &[HostPort]) -> Result<(), Failure> {
        let taken = self.ports.reserve(ports.iter().copied());
        let unbound: Vec<HostPort> = match taken {
            Ok(()) => self
                .ports
                .watched()
                .filter(|port| ports.contains(port))
                .copied()
                .collect(),
            Err(_) => ports.to_vec(),
        };
        if !unbound.is_empty()
            && let Err(failure) = self.host.refuse_published_elsewhere(&unbound)
        {
            self.keep_ports();
            return Err(failure);
        }
        taken
    }

    /// Reserves what is new first: a port that a process of this host serves stays with it, and nothing is changed.
    fn publish(&mut self, request: &Publish) -> Result<Answer, Failure> {
        let endpoints = endpoints(request)?;
        let ports: Vec<HostPort> = endpoints.iter().map(HostPort::from).collect();
        self.take_ports(&ports)?;
        let result = self.change(|process| process.host.publish(&request.owner, &endpoints));
        if result.is_err() {
            // Also what was reserved for it.
            self.keep_ports();
            return result;
        }
        let published: BTreeSet<HostPort> = endpoints.iter().map(HostPort::from).collect();
        for kept in &mut self.reserved {
            if kept.owner == request.owner {
                kept.ports.retain(|port| !published.contains(port));
            }
        }
        self.watch_ports();
        result
    }

    /// What a change leaves is on disk before it is answered.
    fn change(
        &mut self,
        apply: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<Answer, Failure> {
        let result = apply(self);
        let changes = self.host.take_changes();
        self.give_up_ports(&changes);
        if self.is_empty() {
            self.state.remove();
        } else if self.state.is_long() {
            self.store_anew()?;
        } else {
            self.state
                .append(changes.iter().filter_map(Entry::of_change))?;
        }
        result.map(|()| done())
    }

    /// Ports whose elements went, unless they are kept for somebody.
    fn give_up_ports(&mut self, changes: &[Change]) {
        let mut kept: BTreeSet<HostPort> = self
            .reserved
            .iter()
            .flat_map(|reserved| reserved.ports.iter().copied())
            .collect();
        kept.extend(changes.iter().filter_map(|change| match change {
            Change::Add(key, _) => HostPort::from_key(key),
            _ => None,
        }));
        for change in changes {
            match change {
                Change::Remove(key) => {
                    if let Some(port) = HostPort::from_key(key)
                        && !kept.contains(&port)
                    {
                        self.ports.give_up(port);
                    }
                }
                Change::RemoveTable => return self.keep_ports(),
                Change::Add(..) | Change::Install => {}
            }
        }
    }
}

fn endpoints(request: &Publish) -> Result<Vec<Endpoint>, Failure> {
    request.ports.iter().map(Endpoint::try_from).collect()
}

fn serving() -> Vec<u8> {
    let pid = rustix::process::getpid().as_raw_nonzero().get();
    Serving { pid }.to_bytes()
}

fn done() -> Answer {
    (Empty {}.to_bytes(), None)
}

fn decoded<B: Body>(bytes: &[u8]) -> Result<B, Failure> {
    let malformed =
        |error: WireError| Failure::plain("E_PROTOCOL", "protocol", format!("protocol: {error}"));
    B::from_bytes(bytes).map_err(malformed)
}

fn unknown(message: &str) -> Failure {
    Failure::plain(
        "E_UNKNOWN_REQUEST",
        "protocol",
        format!("protocol: {message}"),
    )
}
