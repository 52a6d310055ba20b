//! The one thread that speaks to zygote and supervisors: requests in, answers to promises, events to one weak threadsafe function. It forks nothing and enters
//! no namespace.

use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel as queue};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use serde_json::{Value, json};
use tsdock_core::channel::{self, Message, Received};
use tsdock_core::failure::{Context, Failure};
use tsdock_core::proto::{self, Frame, Kind};
use tsdock_core::wire::Body;
use tsdock_core::zygote::Zygote;

use crate::failure::fields;
use crate::status;

/// What an answer looks like, and what goes with it.
pub enum Expect {
    Empty,
    Created,
    Started,
    Stopped,
    Stats,
    Status,
    /// Our ends of the pipes (stdin, stdout, stderr) by their JSON names; with a terminal its master arrives.
    Executed(Vec<(&'static str, OwnedFd)>),
}

/// Called once with the JSON text of the result: `{"ok": …}` or `{"error": …}`.
pub type Reply = Box<dyn FnOnce(String) + Send>;

pub enum Command {
    Create {
        id: String,
        plan: Vec<u8>,
        start: bool,
        reply: Reply,
    },
    Ask {
        id: String,
        frame: Frame,
        descriptors: Vec<OwnedFd>,
        expect: Expect,
        limit: Duration,
        revive: bool,
        reply: Reply,
    },
    Close,
}

/// For any thread: queues a command and wakes the worker.
pub struct Handle {
    commands: Sender<Command>,
    wake: OwnedFd,
}

impl Handle {
    pub fn send(&self, command: Command) {
        if self.commands.send(command).is_ok() {
            let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
        }
    }
}

struct Pending {
    expect: Expect,
    deadline: Instant,
    reply: Reply,
}

struct Connection {
    id: String,
    socket: OwnedFd,
    pending: HashMap<u32, Pending>,
}

struct Worker {
    run: PathBuf,
    zygote: Zygote,
    epoll: OwnedFd,
    wake: OwnedFd,
    commands: Receiver<Command>,
    connections: HashMap<u64, Connection>,
    next_token: u64,
    next_request: u32,
    emit: Box<dyn Fn(String) + Send>,
}

const WAKE: u64 = 0;
const ZYGOTE: u64 = u64::MAX;

/// Starts the thread. `emit` gets the JSON text of each event.
pub fn start(
    run: PathBuf,
    prefix: String,
    helper: PathBuf,
    emit: Box<dyn Fn(String) + Send>,
) -> Result<Handle, Failure> {
    const STEP: &str = "worker";
    let epoll = epoll::create(CreateFlags::CLOEXEC).at(STEP, "epoll_create1", "")?;
    let wake =
        eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).at(STEP, "eventfd", "")?;
    epoll::add(&epoll, &wake, EventData::new_u64(WAKE), EventFlags::IN).at(
        STEP,
        "epoll_ctl",
        "",
    )?;
    let (sender, commands) = queue();
    let copy = wake.try_clone().at(STEP, "dup", "")?;
    let mut zygote = Zygote::new(run.clone(), prefix, helper);
    zygote.join();
    let mut worker = Worker {
        run,
        zygote,
        epoll,
        wake: copy,
        commands,
        connections: HashMap::new(),
        next_token: 1,
        next_request: 1,
        emit,
    };
    worker.watch_zygote();
    thread::Builder::new()
        .name(String::from("tsdock-events"))
        .spawn(move || worker.serve())
        .at(STEP, "clone", "")?;
    Ok(Handle {
        commands: sender,
        wake,
    })
}

impl Worker {
    fn serve(&mut self) {
        loop {
            let mut events = [Event {
                flags: EventFlags::empty(),
                data: EventData::new_u64(0),
            }; 64];
            let timeout = self.waiting().then_some(Timespec {
                tv_sec: 1,
                tv_nsec: 0,
            });
            let count = epoll::wait(&self.epoll, &mut events, timeout.as_ref()).unwrap_or(0);
            let seen = || events[..count].iter().map(|event| event.data.u64());
            if seen().any(|token| token == WAKE) {
                let mut counter = [0; 8];
                let _ = rustix::io::read(&self.wake, &mut counter);
            }
            // Before what happened: who closes does not want a zygote that ended at the same moment to be replaced.
            while let Ok(command) = self.commands.try_recv() {
                if !self.run_command(command) {
                    return;
                }
            }
            for token in seen() {
                match token {
                    WAKE => {}
                    ZYGOTE => self.zygote_ended(),
                    token => self.readable(token),
                }
            }
            self.expire();
        }
    }

    /// False at the end.
    fn run_command(&mut self, command: Command) -> bool {
        match command {
            Command::Create {
                id,
                plan,
                start,
                reply,
            } => match self.spawn(&id, &plan, start) {
                Ok(()) => {
                    let frame = Frame::new(Kind::Create, 0, proto::Create { start }.to_bytes());
                    self.ask(
                        &id,
                        frame,
                        &[],
                        Expect::Created,
                        Duration::from_secs(90),
                        false,
                        reply,
                    );
                }
                Err(failure) => reply(error(&failure)),
            },
            Command::Ask {
                id,
                frame,
                descriptors,
                expect,
                limit,
                revive,
                reply,
            } => self.ask(&id, frame, &descriptors, expect, limit, revive, reply),
            Command::Close => {
                let closed =
                    Failure::plain("E_CLOSED", "close", "close: the native module was closed");
                for (_, connection) in self.connections.drain() {
                    connection
                        .pending
                        .into_values()
                        .for_each(|pending| (pending.reply)(error(&closed)));
                }
                return false;
            }
        }
        true
    }

    fn spawn(&mut self, id: &str, plan: &[u8], start: bool) -> Result<(), Failure> {
        let sealed = channel::seal(plan).at("plan", "memfd_create", id)?;
        let result = self.zygote.spawn(id, Some(&sealed), start);
        self.watch_zygote();
        result
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one command")]
    fn ask(
        &mut self,
        id: &str,
        mut frame: Frame,
        descriptors: &[OwnedFd],
        expect: Expect,
        limit: Duration,
        revive: bool,
        reply: Reply,
    ) {
        let token = match self.connection(id, revive) {
            Ok(token) => token,
            Err(failure) => return reply(error(&failure)),
        };
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        frame.request = self.next_request;
        self.next_request = self.next_request.wrapping_add(1).max(1);
        let borrowed: Vec<_> = descriptors.iter().map(AsFd::as_fd).collect();
        match channel::send(connection.socket.as_fd(), &frame, &borrowed)
            .at("request", "sendmsg", id)
        {
            Ok(()) => {
                connection.pending.insert(
                    frame.request,
                    Pending {
                        expect,
                        deadline: Instant::now() + limit,
                        reply,
                    },
                );
            }
            Err(failure) => reply(error(&failure)),
        }
    }

    /// The connection to a supervisor. With `revive` one that is gone is put back first, by the zygote.
    fn connection(&mut self, id: &str, revive: bool) -> Result<u64, Failure> {
        if let Some((token, _)) = self
            .connections
            .iter()
            .find(|(_, connection)| connection.id == id)
        {
            return Ok(*token);
        }
        let directory = self.run.join("containers").join(id);
        if !directory.join("plan").exists() {
            return Err(Failure::plain(
                "ENOENT",
                "instance",
                format!("instance: there is no instance {id}"),
            ));
        }
        let path = directory.join("sup.sock");
        let socket = match channel::connect_to(&path) {
            Err(_) if revive => {
                let revived = self.zygote.spawn(id, None, false);
                self.watch_zygote();
                revived?;
                channel::connect_to(&path)
            }
            other => other,
        }
        .at("instance", "connect", id)?;
        let token = self.next_token;
        self.next_token += 1;
        epoll::add(
            &self.epoll,
            &socket,
            EventData::new_u64(token),
            EventFlags::IN,
        )
        .at("instance", "epoll_ctl", id)?;
        self.connections.insert(
            token,
            Connection {
                id: id.into(),
                socket,
                pending: HashMap::new(),
            },
        );
        Ok(token)
    }

    fn readable(&mut self, token: u64) {
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        match channel::receive(connection.socket.as_fd()) {
            Ok(Received::Message(message)) if message.frame.request == 0 => {
                if let Some(event) = event(&connection.id, &message.frame) {
                    (self.emit)(event.to_string());
                }
            }
            Ok(Received::Message(message)) => {
                if let Some(pending) = connection.pending.remove(&message.frame.request) {
                    (pending.reply)(answer(message, pending.expect));
                }
            }
            Ok(Received::Unknown { .. }) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Ok(Received::Closed) | Err(_) => self.lost(token),
        }
    }

    /// The supervisor hung up: it removed its instance, or died. In the second case its listener lives on in the zygote and the replacement answers there.
    fn lost(&mut self, token: u64) {
        let Some(connection) = self.connections.remove(&token) else {
            return;
        };
        let failure = Failure::plain(
            "E_SUPERVISOR_LOST",
            "request",
            format!("request: the supervisor of {} ended", connection.id),
        );
        for pending in connection.pending.into_values() {
            (pending.reply)(error(&failure));
        }
        if self
            .run
            .join("containers")
            .join(&connection.id)
            .join("plan")
            .exists()
        {
            (self.emit)(json!({ "type": "lost", "id": connection.id }).to_string());
            let _ = self.connection(&connection.id, false);
        }
    }

    /// Only its end is watched: answers are read where they are asked for. A socket that is watched already stays so.
    fn watch_zygote(&self) {
        if let Some(socket) = self.zygote.socket() {
            let _ = epoll::add(
                &self.epoll,
                socket,
                EventData::new_u64(ZYGOTE),
                EventFlags::RDHUP,
            );
        }
    }

    /// Without a zygote nobody would replace a supervisor. If none can be started now, the next request tries again.
    fn zygote_ended(&mut self) {
        let _ = self.zygote.replace();
        self.watch_zygote();
    }

    fn waiting(&self) -> bool {
        self.connections
            .values()
            .any(|connection| !connection.pending.is_empty())
    }

    fn expire(&mut self) {
        let now = Instant::now();
        for connection in self.connections.values_mut() {
            let late: Vec<u32> = connection
                .pending
                .iter()
                .filter(|(_, pending)| pending.deadline < now)
                .map(|(request, _)| *request)
                .collect();
            for request in late {
                if let Some(pending) = connection.pending.remove(&request) {
                    let failure = Failure::plain(
                        "ETIMEDOUT",
                        "request",
                        format!(
                            "request: the supervisor of {} did not answer in time",
                            connection.id
                        ),
                    );
                    (pending.reply)(error(&failure));
                }
            }
        }
    }
}

fn error(failure: &Failure) -> String {
    json!({ "error": fields(failure) }).to_string()
}

fn answer(message: Message, expect: Expect) -> String {
    if message.frame.kind == Kind::Failed {
        return error(&Failure::from_bytes(&message.frame.body).unwrap_or_default());
    }
    match decoded(&message.frame.body, expect, message.descriptors) {
        Ok(value) => json!({ "ok": value }).to_string(),
        Err(broken) => error(&Failure::plain(
            "E_PROTOCOL",
            "request",
            format!("request: {broken}"),
        )),
    }
}

fn decoded(
    body: &[u8],
    expect: Expect,
    descriptors: Vec<OwnedFd>,
) -> Result<Value, tsdock_core::wire::WireError> {
    use std::os::fd::IntoRawFd;
    Ok(match expect {
        Expect::Empty => Value::Null,
        Expect::Created => {
            let created = proto::Created::from_bytes(body)?;
            json!({ "supervisorPid": created.supervisor.pid, "started": created.process.as_ref().map(status::started), "warnings": created.warnings })
        }
        Expect::Started => proto::Created::from_bytes(body)?
            .process
            .as_ref()
            .map_or(Value::Null, status::started),
        Expect::Stopped => proto::Stopped::from_bytes(body)?
            .exit
            .as_ref()
            .map_or(Value::Null, status::exit),
        Expect::Stats => status::stats(&tsdock_core::cgroup::Stats::from_bytes(body)?),
        Expect::Status => status::status(&tsdock_core::status::Status::from_bytes(body)?),
        Expect::Executed(streams) => {
            let executed = proto::Executed::from_bytes(body)?;
            let mut value = json!({ "exec": executed.exec, "pid": executed.pid, "stdin": null, "stdout": null, "stderr": null, "terminal": null });
            // From here on the descriptors belong to JavaScript.
            for (name, descriptor) in streams {
                value[name] = descriptor.into_raw_fd().into();
            }
            if let Some(master) = descriptors.into_iter().next() {
                value["terminal"] = master.into_raw_fd().into();
            }
            value
        }
    })
}

fn event(id: &str, frame: &Frame) -> Option<Value> {
    let body = frame.body.as_slice();
    Some(match frame.kind {
        Kind::Started => {
            json!({ "type": "started", "id": id, "pid": proto::Started::from_bytes(body).ok()?.process.pid })
        }
        Kind::Exited => {
            json!({ "type": "exited", "id": id, "exit": status::exit(&proto::Exited::from_bytes(body).ok()?.exit) })
        }
        Kind::Restarting => {
            let restarting = proto::Restarting::from_bytes(body).ok()?;
            json!({ "type": "restarting", "id": id, "attempts": restarting.attempts, "atMs": restarting.at_ms })
        }
        Kind::Oom => json!({ "type": "oom", "id": id }),
        Kind::ExecExited => {
            let ended = proto::ExecExited::from_bytes(body).ok()?;
            json!({ "type": "execExited", "id": id, "exec": ended.exec, "exit": status::exit(&ended.exit) })
        }
        _ => return None,
    })
}
