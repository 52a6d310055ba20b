//! The state of a container as the runtime specification words it.

use std::path::Path;

use serde_json::{Value, json};
use tsdock_core::procfs;
use tsdock_core::status::{Phase, Status};

/// The state, of which `to_json` is the face.
#[derive(Debug)]
pub struct State {
    id: String,
    pub status: &'static str,
    /// Of the container's process; of its supervisor while that process is not there yet; 0 after its end.
    pub pid: i32,
    pub pid_file: Option<String>,
    facts: Value,
}

/// What a plan's identity keeps for `state`. The starter's own name makes it unique: two creations at once never take each other's instance for theirs.
pub fn identity(config: &Value, bundle: &Path, pid_file: Option<&Path>) -> String {
    let pid = std::process::id();
    json!({
        "ociVersion": config["ociVersion"],
        "bundle": bundle.display().to_string(),
        "annotations": config["annotations"],
        "pidFile": pid_file.map(|path| path.display().to_string()),
        "creator": format!("{pid}.{}", procfs::start_time(pid.cast_signed()).unwrap_or_default()),
    })
    .to_string()
}

impl State {
    pub fn of(status: &Status) -> Self {
        let facts: Value = serde_json::from_str(&status.identity).unwrap_or_default();
        let name = name(status);
        let process = match name {
            "running" => status.process,
            "created" => status.supervisor,
            _ => None,
        };
        Self {
            id: status.id.clone(),
            status: name,
            pid: process.map_or(0, |process| process.pid),
            pid_file: facts["pidFile"].as_str().map(String::from),
            facts,
        }
    }

    pub fn to_json(&self) -> Value {
        let mut state = json!({
            "ociVersion": self.facts["ociVersion"],
            "id": self.id,
            "status": self.status,
            "pid": self.pid,
            "bundle": self.facts["bundle"],
        });
        if self.facts["annotations"].is_object() {
            state["annotations"] = self.facts["annotations"].clone();
        }
        state
    }
}

fn name(status: &Status) -> &'static str {
    match status.phase {
        Phase::Creating => "creating",
        // Ended before its process was there.
        Phase::Created if status.stopped_by.is_some() => "stopped",
        Phase::Created => "created",
        Phase::Running | Phase::Stopping | Phase::Backoff => "running",
        Phase::Exited | Phase::Broken => "stopped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsdock_core::status::{Identity, StoppedBy};

    fn status(phase: Phase, stopped_by: Option<StoppedBy>) -> Status {
        let config = json!({ "ociVersion": "1.0.2", "annotations": { "a": "b" } });
        Status {
            id: "one".into(),
            identity: identity(&config, Path::new("/b"), Some(Path::new("/p"))),
            phase,
            stopped_by,
            process: Some(Identity {
                pid: 7,
                start_time: 1,
            }),
            supervisor: Some(Identity {
                pid: 6,
                start_time: 1,
            }),
            ..Status::default()
        }
    }

    #[test]
    fn the_json_has_the_words_of_the_specification() {
        let state = State::of(&status(Phase::Running, None));
        assert_eq!(state.pid_file.as_deref(), Some("/p"));
        assert_eq!(
            state.to_json(),
            json!({ "ociVersion": "1.0.2", "id": "one", "status": "running", "pid": 7, "bundle": "/b", "annotations": { "a": "b" } })
        );
    }

    #[test]
    fn a_phase_is_a_status_and_a_process() {
        let cases = [
            (Phase::Creating, None, ("creating", 0)),
            (Phase::Created, None, ("created", 6)),
            (Phase::Created, Some(StoppedBy::User), ("stopped", 0)),
            (Phase::Stopping, Some(StoppedBy::User), ("running", 7)),
            (Phase::Exited, Some(StoppedBy::Itself), ("stopped", 0)),
            (Phase::Broken, None, ("stopped", 0)),
        ];
        for (phase, by, expected) in cases {
            let state = State::of(&status(phase, by));
            assert_eq!((state.status, state.pid), expected, "{phase:?}");
        }
    }
}
