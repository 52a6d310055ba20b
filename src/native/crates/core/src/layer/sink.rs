//! A layer under way: takes chunks, keeps the two threads, tells the end.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::fs::{Mode, OFlags};
use sha2::{Digest, Sha256};

use super::error::{Kind, LayerError};
use super::extract::{Extractor, Limits, Unpacked};
use super::inflate::Inflate;
use super::tar::Archive;
use super::tree;

const STEP: &str = "layer.sink";
/// Compressed bytes that may wait before the caller is held back, until half of them are left.
const MAX_WAITING: usize = 1 << 20;
/// Blocks between inflating and writing.
const MAX_BLOCKS: usize = 8;
/// Headers of an entry beside its data, for the limit of the whole stream: a PAX header with some long values.
const HEADERS_PER_ENTRY: u64 = 8 << 10;

/// What a layer shall be.
#[derive(Clone, Debug)]
pub struct LayerOptions {
    /// Made by the sink; must not exist.
    pub directory: PathBuf,
    /// `sha256:` and 64 lower-case hex digits; none: computed only.
    pub digest: Option<String>,
    pub diff_id: Option<String>,
    pub max_bytes: u64,
    pub max_entries: u64,
}

/// What a layer was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerResult {
    pub digest: String,
    pub diff_id: String,
    pub compressed_bytes: u64,
    pub unpacked: Unpacked,
}

/// Called once, on any thread.
pub type Done<T> = Box<dyn FnOnce(Result<T, LayerError>) + Send>;

/// A layer that is being unpacked. Dropping it without `end` aborts.
pub struct Sink {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
    ended: bool,
    /// Known before the threads are through; writers hear of it at once.
    failure: Option<LayerError>,
    outcome: Option<Result<LayerResult, LayerError>>,
    on_room: Vec<Done<()>>,
    on_end: Option<Done<LayerResult>>,
    on_abort: Vec<Done<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes every writer fail, now and later.
    fn fail(&self, error: &LayerError) {
        let waiting = {
            let mut state = self.lock();
            state.failure.get_or_insert_with(|| error.clone());
            state.waiting.clear();
            state.waiting_bytes = 0;
            std::mem::take(&mut state.on_room)
        };
        self.changed.notify_all();
        tell(waiting, &Err(error.clone()));
    }

    fn finish(&self, outcome: Result<LayerResult, LayerError>) {
        if let Err(error) = &outcome {
            self.fail(error);
        }
        let (on_end, on_abort, on_room) = {
            let mut state = self.lock();
            state.outcome = Some(outcome.clone());
            (
                state.on_end.take(),
                std::mem::take(&mut state.on_abort),
                std::mem::take(&mut state.on_room),
            )
        };
        tell(on_room, &Ok(()));
        tell(on_abort, &Ok(()));
        if let Some(done) = on_end {
            done(outcome);
        }
    }
}

fn tell(callers: Vec<Done<()>>, result: &Result<(), LayerError>) {
    for done in callers {
        done(result.clone());
    }
}

fn aborted() -> LayerError {
    LayerError::new(Kind::Aborted, STEP, "the layer was given up")
}

impl Sink {
    /// Starts the threads. A digest that is none is refused here; everything else is told by `write` and `end`.
    pub fn begin(options: LayerOptions) -> Result<Self, LayerError> {
        for digest in [&options.digest, &options.diff_id].into_iter().flatten() {
            let hex = digest.strip_prefix("sha256:").unwrap_or_default();
            if hex.len() != 64
                || !hex
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            {
                return Err(LayerError::new(
                    Kind::Format,
                    STEP,
                    format!("{digest:?} is no sha256 digest"),
                ));
            }
        }
        let shared = Arc::new(Shared::default());
        let inner = Arc::clone(&shared);
        thread::Builder::new()
            .name(String::from("tsdock-unpack"))
            .spawn(move || {
                // A bug must not leave the caller waiting for ever.
                let outcome = catch_unwind(AssertUnwindSafe(|| unpack(&inner, &options)));
                inner.finish(outcome.unwrap_or_else(|_| {
                    Err(LayerError::new(Kind::Format, STEP, "unpacking panicked"))
                }));
            })
            .map_err(|error| LayerError::system(STEP, "a thread", &error))?;
        Ok(Self { shared })
    }

    /// Takes a chunk; true: there is room for another one, false: wait for `on_room` first. Fails as soon as the layer is known to be bad.
    pub fn push(&self, chunk: Vec<u8>) -> Result<bool, LayerError> {
        let mut state = self.shared.lock();
        if let Some(error) = &state.failure {
            return Err(error.clone());
        }
        if state.ended || state.outcome.is_some() {
            return Err(LayerError::new(
                Kind::Format,
                STEP,
                "the layer was ended before",
            ));
        }
        state.waiting_bytes += chunk.len();
        state.waiting.push_back(chunk);
        let has_room = state.waiting_bytes <= MAX_WAITING;
        drop(state);
        self.shared.changed.notify_all();
        Ok(has_room)
    }

    /// Calls `done` when there is room, or with the failure.
    pub fn on_room(&self, done: Done<()>) {
        let mut state = self.shared.lock();
        let verdict = match &state.failure {
            Some(error) => Err(error.clone()),
            None if state.waiting_bytes > MAX_WAITING => {
                state.on_room.push(done);
                return;
            }
            None => Ok(()),
        };
        drop(state);
        done(verdict);
    }

    /// No more chunks. `done` is called when everything is on disk and both digests agree; otherwise the directory is gone.
    pub fn end(&self, done: Done<LayerResult>) {
        let mut state = self.shared.lock();
        state.ended = true;
        let outcome = state.outcome.clone();
        let Some(outcome) = outcome else {
            state.on_end = Some(done);
            drop(state);
            self.shared.changed.notify_all();
            return;
        };
        drop(state);
        done(outcome);
    }

    /// Gives the layer up; `done` is called when the directory is gone. After a successful `end` nothing happens.
    pub fn abort(&self, done: Done<()>) {
        let mut state = self.shared.lock();
        if state.outcome.is_some() {
            drop(state);
            done(Ok(()));
            return;
        }
        state.on_abort.push(done);
        drop(state);
        self.shared.fail(&aborted());
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let is_pending = {
            let state = self.shared.lock();
            !state.ended && state.outcome.is_none()
        };
        if is_pending {
            self.abort(Box::new(|_| {}));
        }
    }
}

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

    /// The next chunk that is not empty; none at the end.
    fn next_chunk(&self) -> Result<Option<Vec<u8>>, LayerError> {
        let mut state = self.shared.lock();
        loop {
            if let Some(error) = &state.failure {
                return Err(error.clone());
            }
            if let Some(chunk) = state.waiting.pop_front() {
                state.waiting_bytes -= chunk.len();
                let room = if state.waiting_bytes <= MAX_WAITING / 2 {
                    std::mem::take(&mut state.on_room)
                } else {
                    Vec::new()
                };
                drop(state);
                tell(room, &Ok(()));
                if chunk.is_empty() {
                    state = self.shared.lock();
                    continue;
                }
                return Ok(Some(chunk));
            }
            if state.ended {
                return Ok(None);
            }
            state = self
                .shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
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
            let Some(chunk) = self.next_chunk().map_err(io::Error::other)? else {
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
        let part = self.fill_buf()?;
        let length = part.len().min(buffer.len());
        buffer[..length].copy_from_slice(&part[..length]);
        self.consume(length);
        Ok(length)
    }
}

/// The uncompressed tar on the other thread, hashed as it arrives and limited in all.
struct Blocks {
    receiver: Receiver<Result<Vec<u8>, LayerError>>,
    hash: Sha256,
    block: Vec<u8>,
    at: usize,
    left: u64,
}

impl BufRead for Blocks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.len() {
            // A sender that is gone without a word has reached the end.
            let block = self
                .receiver
                .recv()
                .unwrap_or(Ok(Vec::new()))
                .map_err(io::Error::other)?;
            self.hash.update(&block);
            self.left = self.left.checked_sub(block.len() as u64).ok_or_else(|| {
                io::Error::other(LayerError::new(
                    Kind::Limit,
                    STEP,
                    "the layer unpacks to far more bytes than allowed",
                ))
            })?;
            (self.block, self.at) = (block, 0);
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

/// Digest and size of what came in.
struct Received {
    digest: String,
    bytes: u64,
}

/// Thread A. What is wrong with the stream is told to the other thread; the rest is still read, because a wrong digest explains it better.
fn inflate(
    shared: &Arc<Shared>,
    blocks: &SyncSender<Result<Vec<u8>, LayerError>>,
) -> Result<Received, LayerError> {
    let mut input = Input::new(shared);
    let decode = |input: &mut Input| -> Result<(), LayerError> {
        let mut inflated = Inflate::open(input)?;
        loop {
            let block = inflated.block()?;
            if block.is_empty() || blocks.send(Ok(block)).is_err() {
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
fn unpack(shared: &Arc<Shared>, options: &LayerOptions) -> Result<LayerResult, LayerError> {
    let root = make_directory(options)?;
    let (sender, blocks) = sync_channel(MAX_BLOCKS);
    let for_inflate = Arc::clone(shared);
    let inflating = thread::Builder::new()
        .name(String::from("tsdock-inflate"))
        .spawn(move || inflate(&for_inflate, &sender))
        .map_err(|error| LayerError::system(STEP, "a thread", &error));
    let result = inflating.and_then(|inflating| {
        let written = write_files(root, options, blocks);
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
    let open = || -> rustix::io::Result<OwnedFd> {
        let root = rustix::fs::open(&options.directory, flags, Mode::empty())?;
        // The root of a layer without an entry for it.
        rustix::fs::fchmod(&root, Mode::from_raw_mode(0o755))?;
        Ok(root)
    };
    open().map_err(|error| LayerError::system(STEP, &object(), &error.into()))
}

fn write_files(
    root: OwnedFd,
    options: &LayerOptions,
    receiver: Receiver<Result<Vec<u8>, LayerError>>,
) -> Result<(Unpacked, String), LayerError> {
    let left = options
        .max_bytes
        .saturating_add(options.max_entries.saturating_mul(HEADERS_PER_ENTRY));
    let mut archive = Archive::new(Blocks {
        receiver,
        hash: Sha256::new(),
        block: Vec::new(),
        at: 0,
        left,
    });
    let limits = Limits {
        bytes: options.max_bytes,
        entries: options.max_entries,
    };
    let unpacked = Extractor::new(root, limits).run(&mut archive)?;
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
