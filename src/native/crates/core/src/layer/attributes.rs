//! Owner, mode, times and extended attributes of what was made.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;

use super::error::{Kind, LayerError, STEP, failed, printable};
use super::tar::Entry;
use crate::procfs;

const OPAQUE: &str = "trusted.overlay.opaque";

/// What a new file has without being told, so that calls which would change nothing are left out.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    uid: u32,
    gid: u32,
    umask: u32,
}

impl Defaults {
    /// For files made by this process below `root`, a new directory of its own: nothing is inherited from it afterwards, neither a group nor an ACL.
    pub fn below(root: &OwnedFd) -> Result<Self, LayerError> {
        rustix::fs::fchown(root, Some(Uid::ROOT), Some(Gid::ROOT))
            .and_then(|()| rustix::fs::fchmod(root, Mode::from_raw_mode(0o755)))
            .map_err(|error| failed("fchmod", b".", error))?;
        for acl in ["system.posix_acl_default", "system.posix_acl_access"] {
            match rustix::fs::fremovexattr(root, acl) {
                Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP) => {}
                Err(error) => return Err(failed("fremovexattr", acl.as_bytes(), error)),
            }
        }
        Ok(Self {
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
            umask: procfs::umask().unwrap_or(0o7777), // unknown: every mode is set
        })
    }

    fn is_owner(self, entry: &Entry) -> bool {
        (entry.uid, entry.gid) == (self.uid, self.gid)
    }

    /// Whether a file created with `mode` has just that one.
    fn is_mode(self, mode: u32) -> bool {
        mode & (self.umask | 0o7000) == 0
    }

    /// A file that was just created with the permissions of its entry.
    pub fn finish_new_file(
        self,
        fd: &OwnedFd,
        entry: &Entry,
        name: &[u8],
    ) -> Result<(), LayerError> {
        let owned = self.is_owner(entry);
        if !owned {
            change_owner(fd, entry, name)?;
        }
        if !owned || !self.is_mode(entry.mode) {
            change_mode(fd, entry, name)?;
        }
        set_attributes(fd, entry, name)?;
        set_times(fd, entry.mtime, name)
    }

    /// Owner and times of something just made that cannot be opened: links, devices, pipes.
    pub fn finish_unopened(
        self,
        parent: &OwnedFd,
        entry: &Entry,
        name: &[u8],
    ) -> Result<(), LayerError> {
        let (text, nofollow) = (OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW);
        if !self.is_owner(entry) {
            let (uid, gid) = (Uid::from_raw(entry.uid), Gid::from_raw(entry.gid));
            rustix::fs::chownat(parent, text, Some(uid), Some(gid), nofollow)
                .map_err(|error| failed("chown", name, error))?;
        }
        rustix::fs::utimensat(parent, text, &timestamps(entry.mtime), nofollow)
            .map_err(|error| failed("utimensat", name, error))
    }
}

/// Owner, mode (after the owner, which clears setuid), attributes and times of an open directory.
pub fn finish_directory(fd: &OwnedFd, entry: &Entry, name: &[u8]) -> Result<(), LayerError> {
    change_owner(fd, entry, name)?;
    change_mode(fd, entry, name)?;
    set_attributes(fd, entry, name)?;
    set_times(fd, entry.mtime, name)
}

fn change_owner(fd: &OwnedFd, entry: &Entry, name: &[u8]) -> Result<(), LayerError> {
    let (uid, gid) = (Uid::from_raw(entry.uid), Gid::from_raw(entry.gid));
    rustix::fs::fchown(fd, Some(uid), Some(gid)).map_err(|error| failed("fchown", name, error))
}

fn change_mode(fd: &OwnedFd, entry: &Entry, name: &[u8]) -> Result<(), LayerError> {
    rustix::fs::fchmod(fd, Mode::from_raw_mode(entry.mode))
        .map_err(|error| failed("fchmod", name, error))
}

fn set_attributes(fd: &OwnedFd, entry: &Entry, name: &[u8]) -> Result<(), LayerError> {
    for (key, value) in entry.xattrs.iter().filter(|(key, _)| is_kept(key)) {
        match rustix::fs::fsetxattr(fd, OsStr::from_bytes(key), value, XattrFlags::empty()) {
            Err(Errno::OPNOTSUPP) if key.starts_with(b"user.") => {}
            other => other
                .map_err(|error| failed(&format!("fsetxattr {}", printable(key)), name, error))?,
        }
    }
    Ok(())
}

pub fn set_times(fd: &OwnedFd, mtime: (i64, u32), name: &[u8]) -> Result<(), LayerError> {
    rustix::fs::futimens(fd, &timestamps(mtime)).map_err(|error| failed("futimens", name, error))
}

fn timestamps((tv_sec, nanos): (i64, u32)) -> Timestamps {
    let time = Timespec {
        tv_sec,
        tv_nsec: nanos.into(),
    };
    Timestamps {
        last_access: time,
        last_modification: time,
    }
}

/// Labels of other hosts and ACLs are not carried over.
pub fn is_kept(key: &[u8]) -> bool {
    key.starts_with(b"user.") || key == b"security.capability"
}

/// Refuses extended attributes by which an image could speak to overlayfs.
pub fn check(entry: &Entry) -> Result<(), LayerError> {
    let forged = |name: &[u8]| name.starts_with(b"trusted.") || name.starts_with(b"user.overlay.");
    match entry.xattrs.iter().find(|(name, _)| forged(name)) {
        Some((name, _)) => Err(LayerError::new(
            Kind::Escape,
            STEP,
            format!("extended attribute {}", printable(name)),
        )),
        None => Ok(()),
    }
}

/// Nothing of the layers below is seen in this directory.
pub fn set_opaque(directory: &OwnedFd) -> Result<(), LayerError> {
    let fd = reopen(directory)?;
    rustix::fs::fsetxattr(&fd, OPAQUE, b"y", XattrFlags::empty())
        .map_err(|error| failed("fsetxattr", OPAQUE.as_bytes(), error))
}

pub fn is_opaque(directory: impl AsFd) -> bool {
    let mut value = [0; 1];
    rustix::fs::fgetxattr(directory, OPAQUE, &mut value[..]).is_ok_and(|length| length > 0)
}

/// A descriptor opened with `O_PATH` takes neither attributes nor times.
pub fn reopen(directory: &OwnedFd) -> Result<OwnedFd, LayerError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(directory, ".", flags, Mode::empty())
        .map_err(|error| failed("openat", b".", error))
}
