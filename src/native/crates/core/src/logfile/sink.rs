//! The files of one directory: append, rotate, and survive whatever the disk or other programs do to them.

use std::fmt::Write;
use std::fs::DirBuilder;
use std::io::{self, IoSlice};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::SLICES;
use super::clock::Stamp;

const CURRENT: &str = "current.log";

#[derive(Debug)]
pub(super) struct Sink {
    directory: OwnedFd,
    /// Absent after a failed rotation or on a full disk; opened again with the next write.
    file: Option<OwnedFd>,
    /// Of `file`, as far as we know.
    size: u64,
    /// The last entry has no newline.
    torn: bool,
    max_bytes: u64,
    max_files: u32,
    lost: Lost,
    /// Second of the last look whether the file is still the one at its name.
    looked: i64,
}

/// What could not be written since the last marker.
#[derive(Debug, Default)]
struct Lost {
    entries: u64,
    bytes: u64,
}

impl Sink {
    pub(super) fn open(path: &Path, max_bytes: u64, max_files: u32) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let directory = rustix::fs::open(
            path,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        // The mode above is subject to the umask, and the directory may have been there.
        rustix::fs::fchmod(&directory, Mode::from_raw_mode(0o700))?;
        let mut sink = Self {
            directory,
            file: None,
            size: 0,
            torn: false,
            max_bytes,
            max_files: max_files.max(1),
            lost: Lost::default(),
            looked: 0,
        };
        match sink.reopen() {
            Err(error) if !is_full(error) => Err(error.into()),
            _ => Ok(sink),
        }
    }

    /// A text that a crash cut off is written again; an equal one, by its length, is left alone with its time. A full disk keeps nobody from running.
    pub(super) fn keep_identity(&self, text: &str) -> io::Result<()> {
        match self.write_identity(text) {
            Err(error) if is_full(error) => Ok(()),
            result => Ok(result?),
        }
    }

    fn write_identity(&self, text: &str) -> Result<(), Errno> {
        let file = rustix::fs::openat(
            &self.directory,
            "identity",
            OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::RUSR | Mode::WUSR,
        )?;
        let size = size_of_file(&file)?;
        if size == text.len() as u64 {
            return Ok(());
        }
        if size > 0 {
            rustix::fs::ftruncate(&file, 0)?;
        }
        write_all(&file, &[IoSlice::new(text.as_bytes())], text.len() as u64).1
    }

    /// Writes whole entries of `SLICES` slices each, `bytes` in all. What does not fit on the disk is counted and announced by the next write that works.
    pub(super) fn write(
        &mut self,
        entries: &[IoSlice<'_>],
        bytes: u64,
        stamp: Stamp,
    ) -> io::Result<()> {
        self.look_after(stamp);
        if self.max_bytes > 0 && self.size > 0 && self.size + bytes > self.max_bytes {
            // If it fails, the old file goes on.
            let _ = self.rotate();
        }
        let before = self.heal(stamp);
        let (written, result) = match before {
            Ok(()) => self.put(entries, bytes),
            Err(error) => (0, Err(error)),
        };
        if written < bytes {
            self.count_lost(entries, written);
        }
        match result {
            Err(error) if !is_full(error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Keeps `current.log` as `current.log.1`, moves the older ones on, drops the oldest. Readers follow by inode, so nothing is copied or cut.
    pub(super) fn rotate(&mut self) -> io::Result<()> {
        let kept = self.max_files - 1;
        for surplus in kept + 1.. {
            if rustix::fs::unlinkat(&self.directory, rotated(surplus), AtFlags::empty()).is_err() {
                break;
            }
        }
        if kept == 0 {
            absent_is_fine(rustix::fs::unlinkat(
                &self.directory,
                CURRENT,
                AtFlags::empty(),
            ))?;
        } else {
            // Only up to the first gap, so that a rotation that failed half-way pushes nothing out when it is tried again.
            let free = (1..kept)
                .find(|number| !self.exists(&rotated(*number)))
                .unwrap_or(kept);
            for number in (1..free).rev() {
                absent_is_fine(self.rename(&rotated(number), &rotated(number + 1)))?;
            }
            absent_is_fine(self.rename(CURRENT, &rotated(1)))?;
        }
        self.file = None;
        self.reopen().map_err(io::Error::from)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        rustix::fs::renameat(&self.directory, from, &self.directory, to)
    }

    fn exists(&self, name: &str) -> bool {
        rustix::fs::statat(&self.directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Opens or makes `current.log` and takes its size and its last byte from it.
    fn reopen(&mut self) -> Result<(), Errno> {
        let flags =
            OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.directory, CURRENT, flags, Mode::from_raw_mode(0o600))?;
        self.size = size_of_file(&file)?;
        let mut last = [b'\n'];
        if self.size > 0 {
            rustix::io::pread(&file, &mut last, self.size - 1)?;
        }
        self.torn = last != [b'\n'];
        self.file = Some(file);
        Ok(())
    }

    /// Once a second: if the file was removed or renamed by somebody else, a new one is made; if it was cut, we learn its size.
    fn look_after(&mut self, stamp: Stamp) {
        let Some(file) = self.file.as_ref().filter(|_| stamp.seconds != self.looked) else {
            return;
        };
        self.looked = stamp.seconds;
        let named = rustix::fs::statat(&self.directory, CURRENT, AtFlags::SYMLINK_NOFOLLOW);
        match (named, rustix::fs::fstat(file)) {
            (Ok(named), Ok(open)) if (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino) => {
                self.size = open.st_size.cast_unsigned();
            }
            _ => self.file = None,
        }
    }

    /// Ends a torn entry and announces what was lost, so that the next entry stands alone.
    fn heal(&mut self, stamp: Stamp) -> Result<(), Errno> {
        if self.file.is_none() {
            self.reopen()?;
        }
        if self.torn {
            self.put(&[IoSlice::new(b"\n")], 1).1?;
        }
        if self.lost.entries > 0 {
            let mut marker = String::from_utf8_lossy(&stamp.text()).into_owned();
            // Writing to a string cannot fail.
            let _ = writeln!(
                marker,
                " stderr F [tsdock: {} log entries ({} bytes) could not be written]",
                self.lost.entries, self.lost.bytes
            );
            self.put(&[IoSlice::new(marker.as_bytes())], marker.len() as u64)
                .1?;
            self.lost = Lost::default();
        }
        Ok(())
    }

    /// Appends `slices`, which end with a newline; how much was written, and what stopped it.
    fn put(&mut self, slices: &[IoSlice<'_>], bytes: u64) -> (u64, Result<(), Errno>) {
        let Some(file) = &self.file else {
            return (0, Err(Errno::BADF));
        };
        let (written, result) = write_all(file, slices, bytes);
        self.size += written;
        if written > 0 {
            self.torn = written < bytes;
        }
        (written, result)
    }

    #[cfg(test)]
    pub(super) fn forget_look(&mut self) {
        self.looked = 0;
    }

    fn count_lost(&mut self, entries: &[IoSlice<'_>], written: u64) {
        let mut end = 0;
        for entry in entries.chunks(SLICES) {
            let length: u64 = entry.iter().map(|slice| slice.len() as u64).sum();
            end += length;
            if end > written {
                self.lost.entries += 1;
                self.lost.bytes += length;
            }
        }
    }
}

fn write_all(file: &OwnedFd, slices: &[IoSlice<'_>], bytes: u64) -> (u64, Result<(), Errno>) {
    let first = loop {
        match rustix::io::writev(file, slices) {
            Ok(written) => break written,
            Err(Errno::INTR) => {}
            Err(error) => return (0, Err(error)),
        }
    };
    if first as u64 == bytes {
        return (bytes, Ok(()));
    }
    // A short write, mostly the last one before the disk is full: rare enough to copy.
    let flat: Vec<u8> = slices
        .iter()
        .flat_map(|slice| slice.iter().copied())
        .collect();
    let mut written = first;
    while written < flat.len() {
        match rustix::io::write(file, &flat[written..]) {
            Ok(0) => return (written as u64, Err(Errno::NOSPC)),
            Ok(more) => written += more,
            Err(Errno::INTR) => {}
            Err(error) => return (written as u64, Err(error)),
        }
    }
    (bytes, Ok(()))
}

fn rotated(number: u32) -> String {
    format!("{CURRENT}.{number}")
}

fn size_of_file(file: &OwnedFd) -> Result<u64, Errno> {
    Ok(rustix::fs::fstat(file)?.st_size.cast_unsigned())
}

fn absent_is_fine(result: Result<(), Errno>) -> Result<(), Errno> {
    match result {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}

/// No room: on the device, in the quota, or in a file of the largest size.
fn is_full(error: Errno) -> bool {
    [Errno::NOSPC, Errno::DQUOT, Errno::FBIG].contains(&error)
}
