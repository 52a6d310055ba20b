//! What clients ask the zygote for.

use std::fs;
use std::os::fd::AsFd;

use tsdock_core::channel::{self, Message, Received};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::plan::MAX_PLAN_BYTES;
use tsdock_core::proto::{Empty, Frame, Keep, Kind, Spawn};
use tsdock_core::wire::Body;

use super::{Child, Zygote};

/// Longest id: it is part of a socket path.
const MAX_ID: usize = 40;

impl Zygote {
    pub fn client_ready(&mut self, client: u64) -> Option<Child> {
        let socket = self
            .clients
            .iter()
            .find(|(number, _)| *number == client)?
            .1
            .as_fd();
        let (request, result) = match channel::receive(socket) {
            Ok(Received::Message(message)) => (message.frame.request, self.handle(message)),
            Ok(Received::Unknown { kind, request }) => (
                request,
                Err(Failure::plain(
                    "E_UNKNOWN_REQUEST",
                    "protocol",
                    format!("protocol: request {kind} is unknown"),
                )),
            ),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return None,
            Ok(Received::Closed) | Err(_) => {
                self.clients.retain(|(number, _)| *number != client);
                return None;
            }
        };
        let frame = match result {
            Ok(Some(child)) => return Some(child),
            Ok(None) => Frame::ok(request, &Empty {}),
            Err(failure) => Frame::failed(request, &failure),
        };
        if request != 0 {
            let socket = self
                .clients
                .iter()
                .find(|(number, _)| *number == client)?
                .1
                .as_fd();
            let _ = channel::send(socket, &frame, &[]);
        }
        None
    }

    fn handle(&mut self, mut message: Message) -> Result<Option<Child>, Failure> {
        let malformed =
            |error| Failure::plain("E_PROTOCOL", "protocol", format!("protocol: {error}"));
        match message.frame.kind {
            Kind::Hello => Ok(None),
            Kind::Spawn => {
                let spawn = Spawn::from_bytes(&message.frame.body).map_err(malformed)?;
                self.on_spawn(&spawn, &message)
            }
            Kind::Network => self.ensure_network(),
            Kind::Keep => {
                let keep = Keep::from_bytes(&message.frame.body).map_err(malformed)?;
                if let Some(record) = self.records.iter_mut().find(|record| record.id == keep.id) {
                    record.terminal = message.descriptors.pop();
                }
                Ok(None)
            }
            _ => Err(Failure::plain(
                "E_UNKNOWN_REQUEST",
                "protocol",
                "protocol: not a request to the zygote",
            )),
        }
    }

    /// An instance that exists is success for the same plan. Without a plan only a missing supervisor is put back.
    fn on_spawn(&mut self, spawn: &Spawn, message: &Message) -> Result<Option<Child>, Failure> {
        const STEP: &str = "spawn";
        if spawn.id.is_empty()
            || spawn.id.len() > MAX_ID
            || !spawn
                .id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Err(Failure::plain(
                "E_INVALID",
                STEP,
                format!("spawn: {:?} is no instance id", spawn.id),
            ));
        }
        let instance = self.context.instance(&spawn.id);
        let stored = fs::read(instance.plan()).ok();
        let wanted = message
            .descriptors
            .first()
            .map(|plan| channel::read_sealed(plan.as_fd(), MAX_PLAN_BYTES))
            .transpose()
            .at(STEP, "read", "plan")?;
        match (stored, wanted) {
            (Some(stored), wanted) if wanted.as_ref().is_none_or(|wanted| *wanted == stored) => {
                let supervised = self.records.iter().any(|record| record.id == spawn.id);
                Ok(if supervised {
                    None
                } else {
                    self.revive(&spawn.id)
                })
            }
            (Some(_), _) => Err(Failure::plain(
                "EEXIST",
                STEP,
                format!(
                    "spawn: instance {} exists and was made from another plan",
                    spawn.id
                ),
            )),
            (None, Some(wanted)) => {
                // Left by a start that was cut off before the plan was written: nothing of it was in use.
                let _ = fs::remove_dir_all(&instance.directory);
                let plan = message.descriptors.first();
                self.spawn(spawn, wanted, plan)
            }
            (None, None) => Err(Failure::plain(
                "ENOENT",
                STEP,
                format!("spawn: there is no instance {}", spawn.id),
            )),
        }
    }
}
