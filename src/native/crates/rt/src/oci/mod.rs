//! `tsdock-rt oci`: the command line of an OCI runtime over our zygote and supervisors, so that conformance suites can judge the code that runs containers.
//! Hidden, without any promise of stability.

mod arguments;
mod config;
mod mounts;
mod state;
mod supervisor;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::plan::MAX_PLAN_BYTES;
use tsdock_core::proto::{Create, Kind, Remove, Signal, Stop};
use tsdock_core::status::{Status, StoppedBy};
use tsdock_core::wire::Body;

use arguments::{Action, Arguments};
use state::State;
use supervisor::Supervisors;

/// Runs one command; a failure is one line on stderr and 1.
pub fn main(arguments: &[String]) -> ExitCode {
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{}", arguments::HELP);
        return ExitCode::SUCCESS;
    }
    match Arguments::parse(arguments).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.to_string().replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let root = std::path::absolute(&arguments.root).at(
        "oci",
        "getcwd",
        arguments.root.display().to_string(),
    )?;
    let mut supervisors = Supervisors::new(root.clone(), arguments.prefix);
    let id = arguments.id;
    match arguments.action {
        Action::Create { bundle, pid_file } => {
            create(&mut supervisors, &root, &id, &bundle, pid_file)
        }
        Action::Start => start(&mut supervisors, &id),
        Action::State => {
            println!("{:#}", look(&supervisors, &id)?.to_json());
            Ok(())
        }
        Action::Kill { signal, all } => kill(&mut supervisors, &id, signal, all),
        Action::Delete { force } => delete(&mut supervisors, &id, force),
    }
}

fn create(
    supervisors: &mut Supervisors,
    root: &Path,
    id: &str,
    bundle: &Path,
    pid_file: Option<PathBuf>,
) -> Result<(), Failure> {
    const STEP: &str = "oci.create";
    if supervisors.exists(id) {
        return Err(failed(format!("container {id:?} exists already")));
    }
    let bundle = fs::canonicalize(bundle).at(STEP, "realpath", bundle.display().to_string())?;
    let config = read_config(&bundle.join("config.json"))?;
    let pid_file = pid_file
        .map(|path| std::path::absolute(&path).at(STEP, "getcwd", path.display().to_string()))
        .transpose()?;
    let hostname = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    let plan = config::plan(
        &config,
        &config::Place {
            id,
            bundle: &bundle,
            root,
            hostname: &hostname,
            identity: state::identity(&config, &bundle, pid_file.as_deref()),
        },
    )?;
    let layer = plan.rootfs.layers.concat();
    if !Path::new(&layer).is_dir() {
        return Err(failed(format!(
            "config.json: root.path: {layer} is not a directory"
        )));
    }
    let bytes = plan.to_bytes();
    if bytes.len() > MAX_PLAN_BYTES {
        return Err(failed(String::from("config.json is too large")));
    }
    supervisors.spawn(id, &bytes)?;
    supervisors.ask(id, Kind::Create, &Create { start: false })?;
    write_pid(&look(supervisors, id)?)
}

fn read_config(path: &Path) -> Result<Value, Failure> {
    let name = path.display().to_string();
    let length = fs::metadata(path).at("oci.config", "stat", &name)?.len();
    if length > MAX_PLAN_BYTES as u64 {
        return Err(failed(format!("{name} is too large")));
    }
    let bytes = fs::read(path).at("oci.config", "read", &name)?;
    serde_json::from_slice(&bytes).map_err(|error| failed(format!("{name}: {error}")))
}

fn start(supervisors: &mut Supervisors, id: &str) -> Result<(), Failure> {
    let state = look(supervisors, id)?;
    if state.status != "created" {
        return Err(failed(format!(
            "container {id:?} cannot be started: it is {}",
            state.status
        )));
    }
    supervisors.ask(id, Kind::Start, &tsdock_core::proto::Empty {})?;
    write_pid(&look(supervisors, id)?)
}

/// A container that was created has no process yet: like a pid 1 without handlers it is ended by SIGKILL and by nothing else.
fn kill(supervisors: &mut Supervisors, id: &str, signal: i32, all: bool) -> Result<(), Failure> {
    let state = look(supervisors, id)?;
    match state.status {
        "running" => supervisors.ask(
            id,
            Kind::Signal,
            &Signal {
                signal,
                all,
                only: None,
            },
        ),
        "created" if signal == libc::SIGKILL => end_created(supervisors, id),
        "created" => Ok(()),
        other => Err(failed(format!(
            "container {id:?} cannot be signalled: it is {other}"
        ))),
    }
}

fn end_created(supervisors: &mut Supervisors, id: &str) -> Result<(), Failure> {
    let stop = Stop {
        signal: libc::SIGKILL,
        grace_ms: 0,
        by: StoppedBy::User as u64,
    };
    supervisors.ask(id, Kind::Stop, &stop)
}

fn delete(supervisors: &mut Supervisors, id: &str, force: bool) -> Result<(), Failure> {
    if force && !supervisors.exists(id) {
        return Ok(());
    }
    let state = look(supervisors, id)?;
    if !force && state.status != "stopped" {
        return Err(failed(format!(
            "container {id:?} cannot be deleted: it is {}",
            state.status
        )));
    }
    supervisors.ask(id, Kind::Remove, &Remove { logs: true })
}

fn look(supervisors: &Supervisors, id: &str) -> Result<State, Failure> {
    let status: Status = supervisors
        .status(id)?
        .ok_or_else(|| failed(format!("container {id:?} does not exist")))?;
    Ok(State::of(&status))
}

/// The pid file of `create` names the process that `state` names.
fn write_pid(state: &State) -> Result<(), Failure> {
    let Some(path) = &state.pid_file else {
        return Ok(());
    };
    fs::write(path, state.pid.to_string()).at("oci.pid", "write", path)
}

fn failed(message: String) -> Failure {
    Failure::plain("E_OCI", "oci", message)
}
