//! What directories that a layer only implies take from the layers below it.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Gid, Mode, OFlags, ResolveFlags, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;

use super::attributes::{is_kept, is_opaque};
use super::directories::open_directory;
use super::path::LayerPath;
use super::tree::attributes_of;

/// Gives each directory of `implied` in `tree` the owner, mode, times and attributes of the same one in the nearest layer of `lower` (nearest first),
/// because overlayfs shows those of the uppermost directory. Links are never followed. What is not there, or hidden, is passed over. Repeatable.
pub fn inherit(tree: &Path, lower: &[PathBuf], implied: &[Vec<u8>]) -> io::Result<()> {
    let tree = open_root(tree)?;
    let lower = lower
        .iter()
        .map(|path| open_root(path))
        .collect::<io::Result<Vec<_>>>()?;
    // Deepest first: a time that was set is not spoiled, and a mode shuts nobody out.
    for name in implied.iter().rev() {
        let path = LayerPath::parse(name).map_err(io::Error::other)?;
        let Some(target) = open_below(&tree, &path)? else {
            continue;
        };
        if let Some(source) = nearest(&lower, &path)? {
            copy(&source, &target)?;
        }
    }
    Ok(())
}

fn open_root(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// None: not there, or a link or file stands in the way.
fn open_below(root: &OwnedFd, path: &LayerPath) -> io::Result<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let name = OsStr::from_bytes(path.bytes());
    match rustix::fs::openat2(root, name, flags, Mode::empty(), resolve) {
        Ok(fd) => Ok(Some(fd)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn nearest(lower: &[OwnedFd], path: &LayerPath) -> io::Result<Option<OwnedFd>> {
    for root in lower {
        match look(root, path)? {
            Look::Directory(fd) => return Ok(Some(fd)),
            Look::Hidden => return Ok(None),
            Look::Absent => {}
        }
    }
    Ok(None)
}

enum Look {
    Directory(OwnedFd),
    /// A whiteout, link or file stands on the way, or an opaque directory: what lies further down is not seen.
    Hidden,
    Absent,
}

fn look(root: &OwnedFd, path: &LayerPath) -> io::Result<Look> {
    let mut here = root.try_clone()?;
    for component in path.components() {
        match open_directory(here.as_fd(), component) {
            Ok(next) => here = next,
            Err(Errno::NOENT) if is_opaque(&here) => return Ok(Look::Hidden),
            Err(Errno::NOENT) => return Ok(Look::Absent),
            Err(Errno::NOTDIR | Errno::LOOP) => return Ok(Look::Hidden),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Look::Directory(here))
}

fn copy(source: &OwnedFd, target: &OwnedFd) -> io::Result<()> {
    let stat = rustix::fs::fstat(source)?;
    let (uid, gid) = (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid));
    rustix::fs::fchown(target, Some(uid), Some(gid))?;
    rustix::fs::fchmod(target, Mode::from_raw_mode(stat.st_mode & 0o7777))?; // after chown, which may clear setgid
    for (name, value) in attributes_of(source.as_fd())? {
        if is_kept(&name) {
            rustix::fs::fsetxattr(
                target,
                OsStr::from_bytes(&name),
                &value,
                XattrFlags::empty(),
            )?;
        }
    }
    let modified = rustix::fs::Timespec {
        tv_sec: stat.st_mtime,
        tv_nsec: stat.st_mtime_nsec.cast_signed(),
    };
    let times = Timestamps {
        last_access: modified,
        last_modification: modified,
    };
    Ok(rustix::fs::futimens(target, &times)?)
}
