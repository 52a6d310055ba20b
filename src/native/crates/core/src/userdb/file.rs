//! The two files, which the image's author wrote: any bytes, any size, any kind of file.

use std::fs::File;
use std::io::Read;
use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, Stat};

/// What is read of a file; lines beyond it do not exist for us.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// Up to `MAX_BYTES` of a regular file, whole lines; `None` if there is no such file or it is something else. Symbolic links are followed inside the root.
pub(super) fn read(root: BorrowedFd<'_>, path: &str) -> Option<Vec<u8>> {
    let open = |flags| {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        rustix::fs::openat2(root, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve).ok()
    };
    // Looked at before it is opened, for opening a device or a FIFO can have effects; and again after, for a running container may swap it.
    let seen = rustix::fs::fstat(open(OFlags::PATH)?)
        .ok()
        .filter(is_regular)?;
    let file = open(OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
    let opened = rustix::fs::fstat(&file).ok().filter(is_regular)?;
    if (seen.st_dev, seen.st_ino) != (opened.st_dev, opened.st_ino) {
        return None;
    }
    // By its size and not to its end: files of procfs say zero and are not read.
    let size = u64::try_from(opened.st_size).ok()?;
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_BYTES)).ok()?);
    File::from(file)
        .take(size.min(MAX_BYTES))
        .read_to_end(&mut bytes)
        .ok()?;
    if size > MAX_BYTES {
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |last| last + 1);
        bytes.truncate(whole);
    }
    Some(bytes)
}

fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

/// A line `name:password:uid:gid:comment:home:shell` (passwd(5)).
#[derive(Debug)]
pub(super) struct Account<'a> {
    pub(super) name: &'a [u8],
    pub(super) uid: u32,
    pub(super) gid: u32,
    home: &'a [u8],
}

impl<'a> Account<'a> {
    /// An absolute path without control characters.
    pub(super) fn home(&self) -> Option<&'a str> {
        let path = str::from_utf8(self.home).ok()?;
        (path.starts_with('/') && !path.contains(|letter: char| letter.is_control()))
            .then_some(path)
    }
}

/// A line `name:password:gid:member,member` (group(5)).
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) name: &'a [u8],
    pub(super) gid: u32,
    members: &'a [u8],
}

impl Group<'_> {
    pub(super) fn has_member(&self, name: &[u8]) -> bool {
        self.members
            .split(|byte| *byte == b',')
            .any(|member| member == name)
    }
}

/// Lines that are accounts; all others (comments, NIS entries, numbers out of range) are passed over.
pub(super) fn accounts(text: &[u8]) -> impl Iterator<Item = Account<'_>> {
    lines(text).filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let (name, _, uid, gid) = (
            fields.next()?,
            fields.next()?,
            fields.next()?,
            fields.next()?,
        );
        let home = fields.nth(1).unwrap_or_default();
        Some(Account {
            name: entry_name(name)?,
            uid: parse_id(uid)?,
            gid: parse_id(gid)?,
            home,
        })
    })
}

pub(super) fn groups(text: &[u8]) -> impl Iterator<Item = Group<'_>> {
    lines(text).filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let (name, _, gid) = (fields.next()?, fields.next()?, fields.next()?);
        let members = fields.next().unwrap_or_default();
        Some(Group {
            name: entry_name(name)?,
            gid: parse_id(gid)?,
            members,
        })
    })
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn entry_name(name: &[u8]) -> Option<&[u8]> {
    match name.first() {
        None | Some(b'#' | b'+' | b'-') => None,
        Some(_) => Some(name),
    }
}

/// A decimal number below 4294967295; that one is -1, which `setresuid(2)` and `chown(2)` read as "leave as it is".
pub(super) fn parse_id(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: u32 = str::from_utf8(digits).ok()?.parse().ok()?;
    (value != u32::MAX).then_some(value)
}
