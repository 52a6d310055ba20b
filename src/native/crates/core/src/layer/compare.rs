//! Whether two trees are the same layer.

use std::collections::HashMap;
use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};

use super::error::printable;
use super::tree::{attributes_of, names};

/// Names differences that are told; a tree that lost everything is not listed whole.
const MAX_DIFFERENCES: usize = 8;
const CHUNK: usize = 128 << 10;
const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// What is not as in `expected`, at most eight lines: missing and additional names, types, modes, owners, times, attributes, contents, hard links.
pub fn differences(expected: &Path, found: &Path) -> io::Result<Vec<String>> {
    let open = |path: &Path| rustix::fs::open(path, DIRECTORY, Mode::empty());
    let mut comparison = Comparison::default();
    let mut waiting = vec![(Vec::new(), open(expected)?, open(found)?)];
    if let Some(what) = comparison.directories(&waiting[0].1, &waiting[0].2)? {
        comparison.tell(b".", what);
    }
    while let Some((path, expected, found)) = waiting.pop() {
        if comparison.told.len() >= MAX_DIFFERENCES {
            break;
        }
        let (left, right) = (sorted(&expected)?, sorted(&found)?);
        for name in right.iter().filter(|name| !left.contains(name)) {
            comparison.tell(&join(&path, name), "is not of the layer".to_owned());
        }
        for name in left {
            let path = join(&path, &name);
            if right.binary_search(&name).is_err() {
                comparison.tell(&path, "is missing".to_owned());
            } else if let Some(what) = comparison.entry(&expected, &found, &name)? {
                comparison.tell(&path, what);
            } else if let (Ok(expected), Ok(found)) =
                (open_at(&expected, &name), open_at(&found, &name))
            {
                waiting.push((path, expected, found));
            }
        }
    }
    comparison.told.truncate(MAX_DIFFERENCES);
    Ok(comparison.told)
}

fn sorted(directory: &OwnedFd) -> io::Result<Vec<CString>> {
    let mut all = names(directory)?;
    all.sort();
    Ok(all)
}

fn open_at(directory: &OwnedFd, name: &CString) -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(directory, name.as_c_str(), DIRECTORY, Mode::empty())
}

fn join(path: &[u8], name: &CString) -> Vec<u8> {
    if path.is_empty() {
        name.as_bytes().to_vec()
    } else {
        [path, b"/", name.as_bytes()].concat()
    }
}

#[derive(Default)]
struct Comparison {
    told: Vec<String>,
    /// Files with several names: which inode stands for which.
    linked: HashMap<u64, u64>,
}

impl Comparison {
    fn tell(&mut self, path: &[u8], what: String) {
        self.told.push(format!("{} {what}", printable(path)));
    }

    fn directories(&self, expected: &OwnedFd, found: &OwnedFd) -> io::Result<Option<String>> {
        let (left, right) = (rustix::fs::fstat(expected)?, rustix::fs::fstat(found)?);
        if let Some(what) = metadata(&left, &right) {
            return Ok(Some(what));
        }
        attributes(expected.as_fd(), found.as_fd())
    }

    /// None: the same, as far as it can be told without looking into directories.
    fn entry(
        &mut self,
        expected: &OwnedFd,
        found: &OwnedFd,
        name: &CString,
    ) -> io::Result<Option<String>> {
        let stat = |directory: &OwnedFd| {
            rustix::fs::statat(directory, name.as_c_str(), AtFlags::SYMLINK_NOFOLLOW)
        };
        let (left, right) = (stat(expected)?, stat(found)?);
        let kind = FileType::from_raw_mode(left.st_mode);
        if kind != FileType::from_raw_mode(right.st_mode) {
            return Ok(Some("is of another type".to_owned()));
        }
        if matches!(kind, FileType::CharacterDevice | FileType::BlockDevice)
            && left.st_rdev != right.st_rdev
        {
            return Ok(Some("is another device".to_owned()));
        }
        if kind == FileType::CharacterDevice && left.st_rdev == 0 {
            return Ok(None); // a whiteout says no more than its name
        }
        if let Some(what) = metadata(&left, &right) {
            return Ok(Some(what));
        }
        if kind != FileType::Directory && (left.st_nlink > 1 || right.st_nlink > 1) {
            let twin = *self.linked.entry(left.st_ino).or_insert(right.st_ino);
            if left.st_nlink != right.st_nlink || twin != right.st_ino {
                return Ok(Some("has other hard links".to_owned()));
            }
        }
        match kind {
            FileType::Directory => match (open_at(expected, name), open_at(found, name)) {
                (Ok(left), Ok(right)) => attributes(left.as_fd(), right.as_fd()),
                (Err(error), _) | (_, Err(error)) => Err(error.into()),
            },
            FileType::RegularFile => files(expected, found, name),
            FileType::Symlink => {
                let target =
                    |directory| rustix::fs::readlinkat(directory, name.as_c_str(), Vec::new());
                let same = target(expected)? == target(found)?;
                Ok((!same).then(|| "leads elsewhere".to_owned()))
            }
            _ => Ok(None),
        }
    }
}

fn metadata(expected: &Stat, found: &Stat) -> Option<String> {
    if expected.st_mode != found.st_mode {
        let (left, right) = (expected.st_mode & 0o7777, found.st_mode & 0o7777);
        return Some(format!("has mode {right:04o} instead of {left:04o}"));
    }
    if (expected.st_uid, expected.st_gid) != (found.st_uid, found.st_gid) {
        let (uid, gid) = (expected.st_uid, expected.st_gid);
        return Some(format!(
            "belongs to {}:{} instead of {uid}:{gid}",
            found.st_uid, found.st_gid
        ));
    }
    let time = |stat: &Stat| (stat.st_mtime, stat.st_mtime_nsec);
    if time(expected) != time(found) {
        return Some("has another modification time".to_owned());
    }
    None
}

fn attributes(expected: BorrowedFd<'_>, found: BorrowedFd<'_>) -> io::Result<Option<String>> {
    let (mut left, mut right) = (attributes_of(expected)?, attributes_of(found)?);
    left.sort();
    right.sort();
    Ok((left != right).then(|| "has other extended attributes".to_owned()))
}

fn files(expected: &OwnedFd, found: &OwnedFd, name: &CString) -> io::Result<Option<String>> {
    let open = |directory: &OwnedFd| {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let text = OsStr::from_bytes(name.as_bytes());
        rustix::fs::openat(directory, text, flags, Mode::empty())
    };
    let (left, right) = (open(expected)?, open(found)?);
    if let Some(what) = attributes(left.as_fd(), right.as_fd())? {
        return Ok(Some(what));
    }
    let (mut one, mut other) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let (a, b) = (fill(&left, &mut one)?, fill(&right, &mut other)?);
        if one[..a] != other[..b] {
            return Ok(Some("has another content".to_owned()));
        }
        if a == 0 {
            return Ok(None);
        }
    }
}

fn fill(file: &OwnedFd, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match rustix::io::retry_on_intr(|| rustix::io::read(file, &mut buffer[filled..]))? {
            0 => break,
            length => filled += length,
        }
    }
    Ok(filled)
}
