//! Which hierarchies a host has, where they are mounted and where in them we are allowed to build.

use std::io;
use std::path::{Path, PathBuf};

use super::failure::failed;
use super::{Layout, Mode};

/// Controllers that limits or accounting of an instance use. `Cpuacct` is joined only where no v2 tree counts CPU time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Controller {
    Cpu,
    Cpuacct,
    Memory,
    Pids,
    Freezer,
    Devices,
}

impl Controller {
    pub(super) const ALL: [Self; 6] = [
        Self::Cpu,
        Self::Cpuacct,
        Self::Memory,
        Self::Pids,
        Self::Freezer,
        Self::Devices,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cpuacct => "cpuacct",
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Freezer => "freezer",
            Self::Devices => "devices",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hierarchy {
    pub(super) version: Version,
    /// Those of ours that it serves; on v2 what `cgroup.controllers` of the base offers.
    pub(super) controllers: Vec<Controller>,
    /// Names of all controllers it serves on v1, ours or not.
    pub(super) all: Vec<String>,
    /// A directory of the mounted tree that is our own group.
    pub(super) own: PathBuf,
    /// Where the tree is mounted.
    pub(super) mount: PathBuf,
}

impl Hierarchy {
    pub(super) fn serves(&self, controller: Controller) -> bool {
        self.controllers.contains(&controller)
    }

    /// Its controllers as a mount option. Those that are not ours but mounted with ours are part of it: the kernel takes complete sets only.
    fn name(&self) -> String {
        self.all.join(",")
    }

    /// The directory below which `<prefix>` stands. A process that already sits in `<base>/<prefix>/sup` finds the same base as the one that put it there.
    pub(super) fn base(&self, prefix: &str) -> PathBuf {
        let leaf = Path::new(prefix).join(super::SUPERVISORS);
        match self.own.strip_prefix(&self.mount) {
            Ok(below) if below.ends_with(&leaf) => self
                .own
                .ancestors()
                .nth(2)
                .unwrap_or(&self.own)
                .to_path_buf(),
            _ => self.own.clone(),
        }
    }
}

/// A mount of a cgroup file system, as `/proc/self/mountinfo` tells it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CgroupMount {
    pub(super) version: Version,
    /// Path of the mount's root inside the hierarchy.
    root: String,
    point: String,
    /// Options of the super block; on v1 they name the controllers.
    options: Vec<String>,
}

/// A line of `/proc/self/cgroup`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Membership {
    /// Empty on v2.
    controllers: Vec<String>,
    v2: bool,
    path: String,
}

/// Mounts of type cgroup and cgroup2, in file order; malformed lines are passed over.
pub(super) fn parse_mountinfo(text: &str) -> Vec<CgroupMount> {
    text.lines().filter_map(parse_mount).collect()
}

fn parse_mount(line: &str) -> Option<CgroupMount> {
    // proc_pid_mountinfo(5): id parent major:minor root point options [tag …] - type source super-options
    let (left, right) = line.split_once(" - ")?;
    let mut left = left.split(' ').skip(3);
    let (root, point) = (left.next()?, left.next()?);
    let mut right = right.split(' ');
    let version = match right.next()? {
        "cgroup" => Version::V1,
        "cgroup2" => Version::V2,
        _ => return None,
    };
    let options = right.nth(1)?.split(',').map(str::to_owned).collect();
    Some(CgroupMount {
        version,
        root: unescape(root),
        point: unescape(point),
        options,
    })
}

/// The kernel writes space, tab, newline and backslash as three octal digits.
fn unescape(field: &str) -> String {
    let bytes = field.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let octal = bytes.get(at + 1..at + 4).filter(|digits| {
            bytes[at] == b'\\' && digits.iter().all(|d| (b'0'..=b'7').contains(d))
        });
        let value = octal.map(|digits| {
            digits
                .iter()
                .fold(0u32, |sum, d| sum * 8 + u32::from(d - b'0'))
        });
        if let Some(byte) = value.and_then(|value| u8::try_from(value).ok()) {
            out.push(byte);
            at += 4;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Lines `id:controllers:path`; a path may contain colons. Named v1 hierarchies keep their `name=…`.
pub(super) fn parse_memberships(text: &str) -> Vec<Membership> {
    let parse = |line: &str| {
        let mut fields = line.splitn(3, ':');
        let (id, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Membership {
            controllers: controllers
                .split(',')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            v2: id == "0" && controllers.is_empty(),
            path: path.strip_suffix(" (deleted)").unwrap_or(path).to_owned(),
        })
    };
    text.lines().filter_map(parse).collect()
}

/// Where `membership` is visible in one of `mounts`: our own directory and the mount point.
fn locate(membership: &Membership, mounts: &[CgroupMount]) -> Option<(PathBuf, PathBuf)> {
    let fits = |mount: &&CgroupMount| match mount.version {
        Version::V2 => membership.v2,
        Version::V1 => {
            !membership.v2
                && membership
                    .controllers
                    .iter()
                    .all(|name| mount.options.contains(name))
        }
    };
    mounts.iter().filter(fits).find_map(|mount| {
        // A root or path of `/..` lies above our cgroup namespace: its name is unknown.
        if mount.root.starts_with("/..") || membership.path.starts_with("/..") {
            return None;
        }
        let below = Path::new(&membership.path).strip_prefix(&mount.root).ok()?;
        let point = PathBuf::from(&mount.point);
        // `join("")` would append a slash.
        let own = if below.as_os_str().is_empty() {
            point.clone()
        } else {
            point.join(below)
        };
        Some((own, point))
    })
}

/// The host as its two files describe it. Controllers of the v2 tree are filled in by `detect`, which can read the tree.
pub(super) fn layout_of(mountinfo: &str, memberships: &str) -> Layout {
    let mounts = parse_mountinfo(mountinfo);
    let mut hierarchies = Vec::new();
    let mut v1_controllers = false;
    let mut v2 = false;
    for membership in parse_memberships(memberships) {
        let Some((own, mount)) = locate(&membership, &mounts) else {
            continue;
        };
        let named_only = membership
            .controllers
            .iter()
            .all(|name| name.starts_with("name="));
        if membership.v2 {
            v2 = true;
            hierarchies.push(Hierarchy {
                version: Version::V2,
                controllers: Vec::new(),
                all: Vec::new(),
                own,
                mount,
            });
        } else if !named_only {
            v1_controllers = true;
            let controllers: Vec<_> = Controller::ALL
                .into_iter()
                .filter(|known| {
                    membership
                        .controllers
                        .iter()
                        .any(|name| name == known.name())
                })
                .collect();
            if !controllers.is_empty() {
                hierarchies.push(Hierarchy {
                    version: Version::V1,
                    controllers,
                    all: membership.controllers,
                    own,
                    mount,
                });
            }
        }
    }
    let mode = match (v1_controllers, v2) {
        (false, _) => Mode::Unified,
        (true, true) => Mode::Hybrid,
        (true, false) => Mode::Legacy,
    };
    Layout { mode, hierarchies }
}

impl Layout {
    /// Looks at the calling process' own groups. No cgroup mount at all is an error.
    pub fn detect() -> io::Result<Self> {
        let read = |path: &'static str| {
            std::fs::read_to_string(path).map_err(|error| failed("read", path, error))
        };
        let mut layout = layout_of(&read("/proc/self/mountinfo")?, &read("/proc/self/cgroup")?);
        if layout.hierarchies.is_empty() {
            let reason = io::Error::new(
                io::ErrorKind::NotFound,
                "no cgroup file system is mounted here",
            );
            return Err(failed("find", "cgroup", reason));
        }
        for hierarchy in layout
            .hierarchies
            .iter_mut()
            .filter(|hierarchy| hierarchy.version == Version::V2)
        {
            if !may_build_in(hierarchy) {
                hierarchy.own.clone_from(&hierarchy.mount);
            }
            let file = hierarchy.own.join("cgroup.controllers");
            let offered = std::fs::read_to_string(&file)
                .map_err(|error| failed("read", file.display().to_string(), error))?;
            hierarchy.controllers = v2_controllers(&offered);
        }
        Ok(layout)
    }

    /// Names of controllers limits can use on this host: of `cpu`, `memory`, `pids` those that are there.
    pub fn controllers(&self) -> Vec<String> {
        let limiting = [Controller::Cpu, Controller::Memory, Controller::Pids];
        let served = |wanted: &Controller| {
            self.hierarchies
                .iter()
                .any(|hierarchy| hierarchy.serves(*wanted))
        };
        limiting
            .into_iter()
            .filter(served)
            .map(|controller| controller.name().to_owned())
            .collect()
    }

    /// v1 hierarchies whose files programs read to learn their limits, as options of a mount of type `cgroup` and as directory names: `memory`,
    /// `cpu,cpuacct`. Only joined ones: in any other a container would see the groups of the host, `release_agent` of the top among their files.
    /// Empty on unified hosts.
    pub fn visible(&self) -> Vec<String> {
        let joined = self
            .joined()
            .into_iter()
            .filter(|hierarchy| hierarchy.version == Version::V1);
        joined
            .filter(|hierarchy| !hierarchy.serves(Controller::Freezer))
            .map(Hierarchy::name)
            .collect()
    }

    pub(super) fn v2(&self) -> Option<&Hierarchy> {
        self.hierarchies
            .iter()
            .find(|hierarchy| hierarchy.version == Version::V2)
    }

    pub(super) fn serving(&self, controller: Controller) -> Option<&Hierarchy> {
        self.hierarchies
            .iter()
            .find(|hierarchy| hierarchy.serves(controller))
    }

    /// The hierarchies an instance joins: memory, pids, cpu, cpuacct and the v2 tree; freezer only where there is no v2 tree to freeze in.
    pub(super) fn joined(&self) -> Vec<&Hierarchy> {
        const ALWAYS: [Controller; 4] = [
            Controller::Cpu,
            Controller::Cpuacct,
            Controller::Memory,
            Controller::Pids,
        ];
        let v2 = self.v2().is_some();
        let wanted = |hierarchy: &&Hierarchy| {
            let always = ALWAYS
                .into_iter()
                .any(|controller| hierarchy.serves(controller));
            let freezer = !v2 && hierarchy.serves(Controller::Freezer);
            hierarchy.version == Version::V2 || always || freezer
        };
        self.hierarchies.iter().filter(wanted).collect()
    }
}

pub(super) fn v2_controllers(offered: &str) -> Vec<Controller> {
    let limiting = [Controller::Cpu, Controller::Memory, Controller::Pids];
    limiting
        .into_iter()
        .filter(|known| offered.split_whitespace().any(|name| name == known.name()))
        .collect()
}

/// On a systemd host a group that was not delegated belongs to systemd: there we build at the top, beside the slices, as other engines without a delegation
/// do. Delegation shows in an extended attribute (systemd.resource-control(5)).
fn may_build_in(hierarchy: &Hierarchy) -> bool {
    if hierarchy.own == hierarchy.mount || !Path::new("/run/systemd/system").is_dir() {
        return true;
    }
    // A supervisor asks from inside the leaf; the attribute is two groups above.
    let in_leaf = hierarchy.own.ends_with(super::SUPERVISORS);
    let delegated = if in_leaf {
        hierarchy.own.ancestors().nth(2)
    } else {
        Some(hierarchy.own.as_path())
    };
    delegated.is_some_and(|group| {
        ["trusted.delegate", "user.delegate"]
            .into_iter()
            .any(|name| is_one(group, name))
    })
}

fn is_one(group: &Path, attribute: &str) -> bool {
    let mut value = [0u8; 4];
    let length = rustix::fs::getxattr(group, attribute, &mut value);
    length.is_ok_and(|length| value.get(..length) == Some(b"1"))
}
