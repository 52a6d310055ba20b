//! Small reads and writes below a cgroup's descriptor.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::failure::failed;

/// Longest control file that is believed; `memory.stat` is a few KiB, a full `cgroup.procs` of 32,768 pids below 256 KiB.
const MAX_BYTES: usize = 1 << 20;

pub(super) fn open_directory(at: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(
        at,
        name,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

pub(super) fn open_for(at: BorrowedFd<'_>, name: &str, flags: OFlags) -> io::Result<OwnedFd> {
    rustix::fs::openat(
        at,
        name,
        flags | OFlags::CLOEXEC | OFlags::NOFOLLOW,
        Mode::empty(),
    )
    .map_err(|error| failed("open", name, error))
}

/// One `write`, as control files want it.
pub(super) fn write(at: BorrowedFd<'_>, name: &str, value: &str) -> io::Result<()> {
    let file = open_for(at, name, OFlags::WRONLY)?;
    rustix::io::write(&file, value.as_bytes())
        .map(|_| ())
        .map_err(|error| failed("write", format!("{name} = {value}"), error))
}

/// As `write`; `false` where the file does not exist.
pub(super) fn write_if_present(at: BorrowedFd<'_>, name: &str, value: &str) -> io::Result<bool> {
    match write(at, name, value) {
        Ok(()) => Ok(true),
        Err(error) if super::failure::is(&error, Errno::NOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn read(at: BorrowedFd<'_>, name: &str) -> io::Result<String> {
    let file = open_for(at, name, OFlags::RDONLY)?;
    read_from(&file, name)
}

/// The whole content from the start, whatever was read from the descriptor before.
pub(super) fn read_from(file: &OwnedFd, name: &str) -> io::Result<String> {
    let mut bytes = vec![0; 4096];
    let mut length = 0;
    loop {
        if length == bytes.len() {
            if length >= MAX_BYTES {
                return Err(failed(
                    "read",
                    name,
                    io::Error::from(io::ErrorKind::FileTooLarge),
                ));
            }
            bytes.resize(length * 2, 0);
        }
        match rustix::io::pread(file, &mut bytes[length..], length as u64) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(Errno::INTR) => {}
            Err(error) => return Err(failed("read", name, error)),
        }
    }
    bytes.truncate(length);
    String::from_utf8(bytes).map_err(|error| {
        failed(
            "read",
            name,
            io::Error::new(io::ErrorKind::InvalidData, error),
        )
    })
}

/// `key value` lines, as in `memory.events`; zero for a key that is not there.
pub(super) fn keyed(text: &str, key: &str) -> u64 {
    let value = |line: &str| {
        line.strip_prefix(key)?
            .strip_prefix(' ')?
            .trim()
            .parse()
            .ok()
    };
    text.lines().find_map(value).unwrap_or(0)
}

/// A file that holds one number; `max` and what is larger than 64 bits are `u64::MAX`.
pub(super) fn number(at: BorrowedFd<'_>, name: &str) -> io::Result<u64> {
    Ok(read(at, name)?.trim().parse().unwrap_or(u64::MAX))
}
