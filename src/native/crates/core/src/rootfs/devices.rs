//! `/dev` of a container: a tmpfs of our own with the six nodes every program expects, terminals, shared memory and message queues.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    CWD, Dir, FileType, Mode, OFlags, chmodat, fstat, major, makedev, minor, mkdirat, mknodat,
    openat, statat, symlinkat,
};
use rustix::mount::MountAttrFlags;

use super::mounts::{attach, detached};
use super::tree;
use crate::failure::{Context, Failure};

const STEP: &str = "rootfs.dev";

/// Name, major, minor (Documentation/admin-guide/devices.txt).
const NODES: [(&str, u32, u32); 6] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
];

const LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
];

/// Mounts of the new `/dev`; all of them are ours, no image can have put anything there.
pub struct Devices {
    pub dev: OwnedFd,
    pub pts: OwnedFd,
    shm: OwnedFd,
    mqueue: OwnedFd,
}

/// `/dev` and what belongs into it, not yet in the tree. `all`: also every node of the host's `/dev`. Wants umask 0.
pub fn detached_devices(shm_bytes: u64, all: bool) -> Result<Devices, Failure> {
    let flags = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let dev = detached(
        STEP,
        "tmpfs",
        &[
            ("mode", Some("755")),
            ("size", Some("64k")),
            ("nr_inodes", Some("8192")),
        ],
        flags,
    )?;
    for (name, major, minor) in NODES {
        mknodat(
            &dev,
            name,
            FileType::CharacterDevice,
            Mode::from_raw_mode(0o666),
            makedev(major, minor),
        )
        .at(STEP, "mknod", name)?;
    }
    if all {
        copy_host_nodes(dev.as_fd());
    }
    for (name, target) in LINKS {
        symlinkat(target, &dev, name).at(STEP, "symlink", name)?;
    }
    for name in ["pts", "shm", "mqueue"] {
        mkdirat(&dev, name, Mode::from_raw_mode(0o755)).at(STEP, "mkdir", name)?;
    }
    let quiet = MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NOEXEC
        | MountAttrFlags::MOUNT_ATTR_NODEV;
    // Group 5 is `tty` everywhere; newinstance is implied since 4.7 but harmless.
    let pts = detached(
        STEP,
        "devpts",
        &[
            ("newinstance", None),
            ("ptmxmode", Some("0666")),
            ("mode", Some("0620")),
            ("gid", Some("5")),
        ],
        MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC,
    )?;
    let size = shm_bytes.to_string();
    let shm = detached(
        STEP,
        "tmpfs",
        &[("mode", Some("1777")), ("size", Some(&size))],
        quiet,
    )?;
    Ok(Devices {
        dev,
        pts,
        shm,
        mqueue: detached(STEP, "mqueue", &[], quiet)?,
    })
}

impl Devices {
    /// Puts them into `root`, once.
    pub fn attach(&self, root: BorrowedFd<'_>) -> Result<(), Failure> {
        let place = tree::own_directory(root, "dev").at(STEP, "open", "/dev")?;
        attach(STEP, self.dev.as_fd(), place.as_fd(), "/dev")?;
        for (name, mount) in [
            ("pts", &self.pts),
            ("shm", &self.shm),
            ("mqueue", &self.mqueue),
        ] {
            let place = openat(
                &self.dev,
                name,
                OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                Mode::empty(),
            )
            .at(STEP, "open", name)?;
            attach(STEP, mount.as_fd(), place.as_fd(), name)?;
        }
        Ok(())
    }

    /// The null device, verified by type and number.
    pub fn null(&self) -> Result<OwnedFd, Failure> {
        let null = openat(
            &self.dev,
            "null",
            OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .at(STEP, "open", "null")?;
        let stat = fstat(&null).at(STEP, "fstat", "null")?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::CharacterDevice
            || (major(stat.st_rdev), minor(stat.st_rdev)) != (1, 3)
        {
            return Err(Failure::plain(
                "E_NOT_NULL",
                STEP,
                "rootfs.dev: /dev/null is not the null device",
            ));
        }
        Ok(null)
    }
}

/// For privileged containers: nodes directly in the host's `/dev`. Best effort; a name that exists already is kept.
fn copy_host_nodes(dev: BorrowedFd<'_>) {
    let Ok(host) = openat(
        CWD,
        "/dev",
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    ) else {
        return;
    };
    let Ok(entries) = Dir::read_from(&host) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(stat) = statat(
            &host,
            entry.file_name(),
            rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
        ) else {
            continue;
        };
        let kind = FileType::from_raw_mode(stat.st_mode);
        if matches!(kind, FileType::CharacterDevice | FileType::BlockDevice)
            && entry.file_name() != c"console"
            && entry.file_name() != c"ptmx"
        {
            let mode = Mode::from_raw_mode(stat.st_mode & 0o7777);
            if mknodat(dev, entry.file_name(), kind, mode, stat.st_rdev).is_ok() {
                let _ = chmodat(dev, entry.file_name(), mode, rustix::fs::AtFlags::empty());
            }
        }
    }
}
