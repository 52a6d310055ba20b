//! Facts of the protocol as JSON for `index.ts`. Start times are decimal texts, because a JSON number cannot hold them.

use std::path::Path;

use serde_json::{Value, json};
use tsdock_core::cgroup::Stats;
use tsdock_core::failure::{Context, Failure};
use tsdock_core::procfs;
use tsdock_core::status::{Exit, Identity, Status};
use tsdock_core::wire::Body;

pub fn started(process: &Identity) -> Value {
    json!({ "pid": process.pid, "startTime": process.start_time.to_string() })
}

pub fn exit(exit: &Exit) -> Value {
    json!({ "code": exit.code, "signal": exit.signal, "oom": exit.oom, "atMs": exit.at_ms })
}

pub fn stats(stats: &Stats) -> Value {
    json!({
        "memoryBytes": stats.memory_bytes,
        "memoryInactiveFileBytes": stats.memory_inactive_file_bytes,
        "memoryPeakBytes": stats.memory_peak_bytes,
        "cpuMicros": stats.cpu_micros,
        "pids": stats.pids,
        "oomKills": stats.oom_kills,
    })
}

pub fn status(status: &Status) -> Value {
    json!({
        "id": status.id,
        "identity": status.identity,
        "phase": status.phase.name(),
        "process": status.process.as_ref().map(started),
        "supervisorPid": status.supervisor.map(|supervisor| supervisor.pid),
        "restarts": status.restarts,
        "attempts": status.attempts,
        "nextTryMs": status.next_try_ms,
        "exit": status.exit.as_ref().map(exit),
        "stoppedBy": status.stopped_by.map(tsdock_core::status::StoppedBy::name),
        "sinceMs": status.since_ms,
        "startedMs": status.started_ms,
        "error": status.error.as_ref().map(|error| json!({ "code": error.code, "step": error.step, "message": error.message })),
        "warnings": status.warnings,
    })
}

/// The status of an instance whose supervisor does not answer, from its file and the kernel. `None`: there is no such instance.
pub fn from_file(directory: &Path) -> Result<Option<Value>, Failure> {
    let path = directory.join("status");
    let bytes = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.at("status", "read", path.display().to_string())?,
    };
    let mut found = Status::from_bytes(&bytes).map_err(|error| {
        Failure::plain(
            "E_STATUS",
            "status",
            format!("status: {}: {error}", path.display()),
        )
    })?;
    let alive = |identity: &Identity| {
        found.boot_id == procfs::boot_id()
            && procfs::start_time(identity.pid) == Some(identity.start_time)
    };
    let (process, supervisor) = (found.process.filter(alive), found.supervisor.filter(alive));
    if found.process.is_some() && process.is_none() {
        // Nobody saw its end: the exit before this run is not its own.
        (found.exit, found.phase) = (None, tsdock_core::status::Phase::Exited);
    }
    (found.process, found.supervisor) = (process, supervisor);
    Ok(Some(status(&found)))
}
