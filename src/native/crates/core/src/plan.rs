//! The start plan of one instance, as bytes that cross in a sealed memfd and stay beside the instance for a replaced supervisor.

use crate::cgroup::Limits;
use crate::restart::RestartPolicy;
use crate::wire::{Body, REQUIRED, Reader, WireError, Writer};

/// Plans above this size are refused by the zygote.
pub const MAX_PLAN_BYTES: usize = 16 << 20;

/// Everything a supervisor needs to run one instance. Validated by the engine; what comes from an image is only data in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub id: String,
    pub identity: String,
    pub hostname: String,
    pub domainname: Option<String>,
    pub rootfs: Rootfs,
    pub mounts: Vec<Mount>,
    pub process: Process,
    pub init: bool,
    pub security: Security,
    pub limits: Limits,
    pub rlimits: Vec<Rlimit>,
    pub sysctls: Vec<Sysctl>,
    pub oom_score_adj: i32,
    pub shm_bytes: u64,
    pub network: Network,
    pub restart: RestartPolicy,
    pub stop: StopPolicy,
    pub log: Log,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rootfs {
    /// Lowest first.
    pub layers: Vec<String>,
    /// Holds `upper` and `work`, which must be on one filesystem (overlayfs).
    pub upper: String,
    pub read_only: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mount {
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

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    pub argv: Vec<String>,
    pub env: Vec<String>,
    pub cwd: String,
    pub user: String,
    pub groups: Vec<String>,
    pub terminal: bool,
    pub stdin: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// Bit n is capability n (`linux/capability.h`).
    pub capabilities: u64,
    pub no_new_privileges: bool,
    /// Classic BPF, eight bytes an instruction; empty: no filter.
    pub seccomp: Vec<u8>,
    pub masked: Vec<String>,
    pub readonly: Vec<String>,
    pub privileged: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rlimit {
    /// `RLIMIT_*` number.
    pub resource: u32,
    pub soft: u64,
    pub hard: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sysctl {
    pub key: String,
    pub value: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Network {
    #[default]
    None,
    Host,
    Bridge(Vec<Interface>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    pub bridge: String,
    pub host_name: String,
    pub name: String,
    pub mac: [u8; 6],
    pub mtu: u32,
    /// CIDR texts.
    pub addresses: Vec<String>,
    pub gateway: Option<String>,
    pub alias: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StopPolicy {
    pub signal: i32,
    pub grace_ms: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    pub directory: String,
    pub max_bytes: u64,
    pub max_files: u32,
}

impl Body for Plan {
    fn encode(&self, out: &mut Writer) {
        out.text(1, &self.id);
        out.text(2, &self.identity);
        out.text(3, &self.hostname);
        out.maybe_text(4, self.domainname.as_deref());
        out.group(5, &self.rootfs);
        for mount in &self.mounts {
            out.group(6 | REQUIRED, mount);
        }
        out.group(7, &self.process);
        out.flag(8 | REQUIRED, self.init);
        out.group(9, &self.security);
        out.group(10, &self.limits);
        for rlimit in &self.rlimits {
            out.group(11, rlimit);
        }
        for sysctl in &self.sysctls {
            out.group(12, sysctl);
        }
        out.signed(13, i64::from(self.oom_score_adj));
        out.number(14, self.shm_bytes);
        out.group(15 | REQUIRED, &self.network);
        out.group(16, &self.restart);
        out.group(17, &self.stop);
        out.group(18, &self.log);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut plan = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => plan.id = value.text()?,
                2 => plan.identity = value.text()?,
                3 => plan.hostname = value.text()?,
                4 => plan.domainname = Some(value.text()?),
                5 => plan.rootfs = value.group()?,
                6 => plan.mounts.push(value.group()?),
                7 => plan.process = value.group()?,
                8 => plan.init = true,
                9 => plan.security = value.group()?,
                10 => plan.limits = value.group()?,
                11 => plan.rlimits.push(value.group()?),
                12 => plan.sysctls.push(value.group()?),
                13 => plan.oom_score_adj = value.small()?,
                14 => plan.shm_bytes = value.number()?,
                15 => plan.network = value.group()?,
                16 => plan.restart = value.group()?,
                17 => plan.stop = value.group()?,
                18 => plan.log = value.group()?,
                _ => value.skip()?,
            }
        }
        Ok(plan)
    }
}

impl Body for Rootfs {
    fn encode(&self, out: &mut Writer) {
        out.texts(1, &self.layers);
        out.text(2, &self.upper);
        out.flag(3 | REQUIRED, self.read_only);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut rootfs = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => rootfs.layers.push(value.text()?),
                2 => rootfs.upper = value.text()?,
                3 => rootfs.read_only = true,
                _ => value.skip()?,
            }
        }
        Ok(rootfs)
    }
}

impl Mount {
    pub fn target(&self) -> &str {
        match self {
            Self::Bind { target, .. } | Self::Tmpfs { target, .. } => target,
        }
    }

    pub fn read_only(&self) -> bool {
        match self {
            Self::Bind { read_only, .. } | Self::Tmpfs { read_only, .. } => *read_only,
        }
    }
}

impl Body for Mount {
    fn encode(&self, out: &mut Writer) {
        out.text(1, self.target());
        out.flag(2 | REQUIRED, self.read_only());
        match self {
            Self::Bind { source, create, .. } => {
                out.text(3, source);
                out.flag(4, *create);
            }
            Self::Tmpfs {
                size_bytes, mode, ..
            } => {
                out.number(5, u64::from(*mode));
                out.maybe_number(6, *size_bytes);
            }
        }
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let (mut target, mut read_only, mut source, mut create) =
            (String::new(), false, None, false);
        let (mut mode, mut size_bytes) = (0o1777, None);
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => target = value.text()?,
                2 => read_only = true,
                3 => source = Some(value.text()?),
                4 => create = true,
                5 => mode = value.small()?,
                6 => size_bytes = Some(value.number()?),
                _ => value.skip()?,
            }
        }
        Ok(match source {
            Some(source) => Self::Bind {
                source,
                target,
                read_only,
                create,
            },
            None => Self::Tmpfs {
                target,
                size_bytes,
                mode,
                read_only,
            },
        })
    }
}

impl Body for Process {
    fn encode(&self, out: &mut Writer) {
        out.texts(1, &self.argv);
        out.texts(2, &self.env);
        out.text(3, &self.cwd);
        out.text(4, &self.user);
        out.texts(5, &self.groups);
        out.flag(6, self.terminal);
        out.flag(7, self.stdin);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut process = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => process.argv.push(value.text()?),
                2 => process.env.push(value.text()?),
                3 => process.cwd = value.text()?,
                4 => process.user = value.text()?,
                5 => process.groups.push(value.text()?),
                6 => process.terminal = true,
                7 => process.stdin = true,
                _ => value.skip()?,
            }
        }
        Ok(process)
    }
}

impl Body for Security {
    fn encode(&self, out: &mut Writer) {
        out.number(1, self.capabilities);
        out.flag(2 | REQUIRED, self.no_new_privileges);
        if !self.seccomp.is_empty() {
            out.bytes(3 | REQUIRED, &self.seccomp);
        }
        out.texts(4 | REQUIRED, &self.masked);
        out.texts(5 | REQUIRED, &self.readonly);
        out.flag(6, self.privileged);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut security = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => security.capabilities = value.number()?,
                2 => security.no_new_privileges = true,
                3 => security.seccomp = value.bytes().to_vec(),
                4 => security.masked.push(value.text()?),
                5 => security.readonly.push(value.text()?),
                6 => security.privileged = true,
                _ => value.skip()?,
            }
        }
        Ok(security)
    }
}

impl Body for Limits {
    fn encode(&self, out: &mut Writer) {
        out.maybe_number(1, self.memory_bytes);
        out.maybe_number(2, self.swap_bytes);
        out.maybe_number(3, self.cpu_millis);
        out.maybe_number(4, self.pids);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut limits = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => limits.memory_bytes = Some(value.number()?),
                2 => limits.swap_bytes = Some(value.number()?),
                3 => limits.cpu_millis = Some(value.number()?),
                4 => limits.pids = Some(value.number()?),
                _ => value.skip()?,
            }
        }
        Ok(limits)
    }
}

impl Body for Rlimit {
    fn encode(&self, out: &mut Writer) {
        out.number(1, u64::from(self.resource));
        out.number(2, self.soft);
        out.number(3, self.hard);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut rlimit = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => rlimit.resource = value.small()?,
                2 => rlimit.soft = value.number()?,
                3 => rlimit.hard = value.number()?,
                _ => value.skip()?,
            }
        }
        Ok(rlimit)
    }
}

impl Body for Sysctl {
    fn encode(&self, out: &mut Writer) {
        out.text(1, &self.key);
        out.text(2, &self.value);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut sysctl = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => sysctl.key = value.text()?,
                2 => sysctl.value = value.text()?,
                _ => value.skip()?,
            }
        }
        Ok(sysctl)
    }
}

impl Body for Network {
    fn encode(&self, out: &mut Writer) {
        match self {
            Self::None => {}
            Self::Host => out.flag(1 | REQUIRED, true),
            Self::Bridge(interfaces) => {
                out.flag(2 | REQUIRED, true);
                for interface in interfaces {
                    out.group(3 | REQUIRED, interface);
                }
            }
        }
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let (mut network, mut interfaces) = (Self::None, Vec::new());
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => network = Self::Host,
                2 => network = Self::Bridge(Vec::new()),
                3 => interfaces.push(value.group()?),
                _ => value.skip()?,
            }
        }
        Ok(if matches!(network, Self::Bridge(_)) {
            Self::Bridge(interfaces)
        } else {
            network
        })
    }
}

impl Body for Interface {
    fn encode(&self, out: &mut Writer) {
        out.text(1, &self.bridge);
        out.text(2, &self.host_name);
        out.text(3, &self.name);
        out.bytes(4, &self.mac);
        out.number(5, u64::from(self.mtu));
        out.texts(6, &self.addresses);
        out.maybe_text(7, self.gateway.as_deref());
        out.text(8, &self.alias);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut interface = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => interface.bridge = value.text()?,
                2 => interface.host_name = value.text()?,
                3 => interface.name = value.text()?,
                4 => {
                    interface.mac = value
                        .bytes()
                        .try_into()
                        .map_err(|_| WireError::Malformed(4))?;
                }
                5 => interface.mtu = value.small()?,
                6 => interface.addresses.push(value.text()?),
                7 => interface.gateway = Some(value.text()?),
                8 => interface.alias = value.text()?,
                _ => value.skip()?,
            }
        }
        Ok(interface)
    }
}

impl Body for StopPolicy {
    fn encode(&self, out: &mut Writer) {
        out.signed(1, i64::from(self.signal));
        out.number(2, self.grace_ms);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut stop = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => stop.signal = value.small()?,
                2 => stop.grace_ms = value.number()?,
                _ => value.skip()?,
            }
        }
        Ok(stop)
    }
}

impl Body for Log {
    fn encode(&self, out: &mut Writer) {
        out.text(1, &self.directory);
        out.number(2, self.max_bytes);
        out.number(3, u64::from(self.max_files));
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut log = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => log.directory = value.text()?,
                2 => log.max_bytes = value.number()?,
                3 => log.max_files = value.small()?,
                _ => value.skip()?,
            }
        }
        Ok(log)
    }
}
