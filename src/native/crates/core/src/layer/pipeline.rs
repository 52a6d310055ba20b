//! The two threads of a layer: one hashes what comes in and inflates it, the other hashes the tar and writes the files.

use std::io::{self, BufRead, Read};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use rustix::fs::{Mode, OFlags};
use sha2::{Digest, Sha256};

use super::error::{Kind, LayerError};
use super::extract::{Extractor, Limits, Unpacked};
use super::inflate::{Block, Inflate};
use super::sink::{LayerOptions, LayerResult, Shared};
use super::tar::Archive;
use super::tree;

const STEP: &str = "layer.sink";
/// Blocks between inflating and writing.
const MAX_BLOCKS: usize = 8;
/// Headers of an entry beside its data, for the limit of the whole stream: a PAX header with some long values.
const HEADERS_PER_ENTRY: u64 = 8 << 10;

/// The bytes that come in, hashed as they are taken.
struct Input {
    shared: Arc<Shared>,
    hash: Sha256,
    chunk: Vec<u8>,
    at: usize,
    total: u64,
}

impl Input {
    fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            hash: Sha256::new(),
            chunk: Vec::new(),
            at: 0,
            total: 0,
        }
    }

    /// Reads to the end, for the digest.
    fn drain(&mut self) -> io::Result<()> {
        loop {
            let length = self.fill_buf()?.len();
            if length == 0 {
                return Ok(());
            }
            self.consume(length);
        }
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.chunk.len() {
            let Some(chunk) = self.shared.next_chunk().map_err(io::Error::other)? else {
                return Ok(&[]);
            };
            self.hash.update(&chunk);
            self.total += chunk.len() as u64;
            (self.chunk, self.at) = (chunk, 0);
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, length: usize) {
        self.at += length;
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_filled(self, buffer)
    }
}

/// The uncompressed tar on the other thread, hashed as it arrives and limited in all. Blocks go back when they are used up.
struct Blocks {
    receiver: Receiver<Result<Block, LayerError>>,
    used: Sender<Block>,
    hash: Sha256,
    block: Block,
    at: usize,
    left: u64,
}

impl BufRead for Blocks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.filled().len() {
            // A sender that is gone without a word has reached the end.
            let block = self
                .receiver
                .recv()
                .unwrap_or(Ok(Block::default()))
                .map_err(io::Error::other)?;
            let length = block.filled().len() as u64;
            self.hash.update(block.filled());
            self.left = self.left.checked_sub(length).ok_or_else(|| {
                io::Error::other(LayerError::new(
                    Kind::TooManyBytes,
                    STEP,
                    "the layer unpacks to far more bytes than allowed",
                ))
            })?;
            // Nobody takes it back any more when inflating is through.
            let _ = self.used.send(std::mem::replace(&mut self.block, block));
            self.at = 0;
        }
        Ok(&self.block.filled()[self.at..])
    }

    fn consume(&mut self, length: usize) {
        self.at += length;
    }
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_filled(self, buffer)
    }
}

/// `Read` of what is filled block by block.
fn read_filled(source: &mut impl BufRead, buffer: &mut [u8]) -> io::Result<usize> {
    let part = source.fill_buf()?;
    let length = part.len().min(buffer.len());
    buffer[..length].copy_from_slice(&part[..length]);
    source.consume(length);
    Ok(length)
}

/// Digest and size of what came in.
struct Received {
    digest: String,
    bytes: u64,
}

/// Thread A. What is wrong with the stream is told to the other thread; the rest is still read, because a wrong digest explains it better.
fn inflate(
    shared: &Arc<Shared>,
    blocks: &SyncSender<Result<Block, LayerError>>,
    used: &Receiver<Block>,
) -> Result<Received, LayerError> {
    let mut input = Input::new(shared);
    let decode = |input: &mut Input| -> Result<(), LayerError> {
        let mut inflated = Inflate::open(input)?;
        loop {
            let mut block = used.try_recv().unwrap_or_default();
            inflated.fill(&mut block)?;
            if block.filled().is_empty() || blocks.send(Ok(block)).is_err() {
                return Ok(());
            }
        }
    };
    if let Err(error) = decode(&mut input) {
        let _ = blocks.send(Err(error));
    }
    input.drain().map_err(|error| {
        match error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<LayerError>())
        {
            Some(inner) => inner.clone(),
            None => LayerError::system(STEP, "reading", &error),
        }
    })?;
    Ok(Received {
        digest: name(input.hash),
        bytes: input.total,
    })
}

fn name(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .fold(String::from("sha256:"), |mut text, byte| {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
            }
            text
        })
}

/// Thread B, and the whole: makes the directory, fills it, compares digests; removes it after a failure.
pub(super) fn unpack(
    shared: &Arc<Shared>,
    options: &LayerOptions,
) -> Result<LayerResult, LayerError> {
    let root = make_directory(options)?;
    let (sender, blocks) = sync_channel(MAX_BLOCKS);
    let (used, reusable) = channel();
    let for_inflate = Arc::clone(shared);
    let inflating = thread::Builder::new()
        .name(String::from("tsdock-inflate"))
        .spawn(move || inflate(&for_inflate, &sender, &reusable))
        .map_err(|error| LayerError::system(STEP, "a thread", &error));
    let result = inflating.and_then(|inflating| {
        let written = write_files(root, options, blocks, used);
        if let Err(error) = &written
            && error.kind != Kind::Format
        {
            shared.fail(error);
        }
        let received = inflating
            .join()
            .unwrap_or_else(|_| Err(LayerError::new(Kind::Format, STEP, "inflating panicked")));
        conclude(options, received, written)
    });
    if result.is_err() {
        let _ = tree::remove(&options.directory);
    }
    result
}

fn make_directory(options: &LayerOptions) -> Result<OwnedFd, LayerError> {
    let object = || format!("directory {}", options.directory.display());
    rustix::fs::mkdir(&options.directory, Mode::from_raw_mode(0o700))
        .map_err(|error| LayerError::system(STEP, &object(), &error.into()))?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(&options.directory, flags, Mode::empty())
        .map_err(|error| LayerError::system(STEP, &object(), &error.into()))
}

fn write_files(
    root: OwnedFd,
    options: &LayerOptions,
    receiver: Receiver<Result<Block, LayerError>>,
    used: Sender<Block>,
) -> Result<(Unpacked, String), LayerError> {
    let left = options
        .max_bytes
        .saturating_add(options.max_entries.saturating_mul(HEADERS_PER_ENTRY));
    let mut archive = Archive::new(Blocks {
        receiver,
        used,
        hash: Sha256::new(),
        block: Block::default(),
        at: 0,
        left,
    });
    let limits = Limits {
        bytes: options.max_bytes,
        entries: options.max_entries,
    };
    let unpacked = Extractor::new(root, limits)?.run(&mut archive)?;
    archive.drain()?;
    Ok((unpacked, name(archive.into_reader().hash)))
}

/// Which failure counts: what was refused on purpose, then the digest of the bytes, then what is broken in them.
fn conclude(
    options: &LayerOptions,
    received: Result<Received, LayerError>,
    written: Result<(Unpacked, String), LayerError>,
) -> Result<LayerResult, LayerError> {
    if let Err(error) = &written
        && error.kind != Kind::Format
    {
        return Err(error.clone());
    }
    let received = received?;
    check(
        Kind::Digest,
        "the layer",
        options.digest.as_deref(),
        &received.digest,
    )?;
    let (unpacked, diff_id) = written?;
    check(
        Kind::DiffId,
        "the uncompressed layer",
        options.diff_id.as_deref(),
        &diff_id,
    )?;
    Ok(LayerResult {
        digest: received.digest,
        diff_id,
        compressed_bytes: received.bytes,
        unpacked,
    })
}

fn check(kind: Kind, what: &str, expected: Option<&str>, found: &str) -> Result<(), LayerError> {
    match expected {
        Some(expected) if expected != found => Err(LayerError::new(
            kind,
            STEP,
            format!("{what} is {found}, expected {expected}"),
        )),
        _ => Ok(()),
    }
}
