//! `config.json` of an OCI bundle (runtime specification 1.x) as a plan. What is known and cannot be honoured is refused by name; properties the
//! specification does not know are passed over, as it demands.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tsdock_core::capabilities;
use tsdock_core::cgroup::Limits;
use tsdock_core::failure::Failure;
use tsdock_core::plan::{self, Plan};
use tsdock_core::seccomp::compile_default;
use tsdock_core::sys::rlimit;

use super::mounts;

const SHM_BYTES: u64 = 64 << 20;
const LOG_BYTES: u64 = 16 << 20;
const LOG_FILES: u32 = 3;

/// Known to the specification and supported by nobody here.
const NEVER: &[&str] = &[
    "hooks",
    "process.apparmorProfile",
    "process.selinuxLabel",
    "process.scheduler",
    "process.ioPriority",
    "process.execCPUAffinity",
    "process.consoleSize",
    "process.capabilities.inheritable",
    "process.capabilities.ambient",
    "linux.uidMappings",
    "linux.gidMappings",
    "linux.timeOffsets",
    "linux.devices",
    "linux.netDevices",
    "linux.cgroupsPath",
    "linux.intelRdt",
    "linux.memoryPolicy",
    "linux.mountLabel",
    "linux.personality",
    "linux.resources.blockIO",
    "linux.resources.hugepageLimits",
    "linux.resources.network",
    "linux.resources.rdma",
    "linux.resources.unified",
    "linux.resources.memory.reservation",
    "linux.resources.memory.kernel",
    "linux.resources.memory.kernelTCP",
    "linux.resources.memory.swappiness",
    "linux.resources.memory.disableOOMKiller",
    "linux.resources.memory.checkBeforeUpdate",
    "linux.resources.cpu.shares",
    "linux.resources.cpu.burst",
    "linux.resources.cpu.realtimeRuntime",
    "linux.resources.cpu.realtimePeriod",
    "linux.resources.cpu.cpus",
    "linux.resources.cpu.mems",
    "linux.resources.cpu.idle",
];

/// Where a container's things are and what the host says.
pub struct Place<'a> {
    pub id: &'a str,
    /// Absolute.
    pub bundle: &'a Path,
    /// The run directory; `upper/<id>` and `logs/<id>` are below it.
    pub root: &'a Path,
    /// For a container that names none.
    pub hostname: &'a str,
    pub identity: String,
}

/// The plan of a configuration, or the property that stands against it.
pub fn plan(config: &Value, place: &Place<'_>) -> Result<Plan, Failure> {
    let version = text(config, "ociVersion")?.unwrap_or_default();
    if !version.starts_with("1.") {
        return refuse("ociVersion", &format!("{version:?} is not 1.x"));
    }
    for path in NEVER {
        if at(config, path).is_some() {
            return refuse(path, "is not supported");
        }
    }
    refuse_devices_rules(config)?;
    let (mounts, shm) = mounts::read(config, place.bundle)?;
    let names = capability_names(config)?;
    let network = network(config)?;
    Ok(Plan {
        id: place.id.into(),
        identity: place.identity.clone(),
        hostname: text(config, "hostname")?.unwrap_or_else(|| place.hostname.into()),
        domainname: text(config, "domainname")?,
        rootfs: rootfs(config, place)?,
        mounts,
        process: process(config)?,
        init: false,
        security: plan::Security {
            capabilities: bits(&names)?,
            no_new_privileges: flag(config, "process.noNewPrivileges")?,
            seccomp: if at(config, "linux.seccomp").is_some() {
                compile_default(&names)
            } else {
                Vec::new()
            },
            masked: texts(config, "linux.maskedPaths")?,
            readonly: texts(config, "linux.readonlyPaths")?,
            privileged: false,
        },
        limits: limits(config)?,
        rlimits: rlimits(config)?,
        sysctls: sysctls(config)?,
        oom_score_adj: number(config, "process.oomScoreAdj")?
            .map_or(Ok(0), i32::try_from)
            .or_else(|_| refuse("process.oomScoreAdj", "is out of range"))?,
        shm_bytes: shm.unwrap_or(SHM_BYTES),
        network,
        restart: tsdock_core::restart::RestartPolicy::default(),
        stop: plan::StopPolicy {
            signal: libc::SIGTERM,
            grace_ms: 10_000,
        },
        log: plan::Log {
            directory: below(place.root, "logs", place.id),
            max_bytes: LOG_BYTES,
            max_files: LOG_FILES,
        },
    })
}

fn rootfs(config: &Value, place: &Place<'_>) -> Result<plan::Rootfs, Failure> {
    let Some(path) = text(config, "root.path")? else {
        return refuse("root.path", "is missing");
    };
    let propagation = text(config, "linux.rootfsPropagation")?.unwrap_or_default();
    if !matches!(propagation.as_str(), "" | "private" | "rprivate") {
        return refuse(
            "linux.rootfsPropagation",
            &format!("{propagation:?} is not supported, a root is private"),
        );
    }
    Ok(plan::Rootfs {
        layers: vec![place.bundle.join(path).display().to_string()],
        upper: below(place.root, "upper", place.id),
        read_only: flag(config, "root.readonly")?,
    })
}

fn process(config: &Value) -> Result<plan::Process, Failure> {
    let argv = texts(config, "process.args")?;
    if argv.is_empty() {
        return refuse("process.args", "is missing");
    }
    let cwd = text(config, "process.cwd")?.unwrap_or_default();
    if !cwd.starts_with('/') {
        return refuse("process.cwd", "is not an absolute path");
    }
    if number(config, "process.user.umask")?.is_some_and(|umask| umask != 0o022) {
        return refuse("process.user.umask", "can only be 18 (0022)");
    }
    let (uid, gid) = (
        id(config, "process.user.uid")?,
        id(config, "process.user.gid")?,
    );
    let groups = array(config, "process.user.additionalGids")?
        .iter()
        .map(|gid| match gid.as_u64() {
            Some(gid) => Ok(gid.to_string()),
            None => refuse("process.user.additionalGids", "has something but numbers"),
        })
        .collect::<Result<_, _>>()?;
    Ok(plan::Process {
        argv,
        env: texts(config, "process.env")?,
        cwd,
        user: format!("{uid}:{gid}"),
        groups,
        terminal: flag(config, "process.terminal")?,
        stdin: false,
    })
}

fn id(config: &Value, path: &str) -> Result<u32, Failure> {
    number(config, path)?
        .map_or(Ok(0), u32::try_from)
        .or_else(|_| refuse(path, "is out of range"))
}

/// The bounding set. What a program has effective and permitted after `execve` follows from it and from its user.
fn capability_names(config: &Value) -> Result<Vec<String>, Failure> {
    Ok(texts(config, "process.capabilities.bounding")?
        .iter()
        .map(|name| name.strip_prefix("CAP_").unwrap_or(name).to_owned())
        .collect())
}

fn bits(names: &[String]) -> Result<u64, Failure> {
    names
        .iter()
        .try_fold(0, |set, name| match capabilities::number(name) {
            Some(number) => Ok(set | 1 << number),
            None => refuse(
                "process.capabilities.bounding",
                &format!("{name:?} is unknown"),
            ),
        })
}

/// Each container has its own pid, mount, ipc, uts and cgroup namespace; only the network can be the host's.
fn network(config: &Value) -> Result<plan::Network, Failure> {
    const PATH: &str = "linux.namespaces";
    let mut found = Vec::new();
    for namespace in array(config, PATH)? {
        let kind = text(namespace, "type")?.unwrap_or_default();
        if at(namespace, "path").is_some() {
            return refuse(
                PATH,
                &format!("the {kind} namespace by path is not supported"),
            );
        }
        if !matches!(
            kind.as_str(),
            "pid" | "mount" | "ipc" | "uts" | "cgroup" | "network"
        ) {
            return refuse(PATH, &format!("type {kind:?} is not supported"));
        }
        if found.contains(&kind) {
            return refuse(PATH, &format!("type {kind:?} is there twice"));
        }
        found.push(kind);
    }
    for needed in ["pid", "mount", "ipc", "uts"] {
        if !found.iter().any(|kind| kind == needed) {
            return refuse(
                PATH,
                &format!("{needed} is missing, and sharing the host's is not supported"),
            );
        }
    }
    Ok(if found.iter().any(|kind| kind == "network") {
        plan::Network::None
    } else {
        plan::Network::Host
    })
}

fn limits(config: &Value) -> Result<Limits, Failure> {
    let positive = |path: &str| -> Result<Option<u64>, Failure> {
        Ok(number(config, path)?.and_then(|value| u64::try_from(value).ok()))
    };
    let memory_bytes = positive("linux.resources.memory.limit")?;
    let swap = number(config, "linux.resources.memory.swap")?;
    if memory_bytes.is_some() && swap.is_some_and(|swap| swap < 0) {
        return refuse(
            "linux.resources.memory.swap",
            "cannot be unlimited beside a memory limit",
        );
    }
    let period = positive("linux.resources.cpu.period")?.unwrap_or(100_000);
    let cpu_millis = match positive("linux.resources.cpu.quota")?.filter(|quota| *quota > 0) {
        None => None,
        Some(_) if period == 0 => return refuse("linux.resources.cpu.period", "is zero"),
        Some(quota) => Some((quota.saturating_mul(1000) / period).max(1)),
    };
    Ok(Limits {
        memory_bytes,
        swap_bytes: swap.and_then(|swap| u64::try_from(swap).ok()),
        cpu_millis,
        pids: positive("linux.resources.pids.limit")?.filter(|limit| *limit > 0),
    })
}

/// Everything but the standard nodes is denied; only a list that says nothing else is honoured.
fn refuse_devices_rules(config: &Value) -> Result<(), Failure> {
    const PATH: &str = "linux.resources.devices";
    for rule in array(config, PATH)? {
        let all = matches!(text(rule, "type")?.as_deref(), None | Some("a"))
            && at(rule, "major").is_none()
            && at(rule, "minor").is_none();
        if flag(rule, "allow")? || !all {
            return refuse(PATH, "only the denial of all devices is supported");
        }
    }
    Ok(())
}

fn rlimits(config: &Value) -> Result<Vec<plan::Rlimit>, Failure> {
    const PATH: &str = "process.rlimits";
    let mut found: Vec<plan::Rlimit> = Vec::new();
    for entry in array(config, PATH)? {
        let kind = text(entry, "type")?.unwrap_or_default();
        let number = kind
            .strip_prefix("RLIMIT_")
            .and_then(|name| rlimit::number(&name.to_ascii_lowercase()));
        let (Some(resource), Some(soft), Some(hard)) =
            (number, entry["soft"].as_u64(), entry["hard"].as_u64())
        else {
            return refuse(PATH, &format!("{kind:?} is unknown or has no soft or hard"));
        };
        if found.iter().any(|known| known.resource == resource) {
            return refuse(PATH, &format!("{kind:?} is there twice"));
        }
        found.push(plan::Rlimit {
            resource,
            soft,
            hard,
        });
    }
    Ok(found)
}

fn sysctls(config: &Value) -> Result<Vec<plan::Sysctl>, Failure> {
    const PATH: &str = "linux.sysctl";
    match at(config, PATH) {
        None => Ok(Vec::new()),
        Some(Value::Object(entries)) => entries
            .iter()
            .map(|(key, value)| match value {
                Value::String(value) => Ok(plan::Sysctl {
                    key: key.clone(),
                    value: value.clone(),
                }),
                _ => refuse(PATH, &format!("{key} is not a text")),
            })
            .collect(),
        Some(_) => refuse(PATH, "is not an object"),
    }
}

/// The value at a dotted path; `null`, empty lists, objects and texts, and `false` say as little as nothing.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let found = path
        .split('.')
        .try_fold(value, |value, name| value.get(name))?;
    match found {
        Value::Null | Value::Bool(false) => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Object(entries) if entries.is_empty() => None,
        Value::String(text) if text.is_empty() => None,
        other => Some(other),
    }
}

pub(super) fn text(value: &Value, path: &str) -> Result<Option<String>, Failure> {
    match at(value, path) {
        None => Ok(None),
        Some(Value::String(text)) if !text.contains('\0') => Ok(Some(text.clone())),
        Some(_) => refuse(path, "is not a text"),
    }
}

pub(super) fn array<'a>(value: &'a Value, path: &str) -> Result<&'a [Value], Failure> {
    match at(value, path) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => refuse(path, "is not a list"),
    }
}

pub(super) fn texts(value: &Value, path: &str) -> Result<Vec<String>, Failure> {
    array(value, path)?
        .iter()
        .map(|item| match item.as_str() {
            Some(text) if !text.contains('\0') => Ok(text.to_owned()),
            _ => refuse(path, "has something but texts"),
        })
        .collect()
}

fn flag(value: &Value, path: &str) -> Result<bool, Failure> {
    match at(value, path) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => refuse(path, "is neither true nor false"),
    }
}

fn number(value: &Value, path: &str) -> Result<Option<i64>, Failure> {
    match at(value, path) {
        None => Ok(None),
        Some(found) => match found.as_i64() {
            Some(number) => Ok(Some(number)),
            None => refuse(path, "is not a number in range"),
        },
    }
}

fn below(root: &Path, kind: &str, id: &str) -> String {
    let path: PathBuf = root.join(kind).join(id);
    path.display().to_string()
}

/// A property that cannot be honoured.
pub(super) fn refuse<T>(path: &str, why: &str) -> Result<T, Failure> {
    Err(Failure::plain(
        "E_INVALID",
        "config",
        format!("config.json: {path}: {why}"),
    ))
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
