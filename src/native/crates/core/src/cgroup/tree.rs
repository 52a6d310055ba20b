//! A group and the groups below it: processes in them, and their removal depth first.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;

use super::failure::{failed, is};
use super::files;

/// The kernel has no bound by default (`cgroup.max.depth`); a container that nests deeper than this loses its limits, not ours.
const MAX_DEPTH: usize = 64;

/// Processes of `group` and of everything below it.
pub(super) fn pids(group: BorrowedFd<'_>) -> io::Result<Vec<i32>> {
    let mut found = Vec::new();
    collect(group, 0, &mut found)?;
    Ok(found)
}

fn collect(group: BorrowedFd<'_>, depth: usize, found: &mut Vec<i32>) -> io::Result<()> {
    match files::read(group, "cgroup.procs") {
        Ok(text) => found.extend(text.lines().filter_map(|line| line.parse::<i32>().ok())),
        // A threaded group: its processes are listed by the domain above. Removed meanwhile: nobody is left.
        Err(error)
            if [Errno::OPNOTSUPP, Errno::NODEV, Errno::NOENT]
                .into_iter()
                .any(|errno| is(&error, errno)) => {}
        Err(error) => return Err(error),
    }
    for name in children(group)? {
        descend(depth, &name)?;
        if let Ok(child) = files::open_directory(group, &name) {
            collect(child.as_fd(), depth + 1, found)?;
        }
    }
    Ok(())
}

fn descend(depth: usize, name: &str) -> io::Result<()> {
    if depth < MAX_DEPTH {
        Ok(())
    } else {
        Err(failed("walk", name, Errno::LOOP))
    }
}

fn children(group: BorrowedFd<'_>) -> io::Result<Vec<String>> {
    let list = || -> Result<Vec<String>, Errno> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(group)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy();
            if entry.file_type() == FileType::Directory && name != "." && name != ".." {
                names.push(name.into_owned());
            }
        }
        Ok(names)
    };
    match list() {
        Err(Errno::NOENT | Errno::NODEV) => Ok(Vec::new()),
        other => other.map_err(|error| failed("readdir", "cgroup", error)),
    }
}

/// One attempt to remove `name` and all below it, deepest first. EBUSY as long as somebody is inside; absent is success.
pub(super) fn remove(parent: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    remove_below(parent, name, 0)
}

fn remove_below(parent: BorrowedFd<'_>, name: &str, depth: usize) -> io::Result<()> {
    let rmdir = || match rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(failed("rmdir", name, error)),
    };
    // Nearly always there is nothing below and nobody inside.
    let Err(busy) = rmdir() else { return Ok(()) };
    if !is(&busy, Errno::BUSY) && !is(&busy, Errno::NOTEMPTY) {
        return Err(busy);
    }
    let Ok(group) = files::open_directory(parent, name) else {
        return rmdir();
    };
    descend(depth, name)?;
    for child in children(group.as_fd())? {
        remove_below(group.as_fd(), &child, depth + 1)?;
    }
    rmdir()
}
