//! Trees of files: removal, sizes, flushing. Descriptors all the way down; a link is never followed, a mount never entered.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

const OPEN: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Bytes on disk and inodes below a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub bytes: u64,
    pub inodes: u64,
}

/// Removes a file or tree. Absent: success.
pub fn remove(path: &Path) -> io::Result<()> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    match rustix::fs::open(
        parent,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    ) {
        Ok(parent) => remove_at(parent.as_fd(), name.as_bytes()),
        Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Removes what is at `name` in a directory. Absent: success. Depth costs memory and no stack; one descriptor a level is closed while it is not read.
pub fn remove_at(parent: BorrowedFd<'_>, name: &[u8]) -> io::Result<()> {
    let text = OsStr::from_bytes(name);
    match rustix::fs::unlinkat(parent, text, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(error.into()),
    }
    let mut levels = vec![Level::open(parent, text)?];
    loop {
        let Some(level) = levels.last_mut() else {
            return Ok(());
        };
        let Some(child) = level.children.pop() else {
            let finished = levels.pop().map(|level| level.name).unwrap_or_default();
            let above = levels.last().map_or(parent, |level| level.fd.as_fd());
            match rustix::fs::unlinkat(above, finished.as_c_str(), AtFlags::REMOVEDIR) {
                Ok(()) | Err(Errno::NOENT) => continue,
                Err(error) => return Err(error.into()),
            }
        };
        match rustix::fs::unlinkat(&level.fd, child.as_c_str(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(Errno::ISDIR | Errno::PERM) => {
                let next = Level::open(level.fd.as_fd(), OsStr::from_bytes(child.as_bytes()))?;
                levels.push(next);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// A directory that is being emptied.
struct Level {
    name: CString,
    fd: OwnedFd,
    children: Vec<CString>,
}

impl Level {
    fn open(parent: BorrowedFd<'_>, name: &OsStr) -> io::Result<Self> {
        let fd = rustix::fs::openat(parent, name, OPEN, Mode::empty())?;
        let children = names(&fd)?;
        Ok(Self {
            name: CString::new(name.as_bytes())?,
            fd,
            children,
        })
    }
}

pub(super) fn names(fd: &OwnedFd) -> io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(fd)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_bytes() != b"." && name.to_bytes() != b".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Lets two entries of one filesystem change places in one step (`RENAME_EXCHANGE`, rename(2)): at no moment is either name absent.
pub fn exchange(left: &Path, right: &Path) -> io::Result<()> {
    Ok(rustix::fs::renameat_with(
        CWD,
        left,
        CWD,
        right,
        RenameFlags::EXCHANGE,
    )?)
}

/// Bytes and inodes of a tree, itself included; other filesystems that are mounted in it are left out, files with several names are counted once.
pub fn usage(path: &Path) -> io::Result<Usage> {
    let root = rustix::fs::open(path, OPEN, Mode::empty())?;
    let stat = rustix::fs::fstat(&root)?;
    let device = stat.st_dev;
    let mut usage = Usage {
        bytes: blocks(stat.st_blocks),
        inodes: 1,
    };
    let mut linked = std::collections::HashSet::new();
    let mut levels = vec![(names(&root)?, root)];
    while let Some((children, fd)) = levels.last_mut() {
        let Some(child) = children.pop() else {
            levels.pop();
            continue;
        };
        let stat = match rustix::fs::statat(&*fd, child.as_c_str(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if stat.st_dev == device => stat,
            Ok(_) | Err(Errno::NOENT) => continue,
            Err(error) => return Err(error.into()),
        };
        let is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if !is_directory && stat.st_nlink > 1 && !linked.insert(stat.st_ino) {
            continue;
        }
        usage.bytes += blocks(stat.st_blocks);
        usage.inodes += 1;
        if is_directory {
            match rustix::fs::openat(&*fd, child.as_c_str(), OPEN, Mode::empty()) {
                Ok(next) => levels.push((names(&next)?, next)),
                Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(usage)
}

/// `st_blocks` counts 512 bytes whatever the filesystem (inode(7)).
fn blocks(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0) * 512
}

/// Writes the filesystem that holds `path` back to disk.
pub fn sync(path: &Path) -> io::Result<()> {
    let fd = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(rustix::fs::syncfs(fd)?)
}

/// Extended attributes of an open file.
pub(super) fn attributes_of(fd: BorrowedFd<'_>) -> io::Result<Vec<(Vec<u8>, Vec<u8>)>> {
    // XATTR_LIST_MAX and XATTR_SIZE_MAX, linux/limits.h.
    let mut list = vec![0; 64 << 10];
    let length = match rustix::fs::flistxattr(fd, &mut list[..]) {
        Err(Errno::OPNOTSUPP) => return Ok(Vec::new()),
        other => other?,
    };
    let all = list[..length].split(|byte| *byte == 0);
    let mut value = Vec::new();
    all.filter(|name| !name.is_empty())
        .map(|name| {
            value.resize(64 << 10, 0);
            let length = rustix::fs::fgetxattr(fd, OsStr::from_bytes(name), &mut value[..])?;
            Ok((name.to_vec(), value[..length].to_vec()))
        })
        .collect()
}
