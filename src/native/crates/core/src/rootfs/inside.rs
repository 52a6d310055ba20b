//! The child's part, in its own mount namespace: everything below the root, then the change of root.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::mount::{MountAttrFlags, UnmountFlags, unmount};

use super::devices::{self, Devices};
use super::mounts::{Parameter, attach, clone_tree, detached};
use super::staging::Staging;
use super::tree::{self, Kind};
use crate::failure::{Context, Failure};
use crate::plan::{Mount, Plan, Sysctl};
use crate::sys::mount::{Change, RDONLY, set_attributes};

const QUIET: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOSUID
    .union(MountAttrFlags::MOUNT_ATTR_NODEV)
    .union(MountAttrFlags::MOUNT_ATTR_NOEXEC);

/// What later steps act on.
pub struct Root {
    pub root: OwnedFd,
    pub devices: Devices,
    /// The root of the container's own procfs, from before anything covers parts of it.
    pub proc: OwnedFd,
}

/// What a container has in its root whatever the image is, made in the container's own namespaces and not yet in the tree: made while the supervisor stages the root.
pub struct Prepared {
    proc: OwnedFd,
    devices: Devices,
    sys: Sys,
}

/// Makes procfs, devices and sysfs with its cgroup mounts. sysfs shows the network namespace, cgroup mounts the cgroup namespace of the process that makes them. Wants umask 0.
pub fn prepare(plan: &Plan, hierarchies: &[String]) -> Result<Prepared, Failure> {
    let privileged = plan.security.privileged;
    Ok(Prepared {
        proc: detached("rootfs.proc", "proc", &[], QUIET)?,
        devices: devices::detached_devices(plan.shm_bytes, privileged)?,
        sys: Sys::detached(privileged, hierarchies)?,
    })
}

impl Prepared {
    /// A procfs that knows this process.
    pub fn proc(&self) -> BorrowedFd<'_> {
        self.proc.as_fd()
    }

    /// Mounts everything but masks into the staged root, which is in this namespace.
    pub fn mount(self, plan: &Plan, staging: &Staging) -> Result<Root, Failure> {
        let root = open_root(staging)?;
        set_attributes(
            root.as_fd(),
            Change {
                clear: RDONLY,
                ..Change::default()
            },
        )
        .at("rootfs.root", "mount_setattr", "/")?;
        let place = tree::own_directory(root.as_fd(), "proc").at("rootfs.proc", "open", "/proc")?;
        attach("rootfs.proc", self.proc.as_fd(), place.as_fd(), "/proc")?;
        self.devices.attach(root.as_fd())?;
        self.sys.attach(root.as_fd())?;
        for (index, mount) in plan.mounts.iter().enumerate() {
            place_mount(root.as_fd(), mount, staging, index)?;
        }
        Ok(Root {
            root,
            devices: self.devices,
            proc: self.proc,
        })
    }
}

fn open_root(staging: &Staging) -> Result<OwnedFd, Failure> {
    openat(
        CWD,
        staging.root(),
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at("rootfs.root", "open", "staged root")
}

/// `/sys`, read-only unless privileged, and `/sys/fs/cgroup`: the v2 tree, or a tmpfs with the v1 hierarchies by their names, e.g. `memory`.
struct Sys {
    sys: OwnedFd,
    cgroup: OwnedFd,
    hierarchies: Vec<(String, OwnedFd)>,
}

impl Sys {
    const STEP: &str = "rootfs.sys";

    fn detached(writable: bool, names: &[String]) -> Result<Self, Failure> {
        let quiet = QUIET | MountAttrFlags::MOUNT_ATTR_RDONLY;
        let sys = detached(
            Self::STEP,
            "sysfs",
            &[],
            if writable { QUIET } else { quiet },
        )?;
        if names.is_empty() {
            return Ok(Self {
                sys,
                cgroup: detached(Self::STEP, "cgroup2", &[], quiet)?,
                hierarchies: Vec::new(),
            });
        }
        let cgroup = detached(
            Self::STEP,
            "tmpfs",
            &[("mode", Some("755")), ("size", Some("64k"))],
            QUIET,
        )?;
        let mut hierarchies = Vec::new();
        for name in names {
            rustix::fs::mkdirat(&cgroup, name.as_str(), Mode::from_raw_mode(0o755)).at(
                Self::STEP,
                "mkdir",
                name,
            )?;
            // `cpu,cpuacct` is one hierarchy and two options.
            let controllers: Vec<Parameter<'_>> = name
                .split(',')
                .map(|controller| (controller, None))
                .collect();
            hierarchies.push((
                name.clone(),
                detached(Self::STEP, "cgroup", &controllers, quiet)?,
            ));
        }
        Ok(Self {
            sys,
            cgroup,
            hierarchies,
        })
    }

    fn attach(&self, root: BorrowedFd<'_>) -> Result<(), Failure> {
        let place = tree::own_directory(root, "sys").at(Self::STEP, "open", "/sys")?;
        attach(Self::STEP, self.sys.as_fd(), place.as_fd(), "/sys")?;
        let place = openat(
            &self.sys,
            "fs/cgroup",
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .at(Self::STEP, "open", "/sys/fs/cgroup")?;
        attach(
            Self::STEP,
            self.cgroup.as_fd(),
            place.as_fd(),
            "/sys/fs/cgroup",
        )?;
        for (name, mount) in &self.hierarchies {
            let place = openat(
                &self.cgroup,
                name.as_str(),
                OFlags::PATH | OFlags::CLOEXEC,
                Mode::empty(),
            )
            .at(Self::STEP, "open", name)?;
            attach(Self::STEP, mount.as_fd(), place.as_fd(), name)?;
        }
        set_attributes(
            self.cgroup.as_fd(),
            Change {
                set: RDONLY,
                ..Change::default()
            },
        )
        .at(Self::STEP, "mount_setattr", "/sys/fs/cgroup")
    }
}

fn place_mount(
    root: BorrowedFd<'_>,
    mount: &Mount,
    staging: &Staging,
    index: usize,
) -> Result<(), Failure> {
    const STEP: &str = "mounts";
    let target = mount.target();
    let tree = match mount {
        Mount::Bind { .. } => {
            let staged = staging.bind(index);
            openat(CWD, &staged, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).at(
                STEP,
                "open",
                staged.display().to_string(),
            )?
        }
        Mount::Tmpfs {
            size_bytes, mode, ..
        } => {
            let (mode, size) = (
                format!("{mode:o}"),
                size_bytes.map(|bytes| bytes.to_string()),
            );
            let mut parameters: Vec<Parameter<'_>> = vec![("mode", Some(&mode))];
            parameters.extend(size.as_deref().map(|size| ("size", Some(size))));
            detached(
                STEP,
                "tmpfs",
                &parameters,
                MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV,
            )?
        }
    };
    let kind = tree::kind_of(tree.as_fd()).at(STEP, "fstat", target)?;
    let place = tree::ensure(root, target, kind).at(STEP, "openat2", target)?;
    if mount.read_only() {
        set_attributes(
            tree.as_fd(),
            Change {
                set: RDONLY,
                recursive: true,
                ..Change::default()
            },
        )
        .at(STEP, "mount_setattr", target)?;
    }
    attach(STEP, tree.as_fd(), place.as_fd(), target)
}

impl Root {
    /// Writes a sysctl through the container's own procfs. Only namespaced keys pass; `net.*` wants a network namespace of our own.
    pub fn write_sysctl(&self, sysctl: &Sysctl, own_network: bool) -> Result<(), Failure> {
        const STEP: &str = "sysctl";
        if !is_allowed_sysctl(sysctl, own_network) {
            return Err(Failure::plain(
                "E_SYSCTL",
                STEP,
                format!(
                    "sysctl: {:?} is not a setting of a container's own namespaces",
                    sysctl.key
                ),
            ));
        }
        let path = format!("sys/{}", sysctl.key.replace('.', "/"));
        let file = openat(
            &self.proc,
            path.as_str(),
            OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .at(STEP, "open", &sysctl.key)?;
        rustix::io::write(&file, sysctl.value.as_bytes())
            .at(STEP, "write", &sysctl.key)
            .map(drop)
    }

    /// Hides `masked` paths and makes `readonly` ones read-only; absent paths are fine.
    pub fn mask(&self, masked: &[String], readonly: &[String]) -> Result<(), Failure> {
        const STEP: &str = "rootfs.mask";
        let mut empty: Option<OwnedFd> = None;
        for path in readonly {
            if let Some(place) = self.present(STEP, path)? {
                let copy = clone_tree(STEP, place.as_fd(), true, path)?;
                set_attributes(
                    copy.as_fd(),
                    Change {
                        set: RDONLY,
                        recursive: true,
                        ..Change::default()
                    },
                )
                .at(STEP, "mount_setattr", path)?;
                attach(STEP, copy.as_fd(), place.as_fd(), path)?;
            }
        }
        for path in masked {
            let Some(place) = self.present(STEP, path)? else {
                continue;
            };
            let cover = match (
                tree::kind_of(place.as_fd()).at(STEP, "fstat", path)?,
                &empty,
            ) {
                (Kind::File, _) => clone_tree(STEP, self.devices.null()?.as_fd(), false, path)?,
                // One empty tmpfs serves all: a copy of the first, which is attached by now.
                (Kind::Directory, Some(first)) => clone_tree(STEP, first.as_fd(), false, path)?,
                (Kind::Directory, None) => detached(
                    STEP,
                    "tmpfs",
                    &[
                        ("mode", Some("755")),
                        ("size", Some("0")),
                        ("nr_inodes", Some("1")),
                    ],
                    QUIET | MountAttrFlags::MOUNT_ATTR_RDONLY,
                )?,
            };
            attach(STEP, cover.as_fd(), place.as_fd(), path)?;
            if empty.is_none()
                && tree::kind_of(cover.as_fd()).is_ok_and(|kind| kind == Kind::Directory)
            {
                empty = Some(cover);
            }
        }
        Ok(())
    }

    fn present(&self, step: &str, path: &str) -> Result<Option<OwnedFd>, Failure> {
        match tree::lookup(self.root.as_fd(), path) {
            Ok(found) => Ok(Some(found)),
            Err(error) if matches!(error.raw_os_error(), Some(code) if code == Errno::NOENT.raw_os_error() || code == Errno::NOTDIR.raw_os_error()) => {
                Ok(None)
            }
            Err(error) => Err(error).at(step, "openat2", path),
        }
    }

    /// Makes the working directory if the image lacks it, as image tools expect. Failure is left to `chdir`.
    pub fn ensure_directory(&self, path: &str) {
        let _ = tree::ensure(self.root.as_fd(), path, Kind::Directory);
    }

    /// Changes the root of this process and lets go of the old one. With `read_only` the container cannot write outside its mounts.
    pub fn enter(&self, read_only: bool) -> Result<(), Failure> {
        const STEP: &str = "rootfs.enter";
        if read_only {
            set_attributes(
                self.root.as_fd(),
                Change {
                    set: RDONLY,
                    ..Change::default()
                },
            )
            .at(STEP, "mount_setattr", "/")?;
        }
        rustix::process::fchdir(&self.root).at(STEP, "fchdir", "/")?;
        rustix::process::pivot_root(".", ".").at(STEP, "pivot_root", ".")?;
        // The old root lies over the new one now; "." is still the new one's mount point.
        unmount(".", UnmountFlags::DETACH).at(STEP, "umount2", "old root")?;
        rustix::process::chdir("/").at(STEP, "chdir", "/")
    }
}

/// Settings that belong to namespaces a container has of its own (ipc, uts, net).
fn is_allowed_sysctl(sysctl: &Sysctl, own_network: bool) -> bool {
    const IPC: [&str; 8] = [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ];
    let key = sysctl.key.as_str();
    let clean = key.split('.').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    });
    let value = !sysctl
        .value
        .bytes()
        .any(|byte| byte.is_ascii_control() || byte == b'+');
    clean
        && value
        && (IPC.contains(&key)
            || key.starts_with("fs.mqueue.")
            || (own_network && key.starts_with("net.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(key: &str, value: &str, own_network: bool) -> bool {
        is_allowed_sysctl(
            &Sysctl {
                key: key.into(),
                value: value.into(),
            },
            own_network,
        )
    }

    #[test]
    fn only_namespaced_settings_pass() {
        assert!(allowed("net.ipv4.ip_forward", "1", true));
        assert!(allowed("kernel.shmmax", "1", false));
        assert!(!allowed("net.ipv4.ip_forward", "1", false));
        assert!(!allowed("kernel.core_pattern", "|/x", true));
        assert!(!allowed("vm.overcommit_memory", "1", true));
    }

    #[test]
    fn keys_and_values_cannot_smuggle() {
        assert!(!allowed("net/../kernel.core_pattern", "1", true));
        assert!(!allowed("net...kernel", "1", true));
        assert!(!allowed("net.ipv4.ip_forward", "1\nx", true));
        assert!(!allowed(
            "kernel.shm_rmid_forced",
            "1+kernel.core_pattern=x",
            true
        ));
    }
}
