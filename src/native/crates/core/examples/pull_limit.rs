//! How fast this machine can unpack layers at all: `pull_limit DIRECTORY LAYER…`. The pipeline's libraries and threads, two layers at a time, input in memory, files written by
//! the plainest means: paths as they stand, no checks, no limits, no registry, no engine. Only for layers of our own. Prints `{"unpackMs", "syncMs"}`. Used by bench/pull.mjs.

use std::collections::HashMap;
use std::error::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags};
use sha2::{Digest, Sha256};
use tsdock_core::layer::tar::{Archive, Entry, EntryKind};

const BLOCK: usize = 256 << 10;
const BLOCKS: usize = 8;
const AT_A_TIME: usize = 2;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let directory = arguments.next().ok_or("pull_limit DIRECTORY LAYER…")?;
    let layers: Vec<PathBuf> = arguments.collect();
    std::fs::create_dir(&directory)?;
    let bytes = layers
        .iter()
        .map(std::fs::read)
        .collect::<Result<Vec<_>, _>>()?;
    let begin = Instant::now();
    let next = Mutex::new(bytes.iter().enumerate());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_A_TIME)
            .map(|_| scope.spawn(|| work(&next, &directory)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err("a thread died".into()))
        })
    })?;
    let unpacked = begin.elapsed();
    rustix::fs::syncfs(File::open(&directory)?)?;
    let synced = begin.elapsed() - unpacked;
    println!(
        "{{\"unpackMs\":{:.1},\"syncMs\":{:.1}}}",
        unpacked.as_secs_f64() * 1e3,
        synced.as_secs_f64() * 1e3
    );
    Ok(())
}

fn work<'a>(
    next: &Mutex<impl Iterator<Item = (usize, &'a Vec<u8>)>>,
    directory: &Path,
) -> Result<(), Failure> {
    loop {
        let Some((index, bytes)) = next.lock().map_err(|_| "a thread died")?.next() else {
            return Ok(());
        };
        unpack(bytes, &directory.join(index.to_string()))?;
    }
}

fn unpack(bytes: &[u8], directory: &Path) -> Result<(), Failure> {
    let (sender, receiver) = sync_channel(BLOCKS);
    thread::scope(|scope| {
        let inflating = scope.spawn(|| inflate(bytes, sender));
        let written = write(receiver, directory);
        inflating
            .join()
            .unwrap_or_else(|_| Err("a thread died".into()))?;
        written
    })
}

/// Both digests are made and thrown away.
fn inflate(bytes: &[u8], blocks: SyncSender<Vec<u8>>) -> Result<(), Failure> {
    let mut reader: Box<dyn Read> = match bytes {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(Hashing::new(bytes))),
        [0x28, 0xb5, ..] => Box::new(zstd::stream::read::Decoder::with_buffer(Hashing::new(
            bytes,
        ))?),
        _ => Box::new(Hashing::new(bytes)),
    };
    loop {
        let mut block = vec![0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match reader.read(&mut block[filled..])? {
                0 => break,
                length => filled += length,
            }
        }
        block.truncate(filled);
        if filled == 0 || blocks.send(block).is_err() {
            return Ok(());
        }
    }
}

struct Hashing<'a> {
    bytes: &'a [u8],
    hashed: usize,
    hash: Sha256,
}

impl<'a> Hashing<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            hashed: 0,
            hash: Sha256::new(),
        }
    }
}

impl BufRead for Hashing<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.hashed == 0 && !self.bytes.is_empty() {
            self.hashed = self.bytes.len().min(BLOCK);
            self.hash.update(&self.bytes[..self.hashed]);
        }
        Ok(&self.bytes[..self.hashed])
    }

    fn consume(&mut self, length: usize) {
        self.bytes = &self.bytes[length..];
        self.hashed -= length;
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let part = self.fill_buf()?;
        let length = part.len().min(buffer.len());
        buffer[..length].copy_from_slice(&part[..length]);
        self.consume(length);
        Ok(length)
    }
}

struct Blocks {
    receiver: Receiver<Vec<u8>>,
    block: Vec<u8>,
    at: usize,
    hash: Sha256,
}

impl BufRead for Blocks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.len() {
            self.block = self.receiver.recv().unwrap_or_default();
            self.hash.update(&self.block);
            self.at = 0;
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, length: usize) {
        self.at += length;
    }
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let part = self.fill_buf()?;
        let length = part.len().min(buffer.len());
        buffer[..length].copy_from_slice(&part[..length]);
        self.consume(length);
        Ok(length)
    }
}

fn write(receiver: Receiver<Vec<u8>>, directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir(directory)?;
    let root = OwnedFd::from(File::open(directory)?);
    let mut archive = Archive::new(Blocks {
        receiver,
        block: Vec::new(),
        at: 0,
        hash: Sha256::new(),
    });
    let mut directories = HashMap::new();
    while let Some(entry) = archive.next_entry()? {
        let path = entry.path.strip_prefix(b"./").unwrap_or(&entry.path);
        let name = OsStr::from_bytes(path.strip_suffix(b"/").unwrap_or(path));
        if name.is_empty() {
            continue;
        }
        let times = times(&entry);
        match &entry.kind {
            EntryKind::Directory => {
                rustix::fs::mkdirat(&root, name, Mode::from_raw_mode(entry.mode))?;
                directories.insert(name.to_owned(), times);
            }
            EntryKind::File => {
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
                let file = rustix::fs::openat(&root, name, flags, Mode::from_raw_mode(entry.mode))?;
                loop {
                    let data = archive.data()?;
                    if data.is_empty() {
                        break;
                    }
                    let length = rustix::io::write(&file, data)?;
                    archive.consume(length);
                }
                finish(&file, &entry)?;
                rustix::fs::futimens(&file, &times)?;
            }
            EntryKind::Symlink => {
                rustix::fs::symlinkat(OsStr::from_bytes(&entry.link), &root, name)?;
                rustix::fs::utimensat(&root, name, &times, AtFlags::SYMLINK_NOFOLLOW)?;
            }
            EntryKind::HardLink => {
                let link = entry.link.strip_prefix(b"./").unwrap_or(&entry.link);
                let target = OsStr::from_bytes(link);
                rustix::fs::linkat(&root, target, &root, name, AtFlags::empty())?;
            }
            EntryKind::Character { .. } | EntryKind::Block { .. } | EntryKind::Fifo => {}
        }
    }
    archive.drain()?;
    for (name, times) in directories {
        rustix::fs::utimensat(&root, &name, &times, AtFlags::empty())?;
    }
    Ok(())
}

fn finish(file: impl AsFd, entry: &Entry) -> Result<(), Failure> {
    if (entry.uid, entry.gid) != (0, 0) {
        let (uid, gid) = (Uid::from_raw(entry.uid), Gid::from_raw(entry.gid));
        rustix::fs::fchown(&file, Some(uid), Some(gid))?;
    }
    if entry.mode & 0o7022 != 0 {
        rustix::fs::fchmod(&file, Mode::from_raw_mode(entry.mode))?;
    }
    for (key, value) in &entry.xattrs {
        rustix::fs::fsetxattr(&file, OsStr::from_bytes(key), value, XattrFlags::empty())?;
    }
    Ok(())
}

fn times(entry: &Entry) -> Timestamps {
    let time = Timespec {
        tv_sec: entry.mtime.0,
        tv_nsec: entry.mtime.1.into(),
    };
    Timestamps {
        last_access: time,
        last_modification: time,
    }
}
