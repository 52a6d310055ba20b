//! `InstanceSpec` of `index.ts` as JSON, and the plan made of it.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Deserialize;
use tsdock_core::capabilities;
use tsdock_core::cgroup;
use tsdock_core::failure::Failure;
use tsdock_core::plan::{self, Plan};
use tsdock_core::restart::{RestartPolicy, When};
use tsdock_core::seccomp::compile_default;
use tsdock_core::sys::rlimit;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceSpec {
    pub id: String,
    identity: String,
    hostname: String,
    domainname: Option<String>,
    rootfs: Rootfs,
    mounts: Vec<Mount>,
    process: Process,
    init: bool,
    security: Security,
    limits: Limits,
    rlimits: Vec<Rlimit>,
    sysctls: Vec<Sysctl>,
    oom_score_adj: i32,
    shm_bytes: u64,
    network: Network,
    restart: Restart,
    stop: Stop,
    log: Log,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rootfs {
    layers: Vec<String>,
    upper: String,
    read_only: bool,
}

#[derive(Deserialize)]
#[serde(
    rename_all = "lowercase",
    rename_all_fields = "camelCase",
    tag = "type"
)]
enum Mount {
    Bind {
        source: String,
        target: String,
        read_only: bool,
        create: bool,
    },
    Tmpfs {
        target: String,
        size_bytes: Option<u64>,
        mode: u32,
        read_only: bool,
    },
}

#[derive(Deserialize)]
struct Process {
    argv: Vec<String>,
    env: Vec<String>,
    cwd: String,
    user: String,
    groups: Vec<String>,
    terminal: bool,
    stdin: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Security {
    capabilities: Vec<String>,
    no_new_privileges: bool,
    seccomp: Seccomp,
    masked_paths: Vec<String>,
    readonly_paths: Vec<String>,
    privileged: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Seccomp {
    Default,
    Unconfined,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    memory_bytes: Option<u64>,
    swap_bytes: Option<u64>,
    cpu_millis: Option<u64>,
    pids: Option<u64>,
}

#[derive(Deserialize)]
struct Rlimit {
    name: String,
    soft: f64,
    hard: f64,
}

#[derive(Deserialize)]
struct Sysctl {
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", tag = "mode")]
enum Network {
    None,
    Host,
    Bridge { interfaces: Vec<Interface> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interface {
    bridge: String,
    host_name: String,
    name: String,
    mac: String,
    mtu: u32,
    addresses: Vec<String>,
    gateway: Option<String>,
    alias: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restart {
    policy: Policy,
    initial_ms: u64,
    max_ms: u64,
    reset_ms: u64,
    max_restarts: Option<u64>,
}

#[derive(Clone, Copy, Deserialize)]
enum Policy {
    Always,
    OnFailure,
    Never,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    signal: i32,
    grace_ms: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    directory: String,
    max_bytes: u64,
    max_files: u32,
}

impl InstanceSpec {
    /// Names become numbers; anything unknown is a failure that says what.
    pub fn into_plan(self) -> Result<Plan, Failure> {
        let capabilities = self.security.capabilities.iter().try_fold(0, |set, name| {
            Ok::<_, Failure>(set | 1_u64 << capability(name)?)
        })?;
        let seccomp = match self.security.seccomp {
            Seccomp::Default => default_filter(&self.security.capabilities),
            Seccomp::Unconfined => Vec::new(),
        };
        Ok(Plan {
            id: self.id,
            identity: self.identity,
            hostname: self.hostname,
            domainname: self.domainname,
            rootfs: plan::Rootfs {
                layers: self.rootfs.layers,
                upper: self.rootfs.upper,
                read_only: self.rootfs.read_only,
            },
            mounts: self.mounts.into_iter().map(Mount::into_plan).collect(),
            process: plan::Process {
                argv: self.process.argv,
                env: self.process.env,
                cwd: self.process.cwd,
                user: self.process.user,
                groups: self.process.groups,
                terminal: self.process.terminal,
                stdin: self.process.stdin,
            },
            init: self.init,
            security: plan::Security {
                capabilities,
                no_new_privileges: self.security.no_new_privileges,
                seccomp,
                masked: self.security.masked_paths,
                readonly: self.security.readonly_paths,
                privileged: self.security.privileged,
            },
            limits: self.limits.into_plan(),
            rlimits: self
                .rlimits
                .iter()
                .map(Rlimit::to_plan)
                .collect::<Result<_, _>>()?,
            sysctls: self
                .sysctls
                .into_iter()
                .map(|sysctl| plan::Sysctl {
                    key: sysctl.key,
                    value: sysctl.value,
                })
                .collect(),
            oom_score_adj: self.oom_score_adj,
            shm_bytes: self.shm_bytes,
            network: self.network.into_plan()?,
            restart: self.restart.into_plan(),
            stop: self.stop.into_plan(),
            log: plan::Log {
                directory: self.log.directory,
                max_bytes: self.log.max_bytes,
                max_files: self.log.max_files,
            },
        })
    }
}

impl Mount {
    fn into_plan(self) -> plan::Mount {
        match self {
            Self::Bind {
                source,
                target,
                read_only,
                create,
            } => plan::Mount::Bind {
                source,
                target,
                read_only,
                create,
            },
            Self::Tmpfs {
                target,
                size_bytes,
                mode,
                read_only,
            } => plan::Mount::Tmpfs {
                target,
                size_bytes,
                mode,
                read_only,
            },
        }
    }
}

impl Limits {
    pub fn into_plan(self) -> cgroup::Limits {
        cgroup::Limits {
            memory_bytes: self.memory_bytes,
            swap_bytes: self.swap_bytes,
            cpu_millis: self.cpu_millis,
            pids: self.pids,
        }
    }
}

impl Rlimit {
    /// JavaScript has no `RLIM_INFINITY`: what is negative or above 2^53 - 1 means it.
    fn to_plan(&self) -> Result<plan::Rlimit, Failure> {
        const LARGEST: f64 = 9_007_199_254_740_991.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "both ends are checked"
        )]
        let limit = |value: f64| {
            if (0.0..LARGEST).contains(&value) {
                value as u64
            } else {
                u64::MAX
            }
        };
        let resource = rlimit::number(&self.name)
            .ok_or_else(|| invalid(format!("rlimit {:?} is unknown", self.name)))?;
        Ok(plan::Rlimit {
            resource,
            soft: limit(self.soft),
            hard: limit(self.hard),
        })
    }
}

impl Network {
    fn into_plan(self) -> Result<plan::Network, Failure> {
        Ok(match self {
            Self::None => plan::Network::None,
            Self::Host => plan::Network::Host,
            Self::Bridge { interfaces } => plan::Network::Bridge(
                interfaces
                    .into_iter()
                    .map(Interface::into_plan)
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}

impl Interface {
    fn into_plan(self) -> Result<plan::Interface, Failure> {
        let mac = mac(&self.mac)
            .ok_or_else(|| invalid(format!("{:?} is no hardware address", self.mac)))?;
        Ok(plan::Interface {
            bridge: self.bridge,
            host_name: self.host_name,
            name: self.name,
            mac,
            mtu: self.mtu,
            addresses: self.addresses,
            gateway: self.gateway,
            alias: self.alias,
        })
    }
}

impl Restart {
    pub fn into_plan(self) -> RestartPolicy {
        let when = match self.policy {
            Policy::Always => When::Always,
            Policy::OnFailure => When::OnFailure,
            Policy::Never => When::Never,
        };
        RestartPolicy {
            when,
            initial_ms: self.initial_ms,
            max_ms: self.max_ms,
            reset_ms: self.reset_ms,
            max_restarts: self.max_restarts,
        }
    }
}

impl Stop {
    pub fn into_plan(self) -> plan::StopPolicy {
        plan::StopPolicy {
            signal: self.signal,
            grace_ms: self.grace_ms,
        }
    }
}

fn capability(name: &str) -> Result<u32, Failure> {
    capabilities::number(name).ok_or_else(|| invalid(format!("capability {name:?} is unknown")))
}

/// Compiled once for each set of capabilities.
fn default_filter(capabilities: &[String]) -> Vec<u8> {
    static COMPILED: Mutex<Option<HashMap<Vec<String>, Vec<u8>>>> = Mutex::new(None);
    let mut names = capabilities.to_vec();
    names.sort_unstable();
    let mut cache = COMPILED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    cache
        .get_or_insert_default()
        .entry(names)
        .or_insert_with_key(|names| compile_default(names))
        .clone()
}

fn mac(text: &str) -> Option<[u8; 6]> {
    let mut bytes = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut bytes {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(bytes)
}

fn invalid(message: String) -> Failure {
    Failure::plain("E_INVALID", "spec", format!("spec: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hardware_address_has_six_bytes() {
        assert_eq!(mac("02:42:ac:11:00:02"), Some([2, 0x42, 0xac, 0x11, 0, 2]));
        for bad in [
            "",
            "02:42:ac:11:00",
            "02:42:ac:11:00:02:03",
            "2:42:ac:11:00:02",
            "02:42:ac:11:00:zz",
            "+2:42:ac:11:00:02",
        ] {
            assert_eq!(mac(bad), None, "{bad}");
        }
    }

    #[test]
    fn capabilities_have_the_kernels_numbers() {
        assert_eq!(capability("CHOWN").ok(), Some(0));
        assert_eq!(capability("SYS_ADMIN").ok(), Some(21));
        assert_eq!(capability("CHECKPOINT_RESTORE").ok(), Some(40));
        assert!(capability("CAP_CHOWN").is_err());
    }
}
