//! Requests about instances. Each takes and gives JSON text; `binding.ts` gives it types.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use napi::bindgen_prelude::{Function, Object};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi::{Env, JsDeferred};
use napi_derive::napi;
use rustix::pipe::{PipeFlags, pipe_with};
use serde::Deserialize;
use tsdock_core::failure::{Context, Failure};
use tsdock_core::proto::{self, Frame, Kind};
use tsdock_core::status::{Identity, StoppedBy};
use tsdock_core::sys::terminal;
use tsdock_core::wire::Body;

use crate::failure::thrown;
use crate::spec::{InstanceSpec, Limits, Restart, Stop};
use crate::status;
use crate::worker::{self, Command, Expect, Handle, Reply};

/// Most requests are answered at once; the supervisor may be busy with a start.
const LIMIT: Duration = Duration::from_secs(90);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    run_dir: PathBuf,
    prefix: String,
    helper: PathBuf,
}

/// A JSON number cannot hold a start time.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Process {
    pid: i32,
    start_time: String,
}

impl Process {
    fn identity(self) -> Result<Identity, Failure> {
        let start_time = self.start_time.parse().map_err(|_| {
            Failure::plain("E_INVALID", "request", "request: startTime is no number")
        })?;
        Ok(Identity {
            pid: self.pid,
            start_time,
        })
    }
}

#[derive(Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "type"
)]
enum Request {
    Start,
    Signal {
        signal: i32,
        all: bool,
        only: Option<Process>,
    },
    Stop {
        signal: i32,
        grace_ms: u64,
        by: By,
    },
    Exec {
        spec: ExecSpec,
    },
    ExecSignal {
        exec: u64,
        signal: i32,
    },
    Update {
        limits: Option<Limits>,
        restart: Option<Restart>,
        stop: Option<Stop>,
    },
    Stats,
    Status,
    Remove {
        logs: bool,
    },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    User,
    Engine,
}

#[derive(Deserialize)]
struct ExecSpec {
    argv: Vec<String>,
    env: Vec<String>,
    cwd: Option<String>,
    user: Option<String>,
    terminal: Option<Size>,
    stdin: bool,
}

#[derive(Deserialize)]
struct Size {
    cols: i32,
    rows: i32,
}

type Resolver = Box<dyn FnOnce(Env) -> napi::Result<String> + Send>;

/// The thread and its connections. Dropped or closed: containers, supervisors and the zygote go on.
#[napi]
pub struct Engine {
    handle: Handle,
    run: PathBuf,
}

#[napi]
impl Engine {
    /// `options`: JSON of `{runDir, prefix, helper}`. `on_event` gets JSON texts and does not keep the process alive.
    #[napi(constructor)]
    pub fn new(options: String, on_event: Function<'_, String, ()>) -> napi::Result<Self> {
        let options: Options = parse(&options).map_err(|failure| thrown(&failure))?;
        let function = on_event
            .build_threadsafe_function::<String>()
            .weak::<true>()
            .build()?;
        let emit = Box::new(move |event: String| {
            function.call(event, ThreadsafeFunctionCallMode::NonBlocking);
        });
        let handle = worker::start(
            options.run_dir.clone(),
            options.prefix,
            options.helper,
            emit,
        )
        .map_err(|failure| thrown(&failure))?;
        Ok(Self {
            handle,
            run: options.run_dir,
        })
    }

    /// Creates an instance of a JSON spec. Resolves with `{"ok"}` or `{"error"}`.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn create<'env>(
        &self,
        env: &'env Env,
        spec: String,
        start: bool,
    ) -> napi::Result<Object<'env>> {
        let (reply, promise) = promise(env)?;
        match parse::<InstanceSpec>(&spec).and_then(|spec| {
            let id = spec.id.clone();
            Ok((id, spec.into_plan()?.to_bytes()))
        }) {
            Ok((id, plan)) => self.handle.send(Command::Create {
                id,
                plan,
                start,
                reply,
            }),
            Err(failure) => {
                reply(serde_json::json!({ "error": crate::failure::fields(&failure) }).to_string());
            }
        }
        Ok(promise)
    }

    /// One request to the supervisor of `id`.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn request<'env>(
        &self,
        env: &'env Env,
        id: String,
        request: String,
    ) -> napi::Result<Object<'env>> {
        let (reply, promise) = promise(env)?;
        match parse(&request).and_then(prepare) {
            Ok(Prepared {
                frame,
                descriptors,
                expect,
                limit,
                revive,
            }) => self.handle.send(Command::Ask {
                id,
                frame,
                descriptors,
                expect,
                limit,
                revive,
                reply,
            }),
            Err(failure) => {
                reply(serde_json::json!({ "error": crate::failure::fields(&failure) }).to_string());
            }
        }
        Ok(promise)
    }

    /// The last status of an instance whose supervisor does not answer, as JSON; `null`: no such instance.
    #[napi]
    pub fn stored_status(&self, id: String) -> napi::Result<Option<String>> {
        let directory = self.run.join("containers").join(id);
        let found = status::from_file(&directory).map_err(|failure| thrown(&failure))?;
        Ok(found.map(|status| status.to_string()))
    }

    /// Ends the thread; open requests fail.
    #[napi]
    pub fn close(&self) {
        self.handle.send(Command::Close);
    }
}

/// Sets the size of a terminal by its master.
#[napi]
pub fn resize_terminal(descriptor: i32, cols: u16, rows: u16) -> napi::Result<()> {
    terminal::resize_by_number(descriptor, cols, rows)
        .at("terminal", "ioctl", "TIOCSWINSZ")
        .map_err(|failure| thrown(&failure))
}

fn promise(env: &Env) -> napi::Result<(Reply, Object<'_>)> {
    let (deferred, promise): (JsDeferred<String, Resolver>, Object<'_>) = env.create_deferred()?;
    let reply: Reply = Box::new(move |text| deferred.resolve(Box::new(move |_| Ok(text))));
    Ok((reply, promise))
}

struct Prepared {
    frame: Frame,
    descriptors: Vec<OwnedFd>,
    expect: Expect,
    limit: Duration,
    revive: bool,
}

fn prepare(request: Request) -> Result<Prepared, Failure> {
    let plain = |kind: Kind, body: Vec<u8>, expect: Expect| Prepared {
        frame: Frame::new(kind, 0, body),
        descriptors: Vec::new(),
        expect,
        limit: LIMIT,
        revive: true,
    };
    Ok(match request {
        Request::Start => plain(Kind::Start, Vec::new(), Expect::Started),
        Request::Signal { signal, all, only } => {
            let only = only.map(Process::identity).transpose()?;
            let signal = proto::Signal { signal, all, only };
            plain(Kind::Signal, signal.to_bytes(), Expect::Empty)
        }
        Request::Stop {
            signal,
            grace_ms,
            by,
        } => {
            let by = match by {
                By::User => StoppedBy::User,
                By::Engine => StoppedBy::Engine,
            };
            let body = proto::Stop {
                signal,
                grace_ms,
                by: by as u64,
            }
            .to_bytes();
            Prepared {
                limit: LIMIT + Duration::from_millis(grace_ms),
                ..plain(Kind::Stop, body, Expect::Stopped)
            }
        }
        Request::Exec { spec } => return prepare_exec(spec),
        Request::ExecSignal { exec, signal } => plain(
            Kind::ExecSignal,
            proto::ExecSignal { exec, signal }.to_bytes(),
            Expect::Empty,
        ),
        Request::Update {
            limits,
            restart,
            stop,
        } => {
            let update = proto::Update {
                limits: limits.map(Limits::into_plan),
                restart: restart.map(Restart::into_plan),
                stop: stop.map(Stop::into_plan),
            };
            plain(Kind::Update, update.to_bytes(), Expect::Empty)
        }
        Request::Stats => plain(Kind::Stats, Vec::new(), Expect::Stats),
        // A look must not start anything, and is asked of many at once.
        Request::Status => Prepared {
            revive: false,
            limit: Duration::from_secs(5),
            ..plain(Kind::Status, Vec::new(), Expect::Status)
        },
        Request::Remove { logs } => plain(
            Kind::Remove,
            proto::Remove { logs }.to_bytes(),
            Expect::Empty,
        ),
    })
}

/// Pipes for the streams: their far ends go with the request, ours to JavaScript with the answer.
fn prepare_exec(spec: ExecSpec) -> Result<Prepared, Failure> {
    let (mut descriptors, mut streams) = (Vec::new(), Vec::new());
    if spec.terminal.is_none() {
        for name in ["stdin", "stdout", "stderr"] {
            if name == "stdin" && !spec.stdin {
                continue;
            }
            let (read, write) = pipe_with(PipeFlags::CLOEXEC).at("exec.stdio", "pipe2", name)?;
            let (ours, theirs) = if name == "stdin" {
                (write, read)
            } else {
                (read, write)
            };
            descriptors.push(theirs);
            streams.push((name, ours));
        }
    }
    let body = proto::Exec {
        argv: spec.argv,
        env: spec.env,
        cwd: spec.cwd,
        user: spec.user,
        terminal: spec.terminal.is_some(),
        cols: spec.terminal.as_ref().map_or(0, |size| size.cols),
        rows: spec.terminal.as_ref().map_or(0, |size| size.rows),
        stdin: spec.stdin,
    };
    Ok(Prepared {
        frame: Frame::new(Kind::Exec, 0, body.to_bytes()),
        descriptors,
        expect: Expect::Executed(streams),
        limit: LIMIT,
        revive: true,
    })
}

fn parse<'text, T: Deserialize<'text>>(text: &'text str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::plain("E_INVALID", "request", format!("request: {error}")))
}
